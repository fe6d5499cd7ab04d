"""Fields on which the records of one birth disagree, with the value judged best and why."""

import numpy as np
import polars as pl

from everybirth.fuller_names import SHORTER, STAYS, PersonWords, contrary, person_words, states
from everybirth.publish.findings.kinds import DISAGREEMENT
from everybirth.publish.findings.scene import (
    Part,
    Scene,
    members_of,
    nothing,
    numbered,
    repeated,
    starts,
    told_by_list,
    value_text,
)
from everybirth.tables import MISSING, BoolArray, Column, Int32Array, Int64Array

FIELDS = (
    *("child_given_name", "child_family_name", "sex", "birth_date", "plurality", "delivery_order"),
    *("mother_given_name", "mother_family_name", "father_given_name", "father_family_name", "residence"),
)


def disagreements(scene: Scene) -> list[Part]:
    """One part per field; a finding's records are those of the birth that have the field.

    No disagreement are a place that only is more exact than another ("0103-07" and "0103"), a given name that only
    lacks a further one ("Juana" and "Juana María"), and one full name that was divided in two ways.
    """
    words = person_words(scene.records.columns)
    return [
        _of_field(scene, scene.records.columns[name], words.get(name))
        for name in FIELDS
        if name in scene.records.columns and name in scene.births.best
    ]


def _of_field(scene: Scene, column: Column, words: PersonWords | None) -> Part:
    """The findings of a field; words: of a name."""
    birth, size, member = _differing(scene, column)
    if words is not None and len(birth):
        parts_agree = column.name.endswith(GIVEN)
        birth, size, member = _kept(contrary(words, _bounds(size), member, parts_agree), birth, size, member)
    if column.name == "residence" and len(birth):
        birth, size, member = _kept(_contrary(column, size, member), birth, size, member)
    best = scene.births.best[column.name][birth]
    return Part(
        kind=DISAGREEMENT,
        size=size,
        member=member,
        birth=birth,
        list_name=nothing(len(birth)),
        field=repeated(column.name, len(birth)),
        found=_found(scene, column, size, member),
        best=value_text(scene.records, column.name, best),
        why=_why(scene, (column, words), best, size, member),
        probability=scene.births.probability[birth],
    )


def _differing(scene: Scene, column: Column) -> tuple[Int32Array, Int64Array, Int32Array]:
    """Births whose records hold several values: the birth, how many records have the field, and which."""
    codes, of_record = column.codes, scene.births.of_record
    shown = np.append(codes, MISSING)[scene.births.best[column.name]]  # no other value is needed to see a difference
    other = np.zeros(len(shown), dtype=bool)
    other[of_record[(codes >= 0) & (codes != shown[of_record])]] = True
    birth = np.flatnonzero(other).astype(np.int32)
    size, member = members_of(scene, birth)
    held = codes[member] >= 0
    return birth, np.bincount(numbered(size)[held], minlength=len(birth)), member[held]


def _contrary(column: Column, size: Int64Array, member: Int32Array) -> BoolArray:
    """(n,) whether a finding's places exclude each other. Codes are in the order of the texts: a part comes first."""
    codes = column.codes[member]
    longest = np.maximum.reduceat(codes, starts(size))[numbered(size)]
    text = pl.DataFrame({"place": column.values.gather(codes), "longest": column.values.gather(longest)})
    holds = (pl.col("place") == pl.col("longest")) | pl.any_horizontal(
        pl.col("longest").str.starts_with(pl.col("place") + mark) for mark in ("-", "/")
    )
    contrary: BoolArray = np.logical_or.reduceat(~text.select(holds).to_series().to_numpy(), starts(size))
    return contrary


def _kept(
    keep: BoolArray, birth: Int32Array, size: Int64Array, member: Int32Array
) -> tuple[Int32Array, Int64Array, Int32Array]:
    return birth[keep], size[keep], member[keep[numbered(size)]]


def _found(scene: Scene, column: Column, size: Int64Array, member: Int32Array) -> pl.Series:
    """(n,) which list says what; a list that says it twice running is named once."""
    of_list, codes, group = scene.records.list_of[member], column.codes[member], numbered(size)
    new = np.ones(len(member), dtype=bool)
    new[1:] = (group[1:] != group[:-1]) | (of_list[1:] != of_list[:-1]) | (codes[1:] != codes[:-1])
    rows = member[new]
    says = value_text(scene.records, column.name, rows)
    return told_by_list(scene.records, np.bincount(group[new], minlength=len(size)), rows, says, ": ")


def _why(
    scene: Scene, about: tuple[Column, PersonWords | None], best: Int32Array, size: Int64Array, member: Int32Array
) -> pl.Series:
    """(n,) what decided for the best value; the rules are those by which it was chosen, in their order.

    about   the field, and of a name its words
    """
    if not len(size):
        return nothing(0)
    column, words = about
    codes, group, begin = column.codes[member], numbered(size), starts(size)
    _, value, counts = np.unique(group.astype(np.int64) << 32 | codes, return_inverse=True, return_counts=True)
    alike = counts[value]  # records of the birth that say the same as this one
    chosen = codes == column.codes[best][group]
    n_best = np.maximum.reduceat(np.where(chosen, alike, 0), begin)
    even = alike == n_best[group]
    tied, state = even & ~chosen, np.zeros(len(member), np.int8)
    usual = np.zeros(len(column.values), np.int64)
    rank = scene.list_rank[scene.records.list_of]
    if words is not None:
        usual = np.bincount(column.codes[column.codes >= 0], minlength=len(column.values))
        states(words, np.require(rank, np.int16, ["C", "W"]), _bounds(size), member, even, state)
    rank = rank[member].astype(np.int64)
    rival = tied & (state == STAYS)
    first, rival_first = (np.minimum.reduceat(np.where(some, rank, _LAST), begin) for some in (chosen, rival))
    often, rival_often = (np.maximum.reduceat(np.where(some, usual[codes], -1), begin) for some in (chosen, rival))
    any_rival, shorter = (np.logical_or.reduceat(some, begin) for some in (rival, tied & (state == SHORTER)))
    by_list = np.where(scene.records.list_of[best] == scene.register, _REGISTER, _LISTS + scene.records.list_of[best])
    by_rank = np.where(first == rival_first, _FIRST_RECORD, by_list)
    by_usage = np.where(any_rival & (often > rival_often), _USUAL, by_rank)
    by_words = np.where(shorter & ~any_rival, _FULLER, by_usage)
    most = ~np.logical_or.reduceat(tied, begin)
    votes, vote = np.unique(n_best << 32 | size, return_inverse=True)
    texts = [*WORDS, *(f"evenly divided; {name} is the first of these lists" for name in scene.records.list_names)]
    place = np.where(most, len(texts) + vote, by_words)
    texts += [f"{each >> 32} of {each & 0xFFFFFFFF} records" for each in votes.tolist()]
    return pl.Series(texts, dtype=pl.String).gather(pl.Series(place))


def _bounds(size: Int64Array) -> Int64Array:
    """(n + 1,) where groups of these sizes begin, and where the last ends."""
    return np.append(starts(size), size.sum())


GIVEN = "_given_name"  # ending of the fields of which a part may be missing
_FULLER, _USUAL, _REGISTER, _FIRST_RECORD, _LISTS = range(5)
WORDS = (
    "evenly divided; the fuller name",
    "evenly divided; the more usual spelling",
    "evenly divided; the register's",
    "evenly divided; the first record's",
)
_LAST = 1 << 30  # a rank beyond that of any list
