"""Whether a plan keeps its promises, by as many seeds as that takes and no more.

    few seeds: surely not | surely | who knows --twice as many--> ...

All plans are judged on the same days.  A verdict of the search is no proof: that is left to fresh seeds (`verify`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from omnisim.staffing.plan.needs import Needs, groups_of
from omnisim.staffing.plan.scores import Score, scores, slack
from omnisim.staffing.plan.targets import Over
from omnisim.staffing.plan.trials import Trials

SURELY_NOT = 1e-3  # chance to reject a plan that keeps everything
SURELY = 0.02
EVENTS_FIRST = 3e6  # events of a first look at a plan
EVENTS_MOST = 1.5e8  # of the last
FEWEST, MOST = 4, 4000  # seeds


@dataclass
class Judge:
    """Judges plans on seeds first, first + 1, ...; `n0` at first, `n1` at most."""

    trials: Trials
    needs: Needs
    first: int
    n0: int = FEWEST
    n1: int = 100
    known: dict[tuple[int, ...], tuple[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        starts = [(self.trials.first_interval + i) * self.trials.interval_s for i in range(len(self.trials.starts))]
        self.groups: list[list[np.ndarray] | None] = []
        self.names: list[list[str]] = []
        for t in self.trials.targets:
            each = t.over is Over.EACH
            self.groups.append(groups_of(self.needs, t, starts) if each else None)
            self.names.append([self._name(g, starts) for g in self.groups[-1] or []])

    def _name(self, group: np.ndarray, starts: Sequence[float]) -> str:
        at = starts[int(group[0])]
        return next((s.label for s in self.needs.stretches if any(a - 1e-6 <= at < b for a, b in s.spans)), "")

    def budget(self, events: float) -> None:
        """Numbers of seeds from the events of one run."""
        one = max(events, 1.0)
        self.n0 = int(np.clip(round(EVENTS_FIRST / one), FEWEST, 40))
        self.n1 = int(np.clip(round(EVENTS_MOST / one), 40, MOST))

    def seeds(self, n: int) -> range:
        """The first n seeds of the search."""
        return range(self.first, self.first + n)

    def scores(self, y: Sequence[int], n: int) -> list[list[Score]]:
        """Of every promise, over n seeds."""
        return [scores(t, s, g) for t, s, g in zip(self.trials.targets, self.trials.of(y, self.seeds(n)), self.groups, strict=True)]

    def slacks(self, y: Sequence[int], n: int) -> np.ndarray:
        """By how much each promise is kept, in its scale: what a search steers by, f8[promise]."""
        out = []
        for t, s, g in zip(self.trials.targets, self.trials.of(y, self.seeds(n)), self.groups, strict=True):
            out.append((min(x.value for x in scores(t, s, g)) if g is not None else slack(t, s)) / t.scale)
        return np.array(out)

    def verdict(self, y: Sequence[int], most: int | None = None) -> str:
        """ "yes": every promise is kept; "no": one surely is not; "unsure": so many seeds cannot tell."""
        key = tuple(int(n) for n in y)
        limit = most or self.n1
        said, n = self.known.get(key, ("unsure", 0))
        n = n or self.n0
        while said == "unsure":
            found = [s for part in self.scores(key, n) for s in part]
            if any(s.high(SURELY_NOT) < 0.0 for s in found):
                said = "no"
            elif n >= 2 * FEWEST and all(s.low(SURELY) >= 0.0 for s in found):
                said = "yes"
            elif n >= limit:
                break
            else:
                n = min(2 * n, limit)
        self.known[key] = (said, n)
        return said

    def looked(self, y: Sequence[int]) -> int:
        """How many seeds a plan was judged on."""
        return self.known.get(tuple(int(n) for n in y), ("", self.n0))[1]
