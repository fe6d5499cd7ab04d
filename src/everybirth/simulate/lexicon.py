"""Invented given and family names of several language flavours, with a long tail of rare ones."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from everybirth.simulate.slips import mishear
from everybirth.simulate.text import Words, as_words
from everybirth.tables import Float64Array, Int32Array, Int64Array

GIVEN = 4000  # given names of each sex in each flavour
FAMILY = 7000  # family names in each flavour
VARIANTS = 0.06  # share of names that respell another name of the same flavour (Maria, Marie)
SHARED = 0.15  # share of family names that are also men's given names
LONGEST = 15  # letters of an invented name
FEMALE, MALE = 0, 1


@dataclass(frozen=True, slots=True)
class Flavour:
    """The sounds of one invented language; words are split at blanks, "_" stands for nothing.

    share      share of areas where it is the main language
    ends       endings of women's, men's and family names
    compound   share of persons with two given names, joined by joiner
    """

    name: str
    share: float
    onsets: str
    vowels: str
    codas: str
    ends: tuple[str, str, str]
    compound: float = 0.05
    joiner: str = " "


FLAVOURS: tuple[Flavour, ...] = (
    Flavour("coast", 0.20, "m k t b n w l s z j ch mb nd ng ny sh f d h kw mw r", "a a i u e o", "_ _ _ _ _ n",
            ("ra sha na tu mi ya la we", "ri ko mba si bu du zi ro", "nga wa ku ndo ti mbe lo kya")),
    Flavour("river", 0.17, "m l r c d s t p b v g f j br cr fr tr n", "a e i o u a é í ã", "_ _ _ n r s l",
            ("ia ina ela ça isa ita eta ana", "io ito ano el on ério és ivo", "es ez eira al osa ados ín ães"), 0.25),
    Flavour("hill", 0.15, "s r p k d g n m v bh dh kr pr t h l y j sh th", "a a i u aa ee o", "_ _ n m r sh l",
            ("ita ini maya vati isha ali ika una", "esh endra it raj an ish dev ul",
             "sharo rai anki tha purel ang dhari vam")),
    Flavour("forest", 0.13, "k b d f m s t y a_ kp gb n w l ad ab ol eb ok", "o a e u i ou ia", "_ _ _ m n",
            ("ma ssa tou fi nké wa bi sa", "dou kro kou mo ba sso ri té", "ré ba go no tara la ko ssi"), 0.12, "-"),
    Flavour("steppe", 0.11, "k t b n q z d s y g m al er ul ay tur or j sh", "a i ü o ö u y e", "_ r l n k s t",
            ("gül nur ay ima şa ira el na", "bek han tai dar zhan men kul at", "ov baev oglu teg kara sky dov bin")),
    Flavour("delta", 0.09, "th kh tr nh ph b d h l m n ng qu s t v x ch w z", "a e i o u oa ie uo ai",
            "n ng nh m t p c _",
            ("ly mai an ha ue in oanh yen", "ung uan ach oi inh ut ong ar", "e on u ang am o i ek"), 0.30),
    Flavour("island", 0.08, "h l m n p k w s t v f r ' t b d", "a e i o u a o au ei", "_ _ _ _ n r",
            ("ani oa lea ina ila alu ope ema", "imo ano eki oa usi ate iro alo",
             "wai hoe kau toa pele mata luli rangi"), 0.10),
    Flavour("north", 0.07, "br kl st gr fr h w l m n sv d r j v pr ant b t k", "a e i o ie å ø ei", "_ r n l rt nd k s",
            ("a ke inde ika ja ine eth rid", "ik olf ar mund eslav an ert us",
             "sen mann ski berg wicz feld strom ova"), 0.10, "-"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All names of a world.

    words    (n_words,) String: given names by sex and flavour, then family names by flavour; each block ordered by rank
    alike    (2 * n_flavours * GIVEN,) for each given name the next one of its block in alphabetical order
    given_odds, family_odds   cumulative share of the names of a block, by rank
    """

    words: pl.Series
    alike: Int32Array
    given_odds: Float64Array
    family_odds: Float64Array

    def given(self, sex: Int64Array, flavour: Int64Array, draw: Float64Array) -> Int32Array:
        """Codes of given names, by sex (FEMALE, MALE), flavour and a uniform draw."""
        rank = np.searchsorted(self.given_odds, draw, side="right")
        return ((sex * len(FLAVOURS) + flavour) * GIVEN + rank).astype(np.int32)

    def family(self, flavour: Int64Array, draw: Float64Array) -> Int32Array:
        """Codes of family names, by flavour and a uniform draw."""
        rank = np.searchsorted(self.family_odds, draw, side="right")
        return (2 * len(FLAVOURS) * GIVEN + flavour * FAMILY + rank).astype(np.int32)


