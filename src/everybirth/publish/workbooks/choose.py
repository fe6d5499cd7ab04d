"""Which findings go into the workbooks, and how far each area is."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from everybirth.publish.findings.kinds import KINDS, OPEN, UNCERTAIN_LINK, UNKNOWN, VERIFIED, WITH_VALUE

LIMIT = 2_000  # findings in one workbook: what an office can look at in some weeks, and Excel opens at once
ALL_TOGETHER = 20_000  # findings in all the workbooks that a run writes by itself: about 2 s
AT_LEAST = 30  # findings of each area, however many areas there are

# What is looked at first among disagreements and implausible values; other fields follow.
_FIELDS = (
    *("sex", "birth_date", "child_given_name", "child_family_name", "mother_given_name", "mother_family_name"),
    *("residence", "plurality", "delivery_order", "birth_weight"),
)
_ROW = "row"
_ORDER_BY = ("finding_id", "kind", "area", "field", "probability", "status", "came_back")  # what choosing looks at
COLUMNS = {
    "finding_id": pl.String,
    "kind": pl.String,
    "area": pl.String,
    "records": pl.String,
    "list": pl.String,
    "field": pl.String,
    "found": pl.String,
    "best": pl.String,
    "why": pl.String,
    "probability": pl.Float64,
    "status": pl.String,
    "came_back": pl.Boolean,
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the workbooks hold.

    findings   the findings to write, COLUMNS, by area, then kind as in KINDS, then the order of their sheet
    progress   one row per area and kind: area, kind, here, waiting, decided, settled
    """

    findings: pl.DataFrame
    progress: pl.DataFrame


def limit_for(n_areas: int) -> int:
    """How many findings each workbook of a run may hold, so that all of them are written in some seconds."""
    return max(AT_LEAST, min(LIMIT, ALL_TOGETHER // max(n_areas, 1)))


def prepared(findings: pl.DataFrame, names: Sequence[str] = tuple(COLUMNS)) -> pl.DataFrame:
    """The findings with exactly these COLUMNS: texts as String, those it does not have empty, no area as "unknown"."""
    columns = [
        (pl.col(name) if name in findings.columns else pl.lit(None)).cast(COLUMNS[name]).alias(name) for name in names
    ]
    whole = {
        "area": pl.col("area").fill_null(UNKNOWN).replace("", UNKNOWN),
        "came_back": pl.col("came_back").fill_null(value=False),
    }
    return findings.select(columns).with_columns(rule for name, rule in whole.items() if name in names)


def choose(findings: pl.DataFrame, decided: pl.Series, limit: int) -> Chosen:
    """Choose at most `limit` open findings for each area, each kind having its share.

    findings  as in findings.parquet; only those chosen are looked at whole, a million are too many
    decided   (n,) String, ids of findings that have a decision since the run
    """
    rank = {kind: number for number, kind in enumerate(KINDS)}
    status = pl.col("status")
    table = (
        prepared(findings, _ORDER_BY)
        .with_row_index(_ROW)
        .with_columns(
            pl.col("kind").replace_strict(rank, default=len(KINDS), return_dtype=pl.Int8).alias("kind_rank"),
            pl.when(status == VERIFIED)
            .then(pl.lit("settled"))
            .when((status == OPEN) & ~pl.col("finding_id").is_in(decided.implode()))
            .then(pl.lit("open"))
            .otherwise(pl.lit("decided"))
            .alias("state"),
        )
    )
    ranked = _ranked(table.filter(pl.col("state") == "open"))
    kept = ranked.join(_shares(ranked, limit), on=["area", "kind_rank"]).filter(pl.col("place") < pl.col("share"))
    rows = kept.sort("area", "kind_rank", "field_rank", "place", maintain_order=True)[_ROW]
    ordered = prepared(findings[rows])
    return Chosen(ordered, _progress(table, ordered))


def _ranked(opened: pl.DataFrame) -> pl.DataFrame:
    """The open findings with "place": 0 for the most useful of its area and kind, 1 for the next."""
    fields = {field: number for number, field in enumerate(_FIELDS)}
    probability = pl.col("probability").fill_null(0.0)
    doubtful = pl.col("kind") == UNCERTAIN_LINK
    return (
        opened.with_columns(
            pl.when(pl.col("kind").is_in(WITH_VALUE))
            .then(pl.col("field").replace_strict(fields, default=len(fields), return_dtype=pl.Int8))
            .otherwise(0)
            .alias("field_rank"),
            pl.when(doubtful).then((probability - 0.5).abs()).otherwise(-probability).alias("less_useful"),
        )
        .sort("area", "kind_rank", pl.col("came_back").not_(), "field_rank", "less_useful", "finding_id")
        .with_columns(pl.int_range(pl.len()).over("area", "kind_rank").alias("place"))
    )


def _shares(ranked: pl.DataFrame, limit: int) -> pl.DataFrame:
    """area, kind_rank, share: how many findings of each kind an area's workbook holds.

    Each kind has the same share; what a kind does not need goes to the kinds that need more, in the order of KINDS.
    """
    size, equal = pl.col("size"), limit // pl.len().over("area")
    given = pl.min_horizontal(size, equal)
    left = limit - given.sum().over("area")
    need = size - given
    needed_before = need.cum_sum().over("area") - need
    share = given + pl.min_horizontal(need, (left - needed_before).clip(0))
    sizes = ranked.group_by("area", "kind_rank").agg(pl.len().cast(pl.Int64).alias("size")).sort("area", "kind_rank")
    return sizes.select("area", "kind_rank", share.alias("share"))


def _progress(table: pl.DataFrame, here: pl.DataFrame) -> pl.DataFrame:
    states = ("open", "decided", "settled")
    counts = table.group_by("area", "kind", "kind_rank").agg(
        (pl.col("state") == state).sum().cast(pl.Int64).alias(state) for state in states
    )
    shown = here.group_by("area", "kind").agg(pl.len().cast(pl.Int64).alias("here"))
    return (
        counts.join(shown, on=["area", "kind"], how="left")
        .with_columns(pl.col("here").fill_null(0))
        .with_columns((pl.col("open") - pl.col("here")).alias("waiting"))
        .sort("area", "kind_rank", "kind")
        .select("area", "kind", "here", "waiting", "decided", "settled")
    )
