"""Evaluation against truth: counted from tables of groups, held against a twin that looks at every pair."""

import itertools
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everybirth.errors import DataError, ReadError
from everybirth.evaluate import BIN_EDGES, evaluate, score_clusters

Record = tuple[str, str]
KEYS = {"list": pl.String, "record_id": pl.String}


def write_run(folder: Path, links: pl.DataFrame, pairs: pl.DataFrame, truth: pl.DataFrame, run: object = None) -> None:
    """Write the files of a finished run, and the truth beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    links.write_parquet(folder / "links.parquet")
    pairs.write_parquet(folder / "pairs.parquet")
    truth.write_parquet(folder / "truth.parquet")
    (folder / "run.json").write_text(json.dumps(run if run is not None else {}))


def tables(
    records: list[Record], found: list[int], birth: list[int], delivery: list[int], pairs: dict[tuple[int, int], float]
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Links, pairs and truth of a run over the given records."""
    keys = {"list": [name for name, _ in records], "record_id": [one for _, one in records]}
    links = pl.DataFrame({**keys, "birth_id": [f"B{each}" for each in found]}, schema_overrides=KEYS)
    truth = pl.DataFrame({**keys, "birth": birth, "delivery": delivery}, schema_overrides=KEYS)
    rows = [(*records[left], *records[right], p) for (left, right), p in pairs.items()]
    names = {"list_l": pl.String, "record_id_l": pl.String, "list_r": pl.String, "record_id_r": pl.String}
    return links, pl.DataFrame(rows, schema={**names, "probability": pl.Float32}, orient="row"), truth


def share(part: float, whole: float) -> float | None:
    """A share, or None of nothing."""
    return part / whole if whole else None


def naive(
    found: list[int], birth: list[int], delivery: list[int], pairs: dict[tuple[int, int], float]
) -> dict[str, Any]:
    """The same figures the slow way: every pair of records is looked at."""
    n = len(found)
    every = list(itertools.combinations(range(n), 2))
    true = {pair for pair in every if birth[pair[0]] == birth[pair[1]]}

    def agreement(chosen: set[tuple[int, int]]) -> dict[str, float | None]:
        right = len(chosen & true)
        precision, recall = share(right, len(chosen)), share(right, len(true))
        return {"precision": precision, "recall": recall, "f1": share(2 * right, len(chosen) + len(true))}

    precisions, recalls = [], []
    for one in range(n):
        with_it = {other for other in range(n) if found[other] == found[one]}
        truly = {other for other in range(n) if birth[other] == birth[one]}
        precisions.append(len(with_it & truly) / len(with_it))
        recalls.append(len(with_it & truly) / len(truly))

    exact, counted = 0, 0
    for each in set(delivery):
        births = {birth[one] for one in range(n) if delivery[one] == each}
        held = {b: {one for one in range(n) if birth[one] == b} for b in births}
        if len(births) < 2 or max(len(records) for records in held.values()) < 2:
            continue
        counted += 1
        groups = [{other for other in range(n) if found[other] == found[one]} for b in births for one in held[b]]
        truly_held = [held[b] for b in births for _ in held[b]]
        exact += groups == truly_held

    error, weight = 0.0, 0
    for low, high in itertools.pairwise(BIN_EDGES):
        last = high == BIN_EDGES[-1]
        inside = [pair for pair, p in pairs.items() if low <= p < high or (last and p == high)]
        if inside and low >= 0.01:
            gap = sum(pairs[pair] for pair in inside) - sum(pair in true for pair in inside)
            error, weight = error + abs(gap), weight + len(inside)
    precision, recall = share(sum(precisions), n), share(sum(recalls), n)
    return {
        "pairs": agreement({pair for pair, p in pairs.items() if p >= 0.5}),
        "clusters": agreement({pair for pair in every if found[pair[0]] == found[pair[1]]}),
        "bcubed": {
            "precision": precision,
            "recall": recall,
            "f1": 2 * precision * recall / (precision + recall) if precision and recall else None,
        },
        "blocking_recall": share(len(set(pairs) & true), len(true)),
        "twins": share(exact, counted),
        "twin_deliveries": counted,
        "calibration_error": share(error, weight),
        "records": n,
        "births_found": len(set(found)),
        "births_true": len(set(birth)),
    }


