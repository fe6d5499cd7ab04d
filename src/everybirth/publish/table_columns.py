"""How the workbook shows the columns of the published tables: headings, number formats, and codes in plain words.

The CSV files keep the names and codes, which scripts rely on.
"""

import re
from functools import cache, lru_cache

WHOLE, TENTHS, PERCENT, RATIO = "#,##0", "#,##0.0", "0.0%", "0.00"
FORMATS = (WHOLE, TENTHS, PERCENT, RATIO)

_LOW, _HIGH = "lower limit", "upper limit"
_GROUP = {"level": "by", "value": "group"}
_ON_ANY, _REGISTERED = "births on any list", "registered births"
_COUNTED = {"births": _ON_ANY, "registered": _REGISTERED}

HEADINGS: dict[str, dict[str, str]] = {
    "headline": {"measure": "what", "low": _LOW, "high": _HIGH},
    "births_by_area_sex": _COUNTED,
    "births_by_month_sex": {"month": "month of birth", **_COUNTED},
    "births_by_site": {"site": "site of birth", **_COUNTED},
    "births_by_plurality": {"plurality": "children of the delivery", **_COUNTED},
    "births_by_weight_class": {"weight_class": "birth weight in grams", **_COUNTED},
    "births_by_mother_age": {"mother_age": "mother's age in years", **_COUNTED},
    "adjusted_births": {
        **_GROUP,
        "listed": _ON_ANY,
        "registered": _REGISTERED,
        "births": "births that happened (estimate)",
        "low": f"births that happened: {_LOW}",
        "high": f"births that happened: {_HIGH}",
        "completeness_low": f"completeness: {_LOW}",
        "completeness_high": f"completeness: {_HIGH}",
    },
    "completeness": {
        **_GROUP,
        "measure": "what is counted",
        "listed": "births on the list",
        "completeness": "completeness of the list",
        "low": f"completeness: {_LOW}",
        "high": f"completeness: {_HIGH}",
    },
    "timeliness": {
        **_GROUP,
        "delay": "time from birth to registration",
        "registered": _REGISTERED,
        "share": "share of registered births",
    },
    "occurrence_by_registration_year": {
        "birth_year": "year of birth",
        "registration_year": "year of registration",
        "registered": _REGISTERED,
    },
    "sex_ratio": {
        **_GROUP,
        "ratio": "boys per girl",
        "low": f"boys per girl: {_LOW} (does not cover chance)",
        "high": f"boys per girl: {_HIGH} (does not cover chance)",
        "shrunk": "boys per girl, drawn towards the mean of all areas",
        "shrunk_low": f"drawn towards the mean: {_LOW}",
        "shrunk_high": f"drawn towards the mean: {_HIGH}",
        "expected": "boys per girl expected",
        "funnel_low": "chance alone gives from",
        "funnel_high": "chance alone gives to",
        "gap": "completeness of girls less that of boys",
        "gap_low": f"girls less boys: {_LOW}",
        "gap_high": f"girls less boys: {_HIGH}",
        "note": "remark",
    },
    "list_quality": {
        "rows": "rows read",
        "rejected": "rows rejected",
        "repeated": "records too many",
        "births": "different births",
        "outside": "births outside the plan's dates and areas",
    },
    "missing_values": {"missing": "records without it", "share": "share of records"},
    "heaping": {
        "records": "records with this value",
        "stated": "records with any value",
        "what": "counted by",
        "expected": "expected without preference",
    },
    "linkage": {"measure": "what", "low": _LOW, "high": _HIGH, "limits": "what the limits are"},
    "link_probability": {"probability": "probability that both are one birth", "pairs": "pairs of records"},
    "disagreements": {
        "compared": "births compared",
        "disagree": "births on which they disagree",
        "share": "share of those compared",
    },
    "sensitivity": {
        "what": "lists or method",
        "odds_ratio": "odds ratio assumed",
        "known": "known number",
        "births": "births (estimate)",
        "low": f"births: {_LOW}",
        "high": f"births: {_HIGH}",
        "note": "remark",
    },
    "disagreements_resolved": {"how": "what decided", "births": "births"},
    "findings": {"findings": "number of findings"},
    "findings_progress": {"run": "after run", "findings": "number of findings"},
}

_SHARES: dict[str, tuple[str, ...]] = {  # besides those that are called share
    "adjusted_births": ("completeness", "completeness_low", "completeness_high"),
    "completeness": ("completeness", "low", "high"),
    "sex_ratio": ("gap", "gap_low", "gap_high"),
}
_RATIOS = (
    *("ratio", "low", "high", "shrunk", "shrunk_low", "shrunk_high"),
    *("expected", "funnel_low", "funnel_high"),
)
_OF_MEASURES = {  # where a row's measure, not its column, says what sort of number it has
    "headline": {"completeness": PERCENT},
    "linkage": {
        "blocking recall": PERCENT,
        "expected false links": TENTHS,
        "expected missed links": TENTHS,
        "expected precision": PERCENT,
        "expected recall": PERCENT,
        "share of variance due to linkage": PERCENT,
    },
}

_NAMES = ("measure", "field")  # columns whose values are names with underscores
_SENTENCES = ("status", "note")
_REWORDED = (
    (re.compile(r"^pooled(?=;|$)"), "borrows from similar groups"),
    (re.compile(r"^chapman for "), "two-list estimate (Chapman) for "),
    (re.compile(r"^refused for "), "not estimated for "),
)
_HOLDERS = re.compile(r"(?<=births that )(.+)(?= can hold)")


def heading(table: str, column: str) -> str:
    """The heading of a column: what it holds, in plain words."""
    return HEADINGS.get(table, {}).get(column, column.replace("_", " "))


@cache
def number_format(table: str, column: str, measure: str = "") -> str:
    """The number format of a figure: whole numbers, tenths, shares in percent or ratios.

    measure   what the row is about, in the tables that have a measure to each row
    """
    if table in _OF_MEASURES:
        return _OF_MEASURES[table].get(measure, WHOLE)
    if column == "share" or column in _SHARES.get(table, ()):
        return PERCENT
    return RATIO if table == "sex_ratio" and column in _RATIOS else WHOLE


@lru_cache  # the same few statuses and notes stand in many rows
def plain(column: str, text: str) -> str:
    """A value in plain words, if the column is one of codes; any other stays as it is."""
    if column in _NAMES:
        return text.replace("_", " ")
    if column not in _SENTENCES:
        return text
    for code, words in _REWORDED:
        text = code.sub(words, text)
    return _HOLDERS.sub(lambda found: f"only {_joined(found[1])}", text)


def _joined(names: str) -> str:
    """ "a, b, c" as "a, b and c"."""
    *others, last = names.split(", ")
    return f"{', '.join(others)} and {last}" if others else last
