"""The reports of the example release and of a small simulated run as text. To write them anew after a change:

python -m tests.publish.report_golden
"""

from pathlib import Path

from tests.publish import simulated
from tests.publish.html_text import said
from tests.publish.report_cases import CASES

from everybirth.publish.report import report_html

FOLDER = Path(__file__).parent / "golden"
LANGUAGES = ("en", "zh")


def text(language: str) -> str:
    """The lines of the example's report."""
    return "\n".join(said(report_html(*CASES["usual"](), language))) + "\n"


def file(language: str) -> Path:
    """Where they are kept."""
    return FOLDER / f"report-{language}.txt"


def run_text(language: str) -> str:
    """The lines of the run's report: the same on any computer."""
    return "\n".join(said(simulated.pages()[language])) + "\n"


def run_file(language: str) -> Path:
    """Where they are kept."""
    return FOLDER / f"report-run-{language}.txt"


if __name__ == "__main__":
    for code in LANGUAGES:
        file(code).write_text(text(code), encoding="utf-8")
        run_file(code).write_text(run_text(code), encoding="utf-8")
