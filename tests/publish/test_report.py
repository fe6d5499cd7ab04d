"""The report says what the tables say, whatever they hold, in words that a reader can rely on."""

import re
from functools import cache
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from tests.publish import report_golden
from tests.publish.example_release import example_release
from tests.publish.html_text import read, said
from tests.publish.report_cases import ALIKE, CASES, HOSTILE, RUN, THREE, TWO, changed, run_of

from everybirth.publish.report import report_html
from everybirth.publish.report.sections.coverage import AREAS_A_PAGE

LANGUAGES = ("en", "zh")


@cache
def page(case: str, language: str = "en") -> str:
    """The report of a case."""
    return report_html(*CASES[case](), language)


def lines(case: str, language: str = "en") -> list[str]:
    """What it says."""
    return said(page(case, language))


def rows_after(text: list[str], caption: str) -> list[str]:
    """The rows of the first table with this caption, its header left out."""
    start = text.index(f"caption: {caption}") + 2
    rest = text[start:]
    return rest[: next((k for k, line in enumerate(rest) if " | " not in line), len(rest))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_reads_as_it_did(language: str) -> None:
    """Every heading, sentence and figure is as in the golden file (see report_golden.py for how to renew it)."""
    assert report_golden.text(language).splitlines() == report_golden.file(language).read_text("utf-8").splitlines()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_no_case_shows_the_inside_of_the_program(case: str, language: str) -> None:
    """Whatever is missing or hidden, no None, nan, unfilled place or empty sentence reaches the reader."""
    for line in lines(case, language):
        if "7 * 7" not in line:  # a name of the hostile case
            assert not re.search(r"\b(None|nan|inf|null)\b|[{}]|\(\)|（）|: \.|\.\.(?!\.)", line), line


@pytest.mark.parametrize("case", CASES)
def test_headings_descend_one_by_one_and_every_anchor_leads_somewhere(case: str) -> None:
    """One h1, h2 and h3 below it; ids are unique; links, labels and descriptions point to what exists."""
    tags = read(page(case)).tags
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    ids = [attrs["id"] for _, attrs in tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _, attrs in tags:
        wanted = f"{attrs.get('aria-labelledby') or ''} {(attrs.get('href') or '').removeprefix('#')}".split()
        assert set(wanted) <= set(ids)


@pytest.mark.parametrize("case", ["usual", "many-areas", "hostile"])
def test_drawings_and_tables_speak_to_those_who_do_not_see_them(case: str) -> None:
    """Each drawing is described or is put into words beside it; each table has a caption and headers with a scope."""
    tags = read(page(case)).tags
    for tag, attrs in tags:
        if tag == "svg":
            assert attrs.get("aria-hidden") == "true" or (attrs["role"] == "img" and attrs["aria-labelledby"])
        if tag == "th":
            assert attrs["scope"] in ("col", "row")
    count = [tag for tag, _ in tags].count
    assert count("table") == count("caption") == count("thead") > 5
    assert all(attrs["tabindex"] == "0" and attrs["aria-label"] for tag, attrs in tags if attrs.get("role") == "region")


def test_the_first_screen_answers_the_question() -> None:
    """Births with their interval and what they are given; registered, elsewhere, missed; each in a sentence."""
    text = lines("usual")
    start = text.index("h2: The answer")
    assert text[start + 1 : start + 12] == [
        "About 19,938 births happened: probably between 19,870 and 20,018, given the assumptions below.",
        (
            "If hospital and register depend on each other otherwise than assumed (an odds ratio of 0.5 to 2, where 1 "
            "is assumed), the figure lies between 19,820 and 20,180; the lists cannot tell."
        ),
        "16,626 16,624 to 16,628",
        "are on the register",
        "That is 83.4% of the births that happened (83.1% to 83.7%). The register is the list named “register”.",
        "2,864 2,855 to 2,876",
        "were found on other lists only",
        "They are on other lists but not on the register. These children can be offered registration.",
        "448 382 to 520",
        "are on no list at all",
        "Estimated from how the lists overlap. Nobody knows who they are.",
    ]
    assert text[start + 12].startswith("The figures above are medians over 100 possible ways to link the records")
    assert text[start + 13 : start + 17] == ["These figures hold given that:", TWO, THREE, ALIKE]


def test_the_first_screen_tells_why_its_figures_are_not_those_of_the_tables() -> None:
    """Medians over linkages, less births counted twice if there are any; what the tables count, unless hidden."""
    release = example_release()
    counts = "(17,139 registered, 2,340 on other lists only)"
    likeliest = f"Counts in the tables below are of the likeliest linkage {counts} and differ a little."
    plain = "\n".join(said(report_html(release, RUN)))
    assert likeliest in plain
    assert "counted twice" not in plain
    torn = {**RUN, "linking": {"hidden_pairs": {"expected": 20.8, "sd": 8.6}}}
    assert "less births that are probably counted twice" in "\n".join(said(report_html(release, torn)))
    adjusted = release.tables["adjusted_births"].frame
    hidden = adjusted.with_columns(pl.when(pl.col("level") != "total").then("registered").alias("registered"))
    text = "\n".join(said(report_html(changed(release, adjusted_births=hidden), RUN)))
    assert "Counts in the tables below are of the likeliest linkage and differ a little." in text
    assert "probability that they are one birth" in text
    assert "17,139" not in text.split("Contents")[0]
    assert "medians over" not in "\n".join(said(report_html(release, run_of(draws_of_linkage=1))))


@pytest.mark.parametrize("off", [0.4, 0.6])
@pytest.mark.parametrize("register", ["register", None])
def test_figures_that_are_those_of_the_tables_are_not_said_to_differ(register: str | None, off: float) -> None:
    """As long as they are the same as written, rounded to whole births."""
    release = example_release() if register else CASES["no-register"]()[0]
    adjusted = release.tables["adjusted_births"].frame.filter(pl.col("level") == "total").to_dicts()[0]
    counts = {"listed": adjusted["listed"]}
    if register:
        counts |= {
            "registered": adjusted["registered"],
            "on_other_lists_only": adjusted["listed"] - adjusted["registered"],
        }
    counted = pl.col("measure").replace_strict(counts, default=None, return_dtype=pl.Float64) + off
    head = release.tables["headline"].frame.with_columns(pl.coalesce(counted, "estimate").alias("estimate"))
    text = "\n".join(said(report_html(changed(release, headline=head), run_of(register=register))))
    assert "medians over" in text
    assert ("differ a little" in text) == (off > 0.5)


def test_what_else_it_could_be_is_told_only_where_it_is_published() -> None:
    """Without the totals at odds ratios of 0.5 and 2, or without an estimate, nothing is said of them."""
    release = example_release()
    for rows in (pl.col("kind") != "odds-ratio", pl.col("odds_ratio") != "2.0"):
        some = release.tables["sensitivity"].frame.filter(rows)
        text = "\n".join(said(report_html(changed(release, sensitivity=some), RUN)))
        assert "otherwise than assumed (" not in text
    assert "otherwise than assumed (" not in "\n".join(lines("all-hidden"))


def test_other_methods_are_said_to_lie_below_only_if_all_do() -> None:
    """Because they do not divide the births; if one lies above the report's figure there is no such pattern."""
    assert "All lie below this report's figure" in "\n".join(lines("usual"))
    release = example_release()
    above = release.tables["sensitivity"].frame.with_columns(
        pl.when(pl.col("what") == "loglinear-bic").then(20_100.0).otherwise("births").alias("births")
    )
    assert "All lie below" not in "\n".join(said(report_html(changed(release, sensitivity=above), RUN)))


def test_no_share_is_given_of_a_whole_with_hidden_parts() -> None:
    """The largest group's share would be told of those shown only, as if nothing else were there."""
    text = lines("usual")
    start = text.index("h3: Births by number of children in the delivery")
    assert text[start + 1] == "Some counts are hidden, so that no shares can be given."
    start = text.index("h3: Births by kind of place")
    assert text[start + 1] == (
        "Largest group: in a health facility, 62.6% of the listed births for which this is stated; 80.0% of these are "
        "registered. Births on no list are not counted here."
    )


def test_a_table_of_nothing_but_dashes_is_left_out() -> None:
    """If all that is known by year is hidden, the report says so and what to set; counts without estimates are kept."""
    text = lines("all-hidden")
    why = "By year nothing can be shown: too few births lie in some of the years."
    assert any(line.startswith(f"{why} If they lie outside the time") for line in text)
    assert "caption: Births and completeness by year" not in text
    assert "caption: Births and completeness by year" in lines("not-estimated")
    release = example_release()
    frame = release.tables["adjusted_births"].frame
    none = [pl.lit(None, dtype).alias(name) for name, dtype in frame.schema.items() if dtype != pl.String]
    months = frame.filter(pl.col("level") == "year").with_columns(
        pl.lit("month").alias("level"), pl.lit("2024-01").alias("value"), *none
    )
    text = said(report_html(changed(release, adjusted_births=pl.concat([frame, months])), RUN))
    assert any(line.startswith("By month nothing can be shown") for line in text)


def test_without_a_register_nothing_is_said_to_be_registered() -> None:
    """The report then speaks of births on any list."""
    text = "\n".join(lines("no-register"))
    assert "How many births happened, and how many are on a list" in text
    assert "are on at least one list" in text
    assert "No list is said to be the register." in text
    assert not re.search(r"are on the register|The register is|\| registered", text)


def test_an_estimate_that_was_refused_is_no_number() -> None:
    """One list only: the report says why births are not estimated and gives no interval for them."""
    text = "\n".join(lines("not-estimated"))
    why = "fewer than two lists can hold these births, so nothing tells how many they missed"
    assert f"How many births happened is not estimated: {why}." in text
    assert "from 1 list: register" in text
    assert "probably" not in text
    assert "on no list at all" not in text
    assert text.count("Births that happened were not estimated.") == 4  # two sections, two tables that are not there
    assert "do not give the sex" not in text


def test_a_partial_estimate_says_that_it_is_too_low() -> None:
    """Where some births missed could not be estimated, the first screen says which way the figure errs."""
    partial = "partial: of the births missed where 120 listed ones lie, none is counted"
    text = "\n".join(said(report_html(example_release(), run_of(status=partial))))
    assert "they are counted as listed, so the figure is too low" in text
    assert "120" not in text.split("Contents")[0]  # the count is not disclosure-controlled


def test_what_is_hidden_is_not_drawn() -> None:
    """With every figure hidden there is no bar, no dot and no number, but the word hidden."""
    tags = read(page("all-hidden")).tags
    styles = {
        name
        for tag, attrs in tags
        if tag in ("rect", "circle", "line", "path")
        for name in (attrs.get("class") or "").split()
    }
    assert not styles & {"bar", "estimate", "chosen", "guess", "limits", "unusual"}
    text = lines("all-hidden")
    assert "How many births happened is not published: the figure is hidden." in text
    assert "0101 | | – | hidden | hidden | –" in "\n".join(text)


def test_one_hidden_area_leaves_a_gap() -> None:
    """An area whose figures are hidden keeps its place, with the word and without a dot."""
    rows = rows_after(lines("usual"), "Share of the births that happened that are on the register")
    assert rows[-1] == "0112 | | hidden or not estimated"
    assert rows[0].startswith("0101 | | ")
    assert "%" in rows[0]


def test_areas_stand_in_the_order_of_their_names() -> None:
    """Neither in the chart nor in a table is an area's place a matter of its figures."""
    release = example_release(("Zulu", "alpha", "Beta", "Évora", "0102"))
    text = said(report_html(release, RUN))
    for caption in ("Share of the births that happened that are on the register", "Births and completeness by area"):
        names = [row.split(" | ")[0] for row in rows_after(text, caption)]
        assert names == sorted(names)
    assert "rank" not in "\n".join(text).replace("is ranked", "")


def test_seven_hundred_areas_are_drawn_as_one_distribution_and_paged_rows() -> None:
    """The chart's height does not grow with the areas; every area has its row under a fold."""
    text = lines("many-areas")
    pages = [line for line in text if re.match("summary: Areas .* to", line)]
    assert len(pages) == 700 / AREAS_A_PAGE
    rows = [line for line in text if re.match(r"\d{4} Old Town and Surroundings \| \| \d", line)]
    assert [row[:4] for row in rows] == [f"{k:04}" for k in range(700)]
    heights = [
        int(attrs["height"] or 0)
        for tag, attrs in read(page("many-areas")).tags
        if attrs.get("role") == "img" and tag == "svg"
    ]
    assert max(heights) < 400


def test_a_hostile_name_is_text() -> None:
    """Names cannot open a tag, close an attribute, turn the reading direction or fill the page."""
    for language in LANGUAGES:
        text = page("hostile", language)
        assert not re.search(r"<script|<b>|<[^>]* on\w+=|\u202e|\x00", text)
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
        assert "&amp;lt;b&amp;gt;{{ 7 * 7 }}" in text
        assert "\u2068النزهة\u2069" in text
        assert HOSTILE[6] not in text  # endless names are cut
        assert "海淀区海淀区" in text


def test_an_unusual_sex_ratio_is_a_reason_to_check() -> None:
    """The wording blames nobody, and says what to check; where nothing is unusual, it says that."""
    text = "\n".join(lines("usual"))
    wording = "is unusual for its size; check under-registration of girls, duplicates, linkage by sex."
    assert f"1 of 11 areas {wording} It is a reason to look, not a finding about anybody." in text
    release = example_release()
    calm = release.tables["sex_ratio"].frame.with_columns(pl.lit("").alias("note"))
    text = "\n".join(said(report_html(changed(release, sex_ratio=calm), RUN)))
    assert "No area's ratio is unusual for its size" in text


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        ((-0.03, -0.05, -0.01), "Girls are registered less often than boys, by 3.0 in a hundred (1.0 to 5.0)."),
        ((0.03, 0.01, 0.05), "Boys are registered less often than girls, by 3.0 in a hundred (1.0 to 5.0)."),
        ((0.01, -0.01, 0.03), "That girls and boys are registered equally often cannot be ruled out."),
    ],
)
def test_the_gap_between_the_sexes_is_told_as_far_as_it_is_known(gap: tuple[float, ...], words: str) -> None:
    """Only a gap whose limits leave out zero is told as one."""
    release = example_release()
    frame = release.tables["sex_ratio"].frame.with_columns(
        pl.lit(value).alias(name) for name, value in zip(("gap", "gap_low", "gap_high"), gap, strict=True)
    )
    assert words in "\n".join(said(report_html(changed(release, sex_ratio=frame), RUN)))


