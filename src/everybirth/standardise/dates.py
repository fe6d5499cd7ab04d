"""Dates, however a list writes them, as days since 1970-01-01."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from everybirth.standardise.text import plain
from everybirth.tables import BoolArray, Float64Array, Int64Array

FIRST_YEAR, LAST_YEAR = 1900, 2200
CENTURY_TURNS_AT = 70  # a year of two digits: 69 is 2069, 70 is 1970, unless something better is known
EXCEL_EPOCH = -25_569  # 1899-12-30, day 0 of a spreadsheet, in days since 1970-01-01
EXCEL_SERIALS = (61, 110_000)  # the first days of 1900 are wrong in spreadsheets; the last is in 2201

_TIME = r"(?:[T ]+[0-9]{1,2}[:h][0-9.:]*\s*(?:[AaPp][Mm])?\s*(?:Z|UTC|[+-][0-9:]+)?)?"
# A year of four digits first: 2024-03-05, 2024/3/5, 20240305, 2024年3月5日
_YEAR_FIRST = (
    rf"^([0-9]{{4}})[-/.]([0-9]{{1,2}})[-/.]([0-9]{{1,2}}){_TIME}$",
    r"^([0-9]{4})([0-9]{2})([0-9]{2})$",
    r"^([0-9]{4})\s*年\s*([0-9]{1,2})\s*月\s*([0-9]{1,2})\s*[日号號]?$",
)
_NUMBERS = rf"^([0-9]{{1,2}})\s?[-/.]\s?([0-9]{{1,2}})\s?[-/.]\s?([0-9]{{2}}|[0-9]{{4}}){_TIME}$"
_DAY_WORD = (
    r"(?i)^([0-9]{1,2})(?:st|nd|rd|th|er|º)?[-/. ]*(?:de |of )?(\p{L}{3,})\.?[-/., ]*(?:del? )?"
    rf"([0-9]{{2}}|[0-9]{{4}}){_TIME}$"
)
_WORD_DAY = rf"(?i)^(\p{{L}}{{3,}})\.?[-/ ]*([0-9]{{1,2}})(?:st|nd|rd|th)?[-/., ]+([0-9]{{4}}){_TIME}$"
_SERIAL = r"^([0-9]{2,6})(?:\.[0-9]+)?$"
_MONTHS = {
    "jan": 1, "ene": 1, "fev": 2, "feb": 2, "fév": 2, "mar": 3, "apr": 4, "abr": 4, "avr": 4, "may": 5, "mai": 5,
    "jun": 6, "jui": 6, "jul": 7, "aug": 8, "ago": 8, "aou": 8, "aoû": 8, "sep": 9, "set": 9, "oct": 10, "out": 10,
    "nov": 11, "dec": 12, "dic": 12, "dez": 12, "déc": 12,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dates:
    """Distinct values of a date column, read.

    days        (n,) Int32 days since 1970-01-01, null where missing, unreadable or impossible
    unreadable  (n,) True where something is written that is no date, or a day that no calendar has
    outside     (n,) True where the date is before 1900 or after 2200
    ambiguous   the order of day and month could not be told from the values and was taken to be day first
    """

    days: pl.Series
    unreadable: BoolArray
    outside: BoolArray
    ambiguous: bool = False


def read_dates(values: pl.Series, weights: Int64Array, form: str = "", latest: int | None = None) -> Dates:
    """Read the distinct values of one list's date column.

    values   (n,) Date, numbers (20240305, or days as spreadsheets count them) or String
    weights  (n,) rows that hold each value: they decide whether day or month is first
    form     strptime format of text; where it does not fit, dates with the year first are still read
    latest   day after which a year of two digits belongs to the century before; None: the usual turn of 1970
    """
    if values.dtype == pl.Date:
        days = values.to_physical().cast(pl.Float64).fill_null(np.nan).to_numpy()
        return _checked(days, np.isfinite(days))
    if values.dtype != pl.String:
        numbers = values.cast(pl.Float64).fill_null(np.nan).to_numpy()
        return _checked(_from_numbers(numbers), np.isfinite(numbers))
    text = plain(values)
    written = text.is_not_null().to_numpy() & ~_zero_date(text)
    days = _coalesce(*(_civil(text, pattern, (0, 1, 2)) for pattern in _YEAR_FIRST))
    if form:
        stated = text.str.to_date(form, strict=False).to_physical().cast(pl.Float64).fill_null(np.nan).to_numpy()
        if "%y" in form:
            stated = _right_century(stated, latest)
        return _checked(_coalesce(stated, days), written)
    month_first = _month_first(text, weights)
    parts = (1, 0, 2) if month_first is None or not month_first else (0, 1, 2)
    order = (2, parts[0], parts[1])
    numeric = _civil(text, _NUMBERS, order, latest)
    words = _coalesce(_civil(text, _DAY_WORD, (2, 1, 0), latest), _civil(text, _WORD_DAY, (2, 0, 1), latest))
    serial = _from_numbers(_numbers(text.str.extract(_SERIAL)))
    ambiguous = month_first is None and bool(np.isfinite(numeric).any())
    return _checked(_coalesce(days, numeric, words, serial), written, ambiguous)


def likely_format(values: pl.Series, weights: Int64Array) -> str:
    """strptime format that fits more than half of the rows' values as text, or "" if none of the usual ones does."""
    forms = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d", "%d/%m/%y", "%d-%b-%Y")
    text = plain(values.cast(pl.String))
    fits = [int(weights[text.str.to_date(form, strict=False).is_not_null().to_numpy()].sum()) for form in forms]
    return forms[int(np.argmax(fits))] if max(fits) * 2 > weights.sum() else ""


