"""Values that repeat beyond chance in a list and area: found where they were filled in by rote, and only there."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.publish.scenes import person, world

from everybirth.publish.findings.blocks import FALSE_DISCOVERIES, LEAST_RECORDS


def of_kind(found: pl.DataFrame, kind: str) -> list[dict[str, Any]]:
    """The findings of a kind."""
    return found.filter(pl.col("kind") == kind).to_dicts()


def ordinary(rng: np.random.Generator, n: int, area: str, first: int) -> list[dict[str, Any]]:
    """Records of births as they are: weights rounded to 50 g, at times to 500, days evenly over a year."""
    weight = np.round(rng.normal(3200, 500, n).clip(800, 5500) / 50) * 50
    weight = np.where(rng.random(n) < 0.15, np.round(weight / 500) * 500, weight)
    day = np.datetime64("2024-01-01") + rng.integers(0, 365, n)
    return [
        person(first + k, birth_weight=int(weight[k]), birth_date=str(day[k]), residence=f"{area}-1")
        | {"mother_age": int(rng.integers(16, 45)), "facility": "clinic seven"}
        for k in range(n)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_ordinary_lists_show_no_copied_blocks(seed: int) -> None:
    """Rounded weights and even days, in areas of 40 to 400 births, are not remarked upon."""
    rng = np.random.default_rng(seed)
    sizes = {"01": 400, "02": 120, "03": 40, "04": LEAST_RECORDS}
    rows = [row for area, n in sizes.items() for row in ordinary(rng, n, area, int(area) * 1000)]
    assert FALSE_DISCOVERIES == 0.01
    assert not of_kind(world({"hospital": rows}).found(), "copied-block")


def by_rote(rng: np.random.Generator, row: dict[str, Any], habit: str) -> dict[str, Any]:
    """The record as somebody fills it in who does not look."""
    filled: dict[str, dict[str, Any]] = {
        "multiples of 500": {"birth_weight": int(rng.choice([2000, 2500, 3000, 3500, 4000]))},
        "few values": {"birth_weight": int(rng.choice([3100, 3250, 2900]))},
        "1st or 15th": {"birth_date": f"2024-{rng.integers(1, 13):02}-{rng.choice([1, 15]):02}"},
        "one day": {"birth_date": "2024-06-12"},
        "copied values": {"birth_weight": 2950, "mother_age": 27, "birth_date": f"2024-{rng.integers(1, 13):02}-22"},
    }
    return row | filled[habit]


@pytest.mark.parametrize(
    ("habit", "share", "field", "words"),
    [
        ("multiples of 500", 0.9, "birth_weight", "birth weights are multiples of 500 g"),
        ("few values", 0.95, "birth_weight", "birth weights are one of 2900, 3100, 3250 g"),
        ("1st or 15th", 0.5, "birth_date", "births are on the 1st or the 15th of a month"),
        ("one day", 0.3, "birth_date", "births are on one day, 2024-06-12"),
        ("copied values", 0.08, None, "the same values: birth weight 2950, day of the month 22, mother's age 27"),
    ],
)
def test_values_filled_in_by_rote_are_found_in_their_list_and_area(
    habit: str, share: float, field: str | None, words: str
) -> None:
    """One area of one list is told, with counts; never a facility, and the same area of the other list is not."""
    rng = np.random.default_rng(7)
    rows = [row for area in ("01", "02", "03") for row in ordinary(rng, 150, area, int(area) * 1000)]
    others = [row | {"id": f"c{row['id']}"} for row in rows]
    there = [row["residence"] == "02-1" and rng.random() < share for row in rows]
    copied = [by_rote(rng, row, habit) if is_copied else row for row, is_copied in zip(rows, there, strict=True)]
    found = of_kind(world({"hospital": copied, "community": others}).found(), "copied-block")
    assert found
    assert {(row["list"], row["area"]) for row in found} == {("hospital", "02")}
    row = next(each for each in found if words in each["found"])
    assert row["field"] == field
    assert row["why"].startswith("by chance in fewer than one of ")
    assert not [each for each in found if "clinic" in str(each)]


def test_a_record_entered_twice_is_no_copied_block() -> None:
    """Records that are one birth count once: they are told as duplicates."""
    rows = ordinary(np.random.default_rng(3), 150, "01", 0)
    again = [rows[0] | {"id": f"again{k}"} for k in range(12)]
    linked = world({"hospital": rows + again}, [[row["id"] for row in (rows[0], *again)]])
    assert not of_kind(linked.found(), "copied-block")
    assert len(of_kind(linked.found(), "duplicate")) == 1
