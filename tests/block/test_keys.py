"""Parts of keys, the choice of rules, and the recall that follows from how often parts agree."""

from datetime import date, timedelta
from itertools import combinations
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.compare import naive, worlds

from everybirth.block import keys, pairs
from everybirth.compare import fields as compare_fields
from everybirth.levels import LEVELS, N_LEVELS
from everybirth.schema import FIELDS
from everybirth.tables import Int32Array

PERSON = ("given", "family", "mother_given", "mother_family", "father_given", "father_family")


def _parts(rows: list[worlds.Row]) -> dict[str, Int32Array]:
    records = worlds.records(rows)
    return keys.parts(records, compare_fields.sounds(compare_fields.fields(records).matrix))


def _codes(n: int, n_values: int, seed: int, missing: float = 0.0) -> Int32Array:
    """(n,) evenly spread codes of a part."""
    rng = np.random.default_rng(seed)
    codes: Int32Array = rng.integers(0, n_values, n).astype(np.int32)
    codes[rng.random(n) < missing] = -1
    return codes


def _lists(n: int, missing: float = 0.0, without: tuple[str, ...] = ()) -> dict[str, Int32Array]:
    """Parts of n records, as diverse as in lists of a year's births."""
    values = {"date": 365, "month": 12, "mother_date": 9000, "residence": 200, "birth_place": 200}
    found = {}
    for k, name in enumerate(keys.PARTS):
        if name not in without:
            found[name] = _codes(n, values.get(name, 300 if name in PERSON else 10**6), k, missing)
    if "date" in found:
        found["month"] = np.where(found["date"] < 0, -1, found["date"] // 31).astype(np.int32)
    return found


@pytest.mark.parametrize("only", [None, ["mother_id", "phone", "father_given_name", "father_family_name"]])
def test_parts_agree_as_their_fields_do(only: list[str] | None) -> None:
    """Two records agree on a part if their names sound alike, their days lie in one month, their codes are equal."""
    rows = worlds.rows(60, seed=4, missing=0.2)
    rows = rows if only is None else [{name: row[name] for name in only if name in row} for row in rows]
    found = _parts(rows)
    assert list(found) == [name for name, part in keys.PARTS.items() if any(part.field in row for row in rows)]
    for i, j in combinations(range(len(rows)), 2):
        for name, codes in found.items():
            a, b = rows[i][keys.PARTS[name].field], rows[j][keys.PARTS[name].field]
            if a is None or b is None:
                assert -1 in (codes[i], codes[j])
                continue
            if name == "month" and isinstance(a, date) and isinstance(b, date):
                equal = (a.year, a.month) == (b.year, b.month)
            else:
                equal = naive.sound(a) == naive.sound(b) if isinstance(a, str) and name in PERSON else a == b
            assert (codes[i] == codes[j]) == equal


def test_parts_are_of_known_fields_and_levels() -> None:
    """Every part is made of a canonical field; every rule of known parts; levels and guesses are in range."""
    for part in keys.PARTS.values():
        assert part.field in FIELDS
        assert 0 < part.guess < 1
        assert all(0 < level < N_LEVELS and 0 < p <= 1 for level, p in part.equal.items())
    rules = [rule for family in (*keys.REQUIRED, keys.OPTIONAL) for rule in family]
    assert all(set(rule) <= set(keys.PARTS) and len(set(rule)) == len(rule) for rule in rules)
    assert len({frozenset(rule) for rule in rules}) == len(rules)


def test_days_at_the_end_of_a_month() -> None:
    """Of days up to three apart about one pair in fourteen lies in two months, as the part "month" takes for
    granted.
    """
    assert LEVELS[compare_fields.Comparison.DATE][2] == "within 3 days"
    days = [date(2023, 1, 1) + timedelta(days=k) for k in range(365)]
    same = [day.month == (day + timedelta(days=gap)).month for day in days for gap in (1, 2, 3)]
    assert keys.PARTS["month"].equal[2] == pytest.approx(np.mean(same), abs=0.01)


def test_no_names_and_no_records() -> None:
    """Lists without names, or without records, have the parts that they have."""
    rows: list[worlds.Row] = [{"birth_date": date(2024, 1, 31), "residence": "x1"}, {"birth_date": date(1969, 12, 31)}]
    assert {name: codes.tolist() for name, codes in _parts(rows).items()} == {
        "date": [1, 0],
        "month": [649, 0],
        "residence": [0, -1],
    }
    assert _parts([]) == {}


@pytest.mark.parametrize("without", [(), PERSON[4:], PERSON[2:], ("mother_date",), ("phone", "mother_id", "number")])
def test_every_required_family_that_the_lists_allow_has_a_rule(without: tuple[str, ...]) -> None:
    """A day and a name, the mother's day and a name, a month and two names: one rule of each at least; no rule lacks a
    part.
    """
    found = _lists(3000, 0.1, without)
    rules, _ = keys.choose(found, 3000)
    assert all(part in found for rule in rules for part in rule)
    assert len(set(rules)) == len(rules)
    for family in keys.REQUIRED:
        allowed = [rule for rule in family if not set(rule) & set(without)]
        assert bool(allowed) == any(rule in family for rule in rules)


def test_light_corruption_is_recalled() -> None:
    """With the guessed agreement, rules chosen from a full set of fields bring together 99.5 of 100 pairs, at a bounded
    cost.
    """
    n = 20_000
    found = _lists(n, 0.05)
    rules, recall = keys.choose(found, n)
    assert recall > 0.995
    assert sum(0.5 * n * n * prod(keys._chance(found[part], n) for part in rule) for rule in rules) < 25 * n + 2e6
    costs = [0.5 * n * n * prod(keys._chance(found[part], n) for part in rule) for rule in rules]
    assert costs == sorted(costs)


def test_the_budget_bounds_the_rules() -> None:
    """Where names are few and rules dear, a small budget leaves rules out beyond the required families, and costs
    recall.
    """
    n = 100_000
    found = {name: codes % 20 if name in PERSON else codes for name, codes in _lists(n, 0.3).items()}
    few, low = keys.choose(found, n, pairs_per_record=1.0)
    many, high = keys.choose(found, n, pairs_per_record=1000.0)
    assert len(keys.REQUIRED) <= len(few) < len(many)
    assert low < high


def test_there_are_no_more_rules_than_bits() -> None:
    """Where records lack so much that every rule adds something, no more are chosen than a pair's number has bits."""
    n = 12_000
    rules, _ = keys.choose(_lists(n, 0.4), n)
    assert len(rules) == keys.MOST_RULES
    assert pairs._rules_of(keys.used(rules), rules).max() == 2**31 - 1


OTHERS = ("mother_date", "phone", "residence", "birth_place", "number", "mother_id")


@pytest.mark.parametrize("without", [(), PERSON[2:], OTHERS, (*OTHERS, "family", "mother_family", *PERSON[4:])])
def test_the_estimated_recall_is_that_of_brute_force(without: tuple[str, ...]) -> None:
    """Matching pairs drawn one by one, each part agreeing with its guessed probability, are found as often as is
    said.
    """
    n, drawn = 2000, 40_000
    found = _lists(n, 0.05, without)
    rules, recall = keys.choose(found, n)
    rng = np.random.default_rng(11)
    guess = {name: keys.PARTS[name].guess for name in found}
    hits = 0
    for _ in range(drawn):
        i, j = rng.integers(0, n, 2)
        agree = {name for name in found if found[name][i] >= 0 and found[name][j] >= 0 and rng.random() < guess[name]}
        if "date" in found and min(found["date"][i], found["date"][j]) >= 0:
            u = rng.random()  # a day that agrees lies in a month that agrees
            agree -= {"date", "month"}
            agree |= {name for name in ("date", "month") if u < guess[name]}
        hits += any(set(rule) <= agree for rule in rules)
    assert recall == pytest.approx(hits / drawn, abs=4.5 * np.sqrt(2 * recall * (1 - recall) / drawn) + 1e-4)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_rules_for_few_records(n: int) -> None:
    """None, one or two records: still rules of parts that there are, and a recall between nothing and all."""
    rows: list[worlds.Row] = [{"birth_date": date(2024, 1, 1), "child_given_name": "amina"}] * n
    found = _parts(rows)
    rules, recall = keys.choose(found, n)
    assert all(part in found for rule in rules for part in rule)
    assert 0 <= recall <= 1


def test_no_rule_where_nothing_is_to_be_had() -> None:
    """Lists that share no part that a rule is made of have no rule."""
    assert keys.choose({}, 100)[0] == ()
    assert keys.choose({"given": _codes(100, 5, 1)}, 100)[0] == ()


_few_parts = ("date", "month", "given", "family", "mother_given", "mother_date")
_rules = st.lists(st.sets(st.sampled_from(_few_parts), min_size=1, max_size=3), min_size=1, max_size=4)


@settings(max_examples=30)
@given(_rules, st.lists(st.floats(0.0, 1.0), min_size=6, max_size=6), st.integers(0, 10**6))
def test_recall_is_that_of_simulated_pairs(sets: list[set[str]], p: list[float], seed: int) -> None:
    """Pairs whose parts agree at random are brought together, and agree on a part where they are not, as often as is
    said.
    """
    rules = [tuple(sorted(parts)) for parts in sets]
    used = [name for name in _few_parts if any(name in rule for rule in rules)]
    equal = {name: np.array([p[_few_parts.index(name)], 0.0]) for name in used}
    recall, rest = keys.recall(rules, equal)
    n = 40_000
    rng = np.random.default_rng(seed)
    drawn = {name: rng.random(n) < equal[name][0] for name in used}
    holds = dict(drawn)
    if "date" in used and "month" in used:
        holds["month"] = drawn["month"] | drawn["date"]
    together = np.any([np.all([holds[part] for part in rule], axis=0) for rule in rules], axis=0)
    assert recall[0] == pytest.approx(together.mean(), abs=0.02)
    assert recall[1] == 0.0  # records that lack every part
    apart = int((~together).sum())
    for name in used:
        alone = drawn[name] & ~drawn["date"] if name == "month" and "date" in used else drawn[name]
        wanted = (alone & ~together).sum() / max(apart, 1)
        assert apart < 500 or rest[name][0] == pytest.approx(wanted, abs=5 * np.sqrt(0.25 / apart))
