"""How kernels are compiled: to machine code kept on disk, without holding the interpreter's lock.

Divisions by zero give infinities, as in NumPy, rather than a check at every division.

Numba counts the references to every array that passes into a function, one atomic instruction each. Two threads that
pass the same arrays at each of a million turns wait for each other to count: in resolving that took nine tenths of the
time. So kernels that make no arrays can be compiled without the counting. They need none: whoever calls from Python
holds the arrays.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])

_UNCOUNTED: dict[str, Any] = {"_nrt": False}
_UNWRAPPED: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def kernel(function: Function) -> Function:
    """Compile a function that Python calls and that may make arrays."""
    return cast("Function", njit(cache=True, nogil=True, error_model="numpy")(function))


def inlined(function: Function) -> Function:
    """Compile a function into each kernel that calls it."""
    return cast("Function", njit(cache=True, nogil=True, inline="always")(function))


def loop_kernel(function: Function) -> Function:
    """Compile a function that Python calls, which makes no array, nor does any that it calls."""
    return cast("Function", njit(cache=True, nogil=True, error_model="numpy", **_UNCOUNTED)(function))


def inner_kernel(function: Function) -> Function:
    """Compile a function that only other kernels call, and that makes no array: it compiles sooner without an entry
    from Python.
    """
    return cast("Function", njit(cache=True, nogil=True, error_model="numpy", **_UNCOUNTED, **_UNWRAPPED)(function))
