"""u: how often unrelated records agree. From random pairs and value frequencies, never from blocked pairs."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from everybirth.compiled import kernel
from everybirth.levels import N_LEVELS, Comparison
from everybirth.tables import MISSING, BoolArray, Float64Array, Int8Array, Int32Array, Int64Array
from everybirth.weigh.model import groups

_SAMPLE = 250_000
_RECORDS = 50_000  # of which the random pairs are made
_IN_CONTEXT_SAMPLE = 60_000
_FAR = (0, 7)  # date levels under which two records are surely not one birth: missing, more than a month apart

Levels = Callable[[Int32Array, Int32Array], Int8Array]
ValueLevels = Callable[[int, Int32Array, Int32Array], Int8Array]

BY_VALUE = (Comparison.NAME, Comparison.DATE, Comparison.WEIGHT, Comparison.SAME, Comparison.CODE, Comparison.AGE)
_NEAR_LEVELS = (2, 3)  # of names: what a slip turns a name into, so that rare spellings count for more


def random_pairs(n_records: int, seed: int) -> tuple[Int32Array, Int32Array]:
    """Pairs of different records, at random: (n_pairs,) each; none if there are fewer than two records."""
    if n_records < 2:
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    rng = np.random.default_rng([seed, 1])
    # Of some records only: their rows and names then stay in the processor's cache while the pairs are compared.
    some = np.sort(rng.choice(n_records, min(n_records, _RECORDS), replace=False)).astype(np.int32)
    left, shift = rng.integers(0, len(some), _SAMPLE), rng.integers(1, len(some), _SAMPLE)
    return some[left], some[(left + shift) % len(some)]


def pairs_with_equal(codes: Int32Array, seed: int) -> tuple[Int32Array, Int32Array]:
    """Random pairs of records that hold the same value of a field: (n_pairs,) each."""
    order, start = _by_value(np.ascontiguousarray(codes), int(codes.max(initial=MISSING)) + 1)
    if len(order) < 2:
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    rng = np.random.default_rng([seed, 2])
    pick = rng.integers(0, len(order), min(_IN_CONTEXT_SAMPLE, 20 * len(order)))
    value = codes[order[pick]]
    other = start[value] + (rng.random(len(pick)) * (start[value + 1] - start[value])).astype(np.int64)
    apart = other != pick
    return order[pick[apart]], order[other[apart]]


@kernel
def _by_value(codes: Any, n_values: Any) -> Any:
    """Records ordered by value, those without one left out; and where each value's begin (n_values + 1,)."""
    start = np.zeros(n_values + 1, dtype=np.int64)
    for i in range(codes.size):
        if codes[i] >= 0:
            start[codes[i] + 1] += 1
    for v in range(n_values):
        start[v + 1] += start[v]
    place = start[:-1].copy()
    order = np.empty(start[n_values], dtype=np.int32)
    for i in range(codes.size):
        if codes[i] >= 0:
            order[place[codes[i]]] = i
            place[codes[i]] += 1
    return order, start


def level_shares(
    comparisons: Sequence[Comparison], levels: Int8Array, date_field: int, in_context: dict[int, Int8Array]
) -> Float64Array:
    """P(level | unrelated), (n_fields, n_levels), for levels whose chance does not hang on the values.

    levels       (n_pairs, n_fields) of random pairs
    date_field   pairs whose birth dates are near each other are left out (they may be one birth), except for the date
                 itself; -1 if there is no birth date
    in_context   field that hangs on another -> its levels in random pairs that agree on that other
    """
    shares = np.ones((len(comparisons), N_LEVELS))
    far = np.isin(levels[:, date_field], _FAR) if date_field >= 0 else np.ones(len(levels), dtype=bool)
    if date_field >= 0 and far.sum() < 1000:
        far[:] = True
    for f, comparison in enumerate(comparisons):
        of = levels[:, f] if f == date_field else levels[far, f]
        counts = np.bincount(of, minlength=N_LEVELS).astype(np.float64)
        if f in in_context:
            counts[7:10] = np.bincount(in_context[f], minlength=N_LEVELS)[7:10]
        for group in groups(comparison):
            with_prior = counts[group] + 0.5
            shares[f, group] = with_prior / with_prior.sum()
    return shares


def far_apart(levels: Int8Array, date_field: int) -> BoolArray:
    """Pairs whose birth dates say that they are not one birth."""
    if date_field < 0:
        return np.ones(len(levels), dtype=bool)
    return np.isin(levels[:, date_field], _FAR)


def neighbours(field: int, frequency: Int64Array, value_levels: ValueLevels, seed: int) -> Float64Array:
    """(n_levels,) log of the mean number of other values of a name field at each near level; NaN where not used.

    A value is drawn as records hold it, another among the distinct values. The chance that a slip turns one into a
    given other is one in that many; so near-agreement on v and w is, under "unrelated", as likely as
    neighbours * 2 / (1 / f(v) + 1 / f(w)) against one under "same birth".
    """
    log_near = np.full(N_LEVELS, np.nan)
    held = np.flatnonzero(frequency)
    if len(held) < 2:
        return log_near
    rng = np.random.default_rng([seed, 3, field])
    cumulative = np.cumsum(frequency[held])
    a = held[np.searchsorted(cumulative, rng.integers(0, cumulative[-1], _SAMPLE), "right")].astype(np.int32)
    b = held[rng.integers(0, len(held), _SAMPLE)].astype(np.int32)
    counts = np.bincount(value_levels(field, a[a != b], b[a != b]), minlength=N_LEVELS)
    for level in _NEAR_LEVELS:
        log_near[level] = np.log((counts[level] + 0.5) / _SAMPLE * len(held))
    return log_near
