"""Tables of births as counted: by area, month, sex, site ..., by list, and by the time to registration."""

import polars as pl

from everybirth.publish.disclosure import Where
from everybirth.publish.release import TOTAL
from everybirth.publish.tabulate.draft import Book, Draft, Group, dimension_values, where
from everybirth.publish.tabulate.source import Source
from everybirth.publish.tabulate.universe import DELAY_DAYS, DELAYS, NOT_STATED, UNKNOWN, Row, tally

TWO_WAY = ("area", "month")  # each by sex
ONE_WAY = ("site", "plurality", "weight_class", "mother_age")
MANY_LISTS = 4  # up to so many every combination has a row; with more only those that have a birth


def births_tables(book: Book, births: pl.DataFrame, source: Source) -> None:
    """Draft them all; the cells of total, area, sex, month, year and site are then in the book."""
    whole = tally(births, (), ("registered",))[()]
    total = book.group((), whole[0], whole[1])
    _overlap(book, births, source, total)
    for dimension in TWO_WAY:
        _two_way(book, births, dimension, total)
    for dimension in ONE_WAY:
        _one_way(book, births, dimension, total)
    _years(book, births)
    if book.has_register:
        _timeliness(book, births, source)
        _occurrence(book, births)


def _counts(book: Book) -> tuple[str, ...]:
    return ("births", "registered") if book.has_register else ("births",)


def _overlap(book: Book, births: pl.DataFrame, source: Source, total: Group) -> None:
    lists = source.records.list_names
    draft = Draft("overlap", lists, ("births",))
    found = {row: counts[0] for row, counts in tally(births, [f"in_{name}" for name in lists], ()).items()}
    cells = {}
    for number in range(1, 2 ** len(lists)):
        row = tuple("yes" if number >> (len(lists) - 1 - k) & 1 else "no" for k in range(len(lists)))
        if len(lists) <= MANY_LISTS or row in found:
            cells[row] = book.ledger.add(("births", where(*zip(lists, row, strict=True))), found.get(row, 0))
            draft.add(row, (cells[row],))
    book.ledger.relate(total.births, cells.values())
    for k, name in enumerate(lists):
        on = [cell for row, cell in cells.items() if row[k] == "yes"]
        off = [cell for row, cell in cells.items() if row[k] == "no"]
        if name == source.rules.register and total.registered is not None and total.unregistered is not None:
            own, rest = total.registered, total.unregistered
        else:
            own = book.ledger.add((f"on {name}", ()), sum(book.ledger.value[cell] for cell in on))
            rest = book.ledger.complement((f"not on {name}", ()), total.births, own)
        book.ledger.relate(own, on)
        book.ledger.relate(rest, off)
    if found or book.ledger.value[total.births]:
        book.drafts.append(draft)


def _two_way(book: Book, births: pl.DataFrame, dimension: str, total: Group) -> None:
    """By a dimension and sex, with both margins."""
    found = tally(births, (dimension, "sex"), ("registered",))
    rows = dimension_values(dimension, 0, found)
    columns = dimension_values("sex", 1, found)
    draft = Draft(f"births_by_{dimension}_sex", (dimension, "sex"), _counts(book))
    groups: dict[Row, Group] = {}
    for row in [*rows, TOTAL]:
        for column in [*columns, TOTAL]:
            some = [n for key, n in found.items() if row in (key[0], TOTAL) and column in (key[1], TOTAL)]
            place = where((dimension, row), ("sex", column))
            group = groups[row, column] = book.group(place, sum(n[0] for n in some), sum(n[1] for n in some))
            if book.shows(group):
                draft.add((row, column), group.cells())
    if columns:
        for row in [*rows, TOTAL]:
            book.relate(groups[row, TOTAL], [groups[row, column] for column in columns])
    if rows:
        for column in [*columns, TOTAL]:
            book.relate(groups[TOTAL, column], [groups[row, column] for row in rows])
    if rows or columns:
        book.drafts.append(draft)


def _one_way(book: Book, births: pl.DataFrame, dimension: str, total: Group) -> None:
    found = tally(births, (dimension,), ("registered",))
    rows = dimension_values(dimension, 0, found)
    if not rows:
        return
    draft = Draft(f"births_by_{dimension}", (dimension,), _counts(book))
    groups = [book.group(where((dimension, row)), *found.get((row,), (0, 0))) for row in rows]
    for row, group in zip([*rows, TOTAL], [*groups, total], strict=True):
        if book.shows(group):
            draft.add((row,), group.cells())
    book.relate(total, groups)
    book.drafts.append(draft)


