"""Births from a file of counts: each stratum by itself where it can be, else by what the others say; their sum."""

from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import polars as pl

from everybirth.estimate.borrowing import borrowed
from everybirth.estimate.count_rows import read_histories
from everybirth.estimate.methods import usual
from everybirth.estimate.summary import interval
from everybirth.estimate.table import Answer, answer
from everybirth.progress import Progress, silent

FEW_STRATA = 10  # with more, the latent-class method, seconds a stratum, is left out unless asked for


def estimate_counts(
    source: str | Path | pl.DataFrame,
    methods: tuple[str, ...] | None = None,
    seed: int = 0,
    strata: tuple[str, ...] = (),
    progress: Progress = silent,
) -> dict[str, Any]:
    """Estimate births from capture-history counts alone.

    source   a CSV file or a table: one 0/1 column per list, "count", and columns of strata
    methods  as in `estimate_table`
    strata   columns that are strata although they look like lists
    Returns  {"strata": [...], "total": {...}}; a stratum whose own counts are refused is "pooled", if the others can
             lend it an estimate. The total is the sum of the strata's draws; of strata still refused, the births listed
    Raises   ReadError  if the file is missing or no CSV; EstimateError  if its columns or counts cannot be used
    """
    histories = read_histories(source, strata)
    n_lists = len(histories.lists)
    shown = methods
    if methods is None and len(histories.strata) > FEW_STRATA:
        shown = tuple(name for name in usual(n_lists) if name != "latent-class")
    answers = []
    for done, (stratum, counts) in enumerate(zip(histories.strata, histories.counts, strict=True)):
        progress("estimate", done, len(histories.strata))
        # A seed of its own for each stratum, which does not change when other strata come or go.
        key = crc32("\x1f".join(f"{name}={value}" for name, value in stratum.items()).encode())
        own = int(np.random.SeedSequence([seed, key]).generate_state(1)[0])
        one = answer(counts, histories.lists, shown, own)
        one.entry["stratum"] = stratum
        answers.append(one)
    progress("estimate", len(answers), len(answers))
    answers = borrowed(histories, answers, seed)
    total = _total(answers)
    if shown != methods:
        total["warnings"].append(f"latent-class: left out, there are more than {FEW_STRATA} strata; ask for it by name")
    total["warnings"] += [f"{name} holds no birth and is left out as a list" for name in histories.without_births]
    if histories.missed_rows:
        total["warnings"].append(
            f"{histories.missed_rows} rows of births on no list were left aside: they are what is estimated"
        )
    return {"strata": [one.entry for one in answers], "total": total}


def _total(answers: list[Answer]) -> dict[str, Any]:
    """The sum over strata, from the sums of draws: limits do not add up, draws do. One stratum is its own total."""
    drawn = [one.draws for one in answers if one.draws is not None]
    refused = [one.entry for one in answers if one.draws is None]
    left = sum(entry["observed"] for entry in refused)
    total: dict[str, Any] = {"observed": sum(one.entry["observed"] for one in answers), "status": "ok"}
    total |= {"strata": len(answers), "refused_strata": len(refused), "births": None, "low": None, "high": None}
    total["warnings"] = []
    if not drawn:
        total["status"] = "refused: every stratum was refused" if len(answers) > 1 else refused[0]["status"]
        return total
    if left:
        total["status"] = (
            f"partial: {len(refused)} of {len(answers)} strata refused; of their births only the {left:,} listed ones "
            "are in the figure"
        )
    estimated = [one.entry for one in answers if one.draws is not None]
    total |= next((entry for entry in estimated if entry["status"] == "ok"), estimated[0])["headline"]
    if len(answers) > 1:
        births = np.sum(drawn, axis=0) + left
        _, low, high = interval(births[None, :])
        total |= {"births": float(births.mean()), "low": float(low[0]), "high": float(high[0])}
    return total
