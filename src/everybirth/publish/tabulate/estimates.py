"""Tables of what was estimated: each row beside the counts that it rests on."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from everybirth.publish.disclosure import Where
from everybirth.publish.release import TOTAL
from everybirth.publish.tabulate.draft import NO_COUNT, Book, Draft, Group, where
from everybirth.publish.tabulate.source import Rules, Source
from everybirth.publish.tabulate.universe import UNKNOWN, tally

ANY_LIST, LISTED = "any list", "listed"
PARTLY = "partial: births of some groups are not in the figure"
CANNOT_HOLD = "cannot hold"
OF_ALL_LISTS = "; completeness is that of all lists together: no list is the civil register"  # as estimates have it
_RATIOS = (
    *("ratio", "ratio_low", "ratio_high", "shrunk", "shrunk_low", "shrunk_high", "expected"),
    *("funnel_low", "funnel_high", "gap", "gap_low", "gap_high"),
)
_LEVELS = ("area", "period", "sex", "site")
_COVERED_BY = {"area": "area", "month": "period", "year": "period", "sex": "sex", "site": "site"}  # level -> covers


def estimate_tables(book: Book, births: pl.DataFrame, source: Source) -> None:
    """Draft them all, after the tables of counts."""
    found = source.run["estimate"]
    _headline(book, found)
    estimates = source.estimated["estimates"]
    _adjusted(book, estimates, source)
    _completeness(book, births, source)
    _sex_ratio(book, source.estimated["sex_ratio"])
    _sensitivity(book, source.estimated["sensitivity"], source)


def _headline(book: Book, found: Mapping[str, Any]) -> None:
    draft = Draft("headline", ("measure",), (), ("estimate", "low", "high"))
    own = [book.known("births", ()), book.known("registered", ())]
    total = [cell for cell in own[:1] if cell is not None]
    both = [cell for cell in own if cell is not None]
    rests = {"births": total, "listed": total, "missed_by_all": total}
    measures = ("births", "listed", "registered", "on_other_lists_only", "missed_by_all", "completeness")
    for measure in measures:
        if not book.has_register and measure in ("registered", "on_other_lists_only"):
            continue
        figure = found[measure]
        if figure is not None:
            digits = 4 if measure == "completeness" else 0
            draft.add((measure,), (), _rounded(figure, ("estimate", "low", "high"), digits), rests.get(measure, both))
        else:
            draft.add((measure,), (), (None, None, None))
    book.drafts.append(draft)


def _rounded(row: Mapping[str, Any], names: tuple[str, ...], digits: int) -> tuple[float | None, ...]:
    return tuple(None if row[name] is None else round(float(row[name]), digits) for name in names)


def _rows(table: pl.DataFrame, period: str) -> Iterator[tuple[str, str, Where, dict[str, Any]]]:
    """Rows of a table of estimates that are broken down by one thing or none: level, value, which births, row."""
    for row in table.filter(pl.col("level").is_in((TOTAL, *_LEVELS))).iter_rows(named=True):
        level = str(row["level"])
        if level == TOTAL:
            yield TOTAL, TOTAL, (), row
            continue
        value = UNKNOWN if row[level] is None else str(row[level])
        shown = period if level == "period" else level
        yield shown, value, where((shown, value)), row


def _known_group(book: Book, place: Where) -> Group | None:
    """Births met before, if their counts are published."""
    births, registered = book.known("births", place), book.known("registered", place)
    if births is None or not book.ledger.shows(births):
        return None
    return Group(births, registered, book.known("not registered", place))


def without_counts(text: str) -> str:
    """A status without the counts that it may hold."""
    return PARTLY if text.startswith("partial") else text


def _adjusted(book: Book, estimates: pl.DataFrame, source: Source) -> None:
    figures = ("births", "low", "high", "completeness", "completeness_low", "completeness_high", "status")
    counts = ("listed", "registered") if book.has_register else ("listed",)
    draft = Draft("adjusted_births", ("level", "value"), counts, figures, ("status",))
    for level, value, place, row in _rows(estimates, source.rules.period):
        group = _known_group(book, place)
        if group is None:
            continue
        shown = _rounded(row, ("births", "births_low", "births_high"), 0)
        shown += _rounded(row, ("completeness", "completeness_low", "completeness_high"), 4)
        status = row["status"].removesuffix(OF_ALL_LISTS)  # said once, in the table's notes
        draft.add((level, value), group.cells(), (*shown, without_counts(status)))
    book.drafts.append(draft)


def _completeness(book: Book, births: pl.DataFrame, source: Source) -> None:
    """Births on each list, and on the register in time, by each dimension, with the completeness that follows."""
    figures = ("completeness", "low", "high", "status")
    draft = Draft("completeness", ("level", "value", "list", "measure"), (LISTED,), figures, ("status",))
    rows = list(_rows(source.estimated["completeness"], source.rules.period))
    measures = sorted({(row["list"], row["measure"]) for _, _, _, row in rows})
    cells: dict[tuple[str, Where, str, str], int] = {}
    for level in dict.fromkeys(level for level, _, _, _ in rows):
        cells |= _on_lists(book, births, level, (measures, source))
    for level, value, place, row in rows:
        cell = cells.get((level, place, row["list"], row["measure"]))
        whole = book.known("births", place)
        if cell is None or whole is None or not (book.ledger.shows(cell) and book.ledger.shows(whole)):
            continue
        keys = (level, value, row["list"], row["measure"])
        if not book.ledger.value[cell] and _cannot_hold(source.rules, row["list"], level, value):
            draft.add(keys, (NO_COUNT,), (None, None, None, CANNOT_HOLD))  # a 0, and so nothing to hide
            continue
        shown = _rounded(row, ("completeness", "completeness_low", "completeness_high"), 4)
        draft.add(keys, (cell,), (*shown, without_counts(row["status"])), (whole,))
    _no_fewer_than_births(book)
    book.drafts.append(draft.in_order("level", "value", "list", "measure"))


def _cannot_hold(rules: Rules, name: str, level: str, value: str) -> bool:
    """Whether the plan says that a list can have no birth of a group.

    Never of the register: that none of a group is registered is hidden.
    """
    allowed = rules.covers.get(name, {}).get(_COVERED_BY.get(level, ""), ())
    if not allowed or name == rules.register or value == UNKNOWN:
        return False
    own = value.upper()  # of codes and dates the beginning counts: a month of a year, an area within another
    return not any(own.startswith(text.upper()) or text.upper().startswith(own) for text in allowed)


def _on_lists(
    book: Book, births: pl.DataFrame, level: str, of: tuple[list[tuple[str, str]], Source]
) -> dict[tuple[str, Where, str, str], int]:
    """The cells of the births on each list, for each value of a level, tied to their total.

    of   list and measure of each column of cells, and the source
    """
    measures, source = of
    marks = (*(f"in_{name}" for name in source.records.list_names), "on_time")
    by = () if level == TOTAL else (level,)
    names = ("births", *source.records.list_names, "on time")
    found: dict[tuple[str, Where, str, str], int] = {}
    parts: dict[tuple[str, str], list[int]] = {which: [] for which in measures}
    for row, counts in sorted(tally(births, by, marks).items()):
        place = where(*zip(by, row, strict=True))
        whole = book.known("births", place)
        if whole is None:  # no list has the field: there is a single group, of what no record says
            return {}
        group = Group(whole, book.known("registered", place), book.known("not registered", place))
        held = dict(zip(names, counts, strict=True))
        for which in measures:
            cell = _on_list(book, which, place, group, (held, source.rules.register))
            found[level, place, *which] = cell
            parts[which].append(cell)
    for which, some in parts.items():
        total = book.known(_kind(which, source.rules.register), ())
        if level != TOTAL and total is not None and some:
            book.ledger.relate(total, some)
    return found


def _kind(which: tuple[str, str], register: str | None) -> str:
    """What is counted of a list and measure."""
    name, measure = which
    if measure != LISTED:
        return "on time"
    if name == ANY_LIST:
        return "births"
    return "registered" if name == register else f"on {name}"


def _on_list(
    book: Book, which: tuple[str, str], place: Where, group: Group, held: tuple[dict[str, int], str | None]
) -> int:
    """The cell of the births of a group on a list, or registered in time.

    held   name of a list, or "on time" -> births; the register
    """
    counts, register = held
    kind = _kind(which, register)
    if kind == "births" or (kind == "registered" and group.registered is not None):
        return group.births if kind == "births" or group.registered is None else group.registered
    if kind == "on time" and group.registered is not None:
        return _part(book, kind, place, group.registered, counts[kind])
    return _part(book, kind, place, group.births, counts[which[0]])


def _part(book: Book, kind: str, place: Where, whole: int, count: int) -> int:
    """The cell of a part of some births, and of the rest of them."""
    small = book.is_small(count) or book.is_small(book.ledger.value[whole] - count)
    if book.ledger.exempt[whole]:
        cell = book.ledger.unsaid((kind, place), count, shown=book.ledger.shows(whole) and not small)
    else:
        cell = book.ledger.add((kind, place), count)
    book.ledger.complement((f"not {kind}", place), whole, cell)
    return cell


def _no_fewer_than_births(book: Book) -> None:
    """Say that no group has more births than its lists have together."""
    lists = sorted({kind for kind, _ in book.ledger.place if kind.startswith("on ") and kind != "on time"})
    kinds = (*lists, "registered") if book.has_register else tuple(lists)
    for place in [place for kind, place in book.ledger.place if kind == "births"]:
        held = [cell for cell in (book.known(kind, place) for kind in kinds) if cell is not None]
        whole = book.known("births", place)
        if whole is not None and lists and len(held) == len(kinds):
            book.ledger.at_least(held, (whole,))


def _sex_ratio(book: Book, table: pl.DataFrame) -> None:
    shown = tuple(name.removeprefix("ratio_") for name in _RATIOS)
    draft = Draft("sex_ratio", ("level", "value"), ("girls", "boys"), (*shown, "note"), ("note",))
    kind = "registered" if book.has_register else "births"
    for row in table.iter_rows(named=True):
        value = TOTAL if row["level"] == TOTAL else str(row["area"])
        places = [where(("area", value), ("sex", sex)) for sex in ("female", "male")]
        cells = [book.known(kind, place) for place in places]
        rests = [book.known(each, place) for each in ("births", "registered") for place in places]
        own = [cell for cell in cells if cell is not None and book.ledger.shows(cell)]
        if len(own) == len(cells):
            figures = (*_rounded(row, _RATIOS, 4), row["note"])
            draft.add((row["level"], value), own, figures, [cell for cell in rests if cell is not None])
    if draft.rows:
        book.drafts.append(draft)


def _sensitivity(book: Book, table: pl.DataFrame, source: Source) -> None:
    """The total otherwise; the number known of a list that was left out is a count, and hidden as one.

    The other methods work on the table of overlaps as it stands, so that their figures would tell what is hidden there.
    """
    draft = Draft(
        "sensitivity",
        ("kind", "what", "odds_ratio"),
        ("known",),
        ("births", "low", "high", "note"),
        ("note",),
        tied=True,
    )
    totals = [cell for cell in (book.known("births", ()), book.known("registered", ())) if cell is not None]
    histories = [
        cell
        for (kind, place), cell in book.ledger.place.items()
        if _names(place) & {*source.records.list_names, "site"} and kind != "not registered"
    ]
    lists = set(source.records.list_names)
    overlap = [cell for (kind, place), cell in book.ledger.place.items() if kind == "births" and _names(place) & lists]
    more = {"leave-one-out": histories, "method": overlap}
    for row in table.iter_rows(named=True):
        left_out = row["known"] is not None
        key = ("known", (("list", row["what"]),))
        known = book.ledger.add(key, round(row["known"])) if left_out else NO_COUNT
        odds = "" if row["odds_ratio"] is None else f"{row['odds_ratio']:g}"
        figures = (*_rounded(row, ("births", "births_low", "births_high"), 0), row["note"] or "")
        draft.add((row["kind"], row["what"], odds), (known,), figures, (*totals, *more.get(row["kind"], ())))
    if draft.rows:
        book.drafts.append(draft)


def _names(place: Where) -> set[str]:
    return {name for name, _ in place}
