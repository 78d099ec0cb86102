"""Erlang A and its generalisation: callers who give up waiting, after any patience (M/M/n+G).

    arrivals --> all agents busy? --yes--> waits until served or out of patience
    offered wait V (what an infinitely patient caller would wait) has, for x > 0, the density
        v(x) ~ exp( lambda H(x) - n mu x ),    H(x) = integral of P(patience > u) over u in [0, x]

Source: Baccelli & Hebuterne (1981); Zeltyn & Mandelbaum, Queueing Systems 51 (2005), sections 3 and 4.  The exponent is
concave, so the density has one peak: it is found, and Gauss-Legendre panels cover what weighs more than e^-45 of it.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from omnisim.staffing import durations
from omnisim.staffing.durations import Duration, Floats
from omnisim.staffing.erlang import _check, erlang_b
from omnisim.staffing.levels import service_level
from omnisim.words import Formula

NEGLIGIBLE = 45.0  # e^-45 of the peak is below the rounding of a double


@dataclass(frozen=True)
class PatienceQueue:
    """The steady state of M/M/n+G, first come first served.

    arrival_rate: per unit of time; service_mean: units of time, exponential; agents: whole number >= 1; patience: a
    `durations.Duration` in the same unit.  Raises ValueError where nobody gives up and the load reaches the agents.

    >>> q = PatienceQueue(arrival_rate=9, service_mean=3, agents=28, patience=durations.constant(1.0))
    >>> round(q.p_wait, 6), round(q.p_abandon, 6), round(q.wait_mean, 6)
    (0.536882, 0.044454, 0.277015)
    """

    arrival_rate: float
    service_mean: float
    agents: int
    patience: Duration

    def __post_init__(self) -> None:
        offered = self.arrival_rate * self.service_mean
        _check(self.agents, offered, least=1)
        if self.patience.mean == math.inf and offered >= self.agents and self._slope(1e12 * self.service_mean) >= 0:
            raise ValueError(f"{offered:g} erlangs on {self.agents} agents and callers who never give up: the queue grows without bound")

    @cached_property
    def p_wait(self) -> float:
        """Share of arrivals that find all agents busy, those who give up at once included."""
        peak = self._span[0]
        blocking = erlang_b(self.agents - 1, self.arrival_rate * self.service_mean)
        if self.arrival_rate == 0 or blocking == 0:
            return 0.0
        # lambda J / (E + lambda J) with J the integral of the density and E = 1 / B(n - 1); in logarithms, as both may be huge
        odds = math.log(self.arrival_rate * blocking * float(self._panels()[1].sum())) + peak
        return 1 / (1 + math.exp(-odds)) if odds > -700 else 0.0

    @cached_property
    def p_abandon(self) -> float:
        """Share of arrivals that give up."""
        return self._over_waits(1 - self._survival)

    @property
    def wait_mean(self) -> float:
        """Mean wait over all arrivals, to service or giving up, units of time."""
        return self._over_waits(self.patience.area(self._grid[0]))

    @property
    def asa_served(self) -> float:
        """Mean wait of those who were answered, units of time."""
        return self._over_waits(self._grid[0] * self._survival) / (1 - self.p_abandon)

    @property
    def queue_mean(self) -> float:
        """Mean number waiting, by Little's law."""
        return self.arrival_rate * self.wait_mean

    @property
    def occupancy(self) -> float:
        """Share of agent time that is busy: the load of those who did not give up."""
        return self.arrival_rate * (1 - self.p_abandon) * self.service_mean / self.agents

    def served_within(self, within: float) -> float:
        """Share of arrivals answered within `within` units of time."""
        x, share = self._shares_around(within)
        return 1 - self.p_wait + self.p_wait * float(share @ (self.patience.survival(x) * (x <= within)))

    def abandoned_within(self, within: float) -> float:
        """Share of arrivals that give up within `within` units of time."""
        x, share = self._shares_around(within)
        return self.p_wait * float(share @ (1 - self.patience.survival(np.minimum(x, within))))

    def service_level(self, formula: Formula | str, within: float, short: float | None = None) -> float:
        """Service level under one of the four formulas; `short` (default `within`) is what counts as a short abandon."""
        named = Formula[formula.upper()] if isinstance(formula, str) else formula
        early = self.abandoned_within(within if short is None or named is Formula.ABANDONS_COUNT_AS_MET else short)
        in_time = self.served_within(within)
        return service_level(
            named,
            answered_in_time=in_time,
            answered_late=1 - self.p_abandon - in_time,
            abandoned_early=early,
            abandoned_late=self.p_abandon - early,
        )

    # The density of the offered wait: where it lies, and how much of it there is.

    def _exponent(self, x: Floats) -> Floats:
        return self.arrival_rate * self.patience.area(x) - self.agents / self.service_mean * x

    def _slope(self, x: float) -> float:
        return float(self.arrival_rate * self.patience.survival(np.array([x]))[0] - self.agents / self.service_mean)

    @cached_property
    def _span(self) -> tuple[float, float, float]:
        """Height of the peak of the exponent, and where the density starts and ends to matter."""

        def height(x: float) -> float:
            return float(self._exponent(np.array([x]))[0])

        def cross(low: float, high: float, rising: bool) -> float:
            for _ in range(200):
                middle = (low + high) / 2
                if (height(middle) < peak - NEGLIGIBLE) == rising:
                    low = middle
                else:
                    high = middle
            return low if rising else high

        scale = self.service_mean / self.agents
        top = 0.0
        if self._slope(0.0) > 0:
            low, high = 0.0, scale
            while self._slope(high) > 0:
                low, high = high, 2 * high
            for _ in range(200):
                middle = (low + high) / 2
                low, high = (middle, high) if self._slope(middle) > 0 else (low, middle)
            top = high
        peak = height(top)
        far = top + scale
        while height(far) > peak - NEGLIGIBLE:
            far = top + 2 * (far - top)
        start = 0.0 if height(0.0) >= peak - NEGLIGIBLE else cross(0.0, top, rising=True)
        return peak, start, cross(top, far, rising=False)

    def _panels(self, cut: float = 0.0) -> tuple[Floats, Floats]:
        """Nodes of a quadrature with an edge at `cut`, and weight times density over its peak at each."""
        peak, start, end = self._span
        width = end - start
        # Panels shrink towards the start, where the survival function may be steep (Weibull with a falling hazard).
        edges = np.concatenate([np.linspace(start, end, 65), start + width * np.geomspace(1e-12, 1 / 64, 30)])
        inner = [b for b in (*self.patience.breaks, cut) if start < b < end]
        edges = np.unique(np.concatenate([edges, inner]))
        nodes, weights = np.polynomial.legendre.leggauss(20)
        half = np.diff(edges)[:, None] / 2
        x = (edges[:-1, None] + half + half * nodes).ravel()
        return x, (half * weights).ravel() * np.exp(self._exponent(x) - peak)

    def _shares_around(self, cut: float) -> tuple[Floats, Floats]:
        """Nodes, and the share of V given V > 0 that lies at each."""
        x, mass = self._panels(cut)
        return x, mass / mass.sum()

    @cached_property
    def _grid(self) -> tuple[Floats, Floats]:
        return self._shares_around(0.0)

    @cached_property
    def _survival(self) -> Floats:
        return self.patience.survival(self._grid[0])

    def _over_waits(self, values: Floats) -> float:
        return self.p_wait * float(self._grid[1] @ values)


def erlang_a(arrival_rate: float, service_mean: float, agents: int, patience_mean: float) -> PatienceQueue:
    """M/M/n+M: exponential patience of this mean.  Source: Palm (1957); Mandelbaum & Zeltyn (2007).

    >>> q = erlang_a(arrival_rate=48, service_mean=1, agents=50, patience_mean=2)
    >>> round(q.p_wait, 6), round(q.p_abandon, 6), round(60 * q.wait_mean, 5), round(q.service_level("abandons_count_as_met", 1 / 3), 6)
    (0.467774, 0.030912, 3.70947, 0.972864)
    """
    return PatienceQueue(arrival_rate, service_mean, agents, durations.exponential(patience_mean))
