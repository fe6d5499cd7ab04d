"""Learning without labels: it climbs, it finds the truth that the pairs were drawn from, and few pairs do not upset
it.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.weigh import simulated

from everybirth.levels import N_LEVELS
from everybirth.tables import Float64Array
from everybirth.weigh import em, model

N_RECORDS = 20_000
COUNTS = (
    16_000,
    1500,
    1000,
    40_000,
)  # pairs of each class, then unrelated ones; the other unrelated pairs are not looked at
ALL_PAIRS = np.array([1.6e8, 0.4e8, 0.0])  # across two lists, within each


def _drawn(t: simulated.Truth, counts: tuple[int, ...], seed: int, missing: float = 0.1) -> em.Evidence:
    """Pairs of all classes, a fifth of them within the first list."""
    rng = np.random.default_rng(seed)
    levels = np.concatenate([simulated.levels(t, kind, count, missing, rng) for kind, count in enumerate(counts)])
    where = (rng.random(len(levels)) < 0.2).astype(np.int8)
    return em.Evidence(levels, simulated.log_u(t, levels), where, ALL_PAIRS, 1.0)


def _start(t: simulated.Truth, with_siblings: bool = True) -> model.Model:
    return model.first_guess(t.design, 2, N_RECORDS, with_siblings)


@pytest.fixture(scope="module")
def learned() -> tuple[simulated.Truth, em.Learned]:
    """A truth, and what was learned from pairs drawn from it."""
    t = simulated.truth(1, agreement=0.88)
    return t, em.learn(t.design, _start(t), _drawn(t, COUNTS, 2, missing=0.05))


def test_the_truth_is_recovered(learned: tuple[simulated.Truth, em.Learned]) -> None:
    """m of each class, within four standard errors and the pull of the first guess."""
    t, found = learned
    used = simulated.used_levels(t)
    start = _start(t)
    for c in range(3):
        n = 0.4 * COUNTS[c]  # fields are missing in some pairs, in context only in others
        error = (
            4 * np.sqrt(t.m[c] * (1 - t.m[c]) / n)
            + t.design.strength[c][:, None] / n * np.abs(start.m[c] - t.m[c])
            + 0.004
        )
        mine = used & t.design.uses[c][:, None]
        assert (np.abs(found.model.m[c] - t.m[c]) < error)[mine].all()


def test_the_shares_of_the_classes_are_recovered(learned: tuple[simulated.Truth, em.Learned]) -> None:
    """Across lists and within the list that holds pairs; where there are no pairs the first guess stands."""
    t, found = learned
    for c in range(3):
        assert found.model.prior[0, c] == pytest.approx(0.8 * COUNTS[c] / ALL_PAIRS[0], rel=0.06 if c == 0 else 0.12)
        assert found.model.prior[1, c] == pytest.approx(0.2 * COUNTS[c] / ALL_PAIRS[1], rel=0.2)
    assert found.model.prior[2] == pytest.approx(_start(t).prior[2])
    assert found.recall == 1.0


@settings(max_examples=12)
@given(st.integers(0, 10**6), st.booleans(), st.sampled_from([0.0, 0.4]), st.sampled_from([1.0, 0.2]))
def test_the_log_posterior_never_falls(seed: int, with_siblings: bool, missing: float, share: float) -> None:
    """Each round is at least as good as the one before, from whatever pairs, few or sampled ones included."""
    t = simulated.truth(seed)
    rng = np.random.default_rng(seed)
    drawn = _drawn(t, tuple(rng.integers(0, 1500, 4).tolist()), seed, missing)
    evidence = em.Evidence(drawn.levels, drawn.log_u, drawn.where, drawn.all_pairs, share)
    history = np.array(em.learn(t.design, _start(t, with_siblings), evidence).log_posterior)
    assert len(history) >= 2
    assert np.diff(history).min() > -1e-9 * np.abs(history).max()
    assert history[-1] > history[0]


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_posteriors_are_those_of_bayes(seed: int) -> None:
    """Pair by pair: share times likelihood over the sum of all classes; their expected levels add up; they never exceed
    one.
    """
    t = simulated.truth(seed)
    rng = np.random.default_rng(seed)
    levels = np.concatenate([simulated.levels(t, kind, 8, 0.2, rng) for kind in range(4)])
    where = rng.integers(0, 2, len(levels)).astype(np.int8)
    prior = np.array([[0.05, 0.02, 0.0], [0.2, 0.1, 0.05]])
    counts, weight = np.zeros_like(t.m), np.empty((len(levels), 3))
    log_u = simulated.log_u(t, levels)
    total = em.expect(levels, log_u, where, np.log(t.m), em._log_odds(prior), t.design.uses, counts, weight)
    wanted, log_ratio = np.zeros((len(levels), 3)), 0.0
    for p, (of_pair, row) in enumerate(zip(levels, prior[where], strict=True)):
        ratio = [
            row[c]
            / (1 - row.sum())
            * np.prod([t.m[c, f, of_pair[f]] / t.u[f, of_pair[f]] for f in np.flatnonzero(uses)])
            for c, uses in enumerate(t.design.uses)
        ]
        wanted[p] = ratio / (1 + np.sum(ratio))
        log_ratio += np.log(1 + np.sum(ratio))
    assert weight == pytest.approx(wanted, abs=1e-9)
    assert (weight.sum(axis=1) <= 1 + 1e-12).all()
    assert total == pytest.approx(log_ratio)
    expected = np.zeros_like(t.m)
    for p, of_pair in enumerate(levels):
        for f, level in enumerate(of_pair):
            expected[:, f, level] += wanted[p] * (level > 0)
    assert counts == pytest.approx(expected, abs=1e-6)


def test_tied_fields_stay_tied(learned: tuple[simulated.Truth, em.Learned]) -> None:
    """What describes the mother or the event has one set of probabilities for one child and for twins; the child's own
    differ.
    """
    t, found = learned
    m = found.model.m
    assert np.array_equal(m[0][t.design.tied], m[1][t.design.tied])
    assert (np.abs(m[0] - m[1])[~t.design.tied].max(axis=1) > 0.1).all()
    mothers = t.design.uses[2] & (np.array(t.design.names) != "birth_date")
    assert np.array_equal(m[0][mothers], m[2][mothers])


def test_a_sample_learns_the_same(learned: tuple[simulated.Truth, em.Learned]) -> None:
    """A quarter of the pairs, said to be a quarter, gives the same probabilities and the same shares of classes."""
    t, found = learned
    whole = _drawn(t, COUNTS, 3, missing=0.05)
    pick = np.random.default_rng(4).random(len(whole.levels)) < 0.25
    part = em.Evidence(whole.levels[pick], whole.log_u[pick], whole.where[pick], whole.all_pairs, 0.25)
    sampled = em.learn(t.design, _start(t), part)
    assert sampled.model.prior[0] == pytest.approx(found.model.prior[0], rel=0.15)
    assert sampled.model.m[0] == pytest.approx(found.model.m[0], abs=0.03)


def test_classes_that_are_not_used_stay_empty() -> None:
    """Lists too short for a second delivery never give a pair to that class."""
    t = simulated.truth(5)
    found = em.learn(t.design, _start(t, with_siblings=False), _drawn(t, (2000, 100, 100, 2000), 5))
    assert (found.model.prior[:, 2] == 0).all()
    assert (found.model.prior[:, :2] > 0).all()


def _is_model(found: em.Learned) -> bool:
    """Whether every probability is one, and each pair has a share left for being unrelated."""
    m, prior = found.model.m, found.model.prior
    return bool(((m > 0) & (m <= 1)).all() and (prior >= 0).all() and (prior.sum(axis=1) < 1).all())


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_records_and_few_pairs(n: int) -> None:
    """With no pair to learn from the first guess stands; with one it hardly moves; nothing is divided by zero."""
    t = simulated.truth(6)
    start = model.first_guess(t.design, 1, n, with_siblings=True)
    n_pairs = n * (n - 1) // 2
    levels = np.ones((n_pairs, len(simulated.FIELDS)), dtype=np.int8)
    evidence = em.Evidence(
        levels,
        simulated.log_u(t, levels),
        np.zeros(n_pairs, np.int8),
        model.pairs_in_all(np.zeros(n, np.int16), 1),
        1.0,
    )
    found = em.learn(t.design, start, evidence)
    assert _is_model(found)
    assert np.isfinite(found.log_posterior).all()
    if n_pairs == 0:
        assert found.model.m == pytest.approx(start.m, abs=1e-4)
        assert found.recall == 1.0


def test_pairs_that_lack_every_field_teach_nothing() -> None:
    """Where all is missing the model stays what it was guessed to be."""
    t = simulated.truth(7)
    levels = np.zeros((50, len(simulated.FIELDS)), dtype=np.int8)
    evidence = em.Evidence(levels, np.zeros((50, 3)), np.zeros(50, np.int8), np.array([1e5, 0.0, 0.0]), 1.0)
    found = em.learn(t.design, _start(t), evidence)
    assert found.model.m == pytest.approx(_start(t).m, abs=1e-4)
    assert _is_model(found)


def test_no_fields() -> None:
    """Lists without a common field leave nothing to learn, and are no error."""
    d = model.design((), ())
    none: Float64Array = np.zeros((0, 3))
    evidence = em.Evidence(np.zeros((0, 0), np.int8), none, np.zeros(0, np.int8), np.array([3.0, 0.0]), 1.0)
    found = em.learn(d, model.first_guess(d, 1, 3, with_siblings=False), evidence)
    assert found.model.m.shape == (3, 0, N_LEVELS)
    assert _is_model(found)
