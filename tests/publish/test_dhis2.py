"""Published figures as DHIS2 data values: in the documented form, and never a hidden one."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from tests.publish.example_release import AREAS, HIDDEN_AREA, example_release

from everybirth.cli_findings import dhis2 as command
from everybirth.errors import PlanError
from everybirth.publish import RunDir
from everybirth.publish import dhis2 as export
from everybirth.publish.release import write_release

UID = r"[A-Za-z][A-Za-z0-9]{10}"
# The structure that the DHIS2 developer guide documents: part -> (pattern, whether it must be there).
VALUE = {
    "dataElement": (UID, True), "categoryOptionCombo": (UID, False), "value": (r"-?\d+(\.\d+)?", True),
    "comment": (r"[\s\S]*", False),
}  # fmt: skip
IN_BULK = VALUE | {"period": (r"\d{4}(\d{2})?", True), "orgUnit": (UID, True), "attributeOptionCombo": (UID, False)}
SET = {
    "dataSet": (UID, True), "completeDate": (r"\d{4}-\d{2}-\d{2}", False), "period": (r"\d{4}(\d{2})?", True),
    "orgUnit": (UID, True), "attributeOptionCombo": (UID, False),
}  # fmt: skip


def check(content: dict[str, Any], schema: dict[str, tuple[str, bool]]) -> None:
    """Every part is known, of the documented form, and a text; what is needed is there."""
    assert set(content) <= set(schema)
    for name, (pattern, needed) in schema.items():
        assert name in content or not needed, name
        if name in content:
            assert isinstance(content[name], str)
            assert re.fullmatch(pattern, content[name]), (name, content[name])


def uid(k: int) -> str:
    """A made-up identifier."""
    return f"a{k:010d}"


MAPPING = f"""
data_set = "{uid(1)}"
complete_date = 2025-02-03
attribute_option_combo = "{uid(2)}"
period = "2024"
[org_units]
total = "{uid(3)}"
{chr(10).join(f'"{area}" = "{uid(100 + k)}"' for k, area in enumerate(AREAS))}
[[values]]
table = "births_by_area_sex"
column = "births"
data_element = "{uid(4)}"
category_option_combo = "{uid(5)}"
where = {{ sex = "female" }}
[[values]]
table = "births_by_month_sex"
column = "registered"
data_element = "{uid(6)}"
where = {{ sex = "total" }}
comment = "linked lists"
[[values]]
table = "adjusted_births"
column = "completeness"
data_element = "{uid(7)}"
where = {{ level = "area" }}
"""


def mapped(folder: Path, text: str = MAPPING) -> export.DataValues:
    """The example release through a mapping."""
    (folder / "map.toml").write_text(text, encoding="utf-8")
    return export.data_values(example_release(), export.read_mapping(folder / "map.toml"))


def test_bulk_is_in_the_documented_form(tmp_path: Path) -> None:
    """Each value names its element, period and unit; there is no data set, as the guide has it for bulks."""
    content = json.loads(export.as_bulk(mapped(tmp_path)))
    assert set(content) == {"dataValues"}
    for value in content["dataValues"]:
        check(value, IN_BULK)


def test_sets_are_in_the_documented_form(tmp_path: Path) -> None:
    """One set for each period and unit, with the data set and its day of completion."""
    sets = export.as_sets(mapped(tmp_path))
    for name, text in sets.items():
        content = json.loads(text)
        for value in content.pop("dataValues"):
            check(value, VALUE)
        check(content, SET)
        assert name == f"{content['period']}-{content['orgUnit']}"
        assert content["completeDate"] == "2025-02-03"


def test_values_are_those_of_the_tables(tmp_path: Path) -> None:
    """Areas become units, months periods; girls of an area are the girls of that area."""
    values = mapped(tmp_path).values
    table = example_release().tables["births_by_area_sex"].frame.filter(pl.col("sex") == "female")
    shown = {uid(100 + AREAS.index(a)): n for a, n in table.select("area", "births").iter_rows() if a in AREAS}
    found = {value["orgUnit"]: value["value"] for value in values if value["dataElement"] == uid(4)}
    total = found.pop(uid(3))
    assert total == str(table.filter(pl.col("area") == "total")["births"].item())
    assert found == {unit: str(n) for unit, n in shown.items() if n is not None}
    months = {value["period"] for value in values if value["dataElement"] == uid(6)}
    assert len(months) == 24
    assert "202301" in months


def test_hidden_figures_are_not_sent(tmp_path: Path) -> None:
    """Nothing of the area whose counts are hidden, and the summary says how many are missing."""
    found = mapped(tmp_path)
    unit = uid(100 + AREAS.index(HIDDEN_AREA))
    assert not [value for value in found.values if value["orgUnit"] == unit]
    assert found.hidden >= 2
    assert f"hidden or not estimated: {found.hidden}" in found.summary()


def test_csv_has_the_documented_columns(tmp_path: Path) -> None:
    """In the order in which DHIS2 reads them."""
    rows = list(csv.reader(io.StringIO(export.as_csv(mapped(tmp_path)))))
    assert rows[0][:6] == ["dataelement", "period", "orgunit", "catoptcombo", "attroptcombo", "value"]
    assert all(len(row) == 9 for row in rows)
    assert all(re.fullmatch(UID, row[0]) for row in rows[1:])


def test_areas_without_a_unit_are_named(tmp_path: Path) -> None:
    """An area that the mapping lacks is not sent, and told."""
    found = mapped(tmp_path, MAPPING.replace(f'"0103" = "{uid(102)}"', ""))
    assert found.unmapped == ("0103",)
    assert "0103" in found.summary()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('table = "births_by_area_sex"', 'table = "births_by_area"', "not published"),
        ('column = "births"', 'column = "sex"', "no column of figures"),
        ('where = { sex = "female" }', "", "which sex"),
        ('where = { sex = "female" }', 'where = { gender = "x" }', "gender is no key"),
        (uid(4), "short", "UID"),
        ('period = "2024"', 'period = "24"', "a year or month"),
        ("[org_units]", "[units]", "units is not known"),
        ("complete_date = 2025-02-03", 'complete_date = "3 Feb"', "2025-01-31"),
        ("complete_date = 2025-02-03", 'complete_date = "2025-02-30"', "2025-01-31"),
        ("[org_units]", "[org_units", "cannot be read"),
        ('period = "2024"', 'period = "202413"', "a year or month"),
        ('period = "2024"', 'period = "202400"', "a year or month"),
        ('where = { sex = "female" }', 'where = "female"', "values 1: where: .* a table is needed"),
        ('where = { sex = "female" }', 'where = ["female"]', "values 1: where: .* a table is needed"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(tmp_path: Path, old: str, new: str, message: str) -> None:
    """Each slip is met with where it is and what is needed."""
    assert old in MAPPING
    with pytest.raises(PlanError, match=message):
        mapped(tmp_path, MAPPING.replace(old, new))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f'org_units = "x"\n[[values]]\ntable = "t"\ncolumn = "c"\ndata_element = "{uid(1)}"', "org_units: found 'x'"),
        (f'values = ["t"]\n[org_units]\ntotal = "{uid(1)}"', "values 1: found 't'; a table is needed"),
        (
            f'[org_units]\ntotal = "{uid(1)}"\n[values]\ntable = "t"\ncolumn = "c"\ndata_element = "{uid(2)}"',
            r"write \[\[values\]\], in two pairs of brackets",
        ),
    ],
)
def test_something_else_in_the_place_of_a_table(tmp_path: Path, text: str, message: str) -> None:
    """A text, or brackets that make one table of what should be several: said in words, not a defect."""
    with pytest.raises(PlanError, match=message):
        mapped(tmp_path, text)


def test_the_command_goes_from_an_empty_mapping_to_files(tmp_path: Path) -> None:
    """--init writes a mapping with every area; filled in, it gives bulk, CSV and sets."""
    run = tmp_path / "run"
    with RunDir(run) as folder:
        write_release(folder, example_release())
    call = CliRunner().invoke
    begun = tmp_path / "dhis2.toml"
    assert call(command, [str(run), "--init", "-o", str(begun)]).exit_code == 0
    text = begun.read_text(encoding="utf-8")
    assert all(f'"{area}" = ""' in text for area in AREAS)
    again = call(command, [str(run), "--init", "-o", str(begun)])
    assert isinstance(again.exception, PlanError)
    unfilled = call(command, [str(run), "--mapping", str(begun)])
    assert "[org_units]: no UID is filled in" in str(unfilled.exception)
    numbers = iter(range(1, 500))
    filled = re.sub(r'(?m)^([^#\n]*) = ""$', lambda found: f'{found.group(1)} = "{uid(next(numbers))}"', text)
    filled = filled.replace('# data_set = ""', f'data_set = "{uid(999)}"')
    begun.write_text(filled, encoding="utf-8")
    for name in ("values.json", "values.csv", "sets"):
        result = call(command, [str(run), "--mapping", str(begun), "-o", str(tmp_path / name)])
        assert result.exit_code == 0, result.output
        assert "data values" in result.output
    assert json.loads((tmp_path / "values.json").read_text(encoding="utf-8"))["dataValues"]
    assert len(list((tmp_path / "sets").iterdir())) > 12
    assert call(command, [str(run)]).exit_code == 2
