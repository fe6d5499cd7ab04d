"""Lists that nobody planned for: the road is walked to its end, and nothing is lost."""

from pathlib import Path

import polars as pl
import pytest
from tests.small_worlds import joined, people, words, write

import everybirth
from everybirth.evaluate import score_clusters
from everybirth.pipeline import Result

ARABIC = "ابتجحدرزسشعفقكلمنهوي"
CHINESE = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
DEVANAGARI = "कखगघचछजझटठडढणतथदधनपफबभमयरलवशसह"


def whole(found: Result, rows: int) -> bool:
    """Every row is linked or rejected, every linked one to a birth that is there."""
    known = found.links.join(found.births, on="birth_id", how="semi").height == found.links.height
    return known and found.links.height + found.rejected.height == rows == sum(found.run["counts"]["rows"].values())


@pytest.mark.parametrize("births", [0, 1, 2])
def test_hardly_any_births(tmp_path: Path, births: int) -> None:
    """A world of no birth, one, or two goes through, and is not given an estimate."""
    plan = everybirth.simulate(births, tmp_path, seed=3)
    truth = pl.read_parquet(tmp_path / "truth.parquet").drop_nulls("list")
    found = everybirth.run(plan, tmp_path / "run")
    assert whole(found, truth.height)
    assert found.births.height <= truth.height
    assert found.run["estimate"]["status"].startswith("refused")
    assert found.summary()


def test_two_records_in_all(tmp_path: Path) -> None:
    """One record on each of two lists: both are kept."""
    one = people(1)
    assert whole(everybirth.run(write(tmp_path, {"a": one, "b": one})), 2)


def test_one_list_is_cleared_of_repeats(tmp_path: Path) -> None:
    """A single register with many repeats: records are put together as the truth has them; no estimate is made up."""
    plan = everybirth.simulate(500, tmp_path, seed=2, lists=1, noise="light")
    truth = pl.read_parquet(tmp_path / "truth.parquet").drop_nulls("list")
    found = everybirth.run(plan)
    assert whole(found, truth.height)
    assert found.run["counts"]["repeated"] > 0.05 * truth.height
    assert (score_clusters(found.links, truth).clusters.f1 or 0) > 0.97
    assert found.run["estimate"]["births"] is None


def test_ten_lists(tmp_path: Path) -> None:
    """Ten lists are linked as well as three."""
    plan = everybirth.simulate(60, tmp_path, seed=3, lists=10)
    truth = pl.read_parquet(tmp_path / "truth.parquet").drop_nulls("list")
    found = everybirth.run(plan)
    assert whole(found, truth.height)
    assert (score_clusters(found.links, truth).clusters.f1 or 0) > 0.98
    assert len(found.run["counts"]["births_on"]) == 10


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (["birth_date"], ["birth_date"]),
        (["child_given_name"], ["child_given_name"]),
        (["birth_date"], ["child_given_name"]),
    ],
)
def test_lists_with_dates_only_or_names_only(tmp_path: Path, first: list[str], second: list[str]) -> None:
    """With one field in a list too little is known to put anything together, and nothing is."""
    births = people(200)
    plan = write(tmp_path, {"a": births.select("record_id", *first), "b": births.select("record_id", *second)})
    found = everybirth.run(plan)
    assert whole(found, 400)
    assert found.births.height > 350


def test_a_list_with_less_than_the_others(tmp_path: Path) -> None:
    """A list without dates is linked by its names."""
    births = people(200)
    found = everybirth.run(write(tmp_path, {"a": births, "b": births.drop("birth_date")}))
    assert whole(found, 400)
    assert found.births.height == 200


