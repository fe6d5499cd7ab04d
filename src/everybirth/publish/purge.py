"""Remove everything about persons from a run's folder, keep what is published, and prove that nothing is left.

run.json stays, but for what it counts: small counts can point to somebody, here as in the tables that go.

The proof: before anything goes, every distinct value that names or identifies somebody is gathered from the files that
will go, and each file that stays is searched for each of them. Nothing is sampled. The result and the fingerprint of
each searched file are logged before the first file goes, so that a purge that was cut short can be finished later.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from everybirth.errors import DataError, EverybirthError
from everybirth.progress import Progress, silent
from everybirth.publish.access_log import ACCESS_LOG, log_access, read_access
from everybirth.publish.files import LOCK_NAME, RUN_RECORD, RunDir
from everybirth.publish.traces import Found, gather, is_table_of_run, search

# Everything that is about persons, or counts so few of them that they could be recognised.
PERSONAL = (
    *("births.parquet", "links.parquet", "pairs.parquet", "draws.parquet", "rejected.parquet"),
    *("findings.parquet", "findings_history.parquet", "findings", "decisions.jsonl", "review"),
    *("estimates.parquet", "completeness.parquet", "sex_ratio.parquet", "counts.parquet", "sensitivity.parquet"),
    "pooling.parquet",
)
KEPT = (RUN_RECORD, "report.html", "tables", ACCESS_LOG)
# What stays of run.json: what the report needs, and what tells with which plan, seed and version the figures were made.
OF_RECORD = ("version", "plan", "seed")
OF_ESTIMATE = ("register", "status", "method", "given", "draws_of_linkage")
_FIGURES = re.compile(r"\d[\d,.]*(?<![,.])")
HIDDEN = ".."
SHOWN = 10  # files named in one line
BEGUN, DONE = "purge-begun", "purge"


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge did.

    removed, size      files removed, and their bytes together
    kept               files of the run that stay, relative to its folder
    foreign            other files in the folder: not written by everybirth, left alone and not searched
    searched           how many distinct values the kept files were searched for
    left_out           reason -> how many values were not searched for
    found              where a value was found in a file that stays
    resumed            whether this finished an earlier purge that was cut short; the search is then that one's
    changed            kept files that are no longer as they were searched
    """

    removed: int
    size: int
    kept: tuple[str, ...]
    foreign: tuple[str, ...]
    searched: int
    left_out: dict[str, int]
    found: tuple[Found, ...]
    resumed: bool
    changed: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Whether it is proved that nothing about persons is left in the run's files."""
        return not self.found and not self.changed

    def summary(self) -> str:
        """The proof, in plain words."""
        lines = [
            f"Removed {self.removed:,} files about persons ({self.size / 1e6:,.1f} MB).",
            f"Kept: {', '.join(self.kept) or 'nothing'}.",
        ]
        if self.resumed:
            lines.append("An earlier purge was cut short; this finished it. The search is that one's:")
        lines.append(f"Searched {len(self.kept):,} files for {self.searched:,} values of persons.")
        lines += [f"Values not searched for: {count:,} {reason}." for reason, count in self.left_out.items() if count]
        if self.foreign:
            more = f" and {len(self.foreign) - SHOWN:,} more" if len(self.foreign) > SHOWN else ""
            named = ", ".join(self.foreign[:SHOWN])
            lines.append(f"Not written by everybirth, so left alone and not searched: {named}{more}.")
        lines += [str(one) for one in self.found]
        lines += [f"{name}: changed since it was searched; look into it." for name in self.changed]
        lines.append("Found: none of them." if self.clean else "Not all is gone: see above.")
        lines.append(
            "Deleted files can sometimes be restored from a disk, unless the disk is encrypted as a whole. "
            "Copies elsewhere, such as backups and workbooks that were sent out, are yours to delete."
        )
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            "removed": self.removed,
            "bytes": self.size,
            "kept": self.kept,
            "foreign": self.foreign,
            "values_searched": self.searched,
            "values_left_out": self.left_out,
            "found": [asdict(one) for one in self.found],
            "changed": self.changed,
            "clean": self.clean,
        }


def purge(path: Path, progress: Progress = silent) -> Purged:
    """Remove what is about persons from a run's folder.

    Raises   DataError        if the folder is not that of a run; nothing is then removed
             EverybirthError  if another process is writing there, or a file cannot be removed
    """
    check_is_run(path)
    with RunDir(path, fresh=False) as folder:
        begun = _begun(path)
        if begun is None:
            _reduce_record(folder)
        staying, foreign = _staying(path)
        search_of = begun or _search(folder, staying, progress)
        progress("remove", 0, 0)
        removed, size = _remove(path, sorted(_going(path)))
        prints = search_of["prints"]
        changed = sorted(
            name for name in {*prints, *staying} - {ACCESS_LOG} if _fingerprint(path / name) != prints.get(name)
        )
        done = Purged(
            removed=removed,
            size=size,
            kept=staying,
            foreign=foreign,
            searched=search_of["searched"],
            left_out=search_of["left_out"],
            found=tuple(Found(**one) for one in search_of["found"]),
            resumed=begun is not None,
            changed=tuple(changed),
        )
        log_access(folder, DONE, {"removed": removed, "bytes": size, "clean": done.clean})
    return done


