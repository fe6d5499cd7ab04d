"""Capture parameters of many strata at once: each stratum's own, drawn towards what its effects have in common.

Given how many births of a stratum are listed at all, their histories are multinomial with log-linear probabilities.
The parameters of stratum s are

    beta_s = common + effect of its area + effect of its period + ... + own_s

where every effect and `own` are normal around 0 with a variance for each effect and term, estimated from the counts
by restricted maximum likelihood (MacKay's form of the update), so that a term which hardly varies is shrunk hard.

The posterior is taken as normal around its mean, not its mode: slopes and curvatures are averaged over the normal
itself. Around the mode, few births in a cell would bias the births missed upwards, by a few per cent in strata of ten
births: more than the noise where many strata add up.

A level's parameters touch those of the other levels of the main effect only through the rest, and those of strata only
through their effects: the equations are solved by eliminating strata, then levels of the main effect, then a small
dense rest.
"""

from dataclasses import dataclass

import numpy as np

from everybirth.estimate.pooling_layout import Layout, Sums, sums
from everybirth.tables import BoolArray, Float64Array

ITERATIONS = 200
STEP = 2.0  # largest change of a parameter (logit) in one step
SETTLED = 1e-3  # change of parameters and of standard deviations, at which the fit ends
# The covariance goes half of the way in the first step, a third after this many, a quarter after twice as many: if it
# went all the way it could go to and fro for ever.
SOFTER = 10
# Levels of the main effect whose products are summed at once: so few that the linear algebra library does not share the
# work out between threads, which on a busy machine wait for each other for longer than the work takes.
TOGETHER = 5
NO_VARIANCE = 1e-8  # of an effect that a stratum does not have
START = 0.1  # variance at which every effect begins
# A variance is estimated as if there were one more level, with this variance: two sexes or four districts cannot say by
# themselves that an effect is nothing, and their differences would be shrunk away.
PRIOR_LEVELS = 1.0
PRIOR_VARIANCE = 0.04
# Births of each history that are added to the whole, spread over the strata in proportion to their births: the common
# parameters of histories that nobody has stay finite, as with the prior of the single table (nohighest.PRIOR_SHAPE).
ADDED = 0.5


@dataclass(frozen=True, slots=True)
class Factor:
    """The curvature of the log posterior, factored for reuse. p terms, all in canonical order.

    own      (n_strata, p, p) covariance of a stratum's own parameters if all effects were known
    carried  (n_strata, p, p) how a change of the effects carries over to the stratum's parameters
    main     (n_main, p, p) covariance of the main effect's levels if the other effects were known
    lean     (n_main, p, n_blocks * p) how the main effect's levels answer to the other effects
    rest     (n_blocks * p, n_blocks * p) covariance of the common parameters and other effects
    """

    own: Float64Array
    carried: Float64Array
    main: Float64Array
    lean: Float64Array
    rest: Float64Array

    def solve(self, main: Float64Array, rest: Float64Array) -> tuple[Float64Array, Float64Array]:
        """The change of the effects for given slopes: (n_main, p, k) and (n_blocks * p, k), both as slopes."""
        step = self.rest @ (rest - self.lean.reshape(-1, len(self.rest)).T @ main.reshape(-1, main.shape[-1]))
        return self.main @ main - self.lean @ step, step


@dataclass(frozen=True, slots=True)
class PooledFit:
    """Parameters of every stratum, in canonical order, and their uncertainty.

    design     (n_histories, p) which terms a history has; histories 1, 2, ...
    beta       (n_strata, p) posterior mean
    share      (n_strata, n_histories) share of each history among listed births
    factor     from which draws are made
    spread     (n_strata, p, p) posterior covariance of each stratum's parameters
    curvature  (n_strata, p, p) information of the stratum's own births
    variances  (1 + n_effects, p) of strata, of the main effect, of the others
    converged  whether the fit settled
    """

    design: Float64Array
    beta: Float64Array
    share: Float64Array
    factor: Factor
    spread: Float64Array
    curvature: Float64Array
    variances: Float64Array
    converged: bool


@dataclass(slots=True)
class _State:
    """Where the search stands: effects and variances, changed from step to step."""

    own: Float64Array
    main: Float64Array
    blocks: Float64Array
    variances: Float64Array

    def parameters(self, layout: Layout) -> Float64Array:
        """The parameters of each stratum: (n_strata, p)."""
        total: Float64Array = self.own + self.main[layout.main] + self.blocks[layout.others].sum(axis=1)
        return total


