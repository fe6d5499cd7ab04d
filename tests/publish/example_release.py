"""A release as a run of a small country writes it, for the tests of what is built on releases."""

import numpy as np
import polars as pl

from everybirth.publish.release import Release, Table
from everybirth.publish.table_texts import NEVER, NOTES, TITLES

LISTS = ("hospital", "community", "register")
AREAS = tuple(f"01{k:02d}" for k in range(1, 13))
HIDDEN_AREA = "0112"  # some of its counts are hidden


def example_release(areas: tuple[str, ...] = AREAS) -> Release:
    """Three lists, two years; the counts of the last area are hidden, and its estimates with them."""
    rng = np.random.default_rng(7)
    tables = [
        _headline(), _overlap(), *_births(areas, rng), _adjusted(areas, rng), _completeness(areas, rng),
        *_registration(areas, rng), _sex_ratio(areas, rng), *_quality(), *_linkage(), _resolved(), _sensitivity(),
        _findings(areas), _progress(areas),
    ]  # fmt: skip
    return Release(
        tables={table.name: table for table in tables},
        omitted=dict(NEVER),
        threshold=10,
        hidden={t.name: sum(t.frame[name].null_count() for name in t.counts) for t in tables},
        about={
            "version": "0.1.0",
            "plan": "0" * 64,
            "seed": 1,
            "lists": list(LISTS),
            "register": "register",
            "protection": "suppression",
            "given": ["lists depend on one another equally strongly whether or not a birth is on the remaining list"],
        },
    )


def _table(name: str, keys: tuple[str, ...], counts: tuple[str, ...], frame: pl.DataFrame) -> Table:
    frame = frame.with_columns(pl.col(*counts).cast(pl.Int64)) if counts else frame
    figures = tuple(column for column in frame.columns if column not in (*keys, *counts))
    return Table(name, keys, counts, figures, frame.select(*keys, *counts, *figures), NOTES[name], TITLES[name])


def _headline() -> Table:
    rows = [
        ("births", 19938.0, 19870.0, 20018.0), ("listed", 19490.0, 19480.0, 19501.0),
        ("registered", 16626.0, 16624.0, 16628.0), ("on_other_lists_only", 2864.0, 2855.0, 2876.0),
        ("missed_by_all", 448.0, 382.0, 520.0), ("completeness", 0.8339, 0.8306, 0.8368),
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=["measure", "estimate", "low", "high"], orient="row")
    return _table("headline", ("measure",), (), frame)


def _overlap() -> Table:
    counts = {"nny": 1402, "nyn": 655, "nyy": 2101, "ynn": 660, "yny": 2690, "yyn": 1530, "yyy": 10434}
    rows = [(*("yes" if letter == "y" else "no" for letter in held), n) for held, n in counts.items()]
    return _table("overlap", LISTS, ("births",), pl.DataFrame(rows, schema=[*LISTS, "births"], orient="row"))


def _births(areas: tuple[str, ...], rng: np.random.Generator) -> list[Table]:
    months = [f"{year}-{month:02d}" for year in (2023, 2024) for month in range(1, 13)]
    one = {
        "births_by_site": ("site", ["facility", "home", "unknown", "total"]),
        "births_by_plurality": ("plurality", ["1", "2", "3 or more", "unknown", "total"]),
        "births_by_weight_class": (
            "weight_class", ["under 1500", "1500-2499", "2500-3999", "4000 and over", "unknown", "total"],
        ),
        "births_by_mother_age": ("mother_age", ["under 15", "15-19", "20-24", "25-29", "30-34", "35-39", "total"]),
    }  # fmt: skip
    found = [_by_two("area", list(areas), rng), _by_two("month", months, rng)]
    for name, (key, values) in one.items():
        births = rng.integers(400, 3000, len(values) - 1)
        births = np.append(births, births.sum())
        registered = np.append((births[:-1] * 0.8).astype(int), (births[:-1] * 0.8).astype(int).sum())
        frame = pl.DataFrame({key: values, "births": births, "registered": registered})
        if name == "births_by_plurality":
            frame = frame.with_columns(
                pl.when(pl.col(key).is_in(["3 or more", "unknown"])).then(None).otherwise("registered").alias("x"),
                pl.when(~pl.col(key).is_in(["3 or more", "unknown"])).then(pl.col("births", "registered")),
            ).drop("x")
        found.append(_table(name, (key,), ("births", "registered"), frame))
    return found


