import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.resolve import naive
from tests.resolve.worlds import components, keys_of, pairs_of, prior_of, random_fields, resolve, run_like, serial

from everybirth.errors import DataError
from everybirth.resolve import Options, Partition, Prior, partition
from everybirth.resolve.components import LARGE, LARGEST_PIECE

NO_ONE = np.zeros(0, np.int8)


def births_of(found: Partition) -> set[frozenset[int]]:
    """The births as sets of records."""
    return {frozenset(np.flatnonzero(found.birth == birth).tolist()) for birth in range(found.n_births)}


@settings(max_examples=150, deadline=None)
@given(components(), st.none() | st.integers(0, 1000))
def test_the_posterior_is_that_of_scoring_every_state_by_the_formula(world: Any, fields: Any) -> None:
    """Pair, birth and record probabilities and the best partition agree with brute force over two-level partitions."""
    evidence, lists, prior = world
    pairs = pairs_of(evidence) if fields is None else random_fields(pairs_of(evidence), fields)
    whole = Options(draws=0, floor=-100.0)
    found = resolve(pairs, lists, prior, whole)
    truth = naive.births_posterior(range(len(lists)), pairs, lists, prior)
    for k, pair in enumerate(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)):
        assert found.pair_probability[k] == pytest.approx(truth.same(*pair), abs=1e-4)
    births = births_of(found)
    agreement = sum(2 * truth.same(i, j) - 1 for birth in births for i, j in combinations(sorted(birth), 2))
    best = sum(2 * truth.same(i, j) - 1 for birth in truth.best() for i, j in combinations(sorted(birth), 2))
    assert agreement == pytest.approx(best, abs=1e-3)
    for birth in births:
        first = min(birth)
        assert found.birth_probability[found.birth[first]] == pytest.approx(truth.exactly(birth), abs=1e-4)
        for record in birth:
            others = [truth.same(record, other) for other in birth if other != record]
            expected = np.mean(others) if others else truth.exactly(birth)
            assert found.record_probability[record] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_component_without_any_prior_difference_weighs_all_states_alike(n: Any) -> None:
    """Where every log odds is zero, all two-level partitions weigh alike, but for the rarity of triplets and more."""
    evidence = dict.fromkeys(combinations(range(n), 2), (8.0, 10.0))
    found = resolve(pairs_of(evidence), list(range(n)), prior_of(n_lists=n))
    states, together = 0.0, 0.0
    for births in naive.partitions_of(list(range(n))):
        rarity = [sum(naive.surplus(d, prior_of()) for d in of_all) for of_all in naive.partitions_of(births)]
        ways = float(np.exp(rarity).sum())
        states += ways
        together += ways * any({0, 1} <= set(birth) for birth in births)
    assert found.pair_probability[0] == pytest.approx(together / states, abs=1e-6)


def test_births_are_numbered_by_their_smallest_record() -> None:
    """Record 0 is of birth 0, and each later birth starts at a later record."""
    found = resolve(pairs_of({(0, 3): (20.0, 5.0), (1, 4): (20.0, 5.0)}), [0, 0, 0, 1, 1])
    assert found.birth.tolist() == [0, 1, 2, 0, 1]
    assert found.n_births == 3


def twins(confusion: float) -> dict[tuple[int, int], tuple[float, float]]:
    """Two children of one mother on three lists: records 0, 1 on list 0, 2, 3 on list 1, 4, 5 on list 2."""
    evidence = {}
    for one, other in combinations(range(6), 2):
        same_child = one % 2 == other % 2
        evidence[one, other] = (24.0, 15.0) if same_child else (confusion, 22.0)
    return evidence


def test_twins_are_matched_one_to_one() -> None:
    """Records of twins resemble each other enough to be linked, were it not for the records of their own."""
    found = resolve(pairs_of(twins(14.0)), [0, 0, 1, 1, 2, 2])
    assert births_of(found) == {frozenset({0, 2, 4}), frozenset({1, 3, 5})}
    assert found.birth_probability.min() > 0.95


