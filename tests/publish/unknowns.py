"""Whole numbers that are not known, and what is known of them: sums, limits, and the values that remain possible."""

from collections.abc import Iterable, Mapping

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

Unknown = tuple[str, frozenset[tuple[str, str]]]
ROOM = 50_000.0  # no count in the tests is so large
SWEEPS = 20  # tables found to be possible that are looked at for many unknowns at once


class Unknowns:
    """The system of equations and limits."""

    def __init__(self) -> None:
        self.place: dict[Unknown, int] = {}
        self.rows: list[tuple[dict[int, float], float, float]] = []
        self.known: dict[int, float] = {}
        self.hidden: dict[int, tuple[str, str]] = {}
        self.positive: set[int] = set()

    def number(self, what: str, /, **where: str) -> int:
        """The unknown of a count; a total is no limit."""
        key = (what, frozenset((name, value) for name, value in where.items() if value != "total"))
        return self.place.setdefault(key, len(self.place))

    def read(self, table: str, column: str, text: str, place: int, *, never_0: bool) -> None:
        """Take in one count as it stands in a file."""
        if text == "..":
            self.hidden[place] = (table, column)
            if never_0:
                self.positive.add(place)
        else:
            value = float(text)
            assert self.known.setdefault(place, value) == value, f"{table} says otherwise than another table"

    def limit(self, terms: Mapping[int, float], low: float = -np.inf, high: float = np.inf) -> None:
        """Say that a sum of unknowns, each times a number, is within limits."""
        self.rows.append((dict(terms), low, high))

    def add_up(self, whole: int, parts: Iterable[int]) -> None:
        """Say that some unknowns are another together."""
        self.limit(self.difference([whole], parts), 0.0, 0.0)

    def at_least(self, more: Iterable[int], fewer: Iterable[int]) -> None:
        """Say that some unknowns together are no fewer than others together."""
        self.limit(self.difference(fewer, more), 0.0)

    @staticmethod
    def difference(less: Iterable[int], more: Iterable[int]) -> dict[int, float]:
        """The second sum less the first."""
        terms: dict[int, float] = {}
        for sign, some in ((-1.0, less), (1.0, more)):
            for place in some:
                terms[place] = terms.get(place, 0.0) + sign
        return terms

    def _system(self) -> tuple[list[LinearConstraint], Bounds]:
        n = len(self.place)
        lower, upper = np.zeros(n), np.full(n, ROOM)
        lower[sorted(self.positive)] = 1.0
        for place, value in self.known.items():
            lower[place] = upper[place] = value
        at = (
            [k for k, (terms, _, _) in enumerate(self.rows) for _ in terms],
            [place for terms, _, _ in self.rows for place in terms],
        )
        signs = [sign for terms, _, _ in self.rows for sign in terms.values()]
        matrix = coo_array((signs, at), shape=(len(self.rows), n)).tocsr()
        low, high = (np.array([row[k] for row in self.rows]) for k in (1, 2))
        return [LinearConstraint(matrix, low, high)] if self.rows else [], Bounds(lower, upper)

    def derivable(self, threshold: int) -> list[str]:
        """Hidden counts whose range is less than the threshold wide.

        Every table found to be possible is looked at for all of them, so that most need no search of their own.
        """
        constraints, bounds = self._system()
        low, high = np.full(len(self.place), np.inf), np.full(len(self.place), -np.inf)

        def look(direction: np.ndarray) -> None:
            best = milp(direction, integrality=np.ones(len(direction)), bounds=bounds, constraints=constraints)
            assert best.x is not None, f"the published tables contradict each other: {best.message}"
            np.minimum(low, np.rint(best.x), out=low)
            np.maximum(high, np.rint(best.x), out=high)

        rng = np.random.default_rng(0)
        wanted = np.zeros(len(self.place), dtype=bool)
        wanted[list(self.hidden)] = True
        for _ in range(SWEEPS if self.hidden else 0):
            narrow = wanted & (high - low < threshold)
            if narrow.any():
                look(np.where(narrow & (rng.random(len(narrow)) < 0.3), rng.normal(size=len(narrow)), 0.0))
        found = []
        for place, (table, column) in self.hidden.items():
            for sense in (1.0, -1.0):
                if high[place] - low[place] < threshold:
                    direction = np.zeros(len(self.place))
                    direction[place] = sense
                    look(direction)
            if high[place] - low[place] < threshold:
                key = next(key for key, at in self.place.items() if at == place)
                found.append(f"{table}.{column} {key[0]} {sorted(key[1])}: {low[place]:.0f} to {high[place]:.0f}")
        return found
