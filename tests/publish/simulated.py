"""A small simulated run with a map, and its pages: for tests that look at a report as a run makes it."""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

import everybirth
from everybirth import pipeline

BIRTHS, SEED = 400, 3


def mapped(births: int, folder: Path, seed: int) -> Path:
    """Write a simulated world whose plan has shapes of the areas, squares in a row; returns the plan's path."""
    path = everybirth.simulate(births, folder, seed=seed)
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


@cache
def pages() -> dict[str, str]:
    """The run's report in each language, without the version and the plan's digest, which a release may change."""
    with TemporaryDirectory() as folder:
        plan = mapped(BIRTHS, Path(folder), SEED)
        out = plan.parent / "run"
        run = everybirth.run(plan, out, seed=1).run
        made = {language: pipeline.report(out, language=language).read_text("utf-8") for language in ("en", "zh")}
    return {
        language: page.replace(run["plan"], "DIGEST").replace(f"everybirth {run['version']}", "everybirth VERSION")
        for language, page in made.items()
    }
