"""Choosing among, or averaging over, all hierarchical log-linear models."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from everybirth.estimate.cells import lists_of
from everybirth.estimate.loglinear import ASSUMPTIONS, fit
from everybirth.estimate.models import Model, hierarchical
from everybirth.estimate.summary import LEVEL, Status, Summary, TextArray, log_interval, log_sd
from everybirth.tables import Float64Array, Int8Array

BISECTIONS = 60


@dataclass(frozen=True, slots=True)
class Fits:
    """Every model fitted to every table; NaN where a model was refused.

    observed  (n_tables,) births listed
    missed, se, aic, bic, deviance   (n_models, n_tables)
    status    (n_models, n_tables) Status
    """

    models: tuple[Model, ...]
    observed: Float64Array
    missed: Float64Array
    se: Float64Array
    aic: Float64Array
    bic: Float64Array
    deviance: Float64Array
    status: Int8Array


def fit_all(counts: Float64Array, max_order: int | None = None, models: tuple[Model, ...] | None = None) -> Fits:
    """Fit all hierarchical models.

    counts     (n_tables, 2**L) checked counts
    max_order  the largest number of lists in one term; None: one fewer than there are lists
    models     only these, if given
    """
    chosen = hierarchical(lists_of(counts), max_order) if models is None else models
    fits = [fit(model, counts) for model in chosen]
    missed, se, aic, bic, deviance = (
        np.stack([getattr(one, name) for one in fits]) for name in ("missed", "se", "aic", "bic", "deviance")
    )
    status = np.stack([one.status for one in fits])
    return Fits(chosen, counts[:, 1:].sum(axis=1), missed, se, aic, bic, deviance, status)


def best(method: str, fits: Fits, level: float = LEVEL) -> Summary:
    """The model with the least BIC ("loglinear-bic") or AIC ("loglinear-aic") of those that can be fitted.

    The interval is log-normal and takes the model as given; what choosing it adds is told by the method
    "loglinear-bic-bootstrap", which `everybirth estimate` shows if asked for.
    """
    criterion = fits.bic if method == "loglinear-bic" else fits.aic
    usable = np.where(np.isnan(criterion), np.inf, criterion)
    pick = usable.argmin(axis=0)
    tables = np.arange(len(pick))
    status = np.where(np.isfinite(usable[pick, tables]), Status.OK, Status.NO_MODEL).astype(np.int8)
    missed, se = fits.missed[pick, tables], fits.se[pick, tables]
    low, high = log_interval(fits.observed, missed, se, level)
    names = _names(fits.models)[pick]
    births, aic, bic = fits.observed + missed, fits.aic[pick, tables], fits.bic[pick, tables]
    return Summary(method, ASSUMPTIONS[method], names, births, se, low, high, status, aic=aic, bic=bic)


def bic_average(fits: Fits, level: float = LEVEL) -> Summary:
    """All models that can be fitted, weighted by exp(-BIC / 2): a mixture of log-normals of the births missed.

    Returns  a summary of the mixture's median, limits and half the width of its middle 68 %: a mean would be at the
             mercy of one improbable model with an absurd number; model is the one of most weight
    Source   Raftery 1995, for the weights
    """
    weight = bic_weights(fits)
    usable = weight.sum(axis=0) > 0
    centre = np.where(weight > 0, np.log(np.where(fits.missed > 0, fits.missed, 1e-9)), 0.0)
    width = np.where(weight > 0, np.maximum(log_sd(fits.missed, fits.se), 1e-9), 1.0)
    probabilities = [0.5, ndtr(-1.0), ndtr(1.0), (1 - level) / 2, (1 + level) / 2]
    limits = np.stack([_mixture_quantile(weight, centre, width, p) for p in probabilities])
    limits[:, ~usable] = np.nan
    middle, left, right, low, high = np.exp(limits)
    status = np.where(usable, Status.OK, Status.NO_MODEL).astype(np.int8)
    names = _names(fits.models)[weight.argmax(axis=0)]
    return Summary(
        method="loglinear-bic-average",
        assumption=ASSUMPTIONS["loglinear-bic-average"],
        model=names,
        births=fits.observed + middle,
        se=(right - left) / 2,
        low=fits.observed + low,
        high=fits.observed + high,
        status=status,
    )


def bic_weights(fits: Fits) -> Float64Array:
    """Weight of each model in each table, summing to 1 over models; 0 where refused: (n_models, n_tables)."""
    usable = np.isfinite(fits.bic)
    floor = np.where(usable, fits.bic, np.inf).min(axis=0)
    above = np.where(usable, fits.bic - np.where(np.isfinite(floor), floor, 0.0), np.inf)
    weight = np.exp(-above / 2)
    total = weight.sum(axis=0)
    shares: Float64Array = weight / np.where(total > 0, total, 1.0)
    return shares


def _mixture_quantile(weight: Float64Array, centre: Float64Array, width: Float64Array, p: float) -> Float64Array:
    """Quantile of mixtures of normals by bisection: (n_tables,)."""
    low = np.where(weight > 0, centre - 40 * width, np.inf).min(axis=0)
    high = np.where(weight > 0, centre + 40 * width, -np.inf).max(axis=0)
    low, high = np.where(np.isfinite(low), low, 0.0), np.where(np.isfinite(high), high, 0.0)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        below = (weight * ndtr((middle - centre) / width)).sum(axis=0) < p
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2


def _names(models: tuple[Model, ...]) -> TextArray:
    return np.array([model.name for model in models], dtype=np.str_)
