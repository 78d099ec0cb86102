"""Erlang's two formulas, and what a planner reads from them.

    arrivals --a erlangs--> [ c agents ] --all busy--> lost (B)  or  waiting for ever (C)

Any one unit of time; `offered` (erlangs) = arrival rate x mean handling time.
"""

import math
from dataclasses import dataclass


def erlang_b(agents: int, offered: float) -> float:
    """Share of arrivals that find all agents busy when nobody can wait (M/G/c/c).

    agents: whole number >= 0; offered: erlangs >= 0.  Returns a probability.  Raises ValueError outside those ranges.
    Source: A. K. Erlang (1917); recursion B(k) = a B(k-1) / (k + a B(k-1)), stable for any size.

    >>> round(erlang_b(14, 10), 9)
    0.056819143
    >>> round(erlang_b(2000, 1900), 6)
    0.000679
    """
    _check(agents, offered, least=0)
    blocking = 1.0
    for k in range(1, agents + 1):
        blocking = offered * blocking / (k + offered * blocking)
    return blocking


@dataclass(frozen=True)
class ErlangC:
    """The steady state of M/M/c: everybody waits until served, first come first served.

    arrival_rate: per unit of time; service_mean: units of time; agents: whole number.  The waiting time is 0 with
    probability 1 - p_wait, else exponential with mean 1 / (c mu - lambda).

    Source: A. K. Erlang (1917); Gross & Harris, Fundamentals of Queueing Theory, section 2.3.
    Raises ValueError where the load reaches the agents, because the queue then grows without bound.

    >>> calls = ErlangC(arrival_rate=100 / 30, service_mean=3, agents=14)
    >>> round(calls.p_wait, 6), round(calls.wait_mean, 6), round(calls.service_level(20 / 60), 5)
    (0.174132, 0.130599, 0.88835)
    """

    arrival_rate: float
    service_mean: float
    agents: int

    def __post_init__(self) -> None:
        _check(self.agents, self.offered, least=1)
        if self.offered >= self.agents:
            raise ValueError(f"{self.offered:g} erlangs on {self.agents} agents: the queue grows without bound")

    @property
    def offered(self) -> float:
        """Offered load, erlangs."""
        return self.arrival_rate * self.service_mean

    @property
    def occupancy(self) -> float:
        """Share of agent time that is busy."""
        return self.offered / self.agents

    @property
    def p_wait(self) -> float:
        """Share of arrivals that find all agents busy: C = B / (1 - rho (1 - B))."""
        blocking = erlang_b(self.agents, self.offered)
        return blocking / (1 - self.occupancy * (1 - blocking))

    @property
    def drain_rate(self) -> float:
        """c mu - lambda, per unit of time: the rate of the exponential wait of those who wait."""
        return self.agents / self.service_mean - self.arrival_rate

    @property
    def wait_mean(self) -> float:
        """Mean wait over all arrivals, units of time (the average speed of answer)."""
        return self.p_wait / self.drain_rate

    @property
    def queue_mean(self) -> float:
        """Mean number waiting, by Little's law."""
        return self.arrival_rate * self.wait_mean

    def service_level(self, within: float) -> float:
        """Share of arrivals answered within `within` units of time."""
        return 1 - self.p_wait * math.exp(-self.drain_rate * within)

    def wait_quantile(self, share: float) -> float:
        """Wait that `share` of arrivals do not exceed, units of time; 0 where that share does not wait at all.

        >>> round(60 * ErlangC(arrival_rate=48, service_mean=1, agents=50).wait_quantile(0.9), 6)
        58.138742
        """
        if not 0 <= share < 1:
            raise ValueError(f"a share of arrivals lies in [0, 1), not {share:g}")
        return max(0.0, math.log(self.p_wait / (1 - share)) / self.drain_rate)


@dataclass(frozen=True)
class Positions:
    """How many people a target needs: `raw` on the phones, `rostered` after shrinkage, and the queue that results."""

    raw: int
    rostered: int
    queue: ErlangC


