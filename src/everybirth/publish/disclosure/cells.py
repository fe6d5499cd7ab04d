"""The counts of a release as cells, and everything that ties them together.

A cell is a number of births (or records) of some kind: published in one table or several, or not published but plain
from what is (births less registered ones). A relation says that some cells add up to another. Whoever reads the tables
knows the relations, the published cells, and that no count is below 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from everybirth.tables import BoolArray, Float64Array, Int32Array, Int64Array

Where = tuple[tuple[str, str], ...]  # (dimension, value), sorted: which births; () is all
Key = tuple[str, Where]  # what is counted, of which births

NOBODY = -1
WHOLE, MARGIN = 30.0, 4.0  # how much dearer it is to hide a total, or the total of a row, than a single cell
PAST = 0.2  # and how much cheaper, what an earlier run found
RUN = "run"  # dimension of what earlier runs found


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells and relations, as arrays.

    value      (n,) true counts
    public     (n,) whether the cell stands in a table, unless it is hidden, or is to be taken for known
    tells      (n,) whether 0 says something of each of the births it is out of, so that 0 is as small as 1
    exempt     (n,) counts of what no record says: nobody is known by that, so that they may be small
    stands_in  (n,) the cell to hide so that this one is not plain: itself if it is public, NOBODY if there is none
    cost       (n,) of hiding it
    whole      (n,) totals of everything
    member, sign, start   relation r: sum of sign * value over member[start[r]:start[r + 1]] is 0; its first is the sum
    bound, bound_sign, bound_start   the same for sums that are known to be 0 or more
    """

    value: Int64Array
    public: BoolArray
    tells: BoolArray
    exempt: BoolArray
    stands_in: Int32Array
    cost: Float64Array
    whole: BoolArray
    member: Int32Array
    sign: Float64Array
    start: Int32Array
    bound: Int32Array
    bound_sign: Float64Array
    bound_start: Int32Array

    def __len__(self) -> int:
        return len(self.value)

    @property
    def n_relations(self) -> int:
        return len(self.start) - 1


