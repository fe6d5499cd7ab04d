"""Workbooks that come back: whatever was done to them, nothing an office wrote is lost and nothing is guessed."""

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.publish.offices import choice, column, decisions, edited, exported, filled, finding, folder

from everybirth.errors import DataError, EverybirthError, PlanError, ReadError
from everybirth.publish.access_log import read_access
from everybirth.publish.files import RunDir
from everybirth.publish.findings.kinds import CHOICES, KINDS, WITH_VALUE
from everybirth.publish.workbooks import Imported, export_findings, import_findings, words
from everybirth.publish.workbooks.returned import read_returned

SAME, DIFFERENT = choice("duplicate", "confirmed"), choice("duplicate", "dismissed")
THREE = [finding(number) for number in (1, 2, 3)]


def made(path: Path) -> dict[int, str]:
    """Number of each finding -> its last decision."""
    return {int(line["finding_id"][1:]): line["decision"] for line in decisions(path)}


def kept(path: Path, done: Imported) -> list[dict[str, Any]]:
    """The rows of the workbook of problems."""
    assert done.problems_file is not None
    rows = list(openpyxl.load_workbook(done.problems_file)["Problems"].values)
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def only_problem(path: Path, done: Imported) -> dict[str, Any]:
    """The only row that could not be taken in; nothing else was."""
    assert done.decisions == 0
    assert not decisions(path)
    (row,) = kept(path, done)
    (message,) = [line for line in done.warnings() if row["Problem"] in line]
    assert f'"{row["Sheet"]}", row {row["Row"]}: ' in message
    assert row["What to do"] in message
    return row


@pytest.mark.parametrize("language", sorted(words.LANGUAGES))
def test_every_choice_of_every_kind_comes_back(tmp_path: Path, language: str) -> None:
    """What the drop-down lists offer, in either language, is read as the decision it stands for."""
    rows, answers, wanted = [], {}, {}
    for kind in KINDS:
        for decision in CHOICES[kind]:
            number = len(rows)
            rows.append(finding(number, kind, field="child_given_name" if kind in WITH_VALUE else None))
            answers[number] = {words.LANGUAGES[language].headings["decision"]: choice(kind, decision, language)}
            if kind in WITH_VALUE and decision == "corrected":
                answers[number][words.LANGUAGES[language].headings["corrected_value"]] = "Ana Maria"
            wanted[number] = decision
    book = exported(tmp_path, *rows, language=language)
    english = {"Finding": words.LANGUAGES[language].headings["finding_id"]}

    def fill(opened: Any) -> None:
        for sheet in opened.worksheets[1:]:
            for row in range(2, sheet.max_row + 1):
                number = int(sheet.cell(row, column(sheet, english["Finding"])).value[1:])
                for heading, value in answers[number].items():
                    sheet.cell(row, column(sheet, heading)).value = value

    done = import_findings(tmp_path, [edited(book, fill)])
    assert not done.problems, done.warnings()
    assert done.decisions == len(rows)
    assert made(tmp_path) == wanted


def test_no_word_stands_for_two_decisions() -> None:
    """A choice means the same in every kind that has it, in every language."""
    meant: dict[str, set[str]] = {}
    for language in words.LANGUAGES.values():
        for kind in KINDS:
            for decision, label in words.choices_of(language, kind).items():
                meant.setdefault(words.plain(label), set()).add(decision)
    assert all(len(of) == 1 for of in meant.values())