def test_every_figure_of_the_tables_is_in_the_report() -> None:
    """Counts of lists, areas, months, delays, kinds, pairs and findings: none is lost on the way to the page."""
    release, text = example_release(), "\n".join(lines("usual"))
    wanted = (
        "overlap",
        "births_by_month_sex",
        "births_by_site",
        "timeliness",
        "list_quality",
        "heaping",
        "link_probability",
        "disagreements_resolved",
    )
    for name in wanted:
        table = release.tables[name]
        keep = [pl.col(key).is_in(["total", "unknown"]).not_() for key in table.keys if key not in ("level", "value")]
        for row in table.frame.filter(*keep).select(table.counts).iter_rows():
            for count in row:
                assert count is None or f"{count:,}" in text, (name, count)


def test_a_month_without_births_is_a_gap() -> None:
    """Months between the first and the last have a place in the chart even if no table has them."""
    release = example_release()
    frame = release.tables["adjusted_births"].frame
    months = frame.filter(pl.col("level") == "year").with_columns(
        pl.lit("month").alias("level"), pl.col("value").replace({"2023": "2023-11", "2024": "2024-02"})
    )
    some = changed(release, adjusted_births=pl.concat([frame.filter(pl.col("level") != "year"), months]))
    tags = read(report_html(some, RUN)).tags
    start = next(k for k, (_, attrs) in enumerate(tags) if attrs.get("id") == "months-chart-desc")
    bars = [float(str(attrs["x"]).removesuffix("%")) for tag, attrs in tags[start : start + 60] if tag == "rect"]
    assert len(bars) == 2
    assert bars[1] - bars[0] > 60  # three of four steps apart


