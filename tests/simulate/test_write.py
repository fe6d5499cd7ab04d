"""Worlds on disk."""

import tomllib
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from everybirth.errors import PlanError
from everybirth.simulate import Options, World, workbook, world, write, write_world
from everybirth.simulate.recipes import chosen


@pytest.fixture(scope="module")
def small() -> World:
    """A hundred and twenty births on three lists."""
    return world(Options(120, seed=4))


@pytest.fixture(scope="module")
def runs() -> list[World]:
    """Two runs with the same options and one with another seed."""
    return [world(Options(120, seed=seed)) for seed in (4, 4, 5)]


@pytest.mark.parametrize("file_format", ["parquet", "csv", "xlsx"])
def test_same_options_same_bytes(tmp_path: Path, runs: list[World], file_format: str) -> None:
    """Two runs write the same files, byte for byte; another seed does not."""
    outs = [tmp_path / name for name in ("a", "b", "c")]
    for out, one in zip(outs, runs, strict=True):
        write_world(one, out, file_format)
    names = sorted(path.name for path in outs[0].iterdir())
    lists = [f"{name}.{file_format}" for name in ("hospital", "community", "register")]
    assert names == sorted([*lists, "truth.parquet", "everybirth.toml"])
    for name in names:
        first, again, other = ((out / name).read_bytes() for out in outs)
        assert first == again
        assert first != other


def test_parquet_holds_the_lists_and_the_truth(tmp_path: Path, small: World) -> None:
    """What is read back is what was simulated."""
    plan = write_world(small, tmp_path / "deep" / "er")
    for name, frame in small.lists.items():
        assert pl.read_parquet(plan.parent / f"{name}.parquet").equals(frame)
    assert pl.read_parquet(plan.parent / "truth.parquet").equals(small.truth)


def test_csv_is_utf8_with_the_same_values(tmp_path: Path, small: World) -> None:
    """CSV holds the values as text."""
    plan = write_world(small, tmp_path, "csv")
    read = pl.read_csv(plan.parent / "register.csv", infer_schema=False)
    assert read.equals(small.lists["register"].cast(pl.String))


def test_excel_holds_text_numbers_and_days(tmp_path: Path, small: World) -> None:
    """An Excel reader finds the header and every value with its type; what is null is empty."""
    plan = write_world(small, tmp_path, "xlsx")
    frame = small.lists["register"]
    rows = CalamineWorkbook.from_path(plan.parent / "register.xlsx").get_sheet_by_index(0).to_python()
    assert rows[0] == frame.columns
    assert [["" if value is None else value for value in row] for row in frame.rows()] == rows[1:]
    assert any(isinstance(value, date) for value in rows[1])


def test_excel_holds_text_as_text(tmp_path: Path) -> None:
    """Markup and formulas are text, in whichever column."""
    frame = pl.DataFrame({f"c{number}": ["<b> &", "=1+1", None] for number in range(30)})
    workbook.write_workbook(frame, tmp_path / "a.xlsx")
    rows = CalamineWorkbook.from_path(tmp_path / "a.xlsx").get_sheet_by_index(0).to_python()
    assert rows == [frame.columns, ["<b> &"] * 30, ["=1+1"] * 30]


def test_what_cannot_be_written_is_refused(tmp_path: Path, small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown format and a list too long for a sheet are refused before anything is written."""
    with pytest.raises(PlanError, match="parquet, csv, xlsx"):
        write_world(small, tmp_path / "a", "ods")
    monkeypatch.setattr(write, "LARGEST_SHEET", 50)
    with pytest.raises(PlanError, match="holds at most 50"):
        write_world(small, tmp_path / "b", "xlsx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("n_lists", range(1, 11))
@pytest.mark.parametrize("file_format", ["parquet", "csv"])
def test_the_plan_maps_every_column_of_every_list(
    tmp_path: Path, by_lists: dict[int, World], n_lists: int, file_format: str
) -> None:
    """The plan names each file, its id, its columns one to one, the register and what a list covers."""
    path = write_world(by_lists[n_lists], tmp_path, file_format)
    lists = tomllib.loads(path.read_text(encoding="utf-8"))["lists"]
    assert list(lists) == [recipe.name for recipe in chosen(n_lists)]
    for recipe in chosen(n_lists):
        section = lists[recipe.name]
        assert (tmp_path / section["path"]).is_file()
        assert section["id"] == "record_id"
        assert section.get("role", "") == recipe.role
        covers = section.get("covers", {}).get("site", [])
        assert tuple([covers] if isinstance(covers, str) else covers) == recipe.covers
        assert list(section["columns"]) == list(recipe.columns)
        for field, column in section["columns"].items():
            assert (column["column"] if isinstance(column, dict) else column) == field
        dated = {field for field, column in section["columns"].items() if isinstance(column, dict)}
        assert dated == ({"birth_date", "recorded_on"} if recipe.date_format else set())


def test_text_dates_follow_the_format_in_the_plan(tmp_path: Path, small: World) -> None:
    """Every date of the community list can be read with the format that the plan states."""
    path = write_world(small, tmp_path)
    columns = tomllib.loads(path.read_text(encoding="utf-8"))["lists"]["community"]["columns"]
    for field in ("birth_date", "recorded_on"):
        written = pl.read_parquet(tmp_path / "community.parquet")[field].drop_nulls()
        assert written.str.strptime(pl.Date, columns[field]["format"]).null_count() == 0
        assert len(written) > 50


@pytest.mark.parametrize(("areas", "monthly"), [(write.MOST_MONTHLY, True), (write.MOST_MONTHLY + 1, False)])
def test_a_district_is_looked_at_by_month_and_a_nation_by_year(areas: int, monthly: bool) -> None:
    """What the plan says of periods hangs on the number of areas."""
    plan = tomllib.loads(write.plan_text(world(Options(400, n_areas=areas)), "csv"))
    assert plan.get("estimate", {}) == ({"period": "month"} if monthly else {})
