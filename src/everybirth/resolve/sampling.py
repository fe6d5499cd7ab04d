"""Partitions of a component too large to enumerate: a Markov chain over births and deliveries.

One sweep resamples the birth and delivery of every record from its full conditional (Gibbs), then tries as many
Metropolis-Hastings moves along pairs of records, but not over 64: swap two records' births, merge two births or split
one at random, join or part two deliveries. Every move is its own reverse: a pair is chosen with a probability that does
not depend on the state, and the random split enters the acceptance (Jain & Neal 2004, without their launch state).
"""

from typing import Any, NamedTuple

import numpy as np

from everybirth.resolve.chance import uniform
from everybirth.resolve.compiled import inner_kernel
from everybirth.resolve.evidence import ABSENT
from everybirth.resolve.exact import Local, one_birth, one_delivery, surplus
from everybirth.tables import BoolArray, Float64Array, Int64Array, UInt64Array

MOST_SWEEPS = 500
FEWEST_SWEEPS = 200
SWEEP_WORK = 2_000_000  # sweeps times squared records
MOST_JUMPS = 64  # per sweep
GREEDY_SWEEPS = 5
HOPELESS = -9.0  # log odds under which two records are never tried together
_LOG_2 = 0.6931471805599453


class State(NamedTuple):
    """A partition of n records into births and of the births into deliveries.

    birth       (n,) label of each record's birth, -1 while a record is taken out
    home        (n,) label of each birth's delivery
    births      (n, 1) records of each birth
    deliveries  (n, 1) births of each delivery
    """

    birth: Int64Array
    home: Int64Array
    births: Int64Array
    deliveries: Int64Array


class Chain(NamedTuple):
    """A Markov chain in one component of n records.

    state, local  where it is, and the evidence
    tied          (n, n) whether two records may be of one birth or delivery at all; a record moves to its ties only
    edges         (n_edges, 2) the pairs, as local indices
    moves         (n, 4) by record: birth and delivery that a move proposes (-1: stays), and those it leaves
    members       (3, n) room for the members of births and deliveries
    base          (n,) scores of the deliveries without the record, NaN until needed
    weight        (2 n + 1,) log weights of one record's choices; see _weigh
    generator     (1,) state of the random numbers
    """

    state: State
    local: Local
    tied: BoolArray
    edges: Int64Array
    moves: Int64Array
    members: Int64Array
    base: Float64Array
    weight: Float64Array
    generator: UInt64Array


