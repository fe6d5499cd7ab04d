"""Slow and obvious twins of the kernels: on strings and dates themselves, one pair at a time."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from itertools import groupby

import numpy as np

from everybirth.levels import Comparison
from everybirth.tables import Blocks, Keys, Scores

Row = Mapping[str, object]

_ALIKE = ("aeiouyjhw", "bv", "ckgq", "szx", "dt", "f", "l", "mn", "p", "r")
_CLASS = {letter: str(number) for number, letters in enumerate(_ALIKE) for letter in letters}
_PARTNER = {f"{who}_given_name": f"{who}_family_name" for who in ("child", "mother", "father")}
_HANGS_ON = {
    "father_family_name": ("child_family_name",),
    "mother_family_name": ("child_family_name",),
    "sex": ("child_given_name",),
    "birth_place": ("residence",),
    "facility": ("birth_place", "residence"),
    "site": ("birth_place", "facility", "residence"),
    "delivery_order": ("plurality",),
    "mother_age": ("mother_birth_date",),
}


@cache
def distance(a: str, b: str) -> int:
    """Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours, no part edited twice."""
    table = [[i + j if i == 0 or j == 0 else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


@cache
def sound(text: str) -> str:
    """How a name sounds: letters by class, vowels, h and w kept at the very beginning only, a letter's repeats once."""
    heard = re.sub("c(?=[eiy])", "s", text.replace("ph", "fh"))
    classes = [(k, _CLASS.get(c, "") if ord(c) < 128 else f"<{c}>") for k, c in enumerate(heard)]
    runs = [next(run) for _, run in groupby((x for x in classes if x[1]), key=lambda x: x[1])]
    return "".join(letter for k, letter in runs if letter != "0" or k == 0)


def is_near(a: str, b: str) -> bool:
    """Whether one slip, or two in names of six letters or more, make one string of the other."""
    return distance(a, b) <= (2 if min(len(a), len(b)) >= 6 else 1)


def name_level(a: str, b: str) -> int:
    """Level of two names."""
    if a == b:
        return 1
    if sound(a) == sound(b):
        return 2
    if min(len(a), len(b)) >= 3 and is_near(a, b):
        return 3
    ends = {a.split(maxsplit=1)[0], a.rsplit(maxsplit=1)[-1]} & {b.split(maxsplit=1)[0], b.rsplit(maxsplit=1)[-1]}
    return 4 if ends or a.startswith(b) or b.startswith(a) else 5


def code_level(a: str, b: str) -> int:
    """Level of two codes."""
    if a == b:
        return 1
    if min(len(a), len(b)) >= 4 and distance(a, b) == 1:
        return 2
    half = max(2, math.ceil(max(len(a), len(b)) / 2))
    return 3 if len(a[:half]) == half and a[:half] == b[:half] else 4


def date_level(a: date, b: date) -> int:
    """Level of two days."""
    apart = abs((a - b).days)
    if apart <= 3:
        return 2 if apart else 1
    if a.year == b.year and (a.month, a.day) == (b.day, b.month):
        return 3
    if (a.year, a.month) == (b.year, b.month):
        return 4
    if (a.year == b.year) + (a.month == b.month) + (a.day == b.day) == 2:
        return 5
    return 6 if apart <= 31 else 7


def _by_gap(gap: float, limits: Sequence[float]) -> int:
    return 1 + sum(gap > limit for limit in limits)


def level(comparison: Comparison, a: object, b: object) -> int:
    """Level of two values that are both present, apart from all other fields."""
    match comparison, a, b:
        case Comparison.NAME, str(), str():
            return name_level(a, b)
        case Comparison.CODE, str(), str():
            return code_level(a, b)
        case Comparison.DATE, date(), date():
            return date_level(a, b)
        case Comparison.WEIGHT, float(), float():
            return _by_gap(abs(a - b), (0, 50, 250, 600))
        case Comparison.AGE, float(), float():
            return _by_gap(abs(a - b), (0, 1, 3))
        case Comparison.COUNT, float(), float():
            return 3 if a != b else (1 if a == 1 else 2)
    return 1 if a == b else 2


def one_sided(comparison: Comparison, value: object, parent_level: int) -> int:
    """Level where one record, or neither, has a value: of plurality it tells of one child, or of more; of order as
    well, unless there is a plurality to tell it.
    """
    if comparison is Comparison.COUNT and value is None:
        return 9
    if value is None or comparison not in (Comparison.COUNT, Comparison.RANK):
        return 0
    if comparison is Comparison.RANK and parent_level not in (0, 9):
        return 0
    return 7 if value == 1 else 8


def parent_of(name: str, names: Sequence[str]) -> str | None:
    """The field on whose agreement this one hangs: the first that is compared."""
    return next((other for other in _HANGS_ON.get(name, ()) if other in names), None)


def _swaps(names: Sequence[str], left: Row, right: Row) -> set[str]:
    """Given names that stand crosswise with their family names."""
    found = set()
    for given, family in _PARTNER.items():
        if given in names and family in names:
            a, b = left.get(given), right.get(given)
            if None not in (a, b) and a != b and a == right.get(family) and b == left.get(family):
                found.add(given)
    return found


