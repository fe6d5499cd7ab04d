"""Counts with noise: as much of it as epsilon asks for, margins that add up, and nothing else published."""

import sys
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.publish.worlds import RULES, births, source

from everybirth.errors import PlanError
from everybirth.publish.tabulate import tabulate
from everybirth.publish.tabulate.blurred import noise

NOISY = replace(RULES, epsilon=2.0)


@pytest.mark.parametrize("epsilon", [0.2, 1.0])
def test_noise_has_the_spread_that_epsilon_asks_for(epsilon: float) -> None:
    """Whole numbers about 0, with the variance of the discrete Laplace distribution, six standard errors allowed."""
    n = 20_000
    drawn = noise(n, epsilon).astype(float)
    alpha = np.exp(-epsilon)
    variance = 2 * alpha / (1 - alpha) ** 2
    assert abs(drawn.mean()) < 6 * np.sqrt(variance / n)
    assert abs(drawn.var() / variance - 1) < 6 * np.sqrt(5 / n)


def test_counts_are_near_the_truth_and_margins_are_sums() -> None:
    """Each table's total is that of its noisy cells; with a large epsilon it is the truth."""
    found = births(np.random.default_rng(6), 5000, 3)
    release = tabulate(source(found, rules=replace(RULES, epsilon=90.0)))
    table = release.tables["births_by_area_sex"].frame
    single = table.filter(pl.col("area") != "total", pl.col("sex") != "total")
    total = table.filter(pl.col("area") == "total", pl.col("sex") == "total").row(0, named=True)
    assert total["births"] == single["births"].sum()
    assert abs(total["births"] - 5000) < 30
    assert (table["registered"] <= table["births"]).all()
    assert (table["births"] >= 0).all()


def test_two_runs_differ() -> None:
    """The noise is fresh each time: it cannot be taken off by running again with the same seed."""
    made = source(births(np.random.default_rng(6), 500, 3), rules=replace(RULES, epsilon=0.01))
    one, other = (tabulate(made).tables["overlap"].frame["births"].to_list() for _ in range(2))
    assert one != other


def test_only_what_has_noise_is_published_below_the_total() -> None:
    """Estimates by area, quality and findings are left out, with the reason; the release says what protects it."""
    release = tabulate(source(births(np.random.default_rng(6), 500, 3), rules=NOISY))
    assert {"adjusted_births", "completeness", "sex_ratio", "findings", "heaping"} <= release.omitted.keys()
    assert "noise" in release.omitted["adjusted_births"]
    assert release.about["protection"] == "noise"
    assert release.about["epsilon"] == 2.0
    assert set(release.tables) >= {"headline", "linkage", "overlap", "timeliness"}


def test_without_opendp_the_plan_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to install."""
    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    with pytest.raises(PlanError, match=r"everybirth\[dp\]"):
        tabulate(source(births(np.random.default_rng(6), 100, 2), rules=NOISY))
