"""Small service systems solved exactly, so that a simulation can be checked on numbers of one's own.

    NModel     two classes, one pool for the first and one for both; priority, abandonment
    Redials    callers who give up and call again
    TalkWrap   after-contact work that keeps the agent, not the caller

Arrivals are Poisson, all durations exponential; any one unit of time.  Queues are cut at `room` waiting places, far beyond
where anybody stands; `cut` says how likely the edge is, and a result with more than 1e-9 there is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnisim.staffing.chain import State, SteadyState, steady_state

EDGE = 1e-9


@dataclass(frozen=True)
class ClassResult:
    """p_wait: share that finds no agent for it; p_abandon; wait_mean over all, to service or giving up, units of time."""

    p_wait: float
    p_abandon: float
    wait_mean: float


@dataclass(frozen=True)
class NModelResult:
    """first, second: the two classes; occupancy_a, occupancy_b of the pools; first_by_b: share of served first-class contacts."""

    first: ClassResult
    second: ClassResult
    occupancy_a: float
    occupancy_b: float
    first_by_b: float
    cut: float


def n_model(
    arrivals: tuple[float, float],
    agents: tuple[int, int],
    means: tuple[float, float, float],
    patience: tuple[float, float],
    room: int = 40,
) -> NModelResult:
    """Overflow with priority and abandonment: pool A serves class 1, pool B both.

    arrivals: of class 1 and 2, per unit of time; agents: in A and B; means: of a contact of class 1 at A, 1 at B, 2 at B;
    patience: means of class 1 and 2.  Class 1 asks A first, then B; a freed agent of B takes class 1 first; within a class
    first come first served.  Source: balance equations.  Raises ValueError where `room` is too small.

    >>> r = n_model(arrivals=(3, 2), agents=(3, 3), means=(1, 1, 1), patience=(2, 2))
    >>> round(r.first.p_wait, 6), round(r.second.p_abandon, 6), round(r.first_by_b, 6)
    (0.329847, 0.198977, 0.26665)
    """
    lam1, lam2 = arrivals
    at_a, at_b = agents
    serve_a, serve_b1, serve_b2 = (1 / m for m in means)
    leave1, leave2 = (1 / p for p in patience)

    def moves(state: State) -> Iterator[tuple[State, float]]:
        a, b1, b2, q1, q2 = state  # class 1 at A, at B; class 2 at B; waiting of class 1 and 2
        if a < at_a:
            yield (a + 1, b1, b2, q1, q2), lam1
        elif b1 + b2 < at_b:
            yield (a, b1 + 1, b2, q1, q2), lam1
        elif q1 < room:
            yield (a, b1, b2, q1 + 1, q2), lam1
        if b1 + b2 < at_b:
            yield (a, b1, b2 + 1, q1, q2), lam2
        elif q2 < room:
            yield (a, b1, b2, q1, q2 + 1), lam2
        yield (a, b1, b2, q1 - 1, q2) if q1 else (a - 1, b1, b2, q1, q2), a * serve_a
        for rate, left1, left2 in ((b1 * serve_b1, b1 - 1, b2), (b2 * serve_b2, b1, b2 - 1)):
            if q1:
                yield (a, left1 + 1, left2, q1 - 1, q2), rate
            elif q2:
                yield (a, left1, left2 + 1, q1, q2 - 1), rate
            else:
                yield (a, left1, left2, q1, q2), rate
        yield (a, b1, b2, q1 - 1, q2), q1 * leave1
        yield (a, b1, b2, q1, q2 - 1), q2 * leave2

    chain = steady_state((0, 0, 0, 0, 0), moves)
    a, b1, b2, q1, q2 = (chain.counter(i) for i in range(5))
    b_full = b1 + b2 == at_b
    cut = _edge(chain, (q1 == room) | (q2 == room), room)
    served_a, served_b = chain.mean(a) * serve_a, chain.mean(b1) * serve_b1
    return NModelResult(
        ClassResult(chain.mean((a == at_a) & b_full), chain.mean(q1) * leave1 / lam1, chain.mean(q1) / lam1),
        ClassResult(chain.mean(b_full), chain.mean(q2) * leave2 / lam2, chain.mean(q2) / lam2),
        chain.mean(a) / at_a,
        chain.mean(b1 + b2) / at_b,
        served_b / (served_a + served_b),
        cut,
    )


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
    room: int = 60,
    orbit_room: int = 60,
) -> RedialsResult:
    """M/M/c+M where a share `retry` of those who give up calls again after an exponential delay, with fresh patience.

    Source: balance equations of (calls in the system, callers between two attempts).  Raises ValueError where `room` (waiting
    places) or `orbit_room` is too small.

    >>> r = redials(arrival_rate=1.6, service_mean=4, agents=7, patience_mean=2, retry=0.5, delay_mean=10)
    >>> round(r.attempts, 6), round(r.p_abandon, 6), round(r.orbit, 6)
    (1.09982, 0.181521, 1.597122)
    """
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
    cut = _edge(chain, (n == most) | (orbit == orbit_room), room)
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


@dataclass(frozen=True)
class TalkWrapResult:
    """callers: as a class; occupancy: talk and wrap; talk, wrap: each as a share of agent time."""

    callers: ClassResult
    occupancy: float
    talk: float
    wrap: float
    cut: float


def talk_wrap(arrival_rate: float, talk_mean: float, wrap_mean: float, agents: int, patience_mean: float, room: int = 60) -> TalkWrapResult:
    """M/M/c+M whose agents, after each talk, are busy for an exponential wrap-up while the caller is gone.

    Source: balance equations of (talking, wrapping up, waiting).  Raises ValueError where `room` (waiting places) is too small.

    >>> r = talk_wrap(arrival_rate=2, talk_mean=4, wrap_mean=1.5, agents=11, patience_mean=2.5)
    >>> round(r.callers.p_wait, 6), round(r.talk, 6), round(r.wrap, 6)
    (0.461851, 0.626821, 0.235058)
    """

    def moves(state: State) -> Iterator[tuple[State, float]]:
        talk, wrap, queue = state
        if talk + wrap < agents:
            yield (talk + 1, wrap, queue), arrival_rate
        elif queue < room:
            yield (talk, wrap, queue + 1), arrival_rate
        yield (talk - 1, wrap + 1, queue), talk / talk_mean
        yield (talk + 1, wrap - 1, queue - 1) if queue else (talk, wrap - 1, queue), wrap / wrap_mean
        yield (talk, wrap, queue - 1), queue / patience_mean

    chain = steady_state((0, 0, 0), moves)
    talk, wrap, queue = (chain.counter(i) for i in range(3))
    waiting = chain.mean(queue)
    return TalkWrapResult(
        ClassResult(chain.mean(talk + wrap == agents), waiting / patience_mean / arrival_rate, waiting / arrival_rate),
        chain.mean(talk + wrap) / agents,
        chain.mean(talk) / agents,
        chain.mean(wrap) / agents,
        _edge(chain, queue == room, room),
    )


def _edge(chain: SteadyState, at_edge: NDArray[np.bool_], room: int) -> float:
    cut = chain.mean(at_edge)
    if cut > EDGE:
        raise ValueError(f"{cut:.1e} of the time the chain stands at its edge ({room} waiting places): the result would not be exact")
    return cut
