"""What the published tables say: the right counts, the same everywhere, and nothing of a person."""

import csv
import datetime as dt
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.publish.worlds import RULES, births, source

import everybirth
from everybirth.publish.release import Release, read_release
from everybirth.publish.tabulate import tabulate

GOLDEN = Path(__file__).parent / "golden" / "release.txt"
ALL_SHOWN = replace(RULES, threshold=1)


def frame_of(release: Release, name: str) -> pl.DataFrame:
    """A table's frame."""
    return release.tables[name].frame


def test_counts_are_those_of_the_births() -> None:
    """With nothing hidden, each table counts what a plain count gives."""
    found = births(np.random.default_rng(6), 800, 3)
    release = tabulate(source(found, rules=ALL_SHOWN))
    assert not any(release.hidden.values())
    for row in frame_of(release, "births_by_area_sex").iter_rows(named=True):
        some = found.filter(
            (pl.col("area") == row["area"]) | (row["area"] == "total"),
            (pl.col("sex").fill_null("unknown") == row["sex"]) | (row["sex"] == "total"),
        )
        assert (row["births"], row["registered"]) == (some.height, some["in_register"].sum())
    for row in frame_of(release, "overlap").iter_rows(named=True):
        same = [pl.col(f"in_{name}") == (row[name] == "yes") for name in ("hospital", "community", "register")]
        assert row["births"] == found.filter(*same).height
    weights = dict(frame_of(release, "births_by_weight_class").select("weight_class", "births").iter_rows())
    assert weights["2500-2999"] == found.filter(pl.col("birth_weight").is_between(2500, 2999)).height
    ages = dict(frame_of(release, "births_by_mother_age").select("mother_age", "births").iter_rows())
    assert ages["under 15"] == found.filter(pl.col("mother_age") < 15).height
    assert ages["20-24"] == found.filter(pl.col("mother_age").is_between(20, 24)).height


def test_time_to_registration_is_in_the_right_class() -> None:
    """30 days are within 30 days, 31 are not; what was registered before the birth, or undated, is not stated."""
    days = [0, 30, 31, 90, 91, 365, 366, 1825, 1826, -1, None]
    born = dt.date(2024, 1, 1)
    found = pl.DataFrame(
        {
            "area": ["01"] * len(days),
            "sex": ["female", "male"] * 5 + ["male"],
            "birth_date": [born] * len(days),
            "registration_date": [None if day is None else born + dt.timedelta(days=day) for day in days],
            "in_hospital": [True] * len(days),
            "in_register": [True] * len(days),
        },
        schema_overrides={"registration_date": pl.Date},
    ).with_columns(birth_weight=3000.0, site=pl.lit("home"))
    release = tabulate(source(found, ("hospital", "register"), ALL_SHOWN))
    table = frame_of(release, "timeliness").filter(pl.col("level") == "total")
    assert table["registered"].to_list() == [2, 2, 2, 2, 1, 2]
    assert table["share"].to_list() == [round(n / 11, 4) for n in (2, 2, 2, 2, 1, 2)]
    years = frame_of(release, "occurrence_by_registration_year")
    assert dict(years.select("registration_year", "registered").iter_rows())["2024"] == 6
    in_time = frame_of(release, "completeness").filter(pl.col("measure") == "registered within 90 days")
    assert in_time.filter(pl.col("level") == "total")["listed"].to_list() == [4]


def test_births_out_of_scope_are_in_no_count() -> None:
    """They are counted once, as outside, in the quality of each list."""
    found = births(np.random.default_rng(6), 800, 3)
    made = source(found, rules=ALL_SHOWN)
    outside = (found["area"] == "0101").to_numpy()
    release = tabulate(replace(made, outside=outside, findings=None))
    table = frame_of(release, "births_by_area_sex")
    assert "0101" not in table["area"].to_list()
    assert table.row(-1, named=True)["births"] == int((~outside).sum())
    quality = frame_of(release, "list_quality").row(0, named=True)
    assert quality["outside"] == found.filter("in_hospital", pl.Series(outside)).height
    parts = ("rejected", "repeated", "births", "outside")
    assert quality["rows"] == sum(quality[name] for name in parts)


def test_disagreements_are_counted_over_births_on_both_lists() -> None:
    """The first record of each list speaks; where one list does not say, nothing is compared."""
    found = births(np.random.default_rng(6), 300, 2)
    made = source(found, rules=ALL_SHOWN)
    column = made.records.columns["sex"]
    changed = column.codes.copy()
    of_list = made.records.list_of == 0
    both = found["in_hospital"].to_numpy() & found["in_register"].to_numpy() & found["sex"].is_not_null().to_numpy()
    turned = of_list & both[made.links.of_record] & (np.cumsum(of_list) <= 60)
    changed[turned] = 1 - changed[turned]
    columns = made.records.columns | {"sex": replace(column, codes=changed)}
    release = tabulate(replace(made, records=replace(made.records, columns=columns)))
    row = (
        frame_of(release, "disagreements")
        .filter(pl.col("field") == "sex", pl.col("lists") == "hospital & register")
        .row(0, named=True)
    )
    assert (row["compared"], row["disagree"]) == (int(both.sum()), int(turned.sum()))


def text_of(release: Release) -> str:
    """All tables as one text."""
    parts = []
    for name, table in release.tables.items():
        parts.append(f"== {name}: {table.title}\n{table.frame.write_csv(null_value='..')}")
    return "\n".join(parts)


def golden_release() -> Release:
    """A world with few small counts."""
    return tabulate(source(births(np.random.default_rng(42), 3000, 3)))


def test_golden_release() -> None:
    """The tables of a small world are those that were looked at and kept.

    To keep new ones: python -m tests.publish.test_release_tables
    """
    assert text_of(golden_release()) == GOLDEN.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run on a simulated world."""
    folder = tmp_path_factory.mktemp("world")
    plan = everybirth.simulate(600, folder, seed=3)
    everybirth.run(plan, folder / "run", seed=3)
    return folder / "run"


def test_a_run_publishes_its_tables(run_folder: Path) -> None:
    """Every table of a run with three lists and a register is there; what is never published is named."""
    release = read_release(run_folder)
    assert {"headline", "overlap", "adjusted_births", "timeliness", "linkage", "findings"} <= release.tables.keys()
    assert "birth order, parity and intervals" in release.omitted
    assert release.threshold == 10
    assert release.about["register"] == "register"


def test_no_persons_value_is_published(run_folder: Path) -> None:
    """No name and no id of a person or record stands in any published cell."""
    lists = [pl.read_parquet(file) for file in (run_folder.parent).glob("*.parquet") if file.stem != "truth"]
    ids = {str(v) for one in lists for name in ("record_id", "phone", "registration_number") if name in one.columns
           for v in one[name].drop_nulls()}  # fmt: skip
    written = {str(v) for one in lists for name in one.columns if "name" in name for v in one[name].drop_nulls()}
    names = {name.casefold() for name in written if sum(map(str.isalpha, name)) > 2} - {"unknown"}  # "-" is no name
    ids |= set(pl.read_parquet(run_folder / "births.parquet")["birth_id"])
    assert len(ids) > 1000
    assert len(names) > 500
    for file in sorted((run_folder / "tables").glob("*.csv")):
        text = file.read_text(encoding="utf-8")
        cells = {cell.casefold() for row in csv.reader(io.StringIO(text)) for cell in row}
        assert not cells & names, file.name
        assert not cells & {each.casefold() for each in ids}, file.name


if __name__ == "__main__":
    GOLDEN.write_text(text_of(golden_release()), encoding="utf-8")
