"""What an office wrote into a workbook, read from whatever its sheets have become.

Columns are known by their headings in any of the languages, wherever they stand; the column of ids also by what it
holds, and that of decisions too. Rows may be sorted, filtered, deleted or repeated. What cannot be understood becomes
an answer with a problem, so that nothing an office wrote is lost.
"""

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import python_calamine as calamine

from everybirth.errors import ReadError
from everybirth.publish.workbooks.words import OFFICE, column_of, decision_of

Cell = str | float | int | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None

FINDING_ID = re.compile(r"F[0-9A-HJKMNP-TV-Z]{13}")
MARK = re.compile(r"everybirth findings 1 / ([0-9a-f]+) / ")  # on the first sheet: which run it is from
SEARCHED = 30  # rows in which the headings are looked for
FEWEST = 2  # headings known in a row, for it to be the row of headings
HEADINGS = "Put the row of headings back as it was in the workbook that was sent, and import again."


@dataclass(frozen=True, slots=True)
class Answer:
    """One row that an office filled in.

    value      the right value, as the cell holds it
    content    the whole row, heading by heading
    problem    why it cannot be taken in, "" if it can; remedy: what to do about it
    digest     SHA-256 of the file: several may have the same name
    records    the records that the row names, "" if it names none
    """

    file: str
    sheet: str
    row: int
    finding_id: str
    decision: str
    value: Cell
    note: str
    who: str
    content: str
    problem: str = ""
    remedy: str = ""
    digest: str = ""
    records: str = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """A workbook that came back.

    digest    SHA-256 of the file, hexadecimal
    run       the run that it is from, "" if it does not say
    notices   what was passed over although it is not empty
    """

    file: str
    digest: str
    run: str
    answers: tuple[Answer, ...]
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet's rows, from `first` on (1 is the top), and which column is what.

    file, digest   as Returned has them
    """

    file: str
    digest: str
    name: str
    first: int
    rows: Sequence[Sequence[Cell]]
    head: int | None  # index into rows
    columns: dict[str, tuple[int, ...]]
    others: tuple[int, ...]  # columns that nobody but the office can have filled


def read_returned(path: Path) -> Returned:
    """Read all that was written into a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods).

    Raises   ReadError  if the file cannot be opened as a workbook
    """
    answers: list[Answer] = []
    notices: list[str] = []
    run = ""
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        with calamine.CalamineWorkbook.from_path(path) as book:
            for name in book.sheet_names:
                page = book.get_sheet_by_name(name)
                rows = list(page.iter_rows())
                first = page.start[0] + 1 if page.start else 1
                marked = _mark(rows)
                run = run or marked
                sheet = _sheet((path.name, digest), name, first, rows)
                if sheet is not None:
                    answers += _answers(sheet)
                    notices += _unread_columns(sheet)
                elif not marked and any(_text(cell) for row in rows for cell in row):
                    notices.append(f'{path.name}, sheet "{name}": no findings in it; it was passed over.')
    except calamine.PasswordError:
        raise ReadError(f"{path}: the workbook is locked by a password. Save a copy without one.") from None
    except PermissionError:
        raise ReadError(f"{path}: this file may not be read. Ask its owner for permission, or for a copy.") from None
    except (calamine.CalamineError, OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ReadError(f"{path}: not a readable workbook ({reason}). Save it as .xlsx and import again.") from None
    return Returned(path.name, digest, run, tuple(answers), tuple(notices))


def _sheet(file: tuple[str, str], name: str, first: int, rows: Sequence[Sequence[Cell]]) -> _Sheet | None:
    """The sheet with its columns recognised; None if there is no finding in it.

    file   its name, and its SHA-256
    """
    head = _head(rows)
    named: dict[str, list[int]] = {}
    for place, cell in enumerate(rows[head] if head is not None else ()):
        key = column_of(_text(cell)) if _text(cell) else None
        if key is not None:
            named.setdefault(key, []).append(place)
    body = rows[0 if head is None else head + 1 :]
    taken = {place for places in named.values() for place in places}
    free = [place for place in range(max((len(row) for row in rows), default=0)) if place not in taken]
    if "finding_id" not in named:
        counts = Counter(place for row in body for place in free if _is_id(_at(row, place)))
        if not counts and not ({"decision", "found"} <= named.keys()):
            return None
        named["finding_id"] = [place for place, _ in counts.most_common(1)]
        free = [place for place in free if place not in named["finding_id"]]
    if "decision" not in named:
        named["decision"] = [place for place in free if _all_decisions(body, place)][:1]
        free = [place for place in free if place not in named["decision"]]
    columns = {key: tuple(places) for key, places in named.items()}
    return _Sheet(*file, name, first, rows, head, columns, tuple(free))


def _head(rows: Sequence[Sequence[Cell]]) -> int | None:
    """The row with the most known headings."""
    known = [len({column_of(_text(cell)) for cell in row if _text(cell)} - {None}) for row in rows[:SEARCHED]]
    best = max(range(len(known)), key=lambda place: known[place], default=0)
    return best if known and known[best] >= FEWEST else None


def _all_decisions(body: Sequence[Sequence[Cell]], place: int) -> bool:
    written = {text for row in body if (text := _text(_at(row, place)))}
    return bool(written) and all(decision_of("", text) for text in written)


def _answers(sheet: _Sheet) -> list[Answer]:
    answers = []
    begin = 0 if sheet.head is None else sheet.head + 1
    for number, row in enumerate(sheet.rows[begin:], start=sheet.first + begin):
        answer = _answer(sheet, number, row)
        if answer is not None:
            answers.append(answer)
    return answers


def _answer(sheet: _Sheet, number: int, row: Sequence[Cell]) -> Answer | None:
    """What the row says, or None if the office wrote nothing into it."""
    found = {key: _distinct(row, sheet.columns.get(key, ())) for key in ("finding_id", "records", *OFFICE)}
    nowhere = not sheet.columns["decision"]
    stray = nowhere and any(_text(_at(row, place)) for place in sheet.others)
    if not (found["decision"] or found["corrected_value"] or found["note"] or stray):
        return None
    problem, remedy = "", ""
    if sheet.head is None:
        problem, remedy = "The sheet has no row of headings, so its columns cannot be told apart.", HEADINGS
    elif nowhere:
        problem, remedy = 'The sheet has no column headed "Decision".', HEADINGS
    elif any(len(cells) > 1 for cells in found.values()):
        twice = next(key for key, cells in found.items() if len(cells) > 1)
        heading = {"finding_id": "Finding", "corrected_value": "Right value"}.get(twice, twice.capitalize())
        problem, remedy = f'Two columns headed "{heading}" say different things.', "Delete the wrong one, import again."
    elif not found["finding_id"]:
        problem = "The row has no id of a finding."
        remedy = "Copy the id from the workbook that was sent, or enter the decision there; import again."
    one = {key: cells[0] if cells else None for key, cells in found.items()}
    return Answer(
        file=sheet.file,
        sheet=sheet.name,
        row=number,
        finding_id=_text(one["finding_id"]).upper(),
        decision=_text(one["decision"]),
        value=one["corrected_value"],
        note=_text(one["note"]),
        who=_text(one["who"]),
        content=_whole(sheet, row),
        problem=problem,
        remedy=remedy,
        digest=sheet.digest,
        records=_text(one["records"]),
    )


def _distinct(row: Sequence[Cell], places: tuple[int, ...]) -> list[Cell]:
    """The different cells that are not empty among some places of a row."""
    cells: dict[str, Cell] = {}
    for place in places:
        text = _text(_at(row, place))
        if text:
            cells.setdefault(text, _at(row, place))
    return list(cells.values())


def _whole(sheet: _Sheet, row: Sequence[Cell]) -> str:
    head = sheet.rows[sheet.head] if sheet.head is not None else ()
    parts = [(_text(_at(head, place)), _text(cell)) for place, cell in enumerate(row)]
    return "; ".join(f"{heading}: {text}" if heading else text for heading, text in parts if text)


def _unread_columns(sheet: _Sheet) -> list[str]:
    """Say so if there is something in columns that everybirth did not make; the workbook itself still has it."""
    if not sheet.columns["decision"]:
        return [f'{sheet.file}, sheet "{sheet.name}": no column headed "Decision" was found. {HEADINGS}']
    begin = 0 if sheet.head is None else sheet.head + 1
    filled = [place for place in sheet.others if any(_text(_at(row, place)) for row in sheet.rows[begin:])]
    if not filled:
        return []
    some = "one column" if len(filled) == 1 else f"{len(filled)} columns"
    return [f'{sheet.file}, sheet "{sheet.name}": {some} with another heading passed over.']


def _mark(rows: Sequence[Sequence[Cell]]) -> str:
    texts = (_text(cell) for row in rows[:200] for cell in row[:3])
    return next((found[1] for text in texts if (found := MARK.search(text))), "")


def _at(row: Sequence[Cell], place: int) -> Cell:
    return row[place] if place < len(row) else None


def _is_id(cell: Cell) -> bool:
    return isinstance(cell, str) and FINDING_ID.fullmatch(cell.strip().upper()) is not None


def _text(cell: Cell) -> str:
    """A cell as a person reads it."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat(" ") if isinstance(cell, dt.datetime) else cell.isoformat()
    return str(cell).strip()
