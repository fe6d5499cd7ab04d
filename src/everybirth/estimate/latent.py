"""Births missed, if births fall into unknown classes within which the lists are independent (Manrique-Vallier 2016)."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numba import njit

from everybirth.estimate.cells import lists_of, membership
from everybirth.estimate.gate import overlap_status
from everybirth.estimate.summary import LEVEL, Status, Summary, bounded, interval, named, quantile_spread
from everybirth.tables import BoolArray, Float64Array

METHOD = "latent-class"
ASSUMPTION = "if, within unknown classes of births, the lists are independent, and no class escapes all of them"
LARGEST_RATIO = 20.0  # births missed per birth listed beyond which nothing is drawn
RHAT_LIMIT = 1.1  # above, the chains disagree so much that the figure depends on where they started
LONGER = 4  # times as long are chains run that disagree, before they are given up
SMALLEST = 1e-300


@dataclass(frozen=True, slots=True)
class Options:
    """How the posterior is sampled: a table takes about 8 microseconds for each step of each chain.

    classes      most classes there can be
    shape, rate  of the Gamma prior of the concentration: small values, few classes
    n_kept       draws kept of each chain, each `thin` steps after the one before
    """

    classes: int = 10
    shape: float = 0.25
    rate: float = 0.25
    chains: int = 8
    burn: int = 5_000
    n_kept: int = 500
    thin: int = 20


@dataclass(frozen=True, slots=True)
class Chains:
    """What the sampler saw of one table.

    missed   (chains, n_kept) births missed
    rhat     potential scale reduction of the logarithm of births, halves of chains apart; near 1 if chains agree
    """

    missed: Float64Array
    rhat: float


class _Setting(NamedTuple):
    """What the kernel needs of the options."""

    burn: int
    n_kept: int
    thin: int
    shape: float
    rate: float


def sample(counts: Float64Array, options: Options = Options(), seed: int = 0) -> Chains:
    """Draw from the posterior by Gibbs sampling.

    counts   (2**L,) checked counts of one table
    Source   Manrique-Vallier 2016, section 3
    """
    n_lists = lists_of(counts)
    setting = _Setting(options.burn, options.n_kept, options.thin, options.shape, options.rate)
    kept = np.empty((options.chains, options.n_kept))
    for chain, own in enumerate(np.random.SeedSequence(seed).spawn(options.chains)):
        rng = np.random.default_rng(own)
        # Nearly all births begin in one class: sweeps open a needed class sooner than they give up a needless one.
        share = np.full(options.classes, 0.001)
        share[0] = 1 - share[1:].sum()
        on = rng.random((options.classes, n_lists))
        kept[chain] = _run_chain(counts, membership(n_lists), np.log(share), on, setting, rng)
    return Chains(kept, split_rhat(np.log(kept + counts.sum())))


@njit(cache=True, nogil=True)
def _run_chain(
    counts: Float64Array,
    member: BoolArray,
    log_share: Float64Array,
    on: Float64Array,
    setting: _Setting,
    rng: np.random.Generator,
) -> Float64Array:
    """One chain: births missed, classes of all births, lists' probabilities, classes' shares, concentration, in turn.

    counts     (2**L,)
    member     (2**L, L) which lists a history is on
    log_share  (classes,) log probability of each class; overwritten
    on         (classes, L) probability that a birth of the class is on the list; overwritten
    Returns    (n_kept,) births missed
    """
    classes = len(log_share)
    kept = np.empty(setting.n_kept)
    joint = np.empty((len(counts), classes))
    listed = counts.sum()
    births = counts.copy()
    alpha = 1.0
    for sweep in range(setting.burn + setting.n_kept * setting.thin):
        _fill_joint(joint, member, log_share, on)
        # Under the prior 1 / births, the births missed are negative binomial: a Poisson number with a Gamma mean.
        escape = min(joint[0].sum(), 1 - 1e-9)
        births[0] = min(rng.poisson(rng.standard_gamma(listed) * escape / (1 - escape)), LARGEST_RATIO * listed)
        in_class, on_list = _place(births, joint, member, rng)
        after = births.sum()
        rest = 0.0
        for k in range(classes):
            for j in range(member.shape[1]):
                drawn = rng.beta(1 + on_list[k, j], 1 + in_class[k] - on_list[k, j])
                on[k, j] = min(max(drawn, 1e-15), 1 - 1e-15)
            after -= in_class[k]
            log_share[k] = rest
            if k < classes - 1:
                stick = rng.beta(1 + in_class[k], alpha + after)
                log_share[k] += np.log(max(stick, SMALLEST))
                rest += np.log(max(1 - stick, SMALLEST))
        alpha = max(rng.standard_gamma(setting.shape + classes - 1) / (setting.rate - rest), SMALLEST)
        done = sweep - setting.burn + 1
        if done > 0 and done % setting.thin == 0:
            kept[done // setting.thin - 1] = births[0]
    return kept


@njit(cache=True, nogil=True)
def _fill_joint(joint: Float64Array, member: BoolArray, log_share: Float64Array, on: Float64Array) -> None:
    """Probability of a birth's history and class together, into (2**L, classes)."""
    for k in range(len(log_share)):
        share = np.exp(log_share[k])
        for h in range(len(member)):
            value = share
            for j in range(member.shape[1]):
                value *= on[k, j] if member[h, j] else 1 - on[k, j]
            joint[h, k] = value


