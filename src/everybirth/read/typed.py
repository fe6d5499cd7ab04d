"""Columns from cells that carry a type of their own: Excel and SQL."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import polars as pl

_MIDNIGHT = dt.time(0)


def typed_column(name: str, cells: Sequence[object], date_format: str = "") -> pl.Series:
    """One column with the narrowest type that holds every cell.

    cells        Python values; None and "" are empty
    date_format  how a date is written if it stands among texts; ISO if empty
    Returns      (n_cells,) Date, Datetime, Int64, Float64, or String where cells are of several kinds
    """
    plain = [_plain(cell) for cell in cells]
    kinds = {type(cell) for cell in plain if cell is not None}
    if kinds == {dt.date}:
        return pl.Series(name, plain, dtype=pl.Date)
    if kinds and kinds <= {dt.date, dt.datetime}:
        return pl.Series(name, [_moment(cell) for cell in plain], dtype=pl.Datetime("us"))
    if kinds == {int}:
        return pl.Series(name, plain, dtype=pl.Int64)
    if kinds and kinds <= {int, float}:
        return pl.Series(name, plain, dtype=pl.Float64, strict=False)
    return pl.Series(name, [_text(cell, date_format) for cell in plain], dtype=pl.String)


def _plain(cell: object) -> object:
    if cell is None or cell == "" or cell != cell:  # noqa: PLR0124 - only "not a number" differs from itself
        return None
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, Decimal):
        cell = float(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return int(cell)
    if isinstance(cell, int) and abs(cell) >= 2**63:
        return str(cell)
    if isinstance(cell, dt.datetime):
        cell = cell.replace(tzinfo=None)
        return cell.date() if cell.time() == _MIDNIGHT else cell
    return cell


def _moment(cell: object) -> object:
    if isinstance(cell, dt.datetime) or not isinstance(cell, dt.date):
        return cell
    return dt.datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - files hold no time zones


def _text(cell: object, date_format: str) -> str | None:
    if cell is None:
        return None
    if isinstance(cell, dt.date):  # a datetime is a date too
        return cell.strftime(date_format) if date_format else cell.isoformat()
    return str(cell)
