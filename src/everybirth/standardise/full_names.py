"""Full names, split into a given and a family name."""

import polars as pl

from everybirth.standardise.names import tidy

# Words that begin a family name of several words: de la Cruz, van der Berg, bin Said, el Amrani.
_PARTICLES = (
    r"de|da|do|dos|das|del|della|di|du|des|la|las|los|le|van|von|der|den|ter|ten|el|al|bin|binti|bint|ben|ibn|abu|abd"
    r"|st|mac|ould|ait"
)
_HAN_TWO = (
    "欧阳|歐陽|司马|司馬|上官|诸葛|諸葛|东方|東方|皇甫|尉迟|尉遲|公孙|公孫|慕容|长孙|長孫|宇文|司徒|夏侯|令狐|端木|百里|呼延|南宫|南宮"
    "|轩辕|軒轅|申屠|闻人|聞人|淳于|太叔|独孤|獨孤|澹台|公冶|宗政|濮阳|濮陽|赫连|赫連|钟离|鍾離|鲜于|鮮于|闾丘|司空|万俟|西门|西門"
)
_HANGUL_TWO = "남궁|황보|제갈|사공|선우|독고|서문|동방"

# (pattern, group of the given name, group of the family name); the first that fits counts.
_FORMS: tuple[tuple[str, int, int], ...] = (
    (r"^([^,，]+?)\s*[,，]\s*([^,，]+)$", 2, 1),  # FAMILY, Given
    (rf"^({_HAN_TWO})(\p{{Han}}{{1,2}})$", 2, 1),
    (r"^(\p{Han})(\p{Han}{1,3})$", 2, 1),
    (rf"^({_HANGUL_TWO})(\p{{Hangul}}{{1,2}})$", 2, 1),
    (r"^(\p{Hangul})(\p{Hangul}{1,3})$", 2, 1),
    (r"^([\p{Han}\p{Hangul}\p{Katakana}\p{Hiragana}]+)[ 　]([\p{Han}\p{Hangul}\p{Katakana}\p{Hiragana}ー]+)$", 2, 1),
    (r"^([^\s·•・]+)\s?[·•・]\s?(\S.*)$", 1, 2),  # given and father's name of Uyghurs, Kazakhs and others
    (rf"(?i)^(\S.*?)\s((?:(?:{_PARTICLES})\s)*\S+)$", 1, 2),
    (r"^(\S.*)$", 1, 0),
)


def split(full: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Given and family names out of full names, in their own spelling.

    full     (n,) String, null where there is none
    Returns  (n,) given names, (n,) family names; null where the full name holds none, as one word alone does

    "FAMILY, Given" is split at its comma. Han and Hangul names begin with the family name, of two characters if it is
    a known one of two. Otherwise the last word, with the particles before it, is the family name.
    """
    name = pl.col("name")
    # Every form but the last holds both names, so the first that fits gives both.
    given = pl.coalesce(name.str.extract(pattern, group) for pattern, group, _ in _FORMS)
    family = pl.coalesce(name.str.extract(pattern, group) for pattern, _, group in _FORMS[:-1])
    halves = tidy(full).to_frame("name").select(given=given, family=family)
    return halves["given"], halves["family"]
