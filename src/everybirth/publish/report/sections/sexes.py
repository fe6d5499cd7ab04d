"""The sex ratio at birth: a funnel plot, and what to check where an area lies outside it."""

from itertools import pairwise

from markupsafe import Markup

from everybirth.publish.report import svg
from everybirth.publish.report.blocks import Block, Cell, Figure, Fold, Paragraph, Section, Table
from everybirth.publish.report.phrases import phrase
from everybirth.publish.report.reading import Interval, Reading, Row, apart, interval
from everybirth.publish.report.svg import Canvas, axis, log_scale

NAMED = 12  # unusual areas that have their name beside the dot; more would cover one another
LONG_TABLE = 60  # rows from which a table is divided
PAGE = 50
GIRLS = 100  # that a ratio is for: boys per 100 girls


def sex_ratio(read: Reading) -> Section:
    """Boys per 100 girls among the births that happened, by area."""
    words = read.words
    title = words.text("Sex ratio at birth")
    areas, _ = apart(read.rows("sex_ratio", level="area"))
    total = read.rows("sex_ratio", level="total")
    if not total and not areas:
        why = read.withheld("sex_ratio")
        why = why or words.text("The lists do not give the sex of the births, or too few of them do.")
        return Section("sex-ratio", title, (Paragraph(why),))
    whole = interval(total[0], "ratio", "low", "high") if total else None
    blocks: list[Block] = [Paragraph(_in_all(read, whole, total[0] if total else {}))]
    shown = [row for row in areas if _size(row) and interval(row, "ratio", "low", "high")]
    if shown:
        blocks.append(_funnel(read, shown, areas if len(areas) <= LONG_TABLE else []))
    if not shown or len(areas) > LONG_TABLE:
        rows = [*total, *areas]
        pages = [rows[k : k + PAGE] for k in range(0, len(rows), PAGE)]
        for page in pages:
            name = words.html(
                "Sex ratio: {first} to {last}", first=read.place(page[0]["value"]), last=read.place(page[-1]["value"])
            )
            blocks.append(Fold(name, _table(read, page, name)))
    return Section("sex-ratio", title, tuple(blocks))


def _size(row: Row) -> int:
    girls, boys = row.get("girls"), row.get("boys")
    return 0 if girls is None or boys is None else girls + boys


def _per_100(read: Reading, ratio: float | None) -> str:
    """Boys per girl as boys per 100 girls."""
    return read.words.decimal(None if ratio is None else GIRLS * ratio, 1)


def _ratio(read: Reading, found: Interval) -> str:
    limits = read.words.between(_per_100(read, found.low), _per_100(read, found.high))
    return read.words.text("{figure} ({limits})", figure=_per_100(read, found.middle), limits=limits)


def _in_all(read: Reading, whole: Interval | None, row: Row) -> str:
    words = read.words
    if whole is None:
        return words.text("The ratio in all is hidden or was not estimated.")
    first = words.text(
        "In all there were {boys} boys per 100 girls among the births that happened (estimate: {low} to {high}); "
        "{expected} are expected.",
        boys=_per_100(read, whole.middle), low=_per_100(read, whole.low), high=_per_100(read, whole.high),
        expected=_per_100(read, row.get("expected")),
    )  # fmt: skip
    if None not in (funnel := [row.get(name) for name in FUNNEL]):
        low, high = (_per_100(read, limit) for limit in funnel)
        chance = words.text("With this many births chance alone gives {low} to {high}.", low=low, high=high)
        first = words.together(first, chance)
    gap = interval(row, "gap", "gap_low", "gap_high")
    if gap is None or not read.register:
        return first
    return words.together(first, _gap(read, gap))


def _gap(read: Reading, gap: Interval) -> str:
    """Whether girls or boys are registered less often, as far as it can be told."""
    words = read.words
    low, high = sorted((abs(gap.low), abs(gap.high)))
    points = {"gap": f"{100 * abs(gap.middle):.1f}", "low": f"{100 * low:.1f}", "high": f"{100 * high:.1f}"}
    if gap.high < 0:
        return words.text(
            "Girls are registered less often than boys, by {gap} in a hundred ({low} to {high}).", **points
        )
    if gap.low > 0:
        return words.text(
            "Boys are registered less often than girls, by {gap} in a hundred ({low} to {high}).", **points
        )
    return words.text("That girls and boys are registered equally often cannot be ruled out.")


