"""Lists as read become records: one canonical order, every field cleaned and dictionary-encoded over all lists."""

import json
from collections.abc import Iterable, Sequence
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
from everybirth.standardise.people import people, told_by_marks
from everybirth.standardise.threads import at_once
from everybirth.tables import MISSING, BoolArray, Column, Int32Array, Int64Array, RawList, Records, UInt64Array

UNUSABLE = "neither a name nor a date could be read"
_NOT_FIELDS = ("record_id", "row")


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
    """One list with its plan; order (n_rows,) has its rows in ascending order of id."""

    plan: ListPlan
    frame: pl.DataFrame
    order: Int64Array

    def has(self, field: str) -> bool:
        return field in self.frame.columns

    @property
    def rows(self) -> UInt64Array:
        return self.frame["row"].to_numpy().astype(np.uint64)


def standardise(lists: Sequence[RawList], plan: Plan) -> Standardised:
    """Clean and encode all lists.

    lists    as read; every list of the plan at most once
    Raises   PlanError  where the plan states a calendar, format, code or kind that cannot be used
             DataError  where more than a fifth of a list's birth dates cannot be read
    Rows in = records + rejected. Nothing depends on the order of the rows or of the lists.
    """
    tables = _tables(lists, plan)
    kinds = _kinds(tables)
    coded, warnings = _by_list(tables, kinds)
    coded |= _identifiers(tables, [name for name, kind in kinds.items() if kind is Kind.CODE])
    named = [name for name, kind in kinds.items() if kind is Kind.NAME]
    codes, dictionary = _text(tables, named)
    persons = people(codes, dictionary)
    order, plurality = told_by_marks(persons, coded.get("delivery_order"), coded.get("plurality"))
    told = {"delivery_order": order, "plurality": plurality}
    coded |= persons.names | {name: field for name, field in told.items() if field is not None}

    usable = _usable(coded, persons.names, sum(table.frame.height for table in tables))
    whole = persons.whole
    if not usable.all():
        kept = np.flatnonzero(usable)
        coded, whole = ({name: field.take(kept) for name, field in each.items()} for each in (coded, whole))
    records = _records(tables, usable, coded, whole)
    return Standardised(records, _rejected(tables, usable), warnings)


def _tables(lists: Sequence[RawList], plan: Plan) -> list[_Table]:
    """The lists in the order of the plan."""
    by_name = {raw.name: raw for raw in lists}
    unknown = sorted(set(by_name) - {each.name for each in plan.lists})
    if not lists or unknown or len(by_name) != len(lists):
        raise PlanError(f"{len(lists)} lists were read, of which these are not in the plan or repeated: {unknown}.")
    tables = []
    for each in plan.lists:
        if each.name in by_name:
            frame = by_name[each.name].frame
            order = order_of(frame["record_id"])
            tables.append(_Table(each, frame, np.arange(frame.height) if order is None else order))
    return tables


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


def _by_list(tables: Sequence[_Table], kinds: dict[str, Kind]) -> tuple[dict[str, Coded], tuple[str, ...]]:
    """Dates, numbers and categories: each list has its own way of writing them."""
    own: dict[str, Kind] = {
        name: kind for name, kind in kinds.items() if kind in (Kind.DATE, Kind.NUMBER, Kind.CATEGORY)
    }
    read = at_once(lambda table: _of_list(table, own), tables)
    coded = {name: encode.stack([parts[name] for parts, _ in read]) for name in own}
    return coded, tuple(note for _, notes in read for note in notes)


def _of_list(table: _Table, kinds: dict[str, Kind]) -> tuple[dict[str, Coded | int], list[str]]:
    """One list's dates, numbers and categories in the order of the records; its height for a field that it lacks."""
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
        parts[name] = coded.take(table.order)
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
            missing = np.full(table.frame.height, MISSING, np.int32)
            codes[name].append(found[name][table.order] if name in found else missing)
    return {name: np.concatenate(parts) for name, parts in codes.items()}, dictionary.texts()


