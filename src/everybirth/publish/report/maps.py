"""A map of completeness: one shade of one colour, in steps, and hatched where there is no figure."""

from collections.abc import Mapping
from itertools import pairwise

from markupsafe import Markup

from everybirth.publish.report.blocks import Figure
from everybirth.publish.report.reading import Interval, Reading
from everybirth.publish.report.shapes import GRID, Ring
from everybirth.publish.report.svg import tag

STEPS = 5


def completeness_map(read: Reading, found: Mapping[str, Interval | None]) -> Figure:
    """Areas shaded by the completeness of the register (without one, of all lists)."""
    words = read.words
    shares = [part.middle for part in found.values() if part]
    edges = _edges(shares)
    title = words.text("Map of completeness")
    reading = words.html(
        "The stronger its colour, the more of an area's births are listed. Shades are steps: look up the intervals "
        "before areas are compared."
    )
    parts = [_hatching(), tag("title", title, id="map-title"), tag("desc", reading, id="map-desc")]
    for label, rings in read.shapes.items():
        parts.append(_area(read, label, rings, found.get(label), edges))
    points = [point for rings in read.shapes.values() for ring in rings for point in ring]
    width, height = max((x for x, _ in points), default=GRID), max((y for _, y in points), default=GRID)
    chart = tag(
        "svg", *parts, class_="map", viewBox=f"-2 -2 {width + 4:.0f} {height + 4:.0f}", role="img",
        aria_labelledby="map-title map-desc",
    )  # fmt: skip
    legend = [
        (f"shade shade{step}", words.between(words.percent(low, 0), words.percent(high, 0)))
        for step, (low, high) in enumerate(pairwise(edges))
    ]
    legend.append(("shade hatched", words.text("hidden or not estimated")))
    missing = sorted(set(found) - set(read.shapes))
    of = words.html("Of the births that happened in each area, listed or not, as estimated.")
    if missing:
        more = words.count(
            "{n} area has no outline in the file of shapes.",
            "{n} areas have no outline in the file of shapes.",
            len(missing),
        )
        of = words.together(of, more)
    return Figure("map", title, chart, reading, of, (), tuple(legend))


def _edges(shares: list[float]) -> list[float]:
    """Limits of the steps: equal, in whole per cents, over what there is."""
    low = int(min(shares, default=0.0) * 100)
    high = -int(-max(shares, default=1.0) * 100 // 1)
    each = max(-(-(high - low) // STEPS), 1)
    return [(high - each * (STEPS - k)) / 100 for k in range(STEPS + 1)]


def _area(read: Reading, label: str, rings: list[Ring], found: Interval | None, edges: list[float]) -> Markup:
    path = " ".join("M" + "L".join(f"{x:g} {y:g}" for x, y in ring) + "Z" for ring in rings)
    if found is None:
        style, figure = "hatched", read.words.html("hidden or not estimated")
    else:
        step = sum(found.middle >= edge for edge in edges[1:-1])
        style, figure = f"shade{step}", read.share(found) or Markup("")
    about = read.words.html("{area}: {share}", area=read.place(label), share=figure)
    return tag("path", tag("title", about), d=path, class_=f"area {style}", fill_rule="evenodd")


def _hatching() -> Markup:
    line = tag("path", d="M0 6L6 0", class_="hatch")
    return tag("defs", tag("pattern", line, id="hatching", width=6, height=6, patternUnits="userSpaceOnUse"))
