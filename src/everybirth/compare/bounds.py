"""The most that a field of a pair can score, by what is known of it before strings are compared."""

from functools import cache
from typing import Any, NamedTuple, cast

import numpy as np

from everybirth.compare import kernels
from everybirth.compare.fields import BASE, ECHO, KIND, LETTERS, Matrix
from everybirth.compare.sweep import (
    BOTH_MORE,
    BOTH_ONE,
    BY_RARITY,
    BY_VALUE,
    MORE_ALONE,
    N_STATES,
    ONE_ALONE,
    REPEATS,
    UNEQUAL,
    UNKNOWN,
)
from everybirth.levels import CONTEXT, N_LEVELS, Comparison
from everybirth.tables import MISSING, BoolArray, Float32Array, Float64Array, Int8Array, Int64Array, Scores

_FEW = 4096  # codes of which so few differ lie near in memory: comparing them costs no more than a guess
_in_context = cast("Any", kernels.in_context).py_func  # as plain Python: a table needs few calls
_one_sided = cast("Any", kernels.one_sided).py_func
_PART, _DIFFERENT = 4, 5  # of names
_NEAR_LEVELS = (2, 3)  # of names, scored by how rare they are


class Tops(NamedTuple):
    """What the sweep bounds pairs with; states are those of compare.sweep, level that of the field that one hangs on.

    level_of       (n_fields, n_levels * n_states) comparison level, as far as other fields hang on it
    gain_birth     (n_fields, n_levels * n_states) the most that it adds to same birth
    gain_delivery  the same for same delivery
    extra          (n_fields, n_levels * n_states) what comes on top: BY_VALUE, BY_RARITY or 0
    top_near       (2, n_fields) what two names a slip apart add, their rarity still to be added
    at_once        (n_fields,) whether codes are compared at once: those that others hang on, and fields of few codes
    """

    level_of: Int8Array
    gain_birth: Float32Array
    gain_delivery: Float32Array
    extra: Int8Array
    top_near: Float64Array
    at_once: BoolArray


def tops(matrix: Matrix, scores: Scores) -> Tops:
    """Tabulate, by the very functions that compare a pair, what each state can score."""
    fields = matrix.fields
    n_fields = len(fields)
    by_level = scores.log_m[:2] - scores.log_u
    by_level[:, :, 0] = 0.0
    by_level[:, scores.by_value, 1] = scores.log_m[:2, scores.by_value, 1]
    near = scores.log_m[:2] - np.where(np.isnan(scores.log_near), np.inf, scores.log_near)
    n_values = np.diff(np.append(fields[:, BASE], len(matrix.number)))
    at_once = (n_values <= _FEW) | np.isin(np.arange(n_fields), fields[:, ECHO])
    level_of = np.zeros((n_fields, N_LEVELS, N_STATES), dtype=np.int8)
    gain = np.zeros((n_fields, N_LEVELS, N_STATES, 2), dtype=np.float32)
    extra = np.zeros((n_fields, N_LEVELS, N_STATES), dtype=np.int8)
    for f in range(n_fields):
        kind, e = int(fields[f, KIND]), int(fields[f, ECHO])
        above_kind = int(fields[e, KIND]) if e >= 0 else MISSING
        for above in range(N_LEVELS if e >= 0 else 1):
            for state in range(N_STATES):
                levels = list(_levels(kind, above_kind, above, state))
                if kind == Comparison.NAME:  # near ones are scored by rarity, if the model has that
                    levels = [lev for lev in levels if lev not in _NEAR_LEVELS or np.isnan(scores.log_near[f, lev])]
                level_of[f, above, state] = levels[0]
                gain[f, above, state] = by_level[:, f, levels].max(axis=1)
                if levels[0] == 1 and scores.by_value[f]:
                    extra[f, above, state] = BY_VALUE
                elif kind == Comparison.NAME and state % REPEATS in _NEAR_LEVELS and levels[0] < CONTEXT:
                    extra[f, above, state] = BY_RARITY
    flat = (n_fields, N_LEVELS * N_STATES)
    births, deliveries = (np.ascontiguousarray(gain[..., c]).reshape(flat) for c in (0, 1))
    return Tops(level_of.reshape(flat), births, deliveries, extra.reshape(flat), near.max(axis=2), at_once)


@cache
def _levels(kind: int, above_kind: int, above: int, state: int) -> tuple[int, ...]:
    """The levels that a state may turn out to be, the one that others hang on first.

    kind        of the field
    above_kind  of the field that it hangs on, MISSING if there is none
    above       the level of that one
    """
    fields = np.full((2, LETTERS + 1), MISSING)  # as if there were only these two
    fields[:, KIND], fields[0, BASE], fields[0, ECHO] = (kind, above_kind), 0, MISSING if above_kind == MISSING else 1
    if kind in (Comparison.COUNT, Comparison.RANK):
        return (_of_several(fields, above, state),)
    repeats = kind == Comparison.NAME and state >= REPEATS
    alone = [state % REPEATS]
    if kind == Comparison.NAME and alone[0] in (*_NEAR_LEVELS, _PART):
        alone = [_DIFFERENT, _PART, *(_NEAR_LEVELS if alone[0] < _PART else ())]
    elif kind == Comparison.CODE and state == UNKNOWN:
        alone = [4, 3, 2]
    if alone[0] == 0 or above_kind == MISSING:
        return tuple(alone)
    return tuple(int(_in_context(fields, 0, level, above, repeats)) for level in alone)


def _of_several(fields: Int64Array, above: int, state: int) -> int:
    """Level of a plurality or an order."""
    if state in (BOTH_ONE, BOTH_MORE, UNEQUAL):
        if fields[0, KIND] == Comparison.COUNT:
            return {BOTH_ONE: 1, BOTH_MORE: 2, UNEQUAL: 3}[state]
        alone = 2 if state == UNEQUAL else 1
        return int(_in_context(fields, 0, alone, above, False)) if fields[0, ECHO] >= 0 else alone
    code, number = {ONE_ALONE: (0, 1), MORE_ALONE: (0, 2)}.get(state, (MISSING, 0))
    return int(_one_sided(fields, np.array([number]), 0, code, above))  # as if the field had this one value
