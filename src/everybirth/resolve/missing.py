"""Pairs inside a component that were never weighed."""

from typing import Any

import numpy as np

from everybirth.compiled import loop_kernel
from everybirth.resolve.components import Components
from everybirth.tables import BoolArray, Int32Array, Scored

COMPLETED_UP_TO = 60  # records; the pairs of a larger component grow with its square and are left as they are


def missing_pairs(
    known_left: Int32Array, known_right: Int32Array, components: Components
) -> tuple[Int32Array, Int32Array]:
    """Pairs of records of one component that are not among the known pairs, left < right, ascending.

    Others tie such records together, so whether they agree themselves is evidence that must not be left out: the scan
    dropped them for being weak, or blocking never brought them together.
    """
    size = np.diff(components.offset)
    missing = size * (size - 1) // 2 - np.diff(components.pair_offset)
    short = np.flatnonzero((size > 2) & (size <= COMPLETED_UP_TO) & (missing > 0))
    new = np.empty(missing[short].sum(), np.int64)
    records = (components.order, components.offset)
    _list_missing(short, records, (known_left, known_right), (components.pair_order, components.pair_offset), new)
    new.sort()
    return (new >> 32).astype(np.int32), (new & 0xFFFFFFFF).astype(np.int32)


def merged(one: Scored, other: Scored) -> tuple[Scored, BoolArray]:
    """The pairs of two tables that have none in common, ascending as both are; and which are of the first."""
    n_pairs = len(one.left) + len(other.left)
    left, right, first = np.empty(n_pairs, np.int32), np.empty(n_pairs, np.int32), np.empty(n_pairs, np.bool_)
    _merge((one.left, one.right), (other.left, other.right), (left, right), first)
    levels, chance, sums = (
        _interleaved(getattr(one, name), getattr(other, name), first) for name in ("levels", "chance", "sums")
    )
    return Scored(left, right, levels, chance, sums), first


def _interleaved(one: Any, other: Any, first: BoolArray) -> Any:
    """Rows of two tables, in the order in which first names the one or the other."""
    both = np.empty((len(first), one.shape[1]), one.dtype)
    both[first], both[~first] = one, other
    return both


@loop_kernel
def _list_missing(short: Any, records: Any, known: Any, pairs: Any, new: Any) -> Any:
    """List the missing pairs of the components in short, each as one number."""
    (order, offset), (left, right), (pair_order, pair_offset) = records, known, pairs
    count = 0
    for component in short:
        at, end = pair_offset[component], pair_offset[component + 1]
        for one in range(offset[component], offset[component + 1]):
            for other in range(one + 1, offset[component + 1]):
                pair = pair_order[at] if at < end else -1
                if pair >= 0 and left[pair] == order[one] and right[pair] == order[other]:
                    at += 1
                else:
                    new[count] = np.int64(order[one]) << 32 | order[other]
                    count += 1


@loop_kernel
def _merge(one: Any, other: Any, both: Any, first: Any) -> Any:
    """Take whichever pair is smaller, again and again; note if it is of the first table."""
    a, b = 0, 0
    for row in range(len(first)):
        takes = b == len(other[0])
        if not takes and a < len(one[0]):
            takes = one[0][a] < other[0][b] or (one[0][a] == other[0][b] and one[1][a] < other[1][b])
        first[row] = takes
        if takes:
            both[0][row], both[1][row] = one[0][a], one[1][a]
            a += 1
        else:
            both[0][row], both[1][row] = other[0][b], other[1][b]
            b += 1
