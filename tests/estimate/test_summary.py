"""Limits of draws, many of which may be equal."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from everybirth.estimate.summary import interval


def slow_low(draws: list[float], tail: float) -> float:
    """The least draw with that share of draws below it, half of the equal ones counted."""
    for value in sorted(draws):
        if sum(d < value for d in draws) + sum(d == value for d in draws) / 2 >= tail * len(draws):
            return value
    return max(draws)


@given(arrays(np.int64, st.tuples(st.integers(1, 4), st.integers(1, 60)), elements=st.integers(0, 9)))
def test_limits_are_the_first_draws_whose_mid_rank_reaches_the_tail(drawn: np.ndarray) -> None:
    """Against a slow twin, from either side; the median lies between them."""
    middle, low, high = interval(drawn.astype(np.float64), 0.9)
    for row, values in enumerate(drawn.astype(float).tolist()):
        assert low[row] == slow_low(values, 0.05)
        assert high[row] == -slow_low([-value for value in values], 0.05)
        assert low[row] <= middle[row] <= high[row]
        assert middle[row] == np.median(values)


def test_limits_of_unequal_draws_are_the_usual_ones() -> None:
    """To within a draw on either side."""
    draws = np.random.default_rng(1).standard_normal((5, 4000))
    _, low, high = interval(draws)
    np.testing.assert_allclose(np.quantile(draws, [0.025, 0.975], axis=1), [low, high], atol=0.01)


@pytest.mark.parametrize("mean", [3.0, 12.0, 40.0])
def test_an_interval_of_few_births_holds_what_it_says(mean: float) -> None:
    """Over many posteriors of different centres, closed intervals hold nineteen in twenty, not more."""
    rng = np.random.default_rng(3)
    centre = mean * rng.gamma(4.0, 0.25, 4000)
    draws = rng.poisson(centre[:, None], (4000, 400)).astype(np.float64)
    truth = rng.poisson(centre)
    _, low, high = interval(draws)
    held = float(np.mean((low <= truth) & (truth <= high)))
    usual = np.quantile(draws, [0.025, 0.975], axis=1)
    assert held == pytest.approx(0.95, abs=0.015)
    assert np.mean((usual[0] <= truth) & (truth <= usual[1])) > held


def test_refused_rows_have_no_limits_and_no_rows_give_none() -> None:
    """NaN in, NaN out; an empty array is not an error."""
    draws = np.array([[1.0, 2.0, 3.0], [np.nan, np.nan, np.nan]])
    figures = interval(draws)
    assert [each[0] for each in figures] == [2.0, 1.0, 3.0]
    assert all(np.isnan(each[1]) for each in figures)
    assert [len(each) for each in interval(np.zeros((0, 4)))] == [0, 0, 0]
