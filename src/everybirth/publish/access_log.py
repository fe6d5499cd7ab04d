"""Who read or changed what about persons in a run's folder, and when: access.jsonl, which only grows.

It holds names of users, of files and counts; nothing from the lists.
"""

import datetime as dt
import getpass
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from everybirth.publish.files import RunDir

ACCESS_LOG = "access.jsonl"
USER = "EVERYBIRTH_USER"  # environment variable: who is at work, where several people share a user of the system
LONGEST = 100  # letters of a user's name


def user() -> str:
    """Who is at work: what EVERYBIRTH_USER says, else the user of the system."""
    name = os.environ.get(USER, "").strip()
    if not name:
        try:
            name = getpass.getuser()
        except (KeyError, OSError, ImportError):  # a user without a name, as in some containers
            name = ""
    return name[:LONGEST].encode(errors="replace").decode() or "unknown"


def now() -> str:
    """This moment, in universal time, to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def log_access(folder: RunDir, what: str, details: Mapping[str, object]) -> dict[str, Any]:
    """Add one line: when, who, what, and the details.

    folder   held by this process, so that no two lines mingle
    what     "run", "export", "import", "review", "purge" ...
    details  JSON values; never a person's
    Returns  the line
    """
    line: dict[str, Any] = {"when": now(), "who": user(), "what": what, **details}
    folder.append_lines(ACCESS_LOG, [json.dumps(line, ensure_ascii=False)])
    return line


def read_access(path: Path) -> list[dict[str, Any]]:
    """The lines of a run's log, oldest first; none if there is no log. Lines that a power cut left unfinished are
    passed over.
    """
    try:
        text = (path / ACCESS_LOG).read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return []
    lines = []
    for line in text.split("\n"):
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and "what" in entry:
            lines.append(entry)
    return lines
