"""Strata of a file of counts without an estimate of their own: they borrow from the others, as in a run."""

import numpy as np

from everybirth.estimate import pooling
from everybirth.estimate.chapman import ODDS_RATIOS
from everybirth.estimate.count_rows import Histories
from everybirth.estimate.methods import DRAWS
from everybirth.estimate.summary import interval
from everybirth.estimate.table import TWO_LISTS, Answer
from everybirth.tables import Float64Array, Int32Array


def borrowed(histories: Histories, answers: list[Answer], seed: int) -> list[Answer]:
    """The answers, those refused for their own counts replaced by pooled ones where there are any.

    answers  one for each stratum. Those with an estimate of their own stay as they are: they do not depend on which
             other strata there are
    Returns  likewise; status "pooled" where replaced, as it was where the strata together are refused too
    """
    wanting = [row for row, one in enumerate(answers) if one.draws is None]
    if not wanting or len(answers) == 1:
        return answers
    found = pooling.pool(histories.counts[None], _effects(histories), seed)
    again = list(answers)
    for row in wanting:
        if not str(found.status[row]).startswith("refused"):
            again[row] = _pooled(answers[row], found.missed[:, row], found.assumption)
    return again


def _effects(histories: Histories) -> dict[str, Int32Array]:
    """The codes of each stratum column."""
    return {
        name: np.unique([stratum[name] for stratum in histories.strata], return_inverse=True)[1].astype(np.int32)
        for name in histories.strata[0]
    }


def _pooled(own: Answer, missed: Float64Array, assumption: str) -> Answer:
    """The answer of a stratum with the births missed that the others suggest.

    missed   (n_out,) draws, gone through again until there are as many as of the other strata
    """
    listed, n_lists = own.entry["observed"], len(own.entry["lists"])
    births = listed + np.resize(missed, DRAWS)
    middle, low, high = (float(each[0]) for each in interval(births[None, :]))
    head = {"method": pooling.method(n_lists), "births": middle, "low": low, "high": high, "assumption": assumption}
    reason = own.entry["status"].removeprefix("refused: ")
    warnings = [f"of its own counts, {reason}; so the figure borrows from the other strata", *own.entry["warnings"]]
    entry = own.entry | {"status": "pooled", "headline": head, "warnings": warnings}
    if n_lists == 2:
        curve = [{"odds_ratio": ratio, "births": listed + ratio * (middle - listed)} for ratio in ODDS_RATIOS]
        entry |= {"sensitivity": curve, "warnings": [*warnings, TWO_LISTS]}
    return Answer(entry, births)
