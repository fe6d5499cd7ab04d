"""The folder of a run: one process at a time, each file whole or absent, the same table always the same bytes."""

import errno
import json
import math
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

import numpy as np
import polars as pl

from everybirth.errors import EverybirthError

RUN_RECORD = "run.json"  # goes before the first file is replaced, is written last: a folder that has it is complete
LOCK_NAME = ".everybirth-lock"
PUBLISHED = (RUN_RECORD, "report.html", "tables")  # all else is about persons: only who made it may read it
OWN_FILE, OWN_FOLDER = 0o600, 0o700
PART_PREFIX = ".everybirth-part-"  # files being written; any that lie there when a run starts were left by a killed one

# Fixed, so that a table's bytes do not depend on a default of the library. zstd 1 writes two million links as fast as
# lz4 or snappy (0.2 s) in 70% of the space. Statistics of row groups take an eighth of the time, and tell a reader
# nothing: ids and names lie in every group.
PARQUET_LEVEL = 1
PARQUET_ROWS = 250_000  # rows per row group

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} if sys.platform != "win32" else {errno.ENOSPC, 39, 112}
LOCK_BYTE = 1 << 30  # Windows hides locked bytes from other readers; this one lies far behind the process number
LOCK_TRIES = 100


class RunDir:
    """A run's folder, held by this process alone while the context is open.

    path     the folder; made if absent, other files in it are left alone
    fresh    True: the run writes everything anew, so run.json of an earlier run is removed before the first file is
             replaced. A run that fails before that leaves the earlier one whole; an error after that carries a note
             False: files are added to a complete run
    Raises   EverybirthError  if another process holds the folder, or if it cannot be made or written
    """

    def __init__(self, path: str | Path, *, fresh: bool = True) -> None:
        self.path = Path(path)
        self._fresh = fresh
        self._replaced = False  # whether an earlier, complete run lost its run.json to this one
        self._lock: int | None = None

    def __enter__(self) -> Self:
        try:
            self.path.mkdir(OWN_FOLDER, parents=True, exist_ok=True)
            self._lock = _acquire(self.path / LOCK_NAME)
            for left_over in self.path.glob(PART_PREFIX + "*"):
                left_over.unlink(missing_ok=True)
        except OSError as error:
            self.close()
            raise _write_error(self.path, error) from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
        if error is not None and self._replaced and not (self.path / RUN_RECORD).exists():
            error.add_note(f"The earlier result in {self.path} is no longer complete: run the plan again.")

    def close(self) -> None:
        """Let the folder go; what was written stays."""
        if self._lock is not None:
            _release(self._lock, self.path / LOCK_NAME)
            self._lock = None

    def write_parquet(self, name: str, frame: pl.DataFrame) -> Path:
        """Write a table; equal tables give equal bytes, whatever their chunks and the number of threads.

        Categorical columns are written as String: their codes depend on what the process met first.
        """
        steady = frame.with_columns(pl.col(pl.Categorical).cast(pl.String)).rechunk()
        return self.write(name, lambda part: _write_parquet(steady, part))

    def write_tables(self, tables: Mapping[str, pl.DataFrame]) -> None:
        """Write tables as NAME.parquet, two at a time: much of the work of one uses a single processor.

        Raises   EverybirthError  if one cannot be written; none is begun after that, but others may be there
        """
        with ThreadPoolExecutor(2) as writers:
            begun = [writers.submit(self.write_parquet, f"{name}.parquet", table) for name, table in tables.items()]
            try:
                for each in begun:
                    each.result()
            except BaseException:
                writers.shutdown(wait=False, cancel_futures=True)
                raise

    def write_json(self, name: str, content: object) -> Path:
        """Write what json_text makes of the content, and a newline at the end."""
        return self.write_text(name, json_text(content) + "\n")

    def write_text(self, name: str, text: str) -> Path:
        """Write text as UTF-8 with the line ends as given, on every system."""
        return self.write(name, lambda part: _write_bytes(part, text.encode("utf-8")))

    def append_lines(self, name: str, lines: Sequence[str]) -> Path:
        """Add lines to the end of a file that only grows; they are on the disk when this returns.

        A last line that a power cut left unfinished stays, as a line of its own, so that it spoils no other.

        Raises   EverybirthError  if they cannot be written
        """
        target = self._target(name)
        try:
            self._make_parent(target)
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
            with os.fdopen(os.open(target, flags, _mode(name)), "ab+") as stream:
                if stream.tell():
                    stream.seek(-1, os.SEEK_END)
                    unfinished = stream.read(1) != b"\n"
                else:
                    unfinished = False
                stream.write((b"\n" if unfinished else b"") + "".join(f"{line}\n" for line in lines).encode("utf-8"))
                stream.flush()
                os.fsync(stream.fileno())
            _folder_to_disk(target.parent)
        except OSError as error:
            raise _write_error(target, error) from error
        return target

    def write(self, name: str, writer: Callable[[Path], object]) -> Path:
        """Write one file by `writer`, which gets the path of a temporary file; then put it in place in one move.

        name     relative to the folder, parts divided by "/"
        Returns  the path of the finished file
        Raises   EverybirthError  if it cannot be written, for instance because the disk is full; an earlier file of
                 this name is then still there, and no part of the new one
        """
        target = self._target(name)
        part = self.path / f"{PART_PREFIX}{os.getpid()}-{target.name}"
        try:
            os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _mode(name)))
            writer(part)
            _to_disk(part)
            self._make_parent(target)
            self._open_up()
            part.replace(target)
            _folder_to_disk(target.parent)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise _write_error(target, error) from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
        return target

    def _open_up(self) -> None:
        """Take run.json of an earlier run away: from here on the folder is no longer complete."""
        if self._fresh:
            record = self.path / RUN_RECORD
            with suppress(FileNotFoundError):  # there is none, or another thread just removed it
                record.unlink()
                self._replaced = True
                _folder_to_disk(self.path)
            self._fresh = False  # last: a thread that sees it may replace files

    def _make_parent(self, target: Path) -> None:
        if target.parent != self.path:
            mode = 0o777 if _mode(target.relative_to(self.path).as_posix()) != OWN_FILE else OWN_FOLDER
            target.parent.mkdir(mode, parents=True, exist_ok=True)

    def _target(self, name: str) -> Path:
        if self._lock is None:
            message = "A run's folder is written inside its context: with RunDir(path) as out: ..."
            raise RuntimeError(message)
        relative = PurePosixPath(name)
        if relative.is_absolute() or ".." in relative.parts or not relative.name:
            message = f"{name!r} is not the name of a file inside the run's folder."
            raise ValueError(message)
        return self.path / relative


