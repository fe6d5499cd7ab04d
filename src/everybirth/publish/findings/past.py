"""What earlier runs left in a run's folder: findings, decisions about them, counts of each run."""

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from everybirth.publish import decisions as store
from everybirth.publish.findings import kinds

FINDINGS, HISTORY = "findings.parquet", "findings_history.parquet"
HISTORY_SCHEMA = {
    "run": pl.Int32(),
    "area": pl.String(),
    "kind": pl.String(),
    "status": pl.String(),
    "findings": pl.Int64(),
    "outcome": pl.String(),
    "register": pl.String(),
}


def _no_decisions() -> pl.DataFrame:
    return pl.DataFrame(schema=store.SCHEMA)


def _no_history() -> pl.DataFrame:
    return pl.DataFrame(schema=HISTORY_SCHEMA)


@dataclass(frozen=True, slots=True)
class Past:
    """What is known before a run.

    findings    kinds.SCHEMA, of the last run
    decisions   decisions.SCHEMA, the one that holds for each finding
    history     HISTORY_SCHEMA, of all runs
    """

    findings: pl.DataFrame = field(default_factory=kinds.empty)
    decisions: pl.DataFrame = field(default_factory=_no_decisions)
    history: pl.DataFrame = field(default_factory=_no_history)
    warnings: tuple[str, ...] = ()

    @property
    def run(self) -> int:
        """Number of the last run, 0 if there was none."""
        numbers = self.history["run"]
        return int(numbers[-1]) if len(numbers) else 0


def recall(folder: Path) -> Past:
    """Read what earlier runs left.

    folder   of a run; may hold nothing or not exist
    Raises   DataError  if the decisions cannot be read: a run without them would undo what people decided
    """
    warnings: list[str] = []
    findings = _table(folder / FINDINGS, kinds.SCHEMA, warnings)
    history = _table(folder / HISTORY, HISTORY_SCHEMA, warnings)
    return Past(findings, store.read_decisions(folder), history, tuple(warnings))


def _table(path: Path, schema: dict[str, pl.DataType], warnings: list[str]) -> pl.DataFrame:
    if not path.exists():
        return pl.DataFrame(schema=schema)
    try:
        table = pl.read_parquet(path, memory_map=False)
        return table.select(pl.col(name).cast(dtype) for name, dtype in schema.items())
    except (pl.exceptions.PolarsError, OSError):
        warnings.append(
            f"{path.name} of an earlier run cannot be read, so when findings were first seen is counted anew. "
            "Decisions are kept in another file and hold."
        )
        return pl.DataFrame(schema=schema)
