"""The few figures that a run tells first, each with what it rests on."""

from typing import Any

import numpy as np

from everybirth.errors import EstimateError
from everybirth.estimate.cells import bit
from everybirth.estimate.histories import Captures
from everybirth.estimate.scope import Scope
from everybirth.estimate.strata import Estimated, groups, linkage_share
from everybirth.estimate.summary import interval
from everybirth.estimate.table import answer
from everybirth.tables import Float64Array

APART = 0.05  # relative difference of two totals from which both are shown
MANY_FILLED = 0.05  # share of births with something filled in from which a user is told


def headline(found: Estimated, captures: Captures, wanted: Scope, seed: int) -> tuple[dict[str, Any], list[str]]:
    """The total for run.json, and what to beware of, in words."""
    total = groups(found, ())
    refused = not total.status or total.status[0].startswith("refused")
    births = total.births[:, 0] if total.status else np.zeros(len(found.missed))
    listed = total.listed[:, 0] if total.status else births
    register = wanted.lists[wanted.register] if wanted.register >= 0 else None
    on = total.on_list[:, 0, wanted.register] if register and total.status else listed
    report: dict[str, Any] = {
        "status": total.status[0] if total.status else "refused: there are no births in the plan's dates and areas",
        "method": total.method[0] if total.status else "",
        "given": _given(found, wanted.lists),
        "births": None if refused else _figure(births),
        "listed": _figure(listed),
        "register": register,
        "registered": _figure(on),
        "completeness": None if refused else _figure(on / np.maximum(births, 1.0)),
        "on_other_lists_only": _figure(listed - on),
        "missed_by_all": None if refused else _figure(births - listed),
        "by": list(found.by),
        "strata": len(found.keys),
        "strata_pooled": sum(text == "pooled" for text in found.status),
        "strata_refused": sum(text.startswith("refused") for text in found.status),
        "draws_of_linkage": len(captures.counts),
        "variance_share_of_linkage": None if refused else linkage_share(births, len(captures.counts)),
        "filled_in": captures.filled_in,
        "out_of_scope": captures.set_apart,
    }
    report["one_table"] = _one_table(captures, wanted, seed)
    return report, _remarks(report, captures)


def _figure(draws: Float64Array) -> dict[str, float]:
    middle, low, high = interval(draws[None, :])
    return {"estimate": float(middle[0]), "low": float(low[0]), "high": float(high[0])}


def _given(found: Estimated, lists: tuple[str, ...]) -> list[str]:
    """What is assumed, for each set of lists that can hold births."""
    words = []
    for held, assumption in found.given.items():
        names = [name for k, name in enumerate(lists) if held & bit(k, len(lists))]
        where = f"where {' and '.join(names)} are the lists that can hold a birth, " if len(names) < len(lists) else ""
        words.append(where + assumption.removeprefix("if "))
    return list(dict.fromkeys(words))


def _one_table(captures: Captures, wanted: Scope, seed: int) -> dict[str, Any] | None:
    """The total as if every list could hold every birth and births were all alike: for comparison only."""
    counts = np.rint(captures.counts.sum(axis=1).mean(axis=0))
    try:
        entry = answer(counts, wanted.lists, (), seed).entry
    except EstimateError:
        return None
    head = entry["headline"]
    return None if head is None else {"estimate": head["births"], "low": head["low"], "high": head["high"]}


def _remarks(report: dict[str, Any], captures: Captures) -> list[str]:
    lines = []
    whole, strata = report["one_table"], report["births"]
    if whole and strata:
        overlap = whole["low"] <= strata["high"] and strata["low"] <= whole["high"]
        if not overlap or abs(whole["estimate"] / strata["estimate"] - 1) > APART:
            lines.append(
                f"Births are estimated at {strata['estimate']:,.0f} stratum by stratum, at {whole['estimate']:,.0f} as "
                "if all births were alike and every list could hold each of them. The first is what is reported."
            )
    n_births = len(captures.best)
    if captures.filled_in > MANY_FILLED * n_births:
        lines.append(
            f"{captures.filled_in:,} of {n_births:,} births lack an area, period, sex or site; estimates share them "
            "out as births on the same lists are."
        )
    if captures.set_apart:
        lines.append(
            f"{captures.set_apart:,} births are outside the plan's dates or areas and are not in the estimates."
        )
    if report["status"] != "ok":
        lines.append(f"The total of births: {report['status']}.")
    return lines
