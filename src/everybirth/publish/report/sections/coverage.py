"""Which lists have which births, and how complete the register is in each area."""

from markupsafe import Markup

from everybirth.publish.report import rows, svg
from everybirth.publish.report.blocks import Block, Cell, Figure, Fold, Paragraph, Section, Table
from everybirth.publish.report.maps import completeness_map
from everybirth.publish.report.phrases import phrase
from everybirth.publish.report.reading import Interval, Reading, Row, apart, interval
from everybirth.publish.report.svg import Axis, Canvas, axis
from everybirth.publish.report.words import shown

MOST_COMBINATIONS = 20  # drawn; all are in the table
MOST_AREAS = 60  # drawn in one piece; more are divided
AREAS_A_PAGE = 50
BIN = 0.02  # width of the bars that show how areas are spread


def overlap(read: Reading) -> Section:
    """How many births are on which combination of lists."""
    words, lists = read.words, read.lists
    found = [row for row in read.rows("overlap") if all(row[name] in ("yes", "no") for name in lists)]
    missed = read.headline("missed_by_all")
    known = [row for row in found if row["births"] is not None]
    title = words.text("Which lists have which births")
    if not found or not lists:
        why = read.withheld("overlap") or words.text("No table of the overlap is published.")
        return Section("overlap", title, (Paragraph(why),))
    order = sorted(known, key=lambda row: (-row["births"], [row[name] for name in lists])) + [
        row for row in found if row["births"] is None
    ]
    most = max([row["births"] for row in known] + ([missed.high] if missed else []) + [1])
    across = axis(svg.scale([most], zero=True), words.number, 4)
    body = [_combination(read, row, across) for row in order[:MOST_COMBINATIONS]]
    if missed:
        body.append(_on_none(read, missed, across))
    chart = Table(
        caption=words.text("Births by the lists they are on"),
        head=(
            Cell(_list_names(lists), "dots"),
            Cell(rows.heading(across), "plot"),
            Cell(words.text("births"), "number"),
        ),
        rows=tuple(body),
    )
    figure = Figure(
        key="overlap-chart",
        title=words.text("Births by the lists they are on"),
        chart=chart,
        reading=_overlap_reading(read, known),
        of=_overlap_of(read, known, missed),
        tables=(_overlap_table(read, found),),
        legend=(("on", words.text("on the list")), ("off", words.text("not on the list"))),
    )
    return Section("overlap", title, (figure,))


def _list_names(lists: list[str]) -> Markup:
    step = rows.pitch(len(lists))
    names = Markup(" ").join(Markup("<span>{}</span>").format(shown(name)) for name in lists)
    return Markup('<span class="{}">{}</span>').format(f"upright pitch{step}", names)


def _combination(read: Reading, row: Row, across: Axis) -> tuple[Cell, ...]:
    on = [row[name] == "yes" for name in read.lists]
    names = [shown(name) for name, is_on in zip(read.lists, on, strict=True) if is_on]
    where = read.words.html("on {lists} only", lists=read.words.names(names))
    spoken = Markup('<span class="unseen">{}</span>').format(read.words.html("on every list") if all(on) else where)
    births = row["births"]
    drawn = rows.nothing(across) if births is None else rows.bars(across, (births, "bar"))
    return Cell(Markup("{}{}").format(spoken, rows.combination(on)), "name"), Cell(drawn, "plot"), read.count(births)


def _on_none(read: Reading, missed: Interval, across: Axis) -> tuple[Cell, ...]:
    spoken = Markup('<span class="unseen">{}</span>').format(read.words.html("on no list, estimated"))
    drawn = rows.bars(across, (missed.middle, "guess"), limits=(missed.low, missed.high))
    dots = rows.combination([False] * len(read.lists), "none")
    return Cell(Markup("{}{}").format(spoken, dots), "name"), Cell(drawn, "plot"), read.figure(read.many(missed))


def _overlap_reading(read: Reading, known: list[Row]) -> Markup:
    words = read.words
    total = next((row["births"] for row in read.rows("overlap") if row[read.lists[0]] == "total"), None)
    one = [row for row in known if sum(row[name] == "yes" for name in read.lists) == 1]
    every = next((row for row in known if all(row[name] == "yes" for name in read.lists)), None)
    if every is None or len(one) < len(read.lists) or len(read.lists) < 2:
        return words.html("Each row is one combination of lists; the filled dots say which lists.")
    shared = words.percent(every["births"] / total) if total else words.number(every["births"])
    single = sum(row["births"] for row in one)
    return words.html(
        "{shared} of the listed births are on every list; {single} are on one list only.",
        shared=shared, single=words.percent(single / total) if total else words.number(single),
    )  # fmt: skip


