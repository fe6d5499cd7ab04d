"""Options of a simulated world."""

import dataclasses

import pytest

from everybirth.errors import PlanError
from everybirth.simulate import CaptureModel, Options, world


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"births": -1}, "births is -1"),
        ({"seed": -1}, "seed is -1"),
        ({"n_lists": 0}, "n_lists is 0; it must be from 1 to 10"),
        ({"n_lists": 11}, "n_lists is 11"),
        ({"noise": "loud"}, "one of light, medium, heavy"),
        ({"year": 1500}, "year is 1500"),
        ({"n_areas": 3000}, "n_areas is 3000"),
        ({"capture": CaptureModel(coverage=(("clinic", 0.5, 0.5),))}, '"clinic"; lists are hospital, community'),
        ({"capture": CaptureModel(coverage=(("register", 1.5, 0.5),))}, "shares must be from 0 to 1"),
        ({"capture": CaptureModel(dependence=(("register", "register", 1.0),))}, "register on itself"),
        ({"capture": CaptureModel(girls=(("clinic", 0.1),))}, '"clinic"'),
        ({"capture": CaptureModel(heterogeneity=-1.0)}, "heterogeneity is -1.0"),
        ({"capture": CaptureModel(area_spread=-1.0)}, "area_spread is -1.0"),
        ({"capture": CaptureModel(siblings=2.0)}, "siblings is 2.0"),
    ],
)
def test_impossible_options_are_refused(change: dict[str, object], words: str) -> None:
    """An option that cannot be met is named, with what is needed."""
    with pytest.raises(PlanError) as raised:
        world(dataclasses.replace(Options(10), **change))  # type: ignore[arg-type]
    assert words in str(raised.value)


@pytest.mark.parametrize(("births", "areas"), [(0, 5), (1_000, 5), (150_000, 100), (50_000_000, 700)])
def test_areas_follow_the_number_of_births(births: int, areas: int) -> None:
    """About one area for every 1,500 births, from 5 to 700, unless the number is stated."""
    assert Options(births).areas == areas
    assert Options(births, n_areas=12).areas == 12
