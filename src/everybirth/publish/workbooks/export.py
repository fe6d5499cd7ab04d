"""The workbooks of a run, one for each area; none that an office filled in is ever written over unread."""

import hashlib
import json
from collections.abc import Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any
from unicodedata import combining, normalize

import polars as pl

from everybirth.errors import PlanError
from everybirth.progress import Progress, silent
from everybirth.publish.access_log import log_access, read_access
from everybirth.publish.files import RunDir
from everybirth.publish.findings.kinds import NOT_REGISTERED
from everybirth.publish.workbooks.book import Content, laid_out, workbook_bytes
from everybirth.publish.workbooks.choose import Chosen, choose, limit_for, prepared
from everybirth.publish.workbooks.names import file_names
from everybirth.publish.workbooks.told import told
from everybirth.publish.workbooks.words import Words, words_of

FOLDER = "findings"
WRITTEN = f"{FOLDER}/written.json"  # file -> SHA-256 as we wrote it: another one was filled in since
WRITERS = 8  # threads: they mostly wait for the disk
ASIDE = f"{FOLDER}/filled-in"
SHOWN = 20  # areas named in one message
RUN_LETTERS = 12  # of the plan's fingerprint that a workbook states


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written.

    run        fingerprint of the run's plan
    decided    ids of findings with a decision since the run
    areas      None: all
    limit      most findings in a workbook; 0: so many that all workbooks are written in some seconds
    occasion   for the log: which command
    """

    run: str
    decided: Sequence[str] = ()
    areas: Sequence[str] | None = None
    language: str = "en"
    limit: int = 0
    occasion: str = "run"


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    files      area -> path of its workbook
    findings   how many findings they hold; waiting: how many open ones they do not
    aside      workbooks that had been filled in but not taken back, where they are now
    """

    files: dict[str, Path]
    findings: int
    waiting: int
    aside: tuple[Path, ...] = field(default=())

    def summary(self) -> str:
        """What was written, in plain words."""
        lines = [f"Workbooks: {len(self.files):,}. Findings in them: {self.findings:,}."]
        if self.waiting:
            lines.append(f"{self.waiting:,} more wait until those are settled: each workbook says how many.")
        lines += [f"  {path}" for path in self.files.values()]
        return "\n".join([*lines, *self.warnings()])

    def warnings(self) -> list[str]:
        """One sentence for each workbook that was kept aside."""
        return [
            f"{path}: this workbook was filled in and not taken back, so it was kept. "
            f"Take it in: everybirth findings import {_quoted(path.parents[2])} {_quoted(path)}"
            for path in self.aside
        ]

    def to_json(self) -> dict[str, object]:
        """The same as JSON values."""
        return {
            "workbooks": self.files,
            "findings": self.findings,
            "waiting": self.waiting,
            "kept_aside": list(self.aside),
        }


def write_workbooks(folder: RunDir, findings: pl.DataFrame, order: Order, progress: Progress = silent) -> Exported:
    """Write a workbook for each area into findings/, and log that.

    folder    of the run, held
    findings  findings.parquet
    Raises    PlanError  if an area that was asked for has no findings, or there is no such language
    """
    area = prepared(findings, ["area"])["area"]
    areas = area.unique().sort().to_list()
    names = file_names(areas)
    wanted = areas if order.areas is None else _asked(order.areas, areas)
    asked = findings if order.areas is None else findings.filter(area.is_in(wanted))
    limit = order.limit or limit_for(len(wanted))
    chosen = choose(asked, pl.Series(order.decided, dtype=pl.String), limit)
    about = (words_of(order.language), limit, f"everybirth findings 1 / {order.run[:RUN_LETTERS]} / {order.language}")
    books = {}
    for done, one in enumerate(_contents(chosen, wanted, about[0])):
        progress("workbooks", done, len(wanted))
        books[f"{names[one.area]}.xlsx"] = workbook_bytes(one, about)
    progress("workbooks", len(wanted), len(wanted))
    obsolete = _written(folder.path).keys() - {f"{name}.xlsx" for name in names.values()}
    _log(folder, chosen.findings, wanted, order.occasion)  # first: a full disk must not leave names that nobody logged
    aside = _replace(folder, books, obsolete if order.areas is None else set())
    files = {area: folder.path / FOLDER / f"{names[area]}.xlsx" for area in wanted}
    return Exported(files, chosen.findings.height, int(chosen.progress["waiting"].sum()), tuple(aside))


