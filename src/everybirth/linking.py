"""The middle of the road, composed: block -> compare -> weigh -> resolve. Called by the pipeline only."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from everybirth.block import keys
from everybirth.block import pairs as block_pairs
from everybirth.compare import fields as compare_fields
from everybirth.compare import scan as compare_scan
from everybirth.levels import CONTEXT, N_LEVELS, Comparison
from everybirth.plan import LinkPlan
from everybirth.resolve import (
    Decisions,
    Options,
    Partition,
    Prior,
    apply_decisions,
    birth_ids,
    find_components,
    merged,
    missing_pairs,
    record_keys,
)
from everybirth.resolve import partition as resolve_partition
from everybirth.resolve.partitions import EngineMap
from everybirth.tables import (
    BoolArray,
    Float64Array,
    Int8Array,
    Int16Array,
    Int32Array,
    Int64Array,
    Keys,
    Pairs,
    Records,
    Scored,
    Scores,
)
from everybirth.weigh import em, hidden, model, truncation, unrelated
from everybirth.weigh import scores as weigh_scores
from everybirth.weigh.odds import prior_odds, sure_pairs

Step = Callable[[str], AbstractContextManager[None]]

_LEARN_FROM = 2_000_000  # pairs scanned to learn from; more teaches nothing new
_FLOOR = float(np.log(1e-3))  # log odds under which a pair is not followed up
_LEARN_FLOOR = float(np.log(1e-4))  # lower while the model is only guessed
_GOOD_RECALL = 0.98  # estimated recall of blocking under which the user is told
_SIBLING_DAYS = 300  # lists that span longer may hold two deliveries of one mother
_UNDECIDED = Decisions()
_AT_ONCE = 30_000  # pairs compared in one chunk
_SHOWN = 50_000  # pairs that show which parts of blocking keys records of two lists have, and how often they agree
_CHANCE = 0  # seed of the random pairs that show chance agreement; not the user's, which must change the draws only


@dataclass(frozen=True, slots=True)
class Candidates:
    """What blocking and comparing found, and the model that weighed it."""

    fields: compare_fields.Fields
    rules: tuple[keys.Rule, ...]
    oversized_blocks: int
    learned: em.Learned
    scores: Scores
    scanned: compare_scan.Scanned
    recall: Float64Array  # (n_lists, n_lists) P(brought together by blocking | same birth) for records of two lists


@dataclass(frozen=True, slots=True)
class _Setting:
    """What learning and scanning share."""

    fields: compare_fields.Fields
    rules: tuple[keys.Rule, ...]
    blocks: tuple[Any, ...]
    keys: Keys
    design: model.Design
    log_u: Float64Array
    log_near: Float64Array


def candidates(records: Records, engine_map: EngineMap, step: Step) -> Candidates:
    """From records to weighed pairs."""
    with step("block"):
        fields = compare_fields.fields(records)
        found = keys.parts(records, compare_fields.sounds(fields.matrix))
        rules, _ = keys.choose(found, records.n_records)
        blocks, shared, oversized = block_pairs.build(found, rules)
        del found  # a hundred megabytes at a million births, no longer needed
    with step("weigh"):
        design = model.design(fields.names, fields.comparisons)
        log_u, log_near = _unrelated(fields, _CHANCE)
        setting = _Setting(fields, rules, blocks, shared, design, log_u, log_near)
        learned = _learn(setting, records, engine_map)
        scores = weigh_scores.scores(design, learned.model, log_u, log_near, _FLOOR)
    with step("compare"):
        scanned = compare_scan.scan(fields, scores, blocks, shared, engine_map)
        recall = _recall(setting, learned, scanned.pairs, records.list_of)
    return Candidates(fields, rules, oversized, learned, scores, scanned, recall)


def _unrelated(fields: compare_fields.Fields, seed: int) -> tuple[Float64Array, Float64Array]:
    """u of every level, and how many near neighbours a name has; logs."""
    matrix = fields.matrix
    left, right = unrelated.random_pairs(len(matrix.codes), seed)
    date = fields.names.index("birth_date") if "birth_date" in fields.names else -1
    hung = [
        f
        for f, e in enumerate(matrix.fields[:, compare_fields.ECHO])
        if e >= 0 and fields.comparisons[f] is not Comparison.RANK  # an order has no levels in context
    ]
    names = [f for f, comparison in enumerate(fields.comparisons) if comparison is Comparison.NAME]

    def in_context(f: int) -> Int8Array:
        same_left, same_right = unrelated.pairs_with_equal(matrix.codes[:, matrix.fields[f, compare_fields.ECHO]], seed)
        same = compare_scan.levels(fields, same_left, same_right, [f] if date < 0 else [f, date])
        found: Int8Array = same[unrelated.far_apart(same, date), f]
        return found

    def near_to(f: int) -> Float64Array:
        value_levels = partial(compare_scan.value_levels, fields)
        return unrelated.neighbours(f, compare_scan.frequency_of(fields, f), value_levels, seed)

    near = np.full((len(fields.names), N_LEVELS), np.nan)
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:  # the kernels let go of the interpreter's lock
        levels = pool.submit(compare_scan.levels, fields, left, right)
        of_context = dict(zip(hung, pool.map(in_context, hung), strict=True))
        near[names] = list(pool.map(near_to, names)) or near[names]
    shares = unrelated.level_shares(fields.comparisons, levels.result(), date, of_context)
    return np.log(shares), near


def _learn(s: _Setting, records: Records, engine_map: EngineMap) -> em.Learned:
    """Fit the model on a sample of the blocks."""
    n_lists = len(records.list_names)
    start = model.first_guess(s.design, n_lists, records.n_records, _spans_siblings(records))
    share = max(1, round(block_pairs.n_pairs(s.blocks) / _LEARN_FROM))
    first = weigh_scores.scores(s.design, start, s.log_u, s.log_near, _LEARN_FLOOR)
    sampled = compare_scan.scan(s.fields, first, block_pairs.sample(s.blocks, share), s.keys, engine_map).pairs
    evidence = em.Evidence(
        levels=sampled.levels,
        log_u=weigh_scores.log_unrelated(sampled.levels, sampled.sums, first.log_m, first.uses),
        where=model.within_or_across(records.list_of[sampled.left], records.list_of[sampled.right]),
        all_pairs=model.pairs_in_all(records.list_of, n_lists),
        share=1.0 / share,
    )
    return em.learn(s.design, start, evidence, _missed(s, sampled.left, sampled.right))


def _spans_siblings(records: Records) -> bool:
    column = records.columns.get("birth_date")
    if column is None or len(column.values) == 0:
        return True
    days = column.values.to_numpy()[column.codes[column.codes >= 0]]
    low, high = np.quantile(days, [0.01, 0.99])
    return bool(high - low > 366 + _SIBLING_DAYS)


def _missed(s: _Setting, left: Int32Array, right: Int32Array) -> em.Missed | None:
    """The truncation by blocking, for the parts that the rules use."""
    part_field, part_equal = _parts(s)
    if not part_field:
        return None
    present = _present(s, left, right)
    return truncation.missed_by(s.fields.comparisons, part_field, part_equal, present, partial(keys.recall, s.rules))


def _parts(s: _Setting) -> tuple[dict[str, int], dict[str, Float64Array]]:
    """The field of each part that the rules use, and P(part equal | level)."""
    used = keys.used(s.rules)
    equal = {name: np.array([keys.PARTS[name].equal.get(lev, 0.0) for lev in range(N_LEVELS)]) for name in used}
    for table in equal.values():
        table[CONTEXT:] = 0.0 if table[1] == 1.0 and table[2] == 1.0 else table[CONTEXT:]
    return {name: s.fields.index(keys.PARTS[name].field) for name in used}, equal


def _present(s: _Setting, left: Int32Array, right: Int32Array) -> BoolArray:
    present: BoolArray = (s.keys.parts[left] >= 0) & (s.keys.parts[right] >= 0)
    return present


def _recall(s: _Setting, learned: em.Learned, scanned: Scored, list_of: Int16Array) -> Float64Array:
    """(n_lists, n_lists) P(brought together by blocking | same birth) for records of two lists."""
    n_lists, (part_field, part_equal) = len(learned.model.prior) - 1, _parts(s)
    if not part_field or n_lists < 2:
        return np.ones((n_lists, n_lists))
    rng = np.random.default_rng(_CHANCE)
    left, right = rng.integers(0, len(list_of), (2, _SHOWN)).astype(np.int32)
    sure = sure_pairs(learned, scanned, list_of)
    sure = sure[:: len(sure) // _SHOWN + 1]
    return hidden.recall_by_lists(
        truncation.parts_equal(learned.model.m[model.SAME_BIRTH], part_field, part_equal),
        _key_parts(s, scanned.left[sure], scanned.right[sure], list_of),
        _key_parts(s, left, right, list_of),
        n_lists,
        partial(keys.recall, s.rules),
    )


def _key_parts(s: _Setting, left: Int32Array, right: Int32Array, list_of: Int16Array) -> hidden.Parts:
    """Parts of keys of the pairs that are of two lists."""
    across = list_of[left] != list_of[right]
    left, right = left[across], right[across]
    present = _present(s, left, right)
    equal = present & (s.keys.parts[left] == s.keys.parts[right])
    return hidden.Parts(present, equal, np.column_stack([list_of[left], list_of[right]]))


@dataclass(frozen=True, slots=True)
class Linked:
    """The records resolved into births, and how.

    fields      names of the compared fields
    pairs       the weighed pairs
    weight      (n_pairs,) match weight of same birth against unrelated, in bits
    partition   which records are one birth
    birth_id    (n_births,) String
    hidden      pairs of one birth that were never looked at
    report      for run.json: rules, counts, model
    """

    fields: tuple[str, ...]
    pairs: Pairs
    weight: Float64Array
    partition: Partition
    birth_id: pl.Series
    hidden: hidden.Hidden
    report: dict[str, Any]
    warnings: tuple[str, ...]

    def without_levels(self) -> "Linked":
        """The same for the steps after the table of pairs, which ask only which pairs there are: two hundred megabytes
        less at a million births.
        """
        of_pairs = ("same_birth", "same_delivery", "levels", "chance")
        bare = {name: getattr(self.pairs, name)[:0].copy() for name in of_pairs}
        return replace(self, pairs=replace(self.pairs, **bare), weight=self.weight[:0].copy())


def link(
    records: Records,
    options: LinkPlan,
    engine_map: EngineMap,
    seed: int,
    step: Step,
    decisions: Decisions = _UNDECIDED,
) -> Linked:
    """From records to births.

    step       context manager that times a named step
    decisions  pairs of records that people know to be one birth, or two; none contradicts others
    """
    found = candidates(records, engine_map, step)
    with step("resolve"):
        found = _with_decided(found, decisions)
        keys_of_records = record_keys(records.list_names, records.list_of, records.record_id)
        sure = len(sure_pairs(found.learned, found.scanned.pairs, records.list_of))
        merge, duplicate, delivery = prior_odds(found.learned, records.list_of, sure)
        prior = Prior(merge, duplicate, delivery, _plurality(records))
        decide = partial(apply_decisions, decisions=decisions, n_records=records.n_records)
        pairs, weight, by_blocking = _complete(found, records.n_records, prior, decide, engine_map)
        how = Options(draws=options.draws, seed=seed, floor=_FLOOR)
        partition = resolve_partition(pairs, records.list_of, keys_of_records, prior, engine_map, how)
        ids = birth_ids(partition, keys_of_records)
        never = _hidden(found.recall, records, pairs, partition, by_blocking)
    report = _report(found, partition) | {"hidden_pairs": {"expected": never.total, "sd": never.sd}}
    return Linked(found.fields.names, pairs, weight, partition, ids, never, report, _warnings(found, partition))


def _hidden(
    recall: Float64Array, records: Records, pairs: Pairs, partition: Partition, by_blocking: BoolArray
) -> hidden.Hidden:
    """Pairs of one birth that were never looked at; those scanned tell how many there should be."""
    n_lists = len(records.list_names)
    probability = partition.pair_probability.astype(np.float64)
    lists = np.column_stack([records.list_of[pairs.left], records.list_of[pairs.right]])
    seen = hidden.pairs_by_lists(probability[by_blocking], lists[by_blocking], n_lists)
    beside = hidden.pairs_by_lists(probability[~by_blocking], lists[~by_blocking], n_lists)
    return hidden.hidden_pairs(seen, beside, recall)


def _plurality(records: Records) -> Int8Array:
    """(n_records,) children of the delivery that each record states, 0 for none."""
    column = records.columns.get("plurality")
    if column is None:
        return np.zeros(records.n_records, dtype=np.int8)
    stated = np.append(np.clip(column.values.to_numpy(), 0, 100), 0).astype(np.int8)
    return stated[column.codes]  # code -1 takes the last entry


def _with_decided(found: Candidates, decisions: Decisions) -> Candidates:
    """The candidates with every decided pair among them, so that its fields are compared however weak it looked."""
    decided = np.sort(np.concatenate([decisions.same, decisions.different]), axis=1)
    decided = decided[decided[:, 0] != decided[:, 1]]
    if not len(decided):
        return found
    left, right = np.ascontiguousarray(decided[:, 0]), np.ascontiguousarray(decided[:, 1])
    scored = compare_scan.score(found.fields, found.scores, left, right)
    pairs = compare_scan.in_order([found.scanned.pairs, scored], len(found.fields.names))
    return replace(found, scanned=replace(found.scanned, pairs=pairs))


def _complete(
    found: Candidates, n_records: int, prior: Prior, decide: Callable[[Pairs], Pairs], engine_map: EngineMap
) -> tuple[Pairs, Float64Array, BoolArray]:
    """The scanned pairs, and the pairs that the scan left out though other pairs tie their records together.

    decide   makes people's decisions part of the evidence
    Returns  the pairs, their match weights, and which of them were scanned
    """
    scored = found.scanned.pairs
    source = compare_fields.sources(found.fields.matrix)
    components = find_components(decide(_weighed(scored, found.scores, source)), n_records, prior, _FLOOR)
    left, right = missing_pairs(scored.left, scored.right, components)
    every, by_blocking = merged(scored, _scored(found, left, right, engine_map))
    return decide(_weighed(every, found.scores, source)), weigh_scores.weight_bits(every.sums), by_blocking


def _scored(found: Candidates, left: Int32Array, right: Int32Array, engine_map: EngineMap) -> Scored:
    """Given pairs, compared in chunks."""
    ends = [slice(at, at + _AT_ONCE) for at in range(0, max(len(left), 1), _AT_ONCE)]
    shared = (found.fields, found.scores)
    parts = engine_map(_score_some, shared, [(left[some], right[some]) for some in ends], "complete")
    return compare_scan.stacked(parts)


def _score_some(shared: tuple[compare_fields.Fields, Scores], ends: tuple[Int32Array, Int32Array]) -> Scored:
    """One chunk: a function of the module, so that any engine can ship it."""
    return compare_scan.score(*shared, *ends)


def _weighed(scored: Scored, scores: Scores, source: Int64Array) -> Pairs:
    same_birth, same_delivery = weigh_scores.likelihood_ratios(scored.sums, scores.prior)
    return Pairs(
        scored.left, scored.right, same_birth, same_delivery, scored.levels, scored.chance, scores.log_m[:2], source
    )


def _report(found: Candidates, partition: Partition) -> dict[str, Any]:
    """What run.json says of linking."""
    learned = found.learned
    return {
        "rules": [" x ".join(rule) for rule in found.rules],
        "oversized_blocks": found.oversized_blocks,
        "pairs_scanned": found.scanned.n_scanned,
        "pairs_compared": found.scanned.n_compared,
        "pairs_weighed": len(found.scanned.pairs.left),
        "blocking_recall": learned.recall,
        "rounds": len(learned.log_posterior),
        "log_posterior": list(learned.log_posterior),
        "prior": {name: [float(x) for x in learned.model.prior[:, c]] for c, name in enumerate(model.CLASSES)},
        "levels": weigh_scores.level_table(
            found.fields.names, found.fields.comparisons, learned.model.m, found.scores.log_u
        ),
        "components_sampled": partition.n_sampled,
        "components_cut": partition.n_cut,
    }


def _warnings(found: Candidates, partition: Partition) -> tuple[str, ...]:
    warnings = []
    if found.oversized_blocks:
        warnings.append(
            f"Blocks of more than {block_pairs.WINDOW:,} records that agree on a blocking key: "
            f"{found.oversized_blocks:,}. There each record was compared with its nearest neighbours only. Look for a "
            "value that stands for many (a date or name filled in by rote)."
        )
    if partition.n_cut:
        warnings.append(
            "Groups of records that are tied together so widely that they were cut at their weakest pairs: "
            f"{partition.n_cut:,}."
        )
    if found.learned.recall < _GOOD_RECALL:
        warnings.append(
            f"Blocking is estimated to miss {100 * (1 - found.learned.recall):.1f}% of the pairs of one birth: the "
            "lists share few fields that agree exactly. Map more columns if the files have them."
        )
    return tuple(warnings)
