"""What a user is told to beware of: two totals that disagree, links that weights and draws judge otherwise."""

import numpy as np
import pytest

from everybirth.estimate.remarks import of_linkage, of_nested, of_status, of_totals
from everybirth.estimate.sensitivity import Kind


def _report(strata: tuple[float, float, float], whole: tuple[float, float, float] | None) -> dict[str, object]:
    """A report of 4,918 listed births with two totals: estimate, low, high."""
    names = ("estimate", "low", "high")
    return {
        "births": dict(zip(names, strata, strict=True)),
        "one_table": None if whole is None else dict(zip(names, whole, strict=True)),
        "listed": {"estimate": 4918.0},
    }


@pytest.mark.parametrize(
    ("strata", "whole", "told"),
    [
        ((5000, 4960, 5060), (5048, 5010, 5100), True),  # 82 and 130 missed: each outside the other's interval
        ((5000, 4930, 5200), (5060, 4940, 5300), True),  # wide intervals, yet 142 missed for 82
        ((5000, 4960, 5060), (5012, 4970, 5070), False),
        ((4921, 4919, 4925), (4927, 4922, 4935), False),  # six births do not matter
        ((5000, 4960, 5060), None, False),
    ],
)
def test_two_totals_are_shown_where_births_missed_differ(
    strata: tuple[float, float, float], whole: tuple[float, float, float] | None, told: bool
) -> None:
    """The difference is judged by births missed, not by all births, among which it would be small."""
    lines = of_totals(_report(strata, whole))
    assert bool(lines) == told
    if told and whole is not None:
        assert f"{strata[0] - 4918:,.0f} on no list)" in lines[0]
        assert f"{whole[0] - 4918:,.0f} on no list)" in lines[0]


def test_links_that_weights_and_draws_judge_otherwise_are_told() -> None:
    """From one in a hundred on, and not of a few births; without a correction there is nothing to say."""
    links = {"both": 2000.0, "births": 5100.0, "both_by_draws": 2030.0}
    assert "2,030" in of_linkage(links)[0]
    assert of_linkage(links | {"both_by_draws": 2015.0}) == []
    assert of_linkage({"both": 100.0, "births": 900.0, "both_by_draws": 105.0}) == []
    assert of_linkage(None) == []


def test_an_ordinary_total_needs_no_remark() -> None:
    """Any other status is told."""
    assert of_status({"status": "ok"}) == []
    assert of_status({"status": "pooled"}) == ["The total of births: pooled."]


@pytest.mark.parametrize(
    ("counts", "told"), [([0, 100, 1, 500], True), ([0, 3, 90, 900], True), ([0, 40, 60, 500], False)]
)
def test_a_list_within_another_is_told(counts: list[int], told: bool) -> None:
    """Of two lists one holds next to nothing that the other does not: the smaller one is named first."""
    kind = Kind(("hospital", "register"), np.array([counts], dtype=np.float64), np.zeros(1, dtype=np.int64))
    lines = of_nested([kind])
    assert bool(lines) == told
    if told:
        small, large = ("hospital", "register") if counts[2] < counts[1] else ("register", "hospital")
        assert f"births on {small} are on {large} too" in lines[0]
