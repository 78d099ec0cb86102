"""Plans simulated, and kept: the same plan on the same seed is simulated once.

    Trials.of(y, seeds) -> Seen: numerators and denominators of every promise, f8[seed, part]

All plans live through the same days: seed s is the same customers with the same luck, so that differences are paired.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from omnisim.kpis import columns
from omnisim.replications import How, replications
from omnisim.staffing.plan.targets import Over, Target, formula_changes
from omnisim.tables import Tables

if TYPE_CHECKING:
    from omnisim.scenario import Scenario
    from omnisim.staffing.plan.layout import Layout

Say = Callable[[str], None]
Progress = Callable[[float, int], None]


@dataclass(frozen=True)
class Seen:
    """What some days say of one promise: `num`, `den` f8[seed, part]; a part is the run, an interval (in the layout of the run), or a
    day.  `worth`: f8[seed, part] is num / den, NaN where undefined."""

    num: np.ndarray
    den: np.ndarray

    @property
    def worth(self) -> np.ndarray:
        out = np.full(self.num.shape, np.nan)
        np.divide(self.num, self.den, out=out, where=self.den != 0)
        return out


@dataclass(frozen=True)
class Wanted:
    """Which columns of a run one promise needs: `whole` (the run), `interval` [interval], `day` [day]; -1: not counted."""

    whole: int
    interval: np.ndarray
    day: np.ndarray


@dataclass
class Trials:
    """All that has been simulated for one plan."""

    layout: Layout
    targets: tuple[Target, ...]
    workers: int | None = None
    how: How = field(default_factory=How)
    progress: Progress | None = None
    contacts: float = 0.0  # simulated so far
    runs: int = 0
    events: int = 0
    _kept: dict[tuple[str, tuple[int, ...]], dict[int, np.ndarray]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.base: Scenario = (
            self.layout.scenario.with_(formula_changes(self.targets)) if formula_changes(self.targets) else self.layout.scenario
        )
        tables = Tables.build(self.base)
        where = {(c.kpi, c.scope): k for k, c in enumerate(columns(tables))}
        self.starts = [s for i, s in enumerate(tables.interval_starts) if (i + 1) * tables.interval_s > tables.warmup_s]
        self.first_interval = len(tables.interval_starts) - len(self.starts)
        self.interval_s = tables.interval_s
        self.days = [d for d in tables.day_names if ("contacts_offered", (("day", d),)) in where]
        self.wanted = tuple(self._wanted(t, where) for t in self.targets)
        self.offered = where.get(("contacts_offered", ()), -1)
        picked = sorted({int(k) for w in self.wanted for k in (w.whole, *w.interval, *w.day) if k >= 0} | ({self.offered} - {-1}))
        self.picked = np.array(picked, np.int64)
        self._place = {k: i for i, k in enumerate(picked)}

    def _wanted(self, t: Target, where: dict[tuple[str, tuple[tuple[str, str], ...]], int]) -> Wanted:
        def by(key: str, values: list[str]) -> np.ndarray:
            kpi = "service_level" if t.kpi == "service_level_worst_interval" else t.kpi
            return np.array([where.get((kpi, tuple(sorted((*t.scope, (key, v))))), -1) for v in values], np.int64)

        whole = where.get((t.kpi, t.scope), -1)
        if whole < 0:
            raise ValueError(f"the scenario does not count {t.text.strip()}")
        return Wanted(whole, by("interval", self.starts), by("day", self.days))

    def scenario(self, y: Sequence[int], duty: bool = False) -> Scenario:
        """The scenario with a plan; `duty`: y are people on duty [cell]."""
        return self.base.with_(self.layout.duty_changes(y) if duty else self.layout.changes(y))

    def of(self, y: Sequence[int], seeds: Sequence[int], duty: bool = False) -> list[Seen]:
        """What these seeds say of each promise under a plan."""
        return self.many([y], seeds, duty)[0]

    def many(self, plans: Sequence[Sequence[int]], seeds: Sequence[int], duty: bool = False) -> list[list[Seen]]:
        """The same of several plans, simulated together."""
        keys = [("duty" if duty and not self.layout.simple else "plan", tuple(int(n) for n in y)) for y in plans]
        if duty and self.layout.simple:
            duty = False
        todo = list(dict.fromkeys(k for k in keys if any(s not in self._kept.get(k, {}) for s in seeds)))
        if todo:
            tables = [Tables.build(self.scenario(k[1], duty)) for k in todo]
            fresh = [s for s in seeds if any(s not in self._kept.get(k, {}) for k in todo)]
            for key, results in zip(todo, replications(tables, fresh, self.workers, self.how, self.progress), strict=True):
                kept = self._kept.setdefault(key, {})
                for r in results:
                    kept[r.seed] = np.stack([r.num[self.picked], r.den[self.picked]])
                    self.runs += 1
                    self.events += r.events
                    if self.offered >= 0:
                        self.contacts += float(r.num[self.offered])
        return [self._seen(np.stack([self._kept[k][s] for s in seeds])) for k in keys]

    def _seen(self, rows: np.ndarray) -> list[Seen]:
        """rows f8[seed, (num, den), picked] as what each promise asks: every interval, where it is counted, else the run or days."""
        out = []
        for t, w in zip(self.targets, self.wanted, strict=True):
            if t.over in (Over.EACH, Over.WORST):
                out.append(self._parts(rows, w.interval))
            elif t.over is Over.DAYS and len(w.day) > 0 and (w.day >= 0).all():
                out.append(self._parts(rows, w.day))
            else:
                out.append(self._parts(rows, np.array([w.whole])))
        return out

    def intervals(self, y: Sequence[int], seeds: Sequence[int], duty: bool = False) -> list[Seen | None]:
        """The same by interval of the run, whatever the promise; None where it is not counted by interval."""
        self.of(y, seeds, duty)
        key = ("duty" if duty and not self.layout.simple else "plan", tuple(int(n) for n in y))
        rows = np.stack([self._kept[key][s] for s in seeds])
        return [self._parts(rows, w.interval) if len(w.interval) and (w.interval >= 0).all() else None for w in self.wanted]

    def _parts(self, rows: np.ndarray, which: np.ndarray) -> Seen:
        at = np.array([self._place[int(k)] for k in which], np.int64)
        return Seen(rows[:, 0, at], rows[:, 1, at])
