"""What one KPI is in many scenarios under the same seeds, on all cores.

worth(scenarios, "ebit", seeds) -> f8[scenario, seed], NaN where it is undefined
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from omnisim.kpis import columns, define
from omnisim.replications import How, Progress, replications
from omnisim.scenario import Scenario
from omnisim.tables import Tables

AT_ONCE = 64  # scenarios whose tables are in memory together


@dataclass
class Runner:
    """How scenarios are run, and how many replications were; `expected` replications in all, for the time that is left."""

    how: How = field(default_factory=How)
    workers: int | None = None
    progress: Progress | None = None
    done: int = 0
    expected: int = 0

    def worth(self, scenarios: Sequence[Scenario], kpi: str, seeds: Sequence[int]) -> np.ndarray:
        """f8[scenario, seed]: a total of each scenario in each seed, NaN where it is undefined.  Raises KeyError where there is none."""
        out = np.full((len(scenarios), len(seeds)), np.nan)
        for first in range(0, len(scenarios), AT_ONCE):
            tables = [Tables.build(s) for s in scenarios[first : first + AT_ONCE]]
            where = [column_of(t, kpi) for t in tables]
            results = replications(tables, seeds, self.workers, self.how, self._told())
            self.done += len(tables) * len(seeds)
            for i, (j, row) in enumerate(zip(where, results, strict=True)):
                out[first + i] = [r.num[j] / r.den[j] if r.den[j] else np.nan for r in row]
        return out

    def _told(self) -> Callable[[float, int], None] | None:
        """Progress over everything that is expected, not over this batch only."""
        if self.progress is None:
            return None
        show, done = self.progress, self.done

        def told(so_far: float, of: int) -> None:
            show(done + so_far, max(self.expected, done + of))

        return told


def column_of(tables: Tables, kpi: str) -> int:
    """Where a KPI's total stands; KeyError, with the names there are, if this scenario has none."""
    define(kpi)
    found = next((j for j, c in enumerate(columns(tables)) if c.kpi == kpi and c.scope == ()), None)
    if found is None:
        known = sorted({c.kpi for c in columns(tables) if c.scope == ()})
        raise KeyError(f"{tables.name} gives no {kpi} in total; it gives {', '.join(known)}")
    return found


def unit_of(scenario: Scenario, kpi: str) -> str:
    """The unit of a KPI's total in a scenario."""
    tables = Tables.build(scenario)
    return columns(tables)[column_of(tables, kpi)].unit
