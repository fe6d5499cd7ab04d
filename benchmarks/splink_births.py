"""Link the lists of a plan with Splink on DuckDB, as a careful user would; run by the benchmark's own Python.

    splink_births.py PLAN --out CLUSTERS.parquet [--threshold P ...] [--method connected|best-links]

Reads the lists that everybirth.toml names, cleans them in DuckDB, trains, predicts, clusters and writes one row per
record: list, record_id, birth_id. With several thresholds it writes one file for each, to choose a threshold by.

What Splink's own documentation advises, and is done here: names cleaned and lower-cased; null for what is not a name;
comparisons from its library with term-frequency adjustment; several blocking rules that each let through few pairs;
the prior from deterministic rules; u by random sampling of 1e8 pairs; m by several EM passes on different blocking
rules; only the columns needed kept in memory.
"""

import argparse
import tomllib
from pathlib import Path
from typing import Any

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

PARENTS = ("mother", "father")
NAMES = (
    "child_given_name",
    "child_family_name",
    *(f"{who}_{part}_name" for who in PARENTS for part in ("given", "family")),
)
DATES = ("birth_date", "mother_birth_date")
PLACES = ("facility", "birth_place")
NUMBERS = ("birth_weight", "delivery_order", "plurality", "mother_age")

# What stands where a child has no name yet. After cleaning: lower case, letters and single spaces only.
UNNAMED = (
    r"^(b ?o|b ?b|baby|babe|infant|newborn|new born|unknown|unnamed|not named|no name|noname|na|n a|nn|nil|none|null|"
    r"xxx*|male|female|boy|girl|twin|child|son|daughter)( (of|boy|girl|male|female|child|one|two|a|b|i|ii) ?.*)?$"
)

RULES = (
    ("birth_date", "child_given_name"),
    ("birth_date", "child_family_name"),
    ("birth_date", "mother_given_name"),
    ("birth_date", "mother_family_name"),
    ("birth_date", "father_given_name"),
    ("birth_date", "residence"),
    ("mother_birth_date", "mother_given_name"),
    ("mother_birth_date", "mother_family_name"),
    ("phone", "mother_given_name"),
    ("phone", "child_family_name"),
    ("birth_month", "child_given_name", "child_family_name"),
    ("birth_month", "mother_given_name", "mother_family_name"),
    ("birth_month", "mother_given_name", "child_family_name"),
    ("birth_month", "father_given_name", "child_family_name"),
    ("child_given_name", "child_family_name", "mother_given_name"),
    ("child_given_name", "child_family_name", "extra_suburb"),
    ("child_given_name", "child_family_name", "extra_street"),
    ("extra_street", "extra_house"),
    ("birth_date", "extra_street"),
    ("residence", "child_given_name"),
    ("residence", "child_family_name"),
    ("extra_suburb", "child_family_name"),
    ("residence", "extra_street"),
    ("residence", "extra_house"),
)
CERTAIN = (  # deterministic rules for the prior: few false pairs
    ("birth_date", "child_given_name", "child_family_name"),
    ("birth_date", "mother_given_name", "mother_family_name"),
)
TRAIN_ON = (  # each EM pass learns the fields that its own rule does not hold fixed
    ("birth_date", "child_family_name"),
    ("mother_given_name", "mother_family_name"),
    ("child_given_name", "child_family_name"),
)
TRAIN_WITHOUT_MOTHER = (("birth_date", "child_given_name"),)  # where no other pass would learn the child's family name


def cleaned(field: str, column: str, written_as: str) -> str:
    """SQL that reads one column of a file as a clean value of the field."""
    text = f"trim(cast({column} as varchar))"
    letters = f"trim(regexp_replace(lower(strip_accents({text})), '[^a-z]+', ' ', 'g'))"
    if field == "child_given_name":
        return f"case when regexp_matches({letters}, '{UNNAMED}') then null else nullif({letters}, '') end"
    if field in NAMES or field in ("extra_street", "extra_suburb", "extra_middle"):
        return f"case when {letters} in ('', 'unknown', 'na', 'n a', 'none', 'nil') then null else {letters} end"
    if field in DATES:
        parsed = f"try_strptime({text}, '{written_as}')" if written_as else column
        return f"try_cast({parsed} as date)"
    if field == "phone":
        return f"nullif(right(regexp_replace({text}, '[^0-9]', '', 'g'), 9), '')"
    if field in NUMBERS:
        return f"try_cast({text} as double)"
    if field == "sex":
        return f"nullif(left({letters}, 1), '')"
    return f"nullif(upper({text}), '')"


