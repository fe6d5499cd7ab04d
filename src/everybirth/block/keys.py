"""Blocking keys: parts of a record that must agree, rules made of parts, and which rules are worth their cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import prod

import numpy as np

from everybirth.tables import MISSING, BoolArray, Float64Array, Int32Array, Int64Array, Records

Rule = tuple[str, ...]  # the parts that must all agree


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a record that a rule may ask to be equal.

    name     how rules call it
    field    the compared field that it is made of
    equal    comparison level -> probability that the part is equal at that level (levels not named: 0)
    guess    P(equal | same birth) before anything is learned
    """

    name: str
    field: str
    equal: dict[int, float]
    guess: float


_SOUND = {1: 1.0, 2: 1.0, 7: 1.0}  # equal, sounds alike, equal as the child's
_SAME = {1: 1.0}
_MONTH = {1: 1.0, 2: 0.93, 4: 1.0}  # a slip of up to three days crosses the end of a month about one time in fourteen

PARTS: dict[str, Part] = {
    part.name: part
    for part in (
        Part("date", "birth_date", _SAME, 0.88),
        Part("month", "birth_date", _MONTH, 0.95),
        Part("given", "child_given_name", _SOUND, 0.87),
        Part("family", "child_family_name", _SOUND, 0.88),
        Part("mother_given", "mother_given_name", _SOUND, 0.88),
        Part("mother_family", "mother_family_name", _SOUND, 0.88),
        Part("mother_date", "mother_birth_date", _SAME, 0.85),
        Part("father_given", "father_given_name", _SOUND, 0.88),
        Part("father_family", "father_family_name", _SOUND, 0.88),
        Part("residence", "residence", _SAME, 0.88),
        Part("birth_place", "birth_place", _SAME, 0.85),
        Part("phone", "phone", _SAME, 0.88),
        Part("mother_id", "mother_id", _SAME, 0.93),
        Part("number", "registration_number", _SAME, 0.93),
    )
}

_NAMES = ("given", "family", "mother_given", "mother_family", "father_given", "father_family")

# Of each of these families at least the best rule is used where the lists allow it.
REQUIRED: tuple[tuple[Rule, ...], ...] = (
    tuple(("date", name) for name in _NAMES),
    tuple(("mother_date", name) for name in _NAMES),
    (
        ("month", "mother_given", "mother_family"),
        ("month", "given", "family"),
        ("month", "given", "mother_given"),
        ("month", "family", "mother_given"),
        ("month", "mother_given", "father_given"),
    ),
)
# A day and two more things that agree: few pairs, and together they forgive errors in any but two of the things.
_TWO_MORE: tuple[Rule, ...] = tuple(
    ("date", *two) for two in combinations((*_NAMES, "residence", "mother_date", "birth_place", "phone"), 2)
)
OPTIONAL: tuple[Rule, ...] = (
    *_TWO_MORE,
    ("date", "residence"),
    ("date", "birth_place"),
    ("date", "mother_date"),
    ("date", "phone"),
    ("mother_date", "residence"),
    ("mother_date", "month"),
    ("month", "given", "residence"),
    ("month", "mother_given", "residence"),
    ("month", "family", "residence"),
    ("phone", "mother_given"),
    ("phone", "given"),
    ("phone", "family"),
    ("phone", "month"),
    ("mother_given", "mother_family", "father_given"),
    ("mother_given", "mother_family", "residence"),
    ("given", "family", "mother_given"),
    ("given", "family", "father_given"),
    ("given", "family", "residence"),
    ("given", "family"),
    ("given", "residence"),
    ("family", "residence"),
    ("mother_id",),
    ("number",),
)

MOST_RULES = 31  # a pair's rules are bits of one number
_ENOUGH = 0.99985  # estimated recall at which no further rule is added
_WORTH = 1.5e-4  # a rule must add this much recall
_SAMPLE = 40_000


def parts(records: Records, sound: Int32Array) -> dict[str, Int32Array]:
    """The parts that the records have: name -> (n_records,) code, MISSING where the record lacks it.

    sound   (n_names,) names with the same number sound alike; index is the code of a name
    """
    found: dict[str, Int32Array] = {}
    for part in PARTS.values():
        column = records.columns.get(part.field)
        if column is None or len(column.values) == 0:
            continue
        table: Int32Array = np.arange(len(column.values), dtype=np.int32)
        if part.equal is _SOUND:
            table = sound
        elif part.equal is _MONTH:
            days = column.values.to_numpy().astype("datetime64[D]")
            table = days.astype("datetime64[M]").astype(np.int32)
            table = table - table.min()
        codes = np.append(table, np.int32(MISSING))[column.codes]  # code -1 takes the last entry
        found[part.name] = codes.astype(np.int32)
    return found


