"""What `everybirth estimate` says of counts, in plain words."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CountEstimates:
    """What was estimated from counts.

    strata   one entry per stratum, in the form of `estimate_table`
    total    the sum over strata
    """

    strata: list[dict[str, Any]]
    total: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {"strata": self.strata, "total": self.total}

    def summary(self) -> str:
        """One block for each stratum, then the total."""
        blocks = [_stratum(entry) for entry in self.strata]
        if len(blocks) > 1:
            blocks.append(_total(self.total))
        remarks = [f"Note: {text}." for text in self.total["warnings"]]
        return "\n\n".join([*blocks, *remarks])


def _stratum(entry: dict[str, Any]) -> str:
    name = ", ".join(f"{key} {value}" for key, value in entry["stratum"].items())
    lines = [f"{name or 'All births'}: {entry['observed']:,} on {', '.join(entry['lists'])}"]
    head = entry["headline"]
    if head is None:
        return "\n".join([*lines, f"  {entry['status']}"])
    lines.append(f"  births: {_figure(head)}, {head['assumption']} ({head['method']})")
    names = [_method(row) for row in entry["estimates"]]
    width = max([40, *map(len, names)]) + 2
    lines += [f"  {name:<{width}}{_figure(row)}" for name, row in zip(names, entry["estimates"], strict=True)]
    if "sensitivity" in entry:
        lines += ["  if the odds ratio between the lists is"]
        lines += [f"    {row['odds_ratio']:<6g}births: {row['births']:,.0f}" for row in entry["sensitivity"]]
    return "\n".join([*lines, *(f"  Note: {text}." for text in entry["warnings"])])


def _total(total: dict[str, Any]) -> str:
    lines = [f"Total: {total['observed']:,} listed"]
    if total["status"] != "ok":
        lines.append(f"  {total['status']}")
    if total["births"] is not None:
        lines.append(f"  births: {_figure(total)}, {total['assumption']} ({total['method']})")
    return "\n".join(lines)


def _method(row: dict[str, Any]) -> str:
    return f"{row['method']} {row['model']}".strip()


def _figure(row: dict[str, Any]) -> str:
    text = f"{row['births']:,.0f}"
    if row["low"] is None or row["high"] is None:
        return text
    text += f" ({row['low']:,.0f} to {row['high']:,.0f})"
    return text if row.get("rhat") is None else f"{text}, R-hat {row['rhat']:.2f}"
