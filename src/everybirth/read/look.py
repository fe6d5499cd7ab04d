"""What `init` sees of a list: where the header of each file stands, which columns may be read, what is in the way."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from everybirth.errors import EverybirthError, ReadError
from everybirth.plan import ListPlan
from everybirth.read.excel import GroupedHeaderError
from everybirth.read.profile import date_format
from everybirth.read.rows import header_again, stacked
from everybirth.read.sources import PARQUET, TEXT, open_source
from everybirth.read.table import Source
from everybirth.read.vocabulary import heading
from everybirth.schema import refused

_HEADER_ROWS = 10  # rows in which a header is looked for
_TITLE_CELLS = 8  # a row with more cells than this is no title above a header
_PARTED = re.compile(r"[^\w\s.,()'’/?-]|\w\s{2,}\w")  # what hardly stands in the name of a single column
_DAY_DIGITS = 3  # a day has as many at least: 1 Jan 24
_NUMBER = re.compile(r"[-+]?[\d.,\s]*\d[\d.,\s]*")


@dataclass(frozen=True, slots=True)
class Look:
    """The files of one list, under one another.

    frame      the columns that may be read, each under a name that only it has in every file
    rows       rows of the files, those too that have more or fewer cells than the header
    refused    (column, category)
    remarks    what a person should know, without any value
    """

    frame: pl.DataFrame
    rows: int
    header_row: int
    refused: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]


def look_at(paths: Sequence[Path]) -> Look:
    """Read all that may be read of the files of one list.

    paths    at least one
    Raises   ReadError  if a file cannot be read, has no header that says which column is which, or has it elsewhere
                        than the first
    """
    looks = [_look_at_file(path) for path in paths]
    first = looks[0]
    for path, one in zip(paths, looks, strict=True):
        if one.header_row != first.header_row:
            raise ReadError(
                f"{path}: its header is in row {one.header_row}, that of {paths[0].name} in row {first.header_row}. "
                "Files of one list need it in the same row."
            )
    if len(looks) == 1:
        return first
    common = [name for name in first.frame.columns if all(name in one.frame.columns for one in looks)]
    partly = list(dict.fromkeys(name for one in looks for name in one.frame.columns if name not in common))
    remarks = [f"{path.name}: {remark}" for path, one in zip(paths, looks, strict=True) for remark in one.remarks]
    remarks += [f"not in every file, so not used: {', '.join(partly)}"] if partly else []
    return Look(
        frame=stacked([one.frame.select(common) for one in looks]),
        rows=sum(one.rows for one in looks),
        header_row=first.header_row,
        refused=tuple(dict.fromkeys(pair for one in looks for pair in one.refused)),
        remarks=tuple(remarks),
    )


def _look_at_file(path: Path) -> Look:
    source, header_row = _open(path)
    if path.suffix.casefold() in TEXT:
        _check_delimiter(source)
    counts = Counter(source.columns)
    kept = [name for name, count in counts.items() if name and count == 1 and not refused(name)]
    if not kept:
        raise ReadError(f"{path}: its header names no column that may be read. Correct the header.")
    table = source.load(dict.fromkeys(kept, ""))
    frame = table.frame.filter(~header_again(table.frame))
    if path.suffix.casefold() not in PARQUET:
        _check_names(source, header_row, frame)
    remarks = [warning.removeprefix(f"{source.label}: ") for warning in source.warnings]
    remarks += [
        f"{count} columns are named {name!r}: none is used; give each a name of its own"
        for name, count in counts.items()
        if name and count > 1
    ]
    if counts[""] and not _only_last(source):
        remarks.append(f"columns without a name: {counts['']}; they are not used")
    if table.rejects.row:
        remarks.append(
            f"{len(table.rejects.row):,} rows have more or fewer fields than the header: they will be rejected"
        )
    if frame.height < table.frame.height:
        remarks.append(f"rows that repeat the header, and will be rejected: {table.frame.height - frame.height:,}")
    return Look(
        frame=frame,
        rows=table.frame.height + len(table.rejects.row),
        header_row=header_row,
        refused=tuple((name, category) for name in counts if name and (category := refused(name))),
        remarks=tuple(remarks),
    )


def _only_last(source: Source) -> bool:
    """Whether the one column without a name is the last: a delimiter ends each line, and nothing is lost."""
    return "" not in source.columns[:-1]


def _open(path: Path) -> tuple[Source, int]:
    """The file opened at its header: row 1, unless that is a title above a row with more cells and known names."""
    first: tuple[Source, int] | None = None
    failure: EverybirthError | None = None
    grouped: dict[int, GroupedHeaderError] = {}  # by the row that names the columns within the groups
    for header_row in range(1, _HEADER_ROWS + 1):
        part = ListPlan(name=path.stem, path=path.name, id="", columns={}, header_row=header_row)
        try:
            source = open_source(path, part, path.parent)
        except ReadError as error:
            failure = failure or error
            if isinstance(error, GroupedHeaderError):
                grouped[error.names_row] = error
            continue
        known = sum(bool(heading(name, tolerant=False).concepts) for name in source.columns[:200])
        chosen = known >= 2 and (first is None or _cells(source) >= 2 * _cells(first[0]))
        if (first is None or chosen) and header_row in grouped:
            raise ReadError(
                f"{grouped[header_row]} A plan that sets it has to be written by hand: which group a column is in "
                "cannot be guessed."
            )
        _check_persons(source, header_row)
        first = first or (source, header_row)
        if chosen:
            return source, header_row
        if path.suffix.casefold() in PARQUET or _cells(first[0]) > _TITLE_CELLS:
            break
    if first is None:
        raise failure or ReadError(f"{path}: the file cannot be read.")
    return first


def _cells(source: Source) -> int:
    return sum(bool(name) for name in source.columns)


def _check_persons(source: Source, row: int) -> None:
    """Raise if a row says "child, -, mother, -" above the columns: their own names then leave open whose they are."""
    persons = {
        person
        for name, following in zip(source.columns, source.columns[1:], strict=False)
        if name and not following
        for person in _bare_persons(name)
    }
    all_named = {person for name in source.columns if name for person in _bare_persons(name)}
    if persons and len(all_named) > 1:
        raise ReadError(
            f"{source.label}: row {row} says whose the columns below it are, so no single row names them. Write whole "
            'names in one row, such as "mother name".'
        )


def _bare_persons(name: str) -> frozenset[str]:
    said = heading(name, tolerant=False)
    return said.persons if not said.concepts and not said.unknown else frozenset()


def _check_delimiter(source: Source) -> None:
    """Raise if the header is one cell that looks like the names of several columns."""
    if len(source.columns) == 1 and _PARTED.search(source.columns[0]):
        raise ReadError(
            f"{source.label}: its header is a single cell, so what parts the columns was not recognised. Save the file "
            'with commas, or write the plan by hand and say there, for instance, delimiter = "~".'
        )


def _check_names(source: Source, header_row: int, frame: pl.DataFrame) -> None:
    """Raise if the header is a row of data: dates, numbers, and values that stand again below them.

    frame   without rows that repeat the header as a whole

    No cell is told, since it may be a person's.
    """
    names = [name for name in source.columns if name]
    days = [name for name in names if sum(map(str.isdigit, name)) >= _DAY_DIGITS and date_format([name]).share == 1]
    alike = {*days, *(name for name in names if _NUMBER.fullmatch(name)), *_recurring(frame)}
    known = sum(bool(heading(name, tolerant=False).concepts) for name in names if name not in alike)
    if days or len(alike) > known:
        raise ReadError(
            f"{source.label}: row {header_row} looks like data, not like the names of columns: of its {len(names)} "
            f"cells {len(alike)} are dates, numbers or values that stand again below. Add a row with the names of the "
            "columns above it."
        )


def _recurring(frame: pl.DataFrame) -> list[str]:
    """The columns in which the column's own name stands as a value; in a single column it is the header again."""
    texts = [column for column in frame.get_columns() if column.dtype == pl.String] if frame.width > 1 else []
    return [column.name for column in texts if (column.str.strip_chars() == column.name).any()]
