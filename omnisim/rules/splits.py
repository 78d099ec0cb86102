"""Which lines of an order are sent from which nodes: parcels.

    cost f8[node, line]   what a line costs from a node; infinite: it cannot be sent from there
    opening f8[node]      what a parcel from a node costs, whatever is in it
    rank f8[node]         what comes before cost: of two ways of sending an order the one whose worst node ranks lower
    add_up                1: the ranks of the nodes add up; each 1: fewer parcels come before cost

Every set of nodes is tried, each line from the cheapest node of the set, so the choice is exact; of equal ones the first.  Worked: two
lines, two nodes; the first node has both lines at 1 and 5, the second has the second line at 1, and a parcel costs 3.  Both from
the first: 3 + 1 + 5 = 9; one from each: 6 + 1 + 1 = 8, so the cost is least with two parcels, and with one it is 9.

>>> import numpy as np
>>> choice, trial = np.zeros(2, np.int64), np.zeros(2, np.int64)
>>> cost = np.array([[1.0, 5.0], [np.inf, 1.0]])
>>> assign(cost, np.full(2, 3.0), np.zeros(2), 2, 0, choice, trial), choice.tolist()
(8.0, [0, 1])
>>> assign(cost, np.full(2, 3.0), np.ones(2), 2, 1, choice, trial), choice.tolist()
(9.0, [0, 0])
"""

import math
from typing import Any

from omnisim.jit import njit

MOST_SETS = 12  # nodes of which every set is tried


@njit()
def assign(cost: Any, opening: Any, rank: Any, lines: int, add_up: int, choice: Any, trial: Any) -> float:
    """The cost of the best way of sending `lines` lines, and in `choice` the node of each; infinite: there is none.

    `choice`, `trial`: i8[>= lines].
    """
    nodes = cost.shape[0]
    best = math.inf
    best_rank = math.inf
    for s in range(1, 1 << nodes):
        total = 0.0
        worst = 0.0
        for n in range(nodes):
            if (s >> n) & 1 == 1:
                total += opening[n]
                worst = worst + rank[n] if add_up == 1 else max(worst, rank[n])
        for line in range(lines):
            least = math.inf
            for n in range(nodes):
                if (s >> n) & 1 == 1 and cost[n, line] < least:
                    least = cost[n, line]
                    trial[line] = n
            total += least
        if total < math.inf and (worst < best_rank or (worst == best_rank and total < best)):
            best = total
            best_rank = worst
            for line in range(lines):
                choice[line] = trial[line]
    return best


@njit()
def nearest(cost: Any, miles: Any, lines: int, choice: Any) -> bool:
    """Each line from the nearest node that can send it, in `choice`; False where one cannot be sent.  `miles` f8[node]."""
    for line in range(lines):
        least = math.inf
        choice[line] = -1
        for n in range(cost.shape[0]):
            if cost[n, line] < math.inf and miles[n] < least:
                least = miles[n]
                choice[line] = n
        if choice[line] < 0:
            return False
    return True
