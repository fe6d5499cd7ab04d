"""How good each list is, how well the lists were linked, on what they disagree, and what there is to mend."""

from markupsafe import Markup

from everybirth.publish.report import rows, svg
from everybirth.publish.report.blocks import Block, Cell, Figure, Fold, Paragraph, Section, Table
from everybirth.publish.report.labels import DECIDED_BY, FIELDS, FINDINGS, LIMITS, LINKAGE
from everybirth.publish.report.reading import TOTAL, Reading, Row
from everybirth.publish.report.sections.progress import ordered, progress
from everybirth.publish.report.svg import Axis, Canvas, Scale, axis
from everybirth.publish.report.words import mark, shown

FEW = 12  # values of a chart that each have a row
MOST_PAIRS = 3  # of lists, side by side


def lists(read: Reading) -> Section:
    """Rows, repeats and missing values of each list; days and weights that are too frequent."""
    blocks: list[Block] = []
    if read.has("list_quality"):
        blocks.append(_lists_table(read))
    if read.has("missing_values"):
        blocks.append(_missing(read))
    blocks += _heaping(read)
    if not blocks:
        blocks.append(Paragraph(read.words.text("Nothing is published of the lists' quality.")))
    return Section("lists", read.words.text("How good each list is"), tuple(blocks))


def _lists_table(read: Reading) -> Table:
    words = read.words
    columns = {
        "rows": words.text("rows read"),
        "rejected": words.text("could not be used"),
        "repeated": words.text("repeats of a birth"),
        "births": words.text("births"),
        "outside": words.text("outside the plan's areas or dates"),
    }
    some = read.rows("list_quality")
    used = [name for name in columns if any(name in row for row in some)]
    head = (Cell(words.text("list")), *(Cell(columns[name], "number") for name in used))
    body = tuple((Cell(read.label(row["list"]), "name"), *(read.count(row[name]) for name in used)) for row in some)
    note = words.html("Rows as read from the files. A repeat is a record of a birth that the list has already.")
    return Table(words.text("What each list holds"), head, body, note)


def _missing(read: Reading) -> Figure:
    words = read.words
    found = {(row["field"], row["list"]): row for row in read.rows("missing_values")}
    fields = [name for name in FIELDS if any(key[0] == name for key in found)]
    fields += sorted({key[0] for key in found} - set(fields))
    names = [name for name in read.lists if any(key[1] == name for key in found)]
    most = max((row["share"] for row in found.values() if row.get("share") is not None), default=1.0)
    across = Axis(svg.scale([most], zero=True, most=1.0), ())
    body = []
    for field in fields:
        cells = [Cell(_field(read, field), "name")]
        cells += [_missing_cell(read, found.get((field, name)), across) for name in names]
        body.append(tuple(cells))
    title = words.text("Values that are missing")
    head = (Cell(words.text("field")), *(Cell(shown(name), "with-bar") for name in names))
    reading = words.html(
        "A dash: the list does not have the field. A value that every list lacks cannot help the linking."
    )
    of = words.html("Share of each list's usable records without a value.")
    return Figure("missing-chart", title, Table(title, head, tuple(body)), reading, of)


def _missing_cell(read: Reading, row: Row | None, across: Axis) -> Cell:
    if row is None:
        return Cell("–", "with-bar")
    if row.get("share") is None:
        return Cell(read.words.text("hidden"), "with-bar")
    drawn = rows.bars(across, (row["share"], "bar"))
    return Cell(
        Markup('<span class="beside"><span>{}</span>{}</span>').format(read.words.percent(row["share"]), drawn),
        "with-bar",
    )


def _field(read: Reading, name: str) -> Markup:
    return read.words.html(FIELDS[name]) if name in FIELDS else shown(name.removeprefix("extra."))


HEAPS = {
    "day of month": mark("Records by day of the month"),
    "birth weight": mark("Records by roundness of the birth weight, in grams"),
}


