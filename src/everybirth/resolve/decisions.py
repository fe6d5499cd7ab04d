"""What reviewers decided: pairs of records that are one birth, and pairs that are not."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from everybirth.errors import DataError
from everybirth.resolve.evidence import ABSENT, DECISION
from everybirth.tables import Int32Array, Int64Array, Pairs


def _none() -> Int32Array:
    return np.zeros((0, 2), np.int32)


@dataclass(frozen=True, slots=True)
class Decisions:
    """Pairs of records, in either order, repeated or not. None contradicts others, directly or through third records:
    publish/decisions.py sees to that, where the findings are known that a message must name.

    same       (n_same, 2) are one birth
    different  (n_different, 2) are two births
    """

    same: Int32Array = field(default_factory=_none)
    different: Int32Array = field(default_factory=_none)


def apply_decisions(pairs: Pairs, decisions: Decisions, n_records: int) -> Pairs:
    """Make decisions part of the evidence, so strong that the resolved births follow them.

    same_birth of a pair decided "same" rises, of a pair decided "different" falls by DECISION. Pairs not
    compared are added in their place, every field missing: with neutral evidence if decided "same", else ABSENT.
    Raises   DataError  if a decision names a record that is not there
    """
    same, different = _ordered(decisions.same, n_records), _ordered(decisions.different, n_records)
    wanted = np.concatenate([same, different])
    if not len(wanted):
        return pairs
    pairs = _with_pairs(pairs, wanted, n_records)
    known = _key(np.stack([pairs.left, pairs.right], axis=1), n_records)
    same_birth = pairs.same_birth.copy()
    agreed = np.searchsorted(known, _key(same, n_records))
    same_birth[agreed] = np.where(same_birth[agreed] == ABSENT, 0.0, same_birth[agreed]) + DECISION
    same_birth[np.searchsorted(known, _key(different, n_records))] -= DECISION
    return replace(pairs, same_birth=same_birth)


def _ordered(decided: Int32Array, n_records: int) -> Int32Array:
    """The distinct pairs, left < right, ascending; a record paired with itself says nothing."""
    if len(decided) and (decided.min() < 0 or decided.max() >= n_records):
        message = f"A decision names record {decided.max()} of {n_records}. Decide about records of this run."
        raise DataError(message)
    pairs = np.unique(np.sort(decided, axis=1), axis=0)
    distinct: Int32Array = pairs[pairs[:, 0] != pairs[:, 1]]
    return distinct


def _key(pairs: Int32Array, n_records: int) -> Int64Array:
    """One number per pair, ascending as the pairs do."""
    key: Int64Array = pairs[:, 0].astype(np.int64) * n_records + pairs[:, 1]
    return key


def _with_pairs(pairs: Pairs, wanted: Int32Array, n_records: int) -> Pairs:
    """The pairs and those wanted that are not among them, ascending; the added ones as if never compared."""
    known = _key(np.stack([pairs.left, pairs.right], axis=1), n_records)
    new = np.setdiff1d(_key(wanted, n_records), known)
    at = np.searchsorted(known, new)

    def insert(old: Any, values: Any) -> Any:
        return np.insert(old, at, values, axis=0)

    return replace(
        pairs,
        left=insert(pairs.left, new // n_records),
        right=insert(pairs.right, new % n_records),
        same_birth=insert(pairs.same_birth, ABSENT),
        same_delivery=insert(pairs.same_delivery, ABSENT),
        levels=insert(pairs.levels, 0),
        chance=insert(pairs.chance, 0),
    )
