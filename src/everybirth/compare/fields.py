"""Which fields are compared and how: the records as one matrix of integer codes with what kernels must know of each
value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from everybirth.compare.strings import SOUND, Strings, strings
from everybirth.levels import Comparison
from everybirth.schema import EXTRA_PREFIX, Kind
from everybirth.tables import MISSING, Column, Float32Array, Int32Array, Int64Array, Records

_COMPARED: dict[str, Comparison] = {
    "child_given_name": Comparison.NAME,
    "child_family_name": Comparison.NAME,
    "sex": Comparison.SAME,
    "birth_date": Comparison.DATE,
    "mother_given_name": Comparison.NAME,
    "mother_family_name": Comparison.NAME,
    "mother_birth_date": Comparison.DATE,
    "mother_age": Comparison.AGE,
    "mother_id": Comparison.CODE,
    "father_given_name": Comparison.NAME,
    "father_family_name": Comparison.NAME,
    "phone": Comparison.CODE,
    "residence": Comparison.CODE,
    "birth_place": Comparison.CODE,
    "facility": Comparison.CODE,
    "site": Comparison.SAME,
    "birth_weight": Comparison.WEIGHT,
    "plurality": Comparison.COUNT,
    "delivery_order": Comparison.RANK,
    "registration_number": Comparison.CODE,
}
_BY_KIND = {
    Kind.NAME: Comparison.NAME,
    Kind.CATEGORY: Comparison.SAME,
    Kind.NUMBER: Comparison.WEIGHT,
    Kind.DATE: Comparison.DATE,
    Kind.CODE: Comparison.CODE,
}
_SWAPPED_WITH = {
    "child_given_name": "child_family_name",
    "mother_given_name": "mother_family_name",
    "father_given_name": "father_family_name",
}
# What agrees by itself where something else does: the first that is compared and stands before it in the order above.
_ECHOES = {
    "father_family_name": ("child_family_name",),
    "mother_family_name": ("child_family_name",),
    "sex": ("child_given_name",),
    "birth_place": ("residence",),
    "facility": ("birth_place", "residence"),
    "site": ("birth_place", "facility", "residence"),
    "delivery_order": ("plurality",),
    "mother_age": ("mother_birth_date",),
}


# Columns of Matrix.fields.
KIND = 0  # Comparison
BASE = 1  # where the field's values begin in log_freq and number
STRING = 2  # where they begin in the table of strings; MISSING for kinds that are not strings
PARTNER = 3  # for a given name the field it may be swapped with, else MISSING
ECHO = 4  # a field on whose agreement this one's hangs, else MISSING
LETTERS = 5  # for a name the column of Matrix.codes with its letters, else MISSING

# Matrix.number of dates: the days above, then 12 bits of year, 4 of month, 5 of day.
DAYS_AT, YEAR_AT, MONTH_AT = 21, 9, 5

# The column after a name's letters: its sound's number, and in the low byte how rare the name is.
_SOUND_AT = 8
RARITY_UNIT = 1.0 / 12.0  # of -log(share), rounded up; 255 of them are more than any number of records reaches
_ROWS_AT_ONCE = 4096


class Matrix(NamedTuple):
    """Records as kernels see them. Few arrays, because a kernel pays for each at every call.

    codes      (n_records, n_fields + 2 n_name_fields) value number within its field, or MISSING; then two columns for
               each name, so that the scan need not look it up: its letters (strings.Strings), its sound and its rarity
    fields     (n_fields, 6) int64, see the columns above
    log_freq   (n_values,) natural log of the share of records (with the field) that hold the value
    number     (n_values,) grams, years, counts; for dates the days since 1970 and, below DAYS_AT, year, month and day;
               0 for strings
    strings    (n_strings, 6) the distinct strings, see compare.strings
    chars      (n_chars,) their characters
    letters    (n_strings, 2) a summary of each, see compare.strings
    """

    codes: Int32Array
    fields: Int64Array
    log_freq: Float32Array
    number: Int64Array
    strings: Int64Array
    chars: "np.typing.NDArray[np.uint8] | np.typing.NDArray[np.uint32]"
    letters: Int32Array


def sounds(matrix: Matrix) -> Int32Array:
    """(n_names,) of each name a number, equal where names sound alike; index is the code of a name. Empty where no
    field holds names.
    """
    sound = matrix.strings[:, SOUND]
    return sound[sound >= 0].astype(np.int32)


@dataclass(frozen=True, slots=True)
class Fields:
    """The compared fields, in the order of the matrix's columns."""

    names: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    n_values: tuple[int, ...]
    matrix: Matrix

    def index(self, name: str) -> int:
        return self.names.index(name)


