"""Small areas: births missed in many strata at once, each drawing on the others as far as its own births are few.

Strata may be as small as three births. The lists' capture and the dependence between lists have effects of the area,
the period, the sex ... and of the stratum itself, with variances estimated from all strata (pooling_fit.py); how many
births are listed is drawn towards what the effects suggest (pooling_level.py). A stratum with many births goes to its
own estimate. Draws are joint: what strata share is drawn once for all of them, so that the figure of an area or of the
whole is the sum of the draws of its strata.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import poisson

from everybirth.errors import EstimateError
from everybirth.estimate import chapman, loglinear, nohighest
from everybirth.estimate.cells import bit, checked, lists_of, sizes
from everybirth.estimate.gate import filled_bits, overlap_status, support
from everybirth.estimate.models import Model, design, independence, model_of
from everybirth.estimate.pooling_draws import draw
from everybirth.estimate.pooling_fit import PooledFit, fit, times
from everybirth.estimate.pooling_layout import lay_out
from everybirth.estimate.pooling_level import level
from everybirth.estimate.summary import CEILING, WORDS, Status, TextArray, interval, log_interval
from everybirth.tables import BoolArray, Float64Array, Int32Array

LEAST_DRAWS = 400  # fewer draws of the linkage are gone through several times
MOSTLY_OWN = 0.5  # largest share of weight on the pooled value with which a stratum is still "ok"
DIGITS = 6  # of the shrinkage; the last ones of a float differ with the number of threads of the linear algebra
ALL_BUT_HIGHEST_UP_TO = 4  # lists; more have terms of pairs only
TWO, MORE, MANY = "lincoln-petersen", "no-highest-order", "loglinear-pairs"  # names of the methods, by lists
POOLED = "pooled"
EMPTY = "refused: no list holds a birth here, nor in the groups it could borrow from"
CONTRARY = "refused: its lists share far fewer births than those of similar groups, so these say nothing of it"
UNLIKELY = 1e-6  # chance of so few shared births from which a stratum contradicts the others
# Each within strata; the few births of a stratum are eked out with what similar ones say.
TWO_LISTS = "if being on one list makes being on the other neither likelier nor less likely"
MORE_LISTS = nohighest.ASSUMPTION
MANY_LISTS = "if lists depend on one another in pairs only"


@dataclass(frozen=True, slots=True)
class Pooled:
    """Births missed by every list, in every stratum, in the order given.

    missed      (n_out, n_strata) posterior draws; sums over strata are draws of the sum. NaN where refused
    shrinkage   (n_strata,) weight of what other strata say of the missed births: 0 own counts only, 1 others only
    unpooled    (n_strata,) births missed, estimated from the stratum alone; NaN where it has no such estimate, or one
                without a useful upper limit
    status      (n_strata,) "ok", "pooled" or "refused: why"
    assumption  in words
    terms       names of the terms of the model: lists by number, e.g. "1", "12"
    deviations  effect ("stratum" for the stratum itself) -> (n_terms,) standard deviation, on the logit scale
    converged   whether the fit settled
    """

    missed: Float64Array
    shrinkage: Float64Array
    unpooled: Float64Array
    status: TextArray
    assumption: str
    terms: tuple[str, ...]
    deviations: dict[str, Float64Array]
    converged: bool


def pool(counts: Float64Array, effects: dict[str, Int32Array], seed: int) -> Pooled:
    """Estimate the births missed in each stratum.

    counts   (n_draws, n_strata, 2**L) births of each history in each draw of the linkage, list 0 the most significant
             bit; cell 0 is ignored
    effects  name (area, period, sex ...) -> (n_strata,) codes
    Returns  LEAST_DRAWS draws or more, each of the linkage equally often: draw i goes with linkage draw i mod n_draws.
             All strata are refused where the upper limit of their sum is absurd (summary.CEILING). A stratum that
             contradicts the others is refused and left out of what they share, see _contrary
    Raises   EstimateError  on counts that are no counts, or effects that do not fit them
    Source   for the model: Fienberg 1972, Coull & Agresti 1999; for the variances: Breslow & Clayton 1993, MacKay 1992
    """
    _check(counts, effects)
    n_draws, n_strata = counts.shape[:2]
    mean = counts.mean(axis=0)
    mean[:, 0] = 0.0
    model = _model(lists_of(mean))
    unpooled = _unpooled(mean, model)
    contrary = _contrary(mean, unpooled)
    if contrary.any() and not contrary.all():
        rest = {name: codes[~contrary] for name, codes in effects.items()}
        return _with_refused(pool(counts[:, ~contrary], rest, seed), contrary)
    n_out = n_draws * -(-LEAST_DRAWS // n_draws)
    refusal = _refusal(np.rint(mean.sum(axis=0, keepdims=True)), model)
    if refusal is not None:
        return _refused(refusal, n_out, n_strata, model)
    layout = lay_out(effects, mean)
    varies = np.array([term.bit_count() <= 2 for term in model.terms])
    listed = mean[layout.order, 1:]
    found = fit(listed, layout, design(model.terms, model.n_lists)[1:, 1:], varies), level(listed.sum(axis=1), layout)
    missed = draw(counts, found, layout, n_out, seed)
    back = np.argsort(layout.order)
    shrinkage, nothing = _shrinkage(found[0])[back], (found[1].product == 0)[back]
    if not _limited(missed[:, ~nothing].sum(axis=1), float(listed.sum())):
        return _refused(Status.UNBOUNDED, n_out, n_strata, model)
    missed[:, nothing] = np.nan
    own = np.isfinite(unpooled) & (shrinkage <= MOSTLY_OWN)
    status = np.where(nothing, EMPTY, np.where(own, WORDS[Status.OK], POOLED))
    deviations = np.round(np.sqrt(found[0].variances), DIGITS)
    names = ("stratum", *layout.names)
    shown = {name: row for name, row in zip(names, deviations, strict=True) if name}
    return Pooled(missed, shrinkage, unpooled, status, _assumption(model), _terms(model), shown, found[0].converged)


def _contrary(mean: Float64Array, unpooled: Float64Array) -> BoolArray:
    """(n_strata,) strata without an estimate of their own, whose lists share far fewer births than those of others.

    unpooled   (n_strata,) as in Pooled
    What the others say of births missed does not hold there: a list may be of another kind, or its links may be broken.
    Borrowing would make up a figure, and one such stratum would spoil what all others share.
    """
    several = sizes(lists_of(mean)) > 1
    listed, shared = mean.sum(axis=1), mean[:, several].sum(axis=1)
    others = np.maximum(listed.sum() - listed, 1e-300)
    expected = listed * (shared.sum() - shared) / others
    alone = (overlap_status(np.rint(mean)) == Status.OK) & np.isfinite(unpooled)
    far: BoolArray = ~alone & (poisson.cdf(np.rint(shared), expected) < UNLIKELY)
    return far


def _with_refused(found: Pooled, refused: BoolArray) -> Pooled:
    """The strata that were pooled, and those that were left out of it in their places."""
    n_strata, kept = len(refused), ~refused
    missed = np.full((len(found.missed), n_strata), np.nan)
    missed[:, kept] = found.missed
    shrinkage, unpooled = np.full(n_strata, np.nan), np.full(n_strata, np.nan)
    shrinkage[kept], unpooled[kept] = found.shrinkage, found.unpooled
    status = np.full(n_strata, CONTRARY, dtype=object)
    status[kept] = found.status
    return replace(found, missed=missed, shrinkage=shrinkage, unpooled=unpooled, status=status.astype(np.str_))


def method(n_lists: int) -> str:
    """The name of the method that is used for so many lists."""
    if n_lists == 2:
        return TWO
    return MORE if n_lists <= ALL_BUT_HIGHEST_UP_TO else MANY


def _check(counts: Float64Array, effects: dict[str, Int32Array]) -> None:
    """Refuse what cannot be pooled.

    Raises   EstimateError
    """
    if counts.ndim != 3 or counts.shape[0] == 0 or counts.shape[1] == 0:
        raise EstimateError(
            f"Counts have the shape {counts.shape}; draws of the linkage x strata x capture histories, at least one of "
            "each, are needed."
        )
    for table in counts:
        checked(table)
    for name, codes in effects.items():
        if np.shape(codes) != (counts.shape[1],):
            raise EstimateError(
                f"{name}: {np.shape(codes)} codes for {counts.shape[1]} strata. One code for each stratum is needed."
            )


def _model(n_lists: int) -> Model:
    """Independence for two lists; all but the highest order for three and four; pairs for more."""
    if n_lists == 2:
        return independence(2)
    largest = n_lists - 1 if n_lists <= ALL_BUT_HIGHEST_UP_TO else 2
    return model_of({term for term in range(1, 2**n_lists) if term.bit_count() <= largest}, n_lists)


def _refusal(total: Float64Array, model: Model) -> Status | None:
    """Why not even all strata together can be estimated, or None.

    total    (1, 2**L) whole births of all strata
    """
    if model.n_lists in (3, 4):
        status = Status(int(nohighest.gate(total)[0]))
    else:
        status = Status(int(overlap_status(total)[0]))
        if status == Status.OK:
            status = support(model, filled_bits(total[0])).code
    return None if status == Status.OK else status


def _limited(missed: Float64Array, listed: float) -> bool:
    """Whether the upper limit of the births of all strata is of use.

    missed   (n_out,) draws
    """
    high = float(interval(missed[None, :])[2][0])
    return listed + high <= CEILING * listed


def _refused(status: Status, n_out: int, n_strata: int, model: Model) -> Pooled:
    nothing = np.full(n_strata, np.nan)
    words = np.full(n_strata, WORDS[status])
    missed = np.full((n_out, n_strata), np.nan)
    return Pooled(missed, nothing, nothing.copy(), words, _assumption(model), _terms(model), {}, True)


def _assumption(model: Model) -> str:
    if model.n_lists == 2:
        return TWO_LISTS
    return MORE_LISTS if model.n_lists <= ALL_BUT_HIGHEST_UP_TO else MANY_LISTS


def _terms(model: Model) -> tuple[str, ...]:
    """Names of the terms: lists by number."""
    lists = range(model.n_lists)
    return tuple("".join(str(j + 1) for j in lists if term & bit(j, model.n_lists)) for term in model.terms)


def _shrinkage(found: PooledFit) -> Float64Array:
    """1 - V / U of the logarithm of births missed per birth listed: V its variance, U that from the stratum alone.

    Of two normal sources of precision 1 / U and 1 / V - 1 / U, the first has the weight V / U.
    """
    slope = found.share @ found.design
    variance = (slope * times(found.spread, slope)).sum(axis=1)
    some = np.trace(found.curvature, axis1=1, axis2=2) > 0
    solved = np.linalg.solve(found.curvature[some], slope[some][:, :, None])[:, :, 0]
    shrinkage = np.ones(len(slope))
    shrinkage[some] = np.clip(1.0 - variance[some] / (slope[some] * solved).sum(axis=1), 0.0, 1.0)
    return np.round(shrinkage, DIGITS)


def _unpooled(mean: Float64Array, model: Model) -> Float64Array:
    """Births missed in each stratum by its own counts: Chapman for two lists, else the model without effects."""
    whole, observed = np.rint(mean), mean.sum(axis=1)
    alone: Float64Array
    if model.n_lists == 2:
        own = chapman.chapman(mean)
        alone, high = own.births - observed, own.high
    elif model.n_lists <= ALL_BUT_HIGHEST_UP_TO:
        own = nohighest.point(mean)
        alone, high = own.births - observed, own.high
        alone[nohighest.gate(whole) != Status.OK] = np.nan  # 0.01 births on average are no births
    else:
        alone, high = np.full((2, len(mean)), np.nan)
        enough = np.flatnonzero(overlap_status(whole) == Status.OK)
        if len(enough):
            fitted = loglinear.fit(model, whole[enough])
            alone[enough] = fitted.missed
            high[enough] = log_interval(fitted.observed, fitted.missed, fitted.se)[1]
    alone[high > CEILING * observed] = np.nan
    return alone
