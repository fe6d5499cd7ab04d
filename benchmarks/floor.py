"""The least that a run of this size takes: what any program must do, each by the quickest library at hand.

    python benchmarks/floor.py --run build/bench/medium-1000000

Nothing is linked, estimated or looked for. Timed are only: to start, to read the lists, to sort the records by each
blocking rule, to fetch the two records of every pair that has to be looked at, to write the tables that a run writes,
and to write the cells of the workbooks. `versus_splink.py` makes the folder.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numba
import numpy as np
import polars as pl
import programs
import results
import xlsxwriter

from everybirth.publish.files import RunDir
from everybirth.publish.workbooks.choose import Chosen, choose, limit_for

THREADS = 2
CACHE_LINE = 16  # numbers of four bytes
IMPORTS = "import numpy, polars, numba, scipy.special, xlsxwriter, click"


def main() -> None:
    """Read the options, time, print, write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, default=programs.ROOT / "build" / "bench" / "medium-1000000")
    options = parser.parse_args()
    told = json.loads((options.run / "everybirth" / "run.json").read_text(encoding="utf-8"))
    records, linking = told["counts"]["records"], told["linking"]
    parts: dict[str, Callable[[], object]] = {
        "start Python and import the libraries": start,
        "read the lists (Polars)": lambda: read(options.run / "lists"),
        f"sort {records:,} records by {len(linking['rules'])} rules (NumPy)": sorts(records, len(linking["rules"])),
        f"fetch both records of {linking['pairs_scanned']:,} pairs": fetches(records, linking["pairs_scanned"]),
        "write the tables (Polars)": writes(options.run / "everybirth"),
        "write the cells of the workbooks (XlsxWriter)": workbooks(options.run / "everybirth"),
    }
    seconds = {name: round(timed(part), 2) for name, part in parts.items()}
    for name, each in (*seconds.items(), ("in all", sum(seconds.values()))):
        print(f"{name:<60} {each:6.2f}")
    results.save("floor", {"environment": programs.environment(), "records": records, "seconds": seconds})


def timed(part: Callable[[], object]) -> float:
    """Seconds of one part."""
    begun = time.perf_counter()
    part()
    return time.perf_counter() - begun


def start() -> None:
    """A process that imports what a run imports, and ends."""
    subprocess.run([sys.executable, "-c", IMPORTS], check=True)


def read(lists: Path) -> list[pl.DataFrame]:
    """The lists, as they are."""
    return [pl.read_parquet(path) for path in sorted(lists.glob("*.parquet")) if path.stem != "truth"]


def sorts(records: int, rules: int) -> Callable[[], object]:
    """Sort a number for each record, as often as there are rules."""
    numbers = np.random.default_rng(0).integers(0, 2**63, records)

    def run() -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda _: np.sort(numbers), range(rules)))

    return run


def fetches(records: int, pairs: int) -> Callable[[], object]:
    """Touch one cache line of each record of as many pairs, the second one anywhere: pairs lie by block, not by row."""
    lines = np.ones((records, CACHE_LINE), dtype=np.int32)
    ends = np.random.default_rng(0).integers(0, records, (2, pairs), dtype=np.int32)
    touch(lines, ends[:, :10])  # compiled before it is timed

    def run() -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda some: touch(lines, some), np.array_split(ends, THREADS, axis=1)))

    return run


@numba.njit(nogil=True)
def touch(lines: np.ndarray, ends: np.ndarray) -> int:
    """A sum over pairs that needs both records."""
    total = 0
    for k in range(ends.shape[1]):
        total += lines[ends[0, k], 0] & lines[ends[1, k], 3]
    return total


def writes(run: Path) -> Callable[[], object]:
    """Write the tables of a run again, which lie ready in memory."""
    tables = {path.stem: pl.read_parquet(path) for path in sorted(run.glob("*.parquet"))}

    def again() -> None:
        with tempfile.TemporaryDirectory(dir=run.parent) as folder, RunDir(folder) as out:
            out.write_tables(tables)

    return again


def workbooks(run: Path) -> Callable[[], object]:
    """Write a plain workbook for each area, with the findings that a run puts there: no styles, no rules."""
    findings = pl.read_parquet(run / "findings.parquet")
    chosen: Chosen = choose(findings, pl.Series([], dtype=pl.String), limit_for(findings["area"].n_unique()))
    areas = [part.rows() for part in chosen.findings.partition_by("area", maintain_order=True)]

    def again() -> None:
        with tempfile.TemporaryDirectory(dir=run.parent) as folder:
            for number, rows in enumerate(areas):
                with xlsxwriter.Workbook(Path(folder) / f"{number}.xlsx") as book:
                    for kind in dict.fromkeys(row[1] for row in rows):
                        sheet = book.add_worksheet(kind)
                        for line, row in enumerate(row for row in rows if row[1] == kind):
                            for column, value in enumerate(row):
                                sheet.write_string(line, column, str(value))

    return again


if __name__ == "__main__":
    main()
