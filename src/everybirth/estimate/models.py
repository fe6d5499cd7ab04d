"""Hierarchical log-linear models of capture histories: their names, terms and design matrices."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np

from everybirth.errors import EstimateError
from everybirth.estimate.cells import bit
from everybirth.tables import Float64Array

DIGITS = "123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Model:
    """A hierarchical log-linear model: its terms are all sets of lists below one of its generators.

    generators  the largest terms, each a set of lists (bits as in cells.py); every list is in at least one
    """

    n_lists: int
    generators: tuple[int, ...]

    @property
    def terms(self) -> tuple[int, ...]:
        """All terms but the intercept, smaller sets first."""
        every = range(1, 2**self.n_lists)
        below = [term for term in every if any(term & top == term for top in self.generators)]
        return tuple(sorted(below, key=lambda term: (term.bit_count(), -term)))

    @property
    def name(self) -> str:
        """Its generators by list number, larger ones first: "[123,14,34]"."""
        written = [_digits(top, self.n_lists) for top in self.generators]
        return "[" + ",".join(sorted(written, key=lambda text: (-len(text), text))) + "]"


def _digits(lists: int, n_lists: int) -> str:
    return "".join(DIGITS[j] for j in range(n_lists) if lists & bit(j, n_lists))


def model_of(terms: set[int], n_lists: int) -> Model:
    """The hierarchical model whose terms are these sets, all their subsets, and every single list."""
    wanted = terms | {bit(j, n_lists) for j in range(n_lists)}
    tops = [term for term in wanted if not any(term != other and term & other == term for other in wanted)]
    return Model(n_lists, tuple(sorted(tops, key=lambda term: (-term.bit_count(), -term))))


def parse(name: str, n_lists: int) -> Model:
    """The model that a name like "[12,3]" stands for.

    Raises   EstimateError  if the text is not such a name, or names a list that is not there
    """
    terms: set[int] = set()
    for part in name.strip().removeprefix("[").removesuffix("]").split(","):
        places = [DIGITS.find(character) for character in part.strip()]
        if not places or min(places) < 0 or max(places) >= n_lists:
            raise EstimateError(
                f"{name} is not a model of {n_lists} lists. Write it like [12,3]: lists by their number."
            )
        terms.add(sum({bit(place, n_lists) for place in places}))
    return model_of(terms, n_lists)


def independence(n_lists: int) -> Model:
    """The model in which being on one list says nothing about being on another."""
    return model_of(set(), n_lists)


@cache
def hierarchical(n_lists: int, max_order: int | None = None) -> tuple[Model, ...]:
    """Every hierarchical model with all main effects but the saturated one: 8 for three lists, 113 for four.

    max_order  the largest number of lists in one term; None: one fewer than there are lists
    """
    order = min(max_order or n_lists - 1, n_lists - 1)
    return tuple(model_of(terms, n_lists) for terms in _complexes(set(), 2, order, n_lists))


def _complexes(below: set[int], size: int, largest: int, n_lists: int) -> Iterator[set[int]]:
    """Every set of terms with at least `size` lists that can stand on top of the smaller terms `below`."""
    if size > largest:
        yield below
        return
    singles = [bit(j, n_lists) for j in range(n_lists)]
    possible = [
        term
        for chosen in combinations(singles, size)
        if size == 2 or all(sum(chosen) - one in below for one in chosen)
        for term in [sum(chosen)]
    ]
    for number in range(len(possible) + 1):
        for added in combinations(possible, number):
            if not added:
                yield below
            else:
                yield from _complexes(below | set(added), size + 1, largest, n_lists)


def design(terms: tuple[int, ...], n_lists: int) -> Float64Array:
    """The design matrix of all cells, the unobserved cell 0 included.

    Returns  (2**n_lists, 1 + n_terms) 1 where the history is on all lists of the term; column 0 is the intercept
    """
    histories = np.arange(2**n_lists)[:, None]
    columns = np.array((0, *terms), dtype=np.int64)[None, :]
    matrix: Float64Array = ((histories & columns) == columns).astype(np.float64)
    return matrix