def choose(found: dict[str, Int32Array], n: int, pairs_per_record: float = 6.0) -> tuple[tuple[Rule, ...], float]:
    """Choose rules by what they add to recall for what they cost.

    Greedy: of each required family the best rule, then whatever adds most recall per pair scanned, until the estimated
    recall is enough, nothing adds to it, or the budget is spent. Recall is estimated on simulated matching pairs:
    fields are present as they are in random pairs of records and agree with the guessed probabilities.

    n        number of records
    Returns  the rules, and the estimated recall
    """
    names = list(found)
    candidates = [rule for family in (*REQUIRED, OPTIONAL) for rule in family if all(part in found for part in rule)]
    if n < 2 or not candidates:
        return tuple(candidates[:1]), 1.0
    covers = _coverage(candidates, names, _agreeing(found, n))
    chance = {name: _chance(codes, n) for name, codes in found.items()}
    cost: Float64Array = np.array([0.5 * n * n * prod(chance[part] for part in rule) for rule in candidates])
    budget = max(pairs_per_record * n, 2e6)
    chosen: list[int] = []
    covered = np.zeros(_SAMPLE, dtype=bool)
    for family in REQUIRED:
        options = [k for k, rule in enumerate(candidates) if rule in family]
        if options:
            _add(chosen, covered, covers, max(options, key=lambda k: _value(covers[k] & ~covered, float(cost[k]), n)))
    while covered.mean() < _ENOUGH and len(chosen) < MOST_RULES:
        options = [
            k
            for k in range(len(candidates))
            if k not in chosen and cost[chosen].sum() + cost[k] <= budget and (covers[k] & ~covered).mean() >= _WORTH
        ]
        if not options:
            break
        _add(chosen, covered, covers, max(options, key=lambda k: _value(covers[k] & ~covered, float(cost[k]), n)))
    order = sorted(chosen, key=lambda k: cost[k])  # cheap rules first: later rules skip what they found
    return tuple(candidates[k] for k in order), float(covered.mean())


def _add(chosen: list[int], covered: BoolArray, covers: BoolArray, k: int) -> None:
    chosen.append(k)
    covered |= covers[k]


def _value(new: BoolArray, cost: float, n: int) -> float:
    """Recall added per pair scanned; laying out a rule costs about as much as scanning half a pair per record."""
    return float(new.mean()) / (cost + 0.5 * n)


def _agreeing(found: dict[str, Int32Array], n: int) -> BoolArray:
    """(n_sample, n_parts) whether each part is present in both records and agrees, for simulated matching pairs."""
    rng = np.random.default_rng(20240229)
    left, right = rng.integers(0, n, _SAMPLE), rng.integers(0, n, _SAMPLE)
    agree = np.empty((_SAMPLE, len(found)), dtype=bool)
    for k, (name, codes) in enumerate(found.items()):
        guess = PARTS[name].guess
        if name == "month" and "date" in found:  # given that the date differs
            guess = (guess - PARTS["date"].guess) / (1.0 - PARTS["date"].guess)
        agree[:, k] = (codes[left] >= 0) & (codes[right] >= 0) & (rng.random(_SAMPLE) < guess)
    if "date" in found:  # equal dates have equal months
        names = list(found)
        agree[:, names.index("month")] |= agree[:, names.index("date")]
    return agree


def _coverage(rules: Sequence[Rule], names: list[str], agree: BoolArray) -> BoolArray:
    """(n_rules, n_sample) whether each rule brings each simulated pair together."""
    return np.array([np.all(agree[:, [names.index(part) for part in rule]], axis=1) for rule in rules])


def _chance(codes: Int32Array, n: int) -> float:
    """Share of all pairs of records that agree on a part; parts of a rule are taken as independent."""
    count: Int64Array = np.bincount(codes[codes >= 0])
    return float(np.sum((count / n) ** 2))


def used(rules: Sequence[Rule]) -> list[str]:
    """The parts that some rule asks for, in the order of PARTS."""
    return [name for name in PARTS if any(name in rule for rule in rules)]


def recall(rules: Sequence[Rule], equal: dict[str, Float64Array]) -> tuple[Float64Array, dict[str, Float64Array]]:
    """P(brought together by some rule) and, for what is not, P(each part equal).

    equal    part -> (n_masks,) P(part equal), 0 where a record of the mask lacks it; "month" given that the date
             differs
    Returns  (n_masks,) recall; part -> (n_masks,) P(part equal | not brought together), for "month": equal though the
             date is not
    Parts are taken as independent given the class; all 2^parts outcomes are enumerated.
    """
    names = used(rules)
    n_masks = len(next(iter(equal.values()))) if equal else 1
    probability = np.ones((n_masks, 1))
    for name in names:  # the outcomes so far without this part, then with it
        p = equal[name][:, None]
        probability = np.hstack([probability * (1.0 - p), probability * p])
    together, rest_of = _outcomes(tuple(rules), tuple(names))
    found = probability @ together
    apart = np.maximum(1.0 - found, 1e-300)
    rest = (probability @ rest_of) / apart[:, None]
    return found, {name: rest[:, k] for k, name in enumerate(names)}


@lru_cache(maxsize=8)  # each run has its own rules
def _outcomes(rules: tuple[Rule, ...], names: tuple[str, ...]) -> tuple[Float64Array, Float64Array]:
    """For every outcome, bit k: part k is equal. Whether some rule brings the pair together (n_outcomes,); whether none
    does and the part is equal, the month though the date is not (n_outcomes, n_parts). Ones and zeros.
    """
    outcome = (np.arange(1 << len(names))[:, None] >> np.arange(len(names))) & 1 == 1
    holds = outcome.copy()
    if "date" in names and "month" in names:
        date, month = names.index("date"), names.index("month")
        holds[:, month] |= outcome[:, date]
        outcome[:, month] &= ~outcome[:, date]
    together = np.zeros(len(outcome), dtype=bool)
    for rule in rules:
        together |= np.all(holds[:, [names.index(part) for part in rule]], axis=1)
    return together.astype(np.float64), (outcome & ~together[:, None]).astype(np.float64)
