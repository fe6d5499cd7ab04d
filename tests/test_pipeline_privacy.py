"""No person's value leaves the tables: not in run.json, not in a warning, not in an error message."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from tests.small_worlds import people, write

import everybirth
from everybirth.cli import main
from everybirth.errors import DataError, EverybirthError

MARK = "zqvx"  # stands in every value that is told apart below


def texts(content: object) -> Iterator[str]:
    """Every text in a JSON document, keys too."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield key
            yield from texts(value)
    elif isinstance(content, list):
        for value in content:
            yield from texts(value)
    elif isinstance(content, str):
        yield content


def marked(n: int) -> pl.DataFrame:
    """Records of which every field holds the mark; dates are right but for one in twenty."""
    row = pl.int_range(pl.len())
    mark = pl.format(f"{MARK}{{}}", row)
    births = people(n)
    odd = [mark.alias(name) for name in ("sex", "birth_weight", "plurality", "delivery_order", "mother_age", "site")]
    odd += [mark.alias(name) for name in ("mother_birth_date", "phone", "mother_id", "facility", "residence")]
    odd += [mark.alias(name) for name in ("registration_date", "recorded_on", "registration_number")]
    return births.with_columns(
        *odd,
        pl.format(f"{MARK}{{}}", "record_id").alias("record_id"),
        *(pl.format(f"{MARK}{{}}", name).alias(name) for name in births.columns if name.endswith("_name")),
        pl.when(row % 20 == 0).then(mark).otherwise("birth_date").alias("birth_date"),
        pl.format(f"{MARK}{{}}", row).alias("marital_status"),
    )


def test_warnings_and_run_json_hold_no_value(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Unusable values in every field are told of by list, column, count and row; the values are not repeated."""
    births = marked(200)
    plan = write(tmp_path, {"a": births[:150].drop("marital_status"), "b": births[50:].drop("marital_status")})
    births[:150].write_csv(tmp_path / "a.csv")  # with a column that is refused
    with caplog.at_level(logging.DEBUG):
        found = everybirth.run(plan, tmp_path / "run")
    printed = capsys.readouterr()
    said = (caplog.text, printed.out, printed.err, (tmp_path / "run" / "run.json").read_text(), found.summary())
    assert len(found.run["warnings"]) > 10
    assert not [text for text in said if MARK in text.casefold()]
    assert any("column marital_status is of a kind that is never read" in warning for warning in found.run["warnings"])
    for file in (tmp_path / "run").glob("*.parquet"):
        assert "marital_status" not in pl.read_parquet_schema(file)


BROKEN = {
    "ids twice": lambda births: births.with_columns(pl.lit(f"{MARK}1").alias("record_id")),
    "no dates": lambda births: births.with_columns(pl.format(f"{MARK}{{}}", "record_id").alias("birth_date")),
    "no column": lambda births: births.drop("mother_given_name"),
    "no header": lambda births: births.rename(dict(zip(births.columns, births.row(0), strict=True))),
}


@pytest.mark.parametrize("how", list(BROKEN))
def test_errors_hold_no_value(tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str) -> None:
    """What makes a run fail is told without any value, from Python and on the command line alike."""
    births = people(60).with_columns(pl.format(f"{MARK}{{}}", "child_given_name").alias("child_given_name"))
    births = births.with_columns(pl.format(f"{MARK}{{}}", "record_id").alias("record_id"))
    plan = write(tmp_path, {"a": births})
    BROKEN[how](births).write_csv(tmp_path / "a.csv")
    with pytest.raises(EverybirthError) as raised:
        everybirth.run(plan, tmp_path / "run")
    with pytest.raises(SystemExit) as ended:
        main(["run", str(plan), "--out", str(tmp_path / "run")])
    printed = capsys.readouterr().err
    assert ended.value.code == 1
    assert printed == f"Error: {raised.value}\n"
    assert MARK not in printed.casefold()
    assert "a.csv" in printed or printed.startswith("Error: a")
    assert not (tmp_path / "run" / "run.json").exists()


def test_a_run_that_fails_leaves_no_table(tmp_path: Path) -> None:
    """An error before writing leaves an empty folder."""
    births = people(30)
    plan = write(tmp_path, {"a": pl.concat([births, births])})
    with pytest.raises(DataError, match="more than one row"):
        everybirth.run(plan, tmp_path / "run")
    assert list((tmp_path / "run").iterdir()) == []


def test_run_json_of_a_whole_world_names_nobody(tmp_path: Path) -> None:
    """No name, date, number or id of a simulated world is among the texts of its run.json."""
    plan = everybirth.simulate(300, tmp_path, seed=6, noise="heavy")
    found = everybirth.run(plan, tmp_path / "run")
    values: set[str] = set()
    for name in ("hospital", "community", "register"):
        held = pl.read_parquet(tmp_path / f"{name}.parquet").drop("sex", "site", "plurality", "delivery_order")
        for column in held.iter_columns():
            values |= {value for value in column.drop_nulls().cast(pl.String) if len(value) > 3}
    run = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    said = [text for text in texts(run) if text not in (run["plan"], run["version"])]
    assert len(values) > 2000
    assert not values & set(said)
    assert not values & set(" ".join(found.run["warnings"]).split())
