"""Take filled-in workbooks back: decisions go into decisions.jsonl, what cannot be read into a workbook to mend."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from everybirth.errors import DataError, ReadError
from everybirth.progress import Progress, silent
from everybirth.publish.access_log import log_access, now, user
from everybirth.publish.decisions import COLUMNS as DECISION_COLUMNS
from everybirth.publish.decisions import FILE as DECISIONS
from everybirth.publish.decisions import append_decisions, read_decisions
from everybirth.publish.files import RUN_RECORD, RunDir, check_free
from everybirth.publish.findings.kinds import OPEN, VERIFIED
from everybirth.publish.workbooks.accept import Accepted, Decision, Earlier, Known, accept
from everybirth.publish.workbooks.choose import LIMIT, prepared
from everybirth.publish.workbooks.export import FOLDER, Exported, Order, write_workbooks
from everybirth.publish.workbooks.problems import write_problems
from everybirth.publish.workbooks.returned import Answer, Returned, read_returned

SHOWN = 8  # row numbers named in one message


@dataclass(frozen=True, slots=True)
class Standing:
    """How many findings are open, how many of these came back, how many are decided, and how many a run has settled."""

    open: int
    came_back: int
    decided: int
    settled: int

    def __str__(self) -> str:
        return f"{self.open:,} open ({self.came_back:,} came back), {self.decided:,} decided, {self.settled:,} settled"


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of some workbooks.

    decisions      taken in; changed: how many of them differ from an earlier decision
    unchanged      answers that were known already
    outdated       answers that were known already, and overruled since by another workbook: left as they are
    problems       answers that could not be taken in
    problems_file  where those are kept, or None
    notices        what else there is to know, one sentence each
    unreadable     files that could not be opened, one sentence each
    standing       how far the work is now, all areas together
    areas          the same for each area that decisions were taken in from
    """

    files: int
    decisions: int
    changed: int
    unchanged: int
    outdated: int
    problems: tuple[Answer, ...]
    problems_file: Path | None
    notices: tuple[str, ...]
    unreadable: tuple[str, ...]
    standing: Standing
    areas: dict[str, Standing]

    def summary(self) -> str:
        """What became of the workbooks, in plain words."""
        lines = [f"{self.decisions:,} decisions taken in from {self.files:,} files; {self.unchanged:,} known already."]
        if self.changed:
            lines.append(f"  {self.changed:,} of them change an earlier decision.")
        if self.outdated:
            lines.append(f"  {self.outdated:,} others were overruled since by another workbook, and left so.")
        if self.decisions:
            lines.append("They count at the next run.")
        lines.append(f"Findings: {self.standing}.")
        lines += [f"  {area}: {standing}" for area, standing in self.areas.items()]
        return "\n".join(lines)

    def warnings(self) -> list[str]:
        """What needs somebody's attention: one message for each sheet and problem, with the rows' numbers."""
        rows: dict[tuple[str, str, str, str], list[int]] = defaultdict(list)
        for one in self.problems:
            rows[one.file, one.sheet, one.problem, one.remedy].append(one.row)
        lines = [*self.unreadable, *self.notices]
        for (file, sheet, problem, remedy), numbers in rows.items():
            more = f" and {len(numbers) - SHOWN} more" if len(numbers) > SHOWN else ""
            which = f"row{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers[:SHOWN]))}{more}"
            lines.append(f'{file}, sheet "{sheet}", {which}: {problem} {remedy}')
        if self.problems_file is not None:
            lines.append(f"The {len(self.problems):,} rows not taken in are kept in {self.problems_file}.")
        return lines

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            "files": self.files,
            "decisions": self.decisions,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "outdated": self.outdated,
            "problems": len(self.problems),
            "problems_file": self.problems_file,
            "findings": asdict(self.standing),
            "areas": {area: asdict(standing) for area, standing in self.areas.items()},
            "warnings": self.warnings(),
        }


def import_findings(run_dir: Path, files: Sequence[Path]) -> Imported:
    """Take the decisions of some workbooks into the run's folder. The same workbooks once more change nothing.

    Raises   DataError        if the folder has no findings, or its last run did not finish
             EverybirthError  if another process is writing there
    """
    record = _record(run_dir, "import")
    with RunDir(run_dir, fresh=False) as folder:
        books: list[Returned] = []
        unreadable = []
        for file in files:
            try:
                books.append(read_returned(file))
            except ReadError as error:
                unreadable.append(str(error))
        ids = {answer.finding_id for book in books for answer in book.answers}
        sorted_out = accept(books, _known(run_dir, ids), _earlier(run_dir, ids), str(record.get("plan", "")))
        append_decisions(folder, _rows(sorted_out.decisions))
        log_access(folder, "import", {"files": [_logged(book, sorted_out) for book in books]})
        problems = write_problems(folder, sorted_out.problems, FOLDER) if sorted_out.problems else None
        standing, areas = _standing(run_dir, {made.finding_id for made in sorted_out.decisions})
    return Imported(
        files=len(books),
        decisions=len(sorted_out.decisions),
        changed=sorted_out.changed,
        unchanged=sorted_out.unchanged,
        outdated=sorted_out.outdated,
        problems=sorted_out.problems,
        problems_file=None if problems is None else run_dir / problems,
        notices=tuple(notice for book in books for notice in book.notices),
        unreadable=tuple(unreadable),
        standing=standing,
        areas=areas,
    )


