"""Bootstrap limits that repeat the choice of the model, so that they tell what choosing costs."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.special import ndtr, ndtri

from everybirth.errors import EstimateError
from everybirth.estimate.cells import lists_of
from everybirth.estimate.loglinear import summary
from everybirth.estimate.selection import best, fit_all
from everybirth.estimate.stepwise import stepwise, stepwise_missed
from everybirth.estimate.summary import LEVEL, Status, Summary, refused
from everybirth.tables import Float64Array

Estimator = Callable[[Float64Array], Float64Array]  # (n_tables, 2**L) counts -> (n_tables,) births
RESAMPLES = 1000
BIC, STEPS = "loglinear-bic-bootstrap", "loglinear-stepwise-bootstrap"
ALL_MODELS_UP_TO = 4  # lists; of the models of five, those with pairs only that have the least BIC are chosen from anew
TOP = 20


def bootstrapped(method: str, counts: Float64Array, level: float = LEVEL, seed: int = 0) -> Summary:
    """The model with the least BIC, or the one reached step by step, with limits that repeat the choice.

    method   BIC or STEPS
    counts   (1, 2**L) checked counts; seconds to a minute, more for more lists
    Returns  as the method without the bootstrap but for the limits; NO_MODEL where most resamples have none
    """
    few = lists_of(counts) <= ALL_MODELS_UP_TO
    if method == STEPS:
        found = summary("loglinear-stepwise", stepwise(counts[0]))
    else:
        found = best("loglinear-bic", fit_all(counts, None if few else 2))
    found = replace(found, method=method)
    if found.status[0] != Status.OK:
        return found
    estimator: Estimator = by_steps
    if method == BIC:
        estimator = by_bic() if few else by_bic_among(counts, TOP, 2)
    try:
        low, high = interval(bca(counts[0], estimator, RESAMPLES, seed), level)
    except EstimateError:
        return refused(found, np.ones(1, dtype=np.bool_), Status.NO_MODEL)
    return replace(found, low=np.array([low]), high=np.array([high]))


def bca(
    counts: Float64Array, estimator: Estimator, n_resamples: int = RESAMPLES, seed: int = 0
) -> Callable[[float], float]:
    """Bias-corrected and accelerated bootstrap of the listed births.

    counts     (2**L,) checked counts of one table
    estimator  births of many tables; NaN where it refuses, and such resamples are left out
    Returns    a function from a probability to the limit of the births
    Raises     EstimateError  if the table itself or most of its resamples are refused
    Source     DiCiccio & Efron 1996
    """
    n, filled = round(counts.sum()), np.flatnonzero(counts)
    resampled = np.random.default_rng(seed).multinomial(n, counts / n, size=n_resamples).astype(np.float64)
    without = counts[None, :] - np.eye(len(counts))[filled]
    estimate = float(estimator(counts[None, :])[0])
    values, left_out = estimator(resampled), estimator(without)
    values = np.sort(values[~np.isnan(values)])
    if np.isnan(estimate) or len(values) < n_resamples / 2:
        raise EstimateError(
            "The model cannot be fitted to these counts or to most resamples of them. Pool with a neighbour."
        )
    share = ((values < estimate).mean() + (values <= estimate).mean()) / 2
    bias = float(ndtri(np.clip(share, 1 / n_resamples, 1 - 1 / n_resamples)))
    acceleration = _acceleration(left_out, counts[filled])

    def limit(probability: float) -> float:
        normal = bias + float(ndtri(probability))
        corrected = ndtr(bias + normal / max(1 - acceleration * normal, 1e-6))
        return float(np.quantile(values, corrected))

    return limit


def _acceleration(left_out: Float64Array, weight: Float64Array) -> float:
    """A sixth of the skewness of the estimate over births left out one by one.

    left_out  (n_filled,) estimate without one birth of each history that has any
    weight    (n_filled,) births of that history
    """
    known = ~np.isnan(left_out)
    left_out, weight = left_out[known], weight[known]
    apart = np.average(left_out, weights=weight) - left_out
    square = (weight * apart**2).sum()
    return float((weight * apart**3).sum() / (6 * square**1.5)) if square > 0 else 0.0


def by_bic(max_order: int | None = None) -> Estimator:
    """The births of the model with the least BIC, chosen anew for each table."""

    def estimator(counts: Float64Array) -> Float64Array:
        return best("loglinear-bic", fit_all(counts, max_order)).births

    return estimator


def by_bic_among(counts: Float64Array, n_top: int, max_order: int | None = None) -> Estimator:
    """The same among the models that have the least BIC for the table itself: the others are hardly ever chosen.

    counts   (1, 2**L) checked counts
    n_top    how many models to choose from
    Source   Silverman, Chan & Vincent 2024
    """
    fits = fit_all(counts, max_order)
    order = np.argsort(np.where(np.isnan(fits.bic[:, 0]), np.inf, fits.bic[:, 0]), kind="stable")
    models = tuple(fits.models[k] for k in order[:n_top])

    def estimator(tables: Float64Array) -> Float64Array:
        return best("loglinear-bic", fit_all(tables, models=models)).births

    return estimator


def by_steps(counts: Float64Array) -> Float64Array:
    """The births of the model reached step by step, anew for each table."""
    births: Float64Array = counts[:, 1:].sum(axis=1) + stepwise_missed(counts)
    return births


def interval(limit: Callable[[float], float], level: float = LEVEL) -> tuple[float, float]:
    """Both limits at a level."""
    return limit((1 - level) / 2), limit((1 + level) / 2)
