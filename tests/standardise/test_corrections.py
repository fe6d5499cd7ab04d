"""Corrected values, written as each list writes them, are read back as what was meant."""

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from everybirth.plan import ColumnPlan, ListPlan, Plan
from everybirth.standardise import standardise
from everybirth.standardise.corrections import corrected
from everybirth.tables import MISSING, RawList


def read_back(
    field: str, values: list[Any], value: str | None, how: ColumnPlan | None = None, also: str = ""
) -> list[Any]:
    """Correct the field of the second record, standardise, and give what every record means then."""
    columns = {field: how or ColumnPlan(field)} | ({also: ColumnPlan(also)} if also else {})
    plan = ListPlan("a", "a.csv", "id", columns)
    frame = pl.DataFrame({"record_id": [f"r{k}" for k in range(len(values))], also or field: values}, strict=False)
    frame = frame.with_row_index("row", offset=2)
    if "child_given_name" not in frame.columns and also != "child_full_name":
        frame = frame.with_columns(pl.format("Name{}", "record_id").alias("child_given_name"))
    made = pl.DataFrame({"record_id": ["r1", "gone"], "field": [field, field], "value": [value, value]}, strict=False)
    made = made.with_columns(pl.col("value").cast(pl.String))
    raw = corrected(RawList("a", frame), plan, made)
    assert raw.frame.drop(field).equals(frame.drop(field, strict=False))
    records = standardise([raw], Plan(Path("p.toml"), (plan,))).records
    column = records.columns[field]
    days = column.values.cast(pl.Date) if "date" in field or field == "recorded_on" else column.values
    return [None if code == MISSING else days[int(code)] for code in column.codes]


def days(*texts: str) -> list[dt.date]:
    """Dates."""
    return [dt.date.fromisoformat(text) for text in texts]


DATES = days("2024-03-05", "2024-04-06", "2024-05-27")
WRITTEN: list[tuple[list[Any], ColumnPlan | None]] = [
    (["2024-03-05", "?", "2024-05-27"], None),
    (["05/03/2024", "06/04/2023", "27/05/2024"], ColumnPlan("birth_date", format="%d/%m/%Y")),
    (["2024-05-03", "2023-06-04", "2024-27-05"], ColumnPlan("birth_date", format="%Y-%d-%m")),
    (["03/05/24", "04/06/23", "05/27/24"], ColumnPlan("birth_date", format="%m/%d/%y")),
    (["5 March 2024", "7 April 2024", "27 May 2024"], None),
    (days("2024-03-05", "2023-04-06", "2024-05-27"), None),
    ([dt.datetime.fromisoformat(text) for text in ("2024-03-05T07:00", "2023-04-06T00:00", "2024-05-27T08:09")], None),
    ([20240305, 20230406, 20240527], None),
    ([45356, 45000, 45439], None),
    ([45356.5, None, 45439.25], None),
]


@pytest.mark.parametrize(("written", "how"), WRITTEN, ids=range(len(WRITTEN)))
def test_dates(written: list[Any], how: ColumnPlan | None) -> None:
    """However the list writes its dates, the corrected one is read as it was meant and the others as before."""
    assert read_back("birth_date", written, "2024-04-06", how) == DATES


SEXES: list[tuple[list[Any], dict[str, str]]] = [
    (["male", "female", "female"], {}),
    (["M", "F", "F"], {}),
    (["H", "M", "M"], {}),  # hombre, mujer
    (["1", "2", "2"], {}),
    ([1, 2, 2], {}),
    ([1.0, None, 2.0], {}),
    (["a", "b", "b"], {"a": "male", "b": "female"}),
    (["m", None, "w"], {"w": "female"}),
    (["男", "女", "女"], {}),
]


@pytest.mark.parametrize(("written", "codes"), SEXES, ids=range(len(SEXES)))
def test_sex(written: list[Any], codes: dict[str, str]) -> None:
    """The list's own word is written, so that what its other words mean does not change."""
    how = ColumnPlan("sex", codes=codes)
    assert read_back("sex", written, "male", how) == ["male", "male", "female"]
    assert read_back("sex", written, "female", how) == ["male", "female", "female"]


def test_a_code_that_the_list_never_wrote() -> None:
    """A list of girls only, in which one is corrected to a boy."""
    assert read_back("sex", ["F", "F", "F"], "male") == ["female", "male", "female"]
    assert read_back("sex", [2, 2, 2], "male", ColumnPlan("sex")) == ["female", "male", "female"]


@pytest.mark.parametrize(
    "written", [["3000", "0", "2500"], [3000, 0, 2500], ["3.0 kg", "x", "2.5 kg"], [3.0, 9e9, 2.5]]
)
def test_weights(written: list[Any]) -> None:
    """In grams, whatever the list's unit and type."""
    assert read_back("birth_weight", written, "3450") == [3000.0, 3450.0, 2500.0]


def test_names_and_places() -> None:
    """As they are written."""
    assert read_back("child_given_name", ["Ada", "Bb", "Cy"], "Béa") == ["ada", "bea", "cy"]
    assert read_back("residence", ["01-1", None, "01-3"], "02-7") == ["01-1", "02-7", "01-3"]
    assert read_back("residence", [101, 102, 103], "207") == ["101", "207", "103"]


@pytest.mark.parametrize("written", [["2024-03-05", "2004-04-06", "2024-05-27"], [45356, 37000, 45439], DATES])
def test_a_value_that_is_not_known(written: list[Any]) -> None:
    """The record has none, whatever type the column is of; the others are as they were."""
    assert read_back("birth_date", written, None) == [DATES[0], None, DATES[2]]
    assert read_back("birth_weight", [3000, 90, 2500], None) == [3000.0, None, 2500.0]
    assert read_back("sex", ["M", "M", "F"], None) == ["male", None, "female"]


def test_a_field_that_the_list_lacks_is_not_made_to_be_empty() -> None:
    """That a value is not known adds no column."""
    raw = RawList("a", pl.DataFrame({"record_id": ["r1"], "row": [2]}))
    made = pl.DataFrame({"record_id": ["r1"], "field": ["sex"], "value": pl.Series([None], dtype=pl.String)})
    assert corrected(raw, ListPlan("a", "a.csv", "id", {}), made).frame.columns == ["record_id", "row"]


def test_a_part_of_a_full_name() -> None:
    """A list with full names only: the corrected given name takes the place of the one that was split off."""
    found = read_back("child_given_name", ["Ada Okoye", "Bo Mensah", "Cy Diallo"], "Ben", also="child_full_name")
    assert found == ["ada", "ben", "cy"]


def test_nothing_to_correct() -> None:
    """A list without corrections is the very same."""
    raw = RawList("a", pl.DataFrame({"record_id": ["r1"], "sex": ["male"]}))
    none = pl.DataFrame(schema=dict.fromkeys(("record_id", "field", "value"), pl.String))
    assert corrected(raw, ListPlan("a", "a.csv", "id", {}), none).frame is raw.frame
