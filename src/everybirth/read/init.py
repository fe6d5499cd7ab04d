"""A first plan for files that nobody has described yet: guessed, written out, and commented for a person to check."""

import json
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from everybirth.errors import EverybirthError, PlanError, ReadError
from everybirth.plan import MAX_LISTS, REGISTER, ListPlan
from everybirth.read.guess import Guess, guess_fields, guess_id
from everybirth.read.sources import PARQUET, open_source
from everybirth.read.table import Source
from everybirth.read.vocabulary import heading
from everybirth.schema import FIELDS, Kind, column_words, refused

_HEADER_ROWS = 10  # rows in which a header is looked for
_TITLE_CELLS = 8  # a row with more cells than this is no title above a header
_REGISTER = re.compile("regist|inscri|etat civil|acte|acta|conservator|crvs|户籍|户口|登记|戶籍|登記")


@dataclass(frozen=True, slots=True)
class ListGuess:
    """What was guessed about one file."""

    name: str
    file: str  # relative to the plan
    rows: int
    id: str
    register: bool
    header_row: int
    fields: tuple[Guess, ...]
    left_out: tuple[str, ...]  # columns that are not mapped
    refused: tuple[tuple[str, str], ...]  # (column, category)
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InitReport:
    """The plan that was written, and what it rests on; `unusable` holds (file, why) of files left out."""

    path: Path
    lists: tuple[ListGuess, ...]
    unusable: tuple[tuple[str, str], ...]

    def summary(self) -> str:
        """What was found, in plain words."""
        lines = [f"Wrote {self.path}: {len(self.lists)} list{'s' if len(self.lists) != 1 else ''}. Please check it."]
        for one in self.lists:
            doubtful = sum(bool(guess.remarks) for guess in one.fields)
            role = ", taken as the civil register" if one.register else ""
            lines.append(
                f"  {one.name} ({one.file}): {one.rows:,} rows, {len(one.fields)} fields mapped, {doubtful} to check, "
                f"{len(one.left_out)} columns left out, {len(one.refused)} refused{role}."
            )
        lines += [f"  {file}: left out. {why}" for file, why in self.unusable]
        return "\n".join(lines)


def write_first_plan(files: Sequence[Path], output: Path) -> InitReport:
    """See `everybirth.read.init_plan`."""
    if not files:
        raise PlanError("init: no file was given. Name the lists, e.g. everybirth init hospital.csv register.xlsx")
    if len(files) > MAX_LISTS:
        raise PlanError(f"init: {len(files)} files; at most {MAX_LISTS} lists can be linked at once.")
    found: list[ListGuess] = []
    unusable: list[tuple[str, str]] = []
    for path in files:
        relative = _relative(path, output)
        one = _look_at(path, relative)
        if any(guess.field == "birth_date" or FIELDS[guess.field].kind is Kind.NAME for guess in one.fields):
            name = _unique(_list_name(path), [other.name for other in found])
            first_register = one.register and not any(other.register for other in found)
            found.append(replace(one, name=name, register=first_register))
        else:
            unusable.append((relative, "No column was recognised as a name or a date of birth."))
    if not found:
        names = ", ".join(file for file, _ in unusable)
        raise ReadError(
            f"init: no column with a name or a date of birth was recognised in {names}. Write the plan by hand."
        )
    report = InitReport(output, tuple(found), tuple(unusable))
    output.write_text(_render(report), encoding="utf-8", newline="\n")
    return report


def _relative(path: Path, output: Path) -> str:
    try:
        return Path(os.path.relpath(path.resolve(), output.resolve().parent)).as_posix()
    except ValueError:  # another drive
        return path.resolve().as_posix()


def _list_name(path: Path) -> str:
    return re.sub(r"\W+", "_", path.stem.casefold()).strip("_") or "list"


def _unique(name: str, taken: Sequence[str]) -> str:
    candidates = [name, *(f"{name}_{number}" for number in range(2, MAX_LISTS + 2))]
    return next(candidate for candidate in candidates if candidate not in taken)