def long_tail(n: int, offset: float, slope: float) -> Float64Array:
    """Cumulative shares of n names by rank, each in (0, 1], the last 1.

    Source   Mandelbrot 1953: share of rank r proportional to 1 / (r + offset) ** slope
    """
    weight = 1.0 / (np.arange(1, n + 1) + offset) ** slope
    odds: Float64Array = np.cumsum(weight) / weight.sum()
    odds[-1] = 1.0
    return odds


def lexicon(rng: np.random.Generator) -> Lexicon:
    """Invent the names of a world."""
    taken: set[str] = set()
    blocks = [_block(flavour, sex, GIVEN, taken, rng) for sex in (FEMALE, MALE) for flavour in FLAVOURS]
    alike = []
    for number, block in enumerate(blocks):
        order = np.argsort(block)
        following = np.empty(GIVEN, np.int32)
        following[order] = np.roll(order, -1)
        alike.append(following + np.int32(number * GIVEN))
    for number, flavour in enumerate(FLAVOURS):
        family = _block(flavour, 2, FAMILY, set(), rng)
        shared = rng.permutation(FAMILY)[: int(SHARED * FAMILY)]
        men = np.setdiff1d(blocks[len(FLAVOURS) + number], family)
        family[shared] = rng.permutation(men)[: len(shared)]
        blocks.append(family)
    words = pl.Series(np.concatenate(blocks).tolist(), dtype=pl.String)
    return Lexicon(words, np.concatenate(alike), long_tail(GIVEN, 5.0, 1.05), long_tail(FAMILY, 5.0, 1.0))


def _block(flavour: Flavour, ending: int, n: int, taken: set[str], rng: np.random.Generator) -> Words:
    """(n,) distinct names by rank, the common ones rather shorter; none is in taken, and they are added to taken."""
    found: list[str] = []
    while len(found) < n:
        fresh = _invent(flavour, flavour.ends[ending].split(), n + n // 4, rng)
        respelt = rng.permutation(n)[: int(2 * VARIANTS * n)]
        fresh = np.concatenate([fresh, mishear(fresh[respelt], rng)])
        for word in fresh.tolist():
            if word not in taken and 3 <= len(word) <= LONGEST and len(found) < (1 + VARIANTS) * n:
                taken.add(word)
                found.append(word)
    names = rng.permutation(np.array(found, dtype=fresh.dtype))[:n]
    return names[np.argsort(np.strings.str_len(names) + rng.normal(0, 4.0, size=n))]


def _invent(flavour: Flavour, ends: list[str], n: int, rng: np.random.Generator) -> Words:
    """(n,) names of one to three syllables and an ending, with a capital; not all distinct."""
    onsets, vowels, codas = (_sounds(text) for text in (flavour.onsets, flavour.vowels, flavour.codas))
    length = rng.choice([1, 2, 3], size=n, p=[0.30, 0.52, 0.18])
    words = np.full(n, "", dtype=onsets.dtype)
    for syllable in range(3):
        sound = np.strings.add(_pick(onsets, n, rng), _pick(vowels, n, rng))
        if syllable > 0:  # clusters arise where a closed syllable meets an onset; the first one is open
            sound = np.strings.add(_pick(codas, n, rng), sound)
        words = np.strings.add(words, np.where(syllable < length, sound, ""))
    words = np.strings.add(words, np.where(rng.random(n) < 0.5, _pick(codas, n, rng), ""))
    words = np.strings.add(words, _pick(np.array(ends), n, rng))
    return as_words(pl.Series(np.strings.capitalize(np.strings.lstrip(words, "'")).tolist(), dtype=pl.String))


def _sounds(text: str) -> Words:
    return np.array([sound.replace("_", "") for sound in text.split()])


def _pick(sounds: Words, n: int, rng: np.random.Generator) -> Words:
    """(n,) sounds; the first of the list are somewhat commoner, as sounds of a language are."""
    return sounds[(len(sounds) * rng.random(n) ** 1.3).astype(np.int64)]
