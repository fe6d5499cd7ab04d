"""What became of each finding: decided, verified by what this run found, or there again."""

import hashlib
from dataclasses import dataclass

import numpy as np
import polars as pl

from everybirth.publish.findings import kinds
from everybirth.publish.findings.kinds import (
    ABOUT_LINKS,
    CONFIRMED,
    CORRECTED,
    DISMISSED,
    DUPLICATE,
    KINDS,
    NOT_REGISTERED,
    OPEN,
    UNCERTAIN_LINK,
    VERIFIED,
    WITH_VALUE,
    explode_records,
    value_unknown,
)
from everybirth.publish.findings.past import HISTORY_SCHEMA, Past
from everybirth.publish.findings.scene import Scene, with_rows
from everybirth.publish.findings.unregistered import on_register

GONE = "gone"  # in the history: open in the run before, not decided, no longer found though its records are there
ALL = "all"  # in the history: the row that counts every finding of a run

_FACTS = {"finding_id": pl.String, "n": pl.Int64, "in_run": pl.Int64, "births": pl.Int64, "registered": pl.Int64}


@dataclass(frozen=True, slots=True)
class Fates:
    """The findings with what became of them.

    findings   kinds.SCHEMA: those found now, and after them earlier ones that were decided
    history    HISTORY_SCHEMA: of all runs up to this
    since      how many findings that were open in the last run are "closed" now, decided or no longer found, and how
               many "came_back"; None if this is the first run
    """

    findings: pl.DataFrame
    history: pl.DataFrame
    warnings: tuple[str, ...]
    since: dict[str, int] | None


def fates(found: pl.DataFrame, past: Past, scene: Scene) -> Fates:
    """Compare what was found with what was known and decided before.

    found    kinds.FOUND, as by detect
    A run that finds and decides what the last one did has its number: nothing is counted twice.
    """
    decided = past.decisions.filter(pl.col("decision") != OPEN)
    decided = _moved(decided, found, past.decisions)
    gone = _gone(found, past, decided)
    facts = _facts(
        scene, pl.concat([decided.select("now", "records"), gone.select(now="finding_id", records="records")])
    )
    register = _fingerprint_of_register(scene)
    told = _with_status(_every(found, past, decided), facts, changed=_changed(past, register))
    outcome = _outcome(told, register)
    same = bool(past.run) and past.history.filter(pl.col("area") == ALL)["outcome"][-1] == outcome
    run = past.run if same else past.run + 1
    findings = _numbered(told, run)
    healed = _healed(gone, facts, found)
    history = past.history
    if not same:
        history = pl.concat([history, _counted(findings, healed, run, (outcome, register))])
    since = _since(told, healed) if past.run else None
    return Fates(findings, history, _warnings(decided, facts), since)


def _moved(decided: pl.DataFrame, found: pl.DataFrame, every_decision: pl.DataFrame) -> pl.DataFrame:
    """The decisions, with the id "now" of the finding that they are about.

    A child that is still not registered gets another id when a further record of it turns up; what was decided of it
    holds on, unless something was decided under the new id.
    """
    about = decided.filter(pl.col("kind") == NOT_REGISTERED)
    lost = explode_records(about.join(found, on="finding_id", how="anti"))
    if not lost.height:
        return decided.with_columns(pl.col("finding_id").alias("now"))
    here = explode_records(found.filter(pl.col("kind") == NOT_REGISTERED)).rename({"finding_id": "now"})
    met = lost.join(here, on=["list", "record_id"]).group_by("finding_id", "now").len("met")
    all_met = met.join(lost.group_by("finding_id").len("n"), on="finding_id").filter(pl.col("met") == pl.col("n"))
    all_met = all_met.join(every_decision, left_on="now", right_on="finding_id", how="anti")
    all_met = (
        all_met.join(decided.select("finding_id", "line"), on="finding_id").sort("line").unique("now", keep="last")
    )
    moved = decided.join(all_met.select("finding_id", "now"), on="finding_id", how="left", maintain_order="left")
    return moved.with_columns(pl.coalesce("now", "finding_id"))


def _gone(found: pl.DataFrame, past: Past, decided: pl.DataFrame) -> pl.DataFrame:
    """Findings of the last run that were open, not decided, and are not found any more."""
    left = past.findings.filter(pl.col("status") == OPEN).join(found, on="finding_id", how="anti")
    left = left.join(decided, on="finding_id", how="anti")
    return left.select("finding_id", "area", "kind", "records", "field")


