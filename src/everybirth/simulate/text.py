"""Columns of text as codes into a pool of distinct words, so that a million names cost a million integers."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from everybirth.tables import MISSING, Int32Array, Int64Array

WIDTH = 40  # characters; longer words are cut
Words = npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Text:
    """One column of text.

    codes   (n,) index into pool, or MISSING
    pool    (n_words,) String; may hold words that no row uses
    """

    codes: Int32Array
    pool: pl.Series

    def take(self, rows: Int64Array) -> "Text":
        """The same column for the rows given, in their order."""
        return Text(self.codes[rows], self.pool)

    def present(self, rows: Int64Array) -> Int64Array:
        """Those of the rows that hold a word."""
        filled: Int64Array = rows[self.codes[rows] != MISSING]
        return filled

    def at(self, rows: Int64Array) -> Words:
        """The words at rows, none of them missing."""
        return as_words(self.pool.gather(self.codes[rows]))

    def put(self, rows: Int64Array, words: Words) -> "Text":
        """Write words at rows."""
        codes = self.codes.copy()
        codes[rows] = len(self.pool) + np.arange(len(rows), dtype=np.int32)
        return Text(codes, pl.concat([self.pool, pl.Series(words.tolist(), dtype=pl.String)]))

    def point(self, rows: Int64Array, codes: Int32Array) -> "Text":
        """Let rows point to other words of the pool, or to MISSING."""
        changed = self.codes.copy()
        changed[rows] = codes
        return Text(changed, self.pool)

    def blank(self, rows: Int64Array) -> "Text":
        """Leave rows empty."""
        return self.point(rows, np.full(len(rows), MISSING, np.int32))

    def series(self) -> pl.Series:
        """(n,) String, null where missing."""
        codes = pl.Series(self.codes)
        return self.pool.gather(codes.set(codes == MISSING, None))


def as_words(series: pl.Series) -> Words:
    """String series without nulls as a fixed-width array of WIDTH characters."""
    return np.array(series.to_list(), dtype=f"U{WIDTH}")


def exchange(first: Text, second: Text, rows: Int64Array) -> tuple[Text, Text]:
    """Both columns with their words at rows exchanged."""
    of_first, of_second = first.take(rows), second.take(rows)
    both = pl.concat([first.pool, second.pool])
    moved_right = np.where(of_second.codes == MISSING, MISSING, of_second.codes + np.int32(len(first.pool)))
    new_first = Text(first.codes, both).point(rows, moved_right.astype(np.int32))
    both = pl.concat([second.pool, first.pool])
    moved_left = np.where(of_first.codes == MISSING, MISSING, of_first.codes + np.int32(len(second.pool)))
    return new_first, Text(second.codes, both).point(rows, moved_left.astype(np.int32))
