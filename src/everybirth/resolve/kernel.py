"""The loop over components: load the evidence, weigh the partitions, write down what follows."""

from typing import Any, NamedTuple

import numpy as np

from everybirth.compiled import inner_kernel, loop_kernel
from everybirth.levels import CHANCE_UNIT
from everybirth.resolve.chance import start
from everybirth.resolve.evidence import ABSENT, DECISION
from everybirth.resolve.exact import MOST_RECORDS, MOST_STATES, Search, enumerate_states, make_search
from everybirth.resolve.posterior import (
    Deviations,
    States,
    Summary,
    draw_states,
    grow,
    make_deviations,
    make_states,
    make_summary,
    store,
    summarise,
)
from everybirth.resolve.sampling import MOST_SWEEPS, Chain, for_records, make_chain, sample_states
from everybirth.resolve.score import LIST, PLURALITY, Local
from everybirth.resolve.small import ROWS, is_plain, three_states, two_states
from everybirth.tables import Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array, UInt64Array


class Problem(NamedTuple):
    """All that the loop reads, shared by every chunk.

    left, right, same, twin   (n_pairs,) the pairs, log likelihood ratios of same birth and same delivery
    levels, chance, log_m, source   the parts of these by field, as in tables.Pairs
    list_of, plurality, key   (n_records,) list, stated plurality (0: none) and stable key of each record
    order, offset, pair_order, pair_offset   as in Components
    merge, duplicate, delivery               as in Prior
    draws, seed               number of draws, and the run's seed
    """

    left: Int32Array
    right: Int32Array
    same: Float64Array
    twin: Float64Array
    levels: Int8Array
    chance: Int16Array
    log_m: Float64Array
    source: Int64Array
    list_of: Int16Array
    plurality: Int8Array
    key: UInt64Array
    order: Int32Array
    offset: Int64Array
    pair_order: Int32Array
    pair_offset: Int64Array
    merge: float
    duplicate: Float64Array
    delivery: float
    draws: int
    seed: np.uint64


class Room(NamedTuple):
    """Working memory for the largest component of a chunk.

    edges            (., 2) the component's pairs, as local indices
    three            (ROWS, n_sources + 1) see small.three_states
    search, chain    for the search through all partitions of a small component, for sampling those of a large one
    exact, sampled   partitions of a small, of a large component
    drawn, stored    (n_draws, 2) and one entry per partition: for the draws
    generator        (1,) state of the random numbers
    """

    local: Local
    edges: Int64Array
    three: Float64Array
    search: Search
    chain: Chain
    exact: States
    sampled: States
    summary: Summary
    drawn: Int64Array
    stored: Int64Array
    generator: UInt64Array


class Answer(NamedTuple):
    """What is found for a chunk of components, by place in the chunk's part of order (or of pair_order).

    leader              (n,) smallest record of the record's birth
    record_probability, birth_probability   (n,) as in Summary, the latter for each record's birth
    pair_probability    (n_pairs,) probability of same birth
    sampled             (1,) components that were too large to enumerate
    """

    leader: Int32Array
    record_probability: Float32Array
    birth_probability: Float32Array
    pair_probability: Float32Array
    sampled: Int64Array


def resolve_range(problem: Problem, first: int, last: int) -> tuple[Answer, Deviations]:
    """Resolve the components first to last - 1."""
    begin, end = problem.offset[first], problem.offset[last]
    n_pairs = problem.pair_offset[last] - problem.pair_offset[first]
    answer = Answer(
        problem.order[begin:end].copy(),
        np.ones(end - begin, np.float32),
        np.ones(end - begin, np.float32),
        np.zeros(n_pairs, np.float32),
        np.zeros(1, np.int64),
    )
    room = _make_room(problem, first, last)
    needed = (problem.draws + 1) * len(room.summary.best)  # the most that one component can add to the table
    table = make_deviations(needed + 1024)
    at = first
    while at < last:
        table = grow(table, 2 * len(table.draw)) if at > first else table
        at = _resolve(problem, (first, at, last), room, answer, table)
    return answer, table


def _make_room(problem: Problem, first: int, last: int) -> Room:
    largest = max(3, int(np.diff(problem.offset[first : last + 1]).max(initial=0)))
    most_pairs = int(np.diff(problem.pair_offset[first : last + 1]).max(initial=0))
    small = max(3, min(largest, MOST_RECORDS))
    cube = (largest, largest, int(problem.source.max(initial=-1)) + 2)
    local = Local(
        np.zeros(cube),
        np.zeros(cube),
        np.zeros(cube[:2]),
        np.zeros((largest, 2), np.int64),
        problem.merge,
        problem.delivery,
        np.zeros((2, cube[2])),
    )
    return Room(
        local,
        np.zeros((most_pairs, 2), np.int64),
        np.zeros((ROWS, cube[2])),
        make_search(small, cube[2]),
        make_chain(largest),
        make_states(MOST_STATES, small),
        make_states(MOST_SWEEPS, largest),
        make_summary(largest),
        np.zeros((problem.draws, 2), np.int64),
        np.zeros(max(MOST_STATES, MOST_SWEEPS), np.int64),
        np.zeros(1, np.uint64),
    )