def test_percentages_are_not_rounded_to_all_or_nothing() -> None:
    """A completeness of 0.9999 is not shown as 100%."""
    release = example_release()
    head = release.tables["headline"].frame
    close = {"estimate": 0.99996, "low": 0.9995, "high": 1.0}
    frame = head.with_columns(
        pl.when(pl.col("measure") == "completeness").then(value).otherwise(name).alias(name)
        for name, value in close.items()
    )
    text = "\n".join(said(report_html(changed(release, headline=frame), RUN)))
    assert "That is over 99.9% of the births that happened (over 99.9% to 100.0%)." in text


def test_the_report_says_how_to_get_it_again() -> None:
    """Version, plan, seed, draws and the commands."""
    text = "\n".join(lines("usual"))
    for part in (
        "everybirth 0.1.0",
        "ab" * 32,
        "everybirth run everybirth.toml --out result --seed 7",
        "everybirth report result",
    ):
        assert part in text
    text = "\n".join(lines("usual", "zh"))
    assert "everybirth run everybirth.toml --out result --seed 7 --language zh" in text
    assert "everybirth report result --language zh" in text


def test_what_is_never_published_is_named_with_the_reason() -> None:
    """Tables that the safeguards exclude, and those that could not be made."""
    text = "\n".join(lines("no-register"))
    assert "marital status and legitimacy | A child's record should not depend on it. It is refused on reading." in text
    assert (
        "Registered births by the time from birth to registration | No list has the fields that this table needs."
        in text
    )


def test_warnings_of_the_run_are_counted_not_repeated() -> None:
    """They may hold counts that are not disclosure-controlled, or names of files."""
    text = page("usual")
    assert "The run gave 1 warning; it is in run.json." in text
    assert "row 17" not in text


def test_the_same_tables_give_the_same_bytes() -> None:
    """Nothing depends on the time of day, the order of a set or an earlier call."""
    made: list[Any] = [report_html(*CASES["usual"](), "zh") for _ in range(2)]
    assert made[0] == made[1] == page("usual", "zh")