def _look_at(path: Path, relative: str) -> ListGuess:
    if not path.is_file():
        raise ReadError(f"{path}: there is no such file.")
    source, header_row = _open(path)
    counts = Counter(source.columns)
    turned_away = [(name, category) for name in counts if name and (category := refused(name))]
    kept = [name for name, count in counts.items() if name and count == 1 and not refused(name)]
    if not kept:
        raise ReadError(f"{path}: its header names no column that may be read. Correct the header.")
    table = source.load(dict.fromkeys(kept, ""))
    fields = guess_fields(table.frame)
    id_column = guess_id(table.frame, fields)
    remarks = [warning.removeprefix(f"{path.name}: ") for warning in source.warnings]
    remarks += [
        f"{count} columns are named {name!r}: none is used" for name, count in counts.items() if name and count > 1
    ]
    if table.rejects.row:
        remarks.append(
            f"{len(table.rejects.row):,} rows have more or fewer fields than the header: they will be rejected"
        )
    taken = {id_column, *(guess.column for guess in fields)}
    return ListGuess(
        name="",
        file=relative,
        rows=table.frame.height + len(table.rejects.row),
        id=id_column,
        register=bool(_REGISTER.search(" ".join(column_words(path.stem)))),
        header_row=header_row,
        fields=tuple(fields),
        left_out=tuple(name for name in kept if name not in taken),
        refused=tuple(turned_away),
        remarks=tuple(remarks),
    )


def _open(path: Path) -> tuple[Source, int]:
    """The file opened at its header: row 1, unless that is a title above a row with more cells and known names."""
    first: tuple[Source, int] | None = None
    failure: EverybirthError | None = None
    for header_row in range(1, _HEADER_ROWS + 1):
        part = ListPlan(name=path.stem, path=path.name, id="", columns={}, header_row=header_row)
        try:
            source = open_source(path, part, path.parent)
        except ReadError as error:
            failure = failure or error
            continue
        first = first or (source, header_row)
        known = sum(bool(heading(name, tolerant=False).concepts) for name in source.columns[:200])
        if known >= 2 and (source is first[0] or _cells(source) >= 2 * _cells(first[0])):
            return source, header_row
        if path.suffix.casefold() in PARQUET or _cells(first[0]) > _TITLE_CELLS:
            break
    if first is None:
        raise failure or ReadError(f"{path}: the file cannot be read.")
    return first


def _cells(source: Source) -> int:
    return sum(bool(name) for name in source.columns)


def _render(report: InitReport) -> str:
    lines = [
        "# The plan: which lists, which column is which. Written by `everybirth init` from the names and values of",
        "# the columns. Please check each line; fields without a remark were recognised with little doubt.",
    ]
    for one in report.lists:
        lines += ["", *_render_list(one)]
    for file, why in report.unusable:
        lines += ["", f"# {_comment(file)} is left out. {why}"]
    return "\n".join(lines) + "\n"


def _render_list(one: ListGuess) -> list[str]:
    lines = [f"[lists.{_key(one.name)}]", f"path = {_quoted(one.file)}  # {one.rows:,} rows"]
    lines.append(f"id = {_quoted(one.id)}" + ("" if one.id else "  # no column names each record: its row number does"))
    if one.register:
        lines.append(
            f"role = {_quoted(REGISTER)}  # guessed from the file's name: completeness is measured for this list"
        )
    if one.header_row > 1:
        lines.append(f"header_row = {one.header_row}")
    lines += [f"# {_comment(remark)}" for remark in one.remarks]
    lines += _render_covers(one)
    lines += ["", f"[lists.{_key(one.name)}.columns]"]
    for guess in one.fields:
        remark = f"  # {_comment('; '.join(guess.remarks))}" if guess.remarks else ""
        lines.append(f"{guess.field} = {_render_column(guess)}{remark}")
    if one.left_out:
        lines.append("# Not used (map them above, or under .extra, if they help to tell births apart):")
        lines += [f"#   {_comment(name)}" for name in one.left_out[:40]]
        lines += [f"#   and {len(one.left_out) - 40} more"] if len(one.left_out) > 40 else []
    if one.refused:
        lines.append("# Refused, never read:")
        lines += [f"#   {_comment(name)} ({category})" for name, category in one.refused]
    return lines


def _render_covers(one: ListGuess) -> list[str]:
    sites = {code for guess in one.fields if guess.field == "site" for code in guess.codes.values()}
    if len(sites) == 1:
        (site,) = sites
        said = f"# The rows looked at are all of site {site}. If it can hold no other, take off the # below."
        return [said, f"# covers = {{ site = {_quoted(site)} }}"]
    return ["# If the list cannot hold some births at all, say which it can, e.g.:", '# covers = { site = "facility" }']


def _render_column(guess: Guess) -> str:
    if not guess.format and not guess.codes:
        return _quoted(guess.column)
    parts = [f"column = {_quoted(guess.column)}"]
    if guess.format:
        parts.append(f"format = {_quoted(guess.format)}")
    if guess.codes:
        codes = ", ".join(f"{_key(value)} = {_quoted(code)}" for value, code in sorted(guess.codes.items()))
        parts.append(f"codes = {{ {codes} }}")
    return f"{{ {', '.join(parts)} }}"


def _key(text: str) -> str:
    return text if re.fullmatch("[A-Za-z0-9_-]+", text) else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _comment(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)
