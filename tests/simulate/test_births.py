"""The true births."""

import numpy as np
import polars as pl
import pytest

from everybirth.simulate.births import ALIKE, BOYS, FATHER_UNKNOWN, SITES, TWINS, Births, births
from everybirth.simulate.lexicon import FEMALE, MALE, Lexicon
from everybirth.simulate.options import Options
from everybirth.simulate.places import FACILITIES, LOCALITIES
from everybirth.tables import MISSING


@pytest.mark.parametrize("n", [0, 1, 2, 3, 1000])
@pytest.mark.parametrize("seed", [1, 2])
def test_as_many_births_as_asked(words: Lexicon, n: int, seed: int) -> None:
    """There are exactly n births; in each delivery the orders run from 1 to its plurality."""
    true = births(Options(n, seed=seed), words, np.random.default_rng(seed))
    assert len(true) == n
    frame = pl.DataFrame({"d": true.delivery, "o": true.order, "p": true.plurality})
    for orders, plurality in frame.group_by("d").agg("o", pl.col("p").unique()).select("o", "p").iter_rows():
        assert [sorted(orders)] == [list(range(1, p + 1)) for p in plurality]


def test_share_of_twins(many_births: Births) -> None:
    """Twins are TWINS of deliveries, triplets a few."""
    plurality = many_births.plurality[many_births.order == 1]
    assert np.mean(plurality == 2) == pytest.approx(TWINS, rel=0.15)
    assert 5 < np.sum(plurality == 3) < 45


def test_children_of_a_delivery_share_parents_and_day(many_births: Births) -> None:
    """Twins have one mother, one father, one family name, day, place and phone."""
    second = np.flatnonzero(many_births.order == 2)
    for name in ("delivery", "area", "locality", "facility", "site", "day", "mother_day", "phone"):
        values = getattr(many_births, name)
        assert np.array_equal(values[second], values[second - 1]), name
    for name in ("family", "mother_given", "mother_family", "mother_other", "father_given", "father_family"):
        codes = getattr(many_births, name).codes
        assert np.array_equal(codes[second], codes[second - 1]), name


def test_children_of_a_delivery_have_different_given_names(many_births: Births) -> None:
    """No two children of a delivery have the same given name; some of one sex sound alike."""
    given = many_births.given.series()
    frame = pl.DataFrame({"d": many_births.delivery, "given": given})
    assert frame.n_unique() == len(many_births)
    second = np.flatnonzero((many_births.order == 2) & (many_births.plurality == 2))
    second = second[many_births.sex[second] == many_births.sex[second - 1]]
    start = given.str.slice(0, 2)
    alike = np.mean(start.gather(second).to_numpy() == start.gather(second - 1).to_numpy())
    assert ALIKE / 2 < alike < ALIKE * 2


def test_twins_of_one_sex_are_commoner_than_chance(many_births: Births) -> None:
    """A third of twins are of one egg, so two thirds have one sex."""
    second = np.flatnonzero((many_births.order == 2) & (many_births.plurality == 2))
    assert np.mean(many_births.sex[second] == many_births.sex[second - 1]) == pytest.approx(2 / 3, abs=0.05)
    assert np.mean(many_births.sex == MALE) == pytest.approx(BOYS, abs=0.01)


def test_twins_are_lighter_and_alike(many_births: Births) -> None:
    """Twins weigh some 700 g less, and their weights go together."""
    single, second = many_births.plurality == 1, np.flatnonzero(many_births.order == 2)
    assert many_births.weight[single].mean() == pytest.approx(3220, abs=80)
    assert many_births.weight[single].mean() - many_births.weight[second].mean() == pytest.approx(720, abs=80)
    assert np.corrcoef(many_births.weight[second], many_births.weight[second - 1])[0, 1] > 0.25
    assert many_births.weight.min() >= 500


