"""Where a Markov chain over partitions stands, and what a place scores.

The same births turn up sweep after sweep, so their scores are kept. A birth is known by a key of 64 random bits, the
exclusive or of its records' keys, and two births by a mixture of both; that two different ones share a key, and so a
score, happens about once in 10^13 components.
"""

from typing import Any, NamedTuple

import numpy as np

from everybirth.compiled import inner_kernel
from everybirth.resolve.chance import mix
from everybirth.resolve.score import PLURALITY, Local, one_birth, one_delivery, rarer, understated
from everybirth.tables import Float64Array, Int64Array, UInt64Array

BIRTH, HOME, BIRTHS, DELIVERIES = range(4)  # columns of State.table
MARK, NAME = range(2)  # columns of State.key
SLOTS = 1 << 12  # of kept scores: 64 kB, which stay near the processor
_LAST_SLOT = np.uint64(SLOTS - 1)


class State(NamedTuple):
    """A partition of n records into births and of the births into deliveries.

    table   (n, 4) by record, label of its birth (-1 while it is taken out); by birth, label of its delivery;
            by birth, number of records; by delivery, number of births
    key     (n, 2) key of each record; key of each birth
    """

    table: Int64Array
    key: UInt64Array


class Scorer(NamedTuple):
    """What is needed to score births and deliveries; few arrays, since each costs time in every call.

    local        the evidence
    members      (3, n) room for the births of a delivery and for the records of two births
    known, kept  (SLOTS,) kept scores: whose, and what
    """

    local: Local
    members: Int64Array
    known: UInt64Array
    kept: Float64Array


@inner_kernel
def part_all(state: Any) -> Any:
    """Make every record a birth and a delivery by itself."""
    table, key = state
    for record in range(len(table)):
        table[record, BIRTH] = table[record, HOME] = record
        table[record, BIRTHS] = table[record, DELIVERIES] = 1
        key[record, MARK] = key[record, NAME] = mix(np.uint64(record + 1))


@inner_kernel
def put(record: Any, birth: Any, delivery: Any, state: Any) -> Any:
    """Put a record that was taken out into a birth of a delivery."""
    table, key = state
    if table[birth, BIRTHS] == 0:
        table[delivery, DELIVERIES] += 1
    table[record, BIRTH] = birth
    table[birth, HOME] = delivery
    table[birth, BIRTHS] += 1
    key[birth, NAME] ^= key[record, MARK]


@inner_kernel
def take(record: Any, state: Any) -> Any:
    """Take a record out of its birth; the label of a birth that it leaves empty keeps its home."""
    table, key = state
    birth = table[record, BIRTH]
    table[birth, BIRTHS] -= 1
    key[birth, NAME] ^= key[record, MARK]
    table[record, BIRTH] = -1
    if table[birth, BIRTHS] == 0:
        table[table[birth, HOME], DELIVERIES] -= 1


@inner_kernel
def unused(table: Any, column: Any) -> Any:
    """A label of a birth (BIRTHS) or delivery (DELIVERIES) that has no members."""
    label = 0
    while table[label, column] > 0:
        label += 1
    return label


@inner_kernel
def birth_score(birth: Any, state: Any, scorer: Any) -> Any:
    """Log score of a birth; 0 if it has no records."""
    table, members = state.table, scorer.members[1]
    if table[birth, BIRTHS] < 2:
        return 0.0
    key = state.key[birth, NAME]
    slot = key & _LAST_SLOT
    if scorer.known[slot] != key:
        size = _list(birth, table, members)
        scorer.known[slot], scorer.kept[slot] = key, one_birth(members, size, scorer.local)
    return scorer.kept[slot]


@inner_kernel
def delivery_score(delivery: Any, state: Any, scorer: Any) -> Any:
    """Log score of a delivery: mean log odds over its pairs of births, once for each birth but one, less surplus."""
    table, name, inside, stated = state.table, state.key[:, NAME], scorer.members[0], scorer.local.stated
    k, found, birth = table[delivery, DELIVERIES], 0, 0
    if k < 2:
        return 0.0
    total = 0.0
    while found < k:
        if table[birth, BIRTHS] > 0 and table[birth, HOME] == delivery:
            for number in range(found):
                key = mix(name[inside[number]]) + mix(name[birth])
                slot = key & _LAST_SLOT
                if scorer.known[slot] != key:
                    scorer.known[slot], scorer.kept[slot] = key, _odds(inside[number], birth, table, scorer)
                total += scorer.kept[slot]
            inside[found] = birth
            found += 1
        birth += 1
    total *= 2.0 / k
    if k > 2:
        total += k * rarer(k)
        for record in range(len(table)):
            birth = table[record, BIRTH]
            if birth >= 0 and table[birth, HOME] == delivery:
                total += understated(stated[record, PLURALITY], k)
    return total


@inner_kernel
def _odds(one: Any, other: Any, table: Any, scorer: Any) -> Any:
    """Log odds that two births are of one delivery."""
    first, second = scorer.members[1], scorer.members[2]
    n_first, n_second = _list(one, table, first), _list(other, table, second)
    return one_delivery(first, n_first, second, n_second, scorer.local)


@inner_kernel
def _list(birth: Any, table: Any, members: Any) -> Any:
    """List the records of a birth; returns their number."""
    size, wanted, record = 0, table[birth, BIRTHS], 0
    while size < wanted:
        if table[record, BIRTH] == birth:
            members[size] = record
            size += 1
        record += 1
    return size
