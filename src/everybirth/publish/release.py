"""The release: every table that a run publishes, disclosure-controlled, and the files that hold it.

The report and other exports are built from `read_release` alone, so that they can be made again after the records of
the run are gone.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from everybirth.errors import ReadError
from everybirth.publish.files import RunDir
from everybirth.publish.safe_text import csv_column, csv_text
from everybirth.publish.table_columns import heading
from everybirth.publish.table_texts import HOW_HIDDEN, NOISY

FOLDER = "tables"
INDEX = "index.json"
WORKBOOK = "tables.xlsx"
HIDDEN = ".."  # stands in the files where a number is hidden, or could not be estimated
TOTAL = "total"  # key value of a margin


@dataclass(frozen=True, slots=True)
class Table:
    """One published table.

    keys      names of the columns that say what a row is about: String, never null; a margin has the value "total"
    counts    names of the columns of counts: Int64, null where hidden
    figures   names of all other columns: Float64 (null where hidden or not estimated) or String
    frame     the keys, counts and figures, in this order
    title, notes   English texts, which are also the keys for their translation; a note may hold {threshold} and {few}
    """

    name: str
    keys: tuple[str, ...]
    counts: tuple[str, ...]
    figures: tuple[str, ...]
    frame: pl.DataFrame
    notes: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """All tables of a run.

    tables     name -> table, in the order in which they are shown
    omitted    name of what is not published -> why, in English
    threshold  counts from 1 to one less than this are hidden
    hidden     name of table -> how many of its counts are hidden
    about      what the tables rest on: version, plan, seed, lists, register, period, method of protection ...
    """

    tables: dict[str, Table]
    omitted: dict[str, str]
    threshold: int
    hidden: dict[str, int] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)


def in_words(note: str, release: Release) -> str:
    """A note with its figures filled in."""
    last = release.threshold - 1
    few = f"from 1 to {last}" if last > 1 else str(last)  # with a threshold of 1 only a 0 that tells is hidden
    return note.replace("{threshold}", str(release.threshold)).replace("{few}", few)


def general_notes(release: Release) -> tuple[str, ...]:
    """What is true of every table: how counts are protected. English texts."""
    return (NOISY,) if release.about.get("protection") == "noise" else HOW_HIDDEN


def write_release(folder: RunDir, release: Release) -> None:
    """Write a CSV file for each table, one workbook of all, and an index that says what they are.

    The index is written last. Tables of an earlier run that this one has not are removed.
    """
    from everybirth.publish.release_book import write_book

    for table in release.tables.values():
        folder.write_text(f"{FOLDER}/{table.name}.csv", _csv(table))
    folder.write(f"{FOLDER}/{WORKBOOK}", lambda part: write_book(part, release))
    folder.write_json(f"{FOLDER}/{INDEX}", _index(release))
    for file in (folder.path / FOLDER).glob("*.csv"):
        if file.stem not in release.tables:
            file.unlink()


def read_release(path: Path) -> Release:
    """Read the release of a run.

    path     the run's folder
    Raises   ReadError  if it has no tables, or if they cannot be read as `write_release` wrote them
    """
    index = path / FOLDER / INDEX
    try:
        content = json.loads(index.read_text(encoding="utf-8"))
        tables = {name: _read_table(path / FOLDER, name, content["tables"][name]) for name in content["order"]}
        return Release(tables, content["omitted"], content["threshold"], content["hidden"], content["about"])
    except FileNotFoundError as error:
        raise ReadError(
            f"{error.filename}: there is no such file. `everybirth run PLAN --out {path}` writes the tables."
        ) from None
    except (OSError, KeyError, TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise ReadError(
            f"{index.parent}: the tables are not as everybirth wrote them ({type(error).__name__}). "
            f"`everybirth run PLAN --out {path}` writes them again."
        ) from None


def _index(release: Release) -> dict[str, Any]:
    return {
        "order": list(release.tables),
        "tables": {
            name: {
                "file": f"{name}.csv",
                "title": table.title,
                "notes": [in_words(note, release) for note in table.notes],
                "texts": list(table.notes),
                "keys": table.keys,
                "counts": table.counts,
                "figures": table.figures,
                "headings": {column: heading(name, column) for column in table.frame.columns},
                "text_figures": [name for name in table.figures if table.frame[name].dtype == pl.String],
                "rows": table.frame.height,
                "respelled": _respelled(table),
            }
            for name, table in release.tables.items()
        },
        "omitted": release.omitted,
        "threshold": release.threshold,
        "hidden": release.hidden,
        "about": release.about,
    }


def _csv(table: Table) -> str:
    """The table as CSV (UTF-8, commas, texts in quotation marks and never a formula)."""
    return csv_text(table.frame.with_columns(pl.col(pl.String).fill_null("")), null=HIDDEN)


def _respelled(table: Table) -> dict[str, dict[str, str]]:
    """Column -> row -> text, where the CSV cannot hold the text as it is: so that reading gives back what was."""
    found = {}
    for name in table.frame.columns:
        if table.frame[name].dtype == pl.String:
            rows = (table.frame[name] != csv_column(table.frame[name])).arg_true().to_list()
            if rows:
                found[name] = {str(row): table.frame[name][row] for row in rows}
    return found


def _read_table(folder: Path, name: str, about: Mapping[str, Any]) -> Table:
    keys, counts, figures = (tuple(about[role]) for role in ("keys", "counts", "figures"))
    texts = {*keys, *about["text_figures"]}
    read = pl.read_csv((folder / about["file"]).read_bytes(), infer_schema=False)
    frame = read.select(  # a text may itself be "..": only numbers are looked through for what is hidden
        *(pl.col(column).fill_null("") if column in texts else _number(column) for column in (*keys, *counts, *figures))
    ).cast(dict.fromkeys(counts, pl.Int64))
    for column, rows in about["respelled"].items():
        values = frame[column].to_list()
        for row, text in rows.items():
            values[int(row)] = text
        frame = frame.with_columns(pl.Series(column, values, dtype=pl.String))
    if frame.height != about["rows"]:
        raise ValueError(name)
    return Table(name, keys, counts, figures, frame, tuple(about["texts"]), about["title"])


def _number(column: str) -> pl.Expr:
    shown = pl.when(pl.col(column) != HIDDEN).then(pl.col(column))
    return shown.cast(pl.Float64).alias(column)
