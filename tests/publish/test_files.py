"""The folder of a run: files whole or absent, one process at a time, the same bytes for the same table."""

import errno
import json
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from everybirth.errors import EverybirthError
from everybirth.publish import RunDir
from everybirth.publish.files import check_free

FRAME = pl.DataFrame({"birth_id": ["b", "a", None], "probability": [0.5, 1.0, None]})


def python(script: str, *args: object, **environment: str) -> subprocess.Popen[str]:
    """Start a Python process that runs the script; its output is text to be read from pipes."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def names(folder: Path) -> list[str]:
    """Everything in the folder, hidden files too."""
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*"))


def test_only_the_named_files_are_left(tmp_path: Path) -> None:
    """After a run the folder holds the files that were written, and neither a lock nor a temporary file."""
    with RunDir(tmp_path / "a" / "run") as out:
        out.write_parquet("links.parquet", FRAME)
        out.write_text("tables/by_area.csv", "area,births\n01,7\n")
        out.write_json("run.json", {"seed": 1})
    assert names(out.path) == ["links.parquet", "run.json", "tables", "tables/by_area.csv"]
    assert pl.read_parquet(out.path / "links.parquet").equals(FRAME)
    assert (out.path / "tables/by_area.csv").read_bytes() == b"area,births\n01,7\n"


def test_json_is_stable_and_plain(tmp_path: Path) -> None:
    """Keys are sorted, numpy values are numbers, what is not finite is null, and a newline ends the file."""
    content = {
        "b": np.float64(0.5), "a": np.arange(2), "nan": float("nan"), "day": date(2024, 2, 29), "path": Path("x") / "y",
        "set": {"q", "p"}, "é": (True, None, np.inf, np.int64(3)),
    }  # fmt: skip
    with RunDir(tmp_path) as out:
        text = out.write_json("run.json", content).read_text(encoding="utf-8")
    assert text.endswith("}\n")
    assert list(json.loads(text)) == sorted(content)
    assert json.loads(text) == {
        "a": [0, 1], "b": 0.5, "day": "2024-02-29", "nan": None, "path": "x/y", "set": ["p", "q"],
        "é": [True, None, None, 3],
    }  # fmt: skip


def test_json_refuses_what_it_cannot_hold(tmp_path: Path) -> None:
    """A value without a form in JSON is an error in the program, and the earlier file stays."""
    with RunDir(tmp_path) as out:
        out.write_json("a.json", 1)
        with pytest.raises(TypeError, match="object has no form"):
            out.write_json("a.json", {"x": object()})
    assert (tmp_path / "a.json").read_text() == "1\n"


@pytest.mark.parametrize("name", ["../a", "/a", "x/../../a", "", "."])
def test_names_stay_inside(tmp_path: Path, name: str) -> None:
    """A name that leads out of the folder, or to no file, is refused."""
    with RunDir(tmp_path / "run") as out, pytest.raises(ValueError, match="not the name of a file inside"):
        out.write_text(name, "")
    assert names(tmp_path) == ["run"]


def test_nothing_is_written_outside_the_context(tmp_path: Path) -> None:
    """Without the lock nothing is written."""
    with pytest.raises(RuntimeError, match="inside its context"):
        RunDir(tmp_path).write_text("a", "")
    assert names(tmp_path) == []


WRITE_TABLE = """
import sys, numpy as np, polars as pl
from everybirth.publish import RunDir
r = np.random.default_rng(3)
n = 300_000
frame = pl.DataFrame({"id": r.permutation(n), "p": r.random(n), "name": (r.zipf(1.3, n) % 9000).astype(str)})
with RunDir(sys.argv[1]) as out:
    out.write_parquet("t.parquet", frame)
