"""A right value that an office wrote, whatever the program made of the cell, as a text."""

import datetime as dt

from everybirth.publish.values import NotAValueError, kept_value
from everybirth.publish.workbooks.returned import Cell
from everybirth.publish.workbooks.words import code_of
from everybirth.schema import FIELDS, Kind

EXCEL_DAY_0 = dt.date(1899, 12, 30)  # day 0 of Excel's date numbers, from March 1900 on
SERIALS = (61, 2_958_465)  # date numbers of 1900-03-01 and 9999-12-31


def right_value(field: str, cell: Cell) -> str:
    """The value of a field in the form in which it is kept, from a cell.

    Raises   NotAValueError  if the cell holds something else; the message does not repeat it
    """
    known = FIELDS.get(field)
    kind = known.kind if known else Kind.NAME
    if kind is Kind.DATE:
        return kept_value(field, _day(cell))
    if kind is Kind.NUMBER:
        return kept_value(field, _number(cell))
    if kind is Kind.CATEGORY:
        return kept_value(field, (code_of(cell) or "") if isinstance(cell, str) else "")
    return kept_value(field, _words(cell))


def _day(cell: Cell) -> str:
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, int | float) and not isinstance(cell, bool) and SERIALS[0] <= cell <= SERIALS[1]:
        return (EXCEL_DAY_0 + dt.timedelta(days=int(cell))).isoformat()  # a date whose cell has lost its format
    return cell if isinstance(cell, str) else ""


def _number(cell: Cell) -> str:
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return ""
    return cell if isinstance(cell, str) else str(int(cell)) if float(cell).is_integer() else repr(float(cell))


def _words(cell: Cell) -> str:
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise NotAValueError("a text is needed; the program has turned it into a date or the like. Type ' before it")
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
