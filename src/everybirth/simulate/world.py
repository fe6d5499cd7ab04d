"""A simulated world: true births, the lists that hold them, and the truth that links the two."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
import polars as pl

from everybirth.simulate.births import SITES, Births, births
from everybirth.simulate.capture import capture
from everybirth.simulate.lexicon import Lexicon, lexicon
from everybirth.simulate.options import Options, check
from everybirth.simulate.recipes import RECIPES, chosen
from everybirth.simulate.records import SEX_CODES, fill
from everybirth.tables import BoolArray, Int64Array

Progress = Callable[[str, int, int], None]


class Stage(IntEnum):
    """Each stage draws from its own stream, so that noise never changes the births, nor one list another."""

    LEXICON = 0
    BIRTHS = 1
    CAPTURE = 2
    LISTS = 3


@dataclass(frozen=True, slots=True)
class World:
    """What a simulation gives.

    births   one row per true birth: birth and delivery (Int64, from 1), area, site, sex, birth_date, plurality,
             delivery_order, names, mother, father, birth_weight (g), and in_<list>: is it on that list
    lists    name -> the list under canonical column names, rows in random order
    truth    one row per record, then one row per birth on no list (list and record_id null):
             list, record_id, birth, delivery, and area, site, sex, birth_date of the true birth; ordered by birth
    """

    options: Options
    births: pl.DataFrame
    lists: dict[str, pl.DataFrame]
    truth: pl.DataFrame


def world(options: Options, progress: Progress | None = None) -> World:
    """Simulate a world.

    progress   called as progress("simulate", done, total) after each of its parts
    Raises     PlanError  if the options ask for something that cannot be made
    Source     the assumptions are in recipes.py (errors), births.py and places.py (the births), options.py (capture)
    """
    check(options, tuple(RECIPES))
    recipes = chosen(options.n_lists)
    total = 2 + len(recipes)
    tell = progress or (lambda step, done, total: None)
    words = _lexicon(options.seed if options.names is None else options.names)
    true = births(options, words, _stream(options, Stage.BIRTHS))
    held = capture(true, recipes, options.capture, _stream(options, Stage.CAPTURE))
    tell("simulate", 1, total)
    lists: dict[str, pl.DataFrame] = {}
    holders: dict[str, Int64Array] = {}
    for number, recipe in enumerate(recipes):
        rng = _stream(options, Stage.LISTS, tuple(RECIPES).index(recipe.name))
        lists[recipe.name], holders[recipe.name] = fill(true, held[:, number], recipe, options.noise, rng)
        tell("simulate", 2 + number, total)
    frame = _births_frame(true, held, tuple(lists))
    truth = _truth(frame, lists, holders, held)
    tell("simulate", total, total)
    return World(options, frame, lists, truth)


def _stream(options: Options, stage: Stage, number: int = 0) -> np.random.Generator:
    return _generator(options.seed, stage, number)


def _generator(seed: int, stage: Stage, number: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, stage, number])))


@lru_cache(maxsize=1)
def _lexicon(seed: int) -> Lexicon:
    return lexicon(_generator(seed, Stage.LEXICON, 0))


def _births_frame(true: Births, held: BoolArray, names: tuple[str, ...]) -> pl.DataFrame:
    """The true births as a table."""
    days = {"birth_date": true.day, "mother_birth_date": true.mother_day}
    return pl.DataFrame(
        {
            "birth": np.arange(1, len(true) + 1),
            "delivery": true.delivery + 1,
            "area": pl.Series(true.places.codes, dtype=pl.String).gather(true.area),
            "site": pl.Series(SITES, dtype=pl.String).gather(true.site),
            "sex": pl.Series(SEX_CODES, dtype=pl.String).gather(true.sex),
            "plurality": true.plurality,
            "delivery_order": true.order,
            **{name: pl.Series(day.astype(np.int32)).cast(pl.Date) for name, day in days.items()},
            "child_given_name": true.given.series(),
            "child_family_name": true.family.series(),
            "mother_given_name": true.mother_given.series(),
            "mother_family_name": true.mother_family.series(),
            "father_given_name": true.father_given.series(),
            "father_family_name": true.father_family.series(),
            "birth_weight": true.weight.astype(np.int64),
            **{f"in_{name}": held[:, number] for number, name in enumerate(names)},
        }
    )


def _truth(
    frame: pl.DataFrame, lists: dict[str, pl.DataFrame], holders: dict[str, Int64Array], held: BoolArray
) -> pl.DataFrame:
    """Which birth each record is about, and the births that no list holds."""
    nowhere = np.flatnonzero(~held.any(axis=1))
    parts = [
        lists[name].select(pl.lit(name).alias("list"), "record_id", pl.Series("row", rows))
        for name, rows in holders.items()
    ]
    unlisted = pl.DataFrame({"row": nowhere}).select(
        pl.lit(None, pl.String).alias("list"), pl.lit(None, pl.String).alias("record_id"), "row"
    )
    every = pl.concat([*parts, unlisted]).sort("row", "list", "record_id", nulls_last=True)
    about = frame.select("birth", "delivery", "area", "site", "sex", "birth_date")[every["row"]]
    return every.drop("row").hstack(about)
