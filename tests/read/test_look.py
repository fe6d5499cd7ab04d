"""What init does with files that do not say which column is which: it stops and says why, or guesses no more."""

import datetime as dt
from pathlib import Path

import pytest
from tests.read.worlds import write_workbook

from everybirth import plan
from everybirth.errors import ReadError
from everybirth.read import init_plan, read_lists

DAY = dt.date(2024, 1, 31)
GROUPS = ["Child", None, "Mother", None]
NAMES = ["given", "dob", "name", "age"]


def first_plan(folder: Path, *files: str) -> tuple[plan.Plan, str]:
    """The plan that init writes, and its text."""
    init_plan([folder / name for name in files], folder / "everybirth.toml")
    return plan.load(folder / "everybirth.toml"), (folder / "everybirth.toml").read_text(encoding="utf-8")


def stopped(folder: Path, file: str) -> str:
    """What init says when it stops, and that it wrote nothing."""
    with pytest.raises(ReadError) as caught:
        init_plan([folder / file], folder / "everybirth.toml")
    assert not (folder / "everybirth.toml").exists()
    return str(caught.value)


@pytest.mark.parametrize("above", [[], [["Births of 2024", None, None, None], [None]]])
def test_groups_of_columns_are_not_guessed(tmp_path: Path, above: list[list[object]]) -> None:
    """Under "Child" and "Mother", merged or not, in a workbook or a text, a "name" is anybody's: init stops."""
    rows = [*above, GROUPS, NAMES, ["Ana", DAY, "Maria", 25]]
    row = len(above) + 1
    write_workbook(tmp_path / "a.xlsx", {"x": rows}, [f"A{row}:B{row}", f"C{row}:D{row}"])
    said = stopped(tmp_path, "a.xlsx")
    assert f'a.xlsx, sheet "x": cells of the header are merged (rows {row} to {row + 1})' in said
    assert "written by hand" in said
    write_workbook(tmp_path / "b.xlsx", {"x": rows})
    assert f"row {row} says whose the columns below it are" in stopped(tmp_path, "b.xlsx")
    (tmp_path / "c.csv").write_text("Child,,Mother,\nname,sex,name,age\nAna,F,Maria,25\n", encoding="utf-8")
    assert "row 1 says whose" in stopped(tmp_path, "c.csv")


def test_titles_and_bare_persons_are_no_groups(tmp_path: Path) -> None:
    """A title merged over all columns is passed over; neighbouring columns "child" and "mother" are columns.

    What a sheet is called is not looked at: "Nascidos vivos" is refused as a column only.
    """
    rows = [["Nascidos vivos", None, None], ["id", "name", "dob"], [1, "Ana", DAY]]
    write_workbook(tmp_path / "a.xlsx", {"Nascidos vivos": rows}, ["A1:C1"])
    (tmp_path / "b.csv").write_text("no,child,mother,dob\n1,Ana,Maria,2024-01-31\n", encoding="utf-8")
    loaded, _ = first_plan(tmp_path, "a.xlsx", "b.csv")
    assert [part.header_row for part in loaded.lists] == [2, 1]
    assert read_lists(loaded).rows == {"a": 1, "b": 1}


def test_merging_over_several_rows_names_the_row_below(tmp_path: Path) -> None:
    """Groups that are two rows high: the names are in the third."""
    write_workbook(tmp_path / "a.xlsx", {"x": [GROUPS, [None], NAMES, ["Ana", DAY, "Maria", 25]]}, ["A1:B2", "C1:D2"])
    assert "set header_row = 3" in stopped(tmp_path, "a.xlsx")


@pytest.mark.parametrize(
    "text",
    [
        "1,Ana Lopez,F,09/02/2024,3200\n2,Bo Ruiz,M,10/02/2024,3100\n3,Cy Sol,F,11/02/2024,2900\n",
        "Ana Lopez,F,Hospital\nBo Ruiz,M,Home\nCy Sol,F,Hospital\n",
        "Mother Mary,Village Hill,2024-02-09\nBo,Dale,2024-02-10\n",
        "Ana Lopez\t3200\t27\nBo Ruiz\t3100\t30\n",
    ],
)
def test_a_first_row_of_data_is_no_header(tmp_path: Path, text: str) -> None:
    """Days, numbers, values that come again: init stops and repeats none of them."""
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    said = stopped(tmp_path, "a.csv")
    assert "a.csv: row 1 looks like data" in said
    assert "Add a row with the names of the columns" in said
    cells = [cell for line in text.splitlines() for cell in line.replace("\t", ",").split(",")]
    assert not [cell for cell in cells if len(cell) > 1 and cell in said]


def test_a_sheet_whose_first_row_is_data(tmp_path: Path) -> None:
    """Days and numbers are told in a workbook too."""
    write_workbook(tmp_path / "a.xlsx", {"x": [[7, "Ana", DAY], [8, "Bo", DAY]]})
    said = stopped(tmp_path, "a.xlsx")
    assert "row 1 looks like data" in said
    assert "of its 3 cells 2" in said


