"""Log-linear models: figures, limits, choice and average."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.estimate import naive, published

from everybirth.estimate import independent, loglinear, models, profile, selection, stepwise
from everybirth.estimate.cells import checked
from everybirth.estimate.summary import Status

PAIRS_4 = "[12,13,14,23,24,34]"
FITTED = [
    ("hav", "[1,2,3]", "log-linear independence", 1e-3),
    ("hav", "[12,13,23]", "log-linear all pairwise", 1e-3),
    ("hav", "[12,23]", "log-linear [12,23]", 1e-3),
    ("spina_bifida", "[23,1]", "log-linear [23,1]", 1e-3),
    ("spina_bifida", "[12,23]", "log-linear [12,23]", 1e-3),
    ("spina_bifida", "[12,13,23]", "log-linear all pairwise", 1e-3),
    ("kosovo", "[123,14,34]", "log-linear, min BIC", 0.01),
    ("kosovo", "[123,134]", "log-linear, min AIC", 0.01),
    ("kosovo", "[123,124,134,234]", "no-highest-order", 0.01),
    ("kosovo", PAIRS_4, "all pairwise", 0.01),
    ("kosovo", "[1,2,3,4]", "independence", 0.01),
    ("congenital5", "[1,2,3,4,5]", "log-linear independence", 1e-2),
]


@pytest.mark.parametrize(("name", "model", "method", "tolerance"), FITTED)
def test_fits_published_tables(name, model, method, tolerance):
    """Births, standard error, deviance, AIC, BIC and profile limits of each table and model."""
    table = published.counts(name)
    held = published.expected(name, method)
    fitted = loglinear.fit(models.parse(model, len(published.story(name)["lists"])), table)
    assert fitted.observed[0] + fitted.missed[0] == pytest.approx(held["estimate"], abs=tolerance)
    assert fitted.se[0] == pytest.approx(held["se"], abs=tolerance)
    for key, value in (("deviance", fitted.deviance), ("df", fitted.df), ("AIC", fitted.aic), ("BIC", fitted.bic)):
        if key in held:
            assert value[0] == pytest.approx(held[key], abs=1e-3)
    if "ci" in held:
        limits = profile.profile_interval(fitted.model, table[0])
        assert limits == pytest.approx(held["ci"], abs=0.5 if name == "kosovo" else tolerance)


@pytest.mark.parametrize("name", ["netherlands5", "neworleans5", "uk5"])
def test_independence_of_five_sparse_lists(name):
    """Births to 1e-5; the limits, published from another profile (of the mean, not of the births), within 2 %."""
    table, held = published.counts(name), published.expected(name, "log-linear independence")
    found = independent.independent(table)
    assert found.births[0] == pytest.approx(held["estimate"], rel=1e-5)
    assert profile.profile_interval(models.independence(5), table[0]) == pytest.approx(held["ci"], rel=0.02)


def test_korea_models_and_choice():
    """Six admissible models with their births and BIC; the least BIC is [12,23]."""
    held = published.expected("korea", "BIC selection")
    fits = selection.fit_all(published.counts("korea"))
    found = {m.name: (n + 123, b) for m, n, b in zip(fits.models, fits.missed[:, 0], fits.bic[:, 0], strict=True)}
    kept = {name: figures for name, figures in found.items() if np.isfinite(figures[0])}
    assert kept.keys() == held["BIC_table"].keys()
    for name, figures in kept.items():
        assert figures == pytest.approx(held["BIC_table"][name], abs=1e-4)
    chosen = selection.best("loglinear-bic", fits)
    assert chosen.model[0] == held["model"]
    assert chosen.births[0] == pytest.approx(held["estimate"], abs=1e-4)


def test_kosovo_choices():
    """Of 113 models, BIC takes the published one and AIC another."""
    fits = selection.fit_all(published.counts("kosovo"))
    assert (fits.status == Status.OK).all()
    assert selection.best("loglinear-bic", fits).model[0] == "[123,14,34]"
    assert selection.best("loglinear-aic", fits).model[0] == "[123,134]"


@pytest.mark.parametrize("name", ["korea", "netherlands5", "neworleans5", "uk5"])
def test_stepwise(name):
    """The published births, and for Korea the model, deviance, AIC and BIC."""
    held = next(one for one in published.story(name)["expected"] if "tepwise" in one["method"])
    fitted = stepwise.stepwise(published.counts(name)[0])
    tolerance = {"abs": 1e-4} if name == "korea" else {"rel": 1e-6}
    assert fitted.observed[0] + fitted.missed[0] == pytest.approx(held["estimate"], **tolerance)
    if name == "korea":
        assert fitted.model.name == held["model"]
        assert fitted.deviance[0] == pytest.approx(held["deviance"], abs=1e-5)
        assert (fitted.aic[0], fitted.bic[0]) == pytest.approx((held["aic"], held["bic"]), abs=1e-4)


def test_many_tables_go_step_by_step_as_each_alone():
    """Births missed of sparse tables, fitted together, are those of each table's own steps; some steps are taken."""
    rng = np.random.default_rng(8)
    means = np.geomspace(3, 400, 60)[:, None] * 0.5 ** np.array([h.bit_count() for h in range(16)])
    for pair, first in ((0b1100, 0), (0b0011, 1), (0b1001, 2)):
        means[first::2, [(h & pair) == pair for h in range(16)]] *= 6
    counts = checked(rng.poisson(means))
    alone = [stepwise.stepwise(row) for row in counts]
    assert stepwise.stepwise_missed(counts) == pytest.approx([one.missed[0] for one in alone], rel=1e-7, nan_ok=True)
    assert len({one.model for one in alone}) > 3


