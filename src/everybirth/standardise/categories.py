"""Categories: the words and letters of several languages for sex and place of birth, as standard codes."""

import numpy as np
import polars as pl

from everybirth.standardise.text import plain
from everybirth.tables import BoolArray

_SEX_WORDS = {
    "male": "male masculino masculin masc homme hombre homem varon varón garcon garçon boy man mas ml niño nino menino"
    " xy 男 男性 男婴 男孩 ذكر мужской м laki-laki me mvulana kiume पुरुष",
    "female": "female femenino feminino féminin feminin fem femme mujer mulher fille girl woman hembra niña nina menina"
    " xx 女 女性 女婴 女孩 أنثى انثى женский ж perempuan ke msichana kike महिला",
}
_SEX_CODES = {"1": "male", "2": "female", "h": "male", "f": "female"}
_SEX_NOT_STATED = ("0", "9", "3", "i", "u", "intersex", "ambiguous", "undetermined", "not determined", "indeterminado")
_SITE_WORDS = {
    "facility": r"hospital|clinic|clínic|hopital|hôpital|clinique|maternit|maternid|facilit|health|institution|instituc"
    r"|dispensa|centro de sa|centre de sant|posto de sa|puesto de sal|sanatori|policlin|医院|醫院|卫生院|衛生院|保健"
    r"|诊所|診所|больниц|роддом|مستشفى|rumah sakit|puskesmas|hospitali|zahanati|अस्पताल",
    "home": r"\bhome|\bhouse|domicil|domicíl|\bmaison|\bcasa\b|\bhogar|\bvivienda|residence|residencia|residência"
    r"|\b(?:tba|traditional birth attendant)\b|家|дома|منزل|\brumah\b|nyumbani|घर",
    "other": r"\bother|\botr[oa]|\boutr[oa]|\bautre|\broad|\bway\b|transit|transport|ambulanc|market|\bstreet"
    r"|vía pública|via pública|via publica|en route|en chemin|其他|其它|途中|другое|أخرى|lainnya|nyingine|अन्य",
}


def read_sex(values: pl.Series, stated: dict[str, str]) -> tuple[pl.Series, BoolArray]:
    """Read the distinct values of one list's column of sex.

    values   (n,) String
    stated   the plan's own codes: value -> "male" or "female"; they go before all others
    Returns  (n,) String "male", "female" or null; (n,) True where a value is written that is not understood

    M alone means male, except beside H (hombre) or mujer where nothing says F: there it is mujer.
    """
    text = plain(values)
    lower = _key(text)
    meanings = {word: code for code, words in _SEX_WORDS.items() for word in words.split()} | _SEX_CODES
    present = set(lower.drop_nulls().to_list()) if len(lower) < 10_000 else set()
    spanish = bool(present & {"h", "hombre", "mujer"}) and not present & {"f", "femenino", "male", "female"}
    meanings["m"] = "female" if spanish else "male"
    if "0" in present and "2" not in present:
        del meanings["1"]  # 0 and 1 say which is which only to their author
    standard = _replaced(lower, stated, meanings)
    silent = _SEX_NOT_STATED if "1" in meanings else _SEX_NOT_STATED[1:]
    unread = text.is_not_null() & standard.is_null() & ~lower.is_in(silent)
    return standard, unread.fill_null(False).to_numpy()


def read_site(values: pl.Series, stated: dict[str, str]) -> tuple[pl.Series, BoolArray]:
    """Read the distinct values of a column of the kind of place of birth; as `read_sex`: facility, home, other."""
    text = plain(values)
    lower = _key(text)
    by_word = pl.coalesce(
        pl.when(pl.col("v").str.contains(pattern)).then(pl.lit(code)) for code, pattern in _SITE_WORDS.items()
    )
    found = lower.to_frame("v").select(by_word).to_series()
    by_plan = _replaced(lower, stated, {})
    standard = by_plan.zip_with(by_plan.is_not_null(), found)
    return standard, (text.is_not_null() & standard.is_null()).fill_null(False).to_numpy()


def read_category(values: pl.Series, stated: dict[str, str]) -> tuple[pl.Series, BoolArray]:
    """Read the distinct values of a further column of categories: the plan's codes, else the words in upper case."""
    text = plain(values)
    by_plan = _replaced(_key(text), stated, {})
    standard = by_plan.zip_with(by_plan.is_not_null(), text.str.to_uppercase())
    return standard, np.zeros(len(values), np.bool_)


def _key(text: pl.Series) -> pl.Series:
    """Codes as they are looked up: lower case, no point at the end, 1.0 as 1."""
    return text.str.to_lowercase().str.replace(r"^([0-9]+)\.0+$", "$1").str.strip_chars_end(". ")


def _replaced(lower: pl.Series, stated: dict[str, str], meanings: dict[str, str]) -> pl.Series:
    plan_codes = {" ".join(value.lower().split()).rstrip(". "): code for value, code in stated.items()}
    meanings = meanings | plan_codes
    return lower.replace_strict(list(meanings), list(meanings.values()), default=None, return_dtype=pl.String)
