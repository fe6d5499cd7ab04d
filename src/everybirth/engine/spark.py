"""Work on the partitions of Spark: the same function on the same chunks as on threads, so the same results."""

import os
import pickle
import shutil
import sys
import traceback
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast

from everybirth.engine.local import processors
from everybirth.errors import EverybirthError
from everybirth.progress import Progress

if TYPE_CHECKING:
    from pyspark import Accumulator, AccumulatorParam, Broadcast, SparkContext
    from pyspark.sql import SparkSession

S = TypeVar("S")
C = TypeVar("C")
T = TypeVar("T")

POLL = 0.2  # seconds between two looks at a running job
QUIET = Path(__file__).with_name("log4j2.properties")

NO_PYSPARK = 'The engine "spark" needs pyspark, which is not installed. Install it: pip install "everybirth[spark]"'
NO_JAVA = (
    'The engine "spark" needs Java 17 or later, and no java was found in JAVA_HOME or on the PATH. '
    'Install one, or use the engine "local".'
)


class SparkEngine:
    """One partition per chunk, on the session that is active, or else on one made here on this computer's processors.

    A session found active is left running at the end; one made here is stopped.
    """

    name = "spark"

    def __init__(self, threads: int, progress: Progress) -> None:
        self._progress = progress
        self._session, self._is_mine = _session(threads or processors())
        self.threads: int = self._session.sparkContext.defaultParallelism

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._is_mine:
            self._session.stop()

    def map(self, work: Callable[[S, C], T], shared: S, chunks: Sequence[C], step: str) -> list[T]:
        """See Engine.map."""
        if not chunks:
            return []
        context = self._session.sparkContext
        sent = context.broadcast(shared)
        try:
            return _Job(context, work, sent, step).run(chunks, self._progress)
        finally:
            sent.destroy()


class _Job(Generic[S, C, T]):
    """One map call, run in a thread of its own so that progress, errors and Ctrl-C are seen while it runs."""

    def __init__(self, context: "SparkContext", work: Callable[[S, C], T], sent: "Broadcast[S]", step: str) -> None:
        self._context = context
        self._step = step
        self._group = f"everybirth-{uuid.uuid4()}"
        self._errors: Accumulator[list[Exception]] = context.accumulator(
            [], cast("AccumulatorParam[list[Exception]]", _ListParam())
        )
        self._task = _Task(work, sent, self._errors)
        self._results: list[tuple[int, T]] = []
        self._failure: Exception | None = None

    def run(self, chunks: Sequence[C], progress: Progress) -> list[T]:
        from pyspark import InheritableThread

        total = len(chunks)
        progress(self._step, 0, total)
        runner = InheritableThread(target=self._collect, args=(chunks,), daemon=True)
        runner.start()
        told = 0
        try:
            while runner.is_alive() and not self._errors.value:
                runner.join(POLL)
                done = min(self._completed(), total)
                if done > told:
                    told = done
                    progress(self._step, done, total)
        finally:
            if runner.is_alive():
                self._context.cancelJobGroup(self._group)
                runner.join()
        self._raise_first()
        progress(self._step, total, total)
        return [result for _, result in sorted(self._results, key=lambda numbered: numbered[0])]

    def _collect(self, chunks: Sequence[C]) -> None:
        try:
            self._context.setJobGroup(self._group, f"everybirth: {self._step}", interruptOnCancel=True)
            numbered = self._context.parallelize(list(enumerate(chunks)), len(chunks))
            self._results = numbered.mapPartitions(self._task).collect()
        except Exception as error:  # noqa: BLE001 - carried over to the thread that waits
            self._failure = error

    def _completed(self) -> int:
        tracker = self._context.statusTracker()
        stages = [
            tracker.getStageInfo(stage)
            for job in tracker.getJobIdsForGroup(self._group)
            for stage in getattr(tracker.getJobInfo(job), "stageIds", ())
        ]
        return sum(stage.numCompletedTasks for stage in stages if stage is not None)

    def _raise_first(self) -> None:
        if self._errors.value:
            raise self._errors.value[0]
        if self._failure is not None:
            message = (
                f"Spark stopped in the step {self._step!r}: {_cause(self._failure)}. "
                'Its own log says more; the engine "local" does the same work without Spark.'
            )
            raise EverybirthError(message) from self._failure


@dataclass(frozen=True, slots=True)
class _Task(Generic[S, C, T]):
    """What runs on a partition. An error of the work is sent back as it is: Spark would turn it into text and retry."""

    work: Callable[[S, C], T]
    sent: "Broadcast[S]"
    errors: "Accumulator[list[Exception]]"

    def __call__(self, numbered: Iterable[tuple[int, C]]) -> Iterator[tuple[int, T]]:
        for number, chunk in numbered:
            try:
                result = self.work(self.sent.value, chunk)
            except Exception as error:  # noqa: BLE001 - raised again where the results are awaited
                self.errors.add([_sendable(error)])
                return
            yield number, result


class _ListParam:
    """An accumulator that keeps all it is given."""

    def zero(self, value: list[Exception]) -> list[Exception]:
        return []

    def addInPlace(self, value1: list[Exception], value2: list[Exception]) -> list[Exception]:  # noqa: N802
        return value1 + value2


def _sendable(error: Exception) -> Exception:
    """The error, or, if it does not survive the journey between processes, one that tells the same."""
    where = "".join(traceback.format_exception(error))
    try:
        copy: Any = pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - an exception's constructor may raise anything
        copy = None
    if type(copy) is not type(error):
        copy = RuntimeError(f"{type(error).__name__}: {error}")
    copy.add_note(f"On a Spark worker:\n{where}")
    return copy  # type: ignore[no-any-return]


def _cause(failure: Exception) -> str:
    """The telling line of an error that came out of Spark, without the Java stack."""
    first = str(failure).strip().splitlines() or [type(failure).__name__]
    java = getattr(failure, "java_exception", None)
    return (str(java).splitlines() or first)[0] if java is not None else first[0]


def _session(threads: int) -> tuple["SparkSession", bool]:
    """The active session, or a new one on this computer; and whether it is new."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise EverybirthError(NO_PYSPARK) from error
    active = SparkSession.getActiveSession()
    if active is not None:
        return active, False
    if not _has_java():
        raise EverybirthError(NO_JAVA)
    # Workers must be the Python that has everybirth, not the first "python3" on the PATH.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(f"local[{threads}]").appName("everybirth")
    for key, value in {
        "spark.driver.bindAddress": "127.0.0.1",  # nobody else's business, and needs no network
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={QUIET.as_uri()}",
        "spark.driver.maxResultSize": "0",  # results are the point: no bound but memory
        "spark.driver.memory": f"{_driver_megabytes()}m",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }.items():
        builder = builder.config(key, value)
    try:
        return builder.getOrCreate(), True
    except Exception as error:
        message = f"Spark did not start: {_cause(error)}. Check the installation of Java and pyspark."
        raise EverybirthError(message) from error


def _has_java() -> bool:
    home = os.environ.get("JAVA_HOME")
    inside = shutil.which("java", path=str(Path(home) / "bin")) if home else None
    return bool(inside or shutil.which("java"))


def _driver_megabytes() -> int:
    """A quarter of the memory, for the results that pass through Java; at least the gigabyte Spark takes by itself."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows tells nothing here
        return 1024
    return max(1024, memory // 4 // 2**20)
