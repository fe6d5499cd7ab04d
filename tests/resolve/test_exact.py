from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.resolve import naive
from tests.resolve.worlds import components, keys_of, pairs_of, prior_of, random_fields, resolve, run_like

from everybirth.compiled import loop_kernel
from everybirth.resolve import Options, Prior, find_components
from everybirth.resolve.exact import DROPPED, enumerate_states
from everybirth.resolve.groupings import log_groupings, most_of_groupings
from everybirth.resolve.kernel import Room, _load, _make_room
from everybirth.resolve.partitions import _problem
from everybirth.resolve.subsets import score_subsets, weigh_subsets
from everybirth.resolve.worth import best_sums, fill_worth
from everybirth.tables import Pairs


@loop_kernel
def tabulate(problem: Any, room: Any) -> Any:
    """Enumerate the only component, then fill its tables as for a search; returns how many states."""
    n, local, search = len(problem.order), room.local, room.search
    _load(problem, 0, problem.order[:], room)
    count = enumerate_states(n, local, search, room.exact)
    score_subsets(n, local, search.subsets)
    weigh_subsets(n, local, search.subsets)
    best_sums(n, search.subsets.score, search.worths.most)
    fill_worth(n, search.subsets, search.worths)
    best_sums(n, search.worths.worth, search.worths.most)
    return count


@loop_kernel
def groupings_of(k: Any, room: Any, out: Any) -> Any:
    """The log weight of all groupings of the first k births, and its bound."""
    out[0] = log_groupings(k, room.search.chosen, room.search.subsets)
    out[1] = most_of_groupings(k, -np.inf, room.search.chosen, room.search.subsets)


def tabulated(pairs: Pairs, lists: Any, prior: Prior) -> tuple[Room, int]:
    """The tables of records that are one component, and how many partitions matter."""
    n, lists = len(lists), np.asarray(lists, np.int16)
    whole = find_components(pairs, n, prior, -1e9)
    assert whole.n_components == 1
    problem = _problem(pairs, lists, keys_of(n), prior, whole, Options(draws=0))
    room = _make_room(problem, 0, 1)
    return room, tabulate(problem, room)


def members(mask: int) -> list[int]:
    """The records of a subset."""
    return [record for record in range(mask.bit_length()) if mask >> record & 1]


def weight_of(births: list[list[int]], room: Room, prior: Prior) -> float:
    """Log weight of a partition from the tables of scores and odds: groupings into deliveries one by one."""
    masks = {min(birth): sum(1 << record for record in birth) for birth in births}
    odds, logs = room.search.subsets.odds, []
    for deliveries in naive.partitions_of(births):
        total = 0.0
        for delivery in deliveries:
            across = [odds[masks[min(one)], masks[min(other)]] for one, other in combinations(delivery, 2)]
            total += 2.0 / len(delivery) * sum(across) + naive.surplus(delivery, prior)
        logs.append(total)
    return sum(float(room.search.subsets.score[mask]) for mask in masks.values()) + float(np.logaddexp.reduce(logs))


@settings(max_examples=60, deadline=None)
@given(components(2, 5), st.integers(0, 1000))
def test_subsets_score_as_births_and_as_deliveries(world: Any, seed: Any) -> None:
    """The tables hold what the formula gives for each subset, and for each two that are disjoint."""
    evidence, lists, prior = world
    pairs = random_fields(pairs_of(evidence), seed)
    room, _ = tabulated(pairs, lists, prior)
    says, subsets = naive.evidence_of(pairs), room.search.subsets
    for mask in range(1, 1 << len(lists)):
        expected = naive.birth_score(members(mask), says, lists, prior)
        assert subsets.score[mask] == pytest.approx(expected, abs=1e-9)
        for other in range(1, 1 << len(lists)):
            if mask & other == 0:
                expected = naive.delivery_odds(members(mask), members(other), says, prior)
                assert subsets.odds[mask, other] == pytest.approx(expected, abs=1e-9)