def test_a_decision_carries_all_that_the_next_run_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Finding, kind, records, field, value, note, who, when and which file; who is at work if nobody signed."""
    monkeypatch.setenv("EVERYBIRTH_USER", "ann")
    book = exported(tmp_path, finding(1, "disagreement", field="birth_date"), finding(2))
    answers = {
        1: {"Decision": "another value is right", "Right value": dt.date(2024, 3, 1), "Note": "seen", "Who": "Bo"},
        2: {"Decision": SAME},
    }
    import_findings(tmp_path, [filled(book, answers)])
    second, first = sorted(decisions(tmp_path), key=lambda line: line["kind"], reverse=True)
    assert first.pop("when").endswith("+00:00")
    assert first == {
        "finding_id": f"F{1:013}",
        "kind": "disagreement",
        "records": "register:R1; hospital:H1",
        "field": "birth_date",
        "decision": "corrected",
        "value": "2024-03-01",
        "note": "seen",
        "who": "Bo",
        "source": "returned.xlsx",
        "sha256": hashlib.sha256((tmp_path / "findings" / "returned.xlsx").read_bytes()).hexdigest(),
    }
    assert (second["who"], second["value"], second["note"]) == ("ann", None, None)


def test_the_same_workbook_twice_changes_nothing(tmp_path: Path) -> None:
    """A second import adds no decision and no second file of problems."""
    book = filled(exported(tmp_path, *THREE), {1: {"Decision": SAME}, 2: {"Decision": "perhaps"}})
    first = import_findings(tmp_path, [book])
    before = (tmp_path / "decisions.jsonl").read_bytes()
    second = import_findings(tmp_path, [book])
    assert (first.decisions, first.unchanged, second.decisions, second.unchanged) == (1, 0, 0, 1)
    assert (tmp_path / "decisions.jsonl").read_bytes() == before
    assert first.problems_file == second.problems_file


def test_an_old_workbook_does_not_overrule_a_newer_one(tmp_path: Path) -> None:
    """What was taken in, then overruled by another workbook, stays overruled when the first comes again."""
    book = exported(tmp_path, *THREE)
    old = filled(book, {1: {"Decision": SAME}}, tmp_path / "old.xlsx")
    new = filled(book, {1: {"Decision": DIFFERENT}}, tmp_path / "new.xlsx")
    import_findings(tmp_path, [old])
    assert import_findings(tmp_path, [new]).changed == 1
    again = filled(book, {1: {"Decision": SAME}, 2: {"Decision": SAME}}, tmp_path / "old.xlsx")
    done = import_findings(tmp_path, [again])
    assert (done.decisions, done.outdated) == (1, 1)
    assert made(tmp_path) == {1: "dismissed", 2: "confirmed"}


def test_an_office_may_change_its_mind(tmp_path: Path) -> None:
    """Another decision in the same workbook takes the place of the first; taking it back opens the finding."""
    book = exported(tmp_path, *THREE)
    for number, (label, decision) in enumerate(
        ((SAME, "confirmed"), (DIFFERENT, "dismissed"), (SAME, "confirmed"), ("open", "open"))
    ):
        import_findings(tmp_path, [filled(book, {1: {"Decision": label, "Note": f"look {number}"}})])
        assert made(tmp_path)[1] == decision


def test_workbooks_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """Offices send files that are all called by their area: what one overruled, the other does not bring back, and the
    log counts the decisions of each.
    """
    book = exported(tmp_path / "run", *THREE)
    files = [tmp_path / office / "North.xlsx" for office in ("one", "two")]
    for file, label in zip(files, (SAME, DIFFERENT), strict=True):
        file.parent.mkdir()
        filled(book, {1: {"Decision": label}, 2: {"Decision": label}, 3: {"Decision": SAME}}, file)
    done = [import_findings(tmp_path / "run", [file]) for file in (*files, files[0])]
    assert [(each.decisions, each.changed, each.outdated, each.unchanged) for each in done] == [
        *((3, 0, 0, 0), (2, 2, 0, 1), (0, 0, 2, 1)),
    ]
    assert made(tmp_path / "run") == {1: "dismissed", 2: "dismissed", 3: "confirmed"}
    other = folder(tmp_path / "other", *THREE)
    one, two = (filled(book, {n: {"Decision": SAME}}, file) for n, file in enumerate(files, start=1))
    import_findings(other, [one, two])
    assert [file["decisions"] for file in read_access(other)[-1]["files"]] == [1, 1]


def test_an_import_tells_how_far_the_work_is(tmp_path: Path) -> None:
    """What is open, came back, is decided and is settled: altogether, and in the areas that were taken in."""
    rows = [*THREE, finding(4, status="verified"), finding(5, status="dismissed", decision="dismissed")]
    rows += [finding(6, came_back=True), finding(7, area="South")]
    book = exported(tmp_path / "a", *rows[:3])
    done = import_findings(folder(tmp_path / "b", *rows), [filled(book, {2: {"Decision": SAME}})])
    assert "Findings: 4 open (1 came back), 2 decided, 1 settled." in done.summary()
    assert "  North: 3 open (1 came back), 2 decided, 1 settled" in done.summary()
    assert "South" not in done.summary()
    assert done.to_json()["findings"] == {"open": 4, "came_back": 1, "decided": 2, "settled": 1}
    assert done.to_json()["areas"] == {"North": {"open": 3, "came_back": 1, "decided": 2, "settled": 1}}


def test_an_unknown_language_is_refused(tmp_path: Path) -> None:
    """No workbook in another language than the one that was asked for; the message has those that there are."""
    with pytest.raises(PlanError, match=r'"fr".*en, zh'):
        export_findings(folder(tmp_path, finding(1)), language="fr")
    assert not (tmp_path / "findings").exists()


def swap_columns(opened: Any) -> None:
    """Every sheet's columns in reverse order."""
    for sheet in opened.worksheets[1:]:
        rows = [[cell.value for cell in row][::-1] for row in sheet.iter_rows()]
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(row, start=1):
                sheet.cell(number, place).value = value


