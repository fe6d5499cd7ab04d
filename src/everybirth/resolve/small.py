"""The partitions of two and of three records, written out: most components are of these sizes."""

from typing import Any

import numpy as np

from everybirth.resolve.compiled import inner_kernel
from everybirth.resolve.exact import LIGHT
from everybirth.resolve.score import one_birth, one_delivery, surplus


@inner_kernel
def two_states(local: Any, room: Any, states: Any) -> Any:
    """Fill states for two records: together, or apart with or without a common delivery; returns their number.

    room   (>= 3, >= 3) room for local indices
    """
    room[0, 0], room[0, 1] = 0, 1
    together = one_birth(room[0], 2, local)
    apart = np.log(1.0 + np.exp(one_delivery(room[0], 1, room[0, 1:], 1, local)))
    states.labels[0, 0], states.labels[0, 1], states.labels[1, 0], states.labels[1, 1] = 0, 0, 0, 1
    states.weights[0] = 1.0 / (1.0 + np.exp(apart - together))
    states.weights[1] = 1.0 / (1.0 + np.exp(together - apart))
    return 2


@inner_kernel
def three_states(local: Any, room: Any, states: Any) -> Any:
    """Fill states for three records: all together, one apart from the two others, all apart; returns their number.

    Groupings into deliveries are summed out: with births a and b, 1 + exp(log odds across them); with three
    births, none, each pair, or all of one delivery.
    """
    for last in range(3):  # row r: the two other records, then record r
        room[last, 0], room[last, 1], room[last, 2] = (1 if last == 0 else 0), (1 if last == 2 else 2), last
    odds = (
        one_delivery(room[0], 1, room[0, 1:], 1, local),
        one_delivery(room[1], 1, room[1, 1:], 1, local),
        one_delivery(room[2], 1, room[2, 1:], 1, local),
    )
    of_all = 2.0 / 3.0 * (odds[0] + odds[1] + odds[2])
    for last in range(3):
        of_all += surplus(room[last, 2:], 1, 3, local.stated)
    scores = (
        one_birth(room[2], 3, local),
        one_birth(room[2], 2, local),
        one_birth(room[1], 2, local),
        one_birth(room[0], 2, local),
        0.0,
    )
    groupings = (
        1.0,
        1.0 + np.exp(one_delivery(room[2], 2, room[2, 2:], 1, local)),
        1.0 + np.exp(one_delivery(room[1], 2, room[1, 2:], 1, local)),
        1.0 + np.exp(one_delivery(room[0], 2, room[0, 2:], 1, local)),
        1.0 + np.exp(odds[0]) + np.exp(odds[1]) + np.exp(odds[2]) + np.exp(of_all),
    )
    best = max(scores[0], scores[1], scores[2], scores[3], scores[4])
    heaviest = 0.0
    for state in range(5):
        states.weights[state] = np.exp(scores[state] - best) * groupings[state]
        heaviest = max(heaviest, states.weights[state])
    return _keep_heavy(heaviest, states)


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
