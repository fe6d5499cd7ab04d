"""What is hidden is told as hidden, and what nobody wrote down as not known, never one as the other."""

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from tests.publish.example_release import example_release
from tests.publish.html_text import said
from tests.publish.report_cases import RUN, changed, no_register, run_of, without

from everybirth.publish.release import Release
from everybirth.publish.report import report_html
from everybirth.publish.table_texts import NO_NOISE, NOT_ESTIMATED, NOT_PROTECTED, TOO_FEW

HIDDEN = {
    "en": "These figures are hidden: the counts could not be protected.",
    "zh": "这些数字已隐藏：其计数无法得到保护。",
}
# Tables of a section -> how it says that there is nothing to tell.
ABSENT = {
    ("overlap",): "No table of the overlap is published.",
    ("adjusted_births",): "The births are not divided by area, or no record says where.",
    ("births_by_month_sex", "adjusted_births"): "The births are not divided by month, or no record says when.",
    ("sex_ratio",): "The lists do not give the sex of the births, or too few of them do.",
    ("timeliness",): "The lists do not say when the registered births happened, or when they were registered.",
    ("sensitivity",): "Births that happened were not estimated.",
    ("births_by_site", "births_by_plurality", "births_by_weight_class", "births_by_mother_age"): (
        "No table of the births' kind is published."
    ),
}


def text_of(release: Release, run: dict[str, Any] | None = None, language: str = "en") -> str:
    """What the report says."""
    return "\n".join(said(report_html(release, run or RUN, language)))


def kept_back(why: str, *tables: str) -> Release:
    """The example without some tables, all for one reason."""
    release = without(example_release(), *tables)
    return replace(release, omitted=release.omitted | dict.fromkeys(tables, why))


@pytest.mark.parametrize("language", HIDDEN)
@pytest.mark.parametrize("tables", ABSENT, ids=lambda tables: tables[0])
def test_what_is_hidden_is_not_told_as_absent(tables: tuple[str, ...], language: str) -> None:
    """A section whose table could not be protected says so, in each language."""
    text = text_of(kept_back(NOT_PROTECTED, *tables), language=language)
    assert HIDDEN[language] in text
    assert ABSENT[tables] not in text


@pytest.mark.parametrize("tables", ABSENT, ids=lambda tables: tables[0])
def test_what_is_absent_is_not_told_as_hidden(tables: tuple[str, ...]) -> None:
    """Where no list has the fields of a table its section says that."""
    text = text_of(without(example_release(), *tables))
    assert ABSENT[tables] in text
    assert HIDDEN["en"] not in text


@pytest.mark.parametrize("why", [TOO_FEW, NO_NOISE])
def test_other_reasons_to_hide_are_told_in_their_words(why: str) -> None:
    """Too few births, and noise instead of hiding, are not called something else."""
    text = text_of(kept_back(why, "sensitivity", "sex_ratio"))
    assert text.count(why) == 4  # in two sections, and in the table of what is not published
    assert ABSENT["sensitivity",] not in text
    assert ABSENT["sex_ratio",] not in text


@pytest.mark.parametrize(("language", "says"), [("en", NOT_ESTIMATED), ("zh", "未估计实际出生数。")])
def test_what_was_not_estimated_is_not_told_as_a_field_that_is_missing(language: str, says: str) -> None:
    """One list may well give the sex of its births: that is not why there is no ratio."""
    text = text_of(kept_back(NOT_ESTIMATED, "sensitivity", "sex_ratio"), language=language)
    assert text.count(says) == 4  # in two sections, and in the table of what is not published
    assert ABSENT["sex_ratio",] not in text


def test_tables_whose_figures_are_all_hidden() -> None:
    """A table of which every figure is hidden is no sign that nothing was estimated."""
    release = example_release()
    frame = release.tables["sensitivity"].frame
    numbers = [name for name in frame.columns if frame[name].dtype != pl.String]
    hidden = frame.with_columns(pl.lit(None, frame[name].dtype).alias(name) for name in numbers)
    assert HIDDEN["en"] in text_of(changed(release, sensitivity=hidden))


def test_without_a_register_nothing_is_told_of_when_births_were_registered() -> None:
    """Then, and only then, the report says that no list is the register."""
    said_of_none = "No list is said to be the register."
    assert said_of_none in text_of(*no_register())
    for why in (NOT_PROTECTED, "No list has the fields that this table needs."):
        assert said_of_none not in text_of(kept_back(why, "timeliness"))


def sites(counts: dict[str, int | None]) -> str:
    """What is said of births by site, which are no list's register."""
    frame = pl.DataFrame({"site": list(counts), "births": list(counts.values())}, schema_overrides={"births": pl.Int64})
    release, run = changed(no_register()[0], births_by_site=frame), run_of(register=None)
    return text_of(release, run).partition("Births by kind of place")[2].partition("Births by number of children")[0]


@pytest.mark.parametrize(
    ("counts", "says", "never"),
    [
        ({"facility": 0, "home": 0, "unknown": 147, "total": 147}, "No record says.", "hidden"),
        ({"facility": 0, "home": None, "unknown": 147, "total": 147}, "Some counts are hidden", "No record says."),
        ({"facility": None, "home": None, "unknown": 147, "total": 147}, "All counts are hidden.", "No record says."),
        (
            *({"facility": 81, "home": 16, "total": 147},),
            *("50 births for which this is not stated are in the total only.", "Not stated"),
        ),
        (
            *({"facility": 81, "home": 16, "total": 98},),
            *("1 birth for which this is not stated is in the total only.", "Not stated"),
        ),
        ({"facility": 81, "home": 16, "total": 97}, "Of 97 births on any list", "not stated are in"),
        ({"facility": 81, "home": None, "total": 147}, "Of 147 births on any list", "in the total only"),
        ({"facility": 81, "home": 16, "unknown": 50, "total": 147}, "Not stated: no record says.", "in the total only"),
    ],
)
def test_births_for_which_something_is_not_stated(counts: dict[str, int | None], says: str, never: str) -> None:
    """Zeros are not called hidden, and a row that is left out is not explained as if it stood there."""
    text = sites(counts)
    assert says in text
    assert never not in text


def test_noise_leaves_nothing_out() -> None:
    """Counts with noise do not add up, and what they lack to their total is nobody."""
    release = example_release()
    frame = pl.DataFrame({"site": ["facility", "home", "total"], "births": [81, 16, 147]})
    noisy = replace(changed(release, births_by_site=frame), about=release.about | {"protection": "noise"})
    assert "in the total only" not in text_of(noisy)
