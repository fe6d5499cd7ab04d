"""The one road, composed: read -> standardise -> block -> compare -> weigh -> resolve -> estimate -> publish.

The command line and the Python API call the functions below; nothing else puts steps together.
"""

import logging
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from everybirth import plan as plans
from everybirth.memory import give_back
from everybirth.plan import Plan
from everybirth.progress import Progress, silent
from everybirth.result import Result

if TYPE_CHECKING:
    from everybirth.estimate.words import CountEstimates
    from everybirth.evaluate import Evaluation
    from everybirth.linking import Linked
    from everybirth.publish.findings.detect import Unused
    from everybirth.publish.findings.past import Past
    from everybirth.publish.report.shapes import Geography
    from everybirth.read.init import InitReport
    from everybirth.tables import Int32Array, Records

log = logging.getLogger("everybirth")


@dataclass
class _Clock:
    """Seconds and peak memory of each step."""

    steps: list[dict[str, Any]] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        give_back()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.steps.append({"step": name, "seconds": round(time.perf_counter() - begun, 3), "peak_mb": round(peak)})


def run(  # noqa: PLR0913 - one parameter per option of the command
    plan: str | Path | Plan,
    out: str | Path | None = None,
    *,
    threads: int = 0,
    engine: str = "local",
    seed: int = 0,
    language: str = "en",
    progress: Progress = silent,
) -> Result:
    """Link the lists of a plan into births.

    plan      path of everybirth.toml, or a Plan
    out       folder to write to; None writes nothing
    threads   of each step at most, 0: one per processor; tables have those that POLARS_MAX_THREADS allows
    engine    "local" or "spark"
    seed      of the draws; the same seed gives the same result
    language  of the report and the workbooks, such as "en" or "zh"
    Raises    EverybirthError  if the plan, a file or the data cannot be used
    """
    if not isinstance(plan, Plan):
        plan = plans.load(plan)
    shapes = _ready_to_report(plan, language)
    from everybirth.publish.findings.past import Past, recall

    if out is None:
        return _run(plan, (threads, engine), seed, progress, Past())[0]
    from everybirth.publish.files import RunDir
    from everybirth.publish.retention import overdue

    old = overdue(Path(out))
    if old:
        log.warning("%s", old)
    with RunDir(out) as folder:
        result, write = _run(plan, (threads, engine), seed, progress, recall(folder.path))
        from everybirth import publishing
        from everybirth.publish.report import make_report

        clock = _Clock(result.run["steps"])
        with clock.step("write"):
            progress("write", 0, 1)
            write(folder)
            progress("write", 1, 1)
        with clock.step("workbooks"):
            for warning in publishing.workbooks(folder, plan, result.findings, language, progress):
                log.warning("%s", warning)
        with clock.step("report"):
            progress("report", 0, 1)
            make_report(folder, language, run=result.run, shapes=shapes)
            progress("report", 1, 1)
        folder.write_json("run.json", result.run)
    return replace(result, out=Path(out))


def _ready_to_report(plan: Plan, language: str) -> "Geography | None":
    """The outlines that the plan names, or None: read before the long work, since they may be wrong."""
    from everybirth.publish.report.shapes import read_geojson
    from everybirth.publish.report.words import check_language
    from everybirth.publish.workbooks import words as workbooks

    check_language(language)
    workbooks.check_language(language)
    name = plan.areas.get("shapes")
    return None if name is None else read_geojson(plan.path.parent / name)


def report(run_dir: str | Path, *, language: str = "en", progress: Progress = silent) -> Path:
    """Make the report of a run again, from its published tables and run.json alone; returns the path of report.html.

    language  "en" or "zh"
    Raises    EverybirthError  if the folder is not that of a complete run, or there is no such language
    """
    from everybirth.publish.files import RunDir
    from everybirth.publish.report import make_report
    from everybirth.publish.report.make import read_run
    from everybirth.publish.retention import overdue

    done = read_run(Path(run_dir))
    old = overdue(Path(run_dir))
    if old:
        log.warning("%s", old)
    progress("report", 0, 1)
    with RunDir(run_dir, fresh=False) as folder:
        path = make_report(folder, language, run=done)
    progress("report", 1, 1)
    return path