def shout(opened: Any) -> None:
    """Headings in capitals, with blanks and without "(fill in)"."""
    for cell in opened["Duplicates"][1]:
        cell.value = f"  {str(cell.value).split('(')[0].upper()} "


def reverse_rows(opened: Any) -> None:
    """Sorted the other way round."""
    sheet = opened["Duplicates"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)][::-1]
    for number, row in enumerate(rows, start=2):
        for place, value in enumerate(row, start=1):
            sheet.cell(number, place).value = value


def rows_above(opened: Any) -> None:
    """A title and an empty row above the headings, a total below."""
    sheet = opened["Duplicates"]
    sheet.insert_rows(1, 2)
    sheet["A1"] = "Our answers"
    sheet.cell(sheet.max_row + 2, 1).value = "Total: 3"


def more_sheets(opened: Any) -> None:
    """Sheets renamed, moved, added."""
    opened["Duplicates"].title = "done by Bo"
    opened.create_sheet("Shopping", 0)["A1"] = "milk"
    opened.move_sheet("Read me", 2)


def more_columns(opened: Any) -> None:
    """Columns of the office's own."""
    sheet = opened["Duplicates"]
    sheet.insert_cols(2)
    sheet["B1"], sheet["B2"] = "checked?", "yes"


def drop_other_rows(opened: Any) -> None:
    """Rows without an answer deleted."""
    opened["Duplicates"].delete_rows(2)


def double_rows(opened: Any) -> None:
    """A row copied below."""
    sheet = opened["Duplicates"]
    sheet.append([cell.value for cell in sheet[3]])


def small_ids(opened: Any) -> None:
    """Ids in small letters, with blanks."""
    for row in range(2, 5):
        cell = opened["Duplicates"].cell(row, 1)
        cell.value = f" {cell.value.lower()} "


def lost_heading_of_ids(opened: Any) -> None:
    """The heading of the ids renamed to something unknown."""
    opened["Duplicates"]["A1"] = "our number"


def lost_heading_of_decisions(opened: Any) -> None:
    """The heading of the decisions renamed to something unknown."""
    sheet = opened["Duplicates"]
    sheet.cell(1, column(sheet, "Decision")).value = "what we think"


