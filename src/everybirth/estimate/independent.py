"""All lists independent, for very many tables at once: one equation in one unknown instead of a fitted model."""

import numpy as np
from scipy.special import gammaln, xlogy

from everybirth.estimate.cells import lists_of, membership, on_lists
from everybirth.estimate.loglinear import ASSUMPTIONS
from everybirth.estimate.models import independence
from everybirth.estimate.summary import LEVEL, Status, Summary, log_interval, named, unless
from everybirth.tables import Float64Array, Int8Array

METHOD = "loglinear-independence"
ITERATIONS = 100
CONVERGED = 1e-12  # relative step of 1 / births


def independent(counts: Float64Array, level: float = LEVEL) -> Summary:
    """The same estimates as the log-linear model of independence, without fitting it.

    counts   (n_tables, 2**L) checked counts
    Source   Darroch 1958: births N listed n times in all and n_j times on list j solve N - n = N prod(1 - n_j / N)
    """
    observed, size = counts[:, 1:].sum(axis=1), on_lists(counts)
    status = _status(observed, size)
    refused = status != Status.OK
    # A refused table is replaced by one that can be solved, so that no special case enters the arithmetic.
    births = _solve(np.where(refused, 3.0, observed), np.where(refused[:, None], 2.0, size))
    off = 1.0 - np.where(refused[:, None], 0.5, size / births[:, None])
    information = 1 / off.prod(axis=1) + (size.shape[1] - 1) - (1 / off).sum(axis=1)
    se = np.sqrt(births / information)
    for values in (births, se):
        unless(refused, values)
    low, high = log_interval(observed, births - observed, se, level)
    n_parameters = 1 + size.shape[1]
    cost = -2 * _likelihood(counts, births, off)
    return Summary(
        method=METHOD,
        assumption=ASSUMPTIONS[METHOD],
        model=named(independence(lists_of(counts)).name, len(counts)),
        births=births,
        se=se,
        low=low,
        high=high,
        status=status,
        aic=2 * n_parameters + cost,
        bic=n_parameters * np.log(np.maximum(observed, 1.0)) + cost,
    )


def _status(observed: Float64Array, size: Float64Array) -> Int8Array:
    """Refused where a list is empty, where no birth is on two lists, and where one list holds all births."""
    chosen = np.select(
        [(size == 0).any(axis=1), size.sum(axis=1) <= observed, (size >= observed[:, None]).any(axis=1)],
        [Status.EMPTY_LIST, Status.NO_OVERLAP, Status.NO_MAXIMUM],
        default=Status.OK,
    )
    return chosen.astype(np.int8)


def _solve(observed: Float64Array, size: Float64Array) -> Float64Array:
    """Births, by Newton's method on g(u) = log(1 - n u) - sum log(1 - n_j u), u = 1 / births.

    Where g falls it is concave, and the start lies to the right of the root (fewer births), so that every step goes
    towards the root and none beyond it.
    """
    fewest = observed + observed * (1 - size / observed[:, None]).prod(axis=1)
    u = 1 / fewest
    for _ in range(ITERATIONS):
        left, parts = 1 - observed * u, 1 - size * u[:, None]
        value = np.log(left) - np.log(parts).sum(axis=1)
        slope = -observed / left + (size / parts).sum(axis=1)
        step = value / slope
        u = u - step
        if (np.abs(step) <= CONVERGED * u).all():
            break
    births: Float64Array = 1 / u
    return births


def _likelihood(counts: Float64Array, births: Float64Array, off: Float64Array) -> Float64Array:
    """Poisson log-likelihood of the observed histories."""
    member = membership(lists_of(counts))
    means = np.repeat(births[:, None], len(member) - 1, axis=1)
    for j, on in enumerate(member.T):
        means *= np.where(on[None, 1:], 1 - off[:, j : j + 1], off[:, j : j + 1])
    seen = counts[:, 1:]
    value: Float64Array = (xlogy(seen, means) - means - gammaln(seen + 1)).sum(axis=1)
    return value
