"""Dates, numbers and categories of one list: read by distinct value, and what could not be read said."""

from datetime import date

import polars as pl

from everybirth.errors import DataError, PlanError
from everybirth.schema import FIELDS
from everybirth.standardise import categories, dates, numbers
from everybirth.standardise.encode import Coded, as_text, distinct, occurring
from everybirth.standardise.notes import Source, Unread, Unusable, unusable, weights_of

# A list of births whose dates cannot be read cannot be linked: beyond this share the plan is wrong, not the rows.
MOST_UNREADABLE_BIRTH_DATES = 0.2
ANOTHER_FORMAT = 0.5  # from this share of unreadable dates on, another format reads more rows than it loses

Read = tuple[Coded, tuple[str, ...], tuple[Unread, ...]]  # the field, warnings, the values set aside


def date_field(source: Source, column: pl.Series, latest: int | None) -> Read:
    """Read one list's column of dates.

    column   (n_rows,) as read
    latest   day after which a year of two digits belongs to the century before
    Returns  the field, warnings, and the values that are no dates
    Raises   PlanError for another calendar or a format that is none; DataError where more than a fifth of a list's
             birth dates cannot be read
    """
    plan = source.column
    if plan.calendar != "gregorian":
        raise PlanError(
            f"{source.section} calendar = {plan.calendar!r} is not supported yet: only gregorian is.\n"
            "Convert the dates before, or leave the column out of the plan."
        )
    codes, values = distinct(column)
    weights = weights_of(codes, len(values))
    try:
        read = dates.read_dates(values, weights, plan.format, latest)
    except pl.exceptions.PolarsError as error:
        raise PlanError(
            f"{source.section} format = {plan.format!r} is not a date format. Write it as in %d/%m/%Y."
        ) from error
    empty = (read.days.is_null().to_numpy()) & ~read.unreadable & ~read.outside
    bad, outside = (unusable(source, codes, entries, empty) for entries in (read.unreadable, read.outside))
    warnings = []
    if bad.rows:
        written = as_text(values.filter(pl.Series(read.unreadable)))
        form = dates.likely_format(written, weights[read.unreadable])
        message = _unread_dates(source, bad, form)
        if source.field == "birth_date" and bad.share > MOST_UNREADABLE_BIRTH_DATES:
            raise DataError(message)
        warnings.append(f"{source.plan.name}: {message} They count as missing.")
    span = f"before {dates.FIRST_YEAR} or after {dates.LAST_YEAR}"
    if outside.rows:
        warnings.append(_counted(source, outside, f"dates {span}"))
    if read.ambiguous:
        warnings.append(
            f"{source.plan.name}: {source.field}: no value shows whether the day or the month is first; read as day "
            f'first. Set format = "%d/%m/%Y" or "%m/%d/%Y" under {source.section}.'
        )
    unread = (Unread(read.unreadable, "not a date"), Unread(read.outside, span))
    return Coded(codes, read.days, read.days.cast(pl.Date)), tuple(warnings), unread


def number_field(source: Source, column: pl.Series) -> Read:
    """Read one list's column of numbers; warnings count what no such number can be."""
    codes, values = distinct(column)
    standard, impossible = numbers.read_numbers(values, source.field)
    bad = unusable(source, codes, impossible, standard.is_null().to_numpy() & ~impossible)
    words = numbers.BOUNDS.get(source.field, numbers.ANY_NUMBER).words
    warnings = (_counted(source, bad, f"no {words}"),) if bad.rows else ()
    return Coded(codes, standard, standard), warnings, (Unread(impossible, f"not among {words}"),)


def category_field(source: Source, column: pl.Series) -> Read:
    """Read one list's column of categories; warnings count the values that are not understood.

    Raises   PlanError  where the plan turns a value into a code that the field does not have
    """
    stated, allowed = source.column.codes, FIELDS[source.field].codes if source.field in FIELDS else ()
    for code in stated.values():
        if allowed and code not in allowed:
            raise PlanError(f"{source.section} codes: {code!r} is not one of {', '.join(allowed)}.")
    codes, values = distinct(as_text(column))
    readers = {"sex": categories.read_sex, "site": categories.read_site}
    standard, unread_values = readers.get(source.field, categories.read_category)(values, stated)
    bad = unusable(source, codes, unread_values, standard.is_null().to_numpy() & ~unread_values)
    meant = f"not understood as {' or '.join(allowed)}"
    unread = (Unread(unread_values, meant),)
    if not bad.rows:
        return Coded(codes, standard, standard), (), unread
    advice = f"Say what they mean: codes = {{ ... }} under {source.section}."
    return Coded(codes, standard, standard), (f"{_counted(source, bad, meant)} {advice}",), unread


def latest_birth_of_mother(births: Coded) -> int | None:
    """Day before which a mother in the list must have been born: eight years before the last birth."""
    last = births.standard.filter(pl.Series(occurring(births.codes, len(births.standard)))).max()
    return int(last) - 8 * 365 if isinstance(last, int) else None


def _unread_dates(source: Source, bad: Unusable, form: str) -> str:
    """The message about rows that hold no date: which format reads them, if they are most; else what is wrong.

    form   format that most of these rows have, "" if there is none
    """
    sample = date(2025, 12, 31)
    looks = sample.strftime(source.column.format) if source.column.format else "2025-12-31 or 31/12/2025"
    if form and bad.share > ANOTHER_FORMAT:
        advice = f'Set format = "{form}" under {source.section}.'
    elif form:
        advice = f'They look like "{form}". Write all dates of the file in one way.'
    elif bad.share > MOST_UNREADABLE_BIRTH_DATES:
        advice = f"Is this the right column? Name another under {source.section}, or correct them in the file."
    else:
        advice = "Correct them in the file."
    return f"{source.field}: {bad.rows:,} of {bad.of:,} rows are not dates like {looks} (first: {bad.first}).\n{advice}"


def _counted(source: Source, bad: Unusable, what: str) -> str:
    return (
        f"{source.plan.name}: {source.field}: {bad.rows:,} of {bad.of:,} values are {what} and count as missing "
        f"(first: {bad.first})."
    )
