"""The documents say what the program does: commands, examples, keys, tables and columns."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import polars as pl
import pytest

import everybirth
from everybirth import plan as plans
from everybirth.block import pairs
from everybirth.cli import commands, main
from everybirth.levels import LEVELS
from everybirth.plan import ColumnPlan, ListPlan
from everybirth.publish.table_texts import TITLES
from everybirth.resolve import components
from everybirth.schema import FIELDS, Kind
from everybirth.weigh import model

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = {file.stem: file.read_text(encoding="utf-8") for file in (ROOT / "docs").glob("*.md")}


def blocks(text: str, kind: str) -> list[str]:
    """The fenced blocks of a kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def sessions(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of the console blocks, and the lines shown after it."""
    for block in blocks(text, "console"):
        for part in block.split("$ ")[1:]:
            command, *shown = part.splitlines()
            yield command, shown


def plain(line: str) -> str:
    """A line without its figures, which may change with a library, and without the width of blanks."""
    return re.sub(r"\s+", " ", re.sub(r"\d[\d,.]*", "#", line)).strip()


def section(text: str, title: str) -> str:
    """What stands under the heading that begins with the title."""
    found = re.search(rf"^#+ {re.escape(title)}.*?\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"no section {title}"
    return found[1]


def test_the_commands_of_the_readme_print_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command runs as written, one after another in an empty folder, and prints the lines that are shown."""
    monkeypatch.chdir(tmp_path)
    shown_commands = set()
    for command, shown in sessions(README):
        program, *arguments = shlex.split(command)
        if program == "cat":
            Path(arguments[0]).write_text("\n".join(shown) + "\n", encoding="utf-8")
            continue
        assert program == "everybirth"
        shown_commands.add(arguments[0])
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        printed = iter(plain(line) for line in capsys.readouterr().out.splitlines())
        assert ended.value.code == 0, command
        for line in shown:
            assert line == "..." or plain(line) in printed, f"{command}: {line}"  # `in` moves on: the order counts too
    assert shown_commands == {"simulate", "run", "evaluate", "init", "estimate"}


def test_the_python_of_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The Python example runs as written and prints what the last command did."""
    monkeypatch.chdir(tmp_path)
    (example,) = blocks(README, "python")
    exec(compile(example.replace("2000", "300"), "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "births are on other lists only" in printed
    assert float(printed.splitlines()[-1]) > 0.9


@pytest.mark.parametrize("text", [README, DOCS["plan"]], ids=["README", "plan"])
def test_plans_that_are_shown_are_right(tmp_path: Path, text: str) -> None:
    """Every plan that is shown is accepted."""
    shown = blocks(text, "toml")
    assert shown
    for number, example in enumerate(shown):
        path = tmp_path / f"{number}.toml"
        path.write_text(example, encoding="utf-8")
        assert plans.load(path).lists


def test_every_key_of_the_plan_is_explained() -> None:
    """Every section, key, field, method and kind that the loader knows is in docs/plan.md, as code."""
    known = {"lists", "link", "areas", "estimate", "safeguards", "area", "period"}
    known |= {each.name for each in (*fields(ListPlan), *fields(ColumnPlan))} - {"name"}
    known |= {*plans._LINK, *plans._AREAS, *plans._ESTIMATE, *plans._SAFEGUARDS, *plans.METHODS, *FIELDS}
    known |= {kind.value for kind in Kind} | {code for field in FIELDS.values() for code in field.codes}
    text = re.sub(r"^```.*?^```", "", DOCS["plan"], flags=re.MULTILINE | re.DOTALL)
    explained = set(re.findall(r"`\[?(?:lists\.NAME\.?)?([\w-]+)\]?`", text))
    assert known <= explained, known - explained


def test_every_key_that_the_loader_knows_is_shown_in_an_example() -> None:
    """The examples of docs/plan.md use each key once at least."""
    shown = "\n".join(blocks(DOCS["plan"], "toml"))
    keys = {each.name for each in (*fields(ListPlan), *fields(ColumnPlan))} - {"name"}
    keys |= {*plans._LINK, *plans._AREAS, *plans._ESTIMATE, *plans._SAFEGUARDS, *FIELDS}
    missing = {key for key in keys if not re.search(rf"\b{re.escape(key)}\b", shown)}
    assert not missing


def test_every_table_and_column_is_explained(tmp_path: Path) -> None:
    """docs/files.md has a section for each file of a run, which names each of its columns, and no others."""
    plan = everybirth.simulate(200, tmp_path, seed=1)
    out = everybirth.run(plan, tmp_path / "run").out
    assert out is not None
    files = [file for file in out.iterdir() if file.is_file()]
    for file in files:
        explained = section(DOCS["files"], file.name)
        if file.suffix != ".parquet":
            continue
        columns = {
            re.sub(r"^(in|on)_(hospital|community|register)$", r"\1_LIST", name)
            for name in pl.read_parquet_schema(file)
        }
        columns = {"level_FIELD" if name.startswith("level_") else name for name in columns}
        rows = re.findall(r"^\| ([^|]+) \|", explained, re.MULTILINE)[1:]
        named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
        if file.name == "births.parquet":
            columns, named = columns - set(FIELDS), named - set(FIELDS)
        assert named == columns, file.name
    titles = re.findall(r"^## ([\w.]+)", DOCS["files"], re.MULTILINE)
    assert sorted(title for title in titles if "." in title) == sorted(file.name for file in files)
    assert all(f"| {file.name} |" in README for file in files)


def test_every_published_table_and_column_is_explained(tmp_path: Path) -> None:
    """docs/tables.md has a row for each table that a run can publish; it names all its columns, and no others."""
    for seed in (3, 4):  # progress is told once a further run finds something else
        plan = everybirth.simulate(400, tmp_path, seed=seed)
        lists = set(everybirth.run(plan, tmp_path / "run").run["counts"]["rejected"])
    tables = json.loads((tmp_path / "run" / "tables" / "index.json").read_text(encoding="utf-8"))["tables"]
    rows = re.findall(r"^\| (\w+) \| (.+) \|$", section(DOCS["tables"], "What there is"), re.MULTILINE)
    named = {name: set(re.findall(r"`(\w+)`", text)) for name, text in rows[1:]}
    assert named.keys() == tables.keys() == TITLES.keys()
    for name, table in tables.items():
        columns = [*table["keys"], *table["counts"], *table["figures"]]
        header = (tmp_path / "run" / "tables" / table["file"]).read_text(encoding="utf-8").splitlines()[0]
        assert [column.strip('"') for column in header.split(",")] == columns, name
        assert named[name] == set(columns) - (lists if name == "overlap" else set()), name


def test_every_key_of_run_json_is_explained(tmp_path: Path) -> None:
    """docs/files.md names each key of run.json, down to those of linking and estimate."""
    plan = everybirth.simulate(200, tmp_path, seed=1)
    run = everybirth.run(plan).run
    named = set(re.findall(r"`(\w+)`", section(DOCS["files"], "run.json")))
    keys = {*run, *run["counts"], *run["linking"], *run["estimate"], *run["steps"][0]}
    assert keys <= named, keys - named


def test_levels_and_classes_are_explained() -> None:
    """docs/linking.md names every class of pairs and every comparison level as run.json does."""
    text = re.sub(r"\s+", " ", DOCS["linking"])
    levels = {level for named in LEVELS.values() for level in named if level}
    assert not {level for level in levels if level not in text}
    assert not {name for name in model.CLASSES if name not in text}


def test_limits_that_are_stated_are_those_of_the_program() -> None:
    """The numbers in docs/linking.md are the program's."""
    text = re.sub(r"\s+", " ", DOCS["linking"])
    for stated in (
        f"A key on which more than {pairs.WINDOW} records agree",
        f"First guesses count as {model._STRENGTH:.0f} pairs",
        f"In a component of more than {components.LARGE} records only",
        f"one of more than {components.LARGEST_PIECE} is cut",
    ):
        assert stated in text
    assert f"There may be {plans.MAX_LISTS}." in DOCS["plan"]


def test_links_between_documents_lead_somewhere() -> None:
    """Files that documents point to are there, and no command is named that does not exist."""
    for text in (README, *DOCS.values()):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert (ROOT / target).exists() or (ROOT / "docs" / target).exists(), target
        for command in re.findall(r"`everybirth ([a-z]+)", text):
            assert command in commands.commands, command
