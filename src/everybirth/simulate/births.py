"""The true births of one year: places, families, children."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from everybirth.simulate.lexicon import FEMALE, FLAVOURS, GIVEN, MALE, Lexicon, long_tail
from everybirth.simulate.options import Options
from everybirth.simulate.places import CLAN_NAMES, Places, choose, places
from everybirth.simulate.text import Text
from everybirth.tables import MISSING, Float64Array, Int32Array, Int64Array

TWINS, TRIPLETS = 0.012, 0.0002  # share of deliveries
IDENTICAL = 1 / 3  # share of twins and triplets of one egg, hence of one sex
BOYS = 0.512
ALIKE = 0.2  # share of twins of one sex who get names that sound alike
FATHER_UNKNOWN = 0.07
CHILD_TAKES_FATHERS = 0.9  # share of children, father known, who bear his family name
MARRIED_NAME = 0.5  # share of mothers who go by the father's family name
SAME_FLAVOUR = 0.92  # share of couples with one mother tongue
LOCAL_NAME = 0.3  # share of persons with one of the family names of their area
NO_PHONE, SHARED_PHONE = 0.22, 0.04
SEASON = 0.08  # swing of births over the year, as a share of the mean
SITES = ("facility", "home", "other")


@dataclass(frozen=True, slots=True)
class Births:
    """All true births, one row each; the children of a delivery follow one another.

    delivery        (n,) from 0
    order, plurality   (n,) rank within the delivery, children in it
    area            (n,) index of the mother's area of residence
    locality, birth_locality   (n,) locality of residence and of birth, as in places
    facility        (n,) facility of birth, as in places, or -1
    site            (n,) index into SITES
    day, mother_day (n,) birth dates of child and mother, days since 1970-01-01
    sex             (n,) FEMALE or MALE
    weight          (n,) g
    phone           (n,) nine digits, or 0
    flavour         (n,) of the child's names
    given, family, mother_given, mother_family, father_given, father_family   text
    mother_other    the mother's other family name (maiden or married), missing if she has one only
    """

    places: Places
    lexicon: Lexicon
    delivery: Int64Array
    order: Int64Array
    plurality: Int64Array
    area: Int64Array
    locality: Int64Array
    birth_locality: Int64Array
    facility: Int64Array
    site: Int64Array
    day: Int64Array
    mother_day: Int64Array
    sex: Int64Array
    weight: Float64Array
    phone: Int64Array
    flavour: Int64Array
    given: Text
    family: Text
    mother_given: Text
    mother_family: Text
    mother_other: Text
    father_given: Text
    father_family: Text

    def __len__(self) -> int:
        return len(self.delivery)


@dataclass(frozen=True, slots=True)
class _Parents:
    """Names by delivery, and the flavour of the child's."""

    flavour: Int64Array
    child_family: Int32Array
    mother_given: Text
    mother_family: Int32Array
    mother_other: Int32Array
    father_given: Int32Array
    father_family: Int32Array


def births(options: Options, lexicon: Lexicon, rng: np.random.Generator) -> Births:
    """Draw the true births; options.births of them exactly."""
    n = options.births
    plurality = _plurality(n, rng)
    delivery = np.repeat(np.arange(len(plurality)), plurality)
    order = np.arange(n) - np.repeat(np.cumsum(plurality) - plurality, plurality) + 1
    land = places(options.areas, rng)
    where = choose(land, len(plurality), rng)
    parents = _parents(where.flavour, where.area, land, lexicon, rng)
    sex = _sexes(delivery, order, rng)
    day = _days(options.year, len(plurality), rng)
    mother_day = day - _mothers_age(len(plurality), rng)
    given = _given_names(delivery, order, sex, parents.flavour[delivery], lexicon, rng)
    words = lexicon.words
    return Births(
        places=land, lexicon=lexicon, delivery=delivery, order=order, plurality=plurality[delivery],
        area=where.area[delivery], locality=where.locality[delivery], birth_locality=where.birth_locality[delivery],
        facility=where.facility[delivery], site=where.site[delivery], day=day[delivery],
        mother_day=mother_day[delivery], sex=sex, weight=_weights(delivery, sex, plurality[delivery], rng),
        phone=_phones(where.area, rng)[delivery],
        flavour=parents.flavour[delivery], given=given, family=Text(parents.child_family[delivery], words),
        mother_given=parents.mother_given.take(delivery), mother_family=Text(parents.mother_family[delivery], words),
        mother_other=Text(parents.mother_other[delivery], words),
        father_given=Text(parents.father_given[delivery], words),
        father_family=Text(parents.father_family[delivery], words),
    )  # fmt: skip


