"""Worlds that several tests look at; none of them changes one."""

import numpy as np
import polars as pl
import pytest

from everybirth.simulate import Options, World, world
from everybirth.simulate.births import Births, births
from everybirth.simulate.lexicon import Lexicon, lexicon


@pytest.fixture(scope="session")
def medium() -> World:
    """Thirty thousand births on three lists."""
    return world(Options(30_000, seed=5))


@pytest.fixture(scope="session")
def ten_lists() -> World:
    """Six thousand births on ten lists."""
    return world(Options(6_000, seed=6, n_lists=10))


@pytest.fixture(scope="session")
def by_lists() -> dict[int, World]:
    """Four hundred births on 1, 2, ... 10 lists."""
    return {n: world(Options(400, seed=n, n_lists=n)) for n in range(1, 11)}


@pytest.fixture(scope="session")
def words() -> Lexicon:
    """The names of one world."""
    return lexicon(np.random.default_rng(3))


@pytest.fixture(scope="session")
def many_births(words: Lexicon) -> Births:
    """A hundred thousand true births."""
    return births(Options(100_000, seed=4), words, np.random.default_rng(4))


@pytest.fixture(scope="session")
def beside(medium: World) -> dict[str, pl.DataFrame]:
    """Each list of the medium world, every record beside its true birth (columns with the suffix "_true")."""
    joined = {}
    for name, frame in medium.lists.items():
        truth = medium.truth.filter(pl.col("list") == name).select("record_id", "birth")
        true = medium.births.rename({c: f"{c}_true" for c in medium.births.columns if c != "birth"})
        joined[name] = frame.join(truth, on="record_id", maintain_order="left").join(
            true, on="birth", maintain_order="left"
        )
    return joined
