"""The commands for what comes after a run: workbooks out and back, and removing what is about persons."""

import sys
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path

import click

from everybirth.errors import EverybirthError
from everybirth.progress import Bar, silent

CATALOGUES = Path(__file__).parent / "publish" / "report" / "locale"


class Language(click.ParamType[str, str]):
    """A language of the report and the workbooks: English, and those that there are catalogues for."""

    name = "language"

    def languages(self) -> tuple[str, ...]:
        """Their codes. Looked up among the files: help must not wait for what writes in them."""
        return ("en", *sorted(path.parent.name for path in CATALOGUES.glob("*/LC_MESSAGES")))

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return f"[{'|'.join(self.languages())}]"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.languages():
            self.fail(f'"{value}" is not there. There are: {", ".join(self.languages())}.', param, ctx)
        return value


_quiet = click.option("-q", "--quiet", is_flag=True, help="No summary; warnings and errors only.")
_json = click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
_dir = click.argument("run_dir", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))


@click.group()
def findings() -> None:
    """Workbooks of findings for offices, and back again.

    \b
    Example:
      everybirth findings export result
      everybirth findings import result returned/0101.xlsx
    """


@findings.command("export")
@_dir
@click.option("--area", "areas", multiple=True, help="Only this area; may be given several times.")
@click.option("--language", type=Language(), default="en", show_default=True, help="Language of the workbooks.")
@_quiet
@_json
def export_(run_dir: Path, areas: tuple[str, ...], language: str, quiet: bool, as_json: bool) -> None:
    """Write a workbook of findings for each area.

    They hold names of children: each export is logged in DIR/access.jsonl.

    \b
    Example:
      everybirth findings export result --area 0101 --language zh
    """
    from everybirth.publish.workbooks import export_findings

    _warn_if_overdue(run_dir)
    with nullcontext(silent) if quiet else Bar() as progress:
        done = export_findings(run_dir, areas or None, language, progress)
    _warn(done.warnings())
    if as_json:
        _print_json(done.to_json())
    elif not quiet:
        click.echo(done.summary())


@findings.command("import")
@_dir
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_quiet
@_json
def import_(run_dir: Path, files: tuple[Path, ...], quiet: bool, as_json: bool) -> None:
    """Take workbooks back that offices filled in.

    What cannot be taken in is kept in DIR/findings, to be mended and imported again.

    \b
    Example:
      everybirth findings import result returned/0101.xlsx returned/0102.xlsx
    """
    from everybirth.publish.workbooks import import_findings

    _warn_if_overdue(run_dir)
    done = import_findings(run_dir, files)
    _warn(done.warnings())
    if as_json:
        _print_json(done.to_json())
    elif not quiet:
        click.echo(done.summary())
    if done.unreadable:
        raise EverybirthError(f"{len(done.unreadable)} of {len(files)} files could not be read; see above.")


@click.command()
@_dir
@click.option("--yes", is_flag=True, help="Do not ask.")
@_quiet
@_json
def purge(run_dir: Path, yes: bool, quiet: bool, as_json: bool) -> None:
    """Remove what is about persons, keep what is published.

    The tables, the report, run.json and the log stay, and are searched for every name and id that goes.

    \b
    Example:
      everybirth purge result
    """
    from everybirth.publish.purge import check_is_run, purge

    check_is_run(run_dir)
    if not yes:
        if not _can_ask():
            message = "purge asks before it removes anything, and nobody can answer here. Add --yes."
            raise click.UsageError(message)
        if not _agrees(f"Remove all data about persons from {run_dir}? This cannot be undone"):
            message = "Nothing was removed."
            raise click.Abort(message)
    with nullcontext(silent) if quiet else Bar() as progress:
        done = purge(run_dir, progress)
    if as_json:
        _print_json(done.to_json())
    elif not quiet:
        click.echo(done.summary())
    if not done.clean:
        raise EverybirthError(f"{run_dir}: what was to go is gone, but the files that stay are not proved clean.")


@click.command()
@_dir
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Which figure is which data element.",
)
@click.option("--init", "begin", is_flag=True, help="Write a mapping to be filled in.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path),
    help="FILE.json or FILE.csv for one request; a folder for one set per period and unit. Left out: standard output.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Write over an existing file.")
@_quiet
def dhis2(run_dir: Path, mapping: Path | None, begin: bool, output: Path | None, force: bool, quiet: bool) -> None:
    """Write published figures as DHIS2 data values.

    Only the published tables are read, so that a hidden count is never sent.

    \b
    Example:
      everybirth dhis2 result --init -o dhis2.toml
      everybirth dhis2 result --mapping dhis2.toml -o values.json
    """
    from everybirth.publish import dhis2 as export
    from everybirth.publish.release import read_release

    if begin == (mapping is not None):
        message = "Give either --init, to write a mapping, or --mapping FILE, to use one."
        raise click.UsageError(message)
    release = read_release(run_dir)
    if mapping is None:
        export.write({"": export.skeleton(release)}, output, force=force)
        return
    found = export.data_values(release, export.read_mapping(mapping))
    if output is not None and not output.suffix:
        texts = export.as_sets(found)
    else:
        texts = {"": export.as_csv(found) if output is not None and output.suffix == ".csv" else export.as_bulk(found)}
    export.write(texts, output, force=force)
    if not quiet:
        click.echo(found.summary(), err=output is None)


def _can_ask() -> bool:
    return sys.stdin.isatty()


def _agrees(question: str) -> bool:
    """Whether somebody says yes; Ctrl-C at the question is a no."""
    try:
        return click.confirm(question)
    except click.Abort:
        return False


def _warn(messages: Iterable[str]) -> None:
    for message in messages:
        click.echo(f"Warning: {message}", err=True)


def _warn_if_overdue(run_dir: Path) -> None:
    from everybirth.publish.retention import overdue

    message = overdue(run_dir)
    _warn([message] if message else [])


def _print_json(content: object) -> None:
    from everybirth.publish import json_text

    click.echo(json_text(content))