"""


def test_bytes_do_not_depend_on_the_number_of_threads(tmp_path: Path) -> None:
    """A table of several row groups gives the same bytes with one thread and with four."""
    for threads in ("1", "4"):
        process = python(WRITE_TABLE, tmp_path / threads, POLARS_MAX_THREADS=threads)
        assert process.communicate()[1] == ""
    first = (tmp_path / "1" / "t.parquet").read_bytes()
    assert len(first) > 1_000_000
    assert first == (tmp_path / "4" / "t.parquet").read_bytes()


def test_bytes_do_not_depend_on_chunks_or_categories(tmp_path: Path) -> None:
    """Equal tables give equal bytes, whether glued from pieces or not, and whichever category was met first."""
    values = [str(i * i % 1013) for i in range(5000)]
    whole = pl.DataFrame({"name": values, "n": range(5000)})
    pieces = pl.concat([whole[:7], whole[7:3000], whole[3000:]], rechunk=False)
    pl.Series(values[::-1]).cast(pl.Categorical)
    categories = whole.with_columns(pl.col("name").cast(pl.Categorical))
    with RunDir(tmp_path) as out:
        written = [out.write_parquet(f"{i}", frame).read_bytes() for i, frame in enumerate((whole, pieces, categories))]
    assert pieces.n_chunks() == 3
    assert written[0] == written[1] == written[2]


def test_a_new_run_removes_run_json_before_the_first_file(tmp_path: Path) -> None:
    """A folder with run.json is complete: a run that stops half-way leaves none, and leaves other files alone."""
    (tmp_path / "notes.txt").write_text("mine")
    with RunDir(tmp_path) as out:
        out.write_text("births.parquet", "first")
        out.write_json("run.json", {})
    with pytest.raises(KeyError) as stopped, RunDir(tmp_path) as out:
        out.write("births.parquet", lambda part: part.write_text(str((tmp_path / "run.json").exists())))
        raise KeyError
    assert (tmp_path / "births.parquet").read_text() == "True"  # it was there until the file was to be replaced
    assert stopped.value.__notes__ == [f"The earlier result in {tmp_path} is no longer complete: run the plan again."]
    assert names(tmp_path) == ["births.parquet", "notes.txt"]
    with pytest.raises(KeyError) as stopped, RunDir(tmp_path) as out:
        out.write_text("births.parquet", "third")
        raise KeyError
    assert not hasattr(stopped.value, "__notes__")  # there was no complete result to lose


def test_a_run_that_writes_nothing_leaves_the_earlier_one(tmp_path: Path) -> None:
    """A run that fails before its first file, or in writing it, leaves every file of the earlier run as it was."""

    def fail(part: Path) -> None:
        part.write_text("half")
        raise OSError(errno.ENOSPC, "No space")

    with RunDir(tmp_path) as out:
        out.write_text("births.parquet", "first")
        out.write_json("run.json", {})
    with pytest.raises(KeyError) as stopped, RunDir(tmp_path):
        raise KeyError
    assert not hasattr(stopped.value, "__notes__")
    with pytest.raises(EverybirthError, match="the disk is full"), RunDir(tmp_path) as out:
        out.write("births.parquet", fail)
    assert names(tmp_path) == ["births.parquet", "run.json"]
    assert (tmp_path / "births.parquet").read_text() == "first"


def test_what_is_about_persons_is_for_its_owner(tmp_path: Path) -> None:
    """Others may read the published files only, and not look into folders that were made for the run."""
    with RunDir(tmp_path / "run") as out:
        out.write_parquet("births.parquet", FRAME)
        out.write("findings/01.xlsx", lambda part: part.write_bytes(b""))
        out.append_lines("access.jsonl", ["{}"])
        out.write_text("tables/by_area.csv", "")
        out.write_text("report.html", "")
        out.write_json("run.json", {})
    modes = {name: (out.path / name).stat().st_mode & 0o777 for name in names(out.path)}
    public = {"tables", "tables/by_area.csv", "report.html", "run.json"}
    assert out.path.stat().st_mode & 0o777 == 0o700
    assert {name for name, mode in modes.items() if not mode & 0o077} == modes.keys() - public
    assert modes["findings"] == 0o700
    assert modes["births.parquet"] == modes["access.jsonl"] == 0o600
    umask = os.umask(0)
    os.umask(umask)
    assert modes["report.html"] == 0o666 & ~umask


def test_adding_to_a_complete_run_keeps_run_json(tmp_path: Path) -> None:
    """With fresh=False files are added beside run.json."""
    with RunDir(tmp_path) as out:
        out.write_json("run.json", {})
    with RunDir(tmp_path, fresh=False) as out:
        out.write_text("report.html", "")
    assert names(tmp_path) == ["report.html", "run.json"]


KILLED = """
import sys, time
from everybirth.publish import RunDir
def slowly(part):
    with part.open("wb") as stream:
        stream.write(b"half")
        stream.flush()
        print("writing", flush=True)
        time.sleep(60)
with RunDir(sys.argv[1]) as out:
    out.write_text("births.parquet", "new")
    out.write("links.parquet", slowly)
"""


def test_a_killed_process_leaves_whole_files_and_no_lock(tmp_path: Path) -> None:
    """Killed while it writes, a run leaves earlier files whole and no run.json; the next run clears the rest."""
    with RunDir(tmp_path) as out:
        out.write_text("links.parquet", "old")
        out.write_json("run.json", {})
    process = python(KILLED, tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert (tmp_path / "births.parquet").read_text() == "new"
    assert (tmp_path / "links.parquet").read_text() == "old"
    assert not (tmp_path / "run.json").exists()
    assert any(name.startswith(".everybirth-part-") for name in names(tmp_path))
    with RunDir(tmp_path):
        pass
    assert names(tmp_path) == ["births.parquet", "links.parquet"]


HOLD = """
import sys
from everybirth.publish import RunDir
with RunDir(sys.argv[1]):
    print("holding", flush=True)
    sys.stdin.readline()
