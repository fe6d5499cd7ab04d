"""The release's files: read back as they were written, and harmless whatever they hold."""

import csv
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from tests.publish.example_release import example_release

from everybirth.errors import ReadError
from everybirth.publish import RunDir
from everybirth.publish.release import HIDDEN, Release, Table, read_release, write_release


def written(folder: Path, release: Release) -> Path:
    """Write a release into a folder."""
    with RunDir(folder) as out:
        write_release(out, release)
    return folder


def assert_same(one: Release, other: Release) -> None:
    """Both hold the same."""
    assert list(one.tables) == list(other.tables)
    for name, table in one.tables.items():
        assert_frame_equal(table.frame, other.tables[name].frame)
        for part in ("name", "keys", "counts", "figures", "notes", "title"):
            assert getattr(table, part) == getattr(other.tables[name], part)
    assert replace(one, tables={}) == replace(other, tables={})


def test_a_release_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Frames, titles, notes, what is omitted and hidden: all come back."""
    release = example_release()
    assert_same(read_release(written(tmp_path, release)), release)


def test_same_release_same_bytes(tmp_path: Path) -> None:
    """Files of the same release are the same to the byte, the workbook too."""
    one, two = (written(tmp_path / name, example_release()) / "tables" for name in ("one", "two"))
    for file in one.iterdir():
        assert file.read_bytes() == (two / file.name).read_bytes(), file.name


HOSTILE = (
    "=1+1",
    '=HYPERLINK("x")',
    "+a",
    "-a",
    "@a",
    "\t=1",
    'a"b',
    "a,b",
    "a\nb",
    "..",
    "",
    "'x",
    "县",
    "x" * 40_000,
)


def of_areas(names: list[str]) -> Release:
    """A release of one table whose areas have these names."""
    frame = pl.DataFrame({"area": names, "births": range(10, 10 + len(names)), "note": names[::-1]})
    table = Table("t", ("area",), ("births",), ("note",), frame, ("Below {threshold}.",), "=1+1")
    return Release({"t": table}, {"=x": "=y"}, 10, {"t": 0}, {})


def test_names_are_inert_and_come_back(tmp_path: Path) -> None:
    """No name is a formula in the CSV or the workbook; reading gives back the names as they were."""
    release = of_areas(list(HOSTILE))
    folder = written(tmp_path, release)
    assert_same(read_release(folder), release)
    with (folder / "tables" / "t.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 1 + len(HOSTILE)
    assert not [cell for row in rows for cell in row if cell.lstrip()[:1] in ("=", "+", "-", "@") and cell]
    book = openpyxl.load_workbook(folder / "tables" / "tables.xlsx")
    assert {cell.data_type for sheet in book for row in sheet for cell in row if cell.value is not None} <= {"s", "n"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(), min_size=1, max_size=5, unique=True))
def test_any_name_comes_back(tmp_path: Path, names: list[str]) -> None:
    """Whatever an area is called, the release can be written and read."""
    release = of_areas(names)
    assert_same(read_release(written(tmp_path, release)), release)


def test_hidden_counts_are_two_dots_in_every_form(tmp_path: Path) -> None:
    """A hidden number is shown as such in the CSV and in the workbook, and notes stand on every sheet."""
    release = example_release()
    folder = written(tmp_path, release)
    with (folder / "tables" / "link_probability.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows[3:5] == [["0.2-0.5", HIDDEN], ["0.5-0.8", HIDDEN]]
    book = openpyxl.load_workbook(folder / "tables" / "tables.xlsx")
    assert book.sheetnames == ["contents", *(name[:31] for name in release.tables)]
    assert [cell.value for cell in book["link_probability"]["B"]][5:7] == [HIDDEN, HIDDEN]
    for sheet in book:
        assert any("from 1 to 9" in str(row[0].value) and ".." in str(row[0].value) for row in sheet.iter_rows())


def test_the_index_says_what_the_columns_hold(tmp_path: Path) -> None:
    """Each column of each table has its heading there, in words."""
    release = example_release()
    index = json.loads((written(tmp_path, release) / "tables" / "index.json").read_text(encoding="utf-8"))
    for name, table in release.tables.items():
        assert index["tables"][name]["headings"].keys() == set(table.frame.columns)
    assert index["tables"]["sex_ratio"]["headings"]["funnel_low"] == "chance alone gives from"


def test_tables_of_an_earlier_run_do_not_stay(tmp_path: Path) -> None:
    """A table that a later release has not is removed from the folder."""
    release = example_release()
    written(tmp_path, release)
    fewer = {name: table for name, table in release.tables.items() if name != "heaping"}
    written(tmp_path, replace(release, tables=fewer))
    assert not (tmp_path / "tables" / "heaping.csv").exists()
    assert (tmp_path / "tables" / "overlap.csv").exists()


def test_a_folder_without_tables_is_told_from_a_broken_one(tmp_path: Path) -> None:
    """The message says what is missing or broken, and how to get it."""
    with pytest.raises(ReadError, match=r"there is no such file.*everybirth run"):
        read_release(tmp_path)
    written(tmp_path, example_release())
    (tmp_path / "tables" / "overlap.csv").unlink()
    with pytest.raises(ReadError, match=r"overlap\.csv: there is no such file"):
        read_release(tmp_path)
    (tmp_path / "tables" / "overlap.csv").write_text("hospital,births\nyes,many\n")
    with pytest.raises(ReadError, match="not as everybirth wrote them"):
        read_release(tmp_path)


def test_workbook_has_no_date_of_its_own(tmp_path: Path) -> None:
    """Nothing in the workbook says when it was written."""
    folder = written(tmp_path, example_release())
    with zipfile.ZipFile(folder / "tables" / "tables.xlsx") as book:
        assert {part.date_time[0] for part in book.infolist()} == {1980}
        assert b"2000-01-01" in book.read("docProps/core.xml")
