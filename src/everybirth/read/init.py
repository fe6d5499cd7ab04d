"""A first plan for files that nobody has described yet: guessed, written out, and commented for a person to check."""

import glob
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from everybirth.errors import PlanError, ReadError
from everybirth.plan import MAX_LISTS, REGISTER
from everybirth.progress import Progress, silent
from everybirth.read.guess import Guess, IdGuess, guess_fields, guess_id
from everybirth.read.lists import matching
from everybirth.read.look import look_at
from everybirth.read.profile import refused_by_values
from everybirth.read.rows import total_rows
from everybirth.schema import FIELDS, Kind, column_words

_REGISTER = re.compile("regist|inscri|etat civil|acte|acta|conservator|crvs|户籍|户口|登记|戶籍|登記")


@dataclass(frozen=True, slots=True)
class ListGuess:
    """What was guessed about one list."""

    name: str
    file: str  # or a pattern of several; relative to the plan
    rows: int
    id: IdGuess
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


def write_first_plan(files: Sequence[Path], output: Path, progress: Progress = silent) -> InitReport:
    """See `everybirth.read.init_plan`."""
    if not files:
        raise PlanError("init: no file was given. Name the lists, e.g. everybirth init hospital.csv register.xlsx")
    if len(files) > MAX_LISTS:
        raise PlanError(f"init: {len(files)} files; at most {MAX_LISTS} lists can be linked at once.")
    _each_once(files)
    found: list[ListGuess] = []
    unusable: list[tuple[str, str]] = []
    for done, path in enumerate(files):
        progress("look", done, len(files))
        relative = _relative(path, output)
        one = _guess_list(path, relative)
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
    progress("look", len(files), len(files))
    report = InitReport(output, tuple(found), tuple(unusable))
    output.write_text(_render(report), encoding="utf-8", newline="\n")
    return report


def _relative(path: Path, output: Path) -> str:
    try:
        return Path(os.path.relpath(path.resolve(), output.resolve().parent)).as_posix()
    except ValueError:  # another drive
        return path.resolve().as_posix()


def _called(path: Path) -> str:
    """What says what the list is: a file's name, or for a pattern that of its folder too."""
    return path.stem if path.is_file() else f"{path.absolute().parent.name} {path.stem}"


def _list_name(path: Path) -> str:
    return re.sub(r"\W+", "_", _called(path).casefold()).strip("_") or "list"


def _unique(name: str, taken: Sequence[str]) -> str:
    candidates = [name, *(f"{name}_{number}" for number in range(2, MAX_LISTS + 2))]
    return next(candidate for candidate in candidates if candidate not in taken)


def _files(path: Path) -> list[Path]:
    """The file, or those that a pattern stands for: they are one list."""
    if path.is_file():
        return [path]
    if path.is_dir():
        raise PlanError(f"init: {path} is a folder. Name a file in it, or all as one list by '{path}/*.csv'.")
    if not glob.has_magic(str(path)):
        raise PlanError(f"init: {path}: there is no such file.")
    found = matching(path.absolute())
    if not found:
        raise PlanError(f"init: no file matches {path}. Correct the pattern.")
    return found


def _each_once(files: Sequence[Path]) -> None:
    """Raise if a file is in two of the lists: each birth in it would be found twice."""
    named: dict[Path, Path] = {}
    for path in files:
        for file in {one.resolve() for one in _files(path)}:
            if file in named:
                raise PlanError(f"init: {path} and {named[file]} are one file. Name each file once.")
            named[file] = path


def _guess_list(path: Path, relative: str) -> ListGuess:
    files = _files(path)
    look = look_at(files)
    refused = {name: why for name in look.frame.columns if (why := refused_by_values(look.frame[name]))}
    frame = look.frame.drop(refused)
    fields = guess_fields(frame)
    found = guess_id(frame, fields)
    taken = {found.column, *(guess.column for guess in fields)}
    totals = int(total_rows(frame, {guess.field: guess.column for guess in fields}).sum())
    remarks = [f"rows that are totals, not births, and will be rejected: {totals:,}"] if totals else []
    return ListGuess(
        name="",
        file=relative,
        rows=look.rows,
        id=found,
        register=bool(_REGISTER.search(" ".join(column_words(_called(path))))),
        header_row=look.header_row,
        fields=tuple(fields),
        left_out=tuple(name for name in frame.columns if name not in taken),
        refused=(*look.refused, *refused.items()),
        remarks=(*look.remarks, *remarks),
    )


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
    why = one.id.flaw or "no column names each record"  # counts, no value
    lines.append(
        f"id = {_quoted(one.id.column)}"
        + ("" if one.id.column else f"  # {_comment(why)}, so records are numbered by row")
    )
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
