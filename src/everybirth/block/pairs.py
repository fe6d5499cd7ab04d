"""Blocks: records that share a key, laid out for the scan."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import numpy as np
import polars as pl

from everybirth.block.keys import Rule, used
from everybirth.compiled import kernel
from everybirth.tables import Blocks, BoolArray, Int32Array, Int64Array, Keys

WINDOW = 250  # records of a larger block are compared with so many neighbours only

_AT_ONCE = 4096  # rows, which stay in the processor's cache while column after column is written
_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)


def build(
    found: dict[str, Int32Array], rules: Sequence[Rule], window: int = WINDOW
) -> tuple[tuple[Blocks, ...], Keys, int]:
    """Lay out the blocks of every rule.

    found    part -> (n_records,) code or MISSING
    Returns  blocks per rule; what tells which rules bring two records together; number of oversized blocks
    """
    n = len(next(iter(found.values()))) if found else 0
    oversized = np.zeros(n, dtype=np.int32)

    lock = Lock()

    names = used(rules)
    parts = np.empty((n, len(names)), dtype=np.int32)
    for begin in range(0, n, _AT_ONCE):
        for k, name in enumerate(names):
            parts[begin : begin + _AT_ONCE, k] = found[name][begin : begin + _AT_ONCE]

    def lay_out(k: int) -> tuple[Blocks, int]:
        order, start = _group(parts, np.array([names.index(part) for part in rules[k]], dtype=np.int64))
        large = np.diff(start) > window + 1
        if large.any():
            _sort_within(order, start, large, [codes for name, codes in found.items() if name not in rules[k]])
            with lock:
                oversized[order[np.repeat(large, np.diff(start))]] |= np.int32(1 << k)
        return Blocks(order, start, window), int(large.sum())

    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:  # sorting lets go of the interpreter's lock
        laid_out = list(pool.map(lay_out, range(len(rules))))
    n_oversized = sum(large for _, large in laid_out)
    keys = Keys(parts, _rules_of(names, rules), oversized if n_oversized else np.zeros(1, np.int32))
    return tuple(blocks for blocks, _ in laid_out), keys, n_oversized


def _rules_of(names: Sequence[str], rules: Sequence[Rule]) -> Int32Array:
    """(2^n_names,) as bits, the rules whose parts are all among those of the index."""
    agree = np.arange(1 << len(names))
    table = np.zeros(len(agree), dtype=np.int32)
    for k, rule in enumerate(rules):
        asked = sum(1 << names.index(part) for part in rule)
        table[agree & asked == asked] |= np.int32(1 << k)
    return table


def _group(parts: Int32Array, asked: Int64Array) -> tuple[Int32Array, Int64Array]:
    """Records that agree on all asked parts (columns) side by side: their order and where each group of two or more
    begins.

    The records are sorted as numbers whose high bits are a hash of the parts and whose low bits are the record: that is
    several times quicker than sorting an index. Two keys that share the hash (a few in a million records) are scanned
    together.
    """
    low = (1 << len(parts).bit_length()) - 1
    packed = _packed(parts, asked, np.uint64(low))
    packed.sort()
    order, start = _runs(packed, np.uint64(low))
    return order, start


@kernel
def _packed(parts: Any, asked: Any, low: Any) -> Any:
    """Hash of the asked parts, the record in its low bits, for the records that have all of them."""
    packed = np.empty(len(parts), dtype=np.uint64)
    n = 0
    for i in range(len(parts)):
        key, has = _ODD, True
        for k in asked:
            has &= parts[i, k] >= 0
            key = (key ^ (np.uint64(parts[i, k]) + np.uint64(1))) * _MIX
            key = (key ^ (key >> np.uint64(29))) * _ODD
            key ^= key >> np.uint64(32)
        packed[n] = key & ~low | np.uint64(i)
        n += has
    return packed[:n].copy()


@kernel
def _runs(packed: Any, low: Any) -> Any:
    """Of sorted numbers, those that share the high bits with another: their low bits, and where each run begins."""
    n = len(packed)
    members = blocks = 0
    begin = 0
    for i in range(1, n + 1):
        if i == n or (packed[i] ^ packed[begin]) > low:
            if i - begin > 1:
                members += i - begin
                blocks += 1
            begin = i
    order, start = np.empty(members, dtype=np.int32), np.zeros(blocks + 1, dtype=np.int64)
    members = blocks = begin = 0
    for i in range(1, n + 1):
        if i == n or (packed[i] ^ packed[begin]) > low:
            if i - begin > 1:
                for k in range(begin, i):
                    order[members] = np.int32(packed[k] & low)
                    members += 1
                blocks += 1
                start[blocks] = members
            begin = i
    return order, start


def _sort_within(order: Int32Array, start: Int64Array, large: BoolArray, other: list[Int32Array]) -> None:
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
