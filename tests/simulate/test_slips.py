"""Slips of the pen."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everybirth.simulate import slips
from everybirth.simulate.text import WIDTH, Words

NAMES = st.lists(
    st.text(alphabet="abcdefghinopstvéü -", min_size=1, max_size=20).map(str.title), min_size=1, max_size=30
)
WRITTEN = NAMES.map(lambda names: [name.strip() or "Ana" for name in names])
Slip = Callable[[Words, np.random.Generator], Words]


def _apply(slip: Slip, names: list[str], seed: int = 0) -> list[tuple[str, str]]:
    words = np.array(names, dtype=f"U{WIDTH}")
    return list(zip(names, slip(words, np.random.default_rng(seed)).tolist(), strict=True))


@given(WRITTEN, st.integers(0, 1000))
def test_a_dropped_letter_is_the_only_change(names: list[str], seed: int) -> None:
    """Dropping gives the word without one of its letters, for words of three letters or more."""
    for name, written in _apply(slips.drop, names, seed):
        assert written in ({name[:k] + name[k + 1 :] for k in range(len(name))} if len(name) > 2 else {name})


@given(WRITTEN, st.integers(0, 1000))
def test_a_doubled_letter_is_the_only_change(names: list[str], seed: int) -> None:
    """Doubling gives the word with one of its letters twice."""
    for name, written in _apply(slips.double, names, seed):
        assert written in {name[: k + 1] + name[k:] for k in range(len(name))}


@given(WRITTEN, st.integers(0, 1000))
def test_swapped_letters_are_adjacent(names: list[str], seed: int) -> None:
    """Swapping exchanges two adjacent letters, never the first."""
    for name, written in _apply(slips.swap, names, seed):
        swaps = {name[:k] + name[k + 1] + name[k] + name[k + 2 :] for k in range(1, len(name) - 1)}
        assert written in (swaps if len(name) > 2 else {name})


@given(WRITTEN, st.integers(0, 1000))
def test_a_wrong_key_changes_one_letter_and_not_its_case(names: list[str], seed: int) -> None:
    """A neighbouring key replaces one letter at most; capitals stay capitals."""
    for name, written in _apply(slips.hit_near_key, names, seed):
        assert len(name) == len(written)
        changed = [(a, b) for a, b in zip(name, written, strict=True) if a != b]
        assert len(changed) <= 1
        assert all(a.isupper() == b.isupper() for a, b in changed if a.isascii())


@given(WRITTEN, st.integers(0, 1000))
def test_mishearing_follows_one_rule(names: list[str], seed: int) -> None:
    """What was misheard is the word with one rule of SOUNDS applied once; it stays only if no rule applies."""
    for name, written in _apply(slips.mishear, names, seed):
        assert written in ({name.replace(said, put, 1) for said, put in slips.SOUNDS if said in name} or {name})


def test_a_misspelt_word_is_another_word() -> None:
    """Words of four different letters always change, and always stay words."""
    written = _apply(slips.misspell, ["Beno", "Kafi", "Tumo", "Leda"] * 500)
    assert all(name != word for name, word in written)
    assert all(word for _, word in written)
    assert len(set(written)) > 80


def test_every_kind_of_slip_occurs() -> None:
    """Shorter, longer and equally long misspellings are all common."""
    lengths = [len(word) - len(name) for name, word in _apply(slips.misspell, ["Phenoki"] * 4000)]
    shares = {change: lengths.count(change) / len(lengths) for change in (-1, 0, 1)}
    assert all(share > 0.05 for share in shares.values()), shares


@pytest.mark.parametrize(("name", "forms"), [("Ana Maria", {"Ana"}), ("Ana-Maria", {"Ana"}), ("Bo", {"B", "Bo"}),
                                             ("Katarina", {"K", "Kat", "Kata", "Katar"})])  # fmt: skip
def test_short_forms(name: str, forms: set[str]) -> None:
    """A compound name keeps its first part; another its first letters or its initial; all forms occur."""
    assert {word for _, word in _apply(slips.shorten, [name] * 200)} == forms


def test_accents_are_stripped() -> None:
    """Letters with marks become plain ones, letter by letter; plain words stay as they are."""
    words = np.array(["Élodie", "Gül", "Søren", "Łuşa", "Ana"], dtype=f"U{WIDTH}")
    assert slips.strip_accents(words).tolist() == ["Elodie", "Gul", "Soren", "Lusa", "Ana"]


def test_neighbouring_keys_are_near() -> None:
    """The four neighbours of g are those beside and next to it; neighbours of capitals are capitals."""
    small = {chr(code) for code in slips._NEIGHBOURS[ord("g")]}
    assert small <= set("frtyhvbc")
    assert {chr(code) for code in slips._NEIGHBOURS[ord("G")]} == {key.upper() for key in small}