def sources(matrix: Matrix) -> Int64Array:
    """(n_fields,) number of the piece of evidence that each field is part of.

    Family names are one piece, so are places, so are a mother's birth date and age: what one record tells by one of
    them, another may tell by the other. A sex beside a given name and an order beside a plurality stay pieces of their
    own.
    """
    source = np.arange(len(matrix.fields))
    kinds = matrix.fields[:, KIND]
    for f, e in enumerate(matrix.fields[:, ECHO]):
        apart = kinds[f] == Comparison.RANK or (kinds[f] == Comparison.SAME and kinds[e] == Comparison.NAME)
        if e >= 0 and not apart:
            source[source == source[f]] = source[e]
    number: Int64Array = np.unique(source, return_inverse=True)[1].astype(np.int64)
    return number


def fields(records: Records) -> Fields:
    """Lay out the records for comparison.

    Only fields with a value in at least one record are compared. A mother's age that is not given but follows from her
    birth date and the child's is filled in, so that a list with ages meets a list with birth dates.
    """
    columns = {name: column for name, column in records.columns.items() if (column.codes >= 0).any()}
    age = _mother_age(columns)
    if age is not None:
        columns["mother_age"] = age
    compared = [name for name in _COMPARED if name in columns]
    compared += sorted(name for name in columns if name.startswith(EXTRA_PREFIX))
    comparisons = tuple(_COMPARED[name] if name in _COMPARED else _BY_KIND[columns[name].kind] for name in compared)
    return _lay_out(compared, comparisons, columns, records.n_records)


def _mother_age(columns: dict[str, Column]) -> Column | None:
    """Ages as given, and from the two birth dates where not given (completed years)."""
    born, mother = columns.get("birth_date"), columns.get("mother_birth_date")
    given = columns.get("mother_age")
    if born is None or mother is None or given is None:
        return given
    age = np.full(len(born.codes), MISSING, dtype=np.int32)
    has = (born.codes >= 0) & (mother.codes >= 0)
    days = born.values.to_numpy()[born.codes[has]] - mother.values.to_numpy()[mother.codes[has]]
    age[has] = np.clip(np.floor(days / 365.2425), MISSING, 99).astype(np.int32)
    stated = given.codes >= 0
    age[stated] = given.values.to_numpy()[given.codes[stated]].astype(np.int32)
    return Column("mother_age", Kind.NUMBER, age, pl.Series(np.arange(100, dtype=np.float64)))


