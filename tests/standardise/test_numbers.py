"""Numbers within what is possible."""

import polars as pl
import pytest

from everybirth.standardise.numbers import read_numbers


@pytest.mark.parametrize(
    ("written", "grams"),
    [
        ("3250", 3250), ("3,250", 3250), ("3.25", 3250), ("3,2", 3200), ("3.2 kg", 3200), ("3200g", 3200),
        ("3 250 g", 3250), ("200", 200), ("8000", 8000), ("0.9", 900), ("3.2公斤", 3200), ("3250.0", 3250),
    ],
)  # fmt: skip
def test_weights_are_grams(written: str, grams: float) -> None:
    """Kilograms are told from grams by their size or their unit."""
    standard, impossible = read_numbers(pl.Series([written]), "birth_weight")
    assert standard.to_list() == [grams]
    assert not impossible.any()


@pytest.mark.parametrize("written", ["20", "9999", "0", "heavy", "8001", "-3200", "12kg", "3.2.1"])
def test_impossible_weights_are_missing(written: str) -> None:
    """What no newborn weighs is missing, and said to be impossible."""
    standard, impossible = read_numbers(pl.Series([written]), "birth_weight")
    assert standard.to_list() == [None]
    assert impossible.all()


def test_missing_is_not_impossible() -> None:
    """Empty values and words for "not known" are missing without a remark."""
    standard, impossible = read_numbers(pl.Series(["", "NA", "-", None, "unknown"]), "birth_weight")
    assert standard.null_count() == 5
    assert not impossible.any()


def test_numbers_as_numbers() -> None:
    """Numeric columns: kilograms become whole grams, NaN is missing."""
    standard, impossible = read_numbers(pl.Series([3.2, 3200.0, float("nan"), None, 50.0]), "birth_weight")
    assert standard.to_list() == [3200.0, 3200.0, None, None, None]
    assert impossible.tolist() == [False, False, False, False, True]


def test_ages_are_completed_years() -> None:
    """Age 25.9 is 25; below 8 and above 70 it is missing."""
    standard, _ = read_numbers(pl.Series(["25", "25.9", "7", "70", "99", "30 years", "25 ans"]), "mother_age")
    assert standard.to_list() == [25, 25, None, 70, None, 30, 25]


def test_ranks_and_pluralities_in_words() -> None:
    """Letters, Roman figures and words count; so do figures from 1 to 10."""
    ranks, _ = read_numbers(pl.Series(["1", "II", "B", "first", "3", "11", "0"]), "delivery_order")
    assert ranks.to_list() == [1, 2, 2, 1, 3, None, None]
    counts, _ = read_numbers(pl.Series(["single", "Twins", "gemelar", "双胞胎", "4", "triplet"]), "plurality")
    assert counts.to_list() == [1, 2, 2, 2, 4, 3]


def test_further_numbers_have_no_bounds() -> None:
    """A further column of numbers keeps fractions and signs."""
    standard, impossible = read_numbers(pl.Series(["-1.5", "1e", "12,5", "many"]), "extra.score")
    assert standard.to_list() == [-1.5, 1.0, 12.5, None]
    assert impossible.tolist() == [False, False, False, True]
