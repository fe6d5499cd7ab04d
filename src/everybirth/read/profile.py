"""What the values of a column look like: dates and their format, codes of sex and site, numbers, letters."""

import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

import polars as pl

SAMPLE_ROWS, SAMPLE_VALUES = 20_000, 500

_DATE_FORMATS = (
    *(
        "%Y-%m-%d",
        "%d/%m/%Y",
        "%m/%d/%Y",
        "%d-%m-%Y",
        "%m-%d-%Y",
        "%d.%m.%Y",
        "%Y/%m/%d",
        "%Y.%m.%d",
        "%Y%m%d",
        "%d%m%Y",
    ),
    *("%d/%m/%y", "%m/%d/%y", "%d-%m-%y", "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%d-%b-%y", "%Y年%m月%d日"),
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M:%S"),
    *("%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M"),
)
_EXCHANGED = str.maketrans("dm", "md")
_EITHER = {
    form for form in _DATE_FORMATS if form.translate(_EXCHANGED) != form and form.translate(_EXCHANGED) in _DATE_FORMATS
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MALE = _words(
    """male man boy b masculino masc masculin hombre varon nino homme garcon homem menino h v
    男 男性 男孩 男婴"""
)
_FEMALE = _words(
    """female woman girl g femenino femenina fem feminin feminino mujer nina femme fille mulher menina f w
    女 女性 女孩 女婴"""
)
_UNKNOWN = _words("u x unknown unk na n/a nd i indeterminado ignorado desconocido inconnu 9 0 - ? 不详 未知")
_MARITAL = frozenset(
    """married;unmarried;never married;divorced;widowed;widow;separated;cohabiting;living together;in union;legitimate
    illegitimate;in wedlock;out of wedlock;casada;casado;soltera;soltero;divorciada;divorciado;viuda;viudo;separada
    separado;conviviente;union libre;union de hecho;union consensual;unida;matrimonial;extramatrimonial;no matrimonial
    legitimo;ilegitimo;legitima;ilegitima;mariee;marie;celibataire;divorcee;divorce;veuve;veuf;separee;concubine
    union consensuelle;legitime;illegitime;solteira;solteiro;viuva;viuvo;uniao estavel;uniao consensual;已婚;未婚;离异
    离婚;離婚;丧偶;喪偶;同居;初婚;再婚;复婚;婚生;非婚生""".replace("\n    ", ";").split(";")
)
FEW_CODES = 12  # different values at most that codes of one thing have
_SITES = {
    "facility": """facility hospital clinic institution maternity centre center hopital clinique etablissement maternite
        establecimiento clinica maternidad institucional maternidade 医院 机构 卫生院""",
    "home": "home house casa domicilio hogar domicile maison lar 家 家中 在家 家庭",
    "other": "other otro autre outro outros road transit 其他 途中",
}


@dataclass(frozen=True, slots=True)
class DateGuess:
    """How dates are written: strptime format ("" for a date type), share of values that fit, what is uncertain."""

    format: str
    share: float
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """A column's values at a glance. Shares are of its distinct values, 0 to 1."""

    filled: bool
    dates: DateGuess
    numeric: float
    middle: float  # median of the numbers
    letters: float  # share with a letter in it
    dialled: float  # share with 6 to 16 digits
    full_names: float  # share that could be the whole name of a person
    sex: dict[str, str] = field(default_factory=dict)  # value -> standard code; empty if these are no codes of sex
    sex_doubt: str = ""
    site: dict[str, str] = field(default_factory=dict)


def profile(column: pl.Series) -> Profile:
    """Look at up to 500 distinct values of a column's first 20,000."""
    values = _sample(column)
    if column.dtype.is_temporal():
        return Profile(bool(values), DateGuess("", 1.0), 0.0, 0.0, 0.0, 0.0, 0.0)
    numbers = [number for number in map(_number, values) if number is not None]
    total = max(len(values), 1)
    sex, doubt = sex_codes(values)
    return Profile(
        filled=bool(values),
        dates=date_format(values),
        numeric=len(numbers) / total,
        middle=median(numbers) if numbers else 0.0,
        letters=sum(any(sign.isalpha() for sign in text) for text in values) / total,
        dialled=sum(6 <= sum(sign.isdigit() for sign in text) <= 16 for text in values) / total,
        full_names=sum(map(_may_be_full_name, values)) / total,
        sex=sex,
        sex_doubt=doubt,
        site=site_codes(values),
    )


def refused_by_values(column: pl.Series) -> str | None:
    """The category under which a column is refused for what it holds, whatever it is called; None: it may be read.

    A single value says too little, and so does "single", which is also said of births.
    """
    plain = {_plain(text) for text in _sample(column)} - _UNKNOWN
    if not 2 <= len(plain) <= FEW_CODES or not plain <= _MARITAL | {"single"}:
        return None
    return "marital status and legitimacy, by its values"


def _sample(column: pl.Series) -> list[str]:
    head = column.head(SAMPLE_ROWS).drop_nulls().unique(maintain_order=True).head(SAMPLE_VALUES)
    return [text for text in (str(value).strip() for value in head.to_list()) if text]


def _may_be_full_name(text: str) -> bool:
    """Two words or more of letters; Chinese names are written without spaces."""
    if any(sign.isdigit() for sign in text):
        return False
    if all("\u4e00" <= sign <= "\u9fff" for sign in text):
        return 2 <= len(text) <= 4
    return sum(any(sign.isalpha() for sign in word) for word in text.replace(",", " ").split()) >= 2


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def date_format(values: Sequence[str]) -> DateGuess:
    """The format by which most values are days between 1900 and 2100; day-first where nothing decides."""
    fits = {form: sum(_is_date(text, form) for text in values) for form in _DATE_FORMATS}
    best = max(_DATE_FORMATS, key=lambda form: fits[form])  # the first of equals: day before month
    if not fits[best]:
        return DateGuess("", 0.0)
    other = best.translate(_EXCHANGED)
    doubts = []
    if best in _EITHER and fits[other] == fits[best]:
        doubts.append("no value tells day from month, day-first is assumed")
    if fits[best] < len(values):
        doubts.append(f"{len(values) - fits[best]} of {len(values)} different values looked at do not fit the format")
    return DateGuess(best, fits[best] / len(values), "; ".join(doubts))


def _is_date(text: str, form: str) -> bool:
    if len(text) > 25 or ("%Y" in form and len(text) < 8):
        return False
    try:
        return 1900 <= dt.datetime.strptime(text, form).year <= 2100  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        return False


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c)).strip()


