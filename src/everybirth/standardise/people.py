"""The name fields of all lists at once: children, mothers, fathers; full names split; twins told by their marks."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from everybirth.schema import FIELDS
from everybirth.standardise.encode import Coded, compact, fill
from everybirth.standardise.full_names import split
from everybirth.standardise.names import clean, nulled, replaced, tidy, without_title
from everybirth.standardise.threads import at_once
from everybirth.standardise.unnamed import ChildNames, child_names
from everybirth.tables import MISSING, Int8Array, Int32Array

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
    spelling, cleaned = at_once(lambda wash: wash(dictionary), (tidy, clean))

    def read(field: str) -> tuple[Coded, ChildNames | None]:
        rows, entries = compact(codes[field], len(dictionary))
        if field not in _CHILD:
            return _adult(rows, spelling.gather(entries), cleaned.gather(entries), titled=field in _ADULT), None
        child = child_names(spelling.gather(entries), cleaned.gather(entries))
        return Coded(rows, child.standard, child.tidy), child

    n_rows = len(next(iter(codes.values()))) if codes else 0
    order, plurality = np.zeros(n_rows, np.int8), np.zeros(n_rows, np.int8)
    names: dict[str, Coded] = {}
    whole: dict[str, Coded] = {}
    for field, (coded, child) in zip(codes, at_once(read, list(codes)), strict=True):
        (whole if field in FIELDS and FIELDS[field].whole_of else names)[field] = coded
        if child is not None and child.plurality.any():
            order = np.maximum(order, np.append(child.order, np.int8(0))[coded.codes])
            plurality = np.maximum(plurality, np.append(child.plurality, np.int8(0))[coded.codes])
    return People(_with_halves(names, whole), whole, order, plurality)


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


def _adult(rows: Int32Array, spelling: pl.Series, cleaned: pl.Series, titled: bool) -> Coded:
    """Names of adults and families; where titled, without their titles."""
    if titled:
        bare = without_title(spelling)
        changed = (bare != spelling).fill_null(False)
        cleaned = replaced(cleaned, changed, clean(bare.filter(changed)))
        spelling = bare
    return Coded(rows, cleaned, nulled(spelling, cleaned.is_null()))


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
