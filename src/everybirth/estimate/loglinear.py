"""Log-linear models of capture histories, fitted to many tables at once: Newton's method, Poisson likelihood."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, xlogy

from everybirth.estimate.gate import Support, same_support
from everybirth.estimate.models import Model, design
from everybirth.estimate.summary import LEVEL, Status, Summary, log_interval, named, unless
from everybirth.tables import BoolArray, Float64Array, Int8Array

ITERATIONS = 100
BLOCK = 50_000  # tables fitted at a time, to bound memory
CONVERGED = 1e-9  # largest difference of a fitted and an observed sum, relative to the births listed

ASSUMPTIONS = {
    "loglinear-independence": "if the lists are independent of one another",
    "loglinear-bic": "if the dependence between the lists follows the model with the least BIC",
    "loglinear-aic": "if the dependence between the lists follows the model with the least AIC",
    "loglinear-bic-average": "if the dependence between the lists follows a log-linear model, weighted by BIC",
    "loglinear-stepwise": "if lists depend on one another only in the pairs that were selected step by step",
}


@dataclass(frozen=True, slots=True)
class Fit:
    """One model fitted to many tables; figures are NaN where the status is not OK.

    missed   (n_tables,) expected births on no list
    se       (n_tables,) standard error of the births
    means    (n_tables, 2**L) expected births of each history, cell 0 included
    deviance, df, aic, bic   (n_tables,); BIC = log(births listed) x parameters - 2 x log-likelihood
    status   (n_tables,) Status
    """

    model: Model
    observed: Float64Array
    missed: Float64Array
    se: Float64Array
    means: Float64Array
    deviance: Float64Array
    df: Float64Array
    aic: Float64Array
    bic: Float64Array
    status: Int8Array


def fit(model: Model, counts: Float64Array) -> Fit:
    """Fit one model to many tables.

    counts   (n_tables, 2**L) checked counts
    """
    n_tables, cells = counts.shape
    figures = np.full((6, n_tables), np.nan)
    means = np.full((n_tables, cells), np.nan)
    status = np.zeros(n_tables, dtype=np.int8)
    for part, members in same_support(model, counts):
        status[members] = part.code
        if part.code != Status.OK:
            continue
        matrix = design(part.terms, model.n_lists)
        for start in range(0, len(members), BLOCK):
            rows = members[start : start + BLOCK]
            parameters, variance, good = newton(matrix[part.cells], counts[rows][:, part.cells])
            means[rows] = _expected(matrix, part, parameters)
            figures[:, rows] = _figures(counts[rows], means[rows], variance, part)
            status[rows[~good]] = Status.NOT_CONVERGED
    refused = status != Status.OK
    figures[:, refused] = np.nan
    means[refused] = np.nan
    missed, se, deviance, df, aic, bic = figures
    return Fit(model, counts[:, 1:].sum(axis=1), missed, se, means, deviance, df, aic, bic, status)


def newton(matrix: Float64Array, counts: Float64Array) -> tuple[Float64Array, Float64Array, BoolArray]:
    """Maximise the Poisson likelihood of log-linear models.

    matrix   (n_cells, n_parameters) full rank
    counts   (n_tables, n_cells) for which the maximum exists
    Returns  (n_tables, n_parameters) estimates, (n_tables,) variance of the first, (n_tables,) whether the search
             converged
    """
    outer = (matrix[:, :, None] * matrix[:, None, :]).reshape(len(matrix), -1)
    size = matrix.shape[1]
    start = np.log(counts + 0.5)
    weight = counts + 0.5
    parameters = _solve((weight @ outer).reshape(-1, size, size), (weight * start) @ matrix)
    value = _likelihood(matrix, counts, parameters)
    limit = CONVERGED * (1.0 + counts.sum(axis=1))
    active = np.arange(len(counts))
    good = np.zeros(len(counts), dtype=np.bool_)
    for _ in range(ITERATIONS):
        means = np.exp(parameters[active] @ matrix.T)
        score = (counts[active] - means) @ matrix
        done = np.abs(score).max(axis=1) <= limit[active]
        good[active[done]] = True
        active, means, score = active[~done], means[~done], score[~done]
        if not len(active):
            break
        step = _solve((means @ outer).reshape(-1, size, size), score)
        parameters[active], value[active] = _ascend(matrix, counts[active], parameters[active], step, value[active])
    information = (np.exp(parameters @ matrix.T) @ outer).reshape(-1, size, size)
    unit = np.zeros((len(counts), size))
    unit[:, 0] = 1.0
    return parameters, _solve(information, unit)[:, 0], good


def _solve(matrices: Float64Array, right: Float64Array) -> Float64Array:
    """Solve many small symmetric systems; a nearly singular one is nudged: a bad step is shortened later."""
    size = matrices.shape[-1]
    scale = np.trace(matrices, axis1=1, axis2=2)[:, None, None] * 1e-14
    eased = matrices + scale * np.eye(size)
    answer: Float64Array = np.linalg.solve(eased, right[:, :, None])[:, :, 0]
    return answer


def _likelihood(matrix: Float64Array, counts: Float64Array, parameters: Float64Array) -> Float64Array:
    """Poisson log-likelihood without its constant; minus infinity instead of an overflow."""
    predictor = parameters @ matrix.T
    with np.errstate(over="ignore"):
        value: Float64Array = (counts * predictor - np.exp(predictor)).sum(axis=1)
    return value


def _ascend(
    matrix: Float64Array, counts: Float64Array, parameters: Float64Array, step: Float64Array, value: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Take Newton's step, halved for each table until its likelihood does not fall."""
    length = np.ones(len(counts))
    slack = 1e-12 * (1.0 + np.abs(value))
    for _ in range(40):
        reached = _likelihood(matrix, counts, parameters + length[:, None] * step)
        worse = ~(reached >= value - slack)
        if not worse.any():
            break
        length[worse] /= 2
    else:
        length[worse] = 0.0
        reached = np.where(worse, value, reached)
    return parameters + length[:, None] * step, reached


