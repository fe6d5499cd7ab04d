"""Many lists, few shared births: dependence between pairs of lists, selected step by step."""

from itertools import combinations

import numpy as np
from scipy.special import pdtr, pdtrc

from everybirth.estimate.cells import bit, lists_of
from everybirth.estimate.gate import filled_bits, support
from everybirth.estimate.loglinear import Fit, fit
from everybirth.estimate.models import Model, independence, model_of
from everybirth.estimate.summary import Status
from everybirth.tables import Float64Array

THRESHOLD = 0.02  # a pair enters if its overlap is less probable than this without it


def stepwise(counts: Float64Array, threshold: float = THRESHOLD) -> Fit:
    """From independence, add the most surprising pair of lists until none is surprising.

    counts   (2**L,) checked counts of one table
    Returns  the fit of the model reached; refused if even independence has no estimate
    Source   Chan, Silverman & Vincent 2021, section 3
    """
    n_lists = lists_of(counts)
    table = counts[None, :]
    pairs = {bit(i, n_lists) | bit(j, n_lists) for i, j in combinations(range(n_lists), 2)}
    chosen: set[int] = set()
    current = fit(independence(n_lists), table)
    while current.status[0] == Status.OK:
        surprise = sorted((*_surprise(counts, current.means[0], pair), pair) for pair in pairs - chosen)
        step = next((pair for p, _, pair in surprise if p < threshold and _fits(chosen | {pair}, table)), None)
        if step is None:
            break
        chosen.add(step)
        current = fit(model_of(chosen, n_lists), table)
    return current


def _fits(pairs: set[int], table: Float64Array) -> bool:
    model: Model = model_of(pairs, lists_of(table))
    return support(model, filled_bits(table[0])).code == Status.OK


def _surprise(counts: Float64Array, means: Float64Array, pair: int) -> tuple[float, float]:
    """One-sided Poisson probability of an overlap at least as far from what the model expects as the one observed.

    Returns  it, and minus the distance in standard deviations, which ranks those too improbable to be told from 0
    """
    held = (np.arange(len(counts)) & pair) == pair
    seen, expected = counts[held].sum(), means[held].sum()
    above = pdtrc(seen - 1, expected) if seen > 0 else 1.0
    probability = min(pdtr(seen, expected), above)
    return float(probability), -float(abs(seen - expected) / np.sqrt(expected))
