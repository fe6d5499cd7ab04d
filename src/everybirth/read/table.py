"""What every kind of file is turned into: a source with columns, and the table that is loaded from it."""

import difflib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

REJECTED_SCHEMA = {"list": pl.String, "row": pl.UInt32, "reason": pl.String, "content": pl.String}


@dataclass(frozen=True, slots=True)
class Rejects:
    """Rows of one file that could not be split into its columns: what they hold is not known, and not kept.

    row, reason   (n_rejected,) row number, why
    """

    row: tuple[int, ...] = ()
    reason: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileTable:
    """The wanted columns of one file.

    frame     one row per row that has as many cells as the header, under the file's own column names; empty cells null
    row       (height,) UInt32, number of each row in its file (the header is row 1)
    rejects   the other rows
    """

    frame: pl.DataFrame
    row: pl.Series
    rejects: Rejects = Rejects()


@dataclass(frozen=True, slots=True)
class Source:
    """One file, opened as far as its header.

    label     how messages name it
    columns   names in the header, in order, blanks around them taken off
    load      wanted column -> date format in the plan (or "") -> the table; reads no other column
    advice    what to do if columns are not those expected, e.g. "The header may be in row 3: set header_row = 3."
    """

    label: str
    columns: tuple[str, ...]
    load: Callable[[Mapping[str, str]], FileTable]
    warnings: tuple[str, ...] = ()
    advice: Callable[[Sequence[str]], str] = lambda missing: ""


def row_numbers(first: int, count: int) -> pl.Series:
    """UInt32 row numbers first, first + 1, ... (count,)."""
    return pl.int_range(first, first + count, dtype=pl.UInt32, eager=True).alias("row")


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence that names what is most like `name` among `known`."""
    names = sorted(set(known))
    by_case = {other.casefold(): other for other in names}
    near = difflib.get_close_matches(name.casefold(), list(by_case), n=3, cutoff=0.5)
    if near:
        return "Nearest: " + ", ".join(f'"{by_case[other]}"' for other in near) + "."
    shown = ", ".join(f'"{other}"' for other in names[:12])
    return f"There are: {shown}{' ...' if len(names) > 12 else ''}." if names else "There are none."


def as_json(value: object) -> str:
    """JSON text of cells, dates in ISO form."""
    return json.dumps(value, ensure_ascii=False, default=str)
