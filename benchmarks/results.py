"""RESULTS.md, written from the figures of the benchmarks: results/*.json."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FIGURES = HERE / "results"
PAGE = HERE / "RESULTS.md"
Figures = dict[str, Any]

BEYOND_LINKING = ("estimate", "findings", "release", "workbooks", "report")  # steps of a run
VERSUS = """\
Both programs read the same simulated lists (hospital, community, register) from Parquet and write groups of records to
Parquet; each is a process of its own, run in turn. Time is of the whole command, memory is the peak of the process
tree. Before, everybirth's kernels were compiled once and lay on disk. In its time everybirth also estimates, looks for
findings, and writes pairs, births, tables, workbooks and the report; Splink writes the groups only. "Twins" is the
share of multiple deliveries with every record right.

Splink was set up with care (`splink_births.py` says how), and its options were chosen with the truth in hand, which no
user has: those with the best F1 on the first world below. Chosen: {choice}.
"""
FLOOR = """\
What any program that writes the same must do, each part by the quickest library at hand and timed alone: nothing is
cleaned, compared, weighed, resolved, estimated or looked for.
"""
POOLING = """\
Births missed in all strata of made-up counts, over all draws of the linkage; strata covered: the share whose 95%
interval holds the truth.
"""
THIRD_PARTY = """\
pseudopeople: children of its sample population on three lists. FEBRL: persons of all ages; sets 1 to 3 are one list
with duplicates, set 4 is two lists. No mother, weight or phone is there: these are not births, but
nobody here made them. On every set Splink has the best of its options for that very set; everybirth runs as it is.
"""


def save(name: str, figures: Figures) -> None:
    """Keep the figures of one benchmark, and write the page anew from all that are kept."""
    FIGURES.mkdir(exist_ok=True)
    figures = {"date": dt.datetime.now(tz=dt.UTC).date().isoformat(), **figures}
    (FIGURES / f"{name}.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE} written")


def page() -> str:
    """The whole page."""
    parts = ["# Benchmarks\n\nWritten by `benchmarks/*.py` from `benchmarks/results/*.json`; do not edit.\n"]
    for name, section in (
        ("versus_splink", versus),
        ("floor", floor),
        ("third_party", third_party),
        ("pooling", pooling),
    ):
        kept = FIGURES / f"{name}.json"
        if kept.is_file():
            parts.append(section(json.loads(kept.read_text(encoding="utf-8"))))
    return "\n".join(parts)


def versus(figures: Figures) -> str:
    """The section on simulated lists."""
    lines = ["## Against Splink, on simulated lists\n", origin(figures)]
    lines.append(VERSUS.format(choice=figures.get("splink_choice", "nothing, Splink was not run")))
    lines += [comparison_table(figures["worlds"]), ""]
    lines += [*ratios(figures["worlds"]), *growth(figures["worlds"]), *probabilities(figures["worlds"])]
    first = figures.get("first_run")
    if first:
        lines.append(
            f"- First run on a machine ({first['births']:,.0f} births), nothing compiled: {first['cold']:.1f} s; "
            f"the same again: {first['warm']:.1f} s."
        )
    if figures.get("splink_tried"):
        lines += ["\n### What was tried for Splink\n", table(["options", "cluster F1"], figures["splink_tried"])]
    return "\n".join(lines) + "\n"


def pooling(figures: Figures) -> str:
    """The section on many small areas at once."""
    head = [
        "areas x months x sexes x draws x births",
        "seconds",
        "CPU s",
        "peak MiB (input)",
        "strata covered",
        "missed",
    ]
    return "\n".join(["## Many small areas at once\n", origin(figures), POOLING, table(head, figures["rows"]), ""])


def floor(figures: Figures) -> str:
    """The section on what no program could save."""
    seconds = {**figures["seconds"], "in all": sum(figures["seconds"].values())}
    rows = [[name, f"{each:.1f}"] for name, each in seconds.items()]
    return "\n".join(
        ["## The least that such a run takes\n", origin(figures), FLOOR, table(["what", "seconds"], rows), ""]
    )


def third_party(figures: Figures) -> str:
    """The section on other people's lists."""
    return "\n".join(
        ["## On lists that others made\n", origin(figures), THIRD_PARTY, third_party_table(figures["sets"]), ""]
    )


def origin(figures: Figures) -> str:
    """Date, machine and versions."""
    environment = ", ".join(f"{key} {value}" for key, value in figures["environment"].items())
    runs = f" {figures['repeat']} run(s) of each, seed {figures['seed']}." if "repeat" in figures else ""
    return f"{figures['date']}; {environment}.{runs}\n"


