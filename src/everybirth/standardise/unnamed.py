"""Newborns without a name: what lists put in its place, and the marks of twins found there."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from everybirth.standardise.names import clean, nulled, replaced, tidy
from everybirth.tables import Int8Array

# A value that begins with one of these is no name, whatever follows: what follows is the mother's name or the sex.
_NEWBORN = (
    r"baby|babys|babies|bby|bebe|bebes|bb|bbs|infant|infante|newborn|new born|nb|neonate|neonato|neonata|neonat"
    r"|recien nacid[oa]|recien nacid[oa]s|rn|rnv|recem nascid[oa]|nouveau nee?|nouveaunee?|bayi|by ny|mtoto|kichanga"
    r"|child|enfant|fils|fille|hij[oa]|filh[oa]|menino|criatura|crianca"
)
# These are names or parts of names unless "of" and the mother's name follow.
_OF_MOTHER = (
    r"(?:son|daughter|boy|girl|male|female|garcon|varon|hembra|nino|menina|anak) (?:of|de|do|da|du|del|dari|wa)"
)
_SEX_ONLY = (
    r"(?:male|female|boy|girl|daughter|masculino|femenino|feminino|masculin|feminin|varon|hembra|garcon|menina)"
    r"(?: (?:child|infant|baby|newborn|twin))?"
)
_WORDS = (
    r"un named|not named|not yet named|no named|to be named|name pending|pending|tba|tbd|test|testing|sin nombrar"
    r"|sans prenom|pas de prenom|a nommer|por nombrar|sem nome ainda|belum ada nama|belum diberi nama"
    r"|بدون اسم|مولود|مولودة|без имени|未命名|未取名|未起名|未定名|尚未命名|待定|待取名|暂无|暫無|无姓名|婴儿|嬰兒"
    r"|新生儿|新生兒|男婴|女婴|男嬰|女嬰|宝宝|寶寶|小孩|孩子"
)
_HAN_CHILD_OF = r"之[长長次三]?[子女婴嬰]|的(?:儿子|女儿|孩子|宝宝|兒子|女兒|寶寶)|[大小]双|[大小]雙"
_NOT_A_NAME = rf"^(?:(?:{_NEWBORN})[0-9]?(?: .*)?|{_OF_MOTHER} .*|{_SEX_ONLY}|{_WORDS}|.+(?:{_HAN_CHILD_OF}))$"
# Seen in the spelling only: "b/o Mary" (baby of) is not the name Bo, and niño, niña (boy, girl) are not Nino, Nina.
_SPELT_NOT_A_NAME = r"(?i)^\W*(?:(?:b|s|d|c|g|bb|bg)\s*/\s*(?:o|of|g|b)\b|b\.\s?o\b|niñ[oa]s?(?:$|\W+de\b))"

_TWIN = r"(?:twins?|triplets?|quadruplets?|gemel[oa]s?|mell?iz[oa]s?|jumeaux?|jumelles?|g[eê]me[oa]s?|trilliz[oa]s?)"
_RANK_WORDS = {
    1: "1 i a one first 1st 1er premier premiere primero primera primeiro primeira 大",
    2: "2 ii b two second 2nd 2e 2eme deuxieme segundo segunda 小",
    3: "3 iii c three third 3rd 3e 3eme troisieme tercero tercera terceiro terceira",
    4: "4 iv d four fourth 4th",
    5: "5 v",
}
_RANKS = {word: rank for rank, words in _RANK_WORDS.items() for word in words.split()}
_RANK = "(" + "|".join(sorted((r for r in _RANKS if r.isascii()), key=len, reverse=True)) + ")"
_RANK_BEFORE = "(" + "|".join(rank for rank in _RANKS if rank.isascii() and rank not in "abcd") + ")"  # "a twin" is any
# The whole mark, and in its group the rank. The first that is found counts.
_MARKS = (
    rf"\b{_TWIN}(?: (?:no|nr|number|numero|baby|boy|girl|male|female))? {_RANK}\b",
    rf"\b{_TWIN}([1-5])\b",
    rf"\b{_RANK_BEFORE} {_TWIN}\b",
    r"\bt ?([1-5])\b",
    r"([大小])[双雙]$",
)
_BARE_MARK = rf"\b{_TWIN}\b"
# A rank beside the word for a newborn: "baby A", "rn 2 de Maria", "b/o Mary (2)". A letter after a mother's name may be
# her initial, so there only figures and II, III count.
_NEWBORN_RANKS = (
    rf"^(?:{_NEWBORN}) ?([1-5])\b",
    rf"^(?:{_NEWBORN})(?: (?:boy|girl|male|female))? ([abcd1-5]|i|ii|iii|iv)$",
    r"^.* ([1-5]|ii|iii)$",
)
_MAY_BE_TWIN = r"[0-9]|\b(?:twin|tripl|quadr|gemel|mell?iz|jume|geme|trilliz)|\b(?:a|b|c|d|i|ii|iii|iv)$|[双雙]$"
_LEFT_OF_MOTHER = r"^(?:of|de|d|du|da|do|del|wa|to)\b"


@dataclass(frozen=True, slots=True)
class ChildNames:
    """What distinct values of a child's name column hold.

    standard    (n,) String, cleaned, null where the child is unnamed
    tidy        (n,) String, in its own spelling, null likewise
    order       (n,) rank among twins, 0 where nothing is said of it
    plurality   (n,) children of the delivery at least, 0 where nothing is said of it
    """

    standard: pl.Series
    tidy: pl.Series
    order: Int8Array
    plurality: Int8Array


def child_names(spelling: pl.Series, cleaned: pl.Series) -> ChildNames:
    """Tell children's names from what stands in for them.

    spelling  (n,) String, as `names.tidy` leaves it
    cleaned   (n,) the same after `names.clean`
    """
    order, plurality = np.zeros(len(cleaned), np.int8), np.zeros(len(cleaned), np.int8)
    maybe = cleaned.str.contains(_MAY_BE_TWIN).fill_null(False)
    rows = maybe.arg_true().to_numpy()
    unnamed = is_unnamed(spelling, cleaned)
    if len(rows):
        marked = _marks(spelling.filter(maybe), cleaned.filter(maybe), unnamed.filter(maybe))
        order[rows], plurality[rows] = marked.order, marked.plurality
        spelling, cleaned = replaced(spelling, maybe, marked.tidy), replaced(cleaned, maybe, marked.standard)
        unnamed = is_unnamed(spelling, cleaned) | unnamed
    return ChildNames(nulled(cleaned, unnamed), nulled(spelling, unnamed | cleaned.is_null()), order, plurality)


def is_unnamed(spelling: pl.Series, cleaned: pl.Series) -> pl.Series:
    """(n,) True where the value of a child's name says that the child has none yet."""
    return cleaned.str.contains(_NOT_A_NAME).fill_null(True) | spelling.str.contains(_SPELT_NOT_A_NAME).fill_null(True)