def _run(
    plan: Plan, workforce: tuple[int, str], seed: int, progress: Progress, past: "Past"
) -> tuple[Result, Callable[[Any], None]]:
    """The road up to, not including, writing; and how to write.

    workforce   threads, engine
    past        what earlier runs into this folder found, and what was decided about it
    """
    from everybirth.estimate.scope import scope

    clock = _Clock()
    wanted = scope(plan)  # before the long work, since a plan may be wrong here too
    read = _read(plan, past, clock, progress)
    from everybirth import estimating, publishing
    from everybirth.engine import open_engine
    from everybirth.linking import link
    from everybirth.publish.release import write_release

    records, rejected = read.records, read.unused.rows
    decided = publishing.decided(records, past)
    threads, engine = workforce
    with open_engine(engine, threads, progress) as workers:
        linked = link(records, plan.link, workers.map, seed, clock.step, decided)
    with clock.step("estimate"):
        progress("estimate", 0, 1)
        found = estimating.estimate(records, linked, wanted, seed)
        progress("estimate", 1, 1)
    with clock.step("findings"):
        progress("findings", 0, 1)
        best = _best(records, plan, linked)
        unused = publishing.placed(read.unused, plan, wanted)
        fates = publishing.findings(publishing.scene(plan, records, linked, found, best), unused, past)
        progress("findings", 1, 1)
    with clock.step("tables"):
        tables = _tables(records, plan, linked, best)
        del best
        linked = linked.without_levels()
    warnings = [*read.warnings, *linked.warnings, *found.warnings, *fates.warnings]
    for warning in warnings:
        log.warning("%s", warning)
    report = _report(plan, seed, records, linked, tables)
    report["counts"]["rows"] = read.rows
    report["counts"]["findings"] = publishing.still_open(fates.findings)
    report["counts"]["since_last_run"] = fates.since
    report["counts"]["rejected"] = {name: rejected.filter(pl.col("list") == name).height for name in read.rows}
    report["estimate"] = found.report
    report["steps"], report["warnings"] = clock.steps, warnings
    with clock.step("release"):
        progress("release", 0, 1)
        shown = {"births": tables["births"], "findings": fates.findings, "findings_history": fates.history}
        released = publishing.release(plan, records, linked, found, shown, report)
        progress("release", 1, 1)
    estimated = {name: table for name, table in found.tables.items() if name != "estimates"}
    result = Result(
        births=tables["births"],
        links=tables["links"],
        pairs=tables["pairs"],
        rejected=rejected,
        estimates=found.tables["estimates"],
        estimated=estimated,
        findings=fates.findings,
        run=report,
    )

    def write(folder: Any) -> None:
        folder.write_tables({**tables, **found.tables, "rejected": rejected})
        write_release(folder, released)
        folder.write_parquet("findings.parquet", fates.findings)
        folder.write_parquet("findings_history.parquet", fates.history)  # last: until then the run has not been counted

    return result, write


@dataclass(frozen=True, slots=True)
class _Read:
    """The lists as records.

    rows     list -> rows read
    unused   what was read but is in no record
    """

    records: "Records"
    rows: dict[str, int]
    unused: "Unused"
    warnings: tuple[str, ...]


def _read(plan: Plan, past: "Past", clock: _Clock, progress: Progress) -> _Read:
    """Read and standardise the lists, what offices corrected in the place of what was written."""
    from everybirth.read.lists import read_lists

    with clock.step("read"), ThreadPoolExecutor(1) as beside:
        loaded = beside.submit(_load)
        read = read_lists(plan, progress=progress)
        loaded.result()
    from everybirth import publishing
    from everybirth.publish.findings.detect import Unused
    from everybirth.standardise import standardise

    with clock.step("standardise"):
        progress("standardise", 0, 1)
        lists = list(read.lists)
        read = replace(read, lists=())
        each = (lists.pop(0) for _ in range(len(lists)))  # keeps no list that is done with
        clean = standardise(publishing.corrected_lists(each, plan, past), plan)
        progress("standardise", 1, 1)
    rejected = pl.concat([read.rejected, clean.rejected], how="vertical_relaxed").sort(
        "list", "row", maintain_order=True
    )
    dropped = [
        f"{name}: column {column} is of a kind that is never read; it was left out." for name, column in read.dropped
    ]
    return _Read(
        records=clean.records,
        rows=read.rows,
        unused=Unused(clean.unusable, rejected, {part.name: part.id for part in plan.lists}),
        warnings=(*past.warnings, *read.warnings, *clean.warnings, *dropped),
    )


def _load() -> None:
    """Import what comes after reading, and wake the compiler: half a second, and reading leaves a processor idle."""
    from everybirth import estimating, linking, publishing  # noqa: F401
    from everybirth.standardise import kernels

    kernels.wake()


