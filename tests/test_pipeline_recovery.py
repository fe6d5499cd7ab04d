"""Worlds whose truth is known: what a run finds, learns and says of itself, against it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.small_worlds import joined

import everybirth
from everybirth import plan as plans
from everybirth.block import keys
from everybirth.compare import fields as compare_fields
from everybirth.compare import scan
from everybirth.evaluate import Evaluation
from everybirth.levels import LEVELS, Comparison
from everybirth.pipeline import Result
from everybirth.read.lists import read_lists
from everybirth.standardise import standardise
from everybirth.tables import Int32Array, Records

BEST = {"light": 0.99, "medium": 0.98, "heavy": 0.95}  # F1 of the final births that must be passed


@dataclass(frozen=True)
class Known:
    """A run and the truth beside it."""

    noise: str
    plan: Path
    result: Result
    evaluation: Evaluation
    truth: pl.DataFrame


@pytest.fixture(scope="module", params=list(BEST))
def known(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Known:
    """A world of 3,000 births for each level of noise."""
    folder = tmp_path_factory.mktemp(request.param)
    plan = everybirth.simulate(3000, folder, seed=21, noise=request.param)
    result = everybirth.run(plan, folder / "run")
    truth = folder / "truth.parquet"
    return Known(request.param, plan, result, everybirth.evaluate(folder / "run", truth), pl.read_parquet(truth))


def _records(path: Path) -> Records:
    plan = plans.load(path)
    return standardise(read_lists(plan).lists, plan).records


def _true_pairs(records: Records, truth: pl.DataFrame) -> tuple[Int32Array, Int32Array]:
    """Rows of every two records of one birth."""
    lists = pl.Series(records.list_names).gather(pl.Series(records.list_of.astype(np.uint32)))
    rows = pl.DataFrame({"list": lists, "record_id": records.record_id, "row": np.arange(records.n_records)})
    of_birth = rows.join(truth, on=["list", "record_id"]).select("birth", "row")
    pairs = of_birth.join(of_birth, on="birth", suffix="_r").filter(pl.col("row") < pl.col("row_r"))
    return pairs["row"].to_numpy().astype(np.int32), pairs["row_r"].to_numpy().astype(np.int32)


def test_births_are_found(known: Known) -> None:
    """The final births agree with the true ones, pair by pair, and twins are told apart."""
    assert (known.evaluation.score.clusters.f1 or 0) > BEST[known.noise]
    assert (known.evaluation.pairs.f1 or 0) > BEST[known.noise]
    assert known.evaluation.score.twin_deliveries > 20
    assert (known.evaluation.score.twins or 0) > 0.9


def test_blocking_knows_what_it_misses(known: Known) -> None:
    """The share of true pairs that no key brings together, estimated without labels, is within a third of the truth,
    or within two in a thousand where it is small.
    """
    records = _records(known.plan)
    found = keys.parts(records, compare_fields.sounds(compare_fields.fields(records).matrix))
    left, right = _true_pairs(records, known.truth)
    together = np.zeros(len(left), dtype=bool)
    for rule in known.result.run["linking"]["rules"]:
        codes = np.stack([found[part] for part in rule.split(" x ")])
        together |= ((codes[:, left] >= 0) & (codes[:, left] == codes[:, right])).all(axis=0)
    missed = 1.0 - together.mean()
    assert 1.0 - known.result.run["linking"]["blocking_recall"] == pytest.approx(missed, rel=1 / 3, abs=0.002)


def test_learning_climbs(known: Known) -> None:
    """The log posterior that a run reports climbs from round to round; where much is hidden, what is hidden is known in
    outline only, which may cost a thirty thousandth of it.
    """
    history = np.array(known.result.run["linking"]["log_posterior"])
    assert len(history) > 5
    assert np.diff(history).min() > -3e-5 * np.abs(history).max()
    assert history[-1] > history[1]


def test_probabilities_hold(known: Known) -> None:
    """Of pairs given a probability, that share is true, within 0.02 on average."""
    assert known.evaluation.calibration_error is not None
    assert known.evaluation.calibration_error < 0.02


def test_how_often_records_of_one_birth_agree_is_learned(known: Known) -> None:
    """m of exact agreement is within 0.03 of its true value, for the date and every name, without labels."""
    records = _records(known.plan)
    fields = compare_fields.fields(records)
    levels = scan.levels(fields, *_true_pairs(records, known.truth))
    for name in ("birth_date", "child_given_name", "child_family_name", "mother_given_name", "father_given_name"):
        found = levels[:, fields.index(name)]
        present = found[
            (found > 0) & (found < len(LEVELS[Comparison.DATE if name == "birth_date" else Comparison.NAME]))
        ]
        assert len(present) > 1000
        learned = known.result.run["linking"]["levels"][name]["same"]["same_birth"]
        assert abs(learned - (present == 1).mean()) < 0.03, name


def test_births_on_no_list_are_estimated(known: Known) -> None:
    """The estimate of births that happened is nearer to the truth than the births found, or within three in two
    hundred; its interval is sane.
    """
    true = known.truth["birth"].n_unique()
    births = known.result.run["estimate"]["births"]
    assert true == 3000
    assert abs(births["estimate"] - true) < max(true - known.result.births.height, 0.015 * true)
    assert known.result.births.height < births["high"] < 1.1 * true


def test_what_is_said_of_lists_is_true(known: Known) -> None:
    """Births on each list are those that truly are on it, within one in a hundred."""
    true = joined(known.result.links, known.truth).group_by("list").agg(pl.col("birth").n_unique())
    found = known.result.run["counts"]["births_on"]
    for name, births in true.iter_rows():
        assert abs(found[name] - births) < 0.01 * births
