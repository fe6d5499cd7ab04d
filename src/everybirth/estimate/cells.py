"""Capture histories as numbers: which lists a history is on, how it is written, what counts are usable.

A table of counts of L lists has 2**L cells. The index of a cell, in binary, is its capture history: list 0 is the
first character and the most significant bit, so with three lists cell 6 is "110", on lists 0 and 1 and not on 2.
Cell 0 holds the births that every list missed; it is not observed, and whatever stands there is ignored.
A set of lists is written with the same bits.
"""

import numpy as np
import numpy.typing as npt

from everybirth.errors import EstimateError
from everybirth.tables import BoolArray, Float64Array, Int64Array

MAXIMUM_LISTS = 10
# Of one history. More are no births of any country; sums of sixteen digits would lose single births.
LARGEST_COUNT = 1e10


def membership(n_lists: int) -> BoolArray:
    """Which lists each history is on.

    Returns  (2**n_lists, n_lists) True where the history of the row is on the list of the column
    """
    histories = np.arange(2**n_lists)[:, None]
    bits: BoolArray = (histories >> np.arange(n_lists - 1, -1, -1)[None, :]) & 1 == 1
    return bits


def sizes(n_lists: int) -> Int64Array:
    """On how many lists each history (or how large each set of lists) is: (2**n_lists,)."""
    return np.array([history.bit_count() for history in range(2**n_lists)], dtype=np.int64)


def bit(position: int, n_lists: int) -> int:
    """The set that holds the one list at a position."""
    return 1 << (n_lists - 1 - position)


def label(history: int, n_lists: int) -> str:
    """A history as text, one character a list: "101"."""
    return format(history, f"0{n_lists}b")


def lists_of(counts: Float64Array) -> int:
    """How many lists a table of checked counts has."""
    return int(counts.shape[-1]).bit_length() - 1


def checked(counts: npt.ArrayLike) -> Float64Array:
    """Counts as an array that every estimator can use.

    counts   (2**L,) or (n_tables, 2**L) births per capture history; cell 0 is ignored
    Returns  (n_tables, 2**L) the same as floats, cell 0 set to 0
    Raises   EstimateError  on a wrong shape, fewer than two lists, or a count that is negative, not whole or above
             LARGEST_COUNT
    """
    table = np.atleast_2d(np.asarray(counts, dtype=np.float64)).copy()
    cells = table.shape[-1]
    if table.ndim != 2 or cells < 2 or cells & (cells - 1):
        raise EstimateError(
            f"Counts have the shape {table.shape}; one cell for each of the 2, 4, 8, ... capture histories is needed."
        )
    n_lists = lists_of(table)
    if n_lists < 2:
        raise EstimateError("There is only one list. What every list missed can be estimated from two lists or more.")
    if n_lists > MAXIMUM_LISTS:
        raise EstimateError(f"There are {n_lists} lists; at most {MAXIMUM_LISTS} can be used. Merge or leave out some.")
    table[:, 0] = 0.0
    bad = ~np.isfinite(table) | (table < 0) | (table != np.floor(np.where(np.isfinite(table), table, 0.0)))
    if bad.any():
        row, cell = (int(i) for i in np.argwhere(bad)[0])
        raise EstimateError(
            f"{int(bad.sum())} counts are negative or not whole numbers (first: table {row + 1}, "
            f"history {label(cell, n_lists)}). Counts are numbers of births: 0, 1, 2, ..."
        )
    if table.max(initial=0.0) > LARGEST_COUNT:
        row, cell = (int(i) for i in np.argwhere(table > LARGEST_COUNT)[0])
        raise EstimateError(
            f"Counts are above {LARGEST_COUNT:,.0f} (first: table {row + 1}, history {label(cell, n_lists)}), which no "
            "number of births is. Check them."
        )
    return table


def on_lists(counts: Float64Array) -> Float64Array:
    """Births on each list.

    counts   (n_tables, 2**L)
    Returns  (n_tables, L)
    """
    births: Float64Array = counts @ membership(lists_of(counts)).astype(np.float64)
    return births


def shared(counts: Float64Array) -> Float64Array:
    """Births that are on all lists of a set, whatever other lists they are on.

    counts   (n_tables, 2**L)
    Returns  (n_tables, 2**L) one column for each set of lists; column 0 is the number of births listed at all
    """
    sets = np.arange(counts.shape[1])
    holds = (sets[:, None] & sets[None, :]) == sets[None, :]
    sums: Float64Array = counts @ holds.astype(np.float64)
    return sums
