"""How the kernels of this step are compiled: to machine code kept on disk, without holding the interpreter's lock.

Divisions by zero give infinities, as in NumPy, rather than a check at every division.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Compile a function that Python calls."""
    return cast("Function", njit(cache=True, nogil=True, error_model="numpy")(function))


def inner_kernel(function: Function) -> Function:
    """Compile a function that only other kernels call: without an entry from Python it compiles sooner."""
    unwrapped: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast("Function", njit(cache=True, nogil=True, error_model="numpy", **unwrapped)(function))
