"""Levels of values and of pairs of records against their slow twins."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.compare import naive, worlds

from everybirth.compare import fields as compare_fields
from everybirth.compare import scan
from everybirth.levels import LEVELS, Comparison

word = st.text(alphabet="aeimnprsé", min_size=1, max_size=7)
name = st.lists(word, min_size=1, max_size=3).map(" ".join)
code = st.text(alphabet="012-A", min_size=1, max_size=7)
day = st.one_of(
    st.dates(date(1890, 1, 1), date(2110, 12, 31)),
    st.builds(lambda n: date(2023, 12, 20) + timedelta(days=n), st.integers(0, 120)),
    st.builds(date, st.sampled_from([1968, 1969, 1972, 2000, 2024]), st.integers(1, 12), st.integers(1, 12)),
)


def _levels_of_values(field: str, values: Sequence[object]) -> tuple[list[int], list[int]]:
    """Levels of all pairs of the values, both ways round and each with itself: from the kernel, and from the twin."""
    values = list(dict.fromkeys(values))
    fields = compare_fields.fields(worlds.records([{field: value} for value in values]))
    left, right = (x.ravel().astype(np.int32) for x in np.indices((len(values), len(values))))
    codes = fields.matrix.codes[:, 0]
    wanted = [naive.level(fields.comparisons[0], values[i], values[j]) for i, j in zip(left, right, strict=True)]
    assert scan.levels(fields, left, right)[:, 0].tolist() == wanted  # on records as on values
    return scan.value_levels(fields, 0, codes[left], codes[right]).tolist(), wanted


@given(st.lists(name, min_size=2, max_size=8))
def test_names(values: list[str]) -> None:
    """Same, sounds alike, near, part of the other, different: whichever way round."""
    found, wanted = _levels_of_values("father_given_name", values)
    assert found == wanted


@given(st.lists(code, min_size=2, max_size=8))
def test_codes(values: list[str]) -> None:
    """Same, a character apart, same beginning, different."""
    found, wanted = _levels_of_values("mother_id", values)
    assert found == wanted


@given(st.lists(day, min_size=2, max_size=10))
def test_dates(values: list[date]) -> None:
    """The kernel's own calendar agrees with Python's, before 1970, over leap days and ends of years."""
    found, wanted = _levels_of_values("birth_date", values)
    assert found == wanted


@given(
    st.sampled_from(["birth_weight", "mother_age", "plurality", "delivery_order"]),
    st.lists(st.integers(1, 60), max_size=8),
)
def test_numbers(field: str, values: list[int]) -> None:
    """Weights, ages, counts and ranks; limits belong to the nearer level."""
    step = 25.0 if field == "birth_weight" else 1.0
    found, wanted = _levels_of_values(field, [step * value for value in (1, *values)])
    assert found == wanted


@given(st.lists(st.sampled_from(["facility", "home", "other"]), min_size=1))
def test_categories(values: list[str]) -> None:
    """Same or different."""
    found, wanted = _levels_of_values("site", values)
    assert found == wanted


@pytest.mark.parametrize(
    ("kind", "field", "a", "b", "level"),
    [
        (Comparison.NAME, "child_given_name", "philip", "filip", "sounds alike"),
        (Comparison.NAME, "child_given_name", "amina", "amira", "near (1-2 letters)"),
        (Comparison.NAME, "child_given_name", "anna maria", "maria", "part of the other"),
        (Comparison.NAME, "child_given_name", "m", "maria", "part of the other"),
        (Comparison.NAME, "child_given_name", "joao", "pedro", "different"),
        (Comparison.DATE, "birth_date", date(2023, 12, 31), date(2024, 1, 2), "within 3 days"),
        (Comparison.DATE, "birth_date", date(2024, 3, 11), date(2024, 11, 3), "day and month swapped"),
        (Comparison.DATE, "birth_date", date(2024, 3, 11), date(2024, 3, 29), "same month"),
        (Comparison.DATE, "birth_date", date(2024, 3, 29), date(2023, 3, 29), "one part differs"),
        (Comparison.DATE, "birth_date", date(2024, 3, 29), date(2024, 7, 29), "one part differs"),
        (Comparison.DATE, "birth_date", date(2024, 3, 29), date(2024, 4, 20), "within 31 days"),
        (Comparison.DATE, "birth_date", date(2024, 3, 29), date(2024, 8, 20), "different"),
        (Comparison.CODE, "phone", "0551234", "0551243", "near (1 character)"),
        (Comparison.CODE, "residence", "north-01", "north-77", "same beginning"),
        (Comparison.WEIGHT, "birth_weight", 3000.0, 3250.0, "within 250"),
        (Comparison.AGE, "mother_age", 24.0, 25.0, "within 1"),
        (Comparison.COUNT, "plurality", 2.0, 2.0, "same, more than one"),
    ],
)
def test_levels_in_words(kind: Comparison, field: str, a: object, b: object, level: str) -> None:
    """What the levels' names say is what a reader would say of these values."""
    fields = compare_fields.fields(worlds.records([{field: a}, {field: b}]))
    found = scan.levels(fields, np.array([0], np.int32), np.array([1], np.int32))[0, 0]
    assert fields.comparisons == (kind,)
    assert LEVELS[kind][found] == level


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.2, 0.6]))
def test_levels_of_pairs_of_records(seed: int, missing: float) -> None:
    """All fields of a pair at once: missing values, names crosswise, fields that hang on others."""
    rows = worlds.rows(16, seed, missing)
    fields = compare_fields.fields(worlds.records(rows))
    pairs = list(combinations(range(len(rows)), 2))
    left, right = (np.array(side, dtype=np.int32) for side in zip(*pairs, strict=True))
    seen = [_with_age(row) for row in rows]
    wanted = [naive.levels(fields.names, fields.comparisons, seen[i], seen[j]) for i, j in pairs]
    assert scan.levels(fields, left, right).tolist() == wanted
    assert scan.levels(fields, right, left).tolist() == wanted


