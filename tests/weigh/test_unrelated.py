"""u: chances of agreement between unrelated records, against exact counts over all pairs."""

from collections import Counter
from datetime import date, timedelta
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.compare import naive, worlds

from everybirth import linking
from everybirth.compare import fields as compare_fields
from everybirth.compare import scan
from everybirth.levels import N_LEVELS, Comparison
from everybirth.tables import Int8Array, Int32Array
from everybirth.weigh import model, unrelated


@given(st.integers(2, 30), st.integers(0, 100))
def test_random_pairs_are_of_two_records(n: int, seed: int) -> None:
    """Never a record with itself, and every pair of records has its chance."""
    left, right = unrelated.random_pairs(n, seed)
    assert (left != right).all()
    assert len(np.unique(left.astype(np.int64) * n + right)) == n * (n - 1)


@pytest.mark.parametrize("n", [0, 1])
def test_no_pairs_of_fewer_than_two_records(n: int) -> None:
    """Nobody to be compared with: no pairs, and nothing is learned of u but that each level is as likely as the
    others.
    """
    left, right = unrelated.random_pairs(n, 0)
    assert len(left) == len(right) == 0
    shares = unrelated.level_shares((Comparison.SAME,), np.zeros((0, 1), np.int8), -1, {})
    assert shares[0, 1:7] == pytest.approx(1 / 6)


def test_the_same_seed_gives_the_same_pairs() -> None:
    """And another seed others."""
    assert np.array_equal(unrelated.random_pairs(50, 3), unrelated.random_pairs(50, 3))
    assert not np.array_equal(unrelated.random_pairs(50, 3), unrelated.random_pairs(50, 4))


def _columns(n: int, seed: int) -> list[worlds.Row]:
    rng = np.random.default_rng(seed)
    names = ("amina", "fatou", "binta", "awa", "mariama", "kumba")
    return [
        {
            "mother_given_name": None if rng.random() < 0.1 else names[int(rng.integers(6) * rng.random())],
            "site": ("facility", "home", "other")[int(3 * rng.random() ** 2)],
            "registration_number": f"{int(rng.integers(12)):04d}77",
            "birth_weight": float(rng.integers(20, 40) * 100),
            "birth_date": date(2024, 1, 1) + timedelta(days=int(rng.integers(300))),
        }
        for _ in range(n)
    ]


def _levels(fields: compare_fields.Fields, left: Int32Array, right: Int32Array) -> Int8Array:
    return scan.levels(fields, left, right)


def test_u_is_the_share_of_all_pairs() -> None:
    """Of every level, among pairs that have the field: counted over all pairs of records, and found from random
    ones.
    """
    rows = _columns(80, seed=1)
    fields = compare_fields.fields(worlds.records(rows))
    shares = unrelated.level_shares(fields.comparisons, _levels(fields, *unrelated.random_pairs(len(rows), 1)), -1, {})
    exact = np.zeros((len(fields.names), N_LEVELS))
    for left, right in combinations(rows, 2):
        for f, level in enumerate(naive.levels(fields.names, fields.comparisons, left, right)):
            exact[f, level] += 1
    for f, comparison in enumerate(fields.comparisons):
        group = model.groups(comparison)[0]
        wanted = exact[f, group] / exact[f, group].sum()
        assert shares[f, group] == pytest.approx(wanted, abs=0.006)


def test_u_of_every_field_of_full_records() -> None:
    """As linking puts it together: of every field, levels that do not hang on another field, among pairs born far
    apart; and of plurality and order also what one record alone says.
    """
    rows = worlds.rows(70, seed=3, missing=0.3)
    for row in rows:
        row.pop("mother_age")
        row["delivery_order"] = None if row["delivery_order"] is None else 1.0 + (row["child_given_name"] == "jo")
    fields = compare_fields.fields(worlds.records(rows))
    log_u, _ = linking._unrelated(fields, 1)
    exact = np.zeros((len(fields.names), N_LEVELS))
    born = fields.index("birth_date")
    for left, right in combinations(rows, 2):
        levels = naive.levels(fields.names, fields.comparisons, left, right)
        for f, level in enumerate(levels):
            exact[f, level] += f == born or levels[born] in (0, 7)
    for f, comparison in enumerate(fields.comparisons):
        groups = model.groups(comparison)
        for group in groups[: 2 if comparison is Comparison.RANK else 1]:
            wanted = exact[f, group] / exact[f, group].sum()
            assert np.exp(log_u[f, group]) == pytest.approx(wanted, abs=0.01)


