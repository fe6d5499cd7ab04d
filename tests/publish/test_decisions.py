"""The store of decisions: added to, never changed; what they mean for the next run."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everybirth.errors import DataError
from everybirth.publish import decisions as store
from everybirth.publish.files import RunDir
from everybirth.publish.values import kept_value


def row(finding: str, decision: str, **more: Any) -> dict[str, Any]:
    """A decision about a pair of records, unless it is said otherwise."""
    usual = {"kind": "uncertain-link", "records": "hospital:h1; register:g1", "field": None, "value": None}
    where = {"note": None, "who": "office", "when": "2026-02-03T04:05:06Z", "source": "01.xlsx"}
    return {"finding_id": finding, "decision": decision} | usual | where | more


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    """Decisions as they are added."""
    return pl.DataFrame(list(rows), schema=dict.fromkeys(store.COLUMNS, pl.String))


def add(folder: Path, *rows: dict[str, Any]) -> int:
    """Add decisions to a folder; how many were new."""
    with RunDir(folder, fresh=False) as run:
        return store.append_decisions(run, table(*rows))


def test_the_latest_decision_holds(tmp_path: Path) -> None:
    """Lines are only added; of several about a finding the last counts, with its number."""
    assert add(tmp_path, row("F1", "confirmed"), row("F2", "dismissed", records="a:1; b:2")) == 2
    before = (tmp_path / store.FILE).read_bytes()
    assert add(tmp_path, row("F1", "open", note="no")) == 1
    assert (tmp_path / store.FILE).read_bytes().startswith(before)
    found = store.read_decisions(tmp_path)
    assert found.select("finding_id", "decision", "line").rows() == [("F2", "dismissed", 2), ("F1", "open", 3)]


def test_saying_the_same_again_adds_nothing(tmp_path: Path) -> None:
    """The same workbook twice; but what was taken back may be decided again."""
    assert add(tmp_path, row("F1", "confirmed")) == 1
    before = (tmp_path / store.FILE).read_bytes()
    assert add(tmp_path, row("F1", "confirmed", when="2026-09-09", source="copy.xlsx")) == 0
    assert (tmp_path / store.FILE).read_bytes() == before
    assert [add(tmp_path, row("F1", each)) for each in ("open", "confirmed")] == [1, 1]


def test_nothing_decided_yet(tmp_path: Path) -> None:
    """No file, no decisions; and adding none makes no file."""
    assert store.read_decisions(tmp_path).height == 0
    assert add(tmp_path) == 0
    assert not (tmp_path / store.FILE).exists()


@settings(max_examples=40)
@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_any_text_comes_back(text: str) -> None:
    """Whatever a note holds, line breaks and quotation marks too, it stays one line and is read as it was."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        add(Path(folder), row("F1", "confirmed", note=text), row("F2", "confirmed", records=f"a:{text};x"))
        assert store.read_decisions(Path(folder))["note"].to_list() == [text, None]


WRONG = [
    (row("F1", "maybe"), "can be confirmed, dismissed, open"),
    (row("F1", "corrected"), "can be confirmed, dismissed, open"),
    (row("F1", "confirmed", kind="other"), "no such kind"),
    (row("", "confirmed"), "which finding"),
    (row("F1", "corrected", kind="disagreement", field="sex"), "needs the corrected value"),
    (row("F1", "corrected", kind="disagreement", field="sex", value="boyzqvx"), "sex is one of female, male"),
    (row("F1", "corrected", kind="implausible", field="birth_weight", value="zqvx"), "birth_weight needs a number"),
    (row("F1", "corrected", kind="implausible", field="birth_weight", value="nan"), "birth_weight needs a number"),
    (row("F1", "corrected", kind="implausible", field="birth_date", value="31/02/zqvx"), "a date like 2025-12-31"),
    (row("F1", "corrected", kind="implausible", field="mother_birth_date", value="1999-01-02"), "never kept here"),
]


