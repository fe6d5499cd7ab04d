"""The gate: can a model be fitted to these counts at all?

A log-linear model has a maximum-likelihood estimate when the observed sums of its terms lie inside the cone of the
sums that the model can produce (Fienberg & Rinaldo 2012), which a linear programme decides, and it is identified when
the design matrix of the cells that can be filled has full rank. A term whose lists share no birth has the estimate
minus infinity: its cells are empty for certain, and the others are asked (Chan, Silverman & Vincent 2021).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.optimize import linprog

from everybirth.estimate.cells import lists_of, on_lists, shared, sizes
from everybirth.estimate.models import Model, design
from everybirth.estimate.summary import Status
from everybirth.tables import BoolArray, Float64Array, Int8Array, Int64Array

MINIMUM_OVERLAP = 7  # shared births from which Chapman's estimate is all but unbiased (Robson & Regier 1964)
INSIDE = 1e-7  # a point this far from every face, counts being whole, is inside the cone


@dataclass(frozen=True, slots=True)
class Support:
    """The part of a model that finite parameters describe, given which histories have births.

    code       Status.OK, NO_MAXIMUM, NOT_IDENTIFIED or NEITHER
    cells      observed cells that the model can fill
    terms      terms whose parameter is finite
    n_infinite terms whose parameter is minus infinity
    """

    code: Status
    cells: Int64Array
    terms: tuple[int, ...]
    n_infinite: int


@lru_cache(maxsize=20_000)
def support(model: Model, filled: bytes) -> Support:
    """Whether the model's estimate exists and is identified; both depend only on which histories have births.

    filled   packed bits of (2**L,) True where a history has births, as from `filled_bits`
    """
    cells = 2**model.n_lists
    has_births = np.unpackbits(np.frombuffer(filled, dtype=np.uint8), count=cells).astype(np.bool_)
    has_births[0] = False
    sums = shared(has_births[None, :].astype(np.float64))[0]
    empty = [term for term in model.terms if sums[term] == 0]
    finite = tuple(term for term in model.terms if not any(term & other == other for other in empty))
    histories = np.arange(cells)
    possible = histories > 0
    for term in empty:
        possible &= (histories & term) != term
    kept = np.flatnonzero(possible)
    matrix = design(finite, model.n_lists)[kept]
    unidentified = bool(np.linalg.matrix_rank(matrix) < matrix.shape[1]) if len(kept) else True
    missing = not has_births[kept].all() and not _inside_cone(matrix, has_births[kept])
    code = Status(int(missing) * Status.NO_MAXIMUM + int(unidentified) * Status.NOT_IDENTIFIED)
    return Support(code, kept, finite, len(model.terms) - len(finite))


def _inside_cone(matrix: Float64Array, filled: BoolArray) -> bool:
    """Whether some table, positive in every cell, has the same sums as the observed one.

    matrix   (n_cells, n_parameters)
    filled   (n_cells,) which cells have births; only this matters, since it fixes the smallest face that holds the sums
    Source   Fienberg & Rinaldo 2012, section 4
    """
    sums = matrix.T @ filled.astype(np.float64)
    n_cells = len(filled)
    # Maximise s with: cell = s + slack, slack >= 0, s <= 1, and the sums of the cells as observed.
    equal = np.hstack([matrix.T, matrix.sum(axis=0)[:, None]])
    cost = np.zeros(n_cells + 1)
    cost[-1] = -1.0
    bounds = [(0.0, None)] * n_cells + [(0.0, 1.0)]
    answer = linprog(cost, A_eq=equal, b_eq=sums, bounds=bounds, method="highs")
    return answer.status == 0 and answer.fun is not None and float(answer.fun) < -INSIDE


def filled_bits(counts: Float64Array) -> bytes:
    """Which histories of one table have births, packed: the argument of `support`."""
    return np.packbits(counts > 0).tobytes()


def same_support(model: Model, counts: Float64Array) -> list[tuple[Support, Int64Array]]:
    """Tables grouped by which histories have births, with the rows of each group.

    counts   (n_tables, 2**L)
    """
    packed = np.ascontiguousarray(np.packbits(counts > 0, axis=1))
    keys, place = np.unique(packed.view(f"V{packed.shape[1]}")[:, 0], return_inverse=True)
    order = np.argsort(place, kind="stable")
    ends = np.cumsum(np.bincount(place, minlength=len(keys)))
    rows = np.split(order, ends[:-1])
    return [(support(model, key.tobytes()), members) for key, members in zip(keys, rows, strict=True)]


def overlap_status(counts: Float64Array, minimum: int = MINIMUM_OVERLAP) -> Int8Array:
    """Whether tables hold enough to estimate anything.

    counts   (n_tables, 2**L) checked counts
    minimum  births that must be on two lists or more
    Returns  (n_tables,) Status.OK, EMPTY_LIST, NO_OVERLAP or SMALL_OVERLAP
    """
    overlap = counts[:, sizes(lists_of(counts)) >= 2].sum(axis=1)
    empty = (on_lists(counts) == 0).any(axis=1)
    chosen = np.select(
        [empty, overlap == 0, overlap < minimum],
        [Status.EMPTY_LIST, Status.NO_OVERLAP, Status.SMALL_OVERLAP],
        default=Status.OK,
    )
    return chosen.astype(np.int8)