def same(one: Any, other: Any) -> bool:
    """Equal up to rounding, None only with None."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one is other if one is None or other is None else one == pytest.approx(other, abs=1e-9))


@st.composite
def runs(draw: st.DrawFn) -> tuple[list[Record], list[int], list[int], list[int], dict[tuple[int, int], float]]:
    """A small run and its truth: records, found births, true births, deliveries, pairs."""
    n = draw(st.integers(0, 14))
    births = st.integers(0, max(1, n // 2))
    found = draw(st.lists(births, min_size=n, max_size=n))
    birth = [each if draw(st.booleans()) else draw(births) for each in found]
    delivery = [each // draw(st.sampled_from([1, 2])) for each in range(n + 2)]
    records = [(draw(st.sampled_from(["hospital", "register"])), f"r{one}") for one in range(n)]
    possible = list(itertools.combinations(range(n), 2))
    # Eighths and the edges themselves: the sides of a bin must be kept apart exactly, also in single precision.
    chance = st.sampled_from([0.0, 0.0078125, 0.015625, 0.125, 0.25, 0.5, 0.625, 0.875, 0.984375, 1.0])
    pairs = {pair: draw(chance) for pair in possible if draw(st.booleans())}
    return records, found, birth, [delivery[each] for each in birth], pairs


@given(runs())
@settings(max_examples=150, deadline=None)
def test_figures_equal_those_of_looking_at_every_pair(
    tmp_path_factory: pytest.TempPathFactory,
    run: tuple[list[Record], list[int], list[int], list[int], dict[tuple[int, int], float]],
) -> None:
    """Every figure equals the slow twin's, whatever the run got right or wrong."""
    records, found, birth, delivery, pairs = run
    folder = tmp_path_factory.mktemp("run")
    write_run(folder, *tables(records, found, birth, delivery, pairs))
    figures = evaluate(folder, folder / "truth.parquet").to_json()
    expected = naive(found, birth, delivery, pairs)
    assert same({key: figures[key] for key in expected}, expected)


@given(runs(), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_order_of_rows_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory,
    run: tuple[list[Record], list[int], list[int], list[int], dict[tuple[int, int], float]],
    random: Any,
) -> None:
    """Shuffling links, pairs and truth, or swapping a pair's two sides, changes no figure."""
    links, pairs, truth = tables(*run)
    one, two = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two")
    write_run(one, links, pairs, truth)
    swapped = pairs.select(
        pl.col("list_r").alias("list_l"),
        pl.col("record_id_r").alias("record_id_l"),
        pl.col("list_l").alias("list_r"),
        pl.col("record_id_l").alias("record_id_r"),
        "probability",
    )
    shuffled = [
        frame.sample(fraction=1, shuffle=True, seed=random.randrange(1000)) for frame in (links, swapped, truth)
    ]
    write_run(two, *shuffled)
    first, second = (evaluate(folder, folder / "truth.parquet").to_json() for folder in (one, two))
    calibration = [first.pop("calibration"), second.pop("calibration")]
    assert all(same(first[key], second[key]) for key in first)
    assert all(same(left, right) for left, right in zip(*calibration, strict=True))


def perfect() -> tuple[list[Record], list[int], list[int], list[int], dict[tuple[int, int], float]]:
    """Twins on two lists and one other birth, all found."""
    records = [("hospital", "1"), ("hospital", "2"), ("register", "1"), ("register", "2"), ("register", "3")]
    return records, [0, 1, 0, 1, 2], [0, 1, 0, 1, 2], [0, 0, 0, 0, 1], {(0, 2): 1.0, (1, 3): 1.0}


