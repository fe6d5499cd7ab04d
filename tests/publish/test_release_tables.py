"""What the published tables say: the right counts, the same everywhere, and nothing of a person."""

import csv
import datetime as dt
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.publish.attacker import Attacker
from tests.publish.report_cases import run_of
from tests.publish.worlds import RULES, births, source

import everybirth
from everybirth.estimate.completeness import OF_ALL_LISTS
from everybirth.publish import RunDir
from everybirth.publish.release import Release, read_release, write_release
from everybirth.publish.report import report_html
from everybirth.publish.tabulate import Source, tabulate
from everybirth.publish.tabulate.linkage import LIMITS
from everybirth.publish.tabulate.records import with_expected

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


def held_by_the_hospital(inside: pl.Expr) -> pl.DataFrame:
    """Births of which the hospital's list has none but those inside."""
    found = births(np.random.default_rng(6), 2000, 3)
    return found.with_columns(in_hospital=pl.col("in_hospital") & inside, in_community=pl.col("in_community") | ~inside)


@pytest.mark.parametrize(
    ("covers", "inside", "level", "without", "within"),
    [
        ({"site": ("facility",)}, pl.col("site").eq_missing("facility"), "site", ["home", "other"], ["facility"]),
        ({"period": ("2023",)}, pl.col("birth_date").dt.year().eq_missing(2023), "year", ["2024"], ["2023"]),
        (
            {"period": ("2023", "2024-03")},
            pl.col("birth_date").dt.year().eq_missing(2023),
            "year",
            [],
            ["2023", "2024"],
        ),
        ({"area": ("0100",)}, pl.col("area") == "0100", "area", ["0101", "0102"], ["0100"]),
        ({"area": ("0100-07",)}, pl.col("area") == "0100", "area", ["0101", "0102"], ["0100"]),
        ({}, pl.col("site").eq_missing("facility"), "site", [], ["home", "other", "facility"]),
    ],
)
def test_births_that_a_list_cannot_hold_are_no_zero(
    tmp_path: Path, covers: dict[str, tuple[str, ...]], inside: pl.Expr, level: str, without: list[str],
    within: list[str],
) -> None:  # fmt: skip
    """A list that can have no birth of a group has no completeness there; one that could and has none has 0."""
    found = held_by_the_hospital(inside)
    made = source(found, rules=replace(RULES, covers={"hospital": covers, "register": covers}))
    release = tabulate(made)
    table = frame_of(release, "completeness").filter(pl.col("level") == level)
    own = {row["value"]: row for row in table.filter(pl.col("list") == "hospital").iter_rows(named=True)}
    for value in without:
        assert own[value]["status"] == "cannot hold"
        assert [own[value][name] for name in ("listed", "completeness", "low", "high")] == [None] * 4
    for value in within:
        assert own[value]["status"] in ("ok", "hidden")
    assert set(table.filter(pl.col("list") != "hospital")["status"]) <= {"ok", "hidden"}
    with RunDir(tmp_path) as out:
        write_release(out, release)
    assert Attacker(tmp_path / "tables").derivable(RULES.threshold) == []


def test_other_assumptions_are_told_though_a_combination_of_lists_is_hidden() -> None:
    """Figures of the total stay; other methods, whose figures would tell the hidden count, and the list's number go."""
    found = births(np.random.default_rng(6), 900, 2)
    alone = pl.col("in_hospital") & ~pl.col("in_community") & ~pl.col("in_register")
    made = source(pl.concat([found.filter(~alone), found.filter(alone).head(4)]))
    whats = made.estimated["sensitivity"]
    method = whats.head(1).with_columns(kind=pl.lit("method"), odds_ratio=pl.lit(None, pl.Float64))
    release = tabulate(replace(made, estimated={**made.estimated, "sensitivity": pl.concat([whats, method])}))
    assert "overlap" in release.omitted  # of few combinations none can be shown if one is hidden
    shown = {row["kind"]: row["births"] for row in frame_of(release, "sensitivity").iter_rows(named=True)}
    assert shown == {"odds-ratio": 100.0, "leave-one-out": None, "method": None}


def without_register(*statuses: str) -> Source:
    """A run of two lists, none of them the register; the statuses of its estimates in turn, as estimates have them."""
    found = births(np.random.default_rng(6), 900, 4, ("hospital", "community"))
    made = source(found, ("hospital", "community"), replace(RULES, register=None, within_days=None))
    strata = made.estimated["estimates"]
    told = [f"{statuses[k % len(statuses)]}; {OF_ALL_LISTS}" for k in range(strata.height)]
    return replace(made, estimated={**made.estimated, "estimates": strata.with_columns(status=pl.Series(told))})


