"""Which cells to hide: the small ones, then as many more as it takes that none of them can be worked out.

First by addition, row by row, which settles most cells at once; then by the attack, which finds whatever the rows hide
between them, and a linear program that says what else to hide (the incremental attacker's method of Fischetti &
Salazar-Gonzalez 2003, in its simplest form: the cheapest set of shown cells through which an exposed one can move).
"""

import numpy as np
from scipy.sparse import csr_array, hstack

from everybirth.publish.disclosure.attack import attack
from everybirth.publish.disclosure.cells import Cells
from everybirth.publish.disclosure.known import NOT_DERIVED, at_least, derived, small
from everybirth.publish.disclosure.program import Region, solve
from everybirth.tables import BoolArray, Float64Array, Int32Array, Int64Array

PASSES = 60  # of the rows
REPAIRS = 12  # rounds of attack and mending before whole rows are given up
WIDE = 20  # members from which a relation has room for several cells to move at once
NEW_ROW = 2.0  # a cell in a row where nothing is hidden yet would need company there as well
REWARD = 1e4  # for each unit that an exposed cell is moved: more than any cell costs to hide


def protect(cells: Cells, threshold: int) -> BoolArray:
    """(n,) public cells to hide, so that the attack leaves every hidden cell a range at least the threshold wide.

    threshold   counts from 1 to one less than this are small
    """
    hidden = np.zeros(len(cells), dtype=bool)
    primary = cells.stands_in[small(cells, threshold)]
    hidden[primary[primary >= 0]] = True
    if not hidden.any():
        return hidden
    left, rounds = None, 0
    while True:
        hidden = _by_rows(cells, hidden, threshold)
        left = attack(cells, hidden, threshold, left)
        exposed = np.flatnonzero(left.exposed)
        if not len(exposed):
            return hidden
        more = np.zeros(len(cells), dtype=bool)
        if rounds < REPAIRS:
            more = _mended(cells, hidden, exposed, np.floor(left.low[exposed]) + threshold - cells.value[exposed])
        if not more.any():
            more = _given_up(cells, exposed) & ~hidden
        if not more.any():
            return hidden | (_can_be_hidden(cells) & (cells.value > 0))
        hidden |= more
        rounds += 1


def _by_rows(cells: Cells, hidden: BoolArray, threshold: int) -> BoolArray:
    """Hide more until no relation alone gives a cell away, or pins a few to less than a threshold together.

    What is given away comes first, since hiding that may mend the rest; totals of everything are hidden last of all.
    """
    hidden = hidden.copy()
    rows_of = _rows_of(cells)
    for _ in range(PASSES):
        unknown, by = derived(cells, hidden)
        target = hidden | small(cells, threshold)
        given = set(by[target & (by >= 0)].tolist())
        tight = _tight(cells, unknown, target, threshold)
        changed = False
        for rows, dear in ((given, False), (_behind(cells, by, given), False), (tight, False), (given | tight, True)):
            for row in sorted(rows):
                chosen = _company(cells, hidden, row, (rows_of, dear))
                if chosen >= 0:
                    hidden[chosen] = changed = True
                    if dear:
                        break
            if changed:
                break
        if not changed:
            break
    return hidden


def _behind(cells: Cells, by: Int32Array, given: set[int]) -> set[int]:
    """Relations that gave away what the given ones work with: counts that no table shows, and that others add up to."""
    found, left = set(given), sorted(given)
    while left:
        row = left.pop()
        before = set(by[cells.member[cells.start[row] : cells.start[row + 1]]].tolist()) - found - {NOT_DERIVED}
        found |= before
        left += sorted(before)
    return found


def _rows_of(cells: Cells) -> csr_array:
    """(n, n_relations) which relations each cell is in."""
    at = (cells.member, np.repeat(np.arange(cells.n_relations), np.diff(cells.start)))
    return csr_array((np.ones(len(cells.member)), at), shape=(len(cells), cells.n_relations))


def _tight(cells: Cells, unknown: BoolArray, target: BoolArray, threshold: int) -> set[int]:
    """Relations with a known sum whose unknown parts have less than the threshold to share out."""
    row_of = np.repeat(np.arange(cells.n_relations), np.diff(cells.start))
    free = unknown[cells.member]
    room = cells.value - at_least(cells, unknown & cells.public)
    sums = np.bincount(row_of, weights=np.where(free, room[cells.member], 0), minlength=cells.n_relations)
    wanted = np.bincount(row_of, weights=free & target[cells.member], minlength=cells.n_relations)
    whole = unknown[cells.member[cells.start[:-1]]]
    return set(np.flatnonzero(~whole & (wanted > 0) & (sums < threshold)).tolist())