def _reduce_record(folder: RunDir) -> None:
    """Take the counts out of run.json, before it is searched and its fingerprint taken."""
    record = folder.path / RUN_RECORD
    if record.is_file() and not record.is_symlink() and _is_record(record):
        folder.write_json(RUN_RECORD, _reduced(json.loads(record.read_text(encoding="utf-8"))))


def _reduced(record: dict[str, Any]) -> dict[str, Any]:
    """What run.json says without counts: the names of lists without their rows, warnings without their figures."""
    estimate, counts = record.get("estimate", {}), record["counts"]
    pairs = record.get("linking", {}).get("hidden_pairs")
    return {
        **{name: record[name] for name in OF_RECORD if name in record},
        "counts": {"rows": dict.fromkeys(counts.get("rows", ()))},
        "estimate": {name: estimate[name] for name in OF_ESTIMATE if name in estimate},
        "linking": {} if pairs is None else {"hidden_pairs": pairs},
        "warnings": [_FIGURES.sub(HIDDEN, str(warning)) for warning in record.get("warnings", ())],
    }


def _search(folder: RunDir, staying: Sequence[str], progress: Progress) -> dict[str, Any]:
    """Search the files that stay for everything that goes; returns what was logged of it."""
    progress("gather", 0, 0)
    traces = gather(folder.path)
    found: list[Found] = []
    for done, name in enumerate(staying):
        progress("search", done, len(staying))
        found += search(folder.path, name, traces)
    details = {
        "searched": traces.searched,
        "left_out": traces.excluded,
        "found": [asdict(one) for one in found],
        "prints": {name: _fingerprint(folder.path / name) for name in staying if name != ACCESS_LOG},
    }
    return log_access(folder, BEGUN, details)


def check_is_run(path: Path) -> None:
    """Make sure that a folder is that of a run, even one that was cut short or purged.

    Raises   DataError  if it is not
    """
    if path.is_dir():
        record = path / RUN_RECORD
        if record.is_file() and _is_record(record):
            return
        if any(line["what"] in (BEGUN, DONE, "run") for line in read_access(path)):
            return
        if any(is_table_of_run(path / name) for name in PERSONAL):
            return
    message = f"{path}: not the folder of a run: there is no {RUN_RECORD} of everybirth. Nothing was removed."
    raise DataError(message)


def _is_record(record: Path) -> bool:
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return isinstance(content, dict) and {"version", "plan", "counts"} <= content.keys()


def _going(path: Path) -> Iterator[str]:
    """What goes, relative to the folder; folders as a whole. Files left half written are gone already: see RunDir."""
    yield from (name for name in PERSONAL if (path / name).exists() or (path / name).is_symlink())


def _staying(path: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Files that stay: of the run, and others. What a symbolic link leads to is not the run's."""
    ours: list[str] = []
    foreign: list[str] = []
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path).as_posix()
        top = name.split("/")[0]
        if top in PERSONAL or top == LOCK_NAME or not file.is_file():
            continue
        (ours if top in KEPT and not file.is_symlink() else foreign).append(name)
    return tuple(ours), tuple(foreign)


def _fingerprint(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def _begun(path: Path) -> dict[str, Any] | None:
    """What was logged by a purge that was begun and not done since."""
    lines = [line for line in read_access(path) if line["what"] in (BEGUN, DONE, "run")]
    return lines[-1] if lines and lines[-1]["what"] == BEGUN else None


def _remove(path: Path, names: list[str]) -> tuple[int, int]:
    """Remove files and folders; returns how many files, and their bytes.

    Raises   EverybirthError  if one cannot be removed; a further purge goes on from there
    """
    removed = size = 0
    for name in names:
        target = path / name
        files = [target]
        if target.is_dir() and not target.is_symlink():
            files = [file for file in target.rglob("*") if file.is_symlink() or not file.is_dir()]
        size += sum(file.lstat().st_size for file in files)
        removed += len(files)
        try:
            if target.is_dir() and not target.is_symlink():
                shutil.rmtree(target)
            else:
                target.unlink()
        except OSError as error:
            raise EverybirthError(
                f"{error.filename or target}: cannot be removed ({error.strerror}), so the purge is not done. Close "
                "programs that use it, and purge again."
            ) from error
    return removed, size