def test_a_header_with_an_odd_name_or_that_comes_again_is_one(tmp_path: Path) -> None:
    """A year as a name, and headers between the rows, which are told and not counted as values."""
    text = "id,name,dob,sex,2024\n1,Ana,2024-01-31,F,a\n\ufeffid,name,dob,sex,2024\n2,Bo,2024-02-01,M,b\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    loaded, said = first_plan(tmp_path, "a.csv")
    assert loaded.lists[0].columns["sex"].codes == {"F": "female", "M": "male"}
    assert "# rows that repeat the header, and will be rejected: 1" in said
    assert read_lists(loaded).lists[0].frame["record_id"].to_list() == ["1", "2"]


@pytest.mark.parametrize("delimiter", ["#", "   ", "*"])
def test_a_header_of_one_cell_with_several_names(tmp_path: Path, delimiter: str) -> None:
    """The delimiter was not recognised: init says so and how it is stated."""
    (tmp_path / "a.csv").write_text("id,name,dob\n1,Ana,2024-01-31\n".replace(",", delimiter), encoding="utf-8")
    said = stopped(tmp_path, "a.csv")
    assert "a single cell, so what parts the columns was not recognised" in said
    assert 'delimiter = "~"' in said


@pytest.mark.parametrize("header", ["name", "mother's name", "name (baby, all)"])
def test_a_list_of_one_column(tmp_path: Path, header: str) -> None:
    """It is a list, and not taken for one whose delimiter is unknown."""
    (tmp_path / "a.csv").write_text(f'"{header}"\nAna\nBo\n', encoding="utf-8")
    loaded, _ = first_plan(tmp_path, "a.csv")
    assert [column.column for column in loaded.lists[0].columns.values()] == [header]


@pytest.mark.parametrize(
    ("ids", "why"),
    [
        ("7 7 8", '"id" repeats in 2 rows'),
        ("7 - 8", '"id" is empty in 1 row'),
        ("- 7 7", '"id" is empty in 1 row and repeats in 2 rows'),
    ],
)
def test_why_the_id_is_none_is_said(tmp_path: Path, ids: str, why: str) -> None:
    """In a remark, with counts only; the plan runs."""
    rows = "".join(f"{one.strip('-')},Ana,2024-01-31\n" for one in ids.split())
    (tmp_path / "a.csv").write_text(f"id,name,dob\n{rows}", encoding="utf-8")
    loaded, said = first_plan(tmp_path, "a.csv")
    assert f'id = ""  # {why}, so records are numbered by row\n' in said
    assert read_lists(loaded).rows == {"a": 3}


def test_a_pattern_is_one_list(tmp_path: Path) -> None:
    """Columns that all files have, in any order; the id must name a record among all; the folder names the list."""
    (tmp_path / "register").mkdir()
    (tmp_path / "register" / "01.csv").write_text("id,folio,name,dob,z\n1,1,Ana,2024-01-31,q\n", encoding="utf-8")
    (tmp_path / "register" / "02.csv").write_text("folio,name,dob,id\n2,Bo,2024-02-01,1\n", encoding="utf-8")
    loaded, said = first_plan(tmp_path, "register/*.csv")
    (part,) = loaded.lists
    assert (part.name, part.path, part.id, part.role) == ("register", "register/*.csv", "folio", "civil-register")
    assert "# 2 rows" in said
    assert "# not in every file, so not used: z\n" in said
    assert read_lists(loaded).lists[0].frame["record_id"].to_list() == ["1", "2"]
    (tmp_path / "register" / "03.csv").write_text(
        "Births,,,\n\nid,name,dob,folio\n3,Cy,2024-02-02,3\n", encoding="utf-8"
    )
    with pytest.raises(ReadError, match=r"03\.csv: its header is in row 3, that of 01\.csv in row 1"):
        init_plan([tmp_path / "register" / "*.csv"], tmp_path / "everybirth.toml")


def test_names_that_stand_twice_or_not_at_all(tmp_path: Path) -> None:
    """Neither is used, and both are told; a delimiter that ends each line is nothing."""
    (tmp_path / "a.csv").write_text("id,name,dob,name,,x\n1,Ana,2024-01-31,Maria,q,z\n", encoding="utf-8")
    loaded, said = first_plan(tmp_path, "a.csv")
    assert list(loaded.lists[0].columns) == ["birth_date"]
    assert "# 2 columns are named 'name': none is used; give each a name of its own\n" in said
    assert "# columns without a name: 1; they are not used\n" in said
    (tmp_path / "a.csv").write_text("\ufeffid;name;dob;weight;\n1;Ana;31/01/2024;3,2;\n", encoding="utf-8")
    loaded, said = first_plan(tmp_path, "a.csv")
    assert list(loaded.lists[0].columns) == ["child_full_name", "birth_date", "birth_weight"]
    assert "without a name" not in said


def test_what_is_expected_is_no_birth(tmp_path: Path) -> None:
    """A due date is refused, and a day only expected is not mapped."""
    rows = "fecha probable de parto,nombre,fecha esperada\n2024-01-31,Ana,2024-01-31\n"
    (tmp_path / "a.csv").write_text(rows, encoding="utf-8")
    loaded, said = first_plan(tmp_path, "a.csv")
    assert list(loaded.lists[0].columns) == ["child_full_name"]
    assert "#   fecha probable de parto (pregnancy and prenatal care)" in said