def sex_codes(values: Sequence[str]) -> tuple[dict[str, str], str]:
    """Value -> female or male, and what is uncertain; nothing if the values are not codes of sex.

    M is male, unless the values also hold H or V (hombre, varon): then it is mujer.
    """
    if not 1 <= len(values) <= 12:
        return {}, ""
    plain = {text: _plain(text) for text in values}
    known = {code for code in plain.values() if code not in _UNKNOWN}
    if known and known <= {"1", "2"}:
        codes = {text: "male" if code == "1" else "female" for text, code in plain.items() if code in ("1", "2")}
        return codes, "1 = male and 2 = female is the usual coding, but only a guess"
    spanish = bool(known & {"h", "v", "hombre", "varon", "mujer"})
    codes = {}
    for text, code in plain.items():
        if code == "m":
            codes[text] = "female" if spanish and "f" not in known else "male"
        elif code in _MALE:
            codes[text] = "male"
        elif code in _FEMALE:
            codes[text] = "female"
        elif code not in _UNKNOWN:
            return {}, ""
    if len(set(codes.values())) == 1 and known == {"m"}:
        return codes, "the only code is M, taken as male"
    return codes, ""


def site_codes(values: Sequence[str]) -> dict[str, str]:
    """Value -> facility, home or other; nothing if the values are not kinds of places."""
    if not 1 <= len(values) <= 30:
        return {}
    codes = {}
    for text in values:
        plain = _plain(text)
        words = set(plain.replace("_", " ").replace("-", " ").split())
        found = [
            code
            for code, known in _SITES.items()
            if words & set(known.split()) or any(not word.isascii() and word in plain for word in known.split())
        ]
        if found:
            codes[text] = found[0]
        elif plain not in _UNKNOWN:
            return {}
    return codes
