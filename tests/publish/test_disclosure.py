"""Which counts are hidden: enough that no small one can be worked out, and no more than has to be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from everybirth.publish.disclosure import Cells, Ledger, protect
from everybirth.publish.disclosure.attack import attack
from everybirth.publish.disclosure.known import derived, small

Table = list[list[int]]


def two_way(ledger: Ledger, name: str, table: Table) -> dict[tuple[int, int], int]:
    """A table with its margins; -1 is a total. Rows of tables of the same name are other cells, columns the same."""
    n_rows, n_columns = len(table), len(table[0])
    values = {(i, j): table[i][j] for i in range(n_rows) for j in range(n_columns)}
    values |= {(i, -1): sum(table[i]) for i in range(n_rows)}
    values |= {(-1, j): sum(row[j] for row in table) for j in range(n_columns)}
    values[-1, -1] = sum(map(sum, table))
    cells = {}
    for (i, j), value in values.items():
        place = tuple(part for part in ((name, str(i)), ("column", str(j))) if part[1] != "-1")
        cells[i, j] = ledger.add(("births", place), value)
    for i in (*range(n_rows), -1):
        ledger.relate(cells[i, -1], [cells[i, j] for j in range(n_columns)])
    for j in (*range(n_columns), -1):
        ledger.relate(cells[-1, j], [cells[i, j] for i in range(n_rows)])
    return cells


def widths(cells: Cells, hidden: np.ndarray) -> dict[int, float]:
    """How wide the range of each hidden cell is: the slow twin of the attack, on all cells at once."""
    n = len(cells)
    rows = np.zeros((cells.n_relations, n))
    for k in range(cells.n_relations):
        for at in range(cells.start[k], cells.start[k + 1]):
            rows[k, cells.member[at]] += cells.sign[at]
    shown = cells.public & ~hidden
    floor = np.where(cells.public & ~cells.tells, 1, 0)
    limits = [(v, v) if s else (low, 10_000) for v, s, low in zip(cells.value, shown, floor, strict=True)]
    found = {}
    for cell in np.flatnonzero(hidden).tolist():
        ends = []
        for sense in (1.0, -1.0):
            direction = np.zeros(n)
            direction[cell] = sense
            best = linprog(direction, None, None, rows, np.zeros(len(rows)), bounds=limits)
            assert best.status == 0
            ends.append(best.x[cell])
        found[cell] = ends[1] - ends[0]
    return found


tables = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 40), min_size=width, max_size=width), min_size=1, max_size=6)
)


@settings(max_examples=40, deadline=None)
@given(tables, st.integers(2, 12))
def test_no_hidden_cell_of_a_table_can_be_worked_out(table: Table, threshold: int) -> None:
    """For any table with its margins, small cells are hidden and every hidden cell keeps a wide range."""
    ledger = Ledger()
    two_way(ledger, "row", table)
    cells = ledger.cells()
    hidden = protect(cells, threshold)
    assert hidden[small(cells, threshold)].all()
    assert not hidden[cells.value == 0].any()
    assert all(width >= threshold - 1e-6 for width in widths(cells, hidden).values())


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=2, max_size=5), st.integers(0, 9999))
def test_tables_that_share_a_margin_do_not_give_each_other_away(table: Table, seed: int) -> None:
    """The same births by something else, with the same totals of columns: both tables are protected together."""
    rng = np.random.default_rng(seed)
    sums = [sum(row[j] for row in table) for j in range(3)]
    other = np.stack([rng.multinomial(total, [0.6, 0.3, 0.1]) for total in sums], axis=1).tolist()
    ledger = Ledger()
    two_way(ledger, "row", table)
    two_way(ledger, "other", other)
    cells = ledger.cells()
    hidden = protect(cells, 8)
    assert all(width >= 8 - 1e-6 for width in widths(cells, hidden).values())


def test_nothing_is_hidden_without_need() -> None:
    """Where no count is small, all are shown; one small cell costs a rectangle of four."""
    ledger = Ledger()
    two_way(ledger, "row", [[20, 30, 40], [50, 60, 70]])
    assert not protect(ledger.cells(), 10).any()
    ledger = Ledger()
    two_way(ledger, "row", [[3, 30, 40], [50, 60, 70], [80, 90, 99]])
    assert protect(ledger.cells(), 10).sum() == 4


def test_the_rest_of_a_group_is_protected_as_well() -> None:
    """Of 500 births 497 are registered: both shown would tell that 3 are not, so the registered are hidden."""
    ledger = Ledger()
    births, registered = ledger.add(("births", ()), 500), ledger.add(("registered", ()), 497)
    ledger.complement(("not registered", ()), births, registered)
    assert protect(ledger.cells(), 10).tolist() == [False, True, False]


def test_two_small_cells_do_not_hide_each_other_if_they_are_small_together() -> None:
    """3 and 4 are all that is left of a known total: a third cell has to join them."""
    ledger = Ledger()
    two_way(ledger, "row", [[3, 4, 50, 60]])
    hidden = protect(ledger.cells(), 10)
    assert hidden[:4].sum() >= 3


def test_what_is_no_more_than_a_shown_count_is_protected() -> None:
    """A hidden 3 that is at most 10 leaves 1 to 10: the 10 is hidden as well. A part that is more is a defect."""
    ledger = Ledger()
    few, more = ledger.add(("disagree", ()), 3), ledger.add(("resolved", ()), 10)
    ledger.at_least((more,), (few,))
    assert protect(ledger.cells(), 10).tolist() == [True, True]
    with pytest.raises(ValueError, match="part of"):
        ledger.at_least((few,), (more,))


def test_a_sum_that_no_table_shows_costs_no_total() -> None:
    """A small part of a sum that is plain from other cells is protected by those, not by the total of everything."""
    ledger = Ledger()
    total = ledger.add(("registered", ()), 400)
    repeated = ledger.add(("repeated", (("list", "a"),)), 4)
    records = ledger.untold(("records", (("list", "a"),)), 404)
    ledger.relate(records, (total, repeated))
    days = [ledger.add(("records", (("day", str(k)), ("list", "a"))), n) for k, n in enumerate((200, 150, 54))]
    ledger.relate(records, days)
    hidden = protect(ledger.cells(), 10)
    assert hidden[repeated]
    assert not hidden[total]


def test_a_cell_counted_twice_has_one_value() -> None:
    """A defect that counts the same births differently in two tables is met before anything is published."""
    ledger = Ledger()
    ledger.add(("births", ()), 5)
    with pytest.raises(ValueError, match="counted twice"):
        ledger.add(("births", ()), 6)
    with pytest.raises(ValueError, match="do not add up"):
        ledger.relate(0, [ledger.add(("births", (("sex", "female"),)), 4)])


@settings(max_examples=60, deadline=None)
@given(tables, st.integers(0, 9999))
def test_what_follows_by_addition_is_found(table: Table, seed: int) -> None:
    """Cells worked out row by row are those of the slow twin: look at each relation in turn until nothing is new."""
    ledger = Ledger()
    two_way(ledger, "row", table)
    cells = ledger.cells()
    hidden = np.random.default_rng(seed).random(len(cells)) < 0.4
    unknown = set(np.flatnonzero(hidden).tolist())
    rows = [cells.member[cells.start[k] : cells.start[k + 1]].tolist() for k in range(cells.n_relations)]
    while any(len(unknown & set(row)) == 1 for row in rows):
        for row in rows:
            if len(unknown & set(row)) == 1:
                unknown -= set(row)
    found, _ = derived(cells, hidden)
    assert set(np.flatnonzero(found).tolist()) == unknown


def test_many_areas_with_small_counts() -> None:
    """A hundred areas, most of them small, by sex and by registration: nothing is exposed, totals stay visible."""
    rng = np.random.default_rng(11)
    births = rng.poisson(rng.gamma(1.0, 30.0, size=(100, 1)) * np.array([0.49, 0.51]))
    registered = rng.binomial(births, 0.8)
    ledger = Ledger()
    cells = two_way(ledger, "area", births.tolist())
    parts = {}
    for (i, j), whole in cells.items():
        rows = slice(None) if i < 0 else slice(i, i + 1)
        columns = slice(None) if j < 0 else slice(j, j + 1)
        place = tuple(part for part in (("area", str(i)), ("column", str(j))) if part[1] != "-1")
        count = int(registered[rows, columns].sum())
        parts[i, j] = ledger.add(("registered", place), count, tells=ledger.value[whole] > 0)
        ledger.complement(("not registered", place), whole, parts[i, j])
    for i in (*range(100), -1):
        ledger.relate(parts[i, -1], [parts[i, j] for j in range(2)])
    made = ledger.cells()
    hidden = protect(made, 10)
    assert hidden.sum() > 50
    assert not attack(made, hidden, 10).exposed.any()
    assert not hidden[cells[-1, -1]]
