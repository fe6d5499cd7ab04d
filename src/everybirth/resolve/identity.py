"""Names that stay: a key for each record and an id for each birth, the same in every run and on every computer.

Source   Fowler, Noll & Vo (FNV-1a, 64 bits); Crockford's base 32, which has no I, L, O or U to misread
"""

from typing import Any

import numpy as np
import polars as pl

from everybirth.compiled import inner_kernel, kernel, loop_kernel
from everybirth.resolve.chance import mix
from everybirth.resolve.partitions import Partition
from everybirth.tables import Int16Array, UInt64Array

_ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", np.uint8)
_DIGITS = 13  # of five bits each hold 64 bits
_BASIS = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x100000001B3)


def record_keys(list_names: tuple[str, ...], list_of: Int16Array, record_id: pl.Series) -> UInt64Array:
    """A stable key of each record, from the name of its list and its id alone.

    list_of    (n_records,) index into list_names
    record_id  (n_records,) String, not null
    Returns    (n_records,) hash of the UTF-8 bytes of "list", 0x1F, "id"
    """
    names = [name.encode() + b"\x1f" for name in list_names]
    heads = np.frombuffer(b"".join(names), np.uint8).copy()
    head_ends = np.cumsum([0, *map(len, names)])
    text = np.frombuffer(record_id.str.join("").item().encode(), np.uint8)
    ends = np.concatenate([[0], np.cumsum(record_id.str.len_bytes().to_numpy().astype(np.int64))])
    return np.asarray(_hash(heads, head_ends, np.require(list_of, np.int16, ["C", "W"]), np.array(text), ends))


def birth_ids(partition: Partition, record_key: UInt64Array) -> pl.Series:
    """An id for each birth, from the smallest key among its records: adding other records does not change it.

    record_key  (n_records,)
    Returns     (n_births,) String "birth_id": "B" and 13 characters of base 32; distinct
    """
    keys = np.full(partition.n_births, np.iinfo(np.uint64).max, np.uint64)
    _smallest(np.require(partition.birth, np.int32, ["C", "W"]), np.require(record_key, np.uint64, ["C", "W"]), keys)
    letters = np.empty((len(keys), _DIGITS + 1), np.uint8)
    _base32(_distinct(keys), _ALPHABET.copy(), letters)
    return pl.Series("birth_id", letters.view(f"S{_DIGITS + 1}").ravel(), dtype=pl.Binary).cast(pl.String)


def _distinct(keys: UInt64Array) -> UInt64Array:
    """Move on all but the first of equal keys (once in some billion runs) until all differ."""
    ascending = np.sort(keys)
    while (ascending[1:] == ascending[:-1]).any():
        again = np.ones(len(keys), bool)
        again[np.unique(keys, return_index=True)[1]] = False
        keys = keys.copy()
        keys[again] += np.uint64(1)
        ascending = np.sort(keys)
    return keys


@loop_kernel
def _smallest(birth: Any, record_key: Any, keys: Any) -> Any:
    """Lower each birth's key to the smallest of its records."""
    for record in range(len(birth)):
        keys[birth[record]] = min(keys[birth[record]], record_key[record])


@loop_kernel
def _base32(keys: Any, alphabet: Any, letters: Any) -> Any:
    """Spell each key as "B" and digits of five bits, the first of them the highest."""
    for row in range(len(keys)):
        left = keys[row]
        for digit in range(letters.shape[1] - 1, 0, -1):
            letters[row, digit] = alphabet[left & np.uint64(31)]
            left >>= np.uint64(5)
        letters[row, 0] = 66


@kernel
def _hash(heads: Any, head_ends: Any, list_of: Any, text: Any, ends: Any) -> Any:
    """FNV-1a over each record's bytes, spread over all bits at the end."""
    start = np.empty(len(head_ends) - 1, np.uint64)
    for number in range(len(start)):
        start[number] = _absorb(_BASIS, heads, head_ends[number], head_ends[number + 1])
    keys = np.empty(len(list_of), np.uint64)
    for record in range(len(keys)):
        keys[record] = mix(_absorb(start[list_of[record]], text, ends[record], ends[record + 1]))
    return keys


@inner_kernel
def _absorb(state: Any, text: Any, begin: Any, end: Any) -> Any:
    for at in range(begin, end):
        state = (state ^ np.uint64(text[at])) * _PRIME
    return state
