"""The report of a whole run: in the folder, in the language asked for, with the map, and without anybody's values."""

import json
import re
from pathlib import Path

import polars as pl
import pytest
from tests.publish.html_text import read, said
from tests.publish.test_report_words import english

import everybirth
from everybirth import pipeline
from everybirth.errors import ReadError

AREA = re.compile(r"\d{4}")  # how the simulator names areas


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small simulated world whose plan has shapes of the areas."""
    folder = tmp_path_factory.mktemp("world")
    path = everybirth.simulate(2500, folder, seed=3)
    places = pl.read_parquet(folder / "community.parquet")["residence"]
    areas = sorted({str(place)[:4] for place in places.drop_nulls()})
    rings = [[[k, 0], [k + 1, 0], [k + 1, 1], [k, 1], [k, 0]] for k in range(len(areas))]
    features = [
        {"type": "Feature", "properties": {"code": area}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for area, ring in zip(areas, rings, strict=True)
    ]
    (folder / "areas.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    text = path.read_text(encoding="utf-8")
    assert "[areas]" not in text
    path.write_text(f'{text}\n[areas]\nshapes = "areas.geojson"\n', encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def run_dir(plan: Path) -> Path:
    """The run, reported in Chinese."""
    everybirth.run(plan, plan.parent / "run", seed=1, language="zh")
    return plan.parent / "run"


def test_a_run_ends_with_a_report(run_dir: Path) -> None:
    """In the language asked for, the same as the command writes afterwards, with the run's own figures."""
    page = (run_dir / "report.html").read_bytes()
    assert pipeline.report(run_dir, language="zh").read_bytes() == page
    text = page.decode()
    births = json.loads((run_dir / "run.json").read_text())["estimate"]["births"]["estimate"]
    assert '<html lang="zh"' in text
    assert f"<strong>{births:,.0f}</strong>" in text


def test_the_whole_report_is_in_chinese(run_dir: Path) -> None:
    """Whatever the steps of a run say is translated, but for names and commands."""
    for line in said((run_dir / "report.html").read_text(encoding="utf-8")):
        words = re.sub(r"^(h[123]|caption|summary): |\b[0-9a-f]{64}\b", "", line)
        assert not list(english(words)), line


def test_the_map_outlives_the_file_of_shapes(plan: Path, run_dir: Path) -> None:
    """The outlines are kept beside the tables, so that the report can be made again without the plan's files."""
    styles = [attrs for tag, attrs in read((run_dir / "report.html").read_text("utf-8")).tags if tag == "path"]
    assert sum("area" in (attrs.get("class") or "") for attrs in styles) > 3
    hidden = plan.parent / "areas.geojson"
    content = hidden.read_bytes()
    hidden.unlink()
    assert 'class="map"' in pipeline.report(run_dir).read_text(encoding="utf-8")
    with pytest.raises(ReadError, match=r"areas\.geojson: there is no such file"):
        everybirth.run(plan, plan.parent / "other")
    assert not (plan.parent / "other").exists()
    hidden.write_bytes(content)


def test_no_value_of_a_person_is_in_the_report(plan: Path, run_dir: Path) -> None:
    """Of all that the lists hold, only areas, counts and what is common to all (sex, site ...) may be found again."""
    text = " ".join(said(pipeline.report(run_dir, language="zh").read_text(encoding="utf-8"))).casefold()
    words = set(re.findall(r"[\w-]+", text))
    looked_for = 0
    for name in ("hospital", "community", "register"):
        frame = pl.read_parquet(plan.parent / f"{name}.parquet")
        for column in frame.columns:
            if column in ("sex", "site", "plurality", "delivery_order", "mother_age", "birth_weight", "list"):
                continue
            values = {str(value).casefold() for value in frame[column].drop_nulls().unique()}
            values -= {value for value in values if AREA.fullmatch(value) or len(value) < 3}
            looked_for += len(values)
            assert not values & words, column
            assert not [value for value in values if " " in value and value in text], column
    assert looked_for > 5000
