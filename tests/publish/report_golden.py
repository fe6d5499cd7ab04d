"""The report of the example release as text. To write it anew after a change:

python -m tests.publish.report_golden
"""

from pathlib import Path

from tests.publish.html_text import said
from tests.publish.report_cases import CASES

from everybirth.publish.report import report_html

FOLDER = Path(__file__).parent / "golden"
LANGUAGES = ("en", "zh")


def text(language: str) -> str:
    """The report's lines."""
    return "\n".join(said(report_html(*CASES["usual"](), language))) + "\n"


def file(language: str) -> Path:
    """Where they are kept."""
    return FOLDER / f"report-{language}.txt"


if __name__ == "__main__":
    for code in LANGUAGES:
        file(code).write_text(text(code), encoding="utf-8")