def other_language(opened: Any) -> None:
    """Headings and decisions of the other language, and words as they are stored."""
    sheet, chinese = opened["Duplicates"], words.LANGUAGES["zh"]
    at = column(sheet, "Decision")
    sheet.cell(1, at).value = chinese.headings["decision"]
    sheet.cell(3, at).value = chinese.choices["duplicate"]["confirmed"]
    sheet.cell(4, at).value = " DISMISSED."


EDITS = [
    *(swap_columns, shout, reverse_rows, rows_above, more_sheets, more_columns, drop_other_rows, double_rows),
    *(small_ids, lost_heading_of_ids, lost_heading_of_decisions, other_language),
]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_edits_that_lose_nothing(tmp_path: Path, edit: Any) -> None:
    """Whatever was moved, renamed, sorted, deleted, repeated or added: the two answers are read as they were given."""
    book = filled(exported(tmp_path, *THREE), {2: {"Decision": SAME}, 3: {"Decision": DIFFERENT}})
    done = import_findings(tmp_path, [edited(book, edit)])
    assert not done.problems, done.warnings()
    assert made(tmp_path) == {2: "confirmed", 3: "dismissed"}


def set_cell(heading: str, value: object) -> Any:
    """An edit that writes into the row of finding 2."""

    def edit(opened: Any) -> None:
        sheet = opened.worksheets[1]
        sheet.cell(3, column(sheet, heading)).value = value

    return edit


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (set_cell("Decision", "maybe"), "The decision is none of the words of the list."),
        (set_cell("Decision", "registered now"), "The decision is not one for this kind of finding."),
        (set_cell("Finding", None), "The row has no id of a finding."),
        (set_cell("Finding", "7"), "What stands under Finding is no id."),
        (set_cell("Finding", f"F{99:013}"), "No finding has this id: it was mistyped, or its records"),
        (set_cell("Decision", None), "Something was written, but no decision chosen."),
    ],
)
def test_an_answer_that_cannot_be_understood_is_kept(tmp_path: Path, edit: Any, problem: str) -> None:
    """The row goes into a workbook of problems, with all that stood in it; the message names file, sheet and row."""
    book = filled(exported(tmp_path, *THREE), {2: {"Decision": SAME, "Note": "we asked the midwife"}})
    done = import_findings(tmp_path, [edited(book, edit)])
    row = only_problem(tmp_path, done)
    assert row["Problem"].startswith(problem)
    assert (row["File"], row["Sheet"], row["Row"]) == ("returned.xlsx", "Duplicates", 3)
    assert "we asked the midwife" in row["The row as it was"]
    assert row["Note (fill in)"] == "we asked the midwife"
    assert not [line for line in done.warnings() if "midwife" in line or "Anna" in line]


def test_without_headings_every_answer_is_kept(tmp_path: Path) -> None:
    """Columns are not guessed where the row of headings is gone."""
    book = filled(exported(tmp_path, *THREE), {2: {"Decision": SAME}})
    done = import_findings(tmp_path, [edited(book, lambda opened: opened["Duplicates"].delete_rows(1))])
    assert not decisions(tmp_path)
    assert {row["Problem"] for row in kept(tmp_path, done)} == {
        "The sheet has no row of headings, so its columns cannot be told apart."
    }
    assert any(SAME in row["The row as it was"] for row in kept(tmp_path, done))


def test_without_a_column_of_decisions_every_answer_is_kept(tmp_path: Path) -> None:
    """Words that are no decisions under an unknown heading are kept, not guessed."""
    book = filled(exported(tmp_path, *THREE), {2: {"Decision": "yes"}})
    done = import_findings(tmp_path, [edited(book, lost_heading_of_decisions)])
    row = only_problem(tmp_path, done)
    assert row["Problem"] == 'The sheet has no column headed "Decision".'
    assert "what we think: yes" in row["The row as it was"]


