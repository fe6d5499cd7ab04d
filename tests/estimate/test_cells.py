"""Capture histories as numbers."""

import numpy as np
import pytest

from everybirth.errors import EstimateError
from everybirth.estimate import cells


def test_list_0_is_the_first_character_and_the_most_significant_bit():
    """Cell 6 of three lists is "110": on the first two lists."""
    assert cells.label(6, 3) == "110"
    assert cells.membership(3)[6].tolist() == [True, True, False]
    assert cells.bit(0, 3) == 4


def test_births_on_lists_and_shared():
    """A list's births, and those two lists share, whatever else the births are on."""
    table = cells.checked([99, 1, 2, 4, 8, 16, 32, 64])
    assert cells.on_lists(table).tolist() == [[120, 102, 85]]
    assert cells.shared(table)[0, 0b110] == 96
    assert cells.shared(table)[0, 0] == 127


def test_the_cell_missed_by_all_is_ignored():
    """Whatever stands in cell 0 is set to 0, without touching the caller's array."""
    given = np.array([7.0, 1, 2, 3])
    assert cells.checked(given)[0].tolist() == [0, 1, 2, 3]
    assert given[0] == 7


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ([0, -1, 2, 3], "negative or not whole"),
        ([0, 1.5, 2, 3], "history 01"),
        ([0, np.nan, 2, 3], "negative or not whole"),
        ([0, np.inf, 2, 3], "negative or not whole"),
        ([0, 1, 2e10, 3], r"above 10,000,000,000 \(first: table 1, history 10\)"),
        ([0, 1], "only one list"),
        ([0, 1, 2], "shape"),
        (np.zeros(2**11), "at most 10"),
        ([], "shape"),
        (np.zeros((2, 2, 4)), "shape"),
    ],
)
def test_counts_that_are_no_counts_are_refused(counts, words):
    """The error says what was found."""
    with pytest.raises(EstimateError, match=words):
        cells.checked(counts)
