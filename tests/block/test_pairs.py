"""Blocks: what they bring together, once; what they do with blocks that are too large."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.compare import naive

from everybirth.block import pairs as block_pairs
from everybirth.block.keys import Rule
from everybirth.tables import Blocks, Int32Array

RULES: tuple[Rule, ...] = (("date", "given"), ("family",), ("date", "family", "phone"))
Found = dict[str, Int32Array]


@st.composite
def _found(draw: st.DrawFn, most: int = 40) -> Found:
    """Codes of four parts, some missing, of few enough values that blocks fill."""
    n = draw(st.integers(0, most))
    return {
        name: np.array(draw(st.lists(st.integers(-1, high), min_size=n, max_size=n)), dtype=np.int32)
        for name, high in (("date", 3), ("given", 2), ("family", 4), ("phone", 1))
    }


def _agreeing(found: Found, rule: Rule) -> set[tuple[int, int]]:
    """Pairs of records that have and share all parts of a rule."""
    n = len(found["date"])
    return {(i, j) for i, j in combinations(range(n), 2) if all(found[part][i] == found[part][j] >= 0 for part in rule)}


def _members(block: Blocks) -> list[list[int]]:
    return [block.order[a:b].tolist() for a, b in zip(block.start[:-1], block.start[1:], strict=True)]


@given(_found())
def test_pairs_that_share_a_key_are_brought_together_once(found: Found) -> None:
    """Over all rules, every pair that shares the parts of one comes up exactly once, and no other pair does."""
    blocks, shared, oversized = block_pairs.build(found, RULES)
    brought = Counter(naive.pairs_in(blocks, shared))
    assert oversized == 0
    assert set(brought) == set().union(*(_agreeing(found, rule) for rule in RULES))
    assert set(brought.values()) <= {1}


@given(_found())
def test_blocks_hold_records_with_one_key(found: Found) -> None:
    """A block's records share the rule's parts and lack none; no two blocks share a key."""
    blocks, shared, _ = block_pairs.build(found, RULES)
    for rule, block in zip(RULES, blocks, strict=True):
        seen = set()
        for members in _members(block):
            values = {tuple(found[part][i] for part in rule) for i in members}
            assert len(members) >= 2
            assert len(values) == 1
            assert min(values.copy().pop()) >= 0
            assert not values & seen
            seen |= values
    assert shared.oversized.tolist() == [0]


@given(_found(), st.randoms(use_true_random=False))
def test_the_order_of_records_changes_nothing(found: Found, random: object) -> None:
    """Records in another order are brought together just the same."""
    n = len(found["date"])
    mixed = np.random.default_rng(n).permutation(n)
    pairs = naive.pairs_in(*block_pairs.build(found, RULES)[:2])
    moved = naive.pairs_in(*block_pairs.build({name: codes[mixed] for name, codes in found.items()}, RULES)[:2])
    assert sorted(pairs) == sorted(tuple(sorted((int(mixed[i]), int(mixed[j])))) for i, j in moved)


@given(_found(), st.integers(1, 6))
def test_oversized_blocks(found: Found, window: int) -> None:
    """In a block of more than window + 1 records each meets its neighbours only; smaller ones, and other rules' blocks,
    are whole.
    """
    blocks, shared, oversized = block_pairs.build(found, RULES, window)
    brought = set(naive.pairs_in(blocks, shared))
    sizes = [[len(members) for members in _members(block)] for block in blocks]
    assert oversized == sum(size > window + 1 for of_rule in sizes for size in of_rule)
    for block in blocks:
        for members in _members(block):
            if len(members) <= window + 1:
                assert set(combinations(sorted(members), 2)) <= brought
    assert brought <= set().union(*(_agreeing(found, rule) for rule in RULES))
    for k, (block, of_rule) in enumerate(zip(blocks, sizes, strict=True)):
        large = [
            i for members, size in zip(_members(block), of_rule, strict=True) if size > window + 1 for i in members
        ]
        marked = np.flatnonzero(np.broadcast_to(shared.oversized, len(found["date"])) >> k & 1)
        assert marked.tolist() == sorted(large)


def test_the_work_of_an_oversized_block_is_linear() -> None:
    """A value that half of all records hold costs window pairs per record, not pairs of all of them."""
    n = 20_000
    found = {
        "family": np.where(np.arange(n) % 2, 0, np.arange(n)).astype(np.int32),
        "given": np.arange(n, dtype=np.int32),
    }
    blocks, _, oversized = block_pairs.build(found, [("family",)])
    assert oversized == 1
    assert block_pairs.n_pairs(blocks) <= n / 2 * block_pairs.WINDOW


def test_records_alike_in_other_parts_are_neighbours_in_an_oversized_block() -> None:
    """Two records of a huge block that agree on all else meet, though the window is small."""
    rng = np.random.default_rng(3)
    half = {name: rng.integers(0, 50, 300).astype(np.int32) for name in ("given", "phone", "date")}
    mixed = rng.permutation(600)
    found = {name: np.tile(codes, 2)[mixed] for name, codes in half.items()} | {"family": np.zeros(600, np.int32)}
    blocks, shared, oversized = block_pairs.build(found, [("family",)], window=5)
    place = np.argsort(mixed)
    twins = {tuple(sorted((int(place[k]), int(place[k + 300])))) for k in range(300)}
    assert oversized == 1
    assert twins <= set(naive.pairs_in(blocks, shared))


@given(_found(), st.integers(1, 50))
def test_pairs_are_counted_as_they_come(found: Found, window: int) -> None:
    """n_pairs counts what the blocks bring together, a pair in two blocks twice."""
    blocks, _, _ = block_pairs.build(found, RULES, window)
    assert block_pairs.n_pairs(blocks) == len(naive.pairs_in(blocks))


@settings(max_examples=25)
@given(st.integers(2, 20), st.integers(0, 10**6))
def test_a_sample_is_a_share_of_whole_blocks(share: int, seed: int) -> None:
    """One block in so many is picked, whole, and whichever names or dates the keys stand for."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 20_000, 60_000).astype(np.int32)
    blocks, _, _ = block_pairs.build({"family": codes}, [("family",)])
    (picked,) = block_pairs.sample(blocks, share)
    whole, part = {tuple(m) for m in _members(blocks[0])}, {tuple(m) for m in _members(picked)}
    assert part <= whole
    expected = len(whole) / share
    assert abs(len(part) - expected) < 5 * np.sqrt(expected) + 1
    renamed = rng.permutation(20_000).astype(np.int32)[codes]
    (again,) = block_pairs.sample(block_pairs.build({"family": renamed}, [("family",)])[0], share)
    assert {tuple(m) for m in _members(again)} == part


def test_a_sample_of_all_is_all() -> None:
    """A share of one picks every block."""
    blocks, _, _ = block_pairs.build({"family": np.array([0, 0, 1, 1, 2], np.int32)}, [("family",)])
    assert block_pairs.sample(blocks, 1) == blocks


@pytest.mark.parametrize("codes", [[], [0], [-1, -1], [0, 1]])
def test_nobody_to_meet(codes: list[int]) -> None:
    """No record, one record, records without the part or each with its own: no block, and nothing breaks."""
    blocks, _, oversized = block_pairs.build({"family": np.array(codes, np.int32)}, [("family",)])
    assert oversized == 0
    assert _members(blocks[0]) == []
    assert block_pairs.n_pairs(blocks) == 0
    assert _members(block_pairs.sample(blocks, 3)[0]) == []


def test_no_rules() -> None:
    """Without rules there are no blocks."""
    assert block_pairs.build({}, [])[0] == ()
    blocks, shared, oversized = block_pairs.build({"family": np.zeros(3, np.int32)}, [])
    assert (blocks, shared.parts.shape, shared.rules_of.tolist(), oversized) == ((), (3, 0), [0], 0)
