"""The whole road on small worlds: what it writes, and that nothing is lost on the way."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.small_worlds import people, write

import everybirth
from everybirth.pipeline import Result
from everybirth.schema import MOTHER_ONLY_FOR_COMPARISON

LISTS = ["hospital", "community", "register"]
FIELDS = [
    "child_given_name", "child_family_name", "sex", "birth_date", "birth_weight", "plurality", "delivery_order",
    "mother_given_name", "mother_family_name", "mother_age", "father_given_name", "father_family_name", "birth_place",
    "residence", "site", "facility", "registration_date", "registration_number",
]  # fmt: skip
COMPARED = [
    "child_given_name", "child_family_name", "sex", "birth_date", "mother_given_name", "mother_family_name",
    "mother_birth_date", "mother_age", "father_given_name", "father_family_name", "phone", "residence", "birth_place",
    "facility", "site", "birth_weight", "plurality", "delivery_order", "registration_number",
]  # fmt: skip
THREE = ("births", "births_low", "births_high", "completeness", "completeness_low", "completeness_high")
WHERE = ["level", "area", "period", "sex", "site"]
COLUMNS = {
    "births": ["birth_id", *FIELDS, *(f"in_{name}" for name in LISTS), "n_records", "probability"],
    "links": ["list", "record_id", "birth_id", "probability"],
    "pairs": [
        "list_l", "record_id_l", "list_r", "record_id_r", "probability", "weight",
        *(f"level_{name}" for name in COMPARED),
    ],
    "rejected": ["list", "row", "reason", "content"],
    "draws": ["draw", "row", "first_row"],
    "estimates": [*WHERE, *(f"on_{name}" for name in LISTS), "distinct", *THREE, "method", "status"],
    "completeness": [*WHERE, "list", "measure", "listed", *THREE[3:], "status"],
    "sex_ratio": [
        "level", "area", "registered_girls", "registered_boys", "registered_ratio", "girls", "boys", "ratio",
        "ratio_low", "ratio_high", "shrunk", "shrunk_low", "shrunk_high", "expected", "funnel_low", "funnel_high",
        "completeness_girls", "completeness_boys", "gap", "gap_low", "gap_high", "unusual", "note",
    ],
    "counts": ["by", "value", "births"],
    "pooling": [*WHERE[1:], "lists", "listed", "missed", "unpooled", "shrinkage", "status"],
    "sensitivity": ["kind", "what", "odds_ratio", "known", "births", "births_low", "births_high", "note"],
    "findings": [
        "finding_id", "kind", "area", "birth_id", "records", "list", "field", "found", "best", "why", "probability",
        "status", "came_back", "first_seen", "last_seen", "decision", "corrected_value", "note", "decided",
    ],
    "findings_history": ["run", "area", "kind", "status", "findings", "outcome", "register"],
}  # fmt: skip


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated world of 400 births on three lists."""
    return everybirth.simulate(400, tmp_path_factory.mktemp("world"), seed=5)


@pytest.fixture(scope="module")
def result(plan: Path) -> Result:
    """Its run."""
    return everybirth.run(plan, plan.parent / "run", seed=1)


def test_a_run_writes_these_tables_with_these_columns(result: Result) -> None:
    """The folder holds the files of the contract, each with its columns, and nothing else."""
    assert result.out is not None
    assert sorted(file.name for file in result.out.iterdir()) == sorted(
        [*(f"{name}.parquet" for name in COLUMNS), "run.json", "report.html", "access.jsonl", "findings", "tables"]
    )
    found = {name: list(pl.read_parquet_schema(result.out / f"{name}.parquet")) for name in COLUMNS}
    assert found == COLUMNS