@pytest.mark.parametrize(("wrong", "words"), WRONG)
def test_what_is_no_decision_is_refused_whole(tmp_path: Path, wrong: dict[str, Any], words: str) -> None:
    """The message says which and why, without the value; none of the decisions beside it is kept."""
    with pytest.raises(DataError, match="Decision 2 of 2") as raised:
        add(tmp_path, row("F9", "confirmed"), wrong)
    assert words in str(raised.value)
    assert "zqvx" not in str(raised.value)
    assert store.read_decisions(tmp_path).height == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("sex", "female"), ("site", "home"), ("birth_date", "2024-02-29"), ("birth_weight", "3200")),
        *(("birth_weight", "3.2"), ("child_given_name", "-"), ("residence", "01-3"), ("extra.ward", "x")),
    ],
)
def test_values_that_can_be_right(field: str, value: str) -> None:
    """Dates, codes, numbers and any text for a name or a place."""
    assert kept_value(field, value) == value


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        *(("birth_date", "20240305", "2024-03-05"), ("birth_date", " 2024/3/5 ", "2024-03-05")),
        *(("birth_date", "2024年3月5日", "2024-03-05"), ("birth_weight", "3200.0", "3200"), ("sex", " male ", "male")),
        ("child_given_name", "  Ana   Maria ", "Ana Maria"),
    ],
)
def test_values_are_kept_in_one_form(tmp_path: Path, field: str, value: str, kept: str) -> None:
    """Whichever way a value is written, the store and the next run have it in the form that lists are corrected in."""
    about = {"kind": "disagreement", "field": field, "value": value}
    add(tmp_path, row("F1", "corrected", **about))
    assert store.read_decisions(tmp_path)["value"].to_list() == [kept]
    assert set(store.corrections(store.read_decisions(tmp_path))["value"]) == {kept}
    line = (tmp_path / store.FILE).read_text(encoding="utf-8")
    (tmp_path / store.FILE).write_text(line.replace(f'"{kept}"', json.dumps(value)), encoding="utf-8")
    assert set(store.corrections(store.read_decisions(tmp_path))["value"]) == {kept}  # of a line that is older


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("birth_date", "2024-W10-2"), ("birth_date", "05/03/2024"), ("birth_date", "20240230")),
        *(("birth_weight", "1_000"), ("birth_weight", "3e3"), ("birth_weight", "-1"), ("sex", "Female")),
        *(("child_given_name", "x" * 501), ("birth_weight", "1" * 400)),
    ],
)
def test_a_value_that_no_run_could_use_is_refused_at_both_ends(tmp_path: Path, field: str, value: str) -> None:
    """When a decision comes in, and when a run reads the file: with the line, without the value."""
    wrong = row("F1", "corrected", kind="disagreement", field=field, value=value)
    with pytest.raises(DataError):
        add(tmp_path, wrong)
    (tmp_path / store.FILE).write_text(json.dumps(wrong) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"decisions\.jsonl line 1") as raised:
        store.corrections(store.read_decisions(tmp_path))
    assert value not in str(raised.value)


@pytest.mark.parametrize("line", ["{", "[]", "7", '{"finding_id": "F1"}', '{"finding_id": 1, "kind": "x"}'])
def test_a_spoilt_file_is_an_error_with_its_line(tmp_path: Path, line: str) -> None:
    """A run must not go on as if nothing had been decided."""
    good = json.dumps(row("F1", "confirmed"))
    (tmp_path / store.FILE).write_text(f"{good}\n\n{line}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"decisions\.jsonl line 3"):
        store.read_decisions(tmp_path)


def test_corrections_of_values(tmp_path: Path) -> None:
    """One for each record of the finding; of two about one field the later holds; others decide nothing here."""
    about_sex = {"kind": "disagreement", "field": "sex", "records": "hospital:h1; register:g%3B1"}
    add(
        tmp_path,
        row("F1", "corrected", value="male", **about_sex),
        row("F2", "corrected", value=" female ", kind="implausible", field="sex", records="hospital:h1"),
        row("F3", "confirmed", **about_sex | {"records": "hospital:h2"}),
        row("F4", "corrected", kind="not-registered", records="hospital:h5"),
        row("F5", "corrected", value="3000", kind="implausible", field="birth_weight", records="hospital:h6"),
        row("F6", "open", **about_sex | {"records": "hospital:h7"}),
    )
    found = store.corrections(store.read_decisions(tmp_path))
    assert sorted(found.rows()) == [
        ("hospital", "h1", "sex", "female"),
        ("hospital", "h6", "birth_weight", "3000"),
        ("register", "g;1", "sex", "male"),
    ]


def test_a_value_said_to_be_wrong_counts_as_missing_until_somebody_knows_better(tmp_path: Path) -> None:
    """Null in the place of what was read; a mother's dates too, which nobody can correct; the later decision holds."""
    odd = {"kind": "implausible", "field": "birth_weight", "records": "hospital:h1"}
    add(
        tmp_path,
        row("F1", "confirmed", **odd),
        row("F2", "confirmed", **odd | {"field": "mother_birth_date"}),
        row("F3", "confirmed", kind="disagreement", field="sex", records="hospital:h1"),
    )
    assert sorted(store.corrections(store.read_decisions(tmp_path)).rows()) == [
        ("hospital", "h1", "birth_weight", None),
        ("hospital", "h1", "mother_birth_date", None),
    ]
    add(tmp_path, row("F1", "corrected", value="3100", **odd))
    assert ("hospital", "h1", "birth_weight", "3100") in store.corrections(store.read_decisions(tmp_path)).rows()


def numbered(*members: tuple[str, int]) -> pl.DataFrame:
    """Rows in Records of the findings' records."""
    return pl.DataFrame(list(members), schema={"finding_id": pl.String, "record": pl.Int32}, orient="row")


def holding(*rows: dict[str, Any]) -> pl.DataFrame:
    """Decisions as they are read."""
    return table(*rows).with_row_index("line", offset=1).select(*store.COLUMNS, pl.col("line").cast(pl.Int32))


def test_pairs_that_were_decided() -> None:
    """Every pair of a finding's records; those of other kinds, and decisions taken back, say nothing of links."""
    made = holding(
        row("F1", "confirmed", kind="duplicate"),
        row("F2", "dismissed"),
        row("F3", "open"),
        row("F4", "confirmed", kind="disagreement", field="sex"),
    )
    members = numbered(
        ("F1", 5), ("F1", 2), ("F1", 9), ("F2", 1), ("F2", 2), ("F3", 7), ("F3", 8), ("F4", 3), ("F4", 4)
    )
    same, different = store.decided_pairs(made, members)
    assert same.tolist() == [[2, 5], [2, 9], [5, 9]]
    assert different.tolist() == [[1, 2]]
    assert same.dtype == np.int32


def test_a_decision_of_which_one_record_is_left_decides_nothing() -> None:
    """The other record is not in the lists any more."""
    same, different = store.decided_pairs(holding(row("F1", "confirmed")), numbered(("F1", 3)))
    assert (same.shape, different.shape) == ((0, 2), (0, 2))


def test_contradictions_name_the_findings() -> None:
    """Two records are two births by one decision and one birth by two others, through a third record."""
    made = holding(row("F1", "confirmed"), row("F2", "confirmed"), row("F3", "dismissed"), row("F4", "confirmed"))
    members = numbered(("F1", 1), ("F1", 2), ("F2", 2), ("F2", 3), ("F3", 1), ("F3", 3), ("F4", 6), ("F4", 7))
    with pytest.raises(DataError, match="F1, F2 make records one birth, F3 makes two of them different") as raised:
        store.decided_pairs(made, members)
    assert "F4" not in str(raised.value)


def test_contradictory_decisions_are_not_taken_in(tmp_path: Path) -> None:
    """A run could not follow them; one of the two must be taken back first."""
    add(tmp_path, row("F1", "confirmed", kind="duplicate", records="hospital:h1; hospital:h2"))
    contrary = row("F2", "dismissed", records="hospital:h1; hospital:h2")
    with pytest.raises(DataError, match="Decisions contradict each other: F1 make records one birth, F2"):
        add(tmp_path, contrary)
    assert store.read_decisions(tmp_path)["finding_id"].to_list() == ["F1"]
    assert add(tmp_path, row("F1", "open", kind="duplicate", records="hospital:h1; hospital:h2"), contrary) == 2