def test_agreement_on_a_value_is_as_likely_as_its_frequency_says() -> None:
    """u of "same" is the sum of squared frequencies, which is the mean of the frequency that scores use value by
    value.
    """
    rows = _columns(3000, seed=2)
    fields = compare_fields.fields(worlds.records(rows))
    shares = unrelated.level_shares(fields.comparisons, _levels(fields, *unrelated.random_pairs(len(rows), 2)), -1, {})
    for f, name in enumerate(fields.names):
        count = Counter(row[name] for row in rows if row[name] is not None)
        total = sum(count.values())
        assert shares[f, 1] == pytest.approx(sum((k / total) ** 2 for k in count.values()), abs=0.005)


def test_pairs_of_near_dates_are_left_out() -> None:
    """They may be one birth: u of other fields comes from pairs born further apart, u of the date from all."""
    date_levels = np.repeat(np.array([1, 2, 7, 0], np.int8), 2000)
    sex = np.where(np.isin(date_levels, (1, 2)), 1, 2).astype(np.int8)
    shares = unrelated.level_shares((Comparison.DATE, Comparison.SAME), np.stack([date_levels, sex], axis=1), 0, {})
    assert shares[0, [1, 2, 7]] == pytest.approx(1 / 3, abs=0.001)
    assert shares[1, 2] > 0.99
    assert (
        unrelated.far_apart(np.stack([date_levels, sex], axis=1), 0).tolist() == np.isin(date_levels, (7, 0)).tolist()
    )
    assert unrelated.far_apart(np.zeros((3, 1), np.int8), -1).all()


def test_levels_in_context_come_from_pairs_that_agree_on_the_other_field() -> None:
    """Where a field hangs on another, u given that the other agrees is learned from pairs chosen to agree on it."""
    levels = np.full((10_000, 2), 5, dtype=np.int8)
    context = np.repeat(np.array([7, 8, 9, 1], np.int8), (600, 100, 300, 50))
    shares = unrelated.level_shares((Comparison.NAME, Comparison.NAME), levels, -1, {1: context})
    assert shares[1, 7:10] == pytest.approx([0.6, 0.1, 0.3], abs=0.002)
    assert shares[0, 7:10] == pytest.approx(1 / 3)


@given(st.lists(st.integers(-1, 4), max_size=40), st.integers(0, 50))
def test_pairs_with_equal_values(values: list[int], seed: int) -> None:
    """Both records hold the same value, never missing, and are two."""
    codes = np.array(values, dtype=np.int32)
    left, right = unrelated.pairs_with_equal(codes, seed)
    assert (codes[left] == codes[right]).all()
    assert (codes[left] >= 0).all()
    assert (left != right).all()


def test_pairs_with_equal_values_are_drawn_evenly() -> None:
    """Within a value every ordered pair of records comes up alike."""
    codes = np.array([0, 1, 0, 1, 0, -1, 2], dtype=np.int32)
    found: Counter[tuple[int, int]] = Counter()
    for seed in range(200):
        left, right = unrelated.pairs_with_equal(codes, seed)
        found.update(zip(left.tolist(), right.tolist(), strict=True))
    assert set(found) == {(i, j) for i, j in product(range(7), repeat=2) if i != j and codes[i] == codes[j] >= 0}
    of_three = [n for (i, _), n in found.items() if codes[i] == 0]
    assert max(of_three) < 1.2 * min(of_three)


def test_neighbours_are_counted_as_brute_force_does() -> None:
    """The mean number of distinct names that sound like a name, or are a slip away, over names as records hold them."""
    rng = np.random.default_rng(5)
    stems = ("mariam", "fatuma", "katarina", "philipa", "gabriel", "zuleikha", "yusuf", "bobo")
    names = sorted({stem[:k] + letter + stem[k + 1 :] for stem in stems for k in range(2, 5) for letter in "aeiost"})
    held = [names[int(len(names) * rng.random() ** 2)] for _ in range(4000)]
    fields = compare_fields.fields(worlds.records([{"mother_given_name": name} for name in held]))
    found = unrelated.neighbours(0, scan.frequency_of(fields, 0), lambda f, a, b: scan.value_levels(fields, f, a, b), 1)
    count = Counter(held)
    wanted = dict.fromkeys((2, 3), 0.0)
    for name, n in count.items():
        for other in count:
            if naive.name_level(name, other) in wanted:
                wanted[naive.name_level(name, other)] += n / len(held)
    assert wanted[2] > 0
    assert np.exp(found[2]) == pytest.approx(wanted[2], rel=0.05)
    assert np.exp(found[3]) == pytest.approx(wanted[3], rel=0.05)
    assert np.isnan(np.delete(found, [2, 3])).all()


@pytest.mark.parametrize("frequency", [[], [0, 0], [5], [5, 0]])
def test_no_neighbours_where_there_is_one_name_or_none(frequency: list[int]) -> None:
    """A field with fewer than two values that are held has no near levels."""

    def never(field: int, a: Int32Array, b: Int32Array) -> Int8Array:
        raise AssertionError

    assert np.isnan(unrelated.neighbours(0, np.array(frequency, np.int64), never, 1)).all()
