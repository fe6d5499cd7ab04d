"""The model of a pair: four classes, a probability of each comparison level in each, and what is tied together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from everybirth.levels import N_LEVELS, Comparison
from everybirth.tables import BoolArray, Float64Array, Int8Array

SAME_BIRTH, SAME_DELIVERY, SAME_MOTHER = 0, 1, 2
CLASSES = ("same birth", "same delivery, another child", "same mother, other delivery")

# First guesses of P(level | same birth), in the order of levels.LEVELS without "missing".
_FIRST: dict[Comparison, tuple[float, ...]] = {
    Comparison.NAME: (0.86, 0.03, 0.04, 0.02, 0.04, 0.01),
    Comparison.DATE: (0.88, 0.05, 0.01, 0.03, 0.01, 0.01, 0.01),
    Comparison.WEIGHT: (0.55, 0.20, 0.15, 0.05, 0.05),
    Comparison.SAME: (0.97, 0.03),
    Comparison.CODE: (0.88, 0.03, 0.04, 0.05),
    Comparison.COUNT: (0.95, 0.03, 0.02),
    Comparison.AGE: (0.60, 0.28, 0.08, 0.04),
    Comparison.RANK: (0.98, 0.02),
}
# For another child of the same delivery, where it differs from the same birth. Fields that are not here describe the
# mother, the father or the event; records of twins agree on them as two records of one child do, so their probabilities
# are tied.
_TWIN: dict[str, tuple[float, ...]] = {
    "child_given_name": (0.002, 0.008, 0.02, 0.03, 0.935, 0.005),
    "sex": (0.60, 0.40),
    "birth_weight": (0.04, 0.10, 0.30, 0.30, 0.26),
    "plurality": (0.02, 0.96, 0.02),
    "delivery_order": (0.04, 0.96),
    "registration_number": (0.02, 0.08, 0.40, 0.50),
}
_STRENGTH = 20.0
# That children of one delivery have different names is known, not learned: unnamed twins would blur it.
_TWINS_DIFFER = 20_000.0
# What speaks for the same mother at another delivery; the child's own fields say nothing of it.
_MOTHERS = (
    "child_family_name",
    "mother_given_name",
    "mother_family_name",
    "mother_birth_date",
    "mother_id",
    "father_given_name",
    "father_family_name",
    "phone",
    "residence",
)
_OTHER_DATE = (0.0005, 0.0005, 0.0005, 0.0005, 0.01, 0.0005, 0.9875)

# Levels that exclude one another; probabilities add to one within each group. Levels 7 to 9 and 10 to 12 are those of a
# field that hangs on another one, where that one agrees or nearly does.
_GROUPS = (slice(1, 7), slice(7, 10), slice(10, 13))
_IN_CONTEXT = (0.92, 0.04, 0.04)
# One record alone gives an order: P(first), P(later) of the same birth, of another child of the delivery, of others.
_ALONE = ((0.987, 0.013), (0.5, 0.5), (0.987, 0.013))
_OF_SEVERAL = ((0.93, 0.07), (0.06, 0.94), (0.5, 0.5))  # the same and another order, where a record tells of twins
# Plurality: both one, same and more, different, one alone, more alone, neither. Whether it is given tells of twins too:
# it is left blank more often where there is one child.
_PLURALITY = (
    (0.475, 0.012, 0.003, 0.39, 0.01, 0.11),
    (0.02, 0.60, 0.04, 0.03, 0.28, 0.03),
    (0.475, 0.012, 0.003, 0.39, 0.01, 0.11),
)


@dataclass(frozen=True, slots=True)
class Model:
    """What is learned.

    m       (3, n_fields, n_levels) P(level | class); 1 for level 0
    prior   (1 + n_lists, 3) share of each class among all pairs: of records of two lists, then of records within each
            list
    """

    m: Float64Array
    prior: Float64Array


@dataclass(frozen=True, slots=True)
class Design:
    """What is fixed before learning.

    comparisons  per field
    uses         (3, n_fields) whether a field speaks for a class
    tied         (n_fields,) whether same delivery shares the field's probabilities with same birth
    strength     (3, n_fields) pseudo-pairs with which the first guesses count
    """

    names: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    uses: BoolArray
    tied: BoolArray
    strength: Float64Array


def design(names: Sequence[str], comparisons: Sequence[Comparison]) -> Design:
    """Say which fields serve which class."""
    uses = np.ones((3, len(names)), dtype=bool)
    uses[SAME_MOTHER] = [name in _MOTHERS or name == "birth_date" for name in names]
    tied = np.array([name not in _TWIN for name in names], dtype=bool)
    strength = np.full((3, len(names)), _STRENGTH)
    strength[SAME_DELIVERY, [name == "child_given_name" for name in names]] = _TWINS_DIFFER
    return Design(tuple(names), tuple(comparisons), uses, tied, strength)


def first_guess(d: Design, n_lists: int, n_records: int, with_siblings: bool) -> Model:
    """Where learning begins.

    with_siblings   whether the lists span so long that a mother may appear with two deliveries
    """
    m = np.full((3, len(d.names), N_LEVELS), 1e-6)
    m[:, :, 0] = 1.0
    for f, (name, comparison) in enumerate(zip(d.names, d.comparisons, strict=True)):
        first = _FIRST[comparison]
        twin = _TWIN.get(name, first)
        m[SAME_BIRTH, f, 1 : 1 + len(first)] = first
        m[SAME_DELIVERY, f, 1 : 1 + len(twin)] = twin
        m[SAME_MOTHER, f, 1 : 1 + len(first)] = _OTHER_DATE if name == "birth_date" else first
        if comparison is not Comparison.DATE:
            m[:, f, 7:] = _IN_CONTEXT * 2
        if comparison in (Comparison.COUNT, Comparison.RANK):
            m[:, f, 7:9], m[:, f, 9:] = _ALONE, 0.5  # the last ones are not used
        if comparison is Comparison.COUNT:
            m[:, f, [1, 2, 3, 7, 8, 9]], m[:, f, 10:] = _PLURALITY, 1.0 / 3.0
        if comparison is Comparison.RANK:
            m[:, f, 9:11] = _OF_SEVERAL
    per_pair = 1.0 / max(n_records, 2)
    prior = np.zeros((1 + n_lists, 3))
    prior[:, SAME_BIRTH] = per_pair * np.where(np.arange(1 + n_lists) == 0, 1.0, 0.02)
    prior[:, SAME_DELIVERY] = 0.02 * per_pair
    prior[:, SAME_MOTHER] = 0.05 * per_pair if with_siblings else 0.0
    return Model(m, prior)


def groups(comparison: Comparison) -> tuple[slice, ...]:
    """Levels that exclude one another."""
    if comparison is Comparison.DATE:
        return (slice(1, N_LEVELS),)
    if comparison is Comparison.COUNT:
        return (slice(1, 10), slice(10, N_LEVELS))
    if comparison is Comparison.RANK:
        return (slice(1, 7), slice(7, 9), slice(9, 11), slice(11, N_LEVELS))
    return _GROUPS


def normalise(counts: Float64Array, d: Design, start: Model) -> Float64Array:
    """P(level | class) from expected counts (3, n_fields, n_levels), with the first guesses as pseudo-pairs.

    The sum of tied classes is used for each of them.
    """
    m = np.ones_like(counts)
    for f, comparison in enumerate(d.comparisons):
        count = counts[:, f].copy()
        if d.tied[f]:
            count[SAME_BIRTH] += count[SAME_DELIVERY]
        shares = d.uses[SAME_MOTHER, f] and d.names[f] != "birth_date"
        if shares:
            count[SAME_BIRTH] += count[SAME_MOTHER]
            count[SAME_MOTHER] = count[SAME_BIRTH]
        if d.tied[f]:
            count[SAME_DELIVERY] = count[SAME_BIRTH]
        for group in groups(comparison):
            guess = start.m[:, f, group]
            total = count[:, group] + d.strength[:, f, None] * guess / guess.sum(axis=1, keepdims=True)
            m[:, f, group] = total / total.sum(axis=1, keepdims=True)
    return m


def within_or_across(list_left: "np.typing.NDArray[np.int16]", list_right: "np.typing.NDArray[np.int16]") -> Int8Array:
    """(n_pairs,) row of Model.prior: 0 for records of two lists, 1 + list for two records of one."""
    return np.where(list_left == list_right, list_left + 1, 0).astype(np.int8)


def pairs_in_all(list_of: "np.typing.NDArray[np.int16]", n_lists: int) -> Float64Array:
    """(1 + n_lists,) number of pairs of records of two lists, and within each list."""
    size = np.bincount(list_of, minlength=n_lists).astype(np.float64)
    within = size * (size - 1) / 2
    n = size.sum()
    return np.concatenate([[n * (n - 1) / 2 - within.sum()], within])
