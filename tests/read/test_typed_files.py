"""Excel, Parquet and SQL: types are kept, and what is wrong with a file is said."""

import datetime as dt
import sqlite3
import sys
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from tests.read.worlds import read_one, write_workbook

from everybirth.errors import ReadError
from everybirth.read.typed import typed_column

DAY = dt.date(2024, 1, 31)
MIDNIGHT = dt.datetime.combine(DAY, dt.time(0))
FIVE = dt.datetime.combine(DAY, dt.time(5))
HEADER = ["id", "name", "born"]


def test_excel_cells_keep_their_types(tmp_path: Path) -> None:
    """Dates are dates, whole numbers are whole, blank rows are passed over, row numbers are the sheet's."""
    rows = [HEADER, [7, "Ana", DAY], [None, None, None], [8.0, "Bo", dt.date(2024, 2, 1)]]
    write_workbook(tmp_path / "a.xlsx", {"births": rows})
    frame = read_one(tmp_path, "a.xlsx").lists[0].frame
    assert frame.schema["birth_date"] == pl.Date
    assert frame.rows() == [("7", 2, "Ana", DAY), ("8", 4, "Bo", dt.date(2024, 2, 1))]


def test_dates_among_texts_are_written_as_the_plan_says(tmp_path: Path) -> None:
    """Half the column typed as dates, half as text: one format for all."""
    from everybirth.plan import ColumnPlan, ListPlan, Plan
    from everybirth.read import read_lists

    write_workbook(tmp_path / "a.xlsx", {"x": [HEADER, [1, "Ana", DAY], [2, "Bo", "01/02/2024"]]})
    columns = {"birth_date": ColumnPlan("born", "%d/%m/%Y"), "child_full_name": ColumnPlan("name")}
    part = ListPlan("a", "a.xlsx", "id", columns)
    frame = read_lists(Plan(tmp_path / "p.toml", (part,))).lists[0].frame
    assert frame["birth_date"].to_list() == ["31/01/2024", "01/02/2024"]


def test_the_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    """The first unless the plan names one; an unknown one is answered with those there are."""
    write_workbook(tmp_path / "a.xlsx", {"notes": [["x"]], "births": [HEADER, [1, "Ana", DAY]]})
    assert read_one(tmp_path, "a.xlsx", sheet="births").rows == {"list": 1}
    with pytest.raises(ReadError, match=r'there is no sheet "birth"\. Nearest: "births"'):
        read_one(tmp_path, "a.xlsx", sheet="birth")
    with pytest.raises(ReadError, match=r'sheet "notes".*no columns "name", "born", "id".*set sheet'):
        read_one(tmp_path, "a.xlsx")


def test_a_merged_header_is_named_with_its_rows(tmp_path: Path) -> None:
    """Merged cells give columns no names of their own: which sheet, which rows, what to set."""
    rows = [["Child", None, "Birth"], HEADER, [1, "Ana", DAY]]
    write_workbook(tmp_path / "a.xlsx", {"births": rows}, ["A1:B1"])
    with pytest.raises(ReadError, match=r'a\.xlsx, sheet "births".*merged \(rows 1 to 2\).*set header_row = 2'):
        read_one(tmp_path, "a.xlsx")
    assert read_one(tmp_path, "a.xlsx", header_row=2).lists[0].frame["row"].to_list() == [3]


def test_two_header_rows_without_merging(tmp_path: Path) -> None:
    """The row that holds the mapped names is found and named."""
    write_workbook(tmp_path / "a.xlsx", {"births": [["Births of 2024"], [None], HEADER, [1, "Ana", DAY]]})
    with pytest.raises(ReadError, match=r'sheet "births".*They are in row 3.*set header_row = 3'):
        read_one(tmp_path, "a.xlsx")
    with pytest.raises(ReadError, match=r"no header in row 2\. The first filled row is 1"):
        read_one(tmp_path, "a.xlsx", header_row=2)


def test_names_merged_downwards_are_taken_from_the_upper_cell(tmp_path: Path) -> None:
    """With the second header row chosen, a column that has its name in the first keeps it."""
    rows = [["id", "Child", None], [None, "name", "born"], [1, "Ana", DAY]]
    write_workbook(tmp_path / "a.xlsx", {"births": rows}, ["A1:A2", "B1:C1"])
    assert read_one(tmp_path, "a.xlsx", header_row=2).lists[0].frame["record_id"].to_list() == ["1"]


