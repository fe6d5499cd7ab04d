"""All partitions of a small component, with their posterior weights.

A subset of the n records is a bit mask. Every subset is scored as one birth once; then the births are chosen
one after another, each holding the lowest record that is still free, and a branch whose bound shows that it cannot
reach a millionth of the best weight is left. The deliveries of a given set of births are summed out, exactly and
without listing them: the weight of a set of births is a product over its deliveries, so the sum over all groupings is
a recursion over subsets.
"""

from typing import Any, NamedTuple

import numpy as np

from everybirth.resolve.compiled import inner_kernel
from everybirth.resolve.evidence import CERTAIN
from everybirth.resolve.score import one_birth, one_delivery, surplus
from everybirth.tables import Float64Array, Int64Array

MOST_RECORDS = 9  # of a component that is enumerated
MOST_STATES = 4140  # Bell(8); if more partitions of nine records matter, they are sampled
MOST_STEPS = 2_000_000  # of the search in one component; past it the component is sampled
LIGHT = 1e-6  # a partition that weighs less than this beside the best one is dropped
DROPPED = -np.log(LIGHT)
LARGEST_SHIFT = 70.0  # keeps the scaled weights of nine births within the range of a float
LOG_BELL = np.log(np.array([1.0, 1, 2, 5, 15, 52, 203, 877, 4140, 21147]))  # log of the number of partitions of a set


class Subsets(NamedTuple):
    """Tables over the subsets (bit masks) of the records of one component, and the search's stack.

    size, score   of a subset: records, log score as one birth
    against       (k, .) of a subset, as a birth of a delivery of k births: see surplus
    gain          (k, .) of a subset: bound on what deliveries of up to k births add for its sake, at least 0
    odds          (., .) log odds that two disjoint subsets, as births, are of one delivery; NaN until asked for
    bound         (k + 1, .) best sum over partitions of a subset into k births of score and gain
    scaled, total of a subset of the chosen births: scaled weight as one delivery, of all its groupings into deliveries
    free, part, value   the stack: records still free, next subset to try, score so far
    births        the births chosen so far
    members       (3, n) room for the records of births
    """

    size: Int64Array
    score: Float64Array
    against: Float64Array
    gain: Float64Array
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
        against=np.zeros((depth, subsets)),
        gain=np.zeros((depth, subsets)),
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

    Partitions into k births are searched for each k apart, since the bound on what deliveries add is sharp only for a
    known k. A delivery of s births weighs exp of 2 / s times the sum of their mutual log odds, less what counts against
    it. If no log odds of a birth exceeds its tie, that is at most the sum of (s - 1) / s tie less its surplus; a
    birth's gain is the largest of these for s up to k, and all groupings of k births weigh at most
    Bell(k) exp(sum of gains).
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
    gain, against = subsets.gain, subsets.against
    full = (1 << n) - 1
    for mask in range(1, full + 1):
        size = _unpack(mask, inside)
        subsets.size[mask] = size
        subsets.score[mask] = one_birth(inside, size, local)
        others = _unpack(full ^ mask, outside)
        tie = _most(inside, size, outside, others, local) if others else 0.0
        for births in range(1, n + 1):
            against[births, mask] = surplus(inside, size, births, local.stated)
            more = (births - 1.0) / births * tie + against[births, mask]
            gain[births, mask] = max(gain[births - 1, mask], more)
        for other in range(full + 1):
            subsets.odds[mask, other] = np.nan


@inner_kernel
def _most(inside: Any, n: Any, outside: Any, others: Any, local: Any) -> Any:
    """Bound on the log odds of one delivery of a birth with any birth outside it: no piece of evidence need speak
    against it.
    """
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
    score, gain, bound = subsets.score, subsets.gain[k], subsets.bound
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
                best = max(best, score[birth] + gain[birth] + bound[births - 1, mask ^ birth])
                part = (part - 1) & rest if part else -1
            bound[births, mask] = best


