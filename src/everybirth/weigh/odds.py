"""What is believed of records before any field is compared, from the shares of the classes of pairs."""

import numpy as np

from everybirth.tables import Float64Array, Int16Array, Int64Array, Scored
from everybirth.weigh.em import Learned
from everybirth.weigh.model import SAME_BIRTH, SAME_DELIVERY

SURE = 5.0  # log odds from which a pair is surely of one birth
# How far a repeat, were it another birth, would be alone on its list: a twin's record has others beside it. In four
# worlds of 20,000 births the repeats expected were 0.8 % too few at 0, 0.4 % too many at 1.
ALONE = 0.65
HIGHEST_SHARE = 0.95  # of the records of a list that are also on another one; never are all


def prior_odds(learned: Learned, list_of: Int16Array, sure: int) -> tuple[float, Float64Array, float]:
    """Log prior odds for resolving: of merging records of two lists, of each list's repeats over that, of a common
    delivery.

    list_of  (n_records,) list of each record
    sure     pairs of records of two lists that are surely of one birth
    Of a pair by itself the odds are those of any two records, m / (n k) for m births on both of two lists of n and k.
    But a component is all that a record could belong to: either it is one birth with that record of the other list, or
    it is on its own list only. So m / (n k) is set against (1 - m / n)(1 - m / k), by the mean share over the lists, as
    far as it is sure: where records say too little to tell births apart, nothing is gained by belief. A repeat within a
    list joins a birth that is on other lists already; were it another birth, that one alone would be on its own list
    only, so that 1 - m / n counts once, as far as such a birth is alone.
    """
    prior = learned.model.prior
    n_lists = len(prior) - 1
    across = prior[0, SAME_BIRTH] if n_lists > 1 else prior[1, SAME_BIRTH]
    size = np.bincount(list_of, minlength=n_lists).astype(np.float64)
    most = (np.sqrt(size).sum() ** 2 - size.sum()) / 2.0
    shared = min(sure / most, HIGHEST_SHARE) if most > 0 else 0.0
    alone = float(np.log1p(-shared))
    merge = float(np.log(across)) - 2.0 * alone
    duplicate = np.log(prior[1:, SAME_BIRTH]) - ALONE * alone - merge
    delivery = float(np.log(prior[:, SAME_DELIVERY].max()))
    return merge, duplicate, delivery


def sure_pairs(learned: Learned, scanned: Scored, list_of: Int16Array) -> Int64Array:
    """Pairs of records of two lists that are surely of one birth, by what they agree in; not likely twins.

    Returns   (n_sure,) places among the pairs scanned
    """
    odds = scanned.sums[:, :2] + np.log(np.maximum(learned.model.prior[0, :2], 1e-300)).astype(np.float32)
    across = list_of[scanned.left] != list_of[scanned.right]
    return np.flatnonzero(across & (odds[:, SAME_BIRTH] > SURE + np.maximum(odds[:, SAME_DELIVERY], 0.0)))
