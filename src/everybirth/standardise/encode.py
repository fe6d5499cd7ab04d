"""Dictionary encoding: a column as codes into its distinct values, so that each value is cleaned once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from everybirth.schema import Kind
from everybirth.standardise import kernels
from everybirth.standardise.hashing import Dictionary
from everybirth.standardise.keys import ranks
from everybirth.tables import MISSING, BoolArray, Column, Int32Array, Int64Array

Scalar = TypeVar("Scalar", bound=np.generic)

WIDEST_TABLE = 4_000_000  # entries: whole numbers that span less than this are encoded by a table, not by sorting


@dataclass(frozen=True, slots=True)
class Coded:
    """One field over rows, as codes into entries of which several may mean the same. Fields may share entries.

    codes     (n_rows,) index into the entries, or MISSING
    standard  (n_entries,) what the entry means, null where it means nothing: String, Int32 days or Float64
    tidy      (n_entries,) the same fit to be published, in its original spelling: String, Date or Float64
    """

    codes: Int32Array
    standard: pl.Series
    tidy: pl.Series

    def known(self) -> BoolArray:
        """(n_rows,) True where the row has a standard value."""
        return _with_last(self.standard.is_not_null().to_numpy(), False)[self.codes]

    def take(self, rows: Int32Array) -> "Coded":
        """The same field over the given rows, in their order."""
        return Coded(kernels.take(self.codes, rows), self.standard, self.tidy)


def distinct(column: pl.Series) -> tuple[Int32Array, pl.Series]:
    """Codes of a column as read, and its distinct values in no particular order.

    column   (n_rows,) any dtype of a file
    Returns  (n_rows,) codes, MISSING for null; (n_values,) Date, Float64 or String
    """
    dtype = column.dtype
    if dtype == pl.Null:
        return np.full(len(column), MISSING, np.int32), pl.Series([], dtype=pl.String)
    if dtype == pl.Datetime:
        column, dtype = column.dt.date(), pl.Date()
    if dtype == pl.Date:
        codes, days = _distinct_numbers(column.to_physical())
        return codes, pl.Series(days.astype(np.int32)).cast(pl.Date)
    if dtype.is_numeric():
        codes, numbers = _distinct_numbers(column)
        return codes, pl.Series(numbers.astype(np.float64))
    dictionary = Dictionary()
    return dictionary.codes(as_text(column)), dictionary.texts()


def as_text(column: pl.Series) -> pl.Series:
    """The column as String: whole numbers without a decimal point, whatever their dtype."""
    if column.dtype == pl.String:
        return column
    if column.dtype.is_float() or column.dtype.is_decimal():
        numbers = column.cast(pl.Float64).to_frame("n")
        whole = (pl.col("n") == pl.col("n").floor()) & (pl.col("n").abs() < 2.0**53)
        text = pl.when(whole).then(pl.col("n").cast(pl.Int64, strict=False).cast(pl.String))
        return numbers.select(text.otherwise(pl.col("n").fill_nan(None).cast(pl.String))).to_series()
    return column.cast(pl.String)


def occurring(codes: Int32Array, n_entries: int) -> BoolArray:
    """(n_entries,) True for the entries that some row has."""
    used = np.zeros(n_entries, np.bool_)
    kernels.mark(used, codes)
    return used


def stack(parts: Sequence[Coded | int]) -> Coded:
    """One field over several lists under one another; a number stands for that many rows without the field."""
    present = [part for part in parts if isinstance(part, Coded)]
    ends = np.cumsum([part if isinstance(part, int) else len(part.codes) for part in parts])
    codes = np.full(int(ends[-1]), MISSING, np.int32)
    offset = 0
    for part, end in zip(parts, ends.tolist(), strict=True):
        if isinstance(part, Coded):
            kernels.raise_by(offset, part.codes, codes[end - len(part.codes) : end])
            offset += len(part.standard)
    standard = pl.concat([part.standard for part in present])
    return Coded(codes, standard, pl.concat([part.tidy for part in present]))


def fill(first: Coded, second: Coded) -> Coded:
    """`first` where it has a standard value, else `second`; row by row."""
    shifted = np.where(second.codes < 0, np.int32(MISSING), second.codes + np.int32(len(first.standard)))
    codes = np.where(first.known(), first.codes, shifted)
    return Coded(codes, pl.concat([first.standard, second.standard]), pl.concat([first.tidy, second.tidy]))


def sharing(coded: Mapping[str, Coded]) -> list[dict[str, Coded]]:
    """The fields in groups of those that share entries."""
    groups: dict[int, dict[str, Coded]] = {}
    for name, field in coded.items():
        groups.setdefault(id(field.standard), {})[name] = field
    return list(groups.values())


def columns(kinds: Mapping[str, Kind], coded: Mapping[str, Coded]) -> dict[str, Column]:
    """Columns that share one dictionary of the values that occur in any of them, ascending.

    kinds    name of the column -> its kind
    coded    name of the column -> the field; all standards of one dtype
    """
    groups = sharing(coded)
    standards = [next(iter(group.values())).standard for group in groups]
    entries, used = pl.concat([each.alias("") for each in standards]), np.zeros(sum(map(len, standards)), np.bool_)
    starts = np.cumsum([0, *map(len, standards)])
    for group, start, end in zip(groups, starts[:-1], starts[1:], strict=True):
        for field in group.values():
            kernels.mark(used[start:end], field.codes)
    rank, values = _ranked(entries, pl.Series(used) & entries.is_not_null())
    return {
        name: Column(name, kinds[name], kernels.take(rank[start:end], field.codes), values)
        for group, start, end in zip(groups, starts[:-1], starts[1:], strict=True)
        for name, field in group.items()
    }


def _ranked(entries: pl.Series, wanted: pl.Series) -> tuple[Int32Array, pl.Series]:
    """(n_entries,) rank of each wanted entry among the distinct ones, else MISSING; and these, ascending."""
    rank = np.full(len(entries), MISSING, np.int32)
    some = entries.filter(wanted)
    if not len(some):
        return rank, some
    found = ranks(some) if entries.dtype == pl.String else None
    if found is not None:
        rank[wanted.to_numpy()] = found[0]
        return rank, some.gather(found[1])
    values = some.unique().sort()
    if entries.dtype == pl.String:
        places = some.cast(pl.Enum(values)).to_physical().to_numpy()
    else:
        places = values.search_sorted(some).to_numpy()
    rank[wanted.to_numpy()] = places.astype(np.int32)
    return rank, values


def _with_last(array: npt.NDArray[Scalar], last: object) -> npt.NDArray[Scalar]:
    """The array with one more place at its end, which is what code MISSING (-1) takes."""
    return np.append(array, np.asarray([last], array.dtype))


def _distinct_numbers(column: pl.Series) -> tuple[Int32Array, npt.NDArray[np.generic]]:
    """Codes and ascending distinct values of a numeric column; NaN and infinities count as missing."""
    floating = column.dtype.is_float() or column.dtype.is_decimal()
    if floating or column.dtype == pl.UInt64:
        return _distinct_floats(column.cast(pl.Float64))
    numbers = column.cast(pl.Int64)
    low, high = numbers.min(), numbers.max()
    if not isinstance(low, int) or not isinstance(high, int):
        return np.full(len(column), MISSING, np.int32), np.empty(0, np.int64)
    known, array = numbers.is_not_null().to_numpy(), numbers.fill_null(low).to_numpy()
    return _by_table(array, known, low, high) if high - low < WIDEST_TABLE else _by_sorting(array, known)


def _distinct_floats(numbers: pl.Series) -> tuple[Int32Array, npt.NDArray[np.generic]]:
    array = numbers.fill_null(np.nan).to_numpy()
    known = np.isfinite(array)
    some = array[known]
    if some.size and some.max() - some.min() < WIDEST_TABLE and bool((some == np.floor(some)).all()):
        whole = np.where(known, array, 0.0).astype(np.int64)
        return _by_table(whole, known, int(some.min()), int(some.max()))
    return _by_sorting(array, known)


def _by_table(numbers: Int64Array, known: BoolArray, low: int, high: int) -> tuple[Int32Array, npt.NDArray[np.generic]]:
    present = kernels.present(numbers, known, low, high - low + 1)
    place = np.cumsum(present, dtype=np.int32) - np.int32(1)
    return kernels.places(numbers, known, low, place), np.flatnonzero(present) + low


def _by_sorting(numbers: npt.NDArray[Scalar], known: BoolArray) -> tuple[Int32Array, npt.NDArray[np.generic]]:
    values, inverse = np.unique(numbers[known], return_inverse=True)
    codes = np.full(len(numbers), MISSING, np.int32)
    codes[known] = inverse.astype(np.int32)
    return codes, values
