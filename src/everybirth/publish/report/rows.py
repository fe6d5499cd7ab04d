"""Drawings inside the rows of a table: an interval, a bar, a bar of parts, the dots of a combination of lists.

What a drawing shows stands in words in the next cell, so that each is hidden from a screen reader.
"""

from markupsafe import Markup

from everybirth.publish.report.svg import Axis, percent, tag

HEIGHT = 24
MIDDLE = HEIGHT / 2


def _drawing(*parts: Markup, height: int = HEIGHT, width: str | int = "100%", style: str = "row") -> Markup:
    return tag("svg", *parts, class_=style, width=width, height=height, aria_hidden="true", focusable="false")


def _grid(axis: Axis) -> list[Markup]:
    places = [percent(axis.scale.across(value)) for value, _ in axis.labels]
    return [tag("line", x1=place, x2=place, y1=0, y2=HEIGHT, class_="grid") for place in places]


def heading(axis: Axis) -> Markup:
    """The labels of an axis, for the header of the column; as few as fit a narrow page."""
    parts = []
    for k, (value, text) in enumerate(axis.labels):
        place = axis.scale.across(value)
        anchor = "start" if place < 8 else "end" if place > 92 else "middle"
        inner = "inner" if 0 < k < len(axis.labels) - 1 else None  # left out where the page is narrow
        parts.append(tag("text", text, x=percent(place), y=14, text_anchor=anchor, class_=inner))
    return _drawing(*parts, height=18)


def interval(
    axis: Axis, middle: float, low: float, high: float, style: str = "estimate", mark: float | None = None
) -> Markup:
    """A dot on a line from one limit to the other; a mark upright behind them."""
    over = axis.scale
    behind = _grid(axis)
    if mark is not None:
        place = percent(over.across(mark))
        behind.append(tag("line", x1=place, x2=place, y1=0, y2=HEIGHT, class_="ground"))
    line = tag(
        "line",
        x1=percent(over.across(low)),
        x2=percent(over.across(high)),
        y1=MIDDLE,
        y2=MIDDLE,
        class_=f"{style} limits",
    )
    return _drawing(*behind, line, tag("circle", cx=percent(over.across(middle)), cy=MIDDLE, r=4.5, class_=style))


def bars(
    axis: Axis, *values: tuple[float, str], limits: tuple[float, float] | None = None, mark: float | None = None
) -> Markup:
    """Bars from zero, one in front of the other, each (value, style); limits as a level line, a mark upright."""
    over = axis.scale
    start = over.across(over.low)
    parts = _grid(axis)
    for k, (value, style) in enumerate(values):
        inset = 5 + 3 * k
        width = max(over.across(value) - start, 0.0)
        parts.append(
            tag("rect", x=percent(start), width=percent(width), y=inset, height=HEIGHT - 2 * inset, class_=style)
        )
    if limits:
        left, right = (percent(over.across(limit)) for limit in limits)
        parts.append(tag("line", x1=left, x2=right, y1=MIDDLE, y2=MIDDLE, class_="limits"))
    if mark is not None:
        place = percent(over.across(mark))
        parts.append(tag("line", x1=place, x2=place, y1=1, y2=HEIGHT - 1, class_="limits"))
    return _drawing(*parts)


def nothing(axis: Axis) -> Markup:
    """A row whose figure is hidden or was not estimated: the grid alone."""
    return _drawing(*_grid(axis))


def parts_of_one(shares: list[tuple[float, str]], height: int = HEIGHT, gap: int = 6) -> Markup:
    """A bar divided into shares of one, each (share, style)."""
    drawn, start = [], 0.0
    for share, style in shares:
        width = max(min(share, 1.0), 0.0) * 100
        drawn.append(tag("rect", x=percent(start), width=percent(width), y=gap, height=height - 2 * gap, class_=style))
        start += width
    return _drawing(*drawn, height=height, style="row whole")


def pitch(n_lists: int) -> int:
    """Pixels from one dot of a combination to the next."""
    return 26 if n_lists <= 6 else 14


def combination(on: list[bool], style: str = "") -> Markup:
    """One dot for each list, filled where the births are on it, the filled ones joined."""
    step = pitch(len(on))
    centre = [step * k + step / 2 for k in range(len(on))]
    held = [place for place, is_on in zip(centre, on, strict=True) if is_on]
    joined = [tag("line", x1=held[0], x2=held[-1], y1=MIDDLE, y2=MIDDLE, class_="join")] if len(held) > 1 else []
    dots = [
        tag(
            "circle",
            cx=place,
            cy=MIDDLE,
            r=min(5.5, step / 2 - 2),
            class_=f"{'on' if is_on else 'off'} {style}".strip(),
        )
        for place, is_on in zip(centre, on, strict=True)
    ]
    return _drawing(*joined, *dots, width=step * len(on), style="dots")