def test_the_result_is_what_the_files_hold(result: Result) -> None:
    """The tables that Python gets are those that are written."""
    assert result.out is not None
    tables = {"births": result.births, "links": result.links, "pairs": result.pairs, "rejected": result.rejected}
    tables |= {"findings": result.findings, "estimates": result.estimates}
    for name, table in (tables | result.estimated).items():
        written = pl.read_parquet(result.out / f"{name}.parquet")
        assert written.with_columns(pl.col(pl.Enum).cast(pl.String)).equals(
            table.with_columns(pl.col(pl.Enum).cast(pl.String))
        )


def test_run_json_says_how_the_run_went(result: Result) -> None:
    """run.json has these keys; the steps are those of the road, in its order."""
    assert result.out is not None
    run = json.loads((result.out / "run.json").read_text(encoding="utf-8"))
    assert set(run) == {"version", "plan", "seed", "counts", "linking", "estimate", "steps", "warnings"}
    assert set(run["counts"]) == {
        "rows", "rejected", "records", "births", "births_on", "births_on_one_list", "repeated", "pairs_kept",
        "findings", "since_last_run",
    }  # fmt: skip
    assert set(run["linking"]) == {
        "rules", "oversized_blocks", "pairs_scanned", "pairs_compared", "pairs_weighed", "blocking_recall",
        "hidden_pairs", "rounds", "log_posterior", "prior", "levels", "components_sampled", "components_cut",
    }  # fmt: skip
    assert {"births", "completeness", "given", "status", "variance_share_of_linkage"} <= set(run["estimate"])
    steps = "read standardise block weigh compare resolve estimate findings tables release write workbooks report"
    assert [step["step"] for step in run["steps"]] == steps.split()
    assert all(set(step) == {"step", "seconds", "peak_mb"} for step in run["steps"])
    assert (run["version"], run["seed"]) == (everybirth.__version__, 1)
    assert list(run["linking"]["levels"]) == sorted(COMPARED)


def test_births_and_links_tell_the_same(result: Result) -> None:
    """Each birth counts its records and says which lists hold it, exactly as the links do; ids are distinct."""
    links = result.links.with_columns(pl.col("list").cast(pl.String))
    counted = links.group_by("birth_id").agg(pl.len().cast(pl.UInt16).alias("n_records"), *(
        (pl.col("list") == name).any().alias(f"in_{name}") for name in LISTS
    )).sort("birth_id")  # fmt: skip
    assert result.births.select(counted.columns).equals(counted)
    assert result.births["birth_id"].n_unique() == result.births.height
    for table in (result.births, result.links, result.pairs):
        assert table["probability"].is_between(0, 1).all()


def test_pairs_are_once_each_and_above_the_floor(result: Result) -> None:
    """Each kept pair is there once, of two different records that are linked, at a probability of 0.01 or more."""
    ends = result.pairs.select("list_l", "record_id_l", "list_r", "record_id_r")
    assert ends.n_unique() == result.pairs.height > 300
    assert result.pairs["probability"].min() >= np.float32(0.01)
    for side in "lr":
        keys = result.pairs.select(pl.col(f"list_{side}").alias("list"), pl.col(f"record_id_{side}").alias("record_id"))
        assert keys.join(result.links, on=["list", "record_id"], how="anti").height == 0


def test_draws_are_partitions(result: Result) -> None:
    """Applied to the best partition, each draw again puts every record into one birth, led by its first record."""
    assert result.out is not None
    draws = pl.read_parquet(result.out / "draws.parquet")
    rows = np.arange(result.links.height)
    first = pl.DataFrame({"birth_id": result.links["birth_id"], "row": rows})
    base = first.with_columns(pl.col("row").min().over("birth_id"))["row"].to_numpy()
    assert 0 < draws["draw"].n_unique() <= 100
    for (_,), changed in draws.group_by("draw"):
        label = base.copy()
        label[changed["row"].to_numpy()] = changed["first_row"].to_numpy()
        assert (label != base).any()
        leaders = np.unique(label)
        assert (label[leaders] == leaders).all()
        assert (label <= rows).all()


