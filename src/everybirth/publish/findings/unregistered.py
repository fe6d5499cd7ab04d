"""Births on other lists that the civil register lacks: children to offer registration."""

import numpy as np
import polars as pl

from everybirth.publish.findings.kinds import NOT_REGISTERED
from everybirth.publish.findings.scene import (
    Part,
    Scene,
    joined,
    list_names,
    members_of,
    nothing,
    numbered,
    phrase,
    repeated,
    sketch,
)
from everybirth.tables import BoolArray, Float32Array, Int32Array, Int64Array

# What finding the child needs, and nothing more: no order of birth, nothing of the mother but her name.
TOLD = (
    *("child_given_name", "child_family_name", "sex", "birth_date", "residence"),
    *("mother_given_name", "mother_family_name"),
)


def on_register(scene: Scene) -> BoolArray:
    """(n_births,) births that the register has."""
    held = np.zeros(len(scene.births.birth_id), dtype=bool)
    held[scene.births.of_record[scene.records.list_of == scene.register]] = True
    return held


def not_registered(scene: Scene) -> Part | None:
    """One finding for each birth that the register lacks, about all records of it; None without a register.

    Births in places or on days that the plan leaves out are left out: the register may hold them elsewhere. The
    probability is that no record of the register is this birth, as far as the likeliest of them tells, and less the
    share of these births that the register is expected to have under particulars so different that nothing tells which.
    """
    if scene.register < 0:
        return None
    birth = np.flatnonzero(~on_register(scene) & ~scene.births.outside).astype(np.int32)
    size, member = members_of(scene, birth)
    n = len(birth)
    best = {name: scene.births.best[name][birth] for name in TOLD if name in scene.births.best}
    said = sketch(scene.records, best) if best else repeated("", n)
    return Part(
        kind=NOT_REGISTERED,
        size=size,
        member=member,
        birth=birth,
        list_name=nothing(n),
        field=nothing(n),
        found=phrase("{}, on {}", said, _lists(scene, size, member)).str.strip_prefix(", "),
        best=nothing(n),
        why=repeated(f"not on {scene.records.list_names[scene.register]}", n),
        probability=_surely_missing(scene)[birth] * np.float32(1.0 - min(scene.hidden / max(n, 1), 1.0)),
    )


def _lists(scene: Scene, size: Int64Array, member: Int32Array) -> pl.Series:
    """(n,) the lists that have each birth."""
    of_list, group = scene.records.list_of[member], numbered(size)
    new = np.ones(len(member), dtype=bool)
    new[1:] = (group[1:] != group[:-1]) | (of_list[1:] != of_list[:-1])
    rows = member[new]
    return joined(list_names(scene.records, rows), np.bincount(group[new], minlength=len(size)), " and ")


def _surely_missing(scene: Scene) -> Float32Array:
    """(n_births,) one less the probability of the birth's likeliest pair with a record of the register."""
    pairs, of_register = scene.pairs, scene.records.list_of == scene.register
    likeliest = np.zeros(len(scene.births.birth_id), np.float32)
    for one, other in ((pairs.left, pairs.right), (pairs.right, pairs.left)):
        across = of_register[other] & ~of_register[one]
        np.maximum.at(likeliest, scene.births.of_record[one[across]], pairs.probability[across])
    return (1.0 - likeliest).astype(np.float32)
