"""Small made-up runs, as the tables for publication are made of them."""

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from tests.estimate.listed import records

from everybirth.publish.tabulate import Links, Rules, Source
from everybirth.tables import Records

LISTS = ("hospital", "community", "register")
RULES = Rules(register="register", period="year", within_days=90, threshold=10)
FIGURES = ("births", "births_low", "births_high", "completeness", "completeness_low", "completeness_high")
NO_FIGURE = {"estimate": 100.0, "low": 90.0, "high": 110.0}


def births(rng: np.random.Generator, n: int, n_areas: int, lists: tuple[str, ...] = LISTS) -> pl.DataFrame:
    """Births on any of the lists, unevenly spread, some without sex, date, site or weight."""
    shares = rng.dirichlet(np.full(n_areas, 0.7))
    frame = pl.DataFrame(
        {
            "area": [f"01{k:02d}" for k in rng.choice(n_areas, n, p=shares)],
            "sex": pl.Series(rng.choice(["female", "male", None], n, p=[0.47, 0.5, 0.03]).tolist(), dtype=pl.String),
            "site": rng.choice(["facility", "home", "other"], n, p=[0.8, 0.18, 0.02]).tolist(),
            "birth_date": [dt.date(2023, 11, 1) + dt.timedelta(days=int(d)) for d in rng.integers(0, 150, n)],
            "plurality": rng.choice([1.0, 2.0, 3.0], n, p=[0.95, 0.04, 0.01]),
            "birth_weight": np.round(rng.normal(3100, 600, n), -1).clip(500, 5500),
            "mother_age": rng.integers(13, 50, n).astype(float),
        }
    )
    entered = frame["birth_date"] + pl.Series(rng.exponential(60, n).astype(int)).cast(pl.Duration("ms")) * 86_400_000
    held = rng.random((n, len(lists))) < rng.uniform(0.4, 0.95, len(lists))
    held[~held.any(axis=1), 0] = True
    registered = held[:, lists.index("register")] if "register" in lists else np.zeros(n, dtype=bool)
    stated = pl.Series(registered & (rng.random(n) < 0.97))
    frame = frame.with_columns(
        pl.when(stated).then(entered.cast(pl.Date)).alias("registration_date"),
        *(pl.Series(f"in_{name}", held[:, k]) for k, name in enumerate(lists)),
    )
    blank = pl.Series(rng.random(n) < 0.04)
    return frame.with_columns(pl.when(~blank).then(pl.col("birth_date", "birth_weight", "site")))


def source(frame: pl.DataFrame, lists: tuple[str, ...] = LISTS, rules: Rules = RULES) -> Source:
    """A run that found these births; the register's are registered, the others are findings."""
    held = frame.select(f"in_{name}" for name in lists).to_numpy()
    birth, list_of = np.nonzero(held)
    order = np.lexsort((birth, list_of))
    birth, list_of = birth[order].astype(np.int32), list_of[order]
    made: Records = records(
        list_of.tolist(),
        lists,
        sex=frame["sex"].gather(birth).to_list(),
        birth_date=frame["birth_date"].cast(pl.Int32).gather(birth).to_list(),
        birth_weight=frame["birth_weight"].gather(birth).to_list(),
    )
    findings = None
    if rules.register is not None:
        missing = frame.filter(~pl.col(f"in_{rules.register}"))
        findings = missing.select("area", pl.lit("not-registered").alias("kind"), pl.lit("open").alias("status"))
    return Source(
        births=frame.drop("area"),
        area=frame["area"],
        outside=np.zeros(frame.height, dtype=bool),
        registered_on=_registered_on(frame, rules.register),
        records=made,
        links=Links(
            probability=np.array([0.97, 0.99, 0.2], dtype=np.float32),
            joined=np.array([True, True, False]),
            record_probability=np.full(len(birth), 0.99, dtype=np.float32),
            of_record=birth,
        ),
        estimated=_estimated(frame, lists, rules),
        run=_run(lists, rules),
        findings=findings,
        rules=rules,
    )


def _registered_on(frame: pl.DataFrame, register: str | None) -> pl.Series:
    """The date of registration of the births that the register has; none without a register."""
    there = pl.lit(False) if register is None else pl.col(f"in_{register}")
    return frame.select(pl.when(there).then("registration_date").alias("registered_on"))["registered_on"]


def _run(lists: tuple[str, ...], rules: Rules) -> dict[str, Any]:
    estimate = dict.fromkeys(("births", "listed", "registered", "completeness", "on_other_lists_only"), NO_FIGURE)
    return {
        "version": "1", "plan": "p", "seed": 0, "counts": {"rejected": dict.fromkeys(lists, 0)},
        "linking": {"blocking_recall": 0.99},
        "estimate": {
            **estimate, "missed_by_all": NO_FIGURE, "given": [], "method": "m", "status": "ok",
            "register": rules.register, "variance_share_of_linkage": 0.1,
        },
    }  # fmt: skip


def _estimated(frame: pl.DataFrame, lists: tuple[str, ...], rules: Rules) -> dict[str, pl.DataFrame]:
    """Tables of estimates with a row for every stratum; the figures say nothing."""
    rows: list[dict[str, object]] = [{"level": "total"}]
    dated = frame.with_columns(pl.col("birth_date").dt.year().cast(pl.String).alias("period"))
    for level in ("area", "period", "sex", "site"):
        found = dated[level].fill_null("unknown").unique().sort().to_list()
        rows += [{"level": level, level: value} for value in found]
    keys = dict.fromkeys(("level", "area", "period", "sex", "site"), pl.String)
    strata = pl.DataFrame(rows, schema=keys).with_columns(
        *(pl.lit(1.0).alias(name) for name in FIGURES), pl.lit("ok").alias("status")
    )
    measures = [(name, "listed") for name in (*lists, "any list")]
    if rules.register is not None and rules.within_days is not None:
        measures.append((rules.register, f"registered within {rules.within_days} days"))
    by_list = [strata.with_columns(list=pl.lit(name), measure=pl.lit(measure)) for name, measure in measures]
    names = ("ratio", "ratio_low", "ratio_high", "shrunk", "shrunk_low", "shrunk_high", "expected")
    names += ("funnel_low", "funnel_high", "gap", "gap_low", "gap_high")
    areas = strata.filter(pl.col("level").is_in(["total", "area"]))
    ratios = areas.select("level", "area", *(pl.lit(1.0).alias(name) for name in names), pl.lit("").alias("note"))
    whats = pl.DataFrame(
        {"kind": ["odds-ratio", "leave-one-out"], "what": ["a & b", lists[0]], "odds_ratio": [1.0, None],
         "known": [None, 50.0], "note": ["", ""]}
    ).with_columns(pl.lit(100.0).alias(name) for name in ("births", "births_low", "births_high"))  # fmt: skip
    return {"estimates": strata, "completeness": pl.concat(by_list), "sex_ratio": ratios, "sensitivity": whats}


def with_rules(made: Source, **changes: Any) -> Source:
    """The same run under other rules of publishing."""
    return replace(made, rules=replace(made.rules, **changes))