def fit(counts: Float64Array, layout: Layout, design: Float64Array, varies: BoolArray) -> PooledFit:
    """Fit all strata.

    counts   (n_strata, n_histories) births, in canonical order, need not be whole
    design   (n_histories, p) which terms a history has
    varies   (p,) which terms differ between strata; the others are common to all
    """
    births = counts.sum(axis=1)
    table = counts + ADDED * (births / births.sum())[:, None]
    adds = sums(layout)
    state = _start(table, layout, design, varies)
    fixed = _fixed(layout, varies)
    covariance = np.zeros((layout.n_strata, design.shape[1], design.shape[1]))
    converged = False
    for iteration in range(ITERATIONS):
        share = expected_shares(state.parameters(layout), covariance, design)
        derived = derivatives(table, share, design)
        factor = _factor(derived[1], state.variances, layout, adds)
        moved = _step(derived, state, factor, layout, adds)
        spread = _spread(factor, layout, adds)
        now = factor.own + factor.carried @ spread @ factor.carried.transpose(0, 2, 1)
        covariance += (now - covariance) / (2.0 + iteration / SOFTER)
        changed = _update_variances(state, factor, spread, layout, fixed)
        if moved < SETTLED and changed < SETTLED:
            converged = True
            break
    beta = state.parameters(layout)
    share = expected_shares(beta, covariance, design)
    curvature = derivatives(table, share, design)[1]
    factor = _factor(curvature, state.variances, layout, adds)
    covariance = factor.own + factor.carried @ _spread(factor, layout, adds) @ factor.carried.transpose(0, 2, 1)
    return PooledFit(design, beta, share, factor, covariance, curvature, state.variances, converged)


def expected_shares(beta: Float64Array, covariance: Float64Array, design: Float64Array) -> Float64Array:
    """Share of each history among listed births, averaged over normal parameters.

    beta, covariance  (n_strata, p) and (n_strata, p, p)
    Returns  (n_strata, n_histories); exact to the second order of the parameters' deviations
    """
    log_odds = beta @ design.T
    away = design - (_shares(log_odds) @ design)[:, None, :]
    return _shares(log_odds + 0.5 * ((away @ covariance) * away).sum(axis=2))


def _shares(log_odds: Float64Array) -> Float64Array:
    weight = np.exp(log_odds - log_odds.max(axis=1, keepdims=True))
    share: Float64Array = weight / weight.sum(axis=1, keepdims=True)
    return share


