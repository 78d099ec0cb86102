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
    j: int,
    a: int,
    talk: float,
    speed: float,
    people: Any,
    touches: Any,
    talks: Any,
    ends: Any,
    agents: Any,
    slows: Any,
    slowdown: Any,
    run: Any,
) -> None:
    """Agent `a` begins to talk with contact `j` at this speed, for `talk` seconds if nothing slows him down."""
    agent = agents[a]
    mine = talks[j]
    mine["factor"] = slowdown_of(slows, slowdown, whole(agent["pool"]), whole(touches[j]["channel"]), whole(agent["load"]))
    mine["speed"] = speed
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


@njit(inline=True)
def first_talk(a: int, touches: Any, talks: Any, ends: Any, agents: Any, now: float) -> int:
    """Of the talks of agent `a` that do not end this instant, that of the earliest customer; or NOBODY."""
    first = NOBODY
    j = whole(agents[a]["talk"])
    while j != NOBODY:
        mine, best = touches[j], touches[max(first, 0)]
        earlier = first == NOBODY or (mine["customer"], mine["serial"]) < (best["customer"], best["serial"])
        if earlier and ends[talks[j]["timer"]]["when"] > now:
            first = j
        j = whole(talks[j]["next"])
    return first


@njit(inline=True)
def stop_talk(j: int, a: int, people: Any, touches: Any, talks: Any, ends: Any, agents: Any, run: Any) -> None:
    """The shift of agent `a` is over: his talk with `j` ends before its time."""
    mine = talks[j]
    mine["left"] = work_left_s(ends[mine["timer"]]["when"], run[0]["now"], mine["factor"]) * mine["speed"]
    call_off(ends, run[0]["ends"], whole(mine["timer"]), people, touches, talks)
    run[0]["ends"] -= 1
    end_talk(j, a, talks, agents)


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
