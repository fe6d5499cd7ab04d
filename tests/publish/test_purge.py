"""Removing what is about persons: all of it goes, what is published stays, and a leak is found."""

import io
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.publish.offices import finding, folder

import everybirth
from everybirth.cli import main
from everybirth.cli_findings import purge as command
from everybirth.errors import DataError, EverybirthError
from everybirth.publish.access_log import read_access
from everybirth.publish.files import RunDir
from everybirth.publish.purge import PERSONAL, check_is_run, purge
from everybirth.publish.traces import Traces, gather, search
from everybirth.publish.workbooks import export_findings

GIVEN, FAMILY = (
    ["Zubeida", "王小明", "May", "Li", "Maria del Pilar"],
    ["Qwertinska", "Norte", "O'Zarkan", "Births", "Ek"],
)


def world(path: Path) -> Path:
    """A run's folder with files about five persons, and tables, a report and a workbook without them."""
    folder(path, finding(1), finding(2, area="South"))
    export_findings(path)
    ids = [f"B{number:013}" for number in range(5)]
    pl.DataFrame(
        {
            "birth_id": ids,
            "child_given_name": GIVEN,
            "mother_family_name": FAMILY,
            "registration_number": ["1", "123456789", "2024/000017", None, "R-77-X"],
            "birth_date": [date(2024, 5, 1)] * 5,
            "residence": ["Norte", "Sur", None, "Sur", "Sur"],
            "in_register": [True] * 5,
        }
    ).write_parquet(path / "births.parquet")
    records = pl.DataFrame({"list": ["register"] * 5, "record_id": [f"reg-{n}-xyz" for n in range(5)], "birth_id": ids})
    records.write_parquet(path / "links.parquet")
    rejected = {
        "list": ["register"],
        "row": [7],
        "reason": ["no id"],
        "content": ['{"name": "Wilhelmina Tuk", "n": 3}'],
    }
    pl.DataFrame(rejected).write_parquet(path / "rejected.parquet")
    pl.DataFrame({"level": ["area"], "area": ["Norte"], "births": [5.0]}).write_parquet(path / "estimates.parquet")
    line = {"finding_id": f"F{1:013}", "field": "child_given_name", "value": "Xochiquetzal"}
    (path / "decisions.jsonl").write_text(json.dumps(line) + "\n")
    (path / "tables").mkdir()
    (path / "tables" / "births_by_area.csv").write_text('"area","births"\n"Norte",12345678\n"Sur",4\n')
    with xlsxwriter.Workbook(path / "tables" / "tables.xlsx") as book:
        book.add_worksheet("births").write_string(0, 0, "Births by area: Norte")
    (path / "report.html").write_text("<h1 title='Births'>Births in May 2024</h1><p>Maria, Pilar &amp; del: 1 of 5</p>")
    return path


def everything(path: Path) -> dict[str, bytes]:
    """Every file and what is in it."""
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def test_persons_go_and_publications_stay(tmp_path: Path) -> None:
    """What is about persons is removed, what is published is as it was, and the log says who did it."""
    run = world(tmp_path)
    half = run / ".everybirth-part-1-births.parquet"
    half.write_bytes(b"half of it")
    before = everything(run)
    done = purge(run)
    after = everything(run)
    assert sorted(after) == [
        "access.jsonl",
        "report.html",
        "run.json",
        "tables/births_by_area.csv",
        "tables/tables.xlsx",
    ]
    assert all(after[name] == before[name] for name in after if name not in ("access.jsonl", "run.json"))
    gone = before.keys() - after.keys() - {half.name}  # that one went when the folder was taken
    assert done.removed == len(gone)
    assert done.size == sum(len(before[name]) for name in gone)
    assert [line["what"] for line in read_access(run)] == ["export", "purge-begun", "purge"]
    assert done.clean
    assert "Found: none of them." in done.summary()


