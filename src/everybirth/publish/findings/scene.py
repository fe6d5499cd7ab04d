"""The linked records as findings are looked for in them, and how records are told in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from everybirth.publish import frames
from everybirth.publish.findings.kinds import safe_id
from everybirth.schema import Kind
from everybirth.tables import (
    BoolArray,
    Float32Array,
    Int16Array,
    Int32Array,
    Int64Array,
    Records,
    UInt64Array,
)

_FEW = 4  # members of a group that are put side by side; more are rare


@dataclass(frozen=True, slots=True)
class Births:
    """The births that the records were resolved into, numbered from 0.

    of_record    (n_records,) birth of each record
    birth_id     (n_births,) String
    probability  (n_births,) that exactly its records are one birth
    area         (n_births,) String, Enum or Categorical: the area's label, "unknown" or "out of scope"
    outside      (n_births,) births in places or on days that the plan leaves out
    best         field -> (n_births,) record whose value is shown, MISSING where no record has one
    """

    of_record: Int32Array
    birth_id: pl.Series
    probability: Float32Array
    area: pl.Series
    outside: BoolArray
    best: Mapping[str, Int32Array]


@dataclass(frozen=True, slots=True)
class PairsKept:
    """Weighed pairs of records, left < right.

    left, right  (n_pairs,) row in Records
    probability  (n_pairs,) that the two are one birth
    """

    left: Int32Array
    right: Int32Array
    probability: Float32Array


@dataclass(frozen=True, slots=True)
class Scene:
    """What findings are looked for in.

    list_rank    (n_lists,) the lower, the more the list is believed where records disagree evenly
    register     index of the civil register among the lists, or MISSING
    record_key   (n_records,) stable key of each record
    order        (n_records,) records, birth after birth, ascending within each
    start        (n_births,) where each birth begins in order
    hidden       expected pairs of a record of the register and another of the same birth that were never looked at
    """

    records: Records
    births: Births
    pairs: PairsKept
    list_rank: Int16Array
    register: int
    record_key: UInt64Array
    order: Int32Array = field(default_factory=lambda: np.zeros(0, np.int32))
    start: Int64Array = field(default_factory=lambda: np.zeros(0, np.int64))
    hidden: float = 0.0


def by_birth(of_record: Int32Array) -> tuple[Int32Array, Int64Array]:
    """Records birth after birth, and where each birth begins.

    of_record  (n_records,) birth of each record; every number from 0 has a record
    """
    key = np.sort(of_record.astype(np.int64) << 32 | np.arange(len(of_record)))
    order: Int32Array = (key & 0xFFFFFFFF).astype(np.int32)
    return order, np.flatnonzero(np.diff(key >> 32, prepend=-1))


def members_of(scene: Scene, birth: Int32Array) -> tuple[Int64Array, Int32Array]:
    """How many records some births (n,) have, and which (sum of these,), birth after birth."""
    end = np.append(scene.start, len(scene.order))
    size = end[birth + 1] - end[birth]
    place = np.repeat(end[birth] - starts(size), size) + np.arange(int(size.sum()))
    return size, scene.order[place]


@dataclass(frozen=True, slots=True)
class Part:
    """Findings of one kind, each about some records of one birth.

    size         (n,) number of records of each finding, at least 1
    member       (sum of size,) the records, finding after finding
    birth        (n,) number of the birth that the finding is shown with
    list_name    (n,) String, the list that a finding is about; null where it is about several
    field        (n,) String, likewise
    found, best, why   (n,) String
    probability  (n,) NaN where there is none
    """

    kind: str
    size: Int64Array
    member: Int32Array
    birth: Int32Array
    list_name: pl.Series
    field: pl.Series
    found: pl.Series
    best: pl.Series
    why: pl.Series
    probability: Float32Array


def phrase(pattern: str, *parts: pl.Series) -> pl.Series:
    """(n,) String, the pattern with each "{}" filled in from the parts (n,); null where a part is."""
    frame = pl.DataFrame([part.alias(str(number)) for number, part in enumerate(parts)])
    return frame.select(pl.format(pattern, *frame.columns).alias("phrase")).to_series()


def nothing(n: int) -> pl.Series:
    """(n,) String nulls."""
    return pl.Series([None], dtype=pl.String).new_from_index(0, n)


def repeated(text: str, n: int) -> pl.Series:
    """(n,) the same text throughout."""
    return pl.Series([text], dtype=pl.String).new_from_index(0, n)


def starts(size: Int64Array) -> Int64Array:
    """(n,) where groups of these sizes begin."""
    begin: Int64Array = np.cumsum(size) - size
    return begin


def numbered(size: Int64Array) -> Int32Array:
    """(sum of size,) number of the group that each member is in."""
    return np.repeat(np.arange(len(size), dtype=np.int32), size)


def joined(texts: pl.Series, size: Int64Array, between: str = "; ") -> pl.Series:
    """(n,) String, the texts of each group.

    texts   (sum of size,) String, group after group
    size    (n,) at least 1
    """
    begin, beyond = starts(size), len(texts)
    padded = texts.extend_constant(None, 1)
    places = [pl.Series(np.where(size > at, begin + at, beyond)) for at in range(min(int(size.max(initial=1)), _FEW))]
    columns = pl.DataFrame([padded.gather(place).alias(str(at)) for at, place in enumerate(places)])
    together = columns.select(
        pl.concat_str(pl.all(), separator=between, ignore_nulls=True).alias(texts.name)
    ).to_series()
    several = size > _FEW
    if not several.any():
        return together
    long = pl.DataFrame({"group": numbered(size), "text": texts}).filter(pl.Series(several[numbered(size)]))
    long = long.group_by("group", maintain_order=True).agg(pl.col("text").str.join(between))
    return together.scatter(np.flatnonzero(several), long["text"])


def told_by_list(records: Records, size: Int64Array, member: Int32Array, texts: pl.Series, mark: str) -> pl.Series:
    """(n,) String, what the records of each group say: "LIST: text; LIST: text", `mark` being what follows the list.

    member   (sum of size,) records, group after group
    texts    (sum of size,) String, what each says
    """
    begin, beyond, n_lists = starts(size), len(texts), len(records.list_names)
    leads = pl.Series([f"{lead}{name}{mark}" for lead in ("", "; ") for name in records.list_names] + [None])
    padded, of_list = texts.extend_constant(None, 1), np.append(records.list_of[member], 0)
    columns = []
    for at in range(min(int(size.max(initial=1)), _FEW)):
        place = np.where(size > at, begin + at, beyond)
        lead = np.where(size > at, of_list[place] + n_lists * (at > 0), len(leads) - 1)
        columns += [leads.gather(pl.Series(lead)).alias(f"lead {at}"), padded.gather(pl.Series(place)).alias(str(at))]
    together = pl.DataFrame(columns).select(pl.concat_str(pl.all(), ignore_nulls=True).alias("told")).to_series()
    several = size > _FEW
    if not several.any():
        return together
    some = several[numbered(size)]
    each = phrase(f"{{}}{mark}{{}}", list_names(records, member[some]), texts.filter(pl.Series(some)))
    return together.scatter(np.flatnonzero(several), joined(each, size[several]))


def list_names(records: Records, rows: Int32Array) -> pl.Series:
    """(n,) String, name of the list of each record."""
    names = pl.Series(records.list_names, dtype=pl.String)
    return names.gather(pl.Series(records.list_of[rows].astype(np.uint32)))


def with_rows(records: Records, named: pl.DataFrame) -> pl.DataFrame:
    """Records by name, with a further column "record" (Int32): the row in Records, null where it is not there.

    named   with the columns "list" and "record_id"
    """
    here = records.record_id.is_in(named["record_id"].unique().implode()).arg_true()
    rows = here.to_numpy().astype(np.int32)
    known = pl.DataFrame(
        {"list": list_names(records, rows), "record_id": records.record_id.gather(here), "record": rows}
    )
    return named.join(known, on=["list", "record_id"], how="left", maintain_order="left")


def record_column(records: Records, size: Int64Array, member: Int32Array) -> pl.Series:
    """(n,) the column "records" of findings: their records by list and id, as kinds.record_names has them."""
    ids = records.record_id.gather(pl.Series(member.astype(np.uint32)))
    if records.record_id.str.contains_any(["%", ";"]).any():
        ids = ids.to_frame("id").select(safe_id(pl.col("id"))).to_series()
    return told_by_list(records, size, member, ids, ":")


def value_text(records: Records, name: str, record: Int32Array) -> pl.Series:
    """(n,) String, the value of a field as some records have it: dates as 2024-03-05, names as they were spelt.

    record   (n,) row in Records, or MISSING
    """
    value = frames.value_of(records, name, record)
    return as_text(value, records.columns[name].kind)


def as_text(value: pl.Series, kind: Kind) -> pl.Series:
    """(n,) String; whole numbers without a point."""
    if kind is Kind.NUMBER:
        whole = value.cast(pl.Int64, strict=False)
        return whole.cast(pl.String).zip_with((whole == value).fill_null(False), value.cast(pl.String))
    return value.cast(pl.String)


_SKETCH = (
    ("", ("child_given_name", "child_family_name")),
    ("", ("birth_date",)),
    ("", ("sex",)),
    ("residence ", ("residence",)),
    ("mother ", ("mother_given_name", "mother_family_name")),
)


def sketch(records: Records, record_of: Mapping[str, Int32Array]) -> pl.Series:
    """(n,) String, whom records are about: the child's name, day of birth and sex, residence, the mother's name.

    record_of   field -> (n,) the record to take it from, or MISSING; fields that are not here are not told
    """
    parts = []
    for lead, names in _SKETCH:
        known = [name for name in names if name in record_of and name in records.columns]
        if known:
            texts = [pl.lit(value_text(records, name, record_of[name])) for name in known]
            said = pl.concat_str(texts, separator=" ", ignore_nulls=True)
            parts.append(pl.when(said != "").then(pl.concat_str(pl.lit(lead), said)))
    if not parts:
        return repeated("", len(next(iter(record_of.values()), ())))
    return pl.select(pl.concat_str(parts, separator=", ", ignore_nulls=True).alias("sketch")).to_series()


def sketch_of(records: Records, record: Int32Array) -> pl.Series:
    """(n,) String, whom each record is about, in its own words."""
    return sketch(records, {name: record for _, names in _SKETCH for name in names if name in records.columns})
