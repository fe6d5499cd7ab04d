import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from tests.resolve import naive

from everybirth.resolve import best_records
from everybirth.schema import Kind
from everybirth.tables import Column

Row = tuple[int, int, int]


def column_of(kind: Kind, codes: list[int]) -> Column:
    """A column with these codes."""
    return Column("field", kind, np.array(codes, np.int32), pl.Series(range(max(codes, default=-1) + 1)))


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
