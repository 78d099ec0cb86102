"""Textbook queues beyond Erlang: two or more priorities, any service time, networks of channels, time-varying demand.

priorities   who waits, by class              pollaczek_khinchine   one agent, any service law
jackson      channels that send customers on  absorbing             where a journey ends
mt_g_infinity  people in service when nobody ever waits, under demand that moves
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from omnisim.staffing.durations import Duration, Floats
from omnisim.staffing.erlang import ErlangC


@dataclass(frozen=True)
class Priorities:
    """Mean waits of M/M/c with priorities, non-preemptive, equal service means; class 0 comes first.

    waits: array [class], units of time; fifo: the same customers served in order of arrival; p_wait: share delayed.
    """

    waits: Floats
    fifo: float
    p_wait: float


def priorities(arrival_rates: Sequence[float], service_mean: float, agents: int) -> Priorities:
    """Waits by class.  arrival_rates: per unit of time, the most urgent class first.

    W_k = W_0 / ((1 - s_{k-1}) (1 - s_k)), s_k the load per agent of classes 0..k, W_0 = C / (c mu).
    Source: Cobham (1954), Davis (1966), Kella & Yechiali (1985).  Raises ValueError where the load reaches the agents.

    >>> p = priorities([0.6, 0.7], service_mean=5, agents=8)
    >>> p.waits.round(6).tolist(), round(p.fifo, 6)
    ([0.485045, 2.586905], 1.616816)
    """
    rates = np.asarray(arrival_rates, float)
    together = ErlangC(float(rates.sum()), service_mean, agents)
    load = np.concatenate([[0.0], np.cumsum(rates) * service_mean / agents])
    first = together.p_wait * service_mean / agents
    return Priorities(first / ((1 - load[:-1]) * (1 - load[1:])), together.wait_mean, together.p_wait)


def pollaczek_khinchine(arrival_rate: float, service_mean: float, service_cv: float) -> tuple[float, float]:
    """Mean wait (units of time) and mean number waiting of M/G/1: W = rho / (1 - rho) x mean (1 + cv^2) / 2.

    Source: Pollaczek (1930), Khinchine (1932).  Raises ValueError where the load reaches 1.

    >>> pollaczek_khinchine(0.15, 5, 1.5)
    (24.375, 3.65625)
    """
    load = arrival_rate * service_mean
    if not 0 <= load < 1:
        raise ValueError(f"a load of {load:g} on one agent: the queue grows without bound")
    wait = load / (1 - load) * service_mean * (1 + service_cv**2) / 2
    return wait, arrival_rate * wait


@dataclass(frozen=True)
class Network:
    """Channels in steady state.  nodes: one ErlangC a channel; number: mean number there, waiting or served [channel]."""

    nodes: tuple[ErlangC, ...]
    number: Floats
    visits: float  # channel visits per customer
    sojourn: float  # mean time from arrival to leaving for good, units of time


def jackson(external: Sequence[float], switch: ArrayLike, service_means: Sequence[float], agents: Sequence[int]) -> Network:
    """Open network of exponential channels with Poisson arrivals from outside.

    external: arrivals per unit of time [channel]; switch: share of those served at i that go on to j [channel, channel];
    service_means: units of time [channel]; agents [channel].  Source: J. R. Jackson (1957): rates solve x = external + x P,
    and each channel behaves as an M/M/c of its own.  Raises ValueError where one of them is overloaded.

    >>> n = jackson([1, 0], [[0, 0.5], [0, 0]], [0.5, 0.5], [1, 1])
    >>> [round(x.arrival_rate, 3) for x in n.nodes], n.visits
    ([1.0, 0.5], 1.5)
    """
    outside, moves = np.asarray(external, float), np.asarray(switch, float)
    rates = np.linalg.solve(np.eye(len(outside)) - moves.T, outside)
    nodes = tuple(ErlangC(float(r), m, c) for r, m, c in zip(rates, service_means, agents, strict=True))
    number = np.array([q.queue_mean + q.offered for q in nodes])
    return Network(nodes, number, float(rates.sum() / outside.sum()), float(number.sum() / outside.sum()))


def absorbing(switch: ArrayLike, convert: Sequence[float]) -> Floats:
    """Probability to convert in the end, by the channel where the journey starts [channel].

    switch: as in `jackson`; convert: share of visits to i that convert and leave [channel].  Solves y = convert + P y.

    >>> absorbing([[0, 0.5], [0, 0]], [0.2, 0.4]).tolist()
    [0.4, 0.4]
    """
    moves = np.asarray(switch, float)
    return np.asarray(np.linalg.solve(np.eye(len(moves)) - moves, np.asarray(convert, float)))


def mt_g_infinity(at: ArrayLike, starts: Sequence[float], rates: Sequence[float], service: Duration) -> Floats:
    """Mean number in service at moments `at`, when everybody is served at once; empty before starts[0].

    starts: when each piece of the arrival rate begins, ascending, units of time [piece]; rates: per unit of time [piece], the
    last piece goes on for ever.  The number is Poisson with this mean.
    Source: Eick, Massey & Whitt, Management Science 39 (1993): m(t) = E[integral of lambda over (t - S, t]].

    >>> from omnisim.staffing.durations import exponential
    >>> mt_g_infinity([1.0, 50.0], [0.0], [10.0], exponential(2.0)).round(6).tolist()
    [7.869387, 20.0]
    """
    t = np.asarray(at, float)[..., None]
    begin = np.asarray(starts, float)
    end = np.append(begin[1:], np.inf)
    since_begin, since_end = np.maximum(t - begin, 0.0), np.maximum(t - end, 0.0)
    return np.asarray((np.asarray(rates, float) * (service.area(since_begin) - service.area(since_end))).sum(axis=-1))