def test_without_a_register_the_notes_say_once_whose_completeness_it_is() -> None:
    """No row repeats it, in the tables or in the Chinese report; with a register nothing is said."""
    release = tabulate(without_register("ok", "pooled"))
    assert set(frame_of(release, "adjusted_births")["status"]) == {"ok", "pooled", "hidden"}
    whose = "No list in the plan is the civil register: completeness is that of all lists together."
    assert [name for name, table in release.tables.items() if whose in table.notes] == ["headline", "adjusted_births"]
    usual = tabulate(source(births(np.random.default_rng(6), 900, 2)))
    assert not any(whose in table.notes for table in usual.tables.values())
    page = report_html(release, run_of(register=None), "zh")
    assert "of all lists together" not in page
    assert "参考了相似的组" in page


def test_of_one_list_is_said_what_is_so() -> None:
    """Ratios and other assumptions need an estimate, disagreements a second list: fields are not what is missing."""
    found = births(np.random.default_rng(6), 900, 2, ("hospital",))
    made = source(found, ("hospital",), replace(RULES, register=None, within_days=None))
    none = {name: made.estimated[name].clear() for name in ("sex_ratio", "sensitivity")}
    run = made.run | {"estimate": made.run["estimate"] | {"births": None, "missed_by_all": None}}
    made = replace(made, estimated={**made.estimated, **none}, run=run)
    omitted = tabulate(made).omitted
    assert omitted["sex_ratio"] == omitted["sensitivity"] == "Births that happened were not estimated."
    assert omitted["disagreements"] == "There is one list only."
    columns = {name: values for name, values in made.records.columns.items() if name != "sex"}
    sexless = replace(made, records=replace(made.records, columns=columns))
    assert tabulate(sexless).omitted["sex_ratio"] == "No list has the fields that this table needs."


def test_findings_that_are_not_the_births_of_other_tables_are_a_defect() -> None:
    """Whether a child is registered is counted twice, and nothing is published if the counts differ."""
    made = source(births(np.random.default_rng(6), 900, 2))
    assert made.findings is not None
    with pytest.raises(ValueError, match="do not add up"):
        tabulate(replace(made, findings=made.findings.head(-1)))


def test_what_is_expected_is_made_of_shown_counts() -> None:
    """Days and multiples of ten that are shown are spread over themselves, whatever is hidden."""
    values = [*map(str, range(1, 32)), "multiple of 500", "other multiple of 10", "not a multiple of 10"]
    what = ["day of month"] * 31 + ["birth weight"] * 3
    counts = [None, *[20] * 30, 10, 90, None]
    frame = pl.DataFrame({"list": ["a"] * 34, "what": what, "value": values, "records": counts, "stated": [None] * 34})
    found = with_expected(frame.with_columns(expected=pl.lit(None, pl.Float64)), {(2024, 2): 29, (2024, 3): 62})
    expected = found["expected"].to_list()
    each = 600 / (28 * 3 + 2 * 2)  # days 2-29 are in both months, 30 and 31 in the one with two births a day
    assert expected[0] is None
    assert expected[1:29] == [round(3 * each, 1)] * 28
    assert expected[29:31] == [round(2 * each, 1)] * 2
    assert expected[31:] == [round(100 * 0.02 / 0.92, 1), round(100 * 0.9 / 0.92, 1), None]


def test_estimates_of_the_linkage_have_limits_or_say_that_there_are_none() -> None:
    """False links by the spread of the probabilities; with few links, nothing that they could be worked out from."""
    made = source(births(np.random.default_rng(6), 900, 2))
    likely = np.full(200, 0.9, dtype=np.float32)
    links = replace(made.links, probability=likely, joined=np.ones(200, dtype=bool))
    run = {**made.run, "linking": {"blocking_recall": 0.9, "hidden_pairs": {"expected": 20.0, "sd": 5.0}}}
    table = frame_of(tabulate(replace(made, links=links, run=run)), "linkage")
    rows = {row["measure"]: row for row in table.iter_rows(named=True)}
    assert [rows["expected false links"][name] for name in ("estimate", "low", "high")] == [20.0, 11.7, 28.3]
    assert rows["expected precision"]["low"] == pytest.approx(1 - 28.3 / 200, abs=1e-3)
    assert rows["blocking recall"]["low"] < 0.9 < rows["blocking recall"]["high"]
    assert {row["limits"] for row in rows.values()} == {"counted", "not measured", LIMITS}
    few = replace(links, probability=likely[:4], joined=np.ones(4, dtype=bool))
    hidden = frame_of(tabulate(replace(made, links=few, run=run)), "linkage").filter(pl.col("estimate").is_not_null())
    assert set(hidden["measure"]) == {"records in doubt", "share of variance due to linkage"}


def test_months_and_years_of_which_everything_is_hidden_have_no_row() -> None:
    """A few stray dates are no month of their own; areas stay whatever is hidden."""
    found = births(np.random.default_rng(6), 900, 2)
    stray = found.head(3).with_columns(birth_date=pl.lit(dt.date(2031, 5, 5)), area=pl.lit("0109"))
    release = tabulate(source(pl.concat([found.tail(-3), stray])))
    assert "2031-05" not in frame_of(release, "births_by_month_sex")["month"].to_list()
    assert "2031" not in frame_of(release, "adjusted_births")["value"].to_list()
    assert "0109" in frame_of(release, "adjusted_births")["value"].to_list()


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
