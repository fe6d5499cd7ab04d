"""How long a run's data about persons have been kept, against how long the plan says that they may be."""

import datetime as dt
from pathlib import Path

from everybirth.publish.access_log import read_access


def overdue(path: Path, today: dt.date | None = None) -> str | None:
    """A warning if the folder's data about persons are older than the plan of their run allows, else None.

    today   for tests; None: the date in universal time, as the log has it
    """
    days, begun = None, None
    for line in read_access(path):
        if line["what"] == "run":
            days, begun = line.get("retention_days"), line.get("when")
        elif line["what"] == "purge":
            days, begun = None, None
    if not isinstance(days, int) or not isinstance(begun, str):
        return None
    try:
        since = dt.datetime.fromisoformat(begun).date()
    except ValueError:
        return None
    age = ((today or dt.datetime.now(dt.UTC).date()) - since).days
    if age <= days:
        return None
    return (
        f"{path}: the data about persons there are {age:,} days old; the plan allows {days:,} "
        f"(safeguards.retention_days). If they are no longer needed: everybirth purge {path}"
    )
