"""Lists: ids, files by pattern, rows that cannot be used, columns that must not be read, and each error in words."""

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.read.worlds import read_one

from everybirth.errors import DataError, ReadError
from everybirth.plan import ColumnPlan, ListPlan, Plan
from everybirth.read import read_lists
from everybirth.read.rows import text_ids


def write(path: Path, text: str) -> Path:
    """Write a text file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_without_id_or_without_name_and_date_are_set_aside(tmp_path: Path) -> None:
    """Each with its reason and the mapped cells as they were; blanks alone are nothing."""
    write(tmp_path / "a.csv", "id,name,born,note\n1,Ana,,n\n,Bo,2024-01-01,n\n3, ,,n\n4,,2024-01-01,n\n")
    result = read_one(tmp_path, "a.csv")
    assert result.lists[0].frame["record_id"].to_list() == ["1", "4"]
    assert result.rejected.select("row", "reason").rows() == [
        (3, 'no id in column "id"'),
        (4, "neither a name nor a date"),
    ]
    assert json.loads(result.rejected["content"][0]) == {"name": "Bo", "born": "2024-01-01", "id": None}


def test_without_an_id_column_rows_are_numbered(tmp_path: Path) -> None:
    """By row in one file; by file and row where files are given by a pattern."""
    write(tmp_path / "p/b.csv", "name,born\nBo,\n,\nCy,\n")
    write(tmp_path / "p/a.csv", "born,name\n,Ana\n2024-01-01,\nx,y,z\n")
    assert read_one(tmp_path, "p/a.csv", "").lists[0].frame["record_id"].to_list() == ["2", "3"]
    result = read_one(tmp_path, "p/*.csv", "")
    assert result.lists[0].frame["record_id"].to_list() == ["1-2", "1-3", "2-2", "2-4"]
    assert result.lists[0].frame["child_full_name"].to_list() == ["Ana", None, "Bo", "Cy"]
    assert result.rejected["content"].to_list() == ["p/a.csv: {}"]
    assert result.rows == {"list": 5}


def test_files_of_a_pattern_must_agree(tmp_path: Path) -> None:
    """A column missing in one file is named with that file; types that differ become text."""
    write(tmp_path / "a.csv", "id,name,born\n7,Ana,\n")
    write(tmp_path / "b.csv", "id,name,bron\n8,Bo,\n")
    with pytest.raises(ReadError, match=r'b\.csv: there is no column "born".*Nearest: "bron"'):
        read_one(tmp_path, "*.csv")
    pl.DataFrame({"id": [7], "name": ["Ana"], "born": ["x"]}).write_parquet(tmp_path / "a.parquet")
    pl.DataFrame({"id": ["x8"], "name": ["Bo"], "born": [3]}).write_parquet(tmp_path / "b.parquet")
    frame = read_one(tmp_path, "?.parquet").lists[0].frame
    assert frame["record_id"].to_list() == ["7", "x8"]
    assert frame["birth_date"].to_list() == ["x", "3"]


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(tmp_path: Path) -> None:
    """Brackets in a file's name are taken as they are when such a file exists."""
    write(tmp_path / "births[1].csv", "id,name,born\n7,Ana,\n")
    assert read_one(tmp_path, "births[1].csv", "").lists[0].frame["record_id"].to_list() == ["2"]


def test_repeated_ids_are_counted_and_located(tmp_path: Path) -> None:
    """No id is shown; the rows of the first are, over all files of the list."""
    write(tmp_path / "a.csv", "id,name,born\nsecret,Ana,\n8,Bo,\n9,Cy,\nsecret,Di,\n9,Ed,\n")
    with pytest.raises(DataError) as caught:
        read_one(tmp_path, "a.csv")
    assert '2 ids in column "id" stand in more than one row (first: a.csv row 2 and a.csv row 5)' in str(caught.value)
    assert 'set id = ""' in str(caught.value)
    assert "secret" not in str(caught.value)
    write(tmp_path / "p/a.csv", "id,name,born\n1,Ana,\n")
    write(tmp_path / "p/b.csv", "id,name,born\n1,Bo,\n")
    with pytest.raises(DataError, match=r"a\.csv row 2 and b\.csv row 2"):
        read_one(tmp_path, "p/*.csv")