def positions(
    arrival_rate: float, service_mean: float, within: float, target: float, max_occupancy: float = 1.0, shrinkage: float = 0.0
) -> Positions:
    """Fewest agents that answer `target` of arrivals within `within`, nobody busier than `max_occupancy`; shrinkage last.

    Times in one unit; target, max_occupancy, shrinkage are shares.  Source: ErlangC; rostered = raw / (1 - shrinkage), rounded up.
    Raises ValueError for a target of 1 or more (no number of agents reaches it) or shares out of range.

    >>> plan = positions(100 / 30, 3, within=20 / 60, target=0.8, max_occupancy=0.85, shrinkage=0.3)
    >>> plan.raw, plan.rostered
    (14, 20)
    """
    if not (0 <= target < 1 and 0 < max_occupancy <= 1 and 0 <= shrinkage < 1):
        raise ValueError("target and shrinkage lie in [0, 1), max_occupancy in (0, 1]")
    offered = arrival_rate * service_mean
    raw = max(1, math.floor(offered) + 1, math.ceil(offered / max_occupancy - 1e-12))
    while (queue := ErlangC(arrival_rate, service_mean, raw)).service_level(within) < target:
        raw += 1
    return Positions(raw, math.ceil(raw / (1 - shrinkage) - 1e-12), queue)


@dataclass(frozen=True)
class Overflow:
    """Calls that find a primary group full go to a secondary one; who finds both full is lost.

    >>> o = Overflow(offered=10, primary=10, secondary=4)
    >>> round(o.load, 6), round(o.peakedness, 6), round(o.lost_of_overflow, 6)
    (2.145823, 2.032995, 0.264789)
    """

    offered: float  # erlangs
    primary: int
    secondary: int

    @property
    def p_block_primary(self) -> float:
        """Share of calls that find the primary group full."""
        return erlang_b(self.primary, self.offered)

    @property
    def load(self) -> float:
        """Erlangs that overflow."""
        return self.offered * self.p_block_primary

    @property
    def peakedness(self) -> float:
        """Variance over mean of the calls an infinite secondary group would carry; 1 would be Poisson.

        Source: Kosten (1937), Riordan in Wilkinson (1956): z = 1 - alpha + a / (c + 1 + alpha - a).
        """
        return 1 - self.load + self.offered / (self.primary + 1 + self.load - self.offered)

    @property
    def lost(self) -> float:
        """Share of all calls that find both groups full: the two are one group to who only counts free agents."""
        return erlang_b(self.primary + self.secondary, self.offered)

    @property
    def lost_of_overflow(self) -> float:
        """Share of overflowing calls that are lost (bursty: more than Erlang B of the overflow load says); 1 without a second group.

        The product of B(k) / B(k - 1), which stays a number where both are too small to be one.
        """
        blocking, ratio = self.p_block_primary, 1.0
        for k in range(self.primary + 1, self.primary + self.secondary + 1):
            step = self.offered / (k + self.offered * blocking)
            blocking, ratio = blocking * step, ratio * step
        return ratio


def hayward(load: float, peakedness: float, agents: int) -> float:
    """Share of bursty traffic that finds all agents busy, an approximation: Erlang B of agents / z at load / z.

    load: erlangs; peakedness z: variance over mean of what infinitely many agents would carry (`Overflow.peakedness`), > 0.
    Right for z = 1, and nearer than Poisson traffic (z left out) for bursty one, but a tenth to a third too low for what overflows from
    one group: there `Overflow.lost_of_overflow` is exact.
    Source: Fredericks (1980), after W. S. Hayward; B of a fractional number of agents: Jagerman (1974), a^c e^-a / Gamma(c + 1, a).

    >>> o = Overflow(offered=10, primary=10, secondary=4)
    >>> round(hayward(o.load, o.peakedness, 4), 4), round(o.lost_of_overflow, 4), round(hayward(o.load, 1.0, 4), 4)
    (0.2202, 0.2648, 0.1107)
    """
    from scipy import special

    if not (load >= 0 and peakedness > 0 and agents >= 0):
        raise ValueError("load and agents are at least 0, peakedness above 0")
    if load == 0:
        return 0.0 if agents else 1.0
    a, c = load / peakedness, agents / peakedness
    density = c * math.log(a) - a - special.gammaln(c + 1)
    return float(math.exp(density) / special.gammaincc(c + 1, a))


def _check(agents: int, offered: float, least: int) -> None:
    if agents != int(agents) or agents < least:
        raise ValueError(f"agents is a whole number of at least {least}, not {agents!r}")
    if not (0 <= offered < math.inf):
        raise ValueError(f"the offered load is finite and not negative, not {offered!r}")
