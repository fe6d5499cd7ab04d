"""Reading: files and tables of births, as they are; and a first plan guessed from them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from everybirth.progress import silent
from everybirth.read.lists import Progress, ReadResult, read_lists

if TYPE_CHECKING:
    from everybirth.read.init import InitReport

__all__ = ["Progress", "ReadResult", "init_plan", "read_lists"]


def init_plan(files: Sequence[Path], output: Path, *, progress: Progress = silent) -> "InitReport":
    """Look at files, guess which column is which, and write a plan to edit.

    files    at most 20, one list each; a pattern such as register/*.csv is one list of many files
    output   where the plan is written; an existing file is replaced
    progress called with ("look", files looked at, files)
    Raises   PlanError  if there are no files, or too many, or one is not there
             ReadError  if a file cannot be read, does not say which column is which, or none has a name or a date of
                        birth
    """
    from everybirth.read.init import write_first_plan

    return write_first_plan(files, output, progress)
