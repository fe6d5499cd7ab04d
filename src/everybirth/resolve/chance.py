"""Random numbers that depend on the seed and on a record's key, never on threads, order or other components.

Source   Steele, Lea & Flood 2014 (SplitMix64)
"""

from typing import Any

import numpy as np

from everybirth.compiled import inner_kernel

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_30, _27, _31, _11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)


@inner_kernel
def mix(value: Any) -> Any:
    """Spread a uint64 over all 64 bits, one to one."""
    value = (value ^ (value >> _30)) * _FIRST
    value = (value ^ (value >> _27)) * _SECOND
    return value ^ (value >> _31)


@inner_kernel
def start(generator: Any, seed: Any, key: Any) -> Any:
    """Set the generator, a (1,) uint64 array, for the component whose first record has this key."""
    generator[0] = mix(key ^ mix(seed + _STEP))


@inner_kernel
def uniform(generator: Any) -> Any:
    """The next number in [0, 1)."""
    generator[0] += _STEP
    return (mix(generator[0]) >> _11) * (1.0 / 9007199254740992.0)
