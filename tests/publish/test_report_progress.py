"""The report tells how findings went from run to run, and what the figures of lists and linkage rest on."""

import re
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from tests.publish.example_release import AREAS, example_release
from tests.publish.html_text import read, said
from tests.publish.report_cases import RUN, changed, without
from tests.publish.test_release_runs import first_run, register_some
from tests.publish.test_report import rows_after
from tests.publish.test_report_words import english
from tests.test_pipeline_findings import decide

import everybirth
from everybirth import pipeline
from everybirth.publish.release import Release
from everybirth.publish.report import labels, report_html
from everybirth.publish.tabulate import findings, linkage

CLOSED = "What was closed since the run before"
BY_RUN, BY_AREA = "Open findings by run", "Open findings by area"


def lines(release: Release, language: str = "en") -> list[str]:
    """What the report of a release says."""
    return said(report_html(release, RUN, language))


@cache
def usual() -> tuple[str, ...]:
    """The report of the example."""
    return tuple(lines(example_release()))


def progress_of(release: Release, *change: pl.Expr) -> pl.DataFrame:
    """The table of progress, changed."""
    return release.tables["findings_progress"].frame.with_columns(*change)


def test_what_was_closed_is_told_by_kind() -> None:
    """Open and decided findings after the last two of the runs, and those that nobody decided and that are gone."""
    text = list(usual())
    assert rows_after(text, CLOSED) == [
        "on another list, but not on the register | 2,970 | 2,730 | 1,290 | 1,530 | 0",
        "lists disagree | 2,730 | 2,730 | 0 | 0 | 570",
        "the same values over and over | 11 | 11 | 0 | 0 | 0",
        "all | 5,711 | 5,471 | 1,290 | 1,530 | 570",
    ]
    head = text[text.index(f"caption: {CLOSED}") + 1]
    assert (
        head
        == "kind | open after run 4 | open after run 5 | decided after run 4 | decided after run 5 | no longer found"
    )
    assert any("How many came back in all is not published" in line for line in text)


def test_kinds_and_states_stand_in_one_order_whichever_comes_first() -> None:
    """Both tables of findings have the kinds in one order; the states begin with the open ones."""
    release = example_release()
    states = ("dismissed", "verified", "corrected", "open", "confirmed")
    kinds = ("uncertain-link", "copied-block", "disagreement", "duplicate", "not-registered")
    rows = [("0101", kind, state, 20) for kind in kinds for state in states]
    found = pl.DataFrame(rows, schema=["area", "kind", "status", "findings"], orient="row")
    after = [(run, "total", kind, "open", 20) for run in ("1", "2") for kind in kinds]
    runs = pl.DataFrame(after, schema=["run", "area", "kind", "status", "findings"], orient="row")
    text = lines(changed(release, findings=found, findings_progress=runs))
    by_state = "Findings by kind and state"
    head = text[text.index(f"caption: {by_state}") + 1]
    assert head == "kind | open | confirmed | corrected | dismissed | verified"
    names = [row.split(" | ")[0] for row in rows_after(text, by_state)]
    assert names[0] == "entered more than once in a list"
    assert names == [row.split(" | ")[0] for row in rows_after(text, CLOSED)][:-1]


def test_bars_are_of_the_kinds_that_no_run_hides() -> None:
    """A kind of which one run hides the count is in no bar, and is named; the table has what is shown of each."""
    text = list(usual())
    told = "Open after run 3: 5,940; after run 5: 5,460."
    assert f"{told} Left out of all bars, since a count is hidden: the same values over and over." in text
    assert rows_after(text, BY_RUN) == [
        "run 3 | 5,940 and hidden ones | 3,210 | 2,730 | hidden",
        "run 4 | 5,711 | 2,970 | 2,730 | 11",
        "run 5 | 5,471 | 2,730 | 2,730 | 11",
    ]
    tags = read(report_html(example_release(), RUN)).tags
    start = next(k for k, (_, attrs) in enumerate(tags) if attrs.get("id") == "open-chart-desc")
    end = next(k for k in range(start, len(tags)) if tags[k][0] == "table")
    heights = [float(str(attrs["height"])) for tag, attrs in tags[start:end] if tag == "rect"]
    assert heights == pytest.approx([140 * n / 6000 for n in (5940, 5700, 5460)], abs=0.1)


