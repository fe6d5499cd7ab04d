"""The front door for one table of counts: a headline figure, others beside it, and what to beware of."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from everybirth.errors import EstimateError
from everybirth.estimate import methods as by_name
from everybirth.estimate.cells import checked, lists_of
from everybirth.estimate.chapman import ODDS_RATIOS, sensitivity
from everybirth.estimate.gate import overlap_status
from everybirth.estimate.summary import WORDS, Status, Summary, log_normal
from everybirth.tables import Float64Array

# Methods shown for what they get wrong, not as an answer.
CAUTIONS = {
    "decomposable-average-saturated": (
        "decomposable-average-saturated: one of its graphs says nothing of the births missed, so the prior may rule"
    ),
}


TWO_LISTS = "two lists cannot show whether they are independent; see the sensitivity to their odds ratio"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of one table.

    entry    in the form that `everybirth estimate --json` prints for a stratum
    draws    (n_draws,) births under the headline method, or None where it is refused
    """

    entry: dict[str, Any]
    draws: Float64Array | None


def estimate_table(
    counts: npt.ArrayLike, lists: tuple[str, ...], methods: tuple[str, ...] | None = None, seed: int = 0
) -> dict[str, Any]:
    """Estimate the births of one table, by the headline method and others.

    counts   (2**L,) births of each capture history, list 0 the most significant bit; cell 0 is ignored
    lists    names of the L lists, in the order of the bits
    methods  names of the methods to show beside the headline; None: those that suit the number of lists
    Returns  {"stratum", "lists", "observed", "status", "headline", "estimates", "warnings"}; for two lists also
             "sensitivity"
    Raises   EstimateError  on counts that are no counts, or a method that does not exist or suit
    """
    return answer(counts, lists, methods, seed).entry


def answer(
    counts: npt.ArrayLike, lists: tuple[str, ...], methods: tuple[str, ...] | None = None, seed: int = 0
) -> Answer:
    """As `estimate_table`, with the draws of the headline's births."""
    table = checked(counts)
    n_lists = lists_of(table)
    if len(table) != 1 or len(lists) != n_lists:
        raise EstimateError(
            f"{len(lists)} lists are named, but the counts are {len(table)} table(s) of {n_lists} lists."
        )
    shown = by_name.usual(n_lists) if methods is None else methods
    by_name.check(shown, n_lists)
    entry: dict[str, Any] = {"stratum": {}, "lists": list(lists), "observed": int(table.sum())}
    entry |= {"status": "ok", "headline": None, "estimates": [], "warnings": []}
    status = Status(int(overlap_status(table)[0]))
    if status != Status.OK:
        entry["status"] = WORDS[status]
        return Answer(entry, None)
    first = by_name.headline(n_lists)
    found = by_name.run((*shown, first), table, seed)
    entry["status"] = WORDS[Status(int(found[first].status[0]))]
    entry["estimates"] = [_row(one) for name, one in found.items() if name in shown and one.status[0] == Status.OK]
    entry["warnings"] = _warnings(found, first, shown)
    if found[first].status[0] != Status.OK:
        return Answer(entry, None)
    if n_lists == 2:
        entry["sensitivity"] = _sensitivity(table)
        entry["warnings"].append(TWO_LISTS)
    row = _row(found[first])
    entry["headline"] = {key: row[key] for key in ("method", "births", "low", "high")}
    entry["headline"]["assumption"] = found[first].assumption
    return Answer(entry, _draws(found[first], float(table.sum()), seed))


def _row(summary: Summary) -> dict[str, Any]:
    """One estimate as it is printed; what a method does not have is null."""
    row: dict[str, Any] = {"method": summary.method, "model": str(summary.model[0])}
    for name in ("births", "se", "low", "high", "aic", "bic"):
        values: Float64Array | None = getattr(summary, name)
        known = values is not None and bool(np.isfinite(values[0]))
        row[name] = float(values[0]) if known and values is not None else None
    if summary.rhat is not None:
        row["rhat"] = float(summary.rhat[0])
    return row


def _warnings(found: dict[str, Summary], first: str, shown: tuple[str, ...]) -> list[str]:
    """What was refused, what needs caution, and how far the methods are apart."""
    refused = {name: _reason(one) for name, one in found.items() if one.status[0] != Status.OK}
    warnings = [f"{name}: {words}" for name, words in refused.items()]
    warnings += [words for name, words in CAUTIONS.items() if name in found and name in shown and name not in refused]
    head = found[first]
    others = [float(one.births[0]) for name, one in found.items() if name not in refused and name not in CAUTIONS]
    outside = [births for births in others if not head.low[0] <= births <= head.high[0]]
    if first not in refused and outside:
        warnings.append(
            f"methods give {min(others):,.0f} to {max(others):,.0f} births, {len(outside)} of {len(others)} outside "
            "the interval of the headline: the assumption matters more than the counts"
        )
    return warnings


def _reason(summary: Summary) -> str:
    """Why a method was refused, with R-hat where its chains were run."""
    words = WORDS[Status(int(summary.status[0]))]
    if summary.rhat is None or not np.isfinite(summary.rhat[0]):
        return words
    return f"{words} (R-hat {summary.rhat[0]:.2f}; 1 where chains agree)"


def _sensitivity(table: Float64Array) -> list[dict[str, float]]:
    curve = sensitivity(table)[0]
    return [{"odds_ratio": ratio, "births": float(births)} for ratio, births in zip(ODDS_RATIOS, curve, strict=True)]


def _draws(summary: Summary, observed: float, seed: int) -> Float64Array:
    """Births drawn under the headline method: its own draws, else log-normal ones with its standard error."""
    if summary.draws is not None:
        own: Float64Array = summary.draws[0]
        return own
    missed = log_normal(summary.births - observed, summary.se, by_name.DRAWS, np.random.default_rng(seed))
    drawn: Float64Array = observed + missed[0]
    return drawn
