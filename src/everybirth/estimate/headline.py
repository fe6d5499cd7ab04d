"""The few figures that a run tells first, each with what it rests on."""

from typing import Any

import numpy as np

from everybirth.errors import EstimateError
from everybirth.estimate import together
from everybirth.estimate.histories import Captures
from everybirth.estimate.remarks import SPOKEN, of_captures, of_lists, of_status, of_totals
from everybirth.estimate.scope import Scope
from everybirth.estimate.spoken import joined, names_of
from everybirth.estimate.strata import Estimated, groups, linkage_share
from everybirth.estimate.summary import interval
from everybirth.estimate.table import answer
from everybirth.tables import Float64Array


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
    whole = report["status"] in ("ok", "pooled")
    report["one_table"] = _one_table(captures, wanted, seed) if whole else None
    report["pooling"] = _pooling(found, wanted.lists)
    remarks = of_totals(report) + of_captures(captures) + of_lists(found, wanted.lists) + of_status(report)
    return report, remarks


def _pooling(found: Estimated, lists: tuple[str, ...]) -> list[dict[str, Any]]:
    """For each kind of births: how far strata differ in each term of the model, by each effect."""
    return [
        {
            "lists": names_of(held, lists),
            "settled": fit.settled,
            "deviations": {
                effect: dict(zip(fit.terms, row.tolist(), strict=True)) for effect, row in fit.deviations.items()
            },
        }
        for held, fit in found.fits.items()
    ]


def _figure(draws: Float64Array) -> dict[str, float]:
    middle, low, high = interval(draws[None, :])
    return {"estimate": float(middle[0]), "low": float(low[0]), "high": float(high[0])}


def _given(found: Estimated, lists: tuple[str, ...]) -> list[str]:
    """What is assumed, for each set of lists that hold births; and among which births."""
    words = []
    for held, assumption in found.given.items():
        names = names_of(held, lists)
        able = bool((found.can_hold[found.held == held] == held).all())
        where = f"for births that only {joined(names)} {'can hold' if able else 'hold'}, "
        if len(names) == len(lists):
            where = "for births that every list can hold, " if len(found.given) > 1 else ""
        words.append(where + assumption.removeprefix("if "))
    if found.by and any(text != together.GIVEN for text in found.given.values()):
        words.append(
            f"births of the same {joined([SPOKEN[name] for name in found.by])} are alike; where they are few, the "
            "estimate borrows from similar groups"
        )
    return list(dict.fromkeys(words))


def _one_table(captures: Captures, wanted: Scope, seed: int) -> dict[str, Any] | None:
    """The total as if every list could hold every birth and births were all alike: for comparison only.

    Not asked for where the births missed of some kind are not estimated: then there is nothing to compare.
    """
    counts = np.rint(captures.counts.sum(axis=1).mean(axis=0))
    try:
        entry = answer(counts, wanted.lists, (), seed).entry
    except EstimateError:
        return None
    head = entry["headline"]
    return None if head is None else {"estimate": head["births"], "low": head["low"], "high": head["high"]}
