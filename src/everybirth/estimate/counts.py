"""The front door for a file of counts: capture histories, one row each, in strata if there are any."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import polars as pl

from everybirth.errors import EstimateError, ReadError
from everybirth.estimate.cells import MAXIMUM_LISTS, bit
from everybirth.estimate.methods import usual
from everybirth.estimate.summary import interval
from everybirth.estimate.table import Answer, answer
from everybirth.tables import BoolArray, Float64Array, Int64Array

COUNT = "count"
FEW_STRATA = 10  # with more, the latent-class method, seconds a stratum, is left out unless asked for


@dataclass(frozen=True, slots=True)
class Histories:
    """Counts by stratum and capture history.

    lists    names of the lists
    strata   the values of the stratum columns, one dict for each stratum, in ascending order
    counts   (n_strata, 2**n_lists) births
    missed_rows  rows of births on no list that held a count, which was left aside
    """

    lists: tuple[str, ...]
    strata: tuple[dict[str, str], ...]
    counts: Float64Array
    missed_rows: int


def estimate_counts(
    source: str | Path | pl.DataFrame,
    methods: tuple[str, ...] | None = None,
    seed: int = 0,
    strata: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Estimate births from capture-history counts alone.

    source   a CSV file or a table: one 0/1 column per list, "count", and columns of strata
    methods  as in `estimate_table`
    strata   columns that are strata although they hold only 0 and 1
    Returns  {"strata": [...], "total": {...}}; the total is the sum of the strata's draws, refused strata apart
    Raises   ReadError  if the file is missing or no CSV; EstimateError  if its columns or counts cannot be used
    """
    histories = read_histories(source, strata)
    n_lists = len(histories.lists)
    shown = methods
    if methods is None and len(histories.strata) > FEW_STRATA:
        shown = tuple(name for name in usual(n_lists) if name != "latent-class")
    answers = []
    for stratum, counts in zip(histories.strata, histories.counts, strict=True):
        # A seed of its own for each stratum, which does not change when other strata come or go.
        key = crc32("\x1f".join(f"{name}={value}" for name, value in stratum.items()).encode())
        own = int(np.random.SeedSequence([seed, key]).generate_state(1)[0])
        one = answer(counts, histories.lists, shown, own)
        one.entry["stratum"] = stratum
        answers.append(one)
    total = _total(answers)
    if shown != methods:
        total["warnings"].append(f"latent-class: left out, there are more than {FEW_STRATA} strata; ask for it by name")
    if histories.missed_rows:
        total["warnings"].append(
            f"{histories.missed_rows} rows of births on no list were left aside: they are what is estimated"
        )
    return {"strata": [one.entry for one in answers], "total": total}


def _total(answers: list[Answer]) -> dict[str, Any]:
    """The sum over strata, from the sums of draws: limits do not add up, draws do. One stratum is its own total."""
    drawn = [one.draws for one in answers if one.draws is not None]
    refused = [one.entry for one in answers if one.draws is None]
    total: dict[str, Any] = {"observed": sum(one.entry["observed"] for one in answers), "status": "ok"}
    total |= {"strata": len(answers), "refused_strata": len(refused), "births": None, "low": None, "high": None}
    total["warnings"] = []
    if refused:
        left = sum(entry["observed"] for entry in refused)
        total["status"] = (
            f"partial: {len(refused)} of {len(answers)} strata refused, with {left} listed births not in the figure"
        )
    if not drawn:
        total["status"] = "refused: every stratum was refused" if len(answers) > 1 else refused[0]["status"]
        return total
    head = next(one.entry["headline"] for one in answers if one.draws is not None)
    total |= head
    if len(drawn) > 1:
        births = np.sum(drawn, axis=0)
        _, low, high = interval(births[None, :])
        total |= {"births": float(births.mean()), "low": float(low[0]), "high": float(high[0])}
    return total


