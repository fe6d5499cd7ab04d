"""From one run to the next: what offices decide about findings, and what the next run makes of it."""

import logging
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.small_worlds import digests, people, write

import everybirth
from everybirth.errors import DataError
from everybirth.pipeline import Result
from everybirth.publish.decisions import COLUMNS, FILE, append_decisions
from everybirth.publish.files import RunDir
from everybirth.publish.findings.fate import ALL
from everybirth.publish.findings.past import HISTORY

Decided = tuple[dict[str, Any], str, str | None]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated world of 400 births on three lists."""
    return everybirth.simulate(400, tmp_path_factory.mktemp("world"), seed=5, noise="heavy", file_format="csv")


def decide(out: Path, *made: Decided) -> None:
    """Record decisions about findings."""
    rows = [
        {name: row.get(name) for name in ("finding_id", "kind", "records", "field")}
        | {"decision": decision, "value": value, "who": "office", "when": "2026-01-01T00:00:00Z", "source": "a.xlsx"}
        for row, decision, value in made
    ]
    with RunDir(out, fresh=False) as folder:
        append_decisions(folder, pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String)))


def of_kind(found: Result, kind: str, field: str | None = None) -> list[dict[str, Any]]:
    """The findings of a kind, and of a field if one is given."""
    rows = found.findings.filter(pl.col("kind") == kind)
    return (rows if field is None else rows.filter(pl.col("field") == field)).to_dicts()


def births_of(found: Result, row: dict[str, Any]) -> set[str]:
    """The births that the records of a finding are in."""
    names = [each.split(":", 1) for each in row["records"].split("; ")]
    keys = pl.DataFrame(names, schema=["list", "record_id"], orient="row")
    links = found.links.with_columns(pl.col("list").cast(pl.String))
    joined = keys.join(links, on=["list", "record_id"])
    assert joined.height == len(names)
    return set(joined["birth_id"])


def values_of(found: Result, row: dict[str, Any], field: str) -> set[Any]:
    """What the births of a finding's records show."""
    return set(found.births.filter(pl.col("birth_id").is_in(list(births_of(found, row))))[field].to_list())


def test_what_is_decided_is_done_and_verified(plan: Path, tmp_path: Path) -> None:
    """Duplicates are put together or apart, doubtful links too, values corrected; the next run verifies each, and one
    more without new decisions changes no byte.
    """
    first = everybirth.run(plan, tmp_path, seed=3)
    merged, apart = of_kind(first, "duplicate")[:2]
    joined, parted = of_kind(first, "uncertain-link")[:2]
    sex = of_kind(first, "disagreement", "sex")[0]
    date = of_kind(first, "disagreement", "birth_date")[0]
    name = of_kind(first, "disagreement", "mother_given_name")[0]
    other = "male" if sex["best"] == "female" else "female"
    decide(
        tmp_path,
        *((merged, "confirmed", None), (apart, "dismissed", None)),
        *((joined, "confirmed", None), (parted, "dismissed", None)),
        *((sex, "corrected", other), (date, "corrected", "2024-06-15"), (name, "corrected", "Nomvula")),
    )
    second = everybirth.run(plan, tmp_path, seed=3)
    state = {row["finding_id"]: row for row in second.findings.to_dicts()}
    for row in (merged, apart, joined, parted, sex, date, name):
        assert (state[row["finding_id"]]["status"], state[row["finding_id"]]["came_back"]) == ("verified", False)
    n_apart = apart["records"].count("; ") + 1  # of three records, too, no two stay together
    assert [len(births_of(second, row)) for row in (merged, apart, joined, parted)] == [1, n_apart, 1, 2]
    assert values_of(second, sex, "sex") == {other}
    assert [str(day) for day in values_of(second, date, "birth_date")] == ["2024-06-15"]
    assert values_of(second, name, "mother_given_name") == {"Nomvula"}
    before = digests(tmp_path)
    third = everybirth.run(plan, tmp_path, seed=3)
    assert digests(tmp_path) == before
    assert third.findings.equals(second.findings)
    decide(tmp_path, (sex, "open", None))
    fourth = everybirth.run(plan, tmp_path, seed=3)
    again = next(row for row in of_kind(fourth, "disagreement", "sex") if row["finding_id"] == sex["finding_id"])
    assert (again["status"], again["found"], again["first_seen"]) == ("open", sex["found"], 1)
    history = pl.read_parquet(tmp_path / HISTORY)
    assert history.filter(pl.col("area") == ALL)["run"].to_list() == [1, 2, 3]


