"""All partitions of a small component, with their posterior weights.

A subset of the n records is a bit mask. Each is scored as one birth once, and its odds to be of one delivery with any
other (see subsets). A bound on what each adds to a partition (see worth) shows which can be births of a partition that
weighs a millionth of the best one. Births are chosen one after another from these, each holding the lowest record that
is still free, and a branch is left once its bound shows that it cannot reach that weight. The deliveries of a given set
of births are summed out, exactly and without listing them: the weight of a set of births is a product over its
deliveries, so the sum over all groupings is a recursion over subsets.
"""

from typing import Any, NamedTuple

import numpy as np

from everybirth.compiled import inner_kernel
from everybirth.resolve.groupings import Chosen, log_groupings, make_chosen, most_of_groupings
from everybirth.resolve.subsets import Subsets, lowest, make_subsets, score_subsets, weigh_subsets
from everybirth.resolve.worth import Worths, best_sums, fill_worth, make_worths
from everybirth.tables import Float64Array, Int64Array

MOST_RECORDS = 9  # of a component that is enumerated
MOST_STATES = 4140  # Bell(8); if more partitions of nine records matter, they are sampled
LIGHT = 1e-6  # a partition that weighs less than this beside the best one is dropped
DROPPED = -np.log(LIGHT)


class Search(NamedTuple):
    """Tables of a component, and what the search through its partitions keeps.

    births   (2^n,) subsets that may be births of a partition that matters, by lowest record
    first    (n + 1,) where those with each lowest record begin in births
    place    (n,) the places in births of those tried now
    free     (n + 1,) records still free
    value    (n + 1,) bound so far
    found    (MOST_STATES, n) the births of each partition found
    k        (MOST_STATES,) their number
    weight   (MOST_STATES,) log weight
    """

    subsets: Subsets
    worths: Worths
    chosen: Chosen
    births: Int64Array
    first: Int64Array
    place: Int64Array
    free: Int64Array
    value: Float64Array
    found: Int64Array
    k: Int64Array
    weight: Float64Array


def make_search(n: int, n_sources: int) -> Search:
    """Room for components of up to n records."""
    return Search(
        make_subsets(n, n_sources),
        make_worths(n),
        make_chosen(n),
        births=np.zeros(1 << n, np.int64),
        first=np.zeros(n + 1, np.int64),
        place=np.zeros(n + 1, np.int64),
        free=np.zeros(n + 1, np.int64),
        value=np.zeros(n + 1),
        found=np.zeros((MOST_STATES, n), np.int64),
        k=np.zeros(MOST_STATES, np.int64),
        weight=np.zeros(MOST_STATES),
    )


@inner_kernel
def enumerate_states(n: Any, local: Any, search: Any, states: Any) -> Any:
    """Fill states with the partitions that matter, few births first; returns their number, -1 if there are too many."""
    subsets, worths = search.subsets, search.worths
    score_subsets(n, local, subsets)
    weigh_subsets(n, local, subsets)
    best_sums(n, subsets.score, worths.most)
    limit = _weight_of_best(n, subsets.score, search) - DROPPED
    fill_worth(n, subsets, worths)
    best_sums(n, worths.worth, worths.most)
    limit = max(limit, _weight_of_best(n, worths.worth, search) - DROPPED)
    _list_births(n, limit, search)
    count, best = _search(n, limit, search)
    return _write(count, best - DROPPED, search, states) if count >= 0 else -1


@inner_kernel
def _weight_of_best(n: Any, value: Any, search: Any) -> Any:
    """Log weight of a partition for which the values sum to worths.most of all records."""
    most, births = search.worths.most, search.chosen.births
    free, k, score = (1 << n) - 1, 0, 0.0
    while free:
        low = free & -free
        rest = free ^ low
        part = rest
        while value[part | low] + most[rest ^ part] < most[free]:
            part = (part - 1) & rest
        births[k] = part | low
        score += search.subsets.score[part | low]
        free = rest ^ part
        k += 1
    return score + log_groupings(k, search.chosen, search.subsets)


@inner_kernel
def _list_births(n: Any, limit: Any, search: Any) -> Any:
    """List the subsets that are births of a partition whose bound reaches the limit."""
    worth, most = search.worths.worth, search.worths.most
    full, count = (1 << n) - 1, 0
    for record in range(n):
        search.first[record] = count
        rest = full ^ ((2 << record) - 1)
        part = rest
        while part >= 0:
            birth = part | 1 << record
            if worth[birth] + most[full ^ birth] >= limit:
                search.births[count] = birth
                count += 1
            part = (part - 1) & rest if part else -1
    search.first[n] = count


@inner_kernel
def _search(n: Any, limit: Any, search: Any) -> Any:
    """Depth first over partitions; returns how many were found, -1 if too many, and the largest log weight."""
    place, free, value, births = search.place, search.free, search.value, search.chosen.births
    count, best, depth = 0, -np.inf, 0
    free[0], value[0], place[0] = (1 << n) - 1, 0.0, search.first[0]
    while depth >= 0:
        if not _next(depth, limit, search):
            depth -= 1
            continue
        birth = births[depth] = search.births[place[depth]]
        place[depth] += 1
        depth += 1
        free[depth] = free[depth - 1] ^ birth
        value[depth] = value[depth - 1] + search.worths.worth[birth]
        if free[depth]:
            place[depth] = search.first[lowest(free[depth])]
            continue
        weight = _weigh(depth, limit, search)
        if weight >= limit:
            if count == len(search.weight):
                return -1, best
            for number in range(depth):
                search.found[count, number] = births[number]
            search.k[count], search.weight[count] = depth, weight
            count += 1
            best = max(best, weight)
            limit = max(limit, best - DROPPED)
        depth -= 1
    return count, best


@inner_kernel
def _next(depth: Any, limit: Any, search: Any) -> Any:
    """Move on to the next birth that fits and whose bound reaches the limit; False if there is none."""
    free, at = search.free[depth], search.place[depth]
    worth, most, need = search.worths.worth, search.worths.most, limit - search.value[depth]
    end = search.first[lowest(free) + 1]
    while at < end:
        birth = search.births[at]
        if birth & ~free == 0 and worth[birth] + most[free ^ birth] >= need:
            search.place[depth] = at
            return True
        at += 1
    return False


@inner_kernel
def _weigh(k: Any, limit: Any, search: Any) -> Any:
    """Log weight of the partition into the k chosen births; anything below the limit if it is below."""
    chosen, subsets, score = search.chosen, search.subsets, 0.0
    for number in range(k):
        score += subsets.score[chosen.births[number]]
    most = score + most_of_groupings(k, limit - score, chosen, subsets)
    return most if most < limit else score + log_groupings(k, chosen, subsets)


@inner_kernel
def _write(count: Any, limit: Any, search: Any, states: Any) -> Any:
    """Turn log weights into probabilities, dropping what turned out too light once the best was known."""
    total, kept, most = 0.0, 0, 0
    for state in range(count):
        most = max(most, search.k[state])
    for k in range(1, most + 1):
        for state in range(count):
            if search.k[state] == k and search.weight[state] >= limit:
                states.weights[kept] = np.exp(search.weight[state] - limit - DROPPED)
                total += states.weights[kept]
                for number in range(k):
                    _label(search.found[state, number], kept, states.labels)
                kept += 1
    for state in range(kept):
        states.weights[state] /= total
    return kept


@inner_kernel
def _label(birth: Any, row: Any, labels: Any) -> Any:
    """Name each record of a birth by the birth's smallest record."""
    first = record = lowest(birth)
    while birth >> record:
        if (birth >> record) & 1:
            labels[row, record] = first
        record += 1
