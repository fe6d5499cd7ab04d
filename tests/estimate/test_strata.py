"""Births of strata and their sums: recovery of a known truth, refusals in words, draws that add up."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.estimate.listed import FACILITY_ONLY, SCOPE, Town, counted, records, town

from everybirth.estimate import pooling
from everybirth.estimate.completeness import estimates, lists_table, pooling_table, tally
from everybirth.estimate.headline import headline
from everybirth.estimate.scope import Scope
from everybirth.estimate.sensitivity import by_lists, sensitivity
from everybirth.estimate.strata import estimated, groups, linkage_share


def test_truth_lies_in_the_interval_where_frames_are_stated() -> None:
    """With the hospital's limits stated, births by site and in all come out right."""
    inside = 0
    for seed in range(6):
        made, truth = town(6000, seed=seed)
        _, found = counted(made.records(), made.base, FACILITY_ONLY)
        table = estimates(estimated(found, seed), found, FACILITY_ONLY, tally(found.best, None, None))
        for site, births in truth.items():
            row = table.filter(level="site", site=site).row(0, named=True)
            inside += row["births_low"] <= births <= row["births_high"]
        total = table.filter(level="total").row(0, named=True)
        assert total["births"] == pytest.approx(6000, rel=0.02)
        assert total["status"] == "ok"
        assert total["method"] == "lincoln-petersen + no-highest-order"
    assert inside >= 10  # of 12 intervals of 95 in 100


def test_sums_are_sums_of_draws() -> None:
    """Draw by draw, areas add up to the total, and the two sexes to their area."""
    made, _ = town(3000, seed=4)
    _, found = counted(made.records(), made.base, FACILITY_ONLY)
    draws = estimated(found, 0)
    total = groups(draws, ()).births[:, 0]
    for by in (("area",), ("site",), ("area", "sex"), draws.by):
        assert np.allclose(groups(draws, by).births.sum(axis=1), total)


def test_counts_of_a_level_add_up_to_the_births() -> None:
    """At each level, births with an unknown value have a row of their own; none is lost, none counted twice."""
    made, _ = town(1500, seed=5)
    made.fields["sex"] = [None if k % 3 == 0 else sex for k, sex in enumerate(made.fields["sex"])]
    _, found = counted(made.records(), made.base, FACILITY_ONLY)
    table = estimates(estimated(found, 0), found, FACILITY_ONLY, tally(found.best, None, None))
    n = len(set(made.birth.tolist()))
    sums = table.group_by("level").agg(pl.col("distinct", "^on_.*$").sum())
    assert sums["distinct"].to_list() == [n] * sums.height
    for k, name in enumerate(SCOPE.lists):
        assert set(sums[f"on_{name}"]) == {made.list_of.count(k)}
    unknown = table.filter(level="sex", sex="unknown").row(0, named=True)
    assert unknown["births"] is None
    assert unknown["status"].startswith("counted here")
    assert table.columns[:5] == ["level", "area", "period", "sex", "site"]


def test_completeness_is_that_of_the_register() -> None:
    """Share of all births, listed or not, on the register; without one, on any list, as the status says."""
    made, _ = town(6000, seed=6)
    _, found = counted(made.records(), made.base, FACILITY_ONLY)
    draws = estimated(found, 0)
    total = estimates(draws, found, FACILITY_ONLY, tally(found.best, None, None)).row(0, named=True)
    assert total["completeness"] == pytest.approx(0.7, abs=0.02)
    assert total["completeness_low"] < total["completeness"] < total["completeness_high"]
    other = estimates(draws, found, replace(FACILITY_ONLY, register=-1), tally(found.best, None, None)).row(
        0, named=True
    )
    assert other["completeness"] == pytest.approx(1 - 0.7 * 0.2 * 0.4 * 0.3 - 0.3 * 0.4 * 0.3, abs=0.02)
    assert "all lists together" in other["status"]


def test_completeness_of_each_list_and_within_the_legal_time() -> None:
    """Every list has its row at every level; the register one more for those registered in time."""
    made, _ = town(3000, seed=7)
    _, found = counted(made.records(), made.base, FACILITY_ONLY)
    in_time = tally(found.best, 90, np.arange(len(found.best)) % 2 == 0)
    table = lists_table(estimated(found, 0), found, FACILITY_ONLY, in_time)
    total = table.filter(level="total")
    assert total["list"].to_list() == ["hospital", "community", "register", "any list", "register"]
    listed, on_time = total.filter(list="register")["listed"]
    assert 0.45 * listed < on_time < 0.55 * listed
    assert total["measure"].to_list()[-1] == "registered within 90 days"
    assert set(table["level"]) == {"total", "area", "period", "sex", "site"}


def _headline(made: Town, wanted: Scope) -> tuple[dict[str, object], list[str]]:
    _, found = counted(made.records(wanted.lists), made.base, wanted)
    return headline(estimated(found, 0), found, wanted, 0)