@njit(cache=True, nogil=True)
def _place(
    births: Float64Array, joint: Float64Array, member: BoolArray, rng: np.random.Generator
) -> tuple[Float64Array, Float64Array]:
    """Put the births of each history into classes, by binomials one class after the other.

    births   (2**L,) with the missed ones
    Returns  (classes,) births in each class, (classes, L) those of them on each list
    """
    classes = joint.shape[1]
    in_class, on_list = np.zeros(classes), np.zeros((classes, member.shape[1]))
    for h in range(len(births)):
        left, chance = births[h], joint[h].sum()
        for k in range(classes):
            if left <= 0:
                break
            number = left
            if k < classes - 1 and joint[h, k] < chance:
                number = float(rng.binomial(int(left), joint[h, k] / chance))
            chance -= joint[h, k]
            left -= number
            in_class[k] += number
            for j in range(member.shape[1]):
                if member[h, j]:
                    on_list[k, j] += number
    return in_class, on_list


def split_rhat(draws: Float64Array) -> float:
    """Potential scale reduction over the halves of chains.

    draws    (chains, n_draws)
    Source   Gelman et al. 2013, section 11.4
    """
    half = draws.shape[1] // 2
    parts = np.vstack([draws[:, :half], draws[:, half : 2 * half]])
    within = parts.var(axis=1, ddof=1).mean()
    between = parts.mean(axis=1).var(ddof=1)
    if within == 0:
        return 1.0 if between == 0 else float("inf")
    return float(np.sqrt((half - 1) / half + between / within))


def latent_class(counts: Float64Array, options: Options = Options(), level: float = LEVEL, seed: int = 0) -> Summary:
    """Posterior median and limits of births, table by table, and the R-hat of each.

    counts   (n_tables, 2**L) checked counts; about a second per table, five where the chains are slow to agree
    Returns  a summary with chains x n_kept draws, refused where the chains disagree even when run for longer
    """
    status = overlap_status(counts)
    births = np.full((len(counts), options.chains * options.n_kept), np.nan)
    rhat = np.full(len(counts), np.nan)
    for row in np.flatnonzero(status == Status.OK):
        chains = _settled(counts[row], options, seed)
        rhat[row] = chains.rhat
        if chains.rhat > RHAT_LIMIT:
            status[row] = Status.NOT_CONVERGED
        else:
            births[row] = counts[row].sum() + chains.missed.ravel()
    (centre, low, high), spread = interval(births, level), quantile_spread(births)
    names = named(f"up to {options.classes} classes", len(counts))
    found = Summary(METHOD, ASSUMPTION, names, centre, spread, low, high, status, draws=births, rhat=rhat)
    return bounded(found, counts.sum(axis=1))


def _settled(counts: Float64Array, options: Options, seed: int) -> Chains:
    """Chains of one table that agree, or the longer ones that do not either."""
    chains = sample(counts, options, seed)
    if chains.rhat <= RHAT_LIMIT:
        return chains
    return sample(counts, replace(options, burn=LONGER * options.burn, thin=LONGER * options.thin), seed)
