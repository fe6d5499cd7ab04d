"""Slow, obvious twins of the resolve step's kernels."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from everybirth.levels import CHANCE_UNIT
from everybirth.resolve import Prior
from everybirth.tables import Pairs

ABSENT = -30.0
RARER, UNDERSTATED = 2.0, 3.0


class Births(NamedTuple):
    """Posterior of one component: each partition of the records into births, with its probability."""

    partitions: list[frozenset[frozenset[int]]]
    probability: list[float]

    def same(self, one: int, other: int) -> float:
        """Probability that two records are one birth."""
        weighed = zip(self.partitions, self.probability, strict=True)
        return sum(p for births, p in weighed if any({one, other} <= birth for birth in births))

    def exactly(self, records: frozenset[int]) -> float:
        """Probability that exactly these records are one birth."""
        return sum(p for births, p in zip(self.partitions, self.probability, strict=True) if records in births)

    def best(self) -> frozenset[frozenset[int]]:
        """The partition with the largest expected agreement."""

        def agreement(births: frozenset[frozenset[int]]) -> float:
            return sum(2 * self.same(i, j) - 1 for birth in births for i, j in combinations(sorted(birth), 2))

        return max(self.partitions, key=agreement)


def partitions_of(items: Sequence[Any]) -> Iterator[list[list[Any]]]:
    """All ways to group the items."""
    if not items:
        yield []
        return
    head, rest = items[0], items[1:]
    for groups in partitions_of(rest):
        yield [[head], *groups]
        for k in range(len(groups)):
            yield [*groups[:k], [head, *groups[k]], *groups[k + 1 :]]


class Evidence(NamedTuple):
    """What was compared: by pair (i < j) and source of fields, the evidence for same birth and for same delivery."""

    same: dict[tuple[int, int], dict[str, float]]
    twin: dict[tuple[int, int], dict[str, float]]


def evidence_of(pairs: Pairs) -> Evidence:
    """Split the pairs' evidence by source of fields; "rest" is what hangs on none."""
    same: dict[tuple[int, int], dict[str, float]] = {}
    twin: dict[tuple[int, int], dict[str, float]] = {}
    for k, pair in enumerate(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)):
        by_birth: dict[str, float] = {}
        by_delivery: dict[str, float] = {}
        for f, level in enumerate(pairs.levels[k].tolist()):
            if level:
                chance = pairs.chance[k, f] * CHANCE_UNIT
                source = str(pairs.source[f])
                by_birth[source] = by_birth.get(source, 0.0) + float(pairs.log_m[0, f, level] - chance)
                by_delivery[source] = by_delivery.get(source, 0.0) + float(pairs.log_m[1, f, level] - chance)
        by_birth["rest"] = float(pairs.same_birth[k]) - sum(by_birth.values())
        by_delivery["rest"] = float(pairs.same_delivery[k]) - sum(by_delivery.values())
        same[pair], twin[pair] = by_birth, by_delivery
    return Evidence(same, twin)


def births_posterior(records: Sequence[int], pairs: Pairs, list_of: Sequence[int], prior: Prior) -> Births:
    """Score every grouping into births and deliveries by the formula, then sum over the deliveries."""
    evidence = evidence_of(pairs)
    scores: dict[frozenset[frozenset[int]], list[float]] = {}
    for births in partitions_of(list(records)):
        of_births = sum(birth_score(birth, evidence, list_of, prior) for birth in births)
        odds = {
            frozenset([min(one), min(other)]): delivery_odds(one, other, evidence, prior)
            for one, other in combinations(births, 2)
        }
        name = frozenset(frozenset(birth) for birth in births)
        for deliveries in partitions_of(births):
            of_deliveries = 0.0
            for delivery in deliveries:
                across = [odds[frozenset([min(one), min(other)])] for one, other in combinations(delivery, 2)]
                of_deliveries += (len(delivery) - 1) * float(np.mean(across)) if across else 0.0
                of_deliveries += surplus(delivery, prior)
            scores.setdefault(name, []).append(of_births + of_deliveries)
    top = max(max(found) for found in scores.values())
    weight = {name: sum(np.exp(score - top) for score in found) for name, found in scores.items()}
    total = sum(weight.values())
    return Births(list(weight), [w / total for w in weight.values()])


