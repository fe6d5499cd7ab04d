"""Runs as processes: killed half-way, two at once, on a full disk; and the codes with which commands end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from tests.small_worlds import digests, people, write

import everybirth
import everybirth.pipeline
from everybirth.cli import main
from everybirth.errors import EverybirthError
from everybirth.publish.files import LOCK_NAME, PART_PREFIX
from everybirth.publish.workbooks import export_findings, import_findings


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two small lists."""
    births = people(150)
    return write(tmp_path_factory.mktemp("world"), {"a": births[:110], "b": births[40:]})


@pytest.fixture(scope="module")
def expected(plan: Path) -> dict[str, str]:
    """The digests of an undisturbed run."""
    everybirth.run(plan, plan.parent / "run")
    return digests(plan.parent / "run")


def process(script: str, *arguments: object) -> subprocess.Popen[str]:
    """Start `everybirth run PLAN --out OUT` in a process of its own, after a script, which may use sys.argv[3:]."""
    code = f"import sys\nfrom everybirth.cli import main\nfrom everybirth.publish import files\n{script}\n"
    code += "main(['run', sys.argv[1], '--out', sys.argv[2], '--quiet'])"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


# Ends the process, as a power cut would, when the nth file has been written under its temporary name.
KILLED = """
import os, signal
to_disk, left = files._to_disk, [int(sys.argv[3])]
def die(part):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    to_disk(part)
files._to_disk = die
"""


def test_a_killed_run_leaves_no_half_file(plan: Path, expected: dict[str, str], tmp_path: Path) -> None:
    """Killed while writing over an earlier run: tables are whole, the run does not count, and the next one is right."""
    out = tmp_path / "run"
    everybirth.run(plan, out, seed=3)
    ended = process(KILLED, plan, out, 6)
    ended.communicate()
    assert ended.returncode == -signal.SIGKILL
    left = {file.name for file in out.iterdir()}
    assert LOCK_NAME in left
    assert [name for name in left if name.startswith(PART_PREFIX)]
    for file in out.glob("[!.]*.parquet"):
        pl.read_parquet(file)
    assert "run.json" not in left
    with pytest.raises(EverybirthError, match="run did not finish"):
        everybirth.evaluate(out, plan.parent / "truth.parquet")
    (out / "findings.parquet").write_bytes((plan.parent / "run" / "findings.parquet").read_bytes())
    for use in (partial(import_findings, out, []), partial(export_findings, out)):
        with pytest.raises(EverybirthError, match=f"{out}: the last run into this folder did not finish. Run the plan"):
            use()
    everybirth.run(plan, out)
    assert digests(out) == expected
    undisturbed = sorted(file.name for file in (plan.parent / "run").iterdir())
    assert sorted(file.name for file in out.iterdir()) == undisturbed


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of a run and what it holds, but for what a killed process leaves: its lock and files half written."""
    found = (file for file in folder.rglob("*") if file.is_file() and file.name[0] != ".")
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in found}


def usable(folder: Path) -> bool:
    """Whether the report can be made of a run, and workbooks be taken in: of a run that is not complete they cannot."""
    page = everybirth.pipeline.report(folder).read_text(encoding="utf-8")
    return "</html>" in page and not import_findings(folder, []).warnings()


def test_a_run_killed_before_its_first_file_leaves_the_earlier_one(
    plan: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    """Killed when nothing was replaced yet: the earlier result is as it was, can be used, and the next run is right."""
    out = tmp_path / "run"
    everybirth.run(plan, out, seed=3)
    before = files_of(out)
    ended = process(KILLED, plan, out, 1)
    ended.communicate()
    assert ended.returncode == -signal.SIGKILL
    assert files_of(out) == before
    assert usable(out)
    everybirth.run(plan, out)
    assert digests(out) == expected


@pytest.mark.parametrize("wrong", ["mistyped column", "wrong path", "repeated id", "empty file", "wrong dates"])
def test_a_failed_run_keeps_the_earlier_result(do: "Do", plan: Path, tmp_path: Path, wrong: str) -> None:
    """A run that cannot use its lists leaves the earlier result whole: report and findings import work as before."""
    out = tmp_path / "run"
    everybirth.run(plan, out)
    before = files_of(out)
    text, table = plan.read_text(), pl.read_csv(plan.parent / "a.csv")
    for name in "ab":
        (tmp_path / f"{name}.csv").write_bytes((plan.parent / f"{name}.csv").read_bytes())
    if wrong == "mistyped column":
        text = text.replace('sex = "sex"', 'sex = "sxe"')
    elif wrong == "wrong path":
        text = text.replace('"a.csv"', '"c.csv"')
    elif wrong == "repeated id":
        pl.concat([table, table[:1]]).write_csv(tmp_path / "a.csv")
    elif wrong == "empty file":
        (tmp_path / "a.csv").write_text("")
    else:
        table.with_columns(birth_date=pl.lit("soon")).write_csv(tmp_path / "a.csv")
    (tmp_path / "wrong.toml").write_text(text)
    assert do("run", tmp_path / "wrong.toml", "--out", out)[0] == 1
    assert files_of(out) == before
    assert usable(out)


# Ctrl-C in the middle of the work, and while the workbooks are written.
STOPPED = """
from everybirth import estimating, publishing
def stop(*_):
    raise KeyboardInterrupt
