"""Values that repeat far beyond chance in one list and area: heaped, copied, or filled in by rote.

Never for a person or a place of work: a list and an area are the smallest that is looked at.

Source   Benjamini & Hochberg 1995 for many tests at once
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy.special import betainc, gammaln

from everybirth.publish.findings.kinds import COPIED_BLOCK
from everybirth.publish.findings.scene import Scene
from everybirth.tables import Float64Array

LEAST_RECORDS = 30  # in a list and area, with the field filled in
FALSE_DISCOVERIES = 0.01  # expected share of the findings that are mere chance
LEAST_COPIES = 5  # records that hold the very same values; twins and triplets may


@dataclass(frozen=True, slots=True)
class Habit:
    """A way in which values may repeat.

    name, field   what repeats, and in which field
    chance        share of records that may without remark: what rounding, or more births on some days, explain
    least         share from which it is told
    told          how, with places for the number of records, of how many, and the values
    """

    name: str
    field: str
    chance: float
    least: float
    told: str


ROUND_WEIGHTS = Habit(
    *("multiples of 500", "birth_weight", 0.35, 0.6), "{:,} of {:,} birth weights are multiples of 500 g{}"
)
FEW_WEIGHTS = Habit(*("few values", "birth_weight", 0.6, 0.8), "{:,} of {:,} birth weights are one of {} g")
FIRST_OR_FIFTEENTH = Habit(
    *("1st or 15th", "birth_date", 0.12, 0.25), "{:,} of {:,} births are on the 1st or the 15th of a month{}"
)
ONE_DAY = Habit(*("one day", "birth_date", 0.02, 0.1), "{:,} of {:,} births are on one day, {}")
COPIES = Habit(*("copied values", "", 0.0, 0.0), "{:,} of {:,} records hold the same values: {}")

# One row per test: area, k of n records do it, the values concerned, and how likely that or more is by chance.
_TEST = {"area": pl.String(), "k": pl.Int64(), "n": pl.Int64(), "values": pl.String(), "chance": pl.Float64()}


def copied_blocks(scene: Scene) -> pl.DataFrame:
    """One finding per list, area and habit; those are kept that chance does not explain, all tests considered.

    Returns   kind, area, records (""), list, field, habit, found, why; by list, habit and area
    """
    every: list[tuple[str, Habit, tuple[str, int, int, str, float]]] = []
    for name, cells in zip(scene.records.list_names, _cells(scene), strict=True):
        for habit, tests in _tests(cells):
            every += [(name, habit, row) for row in tests.sort("area").iter_rows()]
    kept = _discoveries(np.array([row[-1] for _, _, row in every]))
    rows = []
    for name, habit, (area, k, n, values, chance) in (every[place] for place in kept):
        told = habit.told.format(k, n, values)
        rows.append((COPIED_BLOCK, area, "", name, habit.field or None, habit.name, told, _odds(chance)))
    columns = ("kind", "area", "records", "list", "field", "habit", "found", "why")
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def _cells(scene: Scene) -> list[pl.DataFrame]:
    """For each list its records: area, weight, day (of birth), of_month, age; null where a record does not say.

    Of several records of one birth the first counts only: that a record was entered twice is a finding already.
    """
    records, order = scene.records, scene.order
    list_of, birth = records.list_of[order], scene.births.of_record[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (birth[1:] != birth[:-1]) | (list_of[1:] != list_of[:-1])
    rows, list_of = order[first], list_of[first]
    columns = {"area": scene.births.area.gather(pl.Series(birth[first].astype(np.uint32)))}
    for name, field in (("weight", "birth_weight"), ("day", "birth_date"), ("age", "mother_age")):
        columns[name] = pl.Series([None], dtype=pl.Int32).new_from_index(0, len(rows))
        if field in records.columns:
            column = records.columns[field]
            places = pl.Series(np.where(column.codes[rows] < 0, len(column.values), column.codes[rows]))
            columns[name] = column.values.cast(pl.Int32).extend_constant(None, 1).gather(places)
    of_month = pl.col("day").cast(pl.Date).dt.day().cast(pl.Int32).alias("of_month")
    every = pl.DataFrame(columns).with_columns(of_month)
    return [every.filter(pl.Series(list_of == number)) for number in range(len(records.list_names))]


def _tests(cells: pl.DataFrame) -> list[tuple[Habit, pl.DataFrame]]:
    """All tests of one list."""
    weights, days = cells.drop_nulls("weight"), cells.drop_nulls("day")
    usual = replace(ONE_DAY, chance=max(ONE_DAY.chance, 3.0 / _span(days)))  # in a few days, many births are on each
    return [
        (ROUND_WEIGHTS, _share(weights, pl.col("weight") % 500 == 0, ROUND_WEIGHTS)),
        (FEW_WEIGHTS, _most(weights, pl.col("weight"), 3, FEW_WEIGHTS)),
        (FIRST_OR_FIFTEENTH, _share(days, pl.col("of_month").is_in([1, 15]), FIRST_OR_FIFTEENTH)),
        (usual, _most(days, pl.col("day").cast(pl.Date), 1, usual)),
        (COPIES, _copies(cells)),
    ]


def _span(days: pl.DataFrame) -> float:
    """Days between which 98 in 100 births of a list lie."""
    if not days.height:
        return 1.0
    low, high = np.quantile(days["day"].to_numpy(), [0.01, 0.99])
    return float(high - low) + 1.0


def _share(records: pl.DataFrame, does: pl.Expr, habit: Habit) -> pl.DataFrame:
    """How many records of each area do something."""
    counts = records.group_by("area").agg(does.sum().alias("k"), pl.len().alias("n"), pl.lit("").alias("values"))
    return _tested(counts.with_columns(pl.lit(1).alias("looked_at")), habit)


def _most(records: pl.DataFrame, value: pl.Expr, top: int, habit: Habit) -> pl.DataFrame:
    """How many records of each area hold the most frequent value, or the few most frequent."""
    counts = records.group_by("area", value.alias("value")).len("k")
    counts = counts.sort(["k", "value"], descending=[True, False])
    most = counts.group_by("area").agg(
        pl.col("k").head(top).sum(),
        pl.col("k").sum().alias("n"),
        pl.col("value").head(top).sort().cast(pl.String).str.join(", ").alias("values"),
        (pl.len() if top == 1 else pl.lit(1)).alias("looked_at"),
    )
    return _tested(most, habit)


def _tested(counts: pl.DataFrame, habit: Habit) -> pl.DataFrame:
    """P(k or more of n), times the number of values looked at; 1 below the habit's least share."""
    counts = counts.filter(pl.col("n") >= LEAST_RECORDS)
    k, n, looked_at = (counts[name].to_numpy().astype(np.float64) for name in ("k", "n", "looked_at"))
    tail = np.where(k > 0, betainc(np.maximum(k, 1.0), n - k + 1, habit.chance), 1.0)
    chance = np.where(k >= habit.least * n, np.minimum(tail * looked_at, 1.0), 1.0)
    return _as_tests(counts, chance)