def _best(records: "Records", plan: Plan, linked: "Linked") -> "dict[str, Int32Array]":
    """For each field that is put out, the record of each birth whose value is shown."""
    from everybirth.publish import frames
    from everybirth.publishing import list_rank
    from everybirth.resolve import best

    columns = {name: records.columns[name] for name in frames.output_fields(records)}
    return best.best_records(linked.partition.birth, columns, list_rank(plan)[records.list_of])


def _tables(
    records: "Records", plan: Plan, linked: "Linked", best_records: "dict[str, Int32Array]"
) -> dict[str, pl.DataFrame]:
    """The tables of a run, by file name."""
    from everybirth.publish import frames

    partition = linked.partition
    keep = frames.kept(partition.pair_probability, plan.link.pair_floor)
    pairs = linked.pairs
    return {
        "births": frames.births(records, partition.birth, linked.birth_id, partition.birth_probability, best_records),
        "links": frames.links(records, partition.birth, linked.birth_id, partition.record_probability),
        "pairs": frames.pairs(
            records,
            (pairs.left[keep], pairs.right[keep]),
            (partition.pair_probability[keep], linked.weight[keep]),
            linked.fields,
            pairs.levels[keep],
        ),
        "draws": frames.draws(
            partition.draws.n_draws, [partition.draws.moved(k) for k in range(partition.draws.n_draws)]
        ),
    }


def _report(
    plan: Plan, seed: int, records: "Records", linked: "Linked", tables: dict[str, pl.DataFrame]
) -> dict[str, Any]:
    """What run.json says, but for the steps' times."""
    from everybirth import __version__

    births = tables["births"]
    on = {name: int(births[f"in_{name}"].sum()) for name in records.list_names}
    lists_held = births.select(pl.sum_horizontal(f"in_{name}" for name in records.list_names)).to_series()
    return {
        "version": __version__,
        "plan": plans.digest(plan),
        "seed": seed,
        "counts": {
            "records": records.n_records,
            "births": births.height,
            "births_on": on,
            "births_on_one_list": int((lists_held == 1).sum()),
            "repeated": int(births["n_records"].sum()) - int(lists_held.sum()) if births.height else 0,
            "pairs_kept": tables["pairs"].height,
        },
        "linking": linked.report,
    }


def simulate(  # noqa: PLR0913 - one parameter per option of the command
    births: int,
    out: str | Path,
    *,
    seed: int = 1,
    noise: str = "medium",
    lists: int = 3,
    file_format: str = "parquet",
    progress: Progress = silent,
) -> Path:
    """Write simulated lists, their truth (truth.parquet) and a plan into a folder; returns the plan's path."""
    from everybirth.simulate import Options, world, write_world

    progress("simulate", 0, 2)
    options = Options(births=births, seed=seed, noise=noise, n_lists=lists)
    made = world(options)
    progress("simulate", 1, 2)
    path = write_world(made, Path(out), file_format)
    progress("simulate", 2, 2)
    return path


def init(files: Sequence[Path], output: Path, *, progress: Progress = silent) -> "InitReport":
    """Look at files and write a plan that reads them; see read.init."""
    from everybirth.read import init_plan

    return init_plan(files, output, progress=progress)


def evaluate(run_dir: str | Path, truth: str | Path, *, progress: Progress = silent) -> "Evaluation":
    """Measure a run against a known truth; see evaluate."""
    from everybirth.evaluate import evaluate as measure

    progress("evaluate", 0, 1)
    found = measure(Path(run_dir), Path(truth))
    progress("evaluate", 1, 1)
    return found


def estimate(
    counts: "str | Path | pl.DataFrame",
    methods: Sequence[str] | None = None,
    *,
    strata: Sequence[str] = (),
    seed: int = 0,
    progress: Progress = silent,
) -> "CountEstimates":
    """Estimate births from counts by capture history alone, without linking; see estimate.estimate_counts.

    counts   a CSV file or a table: one 0/1 column per list, "count", and columns of strata
    methods  names of methods to show beside the headline; None: those that suit the number of lists
    strata   columns that are strata although they look like lists
    """
    from everybirth.estimate.counts import estimate_counts
    from everybirth.estimate.words import CountEstimates

    found = estimate_counts(counts, None if methods is None else tuple(methods), seed, tuple(strata), progress)
    return CountEstimates(found["strata"], found["total"])
