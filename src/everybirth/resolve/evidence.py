"""What is believed before looking at a pair, and how strong a pair's evidence may be."""

from dataclasses import dataclass, field

import numpy as np

from everybirth.tables import Float64Array, Int8Array

ABSENT = -30.0  # log likelihood ratio of two records of one component that were never compared
DECISION = 1000.0  # what a reviewer's decision adds to same_birth: beyond any evidence, so it binds
CERTAIN = 300.0  # log odds of "same delivery" above this are held at it: nothing changes but the range of exp()


@dataclass(frozen=True, slots=True)
class Prior:
    """Log odds before any field is compared.

    merge      two records of different lists are the same birth: -log(effective number of births)
    duplicate  (n_lists,) added for each further record of the same list in one birth:
               log of the list's rate of repeats relative to chance
    delivery   two births are of the same delivery
    plurality  (n_records,) number of children of the delivery that each record states, 0 for none; empty if no list
               has it
    """

    merge: float
    duplicate: Float64Array
    delivery: float
    plurality: Int8Array = field(default_factory=lambda: np.zeros(0, np.int8))
