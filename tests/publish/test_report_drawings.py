"""Scales, ticks and outlines of the report's drawings."""

import json
import math
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from tests.publish.example_release import example_release
from tests.publish.html_text import read
from tests.publish.report_cases import RUN

from everybirth.errors import ReadError
from everybirth.publish.report import report_html
from everybirth.publish.report.shapes import GRID, by_area, drawn, read_geojson, read_shapes, simplified
from everybirth.publish.report.svg import Axis, Canvas, Scale, axis, log_scale, scale, tag

numbers = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=20)
positive = st.lists(st.floats(1e-3, 1e9), min_size=1, max_size=20)


@given(numbers)
def test_a_scale_holds_its_values(values: list[float]) -> None:
    """Every value lies between the ends, at a place that grows with it."""
    made = scale(values)
    slack = 1e-6 * (made.high - made.low)
    assert made.low <= min(values) + slack
    assert made.high >= max(values) - slack
    places = [made.at(value) for value in sorted(values)]
    assert places == sorted(places)
    assert all(0 <= place <= 1 for place in places)


@given(positive)
def test_a_logarithmic_scale_holds_its_values(values: list[float]) -> None:
    """Equal factors are equal distances."""
    made = log_scale(values)
    assert made.low < min(values) <= max(values) < made.high
    middle = math.sqrt(made.low * made.high)
    assert made.at(middle) == pytest.approx(0.5)


@given(numbers, st.integers(3, 8))
def test_ticks_are_few_ascending_and_on_the_scale(values: list[float], most: int) -> None:
    """Between two and about as many as were asked for."""
    made = scale(values)
    ticks = made.ticks(most)
    assert 1 <= len(ticks) <= most + 1
    assert ticks == sorted(set(ticks))
    slack = 1e-6 * max(abs(made.low), abs(made.high))
    assert all(made.low - slack <= tick <= made.high + slack for tick in ticks)


@given(positive, st.integers(3, 6))
def test_logarithmic_ticks_are_few_and_on_the_scale(values: list[float], most: int) -> None:
    """However many powers of ten there are."""
    made = log_scale(values)
    ticks = made.ticks(most)
    assert 1 <= len(ticks) <= most + 1
    assert all(made.low <= tick <= made.high for tick in ticks)


def test_ticks_are_round() -> None:
    """0 to 22,142 births: steps of 10,000."""
    assert scale([22_142.0], zero=True).ticks() == [0, 10_000, 20_000]
    assert scale([0.913, 0.78]).ticks() == pytest.approx([0.75, 0.8, 0.85, 0.9, 0.95])


def test_no_label_stands_twice_on_an_axis() -> None:
    """A count of one has no half steps."""
    labels = axis(Scale(0.0, 1.0), lambda value: f"{value:.0f}").labels
    assert [text for _, text in labels] == ["0", "1"]


def extents(labels: list[dict[str, str | None]], texts: list[str], width: float) -> list[tuple[float, float]]:
    """Where labels begin and end on a drawing so wide, at the widths of letters that a page has."""
    found = []
    for label, text in zip(labels, texts, strict=True):
        long = sum(14.0 if ord(letter) > 0x2E80 else 8.0 for letter in text)
        before = {"start": 0.0, "middle": 0.5, "end": 1.0}[str(label["text-anchor"])]
        start = width * float(str(label["x"]).rstrip("%")) / 100 - before * long
        found.append((start, start + long))
    return found


MONTHS = [(0.0, "Jan 2024"), (3.0, "Apr 2024"), (6.0, "Jul 2024"), (9.0, "Oct 2024")]


@pytest.mark.parametrize(
    ("labels", "kept"),
    [
        (MONTHS, ["Jan 2024", "Jul 2024"]),
        ([(x, f"2024年{x + 1:.0f}月") for x, _ in MONTHS], ["2024年1月", "2024年7月"]),
        ([(x, text[:3]) for x, text in MONTHS], ["Jan", "Apr", "Jul", "Oct"]),
        ([], []),
    ],
)
def test_labels_do_not_run_into_one_another_on_a_telephone(labels: list[tuple[float, str]], kept: list[str]) -> None:
    """Labels that the style sheet leaves out on narrow pages are every second, and only where they have no room."""
    canvas = Canvas("c", Axis(Scale(-0.6, 11.6), tuple(labels)), Axis(Scale(0, 1), ()))
    drawn = [attributes for tag, attributes in read(canvas.draw("t", "d")).tags if tag == "text"]
    shown = [(one, text) for one, (_, text) in zip(drawn, labels, strict=True) if one.get("class") != "inner"]
    assert [text for _, text in shown] == kept
    places = extents([one for one, _ in shown], kept, 250)
    assert all(first[1] < second[0] for first, second in pairwise(places))


def test_an_element_escapes_what_it_is_given() -> None:
    """Text, attributes; markup stays."""
    made = tag("text", "<a>", Markup("<b></b>"), x='"', stroke_width=1.50, class_="c", y=None)
    assert made == '<text x="&#34;" stroke-width="1.5" class="c">&lt;a&gt;<b></b></text>'


def test_a_label_stands_where_there_is_room() -> None:
    """Left of a point at the right edge, right of one at the left."""
    canvas = Canvas("k", Axis(Scale(0, 1), ()), Axis(Scale(0, 1), ()))
    assert 'text-anchor="end"' in canvas.label(0.9, 0.5, "a")
    assert 'text-anchor="start"' in canvas.label(0.1, 0.5, "a")


