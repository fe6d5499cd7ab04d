"""Draws of the births that every list missed, all strata together."""

import numpy as np

from everybirth.estimate.pooling_fit import PooledFit
from everybirth.estimate.pooling_layout import Layout, sums
from everybirth.estimate.pooling_level import Level, draw_listed, draw_products
from everybirth.tables import Float64Array, Int64Array

CHUNK = 512  # strata drawn at a time, to bound memory
LARGEST_MEAN = 1e15  # of a Poisson draw; its noise is far below the spread of the mean by then
LARGEST_LOG = 600.0  # exp of much more overflows


def draw(counts: Float64Array, found: tuple[PooledFit, Level], layout: Layout, n_out: int, seed: int) -> Float64Array:
    """Draw births missed by every list; draw i goes with draw i mod n_draws of the linkage.

    What strata share is drawn once for all strata of a draw. For each draw of the linkage the parameters move by one
    step of Newton's method from those of the mean counts.

    counts   (n_draws, n_strata, 2**L) in the order given
    Returns  (n_out, n_strata) in the order given
    """
    fit, level = found
    seeds = np.random.SeedSequence(seed).spawn(2)
    rng = np.random.default_rng(seeds[0])
    slopes = _slopes(counts, fit, layout)
    which = np.arange(n_out) % len(counts)
    main, blocks = _draw_effects(slopes, fit, layout, which, rng)
    factors = draw_products(level, n_out, rng)
    missed = np.empty((n_out, layout.n_strata))
    starts = range(0, layout.n_strata, CHUNK)
    for start, chunk_seed in zip(starts, seeds[1].spawn(len(starts)), strict=True):
        rows, rng = np.s_[start : start + CHUNK], np.random.default_rng(chunk_seed)
        shift = main[layout.main[rows]]
        for column in layout.others[rows].T:
            shift += blocks[column]
        beta = _draw_beta(shift, slopes[rows][:, :, which], fit, rows, rng)
        ratio = _missed_ratio(beta, fit.design)
        product = level.product[rows, None] * np.ones(n_out)
        for factor, column in zip(factors, level.codes[rows].T, strict=True):
            product *= factor[column]
        births = counts[:, layout.order[rows], 1:].sum(axis=2)
        mean = draw_listed(births[which], product.T, level.scatter, rng) * ratio.T
        noise = rng.poisson(np.minimum(mean, LARGEST_MEAN))
        missed[:, layout.order[rows]] = np.where(mean < LARGEST_MEAN, noise, mean)
    return missed


def _slopes(counts: Float64Array, fit: PooledFit, layout: Layout) -> Float64Array:
    """By how much the slope of each linkage draw differs from that of the mean: (n_strata, p, n_draws)."""
    expected = fit.share @ fit.design
    slopes = np.empty((layout.n_strata, fit.design.shape[1], len(counts)))
    for place, table in enumerate(counts):
        listed = table[layout.order, 1:]
        slopes[:, :, place] = listed @ fit.design - listed.sum(axis=1)[:, None] * expected
    slopes -= slopes.mean(axis=2, keepdims=True)
    return slopes


def _draw_effects(
    slopes: Float64Array, fit: PooledFit, layout: Layout, which: Int64Array, rng: np.random.Generator
) -> tuple[Float64Array, Float64Array]:
    """Draw the change of the effects from their mean: (n_main, p, n_out) and (n_blocks, p, n_out)."""
    factor, adds = fit.factor, sums(layout)
    n_main, n_blocks, p = layout.n_main, layout.n_blocks, slopes.shape[1]
    reduced = np.swapaxes(factor.carried, 1, 2) @ slopes
    flat = reduced.reshape(layout.n_strata, -1)
    main, rest = factor.solve((adds.main @ flat).reshape(n_main, p, -1), (adds.others @ flat).reshape(n_blocks * p, -1))
    noise = np.linalg.cholesky(factor.rest) @ rng.standard_normal((n_blocks * p, len(which)))
    own = np.linalg.cholesky(factor.main) @ rng.standard_normal((n_main, p, len(which)))
    drawn_main = main[:, :, which] + own - factor.lean @ noise
    return drawn_main, (rest[:, which] + noise).reshape(n_blocks, p, -1)


def _draw_beta(
    shift: Float64Array, slopes: Float64Array, fit: PooledFit, rows: slice, rng: np.random.Generator
) -> Float64Array:
    """Parameters of some strata given the change of their effects and slopes, both (n_rows, p, n_out)."""
    own = fit.factor.own[rows]
    beta: Float64Array = fit.beta[rows][:, :, None] + fit.factor.carried[rows] @ shift + own @ slopes
    beta += np.linalg.cholesky(own) @ rng.standard_normal(shift.shape)
    return beta


def _missed_ratio(beta: Float64Array, design: Float64Array) -> Float64Array:
    """Births missed for each one listed: (n_rows, n_out)."""
    log_odds = np.clip(design @ beta, -LARGEST_LOG, LARGEST_LOG)
    ratio: Float64Array = 1.0 / np.exp(log_odds).sum(axis=1)
    return ratio
