"""The release as one Excel workbook: a first sheet that says what is in it, then one sheet for each table."""

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from everybirth.publish.release import HIDDEN, Release, Table, general_notes, in_words
from everybirth.publish.safe_text import for_excel
from everybirth.publish.table_texts import BOOK, NOT_PUBLISHED, REASON

CREATED = dt.datetime(2000, 1, 1)  # fixed, so that the same tables are the same bytes  # noqa: DTZ001 - Excel has no zones
NAME_LENGTH = 31  # of a sheet, at most
WIDEST = 44  # characters
WHOLE, PART = "#,##0", "0.0###"
WHOLE_FIGURES = ("estimate", "low", "high", "births", "girls", "boys", "expected")


def write_book(path: Path, release: Release) -> None:
    """Write the workbook. Texts are written as texts, never as formulas or links.

    path     of the file to write
    """
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True})
    book.set_properties({"title": BOOK, "created": CREATED})
    look = {
        "title": book.add_format({"bold": True, "font_size": 13}),
        "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        "note": book.add_format({"italic": True, "text_wrap": True, "valign": "top"}),
        "whole": book.add_format({"num_format": WHOLE}),
        "part": book.add_format({"num_format": PART}),
        "hidden": book.add_format({"align": "right"}),
    }
    sheets = _sheet_names(release)
    _contents(book, look, release, sheets)
    for name, table in release.tables.items():
        _sheet(book.add_worksheet(sheets[name]), look, table, release)
    book.close()


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
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, BOOK, look["title"])
    row = 1
    for note in general_notes(release):
        sheet.merge_range(row, 0, row, 1, for_excel(in_words(note, release)), look["note"])
        sheet.set_row(row, 30)
        row += 1
    row += 1
    for name, table in release.tables.items():
        sheet.write_string(row, 0, sheets[name])
        sheet.write_string(row, 1, for_excel(table.title))
        row += 1
    row += 1
    if release.omitted:
        sheet.write_string(row, 0, NOT_PUBLISHED, look["head"])
        sheet.write_string(row, 1, REASON, look["head"])
        for name, reason in release.omitted.items():
            row += 1
            sheet.write_string(row, 0, for_excel(name))
            sheet.write_string(row, 1, for_excel(reason))
    _printing(sheet)


def _sheet(sheet: Any, look: dict[str, Any], table: Table, release: Release) -> None:
    """Title, head, rows, and the notes beneath."""
    sheet.write_string(0, 0, for_excel(table.title or table.name), look["title"])
    top = 2
    for k, name in enumerate(table.frame.columns):
        sheet.write_string(top, k, for_excel(name.replace("_", " ")), look["head"])
        _column(sheet, (top + 1, k), table.frame[name], look)
    row = top + 2 + table.frame.height
    for note in (*table.notes, *general_notes(release)):
        sheet.write_string(row, 0, for_excel(in_words(note, release)))
        row += 1
    sheet.freeze_panes(top + 1, len(table.keys))
    sheet.repeat_rows(top)
    if table.frame.height:
        sheet.autofilter(top, 0, top + table.frame.height, len(table.frame.columns) - 1)
    _printing(sheet)


def _column(sheet: Any, at: tuple[int, int], values: pl.Series, look: dict[str, Any]) -> None:
    """One column of a table, from the cell `at` downwards."""
    row, k = at
    width = max(len(values.name), 8)
    is_whole = values.dtype == pl.Int64 or (values.dtype == pl.Float64 and values.name in WHOLE_FIGURES)
    for offset, value in enumerate(values.to_list()):
        if isinstance(value, str):
            width = max(width, len(value))
            sheet.write_string(row + offset, k, for_excel(value))
        elif value is None:
            sheet.write_string(row + offset, k, "" if values.dtype == pl.String else HIDDEN, look["hidden"])
        else:
            number_look = look["whole"] if is_whole and float(value).is_integer() else look["part"]
            sheet.write_number(row + offset, k, value, number_look)
    sheet.set_column(k, k, min(width + 2, WIDEST))


def _printing(sheet: Any) -> None:
    sheet.set_paper(9)  # A4
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