@pytest.mark.parametrize("generators", [[(0,), (1,), (2,)], [(0, 1), (2,)], [(0, 1), (1, 2)], [(0, 1), (0, 2), (1, 2)]])
def test_newton_agrees_with_a_general_optimiser(generators):
    """Births missed of 20 random tables, to a millionth."""
    rng = np.random.default_rng(4)
    counts = checked(rng.integers(1, 80, (20, 8)))
    name = "[" + ",".join("".join(str(j + 1) for j in one) for one in generators) + "]"
    fitted = loglinear.fit(models.parse(name, 3), counts)
    slow = [naive.fit(generators, row) for row in counts]
    assert fitted.missed == pytest.approx(slow, rel=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=8, max_size=8), st.permutations(range(3)))
def test_the_order_of_lists_changes_nothing(cells, order):
    """Exchanging lists exchanges the digits of the models' names and leaves the births alone."""
    counts = checked(cells)
    old = np.arange(8)
    new = sum(((old >> (2 - order[place])) & 1) << (2 - place) for place in range(3))
    moved = np.zeros_like(counts)
    moved[0, new] = counts[0]
    fits, again = selection.fit_all(counts), selection.fit_all(moved)
    births = np.sort(fits.missed[:, 0])
    assert np.sort(again.missed[:, 0]) == pytest.approx(births, rel=1e-6, abs=1e-6, nan_ok=True)
    one, other = selection.bic_average(fits), selection.bic_average(again)
    assert other.births == pytest.approx(one.births, rel=1e-5, nan_ok=True)


def test_many_tables_are_fitted_as_each_alone():
    """Sparse tables, whose zeros differ, get the same figures together and one by one."""
    counts = checked(np.random.default_rng(6).poisson(1.5, (150, 16)))
    model = models.parse("[123,24]", 4)
    together = loglinear.fit(model, counts)
    alone = [loglinear.fit(model, row[None, :]) for row in counts]
    assert together.status.tolist() == [one.status[0] for one in alone]
    assert together.missed == pytest.approx([one.missed[0] for one in alone], rel=1e-7, nan_ok=True)
    assert {Status.OK, Status.NO_MAXIMUM} <= set(together.status.tolist())


@pytest.mark.parametrize("n_lists", [2, 3, 4])
def test_the_short_cut_for_independence_is_the_model(n_lists):
    """Births, standard error, AIC and BIC are those of the fitted model, and both refuse the same tables."""
    density = np.repeat([[0.15], [1.5]], 200, axis=0)
    counts = checked(np.random.default_rng(n_lists).poisson(density, (400, 2**n_lists)))
    counts = counts[~(independent.independent(counts).status == Status.EMPTY_LIST)]
    found, fitted = independent.independent(counts), loglinear.fit(models.independence(n_lists), counts)
    assert ((found.status == Status.OK) == (fitted.status == Status.OK)).all()
    assert found.births == pytest.approx(fitted.observed + fitted.missed, rel=1e-6, nan_ok=True)
    assert found.se == pytest.approx(fitted.se, rel=1e-5, nan_ok=True)
    refused = found.status != Status.OK
    assert refused.any()
    assert found.bic[~refused] == pytest.approx(fitted.bic[~refused], abs=1e-6)
    assert found.aic[~refused] == pytest.approx(fitted.aic[~refused], abs=1e-6)


def test_average_lies_among_the_models_and_covers_them():
    """Weights sum to 1; the average is between the extremes; its interval is wider than the best model's."""
    fits = selection.fit_all(published.counts("kosovo"))
    weights = selection.bic_weights(fits)
    found, chosen = selection.bic_average(fits), selection.best("loglinear-bic", fits)
    assert weights.sum(axis=0) == pytest.approx(1)
    births = fits.missed[weights[:, 0] > 0.01, 0] + 4400
    assert births.min() < found.births[0] < births.max()
    assert found.high[0] - found.low[0] > chosen.high[0] - chosen.low[0]


def test_average_of_one_model_is_that_model():
    """With a single model the mixture's limits are its log-normal ones."""
    table = published.counts("hav")
    fits = selection.fit_all(table, models=(models.independence(3),))
    one, other = selection.bic_average(fits), selection.best("loglinear-bic", fits)
    assert (one.births[0], one.low[0], one.high[0]) == pytest.approx(
        (other.births[0], other.low[0], other.high[0]), rel=1e-6
    )


def test_no_model_at_all_is_said():
    """A table whose lists share nothing leaves no model, and no figure."""
    fits = selection.fit_all(checked([0, 5, 5, 0, 5, 0, 0, 0]))
    for found in (selection.best("loglinear-bic", fits), selection.bic_average(fits)):
        assert found.status[0] == Status.NO_MODEL
        assert np.isnan([found.births[0], found.low[0], found.high[0]]).all()


def test_refused_models_have_no_limits():
    """No profile is drawn for a model without a maximum."""
    limits = profile.profile_interval(models.parse("[12,13]", 3), published.counts("korea")[0])
    assert np.isnan(limits).all()
