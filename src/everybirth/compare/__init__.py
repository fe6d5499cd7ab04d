"""Comparing: pairs of records, field by field, into levels and scores."""
