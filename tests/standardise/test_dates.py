"""Dates however they are written."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everybirth.standardise.dates import Dates, likely_format, read_dates
from everybirth.standardise.encode import distinct

DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))


def read(*values: object, form: str = "", latest: int | None = None) -> Dates:
    """The values read as a column of which each is one row."""
    return read_dates(pl.Series(values, strict=False), np.ones(len(values), np.int64), form, latest)


def as_dates(dates: Dates) -> list[date | None]:
    """The days as dates."""
    found: list[date | None] = dates.days.cast(pl.Date).to_list()
    return found


@pytest.mark.parametrize(
    "written",
    [
        "2024-03-05", "2024/3/5", "2024.03.05", "20240305", "2024-03-05 13:45:00", "2024-03-05T13:45:00Z",
        "2024年3月5日", "5 Mar 2024", "05-MAR-24", "5th March 2024", "March 5, 2024", "5 de marzo de 2024",
        "5 mars 2024", "5 março 2024", "05MAR2024", "45356", "45356.0", "５/３/2024", "٥/٣/2024", " 5/3/2024 ",
        "5.3.2024", "05-03-24",
    ],
)  # fmt: skip
def test_usual_ways_of_writing(written: str) -> None:
    """One day, in the usual ways, without a stated format."""
    assert as_dates(read(written)) == [date(2024, 3, 5)]


def test_typed_values() -> None:
    """Dates, spreadsheets' day numbers and numbers such as 20240305 are read as what they are."""
    assert as_dates(read(date(2024, 3, 5), None)) == [date(2024, 3, 5), None]
    assert as_dates(read(45356, 20240305, 7)) == [date(2024, 3, 5), date(2024, 3, 5), None]
    assert as_dates(read(45356.75, float("nan"))) == [date(2024, 3, 5), None]


def test_french_june_and_july_differ() -> None:
    """The two months that share their first three letters are told apart."""
    assert as_dates(read("5 juin 2024", "5 juillet 2024")) == [date(2024, 6, 5), date(2024, 7, 5)]


def test_the_whole_column_decides_between_day_and_month_first() -> None:
    """A value over 12 says which comes first; without one it is the day, and that is said."""
    assert as_dates(read("3/4/2024", "12/25/2024")) == [date(2024, 3, 4), date(2024, 12, 25)]
    assert as_dates(read("3/4/2024", "25/12/2024")) == [date(2024, 4, 3), date(2024, 12, 25)]
    unsure = read("3/4/2024")
    assert unsure.ambiguous
    assert as_dates(unsure) == [date(2024, 4, 3)]


def test_rows_weigh_not_values() -> None:
    """Where both orders occur, the one of more rows holds and the others are unreadable."""
    dates = read_dates(pl.Series(["25/12/2024", "12/25/2024"]), np.array([1, 9]))
    assert as_dates(dates) == [None, date(2024, 12, 25)]
    assert dates.unreadable.tolist() == [True, False]


def test_what_is_no_date() -> None:
    """Other text and days that no calendar has are unreadable; empty values and nought dates are only missing."""
    dates = read("2024-02-30", "soon", "2023-02-29", "31/04/2024", "", "unknown", "0000-00-00", "00/00/0000")
    assert as_dates(dates) == [None] * 8
    assert dates.unreadable.tolist() == [True] * 4 + [False] * 4


def test_years_out_of_bounds_are_missing() -> None:
    """Dates before 1900 and after 2200 are read, counted and left out."""
    dates = read("1899-12-31", "1900-01-01", "2200-12-31", "2201-01-01")
    assert as_dates(dates) == [None, date(1900, 1, 1), date(2200, 12, 31), None]
    assert dates.outside.tolist() == [True, False, False, True]
    assert not dates.unreadable.any()


def test_stated_format() -> None:
    """The stated format holds; only dates with the year first are read beside it."""
    dates = read("03/04/2024", "2024-03-05", "25/12/2024", form="%m/%d/%Y")
    assert as_dates(dates) == [date(2024, 3, 4), date(2024, 3, 5), None]
    assert dates.unreadable.tolist() == [False, False, True]


def test_two_figures_for_a_mothers_year() -> None:
    """Mothers are not born after their children: the century follows from the list's births."""
    latest = (date(2016, 1, 1) - date(1970, 1, 1)).days
    assert as_dates(read("31/01/65", "31/01/05", latest=latest)) == [date(1965, 1, 31), date(2005, 1, 31)]
    assert as_dates(read("31/01/65", latest=latest, form="%d/%m/%y")) == [date(1965, 1, 31)]


@given(
    st.lists(DAYS, min_size=1, max_size=30), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%d.%m.%Y", "%Y-%m-%d"])
)
def test_a_stated_format_reads_back_what_it_wrote(days: list[date], form: str) -> None:
    """Every day from 1900 to 2199 in every usual format comes back."""
    assert as_dates(read(*(day.strftime(form) for day in days), form=form)) == days


@given(st.lists(DAYS, min_size=1, max_size=30))
def test_an_unstated_format_is_recognised(days: list[date]) -> None:
    """With one value that tells, days first are recognised over the whole column."""
    days = [*days, date(2024, 1, 31)]
    assert as_dates(read(*(day.strftime("%d/%m/%Y") for day in days))) == days


def test_likely_format() -> None:
    """The format offered in messages is the one that reads most rows."""
    assert likely_format(pl.Series(["2024-12-31", "31/12/2024"]), np.array([1, 5])) == "%d/%m/%Y"
    assert likely_format(pl.Series(["soon"]), np.array([1])) == ""


def test_datetimes_keep_their_own_day() -> None:
    """A moment late in the evening belongs to the day of its own clock."""
    late = pl.Series([datetime(2024, 3, 5, 23, 30, tzinfo=ZoneInfo("Asia/Shanghai"))])
    assert distinct(late)[1].to_list() == [date(2024, 3, 5)]
