"""From the weighted partitions of one component to its best partition, probabilities and draws."""

from typing import Any, NamedTuple

import numpy as np

from everybirth.compiled import inner_kernel
from everybirth.resolve.chance import uniform
from everybirth.tables import Float64Array, Int16Array, Int32Array, Int64Array

TIE = 1e-9  # partitions whose expected agreement differs by less are equally good; the first is taken


class States(NamedTuple):
    """Partitions of one component, used up to a count that is told beside.

    labels   (., .) the smallest record, as a local index, of the birth of each record: one row per partition
    weights  (.,) posterior probability of each partition
    """

    labels: Int16Array
    weights: Float64Array


class Summary(NamedTuple):
    """What is known of one component; only the first n entries are meant.

    together            (., .) probability that two records are the same birth; symmetric
    best                (.,) the smallest record, as a local index, of each record's birth in the best partition
    record_probability  (.,) that the record belongs to that birth
    birth_probability   (.,) at a birth's smallest record: that exactly these records are one birth
    """

    together: Float64Array
    best: Int64Array
    record_probability: Float64Array
    birth_probability: Float64Array


class Deviations(NamedTuple):
    """Draws in which a component is not as in its best partition; arrays with room to spare, used as the counts say.

    draw       (.,) number of the draw
    members    (.,) where the component's records start in records
    label      (.,) where its partition starts in labels
    size       (.,) its number of records
    records    (.,) records of the components that deviate at all
    labels     (.,) by record, the place in the component of the smallest record of its birth
    counts     (3,) used: deviations, records, labels
    """

    draw: Int16Array
    members: Int32Array
    label: Int32Array
    size: Int16Array
    records: Int32Array
    labels: Int16Array
    counts: Int64Array


def make_states(count: int, n: int) -> States:
    """Room for partitions of n records."""
    return States(np.zeros((count, n), np.int16), np.zeros(count))


def make_summary(n: int) -> Summary:
    """Room for components of up to n records."""
    return Summary(np.zeros((n, n)), np.zeros(n, np.int64), np.zeros(n), np.zeros(n))


def make_deviations(room: int) -> Deviations:
    """An empty table."""
    return Deviations(
        np.empty(room, np.int16),
        np.empty(room, np.int32),
        np.empty(room, np.int32),
        np.empty(room, np.int16),
        np.empty(room, np.int32),
        np.empty(room, np.int16),
        np.zeros(3, np.int64),
    )


def grow(table: Deviations, room: int) -> Deviations:
    """The same table with more room."""
    more = make_deviations(room)
    deviations, records, labels = table.counts
    more.draw[:deviations] = table.draw[:deviations]
    more.members[:deviations] = table.members[:deviations]
    more.label[:deviations] = table.label[:deviations]
    more.size[:deviations] = table.size[:deviations]
    more.records[:records] = table.records[:records]
    more.labels[:labels] = table.labels[:labels]
    more.counts[:] = table.counts
    return more


def trim(table: Deviations) -> Deviations:
    """The same table without its spare room."""
    deviations, records, labels = table.counts
    return Deviations(
        table.draw[:deviations].copy(),
        table.members[:deviations].copy(),
        table.label[:deviations].copy(),
        table.size[:deviations].copy(),
        table.records[:records].copy(),
        table.labels[:labels].copy(),
        table.counts,
    )


@inner_kernel
def summarise(n: Any, count: Any, states: Any, summary: Any) -> Any:
    """Fill the summary from count partitions; returns the row of the best one.

    The best partition maximises the expected number of pairs it puts together rightly less those it puts together
    wrongly, so it may differ from the single likeliest one where many partitions share a birth.
    """
    labels, weights = states
    together, best = summary.together, summary.best
    for one in range(n):
        for other in range(one):
            total = 0.0
            for state in range(count):
                if labels[state, one] == labels[state, other]:
                    total += weights[state]
            together[one, other] = together[other, one] = min(total, 1.0)
    most, row = -np.inf, 0
    for state in range(count):
        agreement = 0.0
        for one in range(n):
            for other in range(one):
                if labels[state, one] == labels[state, other]:
                    agreement += 2.0 * together[one, other] - 1.0
        if agreement > most + TIE:
            most, row = agreement, state
    for record in range(n):
        best[record] = labels[row, record]
    _birth_probability(n, count, states, summary)
    _record_probability(n, summary)
    return row


