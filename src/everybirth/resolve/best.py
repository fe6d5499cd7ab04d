"""Which record's value to show for each field of a birth."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from everybirth.compiled import kernel
from everybirth.schema import Kind
from everybirth.tables import MISSING, Column, Int16Array, Int32Array


def best_records(birth: Int32Array, columns: Mapping[str, Column], list_rank: Int16Array) -> dict[str, Int32Array]:
    """For each field and birth, the record whose value to show.

    birth      (n_records,) birth of each record, 0 to n_births - 1
    columns    fields over the same records
    list_rank  (n_records,) rank of the record's list, the lowest the most trusted
    Returns    field -> (n_births,) a record, or MISSING where no record of the birth has a value

    The value held by most records of the birth wins. Between values held by equally many: for a name the one that is
    more frequent among all records, since errors of typing make rare names; then the one in the better list;
    then the one in the smaller record.
    """
    members, offset = _members(birth, int(birth.max(initial=-1)) + 1)
    rank = np.require(list_rank, np.int16, ["C", "W"])

    def of_field(column: Column) -> Int32Array:
        codes = np.require(column.codes, np.int32, ["C", "W"])
        frequency = np.zeros(len(column.values), np.int32)
        if column.kind is Kind.NAME:
            held = codes[codes != MISSING]
            frequency = np.bincount(held, minlength=len(column.values)).astype(np.int32)
        return np.asarray(_best(members, offset, codes, frequency, rank))

    with ThreadPoolExecutor() as fields:
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


@kernel
def _best(members: Any, offset: Any, codes: Any, frequency: Any, rank: Any) -> Any:
    found = np.empty(len(offset) - 1, np.int32)
    for birth in range(len(found)):
        begin, end = offset[birth], offset[birth + 1]
        best, most = -1, 0
        for at in range(begin, end):
            record = members[at]
            code = codes[record]
            if code < 0:
                continue
            count = most
            if best < 0 or code != codes[best]:
                count = 0
                for other in range(begin, end):
                    count += codes[members[other]] == code
            better = best < 0 or count > most
            if not better and count == most:
                often, before = frequency[code], frequency[codes[best]]
                better = often > before or (often == before and rank[record] < rank[best])
            if better:
                best, most = record, count
        found[birth] = best
    return found
