"""The front door for one table."""

import json
import re

import numpy as np
import pytest
from tests.estimate import naive, published

from everybirth import cli, plan
from everybirth.errors import EstimateError
from everybirth.estimate import methods
from everybirth.estimate.table import estimate_table

FAST = ("no-highest-order", "loglinear-bic", "decomposable-average")
KEYS = {"method", "model", "births", "se", "low", "high", "aic", "bic"}


def test_four_lists():
    """All methods for four lists, each in the agreed form, the headline with its assumption, all ready for JSON."""
    found = estimate_table(published.counts("kosovo")[0], ("EXH", "ABA", "OSCE", "HRW"))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert (found["status"], found["observed"], found["stratum"]) == ("ok", 4400, {})
    assert found["lists"] == ["EXH", "ABA", "OSCE", "HRW"]
    assert found["headline"]["method"] == "no-highest-order"
    assert found["headline"].keys() == {"method", "births", "low", "high", "assumption"}
    assert found["headline"]["assumption"].startswith("if ")
    assert [row["method"] for row in found["estimates"]] == list(methods.usual(4))
    for row in found["estimates"]:
        assert row.keys() >= KEYS
        assert 4400 <= row["low"] <= row["births"] <= row["high"]
    rows = {row["method"]: row for row in found["estimates"]}
    assert rows["loglinear-bic"]["model"] == "[123,14,34]"
    assert rows["loglinear-bic"]["low"] == pytest.approx(8994.26, abs=0.5)
    assert rows["latent-class"]["rhat"] < 1.1
    assert any("assumption matters" in words for words in found["warnings"])
    assert any("saturated" in words for words in found["warnings"])


def test_two_lists():
    """Chapman, labelled with its assumption, with the sensitivity curve and a warning."""
    found = estimate_table([0, 254, 781, 167], ("occ1", "occ2"))
    assert found["headline"]["method"] == "chapman"
    assert found["headline"]["assumption"] == "if the lists are independent"
    assert [row["method"] for row in found["estimates"]] == ["lincoln-petersen", "chapman"]
    curve = {row["odds_ratio"]: row["births"] for row in found["sensitivity"]}
    assert curve[1.0] == pytest.approx(2382.797619)
    assert curve[2.0] == pytest.approx(2 * 2382.797619 - 1202)
    assert any("independent" in words for words in found["warnings"])


def test_five_lists():
    """The headline is the average over decomposable graphs, without the saturated one."""
    wanted = ("loglinear-stepwise", "loglinear-independence")
    found = estimate_table(published.counts("congenital5")[0], tuple("abcde"), wanted)
    assert found["headline"]["method"] == "decomposable-average"
    assert [row["method"] for row in found["estimates"]] == ["loglinear-independence", "loglinear-stepwise"]


def test_seven_lists():
    """With too many lists for graphs the headline is the stepwise model."""
    table = naive.world(np.random.default_rng(0), 2_000, [-0.5] * 7)
    found = estimate_table(table, tuple("abcdefg"), ("loglinear-independence",))
    assert found["headline"]["method"] == "loglinear-stepwise"
    assert found["headline"]["low"] < 2_000 < found["headline"]["high"]


def test_a_refused_headline_leaves_no_number_in_its_place():
    """Korea: no headline, the reason as status, and the comparators that can be fitted."""
    found = estimate_table(published.counts("korea")[0], ("b", "c", "d"), FAST)
    assert found["status"].startswith("refused: ")
    assert found["headline"] is None
    assert [row["method"] for row in found["estimates"]] == ["loglinear-bic", "decomposable-average"]


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ([0, 1, 0, 1, 1, 0, 0, 0], "too few"),
        ([0, 0, 2, 0, 1, 0, 0, 0], "a list holds no birth"),
        ([0, 9, 9, 0, 9, 0, 0, 0], "share no birth"),
        ([0, 0, 0, 0, 0, 0, 0, 0], "a list holds no birth"),
        ([0, 0, 0, 50], "does not exist"),
        ([0, 0, 100, 500], "does not exist"),
        ([0, 100, 0, 500], "does not exist"),
        ([0, 4, 1, 1, 500, 1, 400, 300], "no upper limit"),
        ([0, 30, 40, 2, 50, 2, 2, 2], "no upper limit"),
        ([0, 4, 5, 0], "share no birth"),
        ([0, 0, 0, 0, 0, 0, 0, 50], "no birth"),
    ],
)
def test_poor_counts_end_in_words(counts, words):
    """Three births, empty or nested lists, no overlap, no limit: a status, no figure, no exception or NumPy's warning.

    Nested lists have no sensitivity curve either, which would give the same births whatever the odds ratio.
    """
    lists = tuple("abc"[: len(counts).bit_length() - 1])
    found = estimate_table(counts, lists, None if len(lists) == 2 else methods.METHODS[2:10])
    assert words in found["status"]
    assert found["headline"] is None
    assert "sensitivity" not in found
    json.dumps(found, allow_nan=False)


