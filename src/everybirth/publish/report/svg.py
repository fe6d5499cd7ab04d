"""Drawings: elements, scales and axes of SVG that fits any width.

Lengths across are percentages of the drawing's width, lengths down are pixels. So a drawing is as wide as its place in
the page while its text stays as large as the text around it, on a phone as on paper. Colours come from the style sheet.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

Number = float | int
ROOM_BELOW = 40  # pixels for the labels under a drawing
NARROW = 250  # pixels across a drawing on a telephone
LETTER, WIDE = 8.0, 14.0  # pixels across a letter of a label, and across one of a script of wide letters
LAST_NARROW = 0x2E7F  # of the codes of letters; those of Chinese and the like come after it
APART = 6.0  # pixels between labels
EDGE = 2.0  # per cent kept free at either side, so that no dot is cut


def tag(name: str, *content: Markup | str, **attributes: str | Number | None) -> Markup:
    """One element. Text and values of attributes are escaped; `class_` is class, `stroke_width` is stroke-width."""
    pairs = [
        f' {key.rstrip("_").replace("_", "-")}="{escape(_value(value))}"'
        for key, value in attributes.items()
        if value is not None
    ]
    inside = "".join(escape(part) for part in content)
    return Markup(f"<{name}{''.join(pairs)}>{inside}</{name}>")


def _value(value: str | Number) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def percent(value: float) -> str:
    """A length across."""
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to places: 0 is the left (or the bottom), 1 the right (or the top)."""

    low: float
    high: float
    log: bool = False

    def at(self, value: float) -> float:
        """The place of a value, from 0 to 1; values beyond the ends lie at the ends."""
        if self.log:
            place = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        else:
            place = (value - self.low) / (self.high - self.low)
        return min(max(place, 0.0), 1.0)

    def across(self, value: float) -> float:
        """The place in per cent of the width, the edges left free."""
        return EDGE + (100 - 2 * EDGE) * self.at(value)

    def ticks(self, most: int = 5) -> list[float]:
        """Round values along the scale, at most so many."""
        return _log_ticks(self.low, self.high, most) if self.log else _round_ticks(self.low, self.high, most)


def scale(values: list[float], *, zero: bool = False, most: float | None = None) -> Scale:
    """A scale over values, its ends round; from zero if asked for, and no further than `most`."""
    known = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = (0.0 if zero else min(known)), max(known)
    if high <= low:
        low, high = (
            (0.0, max(high, 1.0)) if zero else (low - max(abs(low) * 0.05, 0.5), high + max(abs(high) * 0.05, 0.5))
        )
    step = _step(high - low, 5)
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return Scale(low, high if most is None else min(high, most))


def log_scale(values: list[float]) -> Scale:
    """A logarithmic scale over values above zero."""
    known = [value for value in values if math.isfinite(value) and value > 0] or [1.0, 10.0]
    low, high = min(known), max(known)
    return Scale(low * 0.8, max(high * 1.25, low * 2), log=True)


def _step(span: float, most: int) -> float:
    """The round step that divides a span into at most so many parts."""
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * (1 - 1e-9))


def _round_ticks(low: float, high: float, most: int) -> list[float]:
    step = _step(high - low, most - 1)
    first = math.ceil(low / step - 1e-9)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


def _log_ticks(low: float, high: float, most: int) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found: list[float] = []
    for factors in _LOG_FACTORS:
        found = [factor * 10.0**power for power in powers for factor in factors]
        found = [value for value in found if low <= value <= high]
        if len(found) <= most:
            return found or [low, high]
    return found[:: math.ceil(len(found) / most)]


