"""All partitions of a small component, with their posterior weights.

A subset of the n records is a bit mask. Every subset is scored as one birth once; then the births are chosen
one after another, each holding the lowest record that is still free, and a branch whose bound shows that it cannot
reach 1e-8 of the best weight is left. The deliveries of a given set of births are summed out, exactly and
without listing them: the weight of a set of births is a product over its deliveries, so the sum over all groupings is
a recursion over subsets.
"""

from typing import Any, NamedTuple

import numpy as np

from everybirth.resolve.compiled import inner_kernel
from everybirth.resolve.evidence import CERTAIN
from everybirth.tables import Float64Array, Int64Array

MOST_RECORDS = 8  # of a component that is enumerated
MOST_STATES = 4140  # Bell(8): every partition of eight records
MOST_STEPS = 2_000_000  # of the search in one component (about 5 ms); past it the component is sampled
DROPPED = 13.815510557964274  # log(1e6): a partition that weighs less than the best by this factor is dropped
RARER = 2.0  # log odds against each birth of a delivery beyond the second (Hellin 1895: one triplet delivery in about 80 of twins)
UNDERSTATED = 3.0  # log odds against a record stating too few children
LARGEST_SHIFT = 70.0  # keeps the scaled weights of eight births within the range of a float
LOG_BELL = np.log(np.array([1.0, 1, 2, 5, 15, 52, 203, 877, 4140]))  # log of the number of partitions of a set


class Local(NamedTuple):
    """The evidence within one component; only the first n rows and columns are meant.

    same               (., ., n_sources + 1) log likelihood ratio of same birth by piece of evidence, 0 where it is not compared; last, what hangs
                       on no field; symmetric in the records
    twin               (., ., n_sources + 1) the same for same delivery, -inf where it is not compared
    has                (., n_sources + 1) 0 where a record has the piece of evidence, -inf where it is never compared
    bond               (., .) reviewers' decisions
    lists, duplicate   (.,) list of each record, log odds of a further record of that list
    plurality          (.,) number of children of the delivery that each record states, 0 where it states none
    merge, delivery    prior log odds
    room               (2, n_sources + 1) working memory
    """

    same: Float64Array
    twin: Float64Array
    has: Float64Array
    bond: Float64Array
    lists: Int64Array
    duplicate: Float64Array
    plurality: Int64Array
    merge: float
    delivery: float
    room: Float64Array


@inner_kernel
def one_birth(members: Any, n: Any, local: Any) -> Any:
    """Log score of n records as one birth.

    members   (>= n,) local indices
    For each piece of evidence the value of one record is taken as the truth, the one to which the others agree best, and every other
    record speaks once: n records with it carry n - 1 agreements, not n (n - 1) / 2, and one slip costs once.
    """
    total = (n - 1) * local.merge
    same, has, best, value = local.same, local.has, local.room[0], local.room[1]
    n_sources = len(best)
    for source in range(n_sources):
        best[source] = -np.inf
    for one in range(n):
        record, repeats = members[one], False
        for source in range(n_sources):
            value[source] = has[record, source]
        for other in range(n):
            if other != one:
                for source in range(n_sources):
                    value[source] += same[record, members[other], source]
            if other < one:
                total += local.bond[record, members[other]]
                repeats |= local.lists[record] == local.lists[members[other]]
        for source in range(n_sources):
            best[source] = max(best[source], value[source])
        if repeats:
            total += local.duplicate[record]
    for source in range(n_sources):
        if best[source] > -np.inf:
            total += best[source]
    return total


@inner_kernel
def one_delivery(first: Any, n_first: Any, second: Any, n_second: Any, local: Any) -> Any:
    """Log odds that two births are of one delivery: for each piece of evidence the pair of their records that agrees best speaks."""
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
def surplus(members: Any, n: Any, births: Any, local: Any) -> Any:
    """What counts against n records being parts of one birth of a delivery of so many births, three or more.

    Twins are common enough to be learned from pairs; triplets and more are rarer still, and records that state fewer children than
    the delivery would have speak against it.
    """
    if births < 3:
        return 0.0
    total = -RARER * (births - 2.0) / births
    for place in range(n):
        if 0 < local.plurality[members[place]] < births:
            total -= UNDERSTATED
    return total


