"""Linear programs over counts."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from everybirth.tables import Float64Array

SECONDS = 5.0  # for a program in whole numbers, few of which need more than the corner they begin at


@dataclass(frozen=True, slots=True)
class Region:
    """What counts may be: equal @ x = total, least @ x >= floor, lower <= x <= upper."""

    equal: csr_array
    total: Float64Array
    least: csr_array
    floor: Float64Array
    lower: Float64Array
    upper: Float64Array


def solve(cost: Float64Array, region: Region, *, whole: bool = False) -> Float64Array | None:
    """(n,) the x of least cost; None if there is none, or none was found in time.

    cost    (n,)
    whole   whether x must be whole numbers
    """
    constraints = []
    if region.equal.shape[0]:
        constraints.append(LinearConstraint(region.equal, region.total, region.total))
    if region.least.shape[0]:
        constraints.append(LinearConstraint(region.least, region.floor, np.full(len(region.floor), np.inf)))
    found = milp(
        cost,
        integrality=np.full(len(cost), int(whole)),
        bounds=Bounds(region.lower, region.upper),
        constraints=constraints,
        options={"time_limit": SECONDS} if whole else None,
    )
    return None if found.x is None else np.asarray(found.x, dtype=np.float64)
