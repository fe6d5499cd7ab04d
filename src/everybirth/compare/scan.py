"""Scan blocks for pairs, in chunks that an engine can share out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from everybirth.compare import kernels
from everybirth.compare.bounds import Tops, tops
from everybirth.compare.fields import ECHO, Fields, Matrix
from everybirth.compare.sweep import sweep
from everybirth.tables import Blocks, Int8Array, Int32Array, Int64Array, Keys, Scored, Scores

EngineMap = Callable[[Callable[[Any, Any], Any], Any, Sequence[Any], str], list[Any]]

_ALL = slice(None)
_BUFFER = 1 << 16  # pairs kept before the kernel hands them over
_PAIRS_PER_CHUNK = 1_000_000  # a second of work at most: progress moves and cancelling is prompt


class Shared(NamedTuple):
    """What every chunk of a scan needs."""

    matrix: Matrix
    scores: Scores
    blocks: tuple[Blocks, ...]
    keys: Keys
    tops: Tops


class Chunk(NamedTuple):
    """Blocks first..last - 1 of one rule."""

    rule: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Scanned:
    """Pairs that reached the floor.

    pairs        each once, ascending
    n_scanned    pairs that were looked at
    n_compared   pairs of them whose values were compared in full
    """

    pairs: Scored
    n_scanned: int
    n_compared: int


def scan(fields: Fields, scores: Scores, blocks: Sequence[Blocks], keys: Keys, engine_map: EngineMap) -> Scanned:
    """Compare the pairs of all blocks and keep those whose log odds reach scores.floor."""
    shared = Shared(fields.matrix, scores, tuple(blocks), keys, tops(fields.matrix, scores))
    parts = engine_map(scan_chunk, shared, _chunks(blocks), "compare")
    pairs = in_order([part.pairs for part in parts], len(fields.names))
    return Scanned(pairs, sum(part.n_scanned for part in parts), sum(part.n_compared for part in parts))


def in_order(parts: Sequence[Scored], n_fields: int) -> Scored:
    """Put pairs under one another, ascending, each once (a windowed block may bring a pair together twice)."""
    table = [_empty(n_fields), *parts]
    key = np.concatenate([part.left.astype(np.int64) << 32 | part.right for part in table])
    order = np.argsort(key)
    key = key[order]
    order = order[np.concatenate([[True], key[1:] != key[:-1]])[: len(key)]].astype(np.int32)
    del key
    # one array after the other, since all of them twice would be much at a million births
    return stacked(table, order)


def stacked(parts: Sequence[Scored], order: "slice | Int32Array" = _ALL) -> Scored:
    """Pairs under one another, of which those in order are taken."""
    return Scored(
        *(np.concatenate([getattr(part, of.name) for part in parts])[order] for of in dataclass_fields(Scored))
    )


def _chunks(blocks: Sequence[Blocks]) -> list[Chunk]:
    """Cut each rule's blocks into runs of about equal work."""
    chunks = []
    for rule, block in enumerate(blocks):
        size = np.diff(block.start)
        reach = np.minimum(size - 1, block.window)
        work = np.cumsum(size * reach - reach * (reach + 1) // 2)
        if len(work) == 0:
            continue
        marks = np.arange(_PAIRS_PER_CHUNK, work[-1] + _PAIRS_PER_CHUNK, _PAIRS_PER_CHUNK)
        cuts = np.unique(np.concatenate([[0], np.minimum(np.searchsorted(work, marks) + 1, len(size))]))
        chunks += [Chunk(rule, int(a), int(b)) for a, b in pairwise(cuts)]
    return chunks


def scan_chunk(shared: Shared, chunk: Chunk) -> Scanned:
    """The scan of one chunk: a module-level function, so that any engine can ship it."""
    matrix, scores = shared.matrix, shared.scores
    block = shared.blocks[chunk.rule]
    n_fields = len(matrix.fields)
    first = int(block.start[chunk.first])
    state = np.array([chunk.first, first, first + 1, 0, 0], dtype=np.int64)
    where = (chunk.rule, block.order, block.start, chunk.last, block.window, shared.keys)
    buffer = _empty(n_fields, _BUFFER)
    out = (buffer.left, buffer.right, buffer.levels, buffer.chance, buffer.sums)
    kept = []
    while state[0] < chunk.last:
        filled = sweep(matrix, scores, shared.tops, where, state, out)
        kept.append(tuple(part[:filled].copy() for part in out))
    return Scanned(Scored(*(np.concatenate(part) for part in zip(*kept, strict=True))), int(state[3]), int(state[4]))


def _empty(n_fields: int, room: int = 0) -> Scored:
    return Scored(
        np.empty(room, np.int32),
        np.empty(room, np.int32),
        np.empty((room, n_fields), np.int8),
        np.empty((room, n_fields), np.int16),
        np.empty((room, 3), np.float32),
    )


def score(fields: Fields, scores: Scores, left: Int32Array, right: Int32Array) -> Scored:
    """Given pairs, however low they score, in the order given."""
    room = _empty(len(fields.names), len(left))
    kernels.score_pairs(
        fields.matrix, scores._replace(floor=-np.inf), left, right, (room.levels, room.chance, room.sums)
    )
    return Scored(left, right, room.levels, room.chance, room.sums)


def levels(fields: Fields, left: Int32Array, right: Int32Array, only: Sequence[int] = ()) -> Int8Array:
    """Levels (n_pairs, n_fields) of given pairs; with `only`, 0 but for those fields and what they hang on."""
    wanted = np.full(len(fields.names), not only)
    for f in only:
        at = f
        while at >= 0:
            wanted[at] = True
            at = fields.matrix.fields[at, ECHO]
    out = np.zeros((len(left), len(fields.names)), dtype=np.int8)
    kernels.levels_of_pairs(fields.matrix, left, right, wanted, out)
    return out


def value_levels(fields: Fields, field: int, a: Int32Array, b: Int32Array) -> Int8Array:
    """Comparison levels (n,) of pairs of values (codes) of one field."""
    out = np.zeros(len(a), dtype=np.int8)
    kernels.levels_of_values(fields.matrix, field, a, b, out)
    return out


def frequency_of(fields: Fields, field: int) -> Int64Array:
    """How many records hold each value of a field, (n_values,)."""
    codes = fields.matrix.codes[:, field]
    return np.bincount(codes[codes >= 0], minlength=fields.n_values[field])
