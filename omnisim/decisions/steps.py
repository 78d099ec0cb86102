"""In which order to take parts of a strategy, where what they are worth is not known: the order of least regret.

    worth of every set of steps f8[set, point] --an order, and where to stop--> worth over the stages --> regret at each point

Each step takes a stage; in stage k what the first k steps have brought is earned.  Regret at a point: what the best order (and stop)
would have earned there more.  Chosen is the order whose greatest regret is least (Savage, J. Am. Stat. Assoc. 46 (1951) 55-67);
among equals the one of least mean regret.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Order:
    """Steps to take, in order; the others are left.  Regret in the unit of worth: at worst, and on the mean."""

    steps: tuple[str, ...]
    worst: float
    mean: float


@dataclass(frozen=True)
class Steps:
    """The order of least regret; beside it, to take none, all in the order of the file, and how often each order is the best."""

    names: tuple[str, ...]
    best: Order
    none: Order
    all: Order
    first: tuple[tuple[str, float], ...]  # share of points in which it is best to begin with this step ("" = with none)


def least_regret(names: Sequence[str], worth: np.ndarray) -> Steps:
    """`worth` f8[set, point]: set m holds step i where bit i of m is set; worth of a stage in which these steps are taken.

    Two steps and two points; the second step alone never loses, the first one loses at the second point:

    >>> found = least_regret(("hub", "look-up"), np.array([[0.0, 0], [3, -3], [1, 1], [4, -2]]))
    >>> found.best.steps, found.best.worst
    (('look-up', 'hub'), 3.0)
    """
    p = len(names)
    plans = [(order, stop) for order in itertools.permutations(range(p)) for stop in range(p + 1)]
    plans = list({(order[:stop]): (order, stop) for order, stop in plans}.values())  # what comes after the stop is nothing
    earned = np.array([_earned(order[:stop], p, worth) for order, stop in plans])
    regret = earned.max(axis=0) - earned
    made = [
        Order(tuple(names[i] for i in order[:stop]), float(r.max()), float(r.mean()))
        for (order, stop), r in zip(plans, regret, strict=True)
    ]
    scale = 1e-12 * float(np.abs(earned).max() or 1.0)
    best = min(made, key=lambda o: (round(o.worst / scale) * scale, o.mean, len(o.steps)))
    begins = [made[int(i)].steps[:1] for i in earned.argmax(axis=0)]
    shares = [(name, begins.count((name,) if name else ()) / len(begins)) for name in (*names, "")]
    every = next(o for o in made if o.steps == tuple(names))
    none = next(o for o in made if o.steps == ())
    return Steps(tuple(names), best, none, every, tuple(shares))


def _earned(taken: Sequence[int], stages: int, worth: np.ndarray) -> np.ndarray:
    """What is earned over all stages, f8[point]."""
    total = np.zeros(worth.shape[1])
    m = 0
    for stage in range(stages):
        if stage < len(taken):
            m |= 1 << taken[stage]
        total += worth[m]
    return total