"""


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    """The second process is told the number of the first, touches nothing, and may go ahead once the first is done."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(EverybirthError, match=rf"process {process.pid} is writing here.*--out"), RunDir(tmp_path):
        pass
    with pytest.raises(EverybirthError, match=rf"process {process.pid} is writing here"):
        check_free(tmp_path)
    assert (tmp_path / "run.json").exists()
    process.communicate("done\n")
    check_free(tmp_path)
    with RunDir(tmp_path):
        pass
    assert names(tmp_path) == ["run.json"]


def test_the_same_process_cannot_hold_a_folder_twice(tmp_path: Path) -> None:
    """Two runs into one folder from one program are refused as well, and the first goes on undisturbed."""
    with RunDir(tmp_path) as out:
        with pytest.raises(EverybirthError, match=f"process {os.getpid()} is writing"), RunDir(tmp_path):
            pass
        out.write_text("a", "")
    assert names(tmp_path) == ["a"]


TAKE_TURNS = """
import sys
from pathlib import Path
from everybirth.errors import EverybirthError
from everybirth.publish import RunDir
inside = Path(sys.argv[2])
for _ in range(300):
    try:
        with RunDir(sys.argv[1]):
            inside.mkdir()  # fails if the other is inside too
            inside.rmdir()
    except EverybirthError:
        pass
"""


def test_the_lock_holds_while_it_comes_and_goes(tmp_path: Path) -> None:
    """Two processes that keep taking and leaving the folder are never both inside."""
    both = [python(TAKE_TURNS, tmp_path / "run", tmp_path / "inside") for _ in range(2)]
    assert [process.communicate()[1] for process in both] == ["", ""]


NO_ROOM = """
import resource, sys
import polars as pl
from everybirth.errors import EverybirthError
from everybirth.publish import RunDir
with RunDir(sys.argv[1]) as out:
    out.write_text("old.parquet", "old")
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
    for write in (
        lambda: out.write_parquet("old.parquet", pl.DataFrame({"a": pl.arange(0, 100_000, eager=True).hash()})),
        lambda: out.write_text("big.txt", "x" * 30_000),
    ):
        try:
            write()
        except EverybirthError as error:
            print(error)
"""


def test_no_room_for_the_file(tmp_path: Path) -> None:
    """When the system refuses more bytes, the error says so, the earlier file stays and no part of the new one does."""
    printed, errors = python(NO_ROOM, tmp_path).communicate()
    assert errors == ""
    for line, name in zip(printed.splitlines(), ("old.parquet", "big.txt"), strict=True):
        assert f"{tmp_path / name}: the disk is full (" in line
        assert "MB free), so this file was not written" in line
    assert names(tmp_path) == ["old.parquet"]
    assert (tmp_path / "old.parquet").read_text() == "old"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EACCES, "not permitted. Close the file"),
        (errno.EROFS, "not permitted"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_what_the_system_reports_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str) -> None:
    """Many systems only report a full disk when the file is flushed: then too it is absent and the message clear."""

    def refuse(_: int) -> None:
        raise OSError(number, os.strerror(number))

    with RunDir(tmp_path) as out:
        monkeypatch.setattr(os, "fsync", refuse)
        with pytest.raises(EverybirthError, match=words):
            out.write_text("a", "x")
    assert names(tmp_path) == []


def test_an_error_in_the_content_is_not_dressed_up(tmp_path: Path) -> None:
    """An error of polars that has nothing to do with the disk is passed on as it is."""
    frame = pl.DataFrame({"a": [object()]}, schema={"a": pl.Object})
    with RunDir(tmp_path) as out, pytest.raises(pl.exceptions.PolarsError):
        out.write_parquet("a.parquet", frame)
    assert names(tmp_path) == []


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    """A file of that name is named in the error and stays."""
    (tmp_path / "run").write_text("mine")
    with pytest.raises(EverybirthError, match="a file where a folder is needed"), RunDir(tmp_path / "run"):
        pass
    assert (tmp_path / "run").read_text() == "mine"


def test_tables_are_written_under_their_names(tmp_path: Path) -> None:
    """Each table is whole; of several that cannot be written the first is named."""
    tables = {f"t{number}": pl.DataFrame({"a": range(number)}) for number in range(5)}
    with RunDir(tmp_path) as out:
        out.write_tables(tables)
        assert {file.name for file in tmp_path.glob("*.parquet")} == {f"{name}.parquet" for name in tables}
        assert all(pl.read_parquet(tmp_path / f"{name}.parquet").equals(table) for name, table in tables.items())
        for name in ("t1", "t3"):
            (tmp_path / f"{name}.parquet").unlink()
            (tmp_path / f"{name}.parquet").mkdir()
        with pytest.raises(EverybirthError, match=r"t1\.parquet"):
            out.write_tables(tables)
