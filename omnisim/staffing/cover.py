"""Shifts that cover a need: the cheapest numbers of people on each shift with at least `required` on duty at every moment.

required [moment], shifts [shift, moment]  -->  mixed-integer program  -->  people on each shift, cost
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Cover:
    """people: on each shift; cost: of all of them; on_duty: at each moment."""

    people: tuple[int, ...]
    cost: float
    on_duty: tuple[int, ...]


def cover(required: Sequence[int], shifts: Sequence[Sequence[int]], costs: Sequence[float]) -> Cover:
    """The cheapest cover.  shifts: 1 where a shift is on duty [shift, moment]; costs: of one person on each shift.

    Source: Dantzig (1954), Operations Research 2; solved by HiGHS (scipy.optimize.milp).  Raises ValueError where some moment is covered
    by no shift.

    >>> cover([1, 2, 1], [[1, 1, 0], [0, 1, 1]], [5, 4])
    Cover(people=(1, 1), cost=9.0, on_duty=(1, 2, 1))
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    matrix = np.asarray(shifts, float).T
    found = milp(
        np.asarray(costs, float), constraints=LinearConstraint(matrix, lb=np.asarray(required, float)), integrality=1, bounds=Bounds(lb=0)
    )
    if found.x is None:
        raise ValueError(f"no numbers of people cover this need: {found.message}")
    people = np.rint(found.x).astype(int)
    return Cover(tuple(people.tolist()), float(people @ np.asarray(costs, float)), tuple((matrix @ people).astype(int).tolist()))
