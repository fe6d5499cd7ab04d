"""Workbooks for offices: the findings of each area in Excel, and what the office decided back again."""

from everybirth.publish.workbooks.export import Exported, Order, write_workbooks
from everybirth.publish.workbooks.importing import Imported, export_findings, import_findings

__all__ = ["Exported", "Imported", "Order", "export_findings", "import_findings", "write_workbooks"]
