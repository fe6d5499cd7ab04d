"""Blocking hides pairs by what they disagree on; the correction sees through it."""

from functools import partial

import numpy as np
import pytest
from tests.weigh import simulated

from everybirth.block import keys
from everybirth.levels import N_LEVELS
from everybirth.tables import BoolArray, Float64Array, Int8Array
from everybirth.weigh import em, model, truncation

RULES: tuple[keys.Rule, ...] = (
    ("date", "given"),
    ("date", "mother_given"),
    ("mother_date", "given"),
    ("month", "given", "mother_given"),
)
USED = ("date", "month", "given", "mother_given", "mother_date")
ALL_PAIRS = np.array([2e8, 0.0])


def _tables() -> dict[str, Float64Array]:
    """Part -> (n_levels,) P(part equal | level); names in context are not used here."""
    tables = {name: np.array([keys.PARTS[name].equal.get(level, 0.0) for level in range(N_LEVELS)]) for name in USED}
    for name in ("given", "mother_given"):
        tables[name][7:] = 0.0
    return tables


def _equal(t: simulated.Truth, levels: Int8Array, rng: np.random.Generator) -> dict[str, BoolArray]:
    """Whether each part is equal in each pair: by its field's level, and by luck where that leaves it open."""
    equal = {}
    for name, table in _tables().items():
        of = levels[:, t.design.names.index(keys.PARTS[name].field)]
        equal[name] = rng.random(len(levels)) < table[of]
    return equal


def _together(equal: dict[str, BoolArray]) -> BoolArray:
    found: BoolArray = np.any([np.all([equal[part] for part in rule], axis=0) for rule in RULES], axis=0)
    return found


def _missed(t: simulated.Truth, levels: Int8Array) -> em.Missed:
    field = {name: t.design.names.index(keys.PARTS[name].field) for name in USED}
    present: BoolArray = np.stack([levels[:, f] > 0 for f in field.values()], axis=1)
    return truncation.missed_by(t.design.comparisons, field, _tables(), present, partial(keys.recall, RULES))


@pytest.fixture(scope="module")
def blocked() -> tuple[simulated.Truth, em.Evidence, float]:
    """The pairs that the rules bring together, and the share of pairs of one birth among which they found them."""
    t = simulated.truth(8, agreement=0.72)
    rng = np.random.default_rng(9)
    same, other = (simulated.levels(t, kind, n, 0.04, rng) for kind, n in ((0, 25_000), (3, 400_000)))
    levels = np.concatenate([same, other])
    seen = _together(_equal(t, levels, rng))
    share = float(seen[: len(same)].mean())
    return (
        t,
        em.Evidence(levels[seen], simulated.log_u(t, levels[seen]), np.zeros(seen.sum(), np.int8), ALL_PAIRS, 1.0),
        share,
    )


def test_what_blocking_hides_is_learned(blocked: tuple[simulated.Truth, em.Evidence, float]) -> None:
    """m of the fields in the keys, the recall and the share of pairs of one birth come out right; without the
    correction none does.
    """
    t, evidence, share = blocked
    start = model.first_guess(t.design, 1, 20_000, with_siblings=False)
    right = em.learn(t.design, start, evidence, _missed(t, evidence.levels))
    naive = em.learn(t.design, start, evidence)
    assert 0.7 < share < 0.93
    assert right.recall == pytest.approx(share, abs=0.015)
    assert naive.recall == 1.0
    assert right.model.prior[0, 0] == pytest.approx(25_000 / ALL_PAIRS[0], rel=0.04)
    assert naive.model.prior[0, 0] < 0.95 * 25_000 / ALL_PAIRS[0]
    for name in ("birth_date", "child_given_name", "mother_given_name", "mother_birth_date"):
        f = t.design.names.index(name)
        assert right.model.m[0, f, 1:7] == pytest.approx(t.m[0, f, 1:7], abs=0.02)
    for name in ("birth_date", "child_given_name"):
        f = t.design.names.index(name)
        assert naive.model.m[0, f, 1] > t.m[0, f, 1] + 0.04


def test_the_log_posterior_never_falls(blocked: tuple[simulated.Truth, em.Evidence, float]) -> None:
    """Each round is at least as good as the one before, by the likelihood that knows of hidden pairs."""
    t, evidence, _ = blocked
    start = model.first_guess(t.design, 1, 20_000, with_siblings=False)
    history = np.array(em.learn(t.design, start, evidence, _missed(t, evidence.levels)).log_posterior)
    assert len(history) > 5
    assert np.diff(history).min() > -1e-7 * np.abs(history).max()


