"""everybirth.toml: lists, columns, areas, options; read and validated."""

import codecs
import datetime as dt
import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from everybirth.errors import PlanError
from everybirth.schema import FIELDS, Kind, refused

MAX_LISTS = 20
REGISTER = "civil-register"


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """Where a canonical field is found in a list, and how its values are written."""

    column: str
    format: str = ""  # strptime format of a date; empty: ISO or recognised from the values
    calendar: str = "gregorian"
    codes: dict[str, str] = field(default_factory=dict)  # value in the file -> standard code ("1" -> "male")
    kind: str = ""  # only for an extra column: name, category, number, date, code


@dataclass(frozen=True, slots=True)
class ListPlan:
    """One list of births."""

    name: str
    path: str  # relative to the plan; a file or a glob
    id: str  # column with the record's id in this list; empty: the row number is the id
    columns: dict[str, ColumnPlan]
    extra: dict[str, ColumnPlan] = field(default_factory=dict)
    covers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    role: str = ""  # "civil-register" or empty
    encoding: str = ""  # empty: recognised
    delimiter: str = ""  # empty: recognised
    sheet: str = ""  # Excel: empty: the first
    header_row: int = 1
    table: str = ""  # for an SQL URL


MOST_DRAWS = 32_767  # of the linkage, each numbered in two bytes


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """Options of linking: what is kept, how often it is drawn."""

    draws: int = 100
    pair_floor: float = 0.01  # pairs below this probability are not kept in pairs.parquet


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole plan. Sections whose steps are not configured are empty dicts."""

    path: Path
    lists: tuple[ListPlan, ...]
    link: LinkPlan = LinkPlan()
    areas: dict[str, str] = field(default_factory=dict)
    estimate: dict[str, object] = field(default_factory=dict)
    safeguards: dict[str, object] = field(default_factory=dict)


def load(path: str | Path) -> Plan:
    """Read and validate a plan.

    path     the plan's TOML file
    Returns  the plan; list paths stay relative to it
    Raises   PlanError  if the file is missing or is not TOML, or if anything in it is unknown, of the wrong type,
             out of range, refused, or lacking
    """
    path = Path(path)
    content = _parse(path)
    _known(content, ("lists", "areas", "estimate", "safeguards", "link"), "")
    tables = _table(content.get("lists", {}), "lists")
    if not tables:
        raise PlanError(f"{path}: the plan names no list. Add at least one [lists.NAME] with a path and columns.")
    if len(tables) > MAX_LISTS:
        raise PlanError(f"{path}: {len(tables)} lists; at most {MAX_LISTS} can be linked at once. Take some out.")
    lists = tuple(_list(name, table) for name, table in tables.items())
    registers = [part.name for part in lists if part.role == REGISTER]
    if len(registers) > 1:
        found = " and ".join(registers)
        raise PlanError(f'lists: {found} all have role = "{REGISTER}". Only one list can be the register.')
    return Plan(
        path=path,
        lists=lists,
        link=LinkPlan(**_options(content, "link", _LINK)),
        areas=_options(content, "areas", _AREAS),
        estimate=_estimate(content),
        safeguards=_options(content, "safeguards", _SAFEGUARDS),
    )


def digest(plan: Plan) -> str:
    """SHA-256, in hexadecimal, of what a plan says: not of its layout, comments or place on the disk."""
    content = asdict(plan)
    del content["path"]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _parse(path: Path) -> dict[str, Any]:
    if path.is_dir():
        raise PlanError(f"{path} is a folder. Give the plan itself, e.g. {path / 'everybirth.toml'}.")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise PlanError(f"{path}: there is no such plan.{_beside(path)}") from None
    except OSError as error:
        raise PlanError(f"{path}: the plan cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError as error:
        raise PlanError(f"{path}: not UTF-8 at byte {error.start + 1}. Save the plan as UTF-8 text.") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        hint = ' In paths write "/" instead of "\\".' if "\\" in str(error) or "hex" in str(error) else ""
        raise PlanError(f"{path}: not valid TOML: {error}.{hint}") from None


def _beside(path: Path) -> str:
    try:
        names = [other.name for other in path.parent.iterdir() if other.suffix == ".toml"]
    except OSError:
        return f" There is no folder {path.parent} either."
    near = difflib.get_close_matches(path.name, names, n=1, cutoff=0.4) or sorted(names)[:1]
    return f" Did you mean {path.parent / near[0]}?" if near else " `everybirth init FILE...` writes one."


def _known(table: Mapping[str, object], known: Iterable[str], place: str) -> None:
    names = tuple(known)
    for key in table:
        if key in names:
            continue
        near = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
        hint = f'Did you mean "{near[0]}"?' if near else f"Known here: {', '.join(names)}."
        raise PlanError(f"{_at(place, key)}: unknown key. {hint}")


def _at(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _table(value: object, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise PlanError(f"{place}: found {_said(value)}; a table is needed, as in [{place}].")
    return value


def _said(value: object) -> str:
    names = {
        str: "a text",
        bool: "true or false",
        int: "a whole number",
        float: "a number",
        list: "a list",
        dict: "a table",
    }
    return names.get(type(value), f"a {type(value).__name__}")


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise PlanError(f'{place}: found {_said(value)}; a text in quotation marks is needed, e.g. {place} = "...".')
    return value


def _whole(low: int, high: int) -> Callable[[object, str], int]:
    def check(value: object, place: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            got = value if isinstance(value, int) and not isinstance(value, bool) else _said(value)
            raise PlanError(f"{place}: found {got}; a whole number from {low} to {high} is needed.")
        return value

    return check


def _number(low: float, high: float) -> Callable[[object, str], float]:
    def check(value: object, place: str) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
            got = value if isinstance(value, int | float) and not isinstance(value, bool) else _said(value)
            raise PlanError(f"{place}: found {got}; a number from {low:g} to {high:g} is needed.")
        return float(value)

    return check


def _one_of(*known: str) -> Callable[[object, str], str]:
    def check(value: object, place: str) -> str:
        text = _text(value, place)
        if text not in known:
            named = ", ".join(filter(None, known))  # an empty one says the same as leaving the key out
            raise PlanError(f'{place}: "{text}" is not one of {named}.{_near(text, known)}')
        return text

    return check


def _near(text: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(text, list(known), n=1, cutoff=0.5)
    return f' Did you mean "{near[0]}"?' if near else ""


def _some_of(*known: str) -> Callable[[object, str], tuple[str, ...]]:
    def check(value: object, place: str) -> tuple[str, ...]:
        one = _one_of(*known)
        return tuple(one(item, place) for item in (value if isinstance(value, list) else [value]))

    return check


def _day(value: object, place: str) -> dt.date:
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    raise PlanError(f"{place}: not a date. Write it as {place} = 2024-01-31.")


def _level(value: object, place: str) -> int | str:
    return value if isinstance(value, str) else _whole(0, 20)(value, place)


METHODS = (
    *("lincoln-petersen", "chapman", "no-highest-order", "loglinear-independence", "loglinear-bic", "loglinear-aic"),
    *("loglinear-bic-average", "loglinear-stepwise", "decomposable-average", "decomposable-average-saturated"),
    *("latent-class", "sample-coverage"),
)
_Checks = Mapping[str, Callable[[object, str], Any]]
_LINK: _Checks = {"draws": _whole(1, MOST_DRAWS), "pair_floor": _number(1e-9, 1.0)}
_AREAS: _Checks = {"hierarchy": _text, "shapes": _text}
_ESTIMATE: _Checks = {
    "by": _some_of("area", "period", "sex", "site"),
    "period": _one_of("month", "year", "none"),
    "register_within_days": _whole(0, 36_525),
    "sex_ratio": _number(0.5, 2.0),
    "sex_ratio_sd": _number(0.0, 1.0),
    "from": _day,
    "to": _day,
    "area_level": _level,
    "methods": _some_of(*METHODS),
}
_SAFEGUARDS: _Checks = {
    "purpose": _text,
    "threshold": _whole(1, 1000),
    "epsilon": _number(1e-6, 100.0),
    "retention_days": _whole(1, 36_525),
}


def _options(content: Mapping[str, object], section: str, checks: _Checks) -> dict[str, Any]:
    table = _table(content.get(section, {}), section)
    _known(table, checks, section)
    return {key: checks[key](value, f"{section}.{key}") for key, value in table.items()}


def _estimate(content: Mapping[str, object]) -> dict[str, object]:
    options: dict[str, Any] = _options(content, "estimate", _ESTIMATE)
    if "from" in options and "to" in options and options["from"] > options["to"]:
        raise PlanError(f"estimate: from ({options['from']}) is later than to ({options['to']}). Exchange them.")
    return options


_LIST_TEXTS = ("path", "id", "role", "encoding", "delimiter", "sheet", "table")


def _list(name: str, value: object) -> ListPlan:
    place = f"lists.{name}"
    if not re.fullmatch(r"\w[\w-]*", name):
        raise PlanError(f'{place}: the name of a list is made of letters, digits, "_" and "-".')
    table = _table(value, place)
    for key in table:
        if key in FIELDS:
            raise PlanError(f"{place}.{key}: a column is named under [{place}.columns].")
    _known(table, (*_LIST_TEXTS, "covers", "header_row", "columns", "extra"), place)
    texts = {key: _text(table[key], f"{place}.{key}") for key in _LIST_TEXTS if key in table}
    if not texts.get("path"):
        raise PlanError(f'{place}: no path. Add path = "file.csv" (relative to the plan).')
    columns = _columns(_table(table.get("columns", {}), f"{place}.columns"), f"{place}.columns")
    if not any(key == "birth_date" or FIELDS[key].kind is Kind.NAME for key in columns):
        raise PlanError(
            f"{place}: neither a name nor birth_date is mapped. Under [{place}.columns] say which column holds it, "
            'e.g. birth_date = "dob".'
        )
    texts = {"id": "", **texts}
    _check_texts(texts, place)
    return ListPlan(
        name=name,
        columns=columns,
        extra=_extra(_table(table.get("extra", {}), f"{place}.extra"), f"{place}.extra"),
        covers=_covers(_table(table.get("covers", {}), f"{place}.covers"), f"{place}.covers"),
        header_row=_whole(1, 1000)(table.get("header_row", 1), f"{place}.header_row"),
        **texts,
    )


def _check_texts(texts: Mapping[str, str], place: str) -> None:
    if "role" in texts:
        _one_of(REGISTER, "")(texts["role"], f"{place}.role")
    if texts.get("encoding"):
        try:
            codecs.lookup(texts["encoding"])
        except LookupError:
            known = ("utf-8", "utf-16", "gb18030", "latin-1", "cp1252")
            raise PlanError(
                f'{place}.encoding: "{texts["encoding"]}" is no known encoding. Usual ones: {", ".join(known)}.'
            ) from None
    delimiter = texts.get("delimiter", "")
    if delimiter and (len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n'):
        raise PlanError(f'{place}.delimiter: one character is needed, e.g. ",", ";" or "\\t".')
    is_url = "://" in texts["path"]
    if is_url and not texts.get("table"):
        raise PlanError(f'{place}: the path is a database. Add table = "NAME".')
    if is_url and not texts["id"]:
        raise PlanError(f'{place}: rows of a database have no number. Add id = "COLUMN".')
    _not_refused(texts["id"], f"{place}.id")


def _not_refused(name: str, place: str) -> None:
    category = refused(name)
    if category:
        raise PlanError(
            f'{place}: "{name}" is refused ({category}): everybirth never reads such a column. Take it out; '
            "if the column holds something else, rename it."
        )


def _columns(table: Mapping[str, object], place: str) -> dict[str, ColumnPlan]:
    for key in table:
        if key not in FIELDS:
            _not_refused(key, f"{place}.{key}")
    _known(table, FIELDS, place)
    return {key: _column(value, f"{place}.{key}", FIELDS[key].kind, FIELDS[key].codes) for key, value in table.items()}


def _extra(table: Mapping[str, object], place: str) -> dict[str, ColumnPlan]:
    columns = {}
    for key, value in table.items():
        here = f"{place}.{key}"
        _not_refused(key, here)
        if key in FIELDS:
            raise PlanError(f"{here}: this is a field of its own. Move it to [{place.removesuffix('extra')}columns].")
        kinds = tuple(Kind)
        if not isinstance(value, dict) or "kind" not in value:
            raise PlanError(
                f'{here}: write {key} = {{ column = "...", kind = "..." }}, kind one of {", ".join(kinds)}.'
            )
        columns[key] = _column(value, here, Kind(_one_of(*kinds)(value["kind"], f"{here}.kind")), None)
    return columns


def _column(value: object, place: str, kind: Kind, standard: tuple[str, ...] | None) -> ColumnPlan:
    if isinstance(value, str):
        value = {"column": value}
    if not isinstance(value, dict):
        raise PlanError(f'{place}: found {_said(value)}; write "COLUMN" or {{ column = "COLUMN", ... }}.')
    _known(value, ("column", "format", "calendar", "codes", *(("kind",) if standard is None else ())), place)
    texts = {key: _text(value[key], f"{place}.{key}") for key in value if key != "codes"}
    if not texts.get("column", "").strip():
        raise PlanError(f'{place}: no column. Write {{ column = "COLUMN", ... }}.')
    _not_refused(texts["column"], place)
    if kind is not Kind.DATE and ("format" in texts or "calendar" in texts):
        raise PlanError(f"{place}: only a date has a format or a calendar. Take it out.")
    if texts.get("format") and "%" not in texts["format"]:
        raise PlanError(f'{place}.format: "{texts["format"]}" holds no "%". 31/12/2025 is written "%d/%m/%Y".')
    codes = _table(value.get("codes", {}), f"{place}.codes")
    check = _one_of(*standard, "") if standard else _text
    return ColumnPlan(**texts, codes={key: check(code, f"{place}.codes.{key}") for key, code in codes.items()})


def _covers(table: Mapping[str, object], place: str) -> dict[str, tuple[str, ...]]:
    known = (*(name for name, part in FIELDS.items() if part.kind in (Kind.CATEGORY, Kind.CODE)), "area", "period")
    _known(table, known, place)
    covers = {}
    for key, value in table.items():
        values = value if isinstance(value, list) else [value]
        if not values:
            raise PlanError(
                f"{place}.{key}: an empty list covers no birth at all. Name what it covers, or take it out."
            )
        check = _one_of(*FIELDS[key].codes) if key in FIELDS and FIELDS[key].codes else _text
        covers[key] = tuple(check(item, f"{place}.{key}") for item in values)
    return covers
