"""How findings went from run to run: what was closed, what is open after each run, and where.

All of it is of the published tables. How many findings came back is in none of them: beside counts that are shown it
could tell one that is hidden.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from everybirth.publish.report import svg
from everybirth.publish.report.blocks import Block, Cell, Figure, Fold, Paragraph, Table
from everybirth.publish.report.labels import FINDINGS
from everybirth.publish.report.reading import TOTAL, UNKNOWN, Reading, Row, apart
from everybirth.publish.report.sections.coverage import AREAS_A_PAGE
from everybirth.publish.report.svg import Axis, Canvas, Scale, axis

OPEN, GONE = "open", "gone"  # as the tables have it; every other status is a decision
FEWEST = 2  # runs from which on there is something to compare
KEY = "open-chart"


@dataclass(frozen=True, slots=True)
class Sum:
    """What is shown of a sum of counts, and whether a part of it is not."""

    shown: int
    veiled: bool


def ordered(found: Iterable[str]) -> list[str]:
    """Kinds or statuses of findings, each once, as FINDINGS has them: the same in every table."""
    some = set(found)
    return [*(name for name in FINDINGS if name in some), *sorted(some - set(FINDINGS))]


def added(some: Iterable[Row]) -> Sum:
    """The sum of some rows' findings; a status that no finding has has no row."""
    counts = [row["findings"] for row in some]
    return Sum(sum(n for n in counts if n is not None), any(n is None for n in counts))


def written(read: Reading, found: Sum) -> Markup:
    """A sum in words: as it is, or what is shown of it and hidden ones, or hidden."""
    if not found.veiled:
        return Markup.escape(read.words.number(found.shown))
    if not found.shown:
        return read.words.html("hidden")
    more = Markup('<span class="one-line">{}</span>').format(read.words.html("and hidden ones"))
    return read.words.together(read.words.number(found.shown), more)


def _cell(read: Reading, found: Sum) -> Cell:
    return Cell(written(read, found), "hidden" if found.veiled else "number")


def progress(read: Reading) -> tuple[Block, ...]:
    """What changed since the run before, open findings by run, and by area; nothing where there was one run only."""
    rows = read.rows("findings_progress")
    runs = sorted({int(row["run"]) for row in rows})
    if len(runs) < FEWEST:
        return ()
    whole = [row for row in rows if row["area"] == TOTAL]
    kinds = ordered(row["kind"] for row in whole)
    blocks: list[Block] = [_closed(read, whole, runs, kinds), _by_run(read, whole, runs, kinds)]
    blocks += _by_area(read, rows, (runs[0], runs[-1]))
    if any(row["findings"] is None for row in rows):
        blocks.append(Paragraph(_hidden(read), "note"))
    return tuple(blocks)


def _hidden(read: Reading) -> Markup:
    return read.words.html(
        "Counts that are hidden here are hidden as everywhere in this report. “And hidden ones”: there are more, whose "
        "number is hidden; do not compare such a figure with another."
    )


def _of(rows: Iterable[Row], run: int) -> list[Row]:
    return [row for row in rows if row["run"] == str(run)]


def _opened(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row["status"] == OPEN]


def _decided(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row["status"] not in (OPEN, GONE)]


def _closed(read: Reading, whole: list[Row], runs: list[int], kinds: list[str]) -> Table:
    """Open and decided findings after the last two runs, and those that nobody decided and that are gone."""
    words, (before, now) = read.words, runs[-2:]

    def cells(some: list[Row]) -> tuple[Cell, ...]:
        then, last = _of(some, before), _of(some, now)
        gone = [row for row in last if row["status"] == GONE]
        parts = (_opened(then), _opened(last), _decided(then), _decided(last), gone)
        return tuple(_cell(read, added(part)) for part in parts)

    body = [
        (Cell(words.text(FINDINGS[kind]), "name"), *cells([row for row in whole if row["kind"] == kind]))
        for kind in kinds
    ]
    body.append((Cell(words.text("all"), "name"), *cells(whole)))
    heads = (
        words.html("open after run {run}", run=before),
        words.html("open after run {run}", run=now),
        words.html("decided after run {run}", run=before),
        words.html("decided after run {run}", run=now),
        words.html("no longer found"),
    )
    head = (Cell(words.text("kind")), *(Cell(text, "number") for text in heads))
    note = words.html(
        "Closed are findings that have been decided since, and those no longer found: open after the run before, "
        "decided by nobody, and not there any more. One that came back is open "
        "again: where fewer are decided than before, at least the difference came back or was taken back. How many "
        "came back in all is not published, since a hidden count could be worked out from it."
    )
    return Table(words.text("What was closed since the run before"), head, tuple(body), note)


