"""Births torn in two because records of one birth were never compared."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from everybirth.estimate import missed_links, nohighest
from everybirth.estimate.missed_links import Missed


def _between(n_lists: int, pairs: float) -> np.ndarray:
    """As many missed pairs for every two lists."""
    table = np.full((n_lists, n_lists), pairs)
    np.fill_diagonal(table, 0.0)
    return table


def test_births_on_three_lists_are_torn_half_as_often():
    """The third record mostly ties the two others. A record comes off as often as the list that misses it least."""
    births = np.array([0.0, 0, 0, 100, 0, 0, 0, 100])  # on the second and third list; on all
    found = missed_links.kinds(births, _between(3, 2.0))
    torn = {(int(a), int(b)): share for a, b, share in zip(found.one, found.other, found.share, strict=True)}
    both, all_three = torn[1, 2] + torn[2, 1], torn[4, 3] + torn[2, 5] + torn[1, 6]
    assert both + all_three == pytest.approx(1.0)
    # Rates: 2 of 200 births on the second and third list, 2 of 100 on the first and another.
    assert all_three / both == pytest.approx(0.5 * (0.02 + 0.01 + 0.01) / 3 / 0.01)
    assert found.pairs == pytest.approx(both + 2 * all_three)


def test_no_list_is_blamed_that_misses_nothing():
    """Where only hospital and register miss links, no record of the community's list comes off."""
    births = np.array([0.0, 50, 50, 60, 50, 70, 80, 100])
    missed = np.zeros((3, 3))
    missed[0, 2] = missed[2, 0] = 12.0
    found = missed_links.kinds(births, missed)
    assert set(zip(found.one.tolist(), found.other.tolist(), strict=True)) == {(4, 1), (1, 4)}


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float64, (3, 4, 8), elements=st.integers(0, 60).map(float)),
    st.floats(0.0, 200.0),
    st.floats(0.0, 30.0),
    st.integers(0, 1000),
)
def test_lists_keep_their_births(counts, pairs, sd, seed):
    """Merging never takes a birth from a list, never leaves a count below 0, never adds births to any stratum."""
    counts[:, :, 0] = 0.0
    found = missed_links.merged(counts, Missed(_between(3, pairs), sd), seed)
    assert (found >= 0).all()
    assert (found.sum(axis=2) <= counts.sum(axis=2)).all()
    for bit in (1, 2, 4):
        on = (np.arange(8) & bit) > 0
        np.testing.assert_array_equal(found[:, :, on].sum(axis=(1, 2)), counts[:, :, on].sum(axis=(1, 2)))


def test_as_many_pairs_are_linked_as_were_missed():
    """On average over the draws, and as unevenly between them as the standard error says."""
    counts = np.tile(np.array([0.0, 900, 700, 3000, 800, 4000, 2500, 9000]), (200, 1, 1))
    found = missed_links.merged(counts, Missed(_between(3, 50.0), 20.0), seed=3)
    size = np.array([0, 0, 0, 1, 0, 1, 1, 3])
    linked = ((found - counts) @ size)[:, 0]
    assert linked.mean() == pytest.approx(150, abs=6)
    assert linked.std() == pytest.approx(20, rel=0.25)


def test_as_many_are_linked_however_fine_the_strata():
    """Births of 400 strata, hardly any of which has both parts of a torn birth."""
    rng = np.random.default_rng(7)
    total = np.array([0, 20, 20, 60, 20, 60, 60, 200])
    counts = np.stack([rng.multinomial(n, np.full(400, 1 / 400)) for n in total], axis=1).astype(np.float64)
    found = missed_links.merged(np.tile(counts, (200, 1, 1)), Missed(_between(3, 4.0), 0.0), seed=3)
    size = np.array([0, 0, 0, 1, 0, 1, 1, 3])
    linked = ((found - counts).sum(axis=1)) @ size
    assert linked.mean() == pytest.approx(12, abs=0.6)


def test_lists_that_cannot_hold_a_birth_never_come_to_hold_it():
    """Births of two strata, one of home births that the first list cannot hold: parts are merged where both fit."""
    counts = np.zeros((40, 2, 8))
    counts[:, 0, [1, 2, 3]] = (30, 30, 60)  # home births, on the second and third list
    counts[:, 1, [4, 5, 6, 7]] = (30, 60, 60, 200)
    can_hold = np.array([3, 7])
    found = missed_links.merged(counts, Missed(_between(3, 20.0), 0.0), seed=2, can_hold=can_hold)
    assert (found[:, 0, 4:] == 0).all()
    assert found[:, 1, 5:].sum() > counts[:, 1, 5:].sum()


def test_a_torn_country_is_mended():
    """Births torn at random are too many, listed and missed; merged as many again, the estimate is the true one."""
    rng = np.random.default_rng(5)
    held = rng.random((60_000, 3)) < (0.8, 0.7, 0.75)
    history = held @ np.array([4, 2, 1])
    true = np.bincount(history, minlength=8).astype(float)
    torn, pairs = true.copy(), np.zeros((3, 3))
    for whole, part in ((3, 1), (5, 4), (6, 2), (7, 1), (7, 2), (7, 4)):
        times = rng.binomial(int(true[whole]), 0.02 if whole != 7 else 0.01 / 3)
        torn[[whole, part, whole - part]] += (-times, times, times)
        a = 2 - int(np.log2(part))
        for b in range(3):
            if (whole - part) & (4 >> b):
                pairs[[a, b], [b, a]] += times
    torn[0] = true[0] = 0
    mended = missed_links.merged(np.tile(torn, (50, 1, 1)), Missed(pairs, 0.0), seed=1)[:, 0].mean(axis=0)
    births = [float(nohighest.point(table[None]).births[0]) for table in (true, torn, mended)]
    assert births[1] - births[0] > 400
    assert births[2] == pytest.approx(births[0], abs=60)


def test_nothing_missed_nothing_changed():
    """Counts stay as they are where blocking hides nothing."""
    counts = np.ones((2, 3, 4))
    assert missed_links.merged(counts, Missed(np.zeros((2, 2)), 5.0), seed=1) is counts


def test_births_that_no_two_lists_share_are_left():
    """Without a birth on two lists there is no way in which one could be torn."""
    counts = np.tile(np.array([0.0, 5, 5, 0]), (2, 1, 1))
    found = missed_links.merged(counts, Missed(_between(2, 3.0), 1.0), seed=1)
    np.testing.assert_array_equal(found, counts)
