"""Which reader a file needs."""

from pathlib import Path

from everybirth.errors import ReadError
from everybirth.plan import ListPlan
from everybirth.read.table import Source

TEXT = (".csv", ".txt", ".tsv", ".tab", ".dat")
EXCEL = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
PARQUET = (".parquet", ".pq")


def open_source(path: Path | None, part: ListPlan, folder: Path) -> Source:
    """Open one file of a list (or its database, if path is None) as far as its columns.

    folder   the plan's folder; messages name files relative to it
    Raises   ReadError  if the file cannot be read as what its name says
    """
    if path is None:
        from everybirth.read.sql import open_sql

        return open_sql(part, folder)
    folder = folder.absolute()
    label = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
    ending = path.suffix.casefold()
    try:
        if ending in PARQUET:
            from everybirth.read.parquet import open_parquet

            return open_parquet(path, label)
        if ending in EXCEL:
            from everybirth.read.excel import open_excel

            return open_excel(path, part, label)
        if ending in TEXT:
            from everybirth.read.text import open_text

            return open_text(path, part, label)
    except OSError as error:
        raise ReadError(
            f"{label}: the file cannot be opened ({error.strerror}). Close it elsewhere and try again."
        ) from None
    known = " ".join((*TEXT, *EXCEL, *PARQUET))
    raise ReadError(f"{label}: unknown kind of file. Known endings: {known}.")
