"""Which open channel somebody free to choose takes: a multinomial logit with Gumbel variates keyed by channel name.

    utility = habit - wait weight x believed wait - effort sensitivity x effort + fit to the need + nudge + Gumbel

An outside option (a competitor, or giving up) is always in the choice.  Because each channel's variate is keyed by its
name, adding a channel moves nobody between the others.  Source: McFadden, Conditional logit analysis (1974).
"""

import math
from typing import Any

import numpy as np

from omnisim.draws import draw, gumbel
from omnisim.jit import njit
from omnisim.own import call_own
from omnisim.words import Purpose

CHOICE_OF = int(Purpose.CHOICE)
OUTSIDE = -1
FREE = -2  # instead of a channel: chosen freely when the time comes
GO = 0  # how a journey goes on; otherwise a `words.End`

# one row a channel: believed wait before any experience (s), effort, nudge; `fit` is an array [goal, channel] of its own
TASTE = np.dtype([("hash", "u8"), ("believed_wait", "f8"), ("effort", "f8"), ("nudge", "f8"), ("own", "i8")], align=True)


@njit(inline=True)
def choose(
    people: Any, i: int, lived: Any, open_now: Any, allowed: Any, tastes: Any, habit: Any, fit: Any, segments: Any,
    wait_weight: float, outside: float,
) -> int:  # fmt: skip
    """The channel taken, or -1 for the outside option.

    `open_now`, `allowed`: [channel] and [goal, channel], 1 where it may be chosen; `habit`: [segment, channel];
    `wait_weight`: utility lost per second of believed wait.
    """
    p = people[i]
    nth = p["choices"]
    p["choices"] = nth + 1
    best = outside + gumbel(draw(p["key0"], p["key1"], CHOICE_OF, 0, nth))
    taken = OUTSIDE
    for c in range(tastes.shape[0]):
        if open_now[c] == 0 or allowed[p["goal"], c] == 0:
            continue
        wait = lived[i, c] if lived[i, c] >= 0.0 else tastes[c]["believed_wait"]
        value = habit[p["segment"], c] - wait_weight * wait - segments[p["segment"]]["effort"] * tastes[c]["effort"]
        value += fit[p["goal"], c] + tastes[c]["nudge"]
        if tastes[c]["own"] != 0:  # a person's own rule has the last word
            who = (value, wait, float(p["goal"]), float(p["segment"]), float(p["contacts"]), float(p["failures"]))
            value = call_own(tastes[c]["own"], who)
        if value == -math.inf:
            continue
        value += gumbel(draw(p["key0"], p["key1"], CHOICE_OF, tastes[c]["hash"], nth))
        if value > best:
            best = value
            taken = c
    return taken
