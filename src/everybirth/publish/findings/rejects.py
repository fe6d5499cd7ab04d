"""Rows that could not be used, as findings."""

import json
import re
from collections.abc import Mapping

import polars as pl

from everybirth.publish.findings.kinds import REJECTED, UNKNOWN


def rejected_rows(rejected: pl.DataFrame, id_columns: Mapping[str, str]) -> tuple[pl.DataFrame, pl.Series]:
    """One finding per rejected row.

    rejected    list, row, reason, content (JSON of the row as read)
    id_columns  list -> the column that holds its ids, where it has one
    Returns     the findings but for their ids, in the order of the rows; (n,) String, what a row is known by in other
                runs: its id or, without one, what it holds, and which of several equal rows it is

    What the row holds is not told: it may be what is never written elsewhere. rejected.parquet has it.
    """
    ids = pl.lit(None, pl.String)
    for list_name in rejected["list"].unique(maintain_order=True):
        for column in filter(None, (id_columns.get(list_name), "record_id")):
            ids = pl.coalesce(ids, pl.when(pl.col("list") == list_name).then(_cell(column)))
    known = rejected.select("list", pl.coalesce("id " + ids, "content").alias("known"))
    again = known.select(pl.int_range(pl.len()).over("list", "known").alias("again"))["again"]
    key = known.select(pl.col("known") + "\x1f" + pl.lit(again).cast(pl.String)).to_series()
    found = rejected.select(
        pl.lit(REJECTED).alias("kind"),
        pl.lit(UNKNOWN).alias("area"),
        pl.lit("").alias("records"),
        "list",
        pl.format("row {}: {}", "row", "reason").alias("found"),
    )
    return found, key.alias("known")


def _cell(column: str) -> pl.Expr:
    """What a column holds in the rows as read, as JSON has it; null where they were not split into columns."""
    name = re.escape(json.dumps(column, ensure_ascii=False))
    return pl.col("content").str.extract(rf'[{{ ]{name}: ("(?:[^"\\]|\\.)+"|[0-9.-]+)')
