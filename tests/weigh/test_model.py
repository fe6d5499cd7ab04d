"""The first guess, what is tied, and the tables that scores are read from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.weigh import simulated

from everybirth.levels import LEVELS, N_LEVELS, Comparison
from everybirth.tables import Float64Array
from everybirth.weigh import model, scores

EVERY_FIELD = {
    **simulated.FIELDS,
    "mother_id": Comparison.CODE,
    "mother_age": Comparison.AGE,
    "plurality": Comparison.COUNT,
    "registration_number": Comparison.CODE,
    "extra.ward": Comparison.SAME,
    "extra.seen": Comparison.DATE,
}
DESIGN = model.design(tuple(EVERY_FIELD), tuple(EVERY_FIELD.values()))
START = model.first_guess(DESIGN, 3, 1000, with_siblings=True)


def test_the_first_guess_is_a_model() -> None:
    """In each group of levels that exclude one another probabilities add to one; no level is impossible."""
    assert (START.m > 0).all()
    for f, comparison in enumerate(DESIGN.comparisons):
        for group in model.groups(comparison):
            assert START.m[:, f, group].sum(axis=1) == pytest.approx(1.0, abs=1e-4)
        own = [level for level, text in enumerate(LEVELS[comparison]) if level > 0 and text]
        assert (START.m[:2, f, own] > 1e-3).all()


def test_twins_differ_in_what_is_the_childs_own() -> None:
    """The mother's, the father's and the event's fields are tied; given name, sex, weight, order, number are not."""
    own = {name for name, tied in zip(DESIGN.names, DESIGN.tied, strict=True) if not tied}
    assert own == {"child_given_name", "sex", "birth_weight", "delivery_order", "plurality", "registration_number"}
    for f, tied in enumerate(DESIGN.tied):
        assert np.array_equal(START.m[0, f], START.m[1, f]) == tied


def test_only_the_mothers_fields_speak_for_another_delivery() -> None:
    """And the date, which then differs."""
    speak = {name for name, use in zip(DESIGN.names, DESIGN.uses[2], strict=True) if use}
    assert speak == {
        *("child_family_name", "birth_date", "mother_given_name", "mother_birth_date"),
        *("father_family_name", "residence", "mother_id"),
    }
    assert START.m[2, DESIGN.names.index("birth_date"), 7] > 0.9
    assert DESIGN.uses[:2].all()


@pytest.mark.parametrize("n_records", [0, 1, 2, 10**7])
def test_first_shares_leave_room_for_unrelated_pairs(n_records: int) -> None:
    """However few records there are."""
    prior = model.first_guess(DESIGN, 2, n_records, with_siblings=True).prior
    assert prior.shape == (3, 3)
    assert ((prior > 0) & (prior.sum(axis=1, keepdims=True) < 1)).all()
    assert (model.first_guess(DESIGN, 2, n_records, with_siblings=False).prior[:, 2] == 0).all()


@given(st.integers(0, 10**6), st.sampled_from([0.0, 1.0, 1e6]))
def test_normalised_counts_are_probabilities(seed: int, scale: float) -> None:
    """Whatever the counts: groups add to one, tied classes agree, and with no counts the first guess stands."""
    counts: Float64Array = scale * np.random.default_rng(seed).random((3, len(EVERY_FIELD), N_LEVELS)) ** 4
    m = model.normalise(counts, DESIGN, START)
    assert (m > 0).all()
    assert (m[:, :, 0] == 1).all()
    for f, comparison in enumerate(DESIGN.comparisons):
        for group in model.groups(comparison):
            assert m[:, f, group].sum(axis=1) == pytest.approx(1.0)
        if DESIGN.tied[f]:
            assert np.array_equal(m[0, f], m[1, f])
        if DESIGN.uses[2, f] and DESIGN.names[f] != "birth_date":
            assert np.array_equal(m[0, f], m[2, f])
    if scale == 0.0:
        assert m == pytest.approx(START.m, abs=1e-4)


def test_tied_counts_are_pooled() -> None:
    """What same birth and same delivery share is learned from both together, each pair counted once."""
    f = DESIGN.names.index("mother_age")
    counts = np.zeros((3, len(EVERY_FIELD), N_LEVELS))
    counts[0, f, 1], counts[1, f, 4] = 3e6, 1e6
    m = model.normalise(counts, DESIGN, START)
    assert m[:2, f, 1] == pytest.approx(0.75, abs=1e-4)
    assert m[:2, f, 4] == pytest.approx(0.25, abs=1e-4)


