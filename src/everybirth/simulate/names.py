"""The names on a list as they were written down there."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from everybirth.simulate.births import Births
from everybirth.simulate.lexicon import MALE
from everybirth.simulate.recipes import Rates, Recipe
from everybirth.simulate.slips import misspell, shorten, strip_accents
from everybirth.simulate.text import Text, Words, exchange
from everybirth.tables import MISSING, Int64Array

# What stands in place of a given name not yet given: (share, words); None: nothing.
UNNAMED: tuple[tuple[float, str | None], ...] = (
    (0.42, None), (0.18, "Baby of {mother}"), (0.12, "B/O {mother}"), (0.12, "Baby {sex}"), (0.07, "-"),
    (0.05, "unknown"), (0.04, "Unnamed"),
)  # fmt: skip
UNNAMED_TWIN = 0.3  # share of unnamed multiple births written as "Twin 1 of ..."
SECOND_SLIP = 1 / 8


@dataclass(frozen=True, slots=True)
class Sheet:
    """One list while it is filled in.

    births   the true births
    rows     (n_records,) the birth that each record is about
    """

    births: Births
    rows: Int64Array
    recipe: Recipe
    rates: Rates
    rng: np.random.Generator

    def some(self, rate: float) -> Int64Array:
        """Records that something of this rate happens to."""
        return np.flatnonzero(self.rng.random(len(self.rows)) < rate)

    def asks(self, *columns: str) -> bool:
        """Whether the list's form asks any of the columns."""
        return any(column in self.recipe.columns for column in columns)


def names(sheet: Sheet) -> dict[str, pl.Series]:
    """The name columns of the list, by canonical name."""
    plain = sheet.some(sheet.rates.accents_lost)
    shouted, whispered = sheet.some(sheet.rates.odd_case / 2), sheet.some(sheet.rates.odd_case / 2)
    columns: dict[str, pl.Series] = {}
    for person, write in (("child", _child), ("mother", _mother), ("father", _father)):
        asked = [f"{person}_{part}_name" for part in ("given", "family", "full")]
        if not sheet.asks(*asked):
            continue
        for name, text in zip(asked[:2], write(sheet), strict=True):
            columns[name] = _in_case(_slips(sheet, text, plain).series(), sheet, shouted, whispered)
    if sheet.asks("child_given_name", "child_full_name"):
        columns = _unname(sheet, columns)
    for person in ("child", "mother", "father"):
        if sheet.asks(f"{person}_full_name"):
            columns[f"{person}_full_name"] = _join(columns[f"{person}_given_name"], columns[f"{person}_family_name"])
    return columns


def _child(sheet: Sheet) -> tuple[Text, Text]:
    births, rates = sheet.births, sheet.rates
    given, family = births.given.take(sheet.rows), births.family.take(sheet.rows)
    rows = sheet.some(rates.renamed)
    about = sheet.rows[rows]
    given = given.point(
        rows, births.lexicon.given(births.sex[about], births.flavour[about], sheet.rng.random(len(rows)))
    )
    rows = sheet.some(rates.family_other)
    other, own = births.mother_other.codes[sheet.rows[rows]], births.mother_family.codes[sheet.rows[rows]]
    family = family.point(rows, np.where((other == MISSING) | (other == family.codes[rows]), own, other))
    family = family.blank(sheet.some(rates.family_missing))
    return _swapped(sheet, _shortened(sheet, given), family)


def _mother(sheet: Sheet) -> tuple[Text, Text]:
    births, rates = sheet.births, sheet.rates
    given, family = births.mother_given.take(sheet.rows), births.mother_family.take(sheet.rows)
    rows = sheet.some(rates.mother_other)
    other = births.mother_other.codes[sheet.rows[rows]]
    family = family.point(rows, np.where(other == MISSING, family.codes[rows], other))
    given = _shortened(sheet, given).blank(sheet.some(rates.mother_missing))
    return _swapped(sheet, given, family.blank(sheet.some(rates.mother_missing)))


def _father(sheet: Sheet) -> tuple[Text, Text]:
    births = sheet.births
    rows = sheet.some(sheet.rates.father_missing)
    given = births.father_given.take(sheet.rows).blank(rows)
    family = births.father_family.take(sheet.rows).blank(rows)
    return _swapped(sheet, _shortened(sheet, given), family)


