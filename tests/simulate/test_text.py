"""Columns of text as codes."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from everybirth.simulate.text import WIDTH, Text, exchange
from everybirth.tables import MISSING

POOL = pl.Series(["Ana", "Beno", "Chi"])
COLUMN = st.lists(st.integers(MISSING, len(POOL) - 1), min_size=4, max_size=4)


def _text(codes: list[int]) -> Text:
    return Text(np.array(codes, np.int32), POOL)


def test_words_are_written_where_they_belong() -> None:
    """put, blank, point and take change the rows named and no others, and the original not at all."""
    text = _text([0, 1, MISSING, 2])
    assert text.put(np.array([1, 2]), np.array(["Dodo", "Eva"], f"U{WIDTH}")).series().to_list() == [
        "Ana",
        "Dodo",
        "Eva",
        "Chi",
    ]
    assert text.blank(np.array([0])).series().to_list() == [None, "Beno", None, "Chi"]
    assert text.point(np.array([3]), np.array([0], np.int32)).series().to_list() == ["Ana", "Beno", None, "Ana"]
    assert text.take(np.array([3, 3, 2])).series().to_list() == ["Chi", "Chi", None]
    assert text.present(np.array([1, 2, 3])).tolist() == [1, 3]
    assert text.series().to_list() == ["Ana", "Beno", None, "Chi"]


@given(COLUMN, COLUMN, st.sets(st.integers(0, 3)))
def test_exchange_swaps_the_rows_named(left: list[int], right: list[int], rows: set[int]) -> None:
    """After an exchange each column holds the other's words at those rows, missing ones too."""
    first, second = exchange(
        _text(left), _text(right).put(np.array([0]), np.array(["Fo"], f"U{WIDTH}")), np.array(sorted(rows), int)
    )
    was_first = _text(left).series().to_list()
    was_second = ["Fo", *_text(right).series().to_list()[1:]]
    for row in range(4):
        both = first.series()[row], second.series()[row]
        assert both == ((was_second[row], was_first[row]) if row in rows else (was_first[row], was_second[row]))
