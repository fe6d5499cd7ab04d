"""One list of a simulated world: its records, with all that went wrong in them."""

import numpy as np
import polars as pl

from everybirth.simulate.births import SITES, Births
from everybirth.simulate.lexicon import MALE
from everybirth.simulate.names import Sheet, names
from everybirth.simulate.places import FACILITIES, LOCALITIES, Places, local
from everybirth.simulate.recipes import Recipe, at_noise
from everybirth.tables import BoolArray, Float64Array, Int64Array

TWICE_MORE = 1 / 7  # of the births that a list repeats
HEAPED_DAYS = np.array([1, 5, 10, 15, 20, 25])
SEX_CODES = ("female", "male")  # by FEMALE, MALE


def fill(
    births: Births, held: BoolArray, recipe: Recipe, noise: str, rng: np.random.Generator
) -> tuple[pl.DataFrame, Int64Array]:
    """Write one list.

    held      (n_births,) whether the list holds the birth
    Returns   the list, in random order with ids in another random order; (n_records,) the birth of each record
    """
    rates = at_noise(recipe.rates, noise)
    rows = np.flatnonzero(held)
    repeated = rows[rng.random(len(rows)) < rates.repeated]
    thrice = repeated[rng.random(len(repeated)) < TWICE_MORE]
    rows = rng.permutation(np.concatenate([rows, repeated, thrice]))
    sheet = Sheet(births, rows, recipe, rates, rng)
    numbers = pl.Series(rng.permutation(len(rows)) + 1)
    columns = {
        "record_id": recipe.prefix + numbers.cast(pl.String).str.zfill(7),
        **names(sheet),
        **_dates(sheet),
        **_household(sheet),
        **_places(sheet),
        **_measures(sheet),
    }
    return pl.DataFrame({name: columns[name] for name in ("record_id", *recipe.columns)}), rows


def _dates(sheet: Sheet) -> dict[str, pl.Series]:
    """Birth date, and when it was entered or registered; the entry follows the true birth."""
    births, rates, rng = sheet.births, sheet.rates, sheet.rng
    true = births.day[sheet.rows]
    day = true.copy()
    rows = sheet.some(rates.date_heaped)
    day[rows] = _heap(day[rows])
    rows = sheet.some(rates.date_off)
    day[rows] += rng.choice([-3, -2, -1, 1, 2, 3], size=len(rows), p=[0.05, 0.1, 0.35, 0.35, 0.1, 0.05])
    rows = sheet.some(rates.date_month_off)
    day[rows] += rng.choice([-30, 30], size=len(rows))
    rows = sheet.some(rates.date_swapped)
    day[rows] = _swap_day_month(day[rows])
    written = _as_date(day, sheet.recipe.date_format)
    entered = true + np.floor(rng.gamma(1.2, sheet.recipe.delay / 1.2, len(true))).astype(np.int64)
    entry = _as_date(entered, sheet.recipe.date_format)
    return {
        "birth_date": written.scatter(sheet.some(rates.date_missing), None),
        "recorded_on": entry,
        "registration_date": entry,
    }


def _household(sheet: Sheet) -> dict[str, pl.Series]:
    """Mother's birth date or age, and phone."""
    births, rates, rng = sheet.births, sheet.rates, sheet.rng
    n = len(sheet.rows)
    day = births.mother_day[sheet.rows]
    age = ((births.day[sheet.rows] - day) / 365.2425).astype(np.int64)
    rows = sheet.some(rates.mother_date_wrong)
    day[rows] = _wrong_mother_date(day[rows], rng)
    rows = sheet.some(rates.age_off)
    age[rows] += rng.choice([-2, -1, 1, 2], size=len(rows), p=[0.15, 0.35, 0.35, 0.15])
    rows = sheet.some(rates.age_heaped)
    age[rows] = np.round(age[rows] / 5).astype(np.int64) * 5
    phone = births.phone[sheet.rows]
    rows = sheet.some(rates.phone_other)
    phone[rows] = rng.integers(700_000_000, 800_000_000, size=len(rows))
    rows = sheet.some(rates.phone_slip)
    phone[rows] += 10 ** rng.integers(0, 7, size=len(rows))
    missing = np.union1d(sheet.some(rates.phone_missing), np.flatnonzero(births.phone[sheet.rows] == 0))
    code = np.where(rng.random(n) < sheet.recipe.abroad, "+999", "0").tolist()
    number = pl.Series(code, dtype=pl.String) + pl.Series(phone).cast(pl.String)
    return {
        "mother_birth_date": _as_date(day).scatter(sheet.some(rates.mother_date_missing), None),
        "mother_age": pl.Series(age, dtype=pl.Int64).scatter(sheet.some(rates.age_missing), None),
        "phone": number.scatter(missing, None),
    }


