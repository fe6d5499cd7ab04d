"""The sex ratio at birth: shrunk, compared with a reference, on births that happened."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.estimate.listed import SCOPE, Town, counted

from everybirth.estimate.ratios import UNUSUAL, discoveries, sex_ratios, shrink
from everybirth.estimate.strata import estimated


@given(st.lists(st.floats(0, 1), max_size=40))
def test_discoveries_are_those_of_the_slow_definition(p_values: list[float]) -> None:
    """The largest k whose k-th smallest p-value is at most k/n of the rate; all up to it are discoveries."""
    p = np.array(p_values)
    n = len(p)
    ordered = sorted(p_values)
    k = max((i + 1 for i in range(n) if ordered[i] <= 0.05 * (i + 1) / n), default=0)
    expected = p <= ordered[k - 1] if k else np.zeros(n, dtype=bool)
    assert discoveries(p).tolist() == expected.tolist()


def test_log_ratios_are_shrunk_as_far_as_they_are_uncertain() -> None:
    """Noise alone is drawn to one value; the true spread and centre are found; large areas stay."""
    rng = np.random.default_rng(2)
    sd = rng.uniform(0.02, 0.2, 400)
    noise = shrink(0.05 + sd * rng.standard_normal(400), sd)
    assert noise.between < 0.03
    true = 0.05 + 0.1 * rng.standard_normal(400)
    seen = true + sd * rng.standard_normal(400)
    found = shrink(seen, sd)
    assert found.between == pytest.approx(0.1, abs=0.02)
    assert found.centre == pytest.approx(0.05, abs=0.02)
    assert np.mean((found.mean - true) ** 2) < np.mean((seen - true) ** 2)
    assert np.mean(np.abs(found.mean - true) < 1.96 * found.sd) == pytest.approx(0.95, abs=0.035)
    one = shrink(np.array([0.3]), np.array([0.1]))
    assert (one.mean[0], one.sd[0]) == pytest.approx((0.3, 0.1))


def _country(missed_girls: str = "", n: int = 24_000) -> Town:
    """Four areas of like size; in one of them no list has four tenths of the girls."""
    rng = np.random.default_rng(3)
    sex = np.where(rng.random(n) < 0.512, "male", "female")
    area = np.array(["d", "a", "c", "b"])[rng.integers(4, size=n)]
    held = rng.random((n, 3)) < [0.8, 0.6, 0.7]
    held[:, 2] &= (sex == "male") | (rng.random(n) < 0.8)  # the register misses girls; other lists have them
    held[(area == missed_girls) & (sex == "female") & (rng.random(n) < 0.4)] = False
    return Town(held, 3, residence=area, sex=sex)


def test_the_ratio_is_that_of_births_not_of_registered_births() -> None:
    """A register that misses girls has too high a ratio; all births have not, and the gap is shown."""
    made = _country()
    _, found = counted(made.records(), made.base, SCOPE)
    table = sex_ratios(estimated(found, 0), found, SCOPE)
    total = table.row(0, named=True)
    assert total["registered_ratio"] == pytest.approx(1.05 / 0.8, abs=0.05)
    assert total["ratio"] == pytest.approx(1.05, abs=0.04)
    assert total["gap"] == pytest.approx(-0.14, abs=0.02)
    assert total["gap_low"] < total["gap"] < total["gap_high"] < 0
    assert table["area"].to_list() == [None, "a", "b", "c", "d"]
    assert not table["unusual"].any()
    assert set(table["note"]) == {""}


def test_an_area_without_girls_is_called_unusual_in_plain_words() -> None:
    """Where girls are on no list at all, the area stands out; the words give reasons to check, no verdict."""
    made = _country(missed_girls="b")
    _, found = counted(made.records(), made.base, SCOPE)
    table = sex_ratios(estimated(found, 0), found, SCOPE).filter(level="area")
    assert table.filter(unusual=True)["area"].to_list() == ["b"]
    row = table.filter(area="b").row(0, named=True)
    assert row["note"] == UNUSUAL
    assert row["ratio"] > row["funnel_high"]
    assert row["shrunk"] < row["ratio"]


def test_the_reference_and_its_uncertainty_are_the_plans() -> None:
    """A reference that may be far off makes nothing unusual; the funnel widens."""
    made = _country(missed_girls="b")
    _, found = counted(made.records(), made.base, SCOPE)
    draws = estimated(found, 0)
    vague = sex_ratios(draws, found, replace(SCOPE, sex_ratio=1.10, sex_ratio_sd=0.5))
    assert not vague["unusual"].any()
    assert set(vague["expected"]) == {1.10}
    sharp = sex_ratios(draws, found, SCOPE)
    assert (vague["funnel_high"] > sharp["funnel_high"]).all()


def test_without_both_sexes_there_are_no_ratios() -> None:
    """One sex, or no sex at all, gives an empty table."""
    made = _country(n=400)
    made.fields["sex"] = ["male"] * len(made.list_of)
    _, found = counted(made.records(), made.base, SCOPE)
    assert sex_ratios(estimated(found, 0), found, SCOPE).height == 0
    del made.fields["sex"]
    _, found = counted(made.records(), made.base, SCOPE)
    assert sex_ratios(estimated(found, 0), found, SCOPE).height == 0
