"""Rows that could not be taken in, as a workbook that can be mended and imported itself."""

import datetime as dt
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

from everybirth.publish.files import RunDir
from everybirth.publish.safe_text import for_excel
from everybirth.publish.workbooks.book import FIRST_DAY, STILL
from everybirth.publish.workbooks.returned import Answer, Cell
from everybirth.publish.workbooks.words import LANGUAGES

_COLUMNS = {
    "file": 24, "sheet": 20, "row": 7, "problem": 40, "remedy": 40, "finding_id": 18, "records": 30, "decision": 24,
    "corrected_value": 20, "note": 24, "who": 14, "content": 80,
}  # fmt: skip


def write_problems(folder: RunDir, problems: Sequence[Answer], into: str) -> str:
    """Write them to the next free file of its kind; the same problems once more are the same file.

    into     folder inside the run's
    Returns  the file's name inside the run's folder
    """
    content = _bytes(problems)
    number = 1
    while (path := folder.path / into / f"import-problems-{number}.xlsx").exists():
        if path.read_bytes() == content:
            break
        number += 1
    name = f"{into}/import-problems-{number}.xlsx"
    folder.write(name, lambda part: part.write_bytes(content))
    return name


def _bytes(problems: Sequence[Answer]) -> bytes:
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"title": "Import problems", "author": "everybirth", "created": STILL})
    top = {"valign": "top", "text_wrap": True}
    head = book.add_format({**top, "bold": True, "bg_color": "#1F3B57", "font_color": "#FFFFFF"})
    text, day = book.add_format({**top, "num_format": "@"}), book.add_format({**top, "num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("Problems")
    sheet.freeze_panes(1, 0)
    for column, (key, width) in enumerate(_COLUMNS.items()):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, LANGUAGES["en"].headings[key], head)
    for row, problem in enumerate(problems, start=1):
        cells: list[Cell] = [problem.file, problem.sheet, problem.row, problem.problem, problem.remedy]
        cells += [
            problem.finding_id,
            problem.records,
            problem.decision,
            problem.value,
            problem.note,
            problem.who,
            problem.content,
        ]
        for column, cell in enumerate(cells):
            _write(sheet, (row, column), cell, (text, day))
    sheet.autofilter(0, 0, max(len(problems), 1), len(_COLUMNS) - 1)
    book.close()
    return buffer.getvalue()


def _write(sheet: Any, at: tuple[int, int], cell: Cell, formats: tuple[Any, Any]) -> None:
    """A cell as it was: day, number or text."""
    text, day = formats
    if isinstance(cell, dt.date) and (cell.date() if isinstance(cell, dt.datetime) else cell) >= FIRST_DAY:
        sheet.write_datetime(*at, cell, day)
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        sheet.write_number(*at, cell)
    elif cell is not None:
        sheet.write_string(*at, for_excel(str(cell)), text)
