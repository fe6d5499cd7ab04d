"""Names and terms of log-linear models."""

import pytest
from tests.estimate import naive

from everybirth.errors import EstimateError
from everybirth.estimate import models


@pytest.mark.parametrize(("n_lists", "number"), [(2, 1), (3, 8), (4, 113)])
def test_all_hierarchical_models_are_found_once(n_lists, number):
    """Their names are those that trying every set of interactions gives."""
    found = [model.name for model in models.hierarchical(n_lists)]
    assert len(found) == number
    assert set(found) == naive.hierarchical(n_lists)


def test_models_of_five_lists():
    """There are 6,893 but the saturated one, and 1,024 with pairs only."""
    assert len(set(models.hierarchical(5))) == 6893
    assert len(set(models.hierarchical(5, 2))) == 1024


def test_names_can_be_read_back():
    """Parsing a name gives the model that has it."""
    assert all(models.parse(model.name, 4) == model for model in models.hierarchical(4))


def test_terms_of_a_model():
    """All subsets of the generators, smaller first."""
    assert models.parse("[12,3]", 3).terms == (0b100, 0b010, 0b001, 0b110)


@pytest.mark.parametrize("name", ["[14]", "[]", "[1,x2]", "12;3"])
def test_a_name_that_is_none_is_refused(name):
    """The error shows how a model is written."""
    with pytest.raises(EstimateError, match="Write it like"):
        models.parse(name, 3)
