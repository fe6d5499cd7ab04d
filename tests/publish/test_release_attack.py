"""No hidden count can be worked out from what is published: every table of whole releases is attacked together."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.publish.attacker import Attacker
from tests.publish.worlds import LISTS, RULES, births, source

from everybirth.publish import RunDir
from everybirth.publish.release import Release, general_notes, read_release, write_release
from everybirth.publish.tabulate import tabulate
from everybirth.publish.tabulate.control import draft_tables, released

TWO = ("hospital", "register")


def published(folder: Path, release: Release) -> Path:
    """Write a release; returns the folder of its tables."""
    with RunDir(folder) as out:
        write_release(out, release)
    return folder / "tables"


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000), st.sampled_from([12, 60, 200, 900]), st.integers(1, 5), st.sampled_from([TWO, LISTS]))
def test_no_hidden_count_can_be_worked_out(
    tmp_path: Path, seed: int, n: int, n_areas: int, lists: tuple[str, ...]
) -> None:
    """Whatever the births, what remains possible for each hidden count is at least the threshold wide."""
    frame = births(np.random.default_rng(seed), n, n_areas, lists)
    attacker = Attacker(published(tmp_path, tabulate(source(frame, lists))))
    assert attacker.derivable(RULES.threshold) == []


@pytest.mark.parametrize("seed", [2, 9, 13])
def test_what_no_record_says_is_no_hiding_place(tmp_path: Path, seed: int) -> None:
    """Estimates share out births of unknown area, sex or site, so that they come near to the counts: even who knows
    how many of those there are cannot work out anything.
    """
    frame = births(np.random.default_rng(seed), 500, 4).with_columns(
        year=pl.col("birth_date").dt.year().cast(pl.String)
    )
    attacker = Attacker(published(tmp_path, tabulate(source(frame.drop("year")))))
    for level in ("sex", "site", "year"):
        some = frame.filter(pl.col(level).is_null())
        attacker.tell(some.height, int(some["in_register"].sum()), **{level: "unknown"})
    assert attacker.derivable(RULES.threshold) == []


def test_the_attacker_finds_what_is_not_protected(tmp_path: Path) -> None:
    """With small counts hidden and nothing else, the attacker finds some: he can do what the tests above rely on."""
    made = source(births(np.random.default_rng(3), 400, 4))
    book = draft_tables(made)
    values = np.array(book.ledger.value)
    hidden = (values > 0) & (values < RULES.threshold) & np.array(book.ledger.public)
    assert hidden.any()
    attacker = Attacker(published(tmp_path, released(book, hidden, made)))
    assert len(attacker.derivable(RULES.threshold)) > 5


@pytest.mark.parametrize("threshold", [3, 10, 25])
def test_no_small_count_is_shown(threshold: int) -> None:
    """No count from 1 to one less than the threshold stands in any table; figures beside a hidden one are gone."""
    made = source(births(np.random.default_rng(5), 700, 4), rules=replace(RULES, threshold=threshold))
    release = tabulate(made)
    hidden = 0
    for table in release.tables.values():
        for name in table.counts:
            shown = table.frame[name].drop_nulls()
            assert shown.filter((shown > 0) & (shown < threshold)).is_empty(), (table.name, name)
        if table.counts and table.name not in ("sensitivity", "heaping"):  # whose figures do not rest on their counts
            gone = table.frame.filter(pl.any_horizontal(pl.col(name).is_null() for name in table.counts))
            hidden += gone.height
            for name in table.figures:
                if table.frame[name].dtype == pl.Float64:
                    assert gone[name].null_count() == gone.height, (table.name, name)
    assert hidden > 10
    assert sum(release.hidden.values()) >= hidden


@pytest.mark.parametrize("seed", range(6))
def test_totals_stay_visible(seed: int) -> None:
    """With some thousand births all in all, few counts are hidden, and no total is."""
    release = tabulate(source(births(np.random.default_rng(seed), 4000, 5)))
    for name in ("births_by_area_sex", "births_by_site", "births_by_plurality"):
        table = release.tables[name]
        total = table.frame.filter(pl.all_horizontal(pl.col(key) == "total" for key in table.keys))
        assert total.select(table.counts).null_count().sum_horizontal().item() == 0
    counts = sum(table.frame.height * len(table.counts) for table in release.tables.values())
    assert sum(release.hidden.values()) < 0.25 * counts


def test_no_group_is_published_of_which_nobody_is_registered() -> None:
    """Where none of some births is registered, the 0 is hidden; where there are no births, it is shown."""
    frame = births(np.random.default_rng(8), 900, 3)
    nobody = (pl.col("area") == "0101") & pl.col("sex").eq_missing("female")
    frame = frame.with_columns(
        in_register=pl.col("in_register") & ~nobody, in_community=pl.col("in_community") | nobody
    )
    table = tabulate(source(frame)).tables["births_by_area_sex"].frame
    row = table.filter((pl.col("area") == "0101") & (pl.col("sex") == "female"))
    assert row["registered"].to_list() == [None]
    zeros = table.filter(pl.col("registered") == 0)
    assert (zeros["births"] == 0).all()


def test_of_what_no_record_says_a_zero_is_shown() -> None:
    """Births of an area that no record names, none of them registered, are shown with the 0, as the notes say."""
    frame = births(np.random.default_rng(8), 900, 3)
    nameless = pl.int_range(pl.len()) < 60
    frame = frame.with_columns(
        area=pl.when(nameless).then(pl.lit("unknown")).otherwise("area"),
        in_register=pl.col("in_register") & ~nameless,
        in_community=pl.col("in_community") | nameless,
    )
    release = tabulate(source(frame))
    rows = release.tables["births_by_area_sex"].frame.filter(pl.col("area") == "unknown", pl.col("sex") == "total")
    assert rows.row(0) == ("unknown", "total", 60, 0)
    assert any('"unknown"' in note and "even that is shown" in note for note in general_notes(release))


def test_a_release_is_the_same_to_the_byte(tmp_path: Path) -> None:
    """The same births in another order give the same files."""
    frame = births(np.random.default_rng(2), 500, 4)
    one = published(tmp_path / "one", tabulate(source(frame)))
    other = published(tmp_path / "other", tabulate(source(frame.reverse())))
    for file in one.iterdir():
        assert file.read_bytes() == (other / file.name).read_bytes(), file.name


def test_everything_small_is_omitted_with_the_reason(tmp_path: Path) -> None:
    """Of five births nothing is published; what is left out is named."""
    release = tabulate(source(births(np.random.default_rng(1), 5, 2)))
    assert not any(table.frame[name].drop_nulls().sum() for table in release.tables.values() for name in table.counts)
    assert {"overlap", "births_by_area_sex", "marital status and legitimacy"} <= release.omitted.keys()
    folder = published(tmp_path, release)
    assert read_release(folder.parent).omitted == release.omitted


def test_no_births_at_all() -> None:
    """A run without births has tables that say so, or none."""
    release = tabulate(source(births(np.random.default_rng(1), 5, 2).clear()))
    assert "births_by_area_sex" in release.omitted


def test_without_a_register_only_births_are_counted(tmp_path: Path) -> None:
    """No column of registered births, no timeliness; hidden counts are protected all the same."""
    rules = replace(RULES, register=None, within_days=None)
    lists = ("hospital", "community")
    release = tabulate(source(births(np.random.default_rng(4), 300, 4, lists), lists, rules))
    assert release.tables["births_by_area_sex"].counts == ("births",)
    assert "civil register" in release.omitted["timeliness"]
    assert Attacker(published(tmp_path, release)).derivable(10) == []
