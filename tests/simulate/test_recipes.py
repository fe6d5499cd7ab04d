"""The assumptions about the lists."""

from dataclasses import fields

import pytest

from everybirth.schema import FIELDS
from everybirth.simulate.recipes import ALONE, FIXED, RECIPES, Rates, at_noise, chosen


def test_forms_ask_known_fields_only() -> None:
    """Every column is a canonical field, none twice; every list can be linked by a name and a date."""
    for recipe in RECIPES.values():
        assert set(recipe.columns) <= set(FIELDS)
        assert len(set(recipe.columns)) == len(recipe.columns)
        assert "birth_date" in recipe.columns
        assert {"child_given_name", "child_full_name"} & set(recipe.columns)


def test_record_ids_of_two_lists_never_clash() -> None:
    """Each list has its own prefix."""
    assert len({recipe.prefix for recipe in RECIPES.values()}) == len(RECIPES)


@pytest.mark.parametrize("n", range(1, 11))
def test_every_number_of_lists_has_one_register(n: int) -> None:
    """There are n different lists, and one is the civil register."""
    lists = chosen(n)
    assert len({recipe.name for recipe in lists}) == n
    assert [recipe.name for recipe in lists if recipe.role == "civil-register"] == ["register"]


def test_a_list_alone_repeats_many_births() -> None:
    """With one list there is something to find: repeats within it."""
    assert chosen(1) == (ALONE,)
    assert ALONE.rates.repeated > 5 * RECIPES["register"].rates.repeated


@pytest.mark.parametrize("name", RECIPES)
def test_noise_scales_what_it_should(name: str) -> None:
    """Light is about a third of medium, heavy about two and a half times; never over 1; fixed rates stay."""
    medium = RECIPES[name].rates
    light, heavy = at_noise(medium, "light"), at_noise(medium, "heavy")
    for field in fields(Rates):
        low, usual, high = (getattr(rates, field.name) for rates in (light, medium, heavy))
        if field.name in FIXED:
            assert low == usual == high
        elif usual:
            assert 0 < low < usual < high < 1
            if usual < 0.1:
                assert low / usual == pytest.approx(1 / 3, rel=0.08)
                assert high / usual == pytest.approx(2.5, rel=0.08)


def test_fixed_rates_exist() -> None:
    """Every name in FIXED is a rate."""
    assert {field.name for field in fields(Rates)} > FIXED
