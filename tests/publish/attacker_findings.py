"""What somebody who wants the hidden counts makes of the tables of findings.

Findings are births, rows, repeats and pairs that other tables count as well. From run to run they stay the same, but
for some that are new, gone, or lost with their records.
"""

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from tests.publish.attacker import Attacker


def read_findings(a: "Attacker") -> None:
    """Findings by area, kind and status, and what else they are."""
    rows = a.tables.get("findings", [])
    areas = {row["area"] for row in rows} | {row["area"] for row in a.tables.get("births_by_area_sex", [])}
    kinds = {(row["kind"], row["status"]) for row in rows}
    shown = {(row["area"], row["kind"], row["status"]) for row in rows}
    for row in rows:
        place = a.at("findings", area=row["area"], kind=row["kind"], status=row["status"])
        a.read("findings", "findings", row["findings"], place, never_0=True)
    for kind, status in kinds:
        for area in areas - {"unknown", "total"}:
            if (area, kind, status) not in shown:
                a.known[a.at("findings", area=area, kind=kind, status=status)] = 0.0
        parts = [a.at("findings", area=area, kind=kind, status=status) for area in {*areas, "unknown"} - {"total"}]
        a.add_up(a.at("findings", kind=kind, status=status), parts)
    for area in {*areas, "total"} if rows and a.register else ():
        lost = _lost(a, area, "not-registered", kinds)
        a.add_up(_all(a, area, "not-registered", kinds), [a.at("unregistered", area=area), *lost])
    if rows:
        _as_counted(a, kinds)


def _all(a: "Attacker", area: str, kind: str, kinds: set[tuple[str, str]]) -> int:
    """All findings of a kind."""
    parts = [a.at("findings", area=area, kind=kind, status=status) for each, status in kinds if each == kind]
    a.add_up(a.at("all findings", area=area, kind=kind), parts)
    return a.at("all findings", area=area, kind=kind)


def _lost(a: "Attacker", area: str, kind: str, kinds: set[tuple[str, str]]) -> list[int]:
    """Findings that are not found any more: never those that are open."""
    states = [status for each, status in kinds if each == kind and status != "open"]
    return [a.at("lost", area=area, kind=kind, status=status) for status in states]


def _as_counted(a: "Attacker", kinds: set[tuple[str, str]]) -> None:
    """Findings that other tables count as well."""
    lists = [row["list"] for row in a.tables.get("list_quality", [])]
    rejected = [a.at("rejected", list=name) for name in lists]
    every = _all(a, "total", "rejected", kinds)
    if lists:
        a.add_up(every, [*_lost(a, "total", "rejected", kinds), a.at("all rejected")])
        a.add_up(a.at("all rejected"), rejected)
        repeated = [a.at("repeated", list=name) for name in lists]
        lost = _lost(a, "total", "duplicate", kinds)
        a.at_least([*repeated, *lost], [_all(a, "total", "duplicate", kinds)])
    pairs = [a.at("pairs", probability=name) for name in ("0.2-0.5", "0.5-0.8")]
    lost = _lost(a, "total", "uncertain-link", kinds)
    a.at_least([*pairs, *lost], [_all(a, "total", "uncertain-link", kinds)])
    _resolved(a, _all(a, "total", "disagreement", kinds), lists)


def _resolved(a: "Attacker", every: int, lists: list[str]) -> None:
    rows = a.tables.get("disagreements_resolved", [])
    fields: dict[str, list[int]] = {}
    for row in rows:
        place = a.at("resolved", field=row["field"], how=row["how"])
        a.read("disagreements_resolved", "births", row["births"], place, never_0=True)
        fields.setdefault(row["field"], []).append(place)
    if rows:
        others = a.at("resolved", field="others")
        a.add_up(every, [*(place for some in fields.values() for place in some), others])
    repeated = [a.at("repeated", list=name) for name in lists]
    for field, some in fields.items():
        lost = a.at("lost", field=field)
        pairs = [row["lists"] for row in a.tables.get("disagreements", []) if row["field"] == field]
        differ = [a.at("disagree", field=field, lists=two) for two in pairs]
        if differ:
            a.at_least([*differ, *repeated, lost], some)
        # of places and names a part of another value is a disagreement in one table only
        for one in () if field == "residence" or field.endswith("_name") else differ:
            a.at_least(some, [one, lost])


def read_progress(a: "Attacker") -> None:
    """Findings after each run; those after the last are those of the other table, but for what is gone."""
    rows = a.tables.get("findings_progress", [])
    runs = sorted({int(row["run"]) for row in rows})
    areas = {row["area"] for row in rows} - {"total"}
    kinds = {(row["kind"], row["status"]) for row in rows}
    shown = {(row["run"], row["area"], row["kind"], row["status"]): row["findings"] for row in rows}

    def place(run: int, area: str, kind: str, status: str) -> int:
        of_run = {} if run == runs[-1] and status != "gone" else {"run": str(run)}
        return a.at("findings", area=area, kind=kind, status=status, **of_run)

    for run in runs:
        for kind, status in kinds:
            for area in (*areas, "total"):
                text = shown.get((str(run), area, kind, status), "0" if area != "unknown" else None)
                if text is not None:
                    own = place(run, area, kind, status)
                    a.read("findings_progress", "findings", text, own, never_0=True)
            parts = [place(run, area, kind, status) for area in {*areas, "unknown"}]
            a.add_up(place(run, "total", kind, status), parts)
    for before, after in pairwise(runs):
        for kind in {kind for kind, _ in kinds}:
            states = {status for each, status in kinds if each == kind}
            for area in (*areas, "total"):
                old = [place(before, area, kind, status) for status in states - {"gone"}]
                new = [place(after, area, kind, status) for status in states]
                more, less = (a.at(which, run=str(after), area=area, kind=kind) for which in ("more", "less"))
                a.limit(a.difference([*old, more], [*new, less]), 0.0, 0.0)


def told(attacker: "Attacker", run: Path) -> "Attacker":
    """Let him know of a run what is easily guessed: that all decided findings of a sort are still found, or none of
    them is, and where a run brought no other findings.
    """
    found = pl.read_parquet(run / "findings.parquet")
    history = pl.read_parquet(run / "findings_history.parquet").filter(pl.col("area") != "all")
    lost = (pl.col("last_seen") != history["run"].max()).sum().alias("lost")
    for keys in (("area", "kind", "status"), ("kind", "status"), ("field",)):
        for row in found.group_by(keys).agg(lost, pl.len().alias("all")).iter_rows(named=True):
            if row["lost"] in (0, row["all"]) and row[keys[0]] is not None:
                attacker.known[attacker.at("lost", **{name: row[name] for name in keys})] = row["lost"]
    runs = sorted(int(row["run"]) for row in attacker.tables.get("findings_progress", []))
    for keys in (("area", "kind"), ("kind",)):
        sizes = {row[:-1]: row[-1] for row in history.group_by("run", *keys, pl.col("status") == "gone").agg(
            pl.col("findings").sum()).iter_rows()}  # fmt: skip
        for run_, *group in {(key[0], *key[1:-1]) for key in sizes if key[0] > min(runs, default=0)}:
            before = sizes.get((run_ - 1, *group, False), 0)
            if before == sum(sizes.get((run_, *group, gone), 0) for gone in (False, True)):
                where = {"run": str(run_), **dict(zip(keys, group, strict=True))}
                attacker.known[attacker.at("more", **where)] = attacker.known[attacker.at("less", **where)] = 0.0
    return attacker
