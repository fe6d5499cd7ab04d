"""Pairs of one birth that blocking hides, by the lists of their records."""

from functools import partial

import numpy as np
import pytest

from everybirth.block import keys
from everybirth.weigh import hidden
from everybirth.weigh.hidden import Parts

RULES = (("date", "given"), ("date", "family"))
PARTS = {"date": 0.9, "given": 0.8, "family": 0.7}
RECALL = partial(keys.recall, RULES)


def _parts(present: np.ndarray, agree: np.ndarray, lists: np.ndarray, seed: int = 0) -> Parts:
    """Pairs whose parts agree with the probabilities given."""
    rng = np.random.default_rng(seed)
    return Parts(present, present & (rng.random(present.shape) < agree), lists.astype(np.int16))


def test_recall_of_equal_lists():
    """Where all lists agree alike and lack nothing, each two have the rules' recall: 0.9 (1 - 0.2 x 0.3)."""
    lists = np.repeat([[0, 1], [0, 2], [2, 1]], 4_000, axis=0)
    some = _parts(np.ones((12_000, 3), bool), np.array([0.9, 0.8, 0.7]), lists)
    found = hidden.recall_by_lists(PARTS, some, some, 3, RECALL)
    assert found[np.triu_indices(3, 1)] == pytest.approx(0.9 * (1 - 0.2 * 0.3), abs=0.02)
    np.testing.assert_array_equal(found, found.T)


def test_a_list_that_lacks_a_name_is_found_less():
    """Half of list 2's records have no given name: half of its pairs rest on the family name alone."""
    lists = np.repeat([[0, 1], [0, 2]], 5_000, axis=0)
    present = np.ones((10_000, 3), bool)
    present[5_000::2, 1] = False
    found = hidden.recall_by_lists(PARTS, _parts(present, np.array([0.9, 0.8, 0.7]), lists), _parts(
        present, np.zeros(3), lists), 3, RECALL)  # fmt: skip
    assert found[0, 2] == pytest.approx((0.9 * 0.94 + 0.9 * 0.7) / 2, abs=0.02)
    assert found[0, 1] == pytest.approx(0.9 * 0.94, abs=0.02)


def test_a_careless_list_is_found_less():
    """A list whose pairs agree less among those seen is taken to agree less among all."""
    lists = np.repeat([[0, 1], [0, 2]], 5_000, axis=0)
    present = np.ones((10_000, 3), bool)
    careless = np.where(lists[:, 1:] == 2, [[0.8, 0.6, 0.5]], [[0.97, 0.95, 0.9]])
    seen = _parts(present, careless, lists)
    found = hidden.recall_by_lists(PARTS, seen, seen, 3, RECALL)
    assert found[0, 2] < 0.9 * 0.94 - 0.05 < 0.9 * 0.94 + 0.05 < found[0, 1]


def test_pairs_of_one_list_are_not_counted():
    """Pairs are told by their two lists, in either order; those within a list are left out."""
    lists = np.array([[0, 1], [1, 0], [1, 1], [0, 2]], dtype=np.int16)
    found = hidden.pairs_by_lists(np.array([0.5, 1.0, 1.0, 0.25]), lists, 3)
    np.testing.assert_allclose(found, [[0, 1.5, 0.25], [1.5, 0, 0], [0.25, 0, 0]])


def test_what_third_records_tie_is_not_hidden():
    """Of the pairs that blocking hides those are taken off that were compared since a third record ties them."""
    found = np.array([[0.0, 900.0], [900.0, 0.0]])
    recall = np.full((2, 2), 0.9)
    all_hidden = hidden.hidden_pairs(found, np.zeros((2, 2)), recall)
    assert all_hidden.total == pytest.approx(100)
    some = hidden.hidden_pairs(found, found / 15, recall)
    assert some.total == pytest.approx(40)
    assert some.sd == pytest.approx((40 + (hidden.RECALL_ERROR * 100) ** 2) ** 0.5)
    assert hidden.hidden_pairs(found, found, recall).total == 0.0
