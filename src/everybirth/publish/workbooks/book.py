"""One area's workbook: what to do, then a sheet for each kind of finding with cells to fill in."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import polars as pl
import xlsxwriter

from everybirth.publish.findings.kinds import KINDS, NOT_REGISTERED, WITH_VALUE
from everybirth.publish.safe_text import for_excel
from everybirth.publish.workbooks.words import OFFICE, Words, area_name, choices_of
from everybirth.schema import FIELDS, Kind

# What each kind shows before the cells to fill in: only what its question needs.
SHOWN: dict[str, tuple[str, ...]] = {
    "not-registered": ("finding_id", "found", "records", "probability"),
    "duplicate": ("finding_id", "found", "list", "records", "probability", "why"),
    "uncertain-link": ("finding_id", "found", "records", "probability", "why"),
    "disagreement": ("finding_id", "field", "found", "best", "why", "records"),
    "implausible": ("finding_id", "field", "found", "list", "records"),
    "rejected": ("finding_id", "list", "found"),
    "copied-block": ("finding_id", "list", "field", "found", "why"),
}
WIDTHS = {
    "finding_id": 17, "found": 52, "records": 30, "list": 13, "field": 18, "best": 22, "why": 28, "probability": 9,
    "came_back": 9, "decision": 24, "corrected_value": 20, "note": 26, "who": 14,
}  # fmt: skip
FIRST_WIDTH, ASKS_WIDTH = 150, 60  # of the first sheet, and of its last column
LINE, MOST_LINES, HIGHEST_ROW = 15, 25, 409  # height of a line on the first sheet, and Excel's highest row, in points
STILL = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook states when it was made; this one always says the same
A4 = 9
FIRST_DAY, LAST_DAY = dt.date(1900, 3, 1), dt.date(9999, 12, 31)  # what Excel can count; its 1900 has a day too many
HIGHEST = 1e9
SHARE = '[>=0.995]">99%";[<0.005]"<1%";0%'  # nothing is quite sure: 100% would send somebody without another look


Cells = Mapping[str, Sequence[Any]]  # column -> its cells


@dataclass(frozen=True, slots=True)
class _Styles:
    """The formats of a workbook. Dark text on light ground throughout; the office's cells say "fill in" as well."""

    title: Any
    text: Any
    strong: Any
    head: Any
    office_head: Any
    cell: Any
    id: Any
    day: Any
    number: Any
    share: Any
    office: Any
    office_day: Any
    to_fill_in: Any


@dataclass(frozen=True, slots=True)
class Content:
    """What one workbook holds, in plain lists: a table library is slow at thousands of small tables.

    kinds      kind -> column -> its cells, as choose.Chosen has them and "lines", by `laid_out`
    progress   one row per kind: kind, here, waiting, decided, settled
    """

    area: str
    kinds: Mapping[str, Cells]
    progress: Sequence[tuple[str, int, int, int, int]]


def laid_out(findings: pl.DataFrame) -> pl.DataFrame:
    """The findings with each record on a line of its own, and "lines": how many the longest text of each needs.

    Chinese characters are twice as wide as others, and have three bytes.
    """
    needed = []
    findings = findings.with_columns(pl.col("records").str.replace_all("; ", "\n", literal=True))
    for key in (key for key in WIDTHS if findings.schema.get(key) == pl.String):
        text = pl.col(key).fill_null("")
        wide = (text.str.len_chars() + text.str.len_bytes()) / 2
        full = (wide / (1.05 * WIDTHS[key])).ceil()
        breaks = text.str.count_matches("\n", literal=True)
        needed.append(pl.max_horizontal(full, breaks + 1) if key == "records" else full + breaks)
    return findings.with_columns(pl.max_horizontal(needed).clip(1, MOST_LINES).cast(pl.Int32).alias("lines"))


def workbook_bytes(content: Content, about: tuple[Words, int, str]) -> bytes:
    """The .xlsx file of one area; the same content always gives the same bytes.

    about      language, most findings that a workbook may hold, mark of the run
    """
    words, limit, mark = about
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})  # no copies of names in temporary files
    book.set_properties(
        {"title": for_excel(area_name(words, content.area))[:200], "author": "everybirth", "created": STILL}
    )
    styles = _styles(book)
    _first_sheet(book, styles, words, (content, limit, mark))
    for kind in (*KINDS, *sorted(content.kinds.keys() - set(KINDS))):
        if kind in content.kinds:
            _kind_sheet(book, styles, words, (kind, content.area, content.kinds[kind]))
    book.close()
    return buffer.getvalue()


