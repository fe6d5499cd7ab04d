"""Time and memory of partial pooling, and how near it comes to the truth, on made-up strata.

    python benchmarks/pooling.py
    python benchmarks/pooling.py --case 700x12x2x100x5

A case is areas x months x sexes x draws of the linkage x mean births of a stratum. Each runs in a process of its own.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

import measure
import numpy as np
import programs
import results

from everybirth.estimate.models import design
from everybirth.estimate.pooling import pool

CASES = ("1x1x1x100x100000", "100x1x1x100x1000", "700x1x1x100x150", "700x12x1x100x12", "700x12x2x100x5")
COMMON = (0.2, -0.2, 0.3, 0.5, 0.3, 0.2)  # logits of the three lists, then the dependence of each pair
AMBIGUOUS = 0.02  # share of strata whose counts a draw of the linkage changes


def world(shape: tuple[int, int, int], n_draws: int, births: float) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Counts of each draw, with the births missed in cell 0, and the codes of area, month and sex."""
    rng = np.random.default_rng(1)
    codes = [code.ravel() for code in np.meshgrid(*(np.arange(size) for size in shape), indexing="ij")]
    n_strata = len(codes[0])
    beta = np.tile(COMMON, (n_strata, 1))
    for code, capture, dependence in zip(codes, (0.4, 0.15, 0.05), (0.15, 0.05, 0.02), strict=True):
        beta += (rng.standard_normal((code.max() + 1, 6)) * np.repeat([capture, dependence], 3))[code]
    beta += rng.standard_normal((n_strata, 6)) * np.repeat([0.15, 0.05], 3)
    weight = np.exp(beta @ design((4, 2, 1, 6, 5, 3), 3)[:, 1:].T)
    level = births * np.exp(0.5 * rng.standard_normal(shape[0]) - 0.125)[codes[0]]
    counts = rng.poisson(level[:, None] * weight / weight.sum(axis=1, keepdims=True))
    draws = np.repeat(counts[None].astype(np.float64), n_draws, axis=0)
    for table in draws[1:]:
        where = rng.integers(0, n_strata, int(np.ceil(AMBIGUOUS * n_strata)))
        np.add.at(table, (where, rng.integers(1, 8, len(where))), 1.0)
    return draws, {name: code.astype(np.int32) for name, code in zip(("area", "month", "sex"), codes, strict=True)}


def one(case: str) -> dict[str, float]:
    """Run a case in this process."""
    *shape, n_draws, births = (int(part) for part in case.split("x"))
    counts, effects = world((shape[0], shape[1], shape[2]), n_draws, births)
    before = measure.memory(os.getpid())[1]
    start, start_cpu = time.perf_counter(), time.process_time()
    found = pool(counts, effects, seed=0)
    seconds, cpu = time.perf_counter() - start, time.process_time() - start_cpu
    peak = measure.memory(os.getpid())[1]
    truth, missed = counts[0, :, 0], found.missed
    low, high = np.quantile(missed, [0.025, 0.975], axis=0)
    total = missed.sum(axis=1)
    return {
        "seconds": seconds,
        "cpu": cpu,
        "before": before / measure.KIB_PER_MIB,
        "peak": peak / measure.KIB_PER_MIB,
        "covered": float(((low <= truth) & (truth <= high)).mean()),
        "truth": float(truth.sum()),
        "low": float(np.quantile(total, 0.025)),
        "median": float(np.median(total)),
        "high": float(np.quantile(total, 0.975)),
    }


def main() -> None:
    """Run all cases, print them, write the page."""
    parser = argparse.ArgumentParser(description="Measure partial pooling.")
    parser.add_argument("--case", help="run one case here and print its figures as JSON")
    case = parser.parse_args().case
    if case:
        print(json.dumps(one(case)))
        return
    log = programs.ROOT / "build" / "bench" / "pooling.log"
    print(", ".join(f"{name}: {value}" for name, value in measure.machine().items()))
    rows = []
    for name in CASES:
        measure.run([sys.executable, str(Path(__file__).resolve()), "--case", name], log)
        row = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
        missed = f"{row['median']:,.0f} ({row['low']:,.0f} to {row['high']:,.0f}), true {row['truth']:,.0f}"
        memory = f"{row['peak']:,.0f} ({row['before']:,.0f})"
        rows.append([name, f"{row['seconds']:.2f}", f"{row['cpu']:.2f}", memory, f"{row['covered']:.3f}", missed])
        print(*rows[-1], sep="  ", flush=True)
    results.save("pooling", {"environment": measure.machine(), "rows": rows})


if __name__ == "__main__":
    main()
