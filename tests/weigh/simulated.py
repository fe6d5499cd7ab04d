"""Pairs drawn from the model itself, so that what should be learned is known."""

from dataclasses import dataclass

import numpy as np

from everybirth.levels import LEVELS, N_LEVELS, Comparison
from everybirth.tables import BoolArray, Float64Array, Int8Array, Int64Array
from everybirth.weigh import model

FIELDS: dict[str, Comparison] = {
    "child_given_name": Comparison.NAME,
    "child_family_name": Comparison.NAME,
    "sex": Comparison.SAME,
    "birth_date": Comparison.DATE,
    "mother_given_name": Comparison.NAME,
    "mother_birth_date": Comparison.DATE,
    "father_family_name": Comparison.NAME,
    "residence": Comparison.CODE,
    "birth_weight": Comparison.WEIGHT,
    "delivery_order": Comparison.RANK,
}
_OF_FEW_VALUES = ("sex", "birth_weight", "delivery_order")  # unrelated pairs often agree on them
IN_CONTEXT = "father_family_name"  # the field whose levels 7 to 9 come up, in half of the pairs


@dataclass(frozen=True, slots=True)
class Truth:
    """A model from which pairs are drawn.

    m   (3, n_fields, n_levels) P(level | class)
    u   (n_fields, n_levels) P(level | unrelated)
    """

    design: model.Design
    m: Float64Array
    u: Float64Array


def truth(seed: int, agreement: float = 0.8) -> Truth:
    """Each field agrees in about that share of pairs of one birth, seldom in unrelated ones; twins differ in what is
    their own.
    """
    rng = np.random.default_rng(seed)
    d = model.design(tuple(FIELDS), tuple(FIELDS.values()))
    m, u = np.ones((3, len(FIELDS), N_LEVELS)), np.ones((len(FIELDS), N_LEVELS))
    for f, (name, comparison) in enumerate(FIELDS.items()):
        for group in model.groups(comparison):
            n = group.stop - group.start if group.start > 1 else len(_own_levels(comparison))
            levels = np.arange(group.start, group.start + n)
            m[:, f, group], u[f, group] = 1e-12, 1e-12
            m[:, f, levels] = _around(rng, n, agreement + rng.uniform(-0.05, 0.05), 0)
            different = 4 if comparison is Comparison.NAME and group.start == 1 else n - 1  # swapped names come last
            u[f, levels] = _around(rng, n, 0.6 if name in _OF_FEW_VALUES else 0.95, different)
            if not d.tied[f]:
                m[1, f, levels] = _around(rng, n, 0.7, different)
    given = d.names.index("child_given_name")  # that twins have other names is known, not learned
    m[1, given] = model.first_guess(d, 2, 2, with_siblings=True).m[1, given]
    date = d.names.index("birth_date")
    m[2, date, 1:] = 1e-12
    m[2, date, 1:8] = _around(rng, 7, 0.95, 6)
    return Truth(d, m, u)


def _own_levels(comparison: Comparison) -> Int64Array:
    """Levels that the field has by itself, "missing" and those in context left out."""
    texts = LEVELS[comparison] if comparison is Comparison.DATE else LEVELS[comparison][:7]
    return np.array([level for level, text in enumerate(texts) if level > 0 and text])


def _around(rng: np.random.Generator, n: int, share: float, top: int) -> Float64Array:
    """(n,) probabilities: `share` for one level, the rest at random."""
    p = rng.dirichlet(np.full(n - 1, 3.0)) * (1.0 - share)
    return np.insert(p, top, share)


def levels(t: Truth, kind: int, n: int, missing: float, rng: np.random.Generator) -> Int8Array:
    """(n, n_fields) levels of pairs of a class, 3 for unrelated; each field is missing in that share of pairs."""
    out = np.zeros((n, len(FIELDS)), dtype=np.int8)
    for f, (name, comparison) in enumerate(FIELDS.items()):
        p = t.m[kind, f] if kind < 3 and t.design.uses[kind, f] else t.u[f]
        group = model.groups(comparison)[0]
        out[:, f] = group.start + rng.choice(group.stop - group.start, n, p=p[group] / p[group].sum())
        if name == IN_CONTEXT:
            here = rng.random(n) < 0.5
            out[here, f] = 7 + rng.choice(3, int(here.sum()), p=p[7:10] / p[7:10].sum())
    out[rng.random(out.shape) < missing] = 0
    return out


def log_u(t: Truth, of: Int8Array) -> Float64Array:
    """(n_pairs, 3) log P(levels | unrelated) over the fields that each class uses."""
    log = np.where(of > 0, np.log(t.u[np.arange(of.shape[1]), of]), 0.0)
    return np.stack([log[:, uses].sum(axis=1) for uses in t.design.uses], axis=1)


def used_levels(t: Truth) -> BoolArray:
    """(n_fields, n_levels) whether pairs at that level are ever drawn."""
    used: BoolArray = t.u > 1e-9
    used[:, 0] = False
    used[:, 10:] = False
    others = [f for f, (name, kind) in enumerate(FIELDS.items()) if name != IN_CONTEXT and kind is not Comparison.DATE]
    used[others, 7:] = False
    return used