def comparison_table(worlds: list[Figures]) -> str:
    """One row for each world and program."""
    head = [
        "births",
        "noise",
        "program",
        "seconds",
        "CPU s",
        "peak MiB",
        "precision",
        "recall",
        "F1",
        "B-cubed F1",
        "twins",
    ]
    rows = [
        [f"{world['births']:,}", world["noise"], each["program"], *cost(each), *scores(each), share(each["twins"])]
        for world in worlds
        for each in world["outcomes"]
    ]
    return table(head, rows)


def third_party_table(sets: list[Figures]) -> str:
    """One row for each data set and program."""
    head = ["data set", "records", "program", "seconds", "precision", "recall", "F1", "B-cubed F1", "options"]
    rows = []
    for one in sets:
        for each in one["outcomes"]:
            options = one["splink_choice"] if each["program"] == "splink" else "as it is"
            rows.append([one["name"], f"{each['records']:,}", each["program"], cost(each)[0], *scores(each), options])
    return table(head, rows)


def cost(outcome: Figures) -> list[str]:
    """Seconds, processor seconds, peak memory."""
    usage = outcome["usage"]
    return [f"{usage['seconds']:.1f}", f"{usage['cpu_seconds']:.1f}", f"{usage['peak_mib']:,.0f}"]


def scores(outcome: Figures) -> list[str]:
    """Precision, recall and F1 of clusters, and the B-cubed F1."""
    clusters = outcome["clusters"]
    return [share(clusters[key]) for key in ("precision", "recall", "f1")] + [share(outcome["bcubed"]["f1"])]


def share(value: float | None) -> str:
    """A share to four places."""
    return "none" if value is None else f"{value:.4f}"


def ratios(worlds: list[Figures]) -> list[str]:
    """How the two programs compare on each world."""
    lines = []
    for world in worlds:
        of = {each["program"]: each for each in world["outcomes"]}
        if len(of) < 2:
            continue
        ours, theirs = of["everybirth"], of["splink"]
        faster = theirs["usage"]["seconds"] / ours["usage"]["seconds"]
        memory = ours["usage"]["peak_mib"] / theirs["usage"]["peak_mib"]
        lines.append(
            f"- {world['births']:,} births, {world['noise']} noise: everybirth is {faster:.1f} times as fast, uses "
            f"{memory:.2f} of the memory, F1 {share(ours['clusters']['f1'])} against {share(theirs['clusters']['f1'])}."
        )
        more = sum(seconds for step, seconds in world.get("steps", {}).items() if step in BEYOND_LINKING)
        if more:
            linking = ours["usage"]["seconds"] - more
            lines.append(
                f"  Of its {ours['usage']['seconds']:.1f} s, {more:.1f} s go into what Splink does not do (estimates, "
                f"findings, tables, workbooks, report); without them it would be "
                f"{theirs['usage']['seconds'] / linking:.1f} times as fast."
            )
    return lines


def probabilities(worlds: list[Figures]) -> list[str]:
    """Calibration error and blocking recall of everybirth on each world."""
    return [
        f"- {world['births']:,} births, {world['noise']} noise: calibration error of everybirth's link probabilities "
        f"{share(found['calibration_error'])}, of those below 0.99 {share(found.get('doubtful_error'))}; "
        f"{share(found['blocking_recall'])} of the true pairs were looked at (its own estimate, without labels: "
        f"{share(found.get('blocking_recall_estimated'))})."
        for world in worlds
        if (found := world.get("probabilities"))
    ]


def growth(worlds: list[Figures]) -> list[str]:
    """How time grows from the smallest to the largest world of equal noise."""
    equal = [world for world in worlds if world["noise"] == worlds[0]["noise"]]
    small, large = (edge(equal, key=lambda world: world["births"]) for edge in (min, max))
    if small["births"] == large["births"]:
        return []
    lines = []
    for each, again in zip(small["outcomes"], large["outcomes"], strict=True):
        longer = again["usage"]["seconds"] / each["usage"]["seconds"]
        births = large["births"] / small["births"]
        lines.append(f"- {each['program']}: {births:g} times the births take {longer:.1f} times as long.")
    return lines


def table(head: list[str], rows: list[Any]) -> str:
    """A Markdown table; figures to the right."""
    cells = [[share(cell) if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    right = [all(is_figure(row[column]) for row in cells) for column in range(len(head))]
    rule = ["---:" if figure else "---" for figure in right]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, rule, *cells])


def is_figure(cell: str) -> bool:
    """Whether a cell holds a number."""
    return cell.replace(",", "").replace(".", "").isdigit() or cell == "none"
