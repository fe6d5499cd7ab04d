"""From linked records to estimates, composed. Called by the pipeline only."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from everybirth.estimate import frames
from everybirth.estimate.births import reading
from everybirth.estimate.cells import bit
from everybirth.estimate.completeness import estimates, lists_table, tally
from everybirth.estimate.crude import area_names, crude_counts
from everybirth.estimate.headline import headline
from everybirth.estimate.histories import Captures, Partitions, captures, partitions
from everybirth.estimate.linkage_error import Links, ding_fienberg
from everybirth.estimate.missed_links import Missed, merged
from everybirth.estimate.ratios import sex_ratios
from everybirth.estimate.redrawn import Redrawn
from everybirth.estimate.scope import Scope
from everybirth.estimate.sensitivity import by_lists, sensitivity
from everybirth.estimate.strata import estimated
from everybirth.tables import MISSING, BoolArray, Records

if TYPE_CHECKING:
    from everybirth.linking import Linked
    from everybirth.resolve import Draws


@dataclass(frozen=True, slots=True)
class Estimates:
    """What is estimated of linked births.

    tables    by file name: estimates, completeness, sex_ratio, counts, sensitivity
    report    for run.json
    area      (n_births,) Enum: label of each birth's area, "unknown" or "out of scope"
    outside   (n_births,) births in places or on days that the plan leaves out
    """

    tables: dict[str, pl.DataFrame]
    report: dict[str, Any]
    warnings: tuple[str, ...]
    area: pl.Series
    outside: BoolArray


def estimate(records: Records, linked: "Linked", wanted: Scope, seed: int) -> Estimates:
    """Estimate births and completeness over all draws of the linkage."""
    draws = linked.partition.draws
    read = reading(records, wanted)
    parts = partitions(read, draws.base, redrawn(draws))
    counted = captures(read, parts, wanted, seed)
    missed = Missed(linked.hidden.pairs, linked.hidden.sd)
    counted = replace(counted, counts=merged(counted.counts, missed, seed))
    found = estimated(counted, seed)
    each = by_lists(counted, wanted.lists)
    on_time = _on_time(records, parts, wanted)
    alike = tally(counted.best, wanted.within_days, None if on_time is None else on_time[~parts.best.outside])
    tables = {
        "estimates": estimates(found, counted, wanted, alike),
        "completeness": lists_table(found, counted, wanted, alike),
        "sex_ratio": sex_ratios(found, counted, wanted),
        "counts": crude_counts(parts.best, read.labels, _months(records), _children(records)),
        "sensitivity": sensitivity(found, each, wanted.methods, seed),
    }
    report, remarks = headline(found, counted, wanted, seed)
    report["sensitivity"] = tables["sensitivity"].to_dicts()
    report["against_covers"] = frames.contradictions(parts.best, wanted.lists)
    if len(wanted.lists) == 2:
        report["linkage_corrected"] = _corrected(records, linked, counted)
    warnings = (*frames.warnings(read, parts.best, wanted), *remarks)
    return Estimates(tables, report, warnings, area_names(parts.best.area, read.labels.area), parts.best.outside)


def redrawn(draws: "Draws") -> Redrawn:
    """What the draws put together otherwise than the best partition does: each way of each component is a piece."""
    way = (draws.members << 32) | draws.label
    order = np.argsort(way)
    new = np.diff(way[order], prepend=-1) != 0
    piece = np.empty(len(way), dtype=np.int64)
    piece[order] = np.cumsum(new) - 1
    each = order[new]
    start = np.append(0, np.cumsum(draws.size[each], dtype=np.int64))
    within = np.arange(start[-1]) - np.repeat(start[:-1], np.diff(start))
    members, label = (np.repeat(begin[each], np.diff(start)) for begin in (draws.members, draws.label))
    first = draws.labels[label + within].astype(np.int32)
    return Redrawn(draws.records[members + within], first, start, piece, draws.offset)


def _months(records: Records) -> pl.Series:
    """(n_dates,) month of each birth date that there is."""
    if "birth_date" not in records.columns:
        return pl.Series([], dtype=pl.String)
    return records.columns["birth_date"].values.cast(pl.Date).dt.strftime("%Y-%m")


def _children(records: Records) -> pl.Series:
    """(n_values,) number of children of each plurality that there is."""
    return records.columns["plurality"].values if "plurality" in records.columns else pl.Series([], dtype=pl.Float64)


def _on_time(records: Records, parts: Partitions, wanted: Scope) -> BoolArray | None:
    """Births registered in time, by their earliest date of registration; None if plan or lists do not say."""
    if wanted.within_days is None or not {"birth_date", "registration_date"} <= records.columns.keys():
        return None
    registered = records.columns["registration_date"]
    rows = np.flatnonzero(registered.codes != MISSING)
    day = registered.values.to_numpy().astype(np.int64)[registered.codes[rows]]
    earliest = np.full(len(parts.best), np.iinfo(np.int64).max)
    np.minimum.at(earliest, parts.number[rows], day)
    born = np.append(records.columns["birth_date"].values.to_numpy().astype(np.int64), 0)[parts.best.date]
    in_time: BoolArray = (parts.best.date >= 0) & (earliest - born <= wanted.within_days)
    return in_time


def _corrected(records: Records, linked: "Linked", counted: Captures) -> dict[str, float] | None:
    """For two lists: births by the links, corrected for the errors of linkage, as a check on the draws."""
    history = counted.best.history
    first, second = (float(((history & bit(k, 2)) != 0).sum()) for k in (0, 1))
    both = float((history == 3).sum())
    left, right = linked.pairs.left, linked.pairs.right
    same = linked.partition.birth[left] == linked.partition.birth[right]
    same &= records.list_of[left] != records.list_of[right]
    trust = float(linked.partition.pair_probability[same].mean()) if same.any() else 0.0
    expected = float(counted.counts[:, :, 3].sum(axis=1).mean())  # with the links that were missed
    return ding_fienberg(Links(first, second, both, trust * both, expected))
