"""Decomposable graphs of lists: which there are, and how their likelihood splits into sets of lists."""

from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np

from everybirth.errors import EstimateError
from everybirth.estimate.cells import bit
from everybirth.estimate.models import Model, model_of
from everybirth.tables import Float64Array

MAXIMUM_LISTS = 6  # seven lists have 617,675 decomposable graphs


@dataclass(frozen=True, slots=True)
class Graphs:
    """Decomposable graphs, each with its cliques and separators.

    models   (n_graphs) the graph as a log-linear model, its generators the cliques
    parts    (n_graphs, 2**n_lists) how often a set of lists is a clique, less how often it is a separator
    """

    models: tuple[Model, ...]
    parts: Float64Array


@cache
def decomposable(n_lists: int, saturated: bool) -> Graphs:
    """All decomposable graphs: 8, 61, 822 for three, four, five lists, one fewer without the saturated one.

    Raises   EstimateError  if there are more than six lists
    """
    if n_lists > MAXIMUM_LISTS:
        raise EstimateError(
            f"There are {n_lists} lists; decomposable graphs are averaged over at most {MAXIMUM_LISTS}. "
            "Merge or leave out lists, or use the latent-class method."
        )
    edges = [bit(i, n_lists) | bit(j, n_lists) for i, j in combinations(range(n_lists), 2)]
    models, parts = [], []
    for code in range(2 ** len(edges) - (0 if saturated else 1)):
        chosen = {edge for place, edge in enumerate(edges) if code >> place & 1}
        split = _split(chosen, n_lists)
        if split is not None:
            models.append(model_of({int(s) for s in np.flatnonzero(split > 0)}, n_lists))
            parts.append(split)
    return Graphs(tuple(models), np.array(parts))


def _split(edges: set[int], n_lists: int) -> Float64Array | None:
    """Cliques less separators of one graph, or None if it is not decomposable.

    Lists are taken away one by one, each time one whose remaining neighbours are all joined to each other: it brings
    the factor P(list and neighbours) / P(neighbours).
    """
    parts = np.zeros(2**n_lists)
    left = {bit(j, n_lists) for j in range(n_lists)}
    while left:
        for one in sorted(left):
            near = [other for other in left if other != one and one | other in edges]
            if all(a | b in edges for a, b in combinations(near, 2)):
                break
        else:
            return None
        parts[sum(near) + one] += 1
        parts[sum(near)] -= 1
        left.remove(one)
    return parts
