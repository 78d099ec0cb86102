"""What comes, when nobody has to wait: contacts by channel and interval, and how long they take; from a run with ample people.

The whole scenario is simulated, so that questions of shoppers, orders, bots that keep some, transfers and calls back are in it.  What
waiting itself brings (further attempts, people who go elsewhere) is not: that is what later steps correct.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.kpis import columns
from omnisim.replications import How, Progress, replications
from omnisim.scenario.laws import Law
from omnisim.staffing import durations
from omnisim.staffing.durations import Duration
from omnisim.staffing.known.laws import duration
from omnisim.staffing.known.model import Stops
from omnisim.tables import Tables
from omnisim.words import Mode

if TYPE_CHECKING:
    from omnisim.scenario import Scenario
    from omnisim.staffing.plan.layout import Layout

AMPLE = 60  # people of each cell at first; doubled until nearly nobody has to wait
ENOUGH = 0.002  # share delayed that counts as nobody
MOST = 20_000


@dataclass(frozen=True)
class Load:
    """What one channel is asked to do.

    `rate`: contacts per s in each interval of the run [interval] (one entry where the scenario has no intervals); `handle_s`: talk and
    wrap-up alone, at speed 1; `service`, `patience`: their laws; `live`.  `edges`: s of the run [interval + 1].
    """

    channel: str
    rate: np.ndarray
    edges: np.ndarray
    handle_s: float
    service: Duration
    patience: Duration
    live: bool

    @property
    def work_h(self) -> float:
        """Hours of work over the run."""
        return float((self.rate * np.diff(self.edges)).sum() * self.handle_s / 3600.0)

    def contacts(self, spans: Sequence[tuple[float, float]]) -> float:
        """Contacts that arrive within some spans."""
        return sum(float((self.rate * self.inside(a, b)).sum()) for a, b in spans)

    def inside(self, start: float, end: float) -> np.ndarray:
        """Seconds of each interval that lie within a span [interval]."""
        out: np.ndarray = np.clip(np.minimum(self.edges[1:], end) - np.maximum(self.edges[:-1], start), 0.0, None)
        return out


def measure_demand(
    layout: Layout, base: Scenario, seeds: Sequence[int], workers: int | None, how: How, progress: Progress | None
) -> tuple[dict[str, Load], int]:
    """(load of every channel that people serve, people of each cell with whom nearly nobody waited)."""
    n, before = AMPLE, 1.0
    while True:
        ample = base.with_(layout.duty_changes([n] * len(layout.cells)))
        tables = Tables.build(ample)
        results = replications([tables], seeds, workers, how, progress)[0]
        num, den = np.array([r.num for r in results]), np.array([r.den for r in results])
        where = {(c.kpi, c.scope): k for k, c in enumerate(columns(tables))}
        live = [c for c in _served(tables) if tables.mode[tables.channels.index(c)] == Mode.LIVE]
        delayed = max((_ratio(num, den, where.get(("delay_rate", (("channel", c),)), -1)) for c in live), default=0.0)
        if delayed <= ENOUGH or delayed > 0.7 * before or n >= MOST:  # who comes before the doors open waits, however many there are
            break
        n, before = 4 * n, delayed
    loads = {c: _load(c, tables, ample, num, den, where) for c in _served(tables)}
    return loads, n


def _served(tables: Tables) -> list[str]:
    """Channels that some pool serves."""
    return [c for i, c in enumerate(tables.channels) if tables.mode[i] != Mode.BROWSE and (tables.concurrency[:, i] > 0).any()]


def _ratio(num: np.ndarray, den: np.ndarray, k: int) -> float:
    total = float(den[:, k].sum()) if k >= 0 else 0.0
    return float(num[:, k].sum()) / total if total > 0.0 else 0.0


def _load(channel: str, tables: Tables, s: Scenario, num: np.ndarray, den: np.ndarray, where: Any) -> Load:
    help_ = s.channels[channel].help
    assert help_ is not None
    if tables.interval_s > 0:
        n = len(tables.interval_starts)
        edges = np.minimum(np.arange(n + 1) * tables.interval_s, tables.horizon_s)
        counts = np.full(n, np.nan)
        for i, start in enumerate(tables.interval_starts):
            k = where.get(("contacts_offered", (("channel", channel), ("interval", start))))
            if k is not None:
                counts[i] = num[:, k].mean()
        seen = np.maximum(edges[1:], tables.warmup_s) - np.maximum(edges[:-1], tables.warmup_s)
        rate = np.where(seen > 0, counts / np.maximum(seen, 1e-9), np.nan)
        rate = _filled(rate, round(86400.0 / tables.interval_s) if 86400.0 % tables.interval_s == 0 else 0)
    else:
        edges = np.array([0.0, tables.horizon_s])
        total = num[:, where["contacts_offered", (("channel", channel),)]].mean()
        rate = np.array([total / (tables.horizon_s - tables.warmup_s)])
    handle = _ratio(num, den, where["handle_time_s", (("channel", channel),)]) or _mean(help_.handling) + _mean(help_.wrap)
    service = law_or(help_.handling if help_.wrap is None else None, handle)
    return Load(channel, rate, edges, handle, service, law_or(help_.patience, None), help_.mode == "live")


def _filled(rate: np.ndarray, a_day: int) -> np.ndarray:
    """Intervals of the warm-up, of which nothing is known, are taken from the same time of another day, or from the next known."""
    known = np.flatnonzero(np.isfinite(rate))
    out = rate.copy()
    for i in np.flatnonzero(~np.isfinite(rate)):
        alike = [k for k in known if a_day and (k - i) % a_day == 0]
        out[i] = rate[alike[0]] if alike else rate[known[0]] if len(known) else 0.0
    return out


def _mean(law: Law | None) -> float:
    return 0.0 if law is None or not np.isfinite(law.mean) else float(law.mean)


def law_or(law: Law | None, mean: float | None) -> Duration:
    """The law as a duration, scaled to a mean; exponential where no formula knows it; endless for none and no mean."""
    try:
        known = duration(law, "") if law is not None else None
    except Stops:
        known = durations.exponential(law.mean) if law is not None else None
    if known is None:
        return durations.never() if mean is None else durations.exponential(mean)
    if mean is None or not np.isfinite(known.mean) or known.mean <= 0.0 or abs(known.mean - mean) < 1e-9 * mean:
        return known
    f = mean / known.mean
    given = known
    return Duration(
        lambda x: given.survival(np.asarray(x) / f), lambda x: f * given.area(np.asarray(x) / f), mean, tuple(b * f for b in given.breaks)
    )