def _plurality(n: int, rng: np.random.Generator) -> Int64Array:
    """(n_deliveries,) children of each delivery, n in all; the last delivery is cut to fit."""
    draw = rng.random(n)
    children = 1 + (draw < TWINS + TRIPLETS).astype(np.int64) + (draw < TRIPLETS)
    total = np.cumsum(children)
    keep = int(np.searchsorted(total, n, side="left")) + 1 if n else 0
    children = children[:keep]
    if n:
        children[-1] -= total[keep - 1] - n
    return children


def _parents(
    tongue: Int64Array, area: Int64Array, land: Places, lexicon: Lexicon, rng: np.random.Generator
) -> _Parents:
    """Names of mothers and fathers, and the family name that each child gets."""
    n = len(tongue)
    fathers = np.where(rng.random(n) < SAME_FLAVOUR, tongue, rng.integers(len(FLAVOURS), size=n))
    maiden = _family_names(tongue, area, land, lexicon, rng)
    father_family = _family_names(fathers, area, land, lexicon, rng)
    father_given = lexicon.given(np.full(n, MALE), fathers, rng.random(n))
    mother_given = _compound(lexicon.given(np.full(n, FEMALE), tongue, rng.random(n)), tongue, lexicon, rng)
    unknown = rng.random(n) < FATHER_UNKNOWN
    married = ~unknown & (rng.random(n) < MARRIED_NAME)
    from_father = ~unknown & (rng.random(n) < CHILD_TAKES_FATHERS)
    mother_family = np.where(married, father_family, maiden)
    nobody = np.int32(MISSING)
    return _Parents(
        flavour=np.where(from_father, fathers, tongue),
        child_family=np.where(from_father, father_family, mother_family),
        mother_given=mother_given,
        mother_family=mother_family,
        mother_other=np.where(unknown, nobody, np.where(married, maiden, father_family)),
        father_given=np.where(unknown, nobody, father_given),
        father_family=np.where(unknown, nobody, father_family),
    )


def _family_names(
    flavour: Int64Array, area: Int64Array, land: Places, lexicon: Lexicon, rng: np.random.Generator
) -> Int32Array:
    """(n,) family names: some of them are the area's own, the others those of the language."""
    n = len(flavour)
    clan = np.searchsorted(long_tail(CLAN_NAMES, 3.0, 1.0), rng.random(n), side="right")
    return np.where(rng.random(n) < LOCAL_NAME, land.clans[area, clan], lexicon.family(flavour, rng.random(n)))


def _given_names(
    delivery: Int64Array, order: Int64Array, sex: Int64Array, flavour: Int64Array, lexicon: Lexicon,
    rng: np.random.Generator,
) -> Text:  # fmt: skip
    """Given names of the children; those of one delivery differ, and some sound alike."""
    codes = lexicon.given(sex, flavour, rng.random(len(sex)))
    alike = rng.random(len(sex)) < ALIKE
    for rank in range(2, int(order.max(initial=1)) + 1):
        rows = np.flatnonzero(order == rank)
        near = rows[(sex[rows] == sex[rows - 1]) & alike[rows]]
        codes[near] = lexicon.alike[codes[near - 1]]
        for back in (*range(1, rank), *range(1, rank)):  # twice: stepping off one sibling's name may meet another's
            same = rows[codes[rows] == codes[rows - back]]
            codes[same] = lexicon.alike[codes[same]]
    return _compound(codes, flavour, lexicon, rng)


