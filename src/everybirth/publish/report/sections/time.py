"""Births month by month, and how soon they were registered."""

import re
from typing import Any

from markupsafe import Markup

from everybirth.publish.report import rows, svg
from everybirth.publish.report.blocks import Block, Cell, Figure, Fold, Paragraph, Section, Table
from everybirth.publish.report.labels import DELAYS
from everybirth.publish.report.reading import Reading, Row, interval
from everybirth.publish.report.sections.coverage import VEILED, listed_style, remark
from everybirth.publish.report.svg import Axis, Canvas, Scale, axis

MOST_LABELS = 4  # of months under a chart
FEW = 6  # periods up to which bars are kept narrow


def by_month(read: Reading) -> Section:
    """Births that happened and births registered, month by month; and by sex."""
    words = read.words
    title = words.text("Month by month")
    known = read.periods()
    counted = sorted({row["month"] for row in read.rows("births_by_month_sex") if row["month"][:4].isdigit()})
    estimated = any(interval(row, "births", "low", "high") for row in known.values())
    blocks: list[Block] = [_months_figure(read, calendar(list(known)), known)] if estimated else []
    if known and not estimated:
        blocks.append(_not_estimated(read, known))
    by_sex = _sexes_figure(read, calendar(counted)) if counted else None
    if by_sex:
        blocks.append(by_sex)
    if not blocks:
        why = read.withheld("births_by_month_sex", "adjusted_births")
        why = why or words.text("The births are not divided by month, or no record says when.")
        blocks.append(Paragraph(why))
    return Section("months", title, tuple(blocks))


def _not_estimated(read: Reading, known: dict[str, Row]) -> Block:
    """What was counted by month or year or, if nothing of it may be shown, why."""
    words = read.words
    counts = ("listed", "registered") if read.register else ("listed",)
    if any(row.get(count) is not None for row in known.values() for count in counts):
        table = _months_table(read, list(known.values()))
        return Fold(table.caption, table)
    by_year = not any("-" in period for period in known)
    nothing = words.text("By month nothing can be shown: too few births lie in some of the months.")
    if by_year:
        nothing = words.text("By year nothing can be shown: too few births lie in some of the years.")
    advice = words.text(
        "If they lie outside the time that is asked about, set from and to under [estimate] in the plan."
    )
    return Paragraph(words.together(nothing, advice))


def calendar(periods: list[str]) -> list[str]:
    """All months (or years) from the first to the last, so that one without births is a gap."""
    if all(re.fullmatch(r"\d{4}-\d{2}", period) for period in periods):
        first, last = (int(period[:4]) * 12 + int(period[5:]) - 1 for period in (periods[0], periods[-1]))
        return [f"{k // 12:04}-{k % 12 + 1:02}" for k in range(first, last + 1)]
    if all(re.fullmatch(r"\d{4}", period) for period in periods):
        return [f"{year:04}" for year in range(int(periods[0]), int(periods[-1]) + 1)]
    return periods


