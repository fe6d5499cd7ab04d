"""Blocking: which records are worth comparing."""