def _compound(codes: Int32Array, flavour: Int64Array, lexicon: Lexicon, rng: np.random.Generator) -> Text:
    """The given names, some of them followed by a second one of the same block."""
    habit = np.array([f.compound for f in FLAVOURS])
    rows = np.flatnonzero(rng.random(len(codes)) < habit[flavour])
    first = codes[rows].astype(np.int64)
    rank = np.searchsorted(lexicon.given_odds, rng.random(len(rows)), side="right")
    second = first // GIVEN * GIVEN + rank
    second = np.where(second == first, lexicon.alike[first], second)
    pairs, pair_of = np.unique(first * len(lexicon.words) + second, return_inverse=True)
    left, right = pairs // len(lexicon.words), pairs % len(lexicon.words)
    joiners = pl.Series([f.joiner for f in FLAVOURS]).gather(left // GIVEN % len(FLAVOURS))
    words = pl.select(pl.concat_str(lexicon.words.gather(left), joiners, lexicon.words.gather(right))).to_series()
    text = Text(codes, pl.concat([lexicon.words, words.alias("")]))
    return text.point(rows, (len(lexicon.words) + pair_of).astype(np.int32))


def _sexes(delivery: Int64Array, order: Int64Array, rng: np.random.Generator) -> Int64Array:
    """(n,) sexes; children of one egg have the first child's."""
    n = len(delivery)
    sex = np.where(rng.random(n) < BOYS, MALE, FEMALE)
    identical = rng.random(n) < IDENTICAL
    first = np.arange(n) - (order - 1)
    return np.where(identical[first], sex[first], sex) if n else sex


def _days(year: int, n: int, rng: np.random.Generator) -> Int64Array:
    """(n,) days of the year, with a mild season."""
    start = int(np.datetime64(f"{year}-01-01").astype(np.int64))
    length = int(np.datetime64(f"{year + 1}-01-01").astype(np.int64)) - start
    rate = 1 + SEASON * np.cos(2 * np.pi * (np.arange(length) - 270) / length)
    odds = np.cumsum(rate) / rate.sum()
    return np.asarray(start + np.searchsorted(odds[:-1], rng.random(n), side="right"))


def _mothers_age(n: int, rng: np.random.Generator) -> Int64Array:
    """(n,) mother's age at birth, in days: from 14 to 48 years, 27 on average."""
    years = 14 + np.minimum(rng.gamma(4.6, 2.8, n), 34.0)
    return np.asarray((years * 365.2425).astype(np.int64))


def _weights(delivery: Int64Array, sex: Int64Array, plurality: Int64Array, rng: np.random.Generator) -> Float64Array:
    """(n,) birth weight, g: twins and triplets lighter and alike, one in fourteen single births small."""
    n = len(delivery)
    shared = rng.standard_normal(int(delivery[-1]) + 1 if n else 0)[delivery]
    deviation = 0.7 * shared + 0.714 * rng.standard_normal(n)
    small = rng.random(n) < 0.07
    weight = 3220 + 90 * (sex == MALE) - 720 * (plurality - 1) + 430 * deviation - small * rng.gamma(2.0, 350.0, n)
    return np.asarray(np.clip(np.round(weight), 500, 5600))


def _phones(area: Int64Array, rng: np.random.Generator) -> Int64Array:
    """(n_deliveries,) nine-digit numbers, 0 where there is none; some families of an area share one."""
    n = len(area)
    phone = rng.integers(700_000_000, 800_000_000, size=n)
    by_area = np.argsort(area, kind="stable")
    lender = by_area[:-1]
    borrower = by_area[1:]
    shared = (area[lender] == area[borrower]) & (rng.random(max(n - 1, 0)) < SHARED_PHONE)
    phone[borrower[shared]] = phone[lender[shared]]
    phone[rng.random(n) < NO_PHONE] = 0
    return phone