def test_every_list_with_repeated_ids_is_named(tmp_path: Path) -> None:
    """All of them at once, so that they can be corrected together; one id is told as one."""
    parts = []
    for name, rows in (("a", "1,Ana,\n1,Bo,\n"), ("b", "2,Ana,\n"), ("c", "3,Cy,\n3,Di,\n4,Ed,\n4,Flo,\n")):
        write(tmp_path / f"{name}.csv", f"id,name,born\n{rows}")
        parts.append(ListPlan(name, f"{name}.csv", "id", {"child_full_name": ColumnPlan("name")}))
    with pytest.raises(DataError) as caught:
        read_lists(Plan(tmp_path / "everybirth.toml", tuple(parts)))
    first, last = str(caught.value).splitlines()
    assert first.startswith('a: 1 id in column "id" stands in more than one row (first: a.csv row 2 and a.csv row 3)')
    assert last.startswith('c: 2 ids in column "id" stand in more than one row (first: c.csv row 2 and c.csv row 3)')


def test_totals_are_no_births(tmp_path: Path) -> None:
    """A row that says "total" where the name stands, and has no date, is set aside; persons of such a name are not."""
    write(
        tmp_path / "a.csv",
        "id,name,born,mother\n1,Ana,,Luz\n2,TOTAL:,,\n3,合计, ,120\n4,Suma,,Fatmata Suma\n5,Total,2024-01-31,\n"
        "6,,,Sub-total\n7,Totala,,\n",
    )
    columns = {"child_full_name": "name", "birth_date": "born", "mother_full_name": "mother"}
    read = read_one(tmp_path, "a.csv", columns=columns)
    assert read.lists[0].frame["record_id"].to_list() == ["1", "4", "5", "7"]
    assert read.rejected.select("row", "reason").rows() == [(row, "a total, not a birth") for row in (3, 4, 7)]
    assert read.rows == {"list": 7}


def test_refused_columns_are_never_read(tmp_path: Path) -> None:
    """Mapped by a hand-made plan or only present: the values are nowhere, the names are reported."""
    write(tmp_path / "a.csv", "id,name,born,parity,民族,order\n1,Ana,,SECRET,SECRET,x\n2,,,SECRET,SECRET,x\n")
    columns = {"child_full_name": ColumnPlan("name"), "plurality": ColumnPlan("parity")}
    extra = {"gravida": ColumnPlan("order", kind="number"), "e": ColumnPlan("民族", kind="code")}
    result = read_lists(Plan(tmp_path / "p.toml", (ListPlan("a", "a.csv", "id", columns, extra),)))
    assert result.dropped == (("a", "parity"), ("a", "民族"))
    assert result.lists[0].frame.columns == ["record_id", "row", "child_full_name"]
    assert "SECRET" not in f"{result}{result.rejected.rows()}{result.lists[0].frame.rows()}"


def test_extra_columns_and_one_column_mapped_twice(tmp_path: Path) -> None:
    """An extra column is held under its prefix; a column may serve two fields."""
    write(tmp_path / "a.csv", "id,name,village\n1,Ana,V\n")
    columns = {
        name: ColumnPlan(column)
        for name, column in {"child_full_name": "name", "birth_place": "village", "residence": "village"}.items()
    }
    part = ListPlan("a", "a.csv", "id", columns, {"ward": ColumnPlan(" village ", kind="code")})
    frame = read_lists(Plan(tmp_path / "p.toml", (part,))).lists[0].frame
    assert frame.row(0, named=True) == {
        "record_id": "1",
        "row": 2,
        "child_full_name": "Ana",
        "birth_place": "V",
        "residence": "V",
        "extra.ward": "V",
    }


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("hospitl.csv", 'no file hospitl.csv.*Nearest: "hospital.csv"'),
        ("nowhere/a.csv", "no folder nowhere"),
        ("*.ods", r"no file matches \*\.ods"),
        ("folder", r"folder is a folder.*folder/\*\.csv"),
        ("empty.csv", r"empty\.csv: the file is empty \(0 bytes\)"),
        ("empty.xlsx", r"empty\.xlsx: the file is empty \(0 bytes\)"),
        ("empty.parquet", r"empty\.parquet: the file is empty \(0 bytes\)"),
        ("blank.csv", r"blank\.csv: no header in row 1"),
        ("twice.csv", r'twice\.csv: 2 columns are named "name" \(columns 2, 4\)'),
        ("case.csv", r'case\.csv: there is no column "name".*Nearest: "Name"'),
        ("one.csv", "Only one column was found"),
        ("a.docx", r"a\.docx: unknown kind of file.*\.csv"),
        ("workbook.csv", "this is an Excel workbook or a zip archive"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, path: str, message: str) -> None:
    """Each error names the file, what was found and what to do."""
    for name, text in {
        "hospital.csv": "id,name,born\n",
        "empty.csv": "",
        "empty.xlsx": "",
        "empty.parquet": "",
        "blank.csv": "\n \n",
        "twice.csv": "id,name,born,name\n1,a,b,c\n",
        "case.csv": "id,Name,born\n1,a,b\n",
        "a.docx": "x",
        "one.csv": "id#name#born\n1#a#b\n",
        "workbook.csv": "PK\x03\x04...",
        "folder/x.csv": "x",
    }.items():
        write(tmp_path / name, text)
    with pytest.raises(ReadError, match=message):
        read_one(tmp_path, path)