def load(con: duckdb.DuckDBPyConnection, plan_path: Path) -> tuple[dict[str, str], set[str]]:
    """One clean table per list; all have the same columns, null where a list has none. Returns tables and fields."""
    lists: dict[str, Any] = tomllib.loads(plan_path.read_text(encoding="utf-8"))["lists"]
    fields: set[str] = set()
    mapped: dict[str, dict[str, tuple[str, str]]] = {}
    for name, one in lists.items():
        extra = {f"extra_{key}": value for key, value in one.get("extra", {}).items()}
        columns = {**one["columns"], **extra}
        mapped[name] = {
            field: (at, "") if isinstance(at, str) else (at["column"], at.get("format", ""))
            for field, at in columns.items()
        }
        fields |= mapped[name].keys()
    compared = {*NAMES, *DATES, *PLACES, *NUMBERS, "residence", "phone", "sex", "site"} | {
        f for f in fields if f.startswith("extra_")
    }
    fields &= compared
    for name, one in lists.items():
        path = (plan_path.parent / one["path"]).as_posix()
        select = [f'cast("{one["id"]}" as varchar) as unique_id']
        for field in sorted(fields):
            null = "cast(null as " + ("date" if field in DATES else "double" if field in NUMBERS else "varchar") + ")"
            at = mapped[name].get(field)
            value = cleaned(field, '"' + at[0] + '"', at[1]) if at else null
            select.append(f"{value} as {field}")
        con.execute(f"create table raw_{name} as select {', '.join(select)} from read_parquet('{path}')")
        con.execute(f"create table clean_{name} as select *, {derived(fields)} from raw_{name}")
        con.execute(f"drop table raw_{name}")
    return {name: f"clean_{name}" for name in lists}, fields


def derived(fields: set[str]) -> str:
    """Further columns: the month of birth to block on, and the mother's year of birth from her date or her age."""
    month = "strftime(birth_date, '%Y-%m')" if "birth_date" in fields else "cast(null as varchar)"
    years = ["year(mother_birth_date)"] if "mother_birth_date" in fields else []
    years += ["year(birth_date) - mother_age"] if "mother_age" in fields else []
    year = f"coalesce({', '.join(years)})" if years else "cast(null as double)"
    return f"{month} as birth_month, {year} as mother_birth_year"


def names(fields: set[str], together: bool) -> list[Any]:
    """Given and family name of child, mother and father: each by itself, or the two of a person together."""
    chosen: list[Any] = []
    for who in ("child", *PARENTS):
        both = [f"{who}_given_name", f"{who}_family_name"]
        if together and set(both) <= fields:
            chosen.append(cl.ForenameSurnameComparison(*both))
        else:
            chosen += [cl.NameComparison(name) for name in both if name in fields]
    return chosen


def comparisons(fields: set[str], names_together: bool) -> list[Any]:
    """The comparisons for the fields that the lists have."""
    chosen = names(fields, names_together)
    if "birth_date" in fields:
        days = cl.DateOfBirthComparison(
            "birth_date", input_is_string=False, datetime_thresholds=[3, 1], datetime_metrics=["day", "month"]
        )
        chosen.append(days)
    if {"mother_birth_date", "mother_age"} <= fields:
        chosen.append(mother_birth())
    elif "mother_birth_date" in fields:
        chosen.append(cl.DateOfBirthComparison("mother_birth_date", input_is_string=False))
    if "birth_weight" in fields:
        chosen.append(differences("birth_weight", [0, 100, 300, 600]))
    chosen += [cl.ExactMatch(field) for field in ("sex", "site") if field in fields]
    if "phone" in fields:
        chosen.append(cl.DamerauLevenshteinAtThresholds("phone", [1]))
    if "residence" in fields:
        chosen.append(cl.DamerauLevenshteinAtThresholds("residence", [1]).configure(term_frequency_adjustments=True))
    chosen += [cl.ExactMatch(f).configure(term_frequency_adjustments=True) for f in PLACES if f in fields]
    if "delivery_order" in fields:
        chosen.append(cl.ExactMatch("delivery_order"))
    if "plurality" in fields:
        chosen.append(cl.ExactMatch("plurality"))
    if "extra_suburb" in fields:
        suburb = cl.JaroWinklerAtThresholds("extra_suburb", [0.92, 0.8])
        chosen.append(suburb.configure(term_frequency_adjustments=True))
    if {"extra_street", "extra_house"} <= fields:
        chosen.append(address())
    if "extra_middle" in fields:
        chosen.append(cl.ExactMatch("extra_middle"))
    return chosen


