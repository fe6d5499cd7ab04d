"""What becomes of findings: decided, verified by the next run, there again; and the history of all runs."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.publish.scenes import World, person, world

from everybirth.publish import decisions as store
from everybirth.publish.files import RunDir
from everybirth.publish.findings import kinds
from everybirth.publish.findings.fate import ALL, GONE, Fates
from everybirth.publish.findings.past import FINDINGS, HISTORY, Past, recall


def decided(row: dict[str, Any], decision: str, value: str | None = None, line: int = 1) -> pl.DataFrame:
    """A decision about a finding, as the store reads it."""
    said = {
        "decision": decision,
        "value": value,
        "who": "office",
        "when": "2026-01-01",
        "source": "a.xlsx",
        "note": "!",
    }
    content = {name: row.get(name) for name in ("finding_id", "kind", "records", "field")} | said | {"line": line}
    return pl.DataFrame([content], schema=store.SCHEMA)


def then(before: Fates, decision: pl.DataFrame | None = None) -> Past:
    """What is known before the next run."""
    made = pl.DataFrame(schema=store.SCHEMA) if decision is None else decision
    return Past(findings=before.findings, decisions=made, history=before.history)


def only(fates: Fates, kind: str) -> dict[str, Any]:
    """The one finding of a kind."""
    (row,) = fates.findings.filter(pl.col("kind") == kind).to_dicts()
    return row


def state(fates: Fates, kind: str) -> tuple[str, bool]:
    """Status of the one finding of a kind, and whether it came back."""
    row = only(fates, kind)
    return row["status"], row["came_back"]


def twice(*, together: bool) -> World:
    """A birth that the hospital has twice, or two births."""
    lists = {"hospital": [person(1, id="h1"), person(1, id="h2")]}
    return world(lists, [["h1", "h2"]] if together else [])


def sexes(second: str) -> World:
    """A birth that hospital and register have, of which they give the same sex or not."""
    lists = {"hospital": [person(1, id="h1", sex="male")], "register": [person(1, id="g1", sex=second)]}
    return world(lists, [["h1", "g1"]])


def unregistered(*registered: int, known: int = 1) -> World:
    """Birth 1 on as many lists as are asked for; the register has the births of the numbers given."""
    lists = {
        "hospital": [person(1, id="h1")],
        "community": [person(1, id="c1")][: known - 1],
        "register": [person(number, id=f"g{number}") for number in (9, *registered)],
    }
    ids = [f"{name[0]}1" for name, rows in lists.items() if name != "register" and rows]
    return world(lists, [[*ids, *(["g1"] if 1 in registered else [])]])


def test_what_is_new_is_open() -> None:
    """First found in the first run, seen last in this."""
    row = only(sexes("female").after(Past()), "disagreement")
    assert (row["status"], row["came_back"], row["decision"]) == ("open", False, None)
    assert (row["first_seen"], row["last_seen"]) == (1, 1)


@pytest.mark.parametrize(
    ("decision", "together", "expected"),
    [
        ("confirmed", True, ("verified", False)),
        ("confirmed", False, ("confirmed", False)),
        ("dismissed", False, ("verified", False)),
        ("dismissed", True, ("open", True)),
        ("open", True, ("open", False)),
    ],
)
def test_decisions_about_duplicates_show_in_the_births(
    decision: str, together: bool, expected: tuple[str, bool]
) -> None:
    """Verified if the records are one birth, or two, as was decided; open again where a run does not follow."""
    before = twice(together=True).after(Past())
    made = decided(only(before, "duplicate"), decision)
    assert state(twice(together=together).after(then(before, made)), "duplicate") == expected


def test_decisions_about_doubtful_links_show_in_the_births() -> None:
    """The pair is no longer in doubt: it is one birth, or two."""
    lists = {"hospital": [person(1, id="h1")], "community": [person(1, id="c1")]}
    before = world(lists, pairs={("h1", "c1"): 0.5}).after(Past())
    row = only(before, "uncertain-link")
    for decision, same in (("confirmed", [["h1", "c1"]]), ("dismissed", [])):
        after = world(lists, same, pairs={("h1", "c1"): 1.0 if same else 0.0}).after(
            then(before, decided(row, decision))
        )
        assert state(after, "uncertain-link") == ("verified", False)
        assert only(after, "uncertain-link")["found"] == row["found"]


@pytest.mark.parametrize(
    ("decision", "second", "expected"),
    [
        ("corrected", "male", ("verified", False)),
        ("corrected", "female", ("open", True)),
        ("confirmed", "female", ("confirmed", False)),
        ("confirmed", "male", ("confirmed", False)),
        ("dismissed", "female", ("dismissed", False)),
    ],
)
def test_decisions_about_disagreements(decision: str, second: str, expected: tuple[str, bool]) -> None:
    """A correction is verified by its effect; that the best value is right, or that it is no error, just stands."""
    before = sexes("female").after(Past())
    value = "male" if decision == "corrected" else None
    after = sexes(second).after(then(before, decided(only(before, "disagreement"), decision, value)))
    assert state(after, "disagreement") == expected
    row = only(after, "disagreement")
    assert (row["decision"], row["corrected_value"], row["note"]) == (decision, value, "!")


def weighing(weight: str | None) -> World:
    """A record whose birth weight is said to be so many grams."""
    return world({"hospital": [person(1, id="h1", birth_weight=weight), person(2, birth_weight="3000")]})


def test_a_value_said_to_be_wrong_is_verified_when_it_is_gone() -> None:
    """Nobody need know the right one: the value counts as missing. Where the run still shows it, it came back."""
    before = weighing("90").after(Past())
    made = decided(only(before, "implausible"), "confirmed")
    assert state(weighing(None).after(then(before, made)), "implausible") == ("verified", False)
    assert state(weighing("90").after(then(before, made)), "implausible") == ("open", True)
    kept = decided(only(before, "implausible"), "dismissed")
    assert state(weighing("90").after(then(before, kept)), "implausible") == ("dismissed", False)


@pytest.mark.parametrize("decision", ["confirmed", "dismissed"])
def test_an_office_is_asked_once_whether_two_records_are_one_birth(decision: str) -> None:
    """A doubtful link within a list that was confirmed is not asked again as a duplicate, nor the other way round."""
    lists = {"hospital": [person(1, id="h1"), person(1, id="h2")]}
    worlds = [world(lists, pairs={("h1", "h2"): 0.5}), world(lists, [["h1", "h2"]])]
    for before, after in (worlds, worlds[::-1]):
        first = before.after(Past())
        (row,) = first.findings.to_dicts()
        made = decided(row, decision)
        (again,) = after.after(then(first, made)).findings.to_dicts()
        assert again["finding_id"] == row["finding_id"]
        together = after is worlds[1]
        expected = "verified" if together == (decision == "confirmed") else "open"
        assert again["status"] == expected


def test_what_became_of_findings_since_the_last_run() -> None:
    """Decided, no longer found, there again; nothing in a first run, and nothing twice."""
    first = busy().after(Past())
    assert first.since is None
    made = decided(only_sex(first, 0), "corrected", "male")
    second = busy(open_ones=False).after(then(first, made))
    assert second.since == {"closed": 3, "came_back": 0}
    assert busy(open_ones=False).after(then(second, made)).since == {"closed": 0, "came_back": 0}
    third = busy().after(then(second, made))
    assert third.since == {"closed": 0, "came_back": 1}


def only_sex(fates: Fates, number: int) -> dict[str, Any]:
    """One of the disagreements about the sex."""
    return fates.findings.filter(pl.col("kind") == "disagreement").to_dicts()[number]


def test_a_finding_with_a_further_record_is_not_closed() -> None:
    """The question is asked under another id: neither counted as closed nor as gone."""
    before = unregistered().after(Past())
    after = unregistered(known=2).after(then(before))
    assert after.since == {"closed": 0, "came_back": 0}
    assert GONE not in after.history["status"]
    done = unregistered(1, known=2).after(then(before))
    assert done.since == {"closed": 1, "came_back": 0}


def test_what_was_verified_and_is_there_again_has_come_back() -> None:
    """And stays so until somebody decides anew, however often it runs."""
    first = sexes("female").after(Past())
    made = decided(only(first, "disagreement"), "corrected", "male")
    second = sexes("male").after(then(first, made))
    assert state(second, "disagreement") == ("verified", False)
    third = sexes("female").after(then(second, made))
    assert state(third, "disagreement") == ("open", True)
    row = only(third, "disagreement")
    assert (row["first_seen"], row["last_seen"]) == (1, 3)
    assert only(second, "disagreement")["last_seen"] == 1
    again = decided(row, "dismissed", line=2)
    assert state(sexes("female").after(then(third, again)), "disagreement") == ("dismissed", False)


def test_a_registered_child_is_verified_when_the_register_has_it() -> None:
    """Until a new register comes, the office's word stands; if a new one comes without the child, it is open again."""
    before = unregistered().after(Past())
    made = decided(only(before, "not-registered"), "corrected")
    waiting = unregistered().after(then(before, made))
    assert state(waiting, "not-registered") == ("corrected", False)
    done = unregistered(1).after(then(waiting, made))
    assert state(done, "not-registered") == ("verified", False)
    lost = unregistered().after(then(done, made))
    assert state(lost, "not-registered") == ("open", True)
    without = unregistered(5).after(then(waiting, made))
    assert state(without, "not-registered") == ("open", True)
    assert state(unregistered(5).after(then(without, made)), "not-registered") == ("open", True)
    anew = decided(only(without, "not-registered"), "corrected", line=2)
    assert state(unregistered(5).after(then(without, anew)), "not-registered") == ("corrected", False)


