"""Lincoln-Petersen and Chapman."""

import numpy as np
import pytest
from tests.estimate import published

from everybirth.errors import EstimateError
from everybirth.estimate import chapman
from everybirth.estimate.cells import bit, checked
from everybirth.estimate.summary import Status


def test_seber_two_occasions():
    """Chapman with Seber's standard error, and Lincoln-Petersen, to six digits."""
    table = published.counts("seber_two_list")
    held = published.expected("seber_two_list", "Chapman")
    found = chapman.chapman(table)
    assert found.births[0] == pytest.approx(held["estimate"], abs=1e-6)
    assert found.se[0] == pytest.approx(held["se"], abs=1e-6)
    simple = chapman.lincoln_petersen(table).births[0]
    assert simple == pytest.approx(published.expected("seber_two_list", "Lincoln")["estimate"], abs=1e-6)


@pytest.mark.parametrize("pair", ["12", "13", "23"])
def test_pairs_of_the_hepatitis_lists(pair):
    """Petersen, Chapman, standard error and the interval of Chao for each pair of lists."""
    three = published.counts("hav")[0]
    first, second = (bit(int(digit) - 1, 3) for digit in pair)
    table = np.zeros(4)
    for history in range(1, 8):
        table[2 * bool(history & first) + bool(history & second)] += three[history]
    found = chapman.chapman(checked(table))
    figures = [
        chapman.lincoln_petersen(checked(table)).births[0],
        found.births[0],
        found.se[0],
        found.low[0],
        found.high[0],
    ]
    assert figures == pytest.approx(published.expected("hav", "Petersen")["pairs"][pair], abs=1e-3)


def test_sensitivity_scales_the_missed_births_with_the_odds_ratio():
    """Independence gives Chapman's births; an odds ratio of 2 doubles what both lists missed."""
    table = checked([[0, 20, 30, 40], [0, 5, 5, 50]])
    curve = chapman.sensitivity(table, (1.0, 2.0))
    births = chapman.chapman(table).births
    assert curve[:, 0] == pytest.approx(births)
    assert curve[:, 1] - births == pytest.approx(births - table.sum(axis=1))


def test_few_shared_births_are_refused_and_the_rest_is_not():
    """One bad table among good ones has no number and does not disturb them."""
    table = checked([[0, 20, 30, 40], [0, 20, 30, 0], [0, 20, 30, 3], [0, 20, 30, 40]])
    found = chapman.chapman(table, n_draws=5)
    assert found.status.tolist() == [Status.OK, Status.NO_OVERLAP, Status.SMALL_OVERLAP, Status.OK]
    for values in (found.births, found.se, found.low, found.high, found.draws[:, 0]):
        assert np.isnan(values).tolist() == [False, True, True, False]
    assert np.isnan(chapman.lincoln_petersen(table).births).tolist() == [False, True, False, False]


@pytest.mark.parametrize("counts", [[0, 0, 100, 500], [0, 100, 0, 500], [0, 0, 0, 50]])
def test_nested_lists_are_refused(counts):
    """A list that holds nothing the other does not, as one made from it would: no figure, certain or not."""
    for found in (chapman.chapman(checked(counts), n_draws=3), chapman.lincoln_petersen(checked(counts))):
        assert found.status[0] == Status.NO_MAXIMUM
        assert np.isnan([found.births[0], found.se[0], found.low[0], found.high[0]]).all()


def test_draws_have_the_mean_and_error_of_the_estimate():
    """So that their sums over tables are right on average; and few of them lie outside the interval."""
    found = chapman.chapman(checked([0, 20, 30, 40]), n_draws=100_000, seed=1)
    assert found.draws[0].mean() == pytest.approx(found.births[0], rel=1e-3)
    assert found.draws[0].std() == pytest.approx(found.se[0], rel=0.03)
    assert np.mean((found.draws[0] < found.low[0]) | (found.draws[0] > found.high[0])) < 0.1


def test_the_interval_covers_when_lists_are_independent():
    """Of 2,000 simulated pairs of independent lists, 93 to 97 % have the truth in their interval."""
    rng = np.random.default_rng(3)
    counts = checked(rng.multinomial(500, [0.12, 0.18, 0.28, 0.42], size=2_000))
    found = chapman.chapman(counts)
    assert 0.93 < np.mean((found.low <= 500) & (found.high >= 500)) < 0.97


def test_other_numbers_of_lists_are_refused():
    """Chapman is for two lists."""
    with pytest.raises(EstimateError, match="for two"):
        chapman.chapman(checked(np.ones(8)))
