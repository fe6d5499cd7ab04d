"""Draws of the whole partition from its posterior, stored as what differs from the best partition."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from everybirth.compiled import loop_kernel
from everybirth.resolve.posterior import Deviations, make_deviations
from everybirth.tables import Int16Array, Int32Array, Int64Array


@dataclass(frozen=True, slots=True)
class Draws:
    """Independent draws of which records are one birth; most components are alike in all of them.

    n_draws   number of draws
    base      (n_records,) smallest record of the record's birth, in the best partition
    offset    (n_draws + 1,) where each draw starts in the next three
    members   (n_deviations,) where the records of a component that deviates start in records
    label     (n_deviations,) where its partition in this draw starts in labels
    size      (n_deviations,) its number of records
    records   (.,) records of the components that ever deviate
    labels    (.,) place, within its component, of the smallest record of the record's birth
    """

    n_draws: int
    base: Int32Array
    offset: Int64Array
    members: Int64Array
    label: Int64Array
    size: Int16Array
    records: Int32Array
    labels: Int16Array

    def labels_of(self, draw: int) -> Int32Array:
        """(n_records,) birth label of every record in a draw: the smallest record of its birth, in [0, n_records)."""
        found = self.base.copy()
        some = slice(self.offset[draw], self.offset[draw + 1])
        _patch(self.members[some], self.label[some], self.size[some], self.records, self.labels, found)
        return found

    def moved(self, draw: int) -> tuple[Int32Array, Int32Array]:
        """Records that a draw puts into another birth than the best partition does, ascending, and the first record of
        that birth.
        """
        some = slice(self.offset[draw], self.offset[draw + 1])
        size = self.size[some].astype(np.int64)
        within = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        first = np.repeat(self.members[some], size)
        rows, label = self.records[first + within], self.labels[np.repeat(self.label[some], size) + within]
        first_rows = self.records[first + label]
        differs = np.flatnonzero(first_rows != self.base[rows])
        differs = differs[np.argsort(rows[differs])]
        return rows[differs], first_rows[differs]


def gather_draws(base: Int32Array, n_draws: int, parts: Iterable[Deviations]) -> Draws:
    """Put the (trimmed) deviations found by each chunk under one another and sort them by draw."""
    tables = [*parts, make_deviations(0)]
    counts = np.array([table.counts for table in tables])
    starts = np.cumsum(counts, axis=0) - counts
    draw = np.concatenate([table.draw for table in tables])
    members = np.concatenate([table.members + start for table, start in zip(tables, starts[:, 1], strict=True)])
    label = np.concatenate([table.label + start for table, start in zip(tables, starts[:, 2], strict=True)])
    by_draw = np.argsort(draw, kind="stable")
    return Draws(
        n_draws=n_draws,
        base=base,
        offset=np.concatenate([[0], np.cumsum(np.bincount(draw, minlength=n_draws))]),
        members=members[by_draw],
        label=label[by_draw],
        size=np.concatenate([table.size for table in tables])[by_draw],
        records=np.concatenate([table.records for table in tables]),
        labels=np.concatenate([table.labels for table in tables]),
    )


@loop_kernel
def _patch(members: Any, label: Any, size: Any, records: Any, labels: Any, found: Any) -> Any:
    for deviation in range(len(members)):
        first = members[deviation]
        for place in range(size[deviation]):
            found[records[first + place]] = records[first + labels[label[deviation] + place]]