def test_records_that_no_key_brings_together_are_joined_if_so_decided(plan: Path, tmp_path: Path) -> None:
    """A decision binds even where nothing agrees, and keeps the two records together in every draw."""
    first = everybirth.run(plan, tmp_path, seed=3)
    apart = first.links.unique("birth_id", keep="first", maintain_order=True).filter(pl.col("list") == "hospital")
    ids = apart["record_id"].to_list()[:2]
    row = {
        "finding_id": "F0000000000001",
        "kind": "duplicate",
        "records": "; ".join(f"hospital:{each}" for each in ids),
    }
    assert len(births_of(first, row)) == 2
    decide(tmp_path, (row, "confirmed", None))
    second = everybirth.run(plan, tmp_path, seed=3)
    assert len(births_of(second, row)) == 1
    assert second.links.height == first.links.height
    rows = second.links.with_row_index("row").filter(pl.col("record_id").is_in(ids))["row"].to_list()
    draws = pl.read_parquet(tmp_path / "draws.parquet").filter(pl.col("row").is_in(rows))
    moved = draws.group_by("draw").agg(pl.col("first_row").n_unique().alias("births"), pl.len().alias("n"))
    assert moved.filter((pl.col("births") > 1) | ((pl.col("n") == 1) & (pl.col("births") != 1))).height == 0


def test_a_value_said_to_be_wrong_counts_as_missing(plan: Path, tmp_path: Path) -> None:
    """From the next run on in the births and in linking; until a later decision has the right value."""
    first = everybirth.run(plan, tmp_path, seed=3)
    assert first.run["counts"]["since_last_run"] is None
    row = next(row for row in of_kind(first, "implausible", "registration_date") if len(on_register(first, row)) == 1)
    assert values_of(first, row, "registration_date") != {None}
    decide(tmp_path, (row, "confirmed", None))
    second = everybirth.run(plan, tmp_path, seed=3)
    assert values_of(second, row, "registration_date") == {None}
    state = {each["finding_id"]: each["status"] for each in second.findings.to_dicts()}
    assert state[row["finding_id"]] == "verified"
    assert second.run["counts"]["since_last_run"]["closed"] >= 1
    assert f"Closed since the last run: {second.run['counts']['since_last_run']['closed']}; came back: 0." in (
        second.summary()
    )
    decide(tmp_path, (row, "corrected", "2026/02/03"))
    third = everybirth.run(plan, tmp_path, seed=3)
    assert [str(day) for day in values_of(third, row, "registration_date")] == ["2026-02-03"]


def on_register(found: Result, row: dict[str, Any]) -> list[str]:
    """The register's records of the birth that a finding is about."""
    links = found.links.filter(pl.col("birth_id").is_in(list(births_of(found, row))))
    return links.filter(pl.col("list").cast(pl.String) == "register")["record_id"].to_list()


def test_a_rejected_row_is_in_the_workbook_of_its_area(tmp_path: Path) -> None:
    """Whatever the list calls its column of residences, and in whatever case it writes them."""
    births = people(60).with_columns(pl.format("b{}-1", pl.int_range(pl.len()) % 3).alias("residence"))
    lost = pl.DataFrame({"record_id": ["x1", "x2"], "residence": ["B2-7", None]})
    plan = write(tmp_path, {"hospital": pl.concat([births, lost], how="diagonal")})
    found = everybirth.run(plan)
    assert [row["area"] for row in of_kind(found, "rejected")] == ["B2", "unknown"]


