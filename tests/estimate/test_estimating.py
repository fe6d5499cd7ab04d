"""From linked records to all tables of estimates, as the pipeline calls it; and bad input, which never stops a run."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.estimate.listed import FACILITY_ONLY, SCOPE, Town, day, records, town, write

from everybirth import plan as plans
from everybirth.errors import PlanError
from everybirth.estimate.redrawn import spread
from everybirth.estimate.scope import Scope, scope
from everybirth.estimating import Estimates, estimate, redrawn
from everybirth.resolve import Draws

PLAN = """
[lists.hospital]
path = "hospital.csv"
covers = { site = "facility" }
columns = { birth_date = "dob" }
[lists.register]
path = "register.csv"
role = "civil-register"
columns = { birth_date = "dob" }
"""


def _draws(base: list[int], n_draws: int, changed: dict[int, list[tuple[list[int], list[int]]]]) -> Draws:
    """Draws by hand: for each draw, components (records, place in the component of each record's first)."""
    rows: list[int] = []
    labels: list[int] = []
    members, label, size, offset = [], [], [], [0]
    for draw in range(n_draws):
        for component, places in changed.get(draw, []):
            members.append(len(rows))
            label.append(len(labels))
            size.append(len(component))
            rows += component
            labels += places
        offset.append(len(members))
    return Draws(
        n_draws=n_draws,
        base=np.array(base, dtype=np.int32),
        offset=np.array(offset, dtype=np.int64),
        members=np.array(members, dtype=np.int64),
        label=np.array(label, dtype=np.int64),
        size=np.array(size, dtype=np.int16),
        records=np.array(rows, dtype=np.int32),
        labels=np.array(labels, dtype=np.int16),
    )


def _linked(draws: Draws) -> Any:
    """Stands for Linked; between the lists, all pairs in one birth are sure."""
    nothing = np.zeros(0, dtype=np.int32)
    partition = SimpleNamespace(draws=draws, birth=draws.base, pair_probability=np.zeros(0))
    odds = np.zeros(0)
    pairs = SimpleNamespace(left=nothing, right=nothing, same_birth=odds, same_delivery=odds)
    hidden = SimpleNamespace(pairs=np.zeros((1, 1)), sd=0.0)
    report = {"blocking_recall": 1.0, "prior": {"same birth": [1e-4], "same delivery, another child": [1e-6]}}
    return SimpleNamespace(partition=partition, pairs=pairs, hidden=hidden, report=report)


def _estimate(made: Town, wanted: Scope, n_draws: int = 4) -> Estimates:
    return estimate(made.records(wanted.lists), _linked(_draws(made.base, n_draws, {})), wanted, 0)


def test_what_a_draw_changes_is_read_from_its_components() -> None:
    """The labels of a draw's components agree with those of the whole draw; others are as in the best partition."""
    base = [0, 0, 2, 3, 3, 5, 5, 5]
    draws = _draws(base, 3, {0: [([0, 1], [0, 1])], 2: [([0, 1], [0, 1]), ([5, 6, 7], [0, 1, 0])]})
    found = redrawn(draws)
    for k in range(3):
        whole = draws.labels_of(k)
        for piece in found.of(k).tolist():
            rows = found.records[found.start[piece] : found.start[piece + 1]]
            assert rows[found.first[found.start[piece] : found.start[piece + 1]]].tolist() == whole[rows].tolist()
        rows = found.records[spread(found.start, found.of(k))]
        others = np.setdiff1d(np.arange(8), rows)
        assert whole[others].tolist() == np.array(base)[others].tolist()


def test_all_tables_come_with_a_report() -> None:
    """The six tables, and for run.json the figures of the summary, in their order of size."""
    made, _ = town(3000, seed=1)
    found = _estimate(made, FACILITY_ONLY)
    assert set(found.tables) == {"estimates", "completeness", "sex_ratio", "counts", "sensitivity", "pooling"}
    report = found.report
    assert report["births"]["low"] < report["births"]["estimate"] < report["births"]["high"]
    parts = (report[name]["estimate"] for name in ("registered", "on_other_lists_only", "missed_by_all"))
    assert sum(parts) == pytest.approx(report["births"]["estimate"], abs=2)
    assert report["register"] == "register"
    assert any("births that only community and register can hold" in words for words in report["given"])
    assert len(report["sensitivity"]) == found.tables["sensitivity"].height
    assert report["variance_share_of_linkage"] < 0.1
    assert found.tables["pooling"].height == report["strata"]


def test_uncertain_links_widen_the_interval() -> None:
    """If in half of the draws many births fall apart, the total is less sure, and linkage has most of the variance."""
    made, _ = town(2000, seed=2, home=0.0)
    births = made.birth
    apart = []
    for b in np.unique(births)[:400]:
        component = np.flatnonzero(births == b).tolist()
        apart.append((component, list(range(len(component)))))
    draws = _draws(made.base, 10, dict.fromkeys(range(5), apart))
    sure = estimate(made.records(), _linked(_draws(made.base, 10, {})), SCOPE, 0).report
    unsure = estimate(made.records(), _linked(draws), SCOPE, 0).report
    width = {
        name: each["births"]["high"] - each["births"]["low"] for name, each in (("sure", sure), ("unsure", unsure))
    }
    assert width["unsure"] > 3 * width["sure"]
    assert unsure["variance_share_of_linkage"] > 0.9
    assert unsure["births"]["estimate"] > sure["births"]["estimate"]


def _two_lists(weight: float, recall: float) -> Estimates:
    """3,000 births, 60 % on each of two lists; the links have a weight, and blocking a recall."""
    rng = np.random.default_rng(3)
    made = Town(rng.random((3000, 2)) < 0.6, 2, sex=np.full(3000, "male"))
    wanted = replace(SCOPE, lists=("community", "register"), register=1, covers=({}, {}))
    linked = _linked(_draws(made.base, 4, {}))
    order = np.argsort(np.array(made.base), kind="stable")
    same = np.flatnonzero(np.diff(np.array(made.base)[order]) == 0)
    linked.pairs.left, linked.pairs.right = order[same], order[same + 1]
    linked.pairs.same_birth, linked.pairs.same_delivery = np.full(len(same), weight), np.zeros(len(same))
    linked.report["blocking_recall"] = recall
    return estimate(made.records(wanted.lists), linked, wanted, 0)


def test_two_lists_are_checked_by_the_weights_of_pairs() -> None:
    """Links that are sure change nothing; where weights or blocking say otherwise than the draws, this is told."""
    sure = _two_lists(30.0, 1.0)
    corrected = sure.report["linkage_corrected"]
    assert corrected["births"] == pytest.approx(3000, rel=0.03)
    assert corrected["births"] == pytest.approx(corrected["uncorrected"])
    assert corrected["both"] == pytest.approx(corrected["both_by_draws"])
    assert not any("weights of pairs" in line for line in sure.warnings)
    missed = _two_lists(30.0, 0.9)
    assert missed.report["linkage_corrected"]["both"] == pytest.approx(corrected["both"] / 0.9)
    assert any("weights of pairs" in line for line in missed.warnings)
    even = _two_lists(float(np.log(1e4)), 1.0).report["linkage_corrected"]  # even odds, given the prior
    assert even["both"] == pytest.approx(corrected["both"] / 2, rel=0.001)


def _registered(list_of: list[int], base: list[int], born: list[int | None], days: list[int | None]) -> Estimates:
    """Records with dates of birth, and of registration so many days later."""
    dates = [None if b is None or d is None else b + d for b, d in zip(born, days, strict=True)]
    some = records(list_of, birth_date=born, registration_date=dates)
    return estimate(some, _linked(_draws(base, 2, {})), replace(SCOPE, within_days=90), 0)


def _measures(found: Estimates) -> dict[str, float]:
    rows = found.tables["completeness"].filter(level="total", list="register")
    return dict(zip(rows["measure"], rows["listed"], strict=True))


def test_registration_in_time_is_counted_from_the_birth() -> None:
    """A birth registered twice counts by the earlier date; one without a date of birth is not known to be in time."""
    new_year = day("2024-01-01")
    found = _registered([2] * 5, [0, 0, 2, 3, 4], [*[new_year] * 4, None], [200, 90, 91, 5, None])
    assert _measures(found) == {"listed": 4, "registered within 90 days": 2}


def test_only_the_registers_dates_say_when_a_birth_was_registered() -> None:
    """The hospital's date of entry is none; what is registered before birth is not in time."""
    new_year = day("2024-01-01")
    found = _registered([0, 2, 2, 2], [0, 0, 2, 3], [new_year] * 4, [10, 400, -30, 90])
    assert _measures(found) == {"listed": 3, "registered within 90 days": 1}
    assert found.report["registered_in_time"] == {"registered": 3, "on_time": 1, "undated": 0, "too_early": 1}
    assert any("1 were registered before they were born" in line for line in found.warnings)
    assert found.registered_on[0] == dt.date(2025, 2, 4)


def test_registrations_without_a_date_are_told() -> None:
    """How many there are, and the range of shares that they leave open."""
    new_year = day("2024-01-01")
    found = _registered([2] * 20, list(range(20)), [new_year] * 20, [30] * 7 + [300] * 3 + [None] * 10)
    assert _measures(found)["registered within 90 days"] == 7
    (line,) = (text for text in found.warnings if text.startswith("Registration within 90 days"))
    assert "10 lack a date" in line
    assert [share in line for share in ("35.0%", "70.0%", "85.0%")] == [True] * 3


def test_registration_in_time_that_cannot_be_told_is_not_passed_over() -> None:
    """If only another list has dates of registration there is no such measure, and a warning says so."""
    new_year = day("2024-01-01")
    found = _registered([0, 2], [0, 1], [new_year, new_year], [10, None])
    assert set(_measures(found)) == {"listed"}
    assert found.report["registered_in_time"] is None
    assert any("not shown" in line for line in found.warnings)


@pytest.mark.parametrize(
    "fields", [{}, {"sex": 1}, {"birth_date": 1}, {"residence": 1, "site": 1}, {"plurality": 1, "sex": 1}]
)
@pytest.mark.parametrize("n", [0, 1, 40])
@pytest.mark.parametrize("wanted", [SCOPE, FACILITY_ONLY, replace(SCOPE, register=-1, within_days=30)])
def test_whatever_lists_lack_no_run_is_stopped(fields: dict[str, int], n: int, wanted: Scope) -> None:
    """Few births or none, with few fields or none: tables of the usual form and a status in words."""
    values = {"sex": "male", "birth_date": 19800, "residence": "01", "site": "home", "plurality": 2}
    rng = np.random.default_rng(n)
    made = Town(rng.random((n, 3)) < 0.5, 3, **{name: np.full(n, values[name], dtype=object) for name in fields})
    found = _estimate(made, wanted)
    listed = len(set(made.birth.tolist()))
    assert found.tables["estimates"].row(0, named=True)["distinct"] == listed
    assert found.report["status"]
    assert found.tables["counts"].filter(by="total")["births"].to_list() == [listed]
    assert (found.report["births"] is None) == found.report["status"].startswith("refused")


def test_more_lists_than_can_be_estimated_are_counted_only() -> None:
    """Eleven lists: births are counted, the estimate is refused in words."""
    lists = tuple(f"l{k}" for k in range(11))
    wanted = replace(SCOPE, lists=lists, register=0, covers=({},) * 11)
    rng = np.random.default_rng(0)
    found = _estimate(Town(rng.random((40, 11)) < 0.5, 11, sex=np.full(40, "male")), wanted)
    assert found.report["births"] is None
    assert "more than 10 lists" in found.report["status"]


def test_five_lists_are_estimated() -> None:
    """With five lists the estimate rests on dependence in pairs."""
    wanted = replace(SCOPE, lists=tuple("abcde"), register=4, covers=({},) * 5)
    rng = np.random.default_rng(0)
    made = Town(rng.random((4000, 5)) < 0.4, 5, sex=np.where(rng.random(4000) < 0.5, "male", "female"))
    report = _estimate(made, wanted).report
    assert report["births"]["estimate"] == pytest.approx(4000, rel=0.05)
    assert report["method"] == "loglinear-pairs"


def test_the_plans_wishes_have_defaults(tmp_path: Path) -> None:
    """By area, year and sex, and by site where a list's limits are by site; the register is found by its role."""
    plan = plans.load(write(tmp_path / "plan.toml", PLAN))
    wanted = scope(plan)
    assert wanted.by == ("area", "period", "sex", "site")
    assert (wanted.register, wanted.period, wanted.area_level, wanted.sex_ratio) == (1, "year", 1, 1.05)
    assert wanted.covers == ({"site": ("facility",)}, {})
    without = scope(plans.load(write(tmp_path / "plan.toml", PLAN.replace("covers = ", "# "))))
    assert without.by == ("area", "period", "sex")
    more = '[estimate]\nby = ["sex", "period"]\nperiod = "none"\n'
    assert scope(plans.load(write(tmp_path / "plan.toml", PLAN + more))).by == ("sex",)


def test_an_area_level_by_name_needs_a_hierarchy(tmp_path: Path) -> None:
    """The name of a level means nothing without a hierarchy; the message says what to add."""
    plan = plans.load(write(tmp_path / "plan.toml", PLAN + '[estimate]\narea_level = "district"\n'))
    with pytest.raises(PlanError, match=r"area_level.*\[areas\] hierarchy"):
        scope(plan)


def test_estimates_have_the_agreed_columns() -> None:
    """The columns that scripts depend on, in order; site only where asked."""
    made, _ = town(600, seed=3)
    expected = ["level", "area", "period", "sex", "on_hospital", "on_community", "on_register", "distinct", "births"]
    expected += ["births_low", "births_high", "completeness", "completeness_low", "completeness_high"]
    expected += ["method", "status"]
    assert _estimate(made, SCOPE).tables["estimates"].columns == expected
    table = _estimate(made, FACILITY_ONLY).tables["estimates"]
    assert table.columns == [*expected[:4], "site", *expected[4:]]
    shown = table.filter(pl.col("births").is_not_null())
    assert (shown["births_low"] <= shown["births"]).all()
    assert (shown["births"] <= shown["births_high"]).all()
