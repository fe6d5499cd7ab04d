"""Values that people corrected, put in the place of those read, in the way in which the list writes them."""

import polars as pl

from everybirth.plan import ColumnPlan, ListPlan
from everybirth.schema import FIELDS, Kind
from everybirth.standardise import categories
from everybirth.standardise.encode import as_text
from everybirth.tables import RawList

_READERS = {"sex": categories.read_sex, "site": categories.read_site}


def corrected(raw: RawList, plan: ListPlan, made: pl.DataFrame) -> RawList:
    """The list with its corrections.

    raw      as read
    plan     of the list
    made     record_id, field, value, one row per record and field: dates as 2024-03-05, categories by their standard
             codes, numbers in the field's unit; null: the record counts as without, whatever it says. Corrections of
             records that are not there change nothing
    Returns  the same rows and columns, and a column for each corrected field that the list lacked
    """
    frame = raw.frame
    for field in made["field"].unique().sort():
        values = made.filter(pl.col("field") == field).select("record_id", "value")
        values = values.filter(pl.col("record_id").is_in(frame["record_id"].implode()))
        if field not in frame.columns:
            values = values.drop_nulls("value")
        if values.height:
            frame = frame.with_columns(_replaced(frame, values, plan.columns.get(field, ColumnPlan(field)), field))
    return RawList(raw.name, frame)


def _replaced(frame: pl.DataFrame, values: pl.DataFrame, how: ColumnPlan, field: str) -> pl.Series:
    """(n_rows,) the column of a field, with the values of some records in the place of what was read.

    values   record_id, value
    """
    if field in frame.columns:
        own = frame[field]
    else:
        own = pl.Series(field, [None], dtype=pl.String).new_from_index(0, frame.height)
    column, written = _as_written(own, values["value"], how)
    named = values.select("record_id", written.alias("value"), pl.lit(value=True).alias("named"))
    placed = frame.select("record_id").join(named, on="record_id", how="left", maintain_order="left")
    return column.zip_with(placed["named"].is_null(), placed["value"]).alias(field)


def _as_written(column: pl.Series, value: pl.Series, how: ColumnPlan) -> tuple[pl.Series, pl.Series]:
    """A column and the values to put into it, of one dtype; read back, they mean what they meant.

    column   (n_rows,) as read
    value    (n,) String
    """
    kind = FIELDS[column.name].kind if column.name in FIELDS else Kind.CODE
    if kind is Kind.DATE:
        return _dates(column, value.str.to_date("%Y-%m-%d"), how)
    if kind is Kind.NUMBER and column.dtype.is_numeric():
        return column.cast(pl.Float64), value.cast(pl.Float64)
    text = as_text(column).alias(column.name)
    if column.name in _READERS:
        value = _category(text, value, how)
    return text, value


def _dates(column: pl.Series, day: pl.Series, how: ColumnPlan) -> tuple[pl.Series, pl.Series]:
    if column.dtype in (pl.Date, pl.Datetime):
        return column, day.cast(column.dtype)
    if column.dtype.is_numeric():  # days as spreadsheets count them, or 20240305: both are understood side by side
        return column.cast(pl.Float64), day.dt.strftime("%Y%m%d").cast(pl.Float64)
    return as_text(column), day.cast(pl.Datetime).dt.strftime(how.format or "%Y-%m-%d")


def _category(text: pl.Series, value: pl.Series, how: ColumnPlan) -> pl.Series:
    """The list's own word for each code: another word could change how its other words are understood."""
    words = text.drop_nulls().unique().sort()
    meant, _ = _READERS[text.name](words, how.codes)
    own: dict[str, str] = {}
    for word, code in zip(words, meant, strict=True):
        if code is not None:
            own.setdefault(code, word)
    return value.replace(own) if own else value
