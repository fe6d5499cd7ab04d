"""What the total would be under other assumptions and by other methods."""

from itertools import pairwise

from everybirth.publish.report import rows, svg
from everybirth.publish.report.blocks import Block, Cell, Figure, Paragraph, Section, Table
from everybirth.publish.report.labels import METHODS
from everybirth.publish.report.reading import Interval, Reading, Row, interval
from everybirth.publish.report.svg import Axis, Canvas, Scale, axis
from everybirth.publish.report.words import shown
from everybirth.publish.table_texts import NOT_ESTIMATED

LIMITS = ("births", "low", "high")


def what_if(read: Reading) -> Section:
    """Odds ratios, methods, and each list as the others predict it."""
    words = read.words
    title = words.text("What if the assumptions are wrong?")
    found: list[Block] = []
    methods = [row for row in read.rows("sensitivity", kind="method") if interval(row, *LIMITS)]
    left_out = [
        row
        for name in read.lists
        for row in read.rows("sensitivity", kind="leave-one-out", what=name)
        if interval(row, *LIMITS)
    ]
    if read.odds():
        found.append(_curve(read))
    if methods:
        found.append(_methods(read, methods))
    if left_out:
        found.append(_left_out(read, left_out))
    if not found:
        found.append(Paragraph(_nothing(read)))
    return Section("what-if", title, tuple(found))


def _nothing(read: Reading) -> str:
    """Why there is nothing to show: it is hidden, or nothing was estimated."""
    withheld = read.withheld("sensitivity")
    if withheld or read.has("sensitivity"):
        return withheld or read.hidden()
    return read.words.text(NOT_ESTIMATED)


def _curve(read: Reading) -> Figure:
    words, odds = read.words, read.odds()
    points = list(odds.items())
    across = Scale(min(x for x, _ in points) * 0.85, max(x for x, _ in points) * 1.15, log=True)
    labels = [(x, f"{x:g}") for x, _ in points if x in (0.5, 1, 2, 4, 8)]
    heights = [limit for _, part in points for limit in (part.low, part.high)]
    canvas = Canvas("odds-chart", Axis(across, tuple(labels)), axis(svg.scale(heights), words.number))
    middle = [(x, part.middle) for x, part in points]
    marks = [canvas.segment(a, b, "join") for a, b in pairwise(middle)]
    for x, part in points:
        about = words.html("odds ratio {ratio}: {births}", ratio=f"{x:g}", births=read.many(part))
        marks.append(canvas.upright(x, part.low, part.high, "limits"))
        marks.append(canvas.dot(x, part.middle, "unusual" if x == 1 else "estimate", about))
    lists = read.doubtful()
    title = words.text("Births that happened, if two lists depend on each other otherwise than assumed")
    two = odds.get(2.0)
    reading = words.html(
        "If births on one of the two lists ({lists}) had twice the odds of being on the other that are assumed, "
        "{births} births would have happened.",
        lists=lists, births=read.many(two) if two else words.text("not known"),
    )  # fmt: skip
    of = words.html(
        "Up: all births that happened. Across: the odds ratio between the two lists, relative to what the estimate "
        "assumes; 1 (ringed) is the estimate itself. Lines: 95 in 100 simulated draws. Nothing in the lists says which "
        "is true: ask those who keep them."
    )
    body = tuple((Cell(f"{x:g}", "name"), read.figure(read.many(part))) for x, part in points)
    head = (Cell(words.text("odds ratio")), Cell(words.text("births that happened"), "number"))
    table = Table(words.html("Births by the odds ratio between {lists}", lists=lists), head, body)
    return Figure(canvas.key, title, canvas.draw(title, reading, *marks), reading, of, (table,))


def _of(row: Row) -> Interval | None:
    return interval(row, *LIMITS)


def _methods(read: Reading, some: list[Row]) -> Figure:
    words = read.words
    known = [(row, part) for row in some if (part := _of(row))]
    estimate = read.headline("births")
    ends = [limit for _, part in known for limit in (part.low, part.high)]
    ends += [estimate.low, estimate.high] if estimate else []
    across = axis(svg.scale(ends), words.number, 4)
    body = []
    if estimate:
        name = Cell(words.text("this report"), "name")
        drawn = rows.interval(across, estimate.middle, estimate.low, estimate.high, "chosen")
        body.append((name, Cell(drawn, "plot"), read.figure(read.many(estimate))))
    for row, part in known:
        method = row["what"]
        name = Cell(words.text(METHODS[method]) if method in METHODS else shown(method), "name")
        body.append(
            (name, Cell(rows.interval(across, part.middle, part.low, part.high), "plot"), read.figure(read.many(part)))
        )
    title = words.text("Births that happened, by other methods")
    head = (Cell(words.text("method")), Cell(rows.heading(across), "plot"), Cell(words.text("births"), "number"))
    middles = [part.middle for _, part in known]
    reading = words.html(
        "Their figures lie between {low} and {high}; some are known to be wrong where lists depend on one another.",
        low=words.number(min(middles)), high=words.number(max(middles)),
    )  # fmt: skip
    if estimate and max(middles) < estimate.middle:
        below = words.html("All lie below this report's figure: unlike it, they do not divide the births into groups.")
        reading = words.together(reading, below)
    of = words.html(
        "All births that happened, not divided into groups, by each method; lines: its own interval of 95 in 100. "
        "They are shown beside the estimate, never in its place."
    )
    return Figure("methods-chart", title, Table(title, head, tuple(body)), reading, of)


def _left_out(read: Reading, some: list[Row]) -> Figure:
    """What is predicted less what is known: on a scale from zero the two could not be told apart."""
    words = read.words
    off = [(row, part, _less(part, row["known"])) for row in some if (part := _of(row))]
    ends = [limit for _, _, less in off if less for limit in (less.low, less.high)]
    across = axis(svg.scale([*ends, 0.0]), lambda value: f"{value:+,.0f}" if value else "0", 4)
    body = []
    for row, part, less in off:
        drawn = rows.nothing(across)
        if less:
            drawn = rows.interval(across, less.middle, less.low, less.high, mark=0.0)
        known = read.count(row["known"])
        body.append((Cell(shown(row["what"]), "name"), Cell(drawn, "plot"), known, read.figure(read.many(part))))
    title = words.text("Each list's births, as the other lists predict them")
    head = (
        *(Cell(words.text("list left out")), Cell(rows.heading(across), "plot")),
        *(Cell(words.text("known"), "number"), Cell(words.text("predicted"), "number")),
    )
    reading = words.html(
        "Where the whole line lies left of 0, the other lists probably share more births than is assumed; where it "
        "lies right of 0, fewer."
    )
    of = words.html(
        "Births on each list that the others could hold too: predicted less known. Lines: 95 in 100 simulated draws."
    )
    return Figure("left-out-chart", title, Table(title, head, tuple(body)), reading, of)


def _less(part: Interval, known: int | None) -> Interval | None:
    """The interval less a count; None where that is hidden."""
    return None if known is None else Interval(part.middle - known, part.low - known, part.high - known)
