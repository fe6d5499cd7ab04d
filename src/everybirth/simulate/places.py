"""Where people live and give birth: areas, localities, facilities."""

from dataclasses import dataclass

import numpy as np

from everybirth.simulate.lexicon import FAMILY, FLAVOURS, GIVEN
from everybirth.tables import Float64Array, Int32Array, Int64Array

AREAS_PER_PROVINCE = 25
LOCALITIES = 16  # per area
FACILITIES = 5  # per area, of unequal size; the first is the area's hospital
CLAN_NAMES = 30  # family names that are common in one area
MAIN_FLAVOUR = 0.85  # share of an area's people who speak its main language
HOME_SHARE, HOME_SPREAD = 0.17, 0.8  # of births at home: typical area, spread between areas (logit)
ON_THE_WAY = 0.007
REFERRED = 0.08  # share of facility births in the hospital of another area of the province
FACILITY, HOME, OTHER = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Places:
    """The map of a world.

    codes        (n_areas,) String like "0103": province, area
    size         (n_areas,) share of the births, sums to 1
    flavour      (n_areas,) main language
    at_home      (n_areas,) share of births at home
    clans        (n_areas, CLAN_NAMES) words of the lexicon
    """

    codes: tuple[str, ...]
    size: Float64Array
    flavour: Int64Array
    at_home: Float64Array
    clans: Int32Array

    def neighbour(self, area: Int64Array, draw: Float64Array) -> Int64Array:
        """Another area of the same province, by a uniform draw; the area itself where it has no other."""
        first = area // AREAS_PER_PROVINCE * AREAS_PER_PROVINCE
        in_province = np.minimum(AREAS_PER_PROVINCE, len(self.codes) - first)
        step = 1 + np.floor(draw * np.maximum(in_province - 1, 0)).astype(np.int64)
        return np.asarray(first + (area - first + step) % in_province)


@dataclass(frozen=True, slots=True)
class Where:
    """Places of each delivery; localities are area * LOCALITIES + number."""

    area: Int64Array
    locality: Int64Array
    birth_locality: Int64Array
    facility: Int64Array  # area * FACILITIES + number, or -1
    site: Int64Array
    flavour: Int64Array  # of the mother


def places(n_areas: int, rng: np.random.Generator) -> Places:
    """Draw the map."""
    size = rng.lognormal(0.0, 0.6, n_areas)
    flavour = rng.choice(len(FLAVOURS), size=n_areas, p=_shares())
    home = np.log(HOME_SHARE / (1 - HOME_SHARE)) + HOME_SPREAD * rng.standard_normal(n_areas)
    blocks = 2 * len(FLAVOURS) * GIVEN + flavour[:, None] * FAMILY
    clans = blocks + rng.integers(FAMILY, size=(n_areas, CLAN_NAMES))
    numbers = np.arange(n_areas)
    codes = tuple(f"{a // AREAS_PER_PROVINCE + 1:02d}{a % AREAS_PER_PROVINCE + 1:02d}" for a in numbers.tolist())
    return Places(codes, size / size.sum(), flavour, 1 / (1 + np.exp(-home)), clans.astype(np.int32))


def choose(land: Places, n: int, rng: np.random.Generator) -> Where:
    """Draw residence, place of birth and mother tongue of n deliveries."""
    area = np.searchsorted(np.cumsum(land.size)[:-1], rng.random(n), side="right").astype(np.int64)
    locality = area * LOCALITIES + local(n, rng)
    draw = rng.random(n)
    home = land.at_home[area]
    site = np.where(draw < home, HOME, np.where(draw < home + ON_THE_WAY, OTHER, FACILITY)).astype(np.int64)
    referred = (site == FACILITY) & (rng.random(n) < REFERRED)
    birth_area = np.where(referred, land.neighbour(area, rng.random(n)), area)
    number = np.where(referred, 0, np.floor(FACILITIES * rng.random(n) ** 2)).astype(np.int64)
    # A facility stands in one locality of its area, numbered as the facility is.
    at_facility = birth_area * LOCALITIES + number
    away = (site != FACILITY) & (rng.random(n) < 0.06)
    birth_locality = np.where(
        site == FACILITY, at_facility, np.where(away, area * LOCALITIES + local(n, rng), locality)
    )
    flavour = np.where(rng.random(n) < MAIN_FLAVOUR, land.flavour[area], rng.choice(len(FLAVOURS), n, p=_shares()))
    facility = np.where(site == FACILITY, birth_area * FACILITIES + number, -1)
    return Where(area, locality, birth_locality, facility, site, flavour.astype(np.int64))


def local(n: int, rng: np.random.Generator) -> Int64Array:
    """(n,) numbers of localities within an area, the first ones larger."""
    return np.asarray(np.floor(LOCALITIES * rng.random(n) ** 1.5).astype(np.int64))


def _shares() -> Float64Array:
    share = np.array([flavour.share for flavour in FLAVOURS])
    return np.asarray(share / share.sum())
