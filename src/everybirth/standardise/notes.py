"""What standardising has to say about values that it could not use: counts and rows, never the values."""

from dataclasses import dataclass
from pathlib import PurePath

import numpy as np

from everybirth.plan import ColumnPlan, ListPlan
from everybirth.tables import BoolArray, Int32Array, Int64Array, UInt64Array


@dataclass(frozen=True, slots=True)
class Source:
    """One field of one list: where its values stand and how the plan says they are written.

    rows   (n_rows,) row number of each value in its file
    """

    plan: ListPlan
    field: str
    rows: UInt64Array

    @property
    def column(self) -> ColumnPlan:
        if self.field.startswith("extra."):
            return self.plan.extra.get(self.field.removeprefix("extra."), ColumnPlan(self.field))
        return self.plan.columns.get(self.field, ColumnPlan(self.field))

    @property
    def section(self) -> str:
        """The part of the plan that a person edits to mend the field."""
        if self.field.startswith("extra."):
            return f"[lists.{self.plan.name}.extra.{self.field.removeprefix('extra.')}]"
        return f"[lists.{self.plan.name}.columns.{self.field}]"


@dataclass(frozen=True, slots=True)
class Unusable:
    """How many rows of a field hold something that could not be used, and where the first is."""

    rows: int
    of: int  # rows that hold anything; counted only where some cannot be used
    first: str  # such as "hospital.csv row 17", "" if there is none

    @property
    def share(self) -> float:
        return self.rows / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Unread:
    """Distinct values that could not be used, and why.

    entries  (n_entries,) True for those
    """

    entries: BoolArray
    reason: str


def unusable(source: Source, codes: Int32Array, entries: BoolArray, empty: BoolArray) -> Unusable:
    """Count the rows whose entry is unusable.

    codes    (n_rows,) entry of each row, or MISSING
    entries  (n_entries,) True where the entry is unusable
    empty    (n_entries,) True where the entry holds nothing
    """
    if not entries.any():
        return Unusable(0, 0, "")
    bad = np.append(entries, False)[codes]
    held = int(np.count_nonzero(~np.append(empty, True)[codes]))
    first = int(source.rows[bad].min()) if bad.any() else 0
    return Unusable(int(np.count_nonzero(bad)), held, f"{PurePath(source.plan.path).name} row {first}")


def weights_of(codes: Int32Array, n_entries: int) -> Int64Array:
    """(n_entries,) rows that hold each entry."""
    return np.bincount(codes + np.int32(1), minlength=n_entries + 1)[1:]  # code MISSING (-1) is counted first, and left