def _by_run(read: Reading, whole: list[Row], runs: list[int], kinds: list[str]) -> Block:
    """Open findings of all areas after each run, of the kinds that no run hides, so that the bars can be compared."""
    words, table = read.words, _run_table(read, whole, runs, kinds)
    veiled = {row["kind"] for row in _opened(whole) if row["findings"] is None}
    some = [row for row in _opened(whole) if row["kind"] not in veiled]
    if not some:
        return table
    found = [added(_of(some, run)).shown for run in runs]
    labels = tuple((float(k), words.text("run {run}", run=run)) for k, run in enumerate(runs))
    heights = axis(svg.scale([float(n) for n in found], zero=True), words.number, 4)
    canvas = Canvas(KEY, Axis(Scale(-0.6, len(runs) - 0.4), labels), heights, 140)
    marks = [canvas.column(k, 0.4, n, "bar") for k, n in enumerate(found)]
    reading = words.html(
        "Open after run {first}: {before}; after run {last}: {after}.",
        first=runs[0], before=words.number(found[0]), last=runs[-1], after=words.number(found[-1]),
    )  # fmt: skip
    if veiled:
        names = words.names([words.html(FINDINGS[kind]) for kind in kinds if kind in veiled])
        left_out = words.html("Left out of all bars, since a count is hidden: {kinds}.", kinds=names)
        reading = words.together(reading, left_out)
    of = words.html(
        "Findings of all areas that nobody has decided about, or that came back. A run that finds and decides what "
        "the last one did is not counted anew."
    )
    return Figure(KEY, table.caption, canvas.draw(str(table.caption), reading, *marks), reading, of, (table,))


def _run_table(read: Reading, whole: list[Row], runs: list[int], kinds: list[str]) -> Table:
    words = read.words
    body = []
    for run in runs:
        some = _opened(_of(whole, run))
        each = [_cell(read, added(row for row in some if row["kind"] == kind)) for kind in kinds]
        body.append((Cell(words.text("run {run}", run=run), "name"), _cell(read, added(some)), *each))
    texts = (words.text("all"), *(words.text(FINDINGS[kind]) for kind in kinds))
    head = (Cell(words.text("after")), *(Cell(text, "number") for text in texts))
    return Table(words.text("Open findings by run"), head, tuple(body))


def _by_area(read: Reading, rows: list[Row], ends: tuple[int, int]) -> list[Block]:
    """Open findings of each area, by name, after the first and the last of the runs; many areas page by page."""
    words = read.words
    of_area: dict[str, list[Row]] = {}
    for row in rows:
        of_area.setdefault(row["area"], []).append(row)
    known, other = apart(({"area": area} for area in of_area), "area")
    names = [row["area"] for row in (*known, *other)]
    head = (
        Cell(words.text("area")),
        *(Cell(words.html("open after run {run}", run=run), "number") for run in ends),
    )
    body = [
        (Cell(read.place(area), "name"), *(_area_cell(read, area, _of(of_area[area], run)) for run in ends))
        for area in names
    ]
    title = words.text("Open findings by area")
    note = words.html(
        "Areas stand in the order of their names. Areas with more births have more findings; the figures say nothing "
        "of how well anybody works."
    )
    if other:
        note = words.together(
            note, words.html("Where no record says the area, a few findings of a kind are in the totals only.")
        )
    if len(body) <= AREAS_A_PAGE:
        return [Table(title, head, tuple(body), note)]
    pages: list[Block] = [Paragraph(words.html("{title}. {note}", title=title, note=note))]
    for start in range(0, len(body), AREAS_A_PAGE):
        page = body[start : start + AREAS_A_PAGE]
        caption = words.html("Open findings, areas {first} to {last}", first=page[0][0].text, last=page[-1][0].text)
        pages.append(Fold(caption, Table(caption, head, tuple(page))))
    return pages


def _area_cell(read: Reading, area: str, some: list[Row]) -> Cell:
    """Few findings of which no record says the area have no row, so that no row is not none."""
    found = _opened(some)
    return read.figure(None) if area in UNKNOWN and not found else _cell(read, added(found))
