"""Lists as read become records: one canonical order, every field cleaned and dictionary-encoded over all lists."""

import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl

from everybirth.errors import PlanError
from everybirth.plan import ListPlan, Plan
from everybirth.schema import EXTRA_PREFIX, FIELDS, Kind
from everybirth.standardise import encode, fields, text
from everybirth.standardise.encode import Coded
from everybirth.standardise.hashing import Dictionary
from everybirth.standardise.keys import order_of
from everybirth.standardise.names import nulled
from everybirth.standardise.notes import Source, Unread
from everybirth.standardise.people import People, people, told_by_marks
from everybirth.standardise.threads import at_once
from everybirth.tables import (
    MISSING,
    BoolArray,
    Column,
    Int32Array,
    Int64Array,
    RawList,
    Records,
    Spelling,
    UInt64Array,
)

UNUSABLE = "neither a name nor a date could be read"
_NOT_FIELDS = ("record_id", "row")
_SPELT = (Kind.NAME, Kind.CODE)  # kinds of which two spellings may be one value: both are kept


@dataclass(frozen=True, slots=True)
class Standardised:
    """The records, and what became of the rows that are none.

    rejected   list String, row UInt32, reason String, content String (JSON of the row as read)
    warnings   one per field and list of which some values could not be used
    unusable   those values: list, record_id, field, written, reason; all String
    """

    records: Records
    rejected: pl.DataFrame
    warnings: tuple[str, ...]
    unusable: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Table:
    """One list with its plan.

    columns   name -> (height,) as read; each is taken out once it is coded, so that its room is given back
    rows      (height,) row number of each in its file
    """

    plan: ListPlan
    columns: dict[str, pl.Series]
    record_id: pl.Series
    rows: UInt64Array

    @property
    def height(self) -> int:
        return len(self.record_id)


@dataclass(frozen=True, slots=True)
class _Read:
    """One list's field; warnings; the values that were set aside, as `Standardised` has them."""

    field: Coded
    notes: tuple[str, ...]
    unusable: tuple[pl.DataFrame, ...]


@dataclass(frozen=True, slots=True)
class _Born:
    """What is known of one list's birth dates: they are read before all else.

    read       None where the list has none
    doubtful   (n_doubtful,) rows without a birth date, of which a name must tell; as_read   what they hold
    """

    read: _Read | None
    doubtful: Int64Array
    as_read: pl.DataFrame


def standardise(lists: Iterable[RawList], plan: Plan) -> Standardised:
    """Clean and encode all lists.

    lists    as read; every list of the plan at most once. Where the caller does not keep them, their room is given back
             before the records take theirs.
    Raises   PlanError  where the plan states a calendar, format, code or kind that cannot be used
             DataError  where more than a fifth of a list's birth dates cannot be read
    Rows in = records + rejected. Nothing depends on the order of the rows or of the lists.
    """
    tables = _tables(list(lists), plan)
    kinds = _kinds(tables)
    born = at_once(_born, tables)
    orders: list[Int64Array | None] = []
    coded, warnings, unusable = _coded(tables, kinds, born, orders)
    usable = _usable(coded, sum(table.height for table in tables))
    rejected = _rejected(tables, born, usable)
    del born
    records = _records(tables, kinds, _order(orders, tables, usable), usable, coded)
    return Standardised(records, rejected, warnings, unusable)


def _tables(lists: Sequence[RawList], plan: Plan) -> list[_Table]:
    """The lists in the order of the plan."""
    by_name = {raw.name: raw for raw in lists}
    unknown = sorted(set(by_name) - {each.name for each in plan.lists})
    if not lists or unknown or len(by_name) != len(lists):
        raise PlanError(f"{len(lists)} lists were read, of which these are not in the plan or repeated: {unknown}.")
    return [_table(each, by_name[each.name].frame) for each in plan.lists if each.name in by_name]


def _table(plan: ListPlan, frame: pl.DataFrame) -> _Table:
    columns = {column.name: column for column in frame if column.name not in _NOT_FIELDS}
    return _Table(plan, columns, frame["record_id"], frame["row"].to_numpy().astype(np.uint64))


def _kinds(tables: Sequence[_Table]) -> dict[str, Kind]:
    """Kind of every field that some list has: canonical fields as the schema orders them, then further ones by name."""
    kinds = {name: field.kind for name, field in FIELDS.items() if any(name in table.columns for table in tables)}
    further: dict[str, Kind] = {}
    for table in tables:
        for column in (name for name in table.columns if name not in FIELDS):
            name = column.removeprefix(EXTRA_PREFIX)
            stated = table.plan.extra[name].kind if name in table.plan.extra else ""
            kind = _kind(stated or Kind.CODE.value, f"[lists.{table.plan.name}.extra.{name}]")
            if further.setdefault(column, kind) is not kind:
                raise PlanError(f"extra.{name} is {further[column]} in one list and {kind} in another. State one kind.")
    return kinds | dict(sorted(further.items()))


