"""Slow and obvious twins of the encoding."""

from datetime import date, timedelta

import polars as pl

from everybirth.tables import MISSING, Column, Records


def encode(values: list[object]) -> tuple[list[int], list[object]]:
    """Codes into the ascending distinct values, MISSING for None."""
    known = sorted({value for value in values if value is not None}, key=_bytes)
    return [MISSING if value is None else known.index(value) for value in values], known


def decode(column: Column) -> list[object]:
    """The standardised values, row by row."""
    values = column.values.to_list()
    return [None if code == MISSING else values[code] for code in column.codes.tolist()]


def day(days: int) -> date:
    """The day so many days after 1970-01-01."""
    return date(1970, 1, 1) + timedelta(days=days)


def as_rows(records: Records) -> list[dict[str, object]]:
    """Each record with its list, id and standardised fields."""
    columns = {name: decode(column) for name, column in records.columns.items()}
    return [
        {"list": records.list_names[records.list_of[i]], "id": records.record_id[i]}
        | {name: values[i] for name, values in columns.items()}
        for i in range(records.n_records)
    ]


def spelt(records: Records) -> dict[str, list[str | None]]:
    """Each field in its own spelling, row by row."""
    texts = {name: spelling.texts.to_list() for name, spelling in records.raw.items()}
    return {
        name: [None if code == MISSING else texts[name][code] for code in spelling.codes.tolist()]
        for name, spelling in records.raw.items()
    }


def same_table(left: pl.DataFrame, right: pl.DataFrame) -> bool:
    """Whether two tables hold the same columns with the same values."""
    return left.columns == right.columns and left.rows() == right.rows()


def _bytes(value: object) -> object:
    return value.encode() if isinstance(value, str) else value
