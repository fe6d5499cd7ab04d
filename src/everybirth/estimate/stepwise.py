"""Many lists, few shared births: dependence between pairs of lists, selected step by step."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from scipy.special import pdtr, pdtrc

from everybirth.estimate.cells import bit, lists_of
from everybirth.estimate.gate import filled_bits, support
from everybirth.estimate.loglinear import Fit, fit
from everybirth.estimate.models import Model, model_of
from everybirth.estimate.summary import Status
from everybirth.tables import Float64Array

THRESHOLD = 0.02  # a pair enters if its overlap is less probable than this without it


def stepwise(counts: Float64Array, threshold: float = THRESHOLD) -> Fit:
    """From independence, add the most surprising pair of lists until none is surprising.

    counts   (2**L,) checked counts of one table
    Returns  the fit of the model reached; refused if even independence has no estimate
    Source   Chan, Silverman & Vincent 2021, section 3
    """
    *_, (_, reached) = _steps(counts[None, :], threshold)
    return reached


def stepwise_missed(counts: Float64Array, threshold: float = THRESHOLD) -> Float64Array:
    """Births missed of many tables, each by the model that it reaches.

    counts   (n_tables, 2**L) checked counts
    Returns  (n_tables,) NaN where refused
    """
    missed = np.full(len(counts), np.nan)
    for rows, current in _steps(counts, threshold):
        missed[rows] = current.missed
    return missed


def _steps(counts: Float64Array, threshold: float) -> Iterator[tuple[list[int], Fit]]:
    """Tables that stand at the same model, and its fit to them; of each table the last is the one that it reaches.

    counts   (n_tables, 2**L)
    """
    n_lists = lists_of(counts)
    standing: dict[frozenset[int], list[int]] = {frozenset(): list(range(len(counts)))}
    while standing:
        going: dict[frozenset[int], list[int]] = {}
        for chosen, rows in standing.items():
            current = fit(model_of(set(chosen), n_lists), counts[rows])
            yield rows, current
            for row, means, status in zip(rows, current.means, current.status, strict=True):
                step = _step(counts[row], means, chosen, threshold) if status == Status.OK else None
                if step is not None:
                    going.setdefault(chosen | {step}, []).append(row)
        standing = going


def _step(counts: Float64Array, means: Float64Array, chosen: frozenset[int], threshold: float) -> int | None:
    """The most surprising pair that is not yet chosen and can be fitted; None if no pair is surprising.

    counts, means  (2**L,) of one table
    """
    n_lists = lists_of(counts)
    pairs = {bit(i, n_lists) | bit(j, n_lists) for i, j in combinations(range(n_lists), 2)}
    surprise = sorted((*_surprise(counts, means, pair), pair) for pair in pairs - chosen)
    return next((pair for p, _, pair in surprise if p < threshold and _fits(chosen | {pair}, counts)), None)


def _fits(pairs: frozenset[int], counts: Float64Array) -> bool:
    model: Model = model_of(set(pairs), lists_of(counts))
    return support(model, filled_bits(counts)).code == Status.OK


def _surprise(counts: Float64Array, means: Float64Array, pair: int) -> tuple[float, float]:
    """One-sided Poisson probability of an overlap at least as far from what the model expects as the one observed.

    Returns  it, and minus the distance in standard deviations, which ranks those too improbable to be told from 0
    """
    held = (np.arange(len(counts)) & pair) == pair
    seen, expected = counts[held].sum(), means[held].sum()
    above = pdtrc(seen - 1, expected) if seen > 0 else 1.0
    probability = min(pdtr(seen, expected), above)
    return float(probability), -float(abs(seen - expected) / np.sqrt(expected))
