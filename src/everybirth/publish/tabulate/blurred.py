"""Counts with random noise instead of hidden ones: differential privacy, by OpenDP.

Only counts of births are published then, each table with its share of the privacy budget epsilon. Within a table each
birth is in one cell only, so that one birth more or less changes one count by one; margins are sums of the noisy cells.
Estimates of the total are published as they are: the guarantee does not cover them. Nor does it cover which rows there
are.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import polars as pl

from everybirth.errors import PlanError
from everybirth.publish.disclosure import Ledger
from everybirth.publish.release import TOTAL
from everybirth.publish.tabulate.draft import Draft
from everybirth.tables import Int64Array

COUNTED = (
    *("overlap", "births_by_area_sex", "births_by_month_sex", "births_by_site", "births_by_plurality"),
    *("births_by_weight_class", "births_by_mother_age", "timeliness", "occurrence_by_registration_year"),
)
AS_THEY_ARE = ("headline", "linkage")  # estimates of the total and of the linkage
INSTALL = 'safeguards.epsilon: noise is made by OpenDP, which is not installed: pip install "everybirth[dp]".'


def noise(n: int, epsilon: float) -> Int64Array:
    """(n,) whole numbers of the discrete Laplace distribution, from the system's secure source of randomness.

    epsilon   spent on the n counts together, of which one birth changes one by one
    Raises    PlanError  if OpenDP is not there
    """
    try:
        import opendp.prelude as dp
    except ImportError:
        raise PlanError(INSTALL) from None
    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
    measurement = dp.m.make_laplace(*space, scale=1.0 / epsilon)
    spent: float = measurement.map(d_in=1)  # type: ignore[no-untyped-call]
    if spent > epsilon * (1 + 1e-9):
        message = "The noise is less than what epsilon asks for."
        raise ValueError(message)
    return np.array(measurement([0] * n), dtype=np.int64)


def blurred(drafts: Sequence[Draft], ledger: Ledger, epsilon: float) -> dict[str, pl.DataFrame]:
    """The tables that are published with noise, and those few that are published as they are.

    epsilon   the whole budget, shared out evenly over the tables with noise
    """
    some = [draft for draft in drafts if draft.name in COUNTED]
    frames = {draft.name: _noisy(draft, ledger, epsilon / len(some)) for draft in some}
    nothing = [False] * len(ledger.value)
    return frames | {draft.name: draft.frame(ledger, nothing) for draft in drafts if draft.name in AS_THEY_ARE}


def _noisy(draft: Draft, ledger: Ledger, epsilon: float) -> pl.DataFrame:
    """One table with noise in each cell of births that no other cell of the table has."""
    exact = draft.frame(ledger, [False] * len(ledger.value))
    keys = [name for name in draft.keys if name != "level"]
    single = [not any(value == TOTAL for value in row) for row in exact.select(keys).iter_rows()]
    if not any(single):
        single = [True] * exact.height
    parts = _parts(exact.filter(pl.Series(single, dtype=pl.Boolean)).select(draft.counts).to_numpy())
    parts = parts + noise(parts.size, epsilon).reshape(parts.shape)
    counts = np.cumsum(parts[:, ::-1], axis=1)[:, ::-1]
    cells = exact.filter(pl.Series(single, dtype=pl.Boolean)).select(keys)
    found = _sums(list(exact.select(keys).iter_rows()), cells, counts)
    found = np.minimum.accumulate(np.maximum(found, 0), axis=1)  # after adding up, or margins would be too large
    frame = exact.with_columns(pl.Series(name, found[:, k]) for k, name in enumerate(draft.counts))
    return _shares(frame) if "share" in draft.figures else frame


def _parts(counts: Int64Array) -> Int64Array:
    """Counts, each a part of the one before, as numbers of births that are in one of them only."""
    columns = [counts[:, a] - counts[:, b] for a, b in pairwise(range(counts.shape[1]))]
    return np.stack([*columns, counts[:, -1]], axis=1)


def _sums(rows: list[tuple[str, ...]], cells: pl.DataFrame, counts: Int64Array) -> Int64Array:
    """(n_rows, n_counts) the counts of the cells that each row takes in: its own, or all those of a margin."""
    own = {row: k for k, row in enumerate(cells.iter_rows())}
    columns = [cells[name].to_numpy() for name in cells.columns]
    found = np.zeros((len(rows), counts.shape[1]), dtype=np.int64)
    for place, row in enumerate(rows):
        if row in own:
            found[place] = counts[own[row]]
        else:
            inside = np.ones(cells.height, dtype=bool)
            for column, value in zip(columns, row, strict=True):
                inside &= (value == TOTAL) | (column == value)
            found[place] = counts[inside].sum(axis=0)
    return found


def _shares(frame: pl.DataFrame) -> pl.DataFrame:
    whole = pl.col("registered").sum().over("level", "value")
    return frame.with_columns(pl.when(whole > 0).then((pl.col("registered") / whole).round(4)).alias("share"))
