"""What all groupings of some births of a small component into deliveries weigh together."""

from typing import Any, NamedTuple

import numpy as np

from everybirth.compiled import inner_kernel
from everybirth.resolve.score import RARER, UNDERSTATED
from everybirth.resolve.subsets import lowest
from everybirth.tables import Float64Array, Int64Array

LARGEST_SHIFT = 70.0  # keeps the scaled weights of nine births within the range of a float
LARGE = 600.0  # log weights beyond this are scaled
NEGLIGIBLE = -60.0  # log weight of a delivery that is not counted: beside those of single births it is nothing
_LOG_2 = np.log(2.0)
LOG_BELL = np.log(np.array([1.0, 1, 2, 5, 15, 52, 203, 877, 4140, 21147]))  # log of the number of partitions of a set


class Chosen(NamedTuple):
    """Some births, and tables over sets of them as bit masks.

    births   (n,) the births, as masks of records
    tie      (n,) of a birth: the largest log odds with another
    crossing (2^n,) of a set: sum of log odds over its pairs
    size     (2^n,) its number of births
    scaled   (2^n,) its scaled weight as one delivery
    total    (2^n,) the summed scaled weights of all its groupings
    """

    births: Int64Array
    tie: Float64Array
    crossing: Float64Array
    size: Int64Array
    scaled: Float64Array
    total: Float64Array


def make_chosen(n: int) -> Chosen:
    """Room for up to n births."""
    return Chosen(
        np.zeros(n, np.int64),
        np.zeros(n),
        np.zeros(1 << n),
        np.zeros(1 << n, np.int64),
        np.zeros(1 << n),
        np.ones(1 << n),
    )


@inner_kernel
def most_of_groupings(k: Any, least: Any, chosen: Any, subsets: Any) -> Any:
    """Bound on log_groupings, without exp; any that is below the least will do.

    Either by pairs: a mean over pairs is one over spanning trees, so a delivery weighs no more than trees whose edges
    weigh exp(log odds) do on average, and all forests together weigh the product of 1 + exp(log odds) over all pairs.
    Or by births: s births of one delivery weigh at most exp of the sum of (s - 1) / s of each one's tie.
    """
    births, tie, odds, by_pairs, by_births = chosen.births, chosen.tie, subsets.odds, 0.0, LOG_BELL[k]
    for one in range(k):
        tie[one] = -np.inf
        for other in range(one):
            value = odds[births[one], births[other]]
            by_pairs += value + _LOG_2 if value > 0.0 else 1.0 / (1.0 - value + 0.5 * value * value)
            tie[one], tie[other] = max(tie[one], value), max(tie[other], value)
    if by_pairs < least:
        return by_pairs
    for one in range(k):
        most = max(0.0, tie[one] / 2.0)
        for size in range(3, k + 1):
            against = RARER * (size - 2.0) / size + UNDERSTATED * subsets.fewer[births[one], size]
            most = max(most, (size - 1.0) / size * tie[one] - against)
        by_births += most
    return min(by_pairs, by_births)


@inner_kernel
def log_groupings(k: Any, chosen: Any, subsets: Any) -> Any:
    """Log of the summed weights of all groupings of the first k chosen births into deliveries.

    k births of one delivery weigh exp(k - 1 times the mean log odds over their pairs, less what counts against more
    than two). Weights are scaled by exp(-shift) for each birth, which every grouping of all births has once, so that
    none overflows.
    """
    scaled, total = chosen.scaled, chosen.total
    shift = _sum_odds(k, chosen, subsets.odds)
    for group in range(1, 1 << k):
        size = chosen.size[group]
        weight = 2.0 * chosen.crossing[group] / size - shift * size
        if size > 2 and weight > NEGLIGIBLE:
            weight -= _against(k, group, size, chosen, subsets.fewer)
        if size == 1 and shift == 0.0:
            scaled[group] = 1.0
        else:
            scaled[group] = np.exp(weight) if shift > 0.0 or weight > NEGLIGIBLE else 0.0
        first = group & -group
        rest = group ^ first
        part, weight = rest, scaled[group]
        while part:
            part = (part - 1) & rest
            weight += scaled[part | first] * total[rest ^ part]
        total[group] = weight
    return np.log(total[(1 << k) - 1]) + shift * k


@inner_kernel
def _sum_odds(k: Any, chosen: Any, odds: Any) -> Any:
    """Fill crossing and size; returns the shift that is needed."""
    births, crossing, size, largest = chosen.births, chosen.crossing, chosen.size, 0.0
    for group in range(1, 1 << k):
        one, rest = lowest(group), group & (group - 1)
        crossing[group], size[group] = crossing[rest], size[rest] + 1
        other, left = one + 1, group >> (one + 1)
        while left:
            if left & 1:
                value = odds[births[one], births[other]]
                crossing[group] += value
                largest = max(largest, value)
            left >>= 1
            other += 1
    return 0.0 if largest * k < LARGE else min(largest, LARGEST_SHIFT)


@inner_kernel
def _against(k: Any, group: Any, size: Any, chosen: Any, fewer: Any) -> Any:
    """What counts against a set of births being one delivery, if they are more than two: rarity, and records that state
    fewer."""
    total = RARER * (size - 2.0)
    for number in range(k):
        if (group >> number) & 1:
            total += UNDERSTATED * fewer[chosen.births[number], size]
    return total
