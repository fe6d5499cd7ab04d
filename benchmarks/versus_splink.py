"""everybirth beside Splink 5 on the same simulated lists, in one run: time, memory, and how right each is.

    python benchmarks/versus_splink.py --births 100000 1000000 --noise medium --repeat 1 --heavy --first-run

Run it with the Python that has everybirth; Splink has its own in .venv-bench. Each program is a process of its own that
reads the lists from Parquet and writes its groups of records to Parquet. Both are scored by everybirth.evaluate.
Splink's options are chosen on the smallest world with the truth in hand, which no user has: those with the best F1.
"""

import argparse
import json
import shutil
import statistics
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import measure
import programs
import results
from programs import Outcome, SplinkChoice

from everybirth.evaluate import evaluate

THRESHOLDS = (0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999)
SMALL = 2_000  # births of the world on which kernels are compiled before anything is timed
CHOICES = (
    SplinkChoice(),
    SplinkChoice(drop=("birth_place", "plurality")),
    SplinkChoice(drop=("birth_place", "plurality"), method="best-links"),
)


@dataclass(frozen=True)
class World:
    """A simulated world."""

    births: int
    noise: str
    plan: Path


def choose(world: World, work: Path) -> tuple[SplinkChoice, list[tuple[str, float]]]:
    """The options with Splink's highest cluster F1 on a world, and the best of each that was tried."""
    tried: list[tuple[SplinkChoice, float]] = []
    for number, choice in enumerate(CHOICES):
        out = work / f"choose-{number}" / "clusters.parquet"
        programs.splink(world.plan, out, choice, THRESHOLDS)
        for threshold in THRESHOLDS:
            f1 = programs.score(out.with_stem(f"clusters-{threshold:g}"), world.plan).clusters.f1 or 0.0
            tried.append((replace(choice, threshold=threshold), f1))
    best = max(tried, key=lambda each: each[1])
    return best[0], [(str(choice), f1) for choice, f1 in tried]


def compare(world: World, work: Path, choice: SplinkChoice, options: argparse.Namespace) -> list[Outcome]:
    """Both programs on one world, in turn; the median run of each in time."""
    usages: dict[str, list[measure.Usage]] = {program: [] for program in options.only}
    links = {"everybirth": work / "everybirth" / "links.parquet", "splink": work / "splink" / "clusters.parquet"}
    for _ in range(options.repeat):
        for program in options.only:
            shutil.rmtree(links[program].parent, ignore_errors=True)
            if program == "everybirth":
                usages[program].append(programs.everybirth(world.plan, links[program].parent))
            else:
                usages[program].append(programs.splink(world.plan, links[program], choice))
    return [
        programs.outcome(program, median(usages[program]), programs.score(links[program], world.plan))
        for program in options.only
    ]


def median(usages: list[measure.Usage]) -> measure.Usage:
    """The run of median time."""
    middle = statistics.median_low([each.seconds for each in usages])
    return next(each for each in usages if each.seconds == middle)


def first_run(world: World, work: Path) -> dict[str, float]:
    """Seconds of a run that finds nothing compiled, and of the same run again."""
    with tempfile.TemporaryDirectory(dir=work) as cache:
        cold = programs.everybirth(world.plan, work / "first", Path(cache)).seconds
        warm = programs.everybirth(world.plan, work / "second", Path(cache)).seconds
    return {"births": float(world.births), "cold": cold, "warm": warm}


def make_world(births: int, noise: str, options: argparse.Namespace) -> World:
    """Simulate a world anew, so that it is always of the program's present state."""
    folder = options.work / f"{noise}-{births}" / "lists"
    shutil.rmtree(folder.parent, ignore_errors=True)
    folder.parent.mkdir(parents=True)
    return World(births, noise, programs.simulate(births, noise, options.seed, folder))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Compare everybirth with Splink 5 on simulated lists.")
    parser.add_argument("--births", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--noise", default="medium", choices=("light", "medium", "heavy"))
    parser.add_argument("--repeat", type=int, default=1, help="runs of each; the median in time is reported")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--heavy", action="store_true", help="also the smallest world with heavy noise")
    parser.add_argument("--first-run", action="store_true", help="also a run with nothing compiled")
    parser.add_argument("--only", nargs="+", default=["everybirth", "splink"], choices=("everybirth", "splink"))
    parser.add_argument("--work", type=Path, default=programs.ROOT / "build" / "bench")
    parser.add_argument("--rescore", action="store_true", help="only take the probabilities of the kept runs anew")
    parser.add_argument("--no-write", action="store_true", help="print the figures, leave RESULTS.md alone")
    return parser.parse_args()


def probabilities(births: int, noise: str, options: argparse.Namespace) -> dict[str, float | None]:
    """How true the probabilities of everybirth's run on a world are, and how much its blocking let through."""
    work = options.work / f"{noise}-{births}"
    found = evaluate(work / "everybirth", work / "lists" / "truth.parquet").to_json()
    told = ("calibration_error", "doubtful_error", "blocking_recall", "blocking_recall_estimated")
    return {key: found[key] for key in told if key in found}


def steps(run: Path) -> dict[str, float]:
    """Seconds of each step of everybirth's run."""
    told = json.loads((run / "run.json").read_text(encoding="utf-8"))
    return {each["step"]: each["seconds"] for each in told["steps"]}


def rescore(options: argparse.Namespace) -> None:
    """Take the probabilities of the kept runs anew; times stay as they were measured."""
    kept = json.loads((results.FIGURES / "versus_splink.json").read_text(encoding="utf-8"))
    for world in kept["worlds"]:
        world["probabilities"] = probabilities(world["births"], world["noise"], options)
    results.save("versus_splink", kept)


def main() -> None:
    """Simulate, choose, compare, write."""
    options = arguments()
    if options.rescore:
        rescore(options)
        return
    programs.check()
    environment = programs.environment()
    small = make_world(SMALL, options.noise, options)
    figures: dict[str, object] = {"environment": environment, "repeat": options.repeat, "seed": options.seed}
    if "everybirth" in options.only:
        programs.everybirth(small.plan, options.work / "warm-up")
        if options.first_run:
            figures["first_run"] = first_run(small, options.work)
    wanted = [(births, options.noise) for births in sorted(options.births)]
    wanted += [(min(options.births), "heavy")] if options.heavy and options.noise != "heavy" else []
    choice = SplinkChoice()
    compared: list[dict[str, Any]] = []
    for births, noise in wanted:
        world = make_world(births, noise, options)
        work = options.work / f"{noise}-{births}"
        if not compared and "splink" in options.only:
            choice, tried = choose(world, work)
            figures["splink_choice"], figures["splink_tried"] = str(choice), tried
        outcomes = compare(world, work, choice, options)
        compared.append({"births": births, "noise": noise, "outcomes": [asdict(each) for each in outcomes]})
        if "everybirth" in options.only:
            compared[-1]["probabilities"] = probabilities(births, noise, options)
            compared[-1]["steps"] = steps(work / "everybirth")
        print(results.comparison_table(compared[-1:]), flush=True)
    figures["worlds"] = compared
    if not options.no_write:
        results.save("versus_splink", figures)


if __name__ == "__main__":
    main()
