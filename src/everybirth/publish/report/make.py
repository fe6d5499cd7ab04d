"""Make report.html in a run's folder."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from everybirth.errors import ReadError
from everybirth.publish.files import RUN_RECORD, RunDir, check_free
from everybirth.publish.release import Release, read_release
from everybirth.publish.report import shapes as outlines
from everybirth.publish.report.page import report_html

REPORT = "report.html"


def make_report(
    folder: RunDir, language: str, *, run: Mapping[str, Any], shapes: outlines.Geography | None = None
) -> Path:
    """Write the report of a run from its published tables; returns its path.

    folder   the run's folder, held by this process
    run      what run.json holds or is going to hold
    shapes   outlines of areas; None: those kept from the run, if there are any
    Raises   ReadError  if the folder has no tables, or they cannot be read
             PlanError  if the language is not there
    """
    release = read_release(folder.path)
    if shapes is not None:
        keep_shapes(folder, shapes, release)
    return folder.write_text(REPORT, report_html(release, run, language, outlines.read_shapes(folder.path)))


def keep_shapes(folder: RunDir, shapes: outlines.Geography, release: Release) -> None:
    """Keep the outlines of the areas that are published beside the tables, as small as a page needs them."""
    table = release.tables.get("adjusted_births")
    areas = [] if table is None else table.frame.filter(table.frame["level"] == "area")["value"].to_list()
    kept = outlines.drawn(outlines.by_area(shapes, areas))
    folder.write_text(outlines.FILE, json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n")


def read_run(path: Path) -> dict[str, Any]:
    """What run.json of a folder holds.

    Raises   ReadError        if it is not there or is not as everybirth wrote it
             EverybirthError  if it is not there yet: another process is writing
    """
    file = path / RUN_RECORD
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        check_free(path)
        raise ReadError(f"{file}: there is no such file, so the run is not complete. Run the plan again.") from None
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict):
        raise ReadError(f"{file}: not as everybirth wrote it. Run the plan again.")
    return content