def test_one_giant_block(tmp_path: Path) -> None:
    """5,000 records of one name and day are not compared each with each: the run says so, and keeps them apart."""
    n = 5000
    weight = (2500 + pl.int_range(n) * 37 % 2000).cast(pl.Int64)
    births = pl.select(
        pl.format("r{}", pl.int_range(n)).alias("record_id"),
        pl.lit("Amina").alias("child_given_name"),
        pl.lit("Banda").alias("child_family_name"),
        pl.lit("2024-01-01").alias("birth_date"),
        weight.alias("birth_weight"),
        pl.format("F{}", pl.int_range(n) * 61 % 499).alias("facility"),
    )
    found = everybirth.run(write(tmp_path, {"a": births[: n // 2], "b": births[n // 2 :]}))
    assert whole(found, n)
    assert found.births.height > 0.9 * n
    assert found.run["linking"]["pairs_scanned"] < n * 300 * len(found.run["linking"]["rules"])
    assert any("nearest neighbours only" in warning for warning in found.run["warnings"])


def test_everyone_is_identical(tmp_path: Path) -> None:
    """300 records that say the same of everybody: a shared name and day are no evidence, so none is put together."""
    births = people(300).with_columns(pl.all().exclude("record_id").first())
    found = everybirth.run(write(tmp_path, {"a": births[:150], "b": births[150:]}))
    assert whole(found, 300)
    assert found.births.height > 250


@pytest.mark.parametrize(("letters", "length"), [(CHINESE, 2), (ARABIC, 5), (DEVANAGARI, 4)])
def test_names_of_other_scripts(tmp_path: Path, letters: str, length: int) -> None:
    """Chinese, Arabic and Devanagari names link as Latin ones do, and are written as they were read."""
    births = people(300, letters=letters, length=length)
    found = everybirth.run(write(tmp_path, {"a": births[:200], "b": births[100:]}))
    assert whole(found, 400)
    assert found.births.height == 300
    assert found.births["n_records"].sort().to_list() == [1] * 200 + [2] * 100
    assert set(found.births["child_family_name"]) == set(births["child_family_name"])


def test_a_name_of_300_characters(tmp_path: Path) -> None:
    """A very long name is compared and written whole."""
    long = " ".join(words(30, seed=1, length=9)).capitalize()[:300].strip()
    first = pl.int_range(pl.len()) == 0
    births = people(100).with_columns(child_given_name=pl.when(first).then(pl.lit(long)).otherwise("child_given_name"))
    found = everybirth.run(write(tmp_path, {"a": births, "b": births}))
    assert whole(found, 200)
    held = found.births.filter(pl.col("child_given_name").str.len_chars() > 200)
    assert (held["n_records"].to_list(), held["child_given_name"].to_list()) == ([2], [long])


def siblings(n_mothers: int) -> pl.DataFrame:
    """Mothers with one to three deliveries, fourteen months apart or more; all but the child's own fields are alike."""
    family, given, father = (words(n_mothers, seed) for seed in (1, 2, 3))
    names = iter(words(3 * n_mothers, 4))
    rows = [
        {
            "child": f"{mother}-{turn}",
            "mother": mother,
            "child_given_name": next(names),
            "child_family_name": family[mother],
            "mother_given_name": given[mother],
            "mother_family_name": family[mother],
            "mother_birth_date": f"19{75 + mother % 23}-{1 + mother % 12:02}-{1 + mother % 28:02}",
            "father_given_name": father[mother],
            "phone": f"0991{mother * 7919 % 1000003:06}",
            "residence": f"01-{mother % 20:02}",
            "sex": ("female", "male")[(mother + turn) % 2],
            "birth_date": f"{2021 + turn}-{1 + (mother + 3 * turn) % 12:02}-{1 + mother * 5 % 28:02}",
        }
        for mother in range(n_mothers)
        for turn in range(1 + mother % 3)
    ]
    return pl.DataFrame(rows)


def test_siblings_are_kept_apart(tmp_path: Path) -> None:
    """Over three years a mother has several deliveries: no birth mixes two, and no pair that is kept joins two."""
    everyone = siblings(250)
    lists = {
        name: everyone.gather_every(4, offset).vstack(everyone.gather_every(4, offset + 1))
        .with_columns(record_id=pl.format("{}{}", pl.lit(name), "child"))
        for offset, name in enumerate("abc")
    }  # fmt: skip
    found = everybirth.run(write(tmp_path, {name: part.drop("child", "mother") for name, part in lists.items()}))
    truth = pl.concat([part.select(pl.lit(name).alias("list"), "record_id", "child") for name, part in lists.items()])
    linked = joined(found.links, truth)
    assert whole(found, truth.height)
    assert linked.group_by("birth_id").agg(pl.col("child").n_unique())["child"].max() == 1
    assert found.births.height == truth["child"].n_unique()
    child = dict(zip(truth["record_id"], truth["child"], strict=True))
    kept = found.pairs.select("record_id_l", "record_id_r").iter_rows()
    assert all(child[left] == child[right] for left, right in kept)


@pytest.mark.parametrize("left_out", ["hospital", "community"])
def test_two_lists_go_the_whole_road(tmp_path: Path, left_out: str) -> None:
    """Two of the three simulated lists: mothers' names that only lack a part are resolved, and no run ends on them."""
    plan = everybirth.simulate(1500, tmp_path, seed=3)
    text = plan.read_text(encoding="utf-8")
    head, *lists = text.split("\n[lists.")
    parts = [part for part in lists if not part.startswith(left_out)]
    plan.write_text("\n[lists.".join([head, *parts]), encoding="utf-8")
    result = everybirth.run(plan, tmp_path / "run")
    assert result.births.height > 1000
    assert (tmp_path / "run" / "report.html").exists()


def test_an_area_without_findings_any_more(tmp_path: Path) -> None:
    """Between two runs all records of one area leave the lists, and those without an area; progress is told all the
    same.
    """
    plan = everybirth.simulate(400, tmp_path, seed=4, file_format="csv")
    first = everybirth.run(plan, tmp_path / "run")
    area = first.findings["area"].drop_nulls().cast(pl.String).value_counts(sort=True)["area"].to_list()[-1]
    for path in tmp_path.glob("*.csv"):
        rows = pl.read_csv(path, infer_schema=False)
        place = pl.col("residence").fill_null("")
        rows.filter(~place.str.starts_with(area) & (place != "")).write_csv(path)
    second = everybirth.run(plan, tmp_path / "run")
    assert second.births.height < first.births.height
    assert (tmp_path / "run" / "tables" / "findings_progress.csv").exists()
