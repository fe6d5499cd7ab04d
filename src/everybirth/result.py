"""What a run found, and how it is told in plain words."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl


@dataclass(frozen=True, slots=True)
class Result:
    """What a run found. The tables are those of its folder (see the contract in the README).

    estimates     births by stratum, also those on no list; its companions are in estimated
    estimated     completeness, sex_ratio, counts, sensitivity, pooling: name -> table
    findings      what offices should look at, and what became of earlier ones
    out   the folder written to, or None
    run   what run.json holds
    """

    births: pl.DataFrame
    links: pl.DataFrame
    pairs: pl.DataFrame
    rejected: pl.DataFrame
    estimates: pl.DataFrame
    estimated: dict[str, pl.DataFrame]
    findings: pl.DataFrame
    run: dict[str, Any]
    out: Path | None = None

    def to_json(self) -> dict[str, Any]:
        return self.run

    def summary(self) -> str:
        """What was found, in plain words."""
        from everybirth.publish.findings.kinds import since_last_run, to_look_at

        counts, linking = self.run["counts"], self.run["linking"]
        lines = [
            f"{name}: {rows:,} rows read, {counts['rejected'][name]:,} rejected"
            for name, rows in counts["rows"].items()
        ]
        lines.append(f"{counts['records']:,} records are {counts['births']:,} births.")
        lines += [f"  on {name}: {n:,}" for name, n in counts["births_on"].items()]
        lines.append(f"  on one list only: {counts['births_on_one_list']:,}")
        lines.append(f"  entered more than once in a list: {counts['repeated']:,} records too many")
        if counts["records"]:
            lines.append(
                f"Blocking is estimated to have brought together {100 * linking['blocking_recall']:.1f}% "
                "of the pairs of one birth."
            )
        lines += _estimate_lines(self.run["estimate"])
        lines += to_look_at(counts["findings"])
        lines += since_last_run(counts["since_last_run"])
        seconds = sum(step["seconds"] for step in self.run["steps"])
        lines.append(f"Took {seconds:.1f} s, {max(step['peak_mb'] for step in self.run['steps']):,.0f} MB at most.")
        if self.out is not None:
            lines.append(f"Written to {self.out}; the report: {self.out / 'report.html'}")
        return "\n".join(lines)


def _estimate_lines(found: dict[str, Any]) -> list[str]:
    """Births that happened, those on the register, those elsewhere, those nowhere; and what that rests on."""
    if found["births"] is None:
        return [f"Births that happened: not estimated ({found['status'].removeprefix('refused: ')})."]

    def figure(name: str) -> str:
        each = found[name]
        return f"{each['estimate']:,.0f} ({each['low']:,.0f} to {each['high']:,.0f})"

    share = found["completeness"]
    complete = f"{100 * share['estimate']:.1f}% ({100 * share['low']:.1f} to {100 * share['high']:.1f}%)"
    lines = [f"Births that happened: {figure('births')}, given the assumptions below."]
    if found["register"] is None:
        lines.append(f"  on any list: {figure('listed')}; together the lists hold {complete}")
    else:
        lines.append(f"  on the register ({found['register']}): {figure('registered')}, {complete}")
        lines.append(f"  found on other lists only: {figure('on_other_lists_only')}")
    lines.append(f"  missed by all lists: {figure('missed_by_all')}")
    if found["status"] != "ok":
        lines.append(f"  {found['status']}")
    return lines + [f"Given that {words}." for words in found["given"]]
