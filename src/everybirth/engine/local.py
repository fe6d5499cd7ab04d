"""Work on the threads of this computer. The kernels release the interpreter's lock, so threads really run together."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from types import TracebackType
from typing import Self, TypeVar

from everybirth.progress import Progress

S = TypeVar("S")
C = TypeVar("C")
T = TypeVar("T")


def processors() -> int:
    """How many processors this process may use: fewer than the computer has if it was confined to some."""
    if hasattr(os, "process_cpu_count"):  # Python 3.13 and later
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class LocalEngine:
    """A pool of threads per map call."""

    name = "local"

    def __init__(self, threads: int, progress: Progress) -> None:
        self.threads = threads or processors()
        self._progress = progress

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Nothing to close: each map call ends its own threads."""

    def map(self, work: Callable[[S, C], T], shared: S, chunks: Sequence[C], step: str) -> list[T]:
        """See Engine.map."""
        total = len(chunks)
        if total == 0:
            return []
        self._progress(step, 0, total)
        pool = ThreadPoolExecutor(min(self.threads, total), thread_name_prefix=f"everybirth-{step}")
        try:
            futures = [pool.submit(work, shared, chunk) for chunk in chunks]
            for done, future in enumerate(as_completed(futures), 1):
                future.result()  # raises what the work raised
                self._progress(step, done, total)
        finally:
            # After an error or Ctrl-C: drop what has not begun and wait for the few chunks under way, since they hold
            # arrays that the caller may free.
            pool.shutdown(wait=True, cancel_futures=True)
        return [future.result() for future in futures]
