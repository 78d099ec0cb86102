"""Routing: who of several agents, which of several contacts, when a pool may help out, and when idle agents are kept.

    find    which agent takes an arriving contact     nth (of the free), may_help (overflow), least_in_hand (reserve)
    pick    which waiting contact a freed agent takes  turn: three numbers; the smallest comes first

The engines tell each for itself who is free and who waits; what they make of it is decided here.
"""

import math
from typing import Any

import numpy as np

from omnisim.draws import draw
from omnisim.jit import njit
from omnisim.words import Contact, Purpose

# one row a pool and channel, beside priority, preference, speed and concurrency
SKILL = np.dtype(
    [
        ("weight", "f8"),  # of a second waited
        ("after", "f8"),  # may be used when the oldest has waited so long, s; infinite: never for that reason
        ("above", "i8"),  # or when more than this many wait; 0: always
        ("join_after", "f8"),  # the same for an agent who has something in hand already: when he may take one more
        ("join_above", "i8"),
    ],
    align=True,
)
ENDLESS = 1 << 62  # `above`: never for that reason
NOBODY_MAY = 1 << 30  # more than anybody has in hand

LONGEST_WAIT = int(Contact.LONGEST_WAIT)
WEIGHTED_WAIT = int(Contact.WEIGHTED_WAIT)
AGEING = int(Contact.AGEING)
AGENT = int(Purpose.AGENT)


@njit(inline=True)
def turn(rule: int, priority: int, weight: float, ageing: float, arrived: float, now: float) -> tuple[float, float, float]:
    """When a waiting contact's turn is, for an agent who gives its channel this priority: compared number by number.

    `ageing`: s of waiting that make up for one rank of priority; a rank that improves steadily orders contacts as their
    moments of arrival put off by priority x ageing do, so that the order of two never changes while they wait.

    >>> turn(AGEING, 3, 1.0, 60.0, 1000.0, 1100.0)
    (1180.0, 3.0, 1000.0)
    >>> turn(WEIGHTED_WAIT, 3, 2.0, 60.0, 1000.0, 1100.0)
    (-200.0, 1000.0, 3.0)
    """
    rank = float(priority)
    if rule == LONGEST_WAIT:
        return arrived, rank, 0.0
    if rule == WEIGHTED_WAIT:
        return (arrived - now) * weight, arrived, rank
    if rule == AGEING:
        return arrived + rank * ageing, rank, arrived
    return rank, arrived, 0.0


@njit(inline=True)
def may_help(after: float, above: int, waiting: int, oldest: float, now: float) -> bool:
    """May a skill be used: do more than `above` wait (who just arrives is one of them), or has the oldest waited `after`?

    >>> may_help(30.0, 5, 5, 100.0, 120.0), may_help(30.0, 5, 6, 100.0, 120.0), may_help(30.0, 5, 1, 100.0, 130.0)
    (False, True, True)
    """
    return waiting > above or now >= oldest + after


@njit(inline=True)
def least_in_hand(idle: int, reserve: int) -> int:
    """The least number in hand of those who may start a message so that `reserve` agents of the pool stay idle.

    >>> least_in_hand(3, 2), least_in_hand(2, 2), least_in_hand(1, 2) == NOBODY_MAY
    (0, 1, True)
    """
    if idle > reserve:
        return 0
    return 1 if idle == reserve else NOBODY_MAY


@njit(inline=True)
def nth(people: Any, i: int, name: Any, visit: int, free: int) -> int:
    """Which of `free` agents, counted from 0, takes this contact where chance decides: one draw a visit, whenever it is asked."""
    p = people[i]
    return min(free - 1, math.floor(draw(p["key0"], p["key1"], AGENT, name, visit) * free))