def _by_two(key: str, values: list[str], rng: np.random.Generator) -> Table:
    rows = []
    for value in values:
        girls, boys = rng.integers(300, 900, 2).tolist()
        for sex, n in (("female", girls), ("male", boys), ("unknown", 0), ("total", girls + boys)):
            rows.append((value, sex, n, int(0.82 * n)))
    frame = pl.DataFrame(rows, schema=[key, "sex", "births", "registered"], orient="row")
    whole = frame.group_by("sex", maintain_order=True).agg(pl.col("births", "registered").sum())
    frame = pl.concat([frame, whole.select(pl.lit("total").alias(key), "sex", "births", "registered")])
    hidden = pl.col(key).is_in(["0112", "0111"]) & pl.col("sex").is_in(["female", "male"])
    frame = frame.with_columns(pl.when(~hidden).then(pl.col("births", "registered")))
    return _table(f"births_by_{key}_sex", (key, "sex"), ("births", "registered"), frame)


def _levels(areas: tuple[str, ...]) -> list[tuple[str, str]]:
    return [
        ("total", "total"), *(("area", area) for area in areas), ("year", "2023"), ("year", "2024"),
        ("sex", "female"), ("sex", "male"), ("site", "facility"), ("site", "home"),
    ]  # fmt: skip


def _adjusted(areas: tuple[str, ...], rng: np.random.Generator) -> Table:
    rows = []
    for level, value in _levels(areas):
        births = 19938 if level == "total" else int(rng.integers(1200, 1900))
        listed, registered = int(births * 0.977), int(births * rng.uniform(0.6, 0.95))
        share = registered / births
        row: tuple[object, ...] = (
            listed, registered, float(births), births * 0.98, births * 1.03,
            round(share, 4), round(share * 0.97, 4), round(share * 1.02, 4), "ok",
        )  # fmt: skip
        if value == HIDDEN_AREA:
            row = (None, None, None, None, None, None, None, None, "hidden")
        rows.append((level, value, *row))
    names = ["level", "value", "listed", "registered", "births", "low", "high"]
    names += ["completeness", "completeness_low", "completeness_high", "status"]
    frame = pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
    return _table("adjusted_births", ("level", "value"), ("listed", "registered"), frame)


def _completeness(areas: tuple[str, ...], rng: np.random.Generator) -> Table:
    rows = []
    for level, value in _levels(areas):
        for name in (*LISTS, "any list"):
            share = float(rng.uniform(0.6, 0.95)) if name != "any list" else 0.977
            row = (int(1500 * share), round(share, 4), round(share - 0.02, 4), round(min(share + 0.015, 1), 4), "ok")
            rows.append((level, value, name, *(row if value != HIDDEN_AREA else (None, None, None, None, "hidden"))))
    names = ["level", "value", "list", "listed", "completeness", "low", "high", "status"]
    frame = pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
    frame = frame.with_columns(pl.lit("listed").alias("measure"))
    return _table("completeness", ("level", "value", "list", "measure"), ("listed",), frame)


def _registration(areas: tuple[str, ...], rng: np.random.Generator) -> list[Table]:
    delays = ("within 30 days", "31-90 days", "91-365 days", "1 to under 5 years", "5 years and later", "not stated")
    rows = []
    for level, value in _levels(areas)[: 1 + len(areas)]:
        counts = [*rng.integers(100, 700, 3).tolist(), int(rng.integers(10, 30)), 0, 12]
        rows += [(level, value, delay, n, round(n / sum(counts), 4)) for delay, n in zip(delays, counts, strict=True)]
    names = ["level", "value", "delay", "registered", "share"]
    timely = pl.DataFrame(rows, schema=names, orient="row")
    years = pl.DataFrame(
        [("2023", "2023", 6100), ("2023", "2024", 1900), ("2024", "2024", 6700), ("2024", "2025", 1926)],
        schema=["birth_year", "registration_year", "registered"],
        orient="row",
    )
    return [
        _table("timeliness", ("level", "value", "delay"), ("registered",), timely),
        _table("occurrence_by_registration_year", ("birth_year", "registration_year"), ("registered",), years),
    ]


