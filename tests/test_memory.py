"""Freed memory goes back to the computer."""

import subprocess
import sys

import pytest

# In a process of its own: what other tests left behind would decide where blocks lie.
FREED = """
import numpy as np
from everybirth.memory import give_back

def held():
    with open("/proc/self/statm") as stream:
        return int(stream.read().split()[1]) * 4096

blocks = [np.ones(5_000) for _ in range(5_000)]  # too small to be given back by themselves
del blocks[:-1]
before = held()
give_back()
print(before - held())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much a process holds, and gives back")
def test_freed_blocks_are_given_back() -> None:
    """Many small blocks, freed but for the last one, weigh on the computer no more."""
    done = subprocess.run([sys.executable, "-c", FREED], check=True, capture_output=True, text=True)
    assert int(done.stdout) > 100e6