def read_histories(source: str | Path | pl.DataFrame, strata: tuple[str, ...] = ()) -> Histories:
    """Read and check capture-history counts; histories that stand in several rows are added up.

    Raises   ReadError, EstimateError  as `estimate_counts`
    """
    frame = _text(source)
    if COUNT not in frame.columns:
        raise EstimateError(
            f"There is no column named {COUNT}, for the births of a row; found: {', '.join(frame.columns)}."
        )
    births = _births(frame[COUNT])
    lists = tuple(name for name in frame.columns if name != COUNT and name not in strata and _is_list(frame[name]))
    if not 2 <= len(lists) <= MAXIMUM_LISTS:
        raise EstimateError(
            f"{len(lists)} columns hold only 0 and 1 ({', '.join(lists)}); two to {MAXIMUM_LISTS} lists are needed. "
            "Each list is a column with 1 where the births of the row are on it and 0 where not."
        )
    on = np.column_stack([(frame[name] == "1").to_numpy() for name in lists])
    cell = on @ np.array([bit(j, len(lists)) for j in range(len(lists))])
    keys = [name for name in frame.columns if name != COUNT and name not in lists]
    groups, place = _groups(frame, keys)
    counts = np.zeros((len(groups), 2 ** len(lists)))
    np.add.at(counts, (place, cell), births)
    missed_rows = int(((cell == 0) & (births > 0)).sum())
    return Histories(lists, groups, counts, missed_rows)


def _text(source: str | Path | pl.DataFrame) -> pl.DataFrame:
    """The table, all columns as text, truth values as 1 and 0, blanks as null."""
    if isinstance(source, pl.DataFrame):
        frame = source.with_columns(pl.col(pl.Boolean).cast(pl.Int8)).cast(pl.String)
    else:
        try:
            frame = pl.read_csv(source, infer_schema=False)
        except FileNotFoundError as error:
            raise ReadError(f"{source} is not there. Give the path of a CSV file of counts.") from error
        except (pl.exceptions.PolarsError, OSError) as error:
            raise ReadError(f"{source} cannot be read as a CSV file: {str(error).splitlines()[0]}") from error
    if frame.height == 0:
        raise EstimateError("There are no rows. One row per capture history, with its count, is needed.")
    stripped = pl.all().str.strip_chars()
    return frame.select(pl.when(stripped != "").then(stripped).name.keep())


def _births(column: pl.Series) -> Int64Array:
    """The counts as whole numbers."""
    number = column.cast(pl.Float64, strict=False).fill_null(-1.0).to_numpy()
    bad = ~np.isfinite(number) | (number < 0) | (number != np.floor(np.where(np.isfinite(number), number, 0.0)))
    if bad.any():
        raise EstimateError(
            f"{COUNT}: {int(bad.sum())} of {len(number)} rows are not whole numbers (first: row {_row_number(bad)}). "
            "Write the number of births with this history; 0 if there are none."
        )
    return number.astype(np.int64)


def _is_list(column: pl.Series) -> bool:
    """Whether a column marks membership of a list: only 0 and 1.

    Raises   EstimateError  if most rows are 0 or 1 but not all, which is no likely stratum either
    """
    marks = column.is_in(["0", "1"]).fill_null(False)
    if marks.all():
        return True
    bad = (~marks).to_numpy()
    if {"0", "1"} <= set(column.unique().to_list()) and bad.mean() < 0.5:
        raise EstimateError(
            f"{column.name}: {int(bad.sum())} of {len(bad)} rows are neither 0 nor 1 (first: row {_row_number(bad)}). "
            "Write 1 where the births of the row are on this list, 0 where not."
        )
    return False


def _row_number(bad: BoolArray) -> int:
    """The first bad row as a person counts it, the header being row 1."""
    return int(bad.argmax()) + 2


def _groups(frame: pl.DataFrame, keys: list[str]) -> tuple[tuple[dict[str, str], ...], Int64Array]:
    """The strata in ascending order, and the stratum of each row."""
    if not keys:
        return ({},), np.zeros(frame.height, dtype=np.int64)
    rows = frame.select(pl.col(keys).fill_null(""))
    distinct = rows.unique().sort(keys).with_row_index("_place")
    place = rows.join(distinct, on=keys, how="left", maintain_order="left")["_place"]
    return tuple(distinct.drop("_place").to_dicts()), place.to_numpy().astype(np.int64)
