"""Invented names."""

import numpy as np
import polars as pl
import pytest

from everybirth.simulate.lexicon import FAMILY, FEMALE, FLAVOURS, GIVEN, LONGEST, MALE, Lexicon, lexicon, long_tail


def test_given_names_are_distinct_and_of_usual_length(words: Lexicon) -> None:
    """No given name occurs twice, whatever sex and flavour; names have 3 to LONGEST letters and a capital."""
    given = words.words[: 2 * len(FLAVOURS) * GIVEN]
    assert given.n_unique() == len(given)
    assert words.words.str.len_chars().is_between(3, LONGEST).all()
    assert words.words.str.contains(r"^\p{Lu}").all()


def test_family_names_are_distinct_within_a_flavour(words: Lexicon) -> None:
    """A flavour's family names are all different, and some are also given names."""
    blocks = [words.words[2 * len(FLAVOURS) * GIVEN + k * FAMILY :][:FAMILY] for k in range(len(FLAVOURS))]
    assert [len(block) for block in blocks] == [FAMILY] * len(FLAVOURS)
    assert all(block.n_unique() == FAMILY for block in blocks)
    shared = blocks[0].is_in(words.words[: 2 * len(FLAVOURS) * GIVEN].implode()).sum()
    assert 0.10 * FAMILY < shared < 0.25 * FAMILY


def test_some_flavours_have_accents_and_some_have_none(words: Lexicon) -> None:
    """The first flavour is plain ASCII, the second is not."""
    accented = [words.words[k * GIVEN : (k + 1) * GIVEN].str.contains(r"[^\x00-\x7F]").mean() for k in range(2)]
    assert accented[0] == 0
    assert float(str(accented[1])) > 0.2


def test_similar_names_exist_beside_different_ones(words: Lexicon) -> None:
    """Among the women's names of one flavour some differ in one letter only, but most do not."""
    block = set(words.words[:GIVEN].to_list())
    one_less = [any(name[:k] + name[k + 1 :] in block for k in range(len(name))) for name in block]
    assert 0.005 < np.mean(one_less) < 0.25


@pytest.mark.parametrize("n", [10, 4000])
def test_long_tail_has_the_stated_shares(n: int) -> None:
    """Share of rank r is proportional to (r + offset) ** -slope, summed by hand."""
    weights = [1 / (rank + 5) ** 1.05 for rank in range(1, n + 1)]
    shares = np.diff(long_tail(n, 5.0, 1.05), prepend=0)
    assert shares == pytest.approx(np.array(weights) / sum(weights))


def test_draws_stay_in_their_block(words: Lexicon) -> None:
    """The extreme draws of each sex and flavour give the first and the last name of its block."""
    for flavour in range(len(FLAVOURS)):
        low, high = np.zeros(1), np.full(1, np.nextafter(1.0, 0.0))
        which = np.array([flavour])
        for sex in (FEMALE, MALE):
            start = (sex * len(FLAVOURS) + flavour) * GIVEN
            assert words.given(np.array([sex]), which, low)[0] == start
            assert words.given(np.array([sex]), which, high)[0] == start + GIVEN - 1
        start = 2 * len(FLAVOURS) * GIVEN + flavour * FAMILY
        assert (words.family(which, low)[0], words.family(which, high)[0]) == (start, start + FAMILY - 1)


def test_alike_names_are_neighbours_in_the_alphabet(words: Lexicon) -> None:
    """Each name's like-sounding one is another of its block, and each is one exactly once."""
    assert np.array_equal(np.sort(words.alike), np.arange(2 * len(FLAVOURS) * GIVEN))
    assert np.array_equal(words.alike // GIVEN, np.arange(2 * len(FLAVOURS) * GIVEN) // GIVEN)
    block = words.words[:GIVEN].to_list()
    ascending = sum(block[words.alike[k]] > block[k] for k in range(GIVEN))
    assert ascending == GIVEN - 1


def test_another_seed_gives_other_names(words: Lexicon) -> None:
    """Two worlds share few names; the same seed gives the same ones."""
    other = lexicon(np.random.default_rng(99)).words
    assert other.is_in(words.words.implode()).mean() < 0.5  # type: ignore[operator]
    assert lexicon(np.random.default_rng(3)).words.equals(words.words)


def test_names_in_use_have_a_long_tail(words: Lexicon) -> None:
    """Of a hundred thousand draws, the commonest name is a few per cent and many names occur once."""
    rng = np.random.default_rng(0)
    n = 100_000
    codes = words.given(rng.integers(2, size=n), rng.integers(len(FLAVOURS), size=n), rng.random(n))
    counts = pl.Series(codes).value_counts(name="times")["times"]
    assert 0.001 < counts.to_numpy().max() / n < 0.02
    assert (counts == 1).sum() > 3_000
    assert len(counts) > 15_000
