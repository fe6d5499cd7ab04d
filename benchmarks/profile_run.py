"""Where a run's time and memory go: simulate a world, run it in a process of its own, print each step.

    python benchmarks/profile_run.py --births 1000000

The memory of a step is the most that the process held until the step's end, so a step shows only where it exceeds those
before it. Processor time hardly changes when the machine is busy with other things; seconds do.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import measure
import programs

WIDTH = 12


def main() -> None:
    """Read the options, simulate, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--births", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--threads", type=int, default=0, help="0: one per processor")
    parser.add_argument("--folder", type=Path, help="keep the world and the run here; a world that is there is used")
    options = parser.parse_args()
    if options.folder is None:
        with tempfile.TemporaryDirectory() as folder:
            profile(Path(folder), options)
    else:
        profile(options.folder, options)


def profile(folder: Path, options: argparse.Namespace) -> None:
    """Simulate into the folder if need be, run, and print what the run says of its steps."""
    everybirth = [str(programs.EVERYBIRTH)]
    world, out = folder / f"world-{options.births}-{options.seed}", folder / "run"
    plan = world / "everybirth.toml"
    if not plan.exists():
        make = ["simulate", "--births", str(options.births), "--seed", str(options.seed), "--out", str(world)]
        measure.run([*everybirth, *make], folder / "simulate.log")
    run = ["run", str(plan), "--out", str(out), "--threads", str(options.threads), "--quiet"]
    used = measure.run([*everybirth, *run], folder / "run.log")
    print(table(json.loads((out / "run.json").read_text(encoding="utf-8"))["steps"], used))


def table(steps: list[dict[str, Any]], used: measure.Usage) -> str:
    """A line per step, and one for the whole command."""
    lines = [f"{'step':{WIDTH}} {'seconds':>8} {'peak MiB':>9}"]
    lines += [f"{each['step']:{WIDTH}} {each['seconds']:8.2f} {each['peak_mb']:9,}" for each in steps]
    rest = used.seconds - sum(each["seconds"] for each in steps)
    lines.append(f"{'start, end':{WIDTH}} {rest:8.2f}")
    whole = f"{'whole':{WIDTH}} {used.seconds:8.2f} {used.peak_mib:9,.0f}"
    return "\n".join([*lines, f"{whole}   {used.cpu_seconds:.1f} s of processor time"])


if __name__ == "__main__":
    main()
