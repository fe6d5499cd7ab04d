"""A dictionary of texts that grows, by hashes: a text's code takes a few nanoseconds, and other threads run meanwhile.

Two texts are held to be one if their hashes of 64 bits are equal. Among ten million distinct texts the chance that any
two different ones have the same is 1 in 400,000.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from everybirth.compiled import kernel
from everybirth.tables import MISSING, BoolArray, Int32Array, UInt64Array

_FIRST_SIZE = 1 << 12  # places; always a power of two


class Table(NamedTuple):
    """Where each hash stands.

    keys    (n_places,) the hash that holds each place, 0 for a free one
    codes   (n_places,) its code
    """

    keys: UInt64Array
    codes: Int32Array


class Rows(NamedTuple):
    """A column on its way to codes.

    hashes   (n_rows,)
    known    (n_rows,) which rows have a text, or (0,) if all have
    codes    (n_rows,) to be filled
    fresh    (n_rows,) to be filled with the rows of the texts not met before
    """

    hashes: UInt64Array
    known: BoolArray
    codes: Int32Array
    fresh: Int32Array


class Dictionary:
    """A growing dictionary of texts, shared by the columns that are coded with it. Codes follow the first meeting."""

    __slots__ = ("_size", "_table", "_texts")

    def __init__(self) -> None:
        self._table = _empty(_FIRST_SIZE)
        self._size = 0
        self._texts = [pl.Series([], dtype=pl.String)]

    def codes(self, column: pl.Series) -> Int32Array:
        """Codes of a String column, MISSING for null; texts not met before are added."""
        codes, fresh = (np.empty(len(column), np.int32) for _ in range(2))
        rows = Rows(column.hash().to_numpy(), _known(column), codes, fresh)
        row, size = 0, self._size
        while True:
            row, size = enter(rows, self._table, row, size, self._size)
            if row == len(column):
                break
            larger = _empty(4 * len(self._table.keys))
            move(self._table, larger)
            self._table = larger
        self._texts.append(column.gather(pl.Series(fresh[: size - self._size].view(np.uint32))).alias(""))
        self._size = size
        return codes

    def texts(self) -> pl.Series:
        """(n_texts,) String, the distinct texts by their code."""
        return pl.concat(self._texts)


def _empty(n_places: int) -> Table:
    return Table(np.zeros(n_places, np.uint64), np.empty(n_places, np.int32))


def _known(column: pl.Series) -> BoolArray:
    """(n,) where there is a text; empty if there is one everywhere."""
    return column.is_not_null().to_numpy() if column.null_count() else np.empty(0, np.bool_)


@kernel
def enter(rows: Rows, table: Table, row: int, size: int, old_size: int) -> tuple[int, int]:
    """Code rows, from one on, until all are coded or the table is half full.

    size      how many texts there are; old_size   how many before the first row
    Returns   the row at which it stopped, and how many texts there are then
    """
    last = np.uint64(len(table.keys) - 1)
    while row < len(rows.hashes):
        if len(rows.known) and not rows.known[row]:
            rows.codes[row] = MISSING
            row += 1
            continue
        key = max(rows.hashes[row], np.uint64(1))
        at = key & last
        while table.keys[at] != key and table.keys[at] != 0:
            at = (at + np.uint64(1)) & last
        if table.keys[at] == 0:
            if 2 * size >= len(table.keys):
                break
            table.keys[at], table.codes[at] = key, size
            rows.fresh[size - old_size] = row
            size += 1
        rows.codes[row] = table.codes[at]
        row += 1
    return row, size


@kernel
def move(table: Table, larger: Table) -> None:
    """Move all entries into a larger, empty table."""
    last = np.uint64(len(larger.keys) - 1)
    for old in range(len(table.keys)):
        if table.keys[old] != 0:
            at = table.keys[old] & last
            while larger.keys[at] != 0:
                at = (at + np.uint64(1)) & last
            larger.keys[at], larger.codes[at] = table.keys[old], table.codes[old]
