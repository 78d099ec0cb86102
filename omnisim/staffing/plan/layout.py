"""What can be decided, what it costs, and how it is told to a scenario.

    columns y: people of a pool in a slot, or on a shift    --cover-->    duty d: people on duty [cell = pool and slot]

A pool keeps the form in which the scenario writes it: one number stays one number; a clock map or a list for a day becomes numbers by
interval of the day; a list of the run, numbers by interval of the run; shifts stay shifts.  Nobody is put where the scenario has nobody.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.calendars import DAY, intervals, second_of_day, staff_at
from omnisim.rosterbuild import planned_share
from omnisim.scenario.problem import listing, nearest
from omnisim.scenario.times import clock_text
from omnisim.scenario.units import duration_text
from omnisim.staffing.plan.shifts import Pattern, patterns_of

if TYPE_CHECKING:
    from omnisim.scenario import Scenario

INTERVAL_S = 1800.0
Ints = tuple[int, ...]


@dataclass(frozen=True)
class Slot:
    """A stretch for which one number of people is decided: `spans` (start, end) in s of the run, one a day; `label`: 09:00."""

    label: str
    spans: tuple[tuple[float, float], ...]

    @property
    def hours(self) -> float:
        """Hours of one person who is there every time."""
        return math.fsum(b - a for a, b in self.spans) / 3600.0


@dataclass(frozen=True)
class PoolPlan:
    """A pool: `form` is "number", "day", "run" or "shifts"; `current`: on the roster today [slot]; `net`: share of them that is there."""

    name: str
    form: str
    slots: tuple[Slot, ...]
    current: Ints
    net: float
    wage: float
    patterns: tuple[Pattern, ...] = ()
    steps: int = 1  # intervals of the list that is written (forms "day" and "run")
    first: Ints = ()  # number of each slot in that list
    on_shifts_h: float | None = None  # paid hours of the scenario's own shifts over the run, where it has any

    @property
    def today_h(self) -> float:
        """Paid hours of what the scenario says today, over the run."""
        if self.on_shifts_h is not None:
            return self.on_shifts_h
        return math.fsum(n * s.hours for n, s in zip(self.current, self.slots, strict=True))


@dataclass(frozen=True)
class Column:
    """One decision: a whole number of people.  `cells`: {duty cell: share of them on duty}; `cost`: of one, over the run."""

    pool: str
    label: str
    cost: float
    cells: Mapping[int, float]
    least: int
    current: int


@dataclass(frozen=True)
class Layout:
    """All decisions of a scenario.  `unit` of the costs: a currency, or "h" where a pool has no price."""

    scenario: Scenario
    pools: tuple[PoolPlan, ...]
    columns: tuple[Column, ...]
    unit: str

    @cached_property
    def cells(self) -> tuple[tuple[int, int], ...]:
        """(pool, slot) of each duty cell."""
        return tuple((p, i) for p, pool in enumerate(self.pools) for i in range(len(pool.slots)))

    @cached_property
    def first_cell(self) -> dict[str, int]:
        """Number of the first duty cell of each pool."""
        at = np.cumsum([0, *(len(pool.slots) for pool in self.pools)])
        return {pool.name: int(k) for pool, k in zip(self.pools, at[:-1], strict=True)}

    @cached_property
    def cover(self) -> np.ndarray:
        """Share of one person of each column on duty, f8[cell, column]."""
        out = np.zeros((len(self.cells), len(self.columns)))
        for j, column in enumerate(self.columns):
            for cell, share in column.cells.items():
                out[cell, j] = share
        return out

    @cached_property
    def costs(self) -> np.ndarray:
        """Cost of one person of each column, f8[column]."""
        return np.array([c.cost for c in self.columns])

    @cached_property
    def least(self) -> np.ndarray:
        """Fewest people of each column, i8[column]."""
        return np.array([c.least for c in self.columns], np.int64)

    @cached_property
    def current(self) -> Ints:
        """What the scenario says today."""
        return tuple(c.current for c in self.columns)

    @cached_property
    def simple(self) -> bool:
        """Whether everybody of a column is on duty: no shifts, no shrinkage."""
        return all(pool.form != "shifts" and pool.net == 1.0 for pool in self.pools)

    def duty(self, y: Sequence[int]) -> np.ndarray:
        """People on duty, f8[cell]."""
        on: np.ndarray = self.cover @ np.asarray(y, float)
        return on

    def cost(self, y: Sequence[int]) -> float:
        """Cost over the run."""
        return math.fsum(float(c) * n for c, n in zip(self.costs, y, strict=True))

    def changes(self, y: Sequence[int]) -> dict[str, object]:
        """The plan as changes of the scenario (`Scenario.with_`)."""
        out: dict[str, object] = {}
        for p, pool in enumerate(self.pools):
            mine = [n for n, c in zip(y, self.columns, strict=True) if c.pool == pool.name]
            here = f"staffing.pools.{pool.name}"
            if pool.form == "shifts":
                used = [x.told(n) for x, n in zip(pool.patterns, mine, strict=True) if n > 0]
                out[f"{here}.shifts"] = used or [pool.patterns[0].told(0)]
            else:
                out[f"{here}.agents"] = self._numbers(p, mine)
        return out

    def duty_changes(self, d: Sequence[int]) -> dict[str, object]:
        """People on duty, by number and to the second, as changes of the scenario: nobody is absent, nobody has a break."""
        out: dict[str, object] = {}
        for p, pool in enumerate(self.pools):
            first = self.first_cell[pool.name]
            here = f"staffing.pools.{pool.name}"
            out[f"{here}.agents"] = self._numbers(p, [int(n) for n in d[first : first + len(pool.slots)]])
            if not (pool.form != "shifts" and pool.net == 1.0):
                out |= {f"{here}.shrinkage": None, f"{here}.adherence": None}
        return out

    def _numbers(self, p: int, mine: Sequence[int]) -> object:
        pool = self.pools[p]
        if pool.form == "number":
            return int(mine[0])
        row = [0] * pool.steps
        for i, n in zip(pool.first, mine, strict=True):
            row[i] = int(n)
        if pool.form != "day":
            return row
        length = DAY / pool.steps
        return {clock_text(i * length): n for i, n in enumerate(row) if i == 0 or n != row[i - 1]}


def lay_out(
    scenario: Scenario,
    shifts: Mapping[str, Sequence[Pattern]] | None = None,
    costs: Mapping[str, float] | None = None,
    least: int = 1,
) -> Layout:
    """The decisions of a scenario.  `shifts`: patterns people of a pool can work; `costs`: of an hour of a pool, instead of its wage;
    `least`: fewest people of a pool where it is staffed at all.

    Raises ValueError where there is no pool, a price is missing, or none of the scenario's pools is staffed at any time.
    """
    if scenario.staffing is None:
        raise ValueError("the scenario has no staffing: there is nobody to plan")
    scenario = with_interval(scenario, bool(shifts))
    assert scenario.staffing is not None
    wages, unit = prices(scenario, costs or {})
    pools = tuple(_pool(scenario, n, pool, wages[n], (shifts or {}).get(n)) for n, pool in sorted(scenario.staffing.pools.items()))
    if not any(pool.slots for pool in pools):
        raise ValueError("no pool is staffed at any time: give the plan hours in which people may work")
    return Layout(scenario, pools, tuple(_columns(pools, least)), unit)


def prices(scenario: Scenario, costs: Mapping[str, float]) -> tuple[dict[str, float], str]:
    """(price of an hour of each pool, unit): wages, or what `costs` says; hours where a pool has no price and nobody gives one."""
    assert scenario.staffing is not None
    found = {n: costs.get(n, hourly(pool)) for n, pool in scenario.staffing.pools.items()}
    unknown = sorted(costs.keys() - found.keys())
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no pool{nearest(unknown[0], found)}; there are: {listing(found)}")
    missing = [n for n, price in found.items() if price is None]
    if missing and costs:
        raise ValueError(f"what an hour of {listing(missing)} costs is not said: give it as well, or give none")
    if missing:
        return dict.fromkeys(found, 1.0), "h"
    return {n: float(price) for n, price in found.items() if price is not None}, scenario.currency


def hourly(pool: Any) -> float | None:
    """What an hour of a pool costs, None where it has no such price."""
    if pool.outsourced is not None:
        return float(pool.outsourced.price) if pool.outsourced.per == "hour" else None
    return None if pool.wage is None else float(pool.wage)


def with_interval(scenario: Scenario, needed: bool) -> Scenario:
    """The scenario with intervals, where staff is told by the clock and the scenario has none."""
    assert scenario.staffing is not None
    moves = needed or any(not isinstance(pool.agents, int) for pool in scenario.staffing.pools.values())
    if not moves or scenario.clock.interval is not None:
        return scenario
    return scenario.with_({"clock.interval": duration_text(INTERVAL_S)})


def _pool(s: Scenario, name: str, pool: Any, wage: float, patterns: Sequence[Pattern] | None) -> PoolPlan:
    clock = s.clock
    net = 1.0 - planned_share(pool)
    if pool.shrinkage is not None:
        net *= 1.0 - pool.shrinkage.absence
    if patterns is None and pool.shifts is None and isinstance(pool.agents, int):
        return PoolPlan(name, "number", (Slot("all day", ((0.0, clock.horizon),)),), (pool.agents,), net, wage)
    assert clock.interval is not None
    if patterns is not None or pool.shifts is not None:
        return _by_shift(s, name, pool, net, wage, patterns)
    n = intervals(clock.horizon, clock.interval)
    a_day = round(DAY / clock.interval) if DAY % clock.interval == 0.0 else 0
    by_day = a_day > 0 and not (isinstance(pool.agents, tuple) and len(pool.agents) == n and n != a_day)
    on = _at(pool.agents, s, clock.interval)
    if not by_day:
        kept = [i for i in range(n) if on[i] > 0]
        slots = tuple(Slot(_label(s, i * clock.interval), (_span(s, i),)) for i in kept)
        return PoolPlan(name, "run", slots, tuple(on[i] for i in kept), net, wage, (), n, tuple(kept))
    offset = round(second_of_day(clock.start) / clock.interval)
    spans: dict[int, list[tuple[float, float]]] = {}
    current: dict[int, int] = {}
    for i in range(n):
        k = (i + offset) % a_day
        spans.setdefault(k, []).append(_span(s, i))
        current[k] = max(current.get(k, 0), on[i])
    kept = sorted(k for k in spans if current[k] > 0)
    slots = tuple(Slot(clock_text(k * clock.interval), tuple(spans[k])) for k in kept)
    return PoolPlan(name, "day", slots, tuple(current[k] for k in kept), net, wage, (), a_day, tuple(kept))


def _by_shift(s: Scenario, name: str, pool: Any, net: float, wage: float, patterns: Sequence[Pattern] | None) -> PoolPlan:
    clock = s.clock
    assert clock.interval is not None
    known = tuple(p.within(clock, clock.interval) for p in (patterns if patterns is not None else patterns_of(pool.shifts)))
    n = intervals(clock.horizon, clock.interval)
    covered = np.zeros(n)
    for pattern in known:
        covered += pattern.on_duty(clock, clock.interval)
    kept = [i for i in range(n) if covered[i] > 0]
    today = pool.shifts if pool.shifts is not None else ()
    on = np.zeros(n)
    if today:
        for pattern, shift in zip(patterns_of(today), today, strict=True):
            on += pattern.on_duty(clock, clock.interval) * shift.agents
    else:
        on += _at(pool.agents, s, clock.interval)
    slots = tuple(Slot(_label(s, i * clock.interval), (_span(s, i),)) for i in kept)
    own = [p.within(clock, clock.interval) for p in patterns_of(today)]
    paid = math.fsum(p.agents * p.paid_h * p.times for p in own) if today else None
    current = tuple(round(float(on[i])) for i in kept)
    return PoolPlan(name, "shifts", slots, current, net, wage, known, n, tuple(kept), paid)


def _at(agents: Any, s: Scenario, interval: float) -> list[int]:
    """The most agents there are in each interval of the run, as the scenario says it."""
    clock = s.clock
    pieces = staff_at(agents, clock.start, clock.horizon, clock.interval)
    out = [0] * intervals(clock.horizon, interval)
    for k, (start, n) in enumerate(pieces):
        end = pieces[k + 1][0] if k + 1 < len(pieces) else clock.horizon
        for i in range(math.floor(start / interval + 1e-9), min(len(out), math.ceil(end / interval - 1e-9))):
            out[i] = max(out[i], n)
    return out


def _span(s: Scenario, i: int) -> tuple[float, float]:
    interval = s.clock.interval or s.clock.horizon
    return i * interval, min((i + 1) * interval, s.clock.horizon)


def _label(s: Scenario, second: float) -> str:
    at = second_of_day(s.clock.start) + second
    text = clock_text(at % DAY)
    return text if s.clock.horizon <= DAY else f"{int(at // DAY) + 1}/{text}"


def _columns(pools: Sequence[PoolPlan], least: int) -> list[Column]:
    out: list[Column] = []
    cell = 0
    for pool in pools:
        if pool.form == "shifts":
            where = {i: cell + k for k, i in enumerate(pool.first)}
            for pattern in pool.patterns:
                cells = {where[i]: share * pool.net for i, share in pattern.cells.items() if i in where}
                cost = pattern.cost if pattern.cost is not None else pool.wage * pattern.paid_h
                out.append(Column(pool.name, pattern.label, cost * pattern.times, cells, 0, pattern.agents))
        else:
            for k, slot in enumerate(pool.slots):
                fewest = 0 if pool.form == "number" else least
                out.append(Column(pool.name, slot.label, pool.wage * slot.hours, {cell + k: pool.net}, fewest, pool.current[k]))
        cell += len(pool.slots)
    return out
