"""What a reader of the tables knows at once: which hidden cells follow from the others by addition alone."""

import numpy as np

from everybirth.publish.disclosure.cells import Cells
from everybirth.tables import BoolArray, Int32Array, Int64Array

NOT_DERIVED = -1


def small(cells: Cells, threshold: int) -> BoolArray:
    """(n,) cells that must not be known: from 1 to one less than the threshold, or 0 where that tells as much."""
    low = np.where(cells.tells, 0, 1)
    found: BoolArray = (cells.value >= low) & (cells.value < threshold) & ~cells.exempt
    return found


def derived(cells: Cells, hidden: BoolArray) -> tuple[BoolArray, Int32Array]:
    """Work out whatever additions give away: a relation with one unknown cell gives it, and so on.

    hidden   (n,) public cells that are not shown
    Returns  (n,) cells that remain unknown; (n,) for a cell worked out, the relation that gave it, else NOT_DERIVED
    """
    unknown = ~cells.public | hidden
    by = np.full(len(cells), NOT_DERIVED, dtype=np.int32)
    row_of = np.repeat(np.arange(cells.n_relations, dtype=np.int32), np.diff(cells.start))
    while True:
        count = np.bincount(row_of, weights=unknown[cells.member], minlength=cells.n_relations)
        single = (count == 1)[row_of] & unknown[cells.member]
        if not single.any():
            return unknown, by
        found = cells.member[single]
        by[found] = row_of[single]
        unknown[found] = False


def at_least(cells: Cells, hidden: BoolArray) -> Int64Array:
    """(n,) what is known of a cell because it is hidden: it is not 0, where a 0 would have been shown."""
    return np.where(hidden & ~cells.tells & (cells.value > 0), 1, 0)
