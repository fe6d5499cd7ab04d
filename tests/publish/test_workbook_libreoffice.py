"""Workbooks through LibreOffice, as an office without Excel would use them."""

import os
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from tests.publish.offices import choice, column, decisions, exported, filled, finding

from everybirth.publish.workbooks import import_findings

SOFFICE = shutil.which("soffice")
# Where a change is checked, LibreOffice has to be there (see .ci/run); elsewhere these two tests may be passed over.
needed = pytest.mark.skipif(SOFFICE is None and os.environ.get("CI") != "true", reason="LibreOffice is not installed")


def saved_again(book: Path, ending: str) -> Path:
    """The workbook as LibreOffice saves it."""
    assert SOFFICE is not None, "install libreoffice-calc"
    out = book.parent / "saved"
    profile = f"-env:UserInstallation={(book.parent / 'profile').as_uri()}"  # a new one: nobody's settings count
    command = [SOFFICE, profile, "--headless", "--convert-to", ending, "--outdir", str(out), str(book)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return out / f"{book.stem}.{ending}"


@needed
def test_libreoffice_keeps_the_workbook_and_the_answers(tmp_path: Path) -> None:
    """Opened and saved by LibreOffice: lists, protection and texts are there, the answers read as they were given."""
    rows = [
        finding(1, found="=1+1"),
        finding(2, "disagreement", field="birth_date"),
        finding(3, "disagreement", field="birth_weight"),
    ]
    answers = {
        1: {"Decision": choice("duplicate", "dismissed"), "Note": "two girls; see the ward's book"},
        2: {"Decision": choice("disagreement", "corrected"), "Right value": "2024-03-01"},
        3: {"Decision": choice("disagreement", "corrected"), "Right value": 3150},
    }
    book = saved_again(filled(exported(tmp_path, *rows), answers), "xlsx")
    opened = openpyxl.load_workbook(book)
    assert opened.sheetnames == ["Read me", "Duplicates", "Disagreements"]
    sheet = opened["Duplicates"]
    assert sheet.protection.sheet
    assert sheet.cell(2, column(sheet, "What was found")).value == "=1+1"
    assert sheet.cell(2, column(sheet, "What was found")).data_type == "s"
    assert sheet.cell(2, column(sheet, "Decision")).protection.locked is False
    assert any(rule.type == "list" for rule in sheet.data_validations.dataValidation)
    done = import_findings(tmp_path, [book])
    assert not done.problems, done.warnings()
    assert [(line["decision"], line["value"], line["note"]) for line in decisions(tmp_path)] == [
        ("dismissed", None, "two girls; see the ward's book"),
        ("corrected", "2024-03-01", None),
        ("corrected", "3150", None),
    ]


@needed
def test_an_opendocument_sheet_comes_back(tmp_path: Path) -> None:
    """Saved in LibreOffice's own form, the answers are read all the same."""
    book = filled(exported(tmp_path, finding(1)), {1: {"Decision": choice("duplicate", "confirmed")}})
    assert import_findings(tmp_path, [saved_again(book, "ods")]).decisions == 1
    assert [line["decision"] for line in decisions(tmp_path)] == ["confirmed"]