def birth_score(birth: list[int], evidence: Evidence, list_of: Sequence[int], prior: Prior) -> float:
    """What one birth adds: by field, the agreement of all others with the record to which they agree best."""
    if len(birth) == 1:
        return 0.0
    repeats = Counter(list_of[record] for record in birth)
    total: float = (len(birth) - 1) * prior.merge
    total += sum((count - 1) * float(prior.duplicate[name]) for name, count in repeats.items())
    known = [evidence.same.get((i, j), {}) for i, j in combinations(sorted(birth), 2)]
    for field in {field for fields in known for field in fields} | {"rest"}:
        agreement = []
        for truth in birth:
            others = [
                evidence.same.get((min(truth, other), max(truth, other)), {"rest": ABSENT})
                for other in birth
                if other != truth
            ]
            if field == "rest" or holds(truth, field, evidence):
                agreement.append(sum(fields.get(field, 0.0) for fields in others))
        total += max(agreement)
    return total


def holds(record: int, field: str, evidence: Evidence) -> bool:
    """Whether any comparison shows that the record has the field."""
    return any(record in pair and field in fields for pair, fields in evidence.same.items())


def delivery_odds(one: list[int], other: list[int], evidence: Evidence, prior: Prior) -> float:
    """Log odds that two births are of one delivery: by field, the best agreement of a pair across."""
    across = [evidence.twin.get((min(i, j), max(i, j)), {"rest": ABSENT}) for i in one for j in other]
    fields = {field for pair in across for field in pair}
    return prior.delivery + sum(max(pair[field] for pair in across if field in pair) for field in fields)


def surplus(delivery: list[list[int]], prior: Prior) -> float:
    """What counts against a delivery of three births or more: its rarity, and each record that states fewer."""
    k = len(delivery)
    stated = [int(prior.plurality[record]) for birth in delivery for record in birth if len(prior.plurality)]
    return -RARER * (k - 2) - UNDERSTATED * sum(0 < number < k for number in stated) if k > 2 else 0.0


def connected(n_records: int, joined: Sequence[tuple[int, int]]) -> list[int]:
    """The smallest record that each record is tied to."""
    smallest = list(range(n_records))
    for _ in range(n_records):
        for one, other in joined:
            smallest[one] = smallest[other] = min(smallest[one], smallest[other])
    return smallest


def best_record(
    members: Sequence[int], codes: Sequence[int], all_codes: Sequence[int], is_name: bool, rank: Sequence[int]
) -> int:
    """The record of a birth whose value to show, or -1."""
    held = [codes[record] for record in members if codes[record] >= 0]

    def merit(record: int) -> tuple[int, int, int, int]:
        frequency = list(all_codes).count(codes[record]) if is_name else 0
        return held.count(codes[record]), frequency, -rank[record], -record

    return max((record for record in members if codes[record] >= 0), key=merit, default=-1)


def best_name(members: Sequence[int], names: Sequence[Sequence[str]], own: int, rank: Sequence[int]) -> int:
    """The record of a birth whose given (own 0) or family name (1) to show, or -1.

    names   given and family name of each record, "" where it has none
    """
    every = [name[own] for name in names]
    held = [names[record][own] for record in members if names[record][own]]
    most = max((held.count(name) for name in held), default=0)
    tied = [record for record in members if names[record][own] and held.count(names[record][own]) == most]

    def before(a: int, b: int) -> bool:
        return ("" in names[a], rank[a], a) < ("" in names[b], rank[b], b)

    def same(a: int, b: int) -> bool:
        return names[a][own] != names[b][own] and " ".join(names[a]).split() == " ".join(names[b]).split()

    def fuller(a: int, b: int) -> bool:
        less, more = Counter(names[a][own].split()), Counter(names[b][own].split())
        return less < more and not (more - less).keys() & set(names[a][1 - own].split())

    once = [a for a in tied if not any(same(a, b) and before(b, a) for b in tied)]
    left = [a for a in once if not any(fuller(a, b) for b in once)]
    return min(left, key=lambda record: (-every.count(every[record]), rank[record], record), default=-1)
