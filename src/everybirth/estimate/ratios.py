"""The sex ratio at birth: on the births that happened, not on those that were registered."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import ndtr, ndtri

from everybirth.estimate.histories import Captures
from everybirth.estimate.scope import Scope
from everybirth.estimate.strata import Estimated, Groups, groups
from everybirth.estimate.summary import LEVEL, quantile_spread
from everybirth.tables import BoolArray, Float64Array, Int32Array, Int64Array

FALSE_DISCOVERIES = 0.05  # of the areas called unusual, the share that may be so by chance
UNUSUAL = "unusual; check under-registration of girls, duplicates, linkage by sex"
_LIMITS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
_Z = float(ndtri(_LIMITS[1]))
GIRLS, BOYS = "female", "male"


@dataclass(frozen=True, slots=True)
class Shrunk:
    """Log ratios drawn towards their mean.

    mean, sd   (n,) posterior of each log ratio
    centre     mean of all; between   standard deviation of the true log ratios
    """

    mean: Float64Array
    sd: Float64Array
    centre: float
    between: float


def shrink(log_ratio: Float64Array, sd: Float64Array) -> Shrunk:
    """Empirical Bayes: log ratios are normal about their true values, and these about a common mean.

    log_ratio, sd   (n,) and its standard error, above 0; n of 1 or more
    The variance between is found by the moment equation of Paule & Mandel 1982.
    """
    low, high = 0.0, float(np.var(log_ratio) + 1e-12)
    for _ in range(60):
        middle = (low + high) / 2
        weight = 1 / (sd**2 + middle)
        centre = float((weight * log_ratio).sum() / weight.sum())
        excess = float((weight * (log_ratio - centre) ** 2).sum()) - (len(sd) - 1)
        low, high = (middle, high) if excess > 0 else (low, middle)
    weight = 1 / (sd**2 + low)
    centre = float((weight * log_ratio).sum() / weight.sum())
    trust = low / (low + sd**2)
    mean = centre + trust * (log_ratio - centre)
    uncertain = trust * sd**2 + (1 - trust) ** 2 / weight.sum()
    return Shrunk(mean, np.sqrt(uncertain), centre, float(np.sqrt(low)))


def discoveries(p_values: Float64Array, rate: float = FALSE_DISCOVERIES) -> BoolArray:
    """Which of many tests stand out, at most the share `rate` of them by chance (Benjamini & Hochberg 1995).

    p_values   (n,); NaN is never a discovery
    """
    known = np.flatnonzero(np.isfinite(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    below = np.flatnonzero(p_values[order] <= rate * np.arange(1, len(order) + 1) / max(len(order), 1))
    found = np.zeros(len(p_values), dtype=bool)
    found[order[: below[-1] + 1 if len(below) else 0]] = True
    return found


def sex_ratios(found: Estimated, captures: Captures, wanted: Scope) -> pl.DataFrame:
    """sex_ratio.parquet: the total, then areas by name. No order of merit.

    level, area
    registered_girls, registered_boys, registered_ratio   on the register (or on any list, if there is none)
    girls, boys        estimated births, medians
    ratio, ratio_low, ratio_high   boys per girl among all births, listed or not
    shrunk, shrunk_low, shrunk_high   the same, areas drawn towards their mean as far as they are small
    expected, funnel_low, funnel_high   the reference, and where 95 in 100 areas of this size lie if they follow it
    completeness_girls, completeness_boys, gap, gap_low, gap_high   share of births registered; girls' less boys'
    unusual, note      whether the ratio departs from the reference, of false alarms at most one in twenty
    Returns  no rows where the sexes are not both known
    """
    sexes = captures.labels.sex
    if "sex" not in found.by or not {GIRLS, BOYS} <= set(sexes):
        return pl.DataFrame(schema=_SCHEMA)
    parts = [_rows(groups(found, ("sex",)), captures, wanted, by_area=False)]
    if "area" in found.by:
        parts.append(_rows(groups(found, ("area", "sex")), captures, wanted, by_area=True))
    return pl.concat([part.select(pl.col(name).cast(kind) for name, kind in _SCHEMA.items()) for part in parts])


_FIGURES = (
    *("registered_girls", "registered_boys", "registered_ratio", "girls", "boys", "ratio", "ratio_low", "ratio_high"),
    *("shrunk", "shrunk_low", "shrunk_high", "expected", "funnel_low", "funnel_high"),
    *("completeness_girls", "completeness_boys", "gap", "gap_low", "gap_high"),
)
_SCHEMA = pl.Schema(
    {"level": pl.String, "area": pl.String}
    | dict.fromkeys(_FIGURES, pl.Float64)
    | {"unusual": pl.Boolean, "note": pl.String}
)


def _rows(total: Groups, captures: Captures, wanted: Scope, *, by_area: bool) -> pl.DataFrame:
    area = total.keys[:, 0] if by_area else np.zeros(len(total.keys), dtype=np.int32)
    sexes = captures.labels.sex
    usable = ~total.refused
    girls, boys = (_where(area, (total.keys[:, -1] == sexes.index(sex)) & usable) for sex in (GIRLS, BOYS))
    both = sorted(girls.keys() & boys.keys())
    g, b = np.array([girls[k] for k in both], dtype=np.int64), np.array([boys[k] for k in both], dtype=np.int64)
    complete = total.on_list[:, :, wanted.register] if wanted.register >= 0 else total.listed
    names = [captures.labels.area[k] if by_area else None for k in both]
    head = pl.DataFrame({"area": pl.Series(names, dtype=pl.String)}).with_columns(
        pl.lit("area" if by_area else "total").alias("level")
    )
    if not both:
        return pl.DataFrame(schema=_SCHEMA)
    columns = _ratio_columns(total.births[:, g], total.births[:, b], wanted)
    columns |= _gap_columns(complete, total.births, g, b)
    return head.with_columns(pl.Series(name, values) for name, values in columns.items())


def _where(area: Int32Array, rows: BoolArray) -> dict[int, int]:
    return {int(area[row]): int(row) for row in np.flatnonzero(rows)}


def _ratio_columns(girls: Float64Array, boys: Float64Array, wanted: Scope) -> dict[str, Float64Array]:
    """The ratio, shrunk and judged, of (n_out, n) draws of births."""
    draws = np.log(np.maximum(boys, 0.5)) - np.log(np.maximum(girls, 0.5))
    n_girls, n_boys = np.median(girls, axis=0), np.median(boys, axis=0)
    chance = np.sqrt(1 / np.maximum(n_girls, 0.5) + 1 / np.maximum(n_boys, 0.5))  # of sexes at conception
    log_ratio = np.median(draws, axis=0)
    sd = np.hypot(quantile_spread(draws.T), chance)
    near = shrink(log_ratio, sd)
    reference, reference_sd = np.log(wanted.sex_ratio), wanted.sex_ratio_sd / wanted.sex_ratio
    z = (log_ratio - reference) / np.hypot(sd, reference_sd)
    unusual = discoveries(2 * ndtr(-np.abs(z)))
    low, high = np.quantile(draws, _LIMITS, axis=0)
    return {
        "girls": n_girls,
        "boys": n_boys,
        "ratio": np.exp(log_ratio),
        "ratio_low": np.exp(low),
        "ratio_high": np.exp(high),
        "shrunk": np.exp(near.mean),
        "shrunk_low": np.exp(near.mean - _Z * near.sd),
        "shrunk_high": np.exp(near.mean + _Z * near.sd),
        "expected": np.full(len(z), wanted.sex_ratio),
        "funnel_low": np.exp(reference - _Z * np.hypot(chance, reference_sd)),
        "funnel_high": np.exp(reference + _Z * np.hypot(chance, reference_sd)),
        "unusual": unusual,
        "note": np.where(unusual, UNUSUAL, ""),
    }


def _gap_columns(
    complete: Float64Array, births: Float64Array, girls: Int64Array, boys: Int64Array
) -> dict[str, Float64Array]:
    """Registered births by sex, and how much less complete they are for girls (a negative gap)."""
    share = np.divide(complete, births, out=np.ones_like(births), where=births > 0)
    gap = share[:, girls] - share[:, boys]
    low, high = np.quantile(gap, _LIMITS, axis=0)
    n_girls, n_boys = np.median(complete[:, girls], axis=0), np.median(complete[:, boys], axis=0)
    return {
        "registered_girls": n_girls,
        "registered_boys": n_boys,
        "registered_ratio": np.divide(n_boys, n_girls, out=np.full(len(n_girls), np.nan), where=n_girls > 0),
        "completeness_girls": np.median(share[:, girls], axis=0),
        "completeness_boys": np.median(share[:, boys], axis=0),
        "gap": np.median(gap, axis=0),
        "gap_low": low,
        "gap_high": high,
    }
