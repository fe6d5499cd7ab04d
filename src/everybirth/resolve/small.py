"""Components of two and of three records, written out: most are of these sizes.

They need no tables: the evidence of a pair is summed by source as it is read.
"""

from typing import Any

import numpy as np

from everybirth.compiled import inner_kernel
from everybirth.levels import CHANCE_UNIT
from everybirth.resolve.evidence import CERTAIN, DECISION
from everybirth.resolve.exact import LIGHT
from everybirth.resolve.score import rarer, understated

# Rows of the room for three records: by pair (first and second record, first and third, second and third) and source,
# what speaks for same birth, for same delivery, and whether it was compared.
SAME, TWIN, SEEN = 0, 3, 6
ROWS = 9


@inner_kernel
def two_states(problem: Any, component: Any, states: Any) -> Any:
    """Fill states for two records: together, or apart with or without a common delivery; returns their number."""
    pair, begin = problem.pair_order[problem.pair_offset[component]], problem.offset[component]
    one, other = problem.order[begin], problem.order[begin + 1]
    together = _together(problem, pair, one, other)
    apart = np.log(1.0 + np.exp(min(problem.twin[pair] + problem.delivery, CERTAIN)))
    states.labels[0, 0], states.labels[0, 1], states.labels[1, 0], states.labels[1, 1] = 0, 0, 0, 1
    states.weights[0] = 1.0 / (1.0 + np.exp(apart - together))
    states.weights[1] = 1.0 / (1.0 + np.exp(together - apart))
    return 2


@inner_kernel
def _together(problem: Any, pair: Any, one: Any, other: Any) -> Any:
    """Log score of two records as one birth."""
    total = problem.same[pair] + problem.merge
    if problem.list_of[one] == problem.list_of[other]:
        total += problem.duplicate[problem.list_of[one]]
    return total


@inner_kernel
def is_plain(problem: Any, component: Any) -> Any:
    """Whether all three pairs of a component of three records were compared, and no reviewer decided any."""
    begin, end = problem.pair_offset[component], problem.pair_offset[component + 1]
    plain = end - begin == 3
    for at in range(begin, end):
        plain &= abs(problem.same[problem.pair_order[at]]) <= DECISION / 2
    return plain


@inner_kernel
def three_states(problem: Any, component: Any, room: Any, states: Any) -> Any:
    """Fill states for three records: all together, one apart from the two others, all apart; returns their number.

    room   (ROWS, n_sources + 1)
    Groupings into deliveries are summed out: with births a and b, 1 + exp(log odds across them); with three
    births, none, each pair, or all of one delivery.
    """
    begin, at = problem.offset[component], problem.pair_offset[component]
    a, b, c = problem.order[begin], problem.order[begin + 1], problem.order[begin + 2]
    ab, ac, bc = problem.pair_order[at], problem.pair_order[at + 1], problem.pair_order[at + 2]
    _read(problem, ab, 0, room)
    _read(problem, ac, 1, room)
    _read(problem, bc, 2, room)
    d_ab, d_ac = min(problem.delivery + problem.twin[ab], CERTAIN), min(problem.delivery + problem.twin[ac], CERTAIN)
    d_bc, of_all = min(problem.delivery + problem.twin[bc], CERTAIN), 3.0 * rarer(3)
    for record in (a, b, c):
        of_all += understated(problem.plurality[record], 3)
    of_all += 2.0 / 3.0 * (d_ab + d_ac + d_bc)
    scores = (
        _all_together(problem, (a, b, c), room),
        _together(problem, ab, a, b),
        _together(problem, ac, a, c),
        _together(problem, bc, b, c),
        0.0,
    )
    groupings = (
        1.0,
        1.0 + np.exp(_across(1, 2, problem.delivery, room)),
        1.0 + np.exp(_across(0, 2, problem.delivery, room)),
        1.0 + np.exp(_across(0, 1, problem.delivery, room)),
        1.0 + np.exp(d_ab) + np.exp(d_ac) + np.exp(d_bc) + np.exp(of_all),
    )
    best = max(scores[0], scores[1], scores[2], scores[3], scores[4])
    heaviest = 0.0
    for state in range(5):
        states.weights[state] = np.exp(scores[state] - best) * groupings[state]
        heaviest = max(heaviest, states.weights[state])
    return _keep_heavy(heaviest, states)


@inner_kernel
def _read(problem: Any, pair: Any, row: Any, room: Any) -> Any:
    """Sum the evidence of one pair by source; last, what hangs on no field."""
    last = room.shape[1] - 1
    for source in range(last):
        room[SAME + row, source] = room[TWIN + row, source] = room[SEEN + row, source] = 0.0
    same, twin = problem.same[pair], problem.twin[pair]
    for field in range(len(problem.source)):
        level = problem.levels[pair, field]
        if level > 0:
            source, chance = problem.source[field], problem.chance[pair, field] * CHANCE_UNIT
            by_birth, by_delivery = problem.log_m[0, field, level] - chance, problem.log_m[1, field, level] - chance
            room[SAME + row, source] += by_birth
            room[TWIN + row, source] += by_delivery
            room[SEEN + row, source] = 1.0
            same -= by_birth
            twin -= by_delivery
    room[SAME + row, last], room[TWIN + row, last], room[SEEN + row, last] = same, twin, 1.0


@inner_kernel
def _all_together(problem: Any, records: Any, room: Any) -> Any:
    """Log score of three records as one birth: see score.one_birth."""
    total, (a, b, c) = 2.0 * problem.merge, records
    lists = problem.list_of
    if lists[a] == lists[b]:
        total += problem.duplicate[lists[b]]
    if lists[c] in (lists[a], lists[b]):
        total += problem.duplicate[lists[c]]
    for source in range(room.shape[1]):
        ab, ac, bc = room[SAME, source], room[SAME + 1, source], room[SAME + 2, source]
        seen_ab, seen_ac, seen_bc = room[SEEN, source], room[SEEN + 1, source], room[SEEN + 2, source]
        best = -np.inf
        if seen_ab + seen_ac > 0.0:
            best = ab + ac
        if seen_ab + seen_bc > 0.0:
            best = max(best, ab + bc)
        if seen_ac + seen_bc > 0.0:
            best = max(best, ac + bc)
        if best > -np.inf:
            total += best
    return total


@inner_kernel
def _across(one: Any, other: Any, delivery: Any, room: Any) -> Any:
    """Log odds of one delivery of a record and two others, by its pairs with them: see score.one_delivery."""
    total = delivery
    for source in range(room.shape[1]):
        first, second = room[TWIN + one, source], room[TWIN + other, source]
        if room[SEEN + one, source] == 0.0:
            total += second  # 0 if not compared either
        elif room[SEEN + other, source] == 0.0:
            total += first
        else:
            total += max(first, second)
    return min(total, CERTAIN)


@inner_kernel
def _keep_heavy(heaviest: Any, states: Any) -> Any:
    """Drop the light ones of the five partitions of three records, label and normalise the others."""
    kept, total = 0, 0.0
    for state in range(5):
        weight = states.weights[state]
        if weight >= LIGHT * heaviest:
            states.weights[kept] = weight
            states.labels[kept, 0] = 0
            states.labels[kept, 1] = 0 if state <= 1 else 1
            states.labels[kept, 2] = (0, 2, 0, 1, 2)[state]
            total += weight
            kept += 1
    for state in range(kept):
        states.weights[state] /= total
    return kept
