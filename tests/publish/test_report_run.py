"""The report of a whole run: in the folder, in the language asked for, with the map, and without anybody's values."""

import html
import json
import re
from pathlib import Path

import polars as pl
import pytest
from tests.publish import report_golden
from tests.publish.example_release import AREAS
from tests.publish.html_text import read, said
from tests.publish.report_cases import CASES
from tests.publish.simulated import mapped
from tests.publish.test_report_words import catalogue, english

import everybirth
from everybirth import pipeline
from everybirth.errors import ReadError
from everybirth.publish.report import report_html

AREA = re.compile(r"\d{4}")  # how the simulator names areas
PUBLISHED = ("sex", "site", "plurality", "delivery_order", "mother_age", "birth_weight")  # as classes or counts


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small simulated world whose plan has shapes of the areas."""
    return mapped(2500, tmp_path_factory.mktemp("world"), seed=3)


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


@pytest.mark.parametrize("language", report_golden.LANGUAGES)
def test_the_report_of_a_run_reads_as_it_did(language: str) -> None:
    """All that a whole run says is as in the golden file (see report_golden.py for how to renew it)."""
    kept = report_golden.run_file(language).read_text("utf-8")
    assert report_golden.run_text(language).splitlines() == kept.splitlines()


def own_text() -> str:
    """What pages say of themselves: the catalogue's messages, and pages that are made of no list, with their markup."""
    messages = [text for message in catalogue("zh") for text in (message.id, message.string)]
    texts = [part for text in messages if text for part in ([text] if isinstance(text, str) else text)]
    shapes = {area: [[(k, 0.0), (k + 1, 0.0), (k + 1, 1.0)]] for k, area in enumerate(AREAS)}
    pages = [report_html(*CASES["usual"](), language, shapes) for language in report_golden.LANGUAGES]
    return "\n".join([*texts, *pages]).casefold()


def values_of_persons(folder: Path) -> set[str]:
    """Every name, identifier, number, date and village of the lists that a page could only have from them.

    Areas, counts and what is common to all (sex, site ...) are meant to be published. Of a name of one or two letters,
    or one that is also a part of the page's own words, nothing can be told: "Can" and "Lie" are names of this world.
    Anything that is not all letters is never such a word, so nothing else is left out.
    """
    values: set[str] = set()
    for name in ("hospital", "community", "register"):
        frame = pl.read_parquet(folder / f"{name}.parquet").drop(PUBLISHED, strict=False)
        for column in frame.columns:
            values |= {str(value).casefold() for value in frame[column].drop_nulls().unique()}
    values = {value for value in values if len(value) > 2 and not AREA.fullmatch(value)}
    own = own_text()
    return {value for value in values if not (value.isalpha() and value in own)}


def found(values: set[str], page: bytes) -> list[str]:
    """Values that stand anywhere in a file: in an attribute, a drawing, a style, a comment, or inside a word."""
    text = page.decode().casefold()
    texts = pl.Series([text, html.unescape(text)])
    return sorted({*texts.str.extract_many(sorted(values), overlapping=True).explode().drop_nulls()})


def test_no_value_of_a_person_is_in_the_report(plan: Path, run_dir: Path) -> None:
    """No byte of the page is of a name, identifier or date of the lists; it would be found wherever it stood."""
    values = values_of_persons(plan.parent)
    assert len(values) > 5000
    digest = json.loads((run_dir / "run.json").read_text())["plan"].encode()  # of the plan: made of no list
    for language in report_golden.LANGUAGES:
        page = pipeline.report(run_dir, language=language).read_bytes().replace(digest, b"")
        assert found(values, page) == []
        register = pl.read_parquet(plan.parent / "register.parquet")
        number = register["registration_number"].drop_nulls()[0]
        name = max(register["mother_given_name"].drop_nulls(), key=len)
        for leak in (f"<text>{number}</text>", f'<g aria-label="{html.escape(name)}">', f"<!--x{name}y-->"):
            assert found(values, page.replace(b"</svg>", leak.encode() + b"</svg>")) != []
