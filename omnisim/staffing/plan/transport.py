"""Time of people shared out among channels: whoever is on one contact is not on another.

    people of a channel by stretch, pools that serve it  --one program-->  people of each pool; nobody is counted twice

With the needs of the formulas it is where the search begins; with the bare work that a promise makes inevitable it is a lower bound.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from omnisim.staffing.plan.needs import Needs
from omnisim.staffing.plan.programs import Program
from omnisim.staffing.plan.targets import Over, Target


class Shared:
    """Variables beyond the columns: people of pool p on channel c in stretch g, for every skill there is."""

    def __init__(self, needs: Needs) -> None:
        self.needs = needs
        self.place: dict[tuple[int, str, int], int] = {}
        for p in range(len(needs.layout.pools)):
            for c in needs.loads:
                if needs.effect(p, c) > 0.0:
                    for g in np.flatnonzero(needs.cells[p] >= 0):
                        self.place[p, c, int(g)] = len(self.place)
        self.program = Program(needs.layout, len(self.place))
        self._capacity()

    def _capacity(self) -> None:
        """Nobody works more than he is there."""
        n = len(self.needs.layout.columns)
        for p in range(len(self.needs.layout.pools)):
            for g, cell in enumerate(self.needs.cells[p]):
                mine = [k for (q, _, h), k in self.place.items() if (q, h) == (p, g)]
                if cell >= 0 and mine:
                    row = np.zeros(self.program.size)
                    row[:n] = self.needs.layout.cover[cell]
                    row[[n + k for k in mine]] = -1.0
                    self.program.add(row, 0.0)

    def work(self, channel: str, stretches: np.ndarray, weights: np.ndarray, least: float) -> None:
        """The people on a channel, in persons of speed 1 with one contact, times weights [of these stretches], are at least so many."""
        n = len(self.needs.layout.columns)
        row = np.zeros(self.program.size)
        some = False
        for g, w in zip(stretches.tolist(), weights.tolist(), strict=True):
            for p in range(len(self.needs.layout.pools)):
                k = self.place.get((p, channel, g))
                if k is not None:
                    row[n + k] = w * self.needs.effect(p, channel)
                    some = True
        if some:
            self.program.add(row, least)


def shared_out(needs: Needs, by_channel: Mapping[str, np.ndarray]) -> tuple[int, ...] | None:
    """The cheapest people who give every channel, in every stretch, the people it needs by formula (as persons of its owner)."""
    shared = Shared(needs)
    for c, need in by_channel.items():
        one = needs.effect(needs.owner[c], c)
        if not needs.loads[c].live:
            _inbox(shared, c, 1.0)
            continue
        for g in np.flatnonzero(need > 0):
            shared.work(c, np.array([g]), np.ones(1), float(need[g]) * one - 1e-9)
    return shared.program.solve()


def _inbox(shared: Shared, channel: str, share: float) -> None:
    """Messages are written whenever somebody is there: only the hours of the run count."""
    needs = shared.needs
    hours = np.array([s.hours for s in needs.stretches])
    shared.work(channel, np.arange(len(hours)), hours, needs.loads[channel].work_h * share)


def lower_bound(needs: Needs) -> float:
    """A cost that no plan which keeps the promises undercuts: the work of those who must be served, and nothing else.

    Those who must be: everybody where nobody gives up and the channel has a promise, else the share that the promise speaks of.
    """
    shared = Shared(needs)
    for c, load in needs.loads.items():
        share = must_be_served(needs, c)
        if share <= 0.0:
            continue
        hours = np.array([s.hours for s in needs.stretches])
        shared.work(c, np.arange(len(hours)), hours, load.work_h * share)
    return shared.program.bound()


def must_be_served(needs: Needs, channel: str) -> float:
    """Share of a channel's contacts that somebody has to serve for its promises to be kept."""
    shares = [_served(t) for t in needs.targets if t.kind == "channel" and t.who == channel and t.over is not Over.DAYS]
    return max(shares, default=0.0)


def _served(t: Target) -> float:
    if t.kpi in ("service_level", "service_level_worst_interval") and t.formula in (None, "answered_in_time_over_offered"):
        return t.level
    return 1.0 - t.level if t.kpi == "abandon_rate" else 0.0