def test_open_findings_of_areas_stand_in_the_order_of_names() -> None:
    """The first and the last of the runs; a hidden part is said to be hidden; what no record says comes last."""
    rows = rows_after(list(usual()), BY_AREA)
    assert [row.split(" | ")[0] for row in rows] == list(AREAS)
    assert rows[0] == "0101 | 440 | 400"
    assert rows[1] == "0102 | 450 | 410"
    assert rows[-1] == "0112 | 255 and hidden ones | 255 and hidden ones"
    release = example_release(("Zulu", "unknown", "alpha", "Beta"))
    rows = rows_after(lines(release), BY_AREA)
    assert [row.split(" | ")[0] for row in rows] == ["Beta", "Zulu", "alpha", "not stated"]
    unsaid = pl.col("area").ne("unknown") | pl.col("run").ne("3")
    some = changed(release, findings_progress=progress_of(release).filter(unsaid))
    text = lines(some)
    assert rows_after(text, BY_AREA)[-1] == "not stated | – | 410"
    assert any("a few findings of a kind are in the totals only" in line for line in text)
    assert not any("in the totals only" in line for line in usual())


def test_many_areas_are_paged() -> None:
    """Under folds, each area once, by name."""
    text = lines(example_release(tuple(f"{k:04}" for k in range(120))))
    assert [line for line in text if line.startswith("summary: Open findings, areas")] == [
        "summary: Open findings, areas 0000 to 0049",
        "summary: Open findings, areas 0050 to 0099",
        "summary: Open findings, areas 0100 to 0119",
    ]
    assert sum(bool(re.fullmatch(r"\d{4} \| [\d,]+ \| [\d,]+", line)) for line in text) == 120 - 1  # one is hidden


def test_nothing_is_said_of_progress_after_one_run() -> None:
    """Neither without the table, nor with one run in it."""
    release = example_release()
    one = changed(release, findings_progress=progress_of(release).filter(pl.col("run") == "5"))
    for some in (without(release, "findings_progress"), one):
        text = lines(some)
        assert "h2: What there is to mend" in text
        assert not [line for line in text if CLOSED in line or BY_RUN in line or BY_AREA in line]


def test_hidden_counts_of_progress_are_said_to_be_hidden() -> None:
    """With all of them hidden there is no bar and no figure; without any, nothing is said of hidden ones."""
    release = example_release()
    none = progress_of(release, pl.lit(None, pl.Int64).alias("findings"))
    page = report_html(changed(release, findings_progress=none), RUN)
    assert 'id="open-chart"' not in page
    text = said(page)
    assert rows_after(text, BY_RUN)[0] == "run 3 | hidden | hidden | hidden | hidden"
    assert rows_after(text, BY_AREA)[0] == "0101 | hidden | hidden"
    assert any("hidden here are hidden as everywhere" in line for line in text)
    full = progress_of(release, pl.col("findings").fill_null(20))
    text = lines(changed(release, findings_progress=full))
    assert not [line for line in text if "hidden ones" in line or "Left out of all bars" in line]


def test_progress_is_told_when_nothing_is_left_to_mend() -> None:
    """Without a table of findings, earlier runs may still have had some."""
    text = lines(without(example_release(), "findings"))
    assert "No table of findings is published." in text
    assert rows_after(text, CLOSED)


def test_how_disagreements_were_resolved_is_told_by_field() -> None:
    """In the order of the rules; one that decided nothing has no column, and hidden counts are said to be hidden."""
    text = list(usual())
    caption = "How disagreements were resolved"
    assert text[text.index(f"caption: {caption}") + 1] == (
        "field | corrected by an office | what most records say | the more usual spelling | what the register says"
    )
    assert rows_after(text, caption) == [
        "sex | 0 | 310 | 0 | 57",
        "date of birth | 12 | hidden | 0 | 0",
        "child's given name | 0 | 0 | 144 | 0",
    ]


