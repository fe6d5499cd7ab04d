"""Parquet files: only the wanted columns are read, with their own types."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from everybirth.errors import ReadError
from everybirth.read.table import FileTable, Source, row_numbers


def open_parquet(path: Path, label: str) -> Source:
    """Open a Parquet file.

    Raises   ReadError  if it is empty, cut short or no Parquet file, or if a wanted column holds no plain values
    """
    if path.stat().st_size == 0:
        raise ReadError(f"{label}: the file is empty (0 bytes). Export it again.")
    try:
        schema = pl.read_parquet_schema(path)
    except (PolarsError, OSError, ValueError) as error:
        raise _broken(label, path, error) from None

    def load(wanted: Mapping[str, str]) -> FileTable:
        for name in wanted:
            if schema[name].is_nested() or schema[name] in (pl.Binary, pl.Object):
                raise ReadError(f'{label}: column "{name}" holds {schema[name]}; texts, numbers or dates are needed.')
        try:
            frame = pl.read_parquet(path, columns=list(wanted))
        except (PolarsError, OSError, ValueError) as error:
            raise _broken(label, path, error) from None
        decimals = [name for name, dtype in frame.schema.items() if dtype.is_decimal()]
        if decimals:
            frame = frame.with_columns(pl.col(decimals).cast(pl.Float64))
        return FileTable(frame, row_numbers(2, frame.height))

    return Source(label=label, columns=tuple(schema), load=load)


def _broken(label: str, path: Path, error: Exception) -> ReadError:
    with path.open("rb") as file:
        begins = file.read(4) == b"PAR1"
    if begins:
        found = "the Parquet file is damaged or was cut short"
    else:
        found = "this is not a Parquet file"
    reason = str(error).splitlines()[0][:120]
    return ReadError(f"{label}: {found} ({reason}). Copy or export it again.")
