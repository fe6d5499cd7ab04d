"""Births that lack something which strata tell apart: which of them a draw holds, and their donors."""

from dataclasses import dataclass

import numpy as np

from everybirth.estimate.imputation import Donors, spans
from everybirth.estimate.redrawn import spread
from everybirth.tables import BoolArray, Int32Array, Int64Array


@dataclass(frozen=True, slots=True)
class Lacking:
    """Some births that lack something.

    values    (n, n_dimensions) codes, some missing
    history   (n,)
    span      (n,) first donor of each, (n,) the one behind its last; see imputation.spans
    """

    values: Int32Array
    history: Int32Array
    span: tuple[Int64Array, Int64Array]

    def take(self, rows: Int64Array) -> "Lacking":
        return Lacking(self.values[rows], self.history[rows], (self.span[0][rows], self.span[1][rows]))


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Those of the best partition, then those that pieces of draws make.

    births       all of them
    n_best       how many are of the best partition
    gone         which of these pieces do away with, piece after piece; gone_start   (n_pieces + 1,) where each begins
    first        (n_made,) first record of each that pieces make, piece after piece; made_start   likewise
    """

    births: Lacking
    n_best: int
    gone: Int64Array
    gone_start: Int64Array
    first: Int32Array
    made_start: Int64Array

    def of(self, pieces: Int64Array) -> Lacking:
        """Those of a draw of some pieces: what it leaves of the best partition, then its own by their first records."""
        still: BoolArray = np.ones(self.n_best, dtype=bool)
        still[self.gone[spread(self.gone_start, pieces)]] = False
        made = spread(self.made_start, pieces)
        made = made[np.argsort(self.first[made])]
        return self.births.take(np.concatenate([np.flatnonzero(still), made + self.n_best]))


def lacking(values: Int32Array, history: Int32Array, given: Donors) -> Lacking:
    """Births with their donors; the area is the first dimension."""
    return Lacking(values, history, spans(history, values, 0, given))


def runs(chosen: BoolArray, start: Int64Array) -> Int64Array:
    """(n_runs + 1,) where each run begins among the chosen entries, if it begins at start among all."""
    found: Int64Array = np.append(0, np.cumsum(chosen))[start]
    return found


def fill_lonely(some: Lacking, found: BoolArray, given: Donors, last: int, rng: np.random.Generator) -> None:
    """Births like no other go, in place, to the last frame and elsewise to where any other birth is.

    found   (n,) births that were filled in
    """
    lonely = np.flatnonzero(~found)
    if not len(lonely):
        return
    donated = np.zeros((len(lonely), some.values.shape[1]), dtype=np.int32)
    if len(given.order):
        donated = given.values[given.order[rng.integers(len(given.order), size=len(lonely))]]
    donated[:, -1] = last
    some.values[lonely] = np.where(some.values[lonely] < 0, donated, some.values[lonely])