def test_one_list_is_refused_in_words() -> None:
    """One list tells nothing of the births it missed; its births are told."""
    wanted = replace(SCOPE, lists=("register",), register=0, covers=({},))
    report, remarks = _headline(Town(np.ones((50, 1), dtype=bool), 1, sex=np.full(50, "male")), wanted)
    assert report["births"] is None
    assert report["listed"] == {"estimate": 50.0, "low": 50.0, "high": 50.0}
    assert "fewer than two lists" in str(report["status"])
    assert any("fewer than two lists" in line for line in remarks)


@pytest.mark.parametrize(
    ("held", "words"),
    [
        ([[1, 0, 0], [0, 1, 0], [0, 0, 1]] * 20, "share no birth"),
        ([[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]], "too few births are shared"),
    ],
)
def test_lists_that_tell_nothing_are_refused_in_words(held: list[list[int]], words: str) -> None:
    """No overlap, or hardly any: a reason, never a number."""
    report, _ = _headline(Town(np.array(held, dtype=bool), 3, sex=np.full(len(held), "male")), SCOPE)
    assert report["births"] is None
    assert report["completeness"] is None
    assert words in str(report["status"])


def test_a_list_without_births_is_no_list() -> None:
    """Where a list that could hold births has none, the others are used as if it were not there, and this is told."""
    rng = np.random.default_rng(2)
    held = rng.random((3000, 3)) < [0.7, 0.0, 0.6]
    report, remarks = _headline(Town(held, 3, sex=np.full(3000, "male")), SCOPE)
    assert report["births"]["estimate"] == pytest.approx(3000, rel=0.03)  # type: ignore[index]
    assert report["method"] == "lincoln-petersen"
    assert report["given"] == [
        f"for births that only hospital and register hold, {pooling.TWO_LISTS.removeprefix('if ')}",
        "births of the same sex are alike; where they are few, the estimate borrows from similar groups",
    ]
    (line,) = (text for text in remarks if text.startswith("community: "))
    assert f"could hold {held.any(axis=1).sum():,} of the births" in line


def test_strata_that_lack_a_history_are_taken_together() -> None:
    """With four lists some history is easily empty; then all strata are estimated as one, and say so."""
    wanted = replace(SCOPE, lists=("a", "b", "c", "d"), register=3, covers=({},) * 4)
    inside = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        held = rng.random((300, 4)) < [0.8, 0.9, 0.7, 0.2]
        held[(held == [True, False, False, True]).all(axis=1), 3] = False
        sex = np.where(rng.random(300) < 0.5, "male", "female")
        made = Town(held, 4, sex=sex)
        _, found = counted(made.records(wanted.lists), made.base, wanted)
        assert (found.counts[0].sum(axis=0)[1:] == 0).any()
        draws = estimated(found, seed)
        assert set(draws.status) == {"pooled"}
        table = estimates(draws, found, wanted, tally(found.best, None, None))
        assert table["method"][0] == "decomposable-average"
        inside += table["births_low"][0] <= 300 <= table["births_high"][0]
        assert np.allclose(groups(draws, ("sex",)).births.sum(axis=1), groups(draws, ()).births[:, 0])
    assert inside >= 8


def test_what_strata_borrow_is_told() -> None:
    """A row per stratum: its figure, its own unpooled one, and how much is borrowed: more where births are few."""
    rng = np.random.default_rng(3)
    area = np.repeat(["01", "02", "03", "04", "05", "06"], [2000, 1500, 1000, 30, 30, 30])
    held = rng.random((len(area), 3)) < [0.7, 0.6, 0.8]
    wanted = replace(SCOPE, by=("area",))
    made = Town(held, 3, residence=area)
    _, found = counted(made.records(), made.base, wanted)
    draws = estimated(found, 0)
    table = pooling_table(draws, found.labels, SCOPE.lists)
    assert table["area"].to_list() == ["01", "02", "03", "04", "05", "06"]
    assert set(table["lists"]) == {"hospital & community & register"}
    assert table["listed"].sum() == pytest.approx(held.any(axis=1).sum())
    assert table["missed"].to_list() == np.median(draws.missed, axis=0).tolist()
    shrinkage = table["shrinkage"].to_list()
    assert max(shrinkage[:3]) < min(shrinkage[3:])
    assert table["unpooled"][0] == pytest.approx(table["missed"][0], rel=0.3)


def test_a_fit_that_did_not_settle_is_told() -> None:
    """How far strata differ is in the report; if the search for it did not settle, a remark says so."""
    made, _ = town(1000, seed=5)
    _, found = counted(made.records(), made.base, SCOPE)
    draws = estimated(found, 0)
    report, remarks = headline(draws, found, SCOPE, 0)
    (fit,) = report["pooling"]
    assert fit["lists"] == list(SCOPE.lists)
    assert fit["settled"]
    assert set(fit["deviations"]) <= {"stratum", "area", "period", "sex"}
    assert set(fit["deviations"]["area"]) == {"1", "2", "3", "12", "13", "23"}
    assert not any("did not settle" in line for line in remarks)
    unsettled = replace(draws, fits={held: replace(one, settled=False) for held, one in draws.fits.items()}, sums={})
    assert any("did not settle" in line for line in headline(unsettled, found, SCOPE, 0)[1])