def twin_records(n_mothers: int) -> tuple[list[list[int]], list[int], list[int], list[int]]:
    """Twins of each mother on three lists: fields, list, mother, true birth of each record."""
    rows, lists, mothers, births = [], [], [], []
    for mother in range(n_mothers):
        for name in range(3):
            for child in range(2):
                rows.append([mother, mother, 2 * mother + child, child + 1])
                lists.append(name)
                mothers.append(mother)
                births.append(2 * mother + child)
    return rows, lists, mothers, births


def test_twins_in_three_lists_are_matched_one_to_one() -> None:
    """Two hundred deliveries of twins, dates, names and orders wrong in one of 25: none are joined, few torn apart."""
    rng = np.random.default_rng(8)
    rows, lists, mothers, births = twin_records(200)
    fields = np.array(rows)
    for f in (1, 2, 3):
        wrong = rng.random(len(fields)) < 0.04
        fields[wrong, f] = 10_000 + np.flatnonzero(wrong)
    prior = Prior(-9.0, np.full(3, -4.0), -11.0, np.full(len(rows), 2, np.int8))
    found = resolve(run_like(fields, mothers, 0.3), lists, prior)
    assert len(set(zip(births, found.birth.tolist(), strict=True))) == found.n_births
    assert 400 <= found.n_births <= 410


def test_an_unnamed_twin_is_resolved_by_exclusion() -> None:
    """A list names one twin only: its other record can only be the other child, since a list seldom repeats a birth."""
    rows, lists, mothers, _ = twin_records(1)
    fields = np.array(rows)
    fields[5, 2:] = -1  # the second twin on the third list: neither name nor order
    prior = Prior(-9.0, np.full(3, -4.0), -11.0, np.full(6, 2, np.int8))
    found = resolve(run_like(fields, mothers), lists, prior)
    assert births_of(found) == {frozenset({0, 2, 4}), frozenset({1, 3, 5})}
    assert found.birth_probability.min() > 0.9
    alone = [0, 1, 2, 3, 5]
    without = resolve(run_like(fields[alone], [0] * 5), [lists[k] for k in alone], replace(prior, plurality=NO_ONE))
    assert without.birth_probability.max() < 0.7


def test_records_that_state_twins_are_not_taken_for_triplets() -> None:
    """Of a mother three names are known; where the records state twins, one of the names is rather an error."""
    fields = np.array([[0, 0, 1, -1], [0, 0, 2, -1], [0, 0, 1, -1], [0, 0, 3, -1]])
    prior = Prior(-9.0, np.full(2, -4.0), -11.0)
    pairs = run_like(fields, [0] * 4)
    silent, stated = (
        resolve(pairs, [0, 0, 1, 1], replace(prior, plurality=np.full(4, k, np.int8))).pair_probability[4]
        for k in (0, 2)
    )
    assert (pairs.left[4], pairs.right[4]) == (1, 3)
    assert stated > silent + 0.2


