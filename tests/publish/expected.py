"""What the column "expected" of the table of heaping tells somebody who wants the hidden counts.

It is said to be made of published counts alone. He makes it again from them: where it comes out, it tells nothing.
Where it does not, it must have been made of all records, and he turns it round.
"""

import calendar
from collections.abc import Mapping

from tests.publish.unknowns import Unknowns

TENTH = 0.06  # figures are rounded to one digit
OF_TENS = {"multiple of 500": 0.02, "multiple of 100, not of 500": 0.08, "other multiple of 10": 0.9}
Rows = list[dict[str, str]]


def _made_again(rows: Rows, spread: Mapping[str, float]) -> bool:
    """Whether the figures are the shown records, spread as said."""
    shown = [row for row in rows if row["records"] != ".." and row["value"] in spread]
    whole = sum(float(row["records"]) for row in shown)
    rate = sum(spread[row["value"]] for row in shown)
    return all(
        abs(float(row["expected"]) - (spread[row["value"]] * whole / rate if rate else 0.0)) <= TENTH
        for row in rows
        if row["expected"] != ".."
    )


def expected_days(known: Unknowns, rows: Rows, stated: int, months: Mapping[str, str]) -> None:
    """Take in what is expected by day of the month.

    months   month -> births, as published
    """
    births = {month: float(text) for month, text in months.items() if text not in ("..", "0")}
    births = births or {f"2023-{month:02d}": 1.0 for month in range(1, 13)}
    length = {month: calendar.monthrange(int(month[:4]), int(month[5:]))[1] for month in births}
    spread = {str(day): sum(n / length[m] for m, n in births.items() if length[m] >= day) for day in range(1, 32)}
    if _made_again(rows, spread):
        return
    held = {days: known.number("records of months", days=f"{days}", of=str(stated)) for days in (28, 29, 30, 31)}
    known.add_up(stated, held.values())
    for row in rows:
        if row["expected"] != "..":
            some = {place: 1.0 / days for days, place in held.items() if days >= int(row["value"])}
            known.limit(some, float(row["expected"]) - TENTH, float(row["expected"]) + TENTH)


def expected_weights(known: Unknowns, rows: Rows, cells: Mapping[str, int]) -> None:
    """Take in what is expected by roundness of the weight."""
    if _made_again(rows, OF_TENS):
        return
    for row in rows:
        share = OF_TENS.get(row["value"])
        if share and row["expected"] != "..":
            limits = ((float(row["expected"]) + sign * TENTH) / share for sign in (-1.0, 1.0))
            known.limit({cells[value]: 1.0 for value in OF_TENS}, *limits)