def _as_tests(counts: pl.DataFrame, chance: Float64Array) -> pl.DataFrame:
    with_chance = counts.with_columns(pl.Series("chance", chance, dtype=pl.Float64))
    return with_chance.select(pl.col(name).cast(dtype) for name, dtype in _TEST.items())


_COPIED = {"weight": "birth weight", "of_month": "day of the month", "age": "mother's age"}


def _copies(cells: pl.DataFrame) -> pl.DataFrame:
    """The set of values that most records of each area hold in full, in those of _COPIED that the list mostly fills in.

    By chance at least k records of n share one with a probability of at most (n over k) times the product, over the
    fields, of the sum of the k-th powers of the shares of their values in this very area: so that heaping in one field
    alone explains itself.
    """
    fields = [name for name in _COPIED if cells.height and 2 * cells[name].null_count() <= cells.height]
    if len(fields) < 2:
        return pl.DataFrame(schema=_TEST)
    whole = cells.drop_nulls(fields)
    told = pl.concat_str([pl.format(f"{_COPIED[name]} {{}}", name) for name in fields], separator=", ")
    sets = whole.group_by("area", *fields).len("k")
    most = sets.group_by("area").agg(pl.col("k").sum().alias("n"), pl.col("k").max())
    tops = sets.join(most.select("area", "k"), on=["area", "k"]).sort("area", *fields)
    tops = tops.group_by("area").agg(told.first().alias("values"))
    most = most.join(tops, on="area")
    most = most.filter(pl.col("n") >= LEAST_RECORDS)
    k, n = (most[name].to_numpy().astype(np.float64) for name in ("k", "n"))
    log_chance = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    for field in fields:
        log_chance += _log_alike(whole, most, field)
    return _as_tests(most, np.where(k >= LEAST_COPIES, np.exp(np.minimum(log_chance, 0.0)), 1.0))


def _log_alike(whole: pl.DataFrame, most: pl.DataFrame, field: str) -> Float64Array:
    """(n_areas,) log of the sum, over a field's values, of the k-th power of their share, in the order of `most`."""
    counts = whole.group_by("area", field).len("c").join(most.select("area", "k", "n"), on="area")
    counts = counts.with_columns(pl.col("c").max().over("area").alias("top").cast(pl.Float64))
    part = ((pl.col("c") / pl.col("top")) ** pl.col("k")).sum().log()
    lead = pl.col("k").first() * (pl.col("top").first() / pl.col("n").first()).log()
    each = counts.group_by("area").agg((part + lead).alias("log"))
    logs: Float64Array = most.join(each, on="area", how="left", maintain_order="left")["log"].to_numpy()
    return logs


def _discoveries(chance: Float64Array) -> list[int]:
    """Which tests to tell of, so that an expected FALSE_DISCOVERIES of them are chance; in their order."""
    order = np.argsort(chance, kind="stable")
    ranks = np.arange(1, len(chance) + 1)
    passed = np.flatnonzero(chance[order] <= FALSE_DISCOVERIES * ranks / max(len(chance), 1))
    return sorted(order[: passed[-1] + 1].tolist()) if len(passed) else []


def _odds(chance: float) -> str:
    return f"by chance in fewer than one of {min(1e9, 1 / max(chance, 1e-9)):,.0f} such lists and areas"
