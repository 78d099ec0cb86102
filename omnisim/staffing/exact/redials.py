"""Callers who give up and call again."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from omnisim.staffing.chain import State, steady_state
from omnisim.staffing.exact.edge import at_edge, widened


@dataclass(frozen=True)
class RedialsResult:
    """Per attempt: p_wait, p_abandon, wait_mean.  Per fresh caller: attempts, served (share in the end).  orbit: mean number
    between two attempts."""

    p_wait: float
    p_abandon: float
    wait_mean: float
    attempts: float
    served: float
    occupancy: float
    orbit: float
    cut: float


def redials(
    arrival_rate: float,
    service_mean: float,
    agents: int,
    patience_mean: float,
    retry: float,
    delay_mean: float,
    room: int | None = None,
    orbit_room: int | None = None,
) -> RedialsResult:
    """M/M/c+M where a share `retry` of those who give up calls again after an exponential delay, with fresh patience.

    Source: balance equations of (calls in the system, callers between two attempts).
    room, orbit_room: most who wait and most between two attempts, None: as many as it takes; a given one too small is a ValueError.

    >>> r = redials(arrival_rate=1.6, service_mean=4, agents=7, patience_mean=2, retry=0.5, delay_mean=10)
    >>> round(r.attempts, 6), round(r.p_abandon, 6), round(r.orbit, 6)
    (1.09982, 0.181521, 1.597122)
    """
    said = (arrival_rate, service_mean, agents, patience_mean, retry, delay_mean)
    if orbit_room is None:
        return widened(lambda orbit_room: redials(*said, room, orbit_room), orbit_room=30)
    if room is None:
        return widened(lambda room: redials(*said, room, orbit_room), room=30)
    serve, leave, back = 1 / service_mean, 1 / patience_mean, 1 / delay_mean
    most = agents + room

    def moves(state: State) -> Iterator[tuple[State, float]]:
        n, orbit = state
        if n < most:
            yield (n + 1, orbit), arrival_rate
            if orbit:
                yield (n + 1, orbit - 1), orbit * back
        if n:
            yield (n - 1, orbit), min(n, agents) * serve
        if n > agents:
            gone = (n - agents) * leave
            yield (n - 1, min(orbit + 1, orbit_room)), gone * retry
            yield (n - 1, orbit), gone * (1 - retry)

    chain = steady_state((0, 0), moves)
    n, orbit = chain.counter(0), chain.counter(1)
    cut = at_edge(chain, n == most, room) + at_edge(chain, orbit == orbit_room, orbit_room, "orbit_room")
    waiting = chain.mean(np.maximum(n - agents, 0))
    attempts = arrival_rate + chain.mean(orbit) * back
    # who comes back does not come at a random moment, so the delayed are counted by the rate at which each state sends them
    delayed = chain.mean((n >= agents) * (arrival_rate + orbit * back))
    return RedialsResult(
        delayed / attempts,
        waiting * leave / attempts,
        waiting / attempts,
        attempts / arrival_rate,
        1 - (1 - retry) * waiting * leave / arrival_rate,
        chain.mean(np.minimum(n, agents)) / agents,
        chain.mean(orbit),
        cut,
    )
