"""Which births are known to have been registered within the legal time limit, and of how many this is not known."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from everybirth.estimate.births import Births
from everybirth.estimate.scope import Scope
from everybirth.registration import delay, in_time
from everybirth.tables import BoolArray


@dataclass(frozen=True, slots=True)
class Timeliness:
    """Registered births within the plan's dates and areas, by the time from birth to registration.

    in_time     (n_births in scope,) known to be registered in time
    registered  births on the register
    on_time     of these, those in time
    undated     those of which the register, or every list, lacks the date
    too_early   those registered before they were born: one of the dates is wrong
    """

    in_time: BoolArray
    registered: int
    on_time: int
    undated: int
    too_early: int

    def report(self) -> dict[str, Any]:
        """The counts, for run.json."""
        return {name: getattr(self, name) for name in ("registered", "on_time", "undated", "too_early")}


def timeliness(best: Births, registered: pl.Series, dates: pl.Series, wanted: Scope) -> Timeliness | None:
    """Look at births of the best partition; None if the plan has no limit or nothing says when births were registered.

    registered   (n_births,) Date of the first entry in the register, or null
    dates        (n_dates,) Date: each birth date that there is
    """
    if wanted.within_days is None or wanted.register < 0 or not registered.count() or not dates.len():
        return None
    born = dates.extend_constant(None, 1).gather(np.where(best.date < 0, len(dates), best.date))
    inside = ~best.outside
    there = (best.history[inside] >> (len(wanted.lists) - 1 - wanted.register)) & 1 == 1
    frame = pl.DataFrame({"registered": registered, "born": born}).filter(pl.Series(inside))
    days = delay(pl.col("registered"), pl.col("born"))
    timely = frame.select(in_time(days, wanted.within_days).alias("in_time"), days.alias("days"))
    known = timely["days"].is_not_null().to_numpy()
    early = (timely["days"] < 0).fill_null(False).to_numpy()
    found = timely["in_time"].to_numpy()
    return Timeliness(
        in_time=found,
        registered=int(there.sum()),
        on_time=int(found.sum()),
        undated=int((there & ~known).sum()),
        too_early=int(early.sum()),
    )