def test_two_columns_that_contradict_each_other(tmp_path: Path) -> None:
    """A copied column that says otherwise is a problem; one that says the same is none."""

    def copy(value: str) -> Any:
        def edit(opened: Any) -> None:
            sheet = opened["Duplicates"]
            at = sheet.max_column + 1
            sheet.cell(1, at).value, sheet.cell(3, at).value = "Decision", value

        return edit

    book = filled(exported(tmp_path, *THREE), {2: {"Decision": SAME}})
    done = import_findings(tmp_path, [edited(book, copy(DIFFERENT), tmp_path / "a.xlsx")])
    assert only_problem(tmp_path, done)["Problem"] == 'Two columns headed "Decision" say different things.'
    assert import_findings(tmp_path, [edited(book, copy(SAME), tmp_path / "b.xlsx")]).decisions == 1


def test_different_answers_to_one_finding(tmp_path: Path) -> None:
    """Two rows, even in two workbooks, that decide otherwise: neither is taken in, both are kept."""
    book = exported(tmp_path, *THREE)
    books = [filled(book, {1: {"Decision": label}}, tmp_path / f"{label}.xlsx") for label in (SAME, DIFFERENT)]
    done = import_findings(tmp_path, books)
    assert not decisions(tmp_path)
    assert [row["File"] for row in kept(tmp_path, done)] == [f"{SAME}.xlsx", f"{DIFFERENT}.xlsx"]


