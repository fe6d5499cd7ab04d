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
from everybirth.standardise.encode import Coded, Dictionary
from everybirth.standardise.keys import order_of
from everybirth.standardise.names import nulled
from everybirth.standardise.notes import Source
from everybirth.standardise.people import People, people, told_by_marks
from everybirth.standardise.threads import at_once
from everybirth.tables import MISSING, BoolArray, Column, Int32Array, RawList, Records, UInt64Array

UNUSABLE = "neither a name nor a date could be read"
_NOT_FIELDS = ("record_id", "row")
_SPELT = (Kind.NAME, Kind.CODE)  # kinds of which two spellings may be one value: both are kept


@dataclass(frozen=True, slots=True)
class Standardised:
    """The records, and what became of the rows that are none.

    rejected   list String, row UInt32, reason String, content String (JSON of the row as read)
    warnings   one per field and list of which some values could not be used
    """

    records: Records
    rejected: pl.DataFrame
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    """One list with its plan."""

    plan: ListPlan
    frame: pl.DataFrame

    def has(self, field: str) -> bool:
        return field in self.frame.columns

    @property
    def rows(self) -> UInt64Array:
        return self.frame["row"].to_numpy().astype(np.uint64)


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
    coded, warnings = _coded(tables, kinds)
    usable = _usable(coded, sum(table.frame.height for table in tables))
    rejected = _rejected(tables, usable)
    tables = [_Table(table.plan, table.frame.select("record_id", "row")) for table in tables]
    return Standardised(_records(tables, kinds, usable, coded), rejected, warnings)


def _tables(lists: Sequence[RawList], plan: Plan) -> list[_Table]:
    """The lists in the order of the plan."""
    by_name = {raw.name: raw for raw in lists}
    unknown = sorted(set(by_name) - {each.name for each in plan.lists})
    if not lists or unknown or len(by_name) != len(lists):
        raise PlanError(f"{len(lists)} lists were read, of which these are not in the plan or repeated: {unknown}.")
    return [_Table(each, by_name[each.name].frame) for each in plan.lists if each.name in by_name]


def _kinds(tables: Sequence[_Table]) -> dict[str, Kind]:
    """Kind of every field that some list has: canonical fields as the schema orders them, then further ones by name."""
    kinds = {name: field.kind for name, field in FIELDS.items() if any(table.has(name) for table in tables)}
    further: dict[str, Kind] = {}
    for table in tables:
        for column in table.frame.columns:
            if column in FIELDS or column in _NOT_FIELDS:
                continue
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


def _coded(tables: Sequence[_Table], kinds: dict[str, Kind]) -> tuple[dict[str, Coded], tuple[str, ...]]:
    """Every field over all lists under one another, rows as in the files; and warnings."""

    def named() -> People:
        return people(*_text(tables, [name for name, kind in kinds.items() if kind is Kind.NAME]))

    def others() -> tuple[dict[str, Coded], tuple[str, ...]]:
        coded, warnings = _by_list(tables, kinds)
        return coded | _identifiers(tables, [name for name, kind in kinds.items() if kind is Kind.CODE]), warnings

    with ThreadPoolExecutor(1) as beside:
        others_read = beside.submit(others)
        persons = named()
        coded, warnings = others_read.result()
    order, plurality = told_by_marks(persons, coded.get("delivery_order"), coded.get("plurality"))
    told = {"delivery_order": order, "plurality": plurality}
    coded |= persons.names | persons.whole | {name: field for name, field in told.items() if field is not None}
    return coded, warnings


def _by_list(tables: Sequence[_Table], kinds: dict[str, Kind]) -> tuple[dict[str, Coded], tuple[str, ...]]:
    """Dates, numbers and categories: each list has its own way of writing them."""
    own: dict[str, Kind] = {
        name: kind for name, kind in kinds.items() if kind in (Kind.DATE, Kind.NUMBER, Kind.CATEGORY)
    }
    read = at_once(lambda table: _of_list(table, own), tables)
    coded = {name: encode.stack([parts[name] for parts, _ in read]) for name in own}
    return coded, tuple(note for _, notes in read for note in notes)


def _of_list(table: _Table, kinds: dict[str, Kind]) -> tuple[dict[str, Coded | int], list[str]]:
    """One list's dates, numbers and categories; its height for a field that it lacks."""
    parts: dict[str, Coded | int] = dict.fromkeys(kinds, table.frame.height)
    warnings: list[str] = []
    latest = None
    for name in (name for name in kinds if table.has(name)):
        source, column = Source(table.plan, name, table.rows), table.frame[name]
        if kinds[name] is Kind.DATE:
            coded, notes = fields.date_field(source, column, latest if name == "mother_birth_date" else None)
        else:
            reader = fields.number_field if kinds[name] is Kind.NUMBER else fields.category_field
            coded, notes = reader(source, column)
        if name == "birth_date":  # comes before the mother's in the schema's order
            latest = fields.latest_birth_of_mother(coded)
        parts[name] = coded
        warnings.extend(notes)
    return parts, warnings


def _text(tables: Sequence[_Table], names: Sequence[str]) -> tuple[dict[str, Int32Array], pl.Series]:
    """Codes of text columns over all lists, and the dictionary that they share."""
    dictionary = Dictionary()
    codes: dict[str, list[Int32Array]] = {name: [] for name in names}
    for table in tables:
        columns = [encode.as_text(table.frame[name]).alias(name) for name in names if table.has(name)]
        found = dictionary.codes(pl.DataFrame(columns))
        for name in names:
            codes[name].append(found[name] if name in found else np.full(table.frame.height, MISSING, np.int32))
    return {name: np.concatenate(parts) for name, parts in codes.items()}, dictionary.texts()


