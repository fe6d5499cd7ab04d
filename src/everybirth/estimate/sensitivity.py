"""How far the total hangs on what cannot be checked: dependence between lists, the method, any one list."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl

from everybirth.estimate import methods as by_name
from everybirth.estimate.cells import MAXIMUM_LISTS, bit, lists_of
from everybirth.estimate.chapman import ODDS_RATIOS, chapman
from everybirth.estimate.gate import overlap_status
from everybirth.estimate.histories import Captures
from everybirth.estimate.nohighest import posterior
from everybirth.estimate.spoken import names_of
from everybirth.estimate.strata import Estimated, collapsed, kinds
from everybirth.estimate.summary import Status, Summary, interval
from everybirth.estimate.table import CAUTIONS
from everybirth.tables import Float64Array, Int64Array

# Only if the plan asks for them: these take seconds a table, or are shown for what they get wrong.
NOT_UNASKED = ("latent-class", "sample-coverage", *CAUTIONS)
N_DRAWS = 1000
HALF = 0.5  # births, so that limits at no birth missed have a logarithm
TO_LIMIT = 1.96  # standard deviations from the middle to a limit of 95%
_SCHEMA = pl.Schema(
    {
        "kind": pl.String,
        "what": pl.String,
        "odds_ratio": pl.Float64,
        "known": pl.Float64,
        "births": pl.Float64,
        "births_low": pl.Float64,
        "births_high": pl.Float64,
        "note": pl.String,
    }
)


@dataclass(frozen=True, slots=True)
class Kind:
    """Births that the same lists can hold, all strata together.

    lists    names of the lists
    counts   (1, 2**k) births by history, the mean over draws of the linkage, rounded
    rows     their strata
    """

    lists: tuple[str, ...]
    counts: Float64Array
    rows: Int64Array


def by_lists(captures: Captures, lists: tuple[str, ...]) -> list[Kind]:
    """The births by which lists can hold them."""
    found = []
    for held, rows in kinds(captures).items():
        names = tuple(names_of(held, lists))
        total = collapsed(captures.counts[:, rows].sum(axis=1).mean(axis=0), held, len(lists))
        found.append(Kind(names, np.rint(total)[None, :], rows))
    return found


def sensitivity(found: Estimated, each: list[Kind], methods: tuple[str, ...] | None, seed: int) -> pl.DataFrame:
    """sensitivity.parquet: what the total would be otherwise.

    kind        "odds-ratio", "method" or "leave-one-out"
    what        the two lists, the method, or the list left out
    odds_ratio  between the two lists, among births on no other list, as a multiple of what the estimate takes it to be:
                1 for two lists, what is seen among births on other lists for more. That multiplies the births missed
                whichever two of three lists or more are named
    known       births on the list left out, of those that three lists or more can hold
    births, births_low, births_high   the total; for "leave-one-out" the births on the list, as the others predict
    """
    usable = [kind for kind in each if 2 <= len(kind.lists) <= MAXIMUM_LISTS and not _refused(found, kind)]
    rows = [*_odds_ratios(found, usable), *_methods(usable, each, methods, seed), *_left_out(usable, seed)]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _refused(found: Estimated, kind: Kind) -> bool:
    """Whether the births missed of a kind are not estimated: then no other method is asked either."""
    return all(found.status[row].startswith("refused") for row in kind.rows.tolist())


_Row = tuple[str, str, float | None, float | None, float | None, float | None, float | None, str]


def _odds_ratios(found: Estimated, each: list[Kind]) -> Iterator[_Row]:
    """The total over odds ratios between the two most doubtful lists of the kind of births with most missed."""
    missed = [float(np.median(found.missed[:, kind.rows].sum(axis=1))) for kind in each]
    if not missed or max(missed) <= 0:
        return
    kind = each[int(np.argmax(missed))]
    pair = " & ".join(kind.lists[k] for k in doubtful(kind.counts))
    rest = found.cycled(found.listed.sum(axis=1)) + found.missed.sum(axis=1)
    own = found.missed[:, kind.rows].sum(axis=1)
    usual = "as assumed" if len(kind.lists) == 2 else "as among births on other lists"
    for ratio in ODDS_RATIOS:
        note = f"births that {', '.join(kind.lists)} can hold; 1 is {usual}"
        yield ("odds-ratio", pair, ratio, None, *_three(rest + (ratio - 1) * own), note)


def doubtful(counts: Float64Array) -> tuple[int, int]:
    """The two lists that depend on each other most, by their log odds ratio among births that another list has.

    counts   (1, 2**k); for two lists, these
    """
    n_lists = lists_of(counts)
    pairs = list(combinations(range(n_lists), 2))
    if len(pairs) == 1:
        return pairs[0]

    def strength(pair: tuple[int, int]) -> float:
        two = bit(pair[0], n_lists) | bit(pair[1], n_lists)
        history = np.arange(2**n_lists)
        cells = collapsed(np.where(history & ~two, counts[0], 0.0), two, n_lists) + 0.5
        return abs(float(np.log(cells[3] * cells[0] / (cells[1] * cells[2]))))

    return max(pairs, key=strength)


def _methods(usable: list[Kind], each: list[Kind], methods: tuple[str, ...] | None, seed: int) -> Iterator[_Row]:
    """The total by each method, without strata but for which lists can hold the births; none by a method that refuses
    births of which there is an estimate.
    """
    if not usable:
        return
    left_aside = [kind for kind in each if kind.lists not in {one.lists for one in usable}]
    alone = sum(float(kind.counts.sum()) for kind in left_aside)
    largest = max(usable, key=lambda kind: len(kind.lists))
    for name in methods or tuple(name for name in by_name.usual(len(largest.lists)) if name not in NOT_UNASKED):
        total = np.zeros(N_DRAWS)
        note = "".join(_not_counted(kind) for kind in left_aside[:1])
        for place, kind in enumerate(usable):
            n_lists = len(kind.lists)
            suits = name in by_name.METHODS and _suits(name, n_lists)
            used = name if suits else by_name.headline(n_lists)
            summary = _run(used, kind.counts, seed + place)
            if summary is None:
                break
            total += _spread(summary, float(kind.counts.sum()), seed + place)
            if used != name:
                note = f"{used} for births that {', '.join(kind.lists)} can hold"
        else:
            yield ("method", name, None, None, *_three(total + alone), note)


def _not_counted(kind: Kind) -> str:
    return f"refused for births that {', '.join(kind.lists)} can hold: only listed ones are counted"


def _suits(name: str, n_lists: int) -> bool:
    return name in by_name.usual(n_lists)


def _run(name: str, counts: Float64Array, seed: int) -> Summary | None:
    """One method on one table, or None where it refuses."""
    if overlap_status(counts)[0] != Status.OK:
        return None
    summary = by_name.run((name,), counts, seed)[name]
    return summary if summary.status[0] == Status.OK else None


def _spread(summary: Summary, listed: float, seed: int) -> Float64Array:
    """(N_DRAWS,) births with the summary's median and limits: its own draws, else log-normal missed births."""
    rng = np.random.default_rng(seed)
    if summary.draws is not None:
        own: Float64Array = rng.choice(summary.draws[0], N_DRAWS)
        return own
    low, middle, high = (
        np.log(max(float(each[0]) - listed, 0.0) + HALF) for each in (summary.low, summary.births, summary.high)
    )
    normal = rng.standard_normal(N_DRAWS)
    deviation = np.where(normal > 0, high - middle, middle - low) / TO_LIMIT
    drawn: Float64Array = listed + np.maximum(np.exp(middle + deviation * normal) - HALF, 0.0)
    return drawn


