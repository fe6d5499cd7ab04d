"""Releases as odd runs write them, and what their run.json holds: for the tests of the report."""

from dataclasses import replace
from typing import Any

import polars as pl
from tests.publish.example_release import AREAS, LISTS, example_release

from everybirth.publish.release import Release, Table
from everybirth.publish.table_texts import NOT_ESTIMATED, ONE_LIST

TWO = (
    "for births that only community and register can hold, being on one list makes being on the other neither likelier "
    "nor less likely"
)
THREE = (
    "for births that every list can hold, lists depend on one another equally strongly whether or not a birth is on "
    "the remaining list"
)
ALIKE = (
    "births of the same area, period of birth, sex and kind of place are alike; where they are few, the estimate "
    "borrows from similar groups"
)
HOSTILE = (
    "<script>alert(1)</script>",
    '"onmouseover="alert(1)',
    "&lt;b&gt;{{ 7 * 7 }}",
    "=HYPERLINK(1)",
    "\u202egnp.exe",
    "النزهة",
    "海淀区" * 60,
    "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch" * 4,
    "a\x00b\nc\td",
    "total",
)
RUN: dict[str, Any] = {
    "version": "0.1.0",
    "plan": "ab" * 32,
    "seed": 7,
    "warnings": ["hospital.csv row 17: something"],
    "estimate": {
        "status": "ok",
        "method": "chapman + no-highest-order",
        "given": [TWO, THREE, ALIKE],
        "register": "register",
        "by": ["area", "period", "sex", "site"],
        "draws_of_linkage": 100,
    },
}


def run_of(**estimate: Any) -> dict[str, Any]:
    """What run.json holds, some of the estimate otherwise."""
    return {**RUN, "estimate": {**RUN["estimate"], **estimate}}


def changed(release: Release, **tables: pl.DataFrame) -> Release:
    """The release with some tables' rows replaced."""
    new = {name: _with_frame(release.tables[name], frame) for name, frame in tables.items()}
    return replace(release, tables={**release.tables, **new})


def _with_frame(table: Table, frame: pl.DataFrame) -> Table:
    return replace(
        table,
        frame=frame,
        counts=tuple(name for name in table.counts if name in frame.columns),
        figures=tuple(name for name in table.figures if name in frame.columns),
    )


def without(release: Release, *names: str) -> Release:
    """The release without some tables, which are named as not published."""
    tables = {name: table for name, table in release.tables.items() if name not in names}
    reason = "No list has the fields that this table needs."
    return replace(release, tables=tables, omitted={**release.omitted, **dict.fromkeys(names, reason)})


def no_register() -> tuple[Release, dict[str, Any]]:
    """No list is the register: no table says what is registered."""
    release = without(example_release(), "timeliness", "occurrence_by_registration_year")
    frames = {
        name: table.frame.drop("registered") for name, table in release.tables.items() if "registered" in table.counts
    }
    head = release.tables["headline"].frame.filter(~pl.col("measure").is_in(["registered", "on_other_lists_only"]))
    return changed(release, headline=head, **frames), run_of(register=None)


def not_estimated() -> tuple[Release, dict[str, Any]]:
    """One list only: births are counted, nothing is estimated."""
    release = without(example_release(), "sensitivity", "sex_ratio", "disagreements")
    why_not = {"sensitivity": NOT_ESTIMATED, "sex_ratio": NOT_ESTIMATED, "disagreements": ONE_LIST}
    release = replace(release, omitted=release.omitted | why_not)
    none = pl.lit(None, pl.Float64)
    figures = ("births", "low", "high", "completeness", "completeness_low", "completeness_high")
    why = "refused: fewer than two lists can hold these births, so nothing tells how many they missed"
    adjusted = release.tables["adjusted_births"].frame.with_columns(
        *(none.alias(name) for name in figures), pl.lit(why).alias("status")
    )
    head = release.tables["headline"].frame.filter(pl.col("measure").is_in(["listed", "registered"]))
    overlap = pl.DataFrame({"register": ["yes"], "births": [12]})
    table = replace(release.tables["overlap"], keys=("register",), frame=overlap)
    release = replace(release, tables={**release.tables, "overlap": table})
    return changed(release, headline=head, adjusted_births=adjusted), run_of(status=why, given=[], method="")


def all_hidden() -> tuple[Release, dict[str, Any]]:
    """So few births that every count and every figure is hidden."""
    release = example_release()
    frames = {}
    for name, table in release.tables.items():
        numbers = [column for column in (*table.counts, *table.figures) if table.frame[column].dtype != pl.String]
        frames[name] = table.frame.with_columns(
            pl.lit(None, table.frame[column].dtype).alias(column) for column in numbers
        )
    return changed(release, **frames), run_of()


def nothing() -> tuple[Release, dict[str, Any]]:
    """No births at all: hardly any table is there."""
    release = example_release()
    why = "refused: there are no births in the plan's dates and areas"
    empty = replace(
        release, tables={}, omitted=dict.fromkeys(release.tables, "Too few births to publish anything of them.")
    )
    return empty, run_of(status=why, given=[], method="", register=None, by=[])


def hostile() -> tuple[Release, dict[str, Any]]:
    """Areas whose names try to be markup, or are endless, or run from right to left."""
    return example_release((*AREAS[:2], *HOSTILE)), run_of()


def many_areas(n: int = 700) -> tuple[Release, dict[str, Any]]:
    """As many areas as a large country has."""
    return example_release(tuple(f"{k:04d} Old Town and Surroundings" for k in range(n))), run_of()


def many_lists(n: int = 20) -> tuple[Release, dict[str, Any]]:
    """As many lists as can be linked."""
    release = example_release()
    names = tuple(f"list-number-{k}" for k in range(n))
    rows = [{name: "yes" if j <= k else "no" for j, name in enumerate(names)} | {"births": 50 + k} for k in range(n)]
    overlap = replace(release.tables["overlap"], keys=names, frame=pl.DataFrame(rows))
    return replace(release, tables={**release.tables, "overlap": overlap}), run_of()


CASES = {
    "usual": lambda: (example_release(), RUN),
    "no-register": no_register,
    "not-estimated": not_estimated,
    "all-hidden": all_hidden,
    "nothing": nothing,
    "hostile": hostile,
    "one-area": lambda: (example_release(("0101",)), RUN),
    "many-areas": many_areas,
    "many-lists": many_lists,
}
__all__ = ["CASES", "HOSTILE", "LISTS", "RUN", "run_of"]