def _kind(stated: str, section: str) -> Kind:
    if stated not in {kind.value for kind in Kind}:
        raise PlanError(f"{section} kind = {stated!r} is not one of {', '.join(kind.value for kind in Kind)}.")
    return Kind(stated)


_Fields = tuple[dict[str, Coded], tuple[str, ...], pl.DataFrame]  # the fields, warnings, values that cannot be used
_UNUSABLE = dict.fromkeys(("list", "record_id", "field", "written", "reason"), pl.String())


def _born(table: _Table) -> _Born:
    """One list's birth dates, and its rows that have none."""
    read, doubtful = None, np.arange(table.height)
    frame = pl.DataFrame([table.record_id, pl.Series("row", table.rows, pl.UInt32), *table.columns.values()])
    if "birth_date" in table.columns:
        read = _read(table, "birth_date", Kind.DATE, None)
        doubtful = np.flatnonzero(~read.field.known())
    return _Born(read, doubtful, frame if len(doubtful) == table.height else frame[doubtful])


def _coded(
    tables: Sequence[_Table], kinds: dict[str, Kind], born: Sequence[_Born], orders: list[Int64Array | None]
) -> _Fields:
    """Every field over all lists under one another, rows as in the files.

    orders   filled with what puts each list's rows in the order of their ids, see `order_of`
    """

    def named() -> People:
        return people(*_text(tables, [name for name, kind in kinds.items() if kind is Kind.NAME]))

    def others() -> _Fields:
        coded, warnings, unusable = _by_list(tables, kinds, born)
        orders.extend(at_once(lambda table: order_of(table.record_id), tables))
        codes = _identifiers(tables, [name for name, kind in kinds.items() if kind is Kind.CODE])
        return coded | codes, warnings, unusable

    with ThreadPoolExecutor(1) as beside:
        others_read = beside.submit(others)
        persons = named()
        coded, warnings, unusable = others_read.result()
    order, plurality = told_by_marks(persons, coded.get("delivery_order"), coded.get("plurality"))
    told = {"delivery_order": order, "plurality": plurality}
    coded |= persons.names | persons.whole | {name: field for name, field in told.items() if field is not None}
    return coded, warnings, unusable


def _by_list(tables: Sequence[_Table], kinds: dict[str, Kind], born: Sequence[_Born]) -> _Fields:
    """Dates, numbers and categories: each list has its own way of writing them."""
    own: dict[str, Kind] = {
        name: kind for name, kind in kinds.items() if kind in (Kind.DATE, Kind.NUMBER, Kind.CATEGORY)
    }
    read = at_once(lambda pair: _of_list(*pair, own), list(zip(tables, born, strict=True)))
    heights = [table.height for table in tables]
    parts = {
        name: [each[name].field if name in each else height for each, height in zip(read, heights, strict=True)]
        for name in own
    }
    every = [found for each in read for found in each.values()]
    unusable = pl.concat([pl.DataFrame(schema=_UNUSABLE), *(frame for found in every for frame in found.unusable)])
    coded = {name: encode.stack(stacked) for name, stacked in parts.items()}
    return coded, tuple(note for found in every for note in found.notes), unusable


def _of_list(table: _Table, born: _Born, kinds: dict[str, Kind]) -> dict[str, _Read]:
    """One list's dates, numbers and categories."""
    found: dict[str, _Read] = {}
    latest = None if born.read is None else fields.latest_birth_of_mother(born.read.field)
    for name, kind in kinds.items():
        if name == "birth_date" and born.read is not None:
            found[name] = born.read
        elif name in table.columns:
            found[name] = _read(table, name, kind, latest if name == "mother_birth_date" else None)
    return found


def _read(table: _Table, name: str, kind: Kind, latest: int | None) -> _Read:
    """One column of dates, numbers or categories, taken out of the table."""
    source, column = Source(table.plan, name, table.rows), table.columns.pop(name)
    if kind is Kind.DATE:
        coded, notes, unread = fields.date_field(source, column, latest)
    else:
        reader = fields.number_field if kind is Kind.NUMBER else fields.category_field
        coded, notes, unread = reader(source, column)
    bad = [each for each in unread if each.entries.any()]
    return _Read(coded, notes, tuple(_unusable(table, column, coded, each) for each in bad))


def _unusable(table: _Table, column: pl.Series, coded: Coded, unread: Unread) -> pl.DataFrame:
    """The rows that hold one of the values that were set aside, and what is written there."""
    rows = pl.Series(np.append(unread.entries, False)[coded.codes])
    return pl.DataFrame({"record_id": table.record_id.filter(rows)}).select(
        pl.lit(table.plan.name).alias("list"),
        "record_id",
        pl.lit(column.name).alias("field"),
        encode.as_text(column.filter(rows)).alias("written"),
        pl.lit(unread.reason).alias("reason"),
    )


