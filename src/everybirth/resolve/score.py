"""What records score as one birth, and births as one delivery: the terms of the formula in partitions.partition."""

from typing import Any, NamedTuple

import numpy as np

from everybirth.compiled import inner_kernel
from everybirth.resolve.evidence import CERTAIN
from everybirth.tables import Float64Array, Int64Array

# Log odds against each birth of a delivery beyond the second (Hellin 1895: of some eighty twin deliveries one is of
# triplets).
RARER = 2.0
UNDERSTATED = 3.0  # log odds against a record stating too few children
LIST, PLURALITY = 0, 1  # columns of Local.stated


class Local(NamedTuple):
    """The evidence within one component; only the first n rows and columns are meant. Few arrays: each costs time in
    every call.

    same     (., ., n_sources + 1) log likelihood ratio of same birth by piece of evidence, 0 where it is not compared;
             last, what hangs on no field; symmetric in the records. On the diagonal 0 where a record has the
             piece of evidence, -inf where it is never compared
    twin     (., ., n_sources + 1) the same for same delivery, -inf where it is not compared
    bond     (., .) reviewers' decisions; on the diagonal the log odds of a further record of the record's list
    stated   (., 2) list of each record; number of children of the delivery that it states, 0 where it states none
    merge, delivery   prior log odds
    room     (2, n_sources + 1) working memory
    """

    same: Float64Array
    twin: Float64Array
    bond: Float64Array
    stated: Int64Array
    merge: float
    delivery: float
    room: Float64Array


@inner_kernel
def one_birth(members: Any, n: Any, local: Any) -> Any:
    """Log score of n records as one birth.

    members   (>= n,) local indices
    For each piece of evidence the value of one record is taken as the truth, the one to which the others agree best,
    and every other record speaks once: n records with it carry n - 1 agreements, not n (n - 1) / 2, and one slip costs
    once.
    """
    total = (n - 1) * local.merge
    same, best, value = local.same, local.room[0], local.room[1]
    n_sources = len(best)
    for source in range(n_sources):
        best[source] = -np.inf
    for one in range(n):
        record, repeats = members[one], False
        for source in range(n_sources):
            value[source] = 0.0
        for other in range(n):
            for source in range(n_sources):
                value[source] += same[record, members[other], source]
            if other < one:
                total += local.bond[record, members[other]]
                repeats |= local.stated[record, LIST] == local.stated[members[other], LIST]
        for source in range(n_sources):
            best[source] = max(best[source], value[source])
        if repeats:
            total += local.bond[record, record]
    for source in range(n_sources):
        if best[source] > -np.inf:
            total += best[source]
    return total


@inner_kernel
def one_delivery(first: Any, n_first: Any, second: Any, n_second: Any, local: Any) -> Any:
    """Log odds that two births are of one delivery: by piece of evidence the pair of their records that agrees best
    speaks.
    """
    twin, best = local.twin, local.room[0]
    n_sources = len(best)
    for source in range(n_sources):
        best[source] = -np.inf
    for one in range(n_first):
        for other in range(n_second):
            for source in range(n_sources):
                best[source] = max(best[source], twin[first[one], second[other], source])
    total = local.delivery
    for source in range(n_sources):
        if best[source] > -np.inf:
            total += best[source]
    return min(total, CERTAIN)


@inner_kernel
def rarer(births: Any) -> Any:
    """What counts against each birth of a delivery of so many: twins are common enough to be learned from pairs,
    triplets and more are rarer still.
    """
    return -RARER * (births - 2.0) / births if births > 2 else 0.0


@inner_kernel
def understated(plurality: Any, births: Any) -> Any:
    """What counts against a record that states too few children (0: none) for a delivery of three births or more."""
    return -UNDERSTATED if births > 2 and 0 < plurality < births else 0.0
