"""Edit distance, signatures and sound keys against their slow twins."""

from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.compare import naive

from everybirth.compare import kernels, strings

NONE = pl.Series([], dtype=pl.String)
short = st.text(alphabet="abc", max_size=7)
names = st.text(alphabet="abcehipqwxyzé' -1", min_size=1, max_size=12).filter(lambda text: text.strip() == text)
two_words = st.lists(names, min_size=1, max_size=3).map(" ".join)


def _distance(a: str, b: str) -> tuple[int, bool]:
    """The kernels' distance and whether they find one edit at most, of strings that stand somewhere among others."""
    text = "xx" + a + "abc" + b + "cba"
    chars = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).copy()
    where = (2, 2 + len(a), 5 + len(a), 5 + len(a) + len(b))
    return int(strings.distance(chars, *where)), bool(strings.within_one(chars, *where))


def _slip(text: str, kind: int, place: int, letter: str) -> str:
    k = place % (len(text) + 1)
    match kind:
        case 0:
            return text[:k] + letter + text[k:]
        case 1:
            return text[:k] + text[k + 1 :]
        case 2:
            return text[:k] + letter + text[k + 1 :]
    return text[:k] + text[k : k + 2][::-1] + text[k + 2 :]


slips = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30), st.sampled_from("abcé")), max_size=3)


@given(short, short)
def test_distance_is_that_of_the_full_table_up_to_two(a: str, b: str) -> None:
    """Distances 0, 1 and 2 are exact; 3 stands for anything more; and within_one agrees."""
    wanted = naive.distance(a, b)
    assert _distance(a, b) == (min(wanted, 3), wanted <= 1)


@example("aaaaaaabcaaaaa", [(1, 7, "a"), (3, 20, "a")])  # the letter between two is dropped, then they are swapped
@given(st.text(alphabet="abcé", max_size=14), slips)
def test_distance_of_slips(text: str, made: list[tuple[int, int, str]]) -> None:
    """The same for strings that a few slips make of one another. Slips far apart are no more edits than slips; those on
    the same letters may be, since no part is edited twice.
    """
    other, places = text, []
    for kind, place, letter in made:
        places.append(place % (len(other) + 1))
        other = _slip(other, kind, place, letter)
    wanted = naive.distance(text, other)
    far_apart = all(abs(one - another) >= 5 for one, another in combinations(places, 2))
    assert wanted <= len(made) or not far_apart
    assert _distance(text, other) == (min(wanted, 3), wanted <= 1)


@given(st.text(alphabet="abcé'", min_size=1, max_size=70), slips)
def test_signatures_never_rule_out_a_near_pair(text: str, made: list[tuple[int, int, str]]) -> None:
    """Whatever is one slip away, or two for six letters and more, passes the signatures; lengths over 63 as well."""
    other = text
    for kind, place, letter in made:
        other = _slip(other, kind, place, letter)
    table = strings.strings(pl.Series([text, other], dtype=pl.String), NONE).table
    if naive.is_near(text, other):
        assert kernels.may_be_near(table[0, strings.SIGNATURE], table[1, strings.SIGNATURE])


@pytest.mark.parametrize(("a", "b"), [("amina", "robert"), ("maria", "joseph"), ("ann", "annabella"), ("abcd", "efgh")])
def test_signatures_rule_out_far_pairs(a: str, b: str) -> None:
    """Signatures are of use: names with other letters or lengths are told apart."""
    table = strings.strings(pl.Series([a, b]), NONE).table
    assert not kernels.may_be_near(table[0, strings.SIGNATURE], table[1, strings.SIGNATURE])


@given(two_words, two_words)
def test_sound_numbers_are_equal_for_equal_sound_keys(a: str, b: str) -> None:
    """Two names have one sound number if and only if their sound keys are one."""
    table = strings.strings(pl.Series([a, b], dtype=pl.String), NONE).table
    assert (table[0, strings.SOUND] == table[1, strings.SOUND]) == (naive.sound(a) == naive.sound(b))


@pytest.mark.parametrize(
    ("a", "b", "alike"),
    [
        ("philip", "filip", True),
        ("cesay", "sesay", True),
        ("katarina", "caterina", True),
        ("okaffor", "okafor", True),
        ("anna", "ana", True),
        ("wu", "u", True),
        ("amina", "samina", False),
        ("bada", "baba", False),
        ("dee dee", "deedee", True),
        ("o'neil", "oneil", True),
        ("josé", "jose", False),
        ("coco", "soso", False),
    ],
)
def test_what_sounds_alike(a: str, b: str, alike: bool) -> None:
    """Spellings of one name sound alike, other names do not."""
    table = strings.strings(pl.Series([a, b]), NONE).table
    assert (table[0, strings.SOUND] == table[1, strings.SOUND]) == alike


@given(st.lists(two_words, max_size=6, unique=True))
def test_the_table_holds_characters_and_words(texts: list[str]) -> None:
    """Start and end give back each string; first and last words are equal in number where they are equal."""
    made = strings.strings(pl.Series(texts, dtype=pl.String), NONE)
    spans = [made.chars[row[strings.START] : row[strings.END]] for row in made.table]
    assert ["".join(map(chr, span)) for span in spans] == texts
    words = [(text.split()[0], text.split()[-1]) for text in texts]
    numbers = made.table[:, [strings.FIRST, strings.LAST]].tolist()
    flat = [
        (word, number)
        for pair, both in zip(words, numbers, strict=True)
        for word, number in zip(pair, both, strict=True)
    ]
    assert len({word for word, _ in flat}) == len({number for _, number in flat}) == len(set(flat))


def test_no_strings() -> None:
    """An empty dictionary is fine."""
    made = strings.strings(NONE, NONE)
    assert made.chars.shape == (0,)
    assert made.table.shape == (0, 6)
