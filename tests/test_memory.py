"""Freed memory goes back to the computer."""

import sys

import numpy as np
import pytest

from everybirth.memory import give_back


def _held() -> int:
    """Bytes of this process that are in memory."""
    with open("/proc/self/statm", encoding="ascii") as stream:  # noqa: PTH123 - no file of ours
        return int(stream.read().split()[1]) * 4096


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much a process holds, and gives back")
def test_freed_blocks_are_given_back() -> None:
    """Many small blocks, freed but for the last ones, weigh on the computer no more."""
    blocks = [np.ones(5_000) for _ in range(5_000)]  # too small to be given back by themselves
    del blocks[:-1]
    before = _held()
    give_back()
    assert before - _held() > 100e6
