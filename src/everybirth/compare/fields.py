"""Which fields are compared and how: the records as one matrix of integer codes with what kernels must know of each
value.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from everybirth.compare.strings import SOUND, strings
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


class Matrix(NamedTuple):
    """Records as kernels see them. Few arrays, because a kernel pays for each at every call.

    codes      (n_records, n_fields) value number within its field, or MISSING
    fields     (n_fields, 5) int64, see the columns above
    log_freq   (n_values,) natural log of the share of records (with the field) that hold the value
    number     (n_values,) days for dates, grams, years, counts; 0 for strings
    strings    (n_strings, 6) the distinct strings, see compare.strings
    chars      (n_chars,) their characters
    """

    codes: Int32Array
    fields: Int64Array
    log_freq: Float32Array
    number: Int32Array
    strings: Int64Array
    chars: "np.typing.NDArray[np.uint32]"


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


def sounds(of: Fields) -> Int32Array:
    """(n_names,) of each name a number, equal where names sound alike; index is the code of a name. Empty where no
    field holds names.
    """
    begin = next((row[STRING] for row in of.matrix.fields if row[KIND] == Comparison.NAME), len(of.matrix.strings))
    return of.matrix.strings[begin:, SOUND].astype(np.int32)


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
    codes = np.empty((n_records, len(names)), dtype=np.int32)
    base, string = np.zeros(len(names), dtype=np.int64), np.full(len(names), MISSING, dtype=np.int64)
    log_freq, number, texts = [], [], []
    shared_names = -1
    offset = n_strings = 0
    for k, (name, comparison) in enumerate(zip(names, comparisons, strict=True)):
        column = columns[name]
        codes[:, k] = column.codes
        base[k] = offset
        offset += len(column.values)
        log_freq.append(_log_frequency(column.codes, len(column.values)))
        number.append(_numbers(column, comparison))
        if comparison not in (Comparison.NAME, Comparison.CODE):
            continue
        if comparison is Comparison.NAME and shared_names >= 0:  # all names share one dictionary
            string[k] = shared_names
            continue
        if comparison is Comparison.NAME:
            shared_names = n_strings
        string[k] = n_strings
        texts.append(column.values.cast(pl.String).rename("text"))
        n_strings += len(column.values)
    table = np.empty((len(names), 5), dtype=np.int64)
    table[:, KIND], table[:, BASE], table[:, STRING] = comparisons, base, string
    table[:, PARTNER] = [_first((_SWAPPED_WITH.get(name, ""),), names) for name in names]
    table[:, ECHO] = [_first(_ECHOES.get(name, ()), names) for name in names]
    distinct = strings(pl.concat(texts) if texts else pl.Series("text", [], dtype=pl.String))
    matrix = Matrix(
        codes=codes,
        fields=table,
        log_freq=np.concatenate([np.zeros(0, dtype=np.float32), *log_freq]),
        number=np.concatenate([np.zeros(0, dtype=np.int32), *number]),
        strings=distinct.table,
        chars=distinct.chars,
    )
    return Fields(tuple(names), comparisons, tuple(len(columns[name].values) for name in names), matrix)


def _first(wanted: tuple[str, ...], names: list[str]) -> int:
    return next((names.index(name) for name in wanted if name in names), MISSING)


def _log_frequency(codes: Int32Array, n_values: int) -> Float32Array:
    """Log share of each value; a value that no record holds counts as held once, so that no log is infinite."""
    count = np.bincount(codes[codes >= 0], minlength=n_values)
    share: Float32Array = np.log(np.maximum(count, 1) / max(count.sum(), 1)).astype(np.float32)
    return share


def _numbers(column: Column, comparison: Comparison) -> Int32Array:
    if comparison in (Comparison.NAME, Comparison.CODE, Comparison.SAME):
        return np.zeros(len(column.values), dtype=np.int32)
    return np.round(column.values.to_numpy().astype(np.float64)).astype(np.int32)
