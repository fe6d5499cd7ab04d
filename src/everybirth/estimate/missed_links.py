"""Records of one birth that no draw of the linkage puts together: as many births are merged anew in each draw.

Two records of one birth that agree in too little are brought together by no blocking key. Such a birth is counted
twice, each time on fewer lists, and births listed and births missed both come out too high. How many such pairs there
are is known (how often fields agree says how often all keys fail), which they are is not. So in each draw births are
merged at random, as many as there should be.
"""

from dataclasses import dataclass

import numpy as np

from everybirth.estimate.cells import bit, membership, sizes
from everybirth.tables import BoolArray, Float64Array, Int64Array

# How often a record comes off a birth on three lists, for one on two: mostly the third record ties the two others. In
# simulated worlds it was 0.25 to 0.6, the more the worse the records are.
TIED = 0.5


@dataclass(frozen=True, slots=True)
class Missed:
    """Pairs of records of one birth, on two lists, that no draw puts together.

    pairs   (L, L) expected number of them; symmetric, 0 on the diagonal
    sd      standard error of their number in all
    """

    pairs: Float64Array
    sd: float


@dataclass(frozen=True, slots=True)
class Kinds:
    """Ways in which a birth is torn in two: one record comes off.

    one, other   (n_kinds,) capture histories of the parts
    share        (n_kinds,) how often each is met, summing to 1
    pairs        pairs of records torn apart by one of them, on average
    """

    one: Int64Array
    other: Int64Array
    share: Float64Array
    pairs: float


def kinds(births: Float64Array, missed: Float64Array) -> Kinds:
    """The ways in which births may be torn, and how often.

    births   (2**L,) births of each history
    missed   (L, L) pairs missed of records of two lists
    For a record to come off, it must be missed by every other record of the birth; so it comes off at the rate of the
    list by which it is missed least.
    """
    n_lists = len(births).bit_length() - 1
    on, history = sizes(n_lists), np.arange(len(births))
    member = membership(n_lists).astype(np.float64)
    both = member.T @ (births[:, None] * member)
    rate = np.divide(missed, both, out=np.zeros_like(both), where=both > 0)
    whole, lost = np.nonzero(membership(n_lists) & (on[:, None] > 1))
    part = np.array([bit(k, n_lists) for k in range(n_lists)], dtype=np.int64)[lost]
    others = member[whole - part].astype(np.bool_)
    least = np.where(others, rate[lost], np.inf).min(axis=1)
    weight = births[whole] * least * TIED ** (on[whole] - 2.0) / on[whole]
    met = weight > 0
    share = weight[met] / max(weight.sum(), 1e-300)
    return Kinds(part[met], (history[whole] - part)[met], share, float(share @ (on[whole] - 1)[met]))


def merged(counts: Float64Array, missed: Missed, seed: int, can_hold: Int64Array | None = None) -> Float64Array:
    """Counts with births merged at random in each draw, until as many pairs are linked as there should be.

    counts    (n_draws, n_strata, 2**L) births of each history
    can_hold  (n_strata,) lists that can hold births of each stratum, as bits; None: all of them can
    Returns  (n_draws, n_strata, 2**L); no count falls below 0, and lists keep their births, over all strata
    Where a birth is torn, it is so in proportion to the births of the stratum that have its history.
    """
    expected = float(missed.pairs.sum()) / 2.0
    if expected <= 0:
        return counts
    found = counts.copy()
    how = kinds(found.sum(axis=1).mean(axis=0), missed.pairs)
    if not len(how.share):
        return found
    for draw, table in enumerate(found):
        rng = np.random.default_rng([seed, draw, len(found)])
        pairs = max(rng.normal(expected, missed.sd), 0.0)
        each = rng.multinomial(round(pairs / how.pairs), how.share)
        for k in np.flatnonzero(each):
            parts = int(how.one[k]), int(how.other[k])
            fits = np.ones(len(table), bool) if can_hold is None else (can_hold & sum(parts)) == sum(parts)
            _merge(table, parts, fits, int(each[k]), rng)
    return found


def _merge(table: Float64Array, parts: tuple[int, int], fits: BoolArray, times: int, rng: np.random.Generator) -> None:
    """Merge births of two histories, in place: where a stratum has both or, as far as none has, in two strata. Where
    strata are small, what blocking missed differs in the very thing that tells strata apart, such as the month.

    table   (n_strata, 2**L)
    parts   histories of the two
    fits    (n_strata,) whether the stratum can hold a birth of both
    """
    one, other = parts
    room = np.minimum(table[:, one], table[:, other])
    weight = np.where(fits & (room > 0), table[:, one | other] + 1.0, 0.0)
    if weight.sum() > 0:
        here = np.minimum(rng.multinomial(times, weight / weight.sum()), room)
        table[:, one] -= here
        table[:, other] -= here
        table[:, one | other] += here
        times -= int(here.sum())
    for stays, goes in (parts, parts[::-1]):
        left, right = (
            np.floor(cell).astype(np.int64) for cell in (np.where(fits, table[:, stays], 0.0), table[:, goes])
        )
        n = min(times, int(left.sum()), int(right.sum()))
        if n > 0:
            kept = rng.multivariate_hypergeometric(left, n)
            table[:, stays] -= kept
            table[:, goes] -= rng.multivariate_hypergeometric(right, n)
            table[:, one | other] += kept
            times -= n
