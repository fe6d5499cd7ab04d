"""Partitions of a component too large to enumerate: a Markov chain over births and deliveries.

One sweep resamples the birth and delivery of every record from its full conditional (Gibbs), then tries as many
moves along pairs of records, but not over 64. To save work a record is resampled among births and deliveries to which
a pair that is not hopeless ties it. That set follows from the other records alone, and a record that stands outside it
is left where it is, so the chain keeps its distribution; the moves along pairs, which know no such limit, reach
everything.
"""

from typing import Any, NamedTuple

import numpy as np

from everybirth.compiled import inner_kernel
from everybirth.resolve.chain import (
    BIRTH,
    BIRTHS,
    DELIVERIES,
    HOME,
    SLOTS,
    Scorer,
    State,
    birth_score,
    delivery_score,
    part_all,
    put,
    take,
    unused,
)
from everybirth.resolve.chance import uniform
from everybirth.resolve.moves import jump
from everybirth.resolve.score import one_birth, one_delivery
from everybirth.tables import BoolArray, Float64Array, Int64Array, UInt64Array

MOST_SWEEPS = 200
FEWEST_SWEEPS = 100
SWEEP_WORK = 40_000  # sweeps times squared records
MOST_JUMPS = 64  # per sweep
GREEDY_SWEEPS = 5
HOPELESS = -9.0  # log odds of two records under which one is not resampled for the other's sake
NEGLIGIBLE = -40.0  # log weight, relative to the best, of a choice that is never drawn


class Choices(NamedTuple):
    """Where one record may go.

    tied     (n, .) whether two records may be of one birth or delivery at all; a record is resampled to its ties only
    base     (n,) scores of the deliveries without the record, NaN until needed
    weight   (2 n + 1,) log weights: n births to join, n deliveries for a new birth, a new delivery; -inf where
             nothing ties the record
    """

    tied: BoolArray
    base: Float64Array
    weight: Float64Array


class Chain(NamedTuple):
    """Working memory of a chain over the partitions of components of up to n records.

    table, key       as in State
    moves            (n, 2) see moves.jump
    members, known, kept   as in Scorer
    tied, base, weight     as in Choices, tied of n columns
    """

    table: Int64Array
    key: UInt64Array
    moves: Int64Array
    members: Int64Array
    known: UInt64Array
    kept: Float64Array
    tied: BoolArray
    base: Float64Array
    weight: Float64Array


def make_chain(n: int) -> Chain:
    """Room for components of up to n records."""
    return Chain(
        np.zeros((n, 4), np.int64),
        np.zeros((n, 2), np.uint64),
        np.zeros((n, 2), np.int64),
        np.zeros((3, n), np.int64),
        np.zeros(SLOTS, np.uint64),
        np.zeros(SLOTS),
        np.zeros((n, n), np.bool_),
        np.zeros(n),
        np.zeros(2 * n + 1),
    )


