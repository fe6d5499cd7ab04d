"""The tables of estimates: births and completeness by stratum, for the register and for every list."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl

from everybirth.estimate.births import Births, Labels
from everybirth.estimate.histories import Captures
from everybirth.estimate.scope import Scope
from everybirth.estimate.spoken import names_of
from everybirth.estimate.strata import KEYS, Estimated, Groups, groups
from everybirth.estimate.summary import interval
from everybirth.tables import BoolArray, Float64Array, Int32Array

UNKNOWN = "unknown"
WITH_OTHERS = "counted here; in the estimates shared out among the other rows"
OF_ALL_LISTS = "completeness is that of all lists together: no list is the civil register"
CROSS = " x "


@dataclass(frozen=True, slots=True)
class Tally:
    """Births of the best partition, alike ones counted together.

    frame        area, period, sex, site (codes, negative where not known), history, births, on_time: how many of them
                 are known to have been registered within the legal time limit
    within_days  the limit; None: not asked for
    """

    frame: pl.DataFrame
    within_days: int | None


def tally(best: Births, within_days: int | None, on_time: BoolArray | None) -> Tally:
    """Count alike births.

    on_time   (n_births,) which are known to have been registered in time; None: not asked for, or lists do not say
    """
    codes = pl.DataFrame({name: getattr(best, name) for name in (*KEYS, "history")})
    in_time = np.zeros(len(best), dtype=bool) if on_time is None else on_time
    grouped = codes.with_columns(pl.Series("on_time", in_time)).group_by(*KEYS, "history")
    frame = grouped.agg(pl.len().cast(pl.Int64).alias("births"), pl.col("on_time").cast(pl.Int64).sum())
    return Tally(frame, None if on_time is None else within_days)


def levels(by: tuple[str, ...]) -> list[tuple[str, ...]]:
    """What rows are broken down by: nothing, each dimension, area and sex, and all dimensions."""
    wanted: list[tuple[str, ...]] = [(), *((name,) for name in by)]
    wanted += [pair for pair in combinations(by, 2) if pair == ("area", "sex")]
    if len(by) > 1 and by not in wanted:
        wanted.append(by)
    return wanted


def estimates(found: Estimated, captures: Captures, wanted: Scope, counted: Tally) -> pl.DataFrame:
    """estimates.parquet: one row per stratum of each level.

    level            "total", "area", "area x sex", ...
    area, period, sex, site   what the row is about, null where it is about all; "unknown": births that lack the value
    on_<list>        births on the list, in the best partition; distinct: births on any list
    births           median of the draws; births_low, births_high   2.5 and 97.5 in a hundred
    completeness     share of births on the register (or on any list, if there is no register, as status then says)
    """
    parts = []
    for by in levels(found.by):
        total = groups(found, by)
        listed = _counted(counted, captures, by, wanted.lists).select(pl.exclude("^in_time_.*$"))
        frame = _labelled(total.keys, by, captures.labels, found.sites).with_columns(_figures(total, wanted))
        joined = listed.join(frame, on=list(KEYS), how="full", coalesce=True, nulls_equal=True)
        parts.append(joined.with_columns(pl.lit(CROSS.join(by) or "total").alias("level")))
    counts = [f"on_{name}" for name in wanted.lists]
    columns = ["level", *KEYS, *counts, "distinct", *_BIRTHS, *_COMPLETE, "method", "status"]
    table = pl.concat(parts).with_columns(
        pl.col(*counts, "distinct").fill_null(0),
        pl.col("status").fill_null(WITH_OTHERS),
        pl.col("method").fill_null(""),
    )
    kept = [name for name in columns if name != "site" or "site" in found.by]
    order = {name: k for k, name in enumerate(table["level"].unique(maintain_order=True))}
    ranked = table.with_columns(pl.col("level").replace_strict(order, return_dtype=pl.Int32).alias("_level"))
    return ranked.sort("_level", *KEYS, nulls_last=True).select(kept)


_BIRTHS = ("births", "births_low", "births_high")
_COMPLETE = ("completeness", "completeness_low", "completeness_high")


def lists_table(found: Estimated, captures: Captures, wanted: Scope, counted: Tally) -> pl.DataFrame:
    """completeness.parquet: completeness of each list, at each level of a single dimension.

    level, area, period, sex, site   as in estimates.parquet
    list             the list, or "any list"
    measure          "listed", or for the register also "registered within N days": those known to be
    listed           births on it in the draws, median
    completeness, completeness_low, completeness_high   share of all births; null where refused
    """
    parts = []
    for by in levels(found.by)[: 1 + len(found.by)]:
        total = groups(found, by)
        labelled = _labelled(total.keys, by, captures.labels, found.sites)
        shares = [(name, "listed", total.on_list[:, :, k]) for k, name in enumerate(wanted.lists)]
        shares.append(("any list", "listed", total.listed))
        if counted.within_days is not None and wanted.register >= 0:
            register = wanted.lists[wanted.register]
            share = _share_on_time(_counted(counted, captures, by, wanted.lists), labelled, register)
            on_time = total.on_list[:, :, wanted.register] * share
            shares.append((register, f"registered within {counted.within_days} days", on_time))
        for name, measure, draws in shares:
            part = labelled.with_columns(
                pl.lit(CROSS.join(by) or "total").alias("level"),
                pl.lit(name).alias("list"),
                pl.lit(measure).alias("measure"),
                pl.Series("listed", np.median(draws, axis=0) if draws.size else np.zeros(draws.shape[1])),
                *_interval(_COMPLETE, _ratio(draws, total.births), total),
                pl.Series("status", total.status, dtype=pl.String),
            )
            parts.append(part)
    columns = ["level", *KEYS, "list", "measure", "listed", *_COMPLETE, "status"]
    return pl.concat(parts).select(columns)


def pooling_table(found: Estimated, labels: Labels, lists: tuple[str, ...]) -> pl.DataFrame:
    """pooling.parquet: one row per stratum, what it borrowed from others.

    area, period, sex, site   as in estimates.parquet
    lists       the lists that hold its births, "a & b"
    listed      births on any list, the mean of the draws
    missed      births on none, the median of the draws; null where refused
    unpooled    the same from the stratum's own counts alone; null where these say too little
    shrinkage   weight of what other strata say: 0 none, 1 all; null where the stratum was not pooled
    status      as in estimates.parquet
    """
    joint = {held: " & ".join(names_of(held, lists)) for held in dict.fromkeys(found.held.tolist())}
    refused = np.array([text.startswith("refused") for text in found.status], dtype=bool)
    missed = np.where(refused, np.nan, np.median(found.missed, axis=0))
    keys = found.keys[:, [KEYS.index(name) for name in found.by]]
    table = _labelled(keys, found.by, labels, found.sites).with_columns(
        pl.Series("lists", [joint[held] for held in found.held.tolist()], dtype=pl.String),
        pl.Series("listed", found.listed.mean(axis=0)),
        pl.Series("missed", missed).fill_nan(None),
        pl.Series("unpooled", np.round(found.unpooled, 3)).fill_nan(None),
        pl.Series("shrinkage", found.shrinkage).fill_nan(None),
        pl.Series("status", found.status, dtype=pl.String),
    )
    return table.sort(*KEYS, "lists", nulls_last=True)


def _figures(total: Groups, wanted: Scope) -> list[pl.Series]:
    """Births, completeness, method and status of some strata."""
    complete = total.on_list[:, :, wanted.register] if wanted.register >= 0 else total.listed
    status = total.status if wanted.register >= 0 else tuple(f"{text}; {OF_ALL_LISTS}" for text in total.status)
    return [
        *_interval(_BIRTHS, total.births, total),
        *_interval(_COMPLETE, _ratio(complete, total.births), total),
        pl.Series("method", total.method, dtype=pl.String),
        pl.Series("status", status, dtype=pl.String),
    ]


def _ratio(some: Float64Array, births: Float64Array) -> Float64Array:
    return np.divide(some, births, out=np.ones_like(births), where=births > 0)


def _interval(names: tuple[str, ...], draws: Float64Array, total: Groups) -> list[pl.Series]:
    """Median and equal-tailed limits of each column of draws; null where refused."""
    figures = np.stack(interval(np.ascontiguousarray(draws.T)))
    figures[:, total.refused] = np.nan
    return [pl.Series(name, values).fill_nan(None) for name, values in zip(names, figures, strict=True)]


def _labelled(keys: Int32Array, by: tuple[str, ...], labels: Labels, sites: tuple[str, ...]) -> pl.DataFrame:
    """One row per group, its labels under KEYS; null in keys that are summed over."""
    return pl.DataFrame(
        [
            _text(keys[:, by.index(name)], _names(name, labels, sites), name)
            if name in by
            else pl.Series(name, [None] * len(keys), dtype=pl.String)
            for name in KEYS
        ]
    )


def _names(key: str, labels: Labels, sites: tuple[str, ...]) -> tuple[str, ...]:
    names: tuple[str, ...] = sites if key == "site" else getattr(labels, key)
    return names


def _text(codes: Int32Array, names: tuple[str, ...], key: str) -> pl.Series:
    """Codes as text; a negative one is unknown."""
    return pl.Series(key, [*names, UNKNOWN], dtype=pl.String).gather(np.where(codes < 0, len(names), codes))


def _counted(counted: Tally, captures: Captures, by: tuple[str, ...], lists: tuple[str, ...]) -> pl.DataFrame:
    """Births of the best partition by label: on any list, on each, and on each in time."""
    frame, labels, n_lists = counted.frame, captures.labels, len(lists)
    shown = [
        _text(frame[name].to_numpy(), getattr(labels, name), name)
        if name in by
        else pl.Series(name, [None] * frame.height, dtype=pl.String)
        for name in KEYS
    ]
    births, history = frame["births"], frame["history"].to_numpy()
    held = [pl.Series((history >> (n_lists - 1 - k)) & 1).cast(pl.Int64) for k in range(n_lists)]
    on = [(births * each).alias(f"on_{name}") for name, each in zip(lists, held, strict=True)]
    in_time = [(frame["on_time"] * each).alias(f"in_time_{name}") for name, each in zip(lists, held, strict=True)]
    table = pl.DataFrame([*shown, births.alias("distinct"), *on, *in_time])
    sums = pl.exclude(KEYS).sum()
    if not by:
        return table.select(*(pl.lit(None, pl.String).alias(name) for name in KEYS), sums)
    return table.group_by(KEYS).agg(sums)


def _share_on_time(counts: pl.DataFrame, labelled: pl.DataFrame, register: str) -> Float64Array:
    """(n_groups,) share of the registered births of the best partition that were in time; 0 where there are none."""
    joined = labelled.join(counts, on=list(KEYS), how="left", nulls_equal=True, maintain_order="left")
    share = joined[f"in_time_{register}"] / joined[f"on_{register}"]
    return share.fill_nan(0.0).fill_null(0.0).to_numpy()