def test_heaping_says_on_how_many_records_it_rests() -> None:
    """Each panel, and the rows where values are few; a hidden number is said to be hidden."""
    text = "\n".join(usual())
    for part in (
        "hospital (15,480 records)",
        "register (number of records hidden)",
        "Lists: hospital (14,500 records).",
    ):
        assert part in text
    release = example_release()
    older = release.tables["heaping"].frame.drop("stated")
    assert "(number of records" not in "\n".join(lines(changed(release, heaping=older)))


def test_figures_of_the_linkage_have_limits_or_say_that_these_are_not_measured() -> None:
    """What was counted is said to be; a hidden figure has none; the note says what limits are."""
    text = list(usual())
    rows = rows_after(text, "Links, and the doubt about them")
    assert rows[:5] == [
        "pairs of one birth that were compared at all | 99.7% | 99.5% to 99.9%",
        "links made | 31,520 | counted",
        "of these, expected to be wrong | 41 | 29 to 53",
        "links expected to be missing | 119 | 97 to 140",
        "share of all true links expected to be made | – | not measured",
    ]
    assert rows[5] == "records in doubt | – | –"
    assert rows[6].endswith(" | 8.0% | not measured")
    assert any(line.endswith(f"Limits: {linkage.LIMITS}.") for line in text)
    release = example_release()
    older = changed(release, linkage=release.tables["linkage"].frame.drop("low", "high", "limits"))
    assert "links made | 31,520" in lines(older)


def test_the_report_has_words_for_what_the_tables_say() -> None:
    """Rules that decide, and kinds of limits, in the tables' own words and order."""
    rules = [findings.BY_OFFICE, findings.BY_MOST, findings.BY_FULLER, findings.BY_SPELLING]
    assert list(labels.DECIDED_BY) == [*rules, findings.BY_REGISTER, findings.BY_LIST, findings.BY_ORDER]
    assert set(labels.LIMITS) == {linkage.COUNTED, linkage.NOT_MEASURED, linkage.LIMITS}


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs into one folder; offices registered children and settled disagreements between them."""
    folder = tmp_path_factory.mktemp("world")
    plan, first = first_run(folder)
    assert CLOSED not in (folder / "run" / "report.html").read_text(encoding="utf-8")
    missing, differ = (
        first.findings.filter(pl.col("kind") == kind).to_dicts() for kind in ("not-registered", "disagreement")
    )
    decide(
        folder / "run",
        *((row, "corrected", None) for row in missing[:40]),
        *((row, "confirmed", None) for row in differ[:60]),
    )
    register_some(folder, first.births, [row["birth_id"] for row in missing[:25]])
    everybirth.run(plan, folder / "run", seed=3)
    return folder / "run"


def test_a_second_run_tells_what_became_of_the_first(run_dir: Path) -> None:
    """The figures of the page are those of the published tables."""
    text = said((run_dir / "report.html").read_text(encoding="utf-8"))
    table = pl.read_csv(run_dir / "tables" / "findings_progress.csv", null_values="..", infer_schema=False)
    whole = table.filter((pl.col("area") == "total") & (pl.col("kind") == "not-registered"))
    shown = {(row["run"], row["status"]): row["findings"] for row in whole.to_dicts()}
    (row,) = [row for row in rows_after(text, CLOSED) if row.startswith("on another list")]
    assert row.split(" | ")[1:4] == [shown["1", "open"], shown["2", "open"], "0"]
    areas = sorted(set(table["area"]) - {"total", "unknown"})
    assert [row.split(" | ")[0] for row in rows_after(text, BY_AREA)][: len(areas)] == areas
    assert any(line.startswith("Open after run 1: ") for line in text)
    assert "caption: How disagreements were resolved" in text


def test_the_second_run_is_told_in_chinese_too(run_dir: Path) -> None:
    """No word of it stays in English."""
    text = said(pipeline.report(run_dir, language="zh").read_text(encoding="utf-8"))
    assert "caption: 自上一次运行以来了结的情况" in text
    for line in text:
        words = re.sub(r"^(h[123]|caption|summary): |\b[0-9a-f]{64}\b", "", line)
        assert not list(english(words)), line