def _styles(book: Any) -> _Styles:
    top = {"valign": "top", "text_wrap": True}
    edge = {"border": 1, "border_color": "#B7B7B7"}
    head = {"bold": True, "valign": "vcenter", "text_wrap": True, "border": 1}
    # "@" is the format "text": a cell edited by hand is then still text, never a formula.
    fill_in = {**top, "locked": False}
    return _Styles(
        title=book.add_format({"bold": True, "font_size": 16}),
        text=book.add_format(top),
        strong=book.add_format({**top, "bold": True}),
        head=book.add_format({**head, "bg_color": "#1F3B57", "font_color": "#FFFFFF"}),
        office_head=book.add_format({**head, "bg_color": "#FFD95A", "font_color": "#000000"}),
        cell=book.add_format({**top, **edge, "num_format": "@"}),
        id=book.add_format({**top, **edge, "num_format": "@", "font_color": "#404040"}),
        day=book.add_format({**top, **edge, "num_format": "yyyy-mm-dd", "align": "left"}),
        number=book.add_format({**top, **edge, "num_format": "#,##0.###", "align": "left"}),
        share=book.add_format({**top, **edge, "num_format": SHARE}),
        office=book.add_format({**fill_in, "num_format": "@"}),
        office_day=book.add_format({**fill_in, "num_format": "yyyy-mm-dd", "align": "left"}),
        to_fill_in=book.add_format({**edge, "bg_color": "#FFF6D6"}),
    )


def _first_sheet(book: Any, styles: _Styles, words: Words, given: tuple[Content, int, str]) -> None:
    """In plain words: what this is, how to work with it, how far it is."""
    content, limit, mark = given
    area = area_name(words, content.area)
    texts = words.texts
    sheet = book.add_worksheet(texts["first_sheet"])
    _page(sheet, area, texts["page"])
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 5, 14)
    sheet.set_column(6, 6, ASKS_WIDTH)
    sheet.write_string(0, 0, for_excel(texts["title"].format(area=area)), styles.title)
    row = 2
    before = ("before",) if NOT_REGISTERED in content.kinds else ()
    for key in ("private", "purpose", *before, "how", "how_1", "how_2", "how_3", "how_4", "how_5", "how_6"):
        said = texts[key].format(sheet=words.kinds[NOT_REGISTERED][0])
        sheet.merge_range(row, 0, row, 6, "", styles.text)
        sheet.write_string(row, 0, said, styles.strong if key in ("private", "before", "how") else styles.text)
        sheet.set_row(row, _height(said, FIRST_WIDTH))
        row += 1
    row = _progress_table(sheet, row + 1, styles, words, content.progress)
    waiting = sum(line[2] for line in content.progress)
    sheet.merge_range(row, 0, row, 6, "", styles.text)
    sheet.write_string(row, 0, texts["cut"].format(limit=f"{limit:,}") if waiting else texts["whole"], styles.text)
    sheet.set_row(row, 4 * LINE if waiting else LINE)
    sheet.write_string(row + 2, 0, texts["mark"].format(mark=mark))
    sheet.protect("", {"format_columns": True, "format_rows": True})


def _progress_table(
    sheet: Any, row: int, styles: _Styles, words: Words, progress: Sequence[tuple[str, int, int, int, int]]
) -> int:
    """One line for each kind, and all of them; returns the row after next."""
    texts = words.texts
    sheet.write_string(row, 0, texts["progress"], styles.strong)
    columns = ("here", "waiting", "decided", "settled")
    sheet.set_row(row + 1, 2 * LINE)
    for column, key in enumerate(("kind", *columns, "all", "asks")):
        sheet.write_string(row + 1, column, texts[key], styles.head)
    lines = [(kind, counts) for kind, *counts in progress]
    total = [sum(counts[place] for _, counts in lines) for place in range(len(columns))]
    for number, (kind, counts) in enumerate((*lines, ("", total)), start=row + 2):
        name, asks = words.kinds.get(kind, (kind or texts["all"], ""))
        sheet.write_string(number, 0, for_excel(name), styles.cell)
        for column, count in enumerate((*counts, sum(counts)), start=1):
            sheet.write_number(number, column, count, styles.number)
        sheet.write_string(number, len(columns) + 2, asks, styles.cell)
        sheet.set_row(number, _height(asks, ASKS_WIDTH))
    return row + len(lines) + 4


def _kind_sheet(book: Any, styles: _Styles, words: Words, content: tuple[str, str, Cells]) -> None:
    """The findings of one kind, one a row, under headings that stay in sight."""
    kind, area, part = content
    name = words.kinds.get(kind, (kind, ""))[0]
    sheet = book.add_worksheet(for_excel(name)[:31])
    shown = SHOWN.get(kind, SHOWN["disagreement"])
    if any(part["came_back"]):
        shown = (*shown, "came_back")
    office = tuple(column for column in OFFICE if column != "corrected_value" or kind in WITH_VALUE)
    _page(sheet, words.texts["foot"].format(area=area_name(words, area), sheet=name), words.texts["page"])
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    for column, key in enumerate((*shown, *office)):
        sheet.set_column(column, column, WIDTHS[key], styles.office if key in office else None)
        sheet.write_string(0, column, words.headings[key], styles.office_head if key in office else styles.head)
    sheet.set_row(0, 2 * LINE + 2)
    for row, lines in enumerate(part["lines"], start=1):
        if lines > 1:  # not every program finds the height by itself
            sheet.set_row(row, min(words.line * lines, HIGHEST_ROW))
    for column, key in enumerate(shown):
        _column(sheet, column, (key, part), (styles, words))
    last = len(part["finding_id"])
    decisions, final = len(shown), len(shown) + len(office) - 1
    # The cells to fill in are not written one by one: their column is unlocked, a rule colours those of the table.
    rule = {"type": "formula", "criteria": '=$A2<>""', "format": styles.to_fill_in}
    sheet.conditional_format(1, decisions, last, final, rule)
    _choices(sheet, (1, decisions, last, decisions), list(choices_of(words, kind).values()), words)
    if kind in WITH_VALUE:
        _right_values(sheet, decisions + 1, part["field"], (styles, words))
    sheet.autofilter(0, 0, last, final)
    sheet.ignore_errors({"number_stored_as_text": f"A1:Z{last + 1}"})
    allowed = ("autofilter", "format_columns", "format_rows", "select_locked_cells", "select_unlocked_cells")
    sheet.protect("", dict.fromkeys(allowed, True))


