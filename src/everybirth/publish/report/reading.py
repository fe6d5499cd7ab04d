"""What the report reads: the published tables of a run and what run.json says of it. Nothing about a person."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from everybirth.publish.release import Release
from everybirth.publish.report import labels
from everybirth.publish.report.blocks import Cell
from everybirth.publish.report.phrases import known, phrase
from everybirth.publish.report.words import Words, mark, shown
from everybirth.publish.table_texts import NO_NOISE, NOT_ESTIMATED, NOT_PROTECTED, ONE_LIST, TOO_FEW

Row = dict[str, Any]
TOTAL = "total"
UNKNOWN = ("unknown", "not stated", "out of scope")

# Reasons why a table is not there, other than that no list has its fields -> what a section says in its place.
KEPT_BACK = {
    NOT_PROTECTED: mark("These figures are hidden: the counts could not be protected."),
    TOO_FEW: TOO_FEW,
    NO_NOISE: NO_NOISE,
    NOT_ESTIMATED: NOT_ESTIMATED,
    ONE_LIST: ONE_LIST,
}


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and its limits; None where hidden or not estimated."""

    middle: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A run, about to be reported.

    release   its published tables
    run       what run.json holds
    shapes    outlines of the areas: label -> rings of points, or empty
    """

    release: Release
    run: Mapping[str, Any]
    shapes: Mapping[str, list[list[tuple[float, float]]]]
    words: Words

    def rows(self, table: str, **wanted: str) -> list[Row]:
        """The rows of a published table whose keys have these values; none where there is no such table."""
        if table not in self.release.tables:
            return []
        rows = self.release.tables[table].frame.iter_rows(named=True)
        return [row for row in rows if all(row.get(key) == value for key, value in wanted.items())]

    def has(self, table: str) -> bool:
        return bool(self.rows(table))

    def withheld(self, *tables: str) -> str:
        """Why the first of these tables that the lists' fields would allow is not there; "" if there is no such."""
        reasons = (self.release.omitted.get(table, "") for table in tables)
        return next((self.words.text(KEPT_BACK[why]) for why in reasons if why in KEPT_BACK), "")

    def hidden(self) -> str:
        """That figures are there and may not be shown."""
        return self.words.text(KEPT_BACK[NOT_PROTECTED])

    @property
    def estimate(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.run.get("estimate", {})
        return found

    @property
    def register(self) -> str | None:
        """The name of the list that is the register."""
        found = self.estimate.get("register")
        return str(found) if found else None

    @property
    def lists(self) -> list[str]:
        """The lists, in the order of the plan."""
        if "overlap" in self.release.tables:
            return list(self.release.tables["overlap"].keys)
        return [str(name) for name in self.release.about.get("lists", ())]

    def periods(self) -> dict[str, Row]:
        """Estimates by month or, where there are none, by year: period -> row, in order."""
        for level in ("month", "year"):
            rows = self.rows("adjusted_births", level=level)
            found = {row["value"]: row for row in sorted(rows, key=lambda row: str(row["value"]))}
            found = {value: row for value, row in found.items() if value[:4].isdigit()}
            if found:
                return found
        return {}

    def span(self) -> tuple[str, str] | None:
        """The first and the last period that births lie in."""
        counted = {row["month"] for row in self.rows("births_by_month_sex") if row["month"][:4].isdigit()}
        periods = sorted(counted) or list(self.periods())
        return (periods[0], periods[-1]) if periods else None

    def headline(self, measure: str) -> Interval | None:
        return next((interval(row, "estimate", "low", "high") for row in self.rows("headline", measure=measure)), None)

    def count(self, value: float | None) -> Cell:
        """A cell with a count, or the word that it is hidden."""
        if value is None:
            return Cell(self.words.text("hidden"), "hidden")
        return Cell(self.words.number(value), "number")

    def figure(self, text: str | Markup | None) -> Cell:
        """A cell with a derived figure, or a dash where it is hidden or was not estimated."""
        return Cell("–", "hidden") if text is None else Cell(text, "number")

    def shares(self, row: Row, *names: str) -> Cell:
        """A cell with a share and its limits."""
        return self.figure(self.share(interval(row, *names)))

    def births(self, row: Row, *names: str) -> Cell:
        """A cell with a number of births and its limits."""
        return self.figure(self.many(interval(row, *names)))

    def share(self, found: Interval | None) -> Markup | None:
        """83.4% (83.1% to 83.7%)."""
        return None if found is None else self._with_limits(found, self.words.percent)

    def many(self, found: Interval | None) -> Markup | None:
        """19,938 (19,870 to 20,018)."""
        return None if found is None else self._with_limits(found, self.words.number)

    def counted(self) -> tuple[int | None, int | None]:
        """Births on any list and on the register, of the likeliest linkage; None where hidden."""
        whole = next(iter(self.rows("adjusted_births", level="total")), {})
        return whole.get("listed"), whole.get("registered")

    def odds(self) -> dict[float, Interval]:
        """Births by the odds ratio between the two most doubtful lists: where it is published, in order."""
        some = self.rows("sensitivity", kind="odds-ratio")
        found = {float(row["odds_ratio"]): interval(row, "births", "low", "high") for row in some}
        return {ratio: part for ratio, part in sorted(found.items()) if part}

    def doubtful(self) -> Markup:
        """The two lists that these odds ratios lie between."""
        pair = next(iter(self.rows("sensitivity", kind="odds-ratio")), {}).get("what", "")
        return self.words.all_of([shown(name) for name in str(pair).split(" & ")])

    def _with_limits(self, found: Interval, written: Callable[[float], str]) -> Markup:
        between = self.words.between(written(found.low), written(found.high))
        limits = Markup('<span class="one-line">{}</span>').format(self.words.text("({limits})", limits=between))
        return self.words.html("{figure} {limits}", figure=written(found.middle), limits=limits)

    def label(self, value: str) -> Markup:
        """A value of a key in words, where it is one that the tables themselves give."""
        if value in labels.VALUES:
            return self.words.html(labels.VALUES[value])
        return phrase(self.words, value) if known(value) else shown(value)

    def place(self, area: str) -> Markup:
        """An area's name; what stands where there is none, in words."""
        return self.label(area) if area in (TOTAL, *UNKNOWN) else shown(area)


def interval(row: Row, middle: str, low: str, high: str) -> Interval | None:
    """Three columns of a row, or None if one of them is hidden or was not estimated."""
    found = [row.get(name) for name in (middle, low, high)]
    if any(value is None or not math.isfinite(value) for value in found):
        return None
    return Interval(*(float(value) for value in found if value is not None))


def apart(rows: Iterable[Row], key: str = "value") -> tuple[list[Row], list[Row]]:
    """Rows of known values in the order of their names, and those of unknown ones; the total is left out."""
    some = [row for row in rows if row[key] != TOTAL]
    known = sorted((row for row in some if row[key] not in UNKNOWN), key=lambda row: str(row[key]))
    return known, [row for row in some if row[key] in UNKNOWN]