def test_headline_covers_a_known_truth():
    """Three independent lists of 5,000 births: the truth is in the headline's interval."""
    table = naive.world(np.random.default_rng(11), 5_000, [0.4, -0.2, 0.7])
    headline = estimate_table(table, ("a", "b", "c"), ())["headline"]
    assert headline["low"] < 5_000 < headline["high"]


def test_no_method_goes_beyond_the_ceiling():
    """Where an upper limit is more than twenty times the births listed, no method shows a figure with it."""
    found = estimate_table([0, 300, 400, 1, 500, 1, 1, 4], tuple("abc"))
    assert found["headline"] is None
    assert all(row["high"] <= 20 * 1207 for row in found["estimates"])
    assert any(words.startswith("loglinear-independence: refused: the counts set no") for words in found["warnings"])


def test_chains_that_disagree_are_told_with_their_rhat():
    """A latent-class figure refused since its chains disagree is said to be so, with how much they do."""
    found = estimate_table(published.counts("netherlands5")[0], tuple("abcde"), ("latent-class",))
    (words,) = [text for text in found["warnings"] if text.startswith("latent-class: ")]
    assert "did not settle" in words
    assert float(re.search(r"R-hat (\d+\.\d\d);", words)[1]) > 1.1


@pytest.mark.parametrize("method", methods.ON_REQUEST)
def test_methods_shown_on_request(method):
    """Bootstrap limits hold the births of the model chosen and are wider than its own; thresholding has draws."""
    table = published.counts("spina_bifida")[0]
    (row,) = estimate_table(table, tuple("abc"), (method,))["estimates"]
    assert row["low"] < row["births"] < row["high"]
    if "bootstrap" not in method:
        assert row["model"] == "[23,1]"
        return
    (plain,) = estimate_table(table, tuple("abc"), (method.removesuffix("-bootstrap"),))["estimates"]
    assert (row["model"], row["births"]) == (plain["model"], plain["births"])
    assert (row["low"], row["high"]) != (plain["low"], plain["high"])
    if method == "loglinear-bic-bootstrap":
        assert row["high"] - row["low"] > plain["high"] - plain["low"]


def test_methods_have_the_same_names_everywhere():
    """The command and the plan offer what there is."""
    assert plan.METHODS == methods.METHODS
    assert cli.ON_REQUEST == methods.ON_REQUEST


def test_same_seed_same_answer():
    """Counts and seed determine every figure."""
    table = published.counts("hav")[0]
    one, other = (estimate_table(table, ("P", "Q", "E"), seed=5) for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("counts", "lists", "wanted", "words"),
    [
        ([0, 1, 2, 3], ("a", "b"), ("chapmann",), "Did you mean chapman"),
        ([0, 1, 2, 3], ("a", "b"), ("xyz",), "The methods are"),
        ([0, 1, 2, 3], ("a", "b"), ("latent-class",), "does not suit 2 lists"),
        (np.ones(8), ("a", "b", "c"), ("chapman",), "does not suit 3 lists"),
        (np.ones(64), tuple("abcdef"), ("loglinear-bic",), "loglinear-stepwise"),
        ([0, 1, 2, 3], ("a", "b", "c"), None, "3 lists are named"),
        ([0, 1], ("a",), None, "only one list"),
        ([0, -1, 2, 3], ("a", "b"), None, "negative"),
        (np.ones(128), tuple("abcdefg"), ("decomposable-average",), "latent-class"),
    ],
)
def test_wrong_use_is_refused(counts, lists, wanted, words):
    """The error names what is wrong and what to do."""
    with pytest.raises(EstimateError, match=words):
        estimate_table(counts, lists, wanted)
