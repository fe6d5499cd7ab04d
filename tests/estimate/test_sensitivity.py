"""What the total would be otherwise; the correction for errors of linkage; crude counts."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.estimate.listed import FACILITY_ONLY, SCOPE, Town, counted, town

from everybirth.estimate.crude import crude_counts
from everybirth.estimate.linkage_error import Links, ding_fienberg
from everybirth.estimate.sensitivity import by_lists, doubtful, sensitivity, within
from everybirth.estimate.strata import estimated


def _table(seed: int = 0, methods: tuple[str, ...] | None = None) -> tuple[pl.DataFrame, float]:
    made, _ = town(5000, seed=seed)
    _, found = counted(made.records(), made.base, FACILITY_ONLY)
    draws = estimated(found, 0)
    listed = float(len(set(made.birth.tolist())))
    return sensitivity(draws, by_lists(found, FACILITY_ONLY.lists), methods, seed), listed


def test_the_total_moves_with_the_odds_ratio() -> None:
    """The kind of births with most missed is doubted: home births, by the two lists that can hold them."""
    table, listed = _table()
    curve = table.filter(kind="odds-ratio")
    assert set(curve["what"]) == {"community & register"}
    assert curve["births"].is_sorted()
    by_ratio = dict(zip(curve["odds_ratio"], curve["births"], strict=True))
    assert by_ratio[1.0] == pytest.approx(5000, rel=0.03)
    missed = by_ratio[2.0] - by_ratio[1.0]
    assert by_ratio[4.0] - by_ratio[1.0] == pytest.approx(3 * missed, rel=0.02)
    assert by_ratio[0.5] > listed


def test_each_method_gives_its_total() -> None:
    """Methods that do not suit two lists are replaced for home births, and the row says by which."""
    table, _ = _table(methods=("no-highest-order", "loglinear-independence"))
    rows = table.filter(kind="method")
    assert rows["what"].to_list() == ["no-highest-order", "loglinear-independence"]
    assert rows["births"].to_list() == pytest.approx([5000, 5000], rel=0.03)
    assert set(rows["note"]) == {"chapman for births that community, register can hold"}


def test_a_list_left_out_is_predicted_by_the_others() -> None:
    """Lists that are independent predict each other's size; a list that copies another is found out."""
    table, _ = _table()
    for row in table.filter(kind="leave-one-out").iter_rows(named=True):
        assert row["births"] == pytest.approx(row["known"], rel=0.03)
    rng = np.random.default_rng(4)
    held = rng.random((4000, 3)) < [0.7, 0.6, 0.3]
    held[:, 2] |= held[:, 0] & (rng.random(4000) < 0.8)  # the register is fed by the hospital
    made = Town(held, 3, sex=np.full(4000, "male"))
    _, found = counted(made.records(), made.base, SCOPE)
    each = by_lists(found, SCOPE.lists)
    rows = sensitivity(estimated(found, 0), each, None, 0).filter(kind="leave-one-out")
    community = rows.filter(what="community").row(0, named=True)
    assert community["births_high"] < community["known"]
    assert [each[0].lists[k] for k in doubtful(each[0].counts)] == ["hospital", "register"]


def test_births_within_a_list_by_their_history_on_the_others() -> None:
    """Of eight histories of three lists, the four on the second list."""
    counts = np.arange(8.0)[None, :]
    assert within(counts, 1).tolist() == [[2.0, 3.0, 6.0, 7.0]]


def test_nothing_to_vary_gives_no_rows() -> None:
    """One list only, or no births."""
    wanted = replace(SCOPE, lists=("register",), register=0, covers=({},))
    made = Town(np.ones((30, 1), dtype=bool), 1, sex=np.full(30, "male"))
    _, found = counted(made.records(wanted.lists), made.base, wanted)
    assert sensitivity(estimated(found, 0), by_lists(found, wanted.lists), None, 0).height == 0


def test_errors_of_linkage_are_corrected() -> None:
    """With the true recall and rate of false links, the expected links give back the births there are."""
    births, first, second, both = 1000.0, 600.0, 500.0, 300.0
    linked = 0.9 * both + 0.02 * (first - both)
    found = ding_fienberg(Links(first, second, linked, 0.9 * both, both))
    assert found is not None
    assert found["births"] == pytest.approx(births)
    assert found["uncorrected"] == pytest.approx(first * second / linked)
    assert (found["recall"], found["false_links"]) == pytest.approx((0.9, 0.02))
    assert ding_fienberg(Links(10, 10, 0, 0, 0)) is None
    assert ding_fienberg(Links(10, 10, 5, 0, 5)) is None


def test_crude_counts_add_up() -> None:
    """Each breakdown sums to the births; what is not known is a value of its own."""
    made, _ = town(500, seed=1)
    made.fields["sex"][0] = None
    read, found = counted(made.records(), made.base, SCOPE)
    n = len(found.best)
    best = replace(found.best, plurality=np.arange(n, dtype=np.int32) % 4 - 1, date=np.arange(n, dtype=np.int32) % 3)
    months = pl.Series(["2024-01", "2024-01", None])  # two days of one month, and a day that is none
    table = crude_counts(best, read.labels, months, pl.Series([1.0, 2.0, 3.0]))
    sums = table.group_by("by").agg(pl.col("births").sum())
    assert set(sums["by"]) == {"total", "area", "month", "sex", "site", "plurality"}
    assert set(sums["births"]) == {n}
    assert table.filter(by="plurality")["value"].to_list() == ["1", "2", "3", "unknown"]
    assert table.filter(by="month")["value"].to_list() == ["2024-01", "unknown"]
    assert table.filter(by="area")["value"].to_list() == ["00", "01", "02", "03"]
