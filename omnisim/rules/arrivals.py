"""When the next customer of a source comes: one keyed unit-rate Poisson process, its time bent by the rate.

    pieces of constant rate        |--r0--|----r1----|r2|      (times the day's busyness, times `keep` for a thinning surge)
    unit-rate moments              E1, E1+E2, ...              (gap of customer k keyed by k)
    arrival of customer k          the t at which the rate has accumulated to E1 + ... + Ek

Customer k is therefore the same person at every level of demand; only his moment moves.  Source: Cinlar, Introduction to
Stochastic Processes (1975), theorem 4.7.4 (time change of a non-homogeneous Poisson process).
"""

import math
from typing import Any

import numpy as np

from omnisim.draws import U, customer_key, draw, threefry2x64
from omnisim.jit import njit
from omnisim.laws import gamma_inverse
from omnisim.words import Purpose

PIECE = np.dtype([("start", "f8"), ("end", "f8"), ("rate", "f8"), ("keep", "f8"), ("day", "i8")], align=True)
SOURCE = np.dtype(
    [
        ("hash", "u8"),
        ("stream", "i8"),
        ("batch", "i8"),  # 1: `size` customers at the one moment `time`
        ("first", "i8"),  # pieces [first, last)
        ("last", "i8"),
        ("day", "i8"),
        ("time", "f8"),
        ("size", "f8"),
    ],
    align=True,
)
# where a source stands: next customer, unit-rate moment of the last one and his key, rate accumulated before `piece`
STATE = np.dtype([("k", "i8"), ("piece", "i8"), ("target", "f8"), ("area", "f8"), ("key0", "u8"), ("key1", "u8")], align=True)

GAP = int(Purpose.GAP)
THIN = int(Purpose.THIN)
BUSYNESS = int(Purpose.BUSYNESS)


@njit(inline=True)
def day_factor(seed: int, day: int, cv: float) -> float:
    """The common busyness of one day: a gamma variate of mean 1 and coefficient of variation `cv`; exactly 1 at cv 0."""
    if cv == 0.0:
        return 1.0
    key0, key1 = threefry2x64(U(seed), U(BUSYNESS), U(day), U(0))
    shape = 1.0 / (cv * cv)
    return gamma_inverse(draw(key0, key1, BUSYNESS, 0, 0), shape) / shape


@njit(inline=True)
def start_sources(sources: Any, state: Any) -> None:
    """Put every source before its first customer."""
    for s in range(sources.shape[0]):
        state[s]["k"] = 0
        state[s]["piece"] = sources[s]["first"]
        state[s]["target"] = 0.0
        state[s]["area"] = 0.0


@njit(inline=True)
def next_arrival(seed: int, s: int, sources: Any, pieces: Any, state: Any, factors: Any) -> float:
    """Moment (s) of the next customer of source `s`, infinite when there is none; state[s] then holds his k + 1 and his key."""
    source = sources[s]
    now = state[s]
    if source["batch"] == 1 and now["k"] >= math.floor(source["size"] * factors[source["day"]] + 0.5):
        return math.inf
    while True:
        k = now["k"]
        key0, key1 = customer_key(seed, source["hash"], k, 0)
        now["key0"] = key0
        now["key1"] = key1
        if source["batch"] == 1:
            now["k"] = k + 1
            return source["time"]
        now["target"] += -math.log1p(-draw(key0, key1, GAP, 0, 0))
        now["k"] = k + 1
        p = now["piece"]
        while p < source["last"]:
            piece = pieces[p]
            rate = piece["rate"] * factors[piece["day"]]
            area = rate * (piece["end"] - piece["start"])
            if now["area"] + area > now["target"]:
                break
            now["area"] += area
            p += 1
        now["piece"] = p
        if p == source["last"]:
            return math.inf
        piece = pieces[p]
        if piece["keep"] < 1.0 and draw(key0, key1, THIN, 0, 0) >= piece["keep"]:
            continue
        when = piece["start"] + (now["target"] - now["area"]) / (piece["rate"] * factors[piece["day"]])
        return min(when, piece["end"])