def test_no_count_of_a_few_stays_in_run_json(tmp_path: Path) -> None:
    """Neither of rows, records and findings, nor in the warnings; the report that can be made of it is the same."""
    plan = everybirth.simulate(300, tmp_path, seed=5, noise="heavy", file_format="csv")
    lists = plan.parent / "hospital.csv"
    lists.write_text(lists.read_text(encoding="utf-8") + "X1" + "," * 5 + "\n", encoding="utf-8")
    run = tmp_path / "run"
    done = everybirth.run(plan, run, seed=1)
    assert done.run["counts"]["rejected"]["hospital"] == 1
    assert done.run["warnings"]
    before = {language: everybirth.pipeline.report(run, language=language).read_bytes() for language in ("en", "zh")}
    assert purge(run).clean
    left = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert left["counts"] == {"rows": dict.fromkeys(done.run["counts"]["rows"])}
    assert len(left["warnings"]) == len(done.run["warnings"])
    assert not [warning for warning in left["warnings"] if any(letter.isdigit() for letter in warning)]
    assert {name: left[name] for name in ("version", "plan", "seed")} == {
        name: done.run[name] for name in ("version", "plan", "seed")
    }
    for language, page in before.items():
        assert everybirth.pipeline.report(run, language=language).read_bytes() == page


def test_what_is_searched_for_and_what_not(tmp_path: Path) -> None:
    """Names, ids and numbers of persons; not those that prove nothing, which are counted by reason."""
    traces = gather(world(tmp_path))
    values = traces.values["value"].to_list()
    assert {"zubeida", "王小明", "maria del pilar", "qwertinska", "o zarkan", "2024 000017", "r 77 x"} <= set(values)
    assert {"reg 0 xyz", "b0000000000000", "f0000000000001", "wilhelmina tuk", "xochiquetzal", "123456789"} <= set(
        values
    )
    assert not {"may", "li", "ek", "births", "norte", "1", "3"} & set(values)
    assert list(traces.excluded.values()) == [2, 2, 1, 2]  # Li and Ek; 1 and 3; Norte; May and Births


LEAKS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "csv": ("tables/x.csv", lambda file: file.write_text("area,n\nZUBEIDA,3\n")),
    "csv, behind other words": ("tables/x.csv", lambda file: file.write_text("note\nsee Maria del Pilar there\n")),
    "csv, two cells": ("tables/x.csv", lambda file: file.write_text('a,b\n"2024","000017"\n')),
    "html text": ("report.html", lambda file: file.write_text("<p>of <b>O&#39;Zarkan</b></p>")),
    "html attribute": ("report.html", lambda file: file.write_text('<p title="qwertinska">x</p>')),
    "html script": ("report.html", lambda file: file.write_text('<script>var x = {"a": "Zubeida"};</script>')),
    "Chinese text": ("report.html", lambda file: file.write_text("<p>儿童王小明的记录</p>")),
    "json text": ("tables/index.json", lambda file: file.write_text('{"notes": [{"x": "reg-3-xyz"}]}')),
    "json key": ("tables/index.json", lambda file: file.write_text('{"tables": {"Zubeida": 1}}')),
    "run.json": ("run.json", lambda file: file.write_text('{"version": 1, "plan": "Zubeida", "counts": {}}')),
    "long number": ("tables/x.csv", lambda file: file.write_text("n\n123456789\n")),
    "decided name": ("tables/x.csv", lambda file: file.write_text("Xochiquetzal\n")),
    "rejected row": ("tables/x.csv", lambda file: file.write_text("Tuk, Wilhelmina Tuk\n")),
}


@pytest.mark.parametrize("leak", LEAKS.values(), ids=list(LEAKS))
def test_a_leak_is_found(tmp_path: Path, leak: tuple[str, Callable[[Path], object]]) -> None:
    """A person's value in a file that stays is reported by file and kind, not by value; the rest goes all the same."""
    run = world(tmp_path)
    name, plant = leak
    plant(run / name)
    done = purge(run)
    assert [one.file for one in done.found] == [name]
    assert not done.clean
    assert "Not all is gone" in done.summary()
    assert not [word for word in (*GIVEN[:2], "qwertinska", "123456789") if word.lower() in str(done.found).lower()]
    assert not (run / "births.parquet").exists()


