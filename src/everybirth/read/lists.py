"""Read the lists that a plan names: nothing cleaned, nothing lost, refused columns never read."""

import glob
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from everybirth.errors import DataError, ReadError
from everybirth.plan import ListPlan, Plan
from everybirth.read.rows import ReadRows, combine, usable_rows
from everybirth.read.sources import open_source
from everybirth.read.table import REJECTED_SCHEMA, Source, nearest
from everybirth.schema import EXTRA_PREFIX, FIELDS, refused
from everybirth.tables import RawList

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What was read, and what was not.

    lists      in plan order
    rejected   list, row, reason, content (JSON): the rows that cannot be used
    dropped    (list, column) of each refused column that was present; its values were not read
    warnings   sentences for the user
    rows       list name -> rows read: rows in `lists` plus rows in `rejected`
    """

    lists: tuple[RawList, ...]
    rejected: pl.DataFrame
    dropped: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    rows: dict[str, int]


def read_lists(plan: Plan, *, progress: Progress | None = None) -> ReadResult:
    """Read every list of a plan.

    plan      paths are relative to the folder of plan.path
    progress  called with ("read", lists done, lists)
    Raises    ReadError  if a file is missing, broken, or lacks a column
              DataError  if ids stand in several rows; all lists where they do are named
    """
    lists: list[RawList] = []
    rejected = [pl.DataFrame(schema=REJECTED_SCHEMA)]
    repeated: list[str] = []
    dropped: list[tuple[str, str]] = []
    warnings: list[str] = []
    rows: dict[str, int] = {}
    if progress:
        progress("read", 0, len(plan.lists))
    with ThreadPoolExecutor(min(len(plan.lists), pl.thread_pool_size()) or 1) as readers:
        found = readers.map(lambda part: _read_list(part, plan.path.parent), plan.lists)
        for done, (part, read) in enumerate(zip(plan.lists, found, strict=True), start=1):
            lists.append(RawList(part.name, read.frame))
            rejected.append(read.rejected)
            dropped += [(part.name, column) for column in read.refused]
            warnings += read.warnings
            repeated += [read.repeated] if read.repeated else []
            rows[part.name] = read.frame.height + read.rejected.height
            if progress:
                progress("read", done, len(plan.lists))
    if repeated:
        raise DataError("\n".join(repeated))
    return ReadResult(
        lists=tuple(lists),
        rejected=pl.concat(rejected),
        dropped=tuple(dropped),
        warnings=tuple(warnings),
        rows=rows,
    )


@dataclass(frozen=True, slots=True)
class _Read:
    frame: pl.DataFrame
    rejected: pl.DataFrame
    refused: tuple[str, ...]
    warnings: tuple[str, ...]
    repeated: str  # what to say of ids that stand in several rows, "" if none does


def _read_list(part: ListPlan, folder: Path) -> _Read:
    wanted, formats = _wanted(part)
    present: dict[str, None] = {}
    parts: list[ReadRows] = []
    warnings: list[str] = []
    paths = find_files(part, folder)
    for number, path in enumerate(paths, start=1):
        source = open_source(path, part, folder)
        present |= dict.fromkeys(name for name in source.columns if refused(name))
        _check_columns(source, formats, part)
        table = source.load(formats)
        prefix = (f"{source.label}: ", f"{number}-") if len(paths) > 1 or _is_pattern(part, folder) else ("", "")
        parts.append(usable_rows(table, part, wanted, prefix))
        warnings += [f"{part.name}: {warning}" for warning in source.warnings]
    read = combine(parts, part.name)
    total = read.frame.height + read.rejected.height
    if not total:
        warnings.append(f"{part.name}: the list is empty (a header, no rows).")
    elif read.rejected.height * 2 > total:
        warnings.append(
            f"{part.name}: {read.rejected.height:,} of {total:,} rows cannot be used, mostly: "
            f"{read.rejected['reason'].mode().sort()[0]}. Check the columns and the delimiter in the plan."
        )
    repeated = _repeated_ids(read.frame, dict(zip(paths, (each.frame.height for each in parts), strict=True)), part)
    return _Read(read.frame, read.rejected, tuple(present), tuple(warnings), repeated)


def _wanted(part: ListPlan) -> tuple[dict[str, str], dict[str, str]]:
    """Canonical field -> column, and column -> date format; never a refused column."""
    extra = {f"{EXTRA_PREFIX}{name}": column for name, column in part.extra.items()}
    both = {
        name: column
        for name, column in (*part.columns.items(), *extra.items())
        if not refused(column.column) and (name in FIELDS or not refused(name.removeprefix(EXTRA_PREFIX)))
    }
    wanted = {name: column.column.strip() for name, column in both.items()}
    formats = {column.column.strip(): column.format for column in both.values()}
    if part.id and not refused(part.id):
        formats.setdefault(part.id.strip(), "")
    return wanted, formats


def _is_pattern(part: ListPlan, folder: Path) -> bool:
    return "://" not in part.path and not (folder / part.path).exists() and glob.has_magic(part.path)


def find_files(part: ListPlan, folder: Path) -> list[Path | None]:
    """The files of a list, by name; None stands for a database.

    Raises   ReadError  if there is none; names those that are most like it
    """
    if "://" in part.path:
        return [None]
    path = (folder / part.path).absolute()
    if path.is_dir():
        raise ReadError(f"list {part.name}: {part.path} is a folder. Name a file in it, or all by {part.path}/*.csv.")
    if path.exists():
        return [path]
    if _is_pattern(part, folder):
        found = matching(path)
        if not found:
            raise ReadError(f"list {part.name}: no file matches {part.path} (relative to the plan). Correct path.")
        return list(found)
    if not path.parent.is_dir():
        raise ReadError(f"list {part.name}: there is no folder {Path(part.path).parent} beside the plan. Correct path.")
    others = [other.name for other in path.parent.iterdir() if other.is_file()]
    raise ReadError(
        f"list {part.name}: there is no file {part.path} (paths are relative to the plan). {nearest(path.name, others)}"
    )


def matching(pattern: Path) -> list[Path]:
    """The files that an absolute path with wildcards stands for, in the order in which a list has them."""
    root = Path(pattern.anchor)
    return sorted(name for name in root.glob(str(pattern.relative_to(root))) if name.is_file())


def _check_columns(source: Source, formats: dict[str, str], part: ListPlan) -> None:
    missing = [name for name in formats if name not in source.columns]
    if missing:
        allowed = [name for name in source.columns if name and not refused(name)]
        if len(missing) == len(formats):  # what was taken for a header may be a person's row: it is not repeated
            allowed = [name for name in allowed if name.casefold() in {wanted.casefold() for wanted in missing}]
        near = nearest(missing[0], allowed) if allowed else "None of the plan's columns is there: look at header_row."
        named = ", ".join(f'"{name}"' for name in missing)
        raise ReadError(
            f"{source.label}: there {'are no columns' if len(missing) > 1 else 'is no column'} {named} (list "
            f"{part.name}). {near} {source.advice(missing)}".strip()
        )
    for name in formats:
        places = [str(place) for place, column in enumerate(source.columns, start=1) if column == name]
        if len(places) > 1:
            raise ReadError(
                f'{source.label}: {len(places)} columns are named "{name}" (columns {", ".join(places)}). '
                "Give each a name of its own in the header."
            )


def _repeated_ids(frame: pl.DataFrame, heights: Mapping[Path | None, int], part: ListPlan) -> str:
    """What to say of ids that stand in several rows; the heights are those of the files under one another."""
    ids = frame["record_id"]
    # Hashes are compared first: they are four times as fast, and equal ones are looked into.
    if ids.hash().n_unique() == len(ids) or ids.n_unique() == len(ids):
        return ""
    paths, ends = list(heights), np.cumsum(list(heights.values()))
    repeated = frame.filter(ids.is_duplicated())
    places = (ids == repeated["record_id"][0]).arg_true().to_numpy()[:3]
    rows = zip((paths[file] for file in np.searchsorted(ends, places, side="right")), frame["row"][places], strict=True)
    names = [f"{path.name} row {row:,}" if path else f"row {row:,}" for path, row in rows]
    count = repeated["record_id"].n_unique()
    many = f'{count:,} ids in column "{part.id}" stand' if count > 1 else f'1 id in column "{part.id}" stands'
    return (
        f"{part.name}: {many} in more than one row "
        f'(first: {" and ".join(names)}). Each record needs an id of its own: correct the file, or set id = "" '
        "to number records by row."
    )
