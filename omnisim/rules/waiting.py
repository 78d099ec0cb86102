"""What a customer hears when he has to wait, and what he does about it before he waits.

    announced wait   position in the line x mean handling / agents on duty who could take him, or the last wait that ended (LES)
    balks            at once, if what he hears is longer than his patience x factor: the same patience, no new luck
    called back      if the line or the wait to be expected is long enough to be offered it, and he accepts: no patience from then on
    leaves a message when his wait reaches `after`, unless he gave up before

What he heard is what he believes from then on (free choice), until he lives something else.
Source: Ibrahim & Whitt, Real-time delay estimation based on delay history, M&SOM 11 (2009) 397-415 (LES; the queue-length estimate).
"""

import math
from typing import Any

from omnisim.draws import draw
from omnisim.jit import njit
from omnisim.words import Purpose

BY_QUEUE, LAST_WAIT = 1, 2  # how a wait is estimated
OFFERED, ACCEPTED = 1, 2  # a call back
CALLBACK = int(Purpose.CALLBACK)
LONGEST = 1e9  # s; what is announced where nobody is on duty


@njit()
def announced(by: int, ahead: int, work: float, on_duty: int, last_wait: float) -> float:
    """The wait that is announced, s; `ahead` wait already, `work`: mean handling time, s; `last_wait` of whom an agent took last, s.

    >>> announced(BY_QUEUE, 4, 300.0, 10, 0.0), announced(BY_QUEUE, 4, 300.0, 0, 0.0), announced(LAST_WAIT, 4, 300.0, 10, 77.0)
    (150.0, 1000000000.0, 77.0)
    """
    if by == LAST_WAIT:
        return last_wait
    if on_duty <= 0:
        return LONGEST
    return (ahead + 1) * work / on_duty


@njit(inline=True)
def balks(told: float, patience: float, factor: float) -> bool:
    """Is the announced wait too long for him?"""
    return told > patience * factor


@njit(inline=True)
def is_offered_a_call(c: Any, waiting: int, expected: float) -> bool:
    """Is a call back offered?  `waiting`: how many do already; `expected`: the wait to be expected, s; `c`: row of the channel."""
    return expected > c["wait_above"] or (c["queue_above"] >= 0 and waiting > c["queue_above"])


@njit(inline=True)
def accepts_call(p: Any, t: Any, c: Any) -> bool:
    """Does he accept it?"""
    return c["accept"] > 0.0 and draw(p["key0"], p["key1"], CALLBACK, c["hash"], t["visit"]) < c["accept"]


@njit(inline=True)
def leaves_message(c: Any, patience: float) -> bool:
    """Does he reach the moment at which a message is taken?  `c`: row of the channel."""
    return c["message"] < math.inf and c["message"] <= patience
