"""The report: one self-contained page, made from the published tables and run.json alone."""

from everybirth.publish.report.make import make_report
from everybirth.publish.report.page import report_html

__all__ = ["make_report", "report_html"]