setattr(*((publishing, "workbooks") if sys.argv[3] == "writing" else (estimating, "estimate")), stop)
"""


@pytest.mark.parametrize("at", ["work", "writing"])
def test_ctrl_c_says_whether_the_earlier_result_is_lost(plan: Path, tmp_path: Path, at: str) -> None:
    """Stopped before the first file was replaced, the earlier result is whole; after it, the message says it is not."""
    out = tmp_path / "run"
    everybirth.run(plan, out, seed=3)
    ended = process(STOPPED, plan, out, at)
    _, err = ended.communicate()
    assert ended.returncode == 130
    lost = f" The earlier result in {out} is no longer complete: run the plan again." if at == "writing" else ""
    assert err == f"\nStopped. What was written is whole; start again when you like.{lost}\n"
    assert (out / "run.json").exists() == (at == "work")


def test_a_run_killed_before_writing_leaves_nothing(plan: Path, expected: dict[str, str], tmp_path: Path) -> None:
    """Killed in the middle of its work, a run leaves no table; the next one in the folder is right."""
    script = "import os, signal\nfrom everybirth import estimating\n"
    script += "estimating.estimate = lambda *_: os.kill(os.getpid(), signal.SIGKILL)"
    ended = process(script, plan, tmp_path / "run")
    ended.communicate()
    assert ended.returncode == -signal.SIGKILL
    assert [file.name for file in (tmp_path / "run").iterdir()] == [LOCK_NAME]
    everybirth.run(plan, tmp_path / "run")
    assert digests(tmp_path / "run") == expected


# Says that it holds the folder, and goes on when it is told to.
WAITING = """
from everybirth import estimating
estimate = estimating.estimate
def wait(*arguments):
    print("working", flush=True)
    sys.stdin.readline()
    return estimate(*arguments)
estimating.estimate = wait
"""


def test_two_runs_into_one_folder(plan: Path, expected: dict[str, str], tmp_path: Path) -> None:
    """The second run is refused in one sentence and changes nothing; the first one ends well."""
    first = process(WAITING, plan, tmp_path / "run")
    assert first.stdout is not None
    assert first.stdout.readline() == "working\n"
    for use in (partial(everybirth.run, plan), everybirth.pipeline.report, partial(import_findings, files=[])):
        with pytest.raises(EverybirthError, match=f"process {first.pid} is writing here. Wait until it is done"):
            use(tmp_path / "run")
    out, err = first.communicate("go\n")
    assert (first.returncode, out, err) == (0, "", "")
    assert digests(tmp_path / "run") == expected
    assert json.loads((tmp_path / "run" / "run.json").read_text())["counts"]["births"] == 150


# From the write step on, no file may grow beyond so many bytes: what a full disk does, at a place of our choosing.
FULL = """
import resource, signal
write = files._write_parquet
def limited(frame, part):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
    write(frame, part)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
