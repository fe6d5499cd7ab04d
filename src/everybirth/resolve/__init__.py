"""Which records are one birth, how sure that is, and which record's value to show."""

from everybirth.resolve.best import best_records
from everybirth.resolve.components import Components, find_components
from everybirth.resolve.decisions import Decisions, apply_decisions
from everybirth.resolve.draws import Draws
from everybirth.resolve.evidence import Prior
from everybirth.resolve.identity import birth_ids, record_keys
from everybirth.resolve.missing import merged, missing_pairs
from everybirth.resolve.partitions import Options, Partition, partition

__all__ = [
    "Components",
    "Decisions",
    "Draws",
    "Options",
    "Partition",
    "Prior",
    "apply_decisions",
    "best_records",
    "birth_ids",
    "find_components",
    "merged",
    "missing_pairs",
    "partition",
    "record_keys",
]
