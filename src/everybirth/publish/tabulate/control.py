"""The release: all tables drafted, then what must be hidden is, in all of them at once."""

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from everybirth.publish.disclosure import Ledger, protect
from everybirth.publish.release import TOTAL, Release, Table
from everybirth.publish.table_texts import (
    NEVER,
    NO_FIELD,
    NO_FINDING,
    NO_NOISE,
    NO_REGISTER,
    NOT_ESTIMATED,
    NOT_PROTECTED,
    NOTES,
    OF_ALL_LISTS,
    ONE_LIST,
    ONE_RUN,
    TITLES,
    TOO_FEW,
)
from everybirth.publish.tabulate.births import births_tables
from everybirth.publish.tabulate.blurred import blurred
from everybirth.publish.tabulate.draft import Book, Draft
from everybirth.publish.tabulate.estimates import estimate_tables, without_counts
from everybirth.publish.tabulate.findings import findings_tables
from everybirth.publish.tabulate.linkage import linkage_tables
from everybirth.publish.tabulate.records import record_tables, with_expected
from everybirth.publish.tabulate.source import Source
from everybirth.publish.tabulate.universe import UNSAID, universe
from everybirth.tables import BoolArray

TIMES = ("month", "year", "birth_year", "registration_year")
_OF_THE_REGISTER = ("timeliness", "occurrence_by_registration_year")
_WITH_COMPLETENESS = ("headline", "adjusted_births")


def tabulate(source: Source) -> Release:
    """Everything that a run publishes, disclosure-controlled.

    Raises   PlanError   if noise is asked for and OpenDP is not installed
             ValueError  if counts of different tables do not agree: a defect, never the lists' fault
    """
    if source.rules.epsilon is not None:
        every_row = replace(source, rules=replace(source.rules, threshold=1))  # noise protects what is small as well
        return _with_noise(draft_tables(every_row), source, source.rules.epsilon)
    book = draft_tables(source)
    return released(book, protect(book.ledger.cells(), source.rules.threshold), source)


def _with_noise(book: Book, source: Source, epsilon: float) -> Release:
    """The release whose counts are blurred, not hidden."""
    drafts = {draft.name: draft for draft in book.drafts}
    frames = blurred(book.drafts, book.ledger, epsilon)
    tables = {
        name: Table(
            name, drafts[name].keys, drafts[name].counts, drafts[name].figures, frames[name], _notes(name, book), title
        )
        for name, title in TITLES.items()
        if name in frames
    }
    omitted = {
        name: NO_NOISE if name in drafts else _why_not(name, book, source) for name in TITLES if name not in tables
    }
    about = _about(source) | {"protection": "noise", "epsilon": epsilon}
    return Release(tables, omitted | NEVER, source.rules.threshold, dict.fromkeys(tables, 0), about)


def _notes(name: str, book: Book) -> tuple[str, ...]:
    """The notes of a table; without a register, also whose completeness it tells."""
    whose = () if book.has_register or name not in _WITH_COMPLETENESS else (OF_ALL_LISTS,)
    return (*NOTES[name], *whose)


def _why_not(name: str, book: Book, source: Source) -> str:
    """Why there is no draft of a table."""
    if name in _OF_THE_REGISTER and not book.has_register:
        return NO_REGISTER
    estimated = source.run["estimate"]["births"] is not None
    if name == "sensitivity" or (name == "sex_ratio" and not estimated and "sex" in source.records.columns):
        return NOT_ESTIMATED
    if name == "disagreements" and len(source.records.list_names) == 1:
        return ONE_LIST
    return {"findings": NO_FINDING, "disagreements_resolved": NO_FINDING, "findings_progress": ONE_RUN}.get(
        name, NO_FIELD
    )


def draft_tables(source: Source) -> Book:
    """All tables with their true counts: nothing for publication."""
    book = Book(Ledger(), source.rules.threshold, source.rules.register is not None)
    births = universe(source)
    births_tables(book, births, source)
    estimate_tables(book, births, source)
    record_tables(book, source)
    linkage_tables(book, source)
    findings_tables(book, source)
    return book


def released(book: Book, hidden: BoolArray, source: Source) -> Release:
    """The drafts with what is hidden left out; a table of which everything is hidden is left out whole.

    hidden   (n_cells,) counts that are not shown
    """
    tables, omitted, counts = {}, {}, {}
    drafts = {draft.name: draft for draft in book.drafts}
    gone = np.asarray(hidden).tolist()
    few = TOO_FEW if book.ledger.value[book.ledger.place["births", ()]] < book.threshold else NOT_PROTECTED
    for name, title in TITLES.items():
        if name not in drafts:
            omitted[name] = _why_not(name, book, source)
            continue
        table = _table(drafts[name], book, gone, title)
        if _is_empty(table):
            omitted[name] = few
            continue
        tables[name] = table
        counts[name] = drafts[name].n_hidden(gone)
    return Release(tables, omitted | NEVER, source.rules.threshold, counts, _about(source))


def _table(draft: Draft, book: Book, hidden: list[bool], title: str) -> Table:
    frame = draft.frame(book.ledger, hidden)
    if draft.name == "heaping":
        frame = with_expected(frame, _shown_months(book, hidden))
    frame = _without_hidden_times(frame, draft)
    return Table(draft.name, draft.keys, draft.counts, draft.figures, frame, _notes(draft.name, book), title)


def _shown_months(book: Book, hidden: list[bool]) -> dict[tuple[int, int], int]:
    """(year, month) -> births, where that is published."""
    found = {}
    for (kind, place), cell in book.ledger.place.items():
        of_month = kind == "births" and [name for name, _ in place] == ["month"] and place[0][1] not in UNSAID
        if of_month and not hidden[cell] and book.ledger.value[cell]:
            year, month = place[0][1].split("-")
            found[int(year), int(month)] = book.ledger.value[cell]
    return found


def _without_hidden_times(frame: pl.DataFrame, draft: Draft) -> pl.DataFrame:
    """Without the months and years of which the table shows no birth: such rows are a few stray dates.

    Areas, sexes and the like stay, since everybody knows that there are such.
    """
    if not draft.counts:
        return frame
    shown = pl.any_horizontal(pl.col(name).fill_null(0) > 0 for name in draft.counts)
    for name in TIMES:
        if name in draft.keys:
            frame = frame.filter((pl.col(name) == TOTAL) | shown.any().over(name))
    if "level" in draft.keys:
        frame = frame.filter(~pl.col("level").is_in(TIMES) | shown.any().over("level", "value"))
    return frame


def _is_empty(table: Table) -> bool:
    """Whether the table says nothing, or nothing but zeros."""
    if not table.frame.height:
        return True
    if not table.counts:
        return False
    figures = [name for name in table.figures if table.frame[name].dtype == pl.Float64]
    return all((table.frame[name].fill_null(0) == 0).all() for name in (*table.counts, *figures))


def _about(source: Source) -> dict[str, Any]:
    run, rules = source.run, source.rules
    return {
        "version": run["version"],
        "plan": run["plan"],
        "seed": run["seed"],
        "lists": list(source.records.list_names),
        "register": rules.register,
        "period": rules.period,
        "register_within_days": rules.within_days,
        "protection": "suppression",
        "given": list(run["estimate"]["given"]),
        "method": run["estimate"]["method"],
        "status": without_counts(run["estimate"]["status"]),
    }
