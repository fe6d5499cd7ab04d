"""Areas: from the place codes in the lists to the level at which births are counted."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from everybirth.errors import PlanError, ReadError
from everybirth.tables import Int32Array

OUTSIDE = -2  # the code of a place that the hierarchy does not know
_PARTS = re.compile(r"[^-/]+")
_LAST_PART = re.compile(r"[-/][^-/]*$")


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Which area of the chosen level each place code lies in; "" for one too coarse to say."""

    area_of: dict[str, str]

    def find(self, code: str) -> str | None:
        """The area of a code or, if it is not known, of the code without its last parts; None: not known at all."""
        while code not in self.area_of:
            shorter = _LAST_PART.sub("", code)
            if shorter == code:
                return None
            code = shorter
        return self.area_of[code]


@dataclass(frozen=True, slots=True)
class Areas:
    """Areas as codes.

    labels   names of the areas, ascending
    codes    one array for each series of places given: (n_values,) index into labels, MISSING or OUTSIDE
    """

    labels: tuple[str, ...]
    codes: tuple[Int32Array, ...]


def areas(places: list[pl.Series], level: int | str, hierarchy: Hierarchy | None) -> Areas:
    """The area of every place code.

    places   series of distinct codes, in capital letters
    level    without a hierarchy, how many leading parts of a code, divided by "-" or "/", name its area: "0103-07" at
             level 1 is in "0103"; 0: all is one area
    """
    found = [
        [hierarchy.find(code) if hierarchy else leading(code, int(level)) for code in series.to_list()]
        for series in places
    ]
    labels = sorted({area for each in found for area in each if area})
    number = {area: k for k, area in enumerate(labels)} | {"": -1, None: OUTSIDE}
    return Areas(tuple(labels), tuple(np.array([number[area] for area in each], dtype=np.int32) for each in found))


def leading(code: str, n_parts: int) -> str:
    """The first parts of a place code, with what divides them; "all" for none."""
    if n_parts == 0:
        return "all"
    ends = [part.end() for part in _PARTS.finditer(code)][:n_parts]
    return code[: ends[-1]] if len(ends) else ""


def read_hierarchy(path: Path, level: int | str) -> Hierarchy:
    """Read a hierarchy of areas.

    path     a CSV file with a column "code" and either "parent" (the code one level up, empty at the top; perhaps
             "level", the level's name) or one column for each level above, from the top down
    level    how many levels from the top, 1 being the top, or the level's name
    Raises   ReadError  if the file is no such table; PlanError  if it has no such level
    """
    try:
        frame = pl.read_csv(path, infer_schema=False).fill_null("")
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = "it is not there" if isinstance(error, FileNotFoundError) else "it is no CSV table"
        raise ReadError(f"{path}: the hierarchy of areas cannot be read: {reason}. Mend [areas] hierarchy.") from None
    if "code" not in frame.columns or len(frame.columns) < 2:
        raise ReadError(
            f'{path}: found the columns {", ".join(frame.columns)}; a hierarchy needs "code" and "parent", or "code" '
            "and one column for each level above."
        )
    frame = frame.select(pl.all().str.strip_chars().str.to_uppercase())
    if "parent" in frame.columns:
        return Hierarchy(_by_parents(frame, level, path))
    return Hierarchy(_by_columns(frame, level, path))


def _by_columns(frame: pl.DataFrame, level: int | str, path: Path) -> dict[str, str]:
    names = [*(name for name in frame.columns if name not in ("code", "name")), "code"]
    wanted = names[min(max(level, 1), len(names)) - 1] if isinstance(level, int) else level
    if wanted not in names:
        raise PlanError(f'estimate.area_level: "{level}" is no level of {path}. Levels: {", ".join(names)}.')
    place = names.index(wanted)
    area_of = {code: "" for name in names[:place] for code in frame[name]}
    for name in names[place:]:
        area_of |= dict(zip(frame[name], frame[wanted], strict=True))
    return {code: area for code, area in area_of.items() if code}


def _by_parents(frame: pl.DataFrame, level: int | str, path: Path) -> dict[str, str]:
    parent = dict(zip(frame["code"], frame["parent"], strict=True))
    named = dict(zip(frame["code"], frame["level"], strict=True)) if "level" in frame.columns else {}
    if isinstance(level, str) and level.upper() not in named.values():
        raise PlanError(
            f'estimate.area_level: "{level}" is not in the column "level" of {path}. Give a number, 1 being the top, '
            "or a name that stands there."
        )
    area_of = {}
    for code in parent:
        line = [code]
        while parent.get(line[-1]):
            line.append(parent[line[-1]])
            if len(line) > len(parent) + 1:
                raise ReadError(f"{path}: areas are their own parents in a circle. Each area needs a parent above it.")
        if isinstance(level, str):
            area_of[code] = next((each for each in line if named.get(each) == level.upper()), "")
        else:
            area_of[code] = line[-max(level, 1)] if len(line) >= max(level, 1) else ""
    return area_of