def check_free(path: Path) -> None:
    """Make sure that no other process is writing into a run's folder.

    Raises   EverybirthError  if one is
    """
    lock = path / LOCK_NAME
    try:
        descriptor = os.open(lock, os.O_RDWR)
    except OSError:  # there is none, or it is somebody else's
        return
    try:
        if not _try_lock(descriptor):
            raise EverybirthError(_held_by(lock, os.read(descriptor, 20)))
    finally:
        os.close(descriptor)


def json_text(content: object) -> str:
    """JSON with sorted keys; numbers that are not finite become null.

    content  mappings, sequences, sets, numpy arrays and scalars, paths, dates, strings, numbers, booleans, None
    Raises   TypeError  for anything else
    """
    return json.dumps(_plain(content), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)


def _mode(name: str) -> int:
    """The permissions of a file of a run, as the system takes them: those of persons' data are for their owner."""
    return 0o666 if PurePosixPath(name).parts[0] in PUBLISHED else OWN_FILE


def _write_parquet(frame: pl.DataFrame, part: Path) -> None:
    frame.write_parquet(
        part, compression="zstd", compression_level=PARQUET_LEVEL, statistics=False, row_group_size=PARQUET_ROWS
    )


def _write_bytes(part: Path, content: bytes) -> None:
    part.write_bytes(content)


