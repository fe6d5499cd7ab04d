"""Counts of the births on any list, as they are."""

import numpy as np
import polars as pl

from everybirth.estimate.areas import OUTSIDE
from everybirth.estimate.births import Births, Labels
from everybirth.estimate.completeness import UNKNOWN
from everybirth.tables import Int32Array

SET_APART = "out of scope"


def crude_counts(best: Births, labels: Labels, months: pl.Series, children: pl.Series) -> pl.DataFrame:
    """counts.parquet: births on any list, in long form.

    best       all births of the best partition, also those out of scope
    months     (n_dates,) String like "2024-03", of each birth date that there is, null where not known
    children   (n_values,) of each plurality that there is, the number of children
    Returns    by ("total", "area", "month", "sex", "site", "plurality"), value, births; every "by" sums to the total
    """
    columns = {
        "area": (best.area, pl.Series(labels.area, dtype=pl.String)),
        "month": (best.date, months),
        "sex": (best.sex, pl.Series(labels.sex, dtype=pl.String)),
        "site": (best.site, pl.Series(labels.site, dtype=pl.String)),
        "plurality": (best.plurality, children.cast(pl.Int64, strict=False).cast(pl.String)),
    }
    parts = [pl.DataFrame({"by": ["total"], "value": ["all"], "births": [len(best)]})]
    for name, (codes, names) in columns.items():
        counted = _counted(codes, names).group_by("value").agg(pl.col("births").sum())
        parts.append(counted.filter(pl.col("births") > 0).select(pl.lit(name).alias("by"), pl.all()).sort("value"))
    return pl.concat(parts)


def area_names(codes: Int32Array, labels: tuple[str, ...]) -> pl.Series:
    """(n_births,) Enum, the label of each birth's area; as in counts.parquet where there is none.

    codes   (n_births,) index into the labels, MISSING or OUTSIDE
    """
    names = [*labels, *(each for each in (SET_APART, UNKNOWN) if each not in labels)]
    place = {name: number for number, name in enumerate(names)}
    where = np.where(codes == OUTSIDE, place[SET_APART], np.where(codes < 0, place[UNKNOWN], codes))
    return pl.Series("area", names, dtype=pl.Enum(names)).gather(where)


def _counted(codes: Int32Array, names: pl.Series) -> pl.DataFrame:
    """How many births have each code: value, births; a value may stand in several rows."""
    known = codes[codes >= 0]
    outside = int(np.count_nonzero(codes == OUTSIDE))
    births = [*np.bincount(known, minlength=len(names)).tolist(), outside, len(codes) - len(known) - outside]
    values = pl.concat([names.fill_null(UNKNOWN).alias("value"), pl.Series("value", [SET_APART, UNKNOWN])])
    return pl.DataFrame([values, pl.Series("births", births, dtype=pl.Int64)])
