"""What the plan wants estimated: strata, dates, areas, the reference for the sex ratio."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from everybirth.errors import PlanError
from everybirth.estimate.areas import Hierarchy, read_hierarchy
from everybirth.plan import REGISTER, Plan

BY = ("area", "period", "sex", "site")  # in this order, in tables and in names of levels
SEX_RATIO, SEX_RATIO_SD = 1.05, 0.01  # boys per girl at birth, and how far populations truly differ


@dataclass(frozen=True, slots=True)
class Scope:
    """The plan's [estimate], [areas] and what lists say they can hold, with the defaults filled in.

    lists      names, in plan order
    register   index of the civil register among them, or -1
    by         what estimates are broken down by; in the order of BY
    period     "month", "year" or "none"
    first, last   births on other days are set apart; None: no limit
    covers     for each list: field -> values that it can hold; an absent field is no limit
    within_days   legal time limit of registration, or None
    """

    lists: tuple[str, ...]
    register: int
    by: tuple[str, ...]
    period: str
    first: dt.date | None
    last: dt.date | None
    area_level: int | str
    hierarchy: Hierarchy | None
    covers: tuple[dict[str, tuple[str, ...]], ...]
    within_days: int | None
    sex_ratio: float
    sex_ratio_sd: float
    methods: tuple[str, ...] | None


def scope(plan: Plan) -> Scope:
    """Read what a plan wants estimated, and its hierarchy of areas if it names one.

    Unless the plan says otherwise: by area (first part of the code), year and sex; also by site where a list is said
    to hold births of some sites only.
    Raises   PlanError, ReadError  if the hierarchy of areas cannot be used
    """
    wanted: dict[str, Any] = plan.estimate
    roles = [part.role for part in plan.lists]
    by_site = any("site" in part.covers for part in plan.lists)
    by = wanted.get("by", BY if by_site else BY[:3])
    level = wanted.get("area_level", 1)
    path = plan.areas.get("hierarchy", "")
    if isinstance(level, str) and not path:
        raise PlanError(
            f'estimate.area_level: "{level}" is the name of a level, but no [areas] hierarchy says what it is. Name '
            "the file there, or give the number of leading parts of an area's code."
        )
    hierarchy = read_hierarchy(plan.path.parent / Path(path), level) if path else None
    return Scope(
        lists=tuple(part.name for part in plan.lists),
        register=roles.index(REGISTER) if REGISTER in roles else -1,
        by=tuple(name for name in BY if name in by and not (name == "period" and wanted.get("period") == "none")),
        period=wanted.get("period", "year"),
        first=wanted.get("from"),
        last=wanted.get("to"),
        area_level=level,
        hierarchy=hierarchy,
        covers=tuple(part.covers for part in plan.lists),
        within_days=wanted.get("register_within_days"),
        sex_ratio=wanted.get("sex_ratio", SEX_RATIO),
        sex_ratio_sd=wanted.get("sex_ratio_sd", SEX_RATIO_SD),
        methods=tuple(wanted["methods"]) if wanted.get("methods") else None,
    )


def periods(days: pl.Series, unit: str) -> pl.Series:
    """The period of each day as text: "2024-03" or "2024".

    days   (n,) Int32 days since 1970-01-01
    unit   "month", "year" or "none"; the last gives the year
    """
    return days.cast(pl.Date).dt.strftime("%Y-%m" if unit == "month" else "%Y")