def test_broken_workbooks(tmp_path: Path) -> None:
    """Text, a plain zip archive and a truncated workbook under an Excel name."""
    whole = write_workbook(tmp_path / "a.xlsx", {"x": [HEADER, [1, "Ana", DAY]]}).read_bytes()
    archive = b"PK\x05\x06" + bytes(18)
    for content in (b"id,name,born\n1,Ana,x\n", archive, whole[: len(whole) // 2], b"\0" * 4096):
        (tmp_path / "a.xlsx").write_bytes(content)
        with pytest.raises(ReadError, match=r"a\.xlsx: not a readable Excel workbook"):
            read_one(tmp_path, "a.xlsx")


def test_parquet_keeps_types_and_reads_only_what_is_mapped(tmp_path: Path) -> None:
    """Columns that the plan does not name are not there."""
    frame = pl.DataFrame(
        {"parity": [1, 2], "id": [7.0, 8.0], "name": ["Ana", "Bo"], "other": [[1], [2]], "born": [DAY, None]}
    )
    frame.write_parquet(tmp_path / "a.parquet")
    result = read_one(tmp_path, "a.parquet")
    assert result.lists[0].frame.rows() == [("7", 2, "Ana", DAY), ("8", 3, "Bo", None)]
    assert result.lists[0].frame.columns == ["record_id", "row", "child_full_name", "birth_date"]
    assert result.dropped == (("list", "parity"),)


def test_broken_parquet_files(tmp_path: Path) -> None:
    """Cut short, something else, and a column of lists."""
    pl.DataFrame({"id": ["1"], "name": [["Ana"]], "born": ["x"]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(ReadError, match=r'column "name" holds List'):
        read_one(tmp_path, "a.parquet")
    whole = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(whole[:-20])
    with pytest.raises(ReadError, match=r"a\.parquet: the Parquet file is damaged or was cut short"):
        read_one(tmp_path, "a.parquet")
    (tmp_path / "a.parquet").write_bytes(b"id,name\n1,Ana\n" * 20)
    with pytest.raises(ReadError, match="this is not a Parquet file"):
        read_one(tmp_path, "a.parquet")


def database(path: Path) -> None:
    """A SQLite database with one table of three births."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE births (id INTEGER, name TEXT, born TEXT, parity INTEGER)")
        rows = [(2, "Bo", "2024-02-01", 1), (1, "Ana", "2024-01-31", 2), (3, None, None, 3)]
        connection.executemany("INSERT INTO births VALUES (?, ?, ?, ?)", rows)
    connection.close()


def test_a_table_of_a_database(tmp_path: Path) -> None:
    """Rows come in the order of their ids, whatever the order in the database; relative to the plan."""
    database(tmp_path / "x.db")
    result = read_one(tmp_path, "sqlite:///x.db", table="births")
    assert result.lists[0].frame["record_id"].to_list() == ["1", "2"]
    assert result.rejected["reason"].to_list() == ["neither a name nor a date"]
    assert result.rows == {"list": 3}
    assert result.dropped == (("list", "parity"),)


def test_what_is_wrong_with_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No such file, table or driver; no password in any message; and the extra that is needed."""
    database(tmp_path / "x.db")
    with pytest.raises(ReadError, match=r"no file y\.db"):
        read_one(tmp_path, "sqlite:///y.db", table="births")
    with pytest.raises(ReadError, match=r'no such table\. Nearest: "births"'):
        read_one(tmp_path, "sqlite:///x.db", table="birth")
    with pytest.raises(ReadError, match="no database address"):
        read_one(tmp_path, "not a url://", table="births")
    with pytest.raises(ReadError) as caught:
        read_one(tmp_path, "postgresql+pg8000://user:hidden@host/db", table="births")
    assert "pg8000 is not installed" in str(caught.value)
    assert "hidden" not in str(caught.value)
    (tmp_path / "x.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(ReadError, match="cannot be read"):
        read_one(tmp_path, "sqlite:///x.db", table="births")
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(ReadError, match=r"everybirth\[sql\]"):
        read_one(tmp_path, "sqlite:///x.db", table="births")


@pytest.mark.parametrize(
    ("cells", "dtype", "values"),
    [
        ([1, 2.0, None, ""], pl.Int64, [1, 2, None, None]),
        ([1, 2.5, float("nan")], pl.Float64, [1.0, 2.5, None]),
        ([Decimal("3.20"), 4], pl.Float64, [3.2, 4.0]),
        ([DAY, None], pl.Date, [DAY, None]),
        ([MIDNIGHT, DAY], pl.Date, [DAY, DAY]),
        ([FIVE, DAY], pl.Datetime, [FIVE, MIDNIGHT]),
        (["a", 7.0, True, DAY], pl.String, ["a", "7", "true", "2024-01-31"]),
        ([2**70, 1], pl.String, [str(2**70), "1"]),
        ([None, ""], pl.String, [None, None]),
        ([], pl.String, []),
    ],
)
def test_typed_columns(cells: list[object], dtype: type[pl.DataType], values: list[object]) -> None:
    """The narrowest type that holds every cell; text where kinds are mixed."""
    column = typed_column("x", cells)
    assert column.dtype == dtype
    assert column.to_list() == values
