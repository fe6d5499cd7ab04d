"""Births on no list, estimated from how the lists overlap."""

from everybirth.estimate.counts import estimate_counts
from everybirth.estimate.table import estimate_table

__all__ = ["estimate_counts", "estimate_table"]