def levels(names: Sequence[str], comparisons: Sequence[Comparison], left: Row, right: Row) -> list[int]:
    """Level of every field of a pair of records."""
    swapped = _swaps(names, left, right)
    kinds = dict(zip(names, comparisons, strict=True))
    out: dict[str, int] = {}
    for name in names:
        a, b = left.get(name), right.get(name)
        if name in {_PARTNER[given] for given in swapped}:
            out[name] = 0
        elif a is None or b is None:
            parent = parent_of(name, names)
            out[name] = one_sided(kinds[name], a if b is None else b, out[parent] if parent else 0)
        elif name in swapped:
            out[name] = 6
        else:
            alone, parent = level(kinds[name], a, b), parent_of(name, names)
            out[name] = alone if parent is None else _in_context(name, parent, alone, out[parent], kinds, (left, right))
    return [out[name] for name in names]


def _in_context(
    name: str, parent: str, alone: int, parent_level: int, kinds: Mapping[str, Comparison], pair: tuple[Row, Row]
) -> int:
    """Level of a field whose agreement hangs on that of its parent field."""
    is_name, kind = kinds[name] is Comparison.NAME, kinds[name]
    if kind is Comparison.AGE:  # an age tells nothing beside a birth date
        return alone if parent_level == 0 else 0
    if kind is Comparison.RANK:  # an order speaks where there may be several children
        if parent_level in (0, 9):
            return alone
        return 0 if parent_level in (1, 7) else 9 if alone == 1 else 10
    agrees, nearly = parent_level in (1, 7, 10), parent_level in (2, 3, 8, 11) and kinds[parent] is Comparison.CODE
    if is_name:
        if not agrees or all(row.get(name) != row.get(parent) for row in pair):
            return alone
    elif not (agrees or nearly):
        return alone
    near = alone <= (4 if is_name else 3 if kind is Comparison.CODE else 1)
    offset = 0 if alone == 1 else 1 if near else 2
    return (7 if agrees else 10) + offset


def log_shares(rows: Sequence[Row], name: str) -> dict[object, float]:
    """Log share of the records with the field that hold each value, in single precision as kernels have it."""
    count = Counter(row[name] for row in rows if row.get(name) is not None)
    total = sum(count.values())
    return {value: float(np.float32(np.log(n / total))) for value, n in count.items()}


class Frequencies:
    """Log share of every value of every field; a name that no record holds in that field counts as held once."""

    def __init__(self, rows: Sequence[Row], names: Sequence[str]) -> None:
        self._known = {name: log_shares(rows, name) for name in names}
        self._rarest = {
            name: float(np.float32(np.log(1 / max(sum(row.get(name) is not None for row in rows), 1))))
            for name in names
        }

    def of(self, name: str, value: object) -> float:
        return self._known[name].get(value, self._rarest[name])


def log_chances(
    names: Sequence[str], levels_of_pair: Sequence[int], scores: Scores, pair: tuple[Row, Row], shares: Frequencies
) -> list[float]:
    """Log of the chance of each field's level in an unrelated pair; 0 where it is missing."""
    swapped = _swaps(names, *pair)
    chances = []
    for f, name in enumerate(names):
        lev, a, b = levels_of_pair[f], pair[0].get(name), pair[1].get(name)
        if lev == 0:
            chances.append(0.0)
        elif name in swapped:  # both records hold the two names crosswise: given and family name, each by its frequency
            family = _PARTNER[name]
            crosswise = max(shares.of(name, a), shares.of(name, b)) + max(shares.of(family, a), shares.of(family, b))
            chances.append(crosswise)
        elif scores.by_value[f] and lev == 1:
            chances.append(shares.of(name, a))
        elif scores.by_value[f] and not math.isnan(scores.log_near[f, lev]):
            harmonic = 2 / (1 / math.exp(shares.of(name, a)) + 1 / math.exp(shares.of(name, b)))
            chances.append(float(scores.log_near[f, lev]) + math.log(harmonic))
        else:
            chances.append(float(scores.log_u[f, lev]))
    return chances


def sums(levels_of_pair: Sequence[int], chances: Sequence[float], scores: Scores) -> list[float]:
    """Log likelihood ratio of each class of pair against unrelated: the sum of log m - log u over the class's
    fields.
    """
    return [
        sum(
            float(scores.log_m[c, f, lev]) - chances[f]
            for f, lev in enumerate(levels_of_pair)
            if lev > 0 and scores.uses[c, f]
        )
        for c in range(3)
    ]


def is_kept(sums_of_pair: Sequence[float], scores: Scores) -> bool:
    """Whether the log odds of same birth or same delivery reach the floor."""
    return max(sums_of_pair[c] + float(scores.prior[c]) for c in (0, 1)) >= scores.floor


def pairs_in(blocks: Sequence[Blocks], keys: Keys | None = None) -> list[tuple[int, int]]:
    """Every pair that the blocks bring together, rule after rule, less those that an earlier rule's block already
    held (without keys: none are left out).
    """
    found = []
    for rule, block in enumerate(blocks):
        for start, end in zip(block.start[:-1], block.start[1:], strict=True):
            members = block.order[start:end].tolist()
            for x, i in enumerate(members):
                found += [
                    (min(i, j), max(i, j))
                    for j in members[x + 1 : x + 1 + block.window]
                    if keys is None or not any(_held(keys, q, i, j) for q in range(rule))
                ]
    return found


def _held(keys: Keys, rule: int, i: int, j: int) -> bool:
    """Whether a rule brought two records together in a block whose pairs were all looked at."""
    agree = sum(1 << k for k, (a, b) in enumerate(zip(keys.parts[i], keys.parts[j], strict=True)) if a == b >= 0)
    masked = int(keys.oversized[i]) if len(keys.oversized) > 1 else 0
    return bool(int(keys.rules_of[agree]) >> rule & 1) and not masked >> rule & 1
