"""The tables that pass from one step of the road to the next. Frozen; each describes itself."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from everybirth.schema import Kind

Int8Array = npt.NDArray[np.int8]
Int16Array = npt.NDArray[np.int16]
Int32Array = npt.NDArray[np.int32]
Int64Array = npt.NDArray[np.int64]
UInt64Array = npt.NDArray[np.uint64]
Float32Array = npt.NDArray[np.float32]
Float64Array = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

MISSING = -1  # the code of a missing value, in every array of codes


@dataclass(frozen=True, slots=True)
class RawList:
    """One list as it was read: nothing cleaned, refused columns already gone.

    frame    one row per usable row of the file(s), in file order:
             "record_id"  String, unique, not null
             "row"        UInt32, row number in its file as a person counts it (the header is row 1)
             one column per canonical field that the plan maps, under its canonical name, with the dtype of the
             file (String from CSV; String, Date, Datetime, Int or Float from Parquet and Excel)
             "extra.<name>" for each further compared column
    """

    name: str
    frame: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Column:
    """One standardised field over all records, dictionary-encoded.

    codes    (n_records,) index into values, or MISSING
    values   (n_values,) distinct standardised values, ascending: String for names, categories and codes,
             Int32 days since 1970-01-01 for dates, Float64 for numbers
    """

    name: str
    kind: Kind
    codes: Int32Array
    values: pl.Series


@dataclass(frozen=True, slots=True)
class Spelling:
    """One field over all records as the lists spell it, dictionary-encoded.

    codes    (n_records,) index into texts, or MISSING
    texts    (n_texts,) String, in no particular order: outer spaces off, otherwise as written; some may have no record.
             Null: nothing that could be published
    """

    codes: Int32Array
    texts: pl.Series


@dataclass(frozen=True, slots=True)
class Records:
    """All lists under one another, in canonical order (list in plan order, then record_id), so that nothing later
    depends on the order of the rows in the files.

    list_names   in plan order
    list_of      (n_records,) index into list_names
    record_id    (n_records,) String
    columns      canonical name -> Column, only fields that at least one list has (full names already split)
    raw          canonical name -> names and codes in their own spelling, for the best values to be taken from. Of
                 dates, numbers and categories the standardised value says all
    """

    list_names: tuple[str, ...]
    list_of: Int16Array
    record_id: pl.Series
    columns: dict[str, Column]
    raw: dict[str, Spelling]

    @property
    def n_records(self) -> int:
        return len(self.record_id)


@dataclass(frozen=True, slots=True)
class Scored:
    """Pairs as compared, each once, left < right, ascending.

    left, right  (n_pairs,) row in Records
    levels       (n_pairs, n_fields) comparison level of each field, 0 where either value is missing
    chance       (n_pairs, n_fields) log P(level | unrelated) in levels.CHANCE_UNIT, 0 where missing
    sums         (n_pairs, 3) log likelihood ratio of each class of pair against unrelated
    """

    left: Int32Array
    right: Int32Array
    levels: Int8Array
    chance: Int16Array
    sums: Float32Array


@dataclass(frozen=True, slots=True)
class Pairs:
    """Weighed pairs, each once, left < right, ascending.

    left, right   (n_pairs,) row in Records
    same_birth    (n_pairs,) log likelihood ratio (natural log) of "same birth" against "not the same delivery"
    same_delivery (n_pairs,) the same for "same delivery, another child"
    levels        (n_pairs, n_fields) comparison level of each field, 0 where either value is missing
    chance        (n_pairs, n_fields) log P(level | unrelated) in levels.CHANCE_UNIT
    log_m         (2, n_fields, n_levels) log P(level | same birth), log P(level | same delivery): what field f of pair
                  p adds to same_birth is log_m[0, f, levels[p, f]] - chance[p, f]
    """

    left: Int32Array
    right: Int32Array
    same_birth: Float64Array
    same_delivery: Float64Array
    levels: Int8Array
    chance: Int16Array
    log_m: Float64Array
    source: Int64Array


class Scores(NamedTuple):
    """What each comparison level says about a pair, for every class of pair against unrelated pairs. Natural logs.

    log_m      (3, n_fields, n_levels) P(level | class) for the classes same birth, same delivery, same mother other
               delivery
    log_u      (n_fields, n_levels) P(level | unrelated), for levels whose chance agreement does not depend on the
               values
    log_near   (n_fields, n_levels) log of the mean number of values at that level from a value; NaN: the level has none
    by_value   (n_fields,) whether agreeing on a value counts by how rare the value is
    uses       (3, n_fields) whether the field speaks for or against the class at all
    prior      (3,) log prior odds of each class against unrelated; -inf: the class is not used
    floor      log odds under which a pair is not kept
    """

    log_m: Float64Array
    log_u: Float64Array
    log_near: Float64Array
    by_value: BoolArray
    uses: BoolArray
    prior: Float64Array
    floor: float


class Keys(NamedTuple):
    """What tells which blocking rules bring two records together: those whose parts all agree.

    parts      (n_records, n_parts) code of each part of a key, or MISSING; only the parts that some rule asks for
    rules_of   (2^n_parts,) bit q: rule q brings together two records that agree on exactly the parts whose bits the
               index has
    oversized  (n_records,) bit q: the record's block under rule q is too large for all its pairs to be looked at; a
               single 0 where none is
    """

    parts: Int32Array
    rules_of: Int32Array
    oversized: Int32Array


class Blocks(NamedTuple):
    """The blocks of one blocking rule that hold two records or more.

    order    (n_members,) rows in Records, block after block
    start    (n_blocks + 1,) where each block begins in order
    window   each record is compared with so many following ones of its block; oversized blocks are laid out so that
             records alike in other fields are near each other
    """

    order: Int32Array
    start: Int64Array
    window: int
