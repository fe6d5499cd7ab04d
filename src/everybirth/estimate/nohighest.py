"""Three lists or more: births missed, if no interaction involves all lists at once."""

from typing import NamedTuple

import numpy as np

from everybirth.estimate.cells import lists_of, sizes
from everybirth.estimate.gate import overlap_status
from everybirth.estimate.models import model_of
from everybirth.estimate.summary import (
    LEVEL,
    Status,
    Summary,
    TextArray,
    bounded,
    interval,
    log_interval,
    named,
    quantile_spread,
    unless,
)
from everybirth.tables import Float64Array, Int8Array

METHOD = "no-highest-order"
ASSUMPTION = "if lists depend on one another equally strongly whether or not a birth is on the remaining list"


class Shapes(NamedTuple):
    """Prior of the rates of the histories: Gamma(shape, rate 0), so that the posterior is Gamma(count + shape).

    odd    of the histories on an odd number of lists
    even   of the others
    """

    odd: float
    even: float


# For one table. One half is Jeffreys' prior of a Poisson rate. In twelve simulated worlds of two to four lists, the
# smallest expected count between 1 and 235, it kept 95 % intervals at 94.2 to 97.5 %; of the shapes 0, 1/4, 1/2 and 1
# it was the one whose median erred neither low nor high.
SINGLE = Shapes(0.5, 0.5)

# For tables to be added up. Under SINGLE the mean of the births missed is too high, a little for each table, and a sum
# over many small strata keeps the error while its interval shrinks: of 95 % intervals of sums over 100 strata, in eight
# simulated worlds, 0 to 48 % held the truth. Here the posterior mean is prod(odd) / prod(even + 1), Chapman's nearly
# unbiased estimate carried to more lists, and 92 to 100 % held it.
ADDED = Shapes(0.0, 2.0)

SMALLEST = 1e-300  # rate of a history; its logarithm is finite
LARGEST_LOG = 700.0  # exp of more overflows
LARGEST_MEAN = 1e15  # of a Poisson draw; its noise is far below the spread of the mean by then


def point(counts: Float64Array, level: float = LEVEL) -> Summary:
    """Closed form: product of the odd cells over product of the even ones, with the delta-method standard error.

    counts   (n_tables, 2**L) checked counts; "odd" is a history on an odd number of lists
    Source   Fienberg 1972
    """
    observed, status = counts[:, 1:].sum(axis=1), gate(counts)
    refused = status != Status.OK
    missed = np.exp(_signs(counts) @ np.log(np.where(counts[:, 1:] > 0, counts[:, 1:], 1.0)).T)
    relative = (1.0 / np.maximum(counts[:, 1:], 1.0)).sum(axis=1)
    missed, se = unless(refused, missed), unless(refused, np.sqrt(missed + missed**2 * relative))
    low, high = log_interval(observed, missed, se, level)
    return Summary(METHOD, ASSUMPTION, _names(counts), observed + missed, se, low, high, status)


def posterior(counts: Float64Array, n_draws: int, seed: int = 0, level: float = LEVEL) -> Summary:
    """The same quantity with a posterior: its median, spread, equal-tailed limits and draws.

    counts   (n_tables, 2**L) checked counts
    n_draws  draws for each table, at least 2
    Returns  a summary whose se is half the width of the middle 68 % of the posterior: few shared births make a long
             upper tail, which would rule a standard deviation. Its draws are those to be added up over tables. Refused
             where the upper limit is absurd (summary.CEILING): a history of one birth sets hardly any limit
    """
    status = gate(counts)
    refused = status != Status.OK
    rng = np.random.default_rng(seed)
    births, added = draws(counts, n_draws, rng), draws(counts, n_draws, rng, ADDED)
    births[refused] = np.nan
    added[refused] = np.nan
    (centre, low, high), se = interval(births, level), quantile_spread(births)
    found = Summary(METHOD, ASSUMPTION, _names(counts), centre, se, low, high, status, draws=added)
    return bounded(found, counts[:, 1:].sum(axis=1))


def draws(counts: Float64Array, n_draws: int, rng: np.random.Generator, prior: Shapes = SINGLE) -> Float64Array:
    """Births drawn from the posterior: rates of the histories, the missed rate they imply, a Poisson number of it.

    counts   (n_tables, 2**L) checked counts
    prior    SINGLE for the births of a table, ADDED for draws that are added up over tables
    Returns  (n_tables, n_draws)
    """
    observed = counts[:, 1:]
    log_rate = np.zeros((len(counts), n_draws))
    for sign, cell in zip(_signs(counts), observed.T, strict=True):
        shape = cell + (prior.odd if sign > 0 else prior.even)
        rate = rng.standard_gamma(shape[:, None], (len(counts), n_draws))
        log_rate += sign * np.log(np.maximum(rate, SMALLEST))
    mean = np.exp(np.minimum(log_rate, LARGEST_LOG))
    noise = rng.poisson(np.minimum(mean, LARGEST_MEAN))
    missed = np.where(mean < LARGEST_MEAN, noise, mean)
    births: Float64Array = observed.sum(axis=1)[:, None] + missed
    return births


def gate(counts: Float64Array) -> Int8Array:
    """Which tables can be estimated: every history must have births, and enough be shared.

    Returns  (n_tables,) Status
    """
    status = overlap_status(counts)
    empty = (counts[:, 1:] == 0).any(axis=1) & (status == Status.OK)
    status[empty] = Status.EMPTY_HISTORY
    return status


def _signs(counts: Float64Array) -> Float64Array:
    """+1 for the histories on an odd number of lists, -1 for the even: (2**L - 1,)."""
    return np.where(sizes(lists_of(counts))[1:] % 2 == 1, 1.0, -1.0)


def _names(counts: Float64Array) -> TextArray:
    n_lists = lists_of(counts)
    tops = {2**n_lists - 1 - 2**j for j in range(n_lists)}
    return named(model_of(tops, n_lists).name, len(counts))
