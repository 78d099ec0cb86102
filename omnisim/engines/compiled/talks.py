"""Talks whose end may be planned anew, because the contacts that an agent has in hand slow each other down.

Their ends have a heap of their own in which each talk knows its place.  The talks of an agent are a list linked through rows.
Told independently of `engines/reference/talks.py`.
"""

from typing import Any

from omnisim.engines.compiled.heaps import call_off, event, set_timer
from omnisim.jit import njit, whole
from omnisim.rules.serving import ends_at, slowdown_of, work_left_s
from omnisim.words import Kind

SERVICE_END = int(Kind.SERVICE_END)
NOBODY = -1


@njit()
def begin_talk(
    j: int, a: int, talk: float, people: Any, touches: Any, talks: Any, ends: Any, agents: Any, slows: Any, slowdown: Any, run: Any
) -> None:
    """Agent `a` begins to talk with contact `j`, for `talk` seconds if nothing slows him down."""
    agent = agents[a]
    mine = talks[j]
    mine["factor"] = slowdown_of(slows, slowdown, whole(agent["pool"]), whole(touches[j]["channel"]), whole(agent["load"]))
    mine["before"] = NOBODY
    mine["next"] = agent["talk"]
    if agent["talk"] != NOBODY:
        talks[agent["talk"]]["before"] = j
    agent["talk"] = j
    when = ends_at(run[0]["now"], talk, mine["factor"])
    set_timer(ends, run[0]["ends"], when, event(SERVICE_END, j), people, touches, talks)
    run[0]["ends"] += 1
    replan(a, people, touches, talks, ends, agents, slows, slowdown, run)


@njit(inline=True)
def end_talk(j: int, a: int, talks: Any, agents: Any) -> None:
    """Agent `a` talks with contact `j` no more."""
    mine = talks[j]
    if mine["before"] == NOBODY:
        agents[a]["talk"] = mine["next"]
    else:
        talks[mine["before"]]["next"] = mine["next"]
    if mine["next"] != NOBODY:
        talks[mine["next"]]["before"] = mine["before"]


@njit()
def replan(a: int, people: Any, touches: Any, talks: Any, ends: Any, agents: Any, slows: Any, slowdown: Any, run: Any) -> None:
    """What agent `a` has in hand has changed: each of his talks ends when the work that is left of it is done."""
    now = run[0]["now"]
    n = run[0]["ends"]
    pool = whole(agents[a]["pool"])
    load = whole(agents[a]["load"])
    j = whole(agents[a]["talk"])
    while j != NOBODY:
        mine = talks[j]
        factor = slowdown_of(slows, slowdown, pool, whole(touches[j]["channel"]), load)
        if factor != mine["factor"]:
            left = work_left_s(ends[mine["timer"]]["when"], now, mine["factor"])
            call_off(ends, n, whole(mine["timer"]), people, touches, talks)
            set_timer(ends, n - 1, ends_at(now, left, factor), event(SERVICE_END, j), people, touches, talks)
            mine["factor"] = factor
        j = whole(mine["next"])
