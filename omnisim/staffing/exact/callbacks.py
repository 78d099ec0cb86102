"""Who must wait may leave a number instead, and is called when agents are spare."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from omnisim.staffing.chain import State, steady_state
from omnisim.staffing.exact.edge import ClassResult, at_edge, widened


@dataclass(frozen=True)
class Callbacks:
    """callers: as a class, over all arrivals (who left a number waited 0 on the line, and counts in p_wait); p_callback: share of
    arrivals that left a number; callback_wait: their mean time until they are called, units of time; occupancy; open_mean: mean
    number of callbacks not yet begun."""

    callers: ClassResult
    p_callback: float
    callback_wait: float
    occupancy: float
    open_mean: float
    cut: float


def callbacks(
    arrival_rate: float,
    service_mean: float,
    agents: int,
    patience_mean: float,
    accept: float,
    offer_at: int = 0,
    spare: int = 0,
    room: int | None = None,
    list_room: int | None = None,
) -> Callbacks:
    """M/M/c+M with callbacks: an arrival that finds no free agent and at least `offer_at` callers waiting is offered one, takes it
    with probability `accept`, else waits on the line.  A freed agent takes a waiting caller first; with nobody waiting, the
    oldest callback while more than `spare` agents are idle.

    arrival_rate: per unit of time; service_mean (of a call and of a callback), patience_mean: units of time; everybody called
    answers.  State: (calls in hand or waiting, callbacks to make).  Source: balance equations; setting of Armony & Maglaras,
    Operations Research 52 (2004).
    room, list_room: most who wait and most callbacks to make, None: as many as it takes; a given one that is too small is a ValueError.

    >>> c = callbacks(arrival_rate=2, service_mean=4, agents=9, patience_mean=2, accept=0.5)
    >>> round(c.callers.p_wait, 6), round(c.callers.p_abandon, 6), round(c.p_callback, 6), round(c.callback_wait, 6)
    (0.492272, 0.058072, 0.246136, 2.751161)
    """
    if not (0 <= accept <= 1 and 0 <= spare < agents and offer_at >= 0):
        raise ValueError("accept is a share, offer_at at least 0, spare at least 0 and less than the agents")
    said = (arrival_rate, service_mean, agents, patience_mean, accept, offer_at, spare)
    if list_room is None:
        return widened(lambda list_room: callbacks(*said, room, list_room), list_room=30)
    if room is None:
        return widened(lambda room: callbacks(*said, room, list_room), room=30)
    most = agents + room

    def moves(state: State) -> Iterator[tuple[State, float]]:
        n, listed = state
        taking = accept if n - agents >= offer_at else 0.0
        if n < agents:
            yield (n + 1, listed), arrival_rate
        else:
            if n < most:
                yield (n + 1, listed), arrival_rate * (1 - taking)
            if listed < list_room:
                yield (n, listed + 1), arrival_rate * taking
        idle_after = agents - n + 1
        call = n <= agents and listed > 0 and idle_after > spare
        yield (n, listed - 1) if call else (n - 1, listed), min(n, agents) / service_mean
        yield (n - 1, listed), max(0, n - agents) / patience_mean

    chain = steady_state((0, 0), moves)
    n, listed = chain.counter(0), chain.counter(1)
    waiting = chain.mean(np.maximum(n - agents, 0))
    taken = accept * chain.mean(n - agents >= offer_at)
    return Callbacks(
        ClassResult(chain.mean(n >= agents), waiting / patience_mean / arrival_rate, waiting / arrival_rate),
        taken,
        chain.mean(listed) / (arrival_rate * taken) if taken > 0 else 0.0,
        chain.mean(np.minimum(n, agents)) / agents,
        chain.mean(listed),
        at_edge(chain, n == most, room) + at_edge(chain, listed == list_room, list_room, "list_room"),
    )
