"""Metropolis-Hastings moves of a chain over partitions, along pairs of records.

Swap two records' births, or share out anew all other records of both; merge two births or split one at random; join or
part two deliveries. Every move is its own reverse: a pair is chosen with a probability that does not depend on the
state, and the random split enters the acceptance.

Source   Jain & Neal 2004, without their launch state
"""

from typing import Any

import numpy as np

from everybirth.compiled import inner_kernel
from everybirth.resolve.chain import BIRTH, BIRTHS, DELIVERIES, HOME, birth_score, delivery_score, put, take, unused
from everybirth.resolve.chance import uniform

GOES, FROM = range(2)  # columns of moves: birth that a record is to go to, -1 if it stays; birth that it leaves
_LOG_2 = 0.6931471805599453


@inner_kernel
def jump(edges: Any, state: Any, scorer: Any, moves: Any, generator: Any) -> Any:
    """One move along a random pair, in a random direction.

    edges    (n_edges, 2) the pairs of the component, as local indices
    moves    (n, 2) room: see GOES, FROM
    A move concerns the birth of one record, which stays in its delivery, and the birth of the other, or a new one.
    """
    table = state.table
    edge = int(uniform(generator) * len(edges))
    side = int(uniform(generator) * 2.0)
    one, other = edges[edge, side], edges[edge, 1 - side]
    kind = int(uniform(generator) * 4.0)
    birth, second = table[one, BIRTH], table[other, BIRTH]
    home, goal, odds = table[birth, HOME], table[second, HOME], 0.0
    moves[:, GOES] = -1
    if birth == second:
        if kind > 0:
            return
        second = unused(table, BIRTHS)
        goal = home if uniform(generator) < 0.5 else unused(table, DELIVERIES)
        odds = _split(one, other, second, table, moves, generator)
    elif kind == 0:
        goal, odds = home, _merge(birth, second, table, moves)
    elif kind == 1:
        moves[one, GOES], moves[other, GOES] = second, birth
    elif kind == 2:
        goal, odds = _regroup(birth, second, table, moves)
    else:
        _share(one, other, table, moves, generator)
    if odds > -np.inf:
        _try((birth, second, goal), odds, state, scorer, moves, generator)


@inner_kernel
def _share(one: Any, other: Any, table: Any, moves: Any, generator: Any) -> Any:
    """Keep two records in their births, and send all others of the two births to either by a coin."""
    first, second = table[one, BIRTH], table[other, BIRTH]
    for record in range(len(table)):
        birth = table[record, BIRTH]
        if birth in (first, second) and record not in (one, other):
            moves[record, GOES] = first if uniform(generator) < 0.5 else second


@inner_kernel
def _split(one: Any, other: Any, new: Any, table: Any, moves: Any, generator: Any) -> Any:
    """Send other, and each further record of the birth by a coin, to a new birth, of the same or a new delivery.

    Returns  log odds of proposing the reverse; so do the next two, -inf where the reverse would never be proposed
    """
    odds = _LOG_2  # for the coin on the delivery
    moves[other, GOES] = new
    for record in range(len(table)):
        if table[record, BIRTH] == table[one, BIRTH] and record not in (one, other):
            odds += _LOG_2
            if uniform(generator) < 0.5:
                moves[record, GOES] = new
    return odds


@inner_kernel
def _merge(birth: Any, leaving: Any, table: Any, moves: Any) -> Any:
    """Send one birth into another: the reverse of a split, so it must be of the same delivery or alone in its own."""
    if table[leaving, HOME] != table[birth, HOME] and table[table[leaving, HOME], DELIVERIES] > 1:
        return -np.inf
    _send(leaving, birth, table, moves)
    return -(table[birth, BIRTHS] + table[leaving, BIRTHS] - 1.0) * _LOG_2


@inner_kernel
def _regroup(birth: Any, leaving: Any, table: Any, moves: Any) -> Any:
    """Send one birth out of another's delivery, or into it if it is alone in its own; returns to which, and odds."""
    home = table[birth, HOME]
    _send(leaving, leaving, table, moves)
    if table[leaving, HOME] == home:
        return unused(table, DELIVERIES), 0.0
    return home, (0.0 if table[table[leaving, HOME], DELIVERIES] == 1 else -np.inf)


@inner_kernel
def _send(leaving: Any, birth: Any, table: Any, moves: Any) -> Any:
    """Propose to send all records of a birth to another, or anew to the same."""
    for record in range(len(table)):
        if table[record, BIRTH] == leaving:
            moves[record, GOES] = birth


@inner_kernel
def _try(births: Any, odds: Any, state: Any, scorer: Any, moves: Any, generator: Any) -> Any:
    """Make the proposed moves and take them back unless they are accepted.

    births   the first birth, the second, the delivery to which the second is to go
    odds     log odds of proposing the reverse
    """
    first, second, goal = births
    table = state.table
    home = table[first, HOME]
    left = table[second, HOME] if table[second, BIRTHS] else goal
    odds -= _score(births, left, state, scorer)
    for record in range(len(table)):
        if moves[record, GOES] >= 0:
            moves[record, FROM] = table[record, BIRTH]
            take(record, state)
    for record in range(len(table)):
        birth = moves[record, GOES]
        if birth >= 0:
            put(record, birth, home if birth == first else goal, state)
    odds += _score(births, left, state, scorer)
    if np.log(1.0 - uniform(generator)) < odds:
        return
    for record in range(len(table)):
        if moves[record, GOES] >= 0:
            take(record, state)
    for record in range(len(table)):
        if moves[record, GOES] >= 0:
            birth = moves[record, FROM]
            put(record, birth, home if birth == first else left, state)


@inner_kernel
def _score(births: Any, left: Any, state: Any, scorer: Any) -> Any:
    """Log score of two births and of the deliveries of which they are or may be: the first's, left and goal."""
    first, second, goal = births
    home = state.table[first, HOME]
    total = birth_score(first, state, scorer) + birth_score(second, state, scorer)
    total += delivery_score(home, state, scorer)
    if left != home:
        total += delivery_score(left, state, scorer)
    if goal not in (home, left):
        total += delivery_score(goal, state, scorer)
    return total
