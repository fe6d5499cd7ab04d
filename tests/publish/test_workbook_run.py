"""Workbooks on the whole road: a run writes them, offices fill them in, the next run acts on it; by the commands."""

import json
import logging
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from tests.publish.offices import choice, column

import everybirth
from everybirth.cli import main
from everybirth.errors import PlanError
from everybirth.publish.access_log import read_access
from everybirth.publish.workbooks import words


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three lists of 250 births whose data may be kept for a year."""
    path = everybirth.simulate(250, tmp_path_factory.mktemp("world"), seed=3)
    path.write_text(path.read_text(encoding="utf-8") + "\n[safeguards]\nretention_days = 365\n", encoding="utf-8")
    return path


def command(*arguments: object) -> int:
    """Run one command; returns its exit code."""
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


def answer(book: Path, sheet: str, decision: str) -> str:
    """Write a decision into the first row of a sheet; returns the finding's id."""
    opened = openpyxl.load_workbook(book)
    opened[sheet].cell(2, column(opened[sheet], "Decision")).value = decision
    opened.save(book)
    return str(opened[sheet].cell(2, 1).value)


def with_sheet(folder: Path, sheet: str) -> Path:
    """The first workbook that has a sheet."""
    books = sorted(folder.glob("*.xlsx"))
    return next(book for book in books if sheet in openpyxl.load_workbook(book, read_only=True).sheetnames)


def test_an_office_decides_and_the_next_run_obeys(
    plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A repeated record that is said to be another birth becomes one; the finding is settled and not asked again."""
    out = tmp_path / "run"
    assert command("run", plan, "--out", out, "--seed", 1, "--quiet") == 0
    findings = pl.read_parquet(out / "findings.parquet")
    assert len(list((out / "findings").glob("*.xlsx"))) == findings["area"].n_unique()
    book = with_sheet(out / "findings", "Duplicates")
    returned = tmp_path / "returned.xlsx"
    returned.write_bytes(book.read_bytes())
    finding = answer(returned, "Duplicates", choice("duplicate", "dismissed"))
    before = pl.read_parquet(out / "births.parquet").height
    capsys.readouterr()
    assert command("findings", "import", out, returned, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["decisions"], told["problems"]) == (1, 0)
    assert command("run", plan, "--out", out, "--seed", 1, "--quiet") == 0
    assert pl.read_parquet(out / "births.parquet").height > before
    after = pl.read_parquet(out / "findings.parquet").filter(pl.col("finding_id") == finding)
    assert after["status"].to_list() == ["verified"]
    sheets = openpyxl.load_workbook(book, read_only=True)
    assert not [row for sheet in sheets for row in sheet.values if row and row[0] == finding]
    assert [line["what"] for line in read_access(out)] == ["run", "export", "import", "run", "export"]


def test_a_run_keeps_workbooks_that_were_filled_in(
    plan: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A run into the same folder writes over no answer that was not taken in, and says where it is."""
    everybirth.run(plan, tmp_path, seed=1)
    book = with_sheet(tmp_path / "findings", "Duplicates")
    answer(book, "Duplicates", choice("duplicate", "confirmed"))
    content = book.read_bytes()
    with caplog.at_level(logging.WARNING, "everybirth"):
        everybirth.run(plan, tmp_path, seed=1)
    kept = tmp_path / "findings" / "filled-in" / f"{book.stem}-1.xlsx"
    assert kept.read_bytes() == content
    assert any("was filled in and not taken back" in message for message in caplog.messages)


def test_the_same_run_writes_the_same_workbooks(plan: Path, tmp_path: Path) -> None:
    """In the plan's other language as well; and in another folder."""
    for name in ("a", "b"):
        everybirth.run(plan, tmp_path / name, seed=1, language="zh")
    books = sorted(path.name for path in (tmp_path / "a" / "findings").glob("*.xlsx"))
    assert books
    for book in books:
        assert (tmp_path / "a" / "findings" / book).read_bytes() == (tmp_path / "b" / "findings" / book).read_bytes()
    assert openpyxl.load_workbook(tmp_path / "a" / "findings" / books[0], read_only=True).sheetnames[0] == "说明"


def test_no_workbook_is_in_another_language_than_the_report(
    plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A language that only the report has is refused before the work begins."""
    monkeypatch.delitem(words.LANGUAGES, "zh")
    with pytest.raises(PlanError, match=r'workbooks cannot be written in "zh"\. There are: en'):
        everybirth.run(plan, tmp_path / "run", language="zh")
    assert not (tmp_path / "run").exists()


def test_commands_end_with_their_codes(plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """0 done, 1 a file cannot be read, 2 wrong usage; overdue data are warned of; a purge leaves nothing to export."""
    out = tmp_path / "run"
    everybirth.run(plan, out, seed=1)
    log = out / "access.jsonl"
    log.write_text(log.read_text(encoding="utf-8").replace('"when": "20', '"when": "19'), encoding="utf-8")
    (tmp_path / "bad.xlsx").write_bytes(b"no workbook")
    capsys.readouterr()
    assert command("findings", "export", out, "--area", "nowhere") == 2
    assert "days old; the plan allows 365" in capsys.readouterr().err
    assert command("findings", "import", out, tmp_path / "bad.xlsx") == 1
    assert command("findings", "export", out, "--quiet") == 0
    assert command("purge", out) == 2
    capsys.readouterr()
    assert command("purge", out, "--yes") == 0
    assert "Found: none of them." in capsys.readouterr().out
    assert command("findings", "export", out) == 1
    assert "no findings there" in capsys.readouterr().err
    assert command("report", out, "--quiet") == 0