@inner_kernel
def _birth_probability(n: Any, count: Any, states: Any, summary: Any) -> Any:
    """For each best birth, the weight of the partitions that hold exactly it."""
    for first in range(n):
        if summary.best[first] != first:
            continue
        total = 0.0
        for state in range(count):
            exactly = True
            for record in range(n):
                same = states.labels[state, record] == states.labels[state, first]
                exactly &= (summary.best[record] == first) == same
            if exactly:
                total += states.weights[state]
        summary.birth_probability[first] = min(total, 1.0)


@inner_kernel
def _record_probability(n: Any, summary: Any) -> Any:
    """Mean probability of being the same birth as the other members; of a single record, that it is alone."""
    for record in range(n):
        total, others = 0.0, 0
        for other in range(n):
            if other != record and summary.best[other] == summary.best[record]:
                total += summary.together[record, other]
                others += 1
        summary.record_probability[record] = total / others if others else summary.birth_probability[record]


@inner_kernel
def draw_states(n: Any, count: Any, states: Any, row: Any, drawn: Any, generator: Any) -> Any:
    """Independent draws of a component's partition; returns how many are not the best partition.

    row      the best partition
    drawn    (n_draws, 2) filled with the number and the partition (row) of each draw that is not the best
    These draws are found by jumping from one to the next, as most components have none.
    """
    doubt, differing = 0.0, -1
    for state in range(count):
        if state != row and _differs(n, states.labels, state, row):
            doubt += states.weights[state]
            differing = state
    if doubt <= 0.0:
        return 0
    at, deviating, log_sure = -1, 0, np.log1p(-min(doubt, 1.0))
    gap = np.log(1.0 - uniform(generator)) / log_sure
    while gap < len(drawn) - 1 - at:
        at += 1 + int(gap)
        left = uniform(generator) * doubt
        pick, state = differing, 0
        while state < differing:
            if state != row and _differs(n, states.labels, state, row):
                left -= states.weights[state]
                if left < 0.0:
                    pick = state
                    break
            state += 1
        drawn[deviating, 0], drawn[deviating, 1] = at, pick
        deviating += 1
        gap = np.log(1.0 - uniform(generator)) / log_sure
    return deviating


@inner_kernel
def _differs(n: Any, labels: Any, one: Any, other: Any) -> Any:
    record = 0
    while record < n and labels[one, record] == labels[other, record]:
        record += 1
    return record < n


@inner_kernel
def store(records: Any, labels: Any, drawn: Any, stored: Any, table: Any) -> Any:
    """Add one component's deviating draws to a table that has room for them.

    records  (n,) of the component
    drawn    (n_deviating, 2) draw, row of labels
    stored   (.,) working memory, one entry per row of labels
    """
    n, counts = len(records), table.counts
    members = counts[1]
    for place in range(n):
        table.records[members + place] = records[place]
    counts[1] += n
    for deviation in range(len(drawn)):
        stored[drawn[deviation, 1]] = -1
    for deviation in range(len(drawn)):
        draw, state = drawn[deviation, 0], drawn[deviation, 1]
        if stored[state] < 0:
            stored[state] = counts[2]
            for place in range(n):
                table.labels[counts[2] + place] = labels[state, place]
            counts[2] += n
        at = counts[0]
        table.draw[at], table.members[at], table.label[at], table.size[at] = draw, members, stored[state], n
        counts[0] += 1