def test_births_fall_in_the_year(words: Lexicon) -> None:
    """First and last day of a leap year and of another occur, none outside."""
    for year, length in ((2024, 366), (2023, 365)):
        true = births(Options(20_000, year=year), words, np.random.default_rng(1))
        start = int(np.datetime64(f"{year}-01-01").astype(int))
        assert (true.day.min(), true.day.max()) == (start, start + length - 1)
        age = (true.day - true.mother_day) / 365.2425
        assert age.min() >= 13.9
        assert age.max() < 48.1
        assert age.mean() == pytest.approx(27, abs=0.5)


def test_family_names_follow_the_parents(many_births: Births) -> None:
    """The child bears a parent's family name; some mothers bear the father's; some fathers are unknown."""
    child, mother, father = (
        getattr(many_births, f"{who}").codes for who in ("family", "mother_family", "father_family")
    )
    assert np.all((child == mother) | (child == father))
    assert np.mean(father == MISSING) == pytest.approx(FATHER_UNKNOWN, abs=0.01)
    assert np.array_equal(father == MISSING, many_births.father_given.codes == MISSING)
    assert 0.4 < np.mean(mother == father) < 0.55
    assert 0.8 < np.mean(child == father) < 0.95
    named = np.flatnonzero(many_births.mother_other.codes != MISSING)
    changed = many_births.mother_other.codes[named] != mother[named]
    assert changed.mean() > 0.98


def test_places_are_consistent(many_births: Births) -> None:
    """Residence lies in the area; facility births, and only they, have a facility, and took place where it stands."""
    at_facility = many_births.site == SITES.index("facility")
    assert np.array_equal(many_births.locality // LOCALITIES, many_births.area)
    assert np.array_equal(many_births.facility >= 0, at_facility)
    where = many_births.birth_locality[at_facility]
    assert np.array_equal(where // LOCALITIES, many_births.facility[at_facility] // FACILITIES)
    share = pl.DataFrame({"a": many_births.area, "f": at_facility}).group_by("a").agg(pl.col("f").mean())["f"]
    assert 0.72 < at_facility.mean() < 0.88
    assert share.std() > 0.05
    sizes = np.bincount(many_births.area)
    assert sizes.max() > 3 * sizes.min()


def test_family_names_cluster_in_areas(many_births: Births) -> None:
    """Two births of one area share the mother's family name far more often than two of different areas."""
    family = many_births.mother_family.codes[many_births.order == 1]
    area = many_births.area[many_births.order == 1]
    rng = np.random.default_rng(0)
    order = np.lexsort((rng.random(len(area)), area))
    near = order[:-1][area[order[:-1]] == area[order[1:]]], order[1:][area[order[:-1]] == area[order[1:]]]
    same_area = np.mean(family[near[0]] == family[near[1]])
    anywhere = np.mean(family == rng.permutation(family))
    assert same_area > 3 * anywhere


def test_sexes_have_their_own_names_and_some_mothers_share_theirs(many_births: Births) -> None:
    """No name is given to both girls and boys; a modest share of mothers have a namesake."""
    given = many_births.given.series()
    girls, boys = (set(given.filter(pl.Series(many_births.sex == sex)).to_list()) for sex in (FEMALE, MALE))
    assert not girls & boys
    single = many_births.order == 1
    names = pl.DataFrame({"g": many_births.mother_given.series(), "f": many_births.mother_family.series()})
    namesakes = names.filter(pl.Series(single)).is_duplicated().mean()
    assert 0.01 < float(str(namesakes)) < 0.15


def test_some_phones_are_shared_and_some_missing(many_births: Births) -> None:
    """Each phone has nine digits; a few are those of two families, a fifth of families have none."""
    phone = many_births.phone[many_births.order == 1]
    held = phone[phone > 0]
    assert np.mean(phone == 0) == pytest.approx(0.22, abs=0.01)
    assert ((held >= 700_000_000) & (held < 800_000_000)).all()
    assert 0.02 < 1 - len(np.unique(held)) / len(held) < 0.06
