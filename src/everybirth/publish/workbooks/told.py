"""What was found, told in the words of a language. findings.parquet has it in English, which is a contract."""

import re
from collections.abc import Sequence
from functools import cache

import polars as pl

from everybirth.publish.findings.kinds import ABOUT_LINKS, DISAGREEMENT, explode_records
from everybirth.publish.workbooks.phrases import ELSEWHERE, MOTHER, RECORD, RESIDENCE
from everybirth.publish.workbooks.words import Words, area_name
from everybirth.schema import FIELDS, Kind

# What may stand in a place of a phrase; anything in others. A list's name is made of letters, digits, "_" and "-".
_IN_PLACE = {"n": r"-?[\d,.]+", "m": r"-?[\d,.]+", "list": r"[\w-]+", "lists": r"[\w-]+(?: and [\w-]+)*"}
_SKETCH = re.compile(
    r"(?P<child>.*?)(?:(?:^|, )(?P<day>\d{4}-\d\d-\d\d))?(?:(?:^|, )(?P<sex>female|male))?"
    r"(?:(?:^|, )residence (?P<place>.+?))?(?:(?:^|, )mother (?P<mother>.+))?",
    re.DOTALL,
)


def told(findings: pl.DataFrame, words: Words) -> pl.DataFrame:
    """The findings with "found" and "why" in a language; what it has no phrase for stays as it is.

    findings  with finding_id, kind, field, records, found, why
    """
    if not words.phrases:
        return findings
    lists = explode_records(findings)["list"].unique().sort().to_list()
    found = [
        text and _found(words, lists, (kind, field, text))
        for kind, field, text in findings.select("kind", "field", "found").iter_rows()
    ]
    reasons = findings.select("kind", "why").unique().drop_nulls()
    why = reasons.with_columns(
        pl.Series("told", [phrase(words, kind, text) or text for kind, text in reasons.iter_rows()], dtype=pl.String)
    )
    whole = findings.with_columns(pl.Series("found", found, dtype=pl.String))
    joined = whole.join(why, on=["kind", "why"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("told").alias("why")).drop("told")


def phrase(words: Words, kind: str, text: str) -> str | None:
    """A phrase of a kind of finding in a language; None if it has none for it, or not for all of it."""
    for english, form in words.phrases.get(kind, {}).items():
        match = _pattern(english).fullmatch(text)
        if match:
            parts = {place: _part(words, kind, (place, part)) for place, part in match.groupdict().items()}
            known = {place: part for place, part in parts.items() if part is not None}
            if len(known) == len(parts):
                return form.format(**known)
    return None


def sketch(words: Words, text: str) -> str:
    """Whom a record is about, in a language: names, dates and places stay."""
    phrases = words.phrases[RECORD]
    withheld = _pattern(ELSEWHERE).fullmatch(text)
    if withheld:
        return phrases[ELSEWHERE].format(area=area_name(words, withheld["area"]))
    match = _SKETCH.fullmatch(text)
    if match is None:
        return text
    said = match.groupdict()
    parts = (
        said["child"],
        said["day"],
        said["sex"] and words.values[said["sex"]],
        said["place"] and phrases[RESIDENCE].format(place=said["place"]),
        said["mother"] and phrases[MOTHER].format(name=said["mother"]),
    )
    return words.texts["comma"].join(part for part in parts if part)


def _found(words: Words, lists: Sequence[str], finding: tuple[str, str | None, str]) -> str:
    """What was found: records or lists side by side, or a phrase."""
    kind, field, text = finding
    if kind in ABOUT_LINKS:
        parts = _heads(tuple(lists), " .+?").split(text)
        said = [sketch(words, part) for part in parts[2::2]]
    elif kind == DISAGREEMENT:
        parts = _heads(tuple(lists), "").split(text)
        coded = field in FIELDS and FIELDS[field].kind is Kind.CATEGORY
        said = [words.values.get(part, part) if coded else part for part in parts[2::2]]
    else:
        return phrase(words, kind, text) or text
    if parts[0]:  # does not begin with a list
        return text
    together = (head + words.texts["colon"] + part for head, part in zip(parts[1::2], said, strict=True))
    return words.texts["semicolon"].join(together)


@cache
def _heads(lists: tuple[str, ...], more: str) -> re.Pattern[str]:
    """Where a list begins to say something: its name, what more there is, a colon."""
    names = "|".join(map(re.escape, lists))
    return re.compile(rf"(?:^|; )((?:{names}){more}): ", re.DOTALL)


@cache
def _pattern(english: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", english)
    places = (f"(?P<{part}>{_IN_PLACE.get(part, '.+')})" if k % 2 else re.escape(part) for k, part in enumerate(parts))
    return re.compile("".join(places), re.DOTALL)


def _part(words: Words, kind: str, part: tuple[str, str]) -> str | None:
    """What stands in a place of a phrase, in the language; None if that has no words for it."""
    place, text = part
    if place == "reason":
        return phrase(words, kind, text)
    if place == "sketch":
        return sketch(words, text)
    if place == "lists":
        return text.replace(" and ", words.texts["and"])
    if place == "codes":
        return words.texts["or"].join(words.values.get(code, code) for code in text.split(" or "))
    if place == "parts":
        return words.texts["and"].join(phrase(words, kind, one) or one for one in text.split(", "))
    return text