def derivatives(table: Float64Array, share: Float64Array, design: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Slope and curvature (minus the second derivative) of the log-likelihood of each stratum's parameters.

    share    (n_strata, n_histories) expected share of each history
    Returns  (n_strata, p) and (n_strata, p, p)
    """
    births = table.sum(axis=1)
    expected = share @ design
    p = design.shape[1]
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), p * p)
    second = (share @ products).reshape(-1, p, p) - expected[:, :, None] * expected[:, None, :]
    return table @ design - births[:, None] * expected, births[:, None, None] * second


def _start(table: Float64Array, layout: Layout, design: Float64Array, varies: BoolArray) -> _State:
    """The parameters of all strata together, no effects, equal variances."""
    p = design.shape[1]
    total = np.log(table.sum(axis=0))
    with_level = np.column_stack([np.ones(len(design)), design])
    blocks = np.zeros((layout.n_blocks, p))
    blocks[0] = np.linalg.lstsq(with_level, total, rcond=None)[0][1:]
    variances = np.full((1 + len(layout.names), p), START)
    variances[_fixed(layout, varies)] = NO_VARIANCE
    return _State(np.zeros((layout.n_strata, p)), np.zeros((layout.n_main, p)), blocks, variances)


def _fixed(layout: Layout, varies: BoolArray) -> BoolArray:
    """Which variances are none: of terms common to all, of a single stratum, of a main effect that is not there."""
    fixed = np.repeat(~varies[None, :], 1 + len(layout.names), axis=0)
    fixed[0] |= layout.n_strata == 1
    fixed[1] |= layout.n_main == 1
    return fixed


def _factor(curvature: Float64Array, variances: Float64Array, layout: Layout, adds: Sums) -> Factor:
    """Eliminate the strata, then the levels of the main effect; invert what remains."""
    n_main, n_blocks, p = layout.n_main, layout.n_blocks, curvature.shape[1]
    precision = 1.0 / variances
    own = _inverse(curvature + np.diag(precision[0]))
    carried = own * precision[0]
    flat = (curvature @ carried).reshape(layout.n_strata, p * p)
    main = _inverse((adds.main @ flat).reshape(n_main, p, p) + np.diag(precision[1]))
    crossed = (adds.crossed @ flat).reshape(n_main, n_blocks, p, p).transpose(0, 2, 1, 3).reshape(n_main, p, -1)
    rest = (adds.squared @ flat).reshape(n_blocks, n_blocks, p, p).transpose(0, 2, 1, 3).reshape(n_blocks * p, -1)
    lean = main @ crossed
    for first in range(0, n_main, TOGETHER):
        some = np.s_[first : first + TOGETHER]
        rest -= crossed[some].reshape(-1, n_blocks * p).T @ lean[some].reshape(-1, n_blocks * p)
    rest[np.diag_indices(len(rest))] += np.concatenate([np.zeros(p), precision[2 + layout.block_of[1:]].ravel()])
    return Factor(own, carried, main, lean, _inverse(rest))


def _inverse(matrices: Float64Array) -> Float64Array:
    return np.asarray(np.linalg.inv(matrices), dtype=np.float64)


def _step(
    derived: tuple[Float64Array, Float64Array], state: _State, factor: Factor, layout: Layout, adds: Sums
) -> float:
    """One step of Newton's method, shortened if it is long. Returns the largest change of a parameter.

    derived  slope and curvature of the likelihood at the state
    """
    slope, curvature = derived
    precision = 1.0 / state.variances
    pulled = slope - precision[0] * state.own
    reduced = slope - times(curvature, times(factor.own, pulled))
    main = adds.main @ reduced - precision[1] * state.main
    rest = adds.others @ reduced
    rest[1:] -= precision[2 + layout.block_of[1:]] * state.blocks[1:]
    main_step, rest_step = (part[..., 0] for part in factor.solve(main[:, :, None], rest.reshape(-1, 1)))
    rest_step = rest_step.reshape(state.blocks.shape)
    shift = main_step[layout.main] + rest_step[layout.others].sum(axis=1)
    own_step = times(factor.own, pulled - times(curvature, shift))
    largest = float(np.abs(own_step + shift).max())
    part = min(1.0, STEP / max(largest, STEP))
    state.own += part * own_step
    state.main += part * main_step
    state.blocks += part * rest_step
    return largest


def _spread(factor: Factor, layout: Layout, adds: Sums) -> Float64Array:
    """Covariance of the sum of the effects that bear on each stratum: (n_strata, p, p)."""
    n_main, n_blocks, p = layout.n_main, layout.n_blocks, factor.own.shape[1]
    tilted = factor.lean @ factor.rest
    main = factor.main + tilted @ factor.lean.transpose(0, 2, 1)
    across = -tilted.reshape(n_main, p, n_blocks, p).transpose(0, 2, 1, 3)
    rest = factor.rest.reshape(n_blocks, p, n_blocks, p).transpose(0, 2, 1, 3)
    shared = rest[adds.alike[:, :, None], adds.alike[:, None, :]].sum(axis=(1, 2))
    mixed = sum(across[layout.main, column] for column in layout.others.T)
    spread: Float64Array = main[layout.main] + shared[adds.kind] + mixed + np.swapaxes(mixed, 1, 2)
    return spread


def _update_variances(state: _State, factor: Factor, spread: Float64Array, layout: Layout, fixed: BoolArray) -> float:
    """Re-estimate the variances in place. Returns the largest change of a standard deviation."""
    n_blocks, p = state.blocks.shape
    left = np.eye(p) - factor.carried
    own = np.diagonal(factor.own, axis1=1, axis2=2) + np.einsum("spq,spq->sp", left @ spread, left)
    main = np.diagonal(factor.main, axis1=1, axis2=2) + np.einsum("apr,apr->ap", factor.lean @ factor.rest, factor.lean)
    blocks = np.diagonal(factor.rest).reshape(n_blocks, p)
    groups = [(state.own, own), (state.main, main)]
    for place in range(len(layout.names) - 1):
        chosen = layout.block_of == place
        groups.append((state.blocks[chosen], blocks[chosen]))
    before = np.sqrt(state.variances)
    for row, (effect, variance) in enumerate(groups):
        known = np.maximum(len(effect) - variance.sum(axis=0) / state.variances[row], 0.0)
        new = ((effect**2).sum(axis=0) + PRIOR_LEVELS * PRIOR_VARIANCE) / (known + PRIOR_LEVELS)
        state.variances[row] = np.where(fixed[row], NO_VARIANCE, np.maximum(new, NO_VARIANCE))
    return float(np.abs(np.sqrt(state.variances) - before).max())


def times(matrices: Float64Array, vectors: Float64Array) -> Float64Array:
    """One matrix times one vector for each stratum: (n_strata, p, p) and (n_strata, p)."""
    product: Float64Array = (matrices @ vectors[:, :, None])[:, :, 0]
    return product
