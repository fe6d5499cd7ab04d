"""From linked records to estimates, composed. Called by the pipeline only."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from everybirth.estimate import frames
from everybirth.estimate.births import Births, reading
from everybirth.estimate.cells import bit
from everybirth.estimate.completeness import estimates, lists_table, tally
from everybirth.estimate.crude import crude_counts
from everybirth.estimate.headline import headline
from everybirth.estimate.histories import Captures, Partitions, Redrawn, captures, partitions
from everybirth.estimate.linkage_error import Links, ding_fienberg
from everybirth.estimate.ratios import sex_ratios
from everybirth.estimate.scope import Scope
from everybirth.estimate.sensitivity import by_lists, sensitivity
from everybirth.estimate.strata import estimated
from everybirth.tables import MISSING, BoolArray, Int32Array, Records

if TYPE_CHECKING:
    from everybirth.linking import Linked
    from everybirth.resolve import Draws


@dataclass(frozen=True, slots=True)
class Estimates:
    """What is estimated of linked births.

    tables    by file name: estimates, completeness, sex_ratio, counts, sensitivity
    report    for run.json
    """

    tables: dict[str, pl.DataFrame]
    report: dict[str, Any]
    warnings: tuple[str, ...]


def estimate(records: Records, linked: "Linked", wanted: Scope, seed: int) -> Estimates:
    """Estimate births and completeness over all draws of the linkage."""
    draws = linked.partition.draws
    read = reading(records, wanted)
    parts = partitions(read, draws.base, redrawn(draws), draws.n_draws)
    counted = captures(read, parts, wanted, seed)
    found = estimated(counted, seed)
    each = by_lists(counted, wanted.lists)
    on_time = _on_time(records, parts, wanted)
    alike = tally(counted.best, wanted.within_days, None if on_time is None else on_time[~parts.best.outside])
    month, plurality = _month(records, parts.best), _plurality(records, parts.best)
    tables = {
        "estimates": estimates(found, counted, wanted, alike),
        "completeness": lists_table(found, counted, wanted, alike),
        "sex_ratio": sex_ratios(found, counted, wanted),
        "counts": crude_counts(parts.best, read.labels, month, plurality),
        "sensitivity": sensitivity(found, each, wanted.methods, seed),
    }
    report, remarks = headline(found, counted, wanted, seed)
    report["sensitivity"] = tables["sensitivity"].to_dicts()
    report["against_covers"] = frames.contradictions(parts.best, wanted.lists)
    if len(wanted.lists) == 2:
        report["linkage_corrected"] = _corrected(records, linked, counted)
    return Estimates(tables, report, (*frames.warnings(read, parts.best, wanted), *remarks))


def redrawn(draws: "Draws") -> Redrawn:
    """What each draw puts together otherwise than the best partition does, component by component."""

    def changed(draw: int) -> tuple[Int32Array, Int32Array]:
        some = slice(draws.offset[draw], draws.offset[draw + 1])
        size = draws.size[some].astype(np.int64)
        within = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        first = np.repeat(draws.members[some], size)
        place = draws.labels[np.repeat(draws.label[some], size) + within]
        return draws.records[first + within], draws.records[first + place]

    return changed


def _values(records: Records, name: str, codes: Int32Array) -> pl.Series:
    """The values of a column for some codes, null where missing."""
    column = records.columns[name]
    return column.values.extend_constant(None, 1).gather(np.where(codes < 0, len(column.values), codes))


def _month(records: Records, best: Births) -> pl.Series:
    if "birth_date" not in records.columns:
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(best))
    months = records.columns["birth_date"].values.cast(pl.Date).dt.strftime("%Y-%m").extend_constant(None, 1)
    return months.gather(np.where(best.date < 0, len(months) - 1, best.date))


def _plurality(records: Records, best: Births) -> pl.Series:
    if "plurality" not in records.columns:
        return pl.Series([None], dtype=pl.Float64).new_from_index(0, len(best))
    return _values(records, "plurality", best.plurality)


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
    expected = float(counted.counts[:, :, 3].sum(axis=1).mean()) / max(float(linked.report["blocking_recall"]), 1e-9)
    return ding_fienberg(Links(first, second, both, trust * both, expected))
