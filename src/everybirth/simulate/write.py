"""A simulated world on disk: its lists, the truth and a plan that links them."""

from collections.abc import Callable
from pathlib import Path

import polars as pl

from everybirth.errors import PlanError
from everybirth.simulate.recipes import Recipe, chosen
from everybirth.simulate.workbook import LARGEST_SHEET, write_workbook
from everybirth.simulate.world import World

DATES = ("birth_date", "recorded_on", "registration_date")
MOST_MONTHLY = 40  # areas; a district is looked at by month, a nation of many districts by year


def _parquet(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path, compression="zstd", compression_level=1, row_group_size=250_000)


def _csv(frame: pl.DataFrame, path: Path) -> None:
    frame.write_csv(path)


WRITERS: dict[str, Callable[[pl.DataFrame, Path], None]] = {"parquet": _parquet, "csv": _csv, "xlsx": write_workbook}


def write_world(world: World, out: Path, file_format: str = "parquet") -> Path:
    """Write <list>.<format> for each list, truth.parquet and everybirth.toml into out, which is made if need be.

    file_format   parquet, csv (UTF-8) or xlsx
    Returns       the path of the plan; it is written last
    Raises        PlanError  if the format is unknown, or a list is too long for an Excel sheet
    """
    if file_format not in WRITERS:
        raise PlanError(f'simulate: the file format is "{file_format}"; it must be one of {", ".join(WRITERS)}.')
    longest = max(len(frame) for frame in world.lists.values())
    if file_format == "xlsx" and longest > LARGEST_SHEET:
        raise PlanError(
            f"simulate: the longest list has {longest:,} records; an Excel sheet here holds at most {LARGEST_SHEET:,}. "
            "Simulate fewer births, or write parquet or csv."
        )
    out.mkdir(parents=True, exist_ok=True)
    for name, frame in world.lists.items():
        WRITERS[file_format](frame, out / f"{name}.{file_format}")
    _parquet(world.truth, out / "truth.parquet")
    plan = out / "everybirth.toml"
    plan.write_text(plan_text(world, file_format), encoding="utf-8", newline="\n")
    return plan


def plan_text(world: World, file_format: str) -> str:
    """The plan that links the lists, as TOML."""
    options = world.options
    size = f"{options.births} births, seed {options.seed}, noise {options.noise}, {options.n_lists} lists"
    head = [
        f"# A simulated world: {size}.",
        "# Names and places are invented. truth.parquet says which record is about which birth.",
    ]
    monthly = ["", "[estimate]", 'period = "month"'] if options.areas <= MOST_MONTHLY else []
    return "\n".join([*head, *monthly, *(_section(recipe, file_format) for recipe in chosen(options.n_lists))]) + "\n"


def _section(recipe: Recipe, file_format: str) -> str:
    lines = [
        "",
        f"[lists.{recipe.name}]",
        f'path = "{recipe.name}.{file_format}"',
        'id = "record_id"',
    ]
    if recipe.role:
        lines.append(f'role = "{recipe.role}"')
    if recipe.covers:
        sites = ", ".join(f'"{site}"' for site in recipe.covers)
        lines.append(f"covers = {{ site = {sites if len(recipe.covers) == 1 else f'[{sites}]'} }}")
    lines.append(f"[lists.{recipe.name}.columns]")
    for column in recipe.columns:
        if column in DATES and recipe.date_format:
            lines.append(f'{column} = {{ column = "{column}", format = "{recipe.date_format}" }}')
        else:
            lines.append(f'{column} = "{column}"')
    return "\n".join(lines)
