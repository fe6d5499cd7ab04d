"""Records of one list that are one birth, and pairs of records of which it is uncertain whether they are."""

import numpy as np
import polars as pl

from everybirth.publish.findings.kinds import DUPLICATE, OUT_OF_SCOPE, UNCERTAIN_LINK, UNKNOWN
from everybirth.publish.findings.scene import Part, Scene, joined, list_names, nothing, phrase, repeated, sketch_of
from everybirth.tables import BoolArray, Int32Array, Int64Array

DOUBTFUL = (0.2, 0.8)  # probabilities of a link that a person should look at
ELSEWHERE = "a record of another area ({})"


def duplicates(scene: Scene) -> Part:
    """One finding for each birth that a list has more than once; its records are those of the list."""
    list_of = scene.records.list_of[scene.order]
    birth = scene.births.of_record[scene.order]
    first = np.ones(len(birth), dtype=bool)
    first[1:] = (birth[1:] != birth[:-1]) | (list_of[1:] != list_of[:-1])
    begin = np.flatnonzero(first)
    size = np.diff(np.append(begin, len(birth)))
    several = size > 1
    member = scene.order[np.repeat(several, size)]
    begin, size = begin[several], size[several]
    names = list_names(scene.records, scene.order[begin])
    n = len(size)
    return Part(
        kind=DUPLICATE,
        size=size,
        member=member,
        birth=birth[begin],
        list_name=names,
        field=nothing(n),
        found=_side_by_side(scene, size, member),
        best=nothing(n),
        why=phrase("{} records of {} are one birth", pl.Series(size), names),
        probability=scene.births.probability[birth[begin]],
    )


def uncertain_links(scene: Scene) -> Part:
    """Pairs that are one birth with a probability between DOUBTFUL, less those that `duplicates` has already.

    They are shown with the birth of the first of the two records whose area is known. If the other record is of another
    area, it is named and whom it is about is withheld: an office sees the children of its own area only.
    """
    pairs = scene.pairs
    birth, list_of = scene.births.of_record, scene.records.list_of
    keep = (pairs.probability >= DOUBTFUL[0]) & (pairs.probability <= DOUBTFUL[1])
    left, right, probability = pairs.left[keep], pairs.right[keep], pairs.probability[keep]
    together = birth[left] == birth[right]
    new = ~(together & (list_of[left] == list_of[right]))
    left, right, probability, together = left[new], right[new], probability[new], together[new]
    n = len(left)
    size = np.full(n, 2, np.int64)
    member = np.stack([left, right], axis=1).ravel().astype(np.int32)
    same_list = pl.Series(list_of[left] == list_of[right])
    one = list_names(scene.records, left)
    second, withheld = _elsewhere(scene, member)
    return Part(
        kind=UNCERTAIN_LINK,
        size=size,
        member=member,
        birth=np.where(second, birth[right], birth[left]),
        list_name=one.zip_with(same_list, nothing(n)),
        field=nothing(n),
        found=_side_by_side(scene, size, member, withheld.ravel()),
        best=repeated("same birth", n).zip_with(pl.Series(together), repeated("different births", n)),
        why=phrase("one birth with a probability of {}%", pl.Series(np.rint(100 * probability).astype(np.int64))),
        probability=probability.astype(np.float32),
    )


def _elsewhere(scene: Scene, member: Int32Array) -> tuple[BoolArray, BoolArray]:
    """Which of two records a pair is shown with, and which of them is of another area than that.

    member   (2 n,) records, pair after pair
    Returns  (n,) True where it is the second; (n, 2), where a record of an unknown area is of no other
    """
    area = _areas(scene, member)
    nowhere = area.is_in([UNKNOWN, OUT_OF_SCOPE]).to_numpy().reshape(-1, 2)
    second: BoolArray = nowhere[:, 0] & ~nowhere[:, 1]
    codes = area.rank("dense").to_numpy().reshape(-1, 2)
    shown = np.where(second, codes[:, 1], codes[:, 0])
    withheld: BoolArray = (codes != shown[:, None]) & (area != UNKNOWN).to_numpy().reshape(-1, 2)
    return second, withheld


def _areas(scene: Scene, member: Int32Array) -> pl.Series:
    """(n,) String, the area of the birth of each record."""
    birth = pl.Series(scene.births.of_record[member].astype(np.uint32))
    return scene.births.area.gather(birth).cast(pl.String)


def _side_by_side(scene: Scene, size: Int64Array, member: Int32Array, withheld: BoolArray | None = None) -> pl.Series:
    """(n,) what each record says, one after another.

    withheld   (sum of size,) records of which only the area is told
    """
    ids = scene.records.record_id.gather(pl.Series(member.astype(np.uint32)))
    said = sketch_of(scene.records, member)
    if withheld is not None and withheld.any():
        said = phrase(ELSEWHERE, _areas(scene, member)).zip_with(pl.Series(withheld), said)
    return joined(phrase("{} {}: {}", list_names(scene.records, member), ids, said), size)
