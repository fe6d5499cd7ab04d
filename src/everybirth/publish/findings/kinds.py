"""What kinds of findings there are, what may be decided about each, and the columns of the table."""

from collections.abc import Mapping

import polars as pl

DUPLICATE = "duplicate"  # records of one list that are one birth
NOT_REGISTERED = "not-registered"  # a birth on other lists that the register lacks
DISAGREEMENT = "disagreement"  # records of one birth that say different things
IMPLAUSIBLE = "implausible"  # a value that cannot be, or hardly
REJECTED = "rejected"  # a row that could not be used
COPIED_BLOCK = "copied-block"  # values in a list and area that repeat far beyond chance
UNCERTAIN_LINK = "uncertain-link"  # two records that may be one birth or two
KINDS = (NOT_REGISTERED, DUPLICATE, UNCERTAIN_LINK, DISAGREEMENT, IMPLAUSIBLE, REJECTED, COPIED_BLOCK)

OPEN, CONFIRMED, CORRECTED, DISMISSED, VERIFIED = "open", "confirmed", "corrected", "dismissed", "verified"

# What an office may decide about each kind; "open" takes an earlier decision back.
CHOICES: dict[str, tuple[str, ...]] = {
    NOT_REGISTERED: (CORRECTED, CONFIRMED, DISMISSED, OPEN),
    DUPLICATE: (CONFIRMED, DISMISSED, OPEN),
    UNCERTAIN_LINK: (CONFIRMED, DISMISSED, OPEN),
    DISAGREEMENT: (CORRECTED, CONFIRMED, DISMISSED, OPEN),
    IMPLAUSIBLE: (CORRECTED, CONFIRMED, DISMISSED, OPEN),
    REJECTED: (CORRECTED, DISMISSED, OPEN),
    COPIED_BLOCK: (CORRECTED, CONFIRMED, DISMISSED, OPEN),
}
ABOUT_LINKS = (DUPLICATE, UNCERTAIN_LINK)  # confirmed: one birth; dismissed: different births
WITH_VALUE = (DISAGREEMENT, IMPLAUSIBLE)  # corrected: with the right value

_IN_WORDS = {
    NOT_REGISTERED: "births on other lists that the register lacks",
    DUPLICATE: "births entered more than once in a list",
    UNCERTAIN_LINK: "pairs of records that may be one birth or two",
    DISAGREEMENT: "fields on which the records of a birth disagree",
    IMPLAUSIBLE: "values that can hardly be right",
    REJECTED: "rows that could not be used",
    COPIED_BLOCK: "lists and areas where values repeat beyond chance",
}

UNKNOWN, OUT_OF_SCOPE = "unknown", "out of scope"  # areas of records that do not say, and of those outside the plan

# What detecting a finding fills in, and what is known of its fate.
FOUND = {
    "finding_id": pl.String(),
    "kind": pl.String(),
    "area": pl.String(),
    "birth_id": pl.String(),
    "records": pl.String(),
    "list": pl.String(),
    "field": pl.String(),
    "found": pl.String(),
    "best": pl.String(),
    "why": pl.String(),
    "probability": pl.Float32(),
}
FATE = {
    "status": pl.String(),
    "came_back": pl.Boolean(),
    "first_seen": pl.Int32(),
    "last_seen": pl.Int32(),
    "decision": pl.String(),
    "corrected_value": pl.String(),
    "note": pl.String(),
    "decided": pl.Int32(),
}
SCHEMA = FOUND | FATE

_BETWEEN = "; "  # between the records of a finding; ";" and "%" in an id are written as in a web address


def record_names(list_name: pl.Expr, record_id: pl.Expr) -> pl.Expr:
    """A record as the column "records" has it: "list:record_id"."""
    return pl.concat_str(list_name.cast(pl.String), pl.lit(":"), safe_id(record_id))


def safe_id(record_id: pl.Expr) -> pl.Expr:
    """Ids in which nothing can be taken for the mark between two records."""
    return record_id.str.replace_all("%", "%25", literal=True).str.replace_all(";", "%3B", literal=True)


def explode_records(findings: pl.DataFrame) -> pl.DataFrame:
    """One row per record of each finding.

    findings   with the columns "finding_id" and "records"
    Returns    finding_id, list, record_id; nothing for findings without records
    """
    named = findings.select("finding_id", pl.col("records").str.split(_BETWEEN)).explode("records")
    record_id = pl.col("records").str.splitn(":", 2).struct[1]
    return named.filter(pl.col("records").fill_null("") != "").select(
        "finding_id",
        pl.col("records").str.splitn(":", 2).struct[0].alias("list"),
        record_id.str.replace_all("%3B", ";", literal=True)
        .str.replace_all("%25", "%", literal=True)
        .alias("record_id"),
    )


def to_look_at(still_open: Mapping[str, int]) -> list[str]:
    """Lines for a summary: how many findings of each kind are open."""
    told = [f"  {_IN_WORDS[kind]}: {n:,}" for kind, n in still_open.items() if n]
    return ["To look at:", *told] if told else []


def value_unknown() -> pl.Expr:
    """Whether an office said that a value is wrong and did not know the right one: it counts as missing since."""
    return (pl.col("kind") == IMPLAUSIBLE) & (pl.col("decision") == CONFIRMED)


def since_last_run(since: Mapping[str, int] | None) -> list[str]:
    """Lines for a summary: what became of findings since the last run; none in a first run."""
    if since is None:
        return []
    return [f"Closed since the last run: {since['closed']:,}; came back: {since['came_back']:,}."]


def empty() -> pl.DataFrame:
    """A table of findings without any."""
    return pl.DataFrame(schema=SCHEMA)
