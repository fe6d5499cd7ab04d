"""From linked records to estimates, composed. Called by the pipeline only."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from scipy.special import expit

from everybirth.estimate import frames
from everybirth.estimate.births import reading
from everybirth.estimate.cells import bit
from everybirth.estimate.completeness import estimates, lists_table, pooling_table, tally
from everybirth.estimate.crude import area_names, crude_counts
from everybirth.estimate.headline import headline
from everybirth.estimate.histories import Captures, captures, partitions
from everybirth.estimate.linkage_error import Links, ding_fienberg
from everybirth.estimate.missed_links import Missed, merged
from everybirth.estimate.ratios import sex_ratios
from everybirth.estimate.redrawn import Redrawn
from everybirth.estimate.remarks import of_linkage, of_lists_left_out, of_nested, of_timeliness
from everybirth.estimate.scope import Scope
from everybirth.estimate.sensitivity import by_lists, sensitivity
from everybirth.estimate.strata import estimated
from everybirth.estimate.timeliness import timeliness
from everybirth.registration import first_registered
from everybirth.tables import BoolArray, Float64Array, Records
from everybirth.weigh.model import CLASSES

if TYPE_CHECKING:
    from everybirth.linking import Linked
    from everybirth.resolve import Draws

SAME_BIRTH, SAME_DELIVERY = CLASSES[:2]


@dataclass(frozen=True, slots=True)
class Estimates:
    """What is estimated of linked births.

    tables    by file name: estimates, completeness, sex_ratio, counts, sensitivity, pooling
    report    for run.json
    area      (n_births,) Enum: label of each birth's area, "unknown" or "out of scope"
    outside   (n_births,) births in places or on days that the plan leaves out
    registered_on   (n_births,) Date: first entry in the civil register; null: not there, or it does not say when
    """

    tables: dict[str, pl.DataFrame]
    report: dict[str, Any]
    warnings: tuple[str, ...]
    area: pl.Series
    outside: BoolArray
    registered_on: pl.Series


def estimate(records: Records, linked: "Linked", wanted: Scope, seed: int) -> Estimates:
    """Estimate births and completeness over all draws of the linkage."""
    draws = linked.partition.draws
    read = reading(records, wanted)
    parts = partitions(read, draws.base, redrawn(draws))
    counted = captures(read, parts, wanted, seed)
    missed = Missed(linked.hidden.pairs, linked.hidden.sd)
    counted = replace(counted, counts=merged(counted.counts, missed, seed, counted.can_hold))
    found = estimated(counted, seed)
    registered = first_registered(records, parts.number.astype(np.int32), len(parts.best), wanted.register)
    timely = timeliness(parts.best, registered, _dates(records), wanted)
    alike = tally(counted.best, wanted.within_days, None if timely is None else timely.in_time)
    each = by_lists(counted, wanted.lists)
    tables = {
        "estimates": estimates(found, counted, wanted, alike),
        "completeness": lists_table(found, counted, wanted, alike),
        "sex_ratio": sex_ratios(found, counted, wanted),
        "counts": crude_counts(parts.best, read.labels, _months(records), _children(records)),
        "sensitivity": sensitivity(found, each, wanted.methods, seed),
        "pooling": pooling_table(found, read.labels, wanted.lists),
    }
    report, remarks = headline(found, counted, wanted, seed)
    report["sensitivity"] = tables["sensitivity"].to_dicts()
    report["against_covers"] = frames.contradictions(parts.best, wanted.lists)
    report["registered_in_time"] = None if timely is None else timely.report()
    remarks += [*of_nested(each), *of_lists_left_out(tables["sensitivity"]), *of_timeliness(timely, wanted)]
    if len(wanted.lists) == 2:
        report["linkage_corrected"] = _corrected(records, linked, counted)
        remarks += of_linkage(report["linkage_corrected"])
    warnings = (*frames.warnings(read, parts.best, wanted), *remarks)
    area = area_names(parts.best.area, read.labels.area)
    return Estimates(tables, report, warnings, area, parts.best.outside, registered)


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


def _dates(records: Records) -> pl.Series:
    """(n_dates,) Date: each birth date that there is."""
    if "birth_date" not in records.columns:
        return pl.Series([], dtype=pl.Date)
    return records.columns["birth_date"].values.cast(pl.Date)


def _corrected(records: Records, linked: "Linked", counted: Captures) -> dict[str, float] | None:
    """For two lists: births by the links, corrected for the errors of linkage, beside what the draws give.

    The rates of error are those of the weights of pairs, each for itself, and of blocking. The draws know more (which
    links exclude each other), so the two agree only if both are right of how many births are on both lists.
    """
    history = counted.best.history
    first, second = (float(((history & bit(k, 2)) != 0).sum()) for k in (0, 1))
    left, right = linked.pairs.left, linked.pairs.right
    across = records.list_of[left] != records.list_of[right]
    same = linked.partition.birth[left] == linked.partition.birth[right]
    likely = _likely(linked)
    joined, every = float(likely[across & same].sum()), float(likely[across].sum())
    links = Links(
        first=first,
        second=second,
        linked=float((history == 3).sum()),
        precision=joined / max(int((across & same).sum()), 1),
        recall=linked.report["blocking_recall"] * joined / every if every > 0 else 0.0,
    )
    found = ding_fienberg(links)
    if found is None:
        return None
    by_draws = float(counted.counts[:, :, 3].sum(axis=1).mean())  # with the links that were missed
    return found | {"both_by_draws": by_draws}


def _likely(linked: "Linked") -> Float64Array:
    """(n_pairs,) P(same birth) of each pair by its own weight, as EM learned it, no other pair considered."""
    prior = linked.report["prior"]
    birth, delivery = (float(prior[name][0]) for name in (SAME_BIRTH, SAME_DELIVERY))
    rest = np.log(max(1.0 - birth - delivery, 1e-300))
    of_birth = linked.pairs.same_birth + np.log(max(birth, 1e-300))
    other = np.logaddexp(linked.pairs.same_delivery + np.log(max(delivery, 1e-300)), rest)
    found: Float64Array = expit(of_birth - other)
    return found
