"""One world of the calibration study: simulated, corrupted, linked, estimated in three ways."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl

from everybirth import estimating, plan
from everybirth.engine import open_engine
from everybirth.estimate.births import Reading, reading
from everybirth.estimate.histories import captures, partitions
from everybirth.estimate.missed_links import Missed, merged
from everybirth.estimate.redrawn import Redrawn
from everybirth.estimate.scope import Scope, scope
from everybirth.estimate.strata import estimated, groups, linkage_share
from everybirth.estimate.summary import interval
from everybirth.linking import link
from everybirth.progress import silent
from everybirth.read.lists import read_lists
from everybirth.simulate import CaptureModel, Options, World, world, write_world
from everybirth.standardise import standardise
from everybirth.tables import Int32Array, Int64Array, Records

INDEPENDENT = CaptureModel.independent()
# Three lists; the hospital's holds no home birth, so that home births are on two. What is assumed of these, that they
# are independent, holds in all scenarios but the last.
SCENARIOS = {
    "independent": INDEPENDENT,
    "pairwise": replace(INDEPENDENT, dependence=(("hospital", "register", 0.8), ("hospital", "community", -0.5))),
    "area and sex": replace(
        INDEPENDENT,
        area_spread=0.5,
        girls=(("register", -0.3), ("community", 0.2)),
        dependence=(("hospital", "register", 0.8),),
    ),
    "heterogeneous": replace(INDEPENDENT, heterogeneity=1.0),
}
NAMES = 1  # seed of the names, the same in all worlds

NOTHING = Redrawn(*(np.zeros(n, t) for n, t in ((0, np.int32), (0, np.int32), (1, int), (0, int), (2, int))))


@dataclass(frozen=True)
class Cell:
    """What the worlds of one cell have in common."""

    scenario: str
    births: int
    noise: str


def run(cell: Cell, seed: int) -> dict[str, Any]:
    """Simulate and estimate one world.

    Returns   the cell and the seed; "carry", "ignore", "true links": status, births, low, high, listed; f1, recall
              and precision of pairs; births truly listed; seconds of processor time
    """
    begun = time.process_time()
    made = world(Options(cell.births, seed, cell.noise, capture=SCENARIOS[cell.scenario], names=NAMES))
    with TemporaryDirectory() as folder:
        wanted = plan.load(write_world(made, Path(folder)))
        records = standardise(iter(read_lists(wanted).lists), wanted).records
    with open_engine("local", 1, silent) as engine:
        linked = link(records, wanted.link, engine.map, seed, silent_step)
    asked, read = scope(wanted), reading(records, scope(wanted))
    draws, truth = linked.partition.draws, true_births(made, records)
    missed = Missed(linked.hidden.pairs, linked.hidden.sd)
    return {
        "scenario": cell.scenario,
        "births": cell.births,
        "noise": cell.noise,
        "seed": seed,
        "carry": births(read, (draws.base, estimating.redrawn(draws), missed), asked, seed),
        "ignore": births(read, (draws.base, NOTHING, None), asked, seed),
        "true links": births(read, (truth, NOTHING, None), asked, seed),
        **agreement(draws.base, truth),
        "listed": len(np.unique(truth)),
        "seconds": time.process_time() - begun,
    }


class silent_step:  # noqa: N801 - stands for a function
    """A step that nobody times."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        """Nothing to begin."""

    def __exit__(self, *_: object) -> None:
        """Nothing to end."""


def births(read: Reading, links: tuple[Int32Array, Redrawn, Missed | None], asked: Scope, seed: int) -> dict[str, Any]:
    """All births as the run's headline has them, by some links.

    links   smallest record of each record's birth; what draws change; links missed by all draws
    """
    base, redrawn, missed = links
    counted = captures(read, partitions(read, base, redrawn), asked, seed)
    if missed is not None:
        counted = replace(counted, counts=merged(counted.counts, missed, seed, counted.can_hold))
    total = groups(estimated(counted, seed), ())
    drawn = total.births[:, 0]
    middle, low, high = (float(each[0]) for each in interval(drawn[None, :]))
    return {
        "status": total.status[0],
        "births": middle,
        "low": low,
        "high": high,
        "listed": float(np.median(total.listed[:, 0])),
        "share": linkage_share(drawn, len(counted.counts)),
    }


def true_births(made: World, records: Records) -> Int32Array:
    """(n_records,) the smallest record of the birth that each record is truly of."""
    key = pl.DataFrame({"list": pl.Series(records.list_names).gather(records.list_of), "record_id": records.record_id})
    truth = made.truth.drop_nulls("record_id").select(pl.col("list").cast(pl.String), "record_id", "birth")
    birth = key.join(truth, on=["list", "record_id"], how="left", maintain_order="left")["birth"].to_numpy()
    first = np.full(int(birth.max()) + 1, len(birth))
    np.minimum.at(first, birth, np.arange(len(birth)))
    return first[birth].astype(np.int32)


def agreement(found: Int32Array, truth: Int32Array) -> dict[str, float]:
    """Precision, recall and F1 of the pairs of records put together."""
    both = np.unique(found.astype(np.int64) * len(found) + truth, return_inverse=True)[1]
    right, put, true = pairs(both), pairs(found.astype(np.int64)), pairs(truth.astype(np.int64))
    return {"precision": right / put, "recall": right / true, "f1": 2 * right / (put + true)}


def pairs(label: Int64Array) -> int:
    """Pairs of records with one label."""
    size = np.bincount(label)
    return int((size * (size - 1) // 2).sum())
