"""Births on no list, estimated from how the lists overlap."""