@loop_kernel
def _resolve(problem: Any, ends: Any, room: Any, answer: Any, table: Any) -> Any:
    """Resolve components from ends[1] on until ends[2], or until the table might not hold one more; returns where."""
    first, begin, last = ends
    spare = len(table.draw) - (len(room.drawn) + 1) * len(room.summary.best)
    for component in range(begin, last):
        if max(table.counts[0], table.counts[1], table.counts[2]) > spare:
            return component
        n = problem.offset[component + 1] - problem.offset[component]
        if n == 1:
            continue
        records = problem.order[problem.offset[component] : problem.offset[component + 1]]
        start(room.generator, problem.seed, problem.key[records[0]])
        states, count = room.exact, -1
        if n == 2:
            count = two_states(problem, component, states)
        elif n == 3 and is_plain(problem, component):
            count = three_states(problem, component, room.three, states)
        else:
            _load(problem, component, records, room)
            if n <= MOST_RECORDS:
                count = enumerate_states(n, room.local, room.search, states)
        if count < 0:
            n_edges = problem.pair_offset[component + 1] - problem.pair_offset[component]
            chain, states = for_records(n, room.chain), room.sampled
            count = sample_states(room.local, room.edges[:n_edges], chain, room.generator, states)
            answer.sampled[0] += 1
        row = summarise(n, count, states, room.summary)
        _write(problem, first, component, room, answer)
        deviating = draw_states(n, count, states, row, room.drawn, room.generator)
        if deviating:
            store(records, states.labels, room.drawn[:deviating], room.stored, table)
    return last


@inner_kernel
def _load(problem: Any, component: Any, records: Any, room: Any) -> Any:
    """Copy one component's evidence into square tables.

    same_birth beyond half a DECISION holds reviewers' decisions, which count in full, for every pair.
    """
    local, last = room.local, room.local.same.shape[2] - 1
    for one in range(len(records)):
        local.stated[one, LIST] = problem.list_of[records[one]]
        local.stated[one, PLURALITY] = problem.plurality[records[one]]
        for other in range(len(records)):
            local.same[one, other, :last] = 0.0
            local.twin[one, other, :last] = -np.inf
            local.same[one, other, last] = local.twin[one, other, last] = ABSENT
            local.bond[one, other] = 0.0
        local.bond[one, one] = problem.duplicate[local.stated[one, LIST]]
        local.same[one, one, :last] = -np.inf
        local.same[one, one, last] = 0.0
    begin, end = problem.pair_offset[component], problem.pair_offset[component + 1]
    for at in range(begin, end):
        pair = problem.pair_order[at]
        one = _place(records, problem.left[pair])
        other = _place(records, problem.right[pair])
        same, bond, twin = problem.same[pair], 0.0, problem.twin[pair]
        if abs(same) > DECISION / 2:
            bond = DECISION * np.floor(same / DECISION + 0.5)
        same -= bond
        for field in range(len(problem.source)):
            level = problem.levels[pair, field]
            if level > 0:
                source, chance = problem.source[field], problem.chance[pair, field] * CHANCE_UNIT
                by_birth, by_delivery = problem.log_m[0, field, level] - chance, problem.log_m[1, field, level] - chance
                local.same[one, other, source] += by_birth
                if local.twin[one, other, source] == -np.inf:
                    local.twin[one, other, source] = 0.0
                local.twin[one, other, source] += by_delivery
                local.same[one, one, source] = local.same[other, other, source] = 0.0
                same -= by_birth
                twin -= by_delivery
        for source in range(last):
            local.same[other, one, source] = local.same[one, other, source]
            local.twin[other, one, source] = local.twin[one, other, source]
        local.same[one, other, last] = local.same[other, one, last] = same
        local.twin[one, other, last] = local.twin[other, one, last] = twin
        local.bond[one, other] = local.bond[other, one] = bond
        room.edges[at - begin, 0], room.edges[at - begin, 1] = one, other


@inner_kernel
def _place(records: Any, record: Any) -> Any:
    """Where a record stands among its component's records, which ascend."""
    low, high = 0, len(records) - 1
    while low < high:
        middle = (low + high) // 2
        if records[middle] < record:
            low = middle + 1
        else:
            high = middle
    return low


@inner_kernel
def _write(problem: Any, first: Any, component: Any, room: Any, answer: Any) -> Any:
    """Copy a component's summary to its places in the answer of the chunk that starts at component first."""
    summary = room.summary
    begin = problem.offset[component]
    for place in range(problem.offset[component + 1] - begin):
        at = begin - problem.offset[first] + place
        answer.leader[at] = problem.order[begin + summary.best[place]]
        answer.record_probability[at] = summary.record_probability[place]
        answer.birth_probability[at] = summary.birth_probability[summary.best[place]]
    records = problem.order[begin : problem.offset[component + 1]]
    begin = problem.pair_offset[component]
    for pair in range(begin, problem.pair_offset[component + 1]):
        one = _place(records, problem.left[problem.pair_order[pair]])
        other = _place(records, problem.right[problem.pair_order[pair]])
        answer.pair_probability[pair - problem.pair_offset[first]] = summary.together[one, other]