def _replace(folder: RunDir, books: Mapping[str, bytes], obsolete: Set[str]) -> list[Path]:
    """Put workbooks in the place of earlier ones, and remove those of areas that are no more.

    Returns  where those are that were filled in and not taken back
    """
    before, taken_in = _written(folder.path), _taken_in(folder.path)
    aside = [path for file in sorted({*books, *obsolete}) for path in _make_room(folder, file, before, taken_in)]
    digests = {file: [hashlib.sha256(content).hexdigest()] for file, content in books.items()}
    # First what is there and what will be: if this is cut short, neither is taken for one that somebody filled in.
    folder.write_json(WRITTEN, {file: [*before.get(file, ()), *digests.get(file, ())] for file in {*before, *digests}})
    for file in obsolete:
        (folder.path / FOLDER / file).unlink(missing_ok=True)
    with ThreadPoolExecutor(WRITERS) as writers:
        for _ in writers.map(lambda file: folder.write(f"{FOLDER}/{file}", partial(_put, books[file])), books):
            pass  # raises what went wrong in the first that failed
    folder.write_json(WRITTEN, {file: made for file, made in (before | digests).items() if file not in obsolete})
    return aside


def _contents(chosen: Chosen, areas: Sequence[str], words: Words) -> list[Content]:
    """What the workbook of each area holds."""
    findings = laid_out(told(chosen.findings, words))
    cells = findings.to_dict(as_series=False)
    kinds: dict[str, dict[str, dict[str, list[Any]]]] = {area: {} for area in areas}
    begin = 0
    for area, kind, size in findings.group_by("area", "kind", maintain_order=True).len().iter_rows():
        kinds[area][kind] = {column: values[begin : begin + size] for column, values in cells.items()}
        begin += size
    progress: dict[str, list[tuple[str, int, int, int, int]]] = {area: [] for area in areas}
    for area, *line in chosen.progress.select("area", "kind", "here", "waiting", "decided", "settled").iter_rows():
        progress[area].append(tuple(line))
    return [Content(area, kinds[area], progress[area]) for area in areas]


def _put(content: bytes, part: Path) -> None:
    part.write_bytes(content)


def _quoted(path: Path) -> str:
    """A path as a command line takes it."""
    return f'"{path}"' if " " in str(path) else str(path)


def _asked(asked: Sequence[str], areas: Sequence[str]) -> list[str]:
    for area in asked:
        if area not in areas:
            message = f'--area "{area}": there are no findings in such an area. {_hint(area, areas)}'
            raise PlanError(message)
    return sorted(set(asked))


def _hint(area: str, areas: Sequence[str]) -> str:
    """The area that is most like one that was asked for, whatever its case and accents; else which there are."""
    spelt = {_plain(one): one for one in areas}
    near = get_close_matches(_plain(area), spelt, n=1, cutoff=0.6)
    if near:
        return f'Did you mean "{spelt[near[0]]}"?'
    if not areas:
        return "No area has any."
    more = f" and {len(areas) - SHOWN:,} more" if len(areas) > SHOWN else ""
    return f"There are: {', '.join(areas[:SHOWN])}{more}."


def _plain(text: str) -> str:
    """Without accents, in lower case."""
    return "".join(sign for sign in normalize("NFKD", text.casefold()) if not combining(sign))


def _written(path: Path) -> dict[str, list[str]]:
    """File -> SHA-256 of what we wrote there last; two of them if writing was cut short."""
    try:
        content = json.loads((path / WRITTEN).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _taken_in(path: Path) -> set[str]:
    """SHA-256 of every file that was imported whole, without a problem."""
    return {
        file["sha256"]
        for line in read_access(path)
        if line["what"] == "import"
        for file in line.get("files", ())
        if not file.get("problems")
    }


def _make_room(folder: RunDir, file: str, written: Mapping[str, list[str]], taken_in: set[str]) -> list[Path]:
    """Move a workbook aside if somebody filled it in and it was not taken back; returns where to."""
    path = folder.path / FOLDER / file
    if not path.is_file():
        return []
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest in written.get(file, ()) or digest in taken_in:
        return []
    number = 1
    while (target := folder.path / ASIDE / f"{path.stem}-{number}.xlsx").exists():
        number += 1
    target.parent.mkdir(parents=True, exist_ok=True)
    path.rename(target)
    return [target]


def _log(folder: RunDir, findings: pl.DataFrame, areas: Sequence[str], occasion: str) -> None:
    """Note how many findings, and how many children that are not registered, the workbook of each area is to hold."""
    children = pl.col("kind") == NOT_REGISTERED
    counted = findings.group_by("area").agg(pl.len().alias("findings"), children.sum().alias("unregistered_children"))
    counts = {row["area"]: row for row in counted.iter_rows(named=True)}
    names = ("findings", "unregistered_children")
    each = {area: {name: counts.get(area, {}).get(name, 0) for name in names} for area in areas}
    whole = {name: sum(numbers[name] for numbers in each.values()) for name in names}
    log_access(folder, "export", {"by": occasion, "areas": each, **whole})