@inner_kernel
def sweeps_of(n: Any) -> Any:
    """Number of sweeps, and of kept partitions, for a component of n records."""
    return max(FEWEST_SWEEPS, min(MOST_SWEEPS, SWEEP_WORK // (n * n)))


@inner_kernel
def sample_states(n: Any, local: Any, edges: Any, generator: Any, states: Any) -> Any:
    """Fill states with one partition per sweep, after a greedy start and a fifth as many sweeps unrecorded.

    edges    (n_edges, 2) the pairs of the component, as local indices
    Returns  number of partitions
    """
    counts = np.zeros((n, 1), np.int64), np.zeros((n, 1), np.int64)
    state = State(np.full(n, -1, np.int64), np.zeros(n, np.int64), counts[0], counts[1])
    tied, members = np.zeros((n, n), np.bool_), np.zeros((3, n), np.int64)
    _tie(local, members, tied)
    moves, weight = np.zeros((n, 4), np.int64), np.zeros(2 * n + 1)
    chain = Chain(state, local, tied, edges, moves, members, np.zeros(n), weight, generator)
    for record in range(n):
        _put(record, record, record, 1, state)
    kept = sweeps_of(n)
    for sweep in range(-(kept // 5) - GREEDY_SWEEPS, kept):
        greedy = sweep < -(kept // 5)
        for record in range(n):
            _resample(record, chain, greedy)
        for _ in range(0 if greedy else min(n, MOST_JUMPS)):
            _jump(chain)
        if sweep >= 0:
            _label(state.birth, sweep, states.labels)
            states.weights[sweep] = 1.0 / kept
    return kept


@inner_kernel
def _tie(local: Any, members: Any, tied: Any) -> Any:
    """Fill tied (n, n): pairs whose log odds alone, of one birth or one delivery, are not hopeless."""
    n = len(tied)
    for one in range(n):
        for other in range(one):
            members[0, 0], members[0, 1] = one, other
            odds = max(
                one_birth(members[0], 2, local), one_delivery(members[0], 1, members[0, 1:], 1, local)
            )
            tied[one, other] = tied[other, one] = odds > HOPELESS


@inner_kernel
def _births_score(birth: Any, chain: Any) -> Any:
    """Log score of a birth; 0 if it has no records."""
    members, size = chain.members[0], 0
    for record in range(len(chain.state.birth)):
        if chain.state.birth[record] == birth:
            members[size] = record
            size += 1
    return one_birth(members, size, chain.local) if size > 1 else 0.0


@inner_kernel
def _delivery_score(delivery: Any, chain: Any) -> Any:
    """Log score of a delivery: mean log odds over its pairs of births, once for each birth but one."""
    state, n = chain.state, len(chain.state.birth)
    k = state.deliveries[delivery, 0]
    if k < 2:
        return 0.0
    total, against = 0.0, 0.0
    for first in range(n):
        if state.births[first, 0] == 0 or state.home[first] != delivery:
            continue
        size = _list(first, chain, chain.members[1])
        against += surplus(chain.members[1], size, k, chain.local)
        for second in range(first):
            if state.births[second, 0] > 0 and state.home[second] == delivery:
                other = _list(second, chain, chain.members[2])
                total += one_delivery(chain.members[1], size, chain.members[2], other, chain.local)
    return 2.0 * total / k + against


@inner_kernel
def _list(birth: Any, chain: Any, members: Any) -> Any:
    """List the records of a birth; returns their number."""
    size = 0
    for record in range(len(chain.state.birth)):
        if chain.state.birth[record] == birth:
            members[size] = record
            size += 1
    return size


@inner_kernel
def _put(record: Any, birth: Any, delivery: Any, sign: Any, state: Any) -> Any:
    """Put a record into a birth of a delivery (sign 1) or take it out (sign -1)."""
    if sign > 0:
        if state.births[birth, 0] == 0:
            state.deliveries[delivery, 0] += 1
        state.birth[record] = birth
        state.home[birth] = delivery
    else:
        if state.births[birth, 0] == 1:
            state.deliveries[delivery, 0] -= 1
        state.birth[record] = -1
    state.births[birth, 0] += sign


@inner_kernel
def _shift(record: Any, birth: Any, delivery: Any, sign: Any, chain: Any) -> Any:
    """Put a record or take it out; returns the change of the score."""
    before = _births_score(birth, chain) + _delivery_score(delivery, chain)
    _put(record, birth, delivery, sign, chain.state)
    return _births_score(birth, chain) + _delivery_score(delivery, chain) - before


@inner_kernel
def _resample(record: Any, chain: Any, greedy: Any) -> Any:
    """Gibbs step: draw (or, if greedy, take the best) birth and delivery of one record, given all the others."""
    state, n = chain.state, len(chain.state.birth)
    old = state.birth[record]
    _put(record, old, state.home[old], -1, state)
    birth, delivery = _unused(state.births), _unused(state.deliveries)
    _weigh(record, birth, chain)
    pick = _draw(chain.weight, greedy, chain.generator)
    if pick < n:
        birth, delivery = pick, state.home[pick]
    elif pick < 2 * n:
        delivery = pick - n
    _put(record, birth, delivery, 1, state)


@inner_kernel
def _weigh(record: Any, new: Any, chain: Any) -> Any:
    """Log weights: n births to join, n deliveries for a new birth, a new delivery; -inf where nothing ties the record.

    new   an unused label of a birth
    """
    state, n, weight, base = chain.state, len(chain.state.birth), chain.weight, chain.base
    base[:] = np.nan
    weight[:] = -np.inf
    weight[2 * n] = 0.0
    for other in range(n):
        birth = state.birth[other]
        if birth < 0 or not chain.tied[record, other]:
            continue
        delivery = state.home[birth]
        if base[delivery] != base[delivery]:
            base[delivery] = _delivery_score(delivery, chain)
        if weight[birth] == -np.inf:
            before = _births_score(birth, chain) + base[delivery]
            _put(record, birth, delivery, 1, state)
            weight[birth] = _births_score(birth, chain) + _delivery_score(delivery, chain) - before
            _put(record, birth, delivery, -1, state)
        if weight[n + delivery] == -np.inf:
            _put(record, new, delivery, 1, state)
            weight[n + delivery] = _delivery_score(delivery, chain) - base[delivery]
            _put(record, new, delivery, -1, state)


@inner_kernel
def _draw(weight: Any, greedy: Any, generator: Any) -> Any:
    """Draw an index in proportion to exp(weight), or take the best; what weighs below exp(-40) of it is left out."""
    best, pick = -np.inf, 0
    for option in range(len(weight)):
        if weight[option] > best:
            best, pick = weight[option], option
    if greedy:
        return pick
    total = 0.0
    for option in range(len(weight)):
        weight[option] = np.exp(weight[option] - best) if weight[option] > best - 40.0 else 0.0
        total += weight[option]
    left = uniform(generator) * total
    for option in range(len(weight)):
        if left >= 0.0 and weight[option] > 0.0:
            pick = option
            left -= weight[option]
    return pick


@inner_kernel
def _jump(chain: Any) -> Any:
    """One Metropolis-Hastings move along a random pair, in a random direction."""
    edges, generator, birth = chain.edges, chain.generator, chain.state.birth
    edge = int(uniform(generator) * len(edges))
    side = int(uniform(generator) * 2.0)
    one, other = edges[edge, side], edges[edge, 1 - side]
    kind = int(uniform(generator) * 3.0)
    together = birth[one] == birth[other]
    for record in range(len(birth)):
        chain.moves[record, 0] = -1
    odds = -np.inf
    if kind == 0 and not together:
        odds = _swap(one, other, chain)
    elif kind == 1 and together:
        odds = _split(one, other, chain)
    elif kind == 1:
        odds = _merge(one, other, chain)
    elif not together:
        odds = _regroup(one, other, chain)
    if odds == -np.inf:
        return
    for attempt in range(2):
        change = _relocate(chain)
        if attempt == 0 and np.log(1.0 - uniform(generator)) < change + odds:
            break


@inner_kernel
def _swap(one: Any, other: Any, chain: Any) -> Any:
    """Exchange the births of two records. Like the next three, proposes moves and returns the log odds of proposals."""
    state, moves = chain.state, chain.moves
    first, second = state.birth[one], state.birth[other]
    moves[one, 0], moves[one, 1] = second, state.home[second]
    moves[other, 0], moves[other, 1] = first, state.home[first]
    return 0.0


@inner_kernel
def _split(one: Any, other: Any, chain: Any) -> Any:
    """Send other, and each further record of the birth by a coin, to a new birth of the same or a new delivery."""
    state, moves = chain.state, chain.moves
    new, delivery = _unused(state.births), state.home[state.birth[one]]
    if uniform(chain.generator) < 0.5:
        delivery = _unused(state.deliveries)
    odds = _LOG_2
    for record in range(len(state.birth)):
        if state.birth[record] == state.birth[one] and record != one:
            goes = record == other
            if not goes:
                goes = uniform(chain.generator) < 0.5
                odds += _LOG_2
            if goes:
                moves[record, 0], moves[record, 1] = new, delivery
    return odds


@inner_kernel
def _merge(one: Any, other: Any, chain: Any) -> Any:
    """Move the birth of other into that of one: the reverse of a split, so it must be of the same delivery or alone."""
    state = chain.state
    birth, leaving = state.birth[one], state.birth[other]
    if state.home[leaving] != state.home[birth] and state.deliveries[state.home[leaving], 0] > 1:
        return -np.inf
    _send(leaving, birth, state.home[birth], chain)
    return -(state.births[birth, 0] + state.births[leaving, 0] - 1.0) * _LOG_2


@inner_kernel
def _regroup(one: Any, other: Any, chain: Any) -> Any:
    """Move the birth of other out of the delivery of one, or into it if it is alone in its own."""
    state = chain.state
    leaving, home = state.birth[other], state.home[state.birth[one]]
    if state.home[leaving] == home:
        _send(leaving, leaving, _unused(state.deliveries), chain)
    elif state.deliveries[state.home[leaving], 0] > 1:
        return -np.inf
    else:
        _send(leaving, leaving, home, chain)
    return 0.0


@inner_kernel
def _send(leaving: Any, birth: Any, delivery: Any, chain: Any) -> Any:
    """Propose to move all records of a birth."""
    for record in range(len(chain.state.birth)):
        if chain.state.birth[record] == leaving:
            chain.moves[record, 0], chain.moves[record, 1] = birth, delivery


@inner_kernel
def _unused(tallies: Any) -> Any:
    """A label of a birth or delivery that has no members."""
    label = 0
    while tallies[label, 0] > 0:
        label += 1
    return label


@inner_kernel
def _relocate(chain: Any) -> Any:
    """Make the proposed moves and leave the opposite ones proposed; returns the change of the score."""
    state, moves = chain.state, chain.moves
    change = 0.0
    for record in range(len(state.birth)):
        if moves[record, 0] >= 0:
            birth = state.birth[record]
            moves[record, 2], moves[record, 3] = birth, state.home[birth]
            change += _shift(record, birth, state.home[birth], -1, chain)
    for record in range(len(state.birth)):
        if moves[record, 0] >= 0:
            change += _shift(record, moves[record, 0], moves[record, 1], 1, chain)
            moves[record, 0], moves[record, 1] = moves[record, 2], moves[record, 3]
    return change


@inner_kernel
def _label(birth: Any, row: Any, labels: Any) -> Any:
    """Name each record's birth by the birth's smallest record."""
    for record in range(len(birth)):
        first = 0
        while birth[first] != birth[record]:
            first += 1
        labels[row, record] = first
