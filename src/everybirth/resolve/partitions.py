"""Which records are one birth: the best partition of all records, how sure it is, and draws from its posterior."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, TypeVar

import numpy as np

from everybirth.errors import DataError
from everybirth.resolve.components import Components, find_components
from everybirth.resolve.draws import Draws, gather_draws
from everybirth.resolve.evidence import CERTAIN, Prior
from everybirth.resolve.exact import MOST_RECORDS
from everybirth.resolve.kernel import Problem, resolve_range
from everybirth.resolve.posterior import Deviations, trim
from everybirth.tables import Float32Array, Int16Array, Int32Array, Pairs, UInt64Array

CHUNKS = 64  # so that two to sixteen threads are evenly busy and progress is told often
LEAST_WORK = 20_000.0  # of a chunk, in units of one record
APART = 0.49  # a pair whose records were resolved apart is not shown as likelier than not
_PLAIN: tuple[Literal["C"], Literal["W"]] = ("C", "W")

S = TypeVar("S")
C = TypeVar("C")
T = TypeVar("T")


class EngineMap(Protocol):
    """Does work(shared, chunk) for every chunk and returns the results in the order of the chunks."""

    def __call__(self, work: Callable[[S, C], T], shared: S, chunks: Sequence[C], step: str) -> list[T]: ...


@dataclass(frozen=True, slots=True)
class Options:
    """How to resolve.

    draws   number of draws of the whole partition, at most 32,767
    seed    of the draws and of the sampling of large components
    floor   log odds; a pair below it, for same birth and for same delivery, ties no records together
    """

    draws: int = 100
    seed: int = 0
    floor: float = float(np.log(1e-4))


@dataclass(frozen=True, slots=True)
class Partition:
    """Every record in exactly one birth. Deliveries are summed out and appear nowhere.

    birth               (n_records,) birth of each record; births are numbered by their smallest record
    record_probability  (n_records,) posterior probability that the record belongs to that birth: mean over the other
                        members of P(same birth); for a record alone, that it is alone
    birth_probability   (n_births,) posterior probability that exactly these records are one birth
    pair_probability    (n_pairs,) posterior probability of same birth for each pair of the input; of a pair whose
                        records were resolved apart, that of the pair alone if neither record has another partner, at
                        most APART
    draws               draws of the partition
    n_cut               components that were too large and were cut at their weakest pairs
    n_sampled           components that were sampled, not enumerated
    """

    birth: Int32Array
    record_probability: Float32Array
    birth_probability: Float32Array
    pair_probability: Float32Array
    draws: Draws
    n_cut: int
    n_sampled: int

    @property
    def n_births(self) -> int:
        return len(self.birth_probability)


class PartitionChunk(NamedTuple):
    """What is found for a range of components; see kernel.Answer and posterior.Deviations."""

    leader: Int32Array
    record_probability: Float32Array
    birth_probability: Float32Array
    pair_probability: Float32Array
    n_sampled: int
    deviations: Deviations


def partition(
    pairs: Pairs, list_of: Int16Array, record_key: UInt64Array, prior: Prior, engine_map: EngineMap, options: Options
) -> Partition:
    """Resolve the records into births.

    pairs       compared pairs, each once, left < right, ascending
    list_of     (n_records,) list of each record
    record_key  (n_records,) stable key of each record, from which its component's random numbers follow
    prior       log odds before any field is compared
    engine_map  the engine's map
    Raises      DataError  if an array has not one entry per record, or a pair names a record that is not there

    A state groups the records of a component into births and the births into deliveries. Its log score is
        sum over births of n > 1 records:
            (n - 1) merge + duplicate[list] for each further record of the same list
            + sum over sources s:  max over its records t of  sum over its other records r of  same(t, r, s)
      + sum over deliveries of k > 1 births:
            (k - 1) mean over its pairs of births of (delivery + sum over s: max over pairs of records across of twin)
            - RARER (k - 2) - UNDERSTATED for each record that states fewer than k children, both only if k > 2.
    same(t, r, s) and twin(t, r, s) are what the fields of one source of error say for same birth and for same delivery
    of records t and r; t is only a record that has such a field. What same_birth and same_delivery hold
    beyond their fields counts as one more source. A reviewer's decision adds in full, for every pair.

    This is a composite likelihood, with the truth profiled out. A product over all pairs would count one slip n - 1
    times and n records' agreement n (n - 1) / 2 times. So for each source the record with which the others agree
    best is taken as the truth and every other record speaks once. Between births the pair of records that agrees best
    speaks, since any slip makes twins' records differ; and the births of a delivery, which share one mother and one
    day, speak once for each but one. A pair of one component that was never compared counts as ABSENT. Components of
    up to MOST_RECORDS are enumerated (partitions below LIGHT of the best are dropped); larger ones, and those with too
    many partitions that matter, are sampled.

    Source      Sadinle 2014 and Aleshin-Guendel & Sadinle 2023 for partitions as parameters; Varin, Reid & Firth 2011
                for composite likelihoods
    """
    _check(pairs, list_of, record_key, prior)
    components = find_components(pairs, len(list_of), prior, options.floor)
    problem = _problem(pairs, list_of, record_key, prior, components, options)
    parts = engine_map(partition_chunk, problem, _chunks(components), "resolve")
    return _assemble(pairs, list_of, prior, options, components, parts)


def partition_chunk(shared: Problem, chunk: tuple[int, int]) -> PartitionChunk:
    """Resolve the components chunk[0] to chunk[1] - 1."""
    answer, table = resolve_range(shared, *chunk)
    return PartitionChunk(
        answer.leader,
        answer.record_probability,
        answer.birth_probability,
        answer.pair_probability,
        int(answer.sampled[0]),
        trim(table),
    )


def _check(pairs: Pairs, list_of: Int16Array, record_key: UInt64Array, prior: Prior) -> None:
    n_records = len(list_of)
    if len(record_key) != n_records:
        message = f"{len(record_key)} record keys for {n_records} records. Give one key per record."
        raise DataError(message)
    out_of_range = len(pairs.left) and (pairs.left.min() < 0 or pairs.right.max() >= n_records)
    if out_of_range or (pairs.left >= pairs.right).any():
        message = f"Pairs must be of records 0 to {n_records - 1}, left < right. Give the pairs of these records."
        raise DataError(message)
    if n_records and list_of.max() >= len(prior.duplicate):
        message = (
            f"Records are of {list_of.max() + 1} lists, prior.duplicate of {len(prior.duplicate)}. Give one per list."
        )
        raise DataError(message)


def _problem(
    pairs: Pairs,
    list_of: Int16Array,
    record_key: UInt64Array,
    prior: Prior,
    components: Components,
    options: Options,
) -> Problem:
    """Everything as plain contiguous arrays of the one type for which the kernel is compiled."""
    return Problem(
        np.require(pairs.left, np.int32, _PLAIN),
        np.require(pairs.right, np.int32, _PLAIN),
        np.require(pairs.same_birth, np.float64, _PLAIN),
        np.require(pairs.same_delivery, np.float64, _PLAIN),
        np.require(pairs.levels, np.int8, _PLAIN),
        np.require(pairs.chance, np.int16, _PLAIN),
        np.require(pairs.log_m, np.float64, _PLAIN),
        np.require(pairs.source, np.int64, _PLAIN),
        np.require(list_of, np.int16, _PLAIN),
        np.require(prior.plurality, np.int8, _PLAIN) if len(prior.plurality) else np.zeros(len(list_of), np.int8),
        np.require(record_key, np.uint64, _PLAIN),
        components.order,
        components.offset,
        components.pair_order,
        components.pair_offset,
        float(prior.merge),
        np.require(prior.duplicate, np.float64, _PLAIN),
        float(prior.delivery),
        options.draws,
        np.uint64(options.seed),
    )


def _chunks(components: Components) -> list[tuple[int, int]]:
    """Ranges of components of about equal work; the results do not depend on where they are cut."""
    size = np.diff(components.offset).astype(np.float64)
    work = np.where(size <= MOST_RECORDS, 3.0 ** np.minimum(size, MOST_RECORDS) / 3.0, 1e6)
    done = np.cumsum(work)
    if not len(done):
        return []
    share = max(done[-1] / CHUNKS, LEAST_WORK)
    ends = np.flatnonzero(np.diff(np.floor(done / share).astype(np.int64), append=-1)) + 1
    starts = np.concatenate([[0], ends[:-1]])
    return [(int(first), int(last)) for first, last in zip(starts, ends, strict=True)]


def _assemble(
    pairs: Pairs,
    list_of: Int16Array,
    prior: Prior,
    options: Options,
    components: Components,
    parts: list[PartitionChunk],
) -> Partition:
    """Put the chunks' results in the order of the records and of the pairs, and number the births."""
    order = components.order
    leader = np.empty(len(order), np.int32)
    record_probability = np.ones(len(order), np.float32)
    of_leader = np.ones(len(order), np.float32)
    if parts:
        leader[order] = np.concatenate([part.leader for part in parts])
        record_probability[order] = np.concatenate([part.record_probability for part in parts])
        of_leader[order] = np.concatenate([part.birth_probability for part in parts])
    leads = leader == np.arange(len(leader), dtype=np.int32)
    number = (np.cumsum(leads) - 1).astype(np.int32)
    return Partition(
        birth=number[leader],
        record_probability=record_probability,
        birth_probability=of_leader[leads],
        pair_probability=_pair_probability(pairs, list_of, prior, components, parts),
        draws=gather_draws(leader, options.draws, [part.deviations for part in parts]),
        n_cut=components.n_cut,
        n_sampled=sum(part.n_sampled for part in parts),
    )


def _pair_probability(
    pairs: Pairs, list_of: Int16Array, prior: Prior, components: Components, parts: list[PartitionChunk]
) -> Float32Array:
    """Posterior for pairs within a component; for the others, too weak to tie or cut, that of two records alone, times
    the probability that neither belongs with another one.
    """
    found = np.zeros(len(pairs.left), np.float32)
    inner = components.pair_order
    if parts:
        found[inner] = np.concatenate([part.pair_probability for part in parts])
    taken = np.zeros(len(list_of), np.float32)  # probability of each record's likeliest partner
    for end in (pairs.left, pairs.right):
        np.maximum.at(taken, end[inner], found[inner])
    alone = np.ones(len(found), np.bool_)
    alone[inner] = False
    left, right = pairs.left[alone], pairs.right[alone]
    repeat = np.where(list_of[left] == list_of[right], prior.duplicate[list_of[left]], 0.0)
    odds = np.clip(pairs.same_birth[alone] + prior.merge + repeat, -CERTAIN, CERTAIN)
    free = (1.0 - taken[left]) * (1.0 - taken[right])
    found[alone] = np.minimum(free / (1.0 + np.exp(-odds)), APART)
    return found