@pytest.mark.parametrize("counts", [[0, 0, 500, 100], [0, 300, 400, 1, 500, 1, 1, 4], [0, 30, 40, 2, 50, 2, 2, 2]])
def test_no_number_where_none_is_identified(counts: list[int]) -> None:
    """A list within another, or pairs of lists that share next to nothing: a reason, and no figure by any road."""
    n_lists = len(counts).bit_length() - 1
    wanted = replace(SCOPE, lists=SCOPE.lists[:n_lists], register=-1, covers=({},) * n_lists)
    history = np.repeat(np.arange(len(counts)), counts)
    held = (history[:, None] >> np.arange(n_lists - 1, -1, -1)) & 1 == 1
    made = Town(held, n_lists, sex=np.full(len(held), "male"))
    _, found = counted(made.records(wanted.lists), made.base, wanted)
    draws = estimated(found, 0)
    report, _ = headline(draws, found, wanted, 0)
    assert str(report["status"]).startswith("refused")
    assert report["births"] is None
    assert report["one_table"] is None
    assert sensitivity(draws, by_lists(found, wanted.lists), None, 0).is_empty()


def test_no_births_at_all_are_refused_in_words() -> None:
    """Empty lists, or all births out of scope."""
    _, found = counted(records([]), [], SCOPE)
    draws = estimated(found, 0)
    report, _ = headline(draws, found, SCOPE, 0)
    assert "no births" in str(report["status"])
    table = estimates(draws, found, SCOPE, tally(found.best, None, None))
    assert table.filter(level="total")["distinct"].to_list() == [0]


def test_births_that_one_list_alone_can_hold_are_a_part_left_aside() -> None:
    """Where only one list can hold births, those it has are in the total, and the status says what is not."""
    made, _ = town(4000, seed=8)
    wanted = replace(FACILITY_ONLY, covers=({"site": ("facility",)}, {"site": ("facility",)}, {}))
    at_home = [site == "home" and k == 1 for site, k in zip(made.fields["site"], made.list_of, strict=True)]
    keep = [k for k, drop in enumerate(at_home) if not drop]
    made.birth, made.list_of = made.birth[keep], [made.list_of[k] for k in keep]
    made.fields = {name: [values[k] for k in keep] for name, values in made.fields.items()}
    made.base = made._base()
    _, found = counted(made.records(), made.base, wanted)
    table = estimates(estimated(found, 0), found, wanted, tally(found.best, None, None))
    home = table.filter(level="site", site="home").row(0, named=True)
    assert home["births"] is None
    assert "fewer than two lists" in home["status"]
    total = table.row(0, named=True)
    assert total["status"].startswith("partial")
    assert f"{home['distinct']:,}" in total["status"]
    facility = table.filter(level="site", site="facility").row(0, named=True)
    assert total["births"] == pytest.approx(facility["births"] + home["distinct"], abs=1)


def test_the_share_of_linkage_in_the_variance_is_found() -> None:
    """Of draws that vary between linkages with variance 9 and within with variance 1, nine tenths."""
    rng = np.random.default_rng(0)
    of_linkage = 3 * rng.standard_normal(2000)
    draws = np.concatenate([of_linkage + rng.standard_normal(2000) for _ in range(4)])
    assert linkage_share(draws, 2000) == pytest.approx(0.9, abs=0.02)
    assert linkage_share(rng.standard_normal(8000), 2000) == pytest.approx(0.0, abs=0.03)
    assert linkage_share(draws, 8000) is None
    assert linkage_share(np.ones(400), 100) == 0.0


def test_the_same_seed_gives_the_same_figures() -> None:
    """Twice the same tables."""
    made, _ = town(1000, seed=9)
    tables = []
    for _ in range(2):
        _, found = counted(made.records(), made.base, FACILITY_ONLY)
        tables.append(estimates(estimated(found, 3), found, FACILITY_ONLY, tally(found.best, None, None)))
    assert tables[0].equals(tables[1])


@pytest.mark.parametrize("by", [("period", "sex"), ("sex",), ("area", "sex"), ("area", "period", "sex"), ()])
def test_what_strata_borrow_is_told_whatever_they_tell_apart(by: tuple[str, ...]) -> None:
    """The labels are those of the keys that the plan names, in every order of more or fewer."""
    made, _ = town(1500, seed=5)
    wanted = replace(SCOPE, by=by, period="month")
    _, found = counted(made.records(), made.base, wanted)
    draws = estimated(found, 0)
    table = pooling_table(draws, found.labels, SCOPE.lists)
    other = estimates(draws, found, wanted, tally(found.best, None, None))
    for name in by:
        assert set(table[name]) == set(other.filter(level=name)[name])
    assert all(table[name].is_null().all() for name in ("area", "period", "sex") if name not in by)
