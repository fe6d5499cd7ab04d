"""How many births a stratum can be expected to have listed: its own count, drawn towards what its effects suggest.

The count n of a stratum is Poisson around its level, and the level Gamma around the product of what its area, its
period and so on have (a table without interactions); how much levels scatter around the product is estimated. With no
scatter the product rules, with much of it the stratum's own count; three births say little of a village's level, and a
count of 0 says not that it is 0.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from everybirth.estimate.pooling_layout import Layout
from everybirth.tables import Float64Array, Int64Array

ROUNDS = 100  # of fitting the product to one effect after the other
FITTED = 1e-8  # largest relative misfit of an effect's births
SCATTER = (1e-6, 1e3)  # least and largest squared coefficient of variation of levels around the product
LEAST = 1e-300  # of a Gamma variate whose logarithm is taken


@dataclass(frozen=True, slots=True)
class Level:
    """The distribution of listed births, in canonical order.

    product   (n_strata,) what the effects suggest; 0 where an effect's level has no birth at all
    scatter   squared coefficient of variation of the strata around the product; inf: the product says nothing
    codes     (n_strata, n_effects) the levels of the effects
    """

    product: Float64Array
    scatter: float
    codes: Int64Array


def level(births: Float64Array, layout: Layout) -> Level:
    """Fit the product and the scatter.

    births   (n_strata,) listed births, in canonical order, need not be whole
    """
    codes = np.column_stack([layout.main, *(column - column.min() for column in layout.others.T[1:])])
    product = _product(births, codes)
    return Level(product, _scatter(births, product, codes), codes)


def draw_products(found: Level, n_draws: int, rng: np.random.Generator) -> list[Float64Array]:
    """Draw, for each effect, by what its levels may differ from their estimates.

    Returns  for each effect (n_levels, n_draws) factors; the product of a stratum's factors has the spread of its
             suggested level. All but the first effect's are centred: the overall level is uncertain once, not thrice.
    """
    drawn = []
    scatter = found.scatter if np.isfinite(found.scatter) else 0.0
    for place, column in enumerate(found.codes.T):
        births = np.bincount(column, weights=found.product)
        noise = births + np.bincount(column, weights=scatter * found.product**2)
        shape = np.divide(births**2, noise, out=np.zeros_like(births), where=noise > 0)[:, None]
        variate = np.maximum(rng.standard_gamma(shape, (len(births), n_draws)), LEAST)
        factor = np.log(variate) - np.log(np.maximum(shape, LEAST))
        if place:
            factor -= (births / births.sum()) @ factor
        drawn.append(np.exp(factor))
    return drawn


def draw_listed(births: Float64Array, product: Float64Array, scatter: float, rng: np.random.Generator) -> Float64Array:
    """Draw the level of listed births given the counts.

    births   (n_draws, n_strata) counts
    product  (n_draws, n_strata) drawn suggestions
    Returns  (n_draws, n_strata)
    """
    if not np.isfinite(scatter):
        return rng.standard_gamma(births)
    shape = 1.0 / scatter
    listed: Float64Array = rng.standard_gamma(births + shape) * (product / (product + shape))
    return listed


def _product(births: Float64Array, codes: Int64Array) -> Float64Array:
    """The table without interactions that has every effect's births, by iterative proportional fitting."""
    product = np.full(len(births), births.mean())
    targets = [np.bincount(column, weights=births) for column in codes.T]
    for _ in range(ROUNDS):
        misfit = 0.0
        for column, target in zip(codes.T, targets, strict=True):
            now = np.bincount(column, weights=product)
            ratio = np.divide(target, now, out=np.zeros_like(now), where=now > 0)
            misfit = max(misfit, float(np.abs(ratio[target > 0] - 1).max()))
            product *= ratio[column]
        if misfit < FITTED:
            break
    return product


def _scatter(births: Float64Array, product: Float64Array, codes: Int64Array) -> float:
    """The scatter at which the squared residuals are as large as expected; what the fit itself used up is allowed for.

    Returns  inf where the effects are as many as the strata, so that nothing tells how far strata scatter
    """
    used = np.zeros_like(product)
    for column in codes.T:
        total = np.bincount(column, weights=product)[column]
        used += np.divide(product, total, out=np.ones_like(product), where=total > 0)
    used -= (codes.shape[1] - 1) * product / product.sum()
    free = 1.0 - np.minimum(used, 1.0)
    if free.sum() < 1.0:
        return float("inf")
    kept = product > 0
    births, product = births[kept], product[kept]
    # A squared residual over a product near 0 says little and may be huge: one birth with a date of another year, in a
    # stratum where 0.01 would be expected, must not rule the scatter of all. So it counts by how many are expected.
    weight = product / (1.0 + product)
    wanted = float((weight * free[kept]).sum())

    def excess(scatter: float) -> float:
        expected = product * (1.0 + product * scatter)
        return float((weight * (births - product) ** 2 / expected).sum()) - wanted

    least, most = SCATTER
    if excess(least) <= 0:
        return least
    return float(brentq(excess, least, most)) if excess(most) < 0 else float("inf")