def _time_axis(read: Reading, periods: list[str], most: int = MOST_LABELS) -> Axis:
    step = -(-len(periods) // most)
    labels = tuple((float(k), read.words.month(periods[k], short=True)) for k in range(0, len(periods), step))
    return Axis(Scale(-0.6, len(periods) - 0.4), labels)


def _months_figure(read: Reading, periods: list[str], known: dict[str, Row]) -> Figure:
    words = read.words
    found = {period: interval(known.get(period, {}), "births", "low", "high") for period in periods}
    on = "registered" if read.register else "listed"
    counts = {period: known.get(period, {}).get(on) for period in periods}
    heights = [part.high for part in found.values() if part] + [float(n) for n in counts.values() if n is not None]
    canvas = Canvas("months-chart", _time_axis(read, periods), axis(svg.scale(heights, zero=True), words.number))
    marks = []
    for k, period in enumerate(periods):
        n, part = counts[period], found[period]
        if n is not None:
            marks.append(canvas.column(k, 0.7 if len(periods) > FEW else 0.3, n, "bar"))
        if part:
            about = words.html("{period}: {births}", period=words.month(period), births=read.many(part))
            marks += [canvas.upright(k, part.low, part.high, "limits"), canvas.dot(k, part.middle, "chosen", about)]
    title = words.text("Births per month") if "-" in periods[0] else words.text("Births per year")
    quiet = words.text("on the register") if read.register else words.text("on any list")
    reading = words.html("What stands between a bar and its dot happened and is not {quiet}.", quiet=quiet)
    of = words.html(
        "Dots: births that happened, as estimated; 95 in 100 simulated draws lie on the line through the dot, given "
        "the assumptions. A gap is a figure that is hidden or was not estimated."
    )
    table = _months_table(read, [known[period] for period in periods if period in known])
    legend = (("bar", quiet), ("chosen", words.text("births that happened")))
    return Figure(canvas.key, title, canvas.draw(title, reading, *marks), reading, of, (table,), legend)


def _months_table(read: Reading, known: list[Row]) -> Table:
    words = read.words
    counts = ("listed", "registered") if read.register else ("listed",)
    texts = [words.text("births that happened"), words.text("on any list")]
    texts += [words.text("registered")] if read.register else []
    head = [Cell(words.text("born in")), *(Cell(text, "number") for text in (*texts, words.text("completeness")))]
    body = [
        (
            Cell(words.month(row["value"]), "name"),
            read.births(row, "births", "low", "high"),
            *(read.count(row[count]) for count in counts),
            read.shares(row, "completeness", "completeness_low", "completeness_high"),
            Cell(remark(read, row.get("status"))),
        )
        for row in known
    ]
    by_year = not any("-" in row["value"] for row in known)
    caption = (
        words.text("Births and completeness by year") if by_year else words.text("Births and completeness by month")
    )
    return Table(caption, (*head, Cell(words.text("remark"))), tuple(body))


def _sexes_figure(read: Reading, periods: list[str]) -> Figure | None:
    """Girls and boys side by side: on any list, and registered, as counted."""
    words = read.words
    found = {(row["month"], row["sex"]): row for row in read.rows("births_by_month_sex")}
    sexes = [sex for sex in ("female", "male") if any(key[1] == sex for key in found)]
    rows_of = {sex: [found.get((period, sex), {}) for period in periods] for sex in sexes}
    numbers = [float(row["births"]) for some in rows_of.values() for row in some if row.get("births") is not None]
    if not numbers:
        return None
    up = axis(svg.scale(numbers, zero=True), words.number, 4)
    title = words.text("Girls and boys per month")
    reading = words.html("Both panels have the same scale, so that girls and boys can be compared.")
    across = _time_axis(read, periods, 2)
    panels = [_panel(read, sex, rows_of[sex], across, up) for sex in sexes]
    chart = Markup('<div class="panels">{}</div>').format(Markup("").join(panels))
    of = words.html(
        "Births on any list, counted by the likeliest linkage; births on no list are not in it. Gaps are hidden."
    )
    legend = [("bar quiet", words.text("on any list"))]
    if read.register:
        legend.append(("bar", words.text("on the register")))
    if any(listed_style(read, row) == VEILED for some in rows_of.values() for row in some):
        legend.append((VEILED, words.text("on any list; how many are registered is hidden")))
    table = _sexes_table(read, periods, sexes, found)
    return Figure("sexes-chart", title, chart, reading, of, (table,), tuple(legend))


def _panel(read: Reading, sex: str, some: list[Row], across: Axis, up: Axis) -> Markup:
    canvas = Canvas(f"sexes-{sex}", across, up, 160)
    marks = []
    for k, row in enumerate(some):
        if row.get("births") is not None:
            marks.append(canvas.column(k, 0.8, row["births"], listed_style(read, row)))
        if read.register and row.get("registered") is not None:
            marks.append(canvas.column(k, 0.5, row["registered"], "bar"))
    name = read.label(sex)
    about = read.words.html("Births per month on any list: {sex}", sex=name)
    return Markup('<div class="panel"><p>{}</p>{}</div>').format(name, canvas.draw(about, about, *marks))


def _sexes_table(read: Reading, periods: list[str], sexes: list[str], found: dict[tuple[str, str], Row]) -> Table:
    words = read.words
    columns = [(sex, count) for sex in sexes for count in (("births", "registered") if read.register else ("births",))]
    texts = {"births": words.text("on any list"), "registered": words.text("registered")}
    head = [
        Cell(words.html("{sex}, {count}", sex=read.label(sex), count=texts[count]), "number") for sex, count in columns
    ]
    body = [
        (
            Cell(words.month(period), "name"),
            *(read.count(found.get((period, sex), {}).get(count)) for sex, count in columns),
        )
        for period in periods
        if any((period, sex) in found for sex in sexes)
    ]
    return Table(words.text("Girls and boys by month"), (Cell(words.text("month")), *head), tuple(body))


def timeliness(read: Reading) -> Section:
    """How long after birth the registered births were registered."""
    words = read.words
    title = words.text("How soon births were registered")
    found = _delays(read.rows("timeliness", level="total"))
    if not found:
        return Section("timeliness", title, (Paragraph(_no_delays(read)),))
    across = axis(Scale(0.0, 1.0), lambda value: f"{100 * value:.0f}%", 5)
    body = [_delay_row(read, delay, found[delay], across) for delay in DELAYS if delay in found]
    head = [Cell(words.text("after birth")), Cell(rows.heading(across), "plot")]
    head += [Cell(words.text("registered"), "number"), Cell(words.text("share"), "number")]
    chart_title = words.text("Registered births by time from birth to registration")
    soon = found.get("within 30 days", {}).get("share")
    reading = words.html("{share} of the registered births were registered within 30 days.", share=words.percent(soon))
    if soon is None:
        reading = words.html("Each bar is a share of the registered births.")
    of = words.html(
        "Of the births on the register, those without a date of registration included. Counted, not estimated."
    )
    tables = tuple(table for table in (_delays_by_area(read), _years(read)) if table)
    figure = Figure("delays-chart", chart_title, Table(chart_title, tuple(head), tuple(body)), reading, of, tables)
    return Section("timeliness", title, (figure,))


def _no_delays(read: Reading) -> str:
    """Why nothing is told of the time to registration."""
    withheld = read.withheld("timeliness")
    if withheld or read.has("timeliness"):
        return withheld or read.hidden()
    if not read.register:
        return read.words.text("No list is said to be the register.")
    return read.words.text("The lists do not say when the registered births happened, or when they were registered.")


def _delays(some: list[Row]) -> dict[str, Row]:
    return {row["delay"]: row for row in some if row["delay"] != "total"}


def _delay_row(read: Reading, delay: str, row: Row, across: Axis) -> tuple[Cell, ...]:
    share = row.get("share")
    drawn = rows.nothing(across) if share is None else rows.bars(across, (share, "bar"))
    shown = None if share is None else read.words.percent(share)
    return Cell(read.label(delay), "name"), Cell(drawn, "plot"), read.count(row["registered"]), read.figure(shown)


def _delays_by_area(read: Reading) -> Table | None:
    words = read.words
    by_area: dict[str, dict[str, Any]] = {}
    for row in read.rows("timeliness", level="area"):
        by_area.setdefault(row["value"], {})[row["delay"]] = row
    if not by_area:
        return None
    used = [delay for delay in DELAYS if any(delay in some for some in by_area.values())]
    body = []
    for area in sorted(by_area):
        cells = []
        for delay in used:
            row = by_area[area].get(delay, {})
            share = row.get("share")
            both = words.html("{n} ({share})", n=words.number(row.get("registered")), share=words.percent(share))
            cells.append(read.figure(both) if share is not None else read.count(row.get("registered")))
        body.append((Cell(read.place(area), "name"), *cells))
    head = (Cell(words.text("area")), *(Cell(read.label(delay), "number") for delay in used))
    return Table(
        words.text("Registered births by area and time to registration, and their share of the area's"),
        head,
        tuple(body),
    )


def _years(read: Reading) -> Table | None:
    words = read.words
    found = {(row["birth_year"], row["registration_year"]): row["registered"] for row in read.rows(YEARS)}
    if not found:
        return None
    born, written = (sorted({key[k] for key in found}, key=_year_order) for k in (0, 1))
    head = [
        Cell(words.text("born in")),
        *(Cell(_registered_in(read, year), "number") for year in written),
    ]
    body = [
        (Cell(read.label(year), "name"), *(_or_none(read, found, (year, later)) for later in written)) for year in born
    ]
    return Table(words.text("Registered births by year of birth and year of registration"), tuple(head), tuple(body))


YEARS = "occurrence_by_registration_year"


def _registered_in(read: Reading, year: str) -> Markup:
    return read.words.html("registered in {year}", year=year) if year[:4].isdigit() else read.label(year)


def _or_none(read: Reading, found: dict[tuple[str, str], int | None], key: tuple[str, str]) -> Cell:
    return read.count(found[key]) if key in found else Cell("–", "hidden")


def _year_order(year: str) -> tuple[bool, str]:
    return not year[:4].isdigit(), year
