"""Which record's value to show for each field of a birth."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import polars as pl

from everybirth.compiled import inner_kernel, kernel, loop_kernel
from everybirth.fuller_names import NO_WORDS, STAYS, PersonWords, compare_names, person_words
from everybirth.schema import Kind
from everybirth.tables import MISSING, Column, Int16Array, Int32Array

NOBODY = PersonWords(NO_WORDS, NO_WORDS, 0)  # of a field that is no name


def best_records(birth: Int32Array, columns: Mapping[str, Column], list_rank: Int16Array) -> dict[str, Int32Array]:
    """For each field and birth, the record whose value to show.

    birth      (n_records,) birth of each record, 0 to n_births - 1
    columns    fields over the same records
    list_rank  (n_records,) rank of the record's list, the lowest the most trusted
    Returns    field -> (n_births,) a record, or MISSING where no record of the birth has a value

    The value held by most records of the birth wins. Between values held by equally many: for a name the one that has
    the other's words and more ("Juana María" before "Juana"), then the one that is more frequent among all records,
    since errors of typing make rare names; then the one in the better list; then the one in the smaller record. Of
    one full name that was divided in two ways both parts are of the same record: one that has both, then by the last
    two of these rules.
    """
    members, offset = _members(birth, int(birth.max(initial=-1)) + 1)
    rank = np.require(list_rank, np.int16, ["C", "W"])
    longest = int(np.diff(offset).max(initial=0))
    words = person_words(columns)

    def of_field(column: Column) -> Int32Array:
        codes = np.require(column.codes, np.int32, ["C", "W"])
        frequency = np.zeros(len(column.values), np.int32)
        if column.kind is Kind.NAME:
            held = codes[codes != MISSING]
            frequency = np.bincount(held, minlength=len(column.values)).astype(np.int32)
        found = np.empty(len(offset) - 1, np.int32)
        scratch = (np.empty(longest, np.bool_), np.empty(longest, np.int8))
        _best((members, offset, *scratch), codes, (frequency, rank), words.get(column.name, NOBODY), found)
        return found

    with ThreadPoolExecutor(pl.thread_pool_size()) as fields:
        return dict(zip(columns, fields.map(of_field, columns.values()), strict=True))


@kernel
def _members(birth: Any, n_births: Any) -> Any:
    """The records of each birth, ascending, and where they start."""
    offset = np.zeros(n_births + 1, np.int64)
    for record in range(len(birth)):
        offset[birth[record] + 1] += 1
    for number in range(n_births):
        offset[number + 1] += offset[number]
    at = offset[:-1].copy()
    members = np.empty(len(birth), np.int32)
    for record in range(len(birth)):
        members[at[birth[record]]] = record
        at[birth[record]] += 1
    return members, offset


@loop_kernel
def _best(births: Any, codes: Any, merits: Any, person: Any, found: Any) -> None:
    """Fill in the record of each birth whose value to show.

    births   members, offset, and two scratch arrays (size of the largest birth,) bool and int8
    merits   frequency of each value, rank of each record
    found    (n_births,)
    """
    members, offset, tied, state = births
    is_name = len(person.given.codes) + len(person.family.codes) > 0
    for birth in range(len(found)):
        some = members[offset[birth] : offset[birth + 1]]
        best, most, evenly = -1, 0, False
        for record in some:
            code = codes[record]
            if code < 0:
                continue
            count = most
            if best < 0 or code != codes[best]:
                count = _count(some, codes, code)
            if count > most:
                best, most, evenly = record, count, False
            elif count == most:
                evenly |= code != codes[best]
                if _precedes(record, best, codes, merits):
                    best = record
        if evenly and is_name:
            for k in range(len(some)):
                tied[k] = codes[some[k]] >= 0 and _count(some, codes, codes[some[k]]) == most
            best = _best_name(some, codes, merits, person, (tied[: len(some)], state[: len(some)]))
        found[birth] = best


@inner_kernel
def _best_name(some: Any, codes: Any, merits: Any, person: Any, scratch: Any) -> Any:
    """The record to show of those whose names are held by equally many."""
    tied, state = scratch
    compare_names(person, merits[1], some, tied, state)
    best = -1
    for k in range(len(some)):
        if tied[k] and state[k] == STAYS and (best < 0 or _precedes(some[k], best, codes, merits)):
            best = some[k]
    return best


@inner_kernel
def _count(some: Any, codes: Any, code: Any) -> Any:
    count = 0
    for record in some:
        count += codes[record] == code
    return count


@inner_kernel
def _precedes(record: Any, best: Any, codes: Any, merits: Any) -> Any:
    frequency, rank = merits
    often, before = frequency[codes[record]], frequency[codes[best]]
    return often > before or (often == before and rank[record] < rank[best])