def _years(book: Book, births: pl.DataFrame) -> None:
    """Cells of the years of birth: sums of months."""
    months: dict[str, list[Group]] = {}
    for (year, month), found in tally(births, ("year", "month"), ("registered",)).items():
        months.setdefault(year, []).append(book.group(where(("month", month)), found[0], found[1]))
    for (year,), found in sorted(tally(births, ("year",), ("registered",)).items()):
        book.relate(book.group(where(("year", year)), found[0], found[1]), months[year])


def _timeliness(book: Book, births: pl.DataFrame, source: Source) -> None:
    """Registered births by the time from birth to registration, in all and by area."""
    if "birth_date" not in source.births.columns or not source.registered_on.count():
        return
    registered = births.filter("registered")
    whole = {(TOTAL, *row): counts for row, counts in tally(registered, ("delay",), ()).items()}
    found = whole | tally(registered, ("area", "delay"), ())
    areas = dimension_values("area", 0, tally(births, ("area",), ()))
    on_time = {TOTAL: tally(births, (), ("on_time",))[()][1]}
    on_time |= {row[0]: counts[1] for row, counts in tally(births, ("area",), ("on_time",)).items()}
    draft = Draft("timeliness", ("level", "value", "delay"), ("registered",), ("share",))
    cells: dict[str, list[int]] = {}
    for area in (TOTAL, *areas):
        own = book.ledger.place["registered", where(("area", area))]
        places = {delay: where(("area", area), ("delay", delay)) for delay in DELAYS}
        cells[area] = [_part_of(book, own, place, found.get((area, delay), (0,))[0]) for delay, place in places.items()]
        book.ledger.relate(own, cells[area])
        _on_time(book, source.rules.within_days, area, (cells[area], on_time.get(area, 0)))
        for delay, cell in zip(DELAYS, cells[area], strict=True):
            if book.ledger.shows(cell):
                share = _share(book.ledger.value[cell], book.ledger.value[own])
                draft.add(("total" if area == TOTAL else "area", area, delay), (cell,), (share,), (own,))
    if areas:
        for k, cell in enumerate(cells[TOTAL]):
            book.ledger.relate(cell, [cells[area][k] for area in areas])
    book.drafts.append(draft)


def _on_time(book: Book, within_days: int | None, area: str, of: tuple[list[int], int]) -> None:
    """Tie the births registered within the legal limit to those by the times that the table has.

    of   cells of those times, and how many births are registered within the limit
    """
    if within_days is None:
        return
    cells, count = of
    place = where(("area", area))
    if book.ledger.exempt[book.ledger.place["registered", place]]:
        own = book.ledger.unsaid(("on time", place), count, shown=True)
    else:
        own = book.ledger.add(("on time", place), count)
    full = sum(days <= within_days for days in DELAY_DAYS)  # times that end before the limit does
    if within_days in DELAY_DAYS:
        book.ledger.relate(own, cells[:full])
    else:
        book.ledger.at_least((own,), cells[:full])
        book.ledger.at_least(cells[: full + 1], (own,))


def _part_of(book: Book, own: int, place: Where, count: int) -> int:
    """The cell of a part of some registered births.

    Where few of a group are registered or none, no row tells when: zeros, or their absence, would say that none is.
    """
    key = ("registered", place)
    if book.ledger.value[own] < book.threshold or not book.ledger.shows(own):
        return book.ledger.untold(key, count)
    if any(value in (UNKNOWN, NOT_STATED) for _, value in place):
        return book.ledger.untold(key, count) if book.is_small(count) else book.ledger.unsaid(key, count, shown=True)
    return book.ledger.add(key, count)


def _occurrence(book: Book, births: pl.DataFrame) -> None:
    """Registered births by year of birth and year of registration."""
    found = tally(births.filter("registered"), ("year", "registration_year"), ())
    entered = dimension_values("registration_year", 1, found)
    if not entered or not dimension_values("year", 0, found):
        return
    draft = Draft("occurrence_by_registration_year", ("birth_year", "registration_year"), ("registered",))
    for (year,) in sorted(tally(births, ("year",), ())):
        own = book.ledger.place["registered", where(("year", year))]
        cells = []
        for other in entered:
            place = where(("year", year), ("registration_year", other))
            cells.append(_part_of(book, own, place, found.get((year, other), (0,))[0]))
            if book.ledger.shows(cells[-1]) and (book.ledger.value[cells[-1]] or other >= year):
                draft.add((year, other), (cells[-1],))
        book.ledger.relate(own, cells)
    book.drafts.append(draft)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
