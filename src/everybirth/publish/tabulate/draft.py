"""Tables before disclosure control: true counts, and the cells that they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from everybirth.publish.disclosure import Ledger, Where
from everybirth.publish.release import TOTAL
from everybirth.publish.tabulate.universe import UNSAID, Row, values

NO_COUNT = -1  # in the place of a cell: the row has no such count


@dataclass(frozen=True, slots=True)
class Draft:
    """One table with nothing hidden yet.

    rows      key values, then counts, then figures
    counts    names of the counts, figures   names of the others
    cells     for each row, the cell of each count
    rests     for each row, further cells that its figures rest on
    tied      whether the counts too are hidden where something that the row rests on is
    texts     which figures are texts
    """

    name: str
    keys: tuple[str, ...]
    counts: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    tied: bool = False
    rows: list[tuple[object, ...]] = field(default_factory=list)
    cells: list[tuple[int, ...]] = field(default_factory=list)
    rests: list[tuple[int, ...]] = field(default_factory=list)

    def add(
        self, keys: Sequence[str], cells: Sequence[int], figures: Sequence[object] = (), rests: Iterable[int] = ()
    ) -> None:
        """Add a row. The counts are filled in from the cells."""
        self.rows.append((*keys, *cells, *figures))
        self.cells.append(tuple(cells))
        self.rests.append(tuple(rests))

    def in_order(self, *keys: str) -> "Draft":
        """The same rows by some keys, the values of each in the order in which they came."""
        places = [self.keys.index(name) for name in keys]
        seen: list[dict[object, int]] = [{} for _ in places]
        for row in self.rows:
            for place, order in zip(places, seen, strict=True):
                order.setdefault(row[place], len(order))
        rank = [[first[row[place]] for place, first in zip(places, seen, strict=True)] for row in self.rows]
        line = sorted(range(len(rank)), key=lambda k: rank[k])
        return replace(
            self,
            rows=[self.rows[k] for k in line],
            cells=[self.cells[k] for k in line],
            rests=[self.rests[k] for k in line],
        )

    def frame(self, ledger: Ledger, hidden: Sequence[bool]) -> pl.DataFrame:
        """The table as it is published: null where something is hidden.

        hidden   for each cell, whether it is
        """
        head, middle = len(self.keys), len(self.counts)
        shown = []
        for row, cells, rests in zip(self.rows, self.cells, self.rests, strict=True):
            below = any(hidden[cell] for cell in rests)
            gone = below or any(hidden[cell] for cell in cells if cell != NO_COUNT)
            unseen = [cell == NO_COUNT or hidden[cell] or (self.tied and below) for cell in cells]
            counts = [None if no else ledger.value[cell] for cell, no in zip(cells, unseen, strict=True)]
            figures = row[head + middle :]
            if gone:
                figures = tuple(self._instead(name) for name in self.figures)
            shown.append((*row[:head], *counts, *figures))
        schema: dict[str, pl.DataType] = dict.fromkeys(self.keys, pl.String()) | dict.fromkeys(self.counts, pl.Int64())
        schema |= {name: pl.String() if name in self.texts else pl.Float64() for name in self.figures}
        return pl.DataFrame(shown, schema=schema, orient="row")

    def n_hidden(self, hidden: Sequence[bool]) -> int:
        """How many counts are not shown though there are such; one that stands in several rows is one."""
        found: set[int] = set()
        for cells, rests in zip(self.cells, self.rests, strict=True):
            below = self.tied and any(hidden[cell] for cell in rests)
            found |= {cell for cell in cells if cell != NO_COUNT and (below or hidden[cell])}
        return len(found)

    def _instead(self, figure: str) -> str | None:
        if figure not in self.texts:
            return None
        return "hidden" if figure == "status" else ""


@dataclass(frozen=True, slots=True)
class Group:
    """The cells of some births: all of them, those registered, the others; without a register the first only."""

    births: int
    registered: int | None
    unregistered: int | None

    def cells(self) -> tuple[int, ...]:
        return (self.births,) if self.registered is None else (self.births, self.registered)

    def each(self) -> tuple[int, ...]:
        """All cells, also that which no table shows."""
        return tuple(cell for cell in (self.births, self.registered, self.unregistered) if cell is not None)


@dataclass(frozen=True, slots=True)
class Book:
    """The tables as they are drafted, and the cells of all of them.

    has_register   whether a list is the civil register
    """

    ledger: Ledger
    threshold: int
    has_register: bool
    drafts: list[Draft] = field(default_factory=list)

    def is_small(self, value: int) -> bool:
        return 0 < value < self.threshold

    def group(self, where: Where, births: int, registered: int) -> Group:
        """The cells of some births. What no record says is left out where there is little of it, and hides nothing."""
        if any(value in UNSAID for _, value in where):
            return self._unsaid(where, births, registered)
        whole = self.ledger.add(("births", where), births)
        if not self.has_register:
            return Group(whole, None, None)
        part = self.ledger.add(("registered", where), registered, tells=births > 0)
        rest = self.ledger.complement(("not registered", where), whole, part)
        return Group(whole, part, rest)

    def _unsaid(self, where: Where, births: int, registered: int) -> Group:
        parts = (births, registered, births - registered) if self.has_register else (births,)
        shown = births >= self.threshold and not any(self.is_small(part) for part in parts)
        whole = self.ledger.unsaid(("births", where), births, shown=shown)
        if not self.has_register:
            return Group(whole, None, None)
        part = self.ledger.unsaid(("registered", where), registered, shown=shown)
        return Group(whole, part, self.ledger.complement(("not registered", where), whole, part))

    def shows(self, group: Group) -> bool:
        return all(self.ledger.shows(cell) for cell in group.cells())

    def relate(self, whole: Group, parts: Iterable[Group]) -> None:
        """Say that groups add up, in each of their cells."""
        each = [part.each() for part in parts]
        for k, cell in enumerate(whole.each()):
            self.ledger.relate(cell, (part[k] for part in each))

    def known(self, kind: str, where: Where) -> int | None:
        """The cell of a kind of count that was met before."""
        return self.ledger.place.get((kind, where))


def where(*parts: tuple[str, str]) -> Where:
    """Which births: dimension and value, a total being no limit."""
    return tuple(sorted(part for part in parts if part[1] != TOTAL))


def dimension_values(dimension: str, place: int, found: Iterable[Row]) -> list[str]:
    """The values of one dimension; none if no record says anything but that it is not known."""
    shown = values(dimension, [row[place] for row in found])
    return [] if set(shown) <= set(UNSAID) else shown
