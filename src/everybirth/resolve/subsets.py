"""Every subset of the records of a small component as one birth: what it scores, by itself and beside another.

A subset is a bit mask. What is summed over its records is what was summed for the subset without its lowest record,
and that record's part. Of all subsets with one lowest record only the last need be remembered: the next one that builds
on any of them builds on that.
"""

from typing import Any, NamedTuple

import numpy as np

from everybirth.compiled import inner_kernel
from everybirth.resolve.evidence import CERTAIN
from everybirth.resolve.score import LIST, PLURALITY
from everybirth.tables import Float64Array, Int64Array


class Subsets(NamedTuple):
    """Tables over the subsets of the records of one component.

    beside  (2^n,) the part of the score that hangs on no source
    score   (2^n,) log score as one birth
    fewer   (2^n, n + 1) how many of the records state fewer children than so many, from three on
    odds    (2^n, 2^n) log odds that two disjoint subsets, as births, are of one delivery
    sums    (n, n * n_sources) by lowest record, of the last subset: for each record and source what is summed
    most    (n, n_sources) the same for a second subset
    """

    beside: Float64Array
    score: Float64Array
    fewer: Int64Array
    odds: Float64Array
    sums: Float64Array
    most: Float64Array


def make_subsets(n: int, n_sources: int) -> Subsets:
    """Room for components of up to n records."""
    return Subsets(
        np.zeros(1 << n),
        np.zeros(1 << n),
        np.zeros((1 << n, n + 1), np.int64),
        np.zeros((1 << n, 1 << n)),
        np.zeros((n, n * n_sources)),
        np.zeros((n, n_sources)),
    )


@inner_kernel
def lowest(mask: Any) -> Any:
    """The lowest record of a subset that is not empty."""
    record = 0
    while not (mask >> record) & 1:
        record += 1
    return record


@inner_kernel
def size_of(mask: Any) -> Any:
    """How many records a subset has."""
    size = 0
    while mask:
        mask &= mask - 1
        size += 1
    return size


@inner_kernel
def score_subsets(n: Any, local: Any, subsets: Any) -> Any:
    """Fill score and fewer: see score.one_birth."""
    n_sources, best = local.same.shape[2], local.room[0]
    sums, same = subsets.sums, local.same.reshape(len(local.same), local.same.shape[1] * n_sources)
    for mask in range(1, 1 << n):
        low, rest = lowest(mask), mask & (mask - 1)
        up = lowest(rest) if rest else low
        for at in range(n * n_sources):
            sums[low, at] = same[low, at] + (sums[up, at] if rest else 0.0)
        for source in range(n_sources):
            best[source] = -np.inf
        for record in range(low, n):
            if (mask >> record) & 1:
                for source in range(n_sources):
                    value = sums[low, record * n_sources + source]
                    best[source] = max(best[source], value)
        total = subsets.beside[mask] = _beside(low, rest, local, subsets.beside[rest])
        for source in range(n_sources):
            if best[source] > -np.inf:
                total += best[source]
        subsets.score[mask] = total
        plurality = local.stated[low, PLURALITY]
        for births in range(3, n + 1):
            subsets.fewer[mask, births] = subsets.fewer[rest, births] + (0 < plurality < births)


@inner_kernel
def _beside(low: Any, rest: Any, local: Any, total: Any) -> Any:
    """What hangs on no source, once the lowest record joins the rest, which have that total."""
    if rest == 0:
        return 0.0
    repeats, record, left = False, low + 1, rest >> (low + 1)
    while left:
        if left & 1:
            total += local.bond[low, record]
            repeats |= local.stated[low, LIST] == local.stated[record, LIST]
        left >>= 1
        record += 1
    return total + local.merge + (local.bond[low, low] if repeats else 0.0)


@inner_kernel
def weigh_subsets(n: Any, local: Any, subsets: Any) -> Any:
    """Fill odds: see score.one_delivery."""
    n_sources, full = local.twin.shape[2], (1 << n) - 1
    sums, twin = subsets.sums, local.twin.reshape(len(local.twin), local.twin.shape[1] * n_sources)
    for mask in range(1, full):
        low, rest = lowest(mask), mask & (mask - 1)
        up = lowest(rest) if rest else low
        for at in range(n * n_sources):
            value = sums[up, at] if rest else -np.inf
            sums[low, at] = max(twin[low, at], value)
        _weigh_beside(mask, (full ^ mask) & ~((2 << low) - 1), sums[low], local.delivery, subsets)


@inner_kernel
def _weigh_beside(mask: Any, others: Any, sums: Any, delivery: Any, subsets: Any) -> Any:
    """The odds of one subset with every subset of the others.

    sums   (n * n_sources,) for each record and source the most that a record of the subset says
    """
    most, odds = subsets.most, subsets.odds
    n_sources = most.shape[1]
    other = -others & others
    while other:
        record, rest = lowest(other), other & (other - 1)
        up, total = lowest(rest) if rest else record, delivery
        for source in range(n_sources):
            value = sums[record * n_sources + source]
            if rest and most[up, source] > value:
                value = most[up, source]
            most[record, source] = value
            total += value if value > -np.inf else 0.0
        odds[mask, other] = odds[other, mask] = min(total, CERTAIN)
        other = (other - others) & others
