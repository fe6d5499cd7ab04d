"""Small sets of weighed pairs to resolve."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
from hypothesis import strategies as st

from everybirth.levels import CHANCE_UNIT
from everybirth.resolve import Options, Partition, Prior, partition
from everybirth.tables import Pairs

Evidence = Mapping[tuple[int, int], tuple[float, float]]  # pair -> same birth, same delivery


def serial(work: Any, shared: Any, chunks: Any, step: str) -> list[Any]:
    """An engine that does one chunk after another."""
    return [work(shared, chunk) for chunk in chunks]


def pairs_of(evidence: Evidence) -> Pairs:
    """The pairs table of this evidence."""
    found = sorted(evidence)
    values = np.array([evidence[pair] for pair in found], np.float64).reshape(-1, 2)
    ends = np.array(found, np.int32).reshape(-1, 2)
    nothing = np.zeros((len(found), 0))
    return Pairs(
        left=np.ascontiguousarray(ends[:, 0]),
        right=np.ascontiguousarray(ends[:, 1]),
        same_birth=np.ascontiguousarray(values[:, 0]),
        same_delivery=np.ascontiguousarray(values[:, 1]),
        levels=nothing.astype(np.int8),
        chance=nothing.astype(np.int16),
        log_m=np.zeros((2, 0, 9)),
        source=np.zeros(0, np.int64),
    )


def prior_of(merge: float = -8.0, duplicate: float = -3.0, delivery: float = -10.0, n_lists: int = 3) -> Prior:
    """Beliefs like those of some thousand births on three lists."""
    return Prior(merge, np.full(n_lists, duplicate), delivery)


def keys_of(n_records: int) -> Any:
    """Distinct keys without order."""
    return np.arange(1, n_records + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)


def resolve(
    pairs: Pairs, list_of: Any, prior: Prior | None = None, options: Options | None = None, engine_map: Any = serial
) -> Partition:
    """Resolve with the usual prior, keys and engine."""
    lists = np.asarray(list_of, np.int16)
    return partition(pairs, lists, keys_of(len(lists)), prior or prior_of(), engine_map, options or Options(draws=20))


def with_fields(pairs: Pairs, levels: Any, chance: Any, log_m: Any, source: Any) -> Pairs:
    """The same pairs, with evidence by field on top of what they have.

    levels, chance   (n_pairs, n_fields)
    log_m            (2, n_fields, n_levels)
    source           (n_fields,) fields of one source are weighed as one
    """
    by_field = np.where(levels > 0, log_m[:, np.arange(levels.shape[1]), levels] - chance * CHANCE_UNIT, 0.0)
    return replace(
        pairs,
        levels=levels.astype(np.int8),
        chance=chance.astype(np.int16),
        log_m=log_m,
        source=np.array(source, np.int64),
        same_birth=pairs.same_birth + by_field[0].sum(axis=1),
        same_delivery=pairs.same_delivery + by_field[1].sum(axis=1),
    )


def random_fields(pairs: Pairs, seed: int) -> Pairs:
    """Three fields, two of one source, each compared in most pairs, at levels that speak up to six natural units."""
    rng = np.random.default_rng(seed)
    levels = rng.integers(0, 4, (len(pairs.left), 3))
    chance = rng.integers(-200, 200, levels.shape)
    log_m = rng.uniform(-6.0, 6.0, (2, 3, 9))
    return with_fields(pairs, levels, chance, log_m, [0, 1, 0])


# What the fields of a birth say: the mother's name and the date are alike for all children of a delivery, the child's
# name and its order tell them apart. Levels: 1 agrees, 2 differs.
SOURCES = ("mother", "date", "child", "order")
_SAYS = {
    "mother": ((9.0, -5.0), (9.0, -5.0)),
    "date": ((7.0, -4.0), (7.0, -4.0)),
    "child": ((6.5, -3.5), (-3.0, 0.0)),
    "order": ((0.7, -3.0), (-3.0, 0.7)),
}


def run_like(values: Any, lists: Any, noise: float = 0.0, seed: int = 0) -> Pairs:
    """All pairs of records, weighed by what their fields say, as a run does.

    values   (n_records, 4) value of each field, -1 where a record has none
    lists    (n_records,) groups of records that are compared: all pairs within a group
    noise    added to each pair's evidence, standard deviation
    """
    values, groups = np.asarray(values), np.asarray(lists)
    rng = np.random.default_rng(seed)
    ends = [pair for pair in combinations(range(len(values)), 2) if groups[pair[0]] == groups[pair[1]]]
    left, right = np.array(ends).T
    known = (values[left] >= 0) & (values[right] >= 0)
    levels = np.where(known, np.where(values[left] == values[right], 1, 2), 0)
    log_m = np.zeros((2, len(SOURCES), 9))
    for f, source in enumerate(SOURCES):
        for kind in range(2):
            log_m[kind, f, 1:3] = _SAYS[source][kind]
    pairs = pairs_of({pair: tuple(rng.normal(0.0, noise, 2)) for pair in ends})
    return with_fields(pairs, levels, np.zeros_like(levels), log_m, range(len(SOURCES)))


def ambiguous(rng: np.random.Generator, records: range) -> dict[tuple[int, int], tuple[float, float]]:
    """Evidence of all pairs, for same birth and for same delivery, near the prior odds against them."""
    return {pair: (rng.normal(8.0, 3.0), rng.normal(9.0, 3.0)) for pair in combinations(records, 2)}


@st.composite
def components(draw: Any, least: int = 2, most: int = 6) -> tuple[Evidence, list[int], Prior]:
    """A component with ambiguous evidence: tied together by a chain, further pairs known or not."""
    n = draw(st.integers(least, most))
    value = st.floats(-5.0, 22.0)
    evidence = {}
    for right in range(1, n):
        for left in range(right):
            if left == right - 1 or draw(st.booleans()):
                evidence[left, right] = (draw(value), draw(value))
        strong = max(evidence[right - 1, right][0], 8.0)
        evidence[right - 1, right] = (strong, evidence[right - 1, right][1])
    lists = draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    duplicate = np.array([draw(st.floats(-5.0, 1.0)) for _ in range(3)])
    stated = draw(st.just([]) | st.lists(st.integers(0, 4), min_size=n, max_size=n))
    return evidence, lists, Prior(draw(st.floats(-10.0, -4.0)), duplicate, -9.0, np.array(stated, np.int8))
