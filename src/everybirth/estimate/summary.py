"""What every estimator returns, and the reasons for which it refuses."""

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from everybirth.tables import BoolArray, Float64Array, Int8Array

LEVEL = 0.95  # of every interval, unless another is asked for

# Times the births listed; an upper limit above it is no answer, and the estimate is refused. No interval that ends
# below ten times the births listed is lost. Tried on 19,000 simulated tables of three and four lists that depend on one
# another in pairs: where the lists miss less than a third of births, 1 table in a hundred is refused; what is left
# holds the truth as often as before, 94 to 98 %, up to where five times the births listed happened. At a ceiling of ten
# times 93 % would, in sums over small strata of two lists 89 %: high estimates are thrown away, low ones kept. A least
# number of births shared by each two lists was tried too, and left out: of tables whose smallest pair shares 3 to 6 a
# quarter end below ten times the births listed, and those that the ceiling leaves hold the truth 96 to 99 % of the
# time.
CEILING = 20.0
TextArray = npt.NDArray[np.str_]


class Status(IntEnum):
    """Why a table has no estimate; the first four are the codes of the existence check."""

    OK = 0
    NO_MAXIMUM = 1
    NOT_IDENTIFIED = 2
    NEITHER = 3
    EMPTY_LIST = 4
    NO_OVERLAP = 5
    SMALL_OVERLAP = 6
    EMPTY_HISTORY = 7
    NOT_CONVERGED = 8
    UNBOUNDED = 9
    NO_MODEL = 10


WORDS = {
    Status.OK: "ok",
    Status.NO_MAXIMUM: "refused: the maximum-likelihood estimate does not exist for these counts",
    Status.NOT_IDENTIFIED: "refused: the model has more parameters than these counts determine",
    Status.NEITHER: "refused: the maximum-likelihood estimate neither exists nor is determined by these counts",
    Status.EMPTY_LIST: "refused: a list holds no birth here; leave that list out or pool with a neighbour",
    Status.NO_OVERLAP: "refused: lists share no birth, so nothing tells how many both missed",
    Status.SMALL_OVERLAP: "refused: too few births are shared between lists; pool with a neighbour",
    Status.EMPTY_HISTORY: "refused: a combination of lists that the estimate needs has no birth; pool with a neighbour",
    Status.NOT_CONVERGED: "refused: the search did not settle on one answer",
    Status.UNBOUNDED: "refused: the counts set no upper limit to the births missed",
    Status.NO_MODEL: "refused: no model can be fitted to these counts",
}


@dataclass(frozen=True, slots=True)
class Summary:
    """One method's estimates for many tables of counts.

    model    (n_tables,) the model behind each estimate, "" where the method has none
    births   (n_tables,) births, listed or not; NaN where refused, as are se, low and high
    se       (n_tables,) standard error
    low      (n_tables,) lower limit of the interval
    high     (n_tables,) upper limit
    status   (n_tables,) Status
    draws    (n_tables, n_draws) births drawn given the counts, such that draws of many tables may be added up, or None
    aic, bic (n_tables,) or None
    rhat     (n_tables,) how far chains of draws disagree, 1 where they agree, or None
    """

    method: str
    assumption: str
    model: TextArray
    births: Float64Array
    se: Float64Array
    low: Float64Array
    high: Float64Array
    status: Int8Array
    draws: Float64Array | None = None
    aic: Float64Array | None = None
    bic: Float64Array | None = None
    rhat: Float64Array | None = None


def bounded(summary: Summary, observed: Float64Array) -> Summary:
    """The same, tables refused whose upper limit is more than CEILING times the births listed.

    observed  (n_tables,) births listed
    """
    wide = (summary.status == Status.OK) & (summary.high > CEILING * observed)
    return refused(summary, wide, Status.UNBOUNDED) if wide.any() else summary


