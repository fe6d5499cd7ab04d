"""What the records of a birth leave open, filled in anew for each draw from a birth of the same capture history.

A birth on few lists has fewer records to say where it was, so births that lack a value are not like the others; but
given their capture history they are taken to be. (To set them apart instead would make a stratum of births on one list
each, and the births that every list missed would seem many there.)
"""

from dataclasses import dataclass

import numpy as np

from everybirth.compiled import kernel
from everybirth.tables import BoolArray, Int32Array, Int64Array

ANY = -1  # in place of an area: donors from all areas


@dataclass(frozen=True, slots=True)
class Donors:
    """Births of which everything is known, those of one history and area following each other.

    start    (n_keys + 1,) where the donors of each key begin in order; each donor stands under its history and area,
             and under its history alone
    order    (2 * n_donors,) donors by key, then as they were given
    values   (n_donors, n_dimensions) what is known of each
    n_areas  number of area codes
    """

    start: Int64Array
    order: Int32Array
    values: Int32Array
    n_areas: int


def donors(history: Int32Array, values: Int32Array, area: int, n_areas: int) -> Donors:
    """Sort complete births.

    history  (n,)
    values   (n, n_dimensions) codes, none missing
    area     which dimension is the area
    """
    own = _key(history, values[:, area], n_areas)
    alone = _key(history, np.full(len(history), ANY), n_areas)
    n_keys = (int(history.max(initial=0)) + 1) * (n_areas + 1)
    start = np.append(0, np.cumsum(np.bincount(own, minlength=n_keys) + np.bincount(alone, minlength=n_keys)))
    order = np.empty(2 * len(history), dtype=np.int32)
    behind = start[:-1].copy()
    _put(own, behind, order)
    _put(alone, behind, order)
    return Donors(start, order, values, n_areas)


@kernel
def _put(key: Int64Array, behind: Int64Array, order: Int32Array) -> None:
    """Put each donor behind those that its key has; moves `behind`, the place behind the last one of each key."""
    for donor in range(len(key)):
        order[behind[key[donor]]] = donor
        behind[key[donor]] += 1


def spans(history: Int32Array, values: Int32Array, area: int, given: Donors) -> tuple[Int64Array, Int64Array]:
    """The donors that may fill in births: those of the same history and, if it is known, of the same area.

    history  (n,)
    values   (n, n_dimensions) codes, some missing
    Returns  (n,) the first donor of each birth and (n,) the one behind its last; equal where there is none
    """
    where = values[:, area]
    low, high = _span(_key(history, np.where(where < 0, ANY, where), given.n_areas), given)
    lonely = high == low
    low[lonely], high[lonely] = _span(_key(history[lonely], np.full(int(lonely.sum()), ANY), given.n_areas), given)
    return low, high


def fill(values: Int32Array, span: tuple[Int64Array, Int64Array], given: Donors, rng: np.random.Generator) -> BoolArray:
    """Fill in what is missing, in place, from a random donor of each birth's span.

    values   (n, n_dimensions) codes, some missing
    Returns  (n,) births that found a donor
    """
    low, high = span
    chosen = low + np.floor(rng.random(len(values)) * (high - low)).astype(np.int64)
    found: BoolArray = high > low
    rows = np.flatnonzero(found)
    donated = given.values[given.order[chosen[rows]]]
    values[rows] = np.where(values[rows] < 0, donated, values[rows])
    return found


def _key(history: Int32Array, area: Int32Array, n_areas: int) -> Int64Array:
    return history.astype(np.int64) * (n_areas + 1) + area + 1


def _span(key: Int64Array, given: Donors) -> tuple[Int64Array, Int64Array]:
    """Where the donors of some keys begin and end; of a history that no donor has, both are the end of all."""
    last = len(given.start) - 1
    return given.start[np.minimum(key, last)], given.start[np.minimum(key + 1, last)]
