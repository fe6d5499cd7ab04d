"""Rows that could not be used, as findings."""

import json
import re
from collections.abc import Mapping, Sequence

import polars as pl

from everybirth.publish.findings.kinds import REJECTED


def rejected_rows(
    rejected: pl.DataFrame, id_columns: Mapping[str, str], area: pl.Series
) -> tuple[pl.DataFrame, pl.Series]:
    """One finding per rejected row.

    rejected    list, row, reason, content (JSON of the plan's columns as read)
    id_columns  list -> the column that holds its ids, where it has one
    area        (n,) String, the area that each row states
    Returns     the findings but for their ids, in the order of the rows; (n,) String, what a row is known by in other
                runs: its id or, without one, what it holds or its number, and which of several equal rows it is

    What the row holds is not told: it may be what is never written elsewhere. rejected.parquet has it.
    """
    lists = rejected["list"].unique(maintain_order=True)
    ids = _first({name: list(filter(None, (id_columns.get(name), "record_id"))) for name in lists})
    # Of a row with more or fewer cells than the header, or the header again, nothing is kept: it has its number.
    empty = pl.col("content").str.ends_with("{}")
    held = pl.when(empty).then(pl.format("{} row {}", "content", "row")).otherwise("content")
    known = rejected.select("list", pl.coalesce("id " + ids, held).alias("known"))
    again = known.select(pl.int_range(pl.len()).over("list", "known").alias("again"))["again"]
    key = known.select(pl.col("known") + "\x1f" + pl.lit(again).cast(pl.String)).to_series()
    found = rejected.select(
        pl.lit(REJECTED).alias("kind"),
        area.alias("area"),
        pl.lit("").alias("records"),
        "list",
        pl.format("row {}: {}", "row", "reason").alias("found"),
    )
    return found, key.alias("known")


def stated(rejected: pl.DataFrame, columns: Mapping[str, Sequence[str]]) -> pl.Series:
    """(n,) String, what rejected rows hold in the first of some columns that they fill in; null where in none.

    columns   list -> columns of its file
    """
    cell = rejected.with_columns(_first(columns).str.strip_chars('" ').alias("stated"))["stated"]
    return cell.set(cell == "", None)


def _first(columns: Mapping[str, Sequence[str]]) -> pl.Expr:
    """The first cell that a row has among the columns of its list."""
    cells = [
        pl.when(pl.col("list") == name).then(_cell(column)) for name, several in columns.items() for column in several
    ]
    return pl.coalesce([*cells, pl.lit(None, pl.String)])


def _cell(column: str) -> pl.Expr:
    """What a column holds in the rows as read, as JSON has it; null where they were not split into columns."""
    name = re.escape(json.dumps(column, ensure_ascii=False))
    return pl.col("content").str.extract(rf'[{{ ]{name}: ("(?:[^"\\]|\\.)+"|[0-9.-]+)')
