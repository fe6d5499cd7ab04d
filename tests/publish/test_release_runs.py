"""Releases of real runs: nothing hidden can be worked out of them, also after decisions; and what they say of runs."""

import csv
import re
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.publish.attacker import Attacker
from tests.publish.attacker_findings import told
from tests.publish.expected import OF_TENS
from tests.test_pipeline_findings import decide

import everybirth
from everybirth.pipeline import Result
from everybirth.publish.disclosure import Cells
from everybirth.publish.disclosure.known import small
from everybirth.publish.findings.fate import ALL
from everybirth.publish.release import read_release
from everybirth.publish.tabulate import control
from everybirth.publish.tabulate.findings import BY_ORDER, how
from everybirth.tables import BoolArray

THRESHOLD = 10
UNUSABLE = {"hospital": 4, "community": 30, "register": 25}
PARTS = ("tables", "findings.parquet", "findings_history.parquet", "births.parquet")


def spoiled(folder: Path) -> None:
    """Rows that cannot be used in every list, few in one; and a few weights of the hospital that are not rounded."""
    for name, n in UNUSABLE.items():
        frame = pl.read_csv(folder / f"{name}.csv", infer_schema=False)
        blank = {column: [None] * n for column in frame.columns} | {"record_id": [f"X{k}" for k in range(n)]}
        if name == "hospital":
            odd = pl.col("birth_weight").is_not_null() & (pl.int_range(pl.len()) % 150 == 7)
            weight = (pl.col("birth_weight").cast(pl.Float64) + 3).cast(pl.Int64).cast(pl.String)
            frame = frame.with_columns(birth_weight=pl.when(odd).then(weight).otherwise("birth_weight"))
        pl.concat([frame, pl.DataFrame(blank, schema=frame.schema)]).write_csv(folder / f"{name}.csv")


def register_some(folder: Path, births: pl.DataFrame, registered: list[str]) -> None:
    """Enter births in the register, as an office does that found them missing."""
    register = pl.read_csv(folder / "register.csv", infer_schema=False)
    some = births.filter(pl.col("birth_id").is_in(registered)).sort("birth_id")
    same = [pl.col(name).cast(pl.String) for name in register.columns if name in births.columns]
    new = some.select(same).with_columns(record_id=pl.format("N{}", pl.int_range(pl.len())))
    pl.concat([register, new], how="diagonal").write_csv(folder / "register.csv")


def first_run(folder: Path) -> tuple[Path, Result]:
    """A simulated world with rows that cannot be used: its plan, and the first run of it."""
    plan = everybirth.simulate(1500, folder, seed=5, file_format="csv")
    spoiled(folder)
    return plan, everybirth.run(plan, folder / "run", seed=3)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs into one folder, "one" and "two" their releases; offices decided about findings between them."""
    folder = tmp_path_factory.mktemp("world")
    plan, first = first_run(folder)
    keep(folder, "one")
    areas = first.findings.filter(pl.col("kind") == "not-registered").group_by("area").len().sort("len", "area")
    area = areas.filter(pl.col("len") > 20)["area"][0]
    missing = first.findings.filter((pl.col("kind") == "not-registered") & (pl.col("area") == area)).to_dicts()
    others = [first.findings.filter(pl.col("kind") == kind).to_dicts() for kind in ("duplicate", "disagreement")]
    decide(
        folder / "run",
        *((row, "confirmed", None) for row in missing[:3]),
        *((row, "corrected", None) for row in missing[3:15]),
        *((row, "dismissed", None) for row in others[0][:2]),
        *((row, "confirmed", None) for row in others[1][:2]),
    )
    register_some(folder, first.births, [row["birth_id"] for row in missing[3:15]])
    everybirth.run(plan, folder / "run", seed=3)
    keep(folder, "two")
    return folder


def keep(folder: Path, name: str) -> None:
    """Copy what a run left that the tests look at."""
    for part in PARTS:
        source, target = folder / "run" / part, folder / name / part
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            target.parent.mkdir(exist_ok=True)
            shutil.copy(source, target)


def rows_of(run: Path, table: str) -> list[dict[str, str]]:
    """A published table as its file has it."""
    with (run / "tables" / f"{table}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", ["one", "two"])
def test_nothing_hidden_can_be_worked_out_of_a_run(world: Path, name: str) -> None:
    """From the files alone, and what is easily guessed beside them: all that is decided is still there, or all gone."""
    attacker = told(Attacker(world / name / "tables"), world / name)
    assert len(attacker.hidden) > 40
    assert attacker.derivable(THRESHOLD) == []
    assert attacker.numbers_in_texts() == []
    rejected = {row["list"]: row["rejected"] for row in rows_of(world / name, "list_quality")}
    assert rejected["hospital"] == ".."
    total = rows_of(world / name, "births_by_area_sex")[-1]
    assert ".." not in total.values()  # what is hidden costs no total


def test_a_few_confirmed_findings_are_not_the_rest_of_others(world: Path) -> None:
    """After the decisions three children of an area stand as confirmed: a hidden count."""
    kind = ("not-registered", "confirmed")
    confirmed = [row for row in rows_of(world / "two", "findings") if (row["kind"], row["status"]) == kind]
    assert {row["findings"] for row in confirmed} == {".."}
    found = pl.read_parquet(world / "two" / "findings.parquet")
    assert found.filter((pl.col("kind") == "not-registered") & (pl.col("status") == "confirmed")).height == 3


@pytest.mark.parametrize("births", [150, 400])
def test_nothing_hidden_can_be_worked_out_of_small_areas(tmp_path: Path, births: int) -> None:
    """Five areas of some thirty or eighty births each, by month."""
    plan = everybirth.simulate(births, tmp_path, seed=births, file_format="csv")
    limited(plan, "register_within_days = 60")
    everybirth.run(plan, tmp_path / "run")
    attacker = told(Attacker(tmp_path / "run" / "tables"), tmp_path / "run")
    assert attacker.hidden
    assert attacker.derivable(THRESHOLD) == []


def limited(plan: Path, *more: str) -> None:
    """Divide a plan's estimates by month, and nothing else than what is said."""
    text = re.sub(r"\n\[estimate\]\n[^\[]*", "\n", plan.read_text(encoding="utf-8"))
    plan.write_text("\n".join([text, "[estimate]", 'period = "month"', *more, ""]), encoding="utf-8")


