"""Pairs inside a component that were never weighed."""

import numpy as np

from everybirth.resolve.components import Components
from everybirth.tables import Int32Array, Int64Array

COMPLETED_UP_TO = 60  # records; the pairs of a larger component grow with its square and are left as they are


def missing_pairs(
    known_left: Int32Array, known_right: Int32Array, components: Components
) -> tuple[Int32Array, Int32Array]:
    """Pairs of records of one component that are not among the known pairs, left < right.

    Others tie such records together, so whether they agree themselves is evidence that must not be left out: the scan
    dropped them for being weak, or blocking never brought them together.
    """
    size = np.diff(components.offset)
    wanted = size * (size - 1) // 2
    weighed = np.diff(components.pair_offset)
    short = (size > 2) & (size <= COMPLETED_UP_TO) & (weighed < wanted)
    left, right = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
    for n in np.unique(size[short]):
        first = components.offset[:-1][short & (size == n)]
        members = components.order[first[:, None] + np.arange(n)]
        i, j = np.triu_indices(n, 1)
        left.append(members[:, i].ravel())
        right.append(members[:, j].ravel())
    every, known = _key(np.concatenate(left), np.concatenate(right)), _key(known_left, known_right)
    new = np.setdiff1d(every, known, assume_unique=True)
    return (new >> 32).astype(np.int32), (new & 0xFFFFFFFF).astype(np.int32)


def _key(left: Int32Array, right: Int32Array) -> Int64Array:
    key: Int64Array = left.astype(np.int64) << 32 | right
    return key