def _overlap_of(read: Reading, known: list[Row], missed: Interval | None) -> Markup:
    words = read.words
    total = sum(row["births"] for row in known)
    text = words.html("Of {n} births on any list, by the likeliest linkage.", n=words.number(total))
    if len(known) < sum(1 for row in read.rows("overlap") if row[read.lists[0]] != "total"):
        text = words.html("Births on any list, by the likeliest linkage; some combinations are hidden.")
    if missed:
        text = words.together(
            text,
            words.html(
                "The last row is an estimate, the line on it its limits: 95 in 100 simulated draws, given the "
                "assumptions."
            ),
        )
    return text


def _overlap_table(read: Reading, found: list[Row]) -> Table:
    words = read.words
    head = [Cell(shown(name)) for name in read.lists]
    body = [(*(Cell(read.label(row[name])) for name in read.lists), read.count(row["births"])) for row in found]
    return Table(words.text("Births by list"), (*head, Cell(words.text("births"), "number")), tuple(body))


def by_area(read: Reading) -> Section:
    """Completeness of the register (without one, of all lists together) in each area, by name."""
    words = read.words
    known, other = apart(read.rows("adjusted_births", level="area"))
    title = words.text("How complete each area is")
    if not known:
        why = read.withheld("adjusted_births")
        why = why or words.text("The births are not divided by area, or no record says where.")
        return Section("areas", title, (Paragraph(why),))
    found = {row["value"]: interval(row, "completeness", "completeness_low", "completeness_high") for row in known}
    over = _share_axis(read, [part for part in found.values() if part])
    blocks: list[Block] = []
    if read.shapes:
        blocks.append(completeness_map(read, found))
    if not any(found.values()):
        blocks.append(Paragraph(words.text("No area's completeness can be shown: it is hidden or was not estimated.")))
        blocks += _area_pages(read, known + other, over)
    elif len(known) <= MOST_AREAS:
        blocks.append(_areas_figure(read, known, other, over))
    else:
        blocks.append(_spread_figure(read, found))
        blocks += _area_pages(read, known + other, over)
    return Section("areas", title, tuple(blocks))


