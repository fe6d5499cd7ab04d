"""Which column of a file is which canonical field: names and values weighed together, no column used twice."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.optimize import linear_sum_assignment

from everybirth.read.profile import Profile, profile
from everybirth.read.rows import text_ids
from everybirth.read.vocabulary import Heading, heading
from everybirth.schema import FIELDS, Kind

ENOUGH = 0.6  # a field is mapped from this score on
BARE_PERSON = 0.65  # of a column that says whose name its values may be, not that they are names
_MANY = 300  # columns from which misspelt names are no longer looked for: it would take minutes


@dataclass(frozen=True, slots=True)
class Guess:
    """One mapped field: its column, how surely (0 to 1), how its values are written, and remarks for the user."""

    field: str
    column: str
    score: float
    format: str = ""
    codes: dict[str, str] = dataclasses.field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def guess_fields(frame: pl.DataFrame) -> list[Guess]:
    """Map columns to canonical fields, one to one, so that the sum of scores is greatest.

    frame     the columns that may be read, under the file's own names
    Returns   in the order of the canonical fields
    """
    tolerant = frame.width <= _MANY
    headings = {name: heading(name, tolerant=tolerant) for name in frame.columns}
    fields = list(FIELDS)
    by_name = np.array([[headings[name].score(key) for key in fields] for name in frame.columns]).reshape(
        -1, len(fields)
    )
    _tell_names_apart(by_name, list(headings.values()), fields)
    profiles = {
        name: profile(frame[name]) for place, name in enumerate(frame.columns) if tolerant or by_name[place].any()
    }
    scores = by_name.copy()
    for place, name in enumerate(frame.columns):
        if name in profiles:
            _weigh_values(scores[place], fields, headings[name], profiles[name])
    left, right = linear_sum_assignment(np.where(scores >= ENOUGH, scores, 0.0), maximize=True)
    found = {
        fields[key]: _guess(fields[key], frame.columns[place], float(scores[place, key]), profiles)
        for place, key in zip(left.tolist(), right.tolist(), strict=True)
        if scores[place, key] >= ENOUGH
    }
    return [found[key] for key in fields if key in found]


def _tell_names_apart(
    scores: np.ndarray[tuple[int, ...], np.dtype[np.float64]], headings: Sequence[Heading], fields: list[str]
) -> None:
    """A bare "name" is a given name beside a family name of the same person, and a family name beside a given one."""
    for person in ("child", "mother", "father"):
        full, given, family = (fields.index(f"{person}_{part}_name") for part in ("full", "given", "family"))
        bare = np.array([not {"given", "family"} & one.concepts for one in headings], dtype=bool)
        has_given = bool((scores[~bare, given] >= ENOUGH).any())
        has_family = bool((scores[~bare, family] >= ENOUGH).any())
        if has_given == has_family:
            continue
        target = given if has_family else family
        whole = np.array(["whole" in one.concepts for one in headings], dtype=bool)
        move = bare & ~whole & (scores[:, full] >= ENOUGH)
        scores[move, target] = scores[move, full] - 0.05
        scores[move, full] = 0.0


def _weigh_values(
    scores: np.ndarray[tuple[int], np.dtype[np.float64]], fields: list[str], said: Heading, seen: Profile
) -> None:
    """Scale the scores of one column by whether its values can be what each field holds; add what values alone tell."""
    for place, key in enumerate(fields):
        if scores[place] > 0 and seen.filled and not _possible(key, seen):
            scores[place] *= 0.3
    silent = not said.concepts and not said.persons
    if silent and seen.sex and not seen.sex_doubt:
        scores[fields.index("sex")] = max(scores[fields.index("sex")], 0.65)
    if not said.concepts and not said.unknown and seen.full_names > 0.5:
        for person in said.persons if len(said.persons) == 1 else ():  # a column called "mother", and nothing more
            scores[fields.index(f"{person}_full_name")] = BARE_PERSON
    if silent and seen.dates.share > 0.9:
        scores[fields.index("birth_date")] = max(scores[fields.index("birth_date")], 0.62)


def _possible(key: str, seen: Profile) -> bool:
    checks = {
        "sex": bool(seen.sex),
        "site": bool(seen.site),
        "birth_place": not seen.site,
        "birth_weight": seen.numeric > 0.5 and (0.3 <= seen.middle <= 7 or 300 <= seen.middle <= 7000),
        "mother_age": seen.numeric > 0.5 and 10 <= seen.middle <= 60,
        "phone": seen.dialled > 0.3,
        "delivery_order": True,
        "plurality": True,
    }
    if key in checks:
        return checks[key]
    kind = FIELDS[key].kind
    if kind is Kind.DATE:
        return seen.dates.share > 0.5
    if kind is Kind.NAME:
        return seen.letters > 0.5 and seen.dates.share < 0.5
    return True


def _guess(key: str, column: str, score: float, profiles: Mapping[str, Profile]) -> Guess:
    seen = profiles[column]
    remarks = [] if score >= 0.9 else ["likely" if score >= 0.75 else "a guess: please check"]
    codes: dict[str, str] = {}
    date_format = ""
    if not seen.filled:
        remarks.append("the column is empty")
    elif FIELDS[key].kind is Kind.DATE:
        date_format = seen.dates.format if seen.dates.format != "%Y-%m-%d" else ""
        remarks += [seen.dates.doubt] if seen.dates.doubt else []
    elif key == "sex":
        codes = seen.sex
        remarks += [seen.sex_doubt] if seen.sex_doubt else []
    elif key == "site":
        codes = seen.site
    elif key == "birth_weight" and seen.middle <= 7:
        remarks.append("seems to be in kg: values up to 8 are taken as kg and turned into g")
    return Guess(key, column, score, date_format, codes, tuple(remarks))


@dataclass(frozen=True, slots=True)
class IdGuess:
    """The column that names each record; "" if there is none, and then what is wrong with the likeliest, or ""."""

    column: str
    flaw: str = ""


def guess_id(frame: pl.DataFrame, mapped: Sequence[Guess]) -> IdGuess:
    """The column that names each record: filled and unique in every row, called so."""
    taken = {one.column: one.field for one in mapped}
    scores: dict[str, float] = {}
    for name in frame.columns:
        said = heading(name, tolerant=False)
        if said.persons - {"child"} or not said.concepts & _NAMES_RECORDS:
            continue
        if said.concepts & {"phone", "date", "name", "place", "facility", "weight", "other"}:
            continue
        if name in taken and taken[name] != "registration_number":
            continue
        scores[name] = len(said.concepts & {"id", "record", "number"}) + (name not in taken) * 2 - 0.5 * said.unknown
    likeliest = [name for name in sorted(scores, key=lambda name: -scores[name]) if scores[name] > 0]
    flaws = {name: _flaw(frame[name]) for name in likeliest}
    for name, flaw in flaws.items():
        if not flaw:
            return IdGuess(name)
    plain = [name for name in likeliest if heading(name, tolerant=False).concepts <= _NAMES_RECORDS]
    return IdGuess("", f'"{plain[0]}" {flaws[plain[0]]}' if plain else "")


_NAMES_RECORDS = {"id", "number", "code", "record", "register"}


def _flaw(column: pl.Series) -> str:
    """Why a column cannot name each record; counts only."""
    texts = text_ids(column)
    empty = texts.null_count()
    repeats = int(texts.drop_nulls().is_duplicated().sum())
    if not column.len():
        return "is empty"
    said = [f"is empty in {empty:,} row{'s' * (empty != 1)}"] if empty else []
    return " and ".join([*said, f"repeats in {repeats:,} rows"] if repeats else said)
