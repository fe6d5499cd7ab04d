"""What may not change a result: the order of rows, threads, the engine, other people's births; and what may."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.small_worlds import digests, people, write

import everybirth

LISTS = ("hospital", "community", "register")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated world of 300 births on three lists, faulty enough for some links to be in doubt."""
    return everybirth.simulate(300, tmp_path_factory.mktemp("world"), seed=8, noise="heavy", file_format="csv")


@pytest.fixture(scope="module")
def expected(plan: Path) -> dict[str, str]:
    """The digests of its run on one thread."""
    everybirth.run(plan, plan.parent / "run", threads=1, seed=4)
    assert pl.read_parquet(plan.parent / "run" / "draws.parquet").height > 0
    return digests(plan.parent / "run")


def shuffled(plan: Path, folder: Path, seed: int) -> Path:
    """The same lists, the rows of each file in another order."""
    rng = np.random.default_rng(seed)
    for name in LISTS:
        header, *lines = (plan.parent / f"{name}.csv").read_bytes().splitlines()
        (folder / f"{name}.csv").write_bytes(b"\n".join([header, *rng.permutation(np.array(lines, object))]) + b"\n")
    copied = folder / "everybirth.toml"
    copied.write_bytes(plan.read_bytes())
    return copied


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_changes_no_byte(plan: Path, expected: dict[str, str], tmp_path: Path, seed: int) -> None:
    """Shuffled files give the same bytes in every table."""
    everybirth.run(shuffled(plan, tmp_path, seed), tmp_path / "run", threads=1, seed=4)
    assert digests(tmp_path / "run") == expected


def test_the_number_of_threads_changes_no_byte(plan: Path, expected: dict[str, str], tmp_path: Path) -> None:
    """Two threads give the same bytes as one; so does the same run again."""
    for threads in (2, 1):
        everybirth.run(plan, tmp_path / "run", threads=threads, seed=4)
        assert digests(tmp_path / "run") == expected


def test_spark_changes_no_byte(plan: Path, expected: dict[str, str], tmp_path: Path) -> None:
    """The run on Spark gives the same bytes as on this computer's threads."""
    everybirth.run(plan, tmp_path / "run", threads=2, engine="spark", seed=4)
    assert digests(tmp_path / "run") == expected


def test_another_seed_changes_the_draws_only(plan: Path, expected: dict[str, str], tmp_path: Path) -> None:
    """Births, links and pairs do not hang on the seed; draws, and what is estimated over them, do."""
    everybirth.run(plan, tmp_path / "run", threads=1, seed=5)
    found = digests(tmp_path / "run")
    same = {name.removesuffix(".parquet") for name in found if found[name] == expected[name]}
    assert {"births", "links", "pairs", "rejected", "counts"} <= same
    assert not {"draws", "estimates"} & same


def test_other_births_do_not_rename_a_birth(plan: Path, expected: dict[str, str], tmp_path: Path) -> None:
    """A hundred births more on the lists: those that were there keep their records and ids, but for a few in doubt."""
    assert expected
    more = everybirth.simulate(100, tmp_path, seed=99, noise="heavy", file_format="csv")
    for name in LISTS:
        own, others = (pl.read_csv(folder / f"{name}.csv", infer_schema=False) for folder in (plan.parent, tmp_path))
        others = others.with_columns(pl.format("other {}", "record_id").alias("record_id"))
        pl.concat([own, others], how="diagonal").select(own.columns).write_csv(tmp_path / f"{name}.csv")
    before = pl.read_parquet(plan.parent / "run" / "links.parquet")
    both = before.join(everybirth.run(more, seed=4).links, on=["list", "record_id"], suffix="_after")
    assert both.height == before.height
    assert (both["birth_id"] == both["birth_id_after"]).mean() > 0.99
    members = both.group_by("birth_id").agg(pl.col("birth_id_after").n_unique().alias("n"))
    whole = both.join(members.filter(pl.col("n") == 1), on="birth_id", how="semi")
    moved = whole.group_by("birth_id_after").agg(pl.col("birth_id").n_unique().alias("n")).filter(pl.col("n") > 1)
    kept = whole.join(moved, on="birth_id_after", how="anti")
    assert (kept["birth_id"] == kept["birth_id_after"]).all()


def test_an_empty_column_changes_nothing(tmp_path: Path) -> None:
    """A column that holds nothing is as good as no column."""
    births = people(120)
    lists = {"a": births[:90], "b": births[40:]}
    without = everybirth.run(write(tmp_path / "without", lists))
    empty = pl.lit(None, pl.String)
    with_empty = {name: part.with_columns(phone=empty, father_given_name=empty) for name, part in lists.items()}
    found = everybirth.run(write(tmp_path / "with", with_empty))
    assert found.links.equals(without.links)
    assert found.pairs.equals(without.pairs)


def test_an_empty_list_changes_no_link(tmp_path: Path) -> None:
    """A list with a header and no rows is told of, holds no birth, and leaves the others' links as they were."""
    births = people(120)
    lists = {"a": births[:90], "b": births[40:]}
    without = everybirth.run(write(tmp_path / "without", lists))
    found = everybirth.run(write(tmp_path / "with", {**lists, "none": births.clear()}))
    kept = ["record_id", "birth_id"]
    assert found.links.select(kept).equals(without.links.select(kept))
    assert not found.births["in_none"].any()
    assert any(warning.startswith("none: the list is empty") for warning in found.run["warnings"])
