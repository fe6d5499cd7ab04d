"""The commands, in the order of the road. What they do is in pipeline.py; here are options, exit codes and printing.

Exit codes: 0 done, 1 failed, 2 wrong usage or plan, 130 stopped by Ctrl-C.
"""

import io
import logging
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path

import click

from everybirth import cli_findings
from everybirth.engine import ENGINES
from everybirth.errors import EverybirthError, PlanError
from everybirth.plan import METHODS
from everybirth.progress import Bar, Progress, silent

NOISES = ("light", "medium", "heavy")
FORMATS = ("parquet", "csv", "xlsx")
# Methods for counts alone, shown if asked for.
ON_REQUEST = ("loglinear-bic-bootstrap", "loglinear-stepwise-bootstrap", "loglinear-thresholding")
THREADS_OF_TABLES = "POLARS_MAX_THREADS"
DEBUG = "EVERYBIRTH_DEBUG"  # environment variable: show the traceback of a defect, with whatever values it holds


class Road(click.Group):
    """A group of commands that lists them in the order in which they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


_births = partial(click.option, "--births", type=click.IntRange(min=0), help="How many births to simulate.")
_seed = click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Same seed, same result.")
_noise = click.option(
    "--noise", type=click.Choice(NOISES), default="medium", show_default=True, help="How faulty the lists are."
)
_quiet = click.option("-q", "--quiet", is_flag=True, help="No progress bar and no summary; warnings and errors only.")
_json = click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
_out = click.option(
    "-o", "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder to write to."
)


_language = partial(click.option, "--language", type=cli_findings.Language(), default="en", show_default=True)
_language_of_all = _language(help="Language of the report and the workbooks.")


@click.group(cls=Road, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="everybirth", message="%(prog)s %(version)s")
def commands() -> None:
    """Count every birth once: link lists of births, and say how sure each link is.

    \b
    A first look, on simulated births:   everybirth demo
    With lists of your own:              everybirth init hospital.csv register.xlsx
                                         everybirth run everybirth.toml --out result
    """


@commands.command()
@_births(default=10_000, show_default=True)
@_seed
@_noise
@click.option(
    "-o", "--out", type=click.Path(file_okay=False, path_type=Path), default="everybirth-demo", show_default=True,
    help="The folder to write to.",
)  # fmt: skip
@_language_of_all
@_quiet
@_json
def demo(births: int, seed: int, noise: str, out: Path, language: str, quiet: bool, as_json: bool) -> None:
    """Simulate lists, link them, check the result.

    Three lists of the same births, whose truth is known; the run does not see it.

    \b
    Example:
      everybirth demo --births 10000 --out everybirth-demo
    """
    from everybirth.pipeline import evaluate, run, simulate

    with _progress(quiet) as progress:
        plan = simulate(births, out / "lists", seed=seed, noise=noise, progress=progress)
        result = run(plan, out / "run", seed=seed, language=language, progress=progress)
        evaluation = evaluate(out / "run", plan.parent / "truth.parquet", progress=progress)
    if as_json:
        _print_json({"plan": plan, "out": out / "run", "run": result.to_json(), "evaluation": evaluation.to_json()})
    elif not quiet:
        click.echo(f"Simulated {births:,} births on three lists with {noise} noise.\n")
        click.echo(f"{result.summary()}\n")
        click.echo(f"Against the truth, which the run did not see:\n{evaluation.summary()}\n")
        click.echo(f"The lists and their plan:  {plan.parent}\nOne row per birth:         {out / 'run'}")
        click.echo(f"The report:                {out / 'run' / 'report.html'}")


@commands.command()
@_births(required=True)
@_seed
@_noise
@click.option("--lists", type=click.IntRange(1, 10), default=3, show_default=True, help="How many lists.")
@click.option(
    "--format", "file_format", type=click.Choice(FORMATS), default="parquet", show_default=True,
    help="The form of the lists.",
)  # fmt: skip
@_out
@_quiet
def simulate(births: int, seed: int, noise: str, lists: int, file_format: str, out: Path, quiet: bool) -> None:
    """Write simulated lists, their truth, a plan.

    \b
    Example:
      everybirth simulate --births 100000 --seed 7 --out world
    """
    from everybirth import pipeline

    with _progress(quiet) as progress:
        plan = pipeline.simulate(
            births, out, seed=seed, noise=noise, lists=lists, file_format=file_format, progress=progress
        )
    if not quiet:
        click.echo(f"Simulated {births:,} births. The plan: {plan}\nNext: everybirth run {plan} --out {out / 'run'}")


@commands.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default="everybirth.toml", show_default=True,
    help="The plan to write.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Write over an existing plan.")
@_quiet
def init(files: tuple[Path, ...], output: Path, force: bool, quiet: bool) -> None:
    """Look at lists and write a plan to edit.

    It guesses which column is which: check that before the run. A pattern in quotation marks is one list of many files.

    \b
    Example:
      everybirth init hospital.csv register.xlsx --output everybirth.toml
      everybirth init 'hospital/*.csv' register.xlsx
    """
    from everybirth import pipeline

    if output.exists() and not force:
        message = (
            f"{output} exists and may have been edited. Give another name with --output, or --force to write over it."
        )
        raise PlanError(message)
    with _progress(quiet) as progress:
        report = pipeline.init(files, output, progress=progress)
    if not quiet:
        click.echo(report.summary())


@commands.command()
@click.argument("plan", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_out
@click.option(
    "--threads",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="How many threads a step has at most, beside the writing of files; 0: one per processor.",
)
@click.option(
    "--engine", type=click.Choice(ENGINES), default="local", show_default=True, help="Where the work is done."
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Same seed, same result.")
@_language_of_all
@_quiet
@_json
def run(plan: Path, out: Path, threads: int, engine: str, seed: int, language: str, quiet: bool, as_json: bool) -> None:
    """Link the lists of a plan to one row per birth.

    \b
    Example:
      everybirth run everybirth.toml --out result
    """
    _limit_tables(threads)
    from everybirth import pipeline

    with _progress(quiet) as progress:
        result = pipeline.run(
            plan, out, threads=threads, engine=engine, seed=seed, language=language, progress=progress
        )
    if as_json:
        _print_json(result.to_json())
    elif not quiet:
        click.echo(result.summary())


@commands.command()
@click.argument("run_dir", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--truth", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True,
    help="One row per record: list, record_id, birth, delivery.",
)  # fmt: skip
@_quiet
@_json
def evaluate(run_dir: Path, truth: Path, quiet: bool, as_json: bool) -> None:
    """Compare a run with the truth.

    Precision, recall and F1 of pairs and of births, how twins fared, and whether the probabilities hold.

    \b
    Example:
      everybirth evaluate world/run --truth world/truth.parquet
    """
    from everybirth import pipeline

    with _progress(quiet) as progress:
        evaluation = pipeline.evaluate(run_dir, truth, progress=progress)
    if as_json:
        _print_json(evaluation.to_json())
    elif not quiet:
        click.echo(evaluation.summary())


@commands.command()
@click.argument("counts", metavar="COUNTS.csv", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--method", "methods", type=click.Choice((*METHODS, *ON_REQUEST)), multiple=True,
    metavar="NAME", help="Show this method; may be given several times.",
)  # fmt: skip
@click.option("--stratum", "strata", multiple=True, help="A column of strata that looks like a list.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Same seed, same result.")
@_quiet
@_json
def estimate(
    counts: Path, methods: tuple[str, ...], strata: tuple[str, ...], seed: int, quiet: bool, as_json: bool
) -> None:
    """Estimate births on no list from counts alone.

    The file has a column of 0 and 1 for each list, a column count, and any columns of strata; nothing is linked.

    \b
    Example:
      everybirth estimate counts.csv --json
    """
    from everybirth import pipeline

    with _progress(quiet) as progress:
        found = pipeline.estimate(counts, methods or None, strata=strata, seed=seed, progress=progress)
    if as_json:
        _print_json(found.to_json())
    elif not quiet:
        click.echo(found.summary())


@commands.command()
@click.argument("run_dir", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_language(help="Language of the report.")
@_quiet
def report(run_dir: Path, language: str, quiet: bool) -> None:
    """Write the report again.

    It is made from the published tables and run.json, so that it can be made after a purge as well.

    \b
    Example:
      everybirth report result --language zh
    """
    from everybirth import pipeline

    with _progress(quiet) as progress:
        path = pipeline.report(run_dir, language=language, progress=progress)
    if not quiet:
        click.echo(f"The report: {path}")


commands.add_command(cli_findings.findings)
commands.add_command(cli_findings.dhis2)
commands.add_command(cli_findings.purge)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit the process with its code.

    arguments  without the program's name; None: those the process was started with
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # an old console shows what it can of a list's name
    try:
        with _warnings_shown():
            code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read our output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the flush at exit fails again
        code = 1
    sys.exit(code)


def _run(arguments: Sequence[str] | None) -> int:
    """Run one command; every expected failure becomes one message and a code."""
    try:
        commands.main(arguments, prog_name="everybirth", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort) as error:
        stopped = str(error) or "Stopped. What was written is whole; start again when you like."
        return _fail(_with_notes(stopped, error), 130)
    except EverybirthError as error:
        return _fail(_with_notes(f"Error: {error}", error), error.exit_code)
    except BrokenPipeError:
        raise
    except MemoryError:
        return _fail("Error: not enough memory for these lists. Close other programs, or link fewer at a time.", 1)
    except OSError as error:
        return _fail(f"Error: {error.filename or 'the system'}: {error.strerror or error}.", 1)
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        return _fail(_defect(error), 1)
    return 0


def _fail(message: str, code: int) -> int:
    click.echo(message, err=True)
    return code


def _with_notes(message: str, error: BaseException) -> str:
    """The message, and what was noted about the error, or about Ctrl-C, which click turns into an error of its own."""
    return " ".join([message, *getattr(error, "__notes__", ()), *getattr(error.__cause__, "__notes__", ())])


def _defect(error: Exception) -> str:
    """Where an unforeseen error arose; without its message, which may hold a person's values."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"Error: a defect in everybirth ({type(error).__name__} in {place.name}, {Path(place.filename).name} line "
        f"{place.lineno}). Set {DEBUG}=1 to see all of it; that may show values from your lists."
    )


def _progress(quiet: bool) -> AbstractContextManager[Progress]:
    return nullcontext(silent) if quiet else Bar()


def _limit_tables(threads: int) -> None:
    """Tell the library of tables how many threads to have: it looks once, when it is loaded."""
    if threads and "polars" not in sys.modules:
        os.environ[THREADS_OF_TABLES] = str(threads)


def _print_json(content: object) -> None:
    from everybirth.publish import json_text

    click.echo(json_text(content))


class _Warnings(logging.Handler):
    """Prints each warning of a run once, in plain words, on whatever is standard error at the time."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._seen: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if message not in self._seen:
            self._seen.add(message)
            click.echo(f"{record.levelname.capitalize()}: {message}", err=True)


@contextmanager
def _warnings_shown() -> Iterator[None]:
    logger = logging.getLogger("everybirth")
    handler = _Warnings()
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
