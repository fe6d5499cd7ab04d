"""What is believed of records before any field is compared."""

import numpy as np
import pytest

from everybirth.tables import Scored
from everybirth.weigh.em import Learned
from everybirth.weigh.model import Model
from everybirth.weigh.odds import ALONE, HIGHEST_SHARE, prior_odds, sure_pairs


def _learned(prior: list[list[float]]) -> Learned:
    return Learned(Model(np.ones((3, 1, 13)), np.array(prior)), (), 1.0)


def test_two_lists_of_which_most_births_are_on_both():
    """80 births on both of two lists of 100: the odds of any two records are 80 / 10,000, but that a record has no
    partner at all is a matter of 20 in 100, on either list; that a repeat is none, of that once, as far as ALONE
    says.
    """
    list_of = np.repeat([0, 1], 100).astype(np.int16)
    merge, duplicate, delivery = prior_odds(_learned([[0.008, 1e-4, 0], [1e-5, 1e-4, 0], [2e-5, 2e-4, 0]]), list_of, 80)
    assert merge == pytest.approx(np.log(80 / (20 * 20)))
    np.testing.assert_allclose(duplicate + merge, np.log([1e-5, 2e-5]) - ALONE * np.log(0.2))
    assert delivery == pytest.approx(np.log(2e-4))


def test_lists_that_share_all_births():
    """The share is held below 1, so that the odds stay finite."""
    list_of = np.repeat([0, 1], 10).astype(np.int16)
    merge, _, _ = prior_odds(_learned([[0.1, 1e-4, 0], [1e-5, 1e-4, 0], [1e-5, 1e-4, 0]]), list_of, 10)
    assert merge == pytest.approx(np.log(0.1) - 2 * np.log(1 - HIGHEST_SHARE))


def test_records_that_say_too_little():
    """Where no pair is sure, two records have the odds of any two."""
    list_of = np.repeat([0, 1], 100).astype(np.int16)
    merge, _, _ = prior_odds(_learned([[0.008, 1e-4, 0], [1e-5, 1e-4, 0], [1e-5, 1e-4, 0]]), list_of, 0)
    assert merge == pytest.approx(np.log(0.008))


def test_one_list():
    """Repeats within the only list have the share of such pairs; there is no other list to be on."""
    merge, duplicate, _ = prior_odds(_learned([[0.0, 0.0, 0], [1e-5, 1e-4, 0]]), np.zeros(9, np.int16), 0)
    assert merge == pytest.approx(np.log(1e-5))
    assert duplicate == pytest.approx([0.0])


def test_sure_pairs():
    """Sure are pairs of two lists whose odds are high, and higher than those of being twins."""
    sums = np.array([[20, 0, 0], [20, 0, 0], [8, 0, 0], [20, 18, 0]], dtype=np.float32)
    left, right = np.array([0, 0, 1, 1], np.int32), np.array([2, 1, 2, 3], np.int32)
    scanned = Scored(left, right, np.zeros((4, 1), np.int8), np.zeros((4, 1), np.int16), sums)
    learned = _learned([[0.01, 1e-4, 0], [1e-5, 1e-4, 0], [1e-5, 1e-4, 0]])
    # The second pair is of one list, the third has log odds of 3.4, the fourth might be of twins, but hardly is.
    assert sure_pairs(learned, scanned, np.array([0, 0, 1, 1], np.int16)).tolist() == [0, 3]
    sums[3, 1] = 22
    assert sure_pairs(learned, scanned, np.array([0, 0, 1, 1], np.int16)).tolist() == [0]