def test_pairs_within_and_across_lists() -> None:
    """Every pair of records is across two lists or within one; both functions number them alike."""
    list_of = np.array([0, 1, 1, 2, 0, 1], dtype=np.int16)
    left, right = np.triu_indices(len(list_of), 1)
    where = model.within_or_across(list_of[left], list_of[right])
    assert np.bincount(where, minlength=4).tolist() == model.pairs_in_all(list_of, 3).tolist() == [11, 1, 3, 0]
    assert model.pairs_in_all(np.zeros(0, np.int16), 2).tolist() == [0, 0, 0]


def _score_tables(floor: float = -3.0) -> tuple[Float64Array, object]:
    log_u = np.log(np.full((len(EVERY_FIELD), N_LEVELS), 0.1))
    near = np.full((len(EVERY_FIELD), N_LEVELS), np.nan)
    return log_u, scores.scores(DESIGN, START, log_u, near, floor)


def test_score_tables_say_what_the_model_says() -> None:
    """Logs of m; prior odds by the larger of the shares across and within lists; an unused class has none."""
    log_u, made = _score_tables()
    assert made.log_m == pytest.approx(np.log(START.m))  # type: ignore[attr-defined]
    assert made.prior == pytest.approx(np.log(START.prior.max(axis=0)))  # type: ignore[attr-defined]
    short = scores.scores(DESIGN, model.first_guess(DESIGN, 3, 1000, with_siblings=False), log_u, log_u, -3.0)
    assert short.prior[2] == -np.inf


def test_by_value_where_values_are_many() -> None:
    """Agreement on names, dates, codes and the like counts by value; on counts and ranks by level."""
    _, made = _score_tables()
    by_value = dict(zip(DESIGN.names, made.by_value.tolist(), strict=True))  # type: ignore[attr-defined]
    assert by_value["child_given_name"]
    assert by_value["birth_date"]
    assert not by_value["plurality"]
    assert not by_value["delivery_order"]


@given(st.integers(0, 10**6))
def test_log_unrelated_undoes_the_scores(seed: int) -> None:
    """From sums under a known model back to log P(levels | unrelated) of each class's fields."""
    rng = np.random.default_rng(seed)
    levels = rng.integers(0, 6, (20, len(EVERY_FIELD))).astype(np.int8)
    log_u = np.where(levels > 0, np.log(rng.random(levels.shape)), 0.0)
    log_m = np.log(START.m)
    terms = log_m[:, np.arange(levels.shape[1]), levels] - log_u
    sums = np.stack([terms[c][:, uses].sum(axis=1) for c, uses in enumerate(DESIGN.uses)], axis=1)
    wanted = np.stack([log_u[:, uses].sum(axis=1) for uses in DESIGN.uses], axis=1)
    found = scores.log_unrelated(levels, sums.astype(np.float32), log_m, DESIGN.uses)
    assert found == pytest.approx(wanted, abs=1e-3)


def test_likelihood_ratios_weigh_against_everything_else() -> None:
    """Against unrelated alone where lists are short; against the same mother's other deliveries as well where they are
    long.
    """
    sums = np.array([[20.0, 10.0, 18.0], [-5.0, -9.0, -20.0]], dtype=np.float32)
    short = scores.likelihood_ratios(sums, np.array([-9.0, -12.0, -np.inf]))
    assert [s.tolist() for s in short] == [[20.0, -5.0], [10.0, -9.0]]
    birth, delivery = scores.likelihood_ratios(sums, np.array([-9.0, -12.0, -11.0]))
    other = np.log(1 + np.exp(sums[:, 2].astype(float) - 11.0))
    assert birth == pytest.approx(sums[:, 0] - other)
    assert delivery == pytest.approx(sums[:, 1] - other)


def test_weights_are_in_bits() -> None:
    """A likelihood ratio of 8 is 3 bits."""
    assert scores.weight_bits(np.log(np.array([[8.0, 1, 1]])).astype(np.float32)) == pytest.approx([3.0], abs=1e-6)


def test_the_level_table_names_every_level_once() -> None:
    """For run.json: m and u of every level that a field has, by name, none of "missing"."""
    log_u, _ = _score_tables()
    table = scores.level_table(DESIGN.names, DESIGN.comparisons, START.m, log_u)
    assert set(table) == set(EVERY_FIELD)
    assert list(table["sex"])[:2] == ["same", "different"]
    assert "missing" not in table["birth_date"]
    assert table["birth_date"]["within 3 days"] == {
        "same_birth": pytest.approx(0.05),
        "same_delivery": pytest.approx(0.05),
        "unrelated": pytest.approx(0.1),
    }
