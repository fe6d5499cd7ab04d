"""Where the work of a step is done: on threads of this computer, or on Spark. The very same work, the same results."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol, Self, TypeVar

from everybirth.errors import PlanError
from everybirth.progress import Progress, silent

S = TypeVar("S")
C = TypeVar("C")
T = TypeVar("T")

ENGINES = ("local", "spark")

__all__ = ["ENGINES", "Engine", "open_engine"]


class Engine(Protocol):
    """Maps work over chunks; a context manager.

    name      "local" or "spark"
    threads   how many chunks are worked on at once: cut the work into several times as many
    """

    @property
    def name(self) -> str: ...

    @property
    def threads(self) -> int: ...

    def map(self, work: Callable[[S, C], T], shared: S, chunks: Sequence[C], step: str) -> list[T]:
        """Do `work(shared, chunk)` for every chunk.

        work      a function of a module (not a lambda or a method), so that Spark can send it; without side effects
        shared    a tuple or NamedTuple of arrays, the same for all chunks; sent once
        step      the name under which progress is told
        Returns   one result per chunk, in the order of the chunks
        Raises    whatever `work` raised first; chunks not yet begun are then left undone
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...


def open_engine(name: str = "local", threads: int = 0, progress: Progress = silent) -> Engine:
    """The engine of that name.

    threads   0: as many as there are processors for this process
    Raises    PlanError        if there is no engine of that name, or threads is negative
              EverybirthError  if Spark is asked for and it or Java is not installed
    """
    if threads < 0:
        message = f"{threads} threads were asked for. Give 1 or more, or 0 for all processors."
        raise PlanError(message)
    if name == "local":
        from everybirth.engine.local import LocalEngine

        return LocalEngine(threads, progress)
    if name == "spark":
        from everybirth.engine.spark import SparkEngine

        return SparkEngine(threads, progress)
    message = f"There is no engine {name!r}. Choose one of: {', '.join(ENGINES)}."
    raise PlanError(message)
