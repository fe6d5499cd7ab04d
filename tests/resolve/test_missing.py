from itertools import combinations
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.resolve.worlds import pairs_of, prior_of

from everybirth.resolve import find_components, merged, missing_pairs
from everybirth.tables import Scored

PAIRS = st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda pair: pair[0] < pair[1])


def scored(pairs: Any, mark: int) -> Scored:
    """A table of these pairs, every row of which tells its pair and the mark."""
    left, right = np.array(sorted(pairs), np.int32).reshape(-1, 2).T.copy()
    return Scored(
        left,
        right,
        np.stack([left, right, np.full_like(left, mark)], axis=1).astype(np.int8),
        np.stack([right, left], axis=1).astype(np.int16),
        np.stack([left, right, left + right], axis=1).astype(np.float32),
    )


@given(st.sets(PAIRS, max_size=20), st.sets(PAIRS, max_size=20))
def test_merged_pairs_stand_in_order_with_all_that_is_theirs(one: Any, other: Any) -> None:
    """Each pair of both tables is there once, ascending, with its own row of every column and whence it came."""
    other = other - one
    both, first = merged(scored(one, 1), scored(other, 2))
    expected = sorted(one | other)
    assert list(zip(both.left.tolist(), both.right.tolist(), strict=True)) == expected
    assert first.tolist() == [pair in one for pair in expected]
    whole = scored(one | other, 0)
    assert (both.levels[:, :2] == whole.levels[:, :2]).all()
    assert both.levels[:, 2].tolist() == [1 if pair in one else 2 for pair in expected]
    assert (both.chance == whole.chance).all()
    assert (both.sums == whole.sums).all()


@given(st.dictionaries(PAIRS, st.sampled_from([-20.0, 9.0]), max_size=25))
def test_missing_pairs_are_those_within_components_of_three_and_more(strength: Any) -> None:
    """Every pair of a component of three records or more is either known or listed, ascending, and no other."""
    pairs = pairs_of({pair: (value, -30.0) for pair, value in strength.items()})
    found = find_components(pairs, 12, prior_of(), -9.2)
    left, right = missing_pairs(pairs.left, pairs.right, found)
    sizes = np.bincount(found.component)
    expected = [
        (one, other)
        for one, other in combinations(range(12), 2)
        if found.component[one] == found.component[other]
        and sizes[found.component[one]] > 2
        and (one, other) not in strength
    ]
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == expected