_LOG_FACTORS = ((1, 1.5, 2, 2.5, 3, 4, 5, 6, 8), (1, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,))


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale with its labels: (value, text)."""

    scale: Scale
    labels: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Canvas:
    """An area to draw points in, its height in pixels."""

    key: str
    x: Axis
    y: Axis
    height: int = 240

    def left(self, value: float) -> str:
        return percent(self.x.scale.across(value))

    def down(self, value: float) -> float:
        return round(self.height * (1 - self.y.scale.at(value)), 1)

    def dot(self, x: float, y: float, style: str, about: str = "", radius: float = 4) -> Markup:
        inside = (tag("title", about),) if about else ()
        return tag("circle", *inside, cx=self.left(x), cy=self.down(y), r=radius, class_=style)

    def upright(self, x: float, low: float, high: float, style: str) -> Markup:
        return tag("line", x1=self.left(x), x2=self.left(x), y1=self.down(low), y2=self.down(high), class_=style)

    def segment(self, start: tuple[float, float], end: tuple[float, float], style: str) -> Markup:
        (x1, y1), (x2, y2) = start, end
        return tag("line", x1=self.left(x1), x2=self.left(x2), y1=self.down(y1), y2=self.down(y2), class_=style)

    def level(self, y: float, style: str) -> Markup:
        return tag("line", x1="0", x2="100%", y1=self.down(y), y2=self.down(y), class_=style)

    def column(self, x: float, width: float, top: float, style: str) -> Markup:
        """A bar on the ground; width in units of x, centred."""
        start, end = self.x.scale.across(x - width / 2), self.x.scale.across(x + width / 2)
        above = self.down(top)
        return tag(
            "rect",
            x=percent(start),
            width=percent(max(end - start, 0.2)),
            y=above,
            height=self.height - above,
            class_=style,
        )

    def label(self, x: float, y: float, text: str, style: str = "mark") -> Markup:
        """Text beside a point, on the side that has room."""
        place = self.x.scale.across(x)
        end = place > 60
        return tag(
            "text", text, x=percent(place), y=self.down(y), dx=-8 if end else 8, dy="0.35em",
            text_anchor="end" if end else "start", class_=style,
        )  # fmt: skip

    def draw(self, title: str, about: str, *marks: Markup) -> Markup:
        """The whole drawing: grid, labels, then the marks in the order given."""
        parts = [tag("title", title, id=f"{self.key}-title"), tag("desc", about, id=f"{self.key}-desc")]
        for value, text in self.y.labels:
            parts.append(self.level(value, "grid"))
            parts.append(tag("text", text, x="0", y=self.down(value), dx=-8, dy="0.35em", text_anchor="end"))
        parts.append(tag("line", x1="0", x2="100%", y1=self.height, y2=self.height, class_="ground"))
        step = _step_on_narrow_pages(self.x)
        for k, (value, text) in enumerate(self.x.labels):
            place, anchor = self.left(value), _anchor(self.x.scale.across(value))
            inner = "inner" if k % step else None  # left out where the page is narrow
            parts.append(tag("line", x1=place, x2=place, y1=self.height, y2=self.height + 5, class_="ground"))
            parts.append(tag("text", text, x=place, y=self.height + 21, text_anchor=anchor, class_=inner))
        return tag(
            "svg", *parts, *marks, class_="plot", width="100%", height=self.height + ROOM_BELOW, role="img",
            aria_labelledby=f"{self.key}-title {self.key}-desc",
        )  # fmt: skip


def _anchor(place: float) -> str:
    return "start" if place < 8 else "end" if place > 92 else "middle"


def _step_on_narrow_pages(across: Axis) -> int:
    """Of how many labels one is kept on a narrow page, so that none runs into the next."""
    ends = []
    for value, text in across.labels:
        place = across.scale.across(value)
        before = {"start": 0.0, "middle": 0.5, "end": 1.0}[_anchor(place)]
        width = sum(WIDE if ord(letter) > LAST_NARROW else LETTER for letter in text)
        start = NARROW * place / 100 - before * width
        ends.append((start, start + width))
    steps = range(1, len(ends) + 1)
    return next((k for k in steps if all(a[1] + APART <= b[0] for a, b in pairwise(ends[::k]))), 1)


def axis(over: Scale, label: Callable[[float], str], most: int = 5) -> Axis:
    """A scale with round labels, none of them twice."""
    labels: dict[str, float] = {}
    for value in over.ticks(most):
        labels.setdefault(label(value), value)
    return Axis(over, tuple((value, text) for text, value in labels.items()))
