"""Work on the threads of this computer. The kernels release the interpreter's lock, so threads really run together."""

import os
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Self, TypeVar, cast

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
        results: list[T | None] = [None] * total
        numbers = iter(range(total))  # shared: each thread takes the next chunk from it
        finished: SimpleQueue[BaseException | None] = SimpleQueue()
        stopped: list[bool] = []
        gate: SimpleQueue[None] = SimpleQueue()

        def take_chunks() -> None:
            gate.get()  # nobody begins before all threads are there
            for number in numbers:
                if stopped:
                    return
                try:
                    results[number] = work(shared, chunks[number])
                except BaseException as error:  # noqa: BLE001 - handed to the caller's thread
                    finished.put(error)
                    return
                finished.put(None)

        # Plain threads and a queue: a pool of the standard library can be left locked by Ctrl-C while it is being fed.
        name = f"everybirth-{step}"
        threads = [Thread(target=take_chunks, name=f"{name}_{k}") for k in range(min(self.threads, total))]
        try:
            for thread in threads:
                thread.start()
            for _ in threads:
                gate.put(None)
            for done in range(1, total + 1):
                error = finished.get()
                if error is not None:
                    raise error
                self._progress(step, done, total)
        finally:
            # After an error or Ctrl-C: begin nothing more and wait for the few chunks under way, since they hold arrays
            # that the caller may free.
            stopped.append(True)
            for thread in threads:
                gate.put(None)
                if thread.ident is not None:
                    thread.join()
        return cast("list[T]", results)