def _places(sheet: Sheet) -> dict[str, pl.Series]:
    """Residence, place of birth, site, facility, registration number."""
    births, rates, rng = sheet.births, sheet.rates, sheet.rng
    land, n = births.places, len(sheet.rows)
    locality = births.locality[sheet.rows]
    rows = sheet.some(rates.moved)
    area = births.area[sheet.rows[rows]]
    away = np.where(rng.random(len(rows)) < 0.4, land.neighbour(area, rng.random(len(rows))), area)
    locality[rows] = away * LOCALITIES + local(len(rows), rng)
    rows = sheet.some(rates.residence_slip)
    locality[rows] = locality[rows] // LOCALITIES * LOCALITIES + rng.integers(LOCALITIES, size=len(rows))
    residence = _locality_codes(land, locality)
    rows = sheet.some(rates.residence_area_only)
    residence = residence.scatter(rows, residence.gather(rows).str.head(4))
    facility = births.facility[sheet.rows]
    absent = np.union1d(np.flatnonzero(facility < 0), sheet.some(rates.facility_missing))
    serial = pl.Series(rng.permutation(n) + 1).cast(pl.String).str.zfill(7)
    site = pl.Series(SITES, dtype=pl.String).gather(births.site[sheet.rows])
    return {
        "residence": residence.scatter(sheet.some(rates.residence_missing), None),
        "birth_place": _locality_codes(land, births.birth_locality[sheet.rows]),
        "site": site.scatter(sheet.some(rates.site_missing), None),
        "facility": _facility_codes(land, facility).scatter(absent, None),
        "registration_number": _area_codes(land, locality // LOCALITIES) + "/" + serial,
    }


def _measures(sheet: Sheet) -> dict[str, pl.Series]:
    """Sex, birth weight, plurality, delivery order."""
    births, rates = sheet.births, sheet.rates
    sex = births.sex[sheet.rows]
    rows = sheet.some(rates.sex_wrong)
    sex[rows] = MALE - sex[rows]
    weight = _read_weights(births.weight[sheet.rows], sheet)
    plurality, order = births.plurality[sheet.rows], births.order[sheet.rows]
    rows = sheet.some(rates.order_wrong)
    rows = rows[plurality[rows] > 1]
    order[rows] = 1 + order[rows] % plurality[rows]
    rows = sheet.some(rates.order_wrong)
    multiple = plurality > 1
    plurality[rows] = 1
    blank = np.where(multiple, rates.multiple_missing, rates.order_missing)
    return {
        "sex": pl.Series(SEX_CODES, dtype=pl.String).gather(sex).scatter(sheet.some(rates.sex_missing), None),
        "birth_weight": pl.Series(weight.astype(np.int64)).scatter(sheet.some(rates.weight_missing), None),
        "plurality": pl.Series(plurality).scatter(np.flatnonzero(sheet.rng.random(len(blank)) < blank), None),
        "delivery_order": pl.Series(order).scatter(np.flatnonzero(sheet.rng.random(len(blank)) < blank), None),
    }


def _read_weights(weight: Float64Array, sheet: Sheet) -> Float64Array:
    """Weights as read off the scale: to 10 g, often to 100 g or 500 g, some wrong by up to some 600 g."""
    rows = sheet.some(sheet.rates.weight_off)
    weight[rows] += sheet.rng.normal(0, 300, len(rows))
    step = np.full(len(weight), 10.0)
    step[sheet.some(sheet.rates.weight_to_100)] = 100
    step[sheet.some(sheet.rates.weight_to_500)] = 500
    return np.asarray(np.clip(np.round(weight / step) * step, 500, 5900))


def _heap(day: Int64Array) -> Int64Array:
    """The nearest of HEAPED_DAYS in the same month."""
    _, of_month = _month_and_day(day)
    nearest = HEAPED_DAYS[np.abs(HEAPED_DAYS - of_month[:, None]).argmin(axis=1)]
    return np.asarray(day + nearest - of_month)


def _swap_day_month(day: Int64Array) -> Int64Array:
    """Day and month exchanged where the day is at most 12, else the day itself."""
    month, of_month = _month_and_day(day)
    swapped = _days(month // 12 * 12 + of_month - 1) + month % 12
    return np.where(of_month <= 12, swapped, day)


def _wrong_mother_date(day: Int64Array, rng: np.random.Generator) -> Int64Array:
    """Year off by one, day and month exchanged, or 1 January of the year."""
    kind = rng.choice(3, size=len(day), p=[0.45, 0.25, 0.30])
    month, of_month = _month_and_day(day)
    other_year = _days(month + 12 * rng.choice([-1, 1], size=len(day))) + of_month - 1
    return np.select([kind == 0, kind == 1], [other_year, _swap_day_month(day)], _days(month // 12 * 12))


def _month_and_day(day: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Months since January 1970 and day of the month from 1, of days since 1970-01-01."""
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return month, day - _days(month) + 1


def _days(month: Int64Array) -> Int64Array:
    """Days since 1970-01-01 of the first day of months since January 1970."""
    return np.asarray(month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64))


def _as_date(day: Int64Array, written: str = "") -> pl.Series:
    dates = pl.Series(day.astype(np.int32)).cast(pl.Date)
    return dates.dt.strftime(written) if written else dates


def _area_codes(land: Places, area: Int64Array) -> pl.Series:
    return pl.Series(land.codes, dtype=pl.String).gather(area)


def _locality_codes(land: Places, locality: Int64Array) -> pl.Series:
    codes = [f"{code}-{number:02d}" for code in land.codes for number in range(1, LOCALITIES + 1)]
    return pl.Series(codes, dtype=pl.String).gather(locality)


def _facility_codes(land: Places, facility: Int64Array) -> pl.Series:
    """Facility codes; where there is none, any, for the caller to blank."""
    codes = [f"F{code}{number}" for code in land.codes for number in range(1, FACILITIES + 1)]
    return pl.Series(codes, dtype=pl.String).gather(np.maximum(facility, 0))
