"""Births of each stratum, listed and missed, as draws that add up."""

from dataclasses import dataclass, field

import numpy as np

from everybirth.estimate import pooling, together
from everybirth.estimate.cells import MAXIMUM_LISTS, bit, membership
from everybirth.estimate.histories import Captures
from everybirth.estimate.summary import WORDS, Status
from everybirth.tables import BoolArray, Float64Array, Int32Array, Int64Array

KEYS = ("area", "period", "sex", "site")
MOST_KEPT = 2  # keys of sums that are kept; with more they are large, and asked for once
OWN_SHARE = 0.2  # of the births estimated together, from which a sum of strata leans mostly on itself
# Refusals after which simpler models may do: the counts say enough, but not of every interaction. Where lists share too
# little, or the births missed have no upper limit, a simpler model would only hide it.
MODEL_TOO_RICH = tuple(
    WORDS[status] for status in (Status.EMPTY_HISTORY, Status.NO_MAXIMUM, Status.NOT_IDENTIFIED, Status.NEITHER)
)
TOO_FEW = "refused: fewer than two lists can hold these births, so nothing tells how many they missed"
TOO_MANY = f"refused: there are more than {MAXIMUM_LISTS} lists; merge or leave out some"


@dataclass(frozen=True, slots=True)
class Fit:
    """How the strata of a kind were found to differ.

    terms       terms of the model: lists by number among those of the kind, e.g. "1", "12"
    deviations  effect ("stratum" for the stratum itself) -> (n_terms,) standard deviation, on the logit scale
    settled     whether the search for them came to an end
    """

    terms: tuple[str, ...]
    deviations: dict[str, Float64Array]
    settled: bool


@dataclass(frozen=True, slots=True)
class Estimated:
    """Births by stratum. A draw of the missed births belongs to the draw of the linkage of its number modulo n_draws.

    keys      (n_strata, 4) area, period, sex, site; site is an index into sites, the others are codes of Captures
    sites     names of sites
    listed    (n_draws, n_strata) births on any list
    on_list   (n_draws, n_strata, n_lists) births on each
    missed    (n_out, n_strata) births on none; 0 where refused
    method    (n_strata,) name of the method
    status    (n_strata,) "ok", "pooled" or "refused: why"
    can_hold, held   (n_strata,) lists, as bits, that can hold such births, and those of them that have any
    kind      (n_strata,) number of its kind: strata of one kind, which the same lists can hold, are estimated together
    by        which of the keys are told apart
    given     what is assumed, in words, for each set of lists that hold births (as bits)
    shrinkage, unpooled   (n_strata,) weight of what other strata say; births missed by the stratum's own counts alone;
              NaN where the stratum was not pooled or has no such estimate
    fits      how strata of a kind differ, for each set of lists
    sums      what groups() has added up so far: several tables ask for the same
    """

    keys: Int32Array
    sites: tuple[str, ...]
    listed: Float64Array
    on_list: Float64Array
    missed: Float64Array
    method: tuple[str, ...]
    status: tuple[str, ...]
    can_hold: Int64Array
    held: Int64Array
    kind: Int64Array
    by: tuple[str, ...]
    given: dict[int, str]
    shrinkage: Float64Array
    unpooled: Float64Array
    fits: "dict[int, Fit]"
    sums: "dict[tuple[str, ...], Groups]" = field(default_factory=dict)

    def cycled(self, draws: Float64Array) -> Float64Array:
        """Draws of the linkage, repeated in turn until there are as many as draws of the missed births."""
        again: Float64Array = draws[np.arange(len(self.missed)) % len(draws)]
        return again


def collapsed(counts: Float64Array, lists: int, n_lists: int) -> Float64Array:
    """The same births, counted by their history on some of the lists only.

    counts   (..., 2**n_lists)
    lists    the set of lists to keep, as bits
    Returns  (..., 2**k) for the k lists kept, in the same order
    """
    kept = [k for k in range(n_lists) if lists & bit(k, n_lists)]
    held = membership(n_lists)[:, kept]
    cell = held @ (1 << np.arange(len(kept) - 1, -1, -1)) if kept else np.zeros(2**n_lists, dtype=np.int64)
    together = counts[..., np.argsort(cell, kind="stable")]  # every history on the kept lists has as many
    found: Float64Array = together.reshape(*counts.shape[:-1], 2 ** len(kept), -1).sum(axis=-1)
    return found


def kinds(captures: Captures) -> dict[int, Int64Array]:
    """Strata by the set of lists that can hold their births, less lists that have none of them at all."""
    return _by_lists(_holders(captures)[1])


def _by_lists(held: Int64Array) -> dict[int, Int64Array]:
    return {int(lists): np.flatnonzero(held == lists) for lists in np.unique(held)}


