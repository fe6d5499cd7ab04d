"""Tables of what offices are asked to look at: how it stands, how it went from run to run, how it was resolved.

Findings are births, rows and repeats that other tables count as well. A finding that was decided stays in the tables
when it is not found any more, and then is in no other count. How many those are no table says; where they are none or
all of a status, that is easily guessed, and is taken for known when the release is attacked.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise

import polars as pl

from everybirth.publish.disclosure import RUN, Where
from everybirth.publish.findings.disagreements import WORDS
from everybirth.publish.findings.fate import ALL, GONE
from everybirth.publish.findings.kinds import (
    CORRECTED,
    DISAGREEMENT,
    DUPLICATE,
    NOT_REGISTERED,
    OPEN,
    REJECTED,
    UNCERTAIN_LINK,
)
from everybirth.publish.release import TOTAL
from everybirth.publish.tabulate.draft import Book, Draft, where
from everybirth.publish.tabulate.linkage import IN_QUESTION
from everybirth.publish.tabulate.records import MAIN
from everybirth.publish.tabulate.source import Source
from everybirth.publish.tabulate.universe import UNKNOWN

RUNS = 6  # of which the table of progress tells, up to this one
BY_OFFICE, BY_MOST, BY_FULLER, BY_SPELLING, BY_REGISTER, BY_LIST, BY_ORDER = (
    *("corrected by an office", "what most records say", "the fuller name", "the more usual spelling"),
    *("what the register says", "what the list named first says", "what the first record says"),
)
Key = tuple[str, str, str]  # area, kind, status


def findings_tables(book: Book, source: Source) -> None:
    """Draft them all, after those of births, records and links."""
    if source.findings is None:
        return
    history = source.history
    run = max(history["run"].to_list(), default=None) if history is not None else None
    now = pl.lit(True) if run is None else pl.col("last_seen") == run
    found = source.findings.with_columns(
        pl.col("area").cast(pl.String).fill_null(UNKNOWN), now.fill_null(False).alias("now")
    )
    cells, remaining = _findings(book, found)
    _tie(book, remaining, found)
    _resolved(book, found, cells)
    if history is not None and run is not None:
        _progress(book, history.filter(pl.col("area") != ALL), run, cells)


def _key(key: Key, *more: tuple[str, str]) -> tuple[str, Where]:
    return "findings", where(("area", key[0]), ("kind", key[1]), ("status", key[2]), *more)


def _cell(book: Book, key: Key, n: int, *more: tuple[str, str]) -> int:
    """The cell of some findings; where no record says in which area, nobody is known by that."""
    if key[0] == UNKNOWN:
        return book.ledger.unsaid(_key(key, *more), n, shown=not book.is_small(n))
    return book.ledger.add(_key(key, *more), n)


def _findings(book: Book, found: pl.DataFrame) -> tuple[dict[Key, int], dict[Key, int]]:
    """The table of findings by area, kind and status.

    Returns  their cells, margins included; those of the findings that this run found
    """
    counted = found.group_by("area", "kind", "status").agg(
        pl.len().cast(pl.Int64).alias("n"), pl.col("now").cast(pl.Int64).sum()
    )
    known = {(row[0], row[1], row[2]): (row[3], row[4]) for row in counted.iter_rows()}
    areas, kinds = sorted({key[0] for key in known}), sorted({key[1:] for key in known})
    cells: dict[Key, int] = {}
    remaining: dict[Key, int] = {}
    for kind, status in kinds:
        some = {area: known.get((area, kind, status), (0, 0)) for area in areas}
        some[TOTAL] = sum(n for n, _ in some.values()), sum(now for _, now in some.values())
        for area, (n, now) in some.items():
            key = (area, kind, status)
            cells[key] = _cell(book, key, n)
            if now or not n:
                remaining[key] = _still(book, _key(key)[1], cells[key], now)
        book.ledger.relate(cells[TOTAL, kind, status], [cells[area, kind, status] for area in areas])
    draft = Draft("findings", ("area", "kind", "status"), ("findings",))
    for area in (*areas, TOTAL):
        for kind, status in kinds:
            _show(book, draft, (area, kind, status), cells[area, kind, status])
    if draft.rows:
        book.drafts.append(draft)
    return cells, remaining


def _still(book: Book, place: Where, whole: int, now: int) -> int:
    """The cell of those of some findings that this run found."""
    if now == book.ledger.value[whole]:
        return whole
    cell = book.ledger.untold(("found now", place), now)
    book.ledger.at_least((whole,), (cell,))
    return cell


def _show(book: Book, draft: Draft, keys: tuple[str, ...], cell: int) -> None:
    if book.ledger.value[cell] and book.ledger.shows(cell):
        draft.add(keys, (cell,))


def _tie(book: Book, remaining: Mapping[Key, int], found: pl.DataFrame) -> None:
    """Tie what this run found to the same births, rows, repeats and pairs in other tables.

    Raises   ValueError  if they are not the same: a defect
    """
    for place in [where(("area", area)) for area in sorted({*found["area"].unique(), *_areas(book), TOTAL})]:
        rest = book.known("not registered", place)
        if rest is not None:
            area = place[0][1] if place else TOTAL
            book.ledger.relate(rest, _of(remaining, area, NOT_REGISTERED))
    rejected = [cell for (kind, _), cell in book.ledger.place.items() if kind == "rejected"]
    every = book.ledger.untold(("all rejected", ()), sum(book.ledger.value[cell] for cell in rejected), rejected)
    book.ledger.relate(every, rejected)
    book.ledger.relate(every, _of(remaining, TOTAL, REJECTED))
    book.ledger.at_least(_repeated(book), _of(remaining, TOTAL, DUPLICATE))
    pairs = [book.ledger.place["pairs", (("probability", name),)] for name in IN_QUESTION]
    book.ledger.at_least(pairs, _of(remaining, TOTAL, UNCERTAIN_LINK))


def _areas(book: Book) -> set[str]:
    """Areas of which births are counted."""
    places = [place for kind, place in book.ledger.place if kind == "not registered" and len(place) == 1]
    return {place[0][1] for place in places if place[0][0] == "area"}


def _of(cells: Mapping[Key, int], area: str, kind: str) -> list[int]:
    return [cell for key, cell in cells.items() if key[:2] == (area, kind)]


def _repeated(book: Book) -> list[int]:
    return [cell for (kind, _), cell in book.ledger.place.items() if kind == "repeated"]


def _resolved(book: Book, found: pl.DataFrame, cells: Mapping[Key, int]) -> None:
    """Births on whose records a field differs, by what decided for the value that is shown."""
    some = found.filter(pl.col("kind") == DISAGREEMENT)
    if not some.height:
        return
    by_office = ((pl.col("decision") == CORRECTED) & (pl.col("status") != OPEN)).fill_null(False)
    counted = (
        some.with_columns(pl.when(by_office).then(pl.lit(BY_OFFICE)).otherwise(how(pl.col("why"))).alias("how"))
        .group_by("field", "how")
        .agg(pl.len().cast(pl.Int64).alias("n"), pl.col("now").cast(pl.Int64).sum())
    )
    known = {(row[0], row[1]): (row[2], row[3]) for row in counted.iter_rows()}
    draft = Draft("disagreements_resolved", ("field", "how"), ("births",))
    every = []
    for field in [name for name in MAIN if any(key[0] == name for key in known)]:
        own, now = [], 0
        for decided_by in (BY_OFFICE, BY_MOST, BY_FULLER, BY_SPELLING, BY_REGISTER, BY_LIST, BY_ORDER):
            n, still = known.get((field, decided_by), (0, 0))
            own.append(book.ledger.add(("resolved", (("field", field), ("how", decided_by))), n))
            _show(book, draft, (field, decided_by), own[-1])
            now += still
        _as_compared(book, field, own, now)
        every += own
    others = sum(n for (field, _), (n, _) in known.items() if field not in MAIN)
    rest = [book.ledger.untold(("resolved", (("field", "others"),)), others)] if others else []
    whole = book.ledger.untold(("all disagreements", ()), some.height, every)
    book.ledger.relate(whole, [*every, *rest])
    book.ledger.relate(whole, _of(cells, TOTAL, DISAGREEMENT))
    if draft.rows:
        book.drafts.append(draft)


def how(why: pl.Expr) -> pl.Expr:
    """What decided for a value, from the words of the finding."""
    named = dict(zip(WORDS, (BY_FULLER, BY_SPELLING, BY_REGISTER, BY_ORDER), strict=True))
    return (
        pl.when(why.str.contains(r"^\d+ of \d+ records$"))
        .then(pl.lit(BY_MOST))
        .when(why.str.ends_with(" is the first of these lists"))
        .then(pl.lit(BY_LIST))
        .otherwise(why.replace_strict(named, default=BY_ORDER, return_dtype=pl.String))
    )


def _as_compared(book: Book, field: str, own: Iterable[int], now: int) -> None:
    """Births on which two lists disagree are among those whose records do, and those whose records do are on such
    lists or more than once on one.

    now   how many of the births this run found
    Places and names that only differ in how much of them was written disagree in one table and not in the other.
    """
    own = list(own)
    every = book.ledger.untold(("resolved", (("field", field),)), sum(book.ledger.value[cell] for cell in own))
    book.ledger.relate(every, own)
    still = _still(book, (("field", field),), every, now)
    differ = [c for (kind, place), c in book.ledger.place.items() if kind == "disagree" and ("field", field) in place]
    if not differ:
        return
    book.ledger.at_least([*differ, *_repeated(book)], (still,))
    for cell in () if field == "residence" or field.endswith("_name") else differ:
        book.ledger.at_least((still,), (cell,))


def _progress(book: Book, history: pl.DataFrame, run: int, cells: Mapping[Key, int]) -> None:
    """Findings after each of the last runs."""
    runs = history["run"].unique().sort().to_list()[-RUNS:]
    if len(runs) < 2:
        return
    known = {
        (row[0], row[1], row[2], row[3]): row[4]
        for row in history.select("run", "area", "kind", "status", "findings").iter_rows()
        if row[0] in runs and (row[0] != run or row[3] == GONE)
    }
    areas = sorted({key[1] for key in known} | {key[0] for key in cells} - {TOTAL})
    kinds = sorted({key[2:] for key in known} | {key[1:] for key in cells})
    every = {(run, *key): cell for key, cell in cells.items()}
    for number in runs:
        for kind, status in kinds:
            if (number, TOTAL, kind, status) in every:
                continue
            some = {area: known.get((number, area, kind, status), 0) for area in areas}
            some[TOTAL] = sum(some.values())
            for area, n in some.items():
                every[number, area, kind, status] = _cell(book, (area, kind, status), n, (RUN, str(number)))
            parts = [every[number, area, kind, status] for area in areas]
            book.ledger.relate(every[number, TOTAL, kind, status], parts)
    _tie_runs(book, every, runs)
    draft = Draft("findings_progress", ("run", "area", "kind", "status"), ("findings",))
    order = {area: place for place, area in enumerate((*areas, TOTAL))}
    for key in sorted(every, key=lambda key: (key[0], order[key[1]], key[2:])):
        _show(book, draft, (str(key[0]), *key[1:]), every[key])
    book.drafts.append(draft)


def _tie_runs(book: Book, every: Mapping[tuple[int, str, str, str], int], runs: list[int]) -> None:
    """Where a run has as many findings as the run before, what is gone among them, none is new and none is lost.

    That is easily guessed.
    """
    of_group: dict[tuple[int, str, str], list[tuple[str, int]]] = {}
    for (number, area, kind, status), cell in every.items():
        of_group.setdefault((number, area, kind), []).append((status, cell))
    for before, after in pairwise(runs):
        for area, kind in sorted({key[1:3] for key in every}):
            old = [cell for status, cell in of_group.get((before, area, kind), []) if status != GONE]
            new = [cell for _, cell in of_group.get((after, area, kind), [])]
            n = sum(book.ledger.value[cell] for cell in old)
            if n == sum(book.ledger.value[cell] for cell in new):
                place = where(("area", area), ("kind", kind), (RUN, str(after)))
                whole = book.ledger.untold(("of two runs", place), n, old)
                book.ledger.relate(whole, old)
                book.ledger.relate(whole, new)