def _sex_ratio(areas: tuple[str, ...], rng: np.random.Generator) -> Table:
    figures = ["ratio", "low", "high", "shrunk", "shrunk_low", "shrunk_high", "expected", "funnel_low", "funnel_high"]
    figures += ["gap", "gap_low", "gap_high"]
    rows = []
    for level, value in _levels(areas)[: 1 + len(areas)]:
        girls, boys = rng.integers(500, 800, 2).tolist()
        ratio = round(boys / girls, 4)
        shown: list[object] = [
            girls, boys, ratio, ratio - 0.1, ratio + 0.12, 1.05 + (ratio - 1.05) / 3, 0.98, 1.13, 1.05, 0.95, 1.16,
            -0.02, -0.05, 0.01, "",
        ]  # fmt: skip
        if level == "area" and value == areas[0]:
            shown[-1] = "unusual; check under-registration of girls, duplicates, linkage by sex"
        if value == HIDDEN_AREA:
            shown = [None] * 14 + [""]
        rows.append((level, value, *shown))
    names = ["level", "value", "girls", "boys", *figures, "note"]
    frame = pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
    return _table("sex_ratio", ("level", "value"), ("girls", "boys"), frame)


def _quality() -> list[Table]:
    lists = pl.DataFrame(
        [
            ("hospital", 14807, 0, 268, 14539, 0), ("community", 14750, 31, 397, 14322, 0),
            ("register", 16857, 0, 230, 16627, 0),
        ],
        schema=["list", "rows", "rejected", "repeated", "births", "outside"], orient="row",
    )  # fmt: skip
    fields = ("child_given_name", "sex", "birth_date", "birth_weight", "mother_given_name", "residence")
    missing = [(name, field, 90 * k + 20, round((90 * k + 20) / 14700, 4)) for name in LISTS for k, field in
               enumerate(fields) if (name, field) != ("register", "birth_weight")]  # fmt: skip
    rows: list[tuple[object, ...]] = [
        (name, "day of month", str(day), 480 + 400 * (day in (1, 15)) - 200 * (day == 31), stated, 482.1)
        for name, stated in zip(LISTS, (15480, 15481, None), strict=True) for day in range(1, 32)
    ]  # fmt: skip
    rounds = {"multiple of 500": (4300, 300.5), "multiple of 100, not of 500": (6100, 1202.0), "other": (4100, 12997.5)}
    rows += [("hospital", "birth weight", value, n, 14500, expected) for value, (n, expected) in rounds.items()]
    heaped = pl.DataFrame(rows, schema=["list", "what", "value", "records", "stated", "expected"], orient="row")
    frame = pl.DataFrame(missing, schema=["list", "field", "missing", "share"], orient="row")
    return [
        _table("list_quality", ("list",), ("rows", "rejected", "repeated", "births", "outside"), lists),
        _table("missing_values", ("list", "field"), ("missing",), frame),
        _table("heaping", ("list", "what", "value"), ("records", "stated"), heaped),
    ]


BOUNDS = "95 in 100, if the probabilities are right and links err one by one"


