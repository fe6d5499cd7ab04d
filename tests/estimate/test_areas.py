"""Areas: from place codes to the level at which births are counted."""

from pathlib import Path

import polars as pl
import pytest
from tests.estimate.listed import write

from everybirth.errors import PlanError, ReadError
from everybirth.estimate.areas import OUTSIDE, areas, leading, read_hierarchy

PARENTS = "code,parent,level\nn,,region\ns,,region\nn1,n,district\nn1-4,n1,ward\ns2,s,district\n"
COLUMNS = "region,district,code\nn,n1,n1-4\nn,n1,n1-5\ns,s2,s2-1\n"


@pytest.mark.parametrize(
    ("code", "level", "area"),
    [("0103-07", 1, "0103"), ("A/B-C", 2, "A/B"), ("A/B-C", 1, "A"), ("A", 3, "A"), ("A-B", 0, "all"), ("-A", 1, "-A")],
)
def test_the_leading_parts_of_a_code_name_its_area(code: str, level: int, area: str) -> None:
    """Parts are divided by "-" or "/"; a shorter code is an area itself."""
    assert leading(code, level) == area


def test_codes_of_several_columns_share_their_areas() -> None:
    """Residences and places of birth get the same numbers."""
    found = areas([pl.Series(["01-1", "02-1"]), pl.Series(["02", "03-9"])], 1, None)
    assert found.labels == ("01", "02", "03")
    assert [codes.tolist() for codes in found.codes] == [[0, 1], [1, 2]]


@pytest.mark.parametrize("text", [PARENTS, COLUMNS])
@pytest.mark.parametrize(("level", "expected"), [(1, ["N", "S"]), (2, ["N1", "S2"]), ("district", ["N1", "S2"])])
def test_a_hierarchy_says_the_area(tmp_path: Path, text: str, level: int | str, expected: list[str]) -> None:
    """By parents or by one column for each level; a code that is not known is looked for without its last parts."""
    hierarchy = read_hierarchy(write(tmp_path / "areas.csv", text), level)
    found = areas([pl.Series(["N1-4", "N1-4-9", "S2", "X9"])], level, hierarchy)
    assert list(found.labels) == expected
    assert found.codes[0].tolist() == [0, 0, 1, OUTSIDE]


def test_a_code_above_the_level_is_not_known(tmp_path: Path) -> None:
    """A residence given as a region only is in no district, but it is not out of scope either."""
    for text in (PARENTS, COLUMNS):
        hierarchy = read_hierarchy(write(tmp_path / "areas.csv", text), "district")
        assert areas([pl.Series(["N", "N1"])], "district", hierarchy).codes[0].tolist() == [-1, 0]


@pytest.mark.parametrize(
    ("text", "level", "error", "words"),
    [
        ("place,up\na,\n", 1, ReadError, 'needs "code" and "parent"'),
        ("code,parent\na,b\nb,a\n", 1, ReadError, "circle"),
        (PARENTS, "hamlet", PlanError, "hamlet"),
        (COLUMNS, "hamlet", PlanError, "Levels: region, district, code"),
    ],
)
def test_a_hierarchy_that_is_none_is_refused(
    tmp_path: Path, text: str, level: int | str, error: type[Exception], words: str
) -> None:
    """The message says what is wrong."""
    with pytest.raises(error, match=words):
        read_hierarchy(write(tmp_path / "areas.csv", text), level)


def test_an_absent_hierarchy_is_told(tmp_path: Path) -> None:
    """The file is named and what to mend."""
    with pytest.raises(ReadError, match=r"absent\.csv.*not there.*\[areas\]"):
        read_hierarchy(tmp_path / "absent.csv", 1)
