"""What a user should beware of in a run's estimates, in words."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from everybirth.estimate.cells import bit
from everybirth.estimate.gate import MINIMUM_OVERLAP
from everybirth.estimate.histories import Captures
from everybirth.estimate.scope import Scope
from everybirth.estimate.sensitivity import Kind
from everybirth.estimate.spoken import joined, names_of
from everybirth.estimate.strata import Estimated
from everybirth.estimate.timeliness import Timeliness
from everybirth.tables import BoolArray

SPOKEN = {"area": "area", "period": "period of birth", "sex": "sex", "site": "kind of place"}
MANY_FILLED = 0.05  # share of births with something filled in from which a user is told
APART = 1 / 3  # relative difference of two figures of births missed from which both are shown
FEW = 10.0  # difference, in births, up to which it does not matter
OFF = 0.01  # relative error of a list's predicted size from which it matters
SURE = 1.5  # and how far off it must be, in distances of the prediction from its limit: three standard errors
NESTED = 0.01  # of the births on both lists; a list with fewer of its own is nearly within the other
LINKS_APART = 0.01  # relative difference of two figures of births on both lists; in simulated worlds 0.005 at most


def of_totals(report: Mapping[str, Any]) -> list[str]:
    """Where the total without strata tells another story than that of strata.

    They are compared by the births missed: of few that were missed, a different figure is hidden among all that were
    listed.
    """
    whole, strata = report["one_table"], report["births"]
    if not whole or not strata:
        return []
    listed = report["listed"]["estimate"]
    difference = abs(whole["estimate"] - strata["estimate"])
    outside = not (_holds(whole, strata["estimate"]) and _holds(strata, whole["estimate"]))
    far = difference > APART * (max(whole["estimate"], strata["estimate"]) - listed)
    if difference < FEW or not (outside or far):
        return []
    first, second = (
        f"{each['estimate']:,.0f} ({each['estimate'] - listed:,.0f} on no list)" for each in (strata, whole)
    )
    text = (
        f"Births are estimated at {first} group by group, and at {second} as if all births were alike and every list "
        "could hold each of them. The first is what is reported."
    )
    return [text]


def _holds(figure: Mapping[str, float], value: float) -> bool:
    return figure["low"] <= value <= figure["high"]


def of_captures(captures: Captures) -> list[str]:
    """What was filled in, set apart, or not told apart."""
    lines = []
    n_births = len(captures.best)
    if captures.filled_in > MANY_FILLED * n_births:
        lines.append(
            f"{captures.filled_in:,} of {n_births:,} births lack an area, period, sex or site, or their records "
            "disagree about the site; estimates share them out as births on the same lists are."
        )
    if captures.set_apart:
        lines.append(
            f"{captures.set_apart:,} births are outside the plan's dates or areas and are not in the estimates."
        )
    if captures.merged:
        lines.append(
            f"There are too many groups of births to count all: estimates are not broken down by "
            f"{joined([SPOKEN[name] for name in captures.merged])}. Larger areas (area_level) or longer periods make "
            "fewer groups."
        )
    if len(captures.counts) < captures.n_draws:
        lines.append(
            f"There are many groups of births: {len(captures.counts)} of the {captures.n_draws} draws of the linkage "
            "were used, so that limits are less exact."
        )
    return lines


def of_lists(found: Estimated, lists: tuple[str, ...]) -> list[str]:
    """Lists that hold none of the births that they could hold, and kinds of births whose fit did not settle."""
    lines = []
    births = found.listed.mean(axis=0)
    for k, name in enumerate(lists):
        missing: BoolArray = (found.can_hold & ~found.held & bit(k, len(lists))) != 0
        count = round(float(births[missing].sum()))
        if count:
            lines.append(
                f"{name}: by what the plan says it could hold {count:,} of the births in the estimates, and it holds "
                "none of them. For these it was left out, as if it could hold none."
            )
    for held, fit in found.fits.items():
        if not fit.settled:
            lines.append(
                f"Births that {joined(names_of(held, lists))} hold: the search for how far groups of births differ did "
                "not settle. How much small groups borrow from others is in doubt (pooling.parquet), their sum less so."
            )
    return lines


def of_nested(each: list[Kind]) -> list[str]:
    """Births that two lists can hold, one of which holds next to nothing that the other does not."""
    lines = []
    for kind in each:
        if len(kind.lists) != 2:
            continue
        second, first, both = kind.counts[0, 1:]
        small, large = kind.lists if first <= second else kind.lists[::-1]
        if both >= MINIMUM_OVERLAP and min(first, second) <= NESTED * both:
            lines.append(
                f"Nearly all births on {small} are on {large} too ({both:,.0f} of {min(first, second) + both:,.0f}), "
                f"where only these two lists hold births. If {small} feeds {large}, nothing shows how many both missed."
            )
    return lines


def of_lists_left_out(table: pl.DataFrame) -> list[str]:
    """What it means that a list's size is not what the others predict.

    table   as from sensitivity()
    """
    births, known = pl.col("births"), pl.col("known")
    low, high = births - pl.col("births_low"), pl.col("births_high") - births
    outside = (births - known > SURE * low) | (known - births > SURE * high)
    rows = table.filter(pl.col("kind") == "leave-one-out").filter(outside, (births / known - 1).abs() > OFF)
    if not rows.height:
        return []
    each = [
        f"{row['what']} (has {row['known']:,.0f}, predicted {row['births_low']:,.0f} to {row['births_high']:,.0f})"
        for row in rows.iter_rows(named=True)
    ]
    text = (
        f"The other lists do not predict the size of {joined(each)}: they depend on one another. The estimate allows "
        "for that where three lists or more can hold births, and does not where only two can (docs/assumptions.md)."
    )
    return [text]


def of_timeliness(found: Timeliness | None, wanted: Scope) -> list[str]:
    """Births of which it is not known whether they were registered in time."""
    if wanted.within_days is None:
        return []
    what = f"Registration within {wanted.within_days} days"
    if found is None:
        needed = "It needs a civil register that has dates of registration, and dates of birth"
        return [f"{what}: not shown. {needed}; the plan's lists do not have them."]
    unknown = found.undated + found.too_early
    if not unknown:
        return []
    known = max(found.registered - unknown, 1)
    shares = (found.on_time / found.registered, found.on_time / known, (found.on_time + unknown) / found.registered)
    least, alike, most = (f"{100 * share:.1f}%" for share in shares)
    early = f"{found.too_early:,} were registered before they were born, by their dates. " if found.too_early else ""
    text = (
        f"{what}: of {found.registered:,} registered births {found.undated:,} lack a date of birth or registration. "
        f"{early}Such births do not count as in time. So {least} of registered births are, at least: {alike} if those "
        f"are like the others, {most} at most."
    )
    return [text]


def of_linkage(corrected: Mapping[str, float] | None) -> list[str]:
    """Two lists: where the weights of pairs say otherwise than the draws how many births are on both."""
    if corrected is None:
        return []
    apart = abs(corrected["both_by_draws"] - corrected["both"])
    if apart <= max(LINKS_APART * corrected["both"], FEW):
        return []
    text = (
        f"By the weights of pairs and the recall of blocking {corrected['both']:,.0f} births are on both lists, by the "
        f"draws of the linkage {corrected['both_by_draws']:,.0f}. By the first, {corrected['births']:,.0f} births "
        "would have happened. Look at the links (pairs.parquet) before the figure is used."
    )
    return [text]


def of_status(report: Mapping[str, Any]) -> list[str]:
    """Why the total is no ordinary figure."""
    return [] if report["status"] == "ok" else [f"The total of births: {report['status']}."]
