"""Slow, obvious twins of the estimators."""

from itertools import combinations, product
from math import lgamma, log

import numpy as np
from scipy.optimize import linprog, minimize


def fit(names, counts):
    """Expected births on no list under a log-linear model, by a general optimiser.

    names   generators as tuples of list positions, e.g. [(0, 1), (2,)]
    counts  (2**L,)
    """
    n_lists = len(counts).bit_length() - 1
    terms = {()}
    for generator in names:
        for size in range(1, len(generator) + 1):
            terms |= set(combinations(generator, size))
    histories = list(product((0, 1), repeat=n_lists))
    matrix = np.array([[all(h[j] for j in term) for term in sorted(terms)] for h in histories[1:]], dtype=float)

    def loss(theta):
        predictor = matrix @ theta
        return np.exp(predictor).sum() - counts[1:] @ predictor

    def slope(theta):
        return matrix.T @ (np.exp(matrix @ theta) - counts[1:])

    start = np.linalg.lstsq(matrix, np.log(counts[1:] + 0.5), rcond=None)[0]
    found = minimize(loss, start, jac=slope, method="BFGS", options={"gtol": 1e-8, "maxiter": 10_000})
    return float(np.exp(found.x[sorted(terms).index(())]))


def exists(matrix, filled):
    """Whether the likelihood has a maximum: no direction leaves the filled cells alone and lowers only empty ones.

    matrix  (n_cells, n_parameters)
    filled  (n_cells,) bool
    """
    empty = matrix[~filled]
    if not len(empty):
        return True
    found = linprog(
        empty.sum(axis=0),
        A_ub=np.vstack([empty, -empty]),
        b_ub=np.concatenate([np.zeros(len(empty)), np.ones(len(empty))]),
        A_eq=matrix[filled],
        b_eq=np.zeros(int(filled.sum())),
        bounds=(None, None),
    )
    return found.fun > -1e-9


def hierarchical(n_lists):
    """The names of all hierarchical models, by trying every set of interactions."""
    lists = "123456789"[:n_lists]
    terms = ["".join(t) for size in range(2, n_lists) for t in combinations(lists, size)]
    names = set()
    for chosen in product((False, True), repeat=len(terms)):
        kept = {term for term, use in zip(terms, chosen, strict=True) if use}
        closed = all(
            "".join(sub) in kept for term in kept for size in range(2, len(term)) for sub in combinations(term, size)
        )
        if closed:
            every = kept | set(lists)
            tops = [t for t in every if not any(t != other and set(t) < set(other) for other in every)]
            names.add("[" + ",".join(sorted(tops, key=lambda t: (-len(t), t))) + "]")
    return names


def is_decomposable(edges, n_lists):
    """Whether every cycle of four or more lists has a chord: no set of lists induces a bare cycle."""
    for size in range(4, n_lists + 1):
        for chosen in combinations(range(n_lists), size):
            inside = [edge for edge in edges if set(edge) <= set(chosen)]
            degree = [sum(node in edge for edge in inside) for node in chosen]
            if len(inside) == size and set(degree) == {2} and _connected(chosen, inside):
                return False
    return True


def _connected(nodes, edges):
    reached = {nodes[0]}
    for _ in nodes:
        reached |= {a for edge in edges if reached & set(edge) for a in edge}
    return reached >= set(nodes)


def log_density(counts, missed, cliques, separators, delta):
    """Log posterior density, under the prior 1 / births, of one graph given by its cliques and separators."""
    n_lists = len(counts).bit_length() - 1
    births = sum(counts) + missed
    value = lgamma(births + 1) - lgamma(missed + 1) - log(births)
    for sign, sets in ((1, cliques), (-1, separators)):
        for chosen in sets:
            alpha = delta * 2 ** (n_lists - len(chosen))
            table = {}
            for history, number in zip(product((0, 1), repeat=n_lists), [missed, *counts[1:]], strict=True):
                key = tuple(history[j] for j in chosen)
                table[key] = table.get(key, 0) + number
            part = sum(lgamma(number + alpha) - lgamma(alpha) for number in table.values())
            value += sign * (part - lgamma(births + alpha * len(table)) + lgamma(alpha * len(table)))
    return value


def world(rng, births, logits, classes=((1.0, 0.0),)):
    """Counts of a made-up world: each class of births has a share and a shift of all lists' logits."""
    n_lists = len(logits)
    table = np.zeros(2**n_lists)
    shares = np.array([share for share, _ in classes])
    for number, (_, shift) in zip(rng.multinomial(births, shares), classes, strict=True):
        on = rng.random((number, n_lists)) < 1 / (1 + np.exp(-(np.array(logits) + shift)))
        np.add.at(table, on @ (2 ** np.arange(n_lists - 1, -1, -1)), 1)
    table[0] = 0
    return table
