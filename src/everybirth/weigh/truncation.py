"""What blocking hides: the expected pairs of one birth that no rule brings together."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from everybirth.levels import Comparison
from everybirth.tables import BoolArray, Float64Array, Int64Array
from everybirth.weigh.em import Missed
from everybirth.weigh.model import groups

MOST_OUTCOMES = 1 << 20  # of all masks together
FEWEST_TOLD = 6  # parts

# Recall of the rules per mask, and P(part equal | missed); see block.recall.
Recall = Callable[[dict[str, Float64Array]], tuple[Float64Array, dict[str, Float64Array]]]


def missed_by(
    comparisons: Sequence[Comparison],
    part_field: Mapping[str, int],
    part_equal: Mapping[str, Float64Array],
    present: BoolArray,
    recall: Recall,
) -> Missed:
    """Make the correction that `learn` applies in each round.

    comparisons  per field
    part_field   part of a blocking key -> the field it is made of
    part_equal   part -> (n_levels,) P(part equal | level)
    present      (n_pairs, n_parts) whether both records of each sampled pair have the part, parts in the order of
                 part_field
    recall       the rules' recall; pairs are grouped by which parts they have (`masks`), since a missing part disables
                 its rules
    """
    names = list(part_field)
    has, mask_of = masks(present)

    def missed(m: Float64Array, weight: Float64Array) -> tuple[Float64Array, float]:
        p = parts_equal(m, part_field, part_equal)
        found, rest = recall({name: has[:, k] * p[name] for k, name in enumerate(names)})
        seen = np.bincount(mask_of, weights=weight, minlength=len(has))
        hidden = seen * (1.0 - found) / np.maximum(found, 0.05)
        own, counts = np.zeros_like(m), np.zeros_like(m)
        for f in range(len(m)):
            group = groups(comparisons[f])[0]  # neither "missing" nor levels in context: those are other distributions
            own[f, group] = m[f, group]
            mine = [name for name in names if part_field[name] == f]
            counts[f] = _expected_levels(
                own[f], [(rest[name], part_equal[name], has[:, names.index(name)]) for name in mine], hidden
            )
        total = seen.sum() + hidden.sum()
        return counts, float(seen.sum() / total) if total > 0 else 1.0

    return missed


def masks(present: BoolArray) -> tuple[Float64Array, Int64Array]:
    """Which parts pairs have, each combination once.

    present   (n_pairs, n_parts)
    Returns   (n_masks, n_parts) share of the mask's pairs that have each part; (n_pairs,) the mask of each pair
    The recall of a mask sums over all outcomes of its parts. So that many parts with many gaps stay affordable, at most
    as many of the parts tell masks apart as MOST_OUTCOMES allows, the first ones that some pairs have and some lack.
    Of the others a mask has the average: recall is linear in each part, so that this is exact where gaps are
    independent.
    """
    n_parts = present.shape[1]
    varied = np.flatnonzero(present.any(axis=0) & ~present.all(axis=0))
    told = varied[: max(MOST_OUTCOMES.bit_length() - 1 - n_parts, FEWEST_TOLD)]
    bits = present[:, told] @ (1 << np.arange(len(told), dtype=np.int64))
    _, mask_of, count = np.unique(bits, return_inverse=True, return_counts=True)
    has = [np.bincount(mask_of, weights=part, minlength=len(count)) for part in present.T]
    return np.reshape(has, (n_parts, len(count))).T / count[:, None], mask_of


def parts_equal(
    m: Float64Array, part_field: Mapping[str, int], part_equal: Mapping[str, Float64Array]
) -> dict[str, float]:
    """P(part equal | same birth) of each part, below 1; "month" given that the date differs.

    m   (n_fields, n_levels) P(level | same birth); the others as for `missed_by`
    """
    p = {name: float(m[field] @ part_equal[name]) for name, field in part_field.items()}
    if "date" in p and "month" in p:
        p["month"] = (p["month"] - p["date"]) / max(1.0 - p["date"], 1e-9)
    return {name: min(value, 1.0 - 1e-9) for name, value in p.items()}


def _expected_levels(
    m: Float64Array, parts: list[tuple[Float64Array, Float64Array, Float64Array]], hidden: Float64Array
) -> Float64Array:
    """Expected level counts (n_levels,) of one field among the hidden pairs that have it.

    parts   (P(equal | missed), P(equal | level), share that has it) of the field's parts, the strictest first
    """
    counts = np.zeros_like(m)
    if not parts:
        return counts  # the field has no say in blocking: what is hidden looks like what is seen
    left, unequal = np.ones_like(hidden), m.copy()
    for rest, equal, has in parts:
        like = unequal * equal
        counts += like / max(like.sum(), 1e-12) * float(np.sum(hidden * has * rest))
        left = left - rest
        unequal = unequal * (1.0 - equal)
    has = parts[0][2]
    counts += unequal / max(unequal.sum(), 1e-12) * float(np.sum(hidden * has * np.maximum(left, 0.0)))
    return counts