def only_small(cells: Cells, threshold: int) -> BoolArray:
    """Hide small counts and nothing else."""
    hidden = np.zeros(len(cells), dtype=bool)
    chosen = cells.stands_in[small(cells, threshold)]
    hidden[chosen[chosen >= 0]] = True
    return hidden


def test_the_attacker_finds_what_a_run_does_not_protect(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With small counts hidden and nothing else, he works out rejected rows, findings and days from other tables."""
    shutil.copytree(world, tmp_path / "world")
    monkeypatch.setattr(control, "protect", only_small)
    everybirth.run(tmp_path / "world" / "everybirth.toml", tmp_path / "world" / "run", seed=3)
    found = Attacker(tmp_path / "world" / "run" / "tables")
    found = told(found, tmp_path / "world" / "run").derivable(THRESHOLD)
    assert any(text.startswith("list_quality.rejected") and text.endswith(": 4 to 4") for text in found)
    assert any("not-registered" in text and "confirmed" in text and text.endswith(": 3 to 3") for text in found)
    assert any(text.startswith("heaping") for text in found)


def test_the_attacker_turns_round_what_is_made_of_hidden_records(world: Path, tmp_path: Path) -> None:
    """If what is expected were made of all records, hidden weights would follow; the days', how many have a date."""
    shutil.copytree(world / "one" / "tables", tmp_path / "tables")
    lists = pl.read_csv(world / "hospital.csv", infer_schema=False)
    tens = lists.filter(pl.col("birth_weight").cast(pl.Float64) % 10 == 0).height
    rows = rows_of(world / "one", "heaping")
    for row in rows:
        if row["list"] == "hospital" and row["value"] in OF_TENS:
            row["expected"] = str(round(OF_TENS[row["value"]] * tens, 1))
    with (tmp_path / "tables" / "heaping.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    found = told(Attacker(tmp_path / "tables"), world / "one").derivable(THRESHOLD)
    assert any("not a multiple of 10" in text for text in found)


def test_progress_is_what_each_run_counted(world: Path) -> None:
    """Findings by run, area, kind and status are those of the history, where they are shown; one run has none."""
    assert "findings_progress" not in read_release(world / "one").tables
    assert "one run" in read_release(world / "one").omitted["findings_progress"]
    table = read_release(world / "two").tables["findings_progress"].frame
    history = pl.read_parquet(world / "two" / "findings_history.parquet").filter(pl.col("area") != ALL)
    known = {
        (str(row[0]), *row[1:4]): row[4]
        for row in history.select("run", "area", "kind", "status", "findings").iter_rows()
    }
    shown = 0
    for *key, n in table.filter(pl.col("area") != "total").iter_rows():
        if n is not None:
            assert known[tuple(key)] == n
            shown += 1
    assert shown > 10
    assert set(table["run"]) == {"1", "2"}
    assert {"open", "verified", "gone"} & set(table["status"]) >= {"open", "verified"}


def test_how_disagreements_were_resolved(world: Path) -> None:
    """Each disagreement of a field stands under what decided, and there are no words that no rule knows."""
    found = pl.read_parquet(world / "one" / "findings.parquet").filter(pl.col("kind") == "disagreement")
    told_by = found.select("field", "why", how(pl.col("why")).alias("how"))
    assert set(told_by.filter(pl.col("how") == BY_ORDER)["why"]) <= {"evenly divided; the first record's"}
    counted = {row[:2]: row[2] for row in told_by.group_by("field", "how").len().iter_rows()}
    table = read_release(world / "one").tables["disagreements_resolved"].frame
    for field, decided_by, n in table.iter_rows():
        assert n in (None, counted[field, decided_by])
    assert table["births"].drop_nulls().len() > 10


def test_months_have_births_that_happened_and_completeness(tmp_path: Path) -> None:
    """Where the plan divides by month, estimates stand beside counts for each."""
    plan = everybirth.simulate(2000, tmp_path, seed=4, file_format="csv")
    limited(plan)
    everybirth.run(plan, tmp_path / "run")
    release = read_release(tmp_path / "run")
    table = release.tables["adjusted_births"].frame.filter(pl.col("level") == "month")
    assert table["value"].to_list() == [f"2024-{month:02d}" for month in range(1, 13)]
    assert table["births"].null_count() < 7
    assert (table["completeness"].drop_nulls().is_between(0.3, 1.0)).all()
    lists = release.tables["completeness"].frame.filter((pl.col("level") == "month") & (pl.col("list") == "register"))
    assert lists["completeness"].drop_nulls().len() > 5
