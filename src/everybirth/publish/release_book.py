"""The release as one Excel workbook: a first sheet that says what is in it, then one sheet for each table."""

import datetime as dt
from itertools import accumulate, chain, repeat
from math import ceil
from pathlib import Path
from textwrap import wrap
from typing import Any

import polars as pl
import xlsxwriter

from everybirth.publish.release import HIDDEN, Release, Table, general_notes, in_words
from everybirth.publish.safe_text import for_excel
from everybirth.publish.table_columns import FORMATS, heading, number_format, plain
from everybirth.publish.table_texts import BOOK, NOT_PUBLISHED, REASON

CREATED = dt.datetime(2000, 1, 1)  # fixed, so that the same tables are the same bytes  # noqa: DTZ001 - Excel has no zones
NAME_LENGTH = 31  # of a sheet, at most
NARROWEST, WIDEST, USUAL = 10, 44, 9  # characters; USUAL is the width of a column that nothing was said of
EDGE = 3  # characters of a column that its texts do not fill
NOTE_WIDTH = 100  # characters, over as many columns as that takes
LINE, HIGHEST = 15, 405  # points of a row
CONTENTS = (34, 90)  # characters of the columns of the first sheet


def write_book(path: Path, release: Release) -> None:
    """Write the workbook. Texts are written as texts, never as formulas or links.

    path     of the file to write
    """
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True})
    book.set_properties({"title": BOOK, "created": CREATED})
    look = _look(book)
    sheets = _sheet_names(release)
    _contents(book, look, release, sheets)
    for name, table in release.tables.items():
        _sheet(book.add_worksheet(sheets[name]), look, table, release)
    book.close()


def _look(book: Any) -> dict[str, Any]:
    """The formats of cells; those of numbers are called by their number format."""
    top = {"valign": "top"}
    after = {"align": "left", "indent": 1, "text_wrap": True, **top}  # clear of the number to the left
    head = {"bold": True, "bottom": 1, "text_wrap": True, **top}
    return {
        "title": book.add_format({"bold": True, "font_size": 13}),
        "key head": book.add_format(head),
        "text head": book.add_format(head | after),
        "number head": book.add_format(head | {"align": "right"}),
        "note": book.add_format({"italic": True, "text_wrap": True, **top}),
        "key": book.add_format(top),
        "text": book.add_format(after),
        "hidden": book.add_format({"align": "right", **top}),
        **{shape: book.add_format({"num_format": shape, **top}) for shape in FORMATS},
    }


def _sheet_names(release: Release) -> dict[str, str]:
    """Names of tables cut to what Excel allows, each different from the others."""
    found: dict[str, str] = {}
    for name in release.tables:
        short = name[:NAME_LENGTH]
        number = 2
        while short in found.values():
            short = f"{name[: NAME_LENGTH - 3]}_{number}"
            number += 1
        found[name] = short
    return found


def _contents(book: Any, look: dict[str, Any], release: Release, sheets: dict[str, str]) -> None:
    sheet = book.add_worksheet("contents")
    for k, width in enumerate(CONTENTS):
        sheet.set_column(k, k, width)
    sheet.write_string(0, 0, BOOK, look["title"])
    row = 1 + _notes(sheet, 1, [in_words(note, release) for note in general_notes(release)], (look, CONTENTS))
    for name, table in release.tables.items():
        sheet.write_string(row, 0, sheets[name], look["key"])
        sheet.write_string(row, 1, for_excel(table.title), look["text"])
        row += 1
    row += 1
    if release.omitted:
        sheet.write_string(row, 0, NOT_PUBLISHED, look["key head"])
        sheet.write_string(row, 1, REASON, look["text head"])
        for name, reason in release.omitted.items():
            row += 1
            sheet.write_string(row, 0, for_excel(name), look["key"])
            sheet.write_string(row, 1, for_excel(reason), look["text"])
    _printing(sheet, wide=True)


def _sheet(sheet: Any, look: dict[str, Any], table: Table, release: Release) -> None:
    """Title, head, rows, and the notes beneath."""
    sheet.write_string(0, 0, for_excel(table.title or table.name), look["title"])
    top = 2
    widths = [_column(sheet, (top, k), table, look) for k in range(len(table.frame.columns))]
    lines = [len(wrap(heading(table.name, n), w - 1)) for n, w in zip(table.frame.columns, widths, strict=True)]
    sheet.set_row(top, LINE * (1 + max(lines)))  # the last line is for the buttons of the filter, or they hide words
    _heights(sheet, top + 1, table, widths)
    notes = [in_words(note, release) for note in (*table.notes, *general_notes(release))]
    _notes(sheet, top + 2 + table.frame.height, notes, (look, tuple(widths)))
    sheet.freeze_panes(top + 1, len(table.keys))
    sheet.repeat_rows(top)
    if table.frame.height:
        sheet.autofilter(top, 0, top + table.frame.height, len(table.frame.columns) - 1)
    _printing(sheet, wide=sum(widths) > NOTE_WIDTH)


def _column(sheet: Any, at: tuple[int, int], table: Table, look: dict[str, Any]) -> int:
    """Write one column of a table, its head at the cell `at`. Returns its width in characters."""
    row, k = at
    name = table.frame.columns[k]
    values = table.frame[name]
    kind = ("key" if name in table.keys else "text") if values.dtype == pl.String else "number"
    sheet.write_string(row, k, for_excel(heading(table.name, name)), look[f"{kind} head"])
    longest = max((len(word) for word in heading(table.name, name).split()), default=0)
    measures = table.frame["measure"] if "measure" in table.keys else repeat("", values.len())
    for place, (value, measure) in enumerate(zip(values.to_list(), measures, strict=True), start=row + 1):
        if isinstance(value, str):
            text = plain(name, value)
            longest = max(longest, len(text))
            sheet.write_string(place, k, for_excel(text), look[kind])
        elif value is None:
            sheet.write_string(place, k, "" if kind != "number" else HIDDEN, look["hidden"])
        else:
            sheet.write_number(place, k, value, look[number_format(table.name, name, measure)])
    width = min(max(longest, NARROWEST) + EDGE, WIDEST)
    sheet.set_column(k, k, width)
    return width


def _heights(sheet: Any, row: int, table: Table, widths: list[int]) -> None:
    """Make room in the rows, from `row` on, whose texts take more than a line: not every program does so itself."""
    texts = [
        ([plain(name, text) for text in table.frame[name]], width - EDGE)
        for name, width in zip(table.frame.columns, widths, strict=True)
        if name in table.figures and table.frame[name].dtype == pl.String
    ]
    for place in range(table.frame.height if texts else 0):
        long = [len(wrap(values[place], room)) for values, room in texts if len(values[place]) > room]
        if long:
            sheet.set_row(row + place, min(LINE * max(long), HIGHEST))


def _notes(sheet: Any, row: int, notes: list[str], shown: tuple[dict[str, Any], tuple[int, ...]]) -> int:
    """Write notes one below the other, each over some columns, as high as it takes. Returns the row after them.

    shown   the formats, and the widths of the columns that the sheet has
    """
    look, widths = shown
    reach = accumulate(chain(widths, repeat(USUAL)))
    last, across = next((k, width) for k, width in enumerate(reach) if width >= NOTE_WIDTH)
    for place, note in enumerate(notes, start=row):
        sheet.merge_range(place, 0, place, last, for_excel(note), look["note"])
        sheet.set_row(place, LINE * ceil(len(note) / (1.1 * across)))
    return row + len(notes)


def _printing(sheet: Any, *, wide: bool) -> None:
    sheet.set_paper(9)  # A4
    if wide:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
