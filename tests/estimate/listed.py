"""Small made-up lists of births, as records and as births, for the tests of what follows linking."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from everybirth.estimate.births import Reading, reading
from everybirth.estimate.histories import Captures, captures, partitions
from everybirth.estimate.redrawn import Redrawn
from everybirth.estimate.scope import Scope
from everybirth.schema import FIELDS, Kind
from everybirth.tables import Column, Records

NOTHING = np.zeros(0, dtype=np.int32)
SCOPE = Scope(
    lists=("hospital", "community", "register"),
    register=2,
    by=("area", "period", "sex"),
    period="year",
    first=None,
    last=None,
    area_level=1,
    hierarchy=None,
    covers=({}, {}, {}),
    within_days=None,
    sex_ratio=1.05,
    sex_ratio_sd=0.01,
    methods=None,
)
FACILITY_ONLY = replace(SCOPE, by=("area", "period", "sex", "site"), covers=({"site": ("facility",)}, {}, {}))


def nothing_redrawn(n_draws: int) -> Redrawn:
    """All draws are as the best partition."""
    none = np.zeros(0, dtype=np.int64)
    return Redrawn(NOTHING, NOTHING, np.zeros(1, dtype=np.int64), none, np.zeros(n_draws + 1, dtype=np.int64))


def records(list_of: Sequence[int], lists: tuple[str, ...] = SCOPE.lists, **fields: Sequence[object]) -> Records:
    """Records with some fields; None where a record does not say. Dates are days since 1970-01-01."""
    columns = {}
    for name, given in fields.items():
        dtype = {Kind.DATE: pl.Int32, Kind.NUMBER: pl.Float64}.get(FIELDS[name].kind, pl.String)
        series = pl.Series(name, list(given), dtype=dtype)
        values = series.drop_nulls().unique().sort()
        place = {value: k for k, value in enumerate(values.to_list())}
        codes = np.array([-1 if value is None else place[value] for value in series.to_list()], dtype=np.int32)
        columns[name] = Column(name, FIELDS[name].kind, codes, values)
    n = len(list_of)
    return Records(
        list_names=lists,
        list_of=np.array(list_of, dtype=np.int16),
        record_id=pl.Series([str(k) for k in range(n)], dtype=pl.String),
        columns=columns,
        raw={},
    )


def day(text: str) -> int:
    """Days since 1970-01-01."""
    return (dt.date.fromisoformat(text) - dt.date(1970, 1, 1)).days


def counted(some: Records, base: Sequence[int], wanted: Scope, n_draws: int = 4) -> tuple[Reading, Captures]:
    """Count births whose linkage is certain."""
    read = reading(some, wanted)
    parts = partitions(read, np.array(base, dtype=np.int32), nothing_redrawn(n_draws))
    return read, captures(read, parts, wanted, seed=0)


class Town:
    """Births with known history, area, sex and site: one record per birth and list, linked without error."""

    def __init__(self, history: np.ndarray, n_lists: int, **fields: np.ndarray) -> None:
        rows = [(b, k) for k in range(n_lists) for b in np.flatnonzero(history[:, k]).tolist()]
        self.birth = np.array([b for b, _ in rows], dtype=np.int64)
        self.list_of = [k for _, k in rows]
        self.fields = {name: [values[b] for b in self.birth] for name, values in fields.items()}
        self.base = [int(np.flatnonzero(self.birth == b)[0]) for b in self.birth] if len(rows) < 2000 else self._base()

    def _base(self) -> list[int]:
        _, first, place = np.unique(self.birth, return_index=True, return_inverse=True)
        return first[place].tolist()

    def records(self, lists: tuple[str, ...] = SCOPE.lists) -> Records:
        return records(self.list_of, lists, **self.fields)


def town(n_births: int, seed: int, home: float = 0.3) -> tuple[Town, dict[str, int]]:
    """A town whose hospital holds facility births only, the other lists all; true births by site."""
    rng = np.random.default_rng(seed)
    site = np.where(rng.random(n_births) < home, "home", "facility")
    area = np.array([f"{a:02d}" for a in range(4)])[rng.integers(4, size=n_births)]
    sex = np.where(rng.random(n_births) < 0.512, "male", "female")
    chance = np.array([0.8, 0.6, 0.7])
    held = rng.random((n_births, 3)) < chance
    held[:, 0] &= site == "facility"
    fields = {"residence": area, "sex": sex, "site": site, "birth_date": np.full(n_births, day("2024-05-01"))}
    return Town(held, 3, **fields), {name: int((site == name).sum()) for name in ("facility", "home")}


def write(path: Path, text: str) -> Path:
    """Write a text; its path."""
    path.write_text(text)
    return path
