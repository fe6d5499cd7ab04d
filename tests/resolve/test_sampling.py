from itertools import combinations
from typing import Any

import numpy as np
import pytest
from tests.resolve.worlds import ambiguous, keys_of, pairs_of, prior_of, random_fields, resolve, with_fields

from everybirth.compiled import loop_kernel as compiled
from everybirth.resolve import Options, find_components
from everybirth.resolve.chance import start
from everybirth.resolve.exact import enumerate_states
from everybirth.resolve.kernel import _load, _make_room
from everybirth.resolve.partitions import _problem
from everybirth.resolve.posterior import States
from everybirth.resolve.sampling import for_records, sample_states
from everybirth.tables import Pairs


def glued(rng: np.random.Generator, records: range) -> dict[tuple[int, int], tuple[float, float]]:
    """Records in firm twos; whether two such twos are one birth, or one delivery, is open.

    A record by itself never leaves its two, so only moves of whole births can mix.
    """
    evidence = {}
    for one, other in combinations(records, 2):
        firm = one // 2 == other // 2
        evidence[one, other] = (34.0 if firm else rng.normal(21.7, 0.7), rng.normal(9.5, 1.0))
    return evidence


@compiled
def both_ways(problem: Any, room: Any) -> Any:
    """Enumerate and sample the only component; returns the numbers of partitions found."""
    n, records = len(problem.order), problem.order[:]
    _load(problem, 0, records, room)
    start(room.generator, problem.seed, problem.key[0])
    listed = enumerate_states(n, room.local, room.search, room.exact)
    chain = for_records(n, room.chain)
    return listed, sample_states(room.local, room.edges, chain, room.generator, room.sampled)


def together(states: States, count: int, n: int) -> Any:
    """(n, n) probability that two records are one birth."""
    labels = states.labels[:count, :n]
    same = labels[:, :, None] == labels[:, None, :]
    return np.average(same, axis=0, weights=states.weights[:count])


def sample(pairs: Pairs, lists: Any, seeds: int) -> tuple[list[Any], Any]:
    """The pairs of records that are together, by as many chains and by enumeration."""
    n, sampled = len(lists), []
    whole = find_components(pairs, n, prior_of(), -100.0)
    for seed in range(seeds):
        problem = _problem(pairs, lists, keys_of(n), prior_of(), whole, Options(draws=0, seed=seed))
        room = _make_room(problem, 0, 1)
        n_listed, n_sampled = both_ways(problem, room)
        sampled.append(together(room.sampled, n_sampled, n))
    return sampled, together(room.exact, n_listed, n)


@pytest.mark.parametrize("hopeless", [[], [(0, 1)]])
def test_every_move_keeps_the_distribution(hopeless: Any) -> None:
    """Four records, all open: 1,000 chains come so near that any wrong term in any move would show.

    Records that hopeless pairs alone tie together are not resampled, but may get where they are by other moves.
    """
    rng = np.random.default_rng(5)
    evidence = {pair: (rng.normal(8.5, 0.5), rng.normal(11.0, 0.5)) for pair in combinations(range(4), 2)}
    evidence |= dict.fromkeys(hopeless, (-1.5, 0.5))
    by_field = (np.arange(12).reshape(6, 2) % 3, np.zeros((6, 2)), rng.uniform(-2.0, 2.0, (2, 2, 9)), [0, 1])
    sampled, exact = sample(with_fields(pairs_of(evidence), *by_field), np.arange(4, dtype=np.int16) % 3, 1000)
    np.testing.assert_allclose(np.mean(sampled, axis=0), exact, atol=0.003)


@pytest.mark.parametrize("world", range(4))
@pytest.mark.parametrize("kind", [ambiguous, glued])
def test_sampling_agrees_with_enumeration(kind: Any, world: Any) -> None:
    """Components of six and eight records have the same probabilities by either way.

    The chains' own spread over the seeds says how near their mean must come, mostly 0.02; where births of several
    records change hands a chain moves slowly and spreads more. A wrong acceptance rule shows as 0.05 or more.
    """
    rng = np.random.default_rng(world)
    n = 6 + world % 2 * 2
    pairs, lists = pairs_of(kind(rng, range(n))), rng.integers(0, 3, n).astype(np.int16)
    if world > 1:
        pairs = random_fields(pairs, world)
    sampled, exact = sample(pairs, lists, 60)
    assert exact[exact < 0.98].max() > 0.02
    spread = np.std(sampled, axis=0) / np.sqrt(len(sampled))
    assert (np.abs(np.mean(sampled, axis=0) - exact) < 5.0 * spread + 0.001).all()
    assert np.median(spread) < 0.025


def test_a_large_component_of_clear_births_is_found() -> None:
    """Births of five records, tied into one component of sixty, are found from the greedy start on."""
    n = 60
    evidence = {(k, k + 1): (9.0, -5.0) for k in range(n - 1)}
    for first in range(0, n, 5):
        evidence |= dict.fromkeys(combinations(range(first, first + 5), 2), (20.0, 8.0))
    found = resolve(pairs_of(evidence), np.arange(n) % 5, prior_of(n_lists=5))
    assert found.n_sampled == 1
    assert found.birth.tolist() == (np.arange(n) // 5).tolist()
    assert found.birth_probability.min() > 0.95


def test_many_twins_in_one_component_are_matched_one_to_one() -> None:
    """Four pairs of twins on two lists whose mothers resemble each other: sixteen records, eight births."""
    evidence = {}
    for one, other in combinations(range(16), 2):
        mother, child = one // 4 == other // 4, one % 2 == other % 2
        evidence[one, other] = ((22.0 if child else 12.0), 20.0) if mother else (2.0, 2.0)
    evidence |= {(3, 4): (9.0, 2.0), (7, 8): (9.0, 2.0), (11, 12): (9.0, 2.0)}
    found = resolve(pairs_of(evidence), (np.arange(16) // 2) % 2)
    assert found.n_sampled == 1
    assert found.n_births == 8
    assert all(found.birth[k] == found.birth[k + 2] for k in range(16) if k % 4 < 2)


def test_the_seed_and_nothing_else_decides_the_sample() -> None:
    """The same seed gives the same probabilities, another seed others."""
    evidence = ambiguous(np.random.default_rng(1), range(14))
    one, again, other = (
        resolve(pairs_of(evidence), np.arange(14) % 3, options=Options(draws=0, seed=seed)).pair_probability
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()
