"""How well the agents of a pool do their work: what they are taught, how a new pool learns, what it may see of a customer.

pace    speed of a pool at a moment: training x ramp
skill   factor of the chance to settle an issue: training x ramp
ramp    start + (1 - start) x time since its beginning / its length, at most 1
"""

from typing import Any

import numpy as np

from omnisim.jit import njit

# one row a pool
TEAM = np.dtype(
    [
        ("hash", "u8"),
        ("rostered", "i8"),  # 1: its agents are individuals with rosters
        ("absence", "f8"),
        ("absence_cv", "f8"),
        ("absence_paid", "i8"),
        ("late", "i8"),  # laws; -1: none
        ("early", "i8"),
        ("access", "i8"),  # what it sees of a customer: 2 all, 1 what its own medium holds, 0 nothing
        ("taught", "i8"),  # 0: speed and skill are 1 for ever
        ("speed", "f8"),
        ("resolve", "f8"),
        ("ramp_from", "f8"),
        ("ramp_s", "f8"),  # 0: no ramp
        ("ramp_speed", "f8"),
        ("ramp_resolve", "f8"),
    ],
    align=True,
)
SEES_ALL, SEES_OWN, SEES_NOTHING = 2, 1, 0


@njit(inline=True)
def learned(t: Any, now: float) -> float:
    """How far a pool's ramp has come at `now`, 0 to 1."""
    if t["ramp_s"] <= 0.0:
        return 1.0
    return min(1.0, max(0.0, (now - t["ramp_from"]) / t["ramp_s"]))


@njit(inline=True)
def pace(team: Any, pool: int, now: float) -> float:
    """Speed of a pool at `now`; exactly 1 where nothing is said."""
    t = team[pool]
    if t["taught"] == 0:
        return 1.0
    speed: float = t["speed"] * (t["ramp_speed"] + (1.0 - t["ramp_speed"]) * learned(t, now))
    return speed


@njit(inline=True)
def skill(team: Any, pool: int, now: float) -> float:
    """Factor of the chance that a contact served at `now` settles the issue; exactly 1 where nothing is said."""
    t = team[pool]
    if t["taught"] == 0:
        return 1.0
    factor: float = t["resolve"] * (t["ramp_resolve"] + (1.0 - t["ramp_resolve"]) * learned(t, now))
    return factor
