"""Ids of findings: the same in every run as long as a finding is about the same records.

Source   Steele, Lea & Flood 2014 (the mixing function of SplitMix64); Crockford's base 32
"""

import hashlib

import numpy as np
import polars as pl

from everybirth.tables import Int64Array, UInt64Array

_ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", np.uint8)
_DIGITS = 13  # of five bits each hold 64 bits
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_30, _27, _31 = np.uint64(30), np.uint64(27), np.uint64(31)


def topic_key(kind: str, field: str) -> np.uint64:
    """A number for what a finding is about, whichever its records."""
    return np.uint64(int.from_bytes(hashlib.blake2b(f"{kind}\x1f{field}".encode(), digest_size=8).digest(), "little"))


def finding_ids(topic: UInt64Array, record_key: UInt64Array, start: Int64Array) -> pl.Series:
    """An id for each finding, from its topic and the keys of its records in any order.

    topic       (n_findings,) as by topic_key
    record_key  (n_members,) keys of the records, finding after finding
    start       (n_findings,) where each finding begins in record_key; each has a record at least
    Returns     (n_findings,) String: "F" and 13 characters of base 32; distinct
    """
    if not len(topic):
        return pl.Series("finding_id", [], dtype=pl.String)
    together = np.add.reduceat(_mix(record_key), start)  # a sum, so that the order does not matter
    return _base32(_distinct(_mix(together ^ _mix(topic))))


def _mix(value: UInt64Array) -> UInt64Array:
    """Spread numbers over all 64 bits, one to one."""
    value = (value ^ (value >> _30)) * _FIRST
    value = (value ^ (value >> _27)) * _SECOND
    mixed: UInt64Array = value ^ (value >> _31)
    return mixed


def _distinct(keys: UInt64Array) -> UInt64Array:
    """Move on all but the first of equal keys, which practically never are, until all differ."""
    while True:
        _, first = np.unique(keys, return_index=True)
        if len(first) == len(keys):
            return keys
        again = np.ones(len(keys), bool)
        again[first] = False
        keys = keys.copy()
        keys[again] += np.uint64(1)


def _base32(keys: UInt64Array) -> pl.Series:
    shifts = np.arange(_DIGITS - 1, -1, -1, dtype=np.uint64) * np.uint64(5)
    letters = np.empty((len(keys), _DIGITS + 1), np.uint8)
    letters[:, 0] = ord("F")
    for digit, shift in enumerate(shifts):
        letters[:, digit + 1] = _ALPHABET[(keys >> shift) & np.uint64(31)]
    return pl.Series("finding_id", letters.view(f"S{_DIGITS + 1}").ravel(), dtype=pl.Binary).cast(pl.String)
