"""The tables of a run."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from everybirth.publish import frames
from everybirth.schema import Kind
from everybirth.tables import MISSING, Column, Records, Spelling

NAMES = Spelling(np.array([1, MISSING, 0, 2], np.int32), pl.Series(["ANA", "Ána", "Rosa"]))


def column(name: str, kind: Kind, codes: list[int], values: pl.Series) -> Column:
    """A column by hand."""
    return Column(name, kind, np.array(codes, np.int32), values)


def records() -> Records:
    """Four records of two lists."""
    columns = (
        column("child_given_name", Kind.NAME, [0, MISSING, 0, 1], pl.Series(["ana", "rosa"])),
        column("sex", Kind.CATEGORY, [0, 1, MISSING, 1], pl.Series(["female", "male"])),
        column("birth_date", Kind.DATE, [0, 0, 1, MISSING], pl.Series([19_787, 19_788], dtype=pl.Int32)),
        column("birth_weight", Kind.NUMBER, [MISSING, 1, 0, 0], pl.Series([3_000.0, 3_200.0])),
        column("mother_birth_date", Kind.DATE, [0, 0, 0, 0], pl.Series([9_000], dtype=pl.Int32)),
        column("recorded_on", Kind.DATE, [0, 0, 0, 0], pl.Series([19_800], dtype=pl.Int32)),
    )
    return Records(
        list_names=("a", "b"),
        list_of=np.array([0, 0, 1, 1], np.int16),
        record_id=pl.Series(["1", "2", "1", "2"]),
        columns={each.name: each for each in columns},
        raw={"child_given_name": NAMES},
    )


def test_nothing_that_ties_a_mothers_births_together_is_put_out() -> None:
    """Fields come in the order of the schema, less the mother's and the day on which a list wrote the birth down."""
    assert frames.output_fields(records()) == ["child_given_name", "sex", "birth_date", "birth_weight"]


def test_births_show_the_values_of_their_best_records() -> None:
    """Names are spelt as they were read; dates are days; where no record has a value there is none."""
    best = {
        "child_given_name": np.array([3, 0, MISSING], np.int32),
        "sex": np.array([3, 0, 1], np.int32),
        "birth_date": np.array([MISSING, 2, 1], np.int32),
        "birth_weight": np.array([3, MISSING, 1], np.int32),
    }
    birth = np.array([1, 2, 1, 0], np.int32)
    probability = np.array([0.25, 0.5, 1.0], np.float32)
    found = frames.births(records(), birth, pl.Series("birth_id", ["B7", "B9", "B1"]), probability, best)
    assert found.with_columns(pl.col(pl.Categorical).cast(pl.String)).to_dict(as_series=False) == {
        "birth_id": ["B1", "B7", "B9"],
        "child_given_name": [None, "Rosa", "Ána"],
        "sex": ["male", "male", "female"],
        "birth_date": [date(2024, 3, 5), None, date(2024, 3, 6)],
        "birth_weight": [3_200.0, 3_000.0, None],
        "in_a": [True, False, True],
        "in_b": [False, True, True],
        "n_records": [1, 1, 2],
        "probability": [1.0, 0.25, 0.5],
    }


@pytest.mark.parametrize(
    "ids",
    [
        [],
        ["B1"],
        [f"B{k * 7919 % 1000:013d}" for k in range(1000)],
        [f"B{k * 7919 % 1000 // 4:08d}{k % 4:05d}" for k in range(1000)],
        [f"{'AB'[k % 2]}{k * 7919 % 1000:013d}" for k in range(1000)],
        [f"B{k * 7919 % 1000}" for k in range(1000)],
    ],
)
def test_births_are_in_order_of_their_ids(ids: list[str]) -> None:
    """Whatever the ids look like, births are in their order, and what belongs to a birth stays with it."""
    record = np.arange(len(ids), dtype=np.int32)
    empty = Records(("a",), np.zeros(len(ids), np.int16), pl.Series(ids, dtype=pl.String), {}, pl.DataFrame())
    chance = record.astype(np.float32)
    found = frames.births(empty, record, pl.Series("birth_id", ids, dtype=pl.String), chance, {})
    assert found["birth_id"].to_list() == sorted(ids)
    assert [ids[int(k)] for k in found["probability"].to_list()] == sorted(ids)