def _marks(spelling: pl.Series, cleaned: pl.Series, unnamed: pl.Series) -> ChildNames:
    """Ranks and marks of twins, taken out of the few values that may hold one."""
    word = pl.col("word")
    marks = [word.str.extract(mark) for mark in _MARKS]
    ranks = [pl.when(pl.col("unnamed")).then(word.str.extract(rank)) for rank in _NEWBORN_RANKS]
    triplet = pl.when(word.str.contains(r"\b(?:triplet|trilliz)")).then(3)
    found = pl.DataFrame({"word": cleaned, "unnamed": unnamed}).select(
        rank=pl.coalesce(*marks, *ranks),
        mark=pl.coalesce(*marks).is_not_null() | word.str.contains(_BARE_MARK),
        at_least=triplet.when(word.str.contains(r"\bquadr")).then(4).otherwise(2).cast(pl.Int8),
    )
    order = found["rank"].replace_strict(_RANKS, default=0, return_dtype=pl.Int8).fill_null(0).to_numpy()
    twin = found["mark"].fill_null(False)
    at_least = np.maximum(found["at_least"].to_numpy(), order)
    plurality = np.where(twin.to_numpy() | (order > 0), at_least, 0).astype(np.int8)
    rest = _without_marks(spelling.filter(twin))
    name = clean(rest)
    return ChildNames(
        replaced(cleaned, twin, nulled(name, name.str.contains(_LEFT_OF_MOTHER))),
        replaced(spelling, twin, rest),
        order,
        plurality,
    )


def _without_marks(spelling: pl.Series) -> pl.Series:
    """Names without the marks of twins, otherwise as they are spelt."""
    rest = spelling.str.replace_all(r"[()\[\],:;#.]+", " ").str.replace_all(r"\s+", " ")
    for mark in (*_MARKS, _BARE_MARK):
        rest = rest.str.replace(f"(?i){mark}", " ")
    return tidy(rest.str.replace_all(r"^[\s/-]+|[\s/-]+$", ""))
