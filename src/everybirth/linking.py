"""The middle of the road, composed: block -> compare -> weigh -> resolve. Called by the pipeline only."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from everybirth.block import keys
from everybirth.block import pairs as block_pairs
from everybirth.compare import fields as compare_fields
from everybirth.compare import scan as compare_scan
from everybirth.levels import N_LEVELS, Comparison
from everybirth.plan import LinkPlan
from everybirth.resolve import Options, Partition, Prior, birth_ids, find_components, missing_pairs, record_keys
from everybirth.resolve import partition as resolve_partition
from everybirth.resolve.partitions import EngineMap
from everybirth.tables import BoolArray, Float64Array, Int8Array, Int32Array, Int64Array, Pairs, Records, Scored, Scores
from everybirth.weigh import em, model, truncation, unrelated
from everybirth.weigh import scores as weigh_scores

Step = Callable[[str], AbstractContextManager[None]]

_LEARN_FROM = 2_000_000  # pairs scanned to learn from; more teaches nothing new
_FLOOR = float(np.log(1e-3))  # log odds under which a pair is not followed up
_LEARN_FLOOR = float(np.log(1e-4))  # lower while the model is only guessed
_CONTEXT = 7  # levels from here on are seen only where another field agrees
_GOOD_RECALL = 0.98  # estimated recall of blocking under which the user is told
_SIBLING_DAYS = 300  # lists that span longer may hold two deliveries of one mother
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


@dataclass(frozen=True, slots=True)
class _Setting:
    """What learning and scanning share."""

    fields: compare_fields.Fields
    found: dict[str, Int32Array]
    rules: tuple[keys.Rule, ...]
    blocks: tuple[Any, ...]
    block_ids: Int32Array
    design: model.Design
    log_u: Float64Array
    log_near: Float64Array


def candidates(records: Records, engine_map: EngineMap, step: Step) -> Candidates:
    """From records to weighed pairs."""
    with step("block"):
        fields = compare_fields.fields(records)
        found = keys.parts(records, compare_fields.sounds(fields))
        rules, _ = keys.choose(found, records.n_records)
        blocks, block_ids, oversized = block_pairs.build(found, rules)
    with step("weigh"):
        design = model.design(fields.names, fields.comparisons)
        log_u, log_near = _unrelated(fields, _CHANCE)
        setting = _Setting(fields, found, rules, blocks, block_ids, design, log_u, log_near)
        learned = _learn(setting, records, engine_map)
        scores = weigh_scores.scores(design, learned.model, log_u, log_near, _FLOOR)
        del found, setting  # some hundred megabytes at a million births, no longer needed
    with step("compare"):
        scanned = compare_scan.scan(fields, scores, blocks, block_ids, engine_map)
    return Candidates(fields, rules, oversized, learned, scores, scanned)


def _unrelated(fields: compare_fields.Fields, seed: int) -> tuple[Float64Array, Float64Array]:
    """u of every level, and how many near neighbours a name has; logs."""
    matrix = fields.matrix
    left, right = unrelated.random_pairs(len(matrix.codes), seed)
    levels = compare_scan.levels(fields, left, right)
    date = fields.names.index("birth_date") if "birth_date" in fields.names else -1
    in_context: dict[int, Int8Array] = {}
    for f, e in enumerate(matrix.fields[:, compare_fields.ECHO]):
        if e >= 0 and fields.comparisons[f] is not Comparison.RANK:  # an order has no levels in context
            same_left, same_right = unrelated.pairs_with_equal(matrix.codes[:, e], seed)
            same = compare_scan.levels(fields, same_left, same_right)
            in_context[f] = same[unrelated.far_apart(same, date), f]
    shares = unrelated.level_shares(fields.comparisons, levels, date, in_context)
    near = np.full((len(fields.names), N_LEVELS), np.nan)
    for f, comparison in enumerate(fields.comparisons):
        if comparison is Comparison.NAME:
            value_levels = partial(compare_scan.value_levels, fields)
            near[f] = unrelated.neighbours(f, compare_scan.frequency_of(fields, f), value_levels, seed)
    return np.log(shares), near


def _learn(s: _Setting, records: Records, engine_map: EngineMap) -> em.Learned:
    """Fit the model on a sample of the blocks."""
    n_lists = len(records.list_names)
    start = model.first_guess(s.design, n_lists, records.n_records, _spans_siblings(records))
    share = max(1, round(block_pairs.n_pairs(s.blocks) / _LEARN_FROM))
    first = weigh_scores.scores(s.design, start, s.log_u, s.log_near, _LEARN_FLOOR)
    sampled = compare_scan.scan(s.fields, first, block_pairs.sample(s.blocks, share), s.block_ids, engine_map).pairs
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
    used = [
        name
        for name in keys.PARTS
        if any(name in rule for rule in s.rules) and keys.PARTS[name].field in s.fields.names
    ]
    if not used:
        return None
    present: BoolArray = np.array([(s.found[name][left] >= 0) & (s.found[name][right] >= 0) for name in used]).T
    equal = {name: np.array([keys.PARTS[name].equal.get(lev, 0.0) for lev in range(N_LEVELS)]) for name in used}
    for table in equal.values():
        table[_CONTEXT:] = 0.0 if table[1] == 1.0 and table[2] == 1.0 else table[_CONTEXT:]
    part_field = {name: s.fields.index(keys.PARTS[name].field) for name in used}
    return truncation.missed_by(s.fields.comparisons, part_field, equal, present, partial(keys.recall, s.rules))


def prior_odds(learned: em.Learned) -> tuple[float, Float64Array, float]:
    """Log prior odds for resolving: of merging records of two lists, of each list's repeats over that, of a common
    delivery.
    """
    prior = learned.model.prior
    across = prior[0, model.SAME_BIRTH] if len(prior) > 2 else prior[1, model.SAME_BIRTH]
    merge = float(np.log(across))
    duplicate = np.log(prior[1:, model.SAME_BIRTH]) - merge
    delivery = float(np.log(prior[:, model.SAME_DELIVERY].max()))
    return merge, duplicate, delivery


@dataclass(frozen=True, slots=True)
class Linked:
    """The records resolved into births, and how.

    fields      names of the compared fields
    pairs       the weighed pairs
    weight      (n_pairs,) match weight of same birth against unrelated, in bits
    partition   which records are one birth
    birth_id    (n_births,) String
    report      for run.json: rules, counts, model
    """

    fields: tuple[str, ...]
    pairs: Pairs
    weight: Float64Array
    partition: Partition
    birth_id: pl.Series
    report: dict[str, Any]
    warnings: tuple[str, ...]

    def deviation(self, draw: int) -> tuple[Int32Array, Int32Array]:
        """Records that a draw puts into another birth than the best partition does, and the first record of that
        birth.
        """
        labels = self.partition.draws.labels_of(draw)
        rows = np.flatnonzero(labels != self.partition.draws.base).astype(np.int32)
        return rows, labels[rows]


def link(records: Records, options: LinkPlan, engine_map: EngineMap, seed: int, step: Step) -> Linked:
    """From records to births.

    step   context manager that times a named step
    """
    found = candidates(records, engine_map, step)
    with step("resolve"):
        keys_of_records = record_keys(records.list_names, records.list_of, records.record_id)
        merge, duplicate, delivery = prior_odds(found.learned)
        prior = Prior(merge, duplicate, delivery, _plurality(records))
        pairs, weight = _complete(found, records.n_records, prior)
        how = Options(draws=options.draws, seed=seed, floor=_FLOOR)
        partition = resolve_partition(pairs, records.list_of, keys_of_records, prior, engine_map, how)
        ids = birth_ids(partition, keys_of_records)
    return Linked(
        found.fields.names, pairs, weight, partition, ids, _report(found, partition), _warnings(found, partition)
    )


def _plurality(records: Records) -> Int8Array:
    """(n_records,) children of the delivery that each record states, 0 for none."""
    column = records.columns.get("plurality")
    if column is None:
        return np.zeros(records.n_records, dtype=np.int8)
    stated = np.append(np.clip(column.values.to_numpy(), 0, 100), 0).astype(np.int8)
    return stated[column.codes]  # code -1 takes the last entry


def _complete(found: Candidates, n_records: int, prior: Prior) -> tuple[Pairs, Float64Array]:
    """The scanned pairs, and the pairs that the scan left out though other pairs tie their records together."""
    scored = found.scanned.pairs
    source = compare_fields.sources(found.fields.matrix)
    components = find_components(_weighed(scored, found.scores, source), n_records, prior, _FLOOR)
    left, right = missing_pairs(scored.left, scored.right, components)
    more = compare_scan.score(found.fields, found.scores, left, right)
    every = compare_scan.in_order([scored, more], len(found.fields.names))
    return _weighed(every, found.scores, source), weigh_scores.weight_bits(every.sums)


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