def _identifiers(tables: Sequence[_Table], names: Sequence[str]) -> dict[str, Coded]:
    """Identifiers, places and telephone numbers."""

    def one(name: str) -> Coded:
        column = pl.concat([_by_row(table, name) for table in tables])
        if encode.is_repetitive(column, len(column) - column.null_count()):
            codes, dictionary = encode.distinct(column)
        else:
            codes, dictionary = np.arange(len(column), dtype=np.int32), column
        tidy = text.plain(dictionary)
        standard = text.phones(tidy) if name == "phone" else text.identifiers(tidy)
        return Coded(codes, standard, nulled(tidy, standard.is_null()))

    return dict(zip(names, at_once(one, names), strict=True))


def _by_row(table: _Table, name: str) -> pl.Series:
    """(n_rows,) String, the column in the order of the records, null where the list does not have it."""
    if not table.has(name):
        return pl.Series(name, [None], dtype=pl.String).new_from_index(0, table.frame.height)
    return encode.as_text(table.frame[name]).gather(table.order).alias(name)


def _usable(coded: dict[str, Coded], names: dict[str, Coded], n_rows: int) -> BoolArray:
    """(n_rows,) True where a name or the birth date is known."""
    usable = np.zeros(n_rows, np.bool_)
    for name, field in coded.items():
        if not usable.all() and (name == "birth_date" or (name in names and name in FIELDS)):
            usable |= field.known()
    return usable


def _records(tables: Sequence[_Table], usable: BoolArray, coded: dict[str, Coded], whole: dict[str, Coded]) -> Records:
    """The records: list by list, the usable rows in ascending order of id."""
    ids = pl.concat([table.frame.select("record_id", "row")[table.order] for table in tables])
    ids = ids.filter(pl.Series(usable))
    heights = [table.frame.height for table in tables]
    coded, whole = ({name: encode.compacted(field) for name, field in each.items()} for each in (coded, whole))
    fields_as_read = coded | whole
    raw = at_once(lambda name: encode.published(name, fields_as_read[name]), _arranged(fields_as_read))
    return Records(
        list_names=tuple(table.plan.name for table in tables),
        list_of=np.repeat(np.arange(len(tables), dtype=np.int16), heights)[usable],
        record_id=ids["record_id"],
        columns=_columns(tables, coded),
        raw=pl.DataFrame([ids["row"], *raw]),
    )


def _columns(tables: Sequence[_Table], coded: dict[str, Coded]) -> dict[str, Column]:
    """The encoded columns in the schema's order; all names share one dictionary, so that they can be compared."""
    further = _kinds(tables)
    kinds = {name: FIELDS[name].kind if name in FIELDS else further[name] for name in _arranged(coded)}
    named = {name: coded[name] for name, kind in kinds.items() if kind is Kind.NAME}
    groups = [{name: coded[name]} for name in kinds if name not in named] + ([named] if named else [])
    columns: dict[str, Column] = {}
    for group in at_once(lambda group: encode.columns(kinds, group), groups):
        columns |= group
    return {name: columns[name] for name in kinds}


def _arranged(names: Iterable[str]) -> list[str]:
    """Canonical fields in the order of the schema, then further ones by name."""
    given = set(names)
    return [name for name in FIELDS if name in given] + sorted(given - FIELDS.keys())


def _rejected(tables: Sequence[_Table], usable: BoolArray) -> pl.DataFrame:
    """The rows that are no records, in the order of their lists and files."""
    rows: list[tuple[str, int, str, str]] = []
    start = 0
    for table in tables:
        places = table.order[~usable[start : start + table.frame.height]]
        start += table.frame.height
        for cells in table.frame[places].sort("row").iter_rows(named=True):
            read = {name: str(cell) for name, cell in cells.items() if name != "row" and cell is not None}
            rows.append((table.plan.name, cells["row"], UNUSABLE, json.dumps(read, ensure_ascii=False)))
    schema = {"list": pl.String, "row": pl.UInt32, "reason": pl.String, "content": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")
