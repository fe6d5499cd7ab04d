"""The score of a pair, and the scan of blocks, against brute force over all pairs."""

from collections.abc import Sequence
from datetime import date
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.compare import naive, worlds

from everybirth.block import keys
from everybirth.block import pairs as block_pairs
from everybirth.compare import bounds, scan
from everybirth.compare import fields as compare_fields
from everybirth.engine import open_engine
from everybirth.levels import CHANCE_UNIT, N_LEVELS, Comparison
from everybirth.tables import Blocks, Keys, Scores

RULES: tuple[keys.Rule, ...] = (
    ("date", "given"),
    ("month", "family"),
    ("residence",),
    ("mother_given", "month"),
    ("number",),
    ("mother_family",),
)
SINGLE = 1e-4  # sums are added up in single precision
BY_VALUE = {Comparison.NAME, Comparison.DATE, Comparison.WEIGHT, Comparison.SAME, Comparison.CODE, Comparison.AGE}


def _here(work: Any, shared: Any, chunks: Sequence[Any], step: str) -> list[Any]:
    return [work(shared, chunk) for chunk in chunks]


def _scores(fields: compare_fields.Fields, seed: int, floor: float = -2.0) -> Scores:
    """Any scores that a model might have learned, the odd ones included."""
    rng = np.random.default_rng(seed)
    shape = (len(fields.names), N_LEVELS)
    log_m = np.log(rng.dirichlet(np.full(N_LEVELS - 1, 0.5), (3, len(fields.names))) + 1e-4)
    log_m = np.concatenate([np.zeros((3, len(fields.names), 1)), log_m], axis=2)
    log_u = np.log(rng.dirichlet(np.full(N_LEVELS, 0.5), shape[0]) + 1e-4)
    log_near = np.full(shape, np.nan)
    names = [f for f, kind in enumerate(fields.comparisons) if kind is Comparison.NAME]
    log_near[np.ix_(names, [2, 3])] = rng.normal(0.5, 1.0, (len(names), 2))
    uses = np.ones((3, len(fields.names)), dtype=bool)
    uses[2] = rng.random(len(fields.names)) < 0.6
    by_value = np.array([kind in BY_VALUE for kind in fields.comparisons], dtype=bool)
    return Scores(log_m, log_u, log_near, by_value, uses, np.array([-3.0, -5.0, -np.inf]), floor)


def _pairs(found: scan.Scanned) -> list[tuple[int, int]]:
    return list(zip(found.pairs.left.tolist(), found.pairs.right.tolist(), strict=True))


def _blocks(fields: compare_fields.Fields, records: Any, window: int) -> tuple[tuple[Blocks, ...], Keys]:
    found = keys.parts(records, compare_fields.sounds(fields.matrix))
    rules = [rule for rule in RULES if all(part in found for part in rule)]
    blocks, shared, _ = block_pairs.build(found, rules, window)
    return blocks, shared


def _world(
    n: int, seed: int, missing: float = 0.15, only: Sequence[str] | None = None
) -> tuple[list[worlds.Row], Any, compare_fields.Fields]:
    rows = worlds.rows(n, seed, missing)
    if only is None:
        for row in rows:
            row.pop("mother_age")  # would be filled in from the dates: not this test's concern
    else:
        rows = [{name: row[name] for name in only} for row in rows]
    records = worlds.records(rows)
    return rows, records, compare_fields.fields(records)


@settings(max_examples=12)
@given(st.integers(0, 10**6))
def test_score_is_the_sum_of_the_docstrings(seed: int) -> None:
    """Of every pair: levels, and log m - log u added up field by field with u by value, by nearness or by level."""
    rows, _, fields = _world(14, seed)
    scores = _scores(fields, seed)
    shares = naive.Frequencies(rows, fields.names)
    pairs = list(combinations(range(len(rows)), 2))
    left, right = (np.array(side, dtype=np.int32) for side in zip(*pairs, strict=True))
    scored = scan.score(fields, scores, left, right)
    assert (scored.left is left, scored.right is right) == (True, True)
    for p, (i, j) in enumerate(pairs):
        levels = naive.levels(fields.names, fields.comparisons, rows[i], rows[j])
        chances = naive.log_chances(fields.names, levels, scores, (rows[i], rows[j]), shares)
        assert scored.levels[p].tolist() == levels
        assert np.abs(scored.chance[p] * CHANCE_UNIT - chances).max() <= 0.5001 * CHANCE_UNIT
        assert scored.sums[p] == pytest.approx(naive.sums(levels, chances, scores), abs=SINGLE)