def _heaping(read: Reading) -> list[Block]:
    """For each kind, a panel for each list."""
    found: list[Block] = []
    for kind in dict.fromkeys(row["what"] for row in read.rows("heaping")):
        some = read.rows("heaping", what=kind)
        title = read.words.text(HEAPS[kind]) if kind in HEAPS else str(kind)
        chart = (
            _heap_rows(read, title, some)
            if len({row["value"] for row in some}) <= FEW
            else _heap_panels(read, kind, some)
        )
        reading = read.words.html(
            "Bars far above the line are values written down more often than they happen: a sign of guessing or "
            "rounding."
        )
        of = read.words.html(
            "Records of the list that have the value. Line: what is expected if none is preferred. Gaps are hidden."
        )
        if isinstance(chart, Table):
            names = [_rests(read, name, [row for row in some if row["list"] == name]) for name in _lists_of(some)]
            of = read.words.together(of, read.words.html("Lists: {lists}.", lists=read.words.names(names)))
        tables = () if isinstance(chart, Table) else (_heap_table(read, title, some),)
        found.append(Figure(f"heap-{len(found)}", title, chart, reading, of, tables))
    return found


def _lists_of(some: list[Row]) -> list[str]:
    return list(dict.fromkeys(row["list"] for row in some))


def _rests(read: Reading, name: str, some: list[Row]) -> Markup:
    """A list, with how many of its records a panel rests on."""
    words = read.words
    if not any("stated" in row for row in some):
        return shown(name)
    stated = next((row["stated"] for row in some if row.get("stated") is not None), None)
    if stated is None:
        return words.html("{list} (number of records hidden)", list=shown(name))
    return words.html("{list} ({n} records)", list=shown(name), n=words.number(stated))


def _heap_panels(read: Reading, kind: str, some: list[Row]) -> Markup:
    """A panel of upright bars for each list."""
    panels = [_heap(read, kind, name, [row for row in some if row["list"] == name]) for name in _lists_of(some)]
    return Markup('<div class="panels">{}</div>').format(Markup("").join(panels))


