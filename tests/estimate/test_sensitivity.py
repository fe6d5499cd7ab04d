"""What the total would be otherwise; the correction for errors of linkage; crude counts."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.estimate.listed import FACILITY_ONLY, SCOPE, Town, counted, town

from everybirth.estimate.crude import crude_counts
from everybirth.estimate.linkage_error import Links, ding_fienberg
from everybirth.estimate.remarks import of_lists_left_out
from everybirth.estimate.sensitivity import _spread, by_lists, doubtful, sensitivity, within
from everybirth.estimate.strata import estimated, groups
from everybirth.estimate.summary import Summary


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


def test_the_corrected_links_give_back_the_births_there_are() -> None:
    """Pairs linked by their likelihood, some never brought together: the correction comes near the truth."""
    rng = np.random.default_rng(0)
    births, brought = 40_000, 0.93
    held = rng.random((births, 2)) < [0.6, 0.5]
    first, second = held.sum(axis=0)
    both = int(held.all(axis=1).sum())
    seen = int((rng.random(both) < brought).sum())
    # Log odds that are calibrated: normal with a variance twice the mean, and as many pairs of two births as of one.
    odds = np.concatenate([rng.normal(4.5, 3.0, seen), rng.normal(-4.5, 3.0, seen)])
    right = np.arange(2 * seen) < seen
    likely, linked = 1 / (1 + np.exp(-odds)), odds > 0
    links = Links(
        first=float(first),
        second=float(second),
        linked=float(linked.sum()),
        precision=float(likely[linked].mean()),
        recall=float(brought * likely[linked].sum() / likely.sum()),
    )
    found = ding_fienberg(links)
    assert found is not None
    assert found["births"] == pytest.approx(births, rel=0.02)
    assert found["uncorrected"] > 1.05 * births
    assert found["both"] == pytest.approx(both, rel=0.02)
    assert found["recall"] == pytest.approx((linked & right).sum() / both, rel=0.02)
    assert found["false_links"] == pytest.approx((linked & ~right).sum() / (first - both), rel=0.15)


def test_nothing_shared_is_not_corrected() -> None:
    """Without links, without a right one, or where nothing is known to be linked, there is nothing to divide by."""
    assert ding_fienberg(Links(10, 10, 0, 0, 0)) is None
    assert ding_fienberg(Links(10, 10, 5, 0, 0.5)) is None
    assert ding_fienberg(Links(10, 10, 5, 0.9, 0)) is None


def test_a_list_that_others_predict_wrongly_is_remarked_on() -> None:
    """Lists that copy one another: the third one's size comes out too low, and the remark says what that means."""
    table, _ = _table()
    assert of_lists_left_out(table) == []
    rng = np.random.default_rng(4)
    held = rng.random((4000, 3)) < [0.7, 0.6, 0.3]
    held[:, 2] |= held[:, 0] & (rng.random(4000) < 0.8)
    made = Town(held, 3, sex=np.full(4000, "male"))
    _, found = counted(made.records(), made.base, SCOPE)
    (line,) = of_lists_left_out(sensitivity(estimated(found, 0), by_lists(found, SCOPE.lists), None, 0))
    assert f"community (has {held[:, 1].sum():,}, predicted" in line
    assert "depend on one another" in line


@pytest.mark.parametrize("limits", [(105.0, 110.0, 125.0), (100.0, 101.0, 103.5), (100.0, 100.0, 100.0)])
def test_limits_of_a_method_come_back(limits: tuple[float, float, float]) -> None:
    """Births drawn for a method have its middle and its limits, also where the lower limit is the births listed."""
    low, middle, high = (np.array([each]) for each in limits)
    status = np.zeros(1, np.int8)
    summary = Summary("any", "any", np.array([""]), middle, np.array([1.0]), low, high, status)
    drawn = _spread(summary, 100.0, 0)
    found = np.quantile(drawn, [0.025, 0.5, 0.975])
    assert found == pytest.approx(np.array(limits), abs=0.12 * (limits[2] - limits[0]) + 0.01)
    assert drawn.min() >= 100.0


def test_a_method_that_refuses_has_no_row() -> None:
    """Listed births are not passed off as a method's total."""
    rng = np.random.default_rng(9)
    history = np.repeat([3, 5, 6, 7, 1, 2, 4], [6, 6, 6, 80, 0, 0, 0])
    held = (history[:, None] >> np.arange(2, -1, -1)) & 1 == 1
    made = Town(held[rng.permutation(len(held))], 3, sex=np.full(len(held), "male"))
    _, found = counted(made.records(), made.base, SCOPE)
    methods = ("no-highest-order", "loglinear-independence")
    rows = sensitivity(estimated(found, 0), by_lists(found, SCOPE.lists), methods, 0).filter(kind="method")
    assert rows["what"].to_list() == ["loglinear-independence"]


def test_a_kind_of_births_that_is_refused_is_counted_as_listed() -> None:
    """Home births on one list within another have no estimate: methods count those listed, and the note says so."""
    made, _ = town(4000, seed=3)
    at_home = [site == "home" for site in made.fields["site"]]
    on_register = {int(b) for b, k in zip(made.birth, made.list_of, strict=True) if k == 2}
    keep = [k for k, b in enumerate(made.birth.tolist()) if not at_home[k] or b in on_register]
    made.birth, made.list_of = made.birth[keep], [made.list_of[k] for k in keep]
    made.fields = {name: [values[k] for k in keep] for name, values in made.fields.items()}
    made.base = made._base()
    _, found = counted(made.records(), made.base, FACILITY_ONLY)
    draws = estimated(found, 0)
    rows = sensitivity(draws, by_lists(found, FACILITY_ONLY.lists), None, 0).filter(kind="method")
    assert rows.height
    refused = "refused for births that community, register can hold: only listed ones are counted"
    assert set(rows["note"]) == {refused}
    chosen = rows.filter(what="no-highest-order")["births"][0]
    assert chosen == pytest.approx(float(np.median(groups(draws, ()).births)), rel=0.01)


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
