"""The log of who read or changed what about persons."""

import datetime as dt
import getpass
import json
from pathlib import Path

import pytest
from tests.publish.offices import choice, filled, finding, folder

from everybirth.publish.access_log import ACCESS_LOG, log_access, read_access, user
from everybirth.publish.files import RunDir
from everybirth.publish.retention import overdue
from everybirth.publish.workbooks import export_findings, import_findings


def test_exports_and_imports_are_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who, when, which areas and files, how many; how many children without registration were read; no name."""
    monkeypatch.setenv("EVERYBIRTH_USER", "Ann Office")
    rows = [
        finding(1, found="Nora Nobody"),
        finding(2, "not-registered", found="Nora Nobody"),
        finding(3, area="South"),
    ]
    run = folder(tmp_path, *rows)
    book = export_findings(run).files["North"]
    import_findings(run, [filled(book, {1: {"Decision": choice("duplicate", "confirmed")}, 2: {"Decision": "?"}})])
    exported, imported = read_access(run)
    assert {line["who"] for line in (exported, imported)} == {"Ann Office"}
    assert all(dt.datetime.fromisoformat(line["when"]).tzinfo for line in (exported, imported))
    each = {"North": {"findings": 2, "unregistered_children": 1}, "South": {"findings": 1, "unregistered_children": 0}}
    assert (exported["what"], exported["areas"], exported["findings"], exported["unregistered_children"]) == (
        *("export", each, 3, 1),
    )
    assert imported["what"] == "import"
    (file,) = imported["files"]
    assert (file["file"], file["decisions"], file["problems"], len(file["sha256"])) == ("returned.xlsx", 1, 1, 64)
    assert "Nora" not in (run / ACCESS_LOG).read_text(encoding="utf-8")


def test_an_export_that_fails_half_way_was_logged_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full after the first workbook leaves no names that nobody logged."""
    run = folder(tmp_path, finding(1))

    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(RunDir, "write", full)
    with pytest.raises(OSError, match="No space left"):
        export_findings(run)
    assert [line["what"] for line in read_access(run)] == ["export"]


def test_the_log_only_grows_and_survives_a_power_cut(tmp_path: Path) -> None:
    """An unfinished last line stays alone; lines before and after it are whole."""
    with RunDir(tmp_path, fresh=False) as out:
        log_access(out, "export", {})
    with (tmp_path / ACCESS_LOG).open("a") as stream:
        stream.write('{"when": "2024-')
    with RunDir(tmp_path, fresh=False) as out:
        log_access(out, "import", {"files": []})
    assert [line["what"] for line in read_access(tmp_path)] == ["export", "import"]
    assert (tmp_path / ACCESS_LOG).read_text().count("\n") == 3


def test_only_the_holder_of_the_folder_may_log(tmp_path: Path) -> None:
    """Two processes cannot mingle their lines: without the lock nothing is written."""
    with pytest.raises(RuntimeError, match="inside its context"):
        log_access(RunDir(tmp_path), "export", {})
    assert not read_access(tmp_path)


def test_who_is_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """What EVERYBIRTH_USER says, else the system's user, else "unknown"; never more than a line's worth."""
    monkeypatch.setenv("EVERYBIRTH_USER", "x" * 1000)
    assert user() == "x" * 100
    monkeypatch.setenv("EVERYBIRTH_USER", " ")
    monkeypatch.setattr(getpass, "getuser", lambda: "bo")
    assert user() == "bo"

    def nobody() -> str:
        raise KeyError

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert user() == "unknown"


@pytest.mark.parametrize(
    ("lines", "late"),
    [
        ([], False),
        ([{"what": "run", "when": "2024-01-01T10:00:00+00:00", "retention_days": None}], False),
        ([{"what": "run", "when": "2024-01-01T10:00:00+00:00", "retention_days": 30}], True),
        ([{"what": "run", "when": "2024-01-01T10:00:00+00:00", "retention_days": 31}], False),
        (
            [
                {"what": "run", "when": "2023-01-01T10:00:00+00:00", "retention_days": 30},
                {"what": "run", "when": "2024-01-20T10:00:00+00:00", "retention_days": 30},
            ],
            False,
        ),
        (
            [
                {"what": "run", "when": "2023-01-01T10:00:00+00:00", "retention_days": 30},
                {"what": "purge", "when": "2023-02-01T10:00:00+00:00"},
            ],
            False,
        ),
        ([{"what": "run", "when": "then", "retention_days": 30}], False),
    ],
)
def test_data_kept_too_long_are_warned_of(tmp_path: Path, lines: list[dict[str, object]], late: bool) -> None:
    """Counted from the last run, until a purge; a plan without a limit has none."""
    (tmp_path / ACCESS_LOG).write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = overdue(tmp_path, dt.date(2024, 2, 1))
    assert (found is not None) is late
    if found:
        assert "31 days old" in found
        assert f"everybirth purge {tmp_path}" in found
