"""Published tables as aggregate data values for DHIS2.

A mapping file (TOML) says which column of which table is which data element, which key values are which category option
combination, and which area is which organisation unit. Only tables of the release are read, so that a hidden count is
never sent.

Source: DHIS2 developer guide, "Data values": sets of one period and organisation unit have dataSet, completeDate,
period, orgUnit and attributeOptionCombo; bulks have period and orgUnit in each value, no dataSet and no completeDate.
"""

import csv
import datetime as dt
import io
import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from everybirth.errors import PlanError
from everybirth.publish.release import TOTAL, Release, Table

UID = re.compile(r"[A-Za-z][A-Za-z0-9]{10}")
UNKNOWN = "unknown"
PERIOD = re.compile(r"\d{4}(0[1-9]|1[0-2])?")
CSV_HEAD = ("dataelement", "period", "orgunit", "catoptcombo", "attroptcombo", "value", "strby", "lstupd", "cmt")
_PLACE, _TIME = "place", "time"
_ROLES = {"area": _PLACE, "month": _TIME, "year": _TIME, "birth_year": _TIME}  # keys, or levels of a table with levels
_TOP = ("data_set", "complete_date", "period", "attribute_option_combo", "org_units", "values")
_VALUE = ("table", "column", "data_element", "category_option_combo", "where", "comment")


@dataclass(frozen=True, slots=True)
class ValueMap:
    """One column of a table, or the rows of it that have some key values, as a data element."""

    table: str
    column: str
    data_element: str
    category_option_combo: str = ""
    where: dict[str, str] = field(default_factory=dict)
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Dhis2Map:
    """What a mapping file says; empty texts where it says nothing.

    period     "YYYY" or "YYYYMM", of rows that are not of one month or year; empty: such rows are not sent
    org_units  area, or "total" -> UID
    """

    values: tuple[ValueMap, ...]
    org_units: dict[str, str]
    period: str = ""
    data_set: str = ""
    complete_date: str = ""
    attribute_option_combo: str = ""


@dataclass(frozen=True, slots=True)
class DataValues:
    """Data values, each as DHIS2 names its parts, and what was left out.

    hidden     how many values are hidden in the tables
    unmapped   areas without an organisation unit
    undated    how many rows have no period
    """

    values: tuple[dict[str, str], ...]
    mapping: Dhis2Map
    hidden: int
    unmapped: tuple[str, ...]
    undated: int

    def summary(self) -> str:
        """What is sent and what is not, in plain words."""
        lines = [f"{len(self.values):,} data values."]
        if self.hidden:
            lines.append(f"  not sent, since they are hidden or not estimated: {self.hidden:,}")
        if self.undated:
            lines.append(f'  not sent for want of a period: {self.undated:,}. Add period = "YYYY" to the mapping.')
        if self.unmapped:
            lines.append(f"  areas without an organisation unit in the mapping: {', '.join(self.unmapped)}")
        return "\n".join(lines)


