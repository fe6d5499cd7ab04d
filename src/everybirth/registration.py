"""When a birth was registered: one meaning of "in time" for the estimates and for the published tables."""

import numpy as np
import polars as pl

from everybirth.tables import MISSING, Int32Array, Records

FIELD = "registration_date"


def first_registered(records: Records, birth: Int32Array, n_births: int, register: int) -> pl.Series:
    """The first day on which the register says that it entered each birth.

    birth     (n_records,) number of each record's birth
    register  index of the civil register among the lists; negative: there is none
    Returns   (n_births,) Date, null where the register does not have the birth or does not say when. What other lists
              have under this name is the day of their own entry
    """
    days = np.full(n_births, np.iinfo(np.int32).max, dtype=np.int32)
    if FIELD in records.columns:
        column = records.columns[FIELD]
        rows = np.flatnonzero((records.list_of == register) & (column.codes != MISSING))
        np.minimum.at(days, birth[rows], column.values.to_numpy().astype(np.int32)[column.codes[rows]])
    found = pl.Series(FIELD, days)
    return found.set(found == np.iinfo(np.int32).max, None).cast(pl.Date)


def delay(registered: pl.Expr, born: pl.Expr) -> pl.Expr:
    """Days from birth to registration; negative where a date must be wrong, null where one is not known."""
    return (registered - born).dt.total_days()


def in_time(days: pl.Expr, within_days: int) -> pl.Expr:
    """Whether a birth is known to have been registered within so many days of it.

    days   as from delay(); a birth whose delay is not known, or negative, is not known to be in time
    """
    return ((days >= 0) & (days <= within_days)).fill_null(False)