def test_counts_add_up(result: Result) -> None:
    """Every way to count gives the same births, and run.json the same as the tables."""
    counts = result.run["counts"]
    for (_,), part in result.estimated["counts"].group_by("by"):
        assert part["births"].sum() == result.births.height
    assert counts["births"] == result.births.height
    assert counts["births_on"] == {name: result.births[f"in_{name}"].sum() for name in LISTS}
    total = result.estimates.filter(pl.col("level") == "total")
    assert total["distinct"].item() == result.births.height
    assert total["births"].item() == result.run["estimate"]["births"]["estimate"]


Damage = Callable[[str], str]
DAMAGES: dict[str, Damage] = {
    "none": lambda line: line,
    "no id": lambda line: "," + line.split(",", 1)[1],
    "nothing but an id": lambda line: line.split(",", 1)[0] + ",,,,,",
    "a field too few": lambda line: line.rsplit(",", 1)[0],
    "two fields too many": lambda line: line + ",x,y",
    "no date, and placeholders for names": lambda line: line.split(",", 1)[0] + ",unnamed,-,?,,",
    "no date": lambda line: line.rsplit(",", 1)[0] + ",",
}


@given(st.lists(st.sampled_from(list(DAMAGES)), min_size=60, max_size=60))
@settings(max_examples=12)
def test_nothing_is_lost(tmp_path_factory: pytest.TempPathFactory, damages: list[str]) -> None:
    """Rows read are rows linked plus rows rejected, for every list, however rows are broken; each row once."""
    folder = tmp_path_factory.mktemp("broken")
    whole = people(60)
    plan = write(folder, {"a": whole, "b": whole[20:]})
    header, *lines = (folder / "a.csv").read_text().splitlines()
    broken = [DAMAGES[damage](line) for damage, line in zip(damages, lines, strict=True)]
    (folder / "a.csv").write_text("\n".join([header, *broken]) + "\n")
    found = everybirth.run(plan)
    linked = dict(found.links.with_columns(pl.col("list").cast(pl.String)).group_by("list").len().iter_rows())
    rejected = dict(found.rejected.group_by("list").len().iter_rows())
    assert found.run["counts"]["rows"] == {"a": 60, "b": 40}
    assert linked.get("a", 0) + rejected.get("a", 0) == 60
    assert (linked["b"], rejected.get("b", 0)) == (40, 0)
    assert found.run["counts"]["rejected"] == {"a": rejected.get("a", 0), "b": 0}
    unusable = {2 + row for row, damage in enumerate(damages) if damage not in ("none", "no date")}
    assert set(found.rejected["row"]) == unusable
    assert found.links.select("list", "record_id").n_unique() == found.links.height


def test_what_serves_the_comparison_only_is_not_written(tmp_path: Path) -> None:
    """No table and not run.json holds a mother's id, birth date or phone, though pairs were compared on them."""
    n = 80
    mothers = people(n).with_columns(
        mother_id=pl.Series([f"MID{number:05}" for number in range(n)]),
        phone=pl.Series([f"0991{number:06}" for number in range(n)]),
        mother_birth_date=pl.Series([f"19{70 + number % 25}-{1 + number % 12:02}-17" for number in range(n)]),
    )
    found = everybirth.run(write(tmp_path, {"a": mothers[:60], "b": mothers[20:]}), tmp_path / "out")
    assert {f"level_{name}" for name in MOTHER_ONLY_FOR_COMPARISON} <= set(found.pairs.columns)
    assert not set(MOTHER_ONLY_FOR_COMPARISON) & set(found.births.columns)
    hidden = {str(value) for name in MOTHER_ONLY_FOR_COMPARISON for value in mothers[name]}
    assert found.out is not None
    for file in found.out.glob("*.parquet"):
        for column in pl.read_parquet(file).with_columns(pl.all().cast(pl.String)).iter_columns():
            assert not hidden & set(column), f"{file.name}: {column.name}"
    assert not [value for value in hidden if value in (found.out / "run.json").read_text()]