def test_a_list_that_repeats_births_joins_what_a_careful_list_keeps_apart() -> None:
    """The same evidence between two records of one list is a repeat or two children, by the list's own rate."""
    pairs = pairs_of({(0, 1): (12.0, 5.0)})
    careless, careful = prior_of(duplicate=-1.0), prior_of(duplicate=-8.0)
    assert resolve(pairs, [0, 0], careless).n_births == 1
    assert resolve(pairs, [0, 0], careful).n_births == 2


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_nothing_is_lost(seed: Any) -> None:
    """Every record is in exactly one birth, every probability in [0, 1], in the best partition and in every draw."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 60))
    ends = rng.integers(0, n, (n, 2))
    evidence = {(min(e), max(e)): tuple(rng.normal(8, 8, 2)) for e in ends.tolist() if e[0] != e[1]}
    found = resolve(pairs_of(evidence), rng.integers(0, 3, n))
    assert len(found.birth) == n
    assert sorted(set(found.birth.tolist())) == list(range(found.n_births))
    for values in (found.record_probability, found.birth_probability, found.pair_probability):
        assert ((values >= 0) & (values <= 1)).all()
    for k in range(found.draws.n_draws):
        labels = found.draws.labels_of(k)
        assert (labels[labels] == labels).all()
        assert (labels <= np.arange(n)).all()


def mixed_world(seed: int, n: int) -> tuple[dict[tuple[int, int], tuple[float, float]], np.ndarray]:
    """Components of many sizes, some too large to enumerate."""
    rng = np.random.default_rng(seed)
    group = np.sort(rng.integers(0, n // 8, n))
    evidence = {}
    for number in range(n // 8):
        members = np.flatnonzero(group == number).tolist()
        for one, other in combinations(members, 2):
            evidence[one, other] = tuple(rng.normal(8, 6, 2))
    return evidence, rng.integers(0, 3, n)


def assert_equal(one: Partition, other: Partition) -> None:
    """Every table of both is the same to the last bit."""
    for name in ("birth", "record_probability", "birth_probability", "pair_probability"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for k in range(one.draws.n_draws):
        np.testing.assert_array_equal(one.draws.labels_of(k), other.draws.labels_of(k))


def test_threads_pickling_and_chunks_change_nothing() -> None:
    """Chunks on threads from pickled arrays, or single components in backward order, give the same bytes."""

    def threaded(work: Any, shared: Any, chunks: Any, step: Any) -> Any:
        sent = pickle.loads(pickle.dumps(shared))
        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(lambda chunk: work(sent, chunk), chunks))

    def split(work: Any, shared: Any, chunks: Any, step: Any) -> Any:
        every = [(k, k + 1) for first, last in chunks for k in range(first, last)]
        return [work(shared, chunk) for chunk in reversed(every)][::-1]

    evidence, lists = mixed_world(3, 150)
    expected = resolve(pairs_of(evidence), lists)
    assert expected.n_sampled > 0
    assert_equal(expected, resolve(pairs_of(evidence), lists, engine_map=threaded))
    assert_equal(expected, resolve(pairs_of(evidence), lists, engine_map=split))


def test_unrelated_records_change_nothing() -> None:
    """Records put before and among the others leave the others' births, probabilities and draws as they were."""
    evidence, lists = mixed_world(4, 120)
    keys = keys_of(120)
    options = Options(draws=20, seed=5)
    before = partition(pairs_of(evidence), lists.astype(np.int16), keys, prior_of(), serial, options)
    moved = np.arange(120) * 2 + 1
    lists_after = np.zeros(240, np.int16)
    lists_after[moved] = lists
    keys_after = keys_of(500)[-240:]
    keys_after[moved] = keys
    shifted = {(int(moved[i]), int(moved[j])): values for (i, j), values in evidence.items()}
    after = partition(pairs_of(shifted), lists_after, keys_after, prior_of(), serial, options)
    np.testing.assert_array_equal(before.record_probability, after.record_probability[moved])
    np.testing.assert_array_equal(before.pair_probability, after.pair_probability)
    for k in range(20):
        np.testing.assert_array_equal(moved[before.draws.labels_of(k)], after.draws.labels_of(k)[moved])


def test_a_giant_component_is_cut_and_resolved() -> None:
    """5,000 records chained by weak pairs, with true pairs among them: it is cut, says so and keeps the true pairs."""
    n = 5000
    chain = {(k, k + 1): (5.0, 0.0) for k in range(n - 1)}
    true = {(k, k + 1): (25.0, 10.0) for k in range(0, n, 10)}
    found = resolve(pairs_of(chain | true), np.arange(n) % 3, options=Options(draws=2))
    assert found.n_cut == 1
    assert len(found.birth) == n
    starts = np.arange(0, n, 10)
    assert (found.birth[starts] == found.birth[starts + 1]).mean() > 0.99


