"""Births missed, averaged over decomposable graphs in closed form (Madigan & York 1997)."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, logsumexp

from everybirth.estimate.cells import lists_of, sizes
from everybirth.estimate.gate import overlap_status
from everybirth.estimate.graphs import Graphs, decomposable
from everybirth.estimate.summary import LEVEL, Status, Summary, bounded
from everybirth.tables import Float64Array, Int64Array

ASSUMPTIONS = {
    "decomposable-average": "if, given some of the lists, the others are independent in one of the ways averaged over",
    "decomposable-average-saturated": (
        "if the number missed by all lists follows the others or, in the saturated graph, only the prior"
    ),
}
LARGEST_RATIO = 100  # births missed are sought up to this many times the births listed
GRID = 1000  # numbers of missed births at which the posterior is computed
COARSE = 400  # and at which it is first looked for
KEPT = 40.0  # log density below the peak from which on nothing is left to see
CHUNK = 4_000_000  # numbers held at once, per array


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed beforehand.

    delta    of the hyper-Dirichlet prior, per cell; None: 1 / (number of cells)
    shape, scale   births are Poisson with a Gamma mean of this shape and scale; shape 0: prior 1 / births
    saturated      whether the graph that joins all lists, which says nothing of the missed births, is among the graphs
    """

    delta: float | None = None
    shape: float = 0.0
    scale: float = 0.0
    saturated: bool = False


@dataclass(frozen=True, slots=True)
class Posterior:
    """Births missed and graphs, given the counts.

    missed   (n_tables, n_grid) ascending numbers of missed births
    width    (n_tables, n_grid) how many whole numbers each stands for
    weight   (n_tables, n_grid) their probability, summing to 1
    graph_weight   (n_tables, n_graphs)
    """

    graphs: Graphs
    missed: Float64Array
    width: Float64Array
    weight: Float64Array
    graph_weight: Float64Array