class Subsets(NamedTuple):
    """Tables over the subsets (bit masks) of the records of one component, and the search's stack.

    size, score   of a subset: records, log score as one birth
    tie           of a subset: bound on its log odds of one delivery with any birth outside it, at least 0
    odds          (., .) log odds that two disjoint subsets, as births, are of one delivery; NaN until asked for
    bound         (k + 1, .) best sum over partitions of a subset into k births of score and of a share of tie
    scaled, total of a subset of the chosen births: scaled weight as one delivery, of all its groupings into deliveries
    free, part, value   the stack: records still free, next subset to try, score so far
    births        the births chosen so far
    members       (2, n) room for the records of a birth
    """

    size: Int64Array
    score: Float64Array
    tie: Float64Array
    odds: Float64Array
    bound: Float64Array
    scaled: Float64Array
    total: Float64Array
    free: Int64Array
    part: Int64Array
    value: Float64Array
    births: Int64Array
    members: Int64Array


def make_subsets(n: int) -> Subsets:
    """Room for components of up to n records."""
    subsets, depth = 1 << n, n + 1
    return Subsets(
        size=np.zeros(subsets, np.int64),
        score=np.zeros(subsets),
        tie=np.zeros(subsets),
        odds=np.zeros((subsets, subsets)),
        bound=np.zeros((depth, subsets)),
        scaled=np.zeros(subsets),
        total=np.zeros(subsets),
        free=np.zeros(depth, np.int64),
        part=np.zeros(depth, np.int64),
        value=np.zeros(depth),
        births=np.zeros(depth, np.int64),
        members=np.zeros((3, max(n, 3)), np.int64),
    )


@inner_kernel
def enumerate_states(n: Any, local: Any, subsets: Any, states: Any) -> Any:
    """Fill states with the partitions that matter; returns their number, or -1 if the search was given up.

    Partitions into k births are searched for each k apart, since the bound on what deliveries add is sharp only for a known k:
    the weight of all groupings of k births is at most Bell(k) exp((k - 1) / k (sum of their ties)).
    """
    _tabulate(n, local, subsets)
    limit, count = subsets.score[(1 << n) - 1] - DROPPED, 0
    for k in range(1, n + 1):
        _bound(n, k, subsets)
        count, limit = _search(n, k, (count, limit), local, subsets, states)
        if count < 0:
            return -1
    return _normalise(n, count, states.labels, states.weights)


@inner_kernel
def _tabulate(n: Any, local: Any, subsets: Any) -> Any:
    """Score every subset as one birth, and bound what a delivery with others may add."""
    inside, outside = subsets.members[0], subsets.members[1]
    full = (1 << n) - 1
    for mask in range(1, full + 1):
        size = _unpack(mask, inside)
        subsets.size[mask] = size
        subsets.score[mask] = one_birth(inside, size, local)
        others = _unpack(full ^ mask, outside)
        subsets.tie[mask] = _most(inside, size, outside, others, local) if others else 0.0
        for other in range(full + 1):
            subsets.odds[mask, other] = np.nan


@inner_kernel
def _most(inside: Any, n: Any, outside: Any, others: Any, local: Any) -> Any:
    """Bound on the log odds of one delivery of a birth with any birth outside it: no piece of evidence need speak against it."""
    one_delivery(inside, n, outside, others, local)
    total = local.delivery
    for source in range(local.room.shape[1]):
        total += max(0.0, local.room[0, source])
    return min(max(total, 0.0), CERTAIN)


@inner_kernel
def _unpack(mask: Any, members: Any) -> Any:
    """List the records of a mask; returns their number."""
    size, record = 0, 0
    while mask >> record:
        if (mask >> record) & 1:
            members[size] = record
            size += 1
        record += 1
    return size


@inner_kernel
def _bound(n: Any, k: Any, subsets: Any) -> Any:
    """Fill bound[m], m up to k, for partitions of all records into k births."""
    score, tie, bound = subsets.score, subsets.tie, subsets.bound
    share = (k - 1.0) / k
    for births in range(k + 1):
        for mask in range(1 << n):
            bound[births, mask] = -np.inf
    bound[0, 0] = 0.0
    for births in range(1, k + 1):
        for mask in range(1, 1 << n):
            if subsets.size[mask] < births or (births == k and mask != (1 << n) - 1):
                continue
            low = mask & -mask
            rest = mask ^ low
            part, best = rest, -np.inf
            while part >= 0:
                birth = part | low
                best = max(best, score[birth] + share * tie[birth] + bound[births - 1, mask ^ birth])
                part = (part - 1) & rest if part else -1
            bound[births, mask] = best


