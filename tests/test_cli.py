"""The commands: what they pass on, what they print, how they end. The road itself is replaced by a stand-in."""

import json
import logging
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest

import everybirth
from everybirth import cli_findings
from everybirth.cli import commands, main
from everybirth.errors import DataError, PlanError
from everybirth.progress import Bar, silent


class Outcome:
    """Stands for a Result, an Evaluation or an InitReport."""

    def __init__(self, name: str) -> None:
        self.name = name

    def summary(self) -> str:
        return f"summary of {self.name}"

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "share": float("nan")}


class Road(ModuleType):
    """Stands for everybirth.pipeline: keeps each call, and raises what `fails` holds."""

    def __init__(self) -> None:
        super().__init__("everybirth.pipeline")
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.fails: BaseException | None = None
        self.warning = ""
        self.told: list[Any] = []  # the progress of each call

    def _keep(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Outcome:
        self.told.append(kwargs.pop("progress", None))
        self.calls.append((name, args, kwargs))
        if self.warning:
            for _ in range(3):
                logging.getLogger("everybirth.read").warning("%s: 3 columns were dropped", self.warning)
        if self.fails is not None:
            raise self.fails
        return Outcome(name)

    def run(self, *args: Any, **kwargs: Any) -> Outcome:
        return self._keep("run", args, kwargs)

    def evaluate(self, *args: Any, **kwargs: Any) -> Outcome:
        return self._keep("evaluate", args, kwargs)

    def estimate(self, *args: Any, **kwargs: Any) -> Outcome:
        return self._keep("estimate", args, kwargs)

    def init(self, *args: Any, **kwargs: Any) -> Outcome:
        return self._keep("init", args, kwargs)

    def report(self, *args: Any, **kwargs: Any) -> Path:
        self._keep("report", args, kwargs)
        return Path("result", "report.html")

    def simulate(self, births: int, out: Path, **kwargs: Any) -> Path:
        self._keep("simulate", (births, out), kwargs)
        return out / "everybirth.toml"


@pytest.fixture
def road(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Road:
    """The stand-in, in an empty working folder that has the files which the examples name."""
    stand_in = Road()
    monkeypatch.setitem(sys.modules, "everybirth.pipeline", stand_in)
    monkeypatch.setattr(everybirth, "pipeline", stand_in, raising=False)
    monkeypatch.chdir(tmp_path)
    for folder in ("world/run", "result", "returned"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("returned/0101.xlsx", "returned/0102.xlsx", "dhis2.toml"):
        (tmp_path / name).touch()
    for name in ("plan.toml", "hospital.csv", "register.xlsx", "counts.csv", "world/truth.parquet"):
        (tmp_path / name).touch()
    return stand_in


@pytest.fixture
def do(road: Road, capsys: pytest.CaptureFixture[str]) -> Callable[[str], tuple[int, str, str]]:
    """Run a command line; its exit code, standard output and standard error."""

    def run_line(line: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(shlex.split(line))
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run_line


Do = Callable[[str], tuple[int, str, str]]
GROUPS = ["findings"]
NAMES = [name for name in commands.commands if name != "findings"]
SUBCOMMANDS = ["findings export", "findings import"]
# What these do stands in no pipeline: their own tests run them.
AFTERWARDS = ("purge", "dhis2", *SUBCOMMANDS)
WITH_FIGURES = {"demo", "run", "evaluate", "estimate", "purge", *SUBCOMMANDS}


def command_of(name: str) -> click.Command:
    """The command that one or two words name."""
    group: click.Command = commands
    for word in name.split():
        assert isinstance(group, click.Group)
        group = group.commands[word]
    return group


def test_commands_are_listed_in_the_order_of_the_road(do: Do) -> None:
    """The help lists the commands as they are used, each with a whole sentence."""
    code, out, err = do("--help")
    listed = [line.split(maxsplit=1) for line in out.split("Commands:\n")[1].splitlines()]
    assert (code, err) == (0, "")
    assert [name for name, _ in listed] == [
        *("demo", "simulate", "init", "run", "evaluate", "estimate", "report", "findings", "dhis2", "purge"),
    ]
    assert all(sentence.endswith(".") and not sentence.endswith("...") for _, sentence in listed)


@pytest.mark.parametrize("name", [*NAMES, *SUBCOMMANDS])
def test_each_help_has_an_example_that_is_right(do: Do, road: Road, tmp_path: Path, name: str) -> None:
    """The help of each command shows an example, and the example is accepted as it stands."""
    code, out, _ = do(f"{name} --help")
    assert code == 0
    examples = [
        line.strip() for line in out.split("Example:")[1].splitlines() if line.strip().startswith("everybirth ")
    ]
    assert examples
    assert all(example.startswith(f"everybirth {name} ") for example in examples)
    if name != "init":
        (tmp_path / "everybirth.toml").touch()
    if name in AFTERWARDS:
        for example in examples:
            command_of(name).make_context(name, shlex.split(example.removeprefix(f"everybirth {name}")))
        return
    assert do(examples[0].removeprefix("everybirth "))[0] == 0
    assert name == "demo" or road.calls[-1][0] == name


@pytest.mark.parametrize("name", GROUPS)
def test_the_help_of_a_group_has_examples_of_its_commands(do: Do, name: str) -> None:
    """Each of its commands is shown with an example that is accepted."""
    code, out, _ = do(f"{name} --help")
    assert code == 0
    lines = [line.strip() for line in out.splitlines() if line.strip().startswith(f"everybirth {name} ")]
    words = [shlex.split(line)[1:] for line in lines]
    assert [" ".join(each[:2]) for each in words] == SUBCOMMANDS
    for each in words:
        command_of(" ".join(each[:2])).make_context(each[1], each[2:])


def test_examples_of_the_first_page_are_right(do: Do, tmp_path: Path) -> None:
    """The examples of the program's own help are accepted too."""
    lines = [line.partition("everybirth ")[2] for line in do("--help")[1].splitlines()[1:] if "   everybirth " in line]
    assert [line.split()[0] for line in lines] == ["demo", "init", "run"]
    for line in lines:
        if line.startswith("run"):
            (tmp_path / "everybirth.toml").touch()  # init would have written it
        assert do(line)[0] == 0


@pytest.mark.parametrize("name", [*NAMES, *SUBCOMMANDS])
def test_each_command_can_be_quiet(name: str) -> None:
    """Each command has --quiet, and --json where it prints figures."""
    options = {option for parameter in command_of(name).params for option in parameter.opts}
    assert "--quiet" in options
    assert ("--json" in options) == (name in WITH_FIGURES)
    assert all(p.help for p in command_of(name).params if isinstance(p, click.Option))


def test_run_passes_on_what_was_asked(do: Do, road: Road) -> None:
    """Every option of run reaches the pipeline, and its summary is printed."""
    code, out, err = do("run plan.toml --out r --threads 3 --engine spark --seed 9 --language zh")
    asked = {"threads": 3, "engine": "spark", "seed": 9, "language": "zh"}
    assert (code, out, err) == (0, "summary of run\n", "")
    assert road.calls == [("run", (Path("plan.toml"), Path("r")), asked)]


@pytest.mark.parametrize("line", ["run plan.toml --out r", "demo", "report w", "findings export w"])
def test_languages_are_those_that_there_are(do: Do, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str) -> None:
    """Help and messages name them, as they lie in the folder of catalogues."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "w").mkdir()
    (tmp_path / "plan.toml").touch()
    code, _, err = do(f"{line} --language fr")
    assert code == 2
    assert '"fr" is not there. There are: en, zh.' in err
    for code in ("fr", "pt"):
        (tmp_path / "locale" / code / "LC_MESSAGES").mkdir(parents=True)
    monkeypatch.setattr("everybirth.cli_findings.CATALOGUES", tmp_path / "locale")
    assert "[en|fr|pt]" in do(f"{line.removesuffix(' w').partition(' plan')[0]} --help")[1]


def test_report_and_workbooks_have_the_same_languages() -> None:
    """Those that the help names: a catalogue of the report without words for the workbooks is half a language."""
    from everybirth.publish.report.words import languages
    from everybirth.publish.workbooks.words import LANGUAGES

    assert set(languages()) == set(LANGUAGES) == set(cli_findings.Language().languages())


def test_simulate_passes_on_what_was_asked(do: Do, road: Road) -> None:
    """Every option of simulate reaches the pipeline, and the next command is shown."""
    code, out, _ = do("simulate --births 50 --seed 4 --noise heavy --lists 5 --format csv --out w")
    assert code == 0
    assert f"everybirth run {Path('w', 'everybirth.toml')} --out {Path('w', 'run')}" in out
    assert road.calls == [
        ("simulate", (50, Path("w")), {"seed": 4, "noise": "heavy", "lists": 5, "file_format": "csv"})
    ]


def test_demo_simulates_runs_and_evaluates(do: Do, road: Road) -> None:
    """The demo goes the whole road in its folder and says where things are."""
    code, out, _ = do("demo --births 70 --seed 2 --out d --noise light")
    lists, result = Path("d", "lists"), Path("d", "run")
    assert code == 0
    assert road.calls == [
        ("simulate", (70, lists), {"seed": 2, "noise": "light"}),
        ("run", (lists / "everybirth.toml", result), {"seed": 2, "language": "en"}),
        ("evaluate", (result, lists / "truth.parquet"), {}),
    ]
    for part in ("70 births", "summary of run", "summary of evaluate", str(lists), str(result)):
        assert part in out


@pytest.mark.parametrize(
    "line", ["run plan.toml --out r", "evaluate world/run --truth world/truth.parquet", "demo --births 1"]
)
def test_json_is_all_that_is_printed(do: Do, line: str) -> None:
    """With --json the output is one JSON document, also with --quiet; what is not a number is null."""
    for more in ("", " --quiet"):
        code, out, err = do(f"{line} --json{more}")
        assert (code, err) == (0, "")
        found = json.loads(out)
        assert found.get("evaluation", found)["share"] is None


@pytest.mark.parametrize(
    "line",
    [
        "run plan.toml --out r", "evaluate world/run --truth world/truth.parquet", "demo --births 1",
        "simulate --births 1 --out w", "init hospital.csv",
    ],
)  # fmt: skip
def test_quiet_prints_nothing(do: Do, line: str) -> None:
    """With --quiet a command that goes well prints nothing."""
    assert do(f"{line} --quiet") == (0, "", "")


@pytest.mark.parametrize(
    "line",
    [
        "run plan.toml --out r", "evaluate world/run --truth world/truth.parquet", "demo --births 1", "report result",
        "simulate --births 1 --out w", "init hospital.csv", "estimate counts.csv",
    ],
)  # fmt: skip
def test_whatever_may_take_long_shows_how_far_it_is(do: Do, road: Road, line: str) -> None:
    """Each step of a command tells a progress bar, and nobody with --quiet."""
    assert do(line)[0] == 0
    assert road.told
    assert all(isinstance(progress, Bar) for progress in road.told)
    road.told.clear()
    assert do(f"{line} --quiet --force" if line.startswith("init") else f"{line} --quiet")[0] == 0
    assert all(progress is silent for progress in road.told)


def test_init_does_not_write_over_a_plan(do: Do, road: Road, tmp_path: Path) -> None:
    """A plan that exists is kept unless --force is given."""
    (tmp_path / "everybirth.toml").write_text("edited")
    code, out, err = do("init hospital.csv")
    assert (code, out, road.calls) == (2, "", [])
    assert "everybirth.toml exists" in err
    assert "--force" in err
    assert do("init hospital.csv --force") == (0, "summary of init\n", "")
    assert road.calls == [("init", ((Path("hospital.csv"),), Path("everybirth.toml")), {})]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("rnu plan.toml", "Did you mean 'run'?"),
        ("run", "Missing argument 'PLAN'"),
        ("run absent.toml --out r", "'absent.toml' does not exist"),
        ("run plan.toml", "Missing option"),
        ("run plan.toml --out plan.toml", "is a file"),
        ("run plan.toml --out r --engine flink", "'flink' is not one of"),
        ("run plan.toml --out r --threads -1", "-1 is not in the range"),
        ("simulate --out w", "Missing option '--births'"),
        ("simulate --births 1 --lists 11 --out w", "11 is not in the range"),
        ("demo --nois light", "Did you mean"),
        ("evaluate world/run", "Missing option '--truth'"),
        ("init", "Missing argument"),
    ],
)
def test_wrong_usage_ends_with_2(do: Do, road: Road, line: str, words: str) -> None:
    """Wrong usage says what is wrong and where help is, does nothing, and ends with 2."""
    code, out, err = do(line)
    assert (code, out, road.calls) == (2, "", [])
    assert words in err
    assert "--help" in err


@pytest.mark.parametrize(
    ("error", "code", "printed"),
    [
        (DataError("hospital.csv: no rows."), 1, "Error: hospital.csv: no rows.\n"),
        (PlanError("colums: unknown. Did you mean columns?"), 2, "Error: colums: unknown. Did you mean columns?\n"),
        (KeyboardInterrupt(), 130, "\nStopped. What was written is whole; start again when you like.\n"),
        (OSError(13, "Permission denied", "links.parquet"), 1, "Error: links.parquet: Permission denied.\n"),
    ],
)
def test_failures_are_one_message_and_a_code(do: Do, road: Road, error: BaseException, code: int, printed: str) -> None:
    """What a user can mend, and Ctrl-C, is one message on standard error, without a traceback."""
    road.fails = error
    assert do("run plan.toml --out r") == (code, "", printed)


def test_too_little_memory_is_told_in_plain_words(do: Do, road: Road) -> None:
    """Running out of memory is a failure with advice."""
    road.fails = MemoryError()
    code, out, err = do("run plan.toml --out r")
    assert (code, out) == (1, "")
    assert "not enough memory" in err


def test_a_defect_does_not_print_values(do: Do, road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unforeseen error is told by its place, without its message; the traceback is there for whoever asks."""
    road.fails = ValueError("AMINA")
    code, out, err = do("run plan.toml --out r")
    assert (code, out) == (1, "")
    assert "ValueError in _keep, test_cli.py line" in err
    assert "AMINA" not in err
    monkeypatch.setenv("EVERYBIRTH_DEBUG", "1")
    with pytest.raises(ValueError, match="AMINA"):
        main(["run", "plan.toml", "--out", "r"])


def test_each_warning_is_shown_once(do: Do, road: Road) -> None:
    """Warnings of a run go to standard error, each once, also with --quiet; the next run shows them again."""
    for name in ("hospital.csv", "register.csv"):
        road.warning = name
        line = f"Warning: {name}: 3 columns were dropped\n"
        assert do("run plan.toml --out r --quiet") == (0, "", line)
        assert do("demo --quiet") == (0, "", line)
    assert logging.getLogger("everybirth").handlers == []


def everybirth_process(script: str, more: Sequence[str] = ()) -> subprocess.Popen[str]:
    """Start a process that has imported the command line's main and runs the script, with more arguments."""
    command = [sys.executable, "-c", f"import sys\nfrom everybirth.cli import main\n{script}", *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_version() -> None:
    """--version prints the name and the version of the package."""
    out, err = everybirth_process("main(['--version'])").communicate()
    assert (out, err) == (f"everybirth {_version()}\n", "")


def _version() -> str:
    from importlib.metadata import version

    return version("everybirth")


THREADS = """
import types
import everybirth
def run(*args, **kwargs):
    import polars
    print(polars.thread_pool_size())
    raise SystemExit
road = types.ModuleType("everybirth.pipeline")
road.run = run
everybirth.pipeline = sys.modules["everybirth.pipeline"] = road
main(["run", sys.argv[1], "--out", "r", "--threads", "3"])
"""


def test_threads_are_those_of_tables_too(tmp_path: Path) -> None:
    """The library of tables, which looks once, when it is loaded, has as many threads as were asked for."""
    (tmp_path / "plan.toml").touch()
    out, err = everybirth_process(THREADS, more=[str(tmp_path / "plan.toml")]).communicate()
    assert (out, err) == ("3\n", "")


def test_help_loads_nothing_heavy() -> None:
    """The help comes at once: nothing that takes long to load is loaded for it."""
    script = "try: main(['run', '--help'])\nexcept SystemExit: pass\n"
    script += "print(sorted({'numpy', 'polars', 'numba', 'scipy', 'rich', 'pyspark'} & set(sys.modules)))"
    out, err = everybirth_process(script).communicate()
    assert out.splitlines()[-1] == "[]"
    assert err == ""


STOPPED = """
import time, types
from everybirth.engine import open_engine
def work(shared, chunk):
    print("working\\n", end="", flush=True)  # one write, so that two threads do not share a line
    time.sleep(0.3)
road = types.ModuleType("everybirth.pipeline")
road.run = lambda *args, **kwargs: open_engine("local", 2).map(work, None, range(1000), "compare")
import everybirth
everybirth.pipeline = sys.modules["everybirth.pipeline"] = road
main(["run", sys.argv[1], "--out", "r"])
"""


def test_ctrl_c_ends_a_run_at_once(tmp_path: Path) -> None:
    """A real interrupt while threads work ends the process with 130 and one message, long before the work is done."""
    plan = tmp_path / "plan.toml"
    plan.touch()
    process = everybirth_process(STOPPED, more=[str(plan)])
    assert process.stdout is not None
    assert process.stdout.readline() == "working\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, err) == (130, "\nStopped. What was written is whole; start again when you like.\n")
    assert len(out.splitlines()) < 20


def test_a_reader_that_leaves_is_no_failure_worth_words() -> None:
    """When the reader of the output goes away early, the program ends without a word."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-c", "from everybirth.cli import main; main(['--help'])"]
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, "")
