"""Excel and OpenDocument workbooks: typed cells from one sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import python_calamine as calamine

from everybirth.errors import ReadError
from everybirth.plan import ListPlan
from everybirth.read.table import FileTable, Source, nearest
from everybirth.read.typed import typed_column

SEARCHED = 20  # rows in which a header is looked for when it is not where it should be


class GroupedHeaderError(ReadError):
    """A row with merged cells stands above the names of the columns and says whose they are, or what about."""

    def __init__(self, message: str, names_row: int) -> None:
        """names_row: the row, from 1, that seems to hold the names of the columns."""
        super().__init__(message)
        self.names_row = names_row


@dataclass(frozen=True, slots=True)
class Sheet:
    """All cells of a sheet, from its row 1 on, and its merged ranges as ((row, column), (row, column)), from 0."""

    name: str
    cells: list[list[object]]
    merged: list[tuple[tuple[int, int], tuple[int, int]]]


def read_sheet(path: Path, name: str, label: str) -> Sheet:
    """One sheet of a workbook, the first if `name` is empty.

    Raises   ReadError  if the file is no workbook, is locked by a password, or has no such sheet
    """
    if path.stat().st_size == 0:
        raise ReadError(f"{label}: the file is empty (0 bytes). Export it again.")
    try:
        with calamine.CalamineWorkbook.from_path(path) as book:
            names = book.sheet_names
            if name and name not in names:
                raise ReadError(
                    f'{label}: there is no sheet "{name}". {nearest(name, names)} Correct sheet in the plan.'
                )
            if not names:
                raise ReadError(f"{label}: the workbook has no sheet. Export it again.")
            sheet = book.get_sheet_by_name(name or names[0])
            cells: list[list[object]] = [list(row) for row in sheet.to_python(skip_empty_area=False)]
            return Sheet(sheet.name, cells, sheet.merged_cell_ranges or [])
    except calamine.PasswordError:
        raise ReadError(f"{label}: the workbook is locked by a password. Save a copy without one.") from None
    except (calamine.CalamineError, OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ReadError(
            f"{label}: not a readable Excel workbook ({reason}). Save it again as .xlsx or as CSV."
        ) from None


def open_excel(path: Path, part: ListPlan, label: str) -> Source:
    """Open one sheet of a workbook.

    Raises   ReadError  as `read_sheet`, and if the header row is merged, empty or beyond the sheet
    """
    sheet = read_sheet(path, part.sheet, label)
    place = f'{label}, sheet "{sheet.name}"'
    columns = _header(sheet, part.header_row, place)
    rows = _SheetRows(sheet, columns, part.header_row)
    return Source(label=place, columns=columns, load=rows.load, advice=rows.advice)


def _header(sheet: Sheet, header_row: int, place: str) -> tuple[str, ...]:
    if header_row > len(sheet.cells) or not any(_name(cell) for cell in sheet.cells[header_row - 1]):
        filled = next((i + 1 for i, row in enumerate(sheet.cells) if any(_name(cell) for cell in row)), 0)
        advice = f"The first filled row is {filled}: set header_row." if filled else "The sheet is empty: set sheet."
        raise ReadError(f"{place}: there is no header in row {header_row}. {advice}")
    names = [_name(cell) for cell in sheet.cells[header_row - 1]]
    at = header_row - 1
    touching = [one for one in sheet.merged if one[0][0] <= at <= one[1][0]]
    if any(left != right or bottom > at for (_, left), (bottom, right) in touching):
        raise _merged(touching, sum(map(bool, names)), place)
    for (top, left), _ in touching:
        if left < len(names):  # merged downwards, ending in the header row: the name stands in the top cell
            names[left] = _name(sheet.cells[top][left])
    return tuple(names)


def _merged(touching: Sequence[tuple[tuple[int, int], tuple[int, int]]], filled: int, place: str) -> ReadError:
    """The error for a header with merged cells; a single filled cell is a title, more are groups of columns."""
    top = min(begin[0] for begin, _ in touching) + 1
    last = max(bottom + 1 + (left != right) for (_, left), (bottom, right) in touching)
    message = (
        f"{place}: cells of the header are merged (rows {top} to {last}), so columns have no names. "
        f"If the names of the columns are in row {last}, set header_row = {last}; else undo the merging."
    )
    across = any(left != right for (_, left), (_, right) in touching)
    return GroupedHeaderError(message, last) if across and filled > 1 else ReadError(message)


def _name(cell: object) -> str:
    return " ".join(str(cell).split())


@dataclass(frozen=True, slots=True)
class _SheetRows:
    """A sheet from which wanted columns are loaded; rows without any cell are passed over."""

    sheet: Sheet
    columns: tuple[str, ...]
    header: int

    def advice(self, missing: Sequence[str]) -> str:
        for row, cells in enumerate(self.sheet.cells[:SEARCHED], start=1):
            if row != self.header and set(missing) <= {_name(cell) for cell in cells}:
                return f"They are in row {row} (a title or a second header stands above): set header_row = {row}."
        return "If the header is in another row, set header_row; if in another sheet, set sheet."

    def load(self, wanted: Mapping[str, str]) -> FileTable:
        places = {name: place for place, name in enumerate(self.columns)}
        below = self.sheet.cells[self.header :]
        kept = [place for place, cells in enumerate(below) if any(cell not in ("", None) for cell in cells)]
        frame = pl.DataFrame(
            [
                typed_column(name, [_cell(below[place], places[name]) for place in kept], date_format)
                for name, date_format in wanted.items()
            ]
        )
        return FileTable(frame, pl.Series("row", [place + self.header + 1 for place in kept], dtype=pl.UInt32))


def _cell(cells: Sequence[object], place: int) -> object:
    cell = cells[place] if place < len(cells) else None
    return None if isinstance(cell, str) and not cell.strip() else cell
