"""The files of a run and of the truth, read and checked."""

import json
from pathlib import Path

import polars as pl

from everybirth.errors import DataError, ReadError

KEY = ["list", "record_id"]


def read_run(path: Path) -> dict[str, object]:
    """run.json of a finished run.

    Raises   ReadError  if it is not there, or not JSON
    """
    if not path.is_file():
        raise ReadError(
            f"{path}: not there, so the run did not finish. Run it again, or give the folder of a finished run."
        )
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ReadError(f"{path}: not JSON. Run again to write it anew.") from error
    return run if isinstance(run, dict) else {}


def read_truth(path: Path) -> pl.DataFrame:
    """The truth: list, record_id, birth and, where it has it, delivery.

    Raises   ReadError, DataError  if it cannot be read, or leaves out what a record is
    """
    truth = read_columns(path, [*KEY, "birth"], optional="delivery")
    empty = truth.filter(
        pl.col("list").is_not_null() & (pl.col("record_id").is_null() | pl.col("birth").is_null())
    ).height
    if empty:
        raise DataError(
            f"{path}: {empty:,} rows have a list but no record_id or no birth. Fill them, or remove the rows."
        )
    return truth


def rejected_rows(path: Path) -> dict[str, int]:
    """Rows of each list that the run could not use."""
    if not path.is_file():
        return {}
    return dict(read_columns(path, ["list"]).group_by("list").len().iter_rows())


def read_columns(path: Path, columns: list[str], optional: str = "") -> pl.DataFrame:
    """The named columns of a Parquet file, record keys as text."""
    if not path.is_file():
        raise ReadError(f"{path}: there is no such file.")
    try:
        held = pl.read_parquet_schema(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ReadError(f"{path}: not a Parquet file, or a broken one. Write it again.") from error
    missing = [name for name in columns if name not in held]
    if missing:
        raise ReadError(f"{path}: no column {', '.join(missing)}; it has {', '.join(held)}.")
    wanted = [*columns, optional] if optional in held else columns
    return as_keys(pl.read_parquet(path, columns=wanted))


def as_keys(frame: pl.DataFrame) -> pl.DataFrame:
    """The same with the names of records as text."""
    keys = [name for name in frame.columns if name.removesuffix("_l").removesuffix("_r") in KEY]
    return frame.with_columns(pl.col(keys).cast(pl.String))