def test_masks_are_the_combinations_of_parts_that_pairs_have() -> None:
    """A few parts are told apart exactly."""
    present = np.array([[1, 0, 1], [1, 1, 1], [1, 0, 1], [1, 0, 0]], dtype=bool)
    has, mask_of = truncation.masks(present)
    assert len(has) == 3
    assert np.array_equal(has[mask_of], present)


def test_many_parts_with_many_gaps_have_few_masks() -> None:
    """Of 14 parts, each missing in three pairs of ten, six tell masks apart; of the others a mask has the average. The
    recall of all pairs is that of looking at each pair's own parts.
    """
    names = list(keys.PARTS)
    rng = np.random.default_rng(15)
    present = rng.random((4000, len(names))) < 0.7
    has, mask_of = truncation.masks(present)
    assert len(has) == 64
    assert np.isin(has[:, :6], [0.0, 1.0]).all()
    np.testing.assert_allclose(has[mask_of].mean(axis=0), present.mean(axis=0))
    rules = tuple(rule for family in (*keys.REQUIRED, keys.OPTIONAL) for rule in family)[:20]
    coarse, _ = keys.recall(rules, {name: has[:, k] * 0.5 for k, name in enumerate(names)})
    some = present[:500]
    exact, _ = keys.recall(rules, {name: some[:, k] * 0.5 for k, name in enumerate(names)})
    assert 0.3 < exact.mean() < 0.9
    assert coarse[mask_of].mean() == pytest.approx(exact.mean(), abs=0.02)


def test_fields_that_blocking_ignores_need_no_correction(blocked: tuple[simulated.Truth, em.Evidence, float]) -> None:
    """Hidden pairs look like seen ones in every field that no key is made of."""
    t, evidence, _ = blocked
    counts, _ = _missed(t, evidence.levels)(t.m[0], np.ones(len(evidence.levels)))
    blind = [f for f, name in enumerate(t.design.names) if name not in {keys.PARTS[part].field for part in USED}]
    assert not counts[blind].any()


def test_hidden_pairs_are_those_that_the_rules_miss() -> None:
    """The expected levels of hidden pairs are those of simulated pairs that no rule brought together."""
    t = simulated.truth(10, agreement=0.7)
    rng = np.random.default_rng(11)
    levels = simulated.levels(t, 0, 200_000, 0.0, rng)
    seen = _together(_equal(t, levels, rng))
    counts, recall = _missed(t, levels[seen])(t.m[0], np.ones(int(seen.sum())))
    hidden = levels[~seen]
    assert recall == pytest.approx(seen.mean(), abs=0.004)
    for name in ("birth_date", "child_given_name", "mother_given_name", "mother_birth_date"):
        f = t.design.names.index(name)
        wanted = np.bincount(hidden[:, f], minlength=N_LEVELS) / len(hidden)
        assert counts[f].sum() == pytest.approx(len(hidden), rel=0.03)
        assert counts[f] / len(hidden) == pytest.approx(wanted, abs=0.015)


def test_pairs_that_lack_a_part_rest_on_the_other_rules() -> None:
    """Where both records lack what most rules ask for, fewer of their pairs are found, and those found stand for
    more.
    """
    t = simulated.truth(12, agreement=0.7)
    rng = np.random.default_rng(13)
    levels = simulated.levels(t, 0, 100_000, 0.0, rng)
    levels[:50_000, t.design.names.index("birth_date")] = 0
    seen = _together(_equal(t, levels, rng))
    _, recall = _missed(t, levels[seen])(t.m[0], np.ones(int(seen.sum())))
    assert seen[:50_000].mean() < seen[50_000:].mean() - 0.2
    assert recall == pytest.approx(seen.mean(), abs=0.01)


@pytest.mark.parametrize("n", [0, 1])
def test_no_pairs_and_pairs_without_parts(n: int) -> None:
    """Nothing seen, or one pair that lacks all parts: nothing is divided by zero."""
    t = simulated.truth(14)
    levels = np.zeros((n, len(simulated.FIELDS)), dtype=np.int8)
    counts, recall = _missed(t, levels)(t.m[0], np.zeros(n))
    assert np.isfinite(counts).all()
    assert recall == 1.0
