"""Both engines do the same work with the same results, tell how far they are, and stop at the first error."""

import os
import re
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from numba import njit
from pyspark import cloudpickle
from pyspark.sql import SparkSession

from everybirth.engine import Engine, open_engine
from everybirth.engine.local import processors
from everybirth.errors import EverybirthError, PlanError

# This file is no module that a Spark worker could import: what it defines travels by value.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

Floats = npt.NDArray[np.float64]


class Shared(NamedTuple):
    """What all chunks of the test need."""

    values: Floats
    scale: Floats


@njit(nogil=True)
def kernel(values: Floats, scale: Floats, start: int, end: int) -> Floats:
    """Scale a stretch of the values, in a loop that the compiler sees."""
    out = np.empty(end - start)
    for i in range(start, end):
        out[i - start] = values[i] * scale[i % len(scale)]
    return out


def scaled(shared: Shared, chunk: tuple[int, int]) -> tuple[int, Floats]:
    """Work with a compiled kernel; the result names its chunk."""
    return chunk[0], kernel(shared.values, shared.scale, *chunk)


def slow_first(shared: None, chunk: int) -> int:
    """Early chunks take longest, so that results come out of order."""
    time.sleep(0.3 if chunk == 0 else 0)
    return chunk


def refuse(shared: tuple[str, str], chunk: int) -> int:
    """The first chunk fails; the others leave a file behind and take their time."""
    folder, kind = shared
    if chunk == 0:
        if kind == "everybirth":
            message = "hospital.csv: row 17 is not a date."
            raise EverybirthError(message)
        if kind == "awkward":
            raise AwkwardError(1, 2)
        raise ValueError(kind)
    (Path(folder) / str(chunk)).touch()
    time.sleep(0.1)
    return chunk


def mark(folder: str, chunk: int) -> int:
    """Leave a file behind and take some time."""
    (Path(folder) / str(chunk)).touch()
    time.sleep(0.1)
    return chunk


