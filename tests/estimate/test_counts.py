"""The front door for a file of counts."""

import json

import numpy as np
import polars as pl
import pytest
from tests.estimate import published

from everybirth.errors import EstimateError, ReadError
from everybirth.estimate.count_rows import read_histories
from everybirth.estimate.counts import estimate_counts
from everybirth.estimate.words import CountEstimates

QUICK = ("no-highest-order",)


def table(*strata, lists=("hospital", "village", "register"), seed=0):
    """A frame of random counts of every history in each stratum (name, value, size)."""
    rng = np.random.default_rng(seed)
    rows = []
    for name, value, size in strata:
        for history in range(1, 2 ** len(lists)):
            on = {one: history >> (len(lists) - 1 - place) & 1 for place, one in enumerate(lists)}
            rows.append({name: value, **on, "count": int(rng.integers(size, 2 * size))})
    return pl.DataFrame(rows)


def test_a_csv_file(tmp_path):
    """A file gives what the table gives: one stratum, its total the headline."""
    frame = table(("area", "A", 40)).drop("area")
    frame.write_csv(tmp_path / "counts.csv")
    found = estimate_counts(tmp_path / "counts.csv", QUICK, seed=3)
    assert found == estimate_counts(frame, QUICK, seed=3)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    (entry,) = found["strata"]
    assert entry["lists"] == ["hospital", "village", "register"]
    assert entry["observed"] == found["total"]["observed"] == frame["count"].sum()
    for key in ("births", "low", "high"):
        assert found["total"][key] == pytest.approx(entry["headline"][key])


def test_strata_are_estimated_apart_and_their_draws_added():
    """Total births are the sum; its interval is narrower than the sum of the intervals."""
    frame = table(("area", "A", 40), ("area", "B", 60), ("area", "C", 50))
    found = estimate_counts(frame, QUICK)
    assert [entry["stratum"] for entry in found["strata"]] == [{"area": "A"}, {"area": "B"}, {"area": "C"}]
    heads = [entry["headline"] for entry in found["strata"]]
    total = found["total"]
    assert total["births"] == pytest.approx(sum(head["births"] for head in heads), rel=0.05)
    assert total["high"] - total["low"] < sum(head["high"] - head["low"] for head in heads)
    assert total["low"] > sum(head["low"] for head in heads)
    assert (total["strata"], total["refused_strata"], total["status"]) == (3, 0, "ok")


