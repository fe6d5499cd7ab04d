"""Small plans and files for the tests of reading."""

import datetime as dt
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from everybirth.plan import ColumnPlan, ListPlan, Plan
from everybirth.read import ReadResult, read_lists

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def read_one(
    folder: Path, path: str, record_id: str = "id", columns: dict[str, str] | None = None, **options: object
) -> ReadResult:
    """Read one list whose columns are child_full_name = "name" and birth_date = "born", unless others are given."""
    columns = columns or {"child_full_name": "name", "birth_date": "born"}
    named = {key: ColumnPlan(column) for key, column in columns.items()}
    part = ListPlan(**{"name": "list", "path": path, "id": record_id, "columns": named, **options})  # type: ignore[arg-type]
    return read_lists(Plan(folder / "everybirth.toml", (part,)))


def write_workbook(path: Path, sheets: dict[str, Sequence[Sequence[object]]], merged: Sequence[str] = ()) -> Path:
    """A minimal .xlsx file: texts, numbers and dates; `merged` are ranges such as "A1:B1" of every sheet."""
    names = list(sheets)
    listed = "".join(f'<sheet name="{escape(n)}" sheetId="{i}" r:id="rId{i}"/>' for i, n in enumerate(names, 1))
    kinds = f"{_REL}/worksheet"
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{kinds}" Target="worksheets/s{i}.xml"/>' for i, _ in enumerate(names, 1)
    )
    links += f'<Relationship Id="rIdStyles" Type="{_REL}/styles" Target="styles.xml"/>'
    to_book = f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/>'
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("[Content_Types].xml", f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"/>')
        book.writestr(
            "_rels/.rels", f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{to_book}</Relationships>'
        )
        book.writestr(
            "xl/workbook.xml", f'{_HEAD}<workbook {_MAIN} xmlns:r="{_REL}"><sheets>{listed}</sheets></workbook>'
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>',
        )
        book.writestr(
            "xl/styles.xml", f'{_HEAD}<styleSheet {_MAIN}><cellXfs><xf/><xf numFmtId="14"/></cellXfs></styleSheet>'
        )
        for number, name in enumerate(names, 1):
            book.writestr(f"xl/worksheets/s{number}.xml", _sheet(sheets[name], merged))
    return path


def _sheet(rows: Sequence[Sequence[object]], merged: Sequence[str]) -> str:
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(_cell(f"{chr(65 + place)}{number}", cell) for place, cell in enumerate(row) if cell is not None)
        lines.append(f'<row r="{number}">{cells}</row>')
    ranges = "".join(f'<mergeCell ref="{one}"/>' for one in merged)
    ranges = f'<mergeCells count="{len(merged)}">{ranges}</mergeCells>' if merged else ""
    return f"{_HEAD}<worksheet {_MAIN}><sheetData>{''.join(lines)}</sheetData>{ranges}</worksheet>"


def _cell(place: str, cell: object) -> str:
    if isinstance(cell, dt.date):
        return f'<c r="{place}" s="1"><v>{(cell - dt.date(1899, 12, 30)).days}</v></c>'
    if isinstance(cell, int | float):
        return f'<c r="{place}"><v>{cell}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(cell))}</t></is></c>'
