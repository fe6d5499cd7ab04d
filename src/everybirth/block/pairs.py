"""Blocks: records that share a key, laid out for the scan."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from everybirth.block.keys import Rule
from everybirth.tables import Blocks, BoolArray, Int32Array, UInt64Array

WINDOW = 250  # records of a larger block are compared with so many neighbours only

_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)


def build(
    found: dict[str, Int32Array], rules: Sequence[Rule], window: int = WINDOW
) -> tuple[tuple[Blocks, ...], Int32Array, int]:
    """Lay out the blocks of every rule.

    found    part -> (n_records,) code or MISSING
    Returns  blocks per rule; (n_records, n_rules) number of the block of each record under each rule, 0 for none and
             for oversized blocks (whose pairs are not all looked at, so later rules may not rely on them); number of
             oversized blocks
    """
    n = len(next(iter(found.values()))) if found else 0
    block_ids = np.zeros((n, len(rules)), dtype=np.int32)

    def lay_out(k: int) -> tuple[Blocks, int]:
        order, start = _group([found[part] for part in rules[k]])
        large = np.diff(start) > window + 1
        if large.any():
            _sort_within(order, start, large, [codes for name, codes in found.items() if name not in rules[k]])
        ids = np.repeat(np.where(large, 0, np.arange(1, len(large) + 1, dtype=np.int32)), np.diff(start))
        block_ids[order, k] = ids
        return Blocks(order, start, window), int(large.sum())

    with ThreadPoolExecutor() as pool:  # sorting lets go of the interpreter's lock
        laid_out = list(pool.map(lay_out, range(len(rules))))
    return tuple(blocks for blocks, _ in laid_out), block_ids, sum(large for _, large in laid_out)


def _group(codes: Sequence[Int32Array]) -> tuple[Int32Array, "np.typing.NDArray[np.int64]"]:
    """Records that agree on all parts side by side, ascending: their order and where each group of two or more begins.

    The records are sorted as numbers whose high bits are a hash of the parts and whose low bits are the record: that is
    several times quicker than sorting an index. Two keys that share the hash (a few in a million records) are scanned
    together.
    """
    present = np.flatnonzero(np.logical_and.reduce([part >= 0 for part in codes])).astype(np.uint64)
    if len(present) < 2:
        return np.zeros(0, np.int32), np.zeros(1, np.int64)
    low = np.uint64((1 << int(present[-1]).bit_length()) - 1)
    packed = np.sort(_key([part[present] for part in codes]) & ~low | present)
    key = packed & ~low
    edge = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1], [True]]))
    size = np.diff(edge)
    keep = size >= 2
    start = np.concatenate([[0], np.cumsum(size[keep])]).astype(np.int64)
    return (packed[np.repeat(keep, size)] & low).astype(np.int32), start


def _key(codes: Sequence[Int32Array]) -> UInt64Array:
    """(n,) 64-bit hash of the parts together."""
    key = np.full(len(codes[0]), _ODD, dtype=np.uint64)
    for part in codes:
        key ^= part.astype(np.uint64) + np.uint64(1)
        key *= _MIX
        key ^= key >> np.uint64(29)
        key *= _ODD
        key ^= key >> np.uint64(32)
    return key


def _sort_within(
    order: Int32Array, start: "np.typing.NDArray[np.int64]", large: BoolArray, other: list[Int32Array]
) -> None:
    """Put records that agree on other parts next to each other within each oversized block (in place)."""
    for b in np.flatnonzero(large):
        members = order[start[b] : start[b + 1]]
        order[start[b] : start[b + 1]] = members[np.lexsort([members, *(codes[members] for codes in other)])]


def sample(blocks: Sequence[Blocks], share: int) -> tuple[Blocks, ...]:
    """Every share-th block of each rule, picked by a hash so that the pick does not hang on the order of keys."""
    if share <= 1:
        return tuple(blocks)
    return tuple(_pick(block, share) for block in blocks)


def _pick(block: Blocks, share: int) -> Blocks:
    size = np.diff(block.start)
    first = block.order[block.start[:-1]].astype(np.uint64) if len(size) else np.zeros(0, np.uint64)
    keep = ((first + np.uint64(1)) * _ODD >> np.uint64(33)) % np.uint64(share) == 0
    start = np.concatenate([[0], np.cumsum(size[keep])]).astype(np.int64)
    return Blocks(block.order[np.repeat(keep, size)], start, block.window)


def n_pairs(blocks: Sequence[Blocks]) -> int:
    """Pairs that the blocks hold, a pair in two blocks counted twice."""
    total = 0
    for block in blocks:
        size = np.diff(block.start)
        reach = np.minimum(size - 1, block.window)
        total += int(np.sum(size * reach - reach * (reach + 1) // 2))
    return total