def _to_disk(file: Path) -> None:
    """Wait until the file's content is on the disk: a move that outlives a power cut must not name an empty file."""
    with file.open("r+b") as stream:
        os.fsync(stream.fileno())


def _folder_to_disk(folder: Path) -> None:
    if sys.platform != "win32":  # a folder cannot be opened there
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            with suppress(OSError):  # some network file systems refuse; the file itself is safe by now
                os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _plain(content: object) -> object:
    """The same content in the types that JSON has."""
    match content:
        case np.ndarray() | np.generic():
            return _plain(content.tolist())
        case float():
            return content if math.isfinite(content) else None
        case None | bool() | int() | str():
            return content
        case Path():
            return content.as_posix()
        case date():
            return content.isoformat()
        case Mapping():
            return {str(key): _plain(value) for key, value in content.items()}
        case Set():
            return sorted((_plain(value) for value in content), key=repr)
        case Sequence():
            return [_plain(value) for value in content]
    message = f"{type(content).__name__} has no form in JSON."
    raise TypeError(message)


def _write_error(target: Path, error: Exception) -> Exception:
    """The error to raise for one met in writing `target`; an error of another nature is given back as it is."""
    number = _system_number(error)
    if number is None:
        return error
    if number in NO_ROOM:
        return EverybirthError(
            f"{target}: the disk is full ({_free_space(target)}), so this file was not written. "
            "Free some space or choose another folder with --out, then run again."
        )
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return EverybirthError(
            f"{target}: writing is not permitted. Close the file if another program has it open, "
            "or choose a folder of your own with --out."
        )
    if number in (errno.EEXIST, errno.ENOTDIR):
        return EverybirthError(f"{target}: there is a file where a folder is needed. Choose another folder with --out.")
    return EverybirthError(f"{target}: cannot be written: {os.strerror(number)}. Choose another folder with --out.")


def _system_number(error: Exception) -> int | None:
    """The system's error number; polars only tells it at the end of its message."""
    if isinstance(error, OSError):
        return error.errno
    found = re.search(r"\(os error (\d+)\)", str(error))
    return int(found.group(1)) if found else None


def _free_space(target: Path) -> str:
    with suppress(OSError):
        folder = next(parent for parent in target.absolute().parents if parent.exists())
        return f"{shutil.disk_usage(folder).free / 1e6:,.1f} MB free"
    return "free space unknown"


def _acquire(path: Path) -> int:
    """Take the lock; the system gives back that of a process that died, so none can be stale.

    Returns  the open file that holds the lock
    Raises   EverybirthError  if another process has it
    """
    for _ in range(LOCK_TRIES):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if not _try_lock(descriptor):
                raise EverybirthError(_held_by(path, os.read(descriptor, 20)))
            if _is_still(descriptor, path):
                os.truncate(descriptor, 0)
                os.lseek(descriptor, 0, os.SEEK_SET)
                os.write(descriptor, str(os.getpid()).encode())
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # its holder removed it between our opening and locking it: look again
    message = f"{path.parent}: other runs keep starting here. Give each run a folder of its own with --out."
    raise EverybirthError(message)


def _held_by(path: Path, pid: bytes) -> str:
    holder = f"process {pid.decode()}" if pid.isdigit() else "another process"
    return f"{path.parent}: {holder} is writing here. Wait until it is done, or choose another folder with --out."


def _is_still(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _try_lock(descriptor: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, LOCK_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
    else:
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _release(descriptor: int, path: Path) -> None:
    """Remove the lock file while it is still held, so that nobody can lock a file that is about to vanish unnoticed."""
    if sys.platform == "win32":
        os.close(descriptor)
        with suppress(OSError):
            path.unlink()
    else:
        with suppress(OSError):
            path.unlink()
        os.close(descriptor)
