"""Small lists of births, and their plans, for tests of the whole road."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl

LATIN = "abcdefghijklmnoprstuv"


def write(folder: Path, lists: Mapping[str, pl.DataFrame], more: str = "", of_list: str = "") -> Path:
    """Write lists as CSV and a plan that maps each column to the field of its name; returns the plan's path.

    more      further sections of the plan
    of_list   further lines of each list's section
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = more
    for name, frame in lists.items():
        frame.write_csv(folder / f"{name}.csv")
        columns = "".join(f'{column} = "{column}"\n' for column in frame.columns if column != "record_id")
        text += f'[lists.{name}]\npath = "{name}.csv"\nid = "record_id"\n{of_list}\n[lists.{name}.columns]\n{columns}'
    plan = folder / "everybirth.toml"
    plan.write_text(text, encoding="utf-8")
    return plan


def words(n: int, seed: int, letters: str = LATIN, length: int = 6) -> list[str]:
    """As many made-up names."""
    rng = np.random.default_rng(seed)
    return ["".join(rng.choice(list(letters), length)) for _ in range(n)]


def people(n: int, seed: int = 0, letters: str = LATIN, length: int = 6) -> pl.DataFrame:
    """Records of n births, all different: record_id, names, sex, birth_date (text)."""
    rng = np.random.default_rng(seed)
    days = np.datetime64("2024-01-01") + rng.integers(0, 366, n).astype("timedelta64[D]")
    return pl.DataFrame(
        {
            "record_id": [f"r{number:04}" for number in range(n)],
            "child_given_name": words(n, seed + 1, letters, length),
            "child_family_name": words(n, seed + 2, letters, length),
            "mother_given_name": words(n, seed + 3, letters, length),
            "sex": rng.choice(["female", "male"], n).tolist(),
            "birth_date": [str(day) for day in days],
        }
    )


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every Parquet file of a run."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.glob("*.parquet"))}


def joined(links: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Links beside the true birth (and whatever else the truth tells) of each record."""
    return links.with_columns(pl.col("list").cast(pl.String)).join(truth, on=["list", "record_id"])
