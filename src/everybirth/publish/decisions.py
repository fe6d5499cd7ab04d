"""What offices decided about findings: decisions.jsonl, one line each, never changed, only added to.

A later line about a finding takes the place of an earlier one; "open" takes it back.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from everybirth.errors import DataError
from everybirth.publish.files import RunDir
from everybirth.publish.findings.kinds import (
    ABOUT_LINKS,
    CHOICES,
    CONFIRMED,
    CORRECTED,
    DISMISSED,
    OPEN,
    WITH_VALUE,
    explode_records,
    value_unknown,
)
from everybirth.publish.values import NotAValueError, kept_value
from everybirth.tables import Int32Array

FILE = "decisions.jsonl"
COLUMNS = ("finding_id", "kind", "records", "field", "decision", "value", "note", "who", "when", "source", "sha256")
SCHEMA = dict.fromkeys(COLUMNS, pl.String()) | {"line": pl.Int32()}
_SHOWN = 5  # findings named in a message


def read_decisions(folder: Path) -> pl.DataFrame:
    """The decision that holds for each finding, those taken back included, in the order of their lines.

    folder   of a run
    Returns  SCHEMA; "line" counts from 1; no rows if nothing was ever decided
    Raises   DataError  if a line is not one that append_decisions wrote
    """
    path = folder / FILE
    if not path.exists():
        return pl.DataFrame(schema=SCHEMA)
    rows = [
        (*_parsed(path, number, line), number)
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1)
        if line.strip()
    ]
    every = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    return every.unique("finding_id", keep="last", maintain_order=True).sort("line")


def _parsed(path: Path, number: int, line: str) -> tuple[str | None, ...]:
    try:
        content = json.loads(line)
        decision = content["decision"]
        good = isinstance(content["finding_id"], str) and decision in CHOICES[content["kind"]]
        texts = tuple(content.get(name) for name in COLUMNS)
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError):
        good, texts = False, ()
    if not good or any(not isinstance(text, str | None) for text in texts):
        raise DataError(
            f"{path} line {number}: not a decision. The file is written by `everybirth findings import` only: mend "
            "the line or take it out."
        )
    return texts


def append_decisions(folder: RunDir, rows: pl.DataFrame) -> int:
    """Add decisions; one that says what already holds for its finding is not added again.

    folder   held open
    rows     COLUMNS, one row per decision; "value" and "note" may be null, "field" too where a finding has none.
             "source" and "sha256" are the name and the fingerprint of the file that it came in
    Returns  how many were added; corrected values are kept in one form, see values.kept_value
    Raises   DataError  if a row is no decision, or if decisions contradict each other so that no run could follow them;
             none is added then
    """
    rows = rows.select(pl.col(name).cast(pl.String) for name in COLUMNS)
    for number, row in enumerate(rows.iter_rows(named=True), start=1):
        problem = problem_with(row["kind"], row["field"], row["decision"], row["value"])
        if problem is None and not row["finding_id"]:
            problem = "it does not say which finding"
        if problem:
            raise DataError(f"Decision {number} of {rows.height}: {problem}. Correct it; no decision was kept.")
    said = ("finding_id", "decision", "value", "note", "who")
    rows = rows.with_columns(pl.Series("value", [_kept(row) for row in rows.iter_rows(named=True)], dtype=pl.String))
    rows = rows.unique("finding_id", keep="last", maintain_order=True)
    known = read_decisions(folder.path)
    new = rows.join(known, on=said, how="anti", nulls_equal=True, maintain_order="left")
    _refuse_contradictory(pl.concat([known.join(new, on="finding_id", how="anti"), new], how="diagonal"))
    if new.height:
        path = folder.path / FILE
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in new.iter_rows(named=True))
        folder.write_text(FILE, before + "".join(lines))
    return new.height


def problem_with(kind: str | None, field: str | None, decision: str | None, value: str | None) -> str | None:
    """Why a decision cannot be taken, in words that hold no value; None if it can.

    value   the corrected value: dates as 2024-03-05, sex and site by their codes, weights in g, names as text
    """
    if kind not in CHOICES:
        return "there is no such kind of finding"
    if decision not in CHOICES[kind]:
        return f"a finding of the kind {kind} can be {', '.join(CHOICES[kind])}"
    if decision == CORRECTED and kind in WITH_VALUE:
        if not (value or "").strip():
            return "a correction needs the corrected value"
        try:
            kept_value(field or "", str(value))
        except NotAValueError as error:
            return str(error)
    return None


def _kept(row: dict[str, str | None]) -> str | None:
    """The value of a decision in which there is no problem, as it is kept."""
    with_value = row["decision"] == CORRECTED and row["kind"] in WITH_VALUE
    return kept_value(row["field"] or "", row["value"] or "") if with_value else row["value"]


def corrections(decisions: pl.DataFrame) -> pl.DataFrame:
    """The values that take the place of those read: list, record_id, field, value; one row per record and field.

    decisions   as read; of two about one record and field the later holds
    Returns     value is null where an office said that the value is wrong and the right one is not known
    Raises      DataError  if a corrected value is none that its field can have; it names the line
    """
    made = decisions.filter(value_unknown() | ((pl.col("decision") == CORRECTED) & pl.col("kind").is_in(WITH_VALUE)))
    values = [_read_back(row) for row in made.iter_rows(named=True)]
    made = made.select("finding_id", "field", "line", pl.Series("value", values, dtype=pl.String))
    each = explode_records(decisions.join(made, on="finding_id", how="semi")).join(made, on="finding_id")
    latest = each.sort("line").unique(["list", "record_id", "field"], keep="last", maintain_order=True)
    return latest.select("list", "record_id", "field", "value")


def _read_back(row: dict[str, Any]) -> str | None:
    """The corrected value of a decision, null where none is known. Lines may be older than the form, or edited."""
    if row["decision"] == CONFIRMED:
        return None
    try:
        return kept_value(row["field"] or "", row["value"] or "")
    except NotAValueError as error:
        raise DataError(
            f"{FILE} line {row['line']}: the corrected value cannot be one: {error}. Mend the line or take it out."
        ) from None


def decided_pairs(decisions: pl.DataFrame, records: pl.DataFrame) -> tuple[Int32Array, Int32Array]:
    """Pairs of records that were decided to be one birth, and pairs decided to be two.

    decisions  as read
    records    finding_id, record: row in Records of each record of those findings; records no longer there left out
    Returns    (n_same, 2), (n_different, 2)
    Raises     DataError  if decisions contradict each other; it names the findings
    """
    about = decisions.filter(pl.col("kind").is_in(ABOUT_LINKS) & (pl.col("decision") != OPEN))
    members = records.join(about.select("finding_id", "decision", "line"), on="finding_id").sort("line", "record")
    pairs = members.join(members.select("finding_id", other="record"), on="finding_id", maintain_order="left_right")
    pairs = pairs.filter(pl.col("record") < pl.col("other"))
    same, different = (pairs.filter(pl.col("decision") == each) for each in (CONFIRMED, DISMISSED))
    _refuse_contradictions(same, different)
    return _two_columns(same), _two_columns(different)


def _refuse_contradictory(decisions: pl.DataFrame) -> None:
    """Raise if decisions contradict each other, whatever records a run may have."""
    named = explode_records(decisions.filter(pl.col("kind").is_in(ABOUT_LINKS)))
    numbers = pl.struct("list", "record_id").rank("dense").cast(pl.Int32).alias("record")
    decided_pairs(decisions, named.select("finding_id", numbers))


def _two_columns(pairs: pl.DataFrame) -> Int32Array:
    both: npt.NDArray[Any] = pairs.select("record", "other").to_numpy()
    return both.astype(np.int32).reshape(-1, 2)


def _refuse_contradictions(same: pl.DataFrame, different: pl.DataFrame) -> None:
    """Raise if two records decided to be two births are tied together by records decided to be one."""
    group: dict[int, int] = {}
    findings: dict[int, set[str]] = {}

    def root(record: int) -> int:
        while group.get(record, record) != record:
            group[record] = record = group.get(group[record], group[record])  # the next search is half as long
        return record

    for finding, one, other in same.select("finding_id", "record", "other").iter_rows():
        first, second = sorted((root(one), root(other)))
        group[second] = first
        findings[first] = findings.get(first, set()) | findings.pop(second, set()) | {finding}
    for finding, one, other in different.select("finding_id", "record", "other").iter_rows():
        if root(one) == root(other):
            named = sorted(findings[root(one)])
            more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
            raise DataError(
                f"Decisions contradict each other: {', '.join(named[:_SHOWN])}{more} make records one birth, "
                f"{finding} makes two of them different births. Set the decision of one of these findings to "
                f'"{OPEN}" or to the opposite, and import it again.'
            )