@inner_kernel
def _search(n: Any, k: Any, so_far: Any, local: Any, subsets: Any, states: Any) -> Any:
    """Depth first over partitions into k births; a part of -1 on the stack means that all subsets were tried."""
    free, part, value, births, bound = subsets.free, subsets.part, subsets.value, subsets.births, subsets.bound
    count, limit = so_far
    full, share, spare = (1 << n) - 1, (k - 1.0) / k, LOG_BELL[k]
    if bound[k, full] + spare < limit:
        return count, limit
    free[0], part[0], value[0] = full, full & (full - 1), 0.0
    depth, ties = 0, 0.0
    steps = 0
    while depth >= 0:
        if part[depth] < 0:
            depth -= 1
            continue
        steps += 1
        low = free[depth] & -free[depth]
        birth = part[depth] | low
        part[depth] = (part[depth] - 1) & (free[depth] ^ low) if part[depth] else -1
        left = free[depth] ^ birth
        births[depth] = birth
        score, ties = 0.0, 0.0
        for number in range(depth + 1):
            score += subsets.score[births[number]]
            ties += subsets.tie[births[number]]
        if score + share * ties + bound[k - depth - 1, left] + spare < limit:
            continue
        if left:
            depth += 1
            free[depth], part[depth] = left, left & (left - 1)
            continue
        score += _log_groupings(k, local, subsets)
        if count == len(states.weights) or steps > MOST_STEPS:
            return -1, limit
        if score >= limit:
            _label(births, k, count, states.labels)
            states.weights[count] = score
            count += 1
            limit = max(limit, score - DROPPED)
    return count, limit


@inner_kernel
def _count(group: Any) -> Any:
    size = 0
    while group:
        size += group & 1
        group >>= 1
    return size


@inner_kernel
def _odds(one: Any, other: Any, local: Any, subsets: Any) -> Any:
    """Log odds that two births (masks) are of one delivery."""
    found = subsets.odds[one, other]
    if found != found:
        first, second = subsets.members[0], subsets.members[1]
        found = one_delivery(first, _unpack(one, first), second, _unpack(other, second), local)
        subsets.odds[one, other] = subsets.odds[other, one] = found
    return found


@inner_kernel
def _log_groupings(k: Any, local: Any, subsets: Any) -> Any:
    """Log of the summed weights of all groupings of the k chosen births into deliveries.

    k births of one delivery weigh exp(k - 1 times the mean log odds over their pairs). Weights are scaled by exp(-shift) for each birth,
    which every grouping of all births has once, so that none overflows.
    """
    if k == 1:
        return 0.0
    births, scaled, total = subsets.births, subsets.scaled, subsets.total
    shift = 0.0
    for high in range(k):
        for low in range(high):
            shift = max(shift, _odds(births[low], births[high], local, subsets))
    shift = min(shift, LARGEST_SHIFT)
    total[0] = 1.0
    for group in range(1, 1 << k):
        crossing, size, against = 0.0, _count(group), 0.0
        for high in range(k):
            if (group >> high) & 1:
                if size > 2:
                    n = _unpack(births[high], subsets.members[0])
                    against += surplus(subsets.members[0], n, size, local)
                for low in range(high):
                    if (group >> low) & 1:
                        crossing += subsets.odds[births[low], births[high]]
        scaled[group] = np.exp(2.0 * crossing / size + against - shift * size)
        low = group & -group
        rest = group ^ low
        part, weight = rest, 0.0
        while part >= 0:
            weight += scaled[part | low] * total[rest ^ part]
            part = (part - 1) & rest if part else -1
        total[group] = weight
    return np.log(total[(1 << k) - 1]) + shift * k


@inner_kernel
def _label(births: Any, k: Any, row: Any, labels: Any) -> Any:
    """Name each record's birth by the birth's smallest record."""
    for number in range(k):
        first, record = -1, 0
        while births[number] >> record:
            if (births[number] >> record) & 1:
                if first < 0:
                    first = record
                labels[row, record] = first
            record += 1


@inner_kernel
def _normalise(n: Any, count: Any, labels: Any, weights: Any) -> Any:
    """Turn log scores into probabilities, dropping what turned out too light once the best was known."""
    best, total, kept = -np.inf, 0.0, 0
    for state in range(count):
        best = max(best, weights[state])
    for state in range(count):
        if weights[state] >= best - DROPPED:
            weights[kept] = np.exp(weights[state] - best)
            total += weights[kept]
            for record in range(n):
                labels[kept, record] = labels[state, record]
            kept += 1
    for state in range(kept):
        weights[state] /= total
    return kept
