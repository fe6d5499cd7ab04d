"""The plan: what is accepted, what is refused, and how the refusal reads."""

import datetime as dt
from pathlib import Path

import pytest

from everybirth import plan
from everybirth.errors import PlanError

FULL = """
[lists.hospital]
path = "hospital.parquet"
id = "record_id"
covers = { site = "facility" }
[lists.hospital.columns]
child_given_name = "child_given_name"
sex = { column = "s", codes = { "1" = "male", "2" = "female", "9" = "" } }
birth_date = { column = "dob", format = "%d/%m/%Y", calendar = "gregorian" }
[lists.hospital.extra]
ward = { column = "w", kind = "category" }
admitted = { column = "a", kind = "date", format = "%Y%m%d" }
[lists.register]
path = "register/*.csv"
role = "civil-register"
encoding = "gb18030"
delimiter = ";"
header_row = 3
covers = { site = ["home", "facility"], area = ["01", "02"] }
columns = { mother_full_name = "mother" }
[areas]
hierarchy = "areas.csv"
[estimate]
by = ["area", "period", "sex"]
period = "month"
sex_ratio = 1
from = 2024-01-01
to = "2024-12-31"
methods = ["chapman"]
[safeguards]
purpose = "registration"
threshold = 5
[link]
draws = 50
pair_floor = 0.05
"""
MINIMAL = '[lists.a]\npath = "a.csv"\n[lists.a.columns]\nbirth_date = "dob"\n'