def _expected(matrix: Float64Array, part: Support, parameters: Float64Array) -> Float64Array:
    """Expected births of every history; 0 in the cells that minus-infinite terms empty."""
    means = np.zeros((len(parameters), len(matrix)))
    cells = np.concatenate([[0], part.cells])
    means[:, cells] = np.exp(parameters @ matrix[cells].T)
    return means


def _figures(counts: Float64Array, means: Float64Array, variance: Float64Array, part: Support) -> Float64Array:
    """Missed births, standard error, deviance, df, AIC and BIC: (6, n_tables).

    variance  (n_tables,) of the intercept, the logarithm of the missed births
    """
    missed = means[:, 0]
    se = np.sqrt(missed + missed**2 * variance)
    seen, fitted = counts[:, part.cells], means[:, part.cells]
    likelihood = (xlogy(seen, fitted) - fitted - gammaln(seen + 1)).sum(axis=1)
    best = (xlogy(seen, seen) - seen - gammaln(seen + 1)).sum(axis=1)
    # A parameter at minus infinity was still chosen by the counts, so it is paid for.
    n_parameters = 1 + len(part.terms) + part.n_infinite
    df = np.full(len(counts), counts.shape[1] - 1.0 - n_parameters)
    aic = 2 * n_parameters - 2 * likelihood
    bic = n_parameters * np.log(counts[:, 1:].sum(axis=1)) - 2 * likelihood
    return np.stack([missed, se, 2 * (best - likelihood), df, aic, bic])


def summary(method: str, fitted: Fit, level: float = LEVEL) -> Summary:
    """A fit in the form common to all estimators, with log-normal limits."""
    births = fitted.observed + fitted.missed
    low, high = log_interval(fitted.observed, fitted.missed, fitted.se, level)
    refused = fitted.status != Status.OK
    return Summary(
        method=method,
        assumption=ASSUMPTIONS[method],
        model=named(fitted.model.name, len(births)),
        births=births,
        se=fitted.se,
        low=unless(refused, low),
        high=unless(refused, high),
        status=fitted.status,
        aic=fitted.aic,
        bic=fitted.bic,
    )