def _holders(captures: Captures) -> tuple[Int64Array, Int64Array]:
    """Lists that can hold the births of each stratum, and those of them that have any of the kind: (n_strata,) bits."""
    histories = np.arange(captures.counts.shape[2])
    can_hold = captures.can_hold
    held = can_hold.copy()
    for lists in np.unique(can_hold):
        rows = can_hold == lists
        seen = captures.counts[:, rows].any(axis=(0, 1))
        held[rows] = lists & int(np.bitwise_or.reduce(histories[seen]))
    return can_hold, held


def estimated(captures: Captures, seed: int) -> Estimated:
    """Estimate the births of every stratum; small ones lean on others that the same lists can hold.

    Where a list can hold no birth of a stratum, its not having them says nothing: it does not count as a list there.
    """
    n_draws, n_strata, n_cells = captures.counts.shape
    n_lists = n_cells.bit_length() - 1
    keys, sites = _keys(captures)
    n_out = n_draws * -(-pooling.LEAST_DRAWS // n_draws)
    missed, kind = np.zeros((n_out, n_strata)), np.zeros(n_strata, dtype=np.int64)
    shrinkage, unpooled = np.full((2, n_strata), np.nan)
    given: dict[int, str] = {}
    fits: dict[int, Fit] = {}
    can_hold, held = _holders(captures)
    method, status = [""] * n_strata, [TOO_FEW if n_lists <= MAXIMUM_LISTS else TOO_MANY] * n_strata
    for number, (lists, rows) in enumerate(_by_lists(held).items()):
        kind[rows] = number
        if not 2 <= lists.bit_count() <= MAXIMUM_LISTS:
            continue
        one = _kind(collapsed(captures.counts[:, rows], lists, n_lists), keys[rows], n_out, [seed, lists])
        missed[:, rows], shrinkage[rows], unpooled[rows] = one.missed, one.shrinkage, one.unpooled
        for row, text in zip(rows.tolist(), one.status, strict=True):
            method[row], status[row] = one.method, text
        if one.given:
            given[lists] = one.given
        if one.fit is not None:
            fits[lists] = one.fit
    return Estimated(
        keys=keys,
        sites=sites,
        listed=captures.counts.sum(axis=2),
        on_list=captures.counts @ membership(n_lists).astype(np.float64),
        missed=missed,
        method=tuple(method),
        status=tuple(status),
        can_hold=can_hold,
        held=held,
        kind=kind,
        by=captures.by,
        given=given,
        shrinkage=shrinkage,
        unpooled=unpooled,
        fits=fits,
    )


def _keys(captures: Captures) -> tuple[Int32Array, tuple[str, ...]]:
    """(n_strata, 4) area, period, sex, site of the strata; and the names of sites."""
    sites = tuple(dict.fromkeys(frame.site for frame in captures.frames))
    site = np.array([sites.index(frame.site) for frame in captures.frames], dtype=np.int32)[captures.strata[:, 3]]
    return np.column_stack([captures.strata[:, :3], site]).astype(np.int32), sites


@dataclass(frozen=True, slots=True)
class _Kind:
    """The strata of one kind.

    missed   (n_out, n_rows), 0 where refused
    given    "" if all are refused
    shrinkage, unpooled   (n_rows,) NaN and fit None where strata were not pooled
    """

    missed: Float64Array
    status: tuple[str, ...]
    method: str
    given: str
    shrinkage: Float64Array
    unpooled: Float64Array
    fit: Fit | None


def _kind(counts: Float64Array, keys: Int32Array, n_out: int, seed: list[int]) -> _Kind:
    """Estimate strata that the same lists can hold: pooled or, where that is refused, all together.

    counts   (n_draws, n_rows, 2**k) for the k lists that can hold them
    keys     (n_rows, 4)
    """
    number = int(np.random.SeedSequence(seed).generate_state(1)[0])
    effects = {name: keys[:, d] for d, name in enumerate(KEYS)}
    found = pooling.pool(counts, effects, number)
    status = tuple(str(text) for text in found.status)
    known = np.array([not text.startswith("refused") for text in status], dtype=bool)
    if known.any():
        missed = np.where(known, found.missed, 0.0)
        method = pooling.method(counts.shape[2].bit_length() - 1)
        fit = Fit(found.terms, found.deviations, found.converged)
        return _Kind(missed, status, method, found.assumption, found.shrinkage, found.unpooled, fit)
    nothing = np.full(len(keys), np.nan)
    whole = together.together(counts, n_out, number) if status[0] in MODEL_TOO_RICH else None
    if whole is None:
        return _Kind(np.zeros((n_out, len(keys))), status, "", "", nothing, nothing, None)
    return _Kind(whole, ("pooled",) * len(keys), together.METHOD, together.GIVEN, nothing, nothing, None)


@dataclass(frozen=True, slots=True)
class Groups:
    """Sums over strata alike in some keys.

    keys      (n_groups, n_keys) their codes, ascending
    births    (n_out, n_groups) draws of births, listed or not
    on_list   (n_out, n_groups, n_lists) draws of births on each list
    listed    (n_out, n_groups)
    method, status   (n_groups,)
    """

    keys: Int32Array
    births: Float64Array
    listed: Float64Array
    on_list: Float64Array
    method: tuple[str, ...]
    status: tuple[str, ...]

    @property
    def refused(self) -> BoolArray:
        return np.array([text.startswith("refused") for text in self.status], dtype=bool)


def groups(found: Estimated, by: tuple[str, ...]) -> Groups:
    """Add up strata, draw by draw; () for all of them."""
    if by not in found.sums:
        added = _groups(found, by)
        if len(by) > MOST_KEPT:
            return added
        found.sums[by] = added
    return found.sums[by]


def _groups(found: Estimated, by: tuple[str, ...]) -> Groups:
    columns = found.keys[:, [KEYS.index(name) for name in by]]
    keys, place = np.unique(columns, axis=0, return_inverse=True) if by else (np.zeros((1, 0), np.int32), None)
    place = np.zeros(len(columns), dtype=np.int64) if place is None else place.reshape(-1)
    order = np.argsort(place, kind="stable")
    start = np.flatnonzero(np.diff(place[order], prepend=-1))
    missed = _sums(found.missed, order, start)
    listed = found.cycled(_sums(found.listed, order, start))
    on_list = found.cycled(_sums(found.on_list, order, start))
    members = np.split(order, start[1:])
    weight = found.listed.mean(axis=0)
    of_kind: Float64Array = np.bincount(found.kind, weights=weight).astype(np.float64)
    return Groups(
        keys=keys if len(start) else keys[:0],
        births=listed + missed,
        listed=listed,
        on_list=on_list,
        method=tuple(" + ".join(sorted({found.method[s] for s in rows} - {""})) for rows in members[: len(start)]),
        status=tuple(_status(rows, found, (weight, of_kind)) for rows in members[: len(start)]),
    )


def _sums(values: Float64Array, order: Int64Array, start: Int64Array) -> Float64Array:
    """Sums over the second axis, of the strata from each start to the next."""
    if not len(start):
        return values[:, :0]
    if len(start) == values.shape[1]:
        return values if np.all(order[1:] > order[:-1]) else np.take(values, order, axis=1)
    summed: Float64Array = np.add.reduceat(np.take(values, order, axis=1), start, axis=1)
    return summed


def _status(rows: Int64Array, found: Estimated, weights: tuple[Float64Array, Float64Array]) -> str:
    """One status for some strata, of which some may be refused, some lean on others.

    Sums are "pooled" if most of their births lie in strata that lean on others and they are a small part of what these
    strata lean on; a large part leans mostly on itself.
    weights   births of each stratum; of each kind of strata
    """
    weight, of_kind = weights
    if len(rows) == 1 and weight[rows[0]] > 0:
        return found.status[int(rows[0])]
    refused = [row for row in rows if found.status[row].startswith("refused")]
    if len(refused) == len(rows):
        return found.status[int(refused[int(weight[refused].argmax())])]
    if refused and (births := round(float(weight[refused].sum()))):
        why = found.status[int(refused[int(weight[refused].argmax())])].removeprefix("refused: ")
        return f"partial: of the births missed where {births:,} listed ones lie, none is counted ({why})"
    pooled = [row for row in rows if found.status[row] == "pooled"]
    if 2 * weight[pooled].sum() <= weight[rows].sum():
        return "ok"
    return "ok" if len(rows) > 1 and _own_share(found.kind[rows], weight[rows], of_kind) >= OWN_SHARE else "pooled"


def _own_share(kind: Int64Array, weight: Float64Array, of_kind: Float64Array) -> float:
    """How large a part of the births estimated together some strata are, on average over their births."""
    own = np.bincount(kind, weights=weight, minlength=len(of_kind))
    return float((own * own / np.maximum(of_kind, 1e-300)).sum() / own.sum()) if own.sum() > 0 else 0.0


def linkage_share(draws: Float64Array, n_linkage: int) -> float | None:
    """Share of the variance of a figure that comes from not knowing which records are one birth.

    draws      (n_out,) of which draw o rests on draw o modulo n_linkage of the linkage
    Returns    None where the draws cannot tell: one draw of the linkage, or one draw for each
    Law of total variance, by sums of squares within and between the draws of the linkage.
    """
    rounds = len(draws) // n_linkage
    if n_linkage < 2 or rounds < 2:
        return None
    table = draws[: rounds * n_linkage].reshape(rounds, n_linkage)
    within = float(table.var(axis=0, ddof=1).mean())
    between = max(float(table.mean(axis=0).var(ddof=1)) - within / rounds, 0.0)
    return between / (between + within) if between + within > 0 else 0.0
