"""The methods by name, and which of them suit how many lists."""

from collections.abc import Callable
from dataclasses import replace
from difflib import get_close_matches
from functools import cache

import numpy as np

from everybirth.errors import EstimateError
from everybirth.estimate import (
    bootstrap,
    chapman,
    coverage,
    decomposable,
    graphs,
    independent,
    loglinear,
    nohighest,
    selection,
    stepwise,
    threshold,
)
from everybirth.estimate.cells import lists_of
from everybirth.estimate.models import parse
from everybirth.estimate.profile import profile_interval
from everybirth.estimate.summary import Status, Summary, bounded, refused
from everybirth.tables import Float64Array

DRAWS = 4_000
ALL_MODELS_UP_TO = 4  # lists; five have 6,893 models, of which those with pairs only are fitted
PAIR_MODELS_UP_TO = 5  # lists; six have 32,768 models even with pairs only

METHODS = (
    "lincoln-petersen",
    "chapman",
    "no-highest-order",
    "loglinear-independence",
    "loglinear-bic",
    "loglinear-aic",
    "loglinear-bic-average",
    "loglinear-stepwise",
    "decomposable-average",
    "decomposable-average-saturated",
    "latent-class",
    "sample-coverage",
)
# Shown if `everybirth estimate` is asked for them; runs, whose plans name METHODS, do without.
ON_REQUEST = (bootstrap.BIC, bootstrap.STEPS, threshold.METHOD)
_TWO_LISTS = ("lincoln-petersen", "chapman")
_NEEDS_ALL_MODELS = ("loglinear-bic", "loglinear-aic", "loglinear-bic-average", bootstrap.BIC)


def headline(n_lists: int) -> str:
    """The method whose figure stands first."""
    if n_lists == 2:
        return "chapman"
    if n_lists <= ALL_MODELS_UP_TO:
        return "no-highest-order"
    return "decomposable-average" if n_lists <= graphs.MAXIMUM_LISTS else "loglinear-stepwise"


def usual(n_lists: int) -> tuple[str, ...]:
    """The methods shown unless others are asked for."""
    if n_lists == 2:
        return _TWO_LISTS
    left_out = set(_TWO_LISTS)
    if n_lists > ALL_MODELS_UP_TO:
        left_out |= {"no-highest-order", *_NEEDS_ALL_MODELS}
    if n_lists > graphs.MAXIMUM_LISTS:
        left_out |= {"decomposable-average", "decomposable-average-saturated"}
    return tuple(name for name in METHODS if name not in left_out)


def check(methods: tuple[str, ...], n_lists: int) -> None:
    """Refuse a method that does not exist or does not suit the number of lists.

    Raises   EstimateError
    """
    every = (*METHODS, *ON_REQUEST)
    for name in methods:
        if name not in every:
            near = get_close_matches(name, every, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"The methods are: {', '.join(every)}."
            raise EstimateError(f"There is no method called {name}. {hint}")
        if (name in _TWO_LISTS) != (n_lists == 2) and name not in ("loglinear-independence", "no-highest-order"):
            raise EstimateError(f"{name} does not suit {n_lists} lists. Use one of: {', '.join(usual(n_lists))}.")
        if name in _NEEDS_ALL_MODELS and n_lists > PAIR_MODELS_UP_TO:
            raise EstimateError(f"{n_lists} lists have too many models for {name}. Use loglinear-stepwise.")


def run(methods: tuple[str, ...], counts: Float64Array, seed: int) -> dict[str, Summary]:
    """Each method's summary of one table, refused where its upper limit is absurd (summary.CEILING).

    counts   (1, 2**L) checked counts in which the lists share births
    Raises   EstimateError  from methods that do not suit the number of lists
    """
    n_lists = lists_of(counts)

    @cache
    def fits() -> selection.Fits:
        return selection.fit_all(counts, None if n_lists <= ALL_MODELS_UP_TO else 2)

    def average(saturated: bool) -> Summary:
        return decomposable.average(counts, decomposable.Prior(saturated=saturated), n_draws=DRAWS, seed=seed)

    def classes() -> Summary:
        from everybirth.estimate import latent  # brings the compiler, which no other method needs

        return latent.latent_class(counts, seed=seed)

    calls: dict[str, Callable[[], Summary]] = {
        "lincoln-petersen": lambda: chapman.lincoln_petersen(counts),
        "chapman": lambda: chapman.chapman(counts, n_draws=DRAWS, seed=seed),
        "no-highest-order": lambda: nohighest.posterior(counts, DRAWS, seed),
        "loglinear-independence": lambda: _profiled(independent.independent(counts), counts),
        "loglinear-bic": lambda: _profiled(selection.best("loglinear-bic", fits()), counts),
        "loglinear-aic": lambda: _profiled(selection.best("loglinear-aic", fits()), counts),
        "loglinear-bic-average": lambda: selection.bic_average(fits()),
        "loglinear-stepwise": lambda: _profiled(
            loglinear.summary("loglinear-stepwise", stepwise.stepwise(counts[0])), counts
        ),
        "decomposable-average": lambda: average(saturated=False),
        "decomposable-average-saturated": lambda: average(saturated=True),
        "latent-class": classes,
        "sample-coverage": lambda: coverage.sample_coverage(counts, seed=seed),
        bootstrap.BIC: lambda: bootstrap.bootstrapped(bootstrap.BIC, counts, seed=seed),
        bootstrap.STEPS: lambda: bootstrap.bootstrapped(bootstrap.STEPS, counts, seed=seed),
        threshold.METHOD: lambda: threshold.thresholding(counts, seed=seed),
    }
    return {name: bounded(calls[name](), counts.sum(axis=1)) for name in calls if name in methods}


def _profiled(summary: Summary, counts: Float64Array) -> Summary:
    """The same with profile-likelihood limits; refused where the likelihood sets no upper limit.

    counts   (1, 2**L) checked counts: profiles are drawn for one table at a time
    """
    if summary.status[0] != Status.OK:
        return summary
    low, high = profile_interval(parse(str(summary.model[0]), lists_of(counts)), counts[0])
    if not np.isfinite(high):
        return refused(summary, np.ones(1, dtype=np.bool_), Status.UNBOUNDED)
    return replace(summary, low=np.array([low]), high=np.array([high]))
