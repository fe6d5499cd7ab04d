"""Reading a file of counts: which columns are lists, which are strata, how many births each history has."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from everybirth.errors import EstimateError, ReadError
from everybirth.estimate.cells import LARGEST_COUNT, MAXIMUM_LISTS, bit
from everybirth.tables import BoolArray, Float64Array, Int64Array

COUNT = "count"
# Words for 1 and 0. A column that holds only such may be a list or a stratum: the user is asked to say which.
YES = ("yes", "true", "x", "1", "oui", "si", "sí", "sim", "是")
NO = ("no", "false", "", "0", "non", "não", "否")


@dataclass(frozen=True, slots=True)
class Histories:
    """Counts by stratum and capture history.

    lists    names of the lists
    strata   the values of the stratum columns, one dict for each stratum, in ascending order
    counts   (n_strata, 2**n_lists) births
    without_births  names of columns of lists without a birth, which are left out: they say nothing
    missed_rows     rows of births on no list that held a count, which was left aside
    """

    lists: tuple[str, ...]
    strata: tuple[dict[str, str], ...]
    counts: Float64Array
    without_births: tuple[str, ...]
    missed_rows: int


def read_histories(source: str | Path | pl.DataFrame, strata: tuple[str, ...] = ()) -> Histories:
    """Read and check capture-history counts; histories that stand in several rows are added up.

    source   a CSV file or a table: one 0/1 column per list, "count", and columns of strata
    strata   columns that are strata although they look like lists
    Raises   ReadError  if the file is missing or no CSV; EstimateError  if its columns or counts cannot be used
    """
    frame = _text(source)
    if COUNT not in frame.columns:
        raise EstimateError(
            f"There is no column named {COUNT}, for the births of a row; found: {', '.join(frame.columns)}."
        )
    births = _births(frame[COUNT])
    others = [name for name in frame.columns if name != COUNT and name not in strata]
    lists = tuple(name for name in others if _is_list(frame[name]))
    if not 2 <= len(lists) <= MAXIMUM_LISTS:
        raise EstimateError(
            f"{len(lists)} columns hold only 0 and 1 ({', '.join(lists)}); two to {MAXIMUM_LISTS} lists are needed. "
            "Each list is a column with 1 where the births of the row are on it and 0 where not."
        )
    keys = [name for name in frame.columns if name != COUNT and name not in lists]
    held = [name for name in lists if births[_on(frame[name])].any()]
    left_out = tuple(name for name in lists if name not in held) if len(held) >= 2 else ()
    lists = tuple(name for name in lists if name not in left_out)
    on = np.column_stack([_on(frame[name]) for name in lists])
    cell = on @ np.array([bit(j, len(lists)) for j in range(len(lists))])
    groups, place = _groups(frame, keys)
    counts = np.zeros((len(groups), 2 ** len(lists)))
    np.add.at(counts, (place, cell), births)
    missed_rows = int(((cell == 0) & (births > 0)).sum())
    return Histories(lists, groups, counts, left_out, missed_rows)


def _on(column: pl.Series) -> BoolArray:
    """Which rows are on a list."""
    marked: BoolArray = (column.cast(pl.Float64) == 1.0).to_numpy()
    return marked


def _text(source: str | Path | pl.DataFrame) -> pl.DataFrame:
    """The table, all columns as text, truth values as 1 and 0, blanks as null."""
    if isinstance(source, pl.DataFrame):
        frame = source.with_columns(pl.col(pl.Boolean).cast(pl.Int8)).cast(pl.String)
    else:
        try:
            frame = pl.read_csv(source, infer_schema=False)
            names = pl.read_csv(source, infer_schema=False, has_header=False, n_rows=1).row(0)
        except FileNotFoundError as error:
            raise ReadError(f"{source} is not there. Give the path of a CSV file of counts.") from error
        except (pl.exceptions.PolarsError, OSError) as error:
            raise ReadError(f"{source} cannot be read as a CSV file: {str(error).splitlines()[0]}") from error
        twice = sorted({name for name in names if name and names.count(name) > 1})
        if twice:
            raise EstimateError(f"There are several columns named {', '.join(twice)}. Give each a name of its own.")
    if frame.height == 0:
        raise EstimateError("There are no rows. One row per capture history, with its count, is needed.")
    stripped = pl.all().str.strip_chars()
    return frame.select(pl.when(stripped != "").then(stripped).name.keep())


def _births(column: pl.Series) -> Int64Array:
    """The counts as whole numbers."""
    number = column.cast(pl.Float64, strict=False).fill_null(-1.0).to_numpy()
    bad = ~np.isfinite(number) | (number < 0) | (number != np.floor(np.where(np.isfinite(number), number, 0.0)))
    if bad.any():
        raise EstimateError(
            f"{COUNT}: {int(bad.sum())} of {len(number)} rows are not whole numbers (first: row {_row_number(bad)}). "
            "Write the number of births with this history; 0 if there are none."
        )
    large = number > LARGEST_COUNT
    if large.any():
        raise EstimateError(
            f"{COUNT}: {int(large.sum())} of {len(number)} rows are above {LARGEST_COUNT:,.0f} (first: row "
            f"{_row_number(large)}), which no number of births is. Check them."
        )
    return number.astype(np.int64)


def _is_list(column: pl.Series) -> bool:
    """Whether a column marks membership of a list: only 0 and 1, or 0.0 and 1.0.

    Raises   EstimateError  if most rows are 0 or 1 but not all, which is no likely stratum either; or if the column
             says yes and no, which may be either
    """
    column = column.str.replace(r"^([01])\.0+$", "$1")
    marks = column.is_in(["0", "1"]).fill_null(False)
    if marks.all():
        return True
    said = set(column.fill_null("").str.strip_chars().str.to_lowercase())
    if said <= {*YES, *NO} and said & set(YES) and said & set(NO) and not {"0", "1"} <= said:
        raise EstimateError(
            f"{column.name}: it holds words like yes and no, or marks beside blanks. If it is a list, write 1 where "
            f"the births of the row are on it, 0 where not; if it is a stratum, say so: --stratum {column.name}."
        )
    bad = (~marks).to_numpy()
    if {"0", "1"} <= set(column.unique().to_list()) and bad.mean() < 0.5:
        raise EstimateError(
            f"{column.name}: {int(bad.sum())} of {len(bad)} rows are neither 0 nor 1 (first: row {_row_number(bad)}). "
            "Write 1 where the births of the row are on this list, 0 where not."
        )
    return False


def _row_number(bad: BoolArray) -> int:
    """The first bad row as a person counts it, the header being row 1."""
    return int(bad.argmax()) + 2


def _groups(frame: pl.DataFrame, keys: list[str]) -> tuple[tuple[dict[str, str], ...], Int64Array]:
    """The strata in ascending order, and the stratum of each row."""
    if not keys:
        return ({},), np.zeros(frame.height, dtype=np.int64)
    rows = frame.select(pl.col(keys).fill_null(""))
    distinct = rows.unique().sort(keys).with_row_index("_place")
    place = rows.join(distinct, on=keys, how="left", maintain_order="left")["_place"]
    return tuple(distinct.drop("_place").to_dicts()), place.to_numpy().astype(np.int64)