def _left_out(each: list[Kind], seed: int) -> Iterator[_Row]:
    """Each list's size as the other lists predict it from how they overlap within it."""
    for name in dict.fromkeys(name for kind in each for name in kind.lists):
        known, predicted, note = 0.0, np.zeros(N_DRAWS), ""
        for place, kind in enumerate(each):
            if name not in kind.lists or len(kind.lists) < 3:
                continue
            own = within(kind.counts, kind.lists.index(name))
            summary = _predict(own, seed + place)
            if summary.status[0] != Status.OK:
                note = "part of it left aside: the others overlap too little there"
                continue
            known += float(own.sum())
            own_draws = np.zeros(0) if summary.draws is None else summary.draws[0]
            predicted += own_draws
        if known:
            yield ("leave-one-out", name, None, known, *_three(predicted), note)


def within(counts: Float64Array, own: int) -> Float64Array:
    """Births on one list, by their history on the others: (1, 2**(k - 1)); cell 0 holds those on no other list."""
    n_lists = lists_of(counts)
    held = np.where(np.arange(2**n_lists) & bit(own, n_lists), counts[0], 0.0)
    return collapsed(held, (2**n_lists - 1) & ~bit(own, n_lists), n_lists)[None, :]


def _predict(own: Float64Array, seed: int) -> Summary:
    """The size of a list from the births on it that the others share; what stands in cell 0 is not looked at."""
    shared = own.copy()
    shared[:, 0] = 0.0
    if lists_of(own) == 2:
        return chapman(shared, n_draws=N_DRAWS, seed=seed)
    return posterior(shared, N_DRAWS, seed)


def _three(draws: Float64Array) -> tuple[float, float, float]:
    middle, low, high = (float(each[0]) for each in interval(draws[None, :]))
    return middle, low, high
