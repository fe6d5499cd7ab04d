"""How many pairs of records of one birth were never looked at, by the two lists that they are on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from everybirth.tables import BoolArray, Float64Array, Int16Array, Int64Array
from everybirth.weigh.truncation import Recall, masks

# Relative standard error of the pairs that blocking is estimated to hide. In eight worlds of 100,000 births it was
# 0.045, 189 pairs being hidden on average and 189 estimated; other records may be less alike.
RECALL_ERROR = 0.06
KNOWN = 20.0  # pairs of two lists from which on their own agreement counts more than that of all lists
LEAST = 1e-6  # of a share whose odds are taken


@dataclass(frozen=True, slots=True)
class Hidden:
    """Pairs of records of one birth, on two lists, that neither blocking nor a third record brings together.

    pairs   (n_lists, n_lists) expected number of them; symmetric, 0 on the diagonal
    sd      standard error of their number in all
    """

    pairs: Float64Array
    sd: float

    @property
    def total(self) -> float:
        return float(self.pairs.sum()) / 2.0


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of blocking keys of some pairs of records.

    present   (n_pairs, n_parts) whether both records have the part
    equal     (n_pairs, n_parts) whether they have it and agree in it
    lists     (n_pairs, 2) their lists, two different ones
    """

    present: BoolArray
    equal: BoolArray
    lists: Int16Array


def recall_by_lists(
    part_equal: Mapping[str, float], seen: Parts, anyhow: Parts, n_lists: int, recall: Recall
) -> Float64Array:
    """P(brought together by blocking | same birth) for records of two lists.

    part_equal   part of a blocking key -> P(equal | same birth), "month" given that the date differs
    seen         pairs surely of one birth: they show which lists agree less than others
    anyhow       random pairs: they show what a list's records lack
    recall       the rules' recall; see block.recall
    Returns      (n_lists, n_lists) symmetric; 1 where there is no such pair
    """
    names, size = list(part_equal), n_lists * n_lists
    agree = _agree(part_equal, seen, n_lists)
    place = _place(anyhow.lists, n_lists)
    has, mask_of = masks(anyhow.present)
    rows, row_of = np.unique(place * len(has) + mask_of, return_inverse=True)
    equal = has[rows % len(has)] * agree[rows // len(has)]
    found, _ = recall({name: equal[:, k] for k, name in enumerate(names)})
    number = np.bincount(place, minlength=size)
    summed = np.bincount(place, weights=found[row_of], minlength=size)
    mean = np.divide(summed, number, out=np.ones(size), where=number > 0).reshape(n_lists, n_lists)
    return np.minimum(mean, mean.T)


def _place(lists: Int16Array, n_lists: int) -> Int64Array:
    place: Int64Array = lists.min(axis=1).astype(np.int64) * n_lists + lists.max(axis=1)
    return place


def _agree(part_equal: Mapping[str, float], seen: Parts, n_lists: int) -> Float64Array:
    """(n_lists^2, n_parts) P(equal | same birth) of each part for records of two lists.

    That of all pairs, its odds changed as the odds among the pairs seen of these two lists differ from those among all
    pairs seen. (Blocking lets pairs through that agree, so that shares among these are all too high, but much alike.)
    """
    place, size = _place(seen.lists, n_lists), n_lists * n_lists
    overall, names = np.array(list(part_equal.values())), list(part_equal)
    present, equal = np.zeros((size, len(names))), np.zeros((size, len(names)))
    for k, name in enumerate(names):
        asked = seen.present[:, k]
        if name == "month" and "date" in names:
            asked = asked & ~seen.equal[:, names.index("date")]
        present[:, k] = np.bincount(place, weights=asked, minlength=size)
        equal[:, k] = np.bincount(place, weights=asked & seen.equal[:, k], minlength=size)
    among_all = (equal.sum(axis=0) + LEAST) / (present.sum(axis=0) + 2 * LEAST)
    own = (equal + KNOWN * among_all) / (present + KNOWN)
    return np.asarray(expit(_logit(overall) + _logit(own) - _logit(among_all)))


def _logit(share: Float64Array) -> Float64Array:
    within = np.clip(share, LEAST, 1.0 - LEAST)
    return np.asarray(np.log(within) - np.log1p(-within))


def pairs_by_lists(probability: Float64Array, lists: Int16Array, n_lists: int) -> Float64Array:
    """Expected pairs of one birth by the lists of their records: (n_lists, n_lists) symmetric, 0 on the diagonal.

    probability   (n_pairs,) P(same birth)
    lists         (n_pairs, 2)
    """
    place = lists[:, 0].astype(np.int64) * n_lists + lists[:, 1]
    summed: Float64Array = np.zeros((n_lists, n_lists))
    summed += np.bincount(place, weights=probability, minlength=n_lists * n_lists).reshape(n_lists, n_lists)
    pairs = summed + summed.T
    np.fill_diagonal(pairs, 0.0)
    return pairs


def hidden_pairs(found: Float64Array, beside: Float64Array, recall: Float64Array) -> Hidden:
    """What blocking hides, less what came to light because a third record of the birth ties the two together.

    found    (n_lists, n_lists) expected pairs of one birth among those that blocking brought together
    beside   the same among those that it did not
    recall   P(brought together by blocking | same birth)
    """
    by_blocking = found * (1.0 / np.maximum(recall, 0.05) - 1.0)
    pairs = np.maximum(by_blocking - beside, 0.0)
    error = RECALL_ERROR * by_blocking.sum() / 2.0
    return Hidden(pairs, float(np.sqrt(pairs.sum() / 2.0 + error**2)))
