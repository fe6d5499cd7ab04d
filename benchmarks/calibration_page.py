"""CALIBRATION.md and results/calibration.json, written from finished worlds."""

import datetime as dt
import json
from pathlib import Path
from statistics import NormalDist, fmean, pstdev
from typing import Any

HERE = Path(__file__).parent
FIGURES = HERE / "results" / "calibration.json"
PAGE = HERE / "CALIBRATION.md"
WAYS = ("carry", "ignore", "true links")
SCENARIOS = ("independent", "pairwise", "area and sex", "heterogeneous")
LEAST, MOST = 0.93, 0.97  # share of worlds that is wanted
Row = dict[str, Any]

HEAD = """\
# Do the intervals hold the truth?

Written by `benchmarks/calibration.py` from `benchmarks/results/calibration.json`; do not edit.

Worlds of births are simulated; three lists (hospital, community, register) hold some of them and get some wrong; the
lists are linked and the births estimated as a run does it. Each world is estimated in three ways: over all draws of the
linkage, and with the links that blocking missed (**carry**, what a run reports); from the best linkage as if it were
right (**ignore**); from the links that are truly right, which nobody has (**true links**). 95% intervals should hold
the true number of births in 95 of 100 worlds. Where the assumption of the estimate holds, 93 to 97 are wanted; where it
does not, the table says how far the intervals go wrong.

- independent: no list knows of another.
- pairwise: a birth in the hospital has 2.2 times the odds of being registered, and 0.6 times those of being on the
  community's list; no dependence of all three. The assumption holds.
- area and sex: coverage differs between areas (standard deviation 0.5 on the logit scale, each list by itself) and
  between girls and boys; hospital and register depend on each other. The assumption holds within area and sex.
- heterogeneous: each birth has its own leaning to be on any list (standard deviation 1 on the logit scale). **The
  assumption fails**: births that no list reaches are too many, and the estimate is too low.

Bias and width are in percent of the true births. F1 is of pairs of records put together by the best linkage. A world of
100,000 births takes as long as five of 3,000, so that these are of one scenario only.
"""
HOLDS = SCENARIOS[:3]  # the assumption does


def write(rows: list[Row]) -> None:
    """Keep the figures of all cells, and write the page."""
    cells = [figures(group) for group in grouped(rows)]
    FIGURES.parent.mkdir(exist_ok=True)
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    FIGURES.write_text(json.dumps({"date": today, "cells": cells}, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text("\n".join([HEAD, f"{today}. {verdict(cells)}\n", table(cells)]) + "\n", encoding="utf-8")
    print(f"{PAGE} written")


def verdict(cells: list[Row]) -> str:
    """How the cells in which the assumption holds stand against what is wanted."""
    of = {way: [cell[way]["coverage"] for cell in cells if cell["scenario"] in HOLDS] for way in WAYS}
    within = sum(LEAST <= share <= MOST for share in of["carry"])
    ranges = {way: f"{100 * min(shares):.1f} to {100 * max(shares):.1f}%" for way, shares in of.items()}
    return (
        f"Where the assumption holds, intervals that carry the doubt hold the truth in {ranges['carry']} of worlds, "
        f"between 93 and 97 in {within} of {len(of['carry'])} cells; those that ignore it in {ranges['ignore']}; with "
        f"the true links it is {ranges['true links']}."
    )


def grouped(rows: list[Row]) -> list[list[Row]]:
    """Worlds cell by cell, in the order of scenario, noise and births."""
    cells: dict[tuple[str, str, int], list[Row]] = {}
    for row in sorted(rows, key=lambda row: row["seed"]):
        cells.setdefault((row["scenario"], row["noise"], row["births"]), []).append(row)
    noises = ("light", "medium", "heavy")
    order = sorted(cells, key=lambda key: (SCENARIOS.index(key[0]), noises.index(key[1]), key[2]))
    return [cells[key] for key in order]


def figures(rows: list[Row]) -> Row:
    """What one cell found."""
    first = rows[0]
    cell: Row = {name: first[name] for name in ("scenario", "noise", "births")}
    cell |= {"worlds": len(rows), "f1": fmean(row["f1"] for row in rows)}
    cell["cpu_seconds"] = fmean(row["seconds"] for row in rows)
    for way in WAYS:
        cell[way] = way_of(rows, way)
    return cell


def way_of(rows: list[Row], way: str) -> Row:
    """Coverage, bias and width of one way; worlds where it refuses are counted and left out."""
    truth = rows[0]["births"]
    kept = [row[way] for row in rows if not row[way]["status"].startswith("refused")]
    refused = 1.0 - len(kept) / len(rows)
    if not kept:
        return {"refused": refused}
    held = sum(one["low"] <= truth <= one["high"] for one in kept)
    low, high = wilson(held, len(kept))
    return {
        "refused": refused,
        "coverage": held / len(kept),
        "coverage_low": low,
        "coverage_high": high,
        "too_high": sum(one["low"] > truth for one in kept) / len(kept),
        "bias": fmean(one["births"] for one in kept) / truth - 1.0,
        "spread": pstdev(one["births"] for one in kept) / truth,
        "width": fmean(one["high"] - one["low"] for one in kept) / truth,
    }


def wilson(held: int, of: int, level: float = 0.95) -> tuple[float, float]:
    """Limits of a share. Source: Wilson 1927."""
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share, spread = held / of, z * z / of
    middle = (share + spread / 2) / (1 + spread)
    half = z * (share * (1 - share) / of + spread / (4 * of)) ** 0.5 / (1 + spread)
    return middle - half, middle + half


def table(cells: list[Row]) -> str:
    """A row for each cell and way."""
    head = ("scenario", "noise", "births", "worlds", "F1", "links", "95% intervals hold the truth", "bias %", "width %")
    lines = ["| " + " | ".join((*head, "refused %")) + " |", "|---|---|---:|---:|---:|---|---|---:|---:|---:|"]
    for cell in cells:
        for way in WAYS:
            one = cell[way]
            start = [cell["scenario"], cell["noise"], f"{cell['births']:,}", str(cell["worlds"]), f"{cell['f1']:.4f}"]
            refused = f"{100 * one['refused']:.1f}"
            found = ["none", "", ""]
            if "coverage" in one:
                limits = f"{100 * one['coverage_low']:.1f} to {100 * one['coverage_high']:.1f}"
                found = [f"{100 * one['coverage']:.1f}% ({limits})", f"{100 * one['bias']:+.2f}"]
                found.append(f"{100 * one['width']:.2f}")
            lines.append("| " + " | ".join([*start, way, *found, refused]) + " |")
    return "\n".join(lines)