def _with_age(row: worlds.Row) -> worlds.Row:
    """The row with the mother's age filled in, as fields() does it."""
    born, mother = row.get("birth_date"), row.get("mother_birth_date")
    if row.get("mother_age") is not None or not isinstance(born, date) or not isinstance(mother, date):
        return row
    years = int((born - mother).days // 365.2425)
    return row | {"mother_age": float(years) if years >= 0 else None}


def _levels(left: worlds.Row, right: worlds.Row) -> dict[str, str]:
    fields = compare_fields.fields(worlds.records([left, right]))
    found = scan.levels(fields, np.array([0], np.int32), np.array([1], np.int32))[0]
    return {name: LEVELS[kind][lev] for name, kind, lev in zip(fields.names, fields.comparisons, found, strict=True)}


def test_names_crosswise_count_once() -> None:
    """Given and family name in each other's place is one observation: the given name has it, the family name none."""
    found = _levels(
        {"child_given_name": "maria", "child_family_name": "diallo"},
        {"child_given_name": "diallo", "child_family_name": "maria"},
    )
    assert found == {"child_given_name": "given and family name swapped", "child_family_name": "missing"}


def test_a_repeated_family_name_is_expected_to_agree() -> None:
    """A father's family name that is the child's own says little where the child's agrees, and as usual where it does
    not.
    """
    left = {"child_family_name": "diallo", "father_family_name": "diallo"}
    assert _levels(left, dict(left))["father_family_name"] == "same, where expected"
    assert (
        _levels(left, left | {"father_family_name": "dialo"})["father_family_name"]
        == "near, where the same is expected"
    )
    assert (
        _levels(left, left | {"father_family_name": "wu"})["father_family_name"]
        == "different, where the same is expected"
    )
    assert _levels(left, left | {"child_family_name": "wu"})["father_family_name"] == "same"
    own = {"child_family_name": "diallo", "father_family_name": "wu"}
    assert _levels(own, dict(own))["father_family_name"] == "same"


def test_a_birth_place_hangs_on_the_residence() -> None:
    """Where residences agree or nearly do, so do birth places."""
    left = {"residence": "north-01", "birth_place": "north-01"}
    assert _levels(left, dict(left))["birth_place"] == "same, where expected"
    assert _levels(left, left | {"residence": "north-02"})["birth_place"] == "same, where likely"
    assert _levels(left, left | {"birth_place": "south-99"})["birth_place"] == "different, where the same is expected"
    assert _levels(left, left | {"residence": "south-99"})["birth_place"] == "same"
