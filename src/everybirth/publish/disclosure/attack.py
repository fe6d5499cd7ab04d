"""The attack: how closely each hidden cell can be worked out from everything that is published, by linear programming.

The attacker knows the shown cells, the relations, that counts are whole and not below 0, and that a hidden count is
not 0 where 0 would have been shown. For each hidden cell he seeks the least and the greatest value that agrees with all
of it. Hidden cells that share no relation are attacked apart.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from everybirth.publish.disclosure.cells import Cells
from everybirth.publish.disclosure.known import at_least, derived, small
from everybirth.publish.disclosure.program import Region, solve
from everybirth.tables import BoolArray, Float64Array, Int32Array

ROUNDS = 4  # of random directions, each of which widens the known range of many cells at once
GROUPS = 8  # directions in a round; few cells in each, so that they do not stand in each other's way
ROOM = 4  # thresholds above its value that a cell is let range: enough to see that it is protected
SEED = 20_240_229  # of the directions; it changes which proof is found, not whether there is one
WHOLE = 1e-6


@dataclass(frozen=True, slots=True)
class Ranges:
    """What the attacker is left with.

    low, high   (n,) values of each cell that were shown to be possible; equal for a cell that is known
    exposed     (n,) cells that should be protected and whose whole range is less than the threshold wide
    """

    low: Float64Array
    high: Float64Array
    exposed: BoolArray


@dataclass(frozen=True, slots=True)
class _System:
    """The unknown cells of one component: their places among all cells, what is known of them, their true values."""

    cells: Int32Array
    region: Region
    true: Float64Array


def attack(cells: Cells, hidden: BoolArray, threshold: int, since: Ranges | None = None) -> Ranges:
    """Attack every cell that is hidden, or small and not published.

    hidden    (n,) public cells that are not shown
    since     what an attack on the same cells left when fewer of them were hidden: all that was possible then still is
    Returns   ranges; nothing is exposed if the tables are safe
    """
    unknown, _ = derived(cells, hidden)
    target = hidden | small(cells, threshold)
    value = cells.value.astype(np.float64)
    low, high = (value.copy(), value.copy()) if since is None else (since.low.copy(), since.high.copy())
    rng = np.random.default_rng(SEED)
    for system in _systems(cells, unknown, hidden, threshold):
        own = system.cells
        wanted = target[own] & (high[own] - low[own] < threshold)
        if wanted.any():
            low[own], high[own] = _ranges(system, wanted, (low[own], high[own], threshold), rng)
    return Ranges(low, high, target & (high - low < threshold))


def _systems(cells: Cells, unknown: BoolArray, hidden: BoolArray, threshold: int) -> list[_System]:
    """The unknown cells, parted where no relation ties them."""
    equal, total = _reduced(cells, (cells.member, cells.sign, cells.start), unknown)
    least, floor = _reduced(cells, (cells.bound, cells.bound_sign, cells.bound_start), unknown)
    ties = abs(equal).T @ abs(equal) + abs(least).T @ abs(least)
    n_parts, part = connected_components(ties, directed=False)
    places = np.flatnonzero(unknown).astype(np.int32)
    value = cells.value[places].astype(np.float64)
    lower = at_least(cells, hidden)[places].astype(np.float64)
    order = np.argsort(part, kind="stable")
    ends = np.searchsorted(part[order], np.arange(n_parts + 1))
    found = []
    for k in range(n_parts):
        own = order[ends[k] : ends[k + 1]]
        rows, bounds = equal[:, own], least[:, own]
        some, few = np.diff(rows.indptr) > 0, np.diff(bounds.indptr) > 0
        upper = value[own] + ROOM * threshold
        region = Region(rows[some], total[some], bounds[few], floor[few], lower[own], upper)
        found.append(_System(places[own], region, value[own]))
    return found


def _reduced(
    cells: Cells, rows: tuple[Int32Array, Float64Array, Int32Array], unknown: BoolArray
) -> tuple[csr_array, Float64Array]:
    """Rows over the unknown cells only, what is known moved to the other side."""
    member, sign, start = rows
    n_rows = len(start) - 1
    row_of = np.repeat(np.arange(n_rows), np.diff(start))
    known = ~unknown[member]
    side = -np.bincount(row_of[known], weights=(sign * cells.value[member])[known], minlength=n_rows)
    column = np.cumsum(unknown) - 1
    at = (row_of[~known], column[member[~known]])
    matrix = coo_array((sign[~known], at), shape=(n_rows, int(unknown.sum()))).tocsr()
    some = np.diff(matrix.indptr) > 0
    return matrix[some], side[some].astype(np.float64)


def _ranges(
    system: _System, wanted: BoolArray, known: tuple[Float64Array, Float64Array, int], rng: np.random.Generator
) -> tuple[Float64Array, Float64Array]:
    """The range of each cell, as far as needed: first in many directions at once, then cell by cell for what is left.

    known   the ranges so far, and the threshold
    """
    low, high, threshold = known

    def widen(direction: Float64Array) -> None:
        for sense in (1.0, -1.0):
            point = _extreme(system, sense * direction)
            np.minimum(low, point, out=low)
            np.maximum(high, point, out=high)

    for _ in range(ROUNDS):
        left = np.flatnonzero(wanted & (high - low < threshold))
        if len(left) < 2 * GROUPS:
            break
        for group in np.array_split(rng.permutation(left), GROUPS):
            direction = np.zeros(len(wanted))
            direction[group] = rng.normal(size=len(group))
            widen(direction)
    for k in np.flatnonzero(wanted):
        if high[k] - low[k] < threshold:
            direction = np.zeros(len(wanted))
            direction[k] = 1.0
            widen(direction)
    return low, high


def _extreme(system: _System, direction: Float64Array) -> Float64Array:
    """The possible table, in whole numbers, that has least of the direction; the true one if no other is found."""
    region = system.region
    if not region.equal.shape[0] and not region.least.shape[0]:
        return np.where(direction > 0, region.lower, np.where(direction < 0, region.upper, system.true))
    point = solve(direction, region)
    if point is not None and np.abs(point - np.rint(point)).max() > WHOLE:
        point = solve(direction, region, whole=True)
    return system.true if point is None else np.rint(point)