def mother_birth() -> Any:
    """Her date of birth where both lists have it, else the year that her age gives."""
    year = "abs(mother_birth_year_l - mother_birth_year_r)"
    return cl.CustomComparison(
        output_column_name="mother_birth",
        comparison_levels=[
            cll.NullLevel("mother_birth_year"),
            cll.ExactMatchLevel("mother_birth_date"),
            cll.CustomLevel(
                "levenshtein(cast(mother_birth_date_l as varchar), cast(mother_birth_date_r as varchar)) <= 1",
                "one digit",
            ),
            cll.CustomLevel(f"{year} <= 1", "year of birth within 1"),
            cll.CustomLevel(f"{year} <= 3", "year of birth within 3"),
            cll.ElseLevel(),
        ],
    )


def address() -> Any:
    """Street and house number as one comparison: apart they would count the same household twice."""
    return cl.CustomComparison(
        output_column_name="address",
        comparison_levels=[
            cll.NullLevel("extra_street"),
            cll.And(cll.ExactMatchLevel("extra_street"), cll.ExactMatchLevel("extra_house")),
            cll.ExactMatchLevel("extra_street"),
            cll.JaroWinklerLevel("extra_street", 0.9),
            cll.ExactMatchLevel("extra_house"),
            cll.ElseLevel(),
        ],
    )


def differences(field: str, within: list[int]) -> Any:
    """Levels of absolute difference."""
    return cl.CustomComparison(
        output_column_name=field,
        comparison_levels=[
            cll.NullLevel(field),
            *(cll.AbsoluteDifferenceLevel(field, difference_threshold=each) for each in within),
            cll.ElseLevel(),
        ],
    )


def usable(rules: tuple[tuple[str, ...], ...], fields: set[str]) -> list[Any]:
    """The rules all of whose columns the lists have."""
    have = fields | {"birth_month"} if "birth_date" in fields else fields
    return [block_on(*rule) for rule in rules if set(rule) <= have]


def train(linker: Linker, fields: set[str], options: argparse.Namespace) -> None:
    """Prior, u and m, in the order of the documentation."""
    linker.training.estimate_probability_two_random_records_match(usable(CERTAIN, fields), recall=options.recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e8)
    passes = TRAIN_ON if "mother_given_name" in fields else TRAIN_ON + TRAIN_WITHOUT_MOTHER
    for rule in usable(passes, fields):
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=not options.em_with_tf
        )


def cluster(linker: Linker, predicted: Any, method: str, threshold: float, lists: list[str]) -> Any:
    """Groups of records, by either of the two ways that Splink has."""
    if method == "connected":
        return linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold)
    return linker.clustering.cluster_using_single_best_links(
        predicted, duplicate_free_datasets=lists, threshold_match_probability=threshold
    )


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Link the lists of a plan with Splink.")
    parser.add_argument("plan", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="Parquet file of clusters")
    parser.add_argument("--threshold", type=float, nargs="+", default=[0.95])
    parser.add_argument("--method", choices=("connected", "best-links"), default="connected")
    parser.add_argument("--recall", type=float, default=0.6, help="assumed recall of the deterministic rules")
    parser.add_argument("--em-with-tf", action="store_true", help="EM with term frequencies: slower")
    parser.add_argument("--names-together", action="store_true", help="a person's two names as one comparison")
    parser.add_argument("--drop", nargs="*", default=[], help="fields left out of the comparisons")
    return parser.parse_args()


def main() -> None:
    """Read, train, predict, cluster, write."""
    options = arguments()
    con = duckdb.connect()
    con.execute(f"set temp_directory = '{(options.out.parent / 'spill').as_posix()}'")  # not the current folder
    tables, fields = load(con, options.plan)
    api = DuckDBAPI(con)
    frames = [api.register(table, dataset_display_name=name) for name, table in tables.items()]
    settings = SettingsCreator(
        link_type="link_and_dedupe" if len(frames) > 1 else "dedupe_only",
        comparisons=comparisons(fields - set(options.drop), options.names_together),
        blocking_rules_to_generate_predictions=usable(RULES, fields),
        retain_matching_columns=False,
    )
    linker = Linker(frames if len(frames) > 1 else frames[0], settings, log_level="WARNING")
    train(linker, fields, options)
    predicted = linker.inference.predict(threshold_match_probability=min(options.threshold))
    source = "source_dataset" if len(frames) > 1 else f"'{next(iter(tables))}'"
    for threshold in options.threshold:
        found = cluster(linker, predicted, options.method, threshold, list(tables))
        several = len(options.threshold) > 1
        out = options.out.with_stem(f"{options.out.stem}-{threshold:g}") if several else options.out
        con.execute(
            f"copy (select {source} as list, unique_id as record_id, cast(cluster_id as varchar) as birth_id "
            f"from {found.physical_name}) to '{out.as_posix()}' (format parquet)"
        )


if __name__ == "__main__":
    main()