def test_a_perfect_run_scores_one_everywhere(tmp_path: Path) -> None:
    """All is found, so each figure is 1 and the calibration error 0."""
    write_run(tmp_path, *tables(*perfect()))
    figures = evaluate(tmp_path, tmp_path / "truth.parquet").to_json()
    one = {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert (figures["pairs"], figures["clusters"], figures["bcubed"]) == (one, one, one)
    assert (figures["twins"], figures["blocking_recall"], figures["calibration_error"]) == (1.0, 1.0, 0.0)
    assert "blocking_recall_estimated" not in figures


def test_swapped_twins_are_not_exactly_right(tmp_path: Path) -> None:
    """Two records each, but crosswise: no twins delivery is right and no pair of the births is true."""
    records, _, birth, delivery, _ = perfect()
    write_run(tmp_path, *tables(records, [0, 1, 1, 0, 2], birth, delivery, {(0, 3): 0.9, (1, 2): 0.9}))
    figures = evaluate(tmp_path, tmp_path / "truth.parquet").to_json()
    assert (figures["twins"], figures["clusters"]) == (0.0, {"precision": 0.0, "recall": 0.0, "f1": 0.0})
    assert figures["calibration_error"] == pytest.approx(0.9)


def test_calibration_table_is_finer_at_the_ends_and_counts_every_pair(tmp_path: Path) -> None:
    """Each pair lies in one bin; those below 0.01 are shown but do not enter the error."""
    records = [("register", str(one)) for one in range(6)]
    pairs = {(0, 1): 0.0005, (0, 2): 0.995, (0, 3): 0.995, (4, 5): 0.4}
    write_run(tmp_path, *tables(records, [0, 1, 0, 0, 2, 3], [0, 0, 0, 1, 2, 3], [0, 0, 0, 1, 2, 3], pairs))
    result = evaluate(tmp_path, tmp_path / "truth.parquet")
    assert [(each.low, each.high, each.pairs, each.observed) for each in result.calibration] == [
        (0.0, 0.001, 1, 1.0),
        (0.4, 0.5, 1, 0.0),
        (0.99, 0.999, 2, 0.5),
    ]
    assert result.calibration_error == pytest.approx((0.4 + 2 * 0.495) / 3, abs=1e-6)


def test_births_on_no_list_are_left_out(tmp_path: Path) -> None:
    """A birth that no list holds has no record, so it enters no figure; nor does its twin's delivery."""
    links, pairs, truth = tables(*perfect())
    unseen = pl.DataFrame({"list": [None], "record_id": [None], "birth": [99], "delivery": [1]}, schema=truth.schema)
    write_run(tmp_path, links, pairs, pl.concat([truth, unseen]))
    figures = evaluate(tmp_path, tmp_path / "truth.parquet").to_json()
    assert (figures["births_true"], figures["twin_deliveries"]) == (3, 1)


def test_truth_without_deliveries_has_no_twins(tmp_path: Path) -> None:
    """Without a delivery column there is nothing to say of twins: none, not a number."""
    links, pairs, truth = tables(*perfect())
    write_run(tmp_path, links, pairs, truth.drop("delivery"))
    result = evaluate(tmp_path, tmp_path / "truth.parquet")
    assert result.to_json()["twins"] is None
    assert "none of 0 deliveries" in result.summary()


def test_numbers_as_record_ids_are_read_as_text(tmp_path: Path) -> None:
    """The truth may hold whole numbers where the run holds text."""
    links, pairs, truth = tables(*perfect())
    write_run(tmp_path, links, pairs, truth.with_columns(pl.col("record_id").cast(pl.Int64)))
    assert evaluate(tmp_path, tmp_path / "truth.parquet").score.records == 5


def test_estimated_blocking_recall_is_shown_beside_the_true_one(tmp_path: Path) -> None:
    """Two pairs kept, half a pair that the run expects to have missed: it says that it has four fifths."""
    write_run(tmp_path, *tables(*perfect()), {"linking": {"hidden_pairs": {"expected": 0.5}}})
    result = evaluate(tmp_path, tmp_path / "truth.parquet")
    assert result.to_json()["blocking_recall_estimated"] == pytest.approx(0.8)
    assert "0.8000" in result.summary()


def test_pairs_in_doubt_have_an_error_of_their_own(tmp_path: Path) -> None:
    """Sure pairs, which are many and right, do not drown those that somebody may look at."""
    records, found, birth, delivery, _ = perfect()
    pairs = {(0, 2): 1.0, (1, 3): 1.0, (0, 3): 0.25}
    write_run(tmp_path, *tables(records, found, birth, delivery, pairs))
    figures = evaluate(tmp_path, tmp_path / "truth.parquet").to_json()
    assert figures["doubtful_error"] == pytest.approx(0.25)
    assert figures["calibration_error"] == pytest.approx(0.25 / 3)


@pytest.mark.parametrize(("high", "held"), [(4.0, True), (3.5, False)])
def test_births_on_no_list_are_compared_with_the_estimate(tmp_path: Path, high: float, held: bool) -> None:
    """The truth knows births that no list has; whether the run's interval holds their number is said in words."""
    links, pairs, truth = tables(*perfect())
    unlisted = pl.DataFrame({"list": [None], "record_id": [None], "birth": [9], "delivery": [9]}, schema=truth.schema)
    run = {"estimate": {"births": {"estimate": 3.4, "low": 3.0, "high": high}}}
    write_run(tmp_path, links, pairs, pl.concat([truth, unlisted]), run)
    result = evaluate(tmp_path, tmp_path / "truth.parquet")
    expected = {"true": 4, "estimate": 3.4, "low": 3.0, "high": high}
    assert result.to_json()["births_that_happened"] == expected
    assert ("does not hold the truth" in result.summary()) is not held


def test_a_truth_of_listed_births_only_says_nothing_of_the_others(tmp_path: Path) -> None:
    """Without births on no list the true number is not known, and nothing is compared."""
    run = {"estimate": {"births": {"estimate": 3.4, "low": 3.0, "high": 4.0}}}
    write_run(tmp_path, *tables(*perfect()), run)
    assert "births_that_happened" not in evaluate(tmp_path, tmp_path / "truth.parquet").to_json()


def test_figures_are_json(tmp_path: Path) -> None:
    """The figures survive JSON, with the names that scripts depend on."""
    write_run(tmp_path, *tables(*perfect()))
    figures = evaluate(tmp_path, tmp_path / "truth.parquet").to_json()
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    contract = {"pairs", "clusters", "bcubed", "blocking_recall", "twins", "calibration_error", "calibration"}
    assert contract <= figures.keys()


def test_rejected_rows_count_as_missed(tmp_path: Path) -> None:
    """A record that the run rejected is a birth of its own: its true pair is missed, not forgotten."""
    links, pairs, truth = tables(*perfect())
    write_run(tmp_path, links.slice(1), pairs.slice(1), truth)
    pl.DataFrame({"list": ["hospital"], "row": [2]}).write_parquet(tmp_path / "rejected.parquet")
    figures = evaluate(tmp_path, tmp_path / "truth.parquet").to_json()
    assert figures["records"] == 5
    assert figures["clusters"] == {"precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3)}


@pytest.mark.parametrize(
    ("drop_from", "counts"),
    [("links", ("0 of the run's 4", "1 of the truth's 5")), ("truth", ("1 of the run's 5", "0 of the truth's 4"))],
)
def test_records_on_one_side_only_are_an_error(tmp_path: Path, drop_from: str, counts: tuple[str, str]) -> None:
    """Truth and run must be about the same records; the message counts both ways."""
    links, pairs, truth = tables(*perfect())
    kept = {"links": (links.slice(0, 4), pairs, truth), "truth": (links, pairs, truth.slice(0, 4))}[drop_from]
    write_run(tmp_path, *kept)
    with pytest.raises(DataError) as error:
        evaluate(tmp_path, tmp_path / "truth.parquet")
    assert all(count in str(error.value) for count in counts)


def test_rows_rejected_from_another_list_explain_nothing(tmp_path: Path) -> None:
    """A missing register record is not excused by a rejected hospital row."""
    links, pairs, truth = tables(*perfect())
    write_run(tmp_path, links.slice(0, 4), pairs, truth)
    pl.DataFrame({"list": ["hospital"], "row": [9]}).write_parquet(tmp_path / "rejected.parquet")
    with pytest.raises(DataError, match="different records"):
        evaluate(tmp_path, tmp_path / "truth.parquet")


@pytest.mark.parametrize("table", ["links", "truth"])
def test_a_record_twice_is_an_error(tmp_path: Path, table: str) -> None:
    """A record that is in links or truth twice would be counted twice: refused."""
    links, _, truth = tables(*perfect())
    frames = {"links": links, "truth": truth}
    frames[table] = pl.concat([frames[table], frames[table].slice(0, 1)])
    with pytest.raises(DataError, match="1 of 6 rows repeat"):
        score_clusters(frames["links"], frames["truth"])


def test_pairs_of_unknown_records_are_an_error(tmp_path: Path) -> None:
    """A pair whose record is in no list of the truth is refused, with the count."""
    links, pairs, truth = tables(*perfect())
    strange = pairs.with_columns(record_id_r=pl.lit("elsewhere"))
    write_run(tmp_path, links, strange, truth)
    with pytest.raises(DataError, match="2 of 2 pairs"):
        evaluate(tmp_path, tmp_path / "truth.parquet")


@pytest.mark.parametrize("bad", [None, float("nan"), 1.5])
def test_a_probability_that_is_none_is_an_error(tmp_path: Path, bad: float | None) -> None:
    """Empty, not a number, or above 1: refused."""
    links, pairs, truth = tables(*perfect())
    write_run(tmp_path, links, pairs.with_columns(probability=pl.lit(bad, dtype=pl.Float32)), truth)
    with pytest.raises(DataError, match="2 of 2 probabilities"):
        evaluate(tmp_path, tmp_path / "truth.parquet")


def test_truth_with_an_empty_birth_is_an_error(tmp_path: Path) -> None:
    """A record whose true birth is not said cannot be scored."""
    links, pairs, truth = tables(*perfect())
    birth = pl.when(pl.col("record_id") == "3").then(None).otherwise(pl.col("birth"))
    write_run(tmp_path, links, pairs, truth.with_columns(birth=birth))
    with pytest.raises(DataError, match="1 rows have a list but no"):
        evaluate(tmp_path, tmp_path / "truth.parquet")


def test_files_that_are_missing_or_broken_say_so(tmp_path: Path) -> None:
    """An unfinished run, a file that is not Parquet and a missing column each have their own message."""
    links, pairs, truth = tables(*perfect())
    write_run(tmp_path, links, pairs, truth)
    with pytest.raises(ReadError, match="no such file"):
        evaluate(tmp_path, tmp_path / "elsewhere.parquet")
    truth.drop("birth").write_parquet(tmp_path / "short.parquet")
    with pytest.raises(ReadError, match="no column birth"):
        evaluate(tmp_path, tmp_path / "short.parquet")
    (tmp_path / "text.parquet").write_text("not a table")
    with pytest.raises(ReadError, match="not a Parquet file"):
        evaluate(tmp_path, tmp_path / "text.parquet")
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(ReadError, match="not JSON"):
        evaluate(tmp_path, tmp_path / "truth.parquet")
    (tmp_path / "run.json").unlink()
    with pytest.raises(ReadError, match="did not finish"):
        evaluate(tmp_path, tmp_path / "truth.parquet")


def test_large_groups_do_not_overflow() -> None:
    """One group of 100,000 records has five thousand million pairs, counted exactly."""
    n = 100_000
    keys = {"list": ["register"] * n, "record_id": [str(one) for one in range(n)]}
    links = pl.DataFrame({**keys, "birth_id": ["B"] * n})
    truth = pl.DataFrame({**keys, "birth": [one // 2 for one in range(n)]})
    score = score_clusters(links, truth)
    assert score.clusters.precision == (n // 2) / (n * (n - 1) // 2)
    assert score.clusters.recall == 1.0