def _lay_out(
    names: list[str], comparisons: tuple[Comparison, ...], columns: dict[str, Column], n_records: int
) -> Fields:
    base, string = np.zeros(len(names), dtype=np.int64), np.full(len(names), MISSING, dtype=np.int64)
    log_freq, number, texts = [], [], [pl.Series([], dtype=pl.String)]
    offset = of_codes = 0
    for k, (name, comparison) in enumerate(zip(names, comparisons, strict=True)):
        column = columns[name]
        base[k] = offset
        offset += len(column.values)
        log_freq.append(_log_frequency(column.codes, len(column.values)))
        number.append(_numbers(column, comparison))
        if comparison is Comparison.NAME:  # all names share one dictionary
            string[k], texts[0] = 0, column.values
        elif comparison is Comparison.CODE:
            string[k], of_codes = of_codes, of_codes + len(column.values)
            texts.append(column.values)
    string[np.isin(comparisons, Comparison.CODE)] += len(texts[0])
    table = np.full((len(names), 6), MISSING, dtype=np.int64)
    table[:, KIND], table[:, BASE], table[:, STRING] = comparisons, base, string
    table[:, PARTNER] = [_first((_SWAPPED_WITH.get(name, ""),), names) for name in names]
    table[:, ECHO] = [_first(_ECHOES.get(name, ()), names) for name in names]
    texts = [values.cast(pl.String).rename("text") for values in texts]
    distinct = strings(texts[0], pl.concat([texts[0].clear(), *texts[1:]]))
    are_names = np.flatnonzero(table[:, KIND] == Comparison.NAME)
    table[are_names, LETTERS] = len(names) + 2 * np.arange(len(are_names))
    matrix = Matrix(
        codes=_rows([columns[name].codes for name in names], table, log_freq, distinct, n_records),
        fields=table,
        log_freq=np.concatenate([np.zeros(0, dtype=np.float32), *log_freq]),
        number=np.concatenate([np.zeros(0, dtype=np.int64), *number]),
        strings=distinct.table,
        chars=distinct.chars,
        letters=distinct.letters,
    )
    return Fields(tuple(names), comparisons, tuple(len(columns[name].values) for name in names), matrix)


def _rows(
    codes: Sequence[Int32Array], table: Int64Array, log_freq: Sequence[Float32Array], distinct: Strings, n_records: int
) -> Int32Array:
    """Matrix.codes. Filled some thousand rows at a time, which stay in the processor's cache meanwhile."""
    are_names = np.flatnonzero(table[:, LETTERS] >= 0)
    rows = np.empty((n_records, len(codes) + 2 * len(are_names)), dtype=np.int32)
    letters, heard = {}, {}
    for f in are_names.tolist():
        of = slice(table[f, STRING], table[f, STRING] + len(log_freq[f]))
        rarity = np.ceil(-log_freq[f] / RARITY_UNIT).astype(np.int64)
        # a missing value, code -1, takes the last entry
        letters[f] = np.append(distinct.letters[of, 0], np.int32(0))
        heard[f] = np.append(distinct.table[of, SOUND] << _SOUND_AT | np.minimum(rarity, 255), 0).astype(np.int32)
    for begin in range(0, n_records, _ROWS_AT_ONCE):
        some = slice(begin, begin + _ROWS_AT_ONCE)
        for f, column in enumerate(codes):
            rows[some, f] = column[some]
        for f in are_names.tolist():
            at = table[f, LETTERS]
            rows[some, at] = letters[f][codes[f][some]]
            rows[some, at + 1] = heard[f][codes[f][some]]
    return rows


def _first(wanted: tuple[str, ...], names: list[str]) -> int:
    return next((names.index(name) for name in wanted if name in names), MISSING)


def _log_frequency(codes: Int32Array, n_values: int) -> Float32Array:
    """Log share of each value; a value that no record holds counts as held once, so that no log is infinite."""
    count = np.bincount(codes[codes >= 0], minlength=n_values)
    share: Float32Array = np.log(np.maximum(count, 1) / max(count.sum(), 1)).astype(np.float32)
    return share


def _numbers(column: Column, comparison: Comparison) -> Int64Array:
    if comparison in (Comparison.NAME, Comparison.CODE, Comparison.SAME):
        return np.zeros(len(column.values), dtype=np.int64)
    if comparison is Comparison.DATE:
        return _dates(column.values)
    return np.round(column.values.to_numpy().astype(np.float64)).astype(np.int64)


def _dates(days: pl.Series) -> Int64Array:
    day = days.cast(pl.Date)
    parts = (days, day.dt.year(), day.dt.month(), day.dt.day())
    packed: Int64Array = np.zeros(len(days), dtype=np.int64)
    for part, at in zip(parts, (DAYS_AT, YEAR_AT, MONTH_AT, 0), strict=True):
        packed |= part.to_numpy().astype(np.int64) << at
    return packed