def test_a_leak_in_a_workbook_is_found(tmp_path: Path) -> None:
    """Cells and names of sheets of the tables' workbook are searched as well."""
    for place, (sheet, text) in enumerate([("births", "Zubeida"), ("Zubeida", "births")]):
        run = world(tmp_path / str(place))
        with xlsxwriter.Workbook(run / "tables" / "tables.xlsx") as book:
            book.add_worksheet(sheet).write_string(0, 0, text)
        assert [(one.file, one.what, one.values) for one in purge(run).found] == [
            ("tables/tables.xlsx", "child_given_name", 1)
        ]


@settings(max_examples=40)
@given(st.text(st.characters(categories=["L", "M", "N", "P", "Zs"]), min_size=3, max_size=30))
def test_any_value_is_found_where_it_stands(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """Whatever a name is made of, it is found in a cell and in running text, or counted as left out."""
    run = tmp_path_factory.mktemp("run")
    pl.DataFrame({"child_given_name": [name]}).write_parquet(run / "births.parquet")
    cell = name.replace('"', '""')
    (run / "a.csv").write_text(f'"{cell}",1\n', encoding="utf-8")
    (run / "b.csv").write_text(f'"so {cell} 7",1\n', encoding="utf-8")
    traces = gather(run)
    names = traces.values.filter(pl.col("what") == "child_given_name")
    found = [one for file in ("a.csv", "b.csv") for one in search(run, file, Traces(names, {}))]
    has_letters = any(letter.isalnum() for letter in name)
    left_out = sum(traces.excluded.values())
    assert len(names) + left_out == has_letters
    assert [one.file for one in found] == ["a.csv", "b.csv"] * len(names)


def test_fonts_of_every_workbook_are_not_persons(tmp_path: Path) -> None:
    """The theme of any workbook names fonts that are called like people: it is known, and not taken for a leak."""
    run = world(tmp_path)
    pl.DataFrame({"birth_id": ["B"], "child_given_name": ["Kartika"]}).write_parquet(run / "births.parquet")
    assert purge(run).clean


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    """Lists, a plan and what else lies in the folder stay, even inside folders, and are named."""
    run = world(tmp_path)
    (run / "register.parquet").write_bytes(b"Zubeida")
    (run / "lists").mkdir()
    (run / "lists" / "births.parquet").write_bytes(b"Zubeida")
    done = purge(run)
    assert done.foreign == ("lists/births.parquet", "register.parquet")
    assert done.clean
    assert (run / "lists" / "births.parquet").exists()
    assert "left alone and not searched: lists/births.parquet, register.parquet.\n" in done.summary()
    for number in range(200):
        (run / f"photo{number:03}.jpg").touch()
    told = purge(run).summary()
    assert "photo008.jpg and 192 more.\n" in told
    assert "photo009" not in told


def test_a_link_is_removed_and_not_what_it_leads_to(tmp_path: Path) -> None:
    """A symbolic link inside the folder never makes anything outside it go."""
    run = world(tmp_path / "run")
    shutil.move(run / "findings", tmp_path / "elsewhere")
    (run / "findings").symlink_to(tmp_path / "elsewhere")
    assert purge(run).clean
    assert not (run / "findings").is_symlink()
    assert (tmp_path / "elsewhere" / "North.xlsx").exists()


@pytest.mark.parametrize("content", [None, "{}", "not json", "[]", '{"version": 1}'])
def test_a_folder_that_is_no_run(tmp_path: Path, content: str | None) -> None:
    """Nothing is removed from it, not even files that are called like a run's."""
    (tmp_path / "findings").mkdir()
    (tmp_path / "births.parquet").write_bytes(b"somebody else's")
    pl.DataFrame({"x": [1]}).write_parquet(tmp_path / "links.parquet")
    if content is not None:
        (tmp_path / "run.json").write_text(content)
    before = everything(tmp_path)
    with pytest.raises(DataError, match="not the folder of a run"):
        purge(tmp_path)
    assert everything(tmp_path) == before
    assert (tmp_path / "findings").is_dir()


def test_a_run_that_was_cut_short_can_be_purged(tmp_path: Path) -> None:
    """Without run.json, the tables about persons themselves show that it is a run's folder."""
    run = world(tmp_path)
    (run / "run.json").unlink()
    (run / "access.jsonl").unlink()
    assert purge(run).clean
    assert not [name for name in PERSONAL if (run / name).exists()]
    check_is_run(run)  # by its log


def test_a_purge_that_was_cut_short_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second purge removes the rest, and the search of the first, which had all values, still holds."""
    run = world(tmp_path)
    (run / "report.html").write_text("<p>Zubeida</p>")

    def fail(_: Path) -> None:
        raise PermissionError(13, "Permission denied", "North.xlsx")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", fail)
        with pytest.raises(EverybirthError, match=r"North\.xlsx: cannot be removed \(Permission denied\)"):
            purge(run)
    assert not (run / "births.parquet").exists()
    done = purge(run)
    assert done.resumed
    assert [(one.file, one.what) for one in done.found] == [("report.html", "child_given_name")]
    assert done.searched > 10
    assert not [name for name in PERSONAL if (run / name).exists()]
    assert not purge(run).resumed


def test_a_file_changed_between_two_attempts_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written after the search is not covered by it."""
    run = world(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("everybirth.publish.purge._remove", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            purge(run)
    (run / "report.html").write_text("<p>Zubeida</p>")
    (run / "tables" / "new.csv").write_text("Zubeida")
    done = purge(run)
    assert done.changed == ("report.html", "tables/new.csv")
    assert not done.clean


def test_not_while_somebody_writes(tmp_path: Path) -> None:
    """A folder in use is not purged."""
    run = world(tmp_path)
    before = everything(run)
    with RunDir(run, fresh=False), pytest.raises(EverybirthError, match="is writing here"):
        purge(run)
    assert everything(run) == before


@pytest.mark.parametrize("answer", ["n\n", ""])
def test_a_no_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answer: str
) -> None:
    """No, or no answer before the input ends: the message says that nothing was removed, and nothing was."""
    run = world(tmp_path)
    before = everything(run)
    monkeypatch.setattr("everybirth.cli_findings._can_ask", lambda: True)
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    with pytest.raises(SystemExit) as ended:
        main(["purge", str(run)])
    assert ended.value.code == 130
    assert capsys.readouterr().err.splitlines()[-1] == "Nothing was removed."
    assert everything(run) == before


def test_the_command_asks_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody can answer, --yes is needed; "no" removes nothing; a leak ends with an error."""
    run = world(tmp_path)
    runner = CliRunner()
    unasked = runner.invoke(command, [str(run)])
    assert unasked.exit_code == 2
    assert "Add --yes" in unasked.output
    monkeypatch.setattr("everybirth.cli_findings._can_ask", lambda: True)
    assert runner.invoke(command, [str(run)], input="n\n").exit_code == 1  # click's own; cli.main makes it 130
    assert (run / "births.parquet").exists()
    (run / "report.html").write_text("<p>Zubeida</p>")
    leaky = runner.invoke(command, [str(run), "--json", "--yes"])
    assert isinstance(leaky.exception, EverybirthError)
    assert json.loads(leaky.output)["found"] == [{"file": "report.html", "what": "child_given_name", "values": 1}]
    clean = runner.invoke(command, [str(run)], input="y\n")
    assert clean.exit_code == 0
    assert "Removed 0 files" in clean.output