def _height(text: str, width: int) -> int:
    """Points that a text needs in a column of so many letters."""
    wide = (len(text) + len(text.encode())) / 2
    return LINE * max(1, math.ceil(wide / width))


def _page(sheet: Any, title: str, page: str) -> None:
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    short = for_excel(title)[:80].replace("\n", " ").replace("&", "&&")
    sheet.set_footer(f"&L{_not_a_code(short)}&R{page} &P / &N")
    sheet.hide_gridlines(2)


def _not_a_code(text: str) -> str:
    """A footer's text; a figure at its beginning would be taken for the size of the letters."""
    return f" {text}"


def _column(sheet: Any, column: int, content: tuple[str, Cells], about: tuple[_Styles, Words]) -> None:
    """Write one column of findings below its heading."""
    styles, words = about
    key, part = content
    if key == "probability":
        for row, share in enumerate(part[key], start=1):
            if share is not None:
                sheet.write_number(row, column, share, styles.share)
    elif key == "best":
        for row, best in enumerate(zip(part[key], part["field"], strict=True), start=1):
            _write_best(sheet, (row, column), best, (styles, words))
    elif key == "came_back":
        for row, again in enumerate(part[key], start=1):
            sheet.write_string(row, column, words.texts["yes"] if again else "", styles.cell)
    else:
        style = styles.id if key == "finding_id" else styles.cell
        named: Mapping[str, str] = words.fields if key == "field" else {}
        for row, text in enumerate(part[key], start=1):
            sheet.write_string(row, column, for_excel(named.get(text, text)) if text else "", style)


def _write_best(
    sheet: Any, at: tuple[int, int], best: tuple[str | None, str | None], about: tuple[_Styles, Words]
) -> None:
    """A day as a day, a number as a number, a code by its name, anything else as text."""
    (row, column), (value, field), (styles, words) = at, best, about
    kind = FIELDS[field].kind if field in FIELDS else Kind.NAME
    text = value or ""
    try:
        if kind is Kind.DATE and text:
            day = dt.date.fromisoformat(text)
            if day >= FIRST_DAY:
                sheet.write_datetime(row, column, day, styles.day)
                return
        if kind is Kind.NUMBER and text and abs(float(text)) <= HIGHEST:
            sheet.write_number(row, column, float(text), styles.number)
            return
    except ValueError:
        pass  # not written as its kind is: shown as it is
    shown = words.values.get(text, text) if kind is Kind.CATEGORY else text
    sheet.write_string(row, column, for_excel(shown), styles.cell)


def _choices(sheet: Any, cells: tuple[int, int, int, int], choices: list[str], words: Words) -> None:
    """A drop-down list over a range of cells: first row, first column, last row, last column."""
    if choices:
        rule = {"validate": "list", "source": choices, "input_message": words.texts["choose"]}
        sheet.data_validation(*cells, {**rule, "error_message": words.texts["not_chosen"]})


def _right_values(sheet: Any, column: int, fields: Sequence[str | None], about: tuple[_Styles, Words]) -> None:
    """The cells for another value: a day, a number or a code as the field has them, checked as they are typed."""
    styles, words = about
    texts = words.texts
    first = 0
    for row, field in enumerate(fields):
        kind = FIELDS[field].kind if field in FIELDS else Kind.NAME
        if kind is Kind.DATE:
            sheet.write_blank(row + 1, column, None, styles.office_day)
        if row + 1 < len(fields) and fields[row + 1] == field:
            continue
        cells = (first + 1, column, row + 1, column)  # the rows of one field lie together
        first = row + 1
        if kind is Kind.DATE:
            days = {"validate": "date", "criteria": "between", "minimum": FIRST_DAY, "maximum": LAST_DAY}
            sheet.data_validation(*cells, {**days, "input_message": texts["date"], "error_message": texts["date"]})
        elif kind is Kind.NUMBER:
            rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": HIGHEST}
            sheet.data_validation(*cells, {**rule, "input_message": texts["number"], "error_message": texts["number"]})
        elif kind is Kind.CATEGORY and field in FIELDS:
            _choices(sheet, cells, [words.values[code] for code in FIELDS[field].codes], words)
