import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.resolve import naive

from everybirth.resolve import best_records
from everybirth.schema import Kind
from everybirth.tables import Column

Row = tuple[int, int, int]


def column_of(kind: Kind, codes: list[int]) -> Column:
    """A column with these codes."""
    return Column("field", kind, np.array(codes, np.int32), _values(kind, max(codes, default=-1) + 1))


def _values(kind: Kind, n: int) -> pl.Series:
    return pl.Series([f"w{k}" for k in range(n)] if kind is Kind.NAME else list(range(n)))


def named(field: str, names: list[str]) -> Column:
    """A column of names, "" where a record has none."""
    values = sorted(set(names) - {""})
    codes = [values.index(name) if name else -1 for name in names]
    return Column(field, Kind.NAME, np.array(codes, np.int32), pl.Series(values, dtype=pl.String))


def shown(given: list[str], family: list[str], rank: list[int]) -> tuple[str, str]:
    """The child's names that are shown of records that are all one birth; the last records are of births alone."""
    columns = {
        "child_given_name": named("child_given_name", given),
        "child_family_name": named("child_family_name", family),
    }
    birth = np.array([max(0, k - len(rank) + 1) for k in range(len(given))], np.int32)
    found = best_records(birth, columns, np.array(rank + [0] * (len(given) - len(rank)), np.int16))
    return given[found["child_given_name"][0]], family[found["child_family_name"][0]]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 3), st.integers(0, 2)), min_size=1, max_size=20))
def test_the_value_shown_follows_the_rule(rows: list[Row]) -> None:
    """Most held; for names, then most frequent; then best list; then smallest record."""
    birth = np.unique([row[0] for row in rows], return_inverse=True)[1].astype(np.int32)
    codes, rank = [row[1] for row in rows], [row[2] for row in rows]
    columns = {kind.value: column_of(kind, codes) for kind in (Kind.NAME, Kind.DATE)}
    found = best_records(birth, columns, np.array(rank, np.int16))
    for number in range(birth.max() + 1):
        members = np.flatnonzero(birth == number).tolist()
        assert found["name"][number] == naive.best_record(members, codes, codes, True, rank)
        assert found["date"][number] == naive.best_record(members, codes, codes, False, rank)


def test_a_frequent_name_wins_over_a_rare_one_and_a_better_list_over_another_date() -> None:
    """Two records disagree: the name is taken from the one spelt like others, the date from the better list."""
    birth = np.array([0, 0, 1], np.int32)
    rank = np.array([1, 0, 0], np.int16)
    columns = {"name": column_of(Kind.NAME, [2, 1, 2]), "date": column_of(Kind.DATE, [2, 1, 2])}
    found = best_records(birth, columns, rank)
    assert found["name"].tolist() == [0, 2]
    assert found["date"].tolist() == [1, 2]


def test_no_value_and_no_birth() -> None:
    """A birth without any value has none to show; no births, none."""
    assert best_records(np.zeros(2, np.int32), {"f": column_of(Kind.CODE, [-1, -1])}, np.zeros(2, np.int16))[
        "f"
    ].tolist() == [-1]
    assert len(best_records(np.zeros(0, np.int32), {"f": column_of(Kind.CODE, [])}, np.zeros(0, np.int16))["f"]) == 0


@pytest.mark.parametrize(
    ("given", "family", "rank", "best"),
    [
        (["juana", "juana maria", "juana"], ["p"] * 3, [1, 0], ("juana maria", "p")),
        (["maria juana", "juana", "juana"], ["p"] * 3, [1, 0], ("maria juana", "p")),
        (["juana", "juana", "juana maria"], ["p"] * 3, [1, 1, 0], ("juana", "p")),
        (["juan", "juana maria", "juan"], ["p"] * 3, [1, 0], ("juan", "p")),
        (["juana", "juana maria", "pedro", "pedro", "juana"], ["p"] * 5, [0, 0, 0], ("pedro", "p")),
        (["juana", "juana maria", "pedro", "juana", "juana"], ["p"] * 5, [1, 1, 0], ("pedro", "p")),
        (["i", "i v", "i", "i"], ["v n", "n", "n", "n"], [1, 0], ("i v", "n")),
        (["i", "i v", "i v", "i v"], ["v n", "n", "n", "n"], [0, 1], ("i", "v n")),
        (["i", "i v", "i"], ["v", "n", "v"], [1, 0], ("i", "v")),
        (["i v", "i"], ["", "v"], [0, 1], ("i", "v")),
    ],
)
def test_which_of_two_names_is_shown(
    given: list[str], family: list[str], rank: list[int], best: tuple[str, str]
) -> None:
    """The majority first; then the name that has the other's words; then the more usual. A full name that was divided
    in two ways is taken from one record, one that has both parts if there is any. A family name written among the
    given ones makes them no fuller.
    """
    assert shown(given, family, rank) == best


parts = st.lists(st.sampled_from("abc"), max_size=3).map(" ".join)


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, 2), parts, parts, st.integers(0, 2)), min_size=1, max_size=9))
def test_names_of_several_words_follow_the_rule(rows: list[tuple[int, str, str, int]]) -> None:
    """Given and family names are those that a slow search by words finds."""
    birth = np.unique([row[0] for row in rows], return_inverse=True)[1].astype(np.int32)
    names, rank = [row[1:3] for row in rows], [row[3] for row in rows]
    fields = ("father_given_name", "father_family_name")
    columns = {field: named(field, [name[own] for name in names]) for own, field in enumerate(fields)}
    found = best_records(birth, columns, np.array(rank, np.int16))
    for number in range(birth.max() + 1):
        members = np.flatnonzero(birth == number).tolist()
        for own, field in enumerate(fields):
            assert found[field][number] == naive.best_name(members, names, own, rank)
