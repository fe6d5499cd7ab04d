"""Names: spelling folded within a script, never across; words for "not known" are missing."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everybirth.standardise.names import clean, tidy, without_title


def one(name: str) -> str | None:
    """One name, cleaned."""
    cleaned: list[str | None] = clean(pl.Series([name])).to_list()
    return cleaned[0]


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("  MARY   Jane ", "mary jane"),
        ("O'Brien", "obrien"),
        ("O’Brien", "obrien"),
        ("Anne-Marie", "anne marie"),
        ("José Ñuñez", "jose nunez"),
        ("Jose\u0301", "jose"),
        ("Straße", "strasse"),
        ("Łukasz Øster Đặng", "lukasz oster dang"),
        ("Æsa Œuvre", "aesa oeuvre"),
        ("İbrahim", "ibrahim"),
        ("ﬁona ｍａｒｙ", "fiona mary"),
        ("ΟΔΟΣ", "οδοσ"),
        ("Йосиф", "йосиф"),
        ("محمّد", "محمّد"),
        ("محـــمد", "محمد"),
        ("देवी", "देवी"),
        ("김민준", "김민준"),
        ("王小明", "王小明"),
        ("阿卜杜·买买提", "阿卜杜 买买提"),
        ("Na", "na"),
        ("Xu", "xu"),
        ("Nan", "nan"),
    ],
)
def test_spelling_is_folded(written: str, cleaned: str) -> None:
    """Case, accents of Latin letters, punctuation and spaces go; marks of other scripts stay."""
    assert one(written) == cleaned


@pytest.mark.parametrize(
    "written",
    [
        "", " ", "-", ".", "12", "N/A", "n.a.", "NA", "NaN", "NULL", "NN", "n/n", "XXX", "Unknown", "Desconocida",
        "Père inconnu", "ignorado", "não informado", "不详", "未知", "无", "مجهول", "неизвестно",
    ],
)  # fmt: skip
def test_not_known_is_missing(written: str) -> None:
    """Words and marks that stand for a name that is not known are missing in any name field."""
    assert one(written) is None


def test_missing_stays_missing_and_rows_stay_in_place() -> None:
    """Null in, null out, at the same place, among ASCII and other values."""
    assert clean(pl.Series(["Ana", None, "Zoë", "Bo"])).to_list() == ["ana", None, "zoe", "bo"]


def test_long_names_are_kept_whole() -> None:
    """A name of 300 characters is not cut."""
    assert one("É" * 300) == "e" * 300


def test_similar_letters_of_two_scripts_stay_apart() -> None:
    """Latin, Greek and Cyrillic names that look alike are three names."""
    assert clean(pl.Series(["Anna", "Αnna", "Аnna"])).n_unique() == 3


@given(st.lists(st.text(max_size=20) | st.none(), max_size=20))
def test_cleaning_twice_changes_nothing(names: list[str | None]) -> None:
    """Cleaning is idempotent over all of Unicode."""
    once = clean(pl.Series(names, dtype=pl.String))
    assert clean(once).to_list() == once.to_list()


@given(st.lists(st.text(alphabet=st.characters(max_codepoint=0x24F), max_size=12), min_size=1, max_size=12))
def test_each_name_is_cleaned_for_itself(names: list[str]) -> None:
    """The quick way for ASCII and the general way agree, whatever stands beside a name."""
    together = clean(pl.Series(names, dtype=pl.String)).to_list()
    assert together == [one(name) for name in names]


@given(st.text(alphabet="AbzÉñß' -.,", max_size=12))
def test_case_does_not_matter(name: str) -> None:
    """A name in capitals is the same name, but for the exported null NA."""
    assert one(name.lower()) == one(name.title())


def test_tidy_keeps_the_spelling() -> None:
    """What is published keeps case, accents and punctuation; only spaces are folded."""
    assert tidy(pl.Series(["  O'BRIEN \t Jose\u0301 ", None])).to_list() == ["O'BRIEN José", None]


def test_titles_go() -> None:
    """Titles before and after adults' names go; a title alone, or the beginning of a name, stays."""
    written = ["Mr. John", "Dra. María", "Mme Awa", "Dr Ms Ana", "王先生", "Mrs", "Drake", "Missy", "Señora Ana"]
    bare = ["John", "María", "Awa", "Ana", "王", "Mrs", "Drake", "Missy", "Ana"]
    assert without_title(pl.Series(written)).to_list() == bare
