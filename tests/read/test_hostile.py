"""Files that are not what they say: an error in words or rows set aside, never a crash."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.read.worlds import read_one, write_workbook

from everybirth.errors import EverybirthError, ReadError


def test_binary_junk(tmp_path: Path) -> None:
    """Random bytes under any known ending are refused with the file's name."""
    for seed in range(20):
        junk = random.Random(seed).randbytes(2000)
        for name in ("a.csv", "a.xlsx", "a.parquet"):
            (tmp_path / name).write_bytes(junk)
            with pytest.raises(ReadError, match=rf"a\.{name[2:]}"):
                read_one(tmp_path, name)


def test_nul_characters_are_located(tmp_path: Path) -> None:
    """A text with a NUL is damaged: the row is named."""
    (tmp_path / "a.csv").write_bytes(b"id,name,born\n1,Ana,\n2,B\0o,\n")
    with pytest.raises(ReadError, match="row 3 holds NUL"):
        read_one(tmp_path, "a.csv")
    with pytest.raises(ReadError, match="row 3 holds NUL"):
        read_one(tmp_path, "a.csv", encoding="utf-8")


def test_one_column_and_ten_thousand(tmp_path: Path) -> None:
    """A list may have a single column, or far more than anybody maps."""
    (tmp_path / "a.csv").write_text('name\nAna\n\n"Bo"\n', encoding="utf-8")
    frame = read_one(tmp_path, "a.csv", "", {"child_full_name": "name"}).lists[0].frame
    assert frame.rows() == [("2", 2, "Ana"), ("4", 4, "Bo")]
    header = ",".join(f"c{place}" for place in range(10_000))
    row = ",".join(str(place) for place in range(10_000))
    (tmp_path / "b.csv").write_text(f"{header}\n{row}\n{row},\n", encoding="utf-8")
    result = read_one(tmp_path, "b.csv", "c0", {"child_full_name": "c9999"})
    assert result.lists[0].frame.rows() == [("0", 2, "9999")]
    assert result.rejected["reason"].to_list() == ["10001 fields where the header has 10000"]


def test_a_very_long_field_and_row(tmp_path: Path) -> None:
    """A megabyte in one cell, with line breaks and delimiters in it."""
    long = "x,\n" * 400_000
    (tmp_path / "a.csv").write_text(f'id,name,born\n1,"{long}",d\n2,Bo,e\n', encoding="utf-8", newline="\n")
    frame = read_one(tmp_path, "a.csv").lists[0].frame
    assert frame["child_full_name"].to_list() == [long, "Bo"]
    assert frame["row"].to_list() == [2, 3]


def test_a_zip_archive_renamed(tmp_path: Path) -> None:
    """A workbook called .csv or .parquet says what it is."""
    content = write_workbook(tmp_path / "a.xlsx", {"x": [["id", "name", "born"]]}).read_bytes()
    (tmp_path / "a.csv").write_bytes(content)
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(ReadError, match="an Excel workbook or a zip archive"):
        read_one(tmp_path, "a.csv")
    with pytest.raises(ReadError, match="not a Parquet file"):
        read_one(tmp_path, "a.parquet")


@given(st.binary(max_size=300))
def test_whatever_follows_the_header(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Any bytes below a header: every row is read or rejected once, or the file is refused in words."""
    folder = tmp_path_factory.mktemp("bytes")
    (folder / "a.csv").write_bytes(b"id,name,born\n" + content)
    try:
        result = read_one(folder, "a.csv", "")
    except EverybirthError:
        return
    rows = [*result.lists[0].frame["row"].to_list(), *result.rejected["row"].to_list()]
    assert len(set(rows)) == len(rows) == result.rows["list"]
    assert len(rows) <= content.count(b"\n") + content.count(b"\r") + 1
