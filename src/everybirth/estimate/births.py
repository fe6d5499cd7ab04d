"""What the records of one birth say of it: where, when, which sex, on which lists, which lists could hold it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from everybirth.compiled import kernel
from everybirth.estimate.areas import OUTSIDE, areas
from everybirth.estimate.cells import bit
from everybirth.estimate.scope import Scope, periods
from everybirth.schema import FIELDS, Kind
from everybirth.tables import MISSING, BoolArray, Int32Array, Int64Array, Records


@dataclass(frozen=True, slots=True)
class Labels:
    """Names of the codes of each dimension."""

    area: tuple[str, ...]
    period: tuple[str, ...]
    sex: tuple[str, ...]
    site: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """Records, ready to be read as births.

    facts     names of what is taken from records: "area", "birth_area", "birth_date", ... and the fields of covers
    codes     (n_records, n_facts) codes, MISSING where the record does not say
    bit_of    (n_records,) bit of the record's list in a capture history
    rank      (n_records,) the lower, the more its list is believed where records disagree evenly
    period_of (n_dates,) period of each birth date, MISSING outside the plan's dates
    can_hold  fact -> (n_values,) lists that can hold births with the value; a list of births without limit always can
    limited   fact -> lists whose limit is by that fact
    """

    facts: tuple[str, ...]
    codes: Int32Array
    bit_of: Int32Array
    rank: Int32Array
    period_of: Int32Array
    can_hold: dict[str, Int32Array]
    limited: dict[str, int]
    labels: Labels
    n_lists: int
    unused_covers: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Births:
    """Some births, as codes; MISSING where no record says.

    history   (n,) capture history
    area, period, sex, site   (n,) index into the labels; area and period OUTSIDE where out of scope
    can_hold  (n,) lists that can hold the birth, or MISSING where that hangs on something not known
    against   (n,) lists that have the birth though they are said not to hold such births
    date, plurality   (n,) index into the values of the columns of these fields
    """

    history: Int32Array
    area: Int32Array
    period: Int32Array
    sex: Int32Array
    site: Int32Array
    can_hold: Int32Array
    against: Int32Array
    date: Int32Array
    plurality: Int32Array

    def __len__(self) -> int:
        return len(self.history)

    @property
    def outside(self) -> BoolArray:
        """(n,) births on days or in places that the plan leaves out."""
        out: BoolArray = (self.area == OUTSIDE) | (self.period == OUTSIDE)
        return out

    def take(self, rows: BoolArray | Int64Array) -> "Births":
        """Some of the births."""
        place = (self.history, self.area, self.period, self.sex, self.site, self.can_hold)
        return Births(*(column[rows] for column in (*place, self.against, self.date, self.plurality)))


def reading(records: Records, wanted: Scope) -> Reading:
    """Prepare records. Only what the lists have is read; the rest is MISSING throughout."""
    n_lists = len(records.list_names)
    place = [
        records.columns[name].values if name in records.columns else pl.Series([], dtype=pl.String) for name in PLACES
    ]
    found = areas(place, wanted.area_level, wanted.hierarchy)
    outside = len(found.labels)  # a value like others while records are compared; OUTSIDE once they are
    facts: dict[str, Int32Array] = {}
    for fact, name, area_of in zip(("area", "birth_area"), PLACES, found.codes, strict=True):
        if name in records.columns:
            facts[fact] = _through(np.where(area_of == OUTSIDE, outside, area_of), records.columns[name].codes)
    needed = {"birth_date", "sex", "site", "plurality", *(name for covers in wanted.covers for name in covers)}
    for name in sorted(needed & records.columns.keys()):
        facts[name] = records.columns[name].codes
    dates = records.columns["birth_date"].values if "birth_date" in records.columns else pl.Series([], dtype=pl.Int32)
    period_of, period_labels = _periods(dates, wanted)
    labels = Labels(found.labels, period_labels, *(_categories(records, name) for name in ("sex", "site")))
    limits = _limits(records, wanted, dates, found.labels)
    rank = np.array([0 if k == wanted.register else 1 + k for k in range(n_lists)], dtype=np.int32)
    bits = np.array([bit(k, n_lists) for k in range(n_lists)], dtype=np.int32)
    return Reading(
        facts=tuple(facts),
        codes=np.ascontiguousarray(
            np.array([*facts.values()], dtype=np.int32).reshape(len(facts), records.n_records).T
        ),
        bit_of=bits[records.list_of],
        rank=rank[records.list_of],
        period_of=period_of,
        can_hold=limits.can_hold,
        limited=limits.limited,
        labels=labels,
        n_lists=n_lists,
        unused_covers=limits.unused,
    )


PLACES = ("residence", "birth_place")  # the first that is known says where a birth is counted


def _categories(records: Records, name: str) -> tuple[str, ...]:
    return tuple(records.columns[name].values.to_list()) if name in records.columns else ()


def _through(table: Int32Array, codes: Int32Array) -> Int32Array:
    """(n,) table[codes], MISSING staying MISSING."""
    found: Int32Array = np.append(table, MISSING).astype(np.int32)[codes]
    return found


def _periods(dates: pl.Series, wanted: Scope) -> tuple[Int32Array, tuple[str, ...]]:
    """Period of each distinct date, and the periods' names."""
    names = periods(dates, wanted.period)
    days = dates.cast(pl.Date)
    inside = pl.Series(np.ones(len(dates), dtype=bool))
    if wanted.first is not None:
        inside &= days >= wanted.first
    if wanted.last is not None:
        inside &= days <= wanted.last
    labels = sorted(set(names.filter(inside).to_list()))
    number = {name: k for k, name in enumerate(labels)}
    codes = [number[name] if is_in else OUTSIDE for name, is_in in zip(names.to_list(), inside.to_list(), strict=True)]
    return np.array(codes, dtype=np.int32), tuple(labels)


