"""How much a subset of a small component can add to a partition as one of its births, at most.

A birth adds its score and a part of what groupings of births into deliveries add. Let the log odds of every two births
be shared between them. s births of one delivery weigh exp of 2 / s times the sum of their mutual odds, less what counts
against them; that is a sum over the births of 2 / s times their shares, less what counts against each. So a birth's
gain is at most 2 / s times the sum of its s - 1 largest shares with disjoint births, less that, for the best s. If
every birth that is not a delivery by itself counts exp(gain), the groupings of n births sum to at most the product of
1 + r exp(gain), where r^a, for any a up to n, is no less than the number of groupings of a births that leave none
alone.

The bound is as good as the sharing. Most subsets mix records of several births and lose far more by that than any
partition that matters can afford; their odds with the pieces they leave behind are large nonetheless. So two sound
births, no such mixtures, share their odds evenly, and a mixture bears what is left of its odds with a sound birth that
claims half its largest share among sound ones (or that share itself if it is negative): no number of such claims makes
its gain exceed what it has among sound ones.
"""

from typing import Any, NamedTuple

import numpy as np

from everybirth.compiled import inner_kernel
from everybirth.resolve.score import RARER, UNDERSTATED
from everybirth.resolve.subsets import size_of
from everybirth.tables import BoolArray, Float64Array, Int64Array

SLACK = 3.0  # a subset is sound if its score is that near the best sum of scores that its parts reach
LEAST = -5.0  # shares below this count as this
# By number of births n: the largest a-th root, for a up to n, of the number of groupings of a births that leave none
# alone: 1, 1, 4, 11, 41, 162, 715, 3425 for 2 to 9.
_ROOT = np.array([1.0, 1.0, 1.0, 1.0, *(g ** (1.0 / a) for a, g in enumerate((4.0, 11, 41, 162, 715, 3425), 4))])
_LOG_ONE_AND_ROOT = np.log(1.0 + _ROOT)


class Worths(NamedTuple):
    """Tables over the subsets of the records of one component.

    sound   (2^n,) whether it is no obvious mixture
    share   (2^n, n + 1) its largest share with a subset of so many records at most
    mates   (2^n,) the records of the subsets with which it has a share above 0
    worth   (2^n,) the most that it adds to a partition
    most    (2^n,) largest sum over a partition of it
    """

    sound: BoolArray
    share: Float64Array
    mates: Int64Array
    worth: Float64Array
    most: Float64Array


def make_worths(n: int) -> Worths:
    """Room for components of up to n records."""
    return Worths(
        np.zeros(1 << n, np.bool_),
        np.zeros((1 << n, n + 1)),
        np.zeros(1 << n, np.int64),
        np.zeros(1 << n),
        np.zeros(1 << n),
    )


@inner_kernel
def best_sums(n: Any, value: Any, most: Any) -> Any:
    """Fill most with the largest sum of values over the partitions of each subset."""
    most[0] = 0.0
    for mask in range(1, 1 << n):
        low = mask & -mask
        rest = mask ^ low
        part, best = rest, value[mask]
        while part:
            part = (part - 1) & rest
            total = value[part | low] + most[rest ^ part]
            best = max(best, total)
        most[mask] = best


@inner_kernel
def fill_worth(n: Any, subsets: Any, worths: Any) -> Any:
    """Fill worth; most must hold the best sums of scores."""
    sound, share = worths.sound, worths.share
    for mask in range(1, 1 << n):
        sound[mask], worths.mates[mask] = subsets.score[mask] >= worths.most[mask] - SLACK, 0
        for size in range(n + 1):
            share[mask, size] = LEAST
    for mixed in range(2):
        for mask in range(1, 1 << n):
            if mixed or sound[mask]:
                _share_with_others(n, mask, mixed, subsets.odds, worths)
        for mask in range(1, 1 << n):
            for size in range(2, n + 1):
                share[mask, size] = max(share[mask, size - 1], share[mask, size])
    for mask in range(1, 1 << n):
        worths.worth[mask] = subsets.score[mask] + _gain(n, mask, subsets.fewer, worths)


@inner_kernel
def _share_with_others(n: Any, mask: Any, mixed: Any, odds: Any, worths: Any) -> Any:
    """Share a subset's odds with subsets of higher lowest record: both sound, or else (mixed) one at least not."""
    sound, share = worths.sound, worths.share
    others = ((1 << n) - 1) & ~mask & ~((mask & -mask) - 1)
    other = -others & others
    while other:
        if mixed != (sound[mask] and sound[other]):
            value = odds[mask, other]
            mine = value / 2.0
            if sound[mask] != sound[other]:
                claim = share[mask, n] if sound[mask] else share[other, n]
                claim = claim / 2.0 if claim > 0.0 else claim
                mine = claim if sound[mask] else value - claim
            if not (mixed and sound[mask]):
                _note(mask, other, mine, worths)
            if not (mixed and sound[other]):
                _note(other, mask, value - mine, worths)
        other = (other - others) & others


@inner_kernel
def _note(mask: Any, other: Any, share: Any, worths: Any) -> Any:
    size = size_of(other)
    worths.share[mask, size] = max(worths.share[mask, size], share)
    if share > 0.0:
        worths.mates[mask] |= other


@inner_kernel
def _gain(n: Any, mask: Any, fewer: Any, worths: Any) -> Any:
    """Bound on what groupings add for the sake of one birth.

    Disjoint births with which it has shares above 0 have only its mates as records, so k - 1 of them have
    at most mates - k + 2 records each.
    """
    gain, mates = worths.share[mask, n], size_of(worths.mates[mask])
    for k in range(3, mates + 2):
        shares = 2.0 * (k - 1.0) / k * worths.share[mask, mates - k + 2]
        gain = max(gain, shares - RARER * (k - 2.0) / k - UNDERSTATED * fewer[mask, k])
    if gain >= 0.0:
        return gain + _LOG_ONE_AND_ROOT[n]
    return _ROOT[n] / (1.0 - gain + 0.5 * gain * gain)  # more than log(1 + r exp(gain)), and no exp
