"""Whole lists become records: laws that hold for any list, and what is said about values that cannot be used."""

import random
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.standardise import naive

from everybirth.errors import DataError, PlanError
from everybirth.plan import ColumnPlan, ListPlan, Plan
from everybirth.schema import Kind
from everybirth.standardise import Standardised, standardise
from everybirth.tables import RawList

Table = Mapping[str, Sequence[object] | pl.Series]


def raw(name: str, table: Table, first_row: int = 2) -> RawList:
    """A list as read, whose ids are r00, r01 ... unless given."""
    height = len(next(iter(table.values())))
    ids = {"record_id": [f"r{i:02d}" for i in range(height)], "row": range(first_row, first_row + height)}
    frame = pl.DataFrame(ids | dict(table), strict=False)
    return RawList(name, frame.with_columns(pl.col("row").cast(pl.UInt32)))


def plan_of(*lists: RawList, **columns: ColumnPlan) -> Plan:
    """A plan for the lists; `columns` say how fields are written, in every list."""
    further = {name.removeprefix("extra_"): column for name, column in columns.items() if name.startswith("extra_")}
    return Plan(
        Path("everybirth.toml"),
        tuple(ListPlan(each.name, f"data/{each.name}.csv", "id", columns, extra=further) for each in lists),
    )


def run(*lists: RawList, **columns: ColumnPlan) -> Standardised:
    """The lists standardised by a plan made for them."""
    return standardise(lists, plan_of(*lists, **columns))


def values(done: Standardised, name: str) -> list[object]:
    """One standardised field, row by row."""
    return naive.decode(done.records.columns[name])


FIELDS = st.fixed_dictionaries(
    {
        "child_given_name": st.sampled_from(["Ana", "ANA", "B/O Mary", "Twin 2 of Mary", "王小明", "", None, "Zoë"]),
        "child_full_name": st.sampled_from(["Ana Lopez", "Baby of Mary Smith", "李娜", None, "-"]),
        "birth_date": st.sampled_from(["2024-03-05", "05/03/2024", "25/03/2024", None, ""]),
        "sex": st.sampled_from(["M", "F", "1", "?", None]),
        "birth_weight": st.sampled_from(["3200", "3.2", None, "NA"]),
        "delivery_order": st.sampled_from(["1", "2", None]),
        "phone": st.sampled_from(["0712345678", "+254712345678", None]),
        "extra.ward": st.sampled_from(["a", "A ", None]),
    }
)


def lists_of(rows: list[list[dict[str, str | None]]]) -> list[RawList]:
    """Lists as read from CSV, whose ids are in no order."""
    names = ["hospital", "community", "register"]
    schema = dict.fromkeys(("record_id", *_FIELD_NAMES), pl.String) | {"row": pl.UInt32}
    made = []
    for name, each in zip(names, rows, strict=False):
        with_ids = [{"record_id": f"{i * 7919 % 10007}", "row": i + 2} | row for i, row in enumerate(each)]
        made.append(RawList(name, pl.DataFrame(with_ids, schema=schema)))
    return made


_FIELD_NAMES = (
    "child_given_name",
    "child_full_name",
    "birth_date",
    "sex",
    "birth_weight",
    "delivery_order",
    "phone",
    "extra.ward",
)
ROWS = st.lists(st.lists(FIELDS, max_size=12), min_size=1, max_size=3)


@settings(max_examples=40, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_laws(rows: list[list[dict[str, str | None]]], shuffled: random.Random) -> None:
    """Nothing is lost, order and dictionaries are canonical, and shuffling rows and lists changes nothing."""
    lists = lists_of(rows)
    done = run(*lists)
    records = done.records
    assert records.n_records + done.rejected.height == sum(each.frame.height for each in lists)
    kept = {(row["list"], row["id"]) for row in naive.as_rows(records)}
    assert len(kept) == records.n_records
    keys = [(int(records.list_of[i]), records.record_id[i].encode()) for i in range(records.n_records)]
    assert keys == sorted(keys)
    for column in records.columns.values():
        used = {
            code for other in records.columns.values() if other.values is column.values for code in other.codes.tolist()
        }
        assert used - {-1} == set(range(len(column.values)))
        assert naive.encode(column.values.to_list())[1] == column.values.to_list()

    other = []
    for each in lists:
        order = list(range(each.frame.height))
        shuffled.shuffle(order)
        other.append(RawList(each.name, each.frame[order]))
    plan = plan_of(*lists)
    again = standardise(other[::-1], plan)
    assert naive.as_rows(again.records) == naive.as_rows(records)
    assert naive.spelt(again.records) == naive.spelt(records)
    assert naive.same_table(again.rejected, done.rejected)
    assert again.warnings == done.warnings


def test_all_names_share_one_dictionary() -> None:
    """Equal codes in any two name columns mean equal names."""
    done = run(raw("a", {"child_given_name": ["Ana", "Rosa"], "father_family_name": ["ROSA", "Áña"]}))
    given_name, family = done.records.columns["child_given_name"], done.records.columns["father_family_name"]
    assert given_name.values is family.values
    assert given_name.codes.tolist() == family.codes.tolist()[::-1]


def test_rows_without_name_and_date_are_rejected() -> None:
    """A row left with neither name nor birth date is set aside as read; the others keep their places."""
    table = {
        "child_given_name": ["Baby", "Ana", "-"],
        "mother_full_name": [None, None, "Eva Díaz"],
        "sex": ["F", "M", "F"],
    }
    done = run(raw("a", table))
    assert done.records.record_id.to_list() == ["r01", "r02"]
    assert done.rejected.rows() == [
        (
            "a",
            2,
            "neither a name nor a date could be read",
            '{"record_id": "r00", "child_given_name": "Baby", "sex": "F"}',
        )
    ]
    assert values(done, "mother_family_name") == [None, "diaz"]
    assert done.records.columns["sex"].values.to_list() == ["female", "male"]


def test_only_fields_that_some_list_has() -> None:
    """Lists with different fields: a column for each that any has, missing where a list has it not."""
    first = raw("a", {"child_given_name": ["Ana"], "birth_weight": [3.2]})
    second = raw("b", {"mother_full_name": ["Eva Díaz"], "birth_date": [date(2024, 3, 5)]})
    done = run(first, second)
    names = ["child_given_name", "birth_date", "birth_weight", "mother_given_name", "mother_family_name"]
    assert list(done.records.columns) == names
    assert values(done, "birth_weight") == [3200, None]
    assert values(done, "mother_family_name") == [None, "diaz"]
    assert naive.spelt(done.records)["mother_full_name"] == [None, "Eva Díaz"]
    assert {column.kind for column in done.records.columns.values()} == {Kind.NAME, Kind.DATE, Kind.NUMBER}


def test_all_missing_columns_and_empty_lists() -> None:
    """Columns without a value and lists without a row do not stand in the way."""
    full = raw(
        "a", {"child_given_name": ["Ana"], "sex": [None], "birth_date": [None], "birth_weight": [None], "phone": [None]}
    )
    blank = raw(
        "b", {"child_given_name": [""] * 2, "sex": ["", " "], "birth_date": ["2024-03-05"] * 2, "residence": ["-", ""]}
    )
    empty = RawList("c", full.frame.clear())
    done = run(full, blank, empty)
    assert done.records.list_of.tolist() == [0, 1, 1]
    for name in ("sex", "birth_weight", "phone", "residence"):
        assert done.records.columns[name].values.to_list() == []
        assert done.records.columns[name].codes.tolist() == [-1] * 3
    alone = run(empty)
    assert alone.records.n_records == 0
    assert list(alone.records.columns) == ["child_given_name", "sex", "birth_date", "birth_weight", "phone"]


def test_mixed_dtypes_between_lists() -> None:
    """The same values as text, dates and numbers in three lists are the same values."""
    lists = [
        raw("a", {"birth_date": ["05/03/2024"], "birth_weight": ["3,2"], "residence": ["103"], "mother_age": ["25"]}),
        raw("b", {"birth_date": [date(2024, 3, 5)], "birth_weight": [3.2], "residence": [103], "mother_age": [25]}),
        raw("c", {"birth_date": [45356], "birth_weight": [3200], "residence": [103.0], "mother_age": [25.0]}),
    ]
    done = run(*lists)
    for name in ("birth_date", "birth_weight", "residence", "mother_age"):
        assert done.records.columns[name].codes.tolist() == [0, 0, 0], name
    assert done.records.columns["birth_date"].values.to_list() == [(date(2024, 3, 5) - date(1970, 1, 1)).days]
    assert done.records.columns["birth_date"].values.dtype == pl.Int32
    assert done.records.columns["birth_weight"].values.dtype == pl.Float64
    assert list(done.records.raw) == ["residence"]  # of the others the standard value says all


def test_lists_may_be_handed_over() -> None:
    """Lists that are given one by one, and kept by nobody else, give the same records."""
    table = {"child_given_name": ["Rosa", None, "Ana"], "birth_date": ["2024-03-05", None, None]}
    lists = [raw("a", table), raw("b", table)]
    kept = run(*lists)
    handed_over = standardise(iter(lists), plan_of(*lists))
    assert naive.as_rows(handed_over.records) == naive.as_rows(kept.records)
    assert handed_over.rejected.equals(kept.rejected)
    assert kept.rejected["row"].to_list() == [3, 3]


def test_full_names_fill_what_is_missing() -> None:
    """A given or family name of its own goes before the full name's halves, which fill the gaps."""
    table = {
        "child_given_name": ["Ana", None, "B/O Eva"],
        "child_full_name": ["Rosa Díaz", "Rosa Díaz", "Baby of Eva Díaz"],
        "mother_full_name": ["Mrs. Eva Díaz", "DÍAZ, Eva", "王小明"],
    }
    done = run(raw("a", table))
    assert values(done, "child_given_name") == ["ana", "rosa", None]
    assert values(done, "child_family_name") == ["diaz", "diaz", None]
    assert values(done, "mother_given_name") == ["eva", "eva", "小明"]
    read = naive.spelt(done.records)
    assert read["child_given_name"] == ["Ana", "Rosa", None]
    assert read["mother_family_name"] == ["Díaz", "DÍAZ", "王"]
    assert "child_full_name" in read
    assert "child_full_name" not in done.records.columns


def test_marks_of_twins_fill_order_and_plurality() -> None:
    """A mark fills a missing order and raises the plurality; a stated order stays."""
    table = {
        "child_given_name": ["Twin 2 of Eva", "Twin 2 of Eva", "Ana", "Baby A", "Triplet C"],
        "delivery_order": [None, "1", None, None, None],
        "plurality": ["1", "1", "1", None, None],
        "birth_date": ["2024-03-05"] * 5,
    }
    done = run(raw("a", table))
    assert values(done, "delivery_order") == [2, 1, None, 1, 3]
    assert values(done, "plurality") == [2, 1, 1, 2, 3]
    bare = run(raw("a", {"child_given_name": ["Twin 2 of Eva", "Ana"], "birth_date": ["2024-03-05"] * 2}))
    assert values(bare, "delivery_order") == [2, None]
    plain = run(raw("a", {"child_given_name": ["Ana"]}))
    assert list(plain.records.columns) == ["child_given_name"]


def test_further_columns_by_kind() -> None:
    """Further columns are read as the kind that the plan states."""
    table = {
        "child_given_name": ["Ana"],
        "extra.clan": ["Ñu"],
        "extra.apgar": ["9"],
        "extra.seen": ["5/13/2024"],
        "extra.ward": ["b "],
    }
    kinds = {"clan": "name", "apgar": "number", "seen": "date", "ward": "category"}
    done = run(raw("a", table), **{f"extra_{name}": ColumnPlan(name, kind=kind) for name, kind in kinds.items()})
    assert [values(done, f"extra.{name}") for name in kinds] == [["nu"], [9], [19856], ["B"]]
    assert [done.records.columns[f"extra.{name}"].kind.value for name in kinds] == list(kinds.values())


def test_the_lists_own_letters_for_sex() -> None:
    """M is mujer in the list that has H, and male in the list that has F."""
    table = {"child_given_name": ["Ana", "Luis"]}
    done = run(raw("a", table | {"sex": ["M", "H"]}), raw("b", table | {"sex": ["F", "M"]}))
    assert values(done, "sex") == ["female", "male", "female", "male"]


def test_two_figure_years_of_mothers() -> None:
    """A mother born in "65" is not born after her children."""
    done = run(raw("a", {"birth_date": ["31/01/2024"], "mother_birth_date": ["31/01/65"]}))
    assert values(done, "mother_birth_date") == [(date(1965, 1, 31) - date(1970, 1, 1)).days]


def test_unreadable_birth_dates_stop_the_run() -> None:
    """More than a fifth of a list's birth dates unreadable: the plan is wrong, and the message says how to mend it."""
    dates = ["31/12/2025"] * 5 + ["2025.31.12"] * 2 + ["12/31/2025"] * 5
    message = (
        "birth_date: 7 of 12 rows are not dates like 31/12/2025 (first: hospital.csv row 7).\n"
        'Set format = "%m/%d/%Y" under [lists.hospital.columns.birth_date].'
    )
    with pytest.raises(DataError, match=f"^{re.escape(message)}$"):
        run(raw("hospital", {"birth_date": dates}), birth_date=ColumnPlan("dob", format="%d/%m/%Y"))


@pytest.mark.parametrize(
    ("dates", "advice"),
    [
        (["31-12-2025"] * 117 + ["2025-02-30"], "Correct them in the file. They count as missing."),
        (["31-12-2025"] * 117 + ["12/31/25"], 'They look like "%m/%d/%Y". Write all dates of the file in one way.'),
        (["31-12-2025"] * 7 + ["31/12/2025"] * 5, 'They look like "%d/%m/%Y". Write all dates of the file in one way.'),
        (["Ana"] * 12, "Is this the right column? Name another under [lists.hospital.columns.birth_date], or correct"),
    ],
)
def test_advice_on_dates_that_cannot_be_read(dates: list[str], advice: str) -> None:
    """A format is only advised where it reads more rows than the one in the plan; else what to look at."""
    lists = raw("hospital", {"birth_date": dates})
    try:
        told = " ".join(run(lists, birth_date=ColumnPlan("dob", format="%d-%m-%Y")).warnings)
    except DataError as error:
        told = str(error)
    assert advice in told
    assert "Set format" not in told


def test_few_unreadable_values_are_warned_of() -> None:
    """Up to a fifth: the fields are missing, and count, first row and remedy are told without a value."""
    table = {
        "birth_date": ["2025-12-31"] * 9 + ["in spring"],
        "birth_weight": ["99999", "heavy", *["3200"] * 7, None],
        "sex": ["F"] * 9 + ["purple"],
    }
    done = run(raw("hospital", table | {"child_given_name": ["Ana"] * 10}))
    assert values(done, "birth_date")[-1] is None
    assert done.records.n_records == 10
    told = "\n".join(done.warnings)
    assert "birth_date: 1 of 10 rows are not dates" in told
    assert "first: hospital.csv row 11" in told
    assert "birth_weight: 2 of 9 values are no weights from 200 to 8,000 g" in told
    assert "first: hospital.csv row 2" in told
    assert "sex: 1 of 10 values are not understood as female or male" in told
    assert not any(value in told for value in ("spring", "99999", "heavy", "purple"))


def test_undecided_order_of_day_and_month_is_told() -> None:
    """Dates that could be read either way are read, with a warning."""
    done = run(raw("a", {"birth_date": ["03/04/2024"]}))
    assert any("whether the day or the month is first" in warning for warning in done.warnings)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (ColumnPlan("dob", calendar="ethiopian"), "calendar = 'ethiopian' is not supported yet"),
        (ColumnPlan("dob", format="%d/%m/%Y %H"), "is not a date format"),
    ],
)
def test_plans_that_cannot_be_followed(column: ColumnPlan, message: str) -> None:
    """Another calendar and a format that is none are errors of the plan."""
    with pytest.raises(PlanError, match=message):
        run(raw("a", {"birth_date": ["2024-03-05"]}), birth_date=column)


def test_codes_and_kinds_must_exist() -> None:
    """The plan cannot state codes or kinds that there are not, nor two kinds for one column."""
    with pytest.raises(PlanError, match="'man' is not one of female, male"):
        run(raw("a", {"sex": ["1"]}), sex=ColumnPlan("sex", codes={"1": "man"}))
    lists = [raw("a", {"extra.ward": ["1"]}), raw("b", {"extra.ward": ["1"]})]
    with pytest.raises(PlanError, match="kind = 'ward' is not one of"):
        run(lists[0], extra_ward=ColumnPlan("ward", kind="ward"))
    listed = [
        ListPlan(x.name, "f", "id", {}, extra={"ward": ColumnPlan("w", kind=k)})
        for x, k in zip(lists, ("name", "code"), strict=True)
    ]
    with pytest.raises(PlanError, match="State one kind"):
        standardise(lists, Plan(Path("p.toml"), tuple(listed)))
    with pytest.raises(PlanError, match="not in the plan"):
        standardise(lists, Plan(Path("p.toml"), tuple(listed[:1])))


def test_distinct_identifiers_and_repeated_ones() -> None:
    """Identifiers that hardly repeat are cleaned row by row, others by value: the columns come out alike."""
    numbers = [f"07{i:08d}" for i in range(100, 150)]
    names, ids = {"child_given_name": ["Ana"] * 50}, [f"{i:04d}" for i in range(500)]
    once = run(raw("a", names | {"phone": numbers}))
    often = run(raw("a", {"child_given_name": ["Ana"] * 500, "phone": numbers * 10, "record_id": ids}))
    assert values(once, "phone") == [number[-9:] for number in numbers]
    assert values(often, "phone") == values(once, "phone") * 10
    assert once.records.columns["phone"].values.to_list() == often.records.columns["phone"].values.to_list()