def read_mapping(path: Path) -> Dhis2Map:
    """Read a mapping file.

    Raises   PlanError  if it is not TOML, or holds anything unknown, missing or not of the right form
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PlanError(f"{path}: the mapping cannot be read: {error}.") from None
    _only(content, _TOP, str(path))
    named = _table_of(content.get("org_units", {}), f"{path}: org_units", "[org_units]")
    given = {area: uid for area, uid in named.items() if uid}  # not filled in: not sent
    units = {area: _uid(uid, f"{path}: org_units.{area}") for area, uid in given.items()}
    values = content.get("values", [])
    if not isinstance(values, list):
        raise PlanError(f"{path}: values: one table was found; write [[values]], in two pairs of brackets.")
    if named and values and not units:
        raise PlanError(f"{path}: [org_units]: no UID is filled in. Write the UID of each organisation unit there.")
    if not values or not units:
        raise PlanError(f"{path}: a mapping needs [org_units] and at least one [[values]]. `--init` writes an example.")
    period = str(content.get("period", ""))
    if period and not PERIOD.fullmatch(period):
        raise PlanError(f'{path}: period: found "{period}"; a year or month is needed, as "2024" or "202403".')
    return Dhis2Map(
        values=tuple(_value_map(value, f"{path}: values {k}") for k, value in enumerate(values, 1)),
        org_units=units,
        period=period,
        data_set=_uid(content.get("data_set", ""), f"{path}: data_set", needed=False),
        complete_date=_day(content.get("complete_date", ""), f"{path}: complete_date"),
        attribute_option_combo=_uid(
            content.get("attribute_option_combo", ""), f"{path}: attribute_option_combo", needed=False
        ),
    )


def _table_of(value: object, place: str, written: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise PlanError(f"{place}: found {value!r}; a table is needed. Write {written}.")
    return value


def _only(table: Mapping[str, object], known: tuple[str, ...], place: str) -> None:
    for key in table:
        if key not in known:
            raise PlanError(f"{place}: {key} is not known here. Known: {', '.join(known)}.")


def _uid(value: object, place: str, *, needed: bool = True) -> str:
    if value == "" and not needed:
        return ""
    if not isinstance(value, str) or not UID.fullmatch(value):
        raise PlanError(f"{place}: found {value!r}; a DHIS2 UID is a letter and ten letters or figures.")
    return value


def _day(value: object, place: str) -> str:
    text = value.isoformat() if isinstance(value, dt.date) else str(value)
    try:
        good = not text or dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        good = False
    if not good:
        raise PlanError(f"{place}: found {text!r}; write it as 2025-01-31.")
    return text


def _value_map(given: object, place: str) -> ValueMap:
    value = _table_of(given, place, "[[values]]")
    _only(value, _VALUE, place)
    where = _table_of(value.get("where", {}), f"{place}: where", 'where = { sex = "female" }')
    for key in ("table", "column", "data_element"):
        if not isinstance(value.get(key), str):
            raise PlanError(f'{place}: {key} is missing. Write {key} = "...".')
    return ValueMap(
        table=value["table"],
        column=value["column"],
        data_element=_uid(value["data_element"], f"{place}: data_element"),
        category_option_combo=_uid(
            value.get("category_option_combo", ""), f"{place}: category_option_combo", needed=False
        ),
        where={str(key): str(text) for key, text in where.items()},
        comment=str(value.get("comment", "")),
    )


def data_values(release: Release, mapping: Dhis2Map) -> DataValues:
    """The published figures that a mapping names.

    Raises   PlanError  if the mapping names a table, column or key that is not there, or leaves a key open that is
             neither a place nor a time
    """
    values: list[dict[str, str]] = []
    hidden, undated = 0, 0
    unmapped: set[str] = set()
    for wanted in mapping.values:
        for area, period, figure in _figures(_table(release, wanted), wanted, mapping.period):
            if area not in mapping.org_units:
                unmapped.update({area} - {TOTAL})
            elif not period:
                undated += 1
            elif figure is None:
                hidden += 1
            else:
                values.append(_one(wanted, mapping, (period, mapping.org_units[area]), figure))
    return DataValues(tuple(values), mapping, hidden, tuple(sorted(unmapped)), undated)


def _table(release: Release, wanted: ValueMap) -> Table:
    """The table that is wanted, if everything that is asked of it is there."""
    if wanted.table not in release.tables:
        raise PlanError(
            f"The mapping names the table {wanted.table}, which is not published. There are: "
            f"{', '.join(release.tables)}."
        )
    table = release.tables[wanted.table]
    numbers = [name for name in (*table.counts, *table.figures) if table.frame[name].dtype.is_numeric()]
    if wanted.column not in numbers:
        raise PlanError(f"{wanted.table}: {wanted.column} is no column of figures. There are: {', '.join(numbers)}.")
    for key in wanted.where:
        if key not in table.keys:
            raise PlanError(f"{wanted.table}: {key} is no key. There are: {', '.join(table.keys)}.")
    for key in table.keys:
        if key not in wanted.where and not _role(key, wanted.where):
            raise PlanError(
                f'{wanted.table}: which {key}? Say so in the mapping: where = {{ {key} = "..." }}. Only areas, '
                "months and years may be left open."
            )
    return table


def _figures(table: Table, wanted: ValueMap, period: str) -> Iterator[tuple[str, str, float | None]]:
    """Area, period and figure of each row that is wanted. The total of all times is left out unless it is asked for."""
    roles = {key: _role(key, wanted.where) for key in table.keys}
    for row in table.frame.iter_rows(named=True):
        if any(row[key] != value for key, value in wanted.where.items()):
            continue
        area = next((row[key] for key, role in roles.items() if role == _PLACE), TOTAL)
        if any(row[key] == TOTAL and key not in wanted.where for key, role in roles.items() if role == _TIME):
            continue
        times = [row[key] for key, role in roles.items() if role == _TIME]
        when = next((time.replace("-", "") for time in times if time != TOTAL), period)
        yield area, when if PERIOD.fullmatch(when) else "", row[wanted.column]


def _role(key: str, where: Mapping[str, str]) -> str:
    """Whether a key says where or when; "" for any other, which the mapping must fix."""
    if key == "value":
        key = where.get("level", key)
    return _ROLES.get(key, "")


def _one(wanted: ValueMap, mapping: Dhis2Map, at: tuple[str, str], figure: float) -> dict[str, str]:
    text = str(int(figure)) if float(figure).is_integer() else repr(float(figure))
    parts = {
        "dataElement": wanted.data_element,
        "period": at[0],
        "orgUnit": at[1],
        "categoryOptionCombo": wanted.category_option_combo,
        "attributeOptionCombo": mapping.attribute_option_combo,
        "value": text,
        "comment": wanted.comment,
    }
    return {name: part for name, part in parts.items() if part}


def as_bulk(found: DataValues) -> str:
    """All data values as one JSON text for one request."""
    return json.dumps({"dataValues": list(found.values)}, indent=2, ensure_ascii=False) + "\n"


def as_sets(found: DataValues) -> dict[str, str]:
    """One JSON text for each period and organisation unit, with the data set and the day of its completion.

    Returns   "PERIOD-ORGUNIT" -> text
    Raises    PlanError  if the mapping names no data set
    """
    mapping = found.mapping
    if not mapping.data_set:
        raise PlanError('data_set is missing in the mapping: sets of values need it. Write data_set = "UID".')
    sets: dict[tuple[str, str], list[dict[str, str]]] = {}
    outer = ("period", "orgUnit", "attributeOptionCombo")
    for value in found.values:
        inner = {name: part for name, part in value.items() if name not in outer}
        sets.setdefault((value["period"], value["orgUnit"]), []).append(inner)
    texts = {}
    for (period, unit), values in sorted(sets.items()):
        head = {
            "dataSet": mapping.data_set,
            "completeDate": mapping.complete_date,
            "period": period,
            "orgUnit": unit,
            "attributeOptionCombo": mapping.attribute_option_combo,
        }
        content = {name: part for name, part in head.items() if part} | {"dataValues": values}
        texts[f"{period}-{unit}"] = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    return texts


def as_csv(found: DataValues) -> str:
    """All data values as CSV, in the order of columns that DHIS2 reads."""
    text = io.StringIO()
    rows = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    rows.writerow(CSV_HEAD)
    names = ("dataElement", "period", "orgUnit", "categoryOptionCombo", "attributeOptionCombo", "value")
    for value in found.values:
        rows.writerow([*(value.get(name, "") for name in names), "", "", value.get("comment", "")])
    return text.getvalue()


def write(texts: Mapping[str, str], output: Path | None, *, force: bool) -> None:
    """Write texts to files, or to standard output.

    texts    name -> text; one text named "" goes into the file `output`, others into files NAME.json of the folder
    Raises   PlanError  if a file is there already and may not be written over
    """
    if output is None:
        sys.stdout.write("".join(texts.values()))
        return
    files = {output / f"{name}.json" if name else output: text for name, text in texts.items()}
    there = [str(file) for file in files if file.exists()]
    if there and not force:
        raise PlanError(f"{there[0]} exists. Give another name with --output, or --force to write over it.")
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("utf-8"))


def skeleton(release: Release) -> str:
    """A mapping file to be filled in: every area, and an example of each kind of table."""
    table = release.tables.get("adjusted_births")
    areas = (
        [] if table is None else [row[1] for row in table.frame.iter_rows() if row[0] == "area" and row[1] != UNKNOWN]
    )
    lines = [
        "# Which published figure is which data element of DHIS2. Put in the UIDs; take out what is not wanted.",
        '# data_set = ""                # UID; needed for sets with a day of completion',
        "# complete_date = 2025-01-31",
        '# attribute_option_combo = ""  # UID; left out: the default',
        'period = "2024"               # of figures that are not of one month; "YYYY" or "YYYYMM"',
        "",
        "[org_units]                   # area = UID",
        f'{TOTAL} = ""',
        *(f'{json.dumps(area, ensure_ascii=False)} = ""' for area in areas),
        "",
    ]
    for name, column, where in _EXAMPLES:
        if name in release.tables and column in release.tables[name].frame.columns:
            chosen = ", ".join(f'{key} = "{value}"' for key, value in where.items())
            lines += [
                "[[values]]",
                f'table = "{name}"',
                f'column = "{column}"',
                f"where = {{ {chosen} }}",
                'data_element = ""',
                '# category_option_combo = ""',
                "",
            ]
    return "\n".join(lines)


_EXAMPLES = (
    ("births_by_area_sex", "births", {"sex": "female"}),
    ("births_by_area_sex", "registered", {"sex": "female"}),
    ("births_by_month_sex", "births", {"sex": TOTAL}),
    ("adjusted_births", "births", {"level": "area"}),
    ("adjusted_births", "completeness", {"level": "area"}),
    ("timeliness", "registered", {"level": "area", "delay": "within 30 days"}),
)