def _company(cells: Cells, hidden: BoolArray, row: int, how: tuple[csr_array, bool]) -> int:
    """The cheapest cell of a relation to hide beside those hidden; -1 if there is none.

    how   which relations each cell is in, and whether a total of everything may be hidden
    """
    rows_of, dear = how
    members = cells.member[cells.start[row] : cells.start[row + 1]]
    best, lowest = -1, np.inf
    for member in members.tolist():
        cell = int(cells.stands_in[member])
        if cell < 0 or hidden[cell] or cells.value[cell] == 0 or cells.value[member] == 0:
            continue
        if cells.whole[cell] and not dear:
            continue
        rows = rows_of.indices[rows_of.indptr[cell] : rows_of.indptr[cell + 1]]
        fresh = sum(
            not hidden[cells.member[cells.start[other] : cells.start[other + 1]]].any()
            for other in rows.tolist()
            if other != row
        )
        cost = float(cells.cost[cell]) * (1.0 + NEW_ROW * fresh)
        if cost < lowest:
            best, lowest = cell, cost
    return best


def _mended(cells: Cells, hidden: BoolArray, exposed: Int64Array, need: Float64Array) -> BoolArray:
    """(n,) shown cells to hide so that exposed cells can be as much greater as they need.

    exposed   (n_exposed,) cells; of those that share a relation the first is taken
    need      (n_exposed,) how much greater than it is each must be able to be
    Least cost |change| over all shown cells, subject to every relation, less a reward for moving the exposed ones.
    """
    n = len(cells)
    taken = _apart(cells, exposed)
    chosen = exposed[taken]
    shown = cells.public & ~hidden
    cost, region = _moves(cells, shown, float(need.max()))
    cost[chosen] = -REWARD
    region.upper[chosen] = np.minimum(region.upper[chosen], need[taken])
    region.upper[n + chosen] = 0.0
    found = solve(cost, region)
    if found is None:
        return np.zeros(n, dtype=bool)
    moved: BoolArray = shown & (np.abs(found[:n] - found[n:]) > 1e-7)
    return moved


def _moves(cells: Cells, shown: BoolArray, furthest: float) -> tuple[Float64Array, Region]:
    """How the counts might move away from the truth, upwards (the first n) and downwards (the others), and the cost."""
    rows = _matrix(cells.member, cells.sign, cells.start, len(cells))
    bounds = _matrix(cells.bound, cells.bound_sign, cells.bound_start, len(cells))
    cost = np.where(shown, cells.cost, 1e-3)
    up = np.where(shown & (cells.value == 0), 0.0, 4.0 * furthest)
    down = (cells.value - at_least(cells, cells.public)).astype(np.float64)
    known = cells.public & ~_can_be_hidden(cells)
    up[known] = down[known] = 0.0
    region = Region(
        equal=csr_array(hstack([rows, -rows])),
        total=np.zeros(rows.shape[0]),
        least=csr_array(hstack([bounds, -bounds])),
        floor=-(bounds @ cells.value.astype(np.float64)),
        lower=np.zeros(2 * len(cells)),
        upper=np.concatenate([up, down]),
    )
    return np.concatenate([cost, cost]), region


def _apart(cells: Cells, some: Int64Array) -> Int64Array:
    """Places of those of some cells that share no narrow relation with one taken before."""
    rows_of = _rows_of(cells)
    used = np.zeros(cells.n_relations, dtype=bool)
    taken = []
    for place, cell in enumerate(some.tolist()):
        rows = rows_of.indices[rows_of.indptr[cell] : rows_of.indptr[cell + 1]]
        narrow = rows[np.diff(cells.start)[rows] < WIDE]
        if not used[narrow].any():
            used[narrow] = True
            taken.append(place)
    return np.array(taken, dtype=np.int64)


def _matrix(member: Int32Array, sign: Float64Array, start: Int32Array, n: int) -> csr_array:
    """(n_rows, n) rows of signs."""
    at = (np.repeat(np.arange(len(start) - 1), np.diff(start)), member)
    return csr_array((sign, at), shape=(len(start) - 1, n))


def _given_up(cells: Cells, exposed: Int64Array) -> BoolArray:
    """(n,) every count in a relation or bound with an exposed cell."""
    touched = np.zeros(len(cells), dtype=bool)
    touched[exposed] = True
    again = np.zeros(len(cells), dtype=bool)
    for member, start in ((cells.member, cells.start), (cells.bound, cells.bound_start)):
        row_of = np.repeat(np.arange(len(start) - 1), np.diff(start))
        rows = np.zeros(len(start) - 1, dtype=bool)
        rows[row_of[touched[member]]] = True
        again[member[rows[row_of]]] = True
    instead = cells.stands_in[again]
    again[instead[instead >= 0]] = True
    found: BoolArray = again & _can_be_hidden(cells) & (cells.value > 0)
    return found


def _can_be_hidden(cells: Cells) -> BoolArray:
    """(n,) public cells, but for those that are known whatever is hidden."""
    found: BoolArray = cells.public & (cells.stands_in >= 0)
    return found