@dataclass(frozen=True, slots=True)
class _Limits:
    """What the lists' covers mean for each value of each fact; as in Reading."""

    can_hold: dict[str, Int32Array]
    limited: dict[str, int]
    unused: tuple[str, ...]


def _limits(records: Records, wanted: Scope, dates: pl.Series, area_labels: tuple[str, ...]) -> _Limits:
    """Read the covers of all lists."""
    n_lists = len(records.list_names)
    can_hold: dict[str, Int32Array] = {}
    limited: dict[str, int] = {}
    unused = []
    for k, covers in enumerate(wanted.covers):
        for name, allowed in covers.items():
            fact = "birth_date" if name == "period" else name
            values = _values(records, name, dates, area_labels)
            if values is None:
                unused.append(f"{records.list_names[k]}: covers.{name}")
                continue
            table = can_hold.setdefault(fact, np.full(len(values), 2**n_lists - 1, dtype=np.int32))
            is_category = name in FIELDS and FIELDS[name].kind is Kind.CATEGORY
            begins = tuple(text.upper() for text in allowed)
            for v, value in enumerate(values):
                if not (value in allowed if is_category else value.upper().startswith(begins)):
                    table[v] &= ~bit(k, n_lists)
            limited[fact] = limited.get(fact, 0) | bit(k, n_lists)
    return _Limits(can_hold, limited, tuple(unused))


def _values(records: Records, name: str, dates: pl.Series, area_labels: tuple[str, ...]) -> list[str] | None:
    """The values that covers are about, as text in the order of the codes; None if no list has them."""
    if name == "area":
        return [*area_labels, ""] if any(place in records.columns for place in PLACES) else None
    if name == "period":
        return periods(dates, "month").to_list() if len(dates) else None
    return records.columns[name].values.to_list() if name in records.columns else None


def births(read: Reading, members: Int64Array, start: Int64Array) -> Births:
    """Read groups of records as births: what most records say or, if evenly many, the one on the most trusted list.

    The area is that of the residence or, where no record gives one, that of the place of birth. A site on which evenly
    many disagree is not known: which lists could hold the birth hangs on it, and no list is right about it by rule.
    members  (n_members,) records, birth after birth
    start    (n_births,) where each birth begins in members
    """
    n = len(start)
    ends = np.append(start, len(members)).astype(np.int64)
    open_if_even = np.array([fact == "site" for fact in read.facts], dtype=bool)
    value = np.empty((n, 0), np.int32)
    if len(read.facts):
        value = _majority(read.codes, read.rank, open_if_even, members, ends)
    said = {fact: value[:, f] for f, fact in enumerate(read.facts)}
    nothing = np.full(n, MISSING, dtype=np.int32)
    area = said.get("area", nothing)
    area = np.where(area == MISSING, said.get("birth_area", nothing), area)
    outside = len(read.labels.area)
    history = np.bitwise_or.reduceat(read.bit_of[members], start) if n else np.zeros(0, np.int32)
    can_hold, against = _coverage(read, said, history)
    return Births(
        history=history,
        area=np.where(area == outside, OUTSIDE, area).astype(np.int32),
        period=_through(read.period_of, said.get("birth_date", nothing)),
        sex=said.get("sex", nothing),
        site=said.get("site", nothing),
        can_hold=can_hold,
        against=against,
        date=said.get("birth_date", nothing),
        plurality=said.get("plurality", nothing),
    )


def _coverage(read: Reading, said: dict[str, Int32Array], history: Int32Array) -> tuple[Int32Array, Int32Array]:
    """Lists that can hold each birth, MISSING where not sure; and lists that have it against what they cover."""
    everything = 2**read.n_lists - 1
    can_hold = np.full(len(history), everything, dtype=np.int32)
    unsure = np.zeros(len(history), dtype=np.int32)
    for fact, table in read.can_hold.items():
        value = said.get(fact, np.full(len(history), MISSING, dtype=np.int32))
        known = value >= 0
        can_hold &= np.append(table, everything).astype(np.int32)[value]
        unsure |= np.where(known, 0, read.limited[fact]).astype(np.int32)
    against = history & ~can_hold
    unsure &= can_hold & ~history  # a list that has the birth can hold it
    return np.where((unsure != 0) | (against != 0), MISSING, can_hold).astype(np.int32), against


@kernel
def _majority(codes: Any, rank: Any, open_if_even: Any, members: Any, ends: Any) -> Any:
    """(n_births, n_facts) the value most records of a birth give; among equals, that of the record of lowest rank.

    open_if_even   (n_facts,) whether none is taken among equals
    """
    n_facts = codes.shape[1]
    found = np.full((len(ends) - 1, n_facts), -1, dtype=np.int32)
    for b in range(len(ends) - 1):
        for f in range(n_facts):
            most, best_rank, even = 0, 0, False
            for i in range(ends[b], ends[b + 1]):
                value = codes[members[i], f]
                if value < 0:
                    continue
                count = 0
                for j in range(ends[b], ends[b + 1]):
                    count += codes[members[j], f] == value
                even = (count == most and value != found[b, f]) or (even and count <= most)
                if count > most or (count == most and rank[members[i]] < best_rank):
                    most, best_rank, found[b, f] = count, rank[members[i]], value
                    if 2 * most > ends[b + 1] - ends[b]:  # no other value can have as many
                        break
            if even and open_if_even[f]:
                found[b, f] = -1
    return found