def _text(tables: Sequence[_Table], names: Sequence[str]) -> tuple[dict[str, Int32Array], pl.Series]:
    """Codes of text columns over all lists, and the dictionary that they share."""
    dictionary = Dictionary()
    codes: dict[str, Int32Array] = {}
    for name in names:
        codes[name] = np.full(sum(table.height for table in tables), MISSING, np.int32)
        end = 0
        for table in tables:
            start, end = end, end + table.height
            if name in table.columns:
                codes[name][start:end] = dictionary.codes(encode.as_text(table.columns.pop(name)))
    return codes, dictionary.texts()


def _identifiers(tables: Sequence[_Table], names: Sequence[str]) -> dict[str, Coded]:
    """Identifiers, places and telephone numbers."""

    def one(name: str) -> Coded:
        codes, texts = _text(tables, [name])
        tidy = text.plain(texts)
        standard = text.phones(tidy) if name == "phone" else text.identifiers(tidy)
        return Coded(codes[name], standard, nulled(tidy, standard.is_null()))

    return dict(zip(names, at_once(one, names), strict=True))


def _usable(coded: dict[str, Coded], n_rows: int) -> BoolArray:
    """(n_rows,) True where a name or the birth date is known."""
    usable = np.zeros(n_rows, np.bool_)
    for name, field in coded.items():
        known = name in FIELDS and FIELDS[name].kind is Kind.NAME and FIELDS[name].whole_of is None
        if (known or name == "birth_date") and not usable.all():
            usable |= field.known()
    return usable


def _records(
    tables: Sequence[_Table],
    kinds: dict[str, Kind],
    rows: Int32Array | None,
    usable: BoolArray,
    coded: dict[str, Coded],
) -> Records:
    """The records: list by list, the usable rows in ascending order of id. Empties `coded` on the way.

    rows   (n_records,) the usable rows in that order, or None where all are in it already
    """
    columns: dict[str, Column] = {}
    raw: dict[str, Spelling] = {}
    kinds = {name: kinds.get(name) or FIELDS[name].kind for name in _arranged(coded)}
    named = [name for name, kind in kinds.items() if kind is Kind.NAME]
    groups = [named, *([name] for name in kinds if name not in named)]
    for group in at_once(lambda names: _arranged_columns(names, kinds, coded, rows), groups):
        columns |= group[0]
        raw |= group[1]
    record_id = pl.concat([table.record_id for table in tables])
    return Records(
        list_names=tuple(table.plan.name for table in tables),
        list_of=np.repeat(np.arange(len(tables), dtype=np.int16), [table.height for table in tables])[usable],
        record_id=record_id if rows is None else record_id.gather(pl.Series(rows.view(np.uint32))),
        columns={name: columns[name] for name in kinds if name in columns},
        raw={name: raw[name] for name in kinds if name in raw},
    )


def _arranged_columns(
    names: Sequence[str], kinds: dict[str, Kind], coded: dict[str, Coded], rows: Int32Array | None
) -> tuple[dict[str, Column], dict[str, Spelling]]:
    """The encoded columns of fields whose values are compared with each other, and their spelling if it may vary."""
    fields = {name: coded.pop(name) if rows is None else coded.pop(name).take(rows) for name in names}
    raw = {name: Spelling(field.codes, field.tidy) for name, field in fields.items() if kinds[name] in _SPELT}
    compared = {name: field for name, field in fields.items() if not (name in FIELDS and FIELDS[name].whole_of)}
    return encode.columns(kinds, compared) if compared else {}, raw


def _order(orders: Sequence[Int64Array | None], tables: Sequence[_Table], usable: BoolArray) -> Int32Array | None:
    """(n_records,) the usable rows of all lists in the order of the records, or None where all are in it already."""
    if all(order is None for order in orders) and usable.all():
        return None
    parts, start = [], 0
    for table, order in zip(tables, orders, strict=True):
        places = np.arange(table.height, dtype=np.int32) if order is None else order.astype(np.int32)
        parts.append(places + np.int32(start))
        start += table.height
    rows: Int32Array = np.concatenate(parts)
    return rows if usable.all() else rows[usable[rows]]


def _arranged(names: Iterable[str]) -> list[str]:
    """Canonical fields in the order of the schema, then further ones by name."""
    given = set(names)
    return [name for name in FIELDS if name in given] + sorted(given - FIELDS.keys())


def _rejected(tables: Sequence[_Table], born: Sequence[_Born], usable: BoolArray) -> pl.DataFrame:
    """The rows that are no records, in the order of their lists and files."""
    rows: list[tuple[str, int, str, str]] = []
    start = 0
    for table, each in zip(tables, born, strict=True):
        lost = each.as_read.filter(pl.Series(~usable[start + each.doubtful]))
        start += table.height
        for cells in lost.sort("row").iter_rows(named=True):
            read = {name: str(cell) for name, cell in cells.items() if name != "row" and cell is not None}
            rows.append((table.plan.name, cells["row"], UNUSABLE, json.dumps(read, ensure_ascii=False)))
    schema = {"list": pl.String, "row": pl.UInt32, "reason": pl.String, "content": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")
