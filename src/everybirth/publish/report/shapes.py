"""Outlines of areas, from a GeoJSON file, as small as a drawing of a page's width needs.

They are kept beside the published tables, so that the report can be made again when the plan's files are gone.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from everybirth.errors import ReadError

FILE = "tables/shapes.json"  # in the run's folder
NAMES = ("area", "code", "name", "id")  # properties that may name the area, the likeliest first
GRID = 600  # the longer side of the drawing, in its own units
NEAR = 0.8  # points nearer than this to the line through their neighbours are left out
Point = tuple[float, float]
Ring = list[Point]


@dataclass(frozen=True, slots=True)
class Geography:
    """Outlines as a file has them.

    features   what each may be called, the likeliest first; and its rings, in degrees
    """

    path: Path
    features: tuple[tuple[tuple[str, ...], list[Ring]], ...]


def read_geojson(path: Path) -> Geography:
    """Read a GeoJSON file of areas.

    Raises   ReadError  if the file cannot be read or is not a collection of features
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        return Geography(path, tuple((_names(feature), _rings(feature["geometry"])) for feature in content["features"]))
    except FileNotFoundError:
        raise ReadError(f"{path}: there is no such file. Correct [areas] shapes in the plan.") from None
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise ReadError(
            f"{path}: not GeoJSON as needed ({type(error).__name__}). A FeatureCollection of polygons in degrees is "
            "needed, one for each area; correct the file or take [areas] shapes out of the plan."
        ) from None


def by_area(geography: Geography, areas: Iterable[str]) -> dict[str, list[Ring]]:
    """The outlines of those areas that are known: label -> rings, in degrees.

    A feature belongs to the area that its id, or one of its properties "area", "code", "name" and "id", or else any
    other property, is equal to. Several features of one area are taken together.
    """
    known = set(areas)
    found: dict[str, list[Ring]] = {}
    for names, rings in geography.features:
        label = next((name for name in names if name in known), None)
        if label is not None:
            found.setdefault(label, []).extend(rings)
    return {label: rings for label, rings in sorted(found.items()) if rings}


def _names(feature: Mapping[str, Any]) -> tuple[str, ...]:
    properties: Mapping[str, Any] = feature.get("properties") or {}
    first = [feature.get("id"), *(properties.get(name) for name in NAMES)]
    rest = [value for name, value in properties.items() if name not in NAMES]
    return tuple(str(value) for value in (*first, *rest) if isinstance(value, str | int))


def _rings(geometry: Mapping[str, Any] | None) -> list[Ring]:
    if geometry is None:
        return []
    kind = geometry["type"]
    if kind not in ("Polygon", "MultiPolygon"):
        return []
    polygons = [geometry["coordinates"]] if kind == "Polygon" else geometry["coordinates"]
    rings = [[(float(x), float(y)) for x, y, *_ in ring] for polygon in polygons for ring in polygon]
    if any(not (math.isfinite(x) and math.isfinite(y)) for ring in rings for x, y in ring):
        raise ValueError(kind)
    return rings


def drawn(shapes: Mapping[str, list[Ring]]) -> dict[str, list[Ring]]:
    """The outlines on a plane, north up, the longer side GRID units, points that make no visible difference left out.

    Degrees of longitude are shortened as they are at the middle latitude. Rings too small to be seen are left out,
    unless an area has no other.
    """
    points = [point for rings in shapes.values() for ring in rings for point in ring]
    if not points:
        return {}
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    shrink = math.cos(math.radians((south + north) / 2)) if max(abs(south), abs(north)) <= 90 else 1.0
    factor = GRID / (max((east - west) * shrink, north - south) or 1.0)
    placed = {}
    for label, rings in shapes.items():
        plane = [[((x - west) * shrink * factor, (north - y) * factor) for x, y in ring] for ring in rings]
        thin = sorted((simplified(ring) for ring in plane), key=len, reverse=True)
        kept = [ring for ring in thin if len(ring) > 3] or thin[:1]
        placed[label] = [[(round(x, 1), round(y, 1)) for x, y in ring] for ring in kept]
    return placed


def simplified(ring: Ring, near: float = NEAR) -> Ring:
    """The ring with as few of its points as keep every other one within `near` of the line (Douglas & Peucker 1973)."""
    if len(ring) < 4:
        return ring
    far = max(range(len(ring)), key=lambda k: math.dist(ring[0], ring[k]))
    keep = {0, far, len(ring) - 1}
    spans = [(0, far), (far, len(ring) - 1)]
    while spans:
        start, end = spans.pop()
        if end - start < 2:
            continue
        most, where = max((_off(ring[k], ring[start], ring[end]), k) for k in range(start + 1, end))
        if most > near:
            keep.add(where)
            spans += [(start, where), (where, end)]
    return [ring[k] for k in sorted(keep)]


def _off(point: Point, start: Point, end: Point) -> float:
    """Distance of a point from the stretch between two others."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = dx * dx + dy * dy
    if length == 0:
        return math.dist(point, start)
    along = min(max(((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / length, 0.0), 1.0)
    return math.dist(point, (start[0] + along * dx, start[1] + along * dy))


def read_shapes(run_dir: Path) -> dict[str, list[Ring]]:
    """The outlines kept in a run's folder; none if there are none.

    Raises   ReadError  if the file is not as everybirth wrote it
    """
    path = run_dir / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(label): [[(float(x), float(y)) for x, y in ring] for ring in rings] for label, rings in content.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError):
        raise ReadError(f"{path}: not as everybirth wrote it. Remove it, or run the plan again.") from None