def test_row_order_and_split_rows_change_nothing():
    """Shuffled rows, and a row told in two parts, give the same."""
    frame = table(("month", "3", 30), ("month", "4", 50))
    halves = pl.concat(
        [frame.with_columns(pl.col("count") // 2), frame.with_columns(pl.col("count") - pl.col("count") // 2)]
    )
    assert estimate_counts(frame.sample(fraction=1, shuffle=True, seed=1), QUICK) == estimate_counts(frame, QUICK)
    assert estimate_counts(halves, QUICK) == estimate_counts(frame, QUICK)


def test_a_stratum_does_not_depend_on_the_others():
    """The same figures for an area with an estimate of its own, whether or not another is in the file."""
    both = table(("area", "A", 40), ("area", "B", 60))
    alone = both.filter(pl.col("area") == "A")
    assert estimate_counts(both, QUICK)["strata"][0] == estimate_counts(alone, QUICK)["strata"][0]


def test_small_strata_lean_on_the_others():
    """A stratum of three births is pooled, says why, and is in the total; the others keep their own estimates."""
    small = pl.DataFrame(
        {"area": ["B"] * 3, "hospital": [1, 0, 1], "village": [0, 1, 1], "register": [1, 0, 0], "count": 1}
    )
    frame = pl.concat([table(("area", "A", 40)), small], how="vertical_relaxed")
    found = estimate_counts(frame, QUICK)
    large, entry = found["strata"]
    assert large == estimate_counts(frame.filter(pl.col("area") == "A"), QUICK)["strata"][0]
    assert (entry["status"], entry["headline"]["method"]) == ("pooled", "no-highest-order")
    assert 3 <= entry["headline"]["low"] <= entry["headline"]["births"] <= entry["headline"]["high"] < 20
    assert entry["warnings"][0].startswith("of its own counts, too few births are shared")
    assert found["total"]["status"] == "ok"
    assert found["total"]["births"] == pytest.approx(
        large["headline"]["births"] + entry["headline"]["births"], rel=0.02
    )
    nothing = estimate_counts(small, QUICK)
    assert nothing["total"]["births"] is None
    assert nothing["total"]["status"].startswith("refused: ")


def test_two_lists_lean_with_a_sensitivity_curve():
    """A pooled stratum of two lists shows what other odds ratios would give, as any other does."""
    frame = pl.concat(
        [
            table(("area", "A", 400), lists=("hospital", "register")),
            pl.DataFrame({"area": ["B"] * 3, "hospital": [1, 0, 1], "register": [0, 1, 1], "count": [30, 40, 4]}),
        ],
        how="vertical_relaxed",
    )
    entry = estimate_counts(frame)["strata"][1]
    curve = {row["odds_ratio"]: row["births"] for row in entry["sensitivity"]}
    assert entry["status"] == "pooled"
    assert curve[1.0] == pytest.approx(entry["headline"]["births"])
    assert curve[2.0] - curve[1.0] == pytest.approx(curve[1.0] - 74)
    assert any("independent" in words for words in entry["warnings"])


def test_births_listed_in_refused_strata_are_in_the_total():
    """Where nothing can be lent, since the sum would have no limit, the total is no less than the births listed."""
    frame = pl.DataFrame(
        {
            "area": ["A"] * 3 + ["B"] * 3,
            "hospital": [1, 0, 1] * 2,
            "register": [0, 1, 1] * 2,
            "count": [30, 40, 50, 400, 300, 2],
        }
    )
    found = estimate_counts(frame)
    own, refused = found["strata"]
    total = found["total"]
    assert refused["status"].startswith("refused: ")
    assert total["births"] == pytest.approx(own["headline"]["births"] + 702, rel=0.01)
    assert total["low"] >= total["observed"] == 822
    assert "1 of 2 strata refused; of their births only the 702 listed ones are in the figure" in total["status"]


def test_a_list_without_births_is_no_list():
    """It is left out, and that is said; the others are estimated as if it were not there."""
    frame = table(("area", "A", 40), lists=("hospital", "register")).drop("area")
    found = estimate_counts(frame.with_columns(pl.lit(0).alias("survey")))
    assert found["strata"] == estimate_counts(frame)["strata"]
    assert "survey holds no birth" in found["total"]["warnings"][0]


def test_lists_marked_as_spreadsheets_do():
    """1.0 and 0.0 are 1 and 0; areas numbered 00 and 01 are no list."""
    frame = table(("area", "00", 40), ("area", "01", 50))
    marked = frame.with_columns(pl.col("hospital", "village", "register").cast(pl.Float64))
    found = read_histories(marked)
    assert found.lists == ("hospital", "village", "register")
    assert (found.counts == read_histories(frame).counts).all()


def test_long_names_stand_apart_from_figures():
    """In words, a figure begins after its method's name, however long, in one column; R-hat stands with it."""
    row = {"births": 1234.0, "low": 1200.0, "high": 1300.0}
    rows = [
        {"method": "decomposable-average", "model": "[123456,1234567,45678]", **row},
        {"method": "loglinear-stepwise", "model": "[" + ",".join(f"1{k}" for k in range(2, 10)) + "]", **row},
        {"method": "latent-class", "model": "up to 10 classes", "rhat": 1.034, **row},
    ]
    entry = {"stratum": {}, "observed": 1000, "lists": ["a", "b"], "status": "ok", "warnings": [], "estimates": rows}
    entry["headline"] = {"method": "chapman", "assumption": "if so", **row}
    lines = CountEstimates([entry], {"warnings": []}).summary().splitlines()[2:]
    assert len({line.index("  1,234 (1,200 to 1,300)") for line in lines}) == 1
    assert lines[2].endswith("R-hat 1.03")


def test_histories_of_golden_tables():
    """Lists keep the order of the columns: the first is the most significant."""
    held = published.story("hav")
    rows = [
        {**dict(zip(held["lists"], map(int, history), strict=True)), "count": n}
        for history, n in held["counts"].items()
    ]
    found = read_histories(pl.DataFrame(rows))
    assert found.lists == ("P", "Q", "E")
    assert (found.counts == published.counts("hav")).all()


def test_births_on_no_list_are_left_aside():
    """A row of zeros is what is estimated, not what is known; it is ignored and mentioned."""
    frame = table(("area", "A", 40)).drop("area")
    zero = pl.DataFrame({"hospital": [0], "village": [0], "register": [0], "count": [500]})
    found = estimate_counts(pl.concat([frame, zero], how="vertical_relaxed"), QUICK)
    assert found["strata"] == estimate_counts(frame, QUICK)["strata"]
    assert "no list" in found["total"]["warnings"][0]


def test_truth_values_and_named_strata():
    """Lists may be true or false; a 0/1 column may be named as a stratum."""
    frame = table(("urban", 1, 40), ("urban", 0, 50))
    as_truth = frame.with_columns(pl.col("hospital", "village", "register").cast(pl.Boolean))
    found = estimate_counts(as_truth, QUICK, strata=("urban",))
    assert [entry["stratum"] for entry in found["strata"]] == [{"urban": "0"}, {"urban": "1"}]
    assert found == estimate_counts(frame, QUICK, strata=("urban",))


def test_two_lists_add_up_by_draws():
    """Chapman's draws make the total of two strata."""
    frame = table(("area", "A", 400), ("area", "B", 500), lists=("hospital", "register"))
    found = estimate_counts(frame)
    assert found["total"]["method"] == "chapman"
    heads = [entry["headline"]["births"] for entry in found["strata"]]
    assert found["total"]["births"] == pytest.approx(sum(heads), rel=0.01)


def test_many_strata_leave_out_the_slow_method():
    """With more than ten strata latent classes are left out unless asked for, and that is said."""
    frame = table(*[("area", f"{place:02}", 12) for place in range(11)])
    found = estimate_counts(frame)
    shown = {row["method"] for entry in found["strata"] for row in entry["estimates"]}
    assert "latent-class" not in shown
    assert "loglinear-bic-average" in shown
    assert "latent-class" in found["total"]["warnings"][0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b,n\n1,0,5\n", "no column named count"),
        ("a,b,count\n1,0,5\n0,1,-2\n", "1 of 2 rows are not whole numbers .first: row 3"),
        ("a,b,count\n1,0,5\n0,1,\n", "first: row 3"),
        ("a,b,count\n1,0,2.5\n", "first: row 2"),
        ("a,b,count\n1,0,5\n0,1,1e300\n1,1,9\n", "1 of 3 rows are above 10,000,000,000 .first: row 3"),
        ("a,a,count\n1,0,5\n0,1,8\n", "several columns named a"),
        ("a,b,c,count\n1,0,no,5\n0,1,Yes,8\n1,1,no,8\n", "c: it holds words like yes and no.*--stratum c"),
        ("a,b,c,count\n1,0,x,5\n0,1,,8\n1,1,x,8\n", "c: it holds words like yes and no"),
        ("a,b,c,count\n1,0,1,5\n0,1,,8\n1,1,1,8\n", "c: it holds words like yes and no"),
        ("a,b,count\n1,0,x\n", "first: row 2"),
        ("a,area,count\n1,north,5\n", "two to 10 lists"),
        ("a,b,count\n1,0,5\n0,1,5\n1,2,5\n0,1,5\n", "b: 1 of 4 rows are neither 0 nor 1 .first: row 4"),
        ("a,b,count\n1,0,5\n0,1,5\n1,,5\n0,1,5\n", "b: 1 of 4 rows are neither 0 nor 1 .first: row 4"),
        ("a,b,count\n", "no rows"),
    ],
)
def test_files_that_cannot_be_used(tmp_path, text, words):
    """The error names the column and the row."""
    (tmp_path / "counts.csv").write_text(text)
    with pytest.raises(EstimateError, match=words):
        estimate_counts(tmp_path / "counts.csv")


@pytest.mark.parametrize(
    ("content", "words"), [(None, "not there"), (b"", "cannot be read"), (b"a,b\n1\n1,2,3\n", "CSV")]
)
def test_files_that_cannot_be_read(tmp_path, content, words):
    """A missing, an empty and a ragged file."""
    path = tmp_path / "counts.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ReadError, match=words):
        estimate_counts(path)