def worlds() -> Any:
    """Components of six and seven records: loosely tied births, twins, triplets, all open, nothing stated or some."""
    apart = [[0, 0, 0, 0]] * 3 + [[1, 1, 1, 1]] * 3
    twins = [[0, 0, 0, 0]] * 3 + [[0, 0, 1, 1]] * 3
    triplets = [[0, 0, child, child] for child in (0, 1, 2, 0, 1, 2, 2)]
    some = [[0, 0, 0, -1], [0, 0, 1, 1], [0, -1, 0, 0], [-1, 0, 1, 1], [0, 0, -1, -1], [0, 1, 0, 0], [1, 0, 1, 0]]
    for number, values in enumerate((apart, twins, triplets, some)):
        n = len(values)
        for noise in (0.5, 4.0):
            for stated in ([], [2, 0, 3, 1, 2, 0, 2][:n]):
                prior = Prior(-14.0, np.full(3, -3.0), -12.0, np.array(stated, np.int8))
                yield run_like(values, [0] * n, noise, number), [k % 3 for k in range(n)], prior
    rng = np.random.default_rng(0)
    for spread in (3.0, 12.0, 40.0):
        evidence = {pair: tuple(rng.normal(9.0, spread, 2)) for pair in combinations(range(7), 2)}
        yield random_fields(pairs_of(evidence), 1), [0, 1, 2, 0, 1, 2, 0], prior_of()


@pytest.mark.parametrize("number", range(19))
def test_no_partition_that_matters_is_left_out_and_no_bound_is_exceeded(number: int) -> None:
    """Among all partitions, the ones found are within a millionth of the best; worths bound the weight of each."""
    pairs, lists, prior = list(worlds())[number]
    room, count = tabulated(pairs, lists, prior)
    n, worth = len(lists), room.search.worths.worth
    weights = {}
    for births in naive.partitions_of(list(range(n))):
        weight = weight_of(births, room, prior)
        bound = sum(float(worth[sum(1 << record for record in birth)]) for birth in births)
        assert bound >= weight - 1e-9
        weights[tuple(min(next(b for b in births if record in b)) for record in range(n))] = weight
    best = max(weights.values())
    total = np.logaddexp.reduce([weight for weight in weights.values() if weight >= best - DROPPED])
    rows = room.exact.labels[:count, :n].tolist()
    found = {tuple(row): float(room.exact.weights[k]) for k, row in enumerate(rows)}
    assert len(found) == count
    assert found.keys() == {labels for labels, weight in weights.items() if weight >= best - DROPPED}
    for labels, weight in found.items():
        assert weight == pytest.approx(float(np.exp(weights[labels] - total)), abs=1e-9)
    numbers = [len(set(row)) for row in rows]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("spread", [1.0, 20.0, 150.0])
def test_groupings_sum_to_what_listing_them_gives(spread: float) -> None:
    """Six births, each one record: the recursion agrees with a sum over all groupings, however large the odds."""
    n, rng = 6, np.random.default_rng(7)
    evidence = {pair: (0.0, float(rng.normal(9.0, spread))) for pair in combinations(range(n), 2)}
    prior = Prior(-8.0, np.full(3, -3.0), -9.0, np.array([0, 2, 3, 1, 0, 4], np.int8))
    room, _ = tabulated(pairs_of(evidence), [0, 1, 2] * 2, prior)
    for k in range(1, n + 1):
        room.search.chosen.births[:k] = 1 << np.arange(k)
        out = np.zeros(2)
        groupings_of(k, room, out)
        assert out[0] == pytest.approx(weight_of([[record] for record in range(k)], room, prior), abs=1e-8)
        assert out[1] >= out[0] - 1e-9


@pytest.mark.parametrize("seed", range(12))
def test_three_records_that_were_all_compared(seed: int) -> None:
    """The partitions of three records, written out, weigh what the search through tables gives them."""
    rng = np.random.default_rng(seed)
    evidence = {pair: tuple(rng.normal(7.0, 5.0, 2)) for pair in combinations(range(3), 2)}
    pairs, lists = random_fields(pairs_of(evidence), seed), rng.integers(0, 2, 3)
    stated = np.array(rng.integers(0, 4, 3) if seed % 2 else [], np.int8)
    prior = Prior(-8.0, np.full(2, -1.0), -8.0, stated)
    room, count = tabulated(pairs, lists, prior)
    found = resolve(pairs, lists, prior, Options(draws=0, floor=-1e9))
    for k, (one, other) in enumerate(combinations(range(3), 2)):
        labels = room.exact.labels[:count]
        together = room.exact.weights[:count][labels[:, one] == labels[:, other]].sum()
        assert found.pair_probability[k] == pytest.approx(together, abs=1e-6)
