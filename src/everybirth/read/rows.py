"""Rows of a file as rows of a list: ids, canonical names, and the rows that cannot be used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from everybirth.plan import ListPlan
from everybirth.read.table import REJECTED_SCHEMA, FileTable, as_json
from everybirth.read.vocabulary import TOTALS
from everybirth.schema import FIELDS, Kind

_IDENTIFYING = tuple(name for name, field in FIELDS.items() if field.kind is Kind.NAME)

_AGAIN = "the header again"
_TOTAL = "a total, not a birth"


@dataclass(frozen=True, slots=True)
class ReadRows:
    """The rows of one or more files of a list.

    frame      record_id, row, canonical and extra columns; all rows of one file, then those of the next
    rejected   list, row, reason, content
    """

    frame: pl.DataFrame
    rejected: pl.DataFrame


def usable_rows(table: FileTable, part: ListPlan, wanted: Mapping[str, str], prefix: tuple[str, str]) -> ReadRows:
    """Give each row its id and the columns their canonical names; set aside rows without id, or without name and date.

    Rows that repeat the header are set aside too: they are left where files were put together; and rows of totals.

    wanted   canonical field -> column of the file
    prefix   what comes before the content of a rejected row, and before an id made from a row number
    """
    frame = table.frame
    id_column = part.id.strip()
    by_row = table.row.cast(pl.String)
    ids = text_ids(frame[id_column]) if id_column in frame.columns else prefix[1] + by_row
    named = _filled([frame[wanted[name]] for name in ("birth_date", *_IDENTIFYING) if name in wanted], frame.height)
    has_id, again = ids.is_not_null(), header_again(frame)
    totals = total_rows(frame, wanted)
    good = has_id & named & ~again & ~totals
    columns = [frame[column].alias(name) for name, column in wanted.items()]
    result = pl.DataFrame([ids.alias("record_id"), table.row.alias("row"), *columns])
    rejected = _rejected(table, part.name, prefix[0], ())
    if not good.all():
        reason = pl.select(
            pl.when(again)
            .then(pl.lit(_AGAIN))
            .when(totals)
            .then(pl.lit(_TOTAL))
            .when(~has_id)
            .then(pl.lit(f'no id in column "{part.id}"'))
            .otherwise(pl.lit("neither a name nor a date"))
        ).to_series()
        bad = frame.with_columns(reason.alias("\0reason"), table.row.alias("\0row")).filter(~good)
        rejected = _rejected(table, part.name, prefix[0], bad.rows(named=True))
        result = result.filter(good)
    return ReadRows(result, rejected)


def header_again(frame: pl.DataFrame) -> pl.Series:
    """(height,) whether a row holds the names of all columns; a single column says too little to tell."""
    none = pl.repeat(value=False, n=frame.height, eager=True)
    names = frame.columns
    if len(names) < 2 or any(dtype != pl.String for dtype in frame.dtypes):
        return none
    likely = none
    for name in names[:2]:  # two, since a byte-order mark may stand before one of them
        likely |= (frame[name] == name).fill_null(value=False)
    places = likely.arg_true()
    if not len(places):
        return none
    rows = frame[places].select(pl.all().str.strip_chars_start("\ufeff").str.strip_chars())
    whole = rows.select(pl.all_horizontal((pl.col(name) == name).fill_null(value=False) for name in names)).to_series()
    return none.scatter(places.filter(whole), values=True)


def total_rows(frame: pl.DataFrame, wanted: Mapping[str, str]) -> pl.Series:
    """(height,) whether a row is a total: no date of birth, and where names stand only "total", in whatever language.

    wanted   canonical field -> column
    """
    none = pl.repeat(value=False, n=frame.height, eager=True)
    names = [frame[wanted[name]] for name in _IDENTIFYING if name in wanted and frame[wanted[name]].dtype == pl.String]
    if not names:
        return none
    undated = (~_filled([frame[wanted["birth_date"]]] if "birth_date" in wanted else [], frame.height)).arg_true()
    if not len(undated):
        return none
    said = pl.DataFrame([column[undated].str.strip_chars(" :.*=-").alias(f"{k}") for k, column in enumerate(names)])
    is_total = pl.all().str.contains(TOTALS).fill_null(value=False)
    is_empty = ~pl.all().str.contains(r"\p{L}").fill_null(value=False)
    # A person may be called Suma, but hardly by all her names.
    only = said.select(pl.any_horizontal(is_total) & pl.all_horizontal(is_total | is_empty)).to_series()
    return none.scatter(undated.filter(only), values=True)


def text_ids(column: pl.Series) -> pl.Series:
    """Ids as text, the same whatever the type: 7, 7.0 and " 7 " are all "7"; empty ones null."""
    if column.dtype.is_float():
        whole = column.cast(pl.Int64, strict=False)
        texts = column.cast(pl.String)
        column = pl.select(
            pl.when(whole.cast(pl.Float64) == column).then(whole.cast(pl.String)).otherwise(texts)
        ).to_series()
    ids = column.cast(pl.String)
    if column.dtype == pl.String:
        ids = ids.str.strip_chars()
    return ids.set(ids == "", None) if (ids == "").any() else ids


def _filled(columns: Sequence[pl.Series], height: int) -> pl.Series:
    """Whether any of the columns holds something, row by row; stops as soon as every row is known to."""
    filled = pl.repeat(value=True, n=height, eager=True)
    blank = pl.int_range(height, dtype=pl.UInt32, eager=True)
    for column in columns:
        some = column if len(blank) == height else column.gather(blank)  # as a rule few after the first column
        has = some.is_not_null()
        if column.dtype == pl.String:
            has &= (some.str.strip_chars() != "").fill_null(value=False)
        blank = blank.filter(~has)
        if not len(blank):
            break
    return filled.scatter(blank, values=False) if len(blank) else filled


def _rejected(table: FileTable, name: str, prefix: str, bad: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    rows, reasons = list(table.rejects.row), list(table.rejects.reason)
    contents = [prefix + as_json({})] * len(rows)  # the file may be told, no cell
    for cells in bad:
        rows.append(int(str(cells["\0row"])))
        reasons.append(str(cells["\0reason"]))
        there = {key: cell for key, cell in cells.items() if not key.startswith("\0")}
        contents.append(prefix + as_json({} if reasons[-1] == _AGAIN else there))  # a header holds nobody's values
    lists = [name] * len(rows)
    frame = pl.DataFrame([lists, rows, reasons, contents], schema=REJECTED_SCHEMA, orient="col")
    return frame.sort("row")


def combine(parts: Sequence[ReadRows], name: str) -> ReadRows:
    """The rows of all files of a list under one another; a column with different types becomes text.

    parts    one per file, all with the same columns
    """
    if len(parts) == 1:
        return parts[0]
    return ReadRows(stacked([part.frame for part in parts]), pl.concat([part.rejected for part in parts]))


def stacked(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Tables with the same columns under one another; a column with different types becomes text."""
    types = {column: {frame.schema[column] for frame in frames if frame.height} for column in frames[0].columns}
    mixed = [column for column, found in types.items() if len(found) > 1]
    frames = [frame for frame in frames if frame.height] or frames[:1]
    frames = [frame.with_columns(text_ids(frame[column]).alias(column) for column in mixed) for frame in frames]
    return pl.concat(frames)
