"""Names: one spelling for what differs only in case, accents, punctuation and spaces; never across scripts."""

from functools import cache

import numpy as np
import polars as pl

from everybirth.standardise import latin
from everybirth.standardise.kernels import UInt8Array

# Latin letters that no decomposition turns into plain ones.
LETTERS = {
    "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ı": "i",
    "ŧ": "t", "ŋ": "n", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "ɛ": "e", "ɔ": "o", "ς": "σ",
}  # fmt: skip

# Within a name these are written or left out at will: O'Brien, Oʼzbek, Arabic tatweel, joiners that cannot be seen.
_DROPPED = r"['’‘‛ʻʼ`´′ʹ\u0640\p{Cf}]"
_NOT_NAME = r"[^\p{L}\p{M}\p{N}]+"
_LATIN_MARKS = r"(\p{Latin})\p{M}+"
_ORPHAN_MARKS = r"(^|[^\p{L}\p{M}])\p{M}+"

# What stands in a name's place where the name is not known, as `_spelt` writes it.
UNKNOWN = """
    unknown|unkown|unknow|unk|not known|not stated|not given|not recorded|not available|not applicable|no name
    noname|name unknown|unnamed|none|nil|null|n a|n n|nn|missing|blank|undefined|not specified
    father unknown|unknown father|mother unknown|unknown mother|father not known|single mother
    desconocido|desconocida|se desconoce|se ignora|ignorado|ignorada|no consta|sin dato|sin datos|sin nombre
    sin informacion|sin registro|no informado|no informada|no registra|no aplica|padre desconocido|padre ignorado
    desconhecido|desconhecida|nao informado|nao informada|nao consta|sem informacao|sem nome|pai desconhecido
    inconnu|inconnue|non connu|non connue|non renseigne|non renseignee|non precise|non declare|sans nom
    pere inconnu|mere inconnue|tidak diketahui|haijulikani|hajulikani
    不详|不詳|未知|无|無|不明|未填|空|无名|無名|父不详|母不详|مجهول|غير معروف|неизвестно|неизвестен|अज्ञात
"""
_UNKNOWN_LIST = [words.strip() for line in UNKNOWN.strip().splitlines() for words in line.split("|")]
_EXPORTED_NULLS = ("NA", "NaN", "NULL")  # as R and Python write them; "Na" and "Nan" are people's names
_DOUBTFUL_LIST = [*_UNKNOWN_LIST, *(word.lower() for word in _EXPORTED_NULLS)]

_TITLES = (
    r"(?i)^(?:(?:mrs?|ms|miss|mister|dra?|prof|rev|sr|sra|srta|se[nñ]ora?|senhora?|mme|mlle|madame|mademoiselle|monsieur"
    r"|mstr|smt|shri|shrimati|late)\b[\s.]*)+(\p{L})"
)
_HAN_TITLES = r"(\p{Han})(?:先生|女士|太太|小姐)$"


def clean(values: pl.Series) -> pl.Series:
    """Names as they are compared.

    values   (n,) String, as written
    Returns  (n,) String: lower case; Latin letters without accents, other scripts composed (NFC); apostrophes left
             out, every other run of punctuation one space; null where no letter is left, or where the words say that
             the name is not known. Cleaning twice changes nothing.
    """
    return _clean(values, _look(values))


def tidy(values: pl.Series) -> pl.Series:
    """Names as they are published: spelt as written (NFC), outer spaces off, inner runs of spaces one."""
    return _tidy(values, _look(values))


def tidy_and_clean(values: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Names as they are published, and as they are compared."""
    looked = _look(values)
    return _tidy(values, looked), _clean(values, looked)


def without_title(names: pl.Series) -> pl.Series:
    """Adults' names without Mr, Mrs, Dr, Sra, Mme, 先生 ... before or after them; a title alone stays."""
    return names.str.replace(_TITLES, "$1").str.replace(_HAN_TITLES, "$1")


def replaced(values: pl.Series, mask: pl.Series, changed: pl.Series) -> pl.Series:
    """`values` with `changed` put, in order, where the mask is True."""
    return values.clone().scatter(mask.arg_true(), changed) if len(changed) else values


def nulled(values: pl.Series, mask: pl.Series) -> pl.Series:
    """`values` with null where the mask is True."""
    return values.zip_with(~mask.fill_null(False), pl.Series([None], dtype=values.dtype).new_from_index(0, len(values)))


def _look(values: pl.Series) -> latin.Looked:
    return latin.look(values.fill_null("") if values.null_count() else values, _accented())


@cache
def _accented() -> UInt8Array:
    """What the long way makes of single letters; only of those that are composed already and become plain ones."""
    letters = pl.Series([chr(number) for number in range(latin.FIRST, latin.LAST + 1)])
    plain = _spelt_any(letters)
    usable = plain.str.contains("^[a-z]{1,2}$") & (letters.str.normalize("NFC") == letters)
    padded = nulled(plain, ~usable).fill_null("").str.pad_end(2, "\0").str.join("")
    return np.frombuffer(padded.item().encode(), np.uint8).reshape(-1, 2)


def _tidy(values: pl.Series, looked: latin.Looked) -> pl.Series:
    """The few that are not tidy already, tidied."""
    doubtful = pl.Series((looked.kind & (latin.UNEVEN | latin.OTHER)) != 0)
    folded = values.filter(doubtful).str.replace_all(r"\s+", " ").str.strip_chars()
    return replaced(values, doubtful, folded.str.normalize("NFC"))


def _clean(values: pl.Series, looked: latin.Looked) -> pl.Series:
    """Spelling, null where there is no name: the short way for ASCII, which is most of most lists."""
    special = pl.Series((looked.kind & latin.OTHER) != 0)
    some = _spelt_any(values.filter(special))
    spelt = replaced(looked.cleaned.alias(values.name), special, some)
    wordless = (looked.kind & latin.NO_NAME) != 0
    wordless[special.to_numpy()] = (
        (~some.str.contains(r"\p{L}") | some.str.contains(r"^x+$")).fill_null(True).to_numpy()
    )
    words = spelt.is_in(_DOUBTFUL_LIST).fill_null(True)
    if words.any():
        suspect = spelt.filter(words)
        exported = values.filter(words).str.strip_chars().is_in(_EXPORTED_NULLS)
        wordless[words.to_numpy()] |= (suspect.is_in(_UNKNOWN_LIST) | exported).fill_null(True).to_numpy()
    return nulled(spelt, pl.Series(wordless)) if wordless.any() else spelt


def _spelt_any(values: pl.Series) -> pl.Series:
    """Spelling alone, for any script."""
    # Upper-case letters come out of NFKD too (as from a telephone sign), hence the lower case after it.
    letters = values.str.normalize("NFKD").str.to_lowercase().str.replace_all(_DROPPED, "")
    letters = letters.str.replace_many(list(LETTERS), list(LETTERS.values()))
    letters = letters.str.replace_all(_LATIN_MARKS, "$1").str.replace_all(_ORPHAN_MARKS, "$1")
    return letters.str.replace_all(_NOT_NAME, " ").str.strip_chars(" ").str.normalize("NFC")
