"""A run's folder with findings made by hand, and an office that fills in workbooks."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl

from everybirth.publish.findings.kinds import SCHEMA
from everybirth.publish.workbooks import export_findings, words

PLAN = "0123456789abcdef" * 4
BEST = {"sex": "male", "birth_date": "2024-02-29", "birth_weight": "3200", "child_given_name": "Ana"}


def finding(number: int, kind: str = "duplicate", area: str = "North", **more: object) -> dict[str, object]:
    """One open finding; `number` makes its id."""
    row = dict.fromkeys(SCHEMA)
    row |= {
        "finding_id": f"F{number:013}",
        "kind": kind,
        "area": area,
        "records": f"register:R{number}; hospital:H{number}",
    }
    row |= {"found": f"hospital: Anna {number}; register: Ana {number}", "status": "open", "came_back": False}
    if kind in ("disagreement", "implausible"):
        row["field"] = "sex"
        row["best"] = BEST.get(str(more.get("field", "sex")))
        row["why"] = "2 of 3 records"
    return row | {"probability": 0.9} | more


def folder(path: Path, *rows: Mapping[str, object]) -> Path:
    """A run's folder with these findings."""
    path.mkdir(parents=True, exist_ok=True)
    record = {"version": "1", "plan": PLAN, "counts": {"rows": {"hospital": 3, "register": 3}}}
    (path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    pl.DataFrame(list(rows), schema=SCHEMA, orient="row").write_parquet(path / "findings.parquet")
    return path


def exported(path: Path, *rows: Mapping[str, object], language: str = "en") -> Path:
    """The workbook of the only area of such a folder."""
    (book,) = export_findings(folder(path, *rows), language=language).files.values()
    return book


def column(sheet: Any, heading: str) -> int:
    """Number of the column with a heading, from 1."""
    return next(cell.column for cell in sheet[1] if cell.value and str(cell.value).startswith(heading))


def edited(book: Path, edit: Callable[[Any], object], to: Path | None = None) -> Path:
    """The workbook after an edit, as a program that is not Excel saves it; `edit` gets the openpyxl workbook."""
    opened = openpyxl.load_workbook(book)
    edit(opened)
    target = to or book.with_name("returned.xlsx")
    opened.save(target)
    return target


def filled(book: Path, answers: Mapping[int, Mapping[str, object]], to: Path | None = None) -> Path:
    """The workbook with answers: number of the finding -> heading -> what is written there."""

    def fill(opened: Any) -> None:
        for sheet in opened.worksheets[1:]:
            for row in range(2, sheet.max_row + 1):
                number = int(str(sheet.cell(row, column(sheet, "Finding")).value)[1:])
                for heading, value in answers.get(number, {}).items():
                    sheet.cell(row, column(sheet, heading)).value = value

    return edited(book, fill, to)


def choice(kind: str, decision: str, language: str = "en") -> str:
    """What the drop-down list of a kind calls a decision."""
    return words.choices_of(words.LANGUAGES[language], kind)[decision]


def decisions(path: Path) -> list[dict[str, Any]]:
    """The lines of decisions.jsonl."""
    file = path / "decisions.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []
