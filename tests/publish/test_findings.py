"""What is found in linked lists: each kind in a small case by hand, and laws that hold for all."""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.publish.scenes import NO_REJECTS, World, person, world

from everybirth.publish.findings import kinds

FIELDS = ("sex", "child_given_name", "birth_date", "residence")


def of_kind(found: pl.DataFrame, kind: str) -> list[dict[str, Any]]:
    """The findings of a kind."""
    return found.filter(pl.col("kind") == kind).to_dicts()


def only(found: pl.DataFrame, kind: str) -> dict[str, Any]:
    """The one finding of a kind."""
    (row,) = of_kind(found, kind)
    return row


def three(**said: list[Any]) -> World:
    """One birth on hospital, community and register (as many as values are given); what each says of it."""
    n = max(len(values) for values in said.values())
    rows = [person(1, id=f"r{k}") | {field: values[k] for field, values in said.items()} for k in range(n)]
    lists = dict(zip(("hospital", "community", "register"), ([row] for row in rows), strict=False))
    return world(lists, [[row["id"] for row in rows]])


@pytest.mark.parametrize(
    ("said", "found", "best", "why"),
    [
        (["male", "female", "male"], "hospital: male; community: female; register: male", "male", "2 of 3 records"),
        (["male", "male", "female"], "hospital: male; community: male; register: female", "male", "2 of 3 records"),
        (["male", None, "female"], "hospital: male; register: female", "female", "evenly divided; the register's"),
        (
            *(["male", "female"], "hospital: male; community: female", "male"),
            "evenly divided; hospital is the first of these lists",
        ),
    ],
)
def test_a_disagreement_tells_who_says_what_and_why_a_value_is_best(
    said: list[Any], found: str, best: str, why: str
) -> None:
    """The most records decide, then the register, then the first list; lists that do not say are left out."""
    row = only(three(sex=said).found(), "disagreement")
    assert (row["field"], row["found"], row["best"], row["why"]) == ("sex", found, best, why)
    assert row["records"].count(":") == row["found"].count(":")
    assert (row["area"], row["birth_id"]) == ("01", "B000")


def test_of_two_names_the_more_usual_is_best() -> None:
    """Where records are evenly divided over a name, how often each stands in the lists decides."""
    rows = [person(k) for k in range(3, 9)]
    lists = {
        "hospital": [person(1, id="a", child_family_name="Okoye"), *rows],
        "register": [person(1, id="b", child_family_name="Okoyee"), person(2, child_family_name="OKOYE")],
    }
    row = only(world(lists, [["a", "b"]]).found(), "disagreement")
    assert (row["best"], row["why"]) == ("Okoye", "evenly divided; the more usual spelling")
    assert row["found"] == "hospital: Okoye; register: Okoyee"


@pytest.mark.parametrize(
    ("given", "best", "why"),
    [
        (["Juana", "Pedro", "Juana María"], "Juana María", "evenly divided; the register's"),
        (["Juana María", "Juana", "Pedro"], "Pedro", "evenly divided; the register's"),
        (["Juana", "Juana", "Juana María", "Pedro", "Juana María"], "Juana María", "evenly divided; the fuller name"),
    ],
)
def test_of_two_names_the_fuller_is_best(given: list[str], best: str, why: str) -> None:
    """A name that has all words of another and more is preferred to it; a third one is judged by the other rules."""
    rows = [person(1, id=f"r{k}", child_given_name=name) for k, name in enumerate(given)]
    others = [person(k, id=f"o{k}", child_given_name="Juana") for k in range(10, 13)] if len(given) > 3 else []
    lists = {"hospital": [rows[0]], "community": rows[1:-1], "register": [rows[-1], *others]}
    row = only(world(lists, [[row["id"] for row in rows]]).found(), "disagreement")
    assert (row["field"], row["best"], row["why"]) == ("child_given_name", best, why)
    assert row["records"].count(":") == len(given)


def test_within_one_list_the_first_record_decides_at_last() -> None:
    """Two records of one list that disagree evenly: the first in order of ids is shown."""
    lists = {"hospital": [person(1, id="a", sex="male"), person(1, id="b", sex="female")]}
    row = only(world(lists, [["a", "b"]]).found(), "disagreement")
    assert (row["best"], row["why"]) == ("male", "evenly divided; the first record's")


@pytest.mark.parametrize(
    "said",
    [
        {"child_given_name": ["Ána", "ANA", "ana"]},
        {"child_given_name": ["Juana", "JUANA MARÍA"]},
        {"child_given_name": ["María", "Juana María", "juana"]},
        {"child_given_name": ["Iñaki Vargas", "Iñaki"], "child_family_name": ["Núñez", "Vargas Núñez"]},
        {"mother_given_name": ["Iñaki Vargas", "Iñaki"], "mother_family_name": [None, "Vargas"]},
        {"residence": ["01-3", "01", "01-3"]},
        {"residence": ["01", "01/3/2", "01/3"]},
        {"birth_date": ["2024-03-05", "2024-03-05", None]},
        {"birth_weight": ["3000", "3100", "3200"]},
        {"mother_age": ["20", "30", "40"]},
    ],
)
def test_what_is_no_disagreement(said: dict[str, list[Any]]) -> None:
    """Case and accents, a place or a given name told less fully, a full name divided otherwise, a value missing, and
    fields that nobody is asked about.
    """
    assert not of_kind(three(**said).found(), "disagreement")


@pytest.mark.parametrize(
    ("given", "family", "fields"),
    [
        (["Juana", "Pedro María"], ["Vargas", "Vargas"], {"child_given_name"}),
        (["Juana", "Juana María", "Juana Rosa"], ["Vargas"] * 3, {"child_given_name"}),
        (["Juana", "Juanita María"], ["Vargas", "Vargas"], {"child_given_name"}),
        (["Juana", "Juana"], ["Vargas", "Vargas Núñez"], {"child_family_name"}),
        (["Iñaki", "Iñaki Vargas"], ["Vargas", "Núñez"], {"child_given_name", "child_family_name"}),
        (["Iñaki", "Vargas"], ["Vargas", "Iñaki"], {"child_given_name", "child_family_name"}),
        (["Iñaki", "Iñaki Vargas", "Inaki"], ["Vargas Núñez", "Núñez", "Vargas Nunes"], {"child_family_name"}),
    ],
)
def test_which_names_disagree(given: list[str], family: list[str], fields: set[str]) -> None:
    """Another given name beside a shared one, a family name in part, names exchanged or cut elsewhere are told."""
    found = of_kind(three(child_given_name=given, child_family_name=family).found(), "disagreement")
    assert {row["field"] for row in found} == fields


def test_places_that_exclude_each_other_disagree() -> None:
    """That one begins with the other's letters is not enough, nor that a third is coarser than both."""
    for places in (["01-3", "01-31", None], ["01-3", "01", "01-4"]):
        assert only(three(residence=places).found(), "disagreement")["field"] == "residence"


def slow_disagreements(rows: list[dict[str, Any]], birth: list[int]) -> set[tuple[int, str]]:
    """Births and fields of which records hold two values."""
    held: dict[tuple[int, str], set[Any]] = {}
    for row, number in zip(rows, birth, strict=True):
        for field in FIELDS:
            if row[field] is not None:
                held.setdefault((number, field), set()).add(row[field])
    return {key for key, values in held.items() if len(values) > 1}


records_of_a_few = st.lists(
    st.tuples(
        *(st.sampled_from([None, *values]) for values in (["male", "female"], ["Ada", "Bo", "Cy"])),
        st.sampled_from(["2024-01-05", "2024-02-07"]),
        st.sampled_from([None, "01-1", "01-2", "02-1"]),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=9,
)


@settings(max_examples=40)
@given(records_of_a_few)
def test_disagreements_are_those_that_a_slow_search_finds(drawn: list[tuple[Any, ...]]) -> None:
    """Whatever the records, births and fields with two values or more are found, and no others."""
    rows = [dict(zip(FIELDS, values, strict=True)) | {"id": f"r{k}"} for k, (*values, _) in enumerate(drawn)]
    birth = [number for *_, number in drawn]
    groups = [[row["id"] for row, b in zip(rows, birth, strict=True) if b == number] for number in set(birth)]
    linked = world({"hospital": rows}, groups)
    found = of_kind(linked.found(), "disagreement")
    of_id = {row["id"]: number for row, number in zip(rows, birth, strict=True)}
    told = {(of_id[row["records"].split("; ")[0].split(":")[1]], row["field"]) for row in found}
    assert told == slow_disagreements(rows, birth)
    assert len(found) == len(told)
    for row in found:
        counts = Counter(row["found"].replace("hospital: ", "").split("; "))
        assert row["best"] in counts


def test_duplicates_are_told_once_for_each_birth_and_list() -> None:
    """Three records of a list that are one birth are one finding; a birth on two lists once is none."""
    lists = {
        "hospital": [person(1, id="h1"), person(1, id="h2"), person(1, id="h3"), person(2, id="h4")],
        "register": [person(1, id="c1"), person(2, id="c2")],
    }
    row = only(world(lists, [["h1", "h2", "h3", "c1"], ["h4", "c2"]]).found(), "duplicate")
    assert (row["records"], row["list"]) == ("hospital:h1; hospital:h2; hospital:h3", "hospital")
    assert row["why"] == "3 records of hospital are one birth"
    assert row["found"].startswith("hospital h1: Bela")


def test_births_that_the_register_lacks() -> None:
    """One for each birth on other lists only, with where to find the child; births out of the plan's scope are none."""
    lists = {
        "hospital": [person(1, id="h1", sex="female", mother_given_name="Rosa"), person(2), person(3)],
        "community": [person(1, id="c1", sex="female", mother_given_name="Rosa")],
        "register": [person(2, id="g2")],
    }
    row = only(world(lists, [["h1", "c1"], ["r2", "g2"]], outside=["r3"]).found(), "not-registered")
    assert row["found"] == "Belaa Familyb, 2024-01-08, female, residence 01-1, mother Rosa, on hospital and community"
    assert (row["records"], row["why"]) == ("hospital:h1; community:c1", "not on register")
    assert row["probability"] == 1.0


def test_how_surely_a_birth_is_not_on_the_register() -> None:
    """The likeliest link with a record of the register is what speaks against it."""
    lists = {"hospital": [person(1)], "register": [person(2), person(3)]}
    linked = world(lists, pairs={("r1", "r2"): 0.125, ("r1", "r3"): 0.25})
    assert only(linked.found(), "not-registered")["probability"] == 0.75


def test_no_child_is_sure_to_be_missing_where_links_were_missed() -> None:
    """Of four children that the register lacks by the links, one is expected to be there under other particulars."""
    made = world({"hospital": [person(k) for k in range(4)], "register": [person(9)]})
    found = replace(made, scene=replace(made.scene, hidden=1.0)).found()
    assert [row["probability"] for row in of_kind(found, "not-registered")] == [0.75] * 4


def test_without_a_register_nobody_is_missing_from_it() -> None:
    """No list is the register: nothing can be said."""
    assert not of_kind(world({"hospital": [person(1)], "community": [person(2)]}).found(), "not-registered")


def test_an_empty_register_lacks_everybody() -> None:
    """A register without a record of any of the births: each is to be offered registration."""
    lists = {"hospital": [person(1), person(2)], "register": [person(3)]}
    assert len(of_kind(world(lists).found(), "not-registered")) == 2


def test_children_to_be_registered_are_told_without_what_could_be_held_against_a_mother() -> None:
    """No order of birth, plurality, age, birth date, id or phone of the mother is in any column of any finding."""
    secret = {
        "delivery_order": 2,
        "plurality": 2,
        "mother_age": 43,
        "mother_birth_date": "1981-07-06",
        "mother_id": "MOTHER77",
        "phone": "0799123456",
        "registration_number": "",
    }
    lists = {"hospital": [person(1) | secret, person(2)], "register": [person(3)]}
    (row,) = world(lists).found().filter(pl.col("records") == "hospital:r1").to_dicts()
    told = " ".join(str(value) for name, value in row.items() if name != "finding_id")
    assert not [word for word in ("43", "1981", "MOTHER77", "0799", "number 2", "2 children") if word in told]


def test_links_in_doubt() -> None:
    """Pairs that are neither likely nor unlikely to be one birth, but for duplicates, which are told as such."""
    lists = {"hospital": [person(k) for k in range(6)], "register": [person(k) for k in range(6, 9)]}
    doubt = {("r0", "r6"): 0.5, ("r1", "r7"): 0.19, ("r2", "r8"): 0.81, ("r3", "r4"): 0.6, ("r1", "r5"): 0.3}
    found = world(lists, [["r0", "r6"], ["r3", "r4"]], pairs=doubt).found()
    rows = {row["records"]: row for row in of_kind(found, "uncertain-link")}
    assert set(rows) == {"hospital:r0; register:r6", "hospital:r1; hospital:r5"}
    row = rows["hospital:r0; register:r6"]
    assert (row["best"], row["why"], row["list"]) == ("same birth", "one birth with a probability of 50%", None)
    assert rows["hospital:r1; hospital:r5"]["best"] == "different births"
    assert rows["hospital:r1; hospital:r5"]["list"] == "hospital"


def areas_apart(first: str | None, second: str | None) -> dict[str, Any]:
    """The doubtful link of two records, h1 of one residence and c1 of another; None: neither says."""
    lists = {
        "hospital": [person(1, id="h1", residence=first), person(5, id="h5", residence="03")],
        "community": [person(2, id="c1", residence=second, mother_given_name="Rosa")],
    }
    found = world(lists, pairs={("h1", "c1"): 0.5}, outside=()).found()
    return only(found, "uncertain-link")


@pytest.mark.parametrize(
    ("first", "second", "area", "found"),
    [
        ("01-1", "01-2", "01", "hospital h1: {1}, residence 01-1; community c1: {2}, residence 01-2, mother Rosa"),
        ("01-1", "02-2", "01", "hospital h1: {1}, residence 01-1; community c1: a record of another area (02)"),
        ("02-2", "01-1", "02", "hospital h1: {1}, residence 02-2; community c1: a record of another area (01)"),
        ("01-1", None, "01", "hospital h1: {1}, residence 01-1; community c1: {2}, mother Rosa"),
        (None, "02-2", "02", "hospital h1: {1}; community c1: {2}, residence 02-2, mother Rosa"),
        (None, None, "unknown", "hospital h1: {1}; community c1: {2}, mother Rosa"),
    ],
)
def test_a_doubtful_link_shows_whom_records_of_its_own_area_are_about(
    first: str | None, second: str | None, area: str, found: str
) -> None:
    """An office sees no name of another area; where only one record says where it belongs, that area is asked."""
    persons = {"1": "Belaa Familyb, 2024-01-08", "2": "Chidia Familyc, 2024-01-15"}
    row = areas_apart(first, second)
    told = found.replace("{1}", persons["1"]).replace("{2}", persons["2"])
    assert (row["area"], row["found"], row["records"]) == (area, told, "hospital:h1; community:c1")


ODD = [
    ({"birth_weight": 450}, "birth_weight", "450 g: below 500"),
    ({"birth_weight": 6500}, "birth_weight", "6500 g: above 6,000"),
    ({"birth_weight": 90_000}, "birth_weight", "90000: not among weights from 200 to 8,000 g"),
    ({"mother_age": 10}, "mother_age", "10 years: below 12"),
    ({"mother_age": 60}, "mother_age", "60 years: above 55"),
    ({"plurality": 5}, "plurality", "5 children of one delivery"),
    (
        {"plurality": 2, "delivery_order": 3},
        "delivery_order",
        "child number 3, but the delivery is given as 2 children",
    ),
    (
        *({"plurality": 1, "delivery_order": 2}, "delivery_order"),
        "child number 2, but the delivery is given as 1 child",
    ),
    ({"mother_birth_date": "2020-01-01"}, "mother_birth_date", "by the dates the mother was 4 years old"),
    ({"mother_birth_date": "2023-01-01"}, "mother_birth_date", "by the dates the mother was 1 year old"),
    ({"mother_birth_date": "2024-05-01"}, "mother_birth_date", "by the dates the mother was born after the child"),
    ({"mother_birth_date": "31/02/1990"}, "mother_birth_date", "not a date"),
    ({"recorded_on": "2024-01-03"}, "recorded_on", "recorded 5 days before the birth"),
    ({"registration_date": "2024-01-07"}, "registration_date", "registered 1 day before the birth"),
    ({"registration_date": "soon"}, "registration_date", "soon: not a date"),
    ({"birth_date": "1924-01-08"}, "birth_date", "1924-01-08: far from the dates of the list"),
    ({"birth_date": "2027-01-08"}, "birth_date", "2027-01-08: far from the dates of the list"),
    ({"sex": "maybe"}, "sex", "maybe: not understood as female or male"),
]


@pytest.mark.parametrize(("odd", "field", "found"), ODD, ids=[f"{field} {k}" for k, (_, field, _) in enumerate(ODD)])
def test_implausible_values(odd: dict[str, Any], field: str, found: str) -> None:
    """What cannot be or hardly, in one record of forty; the others are as births are."""
    usual = {
        "birth_weight": 3000,
        "mother_age": 25,
        "plurality": 1,
        "delivery_order": 1,
        "mother_birth_date": "1999-01-01",
        "recorded_on": "2025-02-01",
        "registration_date": "2025-02-01",
        "sex": "female",
    }
    mixed = {key: str(value) for key, value in usual.items()}
    rows = [person(k) | mixed for k in range(40)]
    rows[1] |= {key: str(value) for key, value in odd.items()}
    every = of_kind(world({"hospital": rows}).found(), "implausible")
    assert {(row["records"], row["list"]) for row in every} == {("hospital:r1", "hospital")}
    assert {row["field"]: row["found"] for row in every}[field] == found
    assert len(every) == 1 or field == "birth_date"  # a wrong date is also odd beside the other dates


def test_a_value_that_is_odd_in_two_ways_is_told_once() -> None:
    """A birth date after the record was made and far from the list's is one finding of each field."""
    rows = [person(k, recorded_on="2025-02-01") for k in range(40)]
    rows[3] |= {"birth_date": "2029-01-08"}
    found = of_kind(world({"hospital": rows}).found(), "implausible")
    assert {row["field"] for row in found} == {"birth_date", "recorded_on"}
    assert len(found) == 2


def rejects(*rows: tuple[str, int, str, str]) -> pl.DataFrame:
    """Rejected rows: list, row, reason, content."""
    return pl.DataFrame(list(rows), schema=NO_REJECTS.schema, orient="row")


def test_rejected_rows() -> None:
    """Told by list, row and reason; not what they hold, which may be what is never written."""
    rejected = rejects(("hospital", 17, "neither a name nor a date", '{"id": "h7", "phone": "0799"}'))
    row = only(world({"hospital": [person(1)]}, rejected=rejected).found(), "rejected")
    assert (row["area"], row["list"], row["records"]) == ("unknown", "hospital", "")
    assert row["found"] == "row 17: neither a name nor a date"


def test_a_rejected_row_is_of_the_area_that_it_states() -> None:
    """By the first of its places that is filled in; a place without any birth, a shifted row or none: unknown."""
    rows = [
        *('{"home": "01-7", "born": "02-1"}', '{"home": "", "born": "02-1"}', '{"home": null, "born": 2}'),
        *('{"home": "77-1"}', '["01-7"]', '2024.csv: {"home": " 01-2 "}'),
    ]
    rejected = rejects(*(("hospital", k, "no name", content) for k, content in enumerate(rows)))
    lists = {"hospital": [person(1), person(2, residence="02-1"), person(3, residence="2")]}
    made = world(lists, rejected=rejected)
    placed = replace(
        made.unused,
        places={"hospital": ("home", "born")},
        area_of=lambda places: places.str.split("-").list.first().fill_null("unknown"),
    )
    found = of_kind(replace(made, unused=placed).found(), "rejected")
    assert [row["area"] for row in found] == ["01", "02", "2", "unknown", "unknown", "01"]


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ('{"id": "h7", "name": ""}', '{"name": "?", "id": "h7"}', True),
        ('{"id": "h7", "name": ""}', '{"id": "h8", "name": ""}', False),
        ('{"id": null, "name": "A"}', '{"id": null, "name": "A"}', True),
        ('{"id": null, "name": "A"}', '{"id": null, "name": "B"}', False),
        ('["h7", "A"]', '["h7", "A"]', True),
        ('["{a", "b}"]', '["{a", "c}"]', False),
        ('{"id": 7, "name": ""}', '{"id": 7, "name": "x"}', True),
        ("{}", "{}", False),
        ('2024.csv: {"record_id": "h7", "sex": "?"}', '2024.csv: {"record_id": "h7"}', True),
    ],
)
def test_a_rejected_row_is_known_by_its_id_or_else_by_what_it_holds(before: str, after: str, same: bool) -> None:
    """So that the finding stays when rows are added above, and its end is seen when the row is mended.

    Of a row of which nothing is kept, the number tells it from others.
    """
    ids = []
    for row, content in ((17, before), (18, after)):
        rejected = rejects(("hospital", row, "no name", content))
        ids.append(only(world({"hospital": [person(1)]}, rejected=rejected).found(), "rejected")["finding_id"])
    assert (ids[0] == ids[1]) is same


def test_equal_rejected_rows_are_told_apart() -> None:
    """The same broken row three times is three findings."""
    rejected = rejects(*(("hospital", row, "no name", "[]") for row in (4, 5, 9)))
    found = of_kind(world({"hospital": [person(1)]}, rejected=rejected).found(), "rejected")
    assert len({row["finding_id"] for row in found}) == 3


def test_a_birth_with_many_records() -> None:
    """However many lists say something, all of it is told, in order."""
    rows = [person(1, id=f"r{k}", sex="male" if k % 2 else "female") for k in range(9)]
    found = world({f"list{k}": [row] for k, row in enumerate(rows)}, [[row["id"] for row in rows]]).found()
    row = only(found, "disagreement")
    assert row["records"] == "; ".join(f"list{k}:r{k}" for k in range(9))
    assert row["found"] == "; ".join(f"list{k}: {each['sex']}" for k, each in enumerate(rows))
    assert row["why"] == "5 of 9 records"


def busy() -> tuple[dict[str, list[dict[str, Any]]], list[list[str]], dict[tuple[str, str], float]]:
    """Lists in which there is something of every kind that is about records."""
    hospital = [person(k, id=f"h{k}", sex="male", birth_weight=2600 + 17 * k) for k in range(40)]
    hospital[5] |= {"birth_weight": 450}
    register = [person(k, id=f"g{k}", sex="female" if k == 3 else "male") for k in range(30)]
    same = [[f"h{k}", f"g{k}"] for k in range(29)] + [["h38", "h39"]]
    return {"hospital": hospital, "register": register}, same, {("h29", "g29"): 0.4}