def _heap(read: Reading, kind: str, name: str, some: list[Row]) -> Markup:
    values = [row["value"] for row in some]
    numbers = [float(row[key]) for row in some for key in ("records", "expected") if row.get(key) is not None]
    labels = [(float(k), values[k]) for k in range(0, len(values), -(-len(values) // 6))]
    across = Axis(Scale(-0.6, len(values) - 0.4), tuple(labels))
    key = f"heap-{kind.replace(' ', '-')}-{name}"
    canvas = Canvas(key, across, axis(svg.scale(numbers, zero=True), read.words.number, 4), 140)
    marks = []
    for k, row in enumerate(some):
        if row["records"] is not None:
            marks.append(canvas.column(k, 0.8, row["records"], "bar"))
        if row.get("expected") is not None:
            marks.append(canvas.segment((k - 0.5, row["expected"]), (k + 0.5, row["expected"]), "expected"))
    about = read.words.html("{kind}: {list}", kind=read.label(kind), list=shown(name))
    return Markup('<div class="panel"><p>{}</p>{}</div>').format(
        _rests(read, name, some), canvas.draw(about, about, *marks)
    )


def _heap_rows(read: Reading, title: str, some: list[Row]) -> Table:
    """Few values: a row for each value of each list, what is expected as an upright line."""
    words = read.words
    numbers = [float(row[key]) for row in some for key in ("records", "expected") if row.get(key) is not None]
    across = axis(svg.scale(numbers, zero=True), words.number, 4)
    body = []
    for row in some:
        value = str(row["value"])
        name = words.html("{list}: {value}", list=shown(row["list"]), value=words.text(ROUNDNESS.get(value, value)))
        bar = [] if row["records"] is None else [(float(row["records"]), "bar")]
        drawn = rows.bars(across, *bar, mark=row.get("expected"))
        expected = row.get("expected")
        figure = read.figure(None if expected is None else words.number(expected))
        body.append((Cell(name, "name"), Cell(drawn, "plot"), read.count(row["records"]), figure))
    head = (Cell(words.text("list and value")), Cell(rows.heading(across), "plot"))
    return Table(
        title, (*head, Cell(words.text("records"), "number"), Cell(words.text("expected"), "number")), tuple(body)
    )


ROUNDNESS = {
    "multiple of 500": mark("multiple of 500"),
    "multiple of 100, not of 500": mark("multiple of 100, not of 500"),
    "other multiple of 10": mark("other multiple of 10"),
    "not a multiple of 10": mark("not a multiple of 10"),
    "other": mark("any other"),
}


def _heap_table(read: Reading, title: str, some: list[Row]) -> Table:
    words = read.words
    found = {(row["value"], row["list"]): row for row in some}
    names = _lists_of(some)
    head = [Cell(words.text("value"))]
    for name in names:
        head.append(Cell(words.html("{list}, records", list=shown(name)), "number"))
        head.append(Cell(words.html("{list}, expected", list=shown(name)), "number"))
    body = []
    for value in dict.fromkeys(row["value"] for row in some):
        cells = [Cell(words.text(ROUNDNESS.get(value, value)), "name")]
        for name in names:
            row = found.get((value, name))
            cells.append(read.count(row["records"]) if row else Cell("–", "hidden"))
            expected = row.get("expected") if row else None
            cells.append(read.figure(None if expected is None else words.number(expected)))
        body.append(tuple(cells))
    return Table(title, tuple(head), tuple(body))


def linkage(read: Reading) -> Section:
    """How well records were put together, as far as the run itself can tell; and on what linked records disagree."""
    words = read.words
    blocks: list[Block] = [
        Paragraph(
            words.text(
                "Records were put together by how alike they are, with a probability for each pair. The figures below "
                "are the run's own estimates; only a comparison with the truth could prove them."
            )
        )
    ]
    if read.has("linkage"):
        blocks.append(_linkage_table(read))
    if read.has("link_probability"):
        blocks.append(_probabilities(read))
    if read.has("disagreements"):
        blocks.append(_disagreements(read))
    if read.has("disagreements_resolved"):
        blocks.append(_resolved(read))
    return Section("linkage", words.text("How well the lists were linked"), tuple(blocks))


def _linkage_table(read: Reading) -> Table:
    words = read.words
    some = read.rows("linkage")
    limited = any("limits" in row for row in some)
    body = []
    for row in some:
        name, kind = LINKAGE.get(row["measure"], (row["measure"], "figure"))
        value = row.get("estimate")
        figure = read.figure(None if value is None else _written(read, kind, value))
        body.append((Cell(words.text(name), "name"), figure, *([_limits(read, kind, row)] if limited else [])))
    head = [Cell(words.text("measure")), Cell(words.text("estimate"), "number")]
    head += [Cell(words.text("limits"), "number")] if limited else []
    note = words.html(
        "The doubt about links is in every interval of this report: figures are simulated over many possible linkages."
    )
    for what in dict.fromkeys(str(row["limits"]) for row in some if limited and row["low"] is not None):
        note = words.together(note, words.html("Limits: {what}.", what=words.text(LIMITS.get(what, what))))
    return Table(words.text("Links, and the doubt about them"), tuple(head), tuple(body), note)


def _written(read: Reading, kind: str, value: float) -> str:
    """A figure of the linkage."""
    words = read.words
    return words.percent(value) if kind == "share" else words.number(value) if kind == "count" else words.decimal(value)


def _limits(read: Reading, kind: str, row: Row) -> Cell:
    """Between what a figure lies; what is said where there are no limits; a dash where the figure is hidden."""
    low, high, what = row.get("low"), row.get("high"), str(row.get("limits") or "")
    if low is not None and high is not None:
        return read.figure(read.words.between(_written(read, kind, low), _written(read, kind, high)))
    return read.figure(read.words.text(LIMITS.get(what, what)) if what else None)


def _probabilities(read: Reading) -> Figure:
    words = read.words
    some = read.rows("link_probability")
    known = [float(row["pairs"]) for row in some if row["pairs"]]
    across = axis(svg.log_scale([1.0, *known]), words.number, 4)
    body = []
    for row in some:
        pairs = row["pairs"]
        drawn = rows.bars(across, (float(pairs), "bar")) if pairs else rows.nothing(across)
        low, _, high = row["probability"].partition("-")
        name = words.between(low, high) if high else row["probability"]
        body.append((Cell(name, "name"), Cell(drawn, "plot"), read.count(pairs)))
    title = words.text("Pairs by the probability that they are one birth")
    head = (Cell(words.text("probability")), Cell(rows.heading(across), "plot"), Cell(words.text("pairs"), "number"))
    reading = words.html("The fewer pairs lie in the middle, the less is in doubt.")
    of = words.html("Pairs of records that were worth keeping; the scale goes by equal factors. Hidden rows are empty.")
    return Figure("pairs-chart", title, Table(title, head, tuple(body)), reading, of)


def _disagreements(read: Reading) -> Block:
    """A table of fields by pairs of lists or, where the pairs are many, one row for each, under a fold."""
    words = read.words
    some = read.rows("disagreements")
    pairs_of = list(dict.fromkeys(row["lists"] for row in some))
    title = words.text("Where lists disagree about the same birth")
    note = words.html(
        "Births on which the two lists disagree, of those that both have with a value in both. Which value is judged "
        "best is in the run's findings."
    )
    if len(pairs_of) > MOST_PAIRS:
        body = [
            (Cell(_field(read, row["field"]), "name"), Cell(_two(read, row["lists"])), _disagree(read, row))
            for row in some
        ]
        long = (Cell(words.text("field")), Cell(words.text("lists")), Cell(words.text("disagree"), "number"))
        return Fold(title, Table(title, long, tuple(body), note))
    found = {(row["field"], row["lists"]): row for row in some}
    head = (Cell(words.text("field")), *(Cell(_two(read, pair), "number") for pair in pairs_of))
    crossed = [
        (Cell(_field(read, field), "name"), *(_disagree(read, found.get((field, pair))) for pair in pairs_of))
        for field in dict.fromkeys(row["field"] for row in some)
    ]
    return Table(title, head, tuple(crossed), note)


def _resolved(read: Reading) -> Table:
    """What decided for the value that is shown, by field; a rule that decided nothing has no column."""
    words = read.words
    some = read.rows("disagreements_resolved")
    found = {(row["field"], row["how"]): row["births"] for row in some}
    rules = [how for how in DECIDED_BY if any(row["how"] == how for row in some)]
    body = [
        (
            Cell(_field(read, field), "name"),
            *(read.count(found.get((field, how), 0)) for how in rules),
        )
        for field in dict.fromkeys(row["field"] for row in some)
    ]
    head = (Cell(words.text("field")), *(Cell(words.text(DECIDED_BY[how]), "number") for how in rules))
    note = words.html(
        "Births on whose records the field differs, by the first rule that decided for the value shown, in the order "
        "of the columns. Births outside the plan's dates and areas are counted as well."
    )
    return Table(words.text("How disagreements were resolved"), head, tuple(body), note)


def _two(read: Reading, pair: str) -> Markup:
    return read.words.names([shown(name) for name in pair.split(" & ")])


def _disagree(read: Reading, row: Row | None) -> Cell:
    words = read.words
    if row is None:
        return Cell("–", "hidden")
    if row["disagree"] is None or row["compared"] is None:
        return read.count(None)
    share = row["disagree"] / row["compared"] if row["compared"] else 0.0
    counts = {"n": words.number(row["disagree"]), "all": words.number(row["compared"])}
    return read.figure(words.html("{n} of {all} ({share})", share=words.percent(share), **counts))


def findings(read: Reading) -> Section:
    """What there is to look at and how far it is done, by kind; no area is held against another."""
    words = read.words
    title = words.text("What there is to mend")
    some = [row for row in read.rows("findings") if row["kind"] != TOTAL and row["status"] != TOTAL]
    if not some:
        none = Paragraph(words.text("No table of findings is published."))
        return Section("findings", title, (none, *progress(read)))
    margin = [row for row in some if row["area"] == TOTAL]
    counted = _added(margin or some)
    states = ordered(row["status"] for row in some)
    body = []
    for kind in ordered(row["kind"] for row in some):
        cells = [
            read.count(counted[kind, state]) if (kind, state) in counted else Cell("0", "number") for state in states
        ]
        body.append((Cell(words.text(FINDINGS.get(kind, kind)), "name"), *cells))
    head = (Cell(words.text("kind")), *(Cell(words.text(FINDINGS.get(state, state)), "number") for state in states))
    note = words.html(
        "Findings of all areas, by what has been decided. A finding is something to look at, not anybody's fault."
    )
    table = Table(words.text("Findings by kind and state"), head, tuple(body), note)
    return Section("findings", title, (table, *progress(read)))


def _added(some: list[Row]) -> dict[tuple[str, str], int | None]:
    """Sums over areas; hidden if a part of the sum is."""
    found: dict[tuple[str, str], int | None] = {}
    for row in some:
        key = (row["kind"], row["status"])
        before, n = found.get(key, 0), row["findings"]
        found[key] = None if before is None or n is None else before + n
    return found
