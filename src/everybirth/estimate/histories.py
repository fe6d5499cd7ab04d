"""Capture histories by stratum, for every draw of the linkage."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from everybirth.estimate.births import Births, Labels, Reading, births
from everybirth.estimate.imputation import Donors, donors, fill
from everybirth.estimate.scope import Scope
from everybirth.tables import MISSING, BoolArray, Float64Array, Int32Array, Int64Array

# For a draw: the records of all births that it puts together otherwise than the best partition does, and the label of
# each, equal for the records of one birth. No record of such a birth, of either partition, is left out.
Redrawn = Callable[[int], tuple[Int32Array, Int32Array]]

DIMENSIONS = ("area", "period", "sex", "frame")
MOST_CELLS = 40_000_000  # counts held over all draws; with more strata fewer draws are used, then fewer dimensions
FEWEST_DRAWS = 20


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
    """

    labels: Labels
    frames: tuple[Frame, ...]
    strata: Int32Array
    counts: Float64Array
    by: tuple[str, ...]
    best: Births
    filled_in: int
    set_apart: int


@dataclass(frozen=True, slots=True)
class Partitions:
    """Which records are one birth, at best and in draws.

    number    (n_records,) number of the record's birth in the best partition
    best      (n_births,) the births of the best partition
    redrawn   what a draw changes
    n_draws   how many draws there are
    """

    number: Int64Array
    best: Births
    redrawn: Redrawn
    n_draws: int


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


def partitions(read: Reading, base: Int32Array, redrawn: Redrawn, n_draws: int) -> Partitions:
    """Read the births of the best partition.

    base      (n_records,) smallest record of each record's birth in the best partition
    """
    label, members = _by_label(base, np.arange(len(base)))
    start = np.flatnonzero(np.diff(label, prepend=-1))
    number = np.cumsum(base == np.arange(len(base))) - 1
    return Partitions(number[base], births(read, members, start), redrawn, n_draws)


def captures(read: Reading, parts: Partitions, wanted: Scope, seed: int) -> Captures:
    """Count the births of every draw; of fewer draws, and by less, if strata are very many.

    Only births that a draw changes are read anew. Births that lack a value get it anew in each draw.
    """
    best = parts.best
    inside: BoolArray = ~best.outside
    grid, frames, by = _grid(read, best.take(inside), wanted)
    used = max(1, min(parts.n_draws, max(FEWEST_DRAWS, MOST_CELLS // grid.n_cells)))
    values = grid.values(best)
    whole: BoolArray = np.all(values >= 0, axis=1)
    given = donors(best.history[inside & whole], values[inside & whole], 0, grid.sizes[0])
    usual = np.bincount(grid.cells(values[inside & whole], best.history[inside & whole]), minlength=grid.n_cells)
    open_births = np.flatnonzero(inside & ~whole)
    counts = np.empty((used, grid.n_cells), dtype=np.int32)
    for draw in range(used):
        rng = np.random.default_rng([seed, draw])
        records, label = parts.redrawn(draw)
        gone, new = _changed(read, parts.number[records], records, label)
        removed = gone[inside[gone] & whole[gone]]
        still = open_births[~np.isin(open_births, gone, assume_unique=True)]
        added = new.take(~new.outside)
        more = np.concatenate([values[still], grid.values(added)])
        history = np.concatenate([best.history[still], added.history])
        _complete(more, history, given, grid, frames, rng)
        counts[draw] = usual + np.bincount(grid.cells(more, history), minlength=grid.n_cells)
        counts[draw] -= np.bincount(grid.cells(values[removed], best.history[removed]), minlength=grid.n_cells)
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
        filled_in=len(open_births),
        set_apart=int((~inside).sum()),
    )


def _changed(read: Reading, gone: Int64Array, records: Int32Array, label: Int32Array) -> tuple[Int64Array, Births]:
    """Births of the best partition that a draw does away with, and those that it makes of their records."""
    label_of, members = _by_label(label, records)
    start = np.flatnonzero(np.diff(label_of, prepend=-1))
    return np.unique(gone), births(read, members, start)


def _by_label(label: Int32Array, records: Int32Array | Int64Array) -> tuple[Int64Array, Int64Array]:
    """Labels and their records, ascending by label, then record: sorted as one number, much faster than as two."""
    both = (label.astype(np.int64) << 32) | records
    both.sort()
    return both >> 32, both & 0xFFFFFFFF


def _grid(read: Reading, best: Births, wanted: Scope) -> tuple[_Grid, tuple[Frame, ...], tuple[str, ...]]:
    """The dimensions that the plan asks for and the births have, fewer if there would be too many cells."""
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
    room = MOST_CELLS // FEWEST_DRAWS
    for name in ("none", "period", "sex", "area"):
        apart[name] = False
        sizes = tuple(len(getattr(read.labels, each)) if apart[each] else 1 for each in has)
        if math.prod(sizes) * len(frames) * 2**read.n_lists <= room:
            break
    by = tuple(name for name in has if apart[name]) + (("site",) if by_site else ())
    told_apart = (*(apart[each] for each in has), True)
    return _Grid((*sizes, len(frames)), told_apart, keys, by_site, read.n_lists), tuple(frames), by


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


def _complete(
    values: Int32Array,
    history: Int32Array,
    given: Donors,
    grid: _Grid,
    frames: tuple[Frame, ...],
    rng: np.random.Generator,
) -> None:
    """Fill in what is missing, in place; a birth like no other goes to the last frame, elsewise where any other is."""
    rows = np.flatnonzero((values < 0).any(axis=1))
    some = values[rows]
    found = fill(history[rows], some, 0, given, rng)
    lonely: BoolArray = ~found
    if lonely.any():
        like = np.zeros(int(lonely.sum()), dtype=np.int64)
        if len(given.key):
            like = rng.integers(len(given.key), size=len(like))
            donated = given.values[like]
        else:
            donated = np.zeros((len(like), some.shape[1]), dtype=np.int32)
        donated[:, 3] = len(frames) - 1
        some[lonely] = np.where(some[lonely] < 0, donated, some[lonely])
    values[rows] = some
