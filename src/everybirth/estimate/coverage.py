"""Births from the sample coverage: the share of births that a further list finds already listed (Chao & Tsay 1998)."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from everybirth.errors import EstimateError
from everybirth.estimate.cells import bit, lists_of, on_lists, shared
from everybirth.estimate.gate import overlap_status
from everybirth.estimate.summary import LEVEL, Status, Summary, log_interval
from everybirth.tables import Float64Array

METHOD = "sample-coverage"
ASSUMPTION = "if lists depend on one another in pairs, and alike for all births"
HIGH_COVERAGE = 0.55  # from here on the high-coverage estimator is stable (Chao et al. 2001)
RESAMPLES = 400


@dataclass(frozen=True, slots=True)
class Coverage:
    """Sample coverage and the estimates that follow from it, each (n_tables,); NaN where a list or the coverage is 0.

    overlap      births listed, less the mean number that only one list has ("D")
    coverage     between 0 and 1
    independent  births if the lists are independent
    high         births for a high coverage; may be NaN or negative where the coverage is low
    low          the same after one step of correction only: less biased by noise, a lower bound where lists attract
    """

    overlap: Float64Array
    coverage: Float64Array
    independent: Float64Array
    high: Float64Array
    low: Float64Array


def coverage(counts: Float64Array) -> Coverage:
    """Sample coverage of many tables.

    counts   (n_tables, 2**L) counts, three lists or more
    Raises   EstimateError  if there are only two lists
    Source   Chao & Tsay 1998; Chao et al. 2001, for any number of lists
    """
    n_lists = lists_of(counts)
    if n_lists < 3:
        raise EstimateError("Sample coverage needs three lists or more; with two it is Lincoln-Petersen.")
    alone = counts[:, [bit(j, n_lists) for j in range(n_lists)]]
    size = on_lists(counts)
    size = np.where(size > 0, size, np.nan)
    overlap = counts[:, 1:].sum(axis=1) - alone.mean(axis=1)
    covered = 1.0 - (alone / size).mean(axis=1)
    covered = np.where(covered > 0, covered, np.nan)
    independent = overlap / covered
    slope, shift = (part / (n_lists * covered) for part in _dependence(counts, size))
    first = independent + slope * independent - shift
    second = independent + slope * first - shift
    high = np.divide(independent - shift, 1.0 - slope, out=np.full_like(slope, np.nan), where=slope < 1)
    return Coverage(overlap, covered, independent, high, second)


def _dependence(counts: Float64Array, size: Float64Array) -> tuple[Float64Array, Float64Array]:
    """What the dependence of each pair adds to the births: slope x births - shift, summed over pairs.

    The coefficient of covariation of a pair is births x shared / (size x size) - 1; it counts once for each birth that
    one list of the pair has and no list outside the pair.
    """
    n_lists, together = lists_of(counts), shared(counts)
    slope, shift = np.zeros(len(counts)), np.zeros(len(counts))
    for i, j in combinations(range(n_lists), 2):
        one, other = bit(i, n_lists), bit(j, n_lists)
        within = counts[:, one] + counts[:, other] + 2 * counts[:, one | other]
        slope += within * together[:, one | other] / (size[:, i] * size[:, j])
        shift += within
    return slope, shift


def sample_coverage(counts: Float64Array, level: float = LEVEL, seed: int = 0) -> Summary:
    """The high-coverage estimate where at least 55 % is covered, else the low-coverage one; model says which.

    counts   (n_tables, 2**L) checked counts, three lists or more
    Returns  a summary whose standard error comes from 400 resamples of the estimated births
    Raises   EstimateError  if there are only two lists
    """
    found = coverage(counts)
    use_high = found.coverage >= HIGH_COVERAGE
    births = np.where(use_high, found.high, found.low)
    observed = counts.sum(axis=1)
    status = overlap_status(counts)
    unusable = ~(births >= observed) & (status == Status.OK)
    status[unusable] = Status.UNBOUNDED
    births[status != Status.OK] = np.nan
    rng = np.random.default_rng(seed)
    se = np.array([_spread(*row, rng) for row in zip(counts, births, use_high, strict=True)])
    low, high = log_interval(observed, births - observed, se, level)
    names = np.where(use_high, "high coverage", "low coverage")
    return Summary(METHOD, ASSUMPTION, names, births, se, low, high, status)


def _spread(counts: Float64Array, births: float, use_high: bool, rng: np.random.Generator) -> float:
    """Standard deviation of the estimate over resamples of all births, the missed ones among them."""
    if np.isnan(births):
        return float("nan")
    total = round(births)
    completed = counts.copy()
    completed[0] = max(total - counts.sum(), 0.0)
    resampled = rng.multinomial(total, completed / completed.sum(), size=RESAMPLES).astype(np.float64)
    resampled[:, 0] = 0.0
    again = coverage(resampled)
    values = again.high if use_high else again.low
    return float(np.nanstd(values, ddof=1)) if np.isfinite(values).sum() > 1 else float("nan")
