from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.resolve.worlds import components, pairs_of, resolve

from everybirth.errors import DataError
from everybirth.resolve import Decisions, apply_decisions


def decided(same: list[tuple[int, int]] | None = None, different: list[tuple[int, int]] | None = None) -> Decisions:
    """Decisions about these pairs."""
    return Decisions(*(np.array(pairs or [], np.int32).reshape(-1, 2) for pairs in (same, different)))


@settings(max_examples=60)
@given(components(least=3), st.data())
def test_decisions_bind(world: Any, data: Any) -> None:
    """Whatever the evidence, decided pairs are one birth, or not, in the best partition and in every draw."""
    evidence, lists, prior = world
    n = len(lists)
    truth = data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    ends = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda e: e[0] != e[1])
    looked_at = data.draw(st.lists(ends, max_size=5))
    same = [(i, j) for i, j in looked_at if truth[i] == truth[j]]
    different = [(i, j) for i, j in looked_at if truth[i] != truth[j]]
    pairs = apply_decisions(pairs_of(evidence), decided(same, different), n)
    found = resolve(pairs, lists, prior)
    for labels in (found.birth, *(found.draws.labels_of(k) for k in range(5))):
        assert all(labels[i] == labels[j] for i, j in same)
        assert all(labels[i] != labels[j] for i, j in different)


def test_a_decided_pair_does_not_keep_a_third_record_away() -> None:
    """A decision is not averaged with the evidence: two records decided to be one birth are still joined by a third."""
    evidence = {(0, 1): (2.0, 0.0), (0, 2): (25.0, 0.0), (1, 2): (25.0, 0.0)}
    pairs = apply_decisions(pairs_of(evidence), decided(same=[(1, 0)]), 3)
    assert resolve(pairs, [0, 1, 2]).n_births == 1


def test_pairs_never_compared_are_added_in_their_place() -> None:
    """Added pairs keep the table in order and of one length, and leave the others as they were."""
    before = pairs_of({(0, 3): (1.0, 2.0), (2, 3): (3.0, 4.0)})
    after = apply_decisions(before, decided(same=[(3, 1)], different=[(0, 1), (0, 3)]), 4)
    assert list(zip(after.left.tolist(), after.right.tolist(), strict=True)) == [(0, 1), (0, 3), (1, 3), (2, 3)]
    assert after.same_birth.tolist() == [-1030.0, -999.0, 1000.0, 3.0]
    assert after.same_delivery.tolist() == [-30.0, 2.0, -30.0, 4.0]
    assert {len(getattr(after, f.name)) for f in fields(after) if f.name not in ("log_m", "source")} == {4}
    assert before.same_birth.tolist() == [1.0, 3.0]


def test_repeated_and_empty_decisions() -> None:
    """Saying a thing twice, or a record paired with itself, or nothing, changes nothing more."""
    pairs = pairs_of({(0, 1): (1.0, 2.0)})
    assert apply_decisions(pairs, Decisions(), 2) is pairs
    twice = apply_decisions(pairs, decided(same=[(0, 1), (1, 0), (1, 1)]), 2)
    assert twice.same_birth.tolist() == [1001.0]


def test_decisions_about_records_that_are_not_there_are_refused() -> None:
    """A record number beyond the run's records is an error, not a crash."""
    with pytest.raises(DataError, match="record 5 of 3"):
        apply_decisions(pairs_of({}), decided(same=[(0, 5)]), 3)
