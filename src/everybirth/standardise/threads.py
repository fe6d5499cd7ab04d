"""Several things done at once on the threads that Polars has."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import polars as pl

Item = TypeVar("Item")
Done = TypeVar("Done")


def at_once(work: Callable[[Item], Done], items: Sequence[Item]) -> list[Done]:
    """The work done on each item, in the order of the items: Polars and NumPy let other threads run meanwhile."""
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        return list(pool.map(work, items))
