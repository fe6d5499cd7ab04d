"""What the published tables are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from everybirth.tables import BoolArray, Float32Array, Int32Array, Records


@dataclass(frozen=True, slots=True)
class Links:
    """The weighed pairs, and what was resolved of them.

    probability         (n_pairs,) that the two records are one birth
    joined              (n_pairs,) whether they were resolved into one birth
    record_probability  (n_records,) that the record belongs to its birth
    of_record           (n_records,) number of each record's birth
    """

    probability: Float32Array
    joined: BoolArray
    record_probability: Float32Array
    of_record: Int32Array


@dataclass(frozen=True, slots=True)
class Rules:
    """What the plan says of publishing.

    register     name of the civil register, or None
    period       "month", "year" or "none": of the estimates
    within_days  legal time limit of registration, or None
    threshold    counts from 1 to one less than this are hidden
    epsilon      of differential privacy; None: counts are hidden instead of blurred
    covers       list -> field -> values of the births that it can hold; what is absent is no limit
    """

    register: str | None
    period: str
    within_days: int | None
    threshold: int
    epsilon: float | None = None
    covers: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """What the published tables are made of.

    births      births.parquet
    area        (n_births,) String, Enum or Categorical, in the order of births: area, "unknown" or "out of scope"
    outside     (n_births,) births in places or on days that the plan leaves out
    registered_on   (n_births,) Date: first entry in the civil register; null: not there, or it does not say when
    records     the records; links   how they were linked
    estimated   estimates, completeness, sex_ratio, sensitivity: name -> table, as a run writes them
    run         what run.json says, with counts and estimate
    findings    findings.parquet, or None
    history     findings_history.parquet, this run with it; None: all findings are of this run
    """

    births: pl.DataFrame
    area: pl.Series
    outside: BoolArray
    registered_on: pl.Series
    records: Records
    links: Links
    estimated: Mapping[str, pl.DataFrame]
    run: Mapping[str, Any]
    findings: pl.DataFrame | None
    rules: Rules
    history: pl.DataFrame | None = None
