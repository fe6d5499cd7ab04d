"""Bayesian thresholding: terms whose posterior is not clearly away from 0 are left out (Silverman 2020).

A comparator for those who know it from studies of hidden populations: `everybirth estimate` shows it if asked for.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.special import logsumexp

from everybirth.estimate.cells import bit, lists_of
from everybirth.estimate.gate import overlap_status
from everybirth.estimate.models import design, model_of
from everybirth.estimate.summary import LEVEL, Status, Summary, interval, named, quantile_spread
from everybirth.tables import Float64Array

METHOD = "loglinear-thresholding"
ASSUMPTION = "if lists depend on one another only in the pairs whose dependence is clear"
DRAWS = 20_000
FREEDOM = 8.0  # degrees of freedom of the proposals, whose tails must be longer than the posterior's
ITERATIONS = 100
SETTLED = 1e-10  # decrement of Newton's method


@dataclass(frozen=True, slots=True)
class Options:
    """What is believed, and asked of a term.

    variance    of the normal prior around 0 of each term of two lists or more; single lists have a flat one
    threshold   posterior mean over standard deviation, in absolute value, below which a term is left out
    max_order   largest number of lists in a term, 2 or 3
    """

    variance: float = 1.0
    threshold: float = 2.0
    max_order: int = 2


@dataclass(frozen=True, slots=True)
class Thresholded:
    """What is left, and the births it gives.

    terms   sets of two lists or more that were kept, as bits
    ratio   term -> posterior mean over standard deviation, absolute, when it was looked at
    births  (DRAWS,) expected births, listed or not
    """

    terms: tuple[int, ...]
    ratio: dict[int, float]
    births: Float64Array

    def quantile(self, probability: float) -> float:
        return float(np.quantile(self.births, probability))


def thresholding(counts: Float64Array, level: float = LEVEL, seed: int = 0) -> Summary:
    """Posterior median and limits of the births of one table.

    counts   (1, 2**L) checked counts
    Returns  a summary with DRAWS draws whose model has the terms that were kept
    """
    status = overlap_status(counts)
    if status[0] != Status.OK:
        births, se, low, high = np.full((4, 1), np.nan)
        return Summary(METHOD, ASSUMPTION, named("", 1), births, se, low, high, status)
    found = thresholded(counts[0], seed=seed)
    births = found.births[None, :]
    (centre, low, high), se = interval(births, level), quantile_spread(births)
    title = named(model_of(set(found.terms), lists_of(counts)).name, 1)
    return Summary(METHOD, ASSUMPTION, title, centre, se, low, high, status, draws=births)


def thresholded(counts: Float64Array, options: Options = Options(), seed: int = 0) -> Thresholded:
    """Fit all pairs of lists, keep the clear ones; then, if asked, all three lists of which each pair was kept.

    counts   (2**L,) checked counts of one table
    Source   Silverman 2020, section 4; three lists as in the package MultipleSystemsEstimation
    """
    n_lists = lists_of(counts)
    rng = np.random.default_rng(seed)
    lists = [bit(k, n_lists) for k in range(n_lists)]
    pairs = tuple(sum(two) for two in combinations(lists, 2))
    ratio = _ratios(counts, pairs, options, rng)
    kept = tuple(term for term in pairs if ratio[term] >= options.threshold)
    if options.max_order > 2:
        triples = tuple(
            sum(three) for three in combinations(lists, 3) if all(sum(two) in kept for two in combinations(three, 2))
        )
        of_three = _ratios(counts, (*kept, *triples), options, rng)
        ratio |= {term: of_three[term] for term in triples}
        kept += tuple(term for term in triples if of_three[term] >= options.threshold)
    drawn = _posterior(counts, kept, options, rng)
    return Thresholded(kept, ratio, counts.sum() + np.exp(drawn[:, 0]))


def _ratios(
    counts: Float64Array, terms: tuple[int, ...], options: Options, rng: np.random.Generator
) -> dict[int, float]:
    if not terms:
        return {}
    drawn = _posterior(counts, terms, options, rng)[:, -len(terms) :]
    ratio = np.abs(drawn.mean(axis=0)) / drawn.std(axis=0)
    return dict(zip(terms, ratio.tolist(), strict=True))


def _posterior(
    counts: Float64Array, terms: tuple[int, ...], options: Options, rng: np.random.Generator
) -> Float64Array:
    """Draws of the parameters: intercept, single lists, terms. (DRAWS, p)

    By importance resampling from a multivariate t around the mode, with the curvature there: the posterior is
    log-concave, so that this is near it.
    """
    n_lists = lists_of(counts)
    singles = tuple(bit(k, n_lists) for k in range(n_lists))
    matrix, seen = design((*singles, *terms), n_lists)[1:], counts[1:]
    precision = np.concatenate([np.zeros(1 + n_lists), np.full(len(terms), 1.0 / options.variance)])
    mode, curvature = _mode(seen, matrix, precision)
    spread = np.linalg.inv(np.linalg.cholesky(curvature)).T
    p = len(mode)
    normal = rng.standard_normal((DRAWS, p))
    scale = np.sqrt(FREEDOM / rng.chisquare(FREEDOM, DRAWS))
    step = normal * scale[:, None]
    proposed = mode + step @ spread.T
    score = proposed @ matrix.T
    density = score @ seen - np.exp(score).sum(axis=1) - 0.5 * (proposed**2) @ precision
    density += 0.5 * (FREEDOM + p) * np.log1p((step**2).sum(axis=1) / FREEDOM)
    weight = np.exp(density - logsumexp(density))
    places = (np.arange(DRAWS) + rng.random()) / DRAWS  # systematic resampling: hardly any noise of its own
    chosen = np.minimum(np.searchsorted(np.cumsum(weight), places), DRAWS - 1)
    resampled: Float64Array = proposed[chosen]
    return resampled


def _mode(seen: Float64Array, matrix: Float64Array, precision: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Mode and curvature of the log posterior, by Newton's method with halved steps."""
    beta = np.zeros(matrix.shape[1])
    beta[0] = np.log(seen.mean() + 0.5)

    def value(at: Float64Array) -> float:
        score = matrix @ at
        return float(seen @ score - np.exp(score).sum() - 0.5 * precision @ at**2)

    for _ in range(ITERATIONS):
        mean = np.exp(matrix @ beta)
        slope = matrix.T @ (seen - mean) - precision * beta
        curvature = (matrix.T * mean) @ matrix + np.diag(precision)
        step = np.linalg.solve(curvature, slope)
        length, now = 1.0, value(beta)
        while length > 1e-9 and not value(beta + length * step) >= now:
            length /= 2
        beta = beta + length * step
        if float(slope @ step) < SETTLED:
            break
    mean = np.exp(matrix @ beta)
    return beta, (matrix.T * mean) @ matrix + np.diag(precision)
