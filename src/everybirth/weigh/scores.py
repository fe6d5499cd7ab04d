"""From a model to the score tables that the scan reads."""

from collections.abc import Sequence

import numpy as np

from everybirth.levels import LEVELS, Comparison
from everybirth.tables import BoolArray, Float32Array, Float64Array, Int8Array, Scores
from everybirth.weigh.model import Design, Model
from everybirth.weigh.unrelated import BY_VALUE


def scores(d: Design, model: Model, log_u: Float64Array, log_near: Float64Array, floor: float) -> Scores:
    """Score tables of a model.

    log_u, log_near   (n_fields, n_levels), see tables.Scores
    floor             log odds, by the class's largest share among pairs of two lists or within one, under which a pair
                      is dropped
    """
    with np.errstate(divide="ignore"):
        prior = np.log(model.prior.max(axis=0))
    by_value = np.array([comparison in BY_VALUE for comparison in d.comparisons], dtype=bool)
    return Scores(np.log(model.m), log_u, log_near, by_value, d.uses, prior, floor)


def log_unrelated(levels: Int8Array, sums: Float32Array, log_m: Float64Array, uses: BoolArray) -> Float64Array:
    """(n_pairs, 3) log P(levels | unrelated) over each class's fields, from the scores under a known model."""
    out = -sums.astype(np.float64)
    for f in range(levels.shape[1]):
        for c in range(3):
            if uses[c, f]:
                out[:, c] += log_m[c, f, levels[:, f]]
    return out


def likelihood_ratios(sums: Float32Array, prior: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Log likelihood ratios of same birth and of same delivery against "another delivery" (unrelated, or the same
    mother's).

    sums    (n_pairs, 3) of each class against unrelated
    prior   (3,) log prior odds
    """
    same_birth, same_delivery, same_mother = (sums[:, c].astype(np.float64) for c in range(3))
    if not np.isfinite(prior[2]):
        return same_birth, same_delivery
    other = np.logaddexp(0.0, same_mother + prior[2])
    return same_birth - other, same_delivery - other


def weight_bits(sums: Float32Array) -> Float64Array:
    """Match weight of same birth against unrelated, in bits (n_pairs,). Source: Fellegi & Sunter 1969."""
    weight: Float64Array = sums[:, 0].astype(np.float64) / np.log(2.0)
    return weight


def level_table(
    names: Sequence[str], comparisons: Sequence[Comparison], m: Float64Array, log_u: Float64Array
) -> dict[str, dict[str, dict[str, float]]]:
    """m and u of every level of every field, by name, for run.json."""
    table: dict[str, dict[str, dict[str, float]]] = {}
    for f, (name, comparison) in enumerate(zip(names, comparisons, strict=True)):
        table[name] = {
            text: {
                "same_birth": float(m[0, f, level]),
                "same_delivery": float(m[1, f, level]),
                "unrelated": float(np.exp(log_u[f, level])),
            }
            for level, text in enumerate(LEVELS[comparison])
            if level > 0 and text
        }
    return table
