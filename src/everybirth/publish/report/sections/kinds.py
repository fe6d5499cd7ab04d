"""Births by site, plurality, weight and the mother's age: counted on any list, and on the register."""

from markupsafe import Markup

from everybirth.publish.report import rows, svg
from everybirth.publish.report.blocks import Cell, Figure, Paragraph, Section, Table
from everybirth.publish.report.reading import TOTAL, UNKNOWN, Reading, Row
from everybirth.publish.report.sections.coverage import VEILED, listed_style
from everybirth.publish.report.svg import axis
from everybirth.publish.report.words import mark

TABLES = (
    ("births_by_site", "site", mark("Births by kind of place")),
    ("births_by_plurality", "plurality", mark("Births by number of children in the delivery")),
    ("births_by_weight_class", "weight_class", mark("Births by birth weight, in grams")),
    ("births_by_mother_age", "mother_age", mark("Births by age of the mother, in completed years")),
)


def kinds(read: Reading) -> Section:
    """One chart for each table that there is."""
    words = read.words
    figures = [_figure(read, name, key, words.text(title)) for name, key, title in TABLES if read.has(name)]
    title = words.text("Which births")
    if not figures:
        why = read.withheld(*(name for name, _, _ in TABLES))
        why = why or words.text("No table of the births' kind is published.")
        return Section("kinds", title, (Paragraph(why),))
    return Section("kinds", title, tuple(figures))


def _figure(read: Reading, name: str, key: str, title: str) -> Figure:
    words = read.words
    some = [row for row in read.rows(name) if row[key] != TOTAL]
    known = [row["births"] for row in some if row["births"] is not None]
    across = axis(svg.scale([float(n) for n in known], zero=True), words.number, 4)
    head = [Cell(words.text("births")), Cell(rows.heading(across), "plot"), Cell(words.text("on any list"), "number")]
    head += [Cell(words.text("registered"), "number")] if read.register else []
    body = [_row(read, row, key, across) for row in some]
    whole = next((row for row in read.rows(name) if row[key] == TOTAL), None)
    total = None if whole is None else whole["births"]
    of = words.html("Counted by the likeliest linkage.")
    if total is not None:
        of = words.html("Of {n} births on any list, counted by the likeliest linkage.", n=words.number(total))
    unstated = _unstated(read, some, key, total)
    of = words.together(of, unstated) if unstated else of
    legend = [("bar quiet", words.text("on any list"))]
    if read.register:
        legend.append(("bar", words.text("on the register")))
    if any(listed_style(read, row) == VEILED for row in some):
        legend.append((VEILED, words.text("on any list; how many are registered is hidden")))
    chart = Table(title, tuple(head), tuple(body))
    return Figure(f"{key.replace('_', '-')}-chart", title, chart, _reading(read, some, key), of, (), tuple(legend))


def _unstated(read: Reading, some: list[Row], key: str, total: int | None) -> str:
    """What is to be said of births for which no record says it: their row may be left out, to protect persons."""
    words = read.words
    if any(row[key] in UNKNOWN for row in some):
        return words.text("Not stated: no record says.")
    counts = [row["births"] for row in some]
    if total is None or None in counts or read.release.about.get("protection") == "noise":
        return ""  # counts with noise do not add up, whatever is left out
    left_out = total - sum(counts)
    if left_out <= 0:
        return ""
    return words.count(
        "{n} birth for which this is not stated is in the total only.",
        "{n} births for which this is not stated are in the total only.",
        left_out,
    )


def _row(read: Reading, row: Row, key: str, across: svg.Axis) -> tuple[Cell, ...]:
    births, registered = row["births"], row.get("registered")
    bars = [] if births is None else [(float(births), listed_style(read, row))]
    bars += [] if registered is None or not read.register else [(float(registered), "bar")]
    drawn = rows.bars(across, *bars) if bars else rows.nothing(across)
    counts = (births, registered) if read.register else (births,)
    return Cell(_name(read, row[key], key), "name"), Cell(drawn, "plot"), *(read.count(n) for n in counts)


PLURALITY = {"1": mark("single"), "2": mark("twins"), "3 or more": mark("triplets and more")}


def _name(read: Reading, value: str, key: str) -> Markup:
    if key == "plurality" and value in PLURALITY:
        return read.words.html(PLURALITY[value])
    return read.label(value)


def _reading(read: Reading, some: list[Row], key: str) -> str:
    """Where most births are; with a register, what share of those is on it. No share of a whole with hidden parts."""
    words = read.words
    stated = [row for row in some if row[key] not in UNKNOWN]
    known = [row for row in stated if row["births"]]
    hidden = [row for row in stated if row["births"] is None]
    if stated and len(hidden) == len(stated):
        return words.text("All counts are hidden.")
    if hidden:
        return words.text("Some counts are hidden, so that no shares can be given.")
    if not known:
        return words.text("No record says.")
    largest = max(known, key=lambda row: int(row["births"]))
    share = largest["births"] / sum(row["births"] for row in known)
    name = _name(read, largest[key], key)
    if read.register and largest.get("registered") is not None:
        on = words.percent(largest["registered"] / largest["births"])
        return words.html(
            "Largest group: {name}, {share} of the listed births for which this is stated; {on} of these are "
            "registered. Births on no list are not counted here.",
            share=words.percent(share), name=name, on=on,
        )  # fmt: skip
    return words.html(
        "Largest group: {name}, {share} of the listed births for which this is stated. Births on no list are not "
        "counted here.",
        share=words.percent(share), name=name,
    )  # fmt: skip