def write(folder: Path, text: str, name: str = "everybirth.toml") -> Path:
    """Write a plan."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_full_plan_is_read_as_written(tmp_path: Path) -> None:
    """Every section and key of the contract arrives in the dataclasses."""
    found = plan.load(write(tmp_path, FULL))
    hospital, register = found.lists
    assert hospital.covers == {"site": ("facility",)}
    assert hospital.columns["sex"].codes == {"1": "male", "2": "female", "9": ""}
    assert hospital.columns["birth_date"] == plan.ColumnPlan("dob", "%d/%m/%Y")
    assert hospital.extra["ward"] == plan.ColumnPlan("w", kind="category")
    assert (register.id, register.delimiter, register.header_row, register.role) == ("", ";", 3, "civil-register")
    assert register.covers == {"site": ("home", "facility"), "area": ("01", "02")}
    assert found.link == plan.LinkPlan(50, 0.05)
    assert found.areas == {"hierarchy": "areas.csv"}
    assert found.estimate["from"] == dt.date(2024, 1, 1)
    assert found.estimate["to"] == dt.date(2024, 12, 31)
    assert found.estimate["by"] == ("area", "period", "sex")
    assert found.safeguards == {"purpose": "registration", "threshold": 5}


LIST = "[lists.a]\npath = 'a.csv'\n"
COLUMNS = "[lists.a.columns]\nbirth_date = 'dob'\n"


@pytest.mark.parametrize(
    ("text", "place", "advice"),
    [
        ("", "names no list", "[lists.NAME]"),
        ("[list.a]\n", "list: unknown key", '"lists"'),
        (LIST + "colums = {}\n", "lists.a.colums", '"columns"'),
        (LIST + "birth_date = 'dob'\n", "lists.a.birth_date", "[lists.a.columns]"),
        (LIST + "[lists.a.columns]\nbirth_dat = 'dob'\n", "lists.a.columns.birth_dat", '"birth_date"'),
        (LIST + "[lists.a.columns]\nqqq = 'dob'\n", "lists.a.columns.qqq", "child_given_name"),
        (LIST + "[lists.a.columns]\nbirth_date = 3\n", "lists.a.columns.birth_date", "a whole number"),
        (LIST + "[lists.a.columns]\nbirth_date = {format = '%Y'}\n", "lists.a.columns.birth_date", "no column"),
        (LIST + "[lists.a.columns]\nbirth_date = {column='d', fromat='%Y'}\n", "birth_date.fromat", '"format"'),
        (LIST + "[lists.a.columns]\nbirth_date = {column='d', format='dd/mm/yyyy'}\n", "format", '"%d/%m/%Y"'),
        (LIST + "[lists.a.columns]\nbirth_date='d'\nsex={column='s', format='%d'}\n", "columns.sex", "only a date"),
        (LIST + "[lists.a.columns]\nbirth_date='d'\nsex={column='s', codes={M='mal'}}\n", "sex.codes.M", '"male"'),
        (LIST + "[lists.a.columns]\nsex = 's'\n", "lists.a: neither a name nor birth_date", "birth_date ="),
        ("[lists.a]\n" + COLUMNS, "lists.a: no path", "path ="),
        ("[lists.a]\npath = 7\n" + COLUMNS, "lists.a.path", "quotation marks"),
        (LIST + "header_row = 0\n" + COLUMNS, "lists.a.header_row: found 0", "from 1"),
        (LIST + "header_row = true\n" + COLUMNS, "lists.a.header_row: found true or false", "whole number"),
        (LIST + "delimiter = '||'\n" + COLUMNS, "lists.a.delimiter", "one character"),
        (LIST + "encoding = 'utf-9'\n" + COLUMNS, '"utf-9"', "gb18030"),
        (LIST + "role = 'civil-registry'\n" + COLUMNS, "lists.a.role", '"civil-register"'),
        (LIST + "covers = {site = 'hospital'}\n" + COLUMNS, "lists.a.covers.site", "facility"),
        (LIST + "covers = {site = []}\n" + COLUMNS, "lists.a.covers.site", "no birth"),
        (LIST + "covers = {sight = 'home'}\n" + COLUMNS, "lists.a.covers.sight", '"site"'),
        ("[lists.a]\npath = 'sqlite:///x.db'\nid = 'i'\n" + COLUMNS, "lists.a", "table ="),
        ("[lists.a]\npath = 'sqlite:///x.db'\ntable = 't'\n" + COLUMNS, "lists.a", "id ="),
        (LIST + COLUMNS + "[lists.a.extra]\nward = 'w'\n", "lists.a.extra.ward", "kind ="),
        (LIST + COLUMNS + "[lists.a.extra]\nward = {column='w', kind='txt'}\n", "lists.a.extra.ward.kind", "name"),
        (LIST + COLUMNS + "[lists.a.extra]\nsex = {column='w', kind='code'}\n", "lists.a.extra.sex", "columns"),
        (LIST + COLUMNS + "[lists.a.extra]\nparity = {column='p', kind='number'}\n", "extra.parity", "never reads"),
        (LIST + COLUMNS + "[lists.a.extra]\nx = {column='民族', kind='code'}\n", "extra.x", "ethnicity"),
        (LIST + COLUMNS + "plurality = 'birth_order'\n", "columns.plurality", "refused"),
        (LIST + COLUMNS + "marital_status = 'm'\n", "columns.marital_status", "refused"),
        ("[lists.'a b']\npath = 'a.csv'\n" + COLUMNS, "lists.a b", "letters"),
        ("[link]\ndraws = 0\n" + LIST + COLUMNS, "link.draws: found 0", "from 1"),
        ("[link]\ndraw = 1\n" + LIST + COLUMNS, "link.draw", '"draws"'),
        ("[link]\npair_floor = 'x'\n" + LIST + COLUMNS, "link.pair_floor", "number"),
        ("[areas]\nshape = 'x'\n" + LIST + COLUMNS, "areas.shape", '"shapes"'),
        ("[estimate]\nby = ['month']\n" + LIST + COLUMNS, "estimate.by", "period"),
        ("[estimate]\nfrom = 2024-02-01\nto = 2024-01-01\n" + LIST + COLUMNS, "estimate: from", "later"),
        ("[estimate]\nfrom = 'May'\n" + LIST + COLUMNS, "estimate.from", "2024-01-31"),
        ("[estimate]\nmethods = ['chapmann']\n" + LIST + COLUMNS, "estimate.methods", '"chapman"'),
        ("[safeguards]\nthresholds = 5\n" + LIST + COLUMNS, "safeguards.thresholds", '"threshold"'),
        ("[lists.a\n", "not valid TOML", "line 1"),
        ('[lists.a]\npath = "c:\\data\\x.csv"\n', "line 2", 'write "/"'),
        ("lists = 3\n", "lists: found a whole number", "table"),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_remedy(tmp_path: Path, text: str, place: str, advice: str) -> None:
    """Each mistake raises a PlanError that says where it is and what to do."""
    with pytest.raises(PlanError) as caught:
        plan.load(write(tmp_path, text))
    assert place in str(caught.value)
    assert advice in str(caught.value)
    assert caught.value.exit_code == 2


def test_at_most_twenty_lists(tmp_path: Path) -> None:
    """Twenty lists are accepted, twenty-one are not."""
    one = "[lists.l{0}]\npath = 'a.csv'\n[lists.l{0}.columns]\nbirth_date = 'd'\n"
    assert len(plan.load(write(tmp_path, "".join(one.format(i) for i in range(20)))).lists) == 20
    with pytest.raises(PlanError, match="21 lists"):
        plan.load(write(tmp_path, "".join(one.format(i) for i in range(21))))


def test_two_registers_are_one_too_many(tmp_path: Path) -> None:
    """Completeness is measured for one register only."""
    one = "[lists.{0}]\npath = 'a.csv'\nrole = 'civil-register'\n[lists.{0}.columns]\nbirth_date = 'd'\n"
    with pytest.raises(PlanError, match="a and b"):
        plan.load(write(tmp_path, one.format("a") + one.format("b")))


def test_a_plan_that_is_not_there_names_the_one_that_is(tmp_path: Path) -> None:
    """A mistyped plan, a folder and a file in another encoding are each told apart."""
    write(tmp_path, MINIMAL)
    with pytest.raises(PlanError, match=r"no such plan.*everybirth\.toml"):
        plan.load(tmp_path / "everybrith.toml")
    with pytest.raises(PlanError, match="no folder"):
        plan.load(tmp_path / "nowhere" / "everybirth.toml")
    with pytest.raises(PlanError, match="is a folder"):
        plan.load(tmp_path)
    (tmp_path / "latin.toml").write_bytes("# é\n".encode("latin-1"))
    with pytest.raises(PlanError, match="not UTF-8 at byte 3"):
        plan.load(tmp_path / "latin.toml")


def test_the_digest_is_of_what_the_plan_says(tmp_path: Path) -> None:
    """Layout, comments, order of keys, stated defaults and the file's place do not count; content does."""
    digest = plan.digest(plan.load(write(tmp_path, MINIMAL)))
    same = (
        "# said otherwise\n[link]\ndraws = 100\n[lists.a.columns]\nbirth_date = { column = 'dob' }\n"
        "[lists.a]\nheader_row = 1\nid = ''\npath = 'a.csv'\n"
    )
    assert plan.digest(plan.load(write(tmp_path, same, "other.toml"))) == digest
    for changed in (
        "[link]\ndraws = 101\n" + MINIMAL,
        MINIMAL.replace("dob", "born"),
        MINIMAL.replace("lists.a", "lists.b"),
    ):
        assert plan.digest(plan.load(write(tmp_path, changed))) != digest
    assert len(plan.digest(plan.load(write(tmp_path, FULL)))) == 64
