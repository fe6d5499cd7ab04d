"""everybirth beside Splink 5 on lists with a truth that other people made: pseudopeople and FEBRL.

    python benchmarks/third_party.py

For each data set Splink is given the options that score best on that very data set, out of many; everybirth is run as
it is, with a plan that only says which column is which.
"""

import argparse
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import measure
import programs
import results
from programs import SplinkChoice

THRESHOLDS = (0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999)
CHOICES = (SplinkChoice(), SplinkChoice(names_together=True))
BEST_LINKS = (SplinkChoice(method="best-links"), SplinkChoice(method="best-links", names_together=True))


def prepare(folder: Path) -> list[Path]:
    """Write the data sets; returns their plans."""
    shutil.rmtree(folder, ignore_errors=True)
    script = Path(__file__).with_name("third_party_data.py")
    measure.run([str(programs.BENCH_PYTHON), str(script), "--out", str(folder)], folder.with_name("third-party.log"))
    return sorted(folder.glob("*/everybirth.toml"))


def best_splink(plan: Path, work: Path) -> tuple[SplinkChoice, programs.Outcome]:
    """Splink's best result on a data set, and the options that gave it."""
    several = len(list(plan.parent.glob("*.parquet"))) > 2  # two lists or more beside the truth
    best: tuple[SplinkChoice, programs.Outcome] | None = None
    for number, choice in enumerate(CHOICES + BEST_LINKS if several else CHOICES):
        out = work / f"splink-{number}" / "clusters.parquet"
        usage = programs.splink(plan, out, choice, THRESHOLDS)
        for threshold in THRESHOLDS:
            found = programs.score(out.with_stem(f"clusters-{threshold:g}"), plan)
            if best is None or (found.clusters.f1 or 0.0) > (best[1].clusters.f1 or 0.0):
                best = replace(choice, threshold=threshold), programs.outcome("splink", usage, found)
    if best is None:
        raise SystemExit("no option of Splink was tried")
    return best


def main() -> None:
    """Prepare, link, score, write."""
    parser = argparse.ArgumentParser(description="Compare everybirth with Splink 5 on third-party lists.")
    parser.add_argument("--work", type=Path, default=programs.ROOT / "build" / "bench" / "third-party")
    parser.add_argument("--only", nargs="+", default=["everybirth", "splink"], choices=("everybirth", "splink"))
    parser.add_argument("--no-write", action="store_true", help="print the figures, leave RESULTS.md alone")
    options = parser.parse_args()
    programs.check()
    sets = []
    for plan in prepare(options.work / "lists"):
        name, outcomes, chosen = plan.parent.name, [], ""
        work = options.work / name
        shutil.rmtree(work, ignore_errors=True)
        if "everybirth" in options.only:
            usage = programs.everybirth(plan, work / "everybirth")
            found = programs.score(work / "everybirth" / "links.parquet", plan)
            outcomes.append(programs.outcome("everybirth", usage, found))
        if "splink" in options.only:
            choice, outcome = best_splink(plan, work)
            outcomes.append(outcome)
            chosen = str(choice)
        sets.append({"name": name, "splink_choice": chosen, "outcomes": [asdict(each) for each in outcomes]})
        print(results.third_party_table(sets[-1:]), flush=True)
    if not options.no_write:
        packages = measure.versions(programs.BENCH_PYTHON, ["pseudopeople", "recordlinkage"])
        results.save("third_party", {"environment": {**programs.environment(), **packages}, "sets": sets})


if __name__ == "__main__":
    main()