def _checked(days: Float64Array, written: BoolArray, ambiguous: bool = False) -> Dates:
    """Days within the years that a birth's dates can have; NaN where there is none."""
    low, high = (np.datetime64(f"{year}-01-01", "D").astype(np.int64) for year in (FIRST_YEAR, LAST_YEAR + 1))
    found = np.isfinite(days)
    inside = found & (days >= low) & (days < high)
    whole = pl.Series(np.where(inside, days, 0).astype(np.int32))
    kept = whole.zip_with(pl.Series(inside), pl.Series([None], dtype=pl.Int32).new_from_index(0, len(whole)))
    return Dates(kept, written & ~found, found & ~inside, ambiguous)


def _civil(text: pl.Series, pattern: str, order: tuple[int, int, int], latest: int | None = None) -> Float64Array:
    """(n,) days of the values that fit the pattern, NaN elsewhere; `order` has the groups of year, month and day."""
    year, month, day = (text.str.extract(pattern, group + 1) for group in order)
    short = (year.str.len_bytes() == 2).fill_null(False).to_numpy()
    years, days = _numbers(year), _numbers(day)
    years = years + np.where(short, np.where(years < CENTURY_TURNS_AT, 2000, 1900), 0)
    months = month.str.slice(0, 3).str.to_lowercase().replace_strict(_MONTHS, default=None, return_dtype=pl.Int32)
    # French juin and juillet are the only months that share their first three letters.
    july = month.str.to_lowercase().str.starts_with("juil").fill_null(False)
    named = _numbers(months.cast(pl.String)) + july.to_numpy()
    found = _days(years, np.where(np.isfinite(named), named, _numbers(month)), days)
    return np.where(short, _right_century(found, latest), found)


def _days(year: Float64Array, month: Float64Array, day: Float64Array) -> Float64Array:
    """(n,) days since 1970-01-01 of dates by number, NaN where the calendar has no such day."""
    possible = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    safe = [np.where(possible, part, 1).astype(np.int64) for part in (year, month, day)]
    months = (safe[0] - 1970) * 12 + safe[1] - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    following = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    days = first + safe[2] - 1
    return np.where(possible & (days < following), days, np.nan)


def _from_numbers(numbers: Float64Array) -> Float64Array:
    """(n,) days of 20240305 and of a spreadsheet's day numbers, NaN for other numbers."""
    whole = np.floor(numbers)
    compact = _days(whole // 10_000, whole // 100 % 100, whole % 100)
    serial = (whole >= EXCEL_SERIALS[0]) & (whole <= EXCEL_SERIALS[1])
    return np.where(serial, whole + EXCEL_EPOCH, np.where(whole >= 10_000_000, compact, np.nan))


def _month_first(text: pl.Series, weights: Int64Array) -> bool | None:
    """Whether numbers such as 3/14/2024 have the month first; None if no value tells."""
    first, second = (_numbers(text.str.extract(_NUMBERS, group)) for group in (1, 2))
    day_first, month_first = int(weights[first > 12].sum()), int(weights[second > 12].sum())
    return None if day_first == month_first == 0 else month_first > day_first


def _right_century(days: Float64Array, latest: int | None) -> Float64Array:
    return days if latest is None else np.where(days > latest, days - 36_525, days)


def _zero_date(text: pl.Series) -> BoolArray:
    """0000-00-00, 00/00/0000, 0: some programs write these where there is no date."""
    return text.str.contains(r"^[0\s:/.-]+$").fill_null(False).to_numpy()


def _numbers(text: pl.Series) -> Float64Array:
    return text.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()


def _coalesce(*readings: Float64Array) -> Float64Array:
    found = readings[0]
    for reading in readings[1:]:
        found = np.where(np.isfinite(found), found, reading)
    return found
