from typing import Any

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from tests.resolve.worlds import pairs_of, resolve

from everybirth.resolve import birth_ids, record_keys

MASK = 2**64 - 1
KNOWN = (3789319323604732044, "B395JXV4FZQJ4C")


def naive_key(name: str, record_id: str) -> int:
    """FNV-1a of 64 bits and SplitMix64's finish, in plain integers."""
    state = 0xCBF29CE484222325
    for byte in f"{name}\x1f{record_id}".encode():
        state = ((state ^ byte) * 0x100000001B3) & MASK
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & MASK
    return state ^ (state >> 31)


@given(st.lists(st.tuples(st.integers(0, 1), st.text(max_size=8)), max_size=8))
def test_keys_follow_from_list_and_id_alone(rows: Any) -> None:
    """Whatever letters an id has, its key is the hash of its own bytes."""
    names = ("hospital", "état-civil")
    ids = pl.Series([row[1] for row in rows], dtype=pl.String)
    found = record_keys(names, np.array([row[0] for row in rows], np.int16), ids)
    assert found.tolist() == [naive_key(names[number], record_id) for number, record_id in rows]


def test_a_known_key_never_changes() -> None:
    """Published ids must not change with a version of this program or of a library."""
    key = record_keys(("hospital",), np.zeros(1, np.int16), pl.Series(["H-000017"]))
    found = birth_ids(resolve(pairs_of({}), [0]), key)
    assert (int(key[0]), found[0]) == KNOWN


def test_ids_are_those_of_the_smallest_key() -> None:
    """A birth keeps its id when a record with a larger key joins it, and spells it in base 32."""
    alone = resolve(pairs_of({}), [0, 0])
    joined = resolve(pairs_of({(0, 2): (30.0, 0.0)}), [0, 0, 1])
    keys = np.array([31, 2**64 - 1, 2**63], np.uint64)
    assert birth_ids(alone, keys[:2]).to_list() == ["B000000000000Z", "BFZZZZZZZZZZZZ"]
    assert birth_ids(joined, keys).to_list() == ["B000000000000Z", "BFZZZZZZZZZZZZ"]


def test_births_with_equal_keys_still_have_distinct_ids() -> None:
    """A collision of hashes is resolved, the first birth keeping its id."""
    found = birth_ids(resolve(pairs_of({}), [0, 0, 0]), np.array([7, 7, 8], np.uint64)).to_list()
    assert found[0] == "B0000000000007"
    assert len(set(found)) == 3


def test_no_records_no_ids() -> None:
    """An empty run has an empty column of ids."""
    found = birth_ids(resolve(pairs_of({}), []), np.zeros(0, np.uint64))
    assert found.to_list() == []
    assert found.dtype == pl.String
