"""Capture histories by stratum, for every draw of the linkage."""

import math
from dataclasses import dataclass

import numpy as np

from everybirth.estimate.births import Births, Labels, Reading, births
from everybirth.estimate.imputation import Donors, donors, fill
from everybirth.estimate.redrawn import Redrawn, Regrouped, recount, regrouped
from everybirth.estimate.scope import Scope
from everybirth.estimate.unfinished import Unfinished, fill_lonely, lacking, runs
from everybirth.tables import MISSING, BoolArray, Float64Array, Int32Array, Int64Array

MOST_CELLS = 40_000_000  # counts held over all draws; with more strata fewer draws are used, then fewer dimensions
FEWEST_DRAWS = 20
NOT_COUNTED, OPEN = -1, -2  # in place of a birth's cell: out of scope; not known until the birth is filled in


@dataclass(frozen=True, slots=True)
class Frame:
    """A kind of births and the lists that can hold it.

    site     "" where births are not told apart by site
    can_hold set of lists, as bits
    """

    site: str
    can_hold: int


@dataclass(frozen=True, slots=True)
class Captures:
    """Births by stratum and capture history, in each draw.

    strata     (n_strata, 4) area, period, sex (MISSING where not told apart) and frame; only those that hold births
    counts     (n_draws, n_strata, 2**n_lists)
    by         what strata tell apart
    best       births of the best partition, those out of scope left out; what is not known stays MISSING
    filled_in  how many births of the best partition lacked something that strata tell apart
    set_apart  how many births of the best partition are out of scope
    merged     what strata should tell apart, and do not since they would be too many
    n_draws    draws of the linkage that there are; counts has fewer where strata are many
    """

    labels: Labels
    frames: tuple[Frame, ...]
    strata: Int32Array
    counts: Float64Array
    by: tuple[str, ...]
    best: Births
    filled_in: int
    set_apart: int
    merged: tuple[str, ...]
    n_draws: int

    @property
    def can_hold(self) -> Int64Array:
        """(n_strata,) lists that can hold births of each stratum, as bits."""
        return np.array([frame.can_hold for frame in self.frames], dtype=np.int64)[self.strata[:, 3]]


@dataclass(frozen=True, slots=True)
class Partitions:
    """Which records are one birth, at best and in draws.

    number    (n_records,) number of the record's birth in the best partition
    first     (n_records,) whether it is its birth's first record
    best      (n_births,) the births of the best partition
    redrawn   what draws change
    """

    number: Int64Array
    first: BoolArray
    best: Births
    redrawn: Redrawn


@dataclass(frozen=True, slots=True)
class _Grid:
    """How codes become cells: dimension sizes, which are told apart, and the frames' keys."""

    sizes: tuple[int, ...]
    told_apart: tuple[bool, ...]
    frame_keys: Int64Array
    by_site: bool
    n_lists: int

    def values(self, some: Births) -> Int32Array:
        """(n, 4) codes of the dimensions; 0 in those not told apart, MISSING where not known."""
        frame = _frame_codes(some, self.frame_keys, self.by_site, self.n_lists)
        each = (some.area, some.period, some.sex, frame)
        return np.array(
            [code if apart else np.zeros_like(code) for code, apart in zip(each, self.told_apart, strict=True)]
        ).T.copy()

    def cells(self, values: Int32Array, history: Int32Array) -> Int64Array:
        place: Int64Array = np.ravel_multi_index(tuple(values.T), self.sizes).astype(np.int64)
        return (place << self.n_lists) + history

    @property
    def n_cells(self) -> int:
        return math.prod(self.sizes) << self.n_lists


def partitions(read: Reading, base: Int32Array, redrawn: Redrawn) -> Partitions:
    """Read the births of the best partition.

    base      (n_records,) smallest record of each record's birth in the best partition
    """
    label, members = _by_label(base)
    start = np.flatnonzero(np.diff(label, prepend=-1))
    first = base == np.arange(len(base))
    return Partitions((np.cumsum(first) - 1)[base], first, births(read, members, start), redrawn)