def test_a_giant_component_of_firm_pairs_is_sampled_in_pieces() -> None:
    """3,000 records of births of five, each tied firmly to the next birth as if twins: most births are found whole."""
    n = 3000
    evidence = {(k, k + 1): (2.0, 13.0) for k in range(n - 1)}
    for first in range(0, n, 5):
        evidence |= dict.fromkeys(combinations(range(first, first + 5), 2), (24.0, 12.0))
    found = resolve(pairs_of(evidence), np.arange(n) % 5, prior_of(n_lists=5), Options(draws=2))
    assert found.n_cut == 1
    assert found.n_sampled > n // 100
    whole = found.birth.reshape(-1, 5)
    assert (whole == whole[:, :1]).all(axis=1).mean() > 0.95


def test_pairs_that_were_cut_keep_a_probability_below_even() -> None:
    """Where a component is cut, a pair across the cut has the probability of the pair alone if neither record has its
    other partner, and no more than 0.49.
    """
    n = LARGE + 2
    weak, strong = (7.0, 0.0), (12.0, 0.0)
    evidence = {(k, k + 1): strong if k % 2 == 0 else weak for k in range(n - 1)}
    found = resolve(pairs_of(evidence), np.arange(n) % 2)
    assert found.n_births == n // 2
    partner, cut = found.pair_probability[0], found.pair_probability[1::2]
    assert 0.9 < partner < 0.99
    assert cut == pytest.approx((1.0 - partner) ** 2 / (1.0 + np.exp(1.0)), rel=1e-3)


def test_a_repeat_that_was_cut_off_counts_as_one() -> None:
    """Two records of one list, resolved apart, are one birth only if the list repeats births."""
    n = LARGE + 2
    evidence = {(k, k + 1): (8.001, 0.0) if k % 2 == 0 else (7.0, 0.0) for k in range(n - 1)}
    one_list = resolve(pairs_of(evidence), np.zeros(n), prior_of(duplicate=-3.0))
    two_lists = resolve(pairs_of(evidence), np.arange(n) % 2, prior_of(duplicate=-3.0))
    assert one_list.pair_probability[1] < 0.3 * two_lists.pair_probability[1]
    giant = resolve(pairs_of({(k, k + 1): (20.0, 0.0) for k in range(LARGEST_PIECE)}), np.arange(LARGEST_PIECE + 1) % 2)
    assert giant.n_cut == 1
    assert giant.pair_probability[-1] <= np.float32(0.49)  # of equal pairs the last is left out


def test_pairs_below_the_floor_tie_nothing_together_but_keep_a_probability() -> None:
    """A pair too weak to matter has the tiny probability of the pair alone; a record alone is sure to be alone."""
    found = resolve(pairs_of({(0, 1): (-4.0, -20.0)}), [0, 1])
    assert found.n_births == 2
    assert found.record_probability.tolist() == [1.0, 1.0]
    assert found.pair_probability[0] == pytest.approx(np.exp(-12.0), rel=1e-4)


def test_no_pairs_and_no_records() -> None:
    """Lists without any pair, or without any record, resolve to as many births as records."""
    assert resolve(pairs_of({}), [0, 1, 2]).birth.tolist() == [0, 1, 2]
    empty = resolve(pairs_of({}), [])
    assert empty.n_births == 0
    assert len(empty.draws.labels_of(0)) == 0


@pytest.mark.parametrize(
    ("pair", "lists", "keys", "said"),
    [((0, 7), [0, 1], 2, "records 0 to 1"), ((0, 1), [0, 9], 2, "10 lists"), ((0, 1), [0, 1], 3, "one key per record")],
)
def test_arrays_that_do_not_fit_together_are_refused(pair: Any, lists: Any, keys: Any, said: Any) -> None:
    """The message says what does not fit."""
    with pytest.raises(DataError, match=said):
        partition(pairs_of({pair: (1.0, 1.0)}), np.array(lists, np.int16), keys_of(keys), prior_of(), serial, Options())
