"""Learning the model from unlabelled pairs by expectation and maximisation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from everybirth.compiled import kernel
from everybirth.tables import Float64Array, Int8Array
from everybirth.weigh.model import SAME_BIRTH, SAME_MOTHER, Design, Model, normalise

_MAX_ROUNDS = 60
_TOLERANCE = 1e-4  # largest change of a probability at which learning ends


@dataclass(frozen=True, slots=True)
class Evidence:
    """Sampled pairs to learn from.

    levels   (n_pairs, n_fields)
    log_u    (n_pairs, 3) log P(levels | unrelated) over the fields that each class uses
    where    (n_pairs,) row of Model.prior
    all_pairs  (1 + n_lists,) pairs of records that there are
    share    share of blocks that were sampled
    """

    levels: Int8Array
    log_u: Float64Array
    where: Int8Array
    all_pairs: Float64Array
    share: float


@dataclass(frozen=True, slots=True)
class Learned:
    """The fitted model and how learning went.

    log_posterior   of each round: log likelihood of the pairs plus the log prior of the first guesses
    recall          estimated P(brought together by blocking | same birth)
    """

    model: Model
    log_posterior: tuple[float, ...]
    recall: float


# Expected counts of levels among pairs of the same birth that blocking lets slip, from the model's m of that class and
# the expected weight of each pair seen: returns counts (n_fields, n_levels) and the recall.
Missed = Callable[[Float64Array, Float64Array], tuple[Float64Array, float]]


def learn(d: Design, start: Model, evidence: Evidence, missed: Missed | None = None) -> Learned:
    """Fit the model to unlabelled pairs.

    u is fixed; m and the share of each class are learned. Blocking shows only pairs whose levels let them through; the
    likelihood is truncated to those by adding, in each round, the expected pairs that it hides (Dempster, Laird & Rubin
    1977, section 4.2).
    Source: Fellegi & Sunter 1969 with more than two classes; Winkler 1988 for the fitting.
    """
    model, history, found = start, [], 1.0
    for _ in range(_MAX_ROUNDS):
        log_m, log_prior = np.log(model.m), _log_odds(model.prior)
        weight = np.empty((len(evidence.levels), 3))
        counts = np.zeros_like(model.m)
        likelihood = expect(evidence.levels, evidence.log_u, evidence.where, log_m, log_prior, d.uses, counts, weight)
        if missed is not None and len(weight):
            hidden, found = missed(model.m[SAME_BIRTH], weight[:, SAME_BIRTH])
            counts[SAME_BIRTH] += hidden
        history.append(likelihood + _log_rest(model, evidence, found) + _log_guess(model, start, d, evidence.share))
        updated = Model(normalise(counts, d, start), _priors(weight, evidence, start, found))
        change = max(
            np.abs(updated.m - model.m).max(initial=0.0), np.abs(np.log(_ratio(updated.prior, model.prior))).max() / 10
        )
        model = updated
        if change < _TOLERANCE:
            break
    return Learned(model, tuple(history), found)


def _ratio(new: Float64Array, old: Float64Array) -> Float64Array:
    ratio: Float64Array = np.where(old > 0, new, 1.0) / np.where(old > 0, old, 1.0)
    return ratio


def _log_odds(prior: Float64Array) -> Float64Array:
    """Log odds of each class against unrelated, -inf for classes that are not used."""
    with np.errstate(divide="ignore"):
        odds: Float64Array = np.log(prior) - np.log1p(-prior.sum(axis=1, keepdims=True))
    return odds


def _log_rest(model: Model, evidence: Evidence, found: float) -> float:
    """Log likelihood that every pair carries before its levels are seen: of being unrelated, or of one birth and
    hidden by blocking.

    found   P(brought together by blocking | same birth)
    """
    seen = model.prior.sum(axis=1) - (1.0 - found) * model.prior[:, SAME_BIRTH]
    return float(np.sum(evidence.share * evidence.all_pairs * np.log1p(-seen)))


def _log_guess(model: Model, start: Model, d: Design, share: float) -> float:
    """Log density of the first guesses as pseudo-pairs (up to a constant); tied classes carry one guess between
    them.
    """
    total = 0.0
    for f in range(len(d.names)):
        guess = start.m[:, f, 1:]
        for c in range(3):
            tied = (c == 1 and d.tied[f]) or (c == SAME_MOTHER and d.names[f] != "birth_date")
            if d.uses[c, f] and not tied:
                total += float(d.strength[c, f] * np.sum(guess[c] * np.log(model.m[c, f, 1:])))
    used = start.prior > 0
    log_prior = np.log(np.where(used, model.prior, 1.0))
    log_rest = np.log1p(-model.prior) / np.where(used, start.prior, np.inf)
    # these pseudo-pairs are of all pairs, as there are before sampling
    return total + share * float(np.sum(log_prior + log_rest))


def _priors(weight: Float64Array, evidence: Evidence, start: Model, found: float) -> Float64Array:
    """Share of each class among all pairs of each kind, with the first guess as one pseudo-pair of each."""
    prior = np.zeros_like(start.prior)
    for c in range(3):
        count = np.bincount(evidence.where, weights=weight[:, c], minlength=len(prior)) / evidence.share
        if c == SAME_BIRTH:
            count = count / max(found, 0.05)
        prior[:, c] = (count + 1.0) / (evidence.all_pairs + 1.0 / np.maximum(start.prior[:, c], 1e-300))
    prior[start.prior == 0] = 0.0
    return np.minimum(prior, 0.3)


@kernel
def expect(  # noqa: PLR0913, PLR0917
    levels: Any, log_u: Any, where: Any, log_m: Any, log_prior: Any, uses: Any, counts: Any, weight: Any
) -> Any:
    """Posterior of each class for each pair, and the expected counts of levels.

    counts   (3, n_fields, n_levels) added to
    weight   (n_pairs, 3) filled with P(class | levels)
    Returns  sum over pairs of log(P(levels) / P(levels, unrelated))
    """
    n_pairs, n_fields = levels.shape
    n_classes = log_m.shape[0]
    total = 0.0
    a = np.empty(n_classes)
    for p in range(n_pairs):
        top = 0.0
        for c in range(n_classes):
            a[c] = log_prior[where[p], c]
            if a[c] == -np.inf:
                continue
            a[c] -= log_u[p, c]
            for f in range(n_fields):
                if uses[c, f]:
                    a[c] += log_m[c, f, levels[p, f]]
            top = max(top, a[c])
        denominator = np.exp(-top)
        for c in range(n_classes):
            denominator += np.exp(a[c] - top)
        total += top + np.log(denominator)
        for c in range(n_classes):
            r = np.exp(a[c] - top) / denominator
            weight[p, c] = r
            if r < 1e-9:
                continue
            for f in range(n_fields):
                if levels[p, f] > 0:
                    counts[c, f, levels[p, f]] += r
    return total
