"""From linked records to findings, composed; and from what was decided about earlier ones to what binds a run.

Called by the pipeline only.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from everybirth.estimate.areas import areas
from everybirth.estimate.births import PLACES
from everybirth.estimate.crude import area_names
from everybirth.estimate.scope import Scope
from everybirth.plan import REGISTER, Plan, digest
from everybirth.progress import Progress
from everybirth.publish import decisions as store
from everybirth.publish.access_log import log_access
from everybirth.publish.files import RunDir
from everybirth.publish.findings import detect, fate, kinds
from everybirth.publish.findings.past import Past, recall
from everybirth.publish.findings.scene import Births, PairsKept, Scene, with_rows
from everybirth.publish.frames import ascending
from everybirth.publish.release import Release
from everybirth.publish.tabulate import Links, Rules, Source, tabulate
from everybirth.resolve import Decisions, record_keys
from everybirth.standardise.corrections import corrected
from everybirth.standardise.text import identifiers, plain
from everybirth.tables import MISSING, Int16Array, Int32Array, RawList, Records

if TYPE_CHECKING:
    from everybirth.estimating import Estimates
    from everybirth.linking import Linked

NEVER_NONE = 0.5  # links missed; that there are none is not known
THRESHOLD = 10  # counts from 1 to one less are hidden, unless the plan says otherwise

__all__ = [
    "Past",
    "corrected_lists",
    "decided",
    "findings",
    "list_rank",
    "placed",
    "recall",
    "release",
    "scene",
    "still_open",
]


def list_rank(plan: Plan) -> Int16Array:
    """(n_lists,) the lower, the more a list is believed where records disagree evenly: the register comes first."""
    return np.array([0 if part.role == REGISTER else 1 + k for k, part in enumerate(plan.lists)], dtype=np.int16)


def corrected_lists(lists: Iterable[RawList], plan: Plan, past: Past) -> Iterator[RawList]:
    """The lists with the values that offices corrected in the place of those that were read."""
    made = store.corrections(past.decisions)
    plans = {part.name: part for part in plan.lists}
    for raw in lists:
        yield corrected(raw, plans[raw.name], made.filter(pl.col("list") == raw.name))


def decided(records: Records, past: Past) -> Decisions:
    """Which records offices decided to be one birth, or two.

    Raises   DataError  if decisions contradict each other
    """
    about = past.decisions.filter(pl.col("kind").is_in(kinds.ABOUT_LINKS))
    if not about.height:
        return Decisions()
    named = with_rows(records, kinds.explode_records(about)).drop_nulls("record")
    return Decisions(*store.decided_pairs(about, named.select("finding_id", "record")))


def scene(plan: Plan, records: Records, linked: "Linked", found: "Estimates", best: Mapping[str, Int32Array]) -> Scene:
    """The linked records, ready for findings to be looked for.

    best   field -> (n_births,) record whose value is shown
    """
    partition, pairs = linked.partition, linked.pairs
    likely = partition.pair_probability >= plan.link.pair_floor
    roles = [part.role for part in plan.lists]
    register = roles.index(REGISTER) if REGISTER in roles else MISSING
    births = Births(
        of_record=partition.birth,
        birth_id=linked.birth_id,
        probability=partition.birth_probability,
        area=found.area,
        outside=found.outside,
        best=best,
    )
    return Scene(
        records=records,
        births=births,
        pairs=PairsKept(pairs.left[likely], pairs.right[likely], partition.pair_probability[likely]),
        list_rank=list_rank(plan),
        register=register,
        record_key=record_keys(records.list_names, records.list_of, records.record_id),
        hidden=max(float(linked.hidden.pairs[register].sum()), NEVER_NONE) if register >= 0 else 0.0,
    )


def placed(unused: detect.Unused, plan: Plan, wanted: Scope) -> detect.Unused:
    """What was read but is in no record, with the way to tell the area of rows that state a place."""

    def area_of(places: pl.Series) -> pl.Series:
        codes = identifiers(plain(places))
        found = areas([codes.fill_null("")], wanted.area_level, wanted.hierarchy)
        return area_names(np.where(codes.is_null().to_numpy(), MISSING, found.codes[0]), found.labels)

    columns = {
        part.name: [name for field in PLACES if field in part.columns for name in (part.columns[field].column, field)]
        for part in plan.lists
    }
    return replace(unused, places=columns, area_of=area_of)


def findings(looked_at: Scene, unused: detect.Unused, past: Past) -> fate.Fates:
    """Everything that offices should look at, and what became of what they did."""
    keys = partial(record_keys, looked_at.records.list_names)
    return fate.fates(detect.detect(looked_at, unused, keys), past, looked_at)


def release(
    plan: Plan,
    records: Records,
    linked: "Linked",
    found: "Estimates",
    tables: Mapping[str, pl.DataFrame],
    run: Mapping[str, Any],
) -> Release:
    """The tables for publication, disclosure-controlled.

    tables   births, findings and findings_history, as they are written
    run      what run.json says, with counts and estimate
    """
    order = ascending(linked.birth_id)
    pairs, partition = linked.pairs, linked.partition
    roles = {part.role: part.name for part in plan.lists}
    source = Source(
        births=tables["births"],
        area=found.area.gather(order),
        outside=found.outside[order],
        registered_on=found.registered_on.gather(order),
        records=records,
        links=Links(
            probability=partition.pair_probability,
            joined=partition.birth[pairs.left] == partition.birth[pairs.right],
            record_probability=partition.record_probability,
            of_record=partition.birth,
        ),
        estimated=found.tables,
        run=run,
        findings=tables.get("findings"),
        history=tables.get("findings_history"),
        rules=_rules(plan, roles.get(REGISTER)),
    )
    return tabulate(source)


def _rules(plan: Plan, register: str | None) -> Rules:
    estimate: Mapping[str, Any] = plan.estimate
    safeguards: Mapping[str, Any] = plan.safeguards
    return Rules(
        register=register,
        period=estimate.get("period", "year"),
        within_days=estimate.get("register_within_days"),
        threshold=safeguards.get("threshold", THRESHOLD),
        epsilon=safeguards.get("epsilon"),
        covers={part.name: part.covers for part in plan.lists},
    )


def workbooks(folder: RunDir, plan: Plan, found: pl.DataFrame, language: str, progress: Progress) -> list[str]:
    """Write a workbook of findings for each area, and note in the log that a run was made.

    found     findings.parquet
    Returns   warnings that depend on what lay in the folder, not on the lists
    """
    from everybirth.publish.workbooks import Order, write_workbooks

    log_access(folder, "run", {"retention_days": plan.safeguards.get("retention_days")})
    return write_workbooks(folder, found, Order(digest(plan), language=language), progress).warnings()


def still_open(found: pl.DataFrame) -> dict[str, int]:
    """How many findings of each kind are open."""
    counts = dict(found.filter(pl.col("status") == kinds.OPEN).group_by("kind").len().iter_rows())
    return {kind: int(counts.get(kind, 0)) for kind in kinds.KINDS}