def _healed(gone: pl.DataFrame, facts: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Of the findings that are gone, those whose records are there and are not asked about in another finding now.

    With a further record of its birth, or one less, a finding is another one: that settles nothing.
    """
    whole = gone.join(facts.filter(pl.col("in_run") == pl.col("n")), on="finding_id", how="semi")
    if not whole.height:
        return whole
    about = [pl.col("kind").replace(DUPLICATE, UNCERTAIN_LINK), pl.col("field").fill_null("")]
    alike = found.join(whole.select(about).unique(), on=about, how="semi")
    asked = explode_records(alike).join(alike.select("finding_id", *about), on="finding_id").drop("finding_id")
    named = explode_records(whole).join(whole.select("finding_id", *about), on="finding_id")
    return whole.join(named.join(asked, on=asked.columns, how="semi"), on="finding_id", how="anti")


def _since(told: pl.DataFrame, healed: pl.DataFrame) -> dict[str, int]:
    """What became of open findings since the last run; see Fates."""
    closed = told.filter((pl.col("status_before") == OPEN) & (pl.col("status") != OPEN)).height + healed.height
    back = told.filter(pl.col("came_back") & ~pl.col("came_back_before").fill_null(value=False)).height
    return {"closed": closed, "came_back": back}


def _facts(scene: Scene, about: pl.DataFrame) -> pl.DataFrame:
    """How the records of findings lie now.

    about    now, records
    Returns  finding_id, n (records that it names), in_run (of them in this run), births (that those are in), registered
             (of those in the run, on the register)
    """
    named = explode_records(about.rename({"now": "finding_id"}))
    if not named.height:
        return pl.DataFrame(schema=_FACTS)
    placed = with_rows(scene.records, named)
    row = placed["record"].fill_null(0).to_numpy()
    birth = np.append(scene.births.of_record, 0).astype(np.int64)[row]
    placed = placed.with_columns(
        pl.when(pl.col("record").is_not_null()).then(pl.Series(birth)).alias("birth"),
        pl.Series(np.append(on_register(scene), False)[birth]).alias("on"),
    )
    known = pl.col("birth").is_not_null()
    return placed.group_by("finding_id").agg(
        pl.len().cast(pl.Int64).alias("n"),
        known.sum().cast(pl.Int64).alias("in_run"),
        pl.col("birth").drop_nulls().n_unique().cast(pl.Int64).alias("births"),
        (known & pl.col("on")).sum().cast(pl.Int64).alias("registered"),
    )


def _every(found: pl.DataFrame, past: Past, decided: pl.DataFrame) -> pl.DataFrame:
    """Findings of this run, and decided ones that it did not find; with their decision and their state before.

    Adds to kinds.FOUND: found_now, decision, corrected_value, note, decided, and the state before as status_before ...
    """
    before = past.findings
    missing = decided.join(found, left_on="now", right_on="finding_id", how="anti")
    known = missing.join(before.select(list(kinds.FOUND)), on="finding_id", how="left", suffix="_before")
    rows = known.select(
        "finding_id",
        "kind",
        pl.col("area").fill_null(kinds.UNKNOWN),
        "birth_id",
        "records",
        "list",
        "field",
        *("found", "best", "why", "probability"),
    )
    every = pl.concat(
        [found.with_columns(pl.lit(True).alias("found_now")), rows.with_columns(pl.lit(False).alias("found_now"))]
    )
    made = decided.select(
        pl.col("now").alias("finding_id"),
        pl.col("finding_id").alias("known_as"),
        "decision",
        pl.col("value").alias("corrected_value"),
        "note",
        pl.col("line").alias("decided"),
    )
    every = every.join(made, on="finding_id", how="left", maintain_order="left")
    return _with_states(every.with_columns(pl.coalesce("known_as", "finding_id")), before)


def _with_states(every: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """With what the last run said of each finding, under its own id or the one it was decided under."""
    states = ("status", "came_back", "decided", "first_seen", "last_seen")
    own = before.select("finding_id", *(pl.col(name).alias(f"{name}_before") for name in states))
    former = before.select(pl.col("finding_id").alias("known_as"), *(pl.col(n).alias(f"{n}_former") for n in states))
    if not before.height:
        nulls = (pl.lit(None, dtype).alias(f"{name}_before") for name, dtype in kinds.FATE.items() if name in states)
        return every.with_columns(nulls)
    both = every.join(own, on="finding_id", how="left", maintain_order="left")
    both = both.join(former, on="known_as", how="left", maintain_order="left")
    return both.with_columns(pl.coalesce(f"{name}_before", f"{name}_former").alias(f"{name}_before") for name in states)


def _with_status(every: pl.DataFrame, facts: pl.DataFrame, *, changed: bool) -> pl.DataFrame:
    """With "status" and "came_back".

    changed   the register is not the one that the last run saw
    """
    every = every.join(facts, on="finding_id", how="left", maintain_order="left").with_columns(
        pl.col("n", "in_run", "births", "registered").fill_null(0)
    )
    kind, decision = pl.col("kind"), pl.col("decision")
    links, whole = kind.is_in(ABOUT_LINKS), pl.col("in_run") == pl.col("n")
    seen = (
        pl.when(links & (decision == CONFIRMED))
        .then(whole & (pl.col("births") == 1))
        .when(links & (decision == DISMISSED))
        .then(whole & (pl.col("births") == pl.col("n")))
        .when((kind == NOT_REGISTERED) & (decision == CORRECTED))
        .then((pl.col("in_run") > 0) & (pl.col("registered") == pl.col("in_run")))
        .when((decision == CORRECTED) | value_unknown())
        .then(~pl.col("found_now") & (whole | ~kind.is_in(WITH_VALUE)))
        .otherwise(pl.lit(False))
    )
    return (
        every.with_columns(seen.alias("seen"))
        .with_columns(_back(changed).alias("came_back"))
        .with_columns(
            pl.when(pl.col("decision").is_null() | pl.col("came_back"))
            .then(pl.lit(OPEN))
            .when("seen")
            .then(pl.lit(VERIFIED))
            .otherwise("decision")
            .alias("status")
        )
    )


def _back(changed: bool) -> pl.Expr:
    """Whether a finding is there though a decision should have made an end of it.

    That a child was registered shows only in a register that was drawn up later: until then the word of the office
    stands.
    """
    kind, decision = pl.col("kind"), pl.col("decision")
    should_be_gone = kind.is_in(ABOUT_LINKS) | (decision == CORRECTED) | value_unknown()
    was_back = pl.col("came_back_before") & (pl.col("decided") == pl.col("decided_before"))
    told = (kind != NOT_REGISTERED) | was_back.fill_null(False) | (pl.col("status_before") == VERIFIED).fill_null(False)
    back = pl.col("found_now") & ~pl.col("seen") & decision.is_not_null() & should_be_gone
    return (back & (told | pl.lit(changed))).fill_null(False)


def _changed(past: Past, register: str) -> bool:
    known = past.history.filter(pl.col("area") == ALL)["register"]
    return bool(len(known)) and known[-1] != register


def _fingerprint_of_register(scene: Scene) -> str:
    """A text that differs between registers with other entries."""
    keys = scene.record_key[scene.records.list_of == scene.register]
    return f"{len(keys)}-{int(np.bitwise_xor.reduce(keys)):016x}" if scene.register >= 0 else ""


def _outcome(told: pl.DataFrame, register: str) -> str:
    """SHA-256 of which findings there are and how they stand."""
    flags = (pl.col(name).cast(pl.Int8) for name in ("came_back", "found_now"))
    columns = told.select("finding_id", "status", *flags, pl.col("decided").fill_null(0))
    digest = hashlib.sha256(register.encode())
    for column in columns:
        digest.update(f"\n{column.cast(pl.String).str.join(' ').item()}".encode())
    return digest.hexdigest()


def _numbered(told: pl.DataFrame, run: int) -> pl.DataFrame:
    """With the runs in which each was first and last seen; in the table's columns and order."""
    first = pl.col("first_seen_before").fill_null(run)
    earlier = pl.col("last_seen_before").fill_null(run - 1)  # of one that is known from its decision alone
    last = pl.when("found_now").then(run).otherwise(earlier)
    numbered = told.with_columns(first.alias("first_seen"), last.alias("last_seen"))
    return numbered.select(pl.col(name).cast(dtype) for name, dtype in kinds.SCHEMA.items())


def _counted(findings: pl.DataFrame, healed: pl.DataFrame, run: int, marks: tuple[str, str]) -> pl.DataFrame:
    """The rows of a run in the history: the first counts all and holds the marks by which a run is known again."""
    head = pl.DataFrame([(run, ALL, ALL, ALL, findings.height, *marks)], schema=HISTORY_SCHEMA, orient="row")
    each = pl.concat([findings.select("area", "kind", "status"), healed.select("area", "kind", status=pl.lit(GONE))])
    counts = each.group_by("area", "kind", "status").agg(pl.len().cast(pl.Int64).alias("findings"))
    rows = counts.sort("area", pl.col("kind").cast(pl.Enum(KINDS)), "status").with_columns(
        pl.lit(run, pl.Int32).alias("run")
    )
    return pl.concat([head, rows], how="diagonal").select(list(HISTORY_SCHEMA))


def _warnings(decided: pl.DataFrame, facts: pl.DataFrame) -> tuple[str, ...]:
    named = decided.join(facts, left_on="now", right_on="finding_id")
    lost = named.filter(pl.col("in_run") < pl.col("n")).height
    if not lost:
        return ()
    told = f"Decisions about records that are not in the lists any more: {lost:,} of {decided.height:,}."
    return (f"{told} They are kept and hold again when the records return.",)
