"""The name fields of all lists at once: children, mothers, fathers; full names split; twins told by their marks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from everybirth.schema import FIELDS
from everybirth.standardise import kernels
from everybirth.standardise.encode import Coded, fill
from everybirth.standardise.full_names import split
from everybirth.standardise.names import clean, nulled, replaced, tidy_and_clean, without_title
from everybirth.standardise.threads import at_once
from everybirth.standardise.unnamed import ChildNames, child_names
from everybirth.tables import MISSING, Int8Array, Int32Array, Int64Array

_CHILD = ("child_given_name", "child_full_name")
_ADULT = ("mother_given_name", "mother_full_name", "father_given_name", "father_full_name")


@dataclass(frozen=True, slots=True)
class People:
    """All names over all rows.

    names      name of the field -> its names; full names already split into these
    whole      name of the field -> full names as they may be published
    order      (n_rows,) rank among twins that a mark in the child's name tells, 0 for none
    plurality  (n_rows,) children of the delivery at least, likewise
    """

    names: dict[str, Coded]
    whole: dict[str, Coded]
    order: Int8Array
    plurality: Int8Array


def people(codes: dict[str, Int32Array], dictionary: pl.Series) -> People:
    """Clean every name field.

    codes       name of the field -> (n_rows,) index into the dictionary, or MISSING
    dictionary  (n_names,) distinct names as written, in any order, shared by all fields
    """
    names = _Names(*tidy_and_clean(dictionary))
    groups = [group for group in ([name for name in codes if name in some] for some in (_CHILD, _ADULT)) if group]
    readings = at_once(lambda group: _read(group, codes, names), groups)
    coded = _coded(codes, names, readings)
    n_rows = len(next(iter(codes.values()))) if codes else 0
    order, plurality = np.zeros(n_rows, np.int8), np.zeros(n_rows, np.int8)
    for reading in readings:
        if reading.child is not None and reading.child.plurality.any():
            for field in reading.fields:
                order = np.maximum(order, reading.by_row(reading.child.order, codes[field], len(dictionary)))
                plurality = np.maximum(
                    plurality, reading.by_row(reading.child.plurality, codes[field], len(dictionary))
                )
    whole = {field: coded[field] for field in codes if field in FIELDS and FIELDS[field].whole_of}
    apart = {field: coded[field] for field in codes if field not in whole}
    return People(_with_halves(apart, whole), whole, order, plurality)


@dataclass(frozen=True, slots=True)
class _Names:
    """Names as they are spelt and as they are compared (n,), null where there is none."""

    spelling: pl.Series
    cleaned: pl.Series

    def changes(self, meant: "_Names") -> "_Changes":
        """What is to be put in these names' place."""
        differs = self.spelling.ne_missing(meant.spelling) | self.cleaned.ne_missing(meant.cleaned)
        return _Changes(differs.arg_true().to_numpy(), meant.spelling.filter(differs), meant.cleaned.filter(differs))


@dataclass(frozen=True, slots=True)
class _Changes:
    """Some of a field's names, and what they mean there: "Pending" is no name for a child, but it may be a mother's."""

    places: Int64Array
    spelling: pl.Series
    cleaned: pl.Series


@dataclass(frozen=True, slots=True)
class _Reading:
    """The names of fields of one kind: entries (n,) are those of the dictionary that they have, ascending."""

    fields: tuple[str, ...]
    entries: Int64Array
    changes: _Changes
    child: ChildNames | None

    def by_row(self, values: Int8Array, codes: Int32Array, n_names: int) -> Int8Array:
        """(n_rows,) the value of each row's name, 0 for missing."""
        spread = np.zeros(n_names + 1, np.int8)  # code MISSING (-1) takes the last
        spread[self.entries] = values
        return spread[codes]


def _read(fields: Sequence[str], codes: dict[str, Int32Array], names: _Names) -> _Reading:
    """Read the names of a child, or of adults."""
    used = np.zeros(len(names.spelling), np.bool_)
    for field in fields:
        kernels.mark(used, codes[field])
    entries = np.flatnonzero(used)
    some = _Names(names.spelling.gather(entries), names.cleaned.gather(entries))
    if fields[0] in _CHILD:
        child = child_names(some.spelling, some.cleaned)
        return _Reading(tuple(fields), entries, some.changes(_Names(child.tidy, child.standard)), child)
    return _Reading(tuple(fields), entries, some.changes(_without_title(some)), None)


def _coded(codes: dict[str, Int32Array], shared: _Names, readings: Sequence[_Reading]) -> dict[str, Coded]:
    """The fields over one dictionary: the shared one, and behind it what names mean in some fields only."""
    size = len(shared.spelling)
    spelling, cleaned = [shared.spelling], [shared.cleaned]
    recoded = dict(codes)
    for reading in readings:
        changes = reading.changes
        if len(changes.places):
            place = np.arange(len(shared.spelling), dtype=np.int32)
            place[reading.entries[changes.places]] = np.arange(size, size + len(changes.places), dtype=np.int32)
            recoded |= {field: kernels.take(place, codes[field]) for field in reading.fields}
            spelling.append(changes.spelling)
            cleaned.append(changes.cleaned)
            size += len(changes.places)
    standard = pl.concat(cleaned)
    as_written = nulled(pl.concat(spelling), standard.is_null())
    return {field: Coded(rows, standard, as_written) for field, rows in recoded.items()}


def told_by_marks(people: People, order: Coded | None, plurality: Coded | None) -> tuple[Coded | None, Coded | None]:
    """Delivery order and plurality, filled in from the marks of twins in the children's names.

    A stated order stays. Where the mark gives the order, the plurality is at least what the mark implies; where the
    order is stated, a stated plurality stays too.
    """
    if not people.plurality.any():
        return order, plurality
    marked = people.order if order is None else np.where(order.known(), np.int8(0), people.order)
    stated = _counts(plurality, len(people.plurality))
    raised = np.where((stated == 0) | (marked > 0), np.maximum(stated, people.plurality), stated)
    if people.order.any():
        told = _coded_counts(people.order)
        order = told if order is None else fill(order, told)
    return order, _coded_counts(raised)


def _without_title(names: _Names) -> _Names:
    """Names of adults without their titles."""
    bare = without_title(names.spelling)
    changed = (bare != names.spelling).fill_null(False)
    return _Names(bare, replaced(names.cleaned, changed, clean(bare.filter(changed))))


def _with_halves(names: dict[str, Coded], whole: dict[str, Coded]) -> dict[str, Coded]:
    """The names, filled in from the halves of full names where a given or family name is missing."""
    filled = dict(names)
    for field, full in whole.items():
        halves = split(full.tidy)
        for name, half in zip(FIELDS[field].whole_of or (), halves, strict=True):
            standard = clean(half)
            coded = Coded(full.codes, standard, nulled(half, standard.is_null()))
            filled[name] = fill(filled[name], coded) if name in filled else coded
    return filled


def _counts(coded: Coded | None, n_rows: int) -> Int8Array:
    """(n_rows,) small whole numbers, 0 for missing."""
    if coded is None:
        return np.zeros(n_rows, np.int8)
    return np.append(coded.standard.fill_null(0.0).to_numpy(), 0.0)[coded.codes].astype(np.int8)


def _coded_counts(counts: Int8Array) -> Coded:
    entries = pl.Series(np.arange(1.0, 11.0))
    return Coded(counts.astype(np.int32) + np.int32(MISSING), entries, entries)
