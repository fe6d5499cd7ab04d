import numpy as np
from tests.resolve.worlds import ambiguous, pairs_of, resolve

from everybirth.resolve import Options

DRAWS = 4000


def test_draws_are_as_frequent_as_the_posterior_says() -> None:
    """In 4,000 draws each pair is together as often as its probability, within five standard errors."""
    rng = np.random.default_rng(2)
    evidence = {(0, 1): (9.0, 5.0)} | ambiguous(rng, range(2, 5)) | ambiguous(rng, range(5, 11))
    pairs = pairs_of(evidence)
    found = resolve(pairs, rng.integers(0, 3, 11), options=Options(draws=DRAWS))
    labels = np.array([found.draws.labels_of(k) for k in range(DRAWS)])
    together = (labels[:, pairs.left] == labels[:, pairs.right]).mean(axis=0)
    p = found.pair_probability
    assert p.min() < 0.4
    assert p.max() > 0.6
    assert (np.abs(together - p) < 5 * np.sqrt(p * (1 - p) / DRAWS) + 1e-6).all()


def test_draws_of_different_components_and_successive_draws_are_independent() -> None:
    """Two components with the same evidence do not move together, nor does one with its own past."""
    found = resolve(pairs_of({(0, 1): (8.5, 0.0), (2, 3): (8.5, 0.0)}), [0, 1, 0, 1], options=Options(draws=DRAWS))
    labels = np.array([found.draws.labels_of(k) for k in range(DRAWS)])
    one, other = labels[:, 0] == labels[:, 1], labels[:, 2] == labels[:, 3]
    assert 0.2 < one.mean() < 0.8
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.08
    assert abs(np.corrcoef(one[1:], one[:-1])[0, 1]) < 0.08


def test_a_sampled_component_is_drawn_from_its_chain() -> None:
    """Draws of a component too large to enumerate follow its pair probabilities too."""
    evidence = ambiguous(np.random.default_rng(7), range(14))
    pairs = pairs_of(evidence)
    found = resolve(pairs, np.arange(14) % 3, options=Options(draws=DRAWS))
    assert found.n_sampled == 1
    labels = np.array([found.draws.labels_of(k) for k in range(DRAWS)])
    together = (labels[:, pairs.left] == labels[:, pairs.right]).mean(axis=0)
    np.testing.assert_allclose(together, found.pair_probability, atol=0.04)


def test_only_what_deviates_is_stored() -> None:
    """A certain component takes no room, however many draws there are; each draw starts from the best partition."""
    found = resolve(pairs_of({(0, 1): (40.0, 0.0), (2, 3): (8.5, 0.0)}), [0, 1, 0, 1], options=Options(draws=200))
    assert found.draws.records.tolist() == [2, 3]
    assert 0 < len(found.draws.members) < 200
    assert all(found.draws.labels_of(k)[:2].tolist() == [0, 0] for k in range(200))


def test_the_table_of_deviations_grows_as_needed() -> None:
    """Some thousand ambiguous components are all drawn, more than the table has room for at first."""
    n = 6000
    evidence = {(k, k + 1): (8.5, 0.0) for k in range(0, n, 2)}
    pairs = pairs_of(evidence)
    found = resolve(pairs, np.arange(n) % 2, options=Options(draws=30))
    together = np.mean([(lab := found.draws.labels_of(k))[pairs.left] == lab[pairs.right] for k in range(30)])
    assert len(found.draws.members) > 20_000
    assert abs(together - found.pair_probability.mean()) < 0.01
