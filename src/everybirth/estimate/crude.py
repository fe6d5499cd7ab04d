"""Counts of the births on any list, as they are."""

import numpy as np
import polars as pl

from everybirth.estimate.areas import OUTSIDE
from everybirth.estimate.births import Births, Labels
from everybirth.estimate.completeness import UNKNOWN
from everybirth.tables import Int32Array

SET_APART = "out of scope"


def crude_counts(best: Births, labels: Labels, month: pl.Series, plurality: pl.Series) -> pl.DataFrame:
    """counts.parquet: births on any list, in long form.

    best       all births of the best partition, also those out of scope
    month      (n_births,) String like "2024-03", null where not known
    plurality  (n_births,) number of children, null where not known
    Returns    by ("total", "area", "month", "sex", "site", "plurality"), value, births; every "by" sums to the total
    """
    columns = {
        "area": _text(best.area, labels.area),
        "month": month.fill_null(UNKNOWN),
        "sex": _text(best.sex, labels.sex),
        "site": _text(best.site, labels.site),
        "plurality": plurality.cast(pl.Int64, strict=False).cast(pl.String).fill_null(UNKNOWN),
    }
    parts = [pl.DataFrame({"by": ["total"], "value": ["all"], "births": [len(best)]})]
    for name, values in columns.items():
        counted = values.alias("value").value_counts(name="births").with_columns(pl.col("births").cast(pl.Int64))
        parts.append(counted.select(pl.lit(name).alias("by"), pl.col("value").cast(pl.String), "births").sort("value"))
    return pl.concat(parts)


def _text(codes: Int32Array, names: tuple[str, ...]) -> pl.Series:
    """Codes as text, categorical so that counting is quick."""
    place = np.where(codes == OUTSIDE, len(names), np.where(codes < 0, len(names) + 1, codes))
    return pl.Series([*names, SET_APART, UNKNOWN], dtype=pl.String).gather(place)