def posterior(counts: Float64Array, prior: Prior, missed: Float64Array | None = None) -> Posterior:
    """The joint posterior of the births missed and the graph.

    counts   (n_tables, 2**L) checked counts
    missed   (n_grid,) numbers of missed births to consider, all alike; None: a fine grid where the mass is,
             found for each table between 0 and 100 times the births listed
    Raises   EstimateError  if there are more than six lists
    Source   Madigan & York 1997, section 3
    """
    graphs = decomposable(lists_of(counts), prior.saturated)
    n_tables, n_grid = len(counts), GRID if missed is None else len(missed)
    step = max(1, CHUNK // (n_grid * max(len(graphs.models), counts.shape[1])))
    pieces = [_chunk(counts[start : start + step], prior, graphs, missed) for start in range(0, n_tables, step)]
    return Posterior(graphs, *(np.concatenate(part) for part in zip(*pieces, strict=True)))


def _chunk(
    counts: Float64Array, prior: Prior, graphs: Graphs, missed: Float64Array | None
) -> tuple[Float64Array, Float64Array, Float64Array, Float64Array]:
    if missed is None:
        grid, width = _grid(counts, prior, graphs)
    else:
        grid = np.broadcast_to(missed, (len(counts), len(missed)))
        width = np.ones_like(grid)
    density = _log_density(counts, grid, prior, graphs) + np.log(np.maximum(width, 1e-300))[:, None, :]
    density -= logsumexp(density, axis=(1, 2), keepdims=True)
    weight = np.exp(density)
    return grid, width, weight.sum(axis=1), weight.sum(axis=2)


def _grid(counts: Float64Array, prior: Prior, graphs: Graphs) -> tuple[Float64Array, Float64Array]:
    """A grid for each table, and the whole numbers each of its points stands for.

    Narrowed first to where any graph has its peak, since on a wide grid a narrow peak is seen too low to be compared
    with others; then to where the mass is.
    """
    low = np.zeros(len(counts))
    high = np.log1p(LARGEST_RATIO * np.maximum(counts.sum(axis=1), 1.0))
    rows = np.arange(len(counts))
    for points, apart in ((COARSE, True), (GRID, False)):
        grid = _between(low, high, points)
        density = _log_density(counts, grid, prior, graphs)
        peak = density.max(axis=2, keepdims=True)
        if not apart:
            peak = peak.max(axis=1, keepdims=True)
        seen = (density > peak - KEPT).any(axis=1)
        first = np.maximum(seen.argmax(axis=1) - 1, 0)
        last = np.minimum(points - seen[:, ::-1].argmax(axis=1), points - 1)
        low, high = np.log1p(grid[rows, first]), np.log1p(grid[rows, last])
    grid = _between(low, high, GRID)
    gaps = np.diff(grid, axis=1) / 2
    half = np.full((len(counts), 1), 0.5)
    return grid, np.hstack([half, gaps]) + np.hstack([gaps, half])


def _between(low: Float64Array, high: Float64Array, points: int) -> Float64Array:
    """Whole numbers from low to high, both logarithms of one more, dense where small: (n_tables, points)."""
    return np.rint(np.expm1(np.linspace(low, high, points, axis=1)))


def _log_density(counts: Float64Array, missed: Float64Array, prior: Prior, graphs: Graphs) -> Float64Array:
    """Log posterior density, up to a constant, of each graph and number of missed births.

    missed   (n_tables, n_grid)
    Returns  (n_tables, n_graphs, n_grid)
    """
    births = counts.sum(axis=1)[:, None] + missed
    shared = graphs.parts @ _set_terms(counts, missed, births, prior)
    if prior.shape > 0:
        log_prior = gammaln(births + prior.shape) - gammaln(births + 1)
        log_prior += births * np.log(prior.scale / (1 + prior.scale))
    else:
        log_prior = -np.log(np.maximum(births, 1.0))
    density: Float64Array = shared + (log_prior + gammaln(births + 1) - gammaln(missed + 1))[:, None, :]
    return density


def _set_terms(counts: Float64Array, missed: Float64Array, births: Float64Array, prior: Prior) -> Float64Array:
    """Log marginal likelihood of the table of each set of lists alone: (n_tables, 2**L, n_grid).

    Only the cell of births on none of the set changes with the births missed.
    """
    cells = counts.shape[1]
    n_lists = lists_of(counts)
    delta = 1.0 / cells if prior.delta is None else prior.delta
    terms = np.empty((len(counts), cells, missed.shape[1]))
    whole = gammaln(births + delta * cells) - gammaln(delta * cells)
    histories = np.arange(cells)
    for lists, size in zip(range(cells), sizes(n_lists), strict=True):
        alpha = delta * 2.0 ** (n_lists - int(size))
        sums = _marginal(counts, histories & lists)
        fixed = (gammaln(sums[:, 1:] + alpha) - gammaln(alpha)).sum(axis=1)
        open_cell = gammaln(sums[:, :1] + missed + alpha) - gammaln(alpha)
        terms[:, lists] = fixed[:, None] + open_cell - whole
    return terms


def _marginal(counts: Float64Array, keys: Int64Array) -> Float64Array:
    """Counts added up over the cells with the same key; the cell that is on none of the lists comes first."""
    values, place = np.unique(keys, return_inverse=True)
    return counts @ np.eye(len(values))[place]


def quantile(found: Posterior, probability: float) -> Float64Array:
    """The first number of missed births whose cumulated weight exceeds a probability: (n_tables,)."""
    beyond = np.cumsum(found.weight, axis=1) > probability
    place = np.where(beyond.any(axis=1), beyond.argmax(axis=1), found.weight.shape[1] - 1)
    chosen: Float64Array = np.take_along_axis(found.missed, place[:, None], axis=1)[:, 0]
    return chosen


def draws(found: Posterior, n_draws: int, rng: np.random.Generator) -> Float64Array:
    """Numbers of missed births drawn from the posterior: (n_tables, n_draws)."""
    cumulated = np.cumsum(found.weight, axis=1)
    cumulated /= cumulated[:, -1:]
    u = rng.random((len(cumulated), n_draws))
    # One search for all tables: row i of the cumulated weights is moved to between i and i + 1.
    shift = np.arange(len(cumulated))[:, None]
    place = np.searchsorted((cumulated + shift).ravel(), u + shift, side="right") - shift * cumulated.shape[1]
    place = np.clip(place, 0, cumulated.shape[1] - 1)
    centre, width = np.take_along_axis(found.missed, place, 1), np.take_along_axis(found.width, place, 1)
    jitter = np.rint((rng.random(centre.shape) - 0.5) * np.where(width > 1, width, 0.0))
    return np.maximum(centre + jitter, 0.0)


def average(counts: Float64Array, prior: Prior, level: float = LEVEL, n_draws: int = 0, seed: int = 0) -> Summary:
    """Births averaged over the graphs: posterior median, standard deviation and equal-tailed limits.

    counts   (n_tables, 2**L) checked counts
    Returns  a summary whose model is the most probable graph; a table is refused whose upper limit is absurd
             (summary.CEILING), which is well below the end of the search
    """
    status = overlap_status(counts)
    rows = np.flatnonzero(status == Status.OK)
    births, se, low, high = np.full((4, len(counts)), np.nan)
    drawn = np.full((len(counts), n_draws), np.nan)
    titles = np.array([model.name for model in decomposable(lists_of(counts), prior.saturated).models])
    names = np.full(len(counts), "", dtype=titles.dtype)
    if len(rows):
        found, observed = posterior(counts[rows], prior), counts[rows].sum(axis=1)
        mean = (found.weight * found.missed).sum(axis=1)
        se[rows] = np.sqrt((found.weight * (found.missed - mean[:, None]) ** 2).sum(axis=1))
        for values, p in ((low, (1 - level) / 2), (births, 0.5), (high, (1 + level) / 2)):
            values[rows] = observed + quantile(found, p)
        drawn[rows] = observed[:, None] + draws(found, n_draws, np.random.default_rng(seed))
        names[rows] = titles[found.graph_weight.argmax(axis=1)]
    method = "decomposable-average-saturated" if prior.saturated else "decomposable-average"
    kept = drawn if n_draws else None
    summary = Summary(method, ASSUMPTIONS[method], names, births, se, low, high, status, draws=kept)
    return bounded(summary, counts.sum(axis=1))
