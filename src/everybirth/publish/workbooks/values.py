"""A right value that an office wrote, as the lists would have it."""

import datetime as dt
import re

from everybirth.publish.workbooks.returned import Cell
from everybirth.publish.workbooks.words import code_of
from everybirth.schema import FIELDS, MOTHER_ONLY_FOR_COMPARISON, Kind

EXCEL_DAY_0 = dt.date(1899, 12, 30)  # day 0 of Excel's date numbers, from March 1900 on
SERIALS = (61, 2_958_465)  # date numbers of 1900-03-01 and 9999-12-31
LONGEST = 500  # letters of a name or code
HIGHEST = 1e9

_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]0?0:00(?::00)?)?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class NotAValueError(ValueError):
    """The cell does not hold a value of this field; the message says what is needed."""


def right_value(field: str, cell: Cell) -> str:
    """The value of a field as text: a day as 2024-01-31, a number with a point, a standard code, a name.

    Raises   NotAValueError  if the cell holds something else; the message does not repeat it
    """
    if field in MOTHER_ONLY_FOR_COMPARISON:
        raise NotAValueError(f"{field} is never kept here; correct it in the list itself")
    known = FIELDS.get(field)
    kind = known.kind if known else Kind.NAME
    if kind is Kind.DATE:
        return _day(cell).isoformat()
    if kind is Kind.NUMBER:
        return _number(cell)
    if kind is Kind.CATEGORY and known is not None:
        code = code_of(cell) if isinstance(cell, str) else None
        if code not in known.codes:
            raise NotAValueError(f"one of {', '.join(known.codes)} is needed")
        return code
    return _words(cell)


def _day(cell: Cell) -> dt.date:
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool) and SERIALS[0] <= cell <= SERIALS[1]:
        return EXCEL_DAY_0 + dt.timedelta(days=int(cell))  # a date whose cell has lost its format
    found = _YEAR_FIRST.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if found:
        try:
            return dt.date(*(int(part) for part in found.groups()))
        except ValueError:
            pass  # such as the 30th of February
    raise NotAValueError("a date is needed, year first: 2024-01-31")


def _number(cell: Cell) -> str:
    if isinstance(cell, str) and _NUMBER.fullmatch(cell.strip()):
        cell = float(cell)
    if isinstance(cell, bool) or not isinstance(cell, int | float) or not 0 <= cell <= HIGHEST:
        raise NotAValueError("a number is needed, without unit or separators: 3200")
    return str(int(cell)) if float(cell).is_integer() else repr(float(cell))


def _words(cell: Cell) -> str:
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise NotAValueError("a text is needed; the program has turned it into a date or the like. Type ' before it")
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else " ".join(str(cell).split())
    if not text or len(text) > LONGEST:
        raise NotAValueError(f"a text of at most {LONGEST} letters is needed")
    return text
