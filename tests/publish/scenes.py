"""Small lists, linked by hand, for findings to be looked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from everybirth.plan import REGISTER, ColumnPlan, ListPlan, Plan
from everybirth.publish.findings.detect import Unused, detect
from everybirth.publish.findings.fate import Fates, fates
from everybirth.publish.findings.past import Past
from everybirth.publish.findings.scene import Births, PairsKept, Scene
from everybirth.resolve import best_records, record_keys
from everybirth.standardise import standardise
from everybirth.tables import MISSING, RawList

NO_REJECTS = pl.DataFrame(schema={"list": pl.String, "row": pl.UInt32, "reason": pl.String, "content": pl.String})


@dataclass(frozen=True)
class World:
    """Linked lists, and what was read but is in no record."""

    scene: Scene
    unused: Unused

    def found(self) -> pl.DataFrame:
        return detect(self.scene, self.unused, partial(record_keys, self.scene.records.list_names))

    def after(self, past: Past) -> Fates:
        """What becomes of the findings, given the past."""
        return fates(self.found(), past, self.scene)


def world(
    lists: Mapping[str, Sequence[Mapping[str, Any]]],
    same: Sequence[Sequence[str]] = (),
    *,
    pairs: Mapping[tuple[str, str], float] | None = None,
    outside: Sequence[str] = (),
    rejected: pl.DataFrame = NO_REJECTS,
) -> World:
    """Lists of records, those of a list called "register" being the civil register's.

    lists    name -> records, each with "id" and any fields; the area is the part of the residence before "-"
    same     ids of records that are one birth; the others are alone
    pairs    two ids -> probability that they are one birth
    outside  ids of records of births that the plan leaves out
    """
    raw, parts = [], []
    for name, rows in lists.items():
        frame = pl.DataFrame([{key: value for key, value in row.items() if key != "id"} for row in rows], strict=False)
        ids = pl.Series("record_id", [row["id"] for row in rows], dtype=pl.String)
        raw.append(RawList(name, pl.DataFrame([ids, *frame]).with_row_index("row", offset=2)))
        columns = {column: ColumnPlan(column) for column in frame.columns}
        parts.append(ListPlan(name, f"{name}.csv", "id", columns, role=REGISTER if name == "register" else ""))
    clean = standardise(raw, Plan(Path("everybirth.toml"), tuple(parts)))
    records = clean.records
    place = {record: row for row, record in enumerate(records.record_id.to_list())}
    first = np.arange(records.n_records)
    for group in same:
        first[[place[each] for each in group]] = min(place[each] for each in group)
    of_record = np.unique(first, return_inverse=True)[1].astype(np.int32)
    rank = np.array([0 if name == "register" else 1 + k for k, name in enumerate(lists)], np.int16)
    best = best_records(of_record, records.columns, rank[records.list_of])
    n_births = int(of_record.max(initial=-1)) + 1
    out = np.zeros(n_births, bool)
    out[of_record[[place[each] for each in outside]]] = True
    ends = sorted((*sorted((place[a], place[b])), p) for (a, b), p in (pairs or {}).items())
    left, right, chance = (np.array([end[k] for end in ends]) for k in range(3))
    births = Births(
        of_record=of_record,
        birth_id=pl.Series([f"B{number:03}" for number in range(n_births)], dtype=pl.String),
        probability=np.full(n_births, 0.9, np.float32),
        area=_areas(records, best, n_births),
        outside=out,
        best=best,
    )
    scene = Scene(
        records=records,
        births=births,
        pairs=PairsKept(left.astype(np.int32), right.astype(np.int32), chance.astype(np.float32)),
        list_rank=rank,
        register=list(lists).index("register") if "register" in lists else MISSING,
        record_key=record_keys(records.list_names, records.list_of, records.record_id),
    )
    return World(scene, Unused(clean.unusable, rejected, dict.fromkeys(lists, "id")))


def _areas(records: Any, best: Mapping[str, Any], n_births: int) -> pl.Series:
    if "residence" not in best:
        return pl.Series(["unknown"] * n_births, dtype=pl.String)
    column = records.columns["residence"]
    codes = np.append(column.codes, MISSING)[best["residence"]]
    return pl.Series(
        [column.values[int(code)].split("-")[0] if code >= 0 else "unknown" for code in codes], dtype=pl.String
    )


def person(number: int, **fields: Any) -> dict[str, Any]:
    """A record of a birth unlike those of other numbers, and whatever else is said of it."""
    names = ("Amara", "Bela", "Chidi", "Dina", "Efua", "Femi", "Goran", "Hana")
    day = np.datetime64("2024-01-01") + number * 7 % 360
    return {
        "id": f"r{number}",
        "child_given_name": f"{names[number % 8]}{'abcdefghij'[number // 8 % 10]}",
        "child_family_name": f"Family{'abcdefghij'[number % 10]}",
        "birth_date": str(day),
        "residence": f"01-{number % 3}",
    } | fields
