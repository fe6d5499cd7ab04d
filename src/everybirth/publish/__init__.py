"""Publish: whatever a run writes, written whole or not at all."""

from everybirth.publish.files import RunDir, json_text

__all__ = ["RunDir", "json_text"]