def test_a_name_that_stands_twice_matters_only_if_it_is_needed(tmp_path: Path) -> None:
    """Two columns of remarks do no harm."""
    write(tmp_path / "a.csv", "id,name,born,remarks,remarks,\n1,Ana,,x,y,z\n")
    assert read_one(tmp_path, "a.csv").rows == {"list": 1}


def test_a_header_alone_is_an_empty_list(tmp_path: Path) -> None:
    """Allowed for every kind of file, with a warning; the columns are there."""
    write(tmp_path / "a.csv", "id,name,born\n")
    pl.DataFrame(schema={"id": pl.Int64, "name": pl.String, "born": pl.Date}).write_parquet(tmp_path / "a.parquet")
    for name in ("a.csv", "a.parquet"):
        result = read_one(tmp_path, name)
        assert result.lists[0].frame.columns == ["record_id", "row", "child_full_name", "birth_date"]
        assert result.lists[0].frame.schema["record_id"] == pl.String
        assert result.rows == {"list": 0}
        assert result.warnings == ("list: the list is empty (a header, no rows).",)


def test_mostly_useless_files_are_warned_about(tmp_path: Path) -> None:
    """More rows rejected than read hints at a wrong plan."""
    write(tmp_path / "a.csv", "id,name,born\n1,Ana,x\n2,a,b,c\n3,a,b,c\n")
    assert "2 of 3 rows cannot be used, mostly: 4 fields" in read_one(tmp_path, "a.csv").warnings[0]


def test_progress_and_order(tmp_path: Path) -> None:
    """Lists come in plan order; progress counts them up to their number."""
    write(tmp_path / "a.csv", "id,name,born\n1,Ana,x\n")
    named = {"child_full_name": ColumnPlan("name")}
    parts = tuple(ListPlan(name, "a.csv", "id", named) for name in ("z", "a", "m"))
    seen: list[tuple[str, int, int]] = []
    result = read_lists(Plan(tmp_path / "p.toml", parts), progress=lambda *step: seen.append(step))
    assert [one.name for one in result.lists] == ["z", "a", "m"]
    assert seen == [("read", 0, 3), ("read", 1, 3), ("read", 2, 3), ("read", 3, 3)]
    assert result.rejected.schema == {"list": pl.String, "row": pl.UInt32, "reason": pl.String, "content": pl.String}


@given(st.lists(st.integers(-(2**52), 2**52), max_size=20))
def test_an_id_is_the_same_text_whatever_its_type(ids: list[int]) -> None:
    """7, 7.0 and " 7 " are one id."""
    texts = [str(one) for one in ids]
    for column in (
        pl.Series(ids, dtype=pl.Int64),
        pl.Series([float(one) for one in ids], dtype=pl.Float64),
        pl.Series([f" {one} " for one in ids], dtype=pl.String),
    ):
        assert text_ids(column).to_list() == texts
    assert text_ids(pl.Series([1.5, None, 2.0])).to_list() == ["1.5", None, "2"]
    assert text_ids(pl.Series(["", "  ", "a"])).to_list() == [None, None, "a"]