def _linkage() -> list[Table]:
    measures = [
        ("blocking recall", 0.9972, 0.9951, 0.9993, BOUNDS), ("links made", 31520.0, None, None, "counted"),
        ("expected false links", 41.2, 29.4, 53.0, BOUNDS), ("expected missed links", 118.7, 97.3, 140.1, BOUNDS),
        ("expected recall", None, None, None, "not measured"), ("records in doubt", None, None, None, ""),
        ("share of variance due to linkage", 0.0797, None, None, "not measured"),
    ]  # fmt: skip
    classes = ("0.01-0.05", "0.05-0.2", "0.2-0.5", "0.5-0.8", "0.8-0.95", "0.95-0.99", "0.99-1")
    disagree = [
        (field, f"{a} & {b}", 11000, 200 + 37 * k, round((200 + 37 * k) / 11000, 4))
        for k, field in enumerate(("sex", "birth_date", "child_given_name", "residence"))
        for a, b in (("hospital", "community"), ("hospital", "register"), ("community", "register"))
    ]
    names = ["field", "lists", "compared", "disagree", "share"]
    frame = pl.DataFrame({"probability": classes, "pairs": [94, 68, None, None, 140, 530, 37100]})
    return [
        _table("linkage", ("measure",), (),
               pl.DataFrame(measures, schema=["measure", "estimate", "low", "high", "limits"], orient="row")),
        _table("link_probability", ("probability",), ("pairs",), frame),
        _table("disagreements", ("field", "lists"), ("compared", "disagree"),
               pl.DataFrame(disagree, schema=names, orient="row")),
    ]  # fmt: skip


def _resolved() -> Table:
    rows = [
        ("sex", "what most records say", 310), ("sex", "what the register says", 57),
        ("birth_date", "corrected by an office", 12), ("birth_date", "what most records say", None),
        ("child_given_name", "the more usual spelling", 144),
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=["field", "how", "births"], orient="row")
    return _table("disagreements_resolved", ("field", "how"), ("births",), frame)


def _sensitivity() -> Table:
    ratios = (0.5, 0.67, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
    rows: list[tuple[object, ...]] = [
        ("odds-ratio", "hospital & register", str(ratio), None, 19700.0 + 240 * ratio, 19650.0 + 230 * ratio,
         19760.0 + 260 * ratio) for ratio in ratios
    ]  # fmt: skip
    rows += [("method", name, "", None, 19890.0, 19840.0, 19970.0) for name in ("no-highest-order", "loglinear-bic")]
    rows += [("leave-one-out", name, "", n, n * 0.99, n * 0.985, n * 0.995) for name, n in
             (("hospital", 14542), ("community", 11340), ("register", 14078))]  # fmt: skip
    names = ["kind", "what", "odds_ratio", "known", "births", "low", "high"]
    frame = pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
    return _table("sensitivity", ("kind", "what", "odds_ratio"), ("known",), frame)


def _findings(areas: tuple[str, ...]) -> Table:
    kinds = ("not-registered", "disagreement", "duplicate", "uncertain-link")
    rows = [
        (area, kind, status, None if (area == HIDDEN_AREA and status == "corrected") else 240 - 40 * k + 10 * s)
        for area in areas for k, kind in enumerate(kinds) for s, status in enumerate(("open", "corrected"))
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=["area", "kind", "status", "findings"], orient="row", infer_schema_length=None)
    return _table("findings", ("area", "kind", "status"), ("findings",), frame)


def _progress(areas: tuple[str, ...]) -> Table:
    """Three runs, more decided in each; children of one area are hidden, and in the first run a kind's total."""
    rows: list[tuple[str, str, str, str, int | None]] = []
    for run in (3, 4, 5):
        counts = {("not-registered", "open"): 300 - 20 * run, ("not-registered", "corrected"): 20 * run}
        counts |= {("disagreement", "open"): 200, ("disagreement", "gone"): 10 * (run - 3)}
        for (kind, status), n in counts.items():
            each = {area: n + 5 * k if n else 0 for k, area in enumerate(areas)}
            some = [
                (area, None if (area, kind) == (HIDDEN_AREA, "not-registered") else own) for area, own in each.items()
            ]
            rows += [(str(run), area, kind, status, own) for area, own in (*some, ("total", sum(each.values()))) if n]
        rows.append((str(run), "total", "copied-block", "open", None if run == 3 else 11))
    frame = pl.DataFrame(rows, schema=["run", "area", "kind", "status", "findings"], orient="row")
    return _table("findings_progress", ("run", "area", "kind", "status"), ("findings",), frame)
