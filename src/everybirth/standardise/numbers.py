"""Numbers: weights in grams, ages, counts and ranks, within what is possible."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from everybirth.standardise.text import plain
from everybirth.tables import BoolArray, Float64Array

_KILOGRAMS = (0.2, 8.0)  # weights in this range can only be kilograms; those below can only be a slip
_NUMBER = r"(?i)^([+-]?[0-9][0-9.,'  ]*)\s*[a-z.\p{Han}]*$"
_KILOGRAM_WORDS = r"(?i)[0-9.,\s](?:kgs?|kilos?|kilogram\w*|公斤|千克)\.?$"
_WORDS = {
    "single": 1, "singleton": 1, "simple": 1, "unico": 1, "único": 1, "unique": 1, "one": 1, "first": 1, "1st": 1,
    "i": 1, "a": 1, "primero": 1, "primera": 1, "premier": 1, "première": 1, "单胎": 1,
    "twin": 2, "twins": 2, "double": 2, "doble": 2, "gemelar": 2, "gemelos": 2, "jumeaux": 2, "gêmeos": 2, "two": 2,
    "second": 2, "2nd": 2, "ii": 2, "b": 2, "segundo": 2, "segunda": 2, "deuxième": 2, "双胎": 2, "双胞胎": 2,
    "triplet": 3, "triplets": 3, "triple": 3, "trillizos": 3, "triplés": 3, "three": 3, "third": 3, "3rd": 3,
    "iii": 3, "c": 3, "tercero": 3, "tercera": 3, "troisième": 3, "三胎": 3, "三胞胎": 3,
    "quadruplet": 4, "quadruplets": 4, "four": 4, "fourth": 4, "4th": 4, "iv": 4, "d": 4,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a number of one field can be: from low to high, in words for messages."""

    low: float
    high: float
    words: str


BOUNDS = {
    "birth_weight": Bounds(200, 8_000, "weights from 200 to 8,000 g"),
    "mother_age": Bounds(8, 70, "ages from 8 to 70 years"),
    "plurality": Bounds(1, 10, "numbers of children from 1 to 10"),
    "delivery_order": Bounds(1, 10, "ranks from 1 to 10"),
}
ANY_NUMBER = Bounds(-np.inf, np.inf, "numbers")


def read_numbers(values: pl.Series, field: str) -> tuple[pl.Series, BoolArray]:
    """Read the distinct values of a column of numbers.

    values   (n,) numbers or String
    Returns  (n,) Float64, whole but for further columns: null where missing or impossible; (n,) True where impossible
    """
    if values.dtype.is_numeric():
        numbers, kilograms = values.cast(pl.Float64).fill_null(np.nan).to_numpy(), np.zeros(len(values), np.bool_)
        written = np.isfinite(numbers)
    else:
        text = plain(values.cast(pl.String))
        numbers, kilograms = _from_text(text, words=field in ("plurality", "delivery_order"))
        written = text.is_not_null().to_numpy()
    if field == "birth_weight":
        in_kilograms = kilograms | ((numbers >= _KILOGRAMS[0]) & (numbers <= _KILOGRAMS[1]))
        numbers = np.where(in_kilograms, numbers * 1_000, numbers)
    bounds = BOUNDS.get(field, ANY_NUMBER)
    if field == "mother_age":
        numbers = np.floor(numbers)  # age is counted in completed years
    elif field in BOUNDS:
        numbers = np.round(numbers)
    fine = np.isfinite(numbers) & (numbers >= bounds.low) & (numbers <= bounds.high)
    kept = np.where(fine, numbers, np.nan) + 0.0  # -0.0 becomes 0.0
    return pl.Series(kept).fill_nan(None), written & ~fine


def _from_text(text: pl.Series, words: bool) -> tuple[Float64Array, BoolArray]:
    """Numbers written as text, NaN where there is none, and whether the text says kilograms."""
    digits = text.str.extract(_NUMBER).str.replace_all(r"['  ]", "").str.strip_chars_end(".,")
    # A comma sets off thousands where three figures follow and no point does the same; else it is the decimal comma.
    thousands = digits.str.contains(r"^[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?$").fill_null(False)
    digits = digits.str.replace_all(",", "").zip_with(thousands, digits.str.replace_all(",", "."))
    numbers = digits.cast(pl.Float64, strict=False)
    if words:
        told = text.str.to_lowercase().replace_strict(_WORDS, default=None, return_dtype=pl.Float64)
        numbers = numbers.zip_with(numbers.is_not_null(), told)
    kilograms = text.str.contains(_KILOGRAM_WORDS).fill_null(False).to_numpy()
    return numbers.fill_null(np.nan).to_numpy(), kilograms
