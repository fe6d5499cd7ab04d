from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.resolve import naive
from tests.resolve.worlds import pairs_of, prior_of

from everybirth.resolve import find_components
from everybirth.resolve.components import LARGE, LARGEST_PIECE

FLOOR = -9.2


@given(st.integers(1, LARGE), st.data())
def test_components_are_those_of_the_pairs_that_matter(n: Any, data: Any) -> None:
    """Records are of one component if a chain of pairs above the floor, for either class, ties them."""
    ends = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda e: e[0] < e[1])
    value = st.floats(-10.0, 8.0)
    evidence = data.draw(st.dictionaries(ends, st.tuples(value, value), max_size=30)) if n > 1 else {}
    prior, pairs = prior_of(), pairs_of(evidence)
    found = find_components(pairs, n, prior, FLOOR)
    joined = [pair for pair, (s, d) in evidence.items() if max(s + prior.merge, d + prior.delivery) > FLOOR]
    smallest = naive.connected(n, joined)
    numbers = {first: number for number, first in enumerate(sorted(set(smallest)))}
    assert found.component.tolist() == [numbers[first] for first in smallest]
    for number in range(found.n_components):
        members = found.order[found.offset[number] : found.offset[number + 1]]
        assert members.tolist() == np.flatnonzero(found.component == number).tolist()
        inner = found.pair_order[found.pair_offset[number] : found.pair_offset[number + 1]]
        of_left, of_right = found.component[pairs.left], found.component[pairs.right]
        assert inner.tolist() == np.flatnonzero((of_left == number) & (of_right == number)).tolist()


def test_in_a_large_component_only_firm_pairs_tie() -> None:
    """Weak ties hold small components together; where they would chain many records, firm pairs alone count."""
    weak, firm = (4.0, 0.0), (9.0, 0.0)
    small = find_components(pairs_of({(k, k + 1): weak for k in range(LARGE - 1)}), LARGE, prior_of(), FLOOR)
    assert small.n_components == 1
    chain = {(k, k + 1): firm if k % 3 == 0 else weak for k in range(LARGE + 3)}
    large = find_components(pairs_of(chain), LARGE + 4, prior_of(), FLOOR)
    assert large.n_cut == 0
    assert np.diff(large.offset).tolist() == [2, 1] * 4


def test_a_giant_is_cut_at_its_weakest_pairs() -> None:
    """Pieces stay under the cap, and strong pairs stay within a piece."""
    n = 4 * LARGEST_PIECE
    rng = np.random.default_rng(0)
    evidence = {(k, k + 1): (rng.uniform(8.1, 9.0), 0.0) for k in range(n - 1)}
    strong = {(k, k + 1): (10.0, 0.0) for k in range(0, n, 7)}
    found = find_components(pairs_of(evidence | strong), n, prior_of(), FLOOR)
    assert found.n_cut == 1
    assert np.diff(found.offset).max() <= LARGEST_PIECE
    assert all(found.component[left] == found.component[right] for left, right in strong)


def test_decided_pairs_are_never_cut() -> None:
    """A chain of pairs that reviewers decided stays whole, however long."""
    n = 2 * LARGEST_PIECE
    found = find_components(pairs_of({(k, k + 1): (1000.0, 0.0) for k in range(n - 1)}), n, prior_of(), FLOOR)
    assert found.n_components == 1


def test_small_components_beside_a_giant_are_as_without_it() -> None:
    """Cutting one component leaves the others alone."""
    n = 2 * LARGEST_PIECE
    chain = {(k, k + 1): (9.0, 0.0) for k in range(n - 1)}
    found = find_components(pairs_of(chain | {(n, n + 2): (2.0, 0.0)}), n + 3, prior_of(), FLOOR)
    last = found.component[n:]
    assert last[0] == last[2] != last[1]