def test_ids_do_not_change_when_other_records_come() -> None:
    """A finding keeps its id whatever else is in the lists, and whatever the order of the rows."""
    lists, same, pairs = busy()
    found = world(lists, same, pairs=pairs).found()
    assert set(found["kind"]) == {"duplicate", "not-registered", "disagreement", "implausible", "uncertain-link"}
    more = {name: [person(100 + k, id=f"x{k}{name}") for k in range(9)] + rows[::-1] for name, rows in lists.items()}
    later = world(more, same, pairs=pairs).found()
    both = found.join(later, on=["finding_id", "kind", "records", "field", "found"], nulls_equal=True)
    assert both.height == found.height
    assert later.height > found.height


def test_ids_are_distinct_and_well_formed() -> None:
    """F and thirteen letters and figures, none of which can be misread."""
    lists, same, pairs = busy()
    found = world(lists, same, pairs=pairs).found()
    assert found["finding_id"].str.contains("^F[0-9A-HJKMNP-TV-Z]{13}$").all()
    assert found["finding_id"].n_unique() == found.height


def test_findings_of_a_kind_and_field_lie_together() -> None:
    """And are in the order of their records."""
    lists, same, pairs = busy()
    found = world(lists, same, pairs=pairs).found()
    runs = found.select(pl.concat_str("kind", pl.col("field").fill_null("")).rle().alias("run")).unnest("run")
    assert runs["value"].n_unique() == runs.height
    for _, rows in found.group_by("kind", "field"):
        assert rows["birth_id"].is_sorted()


