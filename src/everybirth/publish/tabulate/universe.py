"""The births that are counted, one row each, and what they are counted by."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from everybirth.publish.tabulate.source import Source
from everybirth.registration import delay, in_time

UNKNOWN, NOT_STATED = "unknown", "not stated"
UNSAID = (UNKNOWN, NOT_STATED)  # values that say that no record says
DELAYS = ("within 30 days", "31-90 days", "91-365 days", "1 to under 5 years", "5 years and later", NOT_STATED)
DELAY_DAYS = (30, 90, 365, 1825)  # the last day of each but the last two
PLURALITIES = ("1", "2", "3 or more")
WEIGHTS = (
    *("under 1000", "1000-1499", "1500-1999", "2000-2499", "2500-2999", "3000-3499", "3500-3999", "4000-4499"),
    "4500 and over",
)
AGES = ("under 15", "15-19", "20-24", "25-29", "30-34", "35-39", "40-44", "45-49", "50 and over")
_NAMED = {"delay": DELAYS, "plurality": PLURALITIES, "weight_class": WEIGHTS, "mother_age": AGES}

Row = tuple[str, ...]  # values of the dimensions, as text


def universe(source: Source) -> pl.DataFrame:
    """(n_births in the plan's dates and areas) what births are counted by, as small codes.

    area, month (year * 100 + month), year, sex, site, plurality, weight_class, mother_age, delay, registration_year,
    on_list: one boolean per list, under "in_<list>"; "registered"; "on_time": within the legal limit
    A dimension that no list has is null throughout.
    """
    births, rules = source.births, source.rules
    registered = pl.col(f"in_{rules.register}") if rules.register is not None else pl.lit(False)
    born, entered = _column(births, "birth_date", pl.Date), _as_is(source.registered_on)
    days = delay(entered, born)
    columns = [
        _as_is(source.area).alias("area"),
        _as_is(births["sex"]).alias("sex") if "sex" in births.columns else pl.lit(None, pl.String).alias("sex"),
        _as_is(births["site"]).alias("site") if "site" in births.columns else pl.lit(None, pl.String).alias("site"),
        (born.dt.year() * 100 + born.dt.month().cast(pl.Int32)).alias("month"),
        born.dt.year().alias("year"),
        (_column(births, "plurality", pl.Float64).clip(1, 3) - 1).cast(pl.Int8).alias("plurality"),
        ((_column(births, "birth_weight", pl.Float64) // 500).clip(1, 9) - 1).cast(pl.Int8).alias("weight_class"),
        ((_column(births, "mother_age", pl.Float64) // 5).clip(2, 10) - 2).cast(pl.Int8).alias("mother_age"),
        _delay(days).alias("delay"),
        entered.dt.year().alias("registration_year"),
        *(pl.col(f"in_{name}") for name in source.records.list_names),
        registered.alias("registered"),
        (registered & in_time(days, rules.within_days or 0)).alias("on_time"),
    ]
    return births.select(columns).filter(pl.Series(~np.asarray(source.outside)))


def tally(births: pl.DataFrame, by: Sequence[str], sums: Sequence[str]) -> dict[Row, tuple[int, ...]]:
    """Births, and how many of them have each of some marks, for each combination of values that there is.

    by      dimensions; none: one row
    sums    names of boolean columns
    """
    counts = (pl.len().cast(pl.Int64), *(pl.col(name).cast(pl.Int64).sum() for name in sums))
    if not by:
        return {(): births.select(*counts).row(0)}
    found: dict[Row, tuple[int, ...]] = {}
    for row in births.group_by(by).agg(*counts).iter_rows():
        key = tuple(label(name, value) for name, value in zip(by, row, strict=False))
        before = found.get(key, (0,) * (1 + len(sums)))
        found[key] = tuple(a + b for a, b in zip(before, row[len(by) :], strict=True))
    return found


def label(dimension: str, value: object) -> str:
    """The text of a code."""
    if value is None:
        return NOT_STATED if dimension in ("delay", "registration_year") else UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if dimension in _NAMED and isinstance(value, int):
        return _NAMED[dimension][value]
    if dimension == "month" and isinstance(value, int):
        return f"{value // 100:04d}-{value % 100:02d}"
    return str(value)


def values(dimension: str, found: Sequence[str]) -> list[str]:
    """The values of a dimension in the order in which they are shown: what no record says comes last."""
    known = sorted(set(found) - set(UNSAID))
    if dimension in _NAMED:
        known = [value for value in _NAMED[dimension] if value not in UNSAID]
    return known + [value for value in UNSAID if value in found]


def _column(births: pl.DataFrame, name: str, kind: type[pl.DataType]) -> pl.Expr:
    return pl.col(name) if name in births.columns else pl.lit(None, kind)


def _as_is(values: pl.Series) -> pl.Expr:
    return pl.lit(values)


def _delay(days: pl.Expr) -> pl.Expr:
    """Code of the time from birth to registration; null if it is not known or registration came first."""
    code = pl.lit(len(DELAY_DAYS), pl.Int8)
    for place, last in reversed(list(enumerate(DELAY_DAYS))):
        code = pl.when(days <= last).then(pl.lit(place, pl.Int8)).otherwise(code)
    return pl.when(days >= 0).then(code)