def test_what_was_decided_of_a_child_holds_when_another_list_has_it_too() -> None:
    """The finding's id changes with its records; the decision goes with the child, in that run and in the next."""
    before = unregistered().after(Past())
    made = decided(only(before, "not-registered"), "dismissed")
    past = then(before, made)
    for _ in range(2):
        after = unregistered(known=2).after(past)
        row = only(after, "not-registered")
        assert row["finding_id"] != made["finding_id"][0]
        assert (row["status"], row["records"]) == ("dismissed", "hospital:h1; community:c1")
        assert (row["first_seen"], row["last_seen"]) == (1, 2)
        past = then(after, made)
    own = decided(row, "corrected", line=2)
    later = unregistered(known=2).after(then(after, pl.concat([made, own]))).findings
    assert set(later.filter(pl.col("kind") == "not-registered")["status"]) == {"corrected", "dismissed"}


def test_a_child_with_a_further_record_is_not_taken_for_registered() -> None:
    """The old finding is not found any more, yet the register still lacks the child."""
    before = unregistered().after(Past())
    made = decided(only(before, "not-registered"), "corrected")
    assert state(unregistered(known=2).after(then(before, made)), "not-registered") == ("corrected", False)


def rejecting(*rows: int) -> World:
    """A list with rejected rows of these numbers."""
    each = [("hospital", row, "no name", f'{{"id": "h{row}"}}') for row in rows]
    schema = {"list": pl.String, "row": pl.UInt32, "reason": pl.String, "content": pl.String}
    return world({"hospital": [person(1)]}, rejected=pl.DataFrame(each, schema=schema, orient="row"))


def test_a_mended_row_is_verified_when_it_is_not_rejected_any_more() -> None:
    """If it still is, it is open again."""
    before = rejecting(4).after(Past())
    made = decided(only(before, "rejected"), "corrected")
    assert state(rejecting().after(then(before, made)), "rejected") == ("verified", False)
    assert state(rejecting(4).after(then(before, made)), "rejected") == ("open", True)


def test_decisions_about_records_that_are_gone_are_kept_and_counted() -> None:
    """Neither verified nor lost: a warning tells how many, without saying whom they are about."""
    before = sexes("female").after(Past())
    made = decided(only(before, "disagreement"), "corrected", "male")
    after = world({"hospital": [person(7)], "register": [person(7, id="g7")]}, [["r7", "g7"]]).after(then(before, made))
    assert state(after, "disagreement") == ("corrected", False)
    (warning,) = after.warnings
    assert "1 of 1" in warning
    assert "h1" not in warning


def test_a_decision_is_shown_even_if_the_earlier_findings_are_lost() -> None:
    """The decisions are enough to tell what was decided about which records."""
    made = decided(only(sexes("female").after(Past()), "disagreement"), "corrected", "male")
    after = sexes("male").after(Past(decisions=made))
    row = only(after, "disagreement")
    assert (row["status"], row["area"], row["found"]) == ("verified", "unknown", None)
    assert row["records"] == "hospital:h1; register:g1"