def _swapped(sheet: Sheet, given: Text, family: Text) -> tuple[Text, Text]:
    return exchange(given, family, sheet.some(sheet.rates.names_swapped))


def _shortened(sheet: Sheet, given: Text) -> Text:
    return _reworded(given, sheet.some(sheet.rates.short_form), lambda words: shorten(words, sheet.rng))


def _slips(sheet: Sheet, text: Text, plain: Int64Array) -> Text:
    """The text with its slips of the pen, and without accents in the records named."""
    foreign = ~text.pool.str.contains(r"^[\x00-\x7F]*$").to_numpy()
    held = text.present(plain)
    text = _reworded(text, held[foreign[text.codes[held]]], strip_accents)
    rows = sheet.some(sheet.rates.typing)
    text = _reworded(text, rows, lambda words: misspell(words, sheet.rng))
    again = rows[sheet.rng.random(len(rows)) < SECOND_SLIP]
    return _reworded(text, again, lambda words: misspell(words, sheet.rng))


def _reworded(text: Text, rows: Int64Array, change: Callable[[Words], Words]) -> Text:
    """The text with a change to the words at rows, where there are any."""
    rows = text.present(rows)
    return text.put(rows, change(text.at(rows))) if len(rows) else text


def _in_case(series: pl.Series, sheet: Sheet, shouted: Int64Array, whispered: Int64Array) -> pl.Series:
    if sheet.recipe.upper_case:
        return series.str.to_uppercase()
    series = series.scatter(shouted, series.gather(shouted).str.to_uppercase())
    return series.scatter(whispered, series.gather(whispered).str.to_lowercase())


def _join(given: pl.Series, family: pl.Series) -> pl.Series:
    """Given and family name in one, null where both are missing."""
    both = pl.concat_str(given, family, separator=" ", ignore_nulls=True)
    return pl.select(pl.when(both != "").then(both)).to_series()


def _unname(sheet: Sheet, columns: dict[str, pl.Series]) -> dict[str, pl.Series]:
    """Replace the given name of children not yet named, and leave out the family name of some of them."""
    births, rows = sheet.births, sheet.some(sheet.rates.unnamed)
    about = sheet.rows[rows]
    given, family = columns["child_given_name"], columns["child_family_name"]
    mother = columns["mother_given_name"].gather(rows) if "mother_given_name" in columns else None
    sex = pl.Series(np.where(births.sex[about] == MALE, "boy", "girl").tolist(), dtype=pl.String)
    form = sheet.rng.choice(len(UNNAMED), size=len(rows), p=[share for share, _ in UNNAMED])
    twin = (births.plurality[about] > 1) & (sheet.rng.random(len(rows)) < UNNAMED_TWIN)
    form = np.where(twin, len(UNNAMED), form)
    frame = pl.DataFrame(
        {"form": form, "sex": sex, "order": births.order[about], "mother": mother},
        schema_overrides={"mother": pl.String},
    )
    wordings = (*(words for _, words in UNNAMED), "Twin {order} of {mother}")
    choice = pl.lit(None, pl.String)
    for number, words in enumerate(wordings):
        if words is not None:
            choice = pl.when(pl.col("form") == number).then(_wording(words)).otherwise(choice)
    put = frame.select(choice).to_series()
    if sheet.recipe.upper_case:
        put = put.str.to_uppercase()
    nameless = rows[sheet.rng.random(len(rows)) < sheet.rates.unnamed_no_family]
    return {
        **columns,
        "child_given_name": given.scatter(rows, put),
        "child_family_name": family.scatter(nameless, None),
    }


def _wording(words: str) -> pl.Expr:
    """The words with mother, sex and order put in; "Baby boy" and the like where the mother's name is missing."""
    fallback = pl.format("Baby {}", pl.col("sex"))
    slots = [name for name in ("mother", "sex", "order") if f"{{{name}}}" in words]
    if not slots:
        return pl.lit(words)
    in_order = sorted(slots, key=lambda name: words.index(f"{{{name}}}"))
    plain = words
    for name in in_order:
        plain = plain.replace(f"{{{name}}}", "{}")
    return pl.coalesce(pl.format(plain, *[pl.col(name) for name in in_order]), fallback)
