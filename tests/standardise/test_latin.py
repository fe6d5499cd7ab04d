"""The short way for names in Latin letters against the long way."""

import re
import unicodedata

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from everybirth.standardise import names

ALPHABET = "aAxXzZ zZ09'`-./\t\r\x0b\x1c\x7f\x85\xa0áÑßøŁİŉªǅÆÿɏ\u0301ʼ王дÁ"
TEXTS = st.lists(st.text(alphabet=ALPHABET, max_size=8) | st.text(max_size=5), max_size=20)


def cleaned(name: str) -> str | None:
    """The long way for one name, which stands beside a name that no short way takes."""
    return names.clean(pl.Series([f"王 {name}"]))[0]


@given(TEXTS)
@example(["x", "xX", "x x", "X'x", "xa", "ß", "ßx", "'", "", "a  b", " a", "a ", "a\tb"])
@example(["é", "e\u0301", "É́", "ﬁ", "ə", "ĳ", "ŀ", "aé\u0301"])
def test_the_short_way_spells_as_the_long_way(texts: list[str]) -> None:
    """A name in Latin letters alone is spelt as the same name behind a word in another script."""
    spelt = names.clean(pl.Series(texts, dtype=pl.String)).to_list()
    for text, found in zip(texts, spelt, strict=True):
        long_way = (cleaned(text) or "").removeprefix("王").strip(" ")
        if found is not None:
            assert found == long_way
        else:
            assert not re.search(r"[^\W\d_]", long_way) or re.fullmatch("x+", long_way) or is_word(text)


def is_word(text: str) -> bool:
    """Whether the words say that the name is not known: left to the tests of names."""
    return names.clean(pl.Series([f"{text} rosa"]))[0] != "rosa"


@given(TEXTS)
def test_tidying_folds_spaces_and_composes(texts: list[str]) -> None:
    """Nothing but spaces and the composition of letters is changed."""
    expected = [unicodedata.normalize("NFC", " ".join(re.split(SPACES, text)).strip(" ")) for text in texts]
    assert names.tidy(pl.Series(texts, dtype=pl.String)).to_list() == expected


SPACES = r"[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"


def test_missing_names_stay_missing() -> None:
    """Null is no name, and stays null beside names of both ways."""
    names_read = pl.Series([None, "Ana", None, "王 ", " Ñ"])
    tidied, spelt = names.tidy_and_clean(names_read)
    assert tidied.to_list() == [None, "Ana", None, "王", "Ñ"]
    assert spelt.to_list() == [None, "ana", None, "王", "n"]
    assert names.tidy_and_clean(pl.Series([], dtype=pl.String))[1].to_list() == []
