"""Memory that is free in this process, given back to the computer."""

import ctypes
import sys


def give_back() -> None:
    """Have the C library let go of what it keeps for later, where it can: after a step on a million births that is some
    hundred megabytes, which the next step, or another program, could use.
    """
    if sys.platform != "linux":
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of the GNU library; others lack it
    if trim is not None:
        trim(0)
