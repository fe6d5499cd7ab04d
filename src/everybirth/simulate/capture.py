"""Which list holds which birth."""

import numpy as np

from everybirth.simulate.births import SITES, Births
from everybirth.simulate.lexicon import FEMALE
from everybirth.simulate.options import CaptureModel
from everybirth.simulate.recipes import Recipe
from everybirth.tables import BoolArray, Float64Array

FACILITY = SITES.index("facility")


def capture(births: Births, lists: tuple[Recipe, ...], model: CaptureModel, rng: np.random.Generator) -> BoolArray:
    """Draw the lists that hold each birth, list after list, by the model that CaptureModel states.

    Returns   (n_births, n_lists)
    """
    n = len(births)
    held = np.zeros((n, len(lists)), np.bool_)
    own = model.heterogeneity * rng.standard_normal(n)
    wanted = {name: (facility, home) for name, facility, home in model.coverage}
    names = [recipe.name for recipe in lists]
    for number, recipe in enumerate(lists):
        leaning = own + model.area_spread * rng.standard_normal(len(births.places.codes))[births.area]
        for name, girls in model.girls:
            leaning += girls * ((name == recipe.name) & (births.sex == FEMALE))
        for first, second, odds in model.dependence:
            other = first if second == recipe.name else second if first == recipe.name else ""
            if other in names[:number]:
                leaning += odds * held[:, names.index(other)]
        draw = _luck(births, model.siblings, rng)
        facility, home = wanted.get(recipe.name, (recipe.facility, recipe.home))
        for at_site, share in ((births.site == FACILITY, facility), (births.site != FACILITY, home)):
            held[at_site, number] = draw[at_site] < _probability(leaning[at_site], share)
    return held


def _luck(births: Births, siblings: float, rng: np.random.Generator) -> Float64Array:
    """(n,) uniform draws; with probability `siblings` a child has that of the first of its delivery."""
    draw = rng.random(len(births))
    first = np.arange(len(births)) - (births.order - 1)
    return np.where(rng.random(len(births)) < siblings, draw[first], draw)


def _probability(leaning: Float64Array, share: float) -> Float64Array:
    """Logistic probabilities with mean `share`, by bisection for the intercept."""
    if share in (0.0, 1.0) or len(leaning) == 0:
        return np.full(len(leaning), share)
    sample = leaning[:: max(len(leaning) // 50_000, 1)]
    low, high = -40.0, 40.0
    for _ in range(50):
        middle = (low + high) / 2
        if (1 / (1 + np.exp(-(sample + middle)))).mean() < share:
            low = middle
        else:
            high = middle
    return np.asarray(1 / (1 + np.exp(-(leaning + low))))
