"""Who is where by his roster: on duty, on a break, in training, late or absent.

    stretches of a roster + luck  -->  moments at which what an agent is to do changes

Luck is keyed by pool, agent's number and day (a late start by the shift's beginning), so that another pool, another agent or
a longer run moves nobody's.  What happens to an agent who is busy at such a moment is the engines' affair.
"""

from typing import Any

import numpy as np

from omnisim.draws import U, customer_key, draw, threefry2x64
from omnisim.jit import njit
from omnisim.laws import gamma_inverse, sample
from omnisim.words import Duty, Purpose

# a stretch of an agent's roster; of one agent in order of time, never overlapping
STRETCH = np.dtype(
    [
        ("pool", "i4"),
        ("number", "i4"),
        ("day", "i4"),  # civil day on which it begins, 1: the first of the run
        ("second", "i4"),  # of that day
        ("start", "f8"),
        ("end", "f8"),
        ("training", "i4"),  # 1: in training or meetings all the time
        ("begins", "i2"),  # 1: he comes at its start
        ("ends", "i2"),  # 1: he goes at its end
        ("first", "i8"),  # breaks [first, upto)
        ("upto", "i8"),
    ],
    align=True,
)
REST = np.dtype([("start", "f8"), ("end", "f8"), ("paid", "i8")], align=True)
MOVE = np.dtype([("time", "f8"), ("pool", "i8"), ("number", "i8"), ("duty", "i8")], align=True)

ABSENT = int(Purpose.ABSENT)
ABSENT_DAY = int(Purpose.ABSENT_DAY)
LATE_START = int(Purpose.LATE_START)
EARLY_END = int(Purpose.EARLY_END)
OFF = 0
ON = int(Duty.ON)
BREAK = int(Duty.BREAK)
PAID_BREAK = int(Duty.PAID_BREAK)
TRAINING = int(Duty.TRAINING)
MISSING = int(Duty.MISSING)
AWAY = int(Duty.ABSENT)
PAID_AWAY = int(Duty.PAID_ABSENT)


@njit(inline=True)
def absence_factor(seed: int, day: int, cv: float) -> float:
    """A day's common factor of absence, for all pools from one draw: gamma with mean 1; exactly 1 at cv 0."""
    if cv == 0.0:
        return 1.0
    key0, key1 = threefry2x64(U(seed), U(ABSENT_DAY), U(day), U(0))
    shape = 1.0 / (cv * cv)
    return gamma_inverse(draw(key0, key1, ABSENT_DAY, 0, 0), shape) / shape


@njit()
def _say(moves: Any, n: int, time: float, pool: int, number: int, duty: int) -> int:
    """From `time` on an agent is to do this; of two words for one moment the later one holds.  Returns the number of moves."""
    if n > 0 and moves[n - 1]["pool"] == pool and moves[n - 1]["number"] == number and moves[n - 1]["time"] >= time:
        n -= 1
    move = moves[n]
    move["time"] = time
    move["pool"] = pool
    move["number"] = number
    move["duty"] = duty
    return n + 1


@njit()
def roster_moves(seed: int, stretches: Any, rests: Any, team: Any, laws: Any, points: Any, moves: Any) -> int:
    """What every agent is to do and from when: rows of `moves` (MOVE), agent by agent; returns how many.

    Room for 4 rows a stretch and 2 a break is needed.  An agent who comes later than his shift ends misses all of it.
    """
    n = 0
    pool = number = day = -1
    away = False
    for i in range(stretches.shape[0]):
        s = stretches[i]
        t = team[s["pool"]]
        key0, key1 = customer_key(seed, t["hash"], s["number"], 0)
        if t["absence"] > 0.0 and (s["pool"] != pool or s["number"] != number or s["day"] != day):
            chance = t["absence"] * absence_factor(seed, s["day"], t["absence_cv"])
            away = draw(key0, key1, ABSENT, 0, s["day"]) < chance
        elif t["absence"] <= 0.0:
            away = False
        pool = s["pool"]
        number = s["number"]
        day = s["day"]
        if away:
            n = _say(moves, n, s["start"], pool, number, PAID_AWAY if t["absence_paid"] == 1 else AWAY)
            n = _say(moves, n, s["end"], pool, number, OFF)
            continue
        shift = s["day"] * 131072 + s["second"]
        begin = s["start"]
        if s["begins"] == 1 and t["late"] >= 0:
            begin = min(begin + sample(laws, points, t["late"], draw(key0, key1, LATE_START, 0, shift)), s["end"])
        end = s["end"]
        if s["ends"] == 1 and t["early"] >= 0:
            end = max(end - sample(laws, points, t["early"], draw(key0, key1, EARLY_END, 0, shift)), begin)
        work = TRAINING if s["training"] == 1 else ON
        n = _say(moves, n, s["start"], pool, number, MISSING)
        n = _say(moves, n, begin, pool, number, work)
        for k in range(s["first"], s["upto"]):
            low = max(rests[k]["start"], begin)
            high = min(rests[k]["end"], end)
            if low < high:
                n = _say(moves, n, low, pool, number, PAID_BREAK if rests[k]["paid"] == 1 else BREAK)
                n = _say(moves, n, high, pool, number, work)
        n = _say(moves, n, end, pool, number, MISSING)
        n = _say(moves, n, s["end"], pool, number, OFF)
    return n
