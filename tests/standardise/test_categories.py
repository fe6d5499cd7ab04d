"""Sex and place of birth in the words and letters of several languages."""

import polars as pl
import pytest

from everybirth.standardise.categories import read_category, read_sex, read_site


def sexes(*written: str, **stated: str) -> list[str | None]:
    """The standard codes of one list's letters or words, with the plan's own codes."""
    found: list[str | None] = read_sex(pl.Series(written), stated)[0].to_list()
    return found


@pytest.mark.parametrize(
    ("male", "female"),
    [
        ("M", "F"), ("male", "Female"), ("H", "M"), ("Hombre", "Mujer"), ("masculino", "femenino"), ("Boy", "girl"),
        ("masculin", "féminin"), ("garçon", "fille"), ("H", "F"), ("1", "2"), ("1.0", "2.0"), ("男", "女"),
        ("varón", "hembra"), ("ذكر", "أنثى"), ("М".lower(), "ж"), ("m.", "f."),
    ],
)  # fmt: skip
def test_sex(male: str, female: str) -> None:
    """Each language's pair; M beside H is mujer."""
    assert sexes(male, female) == ["male", "female"]


def test_the_plan_goes_first() -> None:
    """The plan's codes win over the built-in ones, whatever their case."""
    assert sexes("M", "v", "F", M="female", V="male") == ["female", "male", "female"]


def test_what_is_not_understood_is_said() -> None:
    """Unknown codes are missing and marked; words for "not stated" are only missing."""
    standard, unread = read_sex(pl.Series(["F", "q", "9", "", "unknown", None]), {})
    assert standard.to_list() == ["female", None, None, None, None, None]
    assert unread.tolist() == [False, True, False, False, False, False]


def test_noughts_and_ones_are_not_guessed() -> None:
    """0 and 1 tell their meaning only to the person who wrote them."""
    standard, unread = read_sex(pl.Series(["0", "1"]), {})
    assert standard.to_list() == [None, None]
    assert unread.all()


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("facility", "facility"), ("District Hospital", "facility"), ("health centre", "facility"),
        ("Hôpital", "facility"),
        ("Centro de Salud", "facility"), ("医院", "facility"), ("乡镇卫生院", "facility"),
        ("home", "home"), ("At Home", "home"),
        ("domicilio", "home"), ("à domicile", "home"), ("casa", "home"), ("家中", "home"), ("TBA", "home"),
        ("other", "other"), ("on the way", "other"), ("otro", "other"), ("autre", "other"),
        ("其他", "other"), ("Z", None),
    ],
)  # fmt: skip
def test_site(written: str, code: str | None) -> None:
    """Where a birth took place, in words."""
    assert read_site(pl.Series([written]), {})[0].to_list() == [code]


def test_site_by_the_plan() -> None:
    """The plan's codes for the place of birth win."""
    assert read_site(pl.Series(["1", "Home clinic"]), {"1": "facility", "home clinic": "home"})[0].to_list() == [
        "facility",
        "home",
    ]


def test_further_categories() -> None:
    """Further categories are compared in upper case, after the plan's codes."""
    assert read_category(pl.Series([" ward  a", "x9", "-"]), {"x9": "NINE"})[0].to_list() == ["WARD A", "NINE", None]
