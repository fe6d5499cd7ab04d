"""No interaction of the highest order: closed form and posterior."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.estimate import published

from everybirth.estimate import loglinear, models, nohighest
from everybirth.estimate.cells import checked
from everybirth.estimate.summary import Status


@pytest.mark.parametrize(
    ("name", "method", "tolerance"),
    [("hav", "log-linear all", 1e-3), ("spina_bifida", "log-linear all", 1e-3), ("kosovo", "no-highest", 0.01)],
)
def test_closed_form(name, method, tolerance):
    """Births and standard error of the published tables."""
    held, found = published.expected(name, method), nohighest.point(published.counts(name))
    assert found.births[0] == pytest.approx(held["estimate"], abs=tolerance)
    assert found.se[0] == pytest.approx(held["se"], abs=tolerance)


@given(st.lists(st.integers(3, 500), min_size=8, max_size=8))
def test_closed_form_is_the_fitted_model(cells):
    """It is what fitting all pairwise terms gives."""
    counts = checked(cells)
    fitted = loglinear.fit(models.parse("[12,13,23]", 3), counts)
    found = nohighest.point(counts)
    assert found.births == pytest.approx(fitted.observed + fitted.missed, rel=1e-6)
    assert found.se == pytest.approx(fitted.se, rel=1e-6)
    assert found.model[0] == fitted.model.name


@given(st.lists(st.integers(0, 30), min_size=8, max_size=8), st.integers(0, 3))
def test_posterior_never_goes_below_the_births_listed(cells, seed):
    """All draws are whole, finite and no fewer than the births seen, whatever the zeros."""
    counts = checked(cells)
    for prior in (nohighest.SINGLE, nohighest.ADDED):
        drawn = nohighest.draws(counts, 200, np.random.default_rng(seed), prior)
        assert (drawn >= counts.sum()).all()
        assert np.isfinite(drawn).all()


def test_posterior_agrees_with_the_closed_form_where_births_are_many():
    """With large counts its median and limits are the delta method's."""
    counts = checked([0, 4000, 5000, 3000, 6000, 2500, 3500, 4500])
    one, other = nohighest.point(counts), nohighest.posterior(counts, 20_000, seed=1)
    assert other.births[0] == pytest.approx(one.births[0], rel=0.003)
    assert other.se[0] == pytest.approx(one.se[0], rel=0.03)
    assert (other.low[0], other.high[0]) == pytest.approx((one.low[0], one.high[0]), rel=0.01)


def test_posterior_covers():
    """Of 600 worlds with pairwise dependence, some cells small, 93 to 98 % have the truth in the interval."""
    member = np.array([[h >> 2 & 1, h >> 1 & 1, h & 1] for h in range(8)])
    share = np.exp(-0.4 * member.sum(axis=1) + 0.7 * (member.sum(axis=1) == 2) + 2.1 * (member.sum(axis=1) == 3))
    counts = np.random.default_rng(2).multinomial(400, share / share.sum(), size=600)
    found = nohighest.posterior(checked(counts), 1_000, seed=3)
    assert (found.status == Status.OK).mean() > 0.95
    covered = (found.low <= 400) & (found.high >= 400)
    assert 0.93 < covered[found.status == Status.OK].mean() < 0.98


def test_draws_of_many_tables_add_up():
    """Over sums of 100 small strata, intervals of ADDED draws hold the truth; those of SINGLE ones do not."""
    share = np.exp(np.array([0.0, 0.3, -0.3, 0.5, -0.3, 0.5, -0.1, 1.2]))
    counts = checked(np.random.default_rng(4).multinomial(150, share / share.sum(), size=3_000))
    truth = counts.sum(axis=1) + 150 * share[0] / share.sum()
    kept = {}
    for name, prior in (("added", nohighest.ADDED), ("single", nohighest.SINGLE)):
        drawn = nohighest.draws(counts, 300, np.random.default_rng(5), prior).reshape(30, 100, 300).sum(axis=1)
        low, high = np.quantile(drawn, [0.025, 0.975], axis=1)
        kept[name] = np.mean((low <= 15_000) & (high >= 15_000))
        if name == "added":
            assert drawn.mean() == pytest.approx(truth.reshape(30, 100).sum(axis=1).mean(), rel=0.01)
    assert kept["added"] >= 0.9
    assert kept["single"] < 0.3


def test_limits_that_say_nothing_are_refused():
    """One birth on a history: thousands of millions, or no number. A table of the same size beside it keeps its own."""
    counts = checked([[0, 4, 1, 1, 500, 1, 400, 300], [0, 300, 400, 150, 500, 120, 90, 60]])
    found = nohighest.posterior(counts, 500)
    assert found.status.tolist() == [Status.UNBOUNDED, Status.OK]
    assert np.isnan([found.births[0], found.se[0], found.low[0], found.high[0], *found.draws[0]]).all()
    assert np.isfinite([found.births[1], found.high[1], *found.draws[1]]).all()


def test_what_the_ceiling_leaves_still_covers():
    """Of worlds whose lists miss half, some tables are refused, none that ends below ten times the births listed.

    The intervals that are left hold the truth as often as all together.
    """
    share = np.exp(np.array([0.0, -1.6, -1.4, -2.6, -1.2, -2.6, -2.2, -3.0]))
    counts = checked(np.random.default_rng(8).multinomial(300, share / share.sum(), size=800))
    counts = counts[nohighest.gate(counts) == Status.OK]
    found, listed = nohighest.posterior(counts, 1_000, seed=2), counts.sum(axis=1)
    all_high = np.quantile(nohighest.draws(counts, 1_000, np.random.default_rng(3)), 0.975, axis=1)
    left = found.status == Status.OK
    assert 0.01 < 1 - left.mean() < 0.4
    assert left[all_high < 10 * listed].all()
    assert (found.high[left] <= 20 * listed[left]).all()
    covered = (found.low <= 300) & (found.high >= 300)
    assert 0.92 < covered[left].mean() < 0.985


def test_same_seed_same_draws():
    """Draws follow from counts and seed alone."""
    counts = published.counts("hav")
    one, other = (nohighest.posterior(counts, 50, seed=9).draws for _ in range(2))
    assert (one == other).all()
    assert (one != nohighest.posterior(counts, 50, seed=10).draws).any()


def test_an_empty_history_is_refused():
    """Korea, where no one is on the last two lists only: no number, and a reason."""
    for found in (nohighest.point(published.counts("korea")), nohighest.posterior(published.counts("korea"), 10)):
        assert found.status[0] == Status.EMPTY_HISTORY
        assert np.isnan([found.births[0], found.se[0], found.low[0], found.high[0]]).all()
