"""Strata that cannot be estimated as strata, since some capture history has no birth in all of them: taken together."""

import numpy as np

from everybirth.estimate import decomposable
from everybirth.estimate.cells import lists_of
from everybirth.estimate.gate import overlap_status
from everybirth.estimate.summary import Status
from everybirth.tables import Float64Array

METHOD = "decomposable-average"
GIVEN = (
    "given some of the lists, the others are independent, in one of the ways averaged over, and all groups have the "
    "same share of births missed"
)
MOST_LISTS = 5  # six lists have 18,154 graphs to average over, which takes minutes
MOST_TABLES = 20  # draws of the linkage that are looked at; the others take the births missed of one of these


def together(counts: Float64Array, n_out: int, seed: int) -> Float64Array | None:
    """Births missed in each stratum: those of all strata together, shared out in proportion to births listed.

    counts   (n_draws, n_strata, 2**L) births of each history in each draw of the linkage
    n_out    draws wanted, a multiple of n_draws
    Returns  (n_out, n_strata), draw i going with linkage draw i mod n_draws; None where this cannot be done either
    """
    n_draws = len(counts)
    if not 3 <= lists_of(counts) <= MOST_LISTS:
        return None
    total = counts[:MOST_TABLES].sum(axis=1)
    total[:, 0] = 0.0
    if (overlap_status(total) != Status.OK).any():
        return None
    each = -(-n_out // len(total))
    found = decomposable.average(total, decomposable.Prior(), n_draws=each, seed=seed)
    if found.draws is None or (found.status != Status.OK).any():
        return None
    draw = np.arange(n_out)
    missed = (found.draws - total.sum(axis=1)[:, None])[draw % n_draws % len(total), draw // len(total) % each]
    listed = counts.sum(axis=2)[draw % n_draws]
    shares = listed / np.maximum(listed.sum(axis=1, keepdims=True), 1.0)
    drawn = np.random.default_rng(seed).multinomial(np.rint(missed).astype(np.int64), shares)
    return drawn.astype(np.float64)