@inner_kernel
def sweeps_of(n: Any) -> Any:
    """Number of sweeps, and of kept partitions, for a component of n records."""
    return max(FEWEST_SWEEPS, min(MOST_SWEEPS, SWEEP_WORK // (n * n)))


@inner_kernel
def sample_states(local: Any, edges: Any, chain: Any, generator: Any, states: Any) -> Any:
    """Fill states with one partition per sweep, after a greedy start and a fifth as many sweeps unrecorded.

    edges    (n_edges, 2) the pairs of the component, as local indices
    chain    room for the component's records, no more
    Returns  number of partitions
    """
    state, scorer = State(chain.table, chain.key), Scorer(local, chain.members, chain.known, chain.kept)
    choices, n = Choices(chain.tied, chain.base, chain.weight), len(chain.table)
    part_all(state)
    chain.known[:] = 0
    _tie(local, chain.members[0], chain.tied)
    kept = sweeps_of(n)
    for sweep in range(-(kept // 5) - GREEDY_SWEEPS, kept):
        greedy = sweep < -(kept // 5)
        for record in range(n):
            _resample(record, state, scorer, choices, (greedy, generator))
        for _ in range(0 if greedy else min(n, MOST_JUMPS)):
            jump(edges, state, scorer, chain.moves, generator)
        if sweep >= 0:
            _label(state.table[:, BIRTH], sweep, states.labels)
            states.weights[sweep] = 1.0 / kept
    return kept


@inner_kernel
def for_records(n: Any, chain: Any) -> Any:
    """The part of a chain's room that n records need."""
    return Chain(
        chain.table[:n],
        chain.key[:n],
        chain.moves[:n],
        chain.members,
        chain.known,
        chain.kept,
        chain.tied[:n],
        chain.base[:n],
        chain.weight[: 2 * n + 1],
    )


@inner_kernel
def _tie(local: Any, members: Any, tied: Any) -> Any:
    """Fill tied (n, .): pairs whose log odds alone, of one birth or one delivery, are not hopeless."""
    for one in range(len(tied)):
        tied[one, one] = False
        for other in range(one):
            members[0], members[1] = one, other
            odds = max(one_birth(members, 2, local), one_delivery(members, 1, members[1:], 1, local))
            tied[one, other] = tied[other, one] = odds > HOPELESS


@inner_kernel
def _resample(record: Any, state: Any, scorer: Any, choices: Any, how: Any) -> Any:
    """Gibbs step: draw (or, if greedy, take the best) birth and delivery of one record, given all the others.

    how   greedy, generator
    """
    table, n = state.table, len(state.table)
    old = table[record, BIRTH]
    home = table[old, HOME]
    take(record, state)
    stays = old if table[old, BIRTHS] else n + home if table[home, DELIVERIES] else 2 * n
    birth, delivery = unused(table, BIRTHS), unused(table, DELIVERIES)
    _weigh(record, birth, state, scorer, choices)
    if choices.weight[stays] == -np.inf:
        put(record, old, home, state)
        return
    pick = _draw(choices.weight, *how)
    if pick < n:
        birth, delivery = pick, table[pick, HOME]
    elif pick < 2 * n:
        delivery = pick - n
    put(record, birth, delivery, state)


@inner_kernel
def _weigh(record: Any, new: Any, state: Any, scorer: Any, choices: Any) -> Any:
    """Fill the log weights of a record's choices.

    new   an unused label of a birth
    """
    tied, base, weight = choices
    table, n = state.table, len(state.table)
    base[:] = np.nan
    weight[:] = -np.inf
    weight[2 * n] = 0.0
    for other in range(n):
        birth = table[other, BIRTH]
        if birth < 0 or not tied[record, other]:
            continue
        delivery = table[birth, HOME]
        if np.isnan(base[delivery]):
            base[delivery] = delivery_score(delivery, state, scorer)
            put(record, new, delivery, state)
            weight[n + delivery] = delivery_score(delivery, state, scorer) - base[delivery]
            take(record, state)
        if weight[birth] == -np.inf:
            before = birth_score(birth, state, scorer) + base[delivery]
            put(record, birth, delivery, state)
            weight[birth] = birth_score(birth, state, scorer) + delivery_score(delivery, state, scorer) - before
            take(record, state)


@inner_kernel
def _draw(weight: Any, greedy: Any, generator: Any) -> Any:
    """Draw an index in proportion to exp(weight), or take the best; what is negligible beside it is left out."""
    best, pick = -np.inf, 0
    for option in range(len(weight)):
        if weight[option] > best:
            best, pick = weight[option], option
    if greedy:
        return pick
    total = 0.0
    for option in range(len(weight)):
        weight[option] = np.exp(weight[option] - best) if weight[option] > best + NEGLIGIBLE else 0.0
        total += weight[option]
    left = uniform(generator) * total
    for option in range(len(weight)):
        if left >= 0.0 and weight[option] > 0.0:
            pick = option
            left -= weight[option]
    return pick


@inner_kernel
def _label(birth: Any, row: Any, labels: Any) -> Any:
    """Name each record's birth by the birth's smallest record."""
    for record in range(len(birth)):
        first = 0
        while birth[first] != birth[record]:
            first += 1
        labels[row, record] = first