def busy(*, open_ones: bool = True) -> World:
    """A world with findings of several kinds."""
    hospital = [person(k, id=f"h{k}", sex="male") for k in range(12)]
    register = [person(k, id=f"g{k}", sex="female" if k < 3 and open_ones else "male") for k in range(9)]
    return world({"hospital": hospital, "register": register}, [[f"h{k}", f"g{k}"] for k in range(9)])


def test_a_run_that_finds_the_same_has_the_same_number() -> None:
    """Nothing is counted twice: findings and history stay as they were, byte for byte, until something changes."""
    first = busy().after(Past())
    row = first.findings.filter(pl.col("kind") == "disagreement").to_dicts()[0]
    made = decided(row, "dismissed")
    second = busy().after(then(first, made))
    third = busy().after(then(second, made))
    assert third.findings.equals(second.findings)
    assert third.history.equals(second.history)
    assert second.history.filter(pl.col("area") == ALL)["run"].to_list() == [1, 2]


def test_the_history_counts_the_findings_of_each_run() -> None:
    """By area, kind and status; what was open and is no longer found is counted as gone."""
    first = busy().after(Past())
    second = busy(open_ones=False).after(then(first))
    history = second.history
    for number, fates in ((1, first), (2, second)):
        of_run = history.filter(pl.col("run") == number)
        head = of_run.filter(pl.col("area") == ALL)
        assert head["findings"].to_list() == [fates.findings.height]
        rows = of_run.filter((pl.col("area") != ALL) & (pl.col("status") != GONE))
        counts = fates.findings.group_by("area", "kind", "status").len()
        assert sorted(rows.select("area", "kind", "status", "findings").rows()) == sorted(counts.rows())
    gone = history.filter(pl.col("status") == GONE)
    assert gone.select("run", "area", "kind", "findings").rows() == [(2, "01", "disagreement", 3)]
    assert "disagreement" not in second.findings["kind"]


def test_nothing_ever_found() -> None:
    """A run of empty lists is a run too, and the next of the same is not another."""
    first = world({"hospital": [], "register": []}).after(Past())
    assert dict(first.findings.schema) == kinds.SCHEMA
    second = world({"hospital": [], "register": []}).after(then(first))
    assert second.history.equals(first.history)
    assert first.history["findings"].to_list() == [0]


def test_the_past_is_read_from_a_runs_folder(tmp_path: Path) -> None:
    """What was written is what is read; a folder without anything has no past."""
    assert recall(tmp_path / "none").run == 0
    first = busy().after(Past())
    with RunDir(tmp_path) as folder:
        folder.write_parquet(FINDINGS, first.findings)
        folder.write_parquet(HISTORY, first.history)
    past = recall(tmp_path)
    assert past.findings.equals(first.findings)
    assert past.history.equals(first.history)
    assert (past.run, past.warnings) == (1, ())


@pytest.mark.parametrize("content", [b"", b"PAR1 no more", None])
def test_findings_that_cannot_be_read_are_no_obstacle(tmp_path: Path, content: bytes | None) -> None:
    """A broken file, or one with other columns, is told of and counted anew; the decisions are not in it."""
    if content is None:
        pl.DataFrame({"a": [1]}).write_parquet(tmp_path / FINDINGS)
    else:
        (tmp_path / FINDINGS).write_bytes(content)
    past = recall(tmp_path)
    assert past.findings.height == 0
    assert len(past.warnings) == 1
