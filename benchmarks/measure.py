"""Run a command and say how long it took, how much processor time and how much memory. Linux only: it reads /proc."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

EVERY = 0.05  # seconds between two looks at the memory
KIB_PER_MIB = 1024


@dataclass(frozen=True)
class Usage:
    """What one run of a command used, its child processes included.

    seconds      from start to end of the whole command
    cpu_seconds  processor time, user and system: hardly changes when the machine is busy with other things
    peak_mib     largest resident memory of the process tree
    """

    seconds: float
    cpu_seconds: float
    peak_mib: float


class CommandFailedError(Exception):
    """The command ended with an error; its last lines are in the message."""


def run(command: list[str], log: Path, environment: dict[str, str] | None = None) -> Usage:
    """Run a command to its end, output to the log file, and measure it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
        )
        peak = Peak(process.pid)
        peak.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    peak.stop()
    if process.returncode:
        last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        raise CommandFailedError(f"{' '.join(command)} ended with {process.returncode}:\n" + "\n".join(last))
    return Usage(seconds, usage.ru_utime + usage.ru_stime, peak.mib)


class Peak:
    """Watches the memory of a process tree from a thread of its own.

    A process's own high-water mark (VmHWM) misses nothing between two looks; the sum over the tree is as
    seen at a look.
    The ru_maxrss that wait4 gives is not used: a child starts with the memory of the process that made it.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._kib = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Stop to watch."""
        self._ended.set()
        self._thread.join()

    @property
    def mib(self) -> float:
        """The peak so far, in MiB."""
        return self._kib / KIB_PER_MIB

    def _watch(self) -> None:
        while not self._ended.wait(EVERY):
            now = [memory(pid) for pid in tree(self._pid)]
            self._kib = max(self._kib, sum(resident for resident, _ in now), *(highest for _, highest in now), 0)


def tree(pid: int) -> list[int]:
    """The process and all that it started, as far as they live."""
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                todo += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def memory(pid: int) -> tuple[int, int]:
    """Resident memory now and at its highest, in KiB; zeros for a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0, 0
    sizes = {
        key: int(rest.split()[0])
        for key, _, rest in (line.partition(":") for line in lines)
        if key in ("VmRSS", "VmHWM")
    }
    return sizes.get("VmRSS", 0), sizes.get("VmHWM", 0)


def machine() -> dict[str, str]:
    """Where the figures come from."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        "unknown processor",
    )
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": f"{model}, {len(os.sched_getaffinity(0))} cores",
        "memory": f"{pages / 2**30:.0f} GiB",
        "python": sys.version.split()[0],
        "load before": f"{os.getloadavg()[0]:.1f}",
    }


def versions(python: Path, packages: list[str]) -> dict[str, str]:
    """The versions that a Python has of some packages."""
    asked = "import sys; from importlib.metadata import version; print(*(version(p) for p in sys.argv[1:]))"
    found = subprocess.run([str(python), "-c", asked, *packages], check=True, capture_output=True, text=True).stdout
    return dict(zip(packages, found.split(), strict=True))