few = st.sampled_from(
    [
        None,
        ["residence", "birth_place", "facility", "site"],
        ["residence", "birth_place"],
        ["child_family_name", "mother_family_name", "father_family_name", "birth_date"],
        ["mother_family_name", "mother_given_name"],
        ["child_given_name", "child_family_name", "sex", "birth_date"],
        ["residence", "extra.seen"],
        ["residence", "mother_birth_date", "mother_age"],
        ["registration_number", "birth_weight", "plurality", "delivery_order"],
    ]
)


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.sampled_from([3, 1000]), few, st.sampled_from([0, 4096]))
def test_scan_keeps_what_brute_force_keeps(seed: int, window: int, only: list[str] | None, at_once: int) -> None:
    """Exactly the pairs of the blocks whose score reaches the floor, with the very levels and sums of scoring each
    alone; floors are put just under what some pair scores, so that no bound may be too low by a hair. Codes are many or
    few.
    """
    _, records, fields = _world(60, seed, 0.2, only)
    blocks, shared = _blocks(fields, records, window)
    brought = naive.pairs_in(blocks, shared)
    pairs = sorted(set(brought))
    left, right = (np.array([pair[side] for pair in pairs], dtype=np.int32) for side in (0, 1))
    scores = _scores(fields, seed)
    alone = scan.score(fields, scores, left, right)
    odds = np.sort(np.max(alone.sums[:, :2] + scores.prior[:2], axis=1))
    for floor in odds[:: max(len(odds) // 12, 1)] - 1e-3:
        here = scores._replace(floor=float(floor))
        kept = np.array([naive.is_kept(sums, here) for sums in alone.sums.tolist()], dtype=bool)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(bounds, "_FEW", at_once)
            found = scan.scan(fields, here, blocks, shared, _here)
        assert _pairs(found) == [pair for pair, is_kept in zip(pairs, kept, strict=True) if is_kept]
        for name in ("levels", "chance", "sums"):
            assert np.array_equal(getattr(found.pairs, name), getattr(alone, name)[kept])
        assert found.n_scanned == len(brought)
        assert len(found.pairs.left) <= found.n_compared <= found.n_scanned


def test_the_bound_spares_comparing() -> None:
    """With a usual floor most pairs are never compared in full, and some are kept."""
    _, records, fields = _world(300, 5, 0.0)
    blocks, shared = _blocks(fields, records, 1000)
    log_m = np.full((3, len(fields.names), N_LEVELS), np.log(0.02))
    log_m[:, :, 1] = np.log(0.9)
    scores = _scores(fields, 5)._replace(log_m=log_m, log_u=np.full(log_m.shape[1:], np.log(0.1)), floor=-12.0)
    found = scan.scan(fields, scores, blocks, shared, _here)
    assert 0 < len(found.pairs.left) <= found.n_compared < 0.5 * found.n_scanned


@given(
    st.lists(st.lists(st.integers(2, 60), max_size=30), min_size=1, max_size=3),
    st.integers(1, 40),
    st.integers(1, 3000),
)
def test_chunks_cover_every_block_once(sizes: list[list[int]], window: int, at_most: int) -> None:
    """Every block of every rule is in one chunk, whatever the blocks' sizes."""
    blocks = []
    for rule in sizes:
        start = np.concatenate([[0], np.cumsum(rule)]).astype(np.int64)
        blocks.append(Blocks(np.arange(start[-1], dtype=np.int32), start, window))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "_PAIRS_PER_CHUNK", at_most)
        chunks = scan._chunks(blocks)
    covered = [(chunk.rule, block) for chunk in chunks for block in range(chunk.first, chunk.last)]
    assert sorted(covered) == [(rule, block) for rule, of in enumerate(sizes) for block in range(len(of))]
    assert all(chunk.first < chunk.last for chunk in chunks)


@pytest.mark.parametrize(("per_chunk", "buffer", "threads"), [(1, 1 << 16, 3), (100, 1, 2), (10**6, 7, 1), (37, 64, 4)])
def test_results_do_not_depend_on_chunks_buffers_or_threads(
    per_chunk: int, buffer: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the work is cut, however often buffers fill up, however many threads: the same bytes."""
    _, records, fields = _world(120, 7)
    scores = _scores(fields, 7, -6.0)
    blocks, shared = _blocks(fields, records, 20)
    whole = scan.scan(fields, scores, blocks, shared, _here)
    monkeypatch.setattr(scan, "_PAIRS_PER_CHUNK", per_chunk)
    monkeypatch.setattr(scan, "_BUFFER", buffer)
    with open_engine("local", threads) as engine:
        cut = scan.scan(fields, scores, blocks, shared, engine.map)
    assert len(whole.pairs.left) > 50
    for name in ("left", "right", "levels", "chance", "sums"):
        assert np.array_equal(getattr(whole.pairs, name), getattr(cut.pairs, name))
    assert (whole.n_scanned, whole.n_compared) == (cut.n_scanned, cut.n_compared)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_records(n: int) -> None:
    """None, one or two records: no pair or the one pair there is."""
    rows: list[worlds.Row] = [{"birth_date": date(2024, 1, 1), "child_given_name": "amina", "residence": "x1"}] * n
    records = worlds.records(rows)
    fields = compare_fields.fields(records)
    rules: tuple[keys.Rule, ...] = (("date", "given"), ("residence",)) if n else ()
    found = keys.parts(records, compare_fields.sounds(fields.matrix))
    blocks, shared, _ = block_pairs.build(found, rules)
    scanned = scan.scan(fields, _scores(fields, 1, -99.0), blocks, shared, _here)
    assert _pairs(scanned) == [(0, 1)][: max(n - 1, 0)]
    assert scanned.pairs.levels.shape == scanned.pairs.chance.shape == (max(n - 1, 0), len(fields.names))
    assert scanned.pairs.sums.shape == (max(n - 1, 0), 3)


def test_records_without_a_value_are_in_no_pair() -> None:
    """Records that lack every field meet nobody, and score nothing where they are asked for."""
    rows: list[worlds.Row] = [
        {"birth_date": date(2024, 1, 1), "residence": "x1"},
        {"residence": None},
        {"residence": None},
    ]
    records = worlds.records(rows)
    fields = compare_fields.fields(records)
    found = keys.parts(records, compare_fields.sounds(fields.matrix))
    blocks, shared, _ = block_pairs.build(found, (("residence",), ("date",)))
    scores = _scores(fields, 1, -99.0)
    assert _pairs(scan.scan(fields, scores, blocks, shared, _here)) == []
    scored = scan.score(fields, scores, np.array([0, 1], np.int32), np.array([1, 2], np.int32))
    assert not scored.levels.any()
    assert not scored.chance.any()
    assert not scored.sums.any()