def test_what_other_lists_predict_is_drawn_against_what_is_known() -> None:
    """On a scale of differences: known births are the upright line at 0, a prediction of fewer lies left of it."""
    page = report_html(example_release(), RUN)
    chart = page[page.index('id="left-out-chart"') :].split("</figure>")[0]
    known = {float(place) for place in re.findall(r'<line x1="([\d.]+)%"[^>]* class="ground">', chart)}
    predicted = [float(place) for place in re.findall(r'<circle cx="([\d.]+)%"', chart)]
    assert len(known) == 1
    assert len(predicted) == 3
    assert all(place < min(known) - 5 for place in predicted)


def square(x: float, y: float, size: float = 1.0) -> list[list[float]]:
    """A closed ring."""
    return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]


def collection(*features: dict[str, object]) -> str:
    """A GeoJSON file."""
    return json.dumps({"type": "FeatureCollection", "features": features})


def feature(ring: list[list[float]], **more: object) -> dict[str, object]:
    """An area as GeoJSON has it."""
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": None, **more}


def test_outlines_find_their_areas(tmp_path: Path) -> None:
    """By id, by one of the usual properties, or by any other; parts of one area are taken together."""
    file = tmp_path / "areas.geojson"
    multi = {"type": "MultiPolygon", "coordinates": [[square(9, 9)], [square(11, 9)]]}
    file.write_text(
        collection(
            feature(square(0, 0), id="A"), feature(square(1, 0), properties={"name": "A", "code": "B"}),
            feature(square(2, 0), properties={"NAM_3": "C", "n": 3}), feature(square(3, 0), properties={"name": "A"}),
            feature(square(4, 0), properties={"name": "elsewhere"}), {**feature([], id="D"), "geometry": None},
            {**feature([], id="E"), "geometry": multi},
        ),
        encoding="utf-8-sig",
    )  # fmt: skip
    found = by_area(read_geojson(file), ["A", "B", "C", "D", "E", "F"])
    assert {label: len(rings) for label, rings in found.items()} == {"A": 2, "B": 1, "C": 1, "E": 2}
    assert found["B"][0][0] == (1.0, 0.0)


NO_SHAPES = ["", "[]", "{}", '{"features": 3}', '{"features": [{"geometry": {"type": "Polygon"}}]}']


@pytest.mark.parametrize("content", NO_SHAPES)
def test_a_file_of_shapes_that_is_none_is_an_error(tmp_path: Path, content: str) -> None:
    """It names the file and what is needed."""
    file = tmp_path / "areas.geojson"
    file.write_text(content)
    with pytest.raises(ReadError, match=r"areas\.geojson: not GeoJSON as needed"):
        read_geojson(file)
    with pytest.raises(ReadError, match="there is no such file"):
        read_geojson(tmp_path / "none.geojson")


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=4, max_size=40))
def test_a_simpler_outline_stays_near(points: list[tuple[int, int]]) -> None:
    """Each point that is left out lies near the line that takes its place; the ends stay."""
    ring = [(float(x), float(y)) for x, y in [*points, points[0]]]
    simple = simplified(ring, near=2.0)
    assert (simple[0], simple[-1]) == (ring[0], ring[-1])
    assert set(simple) <= set(ring)
    for point in ring:
        nearest = min(distance(point, a, b) for a, b in pairwise(simple))
        assert nearest <= 2.0 + 1e-9


def distance(point: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> float:
    """Of a point from the stretch between two others."""
    length = math.dist(start, end)
    if length == 0:
        return math.dist(point, start)
    along = sum((p - s) * (e - s) for p, s, e in zip(point, start, end, strict=True)) / length**2
    along = min(max(along, 0.0), 1.0)
    return math.dist(point, (start[0] + along * (end[0] - start[0]), start[1] + along * (end[1] - start[1])))


def box(west: float, south: float, east: float, north: float) -> list[list[tuple[float, float]]]:
    """An area between two meridians and two parallels."""
    return [[(west, south), (east, south), (east, north), (west, north), (west, south)]]


def test_a_map_has_north_up_and_keeps_its_shape() -> None:
    """The longer side fills the drawing; a degree of longitude is as long as it is at that latitude."""
    placed = drawn({"south": box(10, 59, 12, 60), "north": box(10, 60, 12, 61)})
    xs, ys = ([point[k] for rings in placed.values() for point in rings[0]] for k in (0, 1))
    assert max(ys) == pytest.approx(GRID)
    assert max(xs) == pytest.approx(
        GRID * 0.5, rel=0.01
    )  # two degrees at 60 degrees north are as long as one of latitude
    assert max(y for _, y in placed["north"][0]) <= min(y for _, y in placed["south"][0])
    assert drawn({}) == {}


def test_areas_are_shaded_by_completeness_and_hatched_without_it() -> None:
    """Each outline tells its area's figure; one that is hidden is hatched, and outlines that lack are told of."""
    shapes = drawn({name: box(k, 0, k + 1, 1) for k, name in enumerate(("0101", "0102", "0103", "0112"))})
    page = report_html(example_release(), RUN, "en", shapes)
    styles = [attrs["class"] for tag, attrs in read(page).tags if tag == "path" and "area" in (attrs["class"] or "")]
    assert len(styles) == 4
    assert styles[-1] == "area hatched"
    assert all("shade" in (style or "") for style in styles[:3])
    assert "<title>0101: 78.9%" in page
    assert "8 areas have no outline in the file of shapes." in page


def test_shapes_that_were_kept_are_read_again(tmp_path: Path) -> None:
    """No file: no map. A broken one is an error."""
    assert read_shapes(tmp_path) == {}
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "shapes.json").write_text('{"A": [[[1, 2.5], [3, 4]]]}')
    assert read_shapes(tmp_path) == {"A": [[(1.0, 2.5), (3.0, 4.0)]]}
    (tmp_path / "tables" / "shapes.json").write_text("[1]")
    with pytest.raises(ReadError, match="not as everybirth wrote it"):
        read_shapes(tmp_path)
