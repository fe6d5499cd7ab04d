"""The two programs that are compared: how each is started, and how what each found is scored."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import measure
import polars as pl

from everybirth.evaluate import Agreement, ClusterScore, score_clusters

ROOT = Path(__file__).resolve().parent.parent
EVERYBIRTH = Path(sys.executable).with_name("everybirth")
BENCH_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
SPLINK_SCRIPT = Path(__file__).with_name("splink_births.py")


@dataclass(frozen=True)
class Outcome:
    """One program on one set of lists."""

    program: str
    usage: measure.Usage
    clusters: Agreement
    bcubed: Agreement
    twins: float | None
    records: int
    births_found: int
    births_true: int


@dataclass(frozen=True)
class SplinkChoice:
    """How Splink's scores are made into groups, and how names are compared."""

    threshold: float = 0.95
    method: str = "connected"
    names_together: bool = False
    drop: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        """As the command line of the Splink script has it."""
        together = ["--names-together"] if self.names_together else []
        return ["--method", self.method, *together, *(["--drop", *self.drop] if self.drop else [])]

    def __str__(self) -> str:
        names = "names together" if self.names_together else "names apart"
        left_out = f", without {', '.join(self.drop)}" if self.drop else ""
        return f"threshold {self.threshold:g}, {self.method}, {names}{left_out}"


def everybirth(plan: Path, out: Path, cache: Path | None = None) -> measure.Usage:
    """Run everybirth; with a cache folder of its own it finds nothing compiled there."""
    environment = {"NUMBA_CACHE_DIR": str(cache)} if cache else None
    return measure.run([str(EVERYBIRTH), "run", str(plan), "--out", str(out), "--quiet"], log_of(out), environment)


def splink(plan: Path, out: Path, choice: SplinkChoice, thresholds: tuple[float, ...] = ()) -> measure.Usage:
    """Run Splink; out is the Parquet file of its clusters, or its stem when several thresholds are tried."""
    out.parent.mkdir(parents=True, exist_ok=True)
    tried = [f"{each:g}" for each in thresholds or (choice.threshold,)]
    command = [str(BENCH_PYTHON), str(SPLINK_SCRIPT), str(plan), "--out", str(out), "--threshold", *tried]
    return measure.run([*command, *choice.arguments()], log_of(out))


def simulate(births: int, noise: str, seed: int, out: Path) -> Path:
    """Make a world; returns its plan."""
    command = [str(EVERYBIRTH), "simulate", "--births", str(births), "--seed", str(seed), "--noise", noise]
    measure.run([*command, "--out", str(out), "--quiet"], log_of(out))
    return out / "everybirth.toml"


def score(links: Path, plan: Path) -> ClusterScore:
    """Score a file of links or clusters against the truth beside the plan."""
    columns = ["list", "record_id", "birth_id"]
    return score_clusters(pl.read_parquet(links, columns=columns), pl.read_parquet(plan.with_name("truth.parquet")))


def outcome(program: str, usage: measure.Usage, found: ClusterScore) -> Outcome:
    """Put the cost and the score of a run together."""
    return Outcome(
        program, usage, found.clusters, found.bcubed, found.twins, found.records, found.births_found, found.births_true
    )


def log_of(out: Path) -> Path:
    """Where a command's own words go."""
    return out.with_name(out.name + ".log")


def environment() -> dict[str, str]:
    """Machine and versions, for the record."""
    ours = measure.versions(Path(sys.executable), ["everybirth", "polars", "numba", "numpy"])
    theirs = measure.versions(BENCH_PYTHON, ["splink", "duckdb"])
    return {**measure.machine(), **ours, **theirs}


def check() -> None:
    """Stop with plain words if either program is not installed."""
    for path, need in (
        (EVERYBIRTH, "run this script with the Python that has everybirth"),
        (BENCH_PYTHON, "run make bench"),
    ):
        if not os.access(path, os.X_OK):
            raise SystemExit(f"{path} is missing: {need}.")