def _funnel(read: Reading, shown: list[Row], listed: list[Row]) -> Figure:
    words = read.words
    sizes = _sizes(read, shown)
    limits = [row[name] for row in shown for name in FUNNEL if row.get(name) is not None]
    up = axis(svg.scale([*(row["ratio"] for row in shown), *limits]), lambda value: f"{GIRLS * value:.0f}")
    canvas = Canvas("funnel", axis(log_scale(list(sizes.values())), words.number, 4), up, 300)
    marks = _expected(canvas, shown, sizes)
    unusual = [row for row in shown if row.get("note")]
    for row in shown:
        found = interval(row, "ratio", "low", "high")
        about = words.html("{area}: {ratio}", area=read.place(row["value"]), ratio=_ratio(read, found) if found else "")
        style = "unusual" if row in unusual else "estimate"
        marks.append(canvas.dot(sizes[row["value"]], row["ratio"], style, about))
    if len(unusual) <= NAMED:
        marks += [canvas.label(sizes[row["value"]], row["ratio"], read.place(row["value"])) for row in unusual]
    title = words.text("Boys per 100 girls, by the number of births of the area")
    reading = _reading(read, len(unusual), len(shown))
    of = words.html(
        "Up: boys per 100 girls among the births that happened, as estimated. Across: births, on a scale of equal "
        "factors. Between the curved lines lie 95 in 100 areas that follow the expected ratio (the level line)."
    )
    legend = (("estimate", words.text("an area")), ("unusual", words.text("unusual, see the table")))
    tables = (
        (_table(read, [*read.rows("sex_ratio", level="total"), *listed], words.text("Sex ratio by area")),)
        if listed
        else ()
    )
    return Figure(canvas.key, title, canvas.draw(title, reading, *marks), reading, of, tables, legend)


FUNNEL = ("funnel_low", "funnel_high")


def _sizes(read: Reading, shown: list[Row]) -> dict[str, float]:
    """Births that happened in each area, on which the width of the funnel rests; if some are hidden, those counted."""
    births = {row["value"]: row.get("births") for row in read.rows("adjusted_births", level="area")}
    if all(births.get(row["value"]) for row in shown):
        return {row["value"]: float(births[row["value"]] or 0) for row in shown}
    return {row["value"]: float(_size(row)) for row in shown}


def _expected(canvas: Canvas, shown: list[Row], sizes: dict[str, float]) -> list[Markup]:
    """The expected ratio, and the lines between which 95 in 100 areas lie."""
    by_size = sorted((row for row in shown if row.get("funnel_low") is not None), key=lambda row: sizes[row["value"]])
    marks = []
    for name in FUNNEL:
        corners = [(sizes[row["value"]], row[name]) for row in by_size]
        marks += [canvas.segment(a, b, "funnel") for a, b in pairwise(corners)]
    expected = next((row["expected"] for row in shown if row.get("expected") is not None), None)
    return marks if expected is None else [*marks, canvas.level(expected, "expected")]


def _reading(read: Reading, n_unusual: int, n: int) -> str:
    words = read.words
    if not n_unusual:
        return words.text("No area's ratio is unusual for its size, allowing for how many areas were looked at.")
    said = words.count(
        "{n} of {all} areas is unusual for its size; check under-registration of girls, duplicates, linkage by sex.",
        "{n} of {all} areas are unusual for their size; check under-registration of girls, duplicates, linkage by sex.",
        n_unusual, all=words.number(n),
    )  # fmt: skip
    reason = words.text("It is a reason to look, not a finding about anybody.")
    return words.together(said, reason)


def _table(read: Reading, some: list[Row], caption: str) -> Table:
    words = read.words
    texts = [words.text("girls"), words.text("boys"), words.text("boys per 100 girls (limits do not cover chance)")]
    texts += [words.text("drawn to the mean (limits cover chance)"), words.text("what chance alone gives")]
    texts += [words.text("gap in completeness")]
    head = [Cell(words.text("area")), *(Cell(text, "number") for text in texts), Cell(words.text("remark"))]
    note = words.html(
        "Girls and boys as counted ({where}). Ratios are of the births that happened. Drawn to the mean: as far as "
        "the area is small. Chance: 95 in 100 areas of that size, if the expected ratio holds. Gap: completeness of "
        "girls less that of boys, in percentage points; negative where girls are registered less often.",
        where=words.text("on the register") if read.register else words.text("on any list"),
    )
    return Table(caption, tuple(head), tuple(_row(read, row) for row in some), note)


def _row(read: Reading, row: Row) -> tuple[Cell, ...]:
    words = read.words
    found = [interval(row, *names) for names in (("ratio", "low", "high"), ("shrunk", "shrunk_low", "shrunk_high"))]
    low, high = row.get("funnel_low"), row.get("funnel_high")
    funnel = None if low is None or high is None else words.between(_per_100(read, low), _per_100(read, high))
    gap = interval(row, "gap", "gap_low", "gap_high")
    points = None
    if gap:
        limits = words.between(f"{100 * gap.low:+.1f}", f"{100 * gap.high:+.1f}")
        points = words.text("{figure} ({limits})", figure=f"{100 * gap.middle:+.1f}", limits=limits)
    note = row.get("note")
    return (
        Cell(read.place(row["value"]), "name"),
        read.count(row.get("girls")),
        read.count(row.get("boys")),
        *(read.figure(_ratio(read, part) if part else None) for part in found),
        read.figure(funnel),
        read.figure(points),
        Cell(phrase(words, note) if note else ""),
    )