def export_findings(
    run_dir: Path, areas: Sequence[str] | None = None, language: str = "en", progress: Progress = silent
) -> Exported:
    """Write the workbooks of a run again, without what was decided meanwhile.

    areas    None: all of them
    Raises   DataError        if the folder has no findings, or its last run did not finish
             PlanError        if there is no such area or language
             EverybirthError  if another process is writing there, or has a workbook open
    """
    record = _record(run_dir, "export")
    with RunDir(run_dir, fresh=False) as folder:
        findings = pl.read_parquet(run_dir / "findings.parquet")
        decided = _decided_since(findings, read_decisions(run_dir))
        order = Order(str(record.get("plan", "")), decided, areas, language, LIMIT, "findings export")
        return write_workbooks(folder, findings, order, progress)


def _record(run_dir: Path, command: str) -> dict[str, Any]:
    """What run.json says of a run that has findings; `command` is what is to be done with them."""
    has_record, has_findings = ((run_dir / name).is_file() for name in (RUN_RECORD, "findings.parquet"))
    if not has_record:
        check_free(run_dir)
    if has_findings and not has_record:
        message = f"{run_dir}: the last run into this folder did not finish. Run the plan again, then {command}."
        raise DataError(message)
    if not has_findings:
        message = (
            f"{run_dir}: no findings there. Give the folder of a finished run (everybirth run PLAN --out DIR); "
            "after `everybirth purge` there are none any more."
        )
        raise DataError(message)
    content: dict[str, Any] = json.loads((run_dir / RUN_RECORD).read_text(encoding="utf-8"))
    return content


def _known(run_dir: Path, ids: set[str]) -> dict[str, Known]:
    """The findings of the run among some ids."""
    findings = pl.scan_parquet(run_dir / "findings.parquet").select("finding_id", "kind", "records", "field")
    wanted = findings.filter(pl.col("finding_id").is_in(sorted(ids))).collect()
    return {
        finding_id: Known(kind, records or "", field or "") for finding_id, kind, records, field in wanted.iter_rows()
    }


def _earlier(run_dir: Path, ids: set[str]) -> dict[str, list[Earlier]]:
    """All earlier decisions about some ids, oldest first, those included that no longer hold."""
    read_decisions(run_dir)  # refuses a file that was spoilt
    path = run_dir / DECISIONS
    history: dict[str, list[Earlier]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").split("\n") if path.exists() else ():
        if not line.strip():
            continue
        made = {key: value or "" for key, value in json.loads(line).items()}
        if made["finding_id"] in ids:
            said = (made["decision"], made["value"], made["note"], made["who"], made["source"])
            history[made["finding_id"]].append(Earlier(*said, made.get("sha256", "")))
    return history


def _rows(decisions: Sequence[Decision]) -> pl.DataFrame:
    """The decisions as decisions.append_decisions takes them."""
    when, somebody = now(), user()
    rows = [
        (
            *(made.finding_id, made.kind, made.records, made.field or None, made.decision, made.value or None),
            *(made.note or None, made.who or somebody, when, made.file, made.digest),
        )
        for made in decisions
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(DECISION_COLUMNS, pl.String()), orient="row")


def _decided_since(findings: pl.DataFrame, decisions: pl.DataFrame) -> list[str]:
    """Ids of findings about which something was decided that the run does not know yet."""
    known = findings.select("finding_id", "decision", "corrected_value")
    new = decisions.filter(pl.col("decision") != OPEN).join(
        known,
        left_on=["finding_id", "decision", "value"],
        right_on=["finding_id", "decision", "corrected_value"],
        how="anti",
        nulls_equal=True,
    )
    return new["finding_id"].to_list()


def _standing(run_dir: Path, taken_in: set[str]) -> tuple[Standing, dict[str, Standing]]:
    """How far the work is: altogether, and in the areas of the findings that were taken in."""
    columns = ["finding_id", "area", "status", "came_back", "decision", "corrected_value"]
    findings = pl.read_parquet(run_dir / "findings.parquet", columns=columns)
    decided = _decided_since(findings, read_decisions(run_dir))
    waiting = (pl.col("status") == OPEN) & ~pl.col("finding_id").is_in(decided)
    settled = pl.col("status") == VERIFIED
    counts = [
        waiting.sum().alias("open"),
        (waiting & pl.col("came_back")).sum().alias("came_back"),
        (~waiting & ~settled).sum().alias("decided"),
        settled.sum().alias("settled"),
    ]
    findings = findings.with_columns(prepared(findings, ["area", "came_back"]))
    asked = findings.filter(pl.col("finding_id").is_in(sorted(taken_in)))["area"].unique()
    by_area = findings.filter(pl.col("area").is_in(asked.implode())).group_by("area").agg(counts).sort("area")
    areas = {area: Standing(*numbers) for area, *numbers in by_area.iter_rows()}
    return Standing(*findings.select(counts).row(0)), areas


def _logged(book: Returned, sorted_out: Accepted) -> dict[str, object]:
    return {
        "file": book.file,
        "sha256": book.digest,
        "decisions": sum(made.digest == book.digest for made in sorted_out.decisions),
        "problems": sum(one.digest == book.digest for one in sorted_out.problems),
    }