class AwkwardError(Exception):
    """Cannot be rebuilt from its message alone, as pickle tries to."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__(f"{first} and {second}")


class Told:
    """Keeps what was told; raises Ctrl-C once `until` chunks are done."""

    def __init__(self, until: int | None = None) -> None:
        self.calls: list[tuple[str, int, int]] = []
        self.until = until

    def __call__(self, step: str, done: int, total: int) -> None:
        self.calls.append((step, done, total))
        if self.until is not None and done >= self.until:
            self.until = None
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    """A session on two threads, started as everybirth starts its own, for all tests of this file."""
    with open_engine("spark", threads=2):
        session = SparkSession.getActiveSession()
        assert session is not None
        yield session


@pytest.fixture(params=["local", "spark"])
def name(request: pytest.FixtureRequest) -> str:
    """Each test with each engine."""
    if request.param == "spark":
        request.getfixturevalue("spark")
    return str(request.param)


def test_results_are_those_of_a_plain_loop(name: str) -> None:
    """A compiled kernel gives the same numbers on either engine as in a loop, in the order of the chunks."""
    rng = np.random.default_rng(1)
    shared = Shared(rng.random(10_000), rng.random(7))
    chunks = [(start, min(start + 700, 10_000)) for start in range(0, 10_000, 700)]
    with open_engine(name, threads=2) as engine:
        results = engine.map(scaled, shared, chunks, "compare")
    expected = shared.values * shared.scale[np.arange(10_000) % 7]
    assert [start for start, _ in results] == [start for start, _ in chunks]
    assert np.array_equal(np.concatenate([part for _, part in results]), expected)


def test_order_is_that_of_the_chunks(name: str) -> None:
    """Results come in the order of the chunks, whichever is done first."""
    with open_engine(name, threads=2) as engine:
        assert engine.map(slow_first, None, range(5), "compare") == list(range(5))


def test_no_chunks(name: str) -> None:
    """Without chunks there are no results, and nothing is told."""
    told = Told()
    with open_engine(name, progress=told) as engine:
        assert engine.map(slow_first, None, [], "compare") == []
    assert told.calls == []


def test_progress_starts_at_nothing_and_ends_at_all(name: str) -> None:
    """Progress names the step, never goes back, and ends at the total."""
    told = Told()
    with open_engine(name, threads=2, progress=told) as engine:
        engine.map(slow_first, None, range(6), "compare")
    assert told.calls[0] == ("compare", 0, 6)
    assert told.calls[-1] == ("compare", 6, 6)
    done = [call[1] for call in told.calls]
    assert done == sorted(done)


@pytest.mark.parametrize(
    ("kind", "expected", "words"),
    [
        ("everybirth", EverybirthError, "hospital.csv: row 17 is not a date."),
        ("other", ValueError, "other"),
    ],
)
def test_an_error_arrives_as_it_was_raised_and_stops_the_rest(
    name: str, tmp_path: Path, kind: str, expected: type[Exception], words: str
) -> None:
    """The caller gets the very error of the work, and chunks that had not begun are left undone."""
    with open_engine(name, threads=2) as engine:
        with pytest.raises(expected) as caught:
            engine.map(refuse, (str(tmp_path), kind), range(60), "compare")
        assert str(caught.value) == words
        assert len(list(tmp_path.iterdir())) < 50
        assert engine.map(slow_first, None, range(2), "compare") == [0, 1]


@pytest.mark.usefixtures("spark")
def test_an_error_that_cannot_travel_keeps_its_name_and_message(tmp_path: Path) -> None:
    """An exception that cannot be sent between processes arrives as text, with its place on the worker."""
    with open_engine("spark") as engine, pytest.raises(RuntimeError) as caught:
        engine.map(refuse, (str(tmp_path), "awkward"), [0], "compare")
    assert str(caught.value) == "AwkwardError: 1 and 2"
    assert "in refuse" in caught.value.__notes__[0]


def die(shared: None, chunk: int) -> int:
    """End the process of the worker without a word."""
    os._exit(3)


@pytest.mark.usefixtures("spark")
def test_a_dead_worker_is_told_in_plain_words() -> None:
    """What goes wrong in Spark itself is an EverybirthError that names the step."""
    with open_engine("spark") as engine, pytest.raises(EverybirthError, match="Spark stopped in the step 'compare'"):
        engine.map(die, None, [0], "compare")


def test_interrupt_leaves_the_rest_undone(name: str, tmp_path: Path) -> None:
    """Ctrl-C ends a map call soon, without the chunks that had not begun, and no thread of it goes on."""
    before = threading.active_count()
    with open_engine(name, threads=2, progress=Told(until=1)) as engine:
        with pytest.raises(KeyboardInterrupt):
            engine.map(mark, str(tmp_path), range(60), "compare")
        begun = len(list(tmp_path.iterdir()))
        assert begun < 50
        time.sleep(0.3)
        assert len(list(tmp_path.iterdir())) <= begun + 2  # Spark may take a moment to end a worker
    assert threading.active_count() <= before + 1


@pytest.mark.usefixtures("spark")
def test_a_session_found_active_is_used_and_left_running() -> None:
    """everybirth works on the session that is there, and does not end it."""
    session = SparkSession.getActiveSession()
    assert session is not None
    with open_engine("spark", threads=7) as engine:
        assert engine.threads == session.sparkContext.defaultParallelism == 2
    assert SparkSession.getActiveSession() is session
    assert session.sparkContext.parallelize([1, 2]).sum() == 3


def test_spark_without_pyspark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pyspark the error says what to install."""
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(EverybirthError, match=re.escape('pip install "everybirth[spark]"')):
        open_engine("spark")


def test_spark_without_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without Java the error says so, before Spark prints its own."""
    monkeypatch.setattr(SparkSession, "getActiveSession", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(EverybirthError, match="needs Java 17 or later"):
        open_engine("spark")


def test_an_unknown_engine_or_number_of_threads_is_wrong_usage() -> None:
    """The error lists the engines there are; it counts as wrong usage."""
    with pytest.raises(PlanError, match=r"no engine 'flink'.*local, spark"):
        open_engine("flink")
    with pytest.raises(PlanError, match="-1 threads"):
        open_engine("local", threads=-1)


def test_zero_threads_are_all_processors_of_this_process() -> None:
    """0 threads means the processors that this process may use, not those that the computer has."""
    engine: Engine = open_engine("local", threads=0)
    assert engine.threads == processors() >= 1
    assert open_engine("local", threads=3).threads == 3


def test_a_confined_process_counts_its_own_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process confined to one processor counts one, also where Python itself does not tell."""
    monkeypatch.delattr(os, "process_cpu_count", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert processors() == 1