def test_order_of_rows_and_of_evidence_changes_nothing() -> None:
    """Shuffled lists give the same findings."""
    lists, same, pairs = busy()
    found = world(lists, same, pairs=pairs).found()
    rng = np.random.default_rng(1)
    shuffled = {name: [rows[k] for k in rng.permutation(len(rows))] for name, rows in lists.items()}
    assert world(shuffled, same[::-1], pairs=pairs).found().equals(found)


def test_lists_without_records() -> None:
    """Nothing there, nothing found."""
    empty = world({"hospital": [], "register": []}).found()
    assert empty.height == 0
    assert dict(empty.schema) == kinds.FOUND


names = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=6)
hostile = st.sampled_from(["%3B", ";", "; ", "a; b:c", "%", "%25", ":", "x;y%"])


@given(st.lists(st.tuples(st.sampled_from(["a", "list-2", "名"]), names | hostile), min_size=1, max_size=4))
def test_the_records_of_a_finding_can_be_read_back(records: list[tuple[str, str]]) -> None:
    """Whatever the ids hold, list and id come out as they went in."""
    frame = pl.DataFrame(records, schema={"list": pl.String, "id": pl.String}, orient="row")
    text = frame.select(kinds.record_names(pl.col("list"), pl.col("id")).str.join("; ")).item()
    back = kinds.explode_records(pl.DataFrame({"finding_id": ["F1", "F2"], "records": [text, ""]}))
    assert back.rows() == [("F1", *record) for record in records]
