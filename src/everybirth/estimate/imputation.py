"""What the records of a birth leave open, filled in anew for each draw from a birth of the same capture history.

A birth on few lists has fewer records to say where it was, so births that lack a value are not like the others; but
given their capture history they are taken to be. (To set them apart instead would make a stratum of births on one list
each, and the births that every list missed would seem many there.)
"""

from dataclasses import dataclass

import numpy as np

from everybirth.tables import BoolArray, Int32Array, Int64Array

ANY = -1  # in place of an area: donors from all areas


@dataclass(frozen=True, slots=True)
class Donors:
    """Births of which everything is known, sorted so that those of one history and area follow each other.

    key      (2 * n_donors,) ascending; each donor stands under its history and area, and under its history alone
    values   (2 * n_donors, n_dimensions) what is known of it
    n_areas  number of area codes
    """

    key: Int64Array
    values: Int32Array
    n_areas: int


def donors(history: Int32Array, values: Int32Array, area: int, n_areas: int) -> Donors:
    """Sort complete births.

    history  (n,)
    values   (n, n_dimensions) codes, none missing
    area     which dimension is the area
    """
    key = np.concatenate([_key(history, values[:, area], n_areas), _key(history, np.full(len(history), ANY), n_areas)])
    # Place and key as one number: sorted several times faster than by a stable sort of the keys, with the same result.
    bits = len(key).bit_length()
    both = (key << bits) | np.arange(len(key))
    both.sort()
    order = both & ((1 << bits) - 1)
    return Donors(key[order], np.concatenate([values, values])[order], n_areas)


def fill(history: Int32Array, values: Int32Array, area: int, given: Donors, rng: np.random.Generator) -> BoolArray:
    """Fill in what is missing, in place, from a random donor of the same history and, if it is known, the same area.

    history  (n,)
    values   (n, n_dimensions) codes, some missing
    Returns  (n,) births that found a donor
    """
    where = values[:, area]
    low, high = _span(_key(history, np.where(where < 0, ANY, where), given.n_areas), given)
    lonely = high == low
    low[lonely], high[lonely] = _span(_key(history[lonely], np.full(int(lonely.sum()), ANY), given.n_areas), given)
    chosen = low + np.floor(rng.random(len(history)) * (high - low)).astype(np.int64)
    found: BoolArray = high > low
    rows = np.flatnonzero(found)
    donated = given.values[chosen[rows]]
    values[rows] = np.where(values[rows] < 0, donated, values[rows])
    return found


def _key(history: Int32Array, area: Int32Array, n_areas: int) -> Int64Array:
    return history.astype(np.int64) * (n_areas + 1) + area + 1


def _span(key: Int64Array, given: Donors) -> tuple[Int64Array, Int64Array]:
    return np.searchsorted(given.key, key, side="left"), np.searchsorted(given.key, key, side="right")