def _share_axis(read: Reading, found: list[Interval]) -> Axis:
    lowest = min((part.low for part in found), default=0.0)
    low = max(0.0, min(lowest, 0.95) // 0.1 * 0.1)
    return axis(svg.Scale(low, 1.0), lambda value: f"{100 * value:.0f}%", 5)


def _whose(read: Reading) -> str:
    """Whose completeness it is, as the title of a chart."""
    if read.register:
        return read.words.text("Share of the births that happened that are on the register")
    return read.words.text("Share of the births that happened that are on any list")


def _areas_figure(read: Reading, known: list[Row], other: list[Row], over: Axis) -> Figure:
    words = read.words
    head = (Cell(words.text("area")), Cell(rows.heading(over), "plot"), Cell(words.text("completeness"), "number"))
    body = tuple(_area_row(read, row, over) for row in known)
    return Figure(
        key="areas-chart",
        title=_whose(read),
        chart=Table(_whose(read), head, body),
        reading=_areas_reading(read),
        of=_areas_of(read),
        tables=(_areas_table(read, known + other, words.text("Births and completeness by area")),),
    )


def _area_row(read: Reading, row: Row, over: Axis) -> tuple[Cell, ...]:
    found = interval(row, "completeness", "completeness_low", "completeness_high")
    name = Cell(read.place(row["value"]), "name")
    if found is None:
        return name, Cell(rows.nothing(over), "plot"), Cell(read.words.text("hidden or not estimated"), "hidden")
    return name, Cell(rows.interval(over, found.middle, found.low, found.high), "plot"), read.figure(read.share(found))


def _areas_reading(read: Reading) -> Markup:
    total = read.headline("completeness")
    order = read.words.html(
        "Areas stand in the order of their names; where the lines of two areas overlap, the lists do not tell them "
        "apart."
    )
    if total is None:
        return order
    whole = read.words.html("In all it is {share}.", share=read.share(total))
    return read.words.together(whole, order)


def _areas_of(read: Reading) -> Markup:
    return read.words.html(
        "Of the births that happened in each area, listed or not, as estimated. A dot is the estimate; 95 in 100 "
        "simulated draws lie on its line, given the assumptions. Where an area's births are few, its estimate borrows "
        "from similar areas."
    )


def _areas_table(read: Reading, some: list[Row], caption: str) -> Table:
    words = read.words
    texts = [words.text("births that happened"), words.text("on any list")]
    texts += [words.text("registered")] if read.register else []
    head = (
        Cell(words.text("area")),
        *(Cell(text, "number") for text in (*texts, words.text("completeness"))),
        Cell(words.text("remark")),
    )
    return Table(caption, head, tuple(_figures_row(read, row, read.place(row["value"])) for row in some))


def _figures_row(read: Reading, row: Row, name: Markup) -> tuple[Cell, ...]:
    counts = ("listed", "registered") if read.register else ("listed",)
    return (
        Cell(name, "name"),
        read.births(row, "births", "low", "high"),
        *(read.count(row[count]) for count in counts),
        read.shares(row, "completeness", "completeness_low", "completeness_high"),
        Cell(remark(read, row.get("status"))),
    )


VEILED = "bar veiled"


def listed_style(read: Reading, row: Row) -> str:
    """How a bar of births on any list is drawn: hollow where the part of it that is registered is hidden."""
    hidden = read.register is not None and row.get("births") is not None and row.get("registered") is None
    return VEILED if hidden else "bar quiet"


def remark(read: Reading, status: str | None) -> Markup:
    """What to know of a row's estimate, in short."""
    words = read.words
    if not status or status == "ok":
        return Markup("")
    if status == "pooled":
        return words.html("borrows from similar groups")
    if status == "hidden":
        return words.html("hidden")
    if status.startswith("partial"):
        return words.html("too low: part of it is not estimated")
    if status.startswith("refused: "):
        return words.html("not estimated: {why}", why=phrase(words, status.removeprefix("refused: ")))
    return phrase(words, status)


def _spread_figure(read: Reading, found: dict[str, Interval | None]) -> Figure:
    """How the areas' completeness is spread, where they are too many to be drawn one by one."""
    words = read.words
    shares = [part.middle for part in found.values() if part]
    low = min(shares, default=0.0) // BIN * BIN
    n_bins = max(round((1 - low) / BIN), 1)
    counts = [0] * n_bins
    for share in shares:
        counts[min(int((share - low) / BIN + 1e-9), n_bins - 1)] += 1
    across = axis(svg.Scale(low, 1.0), lambda value: f"{100 * value:.0f}%", 5)
    up = axis(svg.scale([float(max(counts, default=1))], zero=True), words.number, 4)
    canvas = Canvas("areas-spread", across, up, 200)
    middle = [low + BIN * (k + 0.5) for k in range(n_bins)]
    marks = [canvas.column(x, BIN * 0.86, n, "bar") for x, n in zip(middle, counts, strict=True) if n]
    title = words.text("How many areas have which completeness")
    ends = {"low": words.percent(min(shares, default=None)), "high": words.percent(max(shares, default=None))}
    reading = words.html("There are {n} areas; their completeness lies between {low} and {high}.", n=len(found), **ends)
    svg_of = canvas.draw(title, reading, *marks)
    return Figure(canvas.key, title, svg_of, words.together(reading, _areas_reading(read)), _areas_of(read))


def _area_pages(read: Reading, some: list[Row], over: Axis) -> list[Block]:
    words = read.words
    pages: list[Block] = []
    for start in range(0, len(some), AREAS_A_PAGE):
        page = some[start : start + AREAS_A_PAGE]
        ends = {"first": read.place(page[0]["value"]), "last": read.place(page[-1]["value"])}
        title = words.html("Areas {first} to {last}", **ends)
        plain = _areas_table(read, page, "")
        drawn = tuple(
            (row[0], _area_row(read, of, over)[1], *row[1:]) for row, of in zip(plain.rows, page, strict=True)
        )
        head = (plain.head[0], Cell(rows.heading(over), "plot"), *plain.head[1:])
        pages.append(Fold(title, Table(title, head, drawn)))
    return pages
