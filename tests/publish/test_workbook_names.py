"""Areas as file names."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everybirth.publish.workbooks.names import file_names


@pytest.mark.parametrize("area", ["0101", "North", "Côte d'Ivoire", "北京市", "Ha Noi - Ba Dinh", "unknown"])
def test_an_ordinary_area_names_its_file(area: str) -> None:
    """The name is the area."""
    assert file_names([area]) == {area: area}


@pytest.mark.parametrize(
    "area",
    [
        "a/b",
        "../../etc/passwd",
        "a\\b",
        "CON",
        "nul.txt",
        "com1",
        "x" * 300,
        "王" * 300,
        "",
        " ",
        ".",
        "a.",
        "a\x00b",
        "a:b",
    ],
)
def test_what_no_system_takes_is_replaced(area: str) -> None:
    """Slashes, names of devices, very long and empty names become ordinary ones, with letters of their own."""
    (name,) = file_names([area]).values()
    assert name != area
    assert not set(name) & set('<>:"/\\|?*\x00')
    assert len(f"{name}.xlsx".encode()) <= 200
    assert name.split(".")[0].casefold() not in ("con", "nul", "com1")


def test_our_own_files_are_not_areas() -> None:
    """An area called like another file of the folder gets another name."""
    for area in ("import-problems-1", "Filled-In", "written"):
        assert file_names([area])[area].startswith("_")


def test_a_name_does_not_depend_on_areas_unlike_it() -> None:
    """Adding areas renames no file, unless the two would be one."""
    few, many = file_names(["a/b", "North"]), file_names(["a/b", "North", "South", "a_b"])
    assert {area: many[area] for area in few} == few
    assert file_names(["North", "north"])["North"] != "North"


@given(st.lists(st.text(max_size=12) | st.sampled_from(["A", "a", "Ａ", "é", "e\u0301", "a/", "a|", "con", "CON"])))
def test_no_two_areas_share_a_file(areas: list[str]) -> None:
    """On no system, whether or not it tells cases and forms of letters apart."""
    names = file_names(areas)
    folded = [unicodedata.normalize("NFKC", name).casefold() for name in names.values()]
    assert len(set(folded)) == len(folded) == len(set(areas))
