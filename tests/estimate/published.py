"""Capture histories with published estimates, from tests/estimate/golden/*.json."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from everybirth.estimate.cells import checked
from everybirth.tables import Float64Array

FOLDER = Path(__file__).parent / "golden"


def story(name: str) -> dict[str, Any]:
    """The whole file."""
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def counts(name: str) -> Float64Array:
    """Its counts as (1, 2**L) checked counts."""
    held = story(name)
    table = np.zeros(2 ** len(held["lists"]))
    for history, births in held["counts"].items():
        table[int(history, 2)] = births
    assert table.sum() == held["n_observed"]
    return checked(table)


def expected(name: str, method: str, settings: str = "") -> dict[str, Any]:
    """The one expectation whose method starts, and whose settings start, with these words."""
    found = [
        one
        for one in story(name)["expected"]
        if one["method"].startswith(method) and one.get("settings", "").startswith(settings)
    ]
    found = [one for one in found if one["method"] == method] or found
    assert len(found) == 1, (name, method, len(found))
    return found[0]
