"""Values that cannot be, or hardly: what could not be read, and what lies far from what births are like."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from everybirth.publish.findings.kinds import IMPLAUSIBLE
from everybirth.publish.findings.scene import Part, Scene, list_names, nothing, phrase, value_text, with_rows
from everybirth.schema import MOTHER_ONLY_FOR_COMPARISON
from everybirth.tables import BoolArray, Float32Array, Float64Array, Int32Array, Records

WEIGHT = (500, 6_000)  # g; lighter children hardly live, heavier ones are in no list of a few million
MOTHER_AGE = (12, 55)  # completed years
MOST_CHILDREN = 4  # of one delivery
LONG_AGO, TO_COME = 5 * 366, 366  # days before and after most dates of a list; births are recorded late, not early

# How something is told of several, and of one.
_ORDER = (
    "child number {}, but the delivery is given as {} children",
    "child number {}, but the delivery is given as {} child",
)
_EARLY = {
    "recorded_on": ("recorded {} days before the birth", "recorded {} day before the birth"),
    "registration_date": ("registered {} days before the birth", "registered {} day before the birth"),
}
_AGE = ("by the dates the mother was {} years old", "by the dates the mother was {} year old")

_DAYS_PER_YEAR = 365.25
_Finding = tuple[str, Int32Array, pl.Series]  # field, records, what is wrong with each


def implausible(scene: Scene, unusable: pl.DataFrame) -> Part:
    """One finding per record and field.

    unusable   values that standardising set aside: list, record_id, field, written, reason; all String
    """
    records = scene.records
    every = pl.concat(
        [
            _set_aside(records, unusable),
            *(
                pl.DataFrame({"record": rows, "reason": reason}).with_columns(pl.lit(field).alias("field"))
                for field, rows, reason in _doubtful(records)
                if len(rows)
            ),
        ],
        how="diagonal",
    )
    each = every.group_by("record", "field", maintain_order=True).agg(pl.col("reason").str.join("; "))
    each = each.sort("field", "record")
    member = each["record"].to_numpy().astype(np.int32)
    n = len(member)
    return Part(
        kind=IMPLAUSIBLE,
        size=np.ones(n, np.int64),
        member=member,
        birth=scene.births.of_record[member],
        list_name=list_names(records, member),
        field=each["field"],
        found=each["reason"],
        best=nothing(n),
        why=nothing(n),
        probability=np.full(n, np.nan, np.float32),
    )


def _set_aside(records: Records, unusable: pl.DataFrame) -> pl.DataFrame:
    """record, field, reason of the values that count as missing. A mother's date of birth is not repeated."""
    hidden = pl.col("field").is_in(MOTHER_ONLY_FOR_COMPARISON)
    told = pl.when(hidden).then("reason").otherwise(pl.format("{}: {}", "written", "reason"))
    wanted = unusable.select("list", "record_id", "field", told.alias("reason"))
    return with_rows(records, wanted).drop_nulls("record").select("record", "field", "reason")


def _doubtful(records: Records) -> Iterator[_Finding]:
    """Values that were read, but can hardly be right."""
    for name, (low, high), unit in (("birth_weight", WEIGHT, " g"), ("mother_age", MOTHER_AGE, " years")):
        value = _numbers(records, name)
        for odd, bound in ((value < low, f"below {low:,}"), (value > high, f"above {high:,}")):
            yield _told(records, name, odd, f"{{}}{unit}: {bound}")
    yield _told(records, "plurality", _numbers(records, "plurality") > MOST_CHILDREN, "{} children of one delivery")
    order, children = _numbers(records, "delivery_order"), _numbers(records, "plurality")
    rows = _places(order > children)
    words = (value_text(records, name, rows) for name in ("delivery_order", "plurality") if len(rows))
    yield "delivery_order", rows, _counted(*_ORDER, *words) if len(rows) else nothing(0)
    yield _odd_age(records)
    for name, told in _EARLY.items():
        early = _numbers(records, "birth_date") - _numbers(records, name)
        rows = _places(early > 0)
        yield name, rows, _counted(*told, _whole(early[rows]))
    yield _told(records, "birth_date", _far_off(records), "{}: far from the dates of the list")


def _odd_age(records: Records) -> _Finding:
    """The mother's age at the birth as the two dates have it; neither date of hers is told."""
    age = np.floor((_numbers(records, "birth_date") - _numbers(records, "mother_birth_date")) / _DAYS_PER_YEAR)
    rows = _places((age < MOTHER_AGE[0]) | (age > MOTHER_AGE[1]))
    told = _counted(*_AGE, _whole(age[rows]))
    return "mother_birth_date", rows, told.zip_with(pl.Series(age[rows] >= 0), _born_later(len(rows)))


def _born_later(n: int) -> pl.Series:
    return pl.Series(["by the dates the mother was born after the child"], dtype=pl.String).new_from_index(0, n)


def _far_off(records: Records) -> BoolArray:
    """(n_records,) birth dates far outside the middle 98 in 100 of their list's, or outside all but its extremes."""
    days = _numbers(records, "birth_date")
    far = np.zeros(records.n_records, dtype=bool)
    for number in range(len(records.list_names)):
        of_list = records.list_of == number
        known = np.sort(days[of_list & np.isfinite(days)])
        left_out = max(1, round(len(known) / 100))
        if len(known) > 2 * left_out:
            low, high = known[left_out], known[-1 - left_out]
            early, late = low - max(high - low, LONG_AGO), high + max(high - low, TO_COME)
            far |= of_list & ((days < early) | (days > late))
    return far


def _told(records: Records, name: str, where: BoolArray, pattern: str) -> _Finding:
    rows = _places(where)
    return name, rows, phrase(pattern, value_text(records, name, rows)) if len(rows) else nothing(0)


def _counted(several: str, one: str, *parts: pl.Series) -> pl.Series:
    """(n,) String, the phrase for several or for one, by the last of the parts (n,)."""
    return phrase(several, *parts).zip_with(parts[-1].cast(pl.String) != "1", phrase(one, *parts))


def _places(where: BoolArray) -> Int32Array:
    return np.flatnonzero(where).astype(np.int32)


def _numbers(records: Records, name: str) -> Float64Array:
    """(n_records,) the values of a field, NaN where missing; comparisons with NaN are false."""
    if name not in records.columns:
        return np.full(records.n_records, np.nan)
    column = records.columns[name]
    values: Float64Array = np.append(column.values.cast(pl.Float64).to_numpy(), np.nan)[column.codes]
    return values


def _whole(value: Float64Array | Float32Array) -> pl.Series:
    return pl.Series(value.astype(np.int64))