@pytest.mark.parametrize(
    ("field", "written", "value"),
    [
        ("birth_date", dt.date(2024, 3, 1), "2024-03-01"),
        ("birth_date", "2024-03-01", "2024-03-01"),
        ("birth_date", " 2024/3/1 ", "2024-03-01"),
        ("birth_date", "2024年3月1日", "2024-03-01"),
        ("birth_date", 45352, "2024-03-01"),
        ("birth_date", "01/03/2024", None),
        ("birth_date", "2024-02-30", None),
        ("birth_date", 3, None),
        ("birth_date", 20240301, None),
        ("sex", "Male", "male"),
        ("sex", "女", "female"),
        ("sex", "boy", None),
        ("sex", 1, None),
        ("birth_weight", 3200, "3200"),
        ("birth_weight", "3200", "3200"),
        ("birth_weight", 3200.5, "3200.5"),
        ("birth_weight", "3,200", None),
        ("birth_weight", "3.2 kg", None),
        ("birth_weight", -1, None),
        ("birth_weight", dt.date(2024, 3, 1), None),
        ("child_given_name", "  Ana   Maria ", "Ana Maria"),
        ("child_given_name", "=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("child_given_name", "x" * 501, None),
        ("residence", 101, "101"),
        ("residence", "0101", "0101"),
        ("residence", dt.date(2024, 3, 1), None),
        ("child_given_name", None, None),
    ],
)
def test_right_values(tmp_path: Path, field: str, written: object, value: str | None) -> None:
    """A value is read as its field has it, whatever Excel made of it; what cannot be one is kept, not guessed."""
    book = exported(tmp_path, finding(1), finding(2, "disagreement", field=field))

    def edit(opened: Any) -> None:
        sheet = opened["Disagreements"]
        sheet.cell(2, column(sheet, "Decision")).value = "another value is right"
        cell = sheet.cell(2, column(sheet, "Right value"))
        cell.value = written
        if str(written).startswith("="):
            cell.data_type = "s"
        if isinstance(written, int | float):
            cell.number_format = "General"

    done = import_findings(tmp_path, [edited(book, edit)])
    if value is None:
        row = only_problem(tmp_path, done)
        assert row["Problem"].startswith(("The right value cannot be one", "Another value is right, but"))
        if written is not None and not isinstance(written, str):
            kept_value = row["Right value (fill in)"]
            assert kept_value == written or kept_value.date() == written
    else:
        assert [line["value"] for line in decisions(tmp_path)] == [value]


def test_a_value_beside_another_decision(tmp_path: Path) -> None:
    """ "Best value is right" and another value: which is meant is asked, not guessed."""
    book = exported(tmp_path, finding(2, "disagreement"))
    done = import_findings(tmp_path, [filled(book, {2: {"Decision": "best value is right", "Right value": "female"}})])
    assert "beside a decision that has none" in only_problem(tmp_path, done)["Problem"]


def swapped_ids(opened: Any) -> None:
    """The ids of the first two rows exchanged, as when their column alone is sorted."""
    sheet = opened.worksheets[1]
    first, second = sheet["A2"], sheet["A3"]
    first.value, second.value = second.value, first.value


@pytest.mark.parametrize("kind", ["not-registered", "duplicate", "disagreement"])
def test_an_answer_never_lands_on_another_finding(tmp_path: Path, kind: str) -> None:
    """Where the id and the records of a row belong to different findings nothing is taken in, neither then nor when the
    rows that were kept are imported as they are; with the right id they are.
    """
    book = exported(tmp_path, *(finding(number, kind) for number in (1, 2, 3)))
    answered = filled(book, {1: {"Decision": choice(kind, "confirmed")}, 3: {"Decision": choice(kind, "dismissed")}})
    import_findings(tmp_path, [answered])
    other = filled(book, {2: {"Decision": choice(kind, "confirmed")}}, tmp_path / "other.xlsx")
    done = import_findings(tmp_path, [edited(other, swapped_ids, other)])
    assert (done.decisions, done.unchanged) == (0, 0)
    (row,) = kept(tmp_path, done)
    assert (row["Finding"], row["Records"]) == (f"F{1:013}", "register:R2\nhospital:H2")
    assert row["Problem"] == "The id and the records of this row belong to different findings."
    assert row["What to do"] == "Copy the row from the workbook that was sent."
    assert done.problems_file is not None
    again = import_findings(tmp_path, [done.problems_file])
    assert (again.decisions, len(again.problems)) == (0, 1)

    def mend(opened: Any) -> None:
        opened["Problems"].cell(2, column(opened["Problems"], "Finding")).value = f"F{2:013}"

    assert import_findings(tmp_path, [edited(done.problems_file, mend, done.problems_file)]).decisions == 1
    assert made(tmp_path) == {1: "confirmed", 2: "confirmed", 3: "dismissed"}


@pytest.mark.parametrize(
    "written", ["hospital:H1; register:R1", " register:R1 \r\n hospital:H1", "hospital:H1 ;register:R1;", ""]
)
def test_records_may_be_written_in_any_order(tmp_path: Path, written: str) -> None:
    """The records of a row are the finding's, however their cell is broken; or the row names none."""
    book = filled(exported(tmp_path, *THREE), {1: {"Decision": SAME, "Records": written}})
    assert import_findings(tmp_path, [book]).decisions == 1


@pytest.mark.parametrize(("kind", "taken_in"), [("not-registered", 1), ("duplicate", 0)])
def test_a_child_to_register_may_have_a_record_more_by_now(tmp_path: Path, kind: str, taken_in: int) -> None:
    """Such a finding keeps its id when a record of the child turns up; others have another one then."""
    book = filled(exported(tmp_path / "sent", finding(1, kind)), {1: {"Decision": choice(kind, "confirmed")}})
    now = finding(1, kind, records="register:R1; hospital:H1; community:C1")
    assert import_findings(folder(tmp_path / "now", now), [book]).decisions == taken_in


def test_mended_problems_can_be_imported(tmp_path: Path) -> None:
    """The workbook of problems is itself one that can be mended and taken back."""
    book = filled(exported(tmp_path, *THREE), {2: {"Decision": "yes", "Note": "seen"}})
    file = import_findings(tmp_path, [book]).problems_file
    assert file is not None

    def mend(opened: Any) -> None:
        sheet = opened["Problems"]
        sheet.cell(2, column(sheet, "Decision")).value = SAME

    assert import_findings(tmp_path, [edited(file, mend, file)]).decisions == 1
    assert [(line["decision"], line["note"]) for line in decisions(tmp_path)] == [("confirmed", "seen")]


def test_a_workbook_of_another_run(tmp_path: Path) -> None:
    """Its findings are not here: the message says that it is from another run, and where to import it."""
    book = exported(tmp_path / "a", finding(7))
    other = folder(tmp_path / "b", finding(8))
    (other / "run.json").write_text((other / "run.json").read_text().replace("0123", "fedc"))
    done = import_findings(other, [filled(book, {7: {"Decision": SAME}})])
    row = only_problem(other, done)
    assert "made from another run" in row["Problem"]
    assert "folder of that run" in row["What to do"]


def test_a_finding_settled_since_is_known_already(tmp_path: Path) -> None:
    """Importing again what was taken in is no problem, even when the next run has no such finding any more."""
    book = filled(exported(tmp_path, *THREE), {2: {"Decision": SAME}})
    import_findings(tmp_path, [book])
    folder(tmp_path, finding(1), finding(3))
    done = import_findings(tmp_path, [book])
    assert (done.decisions, done.unchanged, len(done.problems)) == (0, 1, 0)


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04broken"])
def test_a_file_that_is_no_workbook(tmp_path: Path, content: bytes) -> None:
    """It is named; the others are taken in all the same."""
    book = filled(exported(tmp_path, *THREE), {2: {"Decision": SAME}})
    (tmp_path / "bad.xlsx").write_bytes(content)
    done = import_findings(tmp_path, [tmp_path / "bad.xlsx", book])
    assert done.decisions == 1
    assert len(done.unreadable) == 1
    assert "bad.xlsx: not a readable workbook" in done.unreadable[0]


def test_a_workbook_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without permission the message asks for that; saving the file anew would not help."""
    book = exported(tmp_path, *THREE)

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ReadError, match=r"this file may not be read\. Ask its owner for permission") as caught:
        read_returned(book)
    assert "xlsx and import" not in str(caught.value)


def test_sheets_and_columns_that_were_passed_over_are_named(tmp_path: Path) -> None:
    """An office that wrote somewhere else is told."""
    book = filled(exported(tmp_path, *THREE), {2: {"Decision": SAME}})

    def edit(opened: Any) -> None:
        more_sheets(opened)
        sheet = opened["done by Bo"]
        sheet.cell(1, sheet.max_column + 1).value = "remarks"
        sheet.cell(3, sheet.max_column).value = "see me"

    done = import_findings(tmp_path, [edited(book, edit)])
    assert done.decisions == 1
    assert any('"Shopping": no findings in it' in line for line in done.notices)
    assert any("one column with another heading" in line for line in done.notices)
    assert len(done.notices) == 2


def test_what_is_decided_is_not_asked_again(tmp_path: Path) -> None:
    """An export after an import holds what is still open, and counts what was decided."""
    book = filled(exported(tmp_path, *THREE), {2: {"Decision": SAME}})
    import_findings(tmp_path, [book])
    (again,) = export_findings(tmp_path).files.values()
    opened = openpyxl.load_workbook(again)
    assert [cell.value for cell in opened["Duplicates"]["A"]] == ["Finding", f"F{1:013}", f"F{3:013}"]
    line = next(row for row in opened["Read me"].values if row[0] == "Duplicates")
    assert line[1:6] == (2, 0, 1, 0, 3)


def test_a_filled_in_workbook_is_never_written_over_unread(tmp_path: Path) -> None:
    """Filled in where it lies and not taken back, it is kept aside; taken back whole, it may be written anew."""
    book = exported(tmp_path, *THREE)
    filled(book, {2: {"Decision": SAME}}, book)
    content = book.read_bytes()
    done = export_findings(tmp_path)
    assert [path.read_bytes() for path in done.aside] == [content]
    assert "was filled in and not taken back" in done.warnings()[0]
    assert done.warnings()[0].endswith(f"Take it in: everybirth findings import {tmp_path} {done.aside[0]}")
    assert import_findings(tmp_path, done.aside).decisions == 1
    filled(book, {1: {"Decision": SAME}}, book)
    import_findings(tmp_path, [book])
    assert not export_findings(tmp_path).aside


def test_areas_that_are_no_more_lose_their_workbook(tmp_path: Path) -> None:
    """A second export leaves no workbook of an area without findings, unless somebody had filled it in."""
    export_findings(folder(tmp_path, *(finding(n, area=area) for n, area in enumerate(("East", "North", "West")))))
    west = tmp_path / "findings" / "West.xlsx"
    filled(west, {2: {"Decision": SAME}}, west)
    done = export_findings(folder(tmp_path, finding(1, area="North")))
    assert [path.name for path in done.aside] == ["West-1.xlsx"]
    assert sorted(path.name for path in (tmp_path / "findings").iterdir()) == [
        "North.xlsx",
        "filled-in",
        "written.json",
    ]


def test_one_area_can_be_written_alone(tmp_path: Path) -> None:
    """Others stay as they are; an area without findings is an error that names the nearest."""
    run = folder(tmp_path, finding(1, area="North"), finding(2, area="South"))
    assert list(export_findings(run, ["South"]).files) == ["South"]
    assert not (run / "findings" / "North.xlsx").exists()
    with pytest.raises(PlanError, match=r'"Nort".*Did you mean "North"'):
        export_findings(run, ["Nort"])


def test_an_area_is_found_whatever_its_case_and_accents(tmp_path: Path) -> None:
    """The nearest is told by letters alone; where none is near, those that there are, not just any."""
    run = folder(tmp_path, finding(1, area="ALTO RÍO"), finding(2, area="San Íñigo"))
    with pytest.raises(PlanError, match='Did you mean "San Íñigo"'):
        export_findings(run, ["SAN INIGO"])
    with pytest.raises(PlanError, match='Did you mean "ALTO RÍO"'):
        export_findings(run, ["alto rio"])
    with pytest.raises(PlanError, match=r"There are: ALTO RÍO, San Íñigo\.$"):
        export_findings(run, ["Quebec"])


def test_a_folder_without_findings(tmp_path: Path) -> None:
    """Not a run, or purged: a message that says so, and nothing is made there."""
    with pytest.raises(DataError, match="no findings there"):
        export_findings(tmp_path)
    with pytest.raises(DataError, match="no findings there"):
        import_findings(tmp_path, [])
    assert not list(tmp_path.iterdir())


def test_one_at_a_time(tmp_path: Path) -> None:
    """While a run or another import writes, nothing is read in between."""
    book = filled(exported(tmp_path, *THREE), {2: {"Decision": SAME}})
    with RunDir(tmp_path, fresh=False), pytest.raises(EverybirthError, match="is writing here"):
        import_findings(tmp_path, [book])
    assert not decisions(tmp_path)


def test_writing_that_was_cut_short_is_not_taken_for_an_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook that was written just before a crash is known as ours, and so is one that was not yet replaced."""
    rows = [finding(number, area=area) for number, area in enumerate(("East", "North", "West"))]
    export_findings(folder(tmp_path, *rows))
    write = RunDir.write

    def fails(self: RunDir, name: str, writer: Any) -> Path:
        if name.endswith("North.xlsx"):
            raise KeyboardInterrupt
        return write(self, name, writer)

    folder(tmp_path, *(row | {"found": "changed"} for row in rows))
    with monkeypatch.context() as patch:
        patch.setattr(RunDir, "write", fails)
        with pytest.raises(KeyboardInterrupt):
            export_findings(tmp_path)
    assert not export_findings(tmp_path).aside