def refused(summary: Summary, which: BoolArray, why: Status) -> Summary:
    """The same without the figures of some tables.

    which    (n_tables,) which tables are refused
    """
    births, se, low, high = (unless(which, x.copy()) for x in (summary.births, summary.se, summary.low, summary.high))
    status = np.where(which, why, summary.status).astype(np.int8)
    draws = None if summary.draws is None else unless(which, summary.draws.copy())
    return replace(summary, births=births, se=se, low=low, high=high, status=status, draws=draws)


def named(name: str, n_tables: int) -> TextArray:
    """The same model name for every table, without storing it more than once."""
    return np.broadcast_to(np.array(name, dtype=np.str_), (n_tables,))


def unless(refused: BoolArray, values: Float64Array) -> Float64Array:
    """Values, with NaN where the table was refused (in place)."""
    values[refused] = np.nan
    return values


def log_interval(
    observed: Float64Array, missed: Float64Array, se: Float64Array, level: float = LEVEL
) -> tuple[Float64Array, Float64Array]:
    """Limits that treat the missed births as log-normal, so that the lower one never falls below the births listed.

    observed, missed, se  (n_tables,) births listed; estimated births missed; standard error of the latter
    Source   Chao 1987, equation 12
    """
    spread = np.exp(ndtri(0.5 + level / 2) * log_sd(missed, se))
    return observed + missed / spread, observed + missed * spread


def log_sd(missed: Float64Array, se: Float64Array) -> Float64Array:
    """Standard deviation of the logarithm of a log-normal of this mean and standard error, 0 where none are missed."""
    relative = np.divide(se, missed, out=np.zeros_like(missed), where=missed > 0)
    deviation: Float64Array = np.sqrt(np.log1p(relative**2))
    return deviation


def log_normal(missed: Float64Array, se: Float64Array, n_draws: int, rng: np.random.Generator) -> Float64Array:
    """Births missed drawn from log-normals of these means and standard errors, so that sums are right on average.

    missed, se  (n_tables,)
    Returns     (n_tables, n_draws)
    """
    deviation = log_sd(missed, se)[:, None]
    normal = rng.standard_normal((len(missed), n_draws))
    drawn: Float64Array = missed[:, None] * np.exp(deviation * normal - deviation**2 / 2)
    return drawn


def interval(draws: Float64Array, level: float = LEVEL) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Median and equal-tailed limits of each row of draws.

    draws    (n, n_draws) NaN in the whole of a row that was refused
    Returns  (n,) median; (n,) low; (n,) high. The limits are draws, and belong to the interval: it holds all draws
             equal to them. Of births few of which were missed many are equal, and the usual quantile would make an
             interval that holds more than it says. So the low limit is the first draw whose mid-rank reaches the tail.
    Source   mid-distribution: Parzen 2004, Statistical Science 19, 652-662
    """
    ordered = np.sort(draws, axis=1)
    tail = (1 - level) / 2 * draws.shape[1]
    return np.median(ordered, axis=1), _limit(ordered, tail), -_limit(-ordered[:, ::-1], tail)


def _limit(ordered: Float64Array, tail: float) -> Float64Array:
    """(n,) the first draw of each row that has tail draws below it, half of those equal to it counted.

    ordered  (n, n_draws) each row ascending
    """
    found = ordered[:, int(tail)]
    below, upto = (ordered < found[:, None]).sum(axis=1), (ordered <= found[:, None]).sum(axis=1)
    later = np.minimum(upto, ordered.shape[1] - 1)[:, None]
    limit: Float64Array = np.where((below + upto) / 2 < tail, np.take_along_axis(ordered, later, axis=1)[:, 0], found)
    return limit


def quantile_spread(draws: Float64Array) -> Float64Array:
    """Half the width of the middle 68.27 % of each row of draws: one standard deviation, if they were normal."""
    low, high = np.quantile(draws, [ndtr(-1.0), ndtr(1.0)], axis=1)
    half: Float64Array = (high - low) / 2
    return half
