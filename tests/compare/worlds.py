"""Small made-up lists of births, as standardising hands them over."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl

from everybirth.schema import FIELDS, Kind
from everybirth.tables import MISSING, Column, Records

Row = dict[str, object]

_GIVEN = ("amina", "amine", "anna maria", "maria", "mariam", "joao", "jo", "katarina", "katerina", "philip", "filip")
_FAMILY = ("diallo", "dialo", "da silva", "silva", "okafor", "okaffor", "maria", "ceesay", "sesay", "wu", "anna maria")
_PLACES = ("north-01", "north-02", "north-1", "south-01", "south-10", "w1")
_NUMBERS = ("2024-00017", "2024-00071", "2024-0017", "1999-44440", "88")
EXTRA_KINDS = {
    "extra.ward": Kind.CATEGORY,
    "extra.seen": Kind.DATE,
    "extra.height": Kind.NUMBER,
    "extra.nick": Kind.NAME,
}


def kind_of(name: str) -> Kind:
    """Kind of a field, canonical or one of the further ones used here."""
    return FIELDS[name].kind if name in FIELDS else EXTRA_KINDS[name]


def records(rows: Sequence[Mapping[str, object]], list_of: Sequence[int] | None = None) -> Records:
    """Encode rows (field -> value; None or absent: missing). All names share one dictionary, every other field has its
    own.
    """
    fields = sorted({name for row in rows for name in row})
    all_names = [row.get(name) for row in rows for name in fields if kind_of(name) is Kind.NAME]
    columns = {}
    for name in fields:
        kind = kind_of(name)
        values = all_names if kind is Kind.NAME else [row.get(name) for row in rows]
        known = sorted({value for value in values if value is not None})  # type: ignore[type-var]
        place = {value: code for code, value in enumerate(known)}
        codes = [MISSING if row.get(name) is None else place[row.get(name)] for row in rows]
        columns[name] = Column(name, kind, np.array(codes, dtype=np.int32), _series(kind, known))
    lists = np.zeros(len(rows), dtype=np.int16) if list_of is None else np.array(list_of, dtype=np.int16)
    ids = pl.Series("record_id", [f"r{i:06d}" for i in range(len(rows))], dtype=pl.String)
    return Records(("a", "b", "c"), lists, ids, columns, pl.DataFrame())


def _series(kind: Kind, values: Sequence[object]) -> pl.Series:
    if kind is Kind.DATE:
        return pl.Series([(day - date(1970, 1, 1)).days for day in values], dtype=pl.Int32)  # type: ignore[operator]
    if kind is Kind.NUMBER:
        return pl.Series(values, dtype=pl.Float64)
    return pl.Series(values, dtype=pl.String)


def rows(n: int, seed: int, missing: float = 0.15) -> list[Row]:
    """Rows drawn from small vocabularies, so that every level of every kind of field comes up among few records."""
    rng = np.random.default_rng(seed)

    def pick(values: Sequence[str]) -> str:
        return values[int(rng.integers(len(values)))]

    def day(first: date, within: int) -> date:
        return first + timedelta(days=int(rng.integers(within)))

    made = []
    for _ in range(n):
        given, family = pick(_GIVEN), pick(_FAMILY)
        if rng.random() < 0.15:
            given, family = family, given
        row: Row = {
            "child_given_name": given,
            "child_family_name": family,
            "sex": pick(("female", "male")),
            "birth_date": day(date(2024, 1, 1), 70) if rng.random() < 0.7 else day(date(1969, 11, 1), 900),
            "mother_given_name": pick(_GIVEN),
            "mother_family_name": family if rng.random() < 0.5 else pick(_FAMILY),
            "mother_birth_date": day(date(1998, 3, 1), 40),
            "mother_age": float(rng.integers(18, 26)),
            "mother_id": pick(_NUMBERS),
            "father_given_name": pick(_GIVEN),
            "father_family_name": family if rng.random() < 0.5 else pick(_FAMILY),
            "residence": pick(_PLACES),
            "birth_place": pick(_PLACES),
            "facility": pick(_PLACES),
            "site": pick(("facility", "home")),
            "birth_weight": float(rng.integers(2000, 4000)),
            "plurality": float(rng.integers(1, 4)),
            "delivery_order": float(rng.integers(1, 3)),
            "registration_number": pick(_NUMBERS),
            "extra.ward": pick(("x", "y", "z")),
            "extra.seen": day(date(2024, 2, 1), 400),
            "extra.height": float(rng.integers(480, 560)),
            "extra.nick": pick(_GIVEN),
        }
        made.append({name: None if rng.random() < missing else value for name, value in row.items()})
    return made
