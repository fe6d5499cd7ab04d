"""Standardise: lists as read become records whose fields can be compared."""

from everybirth.standardise.records import Standardised, standardise

__all__ = ["Standardised", "standardise"]