def _identifiers(tables: Sequence[_Table], names: Sequence[str]) -> dict[str, Coded]:
    """Identifiers, places and telephone numbers."""

    def one(name: str) -> Coded:
        column = pl.concat([_as_text(table, name) for table in tables])
        if encode.is_repetitive(column, len(column) - column.null_count()):
            codes, dictionary = encode.distinct(column)
        else:
            codes, dictionary = np.arange(len(column), dtype=np.int32), column
        tidy = text.plain(dictionary)
        standard = text.phones(tidy) if name == "phone" else text.identifiers(tidy)
        return Coded(codes, standard, nulled(tidy, standard.is_null()))

    return dict(zip(names, at_once(one, names), strict=True))


def _as_text(table: _Table, name: str) -> pl.Series:
    """(n_rows,) String, the column, null where the list does not have it."""
    if not table.has(name):
        return pl.Series(name, [None], dtype=pl.String).new_from_index(0, table.frame.height)
    return encode.as_text(table.frame[name]).alias(name)


def _usable(coded: dict[str, Coded], n_rows: int) -> BoolArray:
    """(n_rows,) True where a name or the birth date is known."""
    usable = np.zeros(n_rows, np.bool_)
    for name, field in coded.items():
        known = name in FIELDS and FIELDS[name].kind is Kind.NAME and FIELDS[name].whole_of is None
        if (known or name == "birth_date") and not usable.all():
            usable |= field.known()
    return usable


def _records(tables: Sequence[_Table], kinds: dict[str, Kind], usable: BoolArray, coded: dict[str, Coded]) -> Records:
    """The records: list by list, the usable rows in ascending order of id. Empties `coded` on the way."""
    rows = _order(tables, usable)
    columns: dict[str, Column] = {}
    raw: dict[str, pl.Series] = {}
    kinds = {name: kinds.get(name) or FIELDS[name].kind for name in _arranged(coded)}
    named = [name for name, kind in kinds.items() if kind is Kind.NAME]
    groups = [named, *([name] for name in kinds if name not in named)]
    for group in at_once(lambda names: _arranged_columns(names, kinds, coded, rows), groups):
        columns |= group[0]
        raw |= group[1]
    ids = [pl.concat([table.frame[name] for table in tables]) for name in ("record_id", "row")]
    record_id, row = ids if rows is None else [each.gather(pl.Series(rows.view(np.uint32))) for each in ids]
    return Records(
        list_names=tuple(table.plan.name for table in tables),
        list_of=np.repeat(np.arange(len(tables), dtype=np.int16), [table.frame.height for table in tables])[usable],
        record_id=record_id,
        columns={name: columns[name] for name in kinds if name in columns},
        raw=pl.DataFrame([row, *(raw[name] for name in kinds if name in raw)]),
    )


def _arranged_columns(
    names: Sequence[str], kinds: dict[str, Kind], coded: dict[str, Coded], rows: Int32Array | None
) -> tuple[dict[str, Column], dict[str, pl.Series]]:
    """The encoded columns of fields whose values are compared with each other, and what their raw ones hold."""
    fields = {name: coded.pop(name) if rows is None else coded.pop(name).take(rows) for name in names}
    raw: dict[str, pl.Series] = {}
    for group in encode.sharing({name: field for name, field in fields.items() if kinds[name] in _SPELT}):
        raw |= encode.published(group)
    compared = {name: field for name, field in fields.items() if not (name in FIELDS and FIELDS[name].whole_of)}
    return encode.columns(kinds, compared) if compared else {}, raw


def _order(tables: Sequence[_Table], usable: BoolArray) -> Int32Array | None:
    """(n_records,) the usable rows of all lists in the order of the records, or None where all are in it already."""
    orders = at_once(lambda table: order_of(table.frame["record_id"]), tables)
    if all(order is None for order in orders) and usable.all():
        return None
    parts, start = [], 0
    for table, order in zip(tables, orders, strict=True):
        places = np.arange(table.frame.height, dtype=np.int32) if order is None else order.astype(np.int32)
        parts.append(places + np.int32(start))
        start += table.frame.height
    rows: Int32Array = np.concatenate(parts)
    return rows if usable.all() else rows[usable[rows]]


def _arranged(names: Iterable[str]) -> list[str]:
    """Canonical fields in the order of the schema, then further ones by name."""
    given = set(names)
    return [name for name in FIELDS if name in given] + sorted(given - FIELDS.keys())


def _rejected(tables: Sequence[_Table], usable: BoolArray) -> pl.DataFrame:
    """The rows that are no records, in the order of their lists and files."""
    rows: list[tuple[str, int, str, str]] = []
    start = 0
    for table in tables:
        lost = table.frame.filter(pl.Series(~usable[start : start + table.frame.height]))
        start += table.frame.height
        for cells in lost.sort("row").iter_rows(named=True):
            read = {name: str(cell) for name, cell in cells.items() if name != "row" and cell is not None}
            rows.append((table.plan.name, cells["row"], UNUSABLE, json.dumps(read, ensure_ascii=False)))
    schema = {"list": pl.String, "row": pl.UInt32, "reason": pl.String, "content": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")
