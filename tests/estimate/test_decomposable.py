"""Averaging over decomposable graphs."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.estimate import naive, published

from everybirth.errors import EstimateError
from everybirth.estimate import decomposable, graphs
from everybirth.estimate.cells import checked
from everybirth.estimate.decomposable import Prior
from everybirth.estimate.summary import Status


def births_at(found, observed, probabilities=(0.5, 0.025, 0.975)):
    """Median and limits, or other quantiles, of the births of the first table."""
    return [observed + decomposable.quantile(found, p)[0] for p in probabilities]


@pytest.mark.parametrize(("n_lists", "number"), [(3, 8), (4, 61), (5, 822)])
def test_all_decomposable_graphs_are_found(n_lists, number):
    """Their number, and for three and four lists each graph, is that of trying all graphs for chordless cycles."""
    found = {model.name for model in graphs.decomposable(n_lists, True).models}
    assert len(found) == number
    assert len(graphs.decomposable(n_lists, False).models) == number - 1
    edges = list(combinations(range(n_lists), 2))
    chordal = sum(
        naive.is_decomposable([e for place, e in enumerate(edges) if code >> place & 1], n_lists)
        for code in range(2 ** len(edges))
    )
    assert chordal == number


@pytest.mark.parametrize("saturated", [True, False])
def test_hepatitis_and_the_saturated_graph(saturated):
    """With the saturated graph the answer collapses to the births listed; without it, it does not."""
    held = published.expected("hav", f"dga BMA saturated graph {'INCLUDED' if saturated else 'EXCLUDED'}")
    found = decomposable.posterior(published.counts("hav"), Prior(1 / 8, saturated=saturated), np.arange(2711.0))
    assert births_at(found, 271) == [held["estimate"], *held["ci"]]
    if saturated:
        assert found.graph_weight.max() == pytest.approx(held["model_prob_saturated"], abs=1e-4)


def test_spina_bifida():
    """Madigan & York: best graph, average, modes and limits."""
    prior = Prior(1.0, shape=13.14, scale=55.17, saturated=True)
    table = published.counts("spina_bifida")
    found = decomposable.posterior(table, prior, np.arange(1.0, 301.0))
    births = found.missed[0] + 626
    held = published.expected("spina_bifida", "dga BMA, averaged", "as above")
    assert round((found.weight[0] / births).sum() / (found.weight[0] / births**2).sum()) == held["estimate"]
    assert births[found.weight[0].argmax()] == held["posterior_mode_N"]
    top = published.expected("spina_bifida", "dga BMA, top graph")
    names = [model.name for model in found.graphs.models]
    assert names[found.graph_weight[0].argmax()] == "[23,1]"
    assert found.graph_weight[0].max() == pytest.approx(top["posterior_model_prob"], abs=0.005)


def test_spina_bifida_best_graph_alone(monkeypatch):
    """Under the graph [1][23] alone: estimate 731, mode 729."""
    held = published.expected("spina_bifida", "dga BMA, top graph")
    every = graphs.decomposable(3, True)
    place = [model.name for model in every.models].index("[23,1]")
    alone = graphs.Graphs((every.models[place],), every.parts[[place]])
    monkeypatch.setattr(decomposable, "decomposable", lambda n_lists, saturated: alone)
    prior = Prior(1.0, shape=13.14, scale=55.17, saturated=True)
    found = decomposable.posterior(published.counts("spina_bifida"), prior, np.arange(1.0, 301.0))
    births = found.missed[0] + 626
    assert round((found.weight[0] / births).sum() / (found.weight[0] / births**2).sum()) == held["estimate"]
    assert births[found.weight[0].argmax()] == held["posterior_mode_N"]


def test_spina_bifida_limits():
    """Median, equal-tailed limits and mean of the average."""
    held = next(e for e in published.story("spina_bifida")["expected"] if e["method"].endswith("equal-tail"))
    prior = Prior(1.0, shape=13.14, scale=55.17, saturated=True)
    found = decomposable.posterior(published.counts("spina_bifida"), prior, np.arange(1.0, 301.0))
    assert births_at(found, 626) == [held["estimate"], *held["ci"]]
    assert (found.weight[0] * found.missed[0]).sum() + 626 == pytest.approx(held["mean"], abs=1e-3)


def test_kosovo():
    """Median and limits on a grid of every number up to ten times the listed."""
    held = published.expected("kosovo", "dga BMA")
    found = decomposable.posterior(published.counts("kosovo"), Prior(1 / 16), np.arange(44_001.0))
    assert births_at(found, 4400) == [held["estimate"], *held["ci"]]


def test_congenital_five_lists():
    """822 graphs: median, limits, mode and the estimator of least relative squared error."""
    held = published.expected("congenital5", "dga BMA")
    found = decomposable.posterior(published.counts("congenital5"), Prior(0.5, saturated=True), np.arange(1.0, 301.0))
    births = found.missed[0] + 537
    assert births_at(found, 537) == [held["estimate"], *held["ci"]]
    assert births[found.weight[0].argmax()] == held["mode"]
    relative = (found.weight[0] / births).sum() / (found.weight[0] / births**2).sum()
    assert relative == pytest.approx(held["rel_sq_error_estimator"], abs=0.005)


@pytest.mark.parametrize("name", ["netherlands5", "neworleans5", "uk5"])
def test_sparse_five_lists(name):
    """Median and limits on the published grid of a thousand numbers."""
    held, n = published.expected(name, "dga BMA"), published.story(name)["n_observed"]
    grid = np.unique(np.round(np.linspace(1, 30 * n, 1000)))
    found = decomposable.posterior(published.counts(name), Prior(saturated=True), grid)
    assert births_at(found, n) == [held["estimate"], *held["ci"]]


def test_density_agrees_with_the_slow_product_over_cliques():
    """For a chain of three lists and for a graph of four, up to a constant, at several numbers missed."""
    rng = np.random.default_rng(1)
    for name, cliques, separators, n_lists in (
        ("[12,23]", [(0, 1), (1, 2)], [(1,)], 3),
        ("[123,34]", [(0, 1, 2), (2, 3)], [(2,)], 4),
        ("[12,3]", [(0, 1), (2,)], [()], 3),
    ):
        counts = checked(rng.integers(0, 30, 2**n_lists))
        every = graphs.decomposable(n_lists, False)
        place = [model.name for model in every.models].index(name)
        missed = np.array([[0.0, 3.0, 40.0, 500.0]])
        fast = decomposable._log_density(counts, missed, Prior(0.3), every)[0, place]
        slow = [naive.log_density(list(counts[0]), int(x), cliques, separators, 0.3) for x in missed[0]]
        assert fast - fast[0] == pytest.approx(np.array(slow) - slow[0], abs=1e-8)


@pytest.mark.parametrize("name", ["hav", "kosovo", "neworleans5"])
def test_the_found_grid_agrees_with_every_whole_number(name):
    """Median and limits on the grid that narrows itself are those of all numbers up to 40 times the listed, to 1 %."""
    table, n = published.counts(name), published.story(name)["n_observed"]
    numbers = np.arange(40.0 * n) if n < 1000 else np.arange(0, 40.0 * n, 20)
    full, narrowed = (decomposable.posterior(table, Prior(), grid) for grid in (numbers, None))
    assert births_at(narrowed, n) == pytest.approx(births_at(full, n), rel=0.01)
    assert narrowed.graph_weight == pytest.approx(full.graph_weight, abs=0.01)


def test_a_nation_of_births_is_resolved():
    """With a hundred million births, the peak a thousandth wide is found."""
    counts = checked(np.round(1e8 * np.array([0, 0.1, 0.1, 0.1, 0.1, 0.2, 0.2, 0.19])))
    found = decomposable.average(counts, Prior(), n_draws=2_000, seed=1)
    assert 0 < found.high[0] - found.low[0] < 0.01 * found.births[0]
    assert np.quantile(found.draws[0], [0.025, 0.975]) == pytest.approx([found.low[0], found.high[0]], rel=1e-4)


@settings(max_examples=25)
@given(st.lists(st.integers(0, 60), min_size=8, max_size=8), st.permutations(range(3)))
def test_the_order_of_lists_changes_nothing(cells, order):
    """Median and limits stay, whichever list is called first."""
    counts = checked(cells)
    new = sum(((np.arange(8) >> (2 - order[place])) & 1) << (2 - place) for place in range(3))
    moved = np.zeros_like(counts)
    moved[0, new] = counts[0]
    one, other = decomposable.average(counts, Prior()), decomposable.average(moved, Prior())
    assert one.status.tolist() == other.status.tolist()
    assert other.births == pytest.approx(one.births, nan_ok=True)
    assert other.high == pytest.approx(one.high, nan_ok=True)
    assert np.isnan(one.births[0]) or counts.sum() <= one.low[0] <= one.births[0] <= one.high[0]


def test_many_tables_are_averaged_as_each_alone():
    """Tables of different size get, together, what each gets alone."""
    counts = checked(np.random.default_rng(2).poisson(np.array([[5.0], [40.0], [300.0]]), (3, 8)))
    together = decomposable.average(counts, Prior())
    alone = [decomposable.average(row[None, :], Prior()) for row in counts]
    assert together.births.tolist() == [one.births[0] for one in alone]
    assert together.model.tolist() == [one.model[0] for one in alone]


def test_draws_follow_the_posterior():
    """The quantiles of many draws are those of the weights, for each table its own."""
    counts = np.vstack([published.counts("hav"), published.counts("spina_bifida")])
    found = decomposable.average(counts, Prior(), n_draws=40_000, seed=2)
    for row in range(2):
        limits = np.quantile(found.draws[row], [0.025, 0.5, 0.975])
        assert limits == pytest.approx([found.low[row], found.births[row], found.high[row]], rel=0.02)


def test_too_little_overlap_is_refused():
    """No number where nothing is shared."""
    found = decomposable.average(checked([0, 9, 9, 0, 9, 0, 0, 0]), Prior(), n_draws=3)
    assert found.status[0] == Status.NO_OVERLAP
    assert np.isnan([found.births[0], found.high[0], found.draws[0, 0]]).all()


def test_limits_that_say_nothing_are_refused():
    """Lists that share next to nothing among 1,207 births: an upper limit of 94,000 is no answer."""
    found = decomposable.average(checked([0, 300, 400, 1, 500, 1, 1, 4]), Prior(), n_draws=3)
    assert found.status[0] == Status.UNBOUNDED
    assert np.isnan([found.births[0], found.high[0], found.draws[0, 0]]).all()


def test_seven_lists_are_too_many():
    """The error says what to do instead."""
    with pytest.raises(EstimateError, match="latent-class"):
        decomposable.posterior(checked(np.ones(128)), Prior())