@inner_kernel
def _search(n: Any, k: Any, so_far: Any, local: Any, subsets: Any, states: Any) -> Any:
    """Depth first over partitions into k births; a part of -1 on the stack means that all subsets were tried."""
    free, part, value, births, bound = subsets.free, subsets.part, subsets.value, subsets.births, subsets.bound
    count, limit = so_far
    full, spare, depth, steps = (1 << n) - 1, LOG_BELL[k], 0, 0
    if bound[k, full] + spare < limit:
        return count, limit
    free[0], part[0], value[0] = full, full & (full - 1), 0.0
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
        most = value[depth] + subsets.score[birth] + subsets.gain[k, birth]
        if most + bound[k - depth - 1, left] + spare < limit:
            continue
        if left:
            depth += 1
            free[depth], part[depth], value[depth] = left, left & (left - 1), most
            continue
        score = 0.0
        for number in range(k):
            score += subsets.score[births[number]]
        score += _log_groupings(k, limit - score, local, subsets)
        if count == len(states.weights) or steps > MOST_STEPS:
            return -1, limit
        if score >= limit:
            _label(births, k, count, states.labels)
            states.weights[count] = score
            count += 1
            limit = max(limit, score - DROPPED)
    return count, limit


@inner_kernel
def _log_groupings(k: Any, least: Any, local: Any, subsets: Any) -> Any:
    """Log of the summed weights of all groupings of the k chosen births into deliveries; -inf if surely below least.

    k births of one delivery weigh exp(k - 1 times the mean log odds over their pairs, less the surplus). Weights are
    scaled by exp(-shift) for each birth, which every grouping of all births has once, so that none overflows.
    """
    if k == 1:
        return 0.0
    births, odds, scaled, total = subsets.births, subsets.odds, subsets.scaled, subsets.total
    shift, most = _ties(k, local, subsets)
    if most + LOG_BELL[k] < least:
        return -np.inf
    total[0] = 1.0
    for group in range(1, 1 << k):
        crossing, size, against = 0.0, _count(group), 0.0
        for high in range(k):
            if (group >> high) & 1:
                against += subsets.against[size, births[high]]
                for low in range(high):
                    if (group >> low) & 1:
                        crossing += odds[births[low], births[high]]
        scaled[group] = np.exp(2.0 * crossing / size + against - shift * size)
        first = group & -group
        rest = group ^ first
        part, weight = rest, 0.0
        while part >= 0:
            weight += scaled[part | first] * total[rest ^ part]
            part = (part - 1) & rest if part else -1
        total[group] = weight
    return np.log(total[(1 << k) - 1]) + shift * k


@inner_kernel
def _ties(k: Any, local: Any, subsets: Any) -> Any:
    """The largest log odds of one delivery among the k chosen births, at least 0 and at most LARGEST_SHIFT, and a bound
    on what their deliveries add: see enumerate_states.
    """
    births, odds = subsets.births, subsets.odds
    largest, bound = 0.0, 0.0
    for one in range(k):
        tie = 0.0
        for other in range(k):
            if other != one:
                if np.isnan(odds[births[one], births[other]]):
                    _weigh(births[one], births[other], local, subsets)
                tie = max(tie, odds[births[one], births[other]])
        most = 0.0
        for size in range(2, k + 1):
            most = max(most, (size - 1.0) / size * tie + subsets.against[size, births[one]])
        largest, bound = max(largest, tie), bound + most
    return min(largest, LARGEST_SHIFT), bound


@inner_kernel
def _weigh(one: Any, other: Any, local: Any, subsets: Any) -> Any:
    """Fill in the log odds that two births (masks) are of one delivery."""
    first, second = subsets.members[0], subsets.members[1]
    odds = one_delivery(first, _unpack(one, first), second, _unpack(other, second), local)
    subsets.odds[one, other] = subsets.odds[other, one] = odds


@inner_kernel
def _count(group: Any) -> Any:
    size = 0
    while group:
        size += group & 1
        group >>= 1
    return size


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
