"""Do the intervals hold the truth as often as they say? Many simulated worlds, linked and estimated.

    python benchmarks/calibration.py                                    the whole study
    python benchmarks/calibration.py --worlds 40 --births 300 3000      a small one
    python benchmarks/calibration.py --page                             only write the page again

Each finished world is written down at once, so that a study that was stopped goes on where it was. Seeds are those of
the worlds, 1 to N; the same seed gives the same world. One thread for each process.
"""

import argparse
import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import calibration_page as page

ROOT = Path(__file__).resolve().parent.parent
DONE = ROOT / "build" / "bench" / "calibration.jsonl"
BIRTHS = (300, 3_000, 20_000, 100_000)
LARGE = 50_000  # births from which worlds take so long that only one scenario is gone through
OF_LARGE = ("pairwise",)
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS", "NUMBA_NUM_THREADS")
Task = tuple[str, int, str, int]  # scenario, births, noise, seed


def main() -> None:
    """Read the options, run what is not done, write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=300, help="worlds of each cell")
    parser.add_argument("--births", type=int, nargs="+", default=BIRTHS)
    parser.add_argument("--scenarios", nargs="+", default=page.SCENARIOS, choices=page.SCENARIOS)
    parser.add_argument("--large", nargs="*", default=OF_LARGE, help=f"scenarios of worlds of {LARGE:,} births or more")
    parser.add_argument("--noise", nargs="+", default=("medium",), choices=("light", "medium", "heavy"))
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--done", type=Path, default=DONE, help="where finished worlds are written down")
    parser.add_argument("--page", action="store_true", help="write the page from the worlds that are done")
    options = parser.parse_args()
    options.done.parent.mkdir(parents=True, exist_ok=True)
    options.done.touch()
    if not options.page:
        study(list(tasks(options)), options.done, options.jobs)
    page.write(rows(options.done))


def tasks(options: argparse.Namespace) -> Iterator[Task]:
    """What is asked for and not done: world after world, so that a study that is stopped has all cells alike."""
    done = {task_of(row) for row in rows(options.done)}
    for seed in range(1, options.worlds + 1):
        for births in options.births:
            for noise in options.noise:
                for scenario in options.scenarios if births < LARGE else options.large:
                    if (scenario, births, noise, seed) not in done:
                        yield scenario, births, noise, seed


def task_of(row: dict[str, Any]) -> Task:
    """The task that a finished world was."""
    return row["scenario"], row["births"], row["noise"], row["seed"]


def rows(done: Path) -> list[dict[str, Any]]:
    """Finished worlds; a last line that was cut off is left out."""
    found = []
    for line in done.read_text(encoding="utf-8").splitlines():
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return found


def study(wanted: list[Task], done: Path, jobs: int) -> None:
    """Run the worlds and write each down as it is finished."""
    os.environ.update(dict.fromkeys(THREADS, "1"))  # read by the processes as they start
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool, done.open("a", encoding="utf-8") as file:
        running = [pool.submit(one, task) for task in wanted]
        for number, finished in enumerate(as_completed(running), start=1):
            file.write(json.dumps(finished.result()) + "\n")
            file.flush()
            if number % 50 == 0 or number == len(wanted):
                print(f"{number:,} of {len(wanted):,} worlds", flush=True)


def one(task: Task) -> dict[str, Any]:
    """One world, in a process of its own."""
    from calibration_world import Cell, run

    scenario, births, noise, seed = task
    return run(Cell(scenario, births, noise), seed)


if __name__ == "__main__":
    main()
