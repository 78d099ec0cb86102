"""The planner's table: what comes, what it needs by which reckoning, who is there, how well it goes, and why.

A channel stands with the pool that owns it (the cheapest that serves it), so each contact is counted once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.estimate import t_quantile
from omnisim.kpis import columns
from omnisim.replications import replications
from omnisim.staffing.plan.targets import Target
from omnisim.tables import Tables

if TYPE_CHECKING:
    from omnisim.staffing.plan.result import StaffPlan

DAYS = 40  # seeds of the table at most
Found = dict[tuple[str, tuple[tuple[str, str], ...]], int]


@dataclass(frozen=True)
class Row:
    """One pool in one slot.  contacts: a day; aht_s: with wrap-up; need: on duty; rostered; net: on duty after breaks and shrinkage.

    level, low, high: the service level with its 95 % interval; p_day: share of days on which it reaches its target; occupancy.
    NaN: not known.
    """

    pool: str
    start: str
    contacts: float
    aht_s: float
    erlangs: float
    formula: float
    need: float
    rostered: float
    net: float
    level: float
    low: float
    high: float
    p_day: float
    occupancy: float
    why: str

    @property
    def gap(self) -> float:
        """People on duty beyond the need."""
        return self.net - self.need


@dataclass(frozen=True)
class Table:
    """All rows, and what they rest on."""

    rows: tuple[Row, ...]
    seeds: range
    level_means: str  # formula of the service level, as it is printed beside the number

    def of(self, pool: str) -> tuple[Row, ...]:
        """The rows of one pool."""
        return tuple(r for r in self.rows if r.pool == pool)

    def __str__(self) -> str:
        from omnisim.staffing.plan.text import table_text

        return table_text(self)


def make_table(plan: StaffPlan, y: tuple[int, ...]) -> Table:
    """The table of a plan, from the days of its proof (without one, of the search)."""
    from omnisim.kpis import service_levels
    from omnisim.staffing.plan.why import Reasons

    trials = plan.trials
    seeds = (plan.proof.seeds if plan.proof is not None else plan.seeds)[:DAYS]
    scenario = trials.scenario(y)
    tables = Tables.build(scenario)
    results = replications([tables], seeds, trials.workers, trials.how, trials.progress)[0]
    seen = _Seen(plan, tables, np.array([r.num for r in results]), np.array([r.den for r in results]))
    reasons = Reasons(plan, tables, seeds[:3], y)
    duty, roster = trials.layout.duty(y), rostered(plan, y)
    rows = []
    for p, pool in enumerate(trials.layout.pools):
        first = trials.layout.first_cell[pool.name]
        for i, slot in enumerate(pool.slots):
            cell = first + i
            rows.append(replace(
                seen.row(p, cell), start=slot.label, formula=float(plan.formula[cell]), need=float(plan.need[cell]),
                rostered=float(roster[cell]), net=float(duty[cell]), why=reasons.of(p, i),
            ))  # fmt: skip
    return Table(tuple(rows), seeds, service_levels(tables))


def rostered(plan: StaffPlan, y: Sequence[int]) -> np.ndarray:
    """People whose shift it is in each duty cell, breaks and shrinkage not taken off [cell]."""
    layout = plan.trials.layout
    clock = layout.scenario.clock
    out = np.zeros(len(layout.cells))
    at = 0
    for pool in layout.pools:
        mine = [n for n, c in zip(y, layout.columns, strict=True) if c.pool == pool.name]
        first = layout.first_cell[pool.name]
        if pool.form != "shifts":
            out[first : first + len(mine)] = mine
        else:
            assert clock.interval is not None
            for n, pattern in zip(mine, pool.patterns, strict=True):
                on = np.ceil(replace(pattern, breaks=()).on_duty(clock, clock.interval) - 1e-9)
                out[first : first + len(pool.first)] += n * on[list(pool.first)]
        at += len(mine)
    return out


class _Seen:
    """KPIs of some days by pool and slot."""

    def __init__(self, plan: StaffPlan, tables: Tables, num: np.ndarray, den: np.ndarray) -> None:
        self.plan, self.tables, self.num, self.den = plan, tables, num, den
        self.where: Found = {(c.kpi, c.scope): k for k, c in enumerate(columns(tables))}
        self.starts = [(plan.trials.first_interval + i) * plan.trials.interval_s for i in range(len(plan.trials.starts))]

    def row(self, p: int, cell: int) -> Row:
        """What the days say of a pool in a slot."""
        needs = self.plan.needs
        pool = needs.layout.pools[p]
        slot = pool.slots[cell - needs.layout.first_cell[pool.name]]
        mine = [c for c in needs.loads if needs.owner[c] == p]
        whole = pool.form == "number" or not self.starts
        inside = [] if whole else [i for i, s in enumerate(self.starts) if any(a - 1e-6 <= s < b - 1e-6 for a, b in slot.spans)]
        times = max(1, len(inside))
        per = {c: self._sum("contacts_offered", "channel", c, inside, whole)[0].mean() / times for c in mine}
        contacts = math.fsum(per.values()) / (self._days() if whole else 1.0)
        handle = {c: self._total("handle_time_s", c) for c in mine}
        aht = math.fsum(per[c] * handle[c] for c in mine) / math.fsum(per.values()) if math.fsum(per.values()) > 0 else math.nan
        length = slot.hours * 3600.0 / len(slot.spans) / (self._days() if whole else 1.0)
        erlangs = contacts * aht / length if contacts else 0.0
        level = self._level(mine, inside, whole)
        busy, there = self._sum("occupancy", "pool", pool.name, inside, whole)
        occupancy = float(busy.sum() / there.sum()) if there.sum() > 0 else math.nan
        return Row(pool.name, "", contacts, aht, erlangs, 0, 0, 0, 0, *level, occupancy, "")

    def _days(self) -> float:
        return max(1.0, (self.tables.horizon_s - self.tables.warmup_s) / 86400.0)

    def _sum(self, kpi: str, key: str, name: str, inside: Sequence[int], whole: bool) -> tuple[np.ndarray, np.ndarray]:
        """(num, den) of a KPI over some intervals, f8[seed]; 0 where it is not counted."""
        if whole:
            which = [self.where.get((kpi, ((key, name),)), -1)]
        else:
            starts = self.plan.trials.starts
            which = [self.where.get((kpi, tuple(sorted(((key, name), ("interval", starts[i]))))), -1) for i in inside]
        which = [k for k in which if k >= 0]
        return self.num[:, which].sum(axis=1), self.den[:, which].sum(axis=1)

    def _total(self, kpi: str, channel: str) -> float:
        k = self.where.get((kpi, (("channel", channel),)), -1)
        total = float(self.den[:, k].sum()) if k >= 0 else 0.0
        return float(self.num[:, k].sum()) / total if total > 0.0 else 0.0

    def _level(self, mine: Sequence[str], inside: Sequence[int], whole: bool) -> tuple[float, float, float, float]:
        """(level, low, high, share of days that reach the target) of the live channels of a pool together."""
        num, den = np.zeros(len(self.num)), np.zeros(len(self.num))
        for c in mine:
            a, b = self._sum("service_level", "channel", c, inside, whole)
            num, den = num + a, den + b
        if den.sum() <= 0.0:
            return math.nan, math.nan, math.nan, math.nan
        level = float(num.sum() / den.sum())
        n = len(num)
        off = (num - level * den) * n / float(den.sum())
        half = t_quantile(0.975, n - 1) * math.sqrt(float(off @ off) / (n - 1) / n) if n > 1 else math.nan
        aims = [t for t in (self._aim(c) for c in mine) if t is not None]
        known = den > 0
        p_day = float((num[known] / den[known] >= min(aims) - 1e-12).mean()) if aims else math.nan
        return level, max(0.0, level - half), min(1.0, level + half), p_day

    def _aim(self, channel: str) -> float | None:
        for t in self.plan.trials.targets:
            if t.kpi == "service_level" and t.kind == "channel" and t.who == channel:
                return t.level
        help_ = self.plan.trials.base.channels[channel].help
        return help_.service_level.target if help_ is not None and help_.service_level is not None else None


def totals(plan: StaffPlan) -> dict[str, Any]:
    """Paid hours, cost, and the difference from today, in the units of the plan."""
    layout = plan.trials.layout
    added = [(c, n - t) for c, n, t in zip(layout.columns, plan.y, layout.current, strict=True) if n != t]
    hours = math.fsum(pool.today_h for pool in layout.pools)
    cost = math.fsum(pool.today_h * pool.wage for pool in layout.pools)
    return {
        "paid_hours": plan.paid_hours,
        "cost": plan.cost,
        "today": {"paid_hours": hours, "cost": cost},
        "more": sum(d for _, d in added if d > 0),
        "fewer": -sum(d for _, d in added if d < 0),
    }


def aim_words(target: Target) -> str:
    """A promise as it was written."""
    return target.text.strip()