files._write_parquet = limited
"""


def test_a_full_disk(plan: Path, tmp_path: Path) -> None:
    """A full disk ends the run with 1 and one sentence that says what to do; no half file is left, nor a run.json."""
    ended = process(FULL, plan, tmp_path / "run", 2000)
    out, err = ended.communicate()
    assert (ended.returncode, out) == (1, "")
    assert err.startswith(f"Error: {tmp_path / 'run' / 'births.parquet'}: the disk is full (")
    assert err.endswith("Free some space or choose another folder with --out, then run again.\n")
    assert len(err.splitlines()) == 1
    left = sorted((tmp_path / "run").iterdir())  # small tables may be there, whole, that were written beside the first
    assert {file.suffix for file in left} <= {".parquet"}
    assert all(pl.read_parquet(file).width for file in left)
    assert "births.parquet" not in {file.name for file in left}


Do = Callable[..., tuple[int, str, str]]


@pytest.fixture
def do(capsys: pytest.CaptureFixture[str]) -> Do:
    """Run a command line in this process; its exit code, standard output and standard error."""

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run


def test_the_commands_follow_each_other(do: Do, tmp_path: Path) -> None:
    """simulate, run, evaluate; init on the same files gives a plan that runs; each ends with 0."""
    world, run = tmp_path / "world", tmp_path / "run"
    assert do("simulate", "--births", 120, "--out", world, "--format", "csv")[0] == 0
    code, out, err = do("run", world / "everybirth.toml", "--out", run, "--json", "--threads", 1)
    assert (code, err) == (0, "")
    assert json.loads(out)["counts"]["births"] == pl.read_parquet(run / "births.parquet").height
    code, out, _ = do("evaluate", run, "--truth", world / "truth.parquet", "--json")
    assert code == 0
    assert json.loads(out)["clusters"]["f1"] > 0.9
    guessed = tmp_path / "guessed.toml"
    lists = [world / f"{name}.csv" for name in ("hospital", "community", "register")]
    assert do("init", *lists, "--output", guessed)[0] == 0
    code, out, _ = do("run", guessed, "--out", tmp_path / "again")
    assert code == 0
    assert f"Written to {tmp_path / 'again'}" in out


def test_estimate_from_counts(do: Do, tmp_path: Path) -> None:
    """estimate reads counts by capture history and prints births."""
    counts = tmp_path / "counts.csv"
    counts.write_text("a,b,count\n1,1,60\n1,0,20\n0,1,30\n")
    code, out, err = do("estimate", counts, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["strata"][0]["observed"] == 110
    assert 110 < found["strata"][0]["headline"]["births"] < 140


def test_wrong_plans_end_with_2(do: Do, plan: Path, tmp_path: Path) -> None:
    """A plan with an unknown key, or that asks for a refused column, is a wrong plan: code 2, one sentence."""
    text = plan.read_text()
    for number, (wrong, words) in enumerate(
        {
            text.replace("path =", "paht ="): 'Did you mean "path"?',
            text + 'phone = "marital_status"\n': "is refused (marital status and legitimacy)",
            "": "the plan names no list",
        }.items()
    ):
        written = tmp_path / f"{number}.toml"
        written.write_text(wrong)
        code, out, err = do("run", written, "--out", tmp_path / "run")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert words in err


def test_failures_end_with_1(do: Do, plan: Path, tmp_path: Path) -> None:
    """A missing list, a folder that cannot be made, a truth that is of other lists: code 1, one sentence."""
    moved = tmp_path / "everybirth.toml"
    moved.write_text(plan.read_text())
    code, out, err = do("run", moved, "--out", tmp_path / "run")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "there is no file a.csv" in err
    (tmp_path / "file").touch()
    code, out, err = do("run", plan, "--out", tmp_path / "file" / "run")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "there is a file where a folder is needed" in err


def test_a_module_is_a_command_too(plan: Path, tmp_path: Path) -> None:
    """The installed program runs in a folder of its own, from any working directory."""
    program = Path(sys.executable).with_name("everybirth")
    ended = subprocess.run(
        [program, "run", os.path.relpath(plan, tmp_path), "--out", "run"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "220 records are 150 births." in ended.stdout
