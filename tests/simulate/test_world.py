"""Whole worlds: births, lists and truth belong together."""

from itertools import pairwise

import polars as pl
import pytest

from everybirth.simulate import CaptureModel, Options, World, world
from everybirth.simulate.recipes import chosen


def _held(one: World) -> dict[str, set[int]]:
    return {name: set(one.births.filter(f"in_{name}")["birth"].to_list()) for name in one.lists}


@pytest.mark.parametrize("which", ["medium", "ten_lists"])
def test_truth_names_every_record_once_and_every_birth(which: str, request: pytest.FixtureRequest) -> None:
    """Each record of each list is once in truth; births on no list stand there without a record; nothing else does."""
    one: World = request.getfixturevalue(which)
    records = pl.concat([frame.select(pl.lit(name).alias("list"), "record_id") for name, frame in one.lists.items()])
    named = one.truth.filter(pl.col("list").is_not_null())
    assert sorted(records.rows()) == sorted(named.select("list", "record_id").rows())
    assert set(one.truth["birth"].to_list()) == set(one.births["birth"].to_list())
    unlisted = one.truth.filter(pl.col("list").is_null())
    assert unlisted["record_id"].null_count() == len(unlisted)
    assert set(unlisted["birth"].to_list()) == set(one.births["birth"].to_list()) - set.union(*_held(one).values())
    assert unlisted["birth"].n_unique() == len(unlisted)
    for name, births in _held(one).items():
        assert set(named.filter(pl.col("list") == name)["birth"].to_list()) == births


def test_truth_carries_the_true_birth(medium: World) -> None:
    """Delivery, area, site, sex and date in truth are those of the birth."""
    columns = ["birth", "delivery", "area", "site", "sex", "birth_date"]
    assert medium.truth.columns == ["list", "record_id", *columns]
    assert medium.truth.select(columns).unique().sort("birth").equals(medium.births.select(columns))
    assert medium.truth["birth"].is_sorted()


def test_births_are_listed_as_often_as_in_a_usual_country(medium: World) -> None:
    """About 2.3 records per birth; a few births are on no list, most of them at home."""
    records = sum(len(frame) for frame in medium.lists.values())
    assert records / len(medium.births) == pytest.approx(2.3, abs=0.15)
    unlisted = medium.truth.filter(pl.col("list").is_null())
    assert 0.01 < len(unlisted) / len(medium.births) < 0.05
    assert (unlisted["site"] != "facility").mean() > 0.55  # type: ignore[operator]


@pytest.mark.parametrize("n_lists", range(1, 11))
def test_lists_have_the_columns_of_their_forms(by_lists: dict[int, World], n_lists: int) -> None:
    """Every number of lists works; each list has its id and its form's columns, and holds only births it covers."""
    one = by_lists[n_lists]
    recipes = chosen(n_lists)
    assert list(one.lists) == [recipe.name for recipe in recipes]
    for recipe in recipes:
        frame = one.lists[recipe.name]
        assert frame.columns == ["record_id", *recipe.columns]
        assert len(frame) > 10
        if recipe.covers:
            sites = one.truth.filter(pl.col("list") == recipe.name)["site"].unique().to_list()
            assert set(sites) <= set(recipe.covers)


@pytest.mark.parametrize("births", [0, 1, 2])
@pytest.mark.parametrize("n_lists", [1, 3, 10])
def test_the_smallest_worlds_work(by_lists: dict[int, World], births: int, n_lists: int) -> None:
    """No birth, one and two births give lists of the usual types."""
    one, usual = world(Options(births, seed=3, n_lists=n_lists)), by_lists[n_lists]
    assert len(one.births) == births
    assert one.truth["birth"].n_unique() == births
    for name, frame in one.lists.items():
        assert frame.schema == usual.lists[name].schema
    assert one.truth.schema == usual.truth.schema
    assert one.births.schema == usual.births.schema


def test_same_options_same_world_and_another_seed_another() -> None:
    """A world is wholly determined by its options."""
    first, again, other = (world(Options(300, seed=seed)) for seed in (1, 1, 2))
    for name, frame in first.lists.items():
        assert frame.equals(again.lists[name])
        assert not frame.equals(other.lists[name])
    assert first.truth.equals(again.truth)
    assert not first.births.equals(other.births)


def test_more_lists_leave_the_earlier_ones_as_they_were() -> None:
    """Adding a fourth list changes neither the births nor the first three lists."""
    three, four = (world(Options(300, seed=1, n_lists=n)) for n in (3, 4))
    assert all(frame.equals(four.lists[name]) for name, frame in three.lists.items())
    assert three.births.equals(four.births.drop("in_immunisation"))


def test_a_capture_model_reaches_the_lists() -> None:
    """With full coverage every birth is on every list that can hold it."""
    model = CaptureModel.independent((("hospital", 1.0, 0.0), ("community", 1.0, 1.0), ("register", 0.0, 0.0)))
    one = world(Options(300, seed=1, capture=model))
    held = _held(one)
    assert len(held["community"]) == 300
    assert held["hospital"] == set(one.births.filter(pl.col("site") == "facility")["birth"].to_list())
    assert not held["register"]
    assert len(one.lists["register"]) == 0


def test_progress_is_told_to_the_end() -> None:
    """Progress grows and ends at its total."""
    told: list[tuple[str, int, int]] = []
    world(Options(10), progress=lambda step, done, total: told.append((step, done, total)))
    assert all(a[1] < b[1] for a, b in pairwise(told))
    assert told[-1][1] == told[-1][2]
    assert {step for step, _, _ in told} == {"simulate"}
