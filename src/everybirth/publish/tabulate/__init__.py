"""From a run to its release: tables drafted with true counts, then disclosure-controlled all together."""

from everybirth.publish.tabulate.control import tabulate
from everybirth.publish.tabulate.source import Links, Rules, Source

__all__ = ["Links", "Rules", "Source", "tabulate"]
