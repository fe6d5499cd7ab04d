"""When a birth was registered, as the estimates and the published tables both have it."""

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl
from tests.estimate.listed import day, records
from tests.publish.worlds import RULES, births, source

from everybirth.publish.tabulate.universe import universe
from everybirth.registration import first_registered, in_time

NEW_YEAR = day("2024-01-01")


def test_the_registers_first_date_counts() -> None:
    """Of two entries the earlier; what another list has under this name is its own; no date is no date."""
    some = records([0, 2, 2, 2, 0], registration_date=[NEW_YEAR, NEW_YEAR + 9, NEW_YEAR + 4, None, NEW_YEAR])
    found = first_registered(some, np.array([0, 0, 0, 1, 2], dtype=np.int32), 4, 2)
    assert found.to_list() == [dt.date(2024, 1, 5), None, None, None]
    assert found.dtype == pl.Date


def test_without_a_register_or_dates_nothing_is_known() -> None:
    """No register, no such field, or no records: null throughout."""
    of_record = np.array([0, 1], dtype=np.int32)
    some = records([0, 2], registration_date=[NEW_YEAR, NEW_YEAR])
    assert first_registered(some, of_record, 2, -1).null_count() == 2
    assert first_registered(records([0, 2]), of_record, 2, 2).null_count() == 2
    assert first_registered(records([]), of_record[:0], 0, 2).len() == 0


def test_in_time_means_known_to_be() -> None:
    """From the day of birth to the last day of the limit; not before the birth, and not where it is not known."""
    days = pl.DataFrame({"days": [-1, 0, 30, 31, None]})
    assert days.select(in_time(pl.col("days"), 30))["days"].to_list() == [False, True, True, False, False]


def test_the_published_tables_go_by_the_registers_dates() -> None:
    """Delays, years of registration and births in time are those of the first entry in the register."""
    frame = births(np.random.default_rng(1), 200, 2).with_columns(pl.lit(dt.date(2024, 5, 1)).alias("birth_date"))
    made = source(frame, rules=replace(RULES, within_days=90))
    later = pl.Series([dt.date(2025, 2, 1)] * 100 + [dt.date(2024, 6, 1)] * 50 + [None] * 50)
    table = universe(replace(made, registered_on=later))
    there = table["registered"]
    assert table.filter(there)["on_time"].sum() == there[100:150].sum()
    assert set(table["registration_year"][:100]) == {2025}
    assert table["delay"][150:].null_count() == 50
