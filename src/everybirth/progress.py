"""How far a step has come, told to whoever wants to know."""

import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

# Called with the step's name, how much is done and the total, both in a unit of the step's choice (0: not known yet).
# It comes from one thread at a time; done never decreases within a step.
Progress = Callable[[str, int, int], None]

PATIENCE = 2.0  # seconds a step may take before a bar is shown for it


def silent(step: str, done: int, total: int) -> None:
    """Tell nobody."""


class Bar:
    """A progress bar on a terminal, shown only for steps that take more than two seconds; a `Progress` while open.

    stream   where the bar is drawn (standard error unless given); nothing is drawn if it is not a terminal
    patience seconds before a step's bar appears
    """

    def __init__(self, stream: TextIO | None = None, patience: float = PATIENCE) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._patience = patience
        self._shown = self._stream.isatty()
        self._lock = threading.Lock()  # the timer's thread and the caller's share what follows
        self._step = ""
        self._at = (0, 0)
        self._timer: threading.Timer | None = None
        self._bar: RichProgress | None = None

    def __call__(self, step: str, done: int, total: int) -> None:
        if not self._shown:
            return
        with self._lock:
            if step != self._step:
                self._stop()
                self._step = step
                self._timer = threading.Timer(self._patience, self._show, (step,))
                self._timer.daemon = True
                self._timer.start()
            self._at = (done, total)
            if self._bar is not None:
                self._draw(self._bar)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._lock:
            self._stop()
            self._step = ""

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _show(self, step: str) -> None:
        """Draw the bar of a step that outlasted our patience; in the timer's thread."""
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        with self._lock:
            if step != self._step:
                return  # it ended while this thread was starting
            self._bar = RichProgress(
                TextColumn("{task.description}"),
                BarColumn(),
                TaskProgressColumn(),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
                console=Console(file=self._stream),
                transient=True,
                refresh_per_second=4,
            )
            self._bar.add_task(step, total=None)
            self._draw(self._bar)
            self._bar.start()

    def _draw(self, bar: "RichProgress") -> None:
        done, total = self._at
        bar.update(bar.task_ids[0], completed=done, total=total or None)