def captures(read: Reading, parts: Partitions, wanted: Scope, seed: int) -> Captures:
    """Count the births of every draw; of fewer draws, and by less, if strata are very many.

    Only births that a draw changes are read anew. Births that lack a value get it anew in each draw.
    """
    best = parts.best
    inside: BoolArray = ~best.outside
    grid, frames, by, merged = _grid(read, best.take(inside), wanted)
    used = max(1, min(parts.redrawn.n_draws, max(FEWEST_DRAWS, MOST_CELLS // grid.n_cells)))
    values = grid.values(best)
    cells = _cells(grid, values, best)
    whole = np.flatnonzero(cells >= 0)
    changed = _changed(read, parts, grid, cells)
    counts = np.empty((used, grid.n_cells), dtype=np.int32)
    counts[:] = np.bincount(cells[whole], minlength=grid.n_cells)
    pieces, starts = parts.redrawn, (parts.redrawn.start, changed.births.of_piece)
    recount((pieces.piece, pieces.offset), starts, changed.removed, changed.added, counts)
    given = donors(best.history[whole], values[whole], 0, grid.sizes[0])
    unfinished = _unfinished(parts, (cells, values, changed), given)
    for draw in range(used):
        rng = np.random.default_rng([seed, draw])
        some = unfinished.of(pieces.of(draw))
        fill_lonely(some, fill(some.values, some.span, given, rng), given, len(frames) - 1, rng)
        np.add.at(counts[draw], grid.cells(some.values, some.history), 1)
    table = counts.reshape(used, -1, 2**grid.n_lists)
    seen = np.flatnonzero(table.any(axis=(0, 2)))
    strata = np.array(np.unravel_index(seen, grid.sizes), dtype=np.int32).T
    strata[:, ~np.array(grid.told_apart)] = MISSING
    return Captures(
        labels=read.labels,
        frames=frames,
        strata=strata,
        counts=table[:, seen].astype(np.float64),
        by=by,
        best=best.take(inside),
        filled_in=int((cells == OPEN).sum()),
        set_apart=int((~inside).sum()),
        merged=merged,
        n_draws=parts.redrawn.n_draws,
    )


@dataclass(frozen=True, slots=True)
class _Changed:
    """What pieces of draws change.

    births    those that they make
    values    (n_births, 4) codes of the dimensions; history   (n_births,)
    removed   (n_entries,) cell of a birth of the best partition, at its first record; OPEN; or NOT_COUNTED
    added     (n_births,) cell of a birth that is made, likewise
    """

    births: Regrouped
    values: Int32Array
    history: Int32Array
    removed: Int64Array
    added: Int64Array


def _changed(read: Reading, parts: Partitions, grid: _Grid, cells: Int64Array) -> _Changed:
    again = regrouped(parts.redrawn)
    made = births(read, again.members, again.start)
    values = grid.values(made)
    records = parts.redrawn.records
    removed = np.where(parts.first[records], cells[parts.number[records]], NOT_COUNTED)
    return _Changed(again, values, made.history, removed, _cells(grid, values, made))


def _cells(grid: _Grid, values: Int32Array, some: Births) -> Int64Array:
    """(n,) the cell in which each birth is counted; OPEN where something is missing; NOT_COUNTED out of scope."""
    cells = np.full(len(some), OPEN, dtype=np.int64)
    whole = np.all(values >= 0, axis=1)
    cells[whole] = grid.cells(values[whole], some.history[whole])
    cells[some.outside] = NOT_COUNTED
    return cells


def _unfinished(parts: Partitions, known: tuple[Int64Array, Int32Array, _Changed], given: Donors) -> Unfinished:
    """The births that have no cell.

    known   cells (n_births,) and values (n_births, 4) of the best partition; what draws change
    """
    cells, values, changed = known
    open_births, gone, made = (np.flatnonzero(each == OPEN) for each in (cells, changed.removed, changed.added))
    number = parts.number[parts.redrawn.records[gone]]
    return Unfinished(
        births=lacking(
            np.concatenate([values[open_births], changed.values[made]]),
            np.concatenate([parts.best.history[open_births], changed.history[made]]),
            given,
        ),
        n_best=len(open_births),
        gone=np.searchsorted(open_births, number),
        gone_start=runs(changed.removed == OPEN, parts.redrawn.start),
        first=changed.births.first[made],
        made_start=runs(changed.added == OPEN, changed.births.of_piece),
    )


def _by_label(label: Int32Array) -> tuple[Int64Array, Int64Array]:
    """Labels and their records, ascending by label, then record: sorted as one number, much faster than as two."""
    both = (label.astype(np.int64) << 32) | np.arange(len(label))
    both.sort()
    return both >> 32, both & 0xFFFFFFFF


def _grid(
    read: Reading, best: Births, wanted: Scope
) -> tuple[_Grid, tuple[Frame, ...], tuple[str, ...], tuple[str, ...]]:
    """The dimensions that the plan asks for and the births have, fewer if there would be too many cells.

    Returns  the grid, its frames, what strata tell apart, and what they should but do not
    """
    by_site = bool((best.site >= 0).any()) and ("site" in wanted.by or "site" in read.can_hold)
    known = best.can_hold >= 0
    if by_site:
        known &= best.site >= 0
    keys = np.unique(_frame_key(best, by_site, read.n_lists)[known])
    everywhere = 2**read.n_lists - 1
    frames = [Frame(read.labels.site[key >> read.n_lists] if by_site else "", int(key & everywhere)) for key in keys]
    frames.append(Frame("unknown" if by_site else "", everywhere))  # for births of which no other is like
    has = {"area": best.area, "period": best.period, "sex": best.sex}
    apart = {name: name in wanted.by and bool((codes >= 0).any()) for name, codes in has.items()}
    asked = tuple(name for name in has if apart[name])
    room = MOST_CELLS // FEWEST_DRAWS
    for name in ("none", "period", "sex", "area"):
        apart[name] = False
        sizes = tuple(len(getattr(read.labels, each)) if apart[each] else 1 for each in has)
        if math.prod(sizes) * len(frames) * 2**read.n_lists <= room:
            break
    by = tuple(name for name in has if apart[name]) + (("site",) if by_site else ())
    merged = tuple(name for name in asked if not apart[name])
    told_apart = (*(apart[each] for each in has), True)
    return _Grid((*sizes, len(frames)), told_apart, keys, by_site, read.n_lists), tuple(frames), by, merged


def _frame_key(some: Births, by_site: bool, n_lists: int) -> Int64Array:
    site = some.site.astype(np.int64) if by_site else np.zeros(len(some), dtype=np.int64)
    return (site << n_lists) | some.can_hold


def _frame_codes(some: Births, keys: Int64Array, by_site: bool, n_lists: int) -> Int32Array:
    """(n,) index into the frames, MISSING where it is not known."""
    if not len(keys):
        return np.full(len(some), MISSING, dtype=np.int32)
    key = _frame_key(some, by_site, n_lists)
    place = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
    known = (keys[place] == key) & (some.can_hold >= 0)
    if by_site:
        known &= some.site >= 0
    return np.where(known, place, MISSING).astype(np.int32)
