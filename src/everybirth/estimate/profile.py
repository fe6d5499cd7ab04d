"""Profile-likelihood limits of the births under one log-linear model (Cormack 1992)."""

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import gammaln, ndtri, xlogy

from everybirth.estimate.gate import filled_bits, support
from everybirth.estimate.loglinear import fit, newton
from everybirth.estimate.models import Model, design
from everybirth.estimate.summary import LEVEL, Status
from everybirth.tables import Float64Array

LARGEST = 1e6  # times the births listed: beyond this the counts set no upper limit at all


def profile_interval(model: Model, counts: Float64Array, level: float = LEVEL) -> tuple[float, float]:
    """Births for which the multinomial likelihood, maximised over the model, is within a chi-square of its maximum.

    counts   (2**L,) checked counts of one table: each limit is searched for, in hundredths of a second
    Returns  low and high limit; NaN where the model is refused; high is infinite where the likelihood levels off
    Source   Cormack 1992
    """
    fitted = fit(model, counts[None, :])
    if fitted.status[0] != Status.OK:
        return float("nan"), float("nan")
    observed, missed = float(fitted.observed[0]), float(fitted.missed[0])
    curve = _profile(model, counts)
    scale = missed + 1.0
    best = minimize_scalar(
        lambda x: -curve(x), bounds=(0.0, 2 * scale), method="bounded", options={"xatol": 1e-6 * scale}
    )
    peak, drop = float(best.x), float(ndtri(0.5 + level / 2)) ** 2 / 2
    target = -float(best.fun) - drop

    def above(x: float) -> float:
        return curve(x) - target

    low = 0.0 if peak <= 0 or above(0.0) >= 0 else float(brentq(above, 0.0, peak))
    far = 2 * scale
    while above(far) > 0:
        far *= 2
        if far > LARGEST * (observed + 1):
            return observed + low, float("inf")
    return observed + low, observed + float(brentq(above, peak, far))


def _profile(model: Model, counts: Float64Array) -> Callable[[float], float]:
    """The log-likelihood of a number of missed births, the model fitted to the table completed with them."""
    part = support(model, filled_bits(counts))
    cells = np.concatenate([[0], part.cells])
    matrix = design(part.terms, model.n_lists)[cells]
    seen = counts[part.cells]

    def value(missed: float) -> float:
        total = seen.sum() + missed
        completed = np.concatenate([[missed], seen])
        parameters, _, _ = newton(matrix, completed[None, :])
        shares = np.exp(matrix @ parameters[0])
        shares /= shares.sum()
        likelihood = xlogy(completed, shares).sum() + gammaln(total + 1) - gammaln(missed + 1)
        return float(likelihood)

    return value
