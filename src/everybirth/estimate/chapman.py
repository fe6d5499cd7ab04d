"""Two lists: Lincoln-Petersen, Chapman, and what either becomes if the lists are not independent."""

from dataclasses import replace

import numpy as np

from everybirth.errors import EstimateError
from everybirth.estimate.cells import lists_of
from everybirth.estimate.gate import MINIMUM_OVERLAP, overlap_status
from everybirth.estimate.summary import LEVEL, Status, Summary, log_interval, log_normal, named, unless
from everybirth.tables import Float64Array, Int8Array

ASSUMPTION = "if the lists are independent"

# Odds ratios between the two lists at which the sensitivity curve is drawn: below 1 the lists avoid each other's
# births; above 1 (the usual case: a birth easy to find for one is easy to find for the other) they share too many.
ODDS_RATIOS = (0.5, 0.67, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)


def lincoln_petersen(counts: Float64Array, level: float = LEVEL) -> Summary:
    """Births n1 n2 / m from two lists of n1 and n2 births that share m.

    counts   (n_tables, 4) checked counts
    Returns  refused where a list holds nothing that the other does not, as when one is made from the other
    Raises   EstimateError  if there are not two lists
    Source   Chandra Sekar & Deming 1949
    """
    both, first, second = _cells(counts)
    status = _status(counts, 1)
    shared = np.where(both > 0, both, np.nan)
    missed = first * second / shared
    variance = (first + shared) * (second + shared) * first * second / shared**3
    return _summary("lincoln-petersen", counts[:, 1:].sum(axis=1), missed, variance, status, level)


def chapman(counts: Float64Array, level: float = LEVEL, n_draws: int = 0, seed: int = 0) -> Summary:
    """Births (n1 + 1)(n2 + 1) / (m + 1) - 1, with less bias than Lincoln-Petersen where the overlap is small.

    counts   (n_tables, 4) checked counts
    n_draws  births to draw for each table, log-normal with the mean and standard error of the estimate
    Returns  refused where a list holds nothing that the other does not, as when one is made from the other
    Raises   EstimateError  if there are not two lists
    Source   Chapman 1951; variance of Seber 1970; interval of Chao 1987
    """
    both, first, second = _cells(counts)
    status = _status(counts, MINIMUM_OVERLAP)
    missed = first * second / (both + 1)
    variance = (first + both + 1) * (second + both + 1) * first * second / ((both + 1) ** 2 * (both + 2))
    observed = counts[:, 1:].sum(axis=1)
    found = _summary("chapman", observed, missed, variance, status, level)
    if not n_draws:
        return found
    drawn = log_normal(found.births - observed, found.se, n_draws, np.random.default_rng(seed))
    return replace(found, draws=observed[:, None] + drawn)


def sensitivity(counts: Float64Array, odds_ratios: tuple[float, ...] = ODDS_RATIOS) -> Float64Array:
    """Chapman's births for each odds ratio that the lists may have.

    counts   (n_tables, 4) checked counts
    Returns  (n_tables, n_odds_ratios) births: an odds ratio of 2 doubles the births that both lists missed
    Raises   EstimateError  if there are not two lists
    """
    both, first, second = _cells(counts)
    missed = first * second / (both + 1)
    births: Float64Array = counts[:, 1:].sum(axis=1)[:, None] + missed[:, None] * np.array(odds_ratios)[None, :]
    return births


def _status(counts: Float64Array, minimum: int) -> Int8Array:
    """Which tables can be estimated: enough births are shared, and each list holds some that the other does not.

    If a list holds all births of the other, nothing is missed by both however the lists came about, and the interval
    would have no width. The maximum-likelihood estimate of a log-linear model does not exist there either.
    """
    status = overlap_status(counts, minimum)
    nested = (counts[:, 1:3] == 0).any(axis=1) & (status == Status.OK)
    status[nested] = Status.NO_MAXIMUM
    return status


def _cells(counts: Float64Array) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Births on both lists, only on the first, only on the second."""
    if lists_of(counts) != 2:
        raise EstimateError(f"There are {lists_of(counts)} lists; Lincoln-Petersen and Chapman are for two.")
    return counts[:, 3], counts[:, 2], counts[:, 1]


def _summary(
    method: str,
    observed: Float64Array,
    missed: Float64Array,
    variance: Float64Array,
    status: Int8Array,
    level: float,
) -> Summary:
    refused = status != Status.OK
    missed, se = unless(refused, missed.copy()), unless(refused, np.sqrt(variance))
    low, high = log_interval(observed, missed, se, level)
    return Summary(
        method=method,
        assumption=ASSUMPTION,
        model=named("[1,2]", len(observed)),
        births=observed + missed,
        se=se,
        low=low,
        high=high,
        status=status,
    )