@dataclass(slots=True)
class Ledger:
    """Cells and relations as they are collected from the tables; one cell for each key, however many tables show it."""

    place: dict[Key, int] = field(default_factory=dict)
    value: list[int] = field(default_factory=list)
    public: list[bool] = field(default_factory=list)
    left_out: set[int] = field(default_factory=set)
    tells: list[bool] = field(default_factory=list)
    exempt: list[bool] = field(default_factory=list)
    stands_in: list[int] = field(default_factory=list)
    relations: list[tuple[int, ...]] = field(default_factory=list)
    bounds: list[tuple[tuple[int, ...], tuple[int, ...]]] = field(default_factory=list)

    def add(self, key: Key, value: int, *, tells: bool = False) -> int:
        """The cell of a count that tables show unless it is hidden; the same key is the same cell.

        Raises   ValueError  if the key was counted before with another result
        """
        return self._add(key, value, tells=tells, exempt=False, stands_in=True)

    def unsaid(self, key: Key, value: int, *, shown: bool) -> int:
        """The cell of a count of what no record says. It is never hidden and hides nothing.

        shown   False: it is left out of the tables, but taken to be known all the same, since estimates share such
                births out: the total less the estimates of the others is near what they would be without it
        """
        cell = self._add(key, value, tells=False, exempt=True, stands_in=False)
        if not shown:
            self.left_out.add(cell)
        return cell

    def untold(self, key: Key, value: int, instead: Iterable[int] = ()) -> int:
        """The cell of a count that stands in no table and need not be kept from being worked out.

        instead   cells that it is the sum of; the greatest is the one to hide where it must not be plain
        """
        cell = self._add(key, value, tells=False, exempt=True, stands_in=False)
        self.public[cell] = False
        self.stands_in[cell] = max((self.stands_in[part] for part in instead), key=self._size, default=NOBODY)
        return cell

    def _size(self, cell: int) -> int:
        return NOBODY if cell == NOBODY else self.value[cell]

    def shows(self, cell: int) -> bool:
        """Whether tables have a place for the count."""
        return self.public[cell] and cell not in self.left_out

    def _add(self, key: Key, value: int, *, tells: bool, exempt: bool, stands_in: bool) -> int:
        if key in self.place:
            cell = self.place[key]
            if self.value[cell] != value:
                message = f"{key[0]}: counted twice with different results."
                raise ValueError(message)
            return cell
        cell = self._next(key, value, exempt=exempt)
        self.public[cell], self.tells[cell] = True, tells
        self.stands_in[cell] = cell if stands_in else NOBODY
        return cell

    def complement(self, key: Key, whole: int, part: int) -> int:
        """The cell of what is in the whole and not in the part; it need not stand in any table to be plain."""
        if key in self.place:
            return self.place[key]
        cell = self._next(key, self.value[whole] - self.value[part], exempt=self.exempt[whole])
        self.stands_in[cell] = self.stands_in[part if self.value[part] else whole]  # a 0 is shown: it can hide nothing
        self.relate(whole, (part, cell))
        return cell

    def _next(self, key: Key, value: int, *, exempt: bool) -> int:
        cell = self.place[key] = len(self.value)
        self.value.append(value)
        self.public.append(False)
        self.tells.append(False)
        self.exempt.append(exempt)
        self.stands_in.append(NOBODY)
        return cell

    def relate(self, whole: int, parts: Iterable[int]) -> None:
        """Say that the parts add up to the whole."""
        parts = tuple(parts)
        if self.value[whole] != sum(self.value[part] for part in parts):
            message = "Counts do not add up to their total."
            raise ValueError(message)
        self.relations.append((whole, *parts))

    def at_least(self, more: Iterable[int], fewer: Iterable[int]) -> None:
        """Say that some cells together are no fewer than some others together.

        Raises   ValueError  if they are
        """
        more, fewer = tuple(more), tuple(fewer)
        if sum(self.value[cell] for cell in more) < sum(self.value[cell] for cell in fewer):
            message = "Counts are more than those that they are a part of."
            raise ValueError(message)
        self.bounds.append((more, fewer))

    def cells(self) -> Cells:
        """Everything collected so far."""
        value = np.array(self.value, dtype=np.int64)
        weight = np.array([_weight(where) for _, where in self.place])  # a cell's number is its place among the keys
        relations = [(row, (-1.0, *(1.0,) * (len(row) - 1))) for row in dict.fromkeys(self.relations)]
        bounds = [
            ((*more, *fewer), (*(1.0,) * len(more), *(-1.0,) * len(fewer)))
            for more, fewer in dict.fromkeys(self.bounds)
        ]
        return Cells(
            value,
            np.array(self.public, dtype=bool),
            np.array(self.tells, dtype=bool),
            np.array(self.exempt, dtype=bool),
            np.array(self.stands_in, dtype=np.int32),
            weight * (1.0 + np.log2(1.0 + value)) if len(value) else weight,
            weight == WHOLE,
            *_ragged(relations),
            *_ragged(bounds),
        )


def _weight(where: Where) -> float:
    if any(dimension == RUN for dimension, _ in where):
        return PAST
    return (WHOLE, MARGIN, 1.0)[min(len(where), 2)]


def _ragged(rows: list[tuple[tuple[int, ...], tuple[float, ...]]]) -> tuple[Int32Array, Float64Array, Int32Array]:
    """Rows of different lengths under one another: members, signs, and where each row begins."""
    start = np.cumsum([0, *(len(members) for members, _ in rows)]).astype(np.int32)
    members = np.array([cell for row, _ in rows for cell in row], dtype=np.int32)
    signs = np.array([sign for _, row in rows for sign in row], dtype=np.float64)
    return members, signs, start
