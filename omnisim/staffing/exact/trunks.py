"""M/M/c with finite lines: who finds every line taken is blocked; with balking and patience where there are."""

import math
from dataclasses import dataclass, field

import numpy as np

from omnisim.staffing.durations import Floats
from omnisim.staffing.exact.edge import EDGE, TooNarrow, checked
from omnisim.staffing.exact.tagged import answered_within


@dataclass(frozen=True)
class Trunks:
    """The steady state of a queue by how many are in it.  share: share of time with n calls, in hand or waiting [n].

    Shares of arrivals: p_block, p_wait (found every agent busy and a line free), p_abandon (balking included), all of them of all
    arrivals.  wait_served: mean wait of the answered; wait_mean: of answered and gone; units of time.
    """

    p_block: float
    p_wait: float
    p_abandon: float
    wait_served: float
    wait_mean: float
    queue_mean: float
    occupancy: float
    cut: float
    share: Floats = field(repr=False)
    _serving: float = field(repr=False)
    _leaving: float = field(repr=False)
    _balk: float = field(repr=False)
    _agents: int = field(repr=False)

    def served_within(self, within: float) -> float:
        """Share of arrivals answered within `within` units of time."""
        places = len(self.share) - 1 - self._agents
        at_once = float(self.share[: self._agents].sum())
        if not places:
            return at_once
        late = answered_within(self._serving, self._leaving, places, within)
        return at_once + (1 - self._balk) * float(self.share[self._agents : -1] @ late)


def trunks(
    arrival_rate: float, service_mean: float, agents: int, lines: int | None = None, patience_mean: float = math.inf, balk: float = 0.0
) -> Trunks:
    """M/M/agents/lines+M.  lines: calls in hand and waiting at most, None: no limit; balk: share that gives up as soon as it must wait.

    arrival_rate: per unit of time; service_mean, patience_mean: units of time.  Source: birth and death equations, in logarithms, so
    that thousands of lines do no harm.  Raises ValueError where lines < agents, and where a queue without a limit grows without bound.

    >>> t = trunks(arrival_rate=8.25, service_mean=10, agents=90, lines=120)    # 90 agents, 30 more lines
    >>> round(t.wait_served, 6), round(t.p_block, 6)
    (0.320933, 0.001981)
    >>> from omnisim.staffing.formulas import erlang_b
    >>> round(trunks(10, 1, 10, lines=10).p_block - erlang_b(10, 10), 12)
    0.0
    """
    if agents < 1 or (lines is not None and lines < agents):
        raise ValueError(f"{lines} lines for {agents} agents: an agent needs a line, and somebody answers")
    if not (arrival_rate > 0 and service_mean > 0 and patience_mean > 0 and 0 <= balk <= 1):
        raise ValueError("the arrival rate and the means are above 0, balk is a share")
    joining, serving, leaving = arrival_rate * (1 - balk), agents / service_mean, 1 / patience_mean
    if lines is None and leaving == 0 and joining >= serving:
        raise ValueError(f"{arrival_rate * service_mean:g} erlangs on {agents} agents: the queue grows without bound")
    room = 60
    while True:
        most = agents + room if lines is None else lines
        n = np.arange(1, most + 1)
        died = np.minimum(n, agents) / service_mean + np.maximum(n - agents, 0) * leaving
        with np.errstate(divide="ignore"):
            weight = np.concatenate([[0.0], np.cumsum(np.log(np.where(n <= agents, arrival_rate, joining)) - np.log(died))])
        share = np.exp(weight - weight.max())
        share /= share.sum()
        if lines is not None or share[-1] <= 1e-3 * EDGE:
            break
        if room > 1e6:
            raise TooNarrow("more than a million wait: too near to growing without bound")
        room *= 2
    return _read(arrival_rate, service_mean, agents, patience_mean, balk, share, lines is None)


def _read(rate: float, service_mean: float, agents: int, patience_mean: float, balk: float, share: Floats, endless: bool) -> Trunks:
    """What the shares of time say."""
    n = np.arange(len(share))
    leaving = 1 / patience_mean
    waiting = float(share @ np.maximum(n - agents, 0))
    busy = float(share @ np.minimum(n, agents))
    block = 0.0 if endless else float(share[-1])
    must_wait = float(share[agents:].sum()) - block
    gone = waiting * leaving / rate + must_wait * balk
    answered = 1 - block - gone
    places = len(share) - 1 - agents
    served_waits = waiting
    if leaving > 0 and places:  # the waits of those who give up: E[wait; gone] = (all waiting - E[wait; answered])
        served_waits = waiting - rate * (1 - balk) * float(share[agents:-1] @ _waits_of_the_gone(agents / service_mean, leaving, places))
    return Trunks(
        block,
        must_wait,
        gone,
        served_waits / (rate * answered),
        waiting / (rate * (1 - block)),
        waiting,
        busy / agents,
        checked(float(share[-1]), places) if endless else 0.0,
        share,
        agents / service_mean,
        leaving,
        balk,
        agents,
    )


def _waits_of_the_gone(serving: float, leaving: float, places: int) -> Floats:
    """E[wait; gives up] by the number ahead at arrival [places]: first steps of the falling chain.

    With k ahead the next thing comes at rate r = serving + (k + 1) leaving, after 1/r in the mean whatever it is; it is one's own giving
    up with probability leaving / r.
    """
    out = np.zeros(places)
    chance = waits = 0.0  # of giving up in the end, and E[wait; gives up], with one fewer ahead
    for k in range(places):
        rate = serving + (k + 1) * leaving
        own = leaving / rate
        chance, waits = own + (1 - own) * chance, (own + (1 - own) * chance) / rate + (1 - own) * waits
        out[k] = waits
    return out
