"""The gate: existence and identification."""

import numpy as np
import pytest
from tests.estimate import naive, published

from everybirth.estimate import gate, models
from everybirth.estimate.cells import checked
from everybirth.estimate.summary import Status


@pytest.mark.parametrize(
    ("name", "words"),
    [("[12,13,23]", "AB+AC+BC"), ("[12,3]", "AB"), ("[13,23]", "AC+BC"), ("[1,2,3]", "none")],
)
def test_codes_of_the_artificial_table(name, words):
    """0 fits, 1 no maximum, 2 not identified, as documented for this table."""
    table = published.counts("artificial3")[0]
    code = gate.support(models.parse(name, 3), gate.filled_bits(table)).code
    assert code == published.expected("artificial3", "Fienberg")["codes"][words]


def test_models_that_korea_must_reject():
    """The two models to which naive fitting gives hundreds of millions of millions have no maximum."""
    held = published.expected("korea", "BIC selection")
    table = published.counts("korea")[0]
    codes = {m.name: gate.support(m, gate.filled_bits(table)).code for m in models.hierarchical(3)}
    assert {name for name, code in codes.items() if code != Status.OK} == set(held["must_reject"])


@pytest.mark.parametrize("seed", range(4))
def test_existence_agrees_with_the_dual_question(seed):
    """The estimate exists exactly if no direction lowers only cells without births."""
    rng = np.random.default_rng(seed)
    answers = set()
    for _ in range(60):
        table = np.where(rng.random(16) < rng.uniform(0.3, 0.9), 5.0, 0.0)
        model = models.hierarchical(4)[rng.integers(113)]
        part = gate.support(model, gate.filled_bits(table))
        matrix = models.design(part.terms, 4)[part.cells]
        found = part.code not in (Status.NO_MAXIMUM, Status.NEITHER)
        answers.add(found)
        assert found == naive.exists(matrix, table[part.cells] > 0)
    assert answers == {True, False}


def test_tables_with_the_same_histories_are_judged_together():
    """Each row is in one group, and gets the verdict it would get alone."""
    rng = np.random.default_rng(5)
    counts = checked(rng.poisson(0.8, (200, 8)))
    model = models.parse("[12,23]", 3)
    groups = gate.same_support(model, counts)
    assert sorted(np.concatenate([rows for _, rows in groups]).tolist()) == list(range(200))
    for part, rows in groups:
        assert all(gate.support(model, gate.filled_bits(counts[row])) is part for row in rows)


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        ([0, 0, 9, 0], Status.EMPTY_LIST),
        ([0, 5, 9, 0], Status.NO_OVERLAP),
        ([0, 5, 9, 6], Status.SMALL_OVERLAP),
        ([0, 5, 9, 7], Status.OK),
        ([0, 5, 9, 0, 5, 0, 0, 3], Status.SMALL_OVERLAP),
        ([0, 5, 0, 0, 5, 9, 0, 0], Status.EMPTY_LIST),
    ],
)
def test_overlap(counts, status):
    """Too little overlap is refused before anything is fitted."""
    assert gate.overlap_status(checked(counts))[0] == status
