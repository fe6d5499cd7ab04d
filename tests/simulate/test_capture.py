"""Which list holds which birth."""

import numpy as np
import pytest

from everybirth.simulate.births import SITES, Births
from everybirth.simulate.capture import capture
from everybirth.simulate.lexicon import FEMALE
from everybirth.simulate.options import CaptureModel
from everybirth.simulate.recipes import chosen
from everybirth.tables import BoolArray

NEUTRAL = (("hospital", 0.7, 0.0), ("community", 0.6, 0.6), ("register", 0.5, 0.5))


def _capture(births: Births, model: CaptureModel, seed: int = 1) -> BoolArray:
    return capture(births, chosen(3), model, np.random.default_rng(seed))


def _log_odds_ratio(first: BoolArray, second: BoolArray) -> float:
    table = [np.sum((first == a) & (second == b)) for a in (True, False) for b in (True, False)]
    return float(np.log(table[0] * table[3] / (table[1] * table[2])))


def test_coverage_is_as_stated(many_births: Births) -> None:
    """Whatever the dependence, each list holds the stated share of facility and of other births."""
    facility = many_births.site == SITES.index("facility")
    held = _capture(many_births, CaptureModel())
    for number, recipe in enumerate(chosen(3)):
        assert held[facility, number].mean() == pytest.approx(recipe.facility, abs=0.01)
        assert held[~facility, number].mean() == pytest.approx(recipe.home, abs=0.015)
    assert not held[~facility, 0].any()


def test_independent_lists_are_independent(many_births: Births) -> None:
    """Without dependence the log odds ratio between any two lists is nil within its error."""
    facility = many_births.site == SITES.index("facility")
    held = _capture(many_births, CaptureModel.independent(NEUTRAL))[facility]
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert abs(_log_odds_ratio(held[:, a], held[:, b])) < 0.06


@pytest.mark.parametrize("odds", [1.0, -1.0])
def test_pairwise_dependence_is_as_stated(many_births: Births, odds: float) -> None:
    """The log odds ratio between two dependent lists is the one stated, and that of the others nil."""
    facility = many_births.site == SITES.index("facility")
    model = CaptureModel(NEUTRAL, (("register", "hospital", odds),), 0.0, 0.0, (), 0.0)
    held = _capture(many_births, model)[facility]
    assert _log_odds_ratio(held[:, 0], held[:, 2]) == pytest.approx(odds, abs=0.06)
    assert abs(_log_odds_ratio(held[:, 0], held[:, 1])) < 0.06


def test_heterogeneity_makes_all_lists_dependent(many_births: Births) -> None:
    """Births that lean to be listed are on several lists: every log odds ratio is positive."""
    facility = many_births.site == SITES.index("facility")
    held = _capture(many_births, CaptureModel(NEUTRAL, (), 1.5, 0.0, (), 0.0))[facility]
    assert all(_log_odds_ratio(held[:, a], held[:, b]) > 0.3 for a, b in ((0, 1), (0, 2), (1, 2)))


def test_areas_differ_as_stated(many_births: Births) -> None:
    """Coverage varies more between areas than chance allows only if area_spread says so."""
    size = np.bincount(many_births.area)
    excess = []
    for spread in (0.0, 0.5):
        register = _capture(many_births, CaptureModel(NEUTRAL, (), 0.0, spread, (), 0.0))[:, 2]
        share = np.bincount(many_births.area, weights=register) / size
        excess.append(np.mean((share - 0.5) ** 2 * size / 0.25))
    assert excess[0] < 1.5
    assert excess[1] > 5


def test_girls_are_missed_as_stated(many_births: Births) -> None:
    """The log odds ratio of girls on the register is the one stated."""
    register = _capture(many_births, CaptureModel(NEUTRAL, (), 0.0, 0.0, (("register", -0.5),), 0.0))[:, 2]
    assert _log_odds_ratio(register, many_births.sex == FEMALE) == pytest.approx(-0.5, abs=0.06)


def test_siblings_share_their_luck(many_births: Births) -> None:
    """With siblings = 1 twins of independent lists are on the same lists; with 0 only as often as chance has it."""
    second = np.flatnonzero(many_births.order == 2)
    for siblings, low, high in ((1.0, 0.999, 1.0), (0.0, 0.45, 0.55)):
        register = _capture(many_births, CaptureModel(NEUTRAL, (), 0.0, 0.0, (), siblings))[:, 2]
        assert low <= np.mean(register[second] == register[second - 1]) <= high