def test_a_child_that_was_registered_is_verified_by_the_next_register(tmp_path: Path) -> None:
    """The register's next extract has it: verified. Another child said to be registered is not on it: it came back."""
    births = people(80)
    plan = write(tmp_path, {"hospital": births, "register": births[:70]}, of_list="")
    text = plan.read_text(encoding="utf-8").replace("[lists.register]\n", '[lists.register]\nrole = "civil-register"\n')
    plan.write_text(text, encoding="utf-8")
    first = everybirth.run(plan, tmp_path / "run")
    missing = of_kind(first, "not-registered")
    assert all(row["probability"] < 1.0 for row in missing)  # that no link was missed is never sure
    assert len(missing) == 10
    registered = next(row for row in missing if row["records"] == "hospital:r0070")
    claimed = next(row for row in missing if row["records"] == "hospital:r0075")
    decide(tmp_path / "run", (registered, "corrected", None), (claimed, "corrected", None))
    births[:71].write_csv(tmp_path / "register.csv")
    second = everybirth.run(plan, tmp_path / "run")
    state = {row["finding_id"]: (row["status"], row["came_back"]) for row in second.findings.to_dicts()}
    assert state[registered["finding_id"]] == ("verified", False)
    assert state[claimed["finding_id"]] == ("open", True)
    assert second.run["counts"]["findings"]["not-registered"] == 9


def test_contradictory_decisions_stop_a_run_and_name_the_findings(plan: Path, tmp_path: Path) -> None:
    """They cannot be taken in; should somebody write them into the file all the same, the run says which."""
    first = everybirth.run(plan, tmp_path, seed=3)
    row = of_kind(first, "duplicate")[0]
    decide(tmp_path, (row, "confirmed", None))
    line = (tmp_path / FILE).read_text(encoding="utf-8")
    contrary = line.replace(row["finding_id"], "F0000000000002").replace("confirmed", "dismissed")
    (tmp_path / FILE).write_text(line + contrary, encoding="utf-8")
    with pytest.raises(DataError, match=f"{row['finding_id']} make records one birth, F0000000000002 makes"):
        everybirth.run(plan, tmp_path, seed=3)


def test_findings_are_the_same_without_a_folder(plan: Path, tmp_path: Path) -> None:
    """A run that writes nothing finds the same, as a first run does."""
    written = everybirth.run(plan, tmp_path, seed=3)
    assert everybirth.run(plan, seed=3).findings.equals(written.findings)


def test_one_list_only(tmp_path: Path) -> None:
    """Without a register there are no children to register; duplicates are found all the same."""
    births = people(60)
    again = births[:4].with_columns(pl.format("again{}", "record_id").alias("record_id"))
    found = everybirth.run(write(tmp_path, {"hospital": pl.concat([births, again])}), tmp_path / "run")
    assert not of_kind(found, "not-registered")
    assert {row["list"] for row in found.findings.to_dicts()} <= {"hospital", None}


@pytest.mark.parametrize("lists", [("hospital",), ("hospital", "register")])
def test_no_births_at_all(tmp_path: Path, lists: tuple[str, ...]) -> None:
    """Empty lists give an empty table, twice."""
    plan = write(tmp_path, {name: people(3)[:0] for name in lists})
    for _ in range(2):
        assert everybirth.run(plan, tmp_path / "run").findings.height == 0


def test_decisions_about_other_lists_are_told_of_by_number(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the log nor run.json repeats a record, a value or a note."""
    births = people(60)
    plan = write(tmp_path, {"hospital": births, "register": births})
    everybirth.run(plan, tmp_path / "run")
    lost = {"finding_id": "F0000000000003", "kind": "disagreement", "field": "child_given_name"}
    lost |= {"records": "hospital:zqvx1; register:zqvx2"}
    decide(tmp_path / "run", (lost, "corrected", "zqvxname"))
    with caplog.at_level(logging.DEBUG):
        found = everybirth.run(plan, tmp_path / "run")
    assert any("not in the lists any more: 1 of 1" in warning for warning in found.run["warnings"])
    said = caplog.text + (tmp_path / "run" / "run.json").read_text(encoding="utf-8") + found.summary()
    assert "zqvx" not in said
    (row,) = [row for row in found.findings.to_dicts() if row["finding_id"] == lost["finding_id"]]
    assert (row["status"], row["corrected_value"]) == ("corrected", "zqvxname")
