"""Components: sets of records that evidence may tie together, each resolved apart from the others."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from everybirth.compiled import inner_kernel, kernel, loop_kernel
from everybirth.resolve.evidence import DECISION, Prior
from everybirth.tables import Int32Array, Int64Array, Pairs

LARGEST_PIECE = 60  # records; a larger component is cut at its weakest pairs
LARGE = 8  # records; in a larger component pairs must be FIRM to tie, so that few are too large to enumerate
FIRM = 0.0  # log odds: as likely as not


@dataclass(frozen=True, slots=True)
class Components:
    """Every record in exactly one component, numbered by smallest record; a record without evidence is one alone.

    component    (n_records,) component of each record
    order        (n_records,) records by component, ascending within each
    offset       (n_components + 1,) where each component starts in order
    pair_order   (n_inner,) pairs with both records in one component, by component, ascending within each
    pair_offset  (n_components + 1,) where each component starts in pair_order
    n_cut        components of more than LARGEST_PIECE records, which were cut into pieces
    """

    component: Int32Array
    order: Int32Array
    offset: Int64Array
    pair_order: Int32Array
    pair_offset: Int64Array
    n_cut: int

    @property
    def n_components(self) -> int:
        return len(self.offset) - 1


def find_components(pairs: Pairs, n_records: int, prior: Prior, floor: float) -> Components:
    """Connected components over the pairs whose log odds of same birth, or of same delivery, exceed the floor.

    floor    log odds
    In a component of more than LARGE records only FIRM pairs tie, and no piece of it grows beyond LARGEST_PIECE: its
    pairs are joined from the strongest down, and a pair that would make too large a piece is left out. Pairs that a
    reviewer decided are never left out.
    """
    parent = np.arange(n_records, dtype=np.int32)
    _join(
        pairs.left, pairs.right, (pairs.same_birth, pairs.same_delivery), (prior.merge, prior.delivery, floor), parent
    )
    component, order, offset = _number(parent)
    size = np.diff(offset)
    if (size > LARGE).any():
        giant = (size > LARGE)[component]
        inner = np.flatnonzero(giant[pairs.left] & (component[pairs.left] == component[pairs.right]))
        parent[giant] = np.flatnonzero(giant)
        _cut(parent, pairs, inner, prior, max(floor, FIRM))
        component, order, offset = _number(parent)
    pair_order, pair_offset = _sort_pairs(pairs.left, pairs.right, component, len(offset) - 1)
    return Components(component, order, offset, pair_order, pair_offset, int(np.count_nonzero(size > LARGEST_PIECE)))


def _cut(parent: Int32Array, pairs: Pairs, inner: Int64Array, prior: Prior, floor: float) -> None:
    """Join again the records of giant components, strongest pair first, ties by order of the pairs.

    inner   the pairs within giant components, ascending
    """
    odds = pairs.same_birth[inner] + prior.merge
    strength = np.maximum(odds, pairs.same_delivery[inner] + prior.delivery)
    strongest_first = np.argsort(-strength, kind="stable")
    chosen = inner[strongest_first[strength[strongest_first] > floor]]
    bound = pairs.same_birth[chosen] > DECISION / 2
    _join_capped(pairs.left[chosen], pairs.right[chosen], bound, parent, LARGEST_PIECE)


@inner_kernel
def _root(parent: Any, record: Any) -> Any:
    while parent[record] != record:
        parent[record] = parent[parent[record]]
        record = parent[record]
    return record


@loop_kernel
def _join(left: Any, right: Any, ratios: Any, limits: Any, parent: Any) -> Any:
    """Union-find over the pairs whose larger log odds exceed the floor; the root of a set is its smallest record.

    ratios   log likelihood ratios of same birth, of same delivery
    limits   log prior odds of either, floor
    """
    same, twin = ratios
    merge, delivery, floor = limits
    for pair in range(len(left)):
        if same[pair] + merge > floor or twin[pair] + delivery > floor:
            one = _root(parent, left[pair])
            other = _root(parent, right[pair])
            if one < other:
                parent[other] = one
            elif other < one:
                parent[one] = other


@kernel
def _join_capped(left: Any, right: Any, bound: Any, parent: Any, cap: Any) -> Any:
    """Union-find that refuses to make a set larger than cap, unless the pair is bound to be joined."""
    size = np.ones(len(parent), np.int32)
    for pair in range(len(left)):
        one = _root(parent, left[pair])
        other = _root(parent, right[pair])
        if one != other and (bound[pair] or size[one] + size[other] <= cap):
            first, second = min(one, other), max(one, other)
            parent[second] = first
            size[first] += size[second]


@kernel
def _number(parent: Any) -> Any:
    """Number the sets by their smallest record and list the records of each."""
    n_records = len(parent)
    component = np.empty(n_records, np.int32)
    count = 0
    for record in range(n_records):
        root = _root(parent, record)
        if root == record:
            component[record] = count
            count += 1
        else:
            component[record] = component[root]
    offset = np.zeros(count + 1, np.int64)
    for record in range(n_records):
        offset[component[record] + 1] += 1
    for number in range(count):
        offset[number + 1] += offset[number]
    at = offset[:-1].copy()
    order = np.empty(n_records, np.int32)
    for record in range(n_records):
        order[at[component[record]]] = record
        at[component[record]] += 1
    return component, order, offset


@kernel
def _sort_pairs(left: Any, right: Any, component: Any, n_components: Any) -> Any:
    """List the pairs inside each component."""
    offset = np.zeros(n_components + 1, np.int64)
    for pair in range(len(left)):
        inside = component[left[pair]]
        if component[right[pair]] == inside:
            offset[inside + 1] += 1
    for number in range(n_components):
        offset[number + 1] += offset[number]
    at = offset[:-1].copy()
    order = np.empty(offset[-1], np.int32)
    for pair in range(len(left)):
        inside = component[left[pair]]
        if component[right[pair]] == inside:
            order[at[inside]] = pair
            at[inside] += 1
    return order, offset
