"""The one form in which a corrected value is kept, whoever says it and wherever it comes from."""

import datetime as dt
import re

from everybirth.schema import FIELDS, MOTHER_ONLY_FOR_COMPARISON, Kind

LONGEST = 500  # letters of a name or code
HIGHEST = 1e9

_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]0?0:00(?::00)?)?")
_TOGETHER = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMBER = re.compile(r"\d+(?:\.\d+)?", re.ASCII)


class NotAValueError(ValueError):
    """The text is no value of this field; the message says what is needed and does not repeat it."""


def kept_value(field: str, text: str) -> str:
    """A corrected value as decisions.jsonl and the lists have it: a day as 2024-01-31, a number with a point, a code.

    text     with the year first if it is a day; in the field's unit if it is a number
    Raises   NotAValueError  if the field can have no such value, or none is kept
    """
    if field in MOTHER_ONLY_FOR_COMPARISON:
        raise NotAValueError(f"{field} is never kept here; correct it in the list itself")
    known = FIELDS.get(field)
    plain = " ".join(text.split())
    if known is not None and known.kind is Kind.DATE:
        return _day(field, plain)
    if known is not None and known.kind is Kind.NUMBER:
        return _number(field, plain)
    if known is not None and known.codes and plain not in known.codes:
        raise NotAValueError(f"{field} is one of {', '.join(known.codes)}")
    if not plain or len(plain) > LONGEST:
        raise NotAValueError(f"a text of at most {LONGEST} letters is needed")
    return plain


def _day(field: str, text: str) -> str:
    found = _YEAR_FIRST.fullmatch(text) or _TOGETHER.fullmatch(text)
    try:
        day = dt.date(*(int(part) for part in found.groups())) if found else None
    except ValueError:  # such as the 30th of February
        day = None
    if day is None:
        raise NotAValueError(f"{field} needs a date like 2025-12-31, the year first")
    return day.isoformat()


def _number(field: str, text: str) -> str:
    if not _NUMBER.fullmatch(text) or float(text) > HIGHEST:
        raise NotAValueError(f"{field} needs a number, without unit or separators, as 3200")
    number = float(text)
    return str(int(number)) if number.is_integer() else repr(number)
