"""The page: sections in the order in which they are read, laid out by a template."""

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from everybirth.publish.release import Release
from everybirth.publish.report.blocks import Page
from everybirth.publish.report.reading import Reading
from everybirth.publish.report.sections import closing, coverage, kinds, opening, quality, sensitivity, sexes, time
from everybirth.publish.report.shapes import Ring
from everybirth.publish.report.words import Words, mark, open_words

TEMPLATES = Path(__file__).parent / "templates"
ORDER = (
    *(coverage.overlap, coverage.by_area, time.by_month, sexes.sex_ratio, time.timeliness, kinds.kinds),
    *(quality.lists, quality.linkage, sensitivity.what_if, quality.findings),
    *(closing.assumed, closing.not_shown, closing.again),
)
DIRECTION = mark("ltr")  # translated as "rtl" where the script runs from right to left


def report_html(
    release: Release, run: Mapping[str, Any], language: str = "en", shapes: Mapping[str, list[Ring]] | None = None
) -> str:
    """The whole report as one HTML file.

    release    the published tables
    run        what run.json holds
    shapes     outlines of the areas on a plane, if there is to be a map
    Raises     PlanError  if the language is not there
    """
    words = open_words(language)
    return rendered(page(Reading(release, run, shapes or {}, words)), words)


def page(read: Reading) -> Page:
    """What the page says, before it is laid out."""
    words = read.words
    direction = words.text(DIRECTION)
    return Page(
        language=words.language,
        direction=direction if direction in ("ltr", "rtl") else "ltr",
        opening=opening.opening(read),
        sections=tuple(section(read) for section in ORDER),
        labels={
            "skip": words.text("Skip to the answer"),
            "answer": words.text("The answer"),
            "contents": words.text("Contents"),
            "figures": words.text("The figures: "),
            "footer": words.text(
                "Made by everybirth from linked lists of births. This page works without a network and holds no "
                "record of a person."
            ),
        },
    )


def rendered(content: Page, words: Words) -> str:
    """The page as HTML."""
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    text = (
        _environment()
        .get_template("report.html")
        .render(page=content, labels=content.labels, style=Markup(style), style_hash=Markup(digest), words=words)
    )
    return text + "\n"


@cache
def _style() -> str:
    """The style sheet without its line ends, so that what is hashed is what a browser reads."""
    return re.sub(r"\s*\n\s*", " ", (TEMPLATES / "report.css").read_text(encoding="utf-8")).strip()


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=False,
        keep_trailing_newline=False,
    )  # fmt: skip
