"""Needs of every channel over the day, before anybody is simulated: each channel for itself, and who could work it off.

loads, promises --formula of each stretch--> people of a channel [stretch]     (a person of the pool that owns it)
a channel is owned by the cheapest pool that serves it: so it is counted once
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from omnisim.calendars import DAY, intervals, is_open, second_of_day, second_of_week
from omnisim.scenario.times import clock_text
from omnisim.staffing.plan.demand import Load
from omnisim.staffing.plan.formulas import INBOX_OCCUPANCY, offered_load, people
from omnisim.staffing.plan.layout import Layout, PoolPlan, Slot
from omnisim.staffing.plan.targets import Over, Target


@dataclass(frozen=True)
class Needs:
    """A day (or run) in stretches, and what each channel is asked to do in them.

    `stretches`; `loads` by channel; `targets`.  Arrays are by stretch.
    """

    layout: Layout
    loads: Mapping[str, Load]
    targets: tuple[Target, ...]
    stretches: tuple[Slot, ...]

    @staticmethod
    def of(layout: Layout, loads: Mapping[str, Load], targets: tuple[Target, ...]) -> Needs:
        """The stretches in which some pool's number may change."""
        return Needs(layout, loads, targets, _stretches(layout))

    @cached_property
    def cells(self) -> np.ndarray:
        """Duty cell of each pool in each stretch, i8[pool, stretch]; -1: nobody may be there."""
        out = np.full((len(self.layout.pools), len(self.stretches)), -1, np.int64)
        for p, pool in enumerate(self.layout.pools):
            first = self.layout.first_cell[pool.name]
            for g, stretch in enumerate(self.stretches):
                out[p, g] = next((first + i for i, slot in enumerate(pool.slots) if _inside(stretch, slot)), -1)
        return out

    @cached_property
    def owner(self) -> dict[str, int]:
        """The pool that serves each channel at the least price of its work; of equals the one with fewest channels."""
        out = {}
        for c in self.loads:
            able = [p for p, pool in enumerate(self.layout.pools) if c in self._skills(pool)]
            out[c] = min(able, key=lambda p: (self.layout.pools[p].wage / self.effect(p, c), len(self._skills(self.layout.pools[p])), p))
        return out

    def _skills(self, pool: PoolPlan) -> dict[str, Any]:
        staffing = self.layout.scenario.staffing
        assert staffing is not None
        return dict(staffing.pools[pool.name].skills)

    def effect(self, p: int, channel: str) -> float:
        """Work of a channel that one person of a pool does, in persons of speed 1 with one contact at a time; 0: none."""
        skill = self._skills(self.layout.pools[p]).get(channel)
        if skill is None:
            return 0.0
        return float(skill.speed * skill.concurrency / self.slower(p, channel))

    def slower(self, p: int, channel: str) -> float:
        """Factor of handling time with every place of one person taken."""
        skill = self._skills(self.layout.pools[p])[channel]
        return float(skill.slowdown[skill.concurrency - 1]) if skill.slowdown else 1.0

    def target_of(self, channel: str) -> Target | None:
        """The promise by which a channel is sized: the first one that names it, or one about everything."""
        named = [t for t in self.targets if t.kind == "channel" and t.who == channel]
        return next(iter([*named, *(t for t in self.targets if t.kind == "")]), None)

    @cached_property
    def opened(self) -> dict[str, np.ndarray]:
        """Whether each live channel is open and some pool of it may be there, b1[stretch]."""
        clock = self.layout.scenario.clock
        offset = second_of_week(clock.start)
        out = {}
        for c in self.loads:
            hours = self.layout.scenario.channels[c].hours
            able = [p for p, pool in enumerate(self.layout.pools) if c in self._skills(pool)]
            staffed = (self.cells[able] >= 0).any(axis=0)
            opens = [any(is_open(hours, (offset + (a + b) / 2) % (7 * DAY)) for a, b in s.spans) for s in self.stretches]
            out[c] = staffed & np.array(opens)
        return out

    def erlangs(self, channel: str, lagged: bool) -> np.ndarray:
        """Erlangs of a channel in the middle of each stretch, mean over its days, at speed 1."""
        load = self.loads[channel]
        if len(load.rate) == 1:
            return np.full(len(self.stretches), float(load.rate[0] * load.handle_s))
        if len(self.stretches) == 1 and not lagged:
            return np.full(1, float((load.rate * np.diff(load.edges)).sum() / load.edges[-1] * load.handle_s))
        out = np.zeros(len(self.stretches))
        warm = self.layout.scenario.clock.warmup
        for g, stretch in enumerate(self.stretches):
            spans = [s for s in stretch.spans if s[1] > warm] or list(stretch.spans)
            points = 1 if len(self.stretches) > 1 else 96
            at = np.array([a + (b - a) * (k + 0.5) / points for a, b in spans for k in range(points)])
            out[g] = float(offered_load(load, at, lagged).mean())
        return out

    def by_channel(self, lagged: bool) -> dict[str, np.ndarray]:
        """People of its owner that each channel needs for itself, fractional [stretch]; an inbox evenly over the hours of its pool."""
        out = {}
        for c, load in self.loads.items():
            p = self.owner[c]
            skill = self._skills(self.layout.pools[p])[c]
            help_ = self.layout.scenario.channels[c].help
            assert help_ is not None
            if not load.live:
                out[c] = self._level(c, p)
                continue
            erlangs = self.erlangs(c, lagged) / skill.speed
            target = self.target_of(c)
            need = [people(target, help_, load, e, skill.concurrency, self.slower(p, c)) for e in erlangs.tolist()]
            out[c] = np.where(self.opened[c], need, 0.0)
        return out

    def _level(self, channel: str, p: int) -> np.ndarray:
        on = self.cells[p] >= 0
        hours = sum(s.hours for s, here in zip(self.stretches, on, strict=True) if here)
        level = self.loads[channel].work_h / max(hours, 1e-9) / self.effect(p, channel) / INBOX_OCCUPANCY
        return np.where(on, level, 0.0)

    def by_cell(self, by_channel: Mapping[str, np.ndarray]) -> np.ndarray:
        """People of each duty cell, fractional: the needs of the channels a pool owns, added up."""
        out = np.zeros(len(self.layout.cells))
        for c, need in by_channel.items():
            mine = np.zeros(len(self.layout.cells))
            for g, cell in enumerate(self.cells[self.owner[c]]):
                if cell >= 0:
                    mine[cell] = max(mine[cell], need[g])
            out += mine
        return out


def _inside(stretch: Slot, slot: Slot) -> bool:
    return all(any(a - 1e-6 <= x and y <= b + 1e-6 for a, b in slot.spans) for x, y in stretch.spans)


def _stretches(layout: Layout) -> tuple[Slot, ...]:
    forms = {pool.form for pool in layout.pools if pool.slots}
    clock = layout.scenario.clock
    if forms <= {"number"} or clock.interval is None:
        return (Slot("all day", ((0.0, clock.horizon),)),)
    n = intervals(clock.horizon, clock.interval)
    spans = [(i * clock.interval, min((i + 1) * clock.interval, clock.horizon)) for i in range(n)]
    if forms & {"run", "shifts"}:
        offset = second_of_day(clock.start)
        several = clock.horizon > DAY
        names = [clock_text((offset + a) % DAY) for a, _ in spans]
        days = [math.floor((offset + a) / DAY) + 1 for a, _ in spans]
        return tuple(Slot(f"{d}/{t}" if several else t, (s,)) for d, t, s in zip(days, names, spans, strict=True))
    a_day = round(DAY / clock.interval)
    offset_i = round(second_of_day(clock.start) / clock.interval)
    by: dict[int, list[tuple[float, float]]] = {}
    for i, span in enumerate(spans):
        by.setdefault((i + offset_i) % a_day, []).append(span)
    return tuple(Slot(clock_text(k * clock.interval), tuple(by[k])) for k in sorted(by))


def groups_of(needs: Needs, target: Target, starts: Sequence[float]) -> list[np.ndarray]:
    """The intervals that belong together in a promise kept in each interval: the same stretch, where somebody can be there.

    starts: s of the run of each interval that is counted.  A channel's shut hours are left out: nobody on duty could help there.
    """
    out = []
    for g, stretch in enumerate(needs.stretches):
        if target.kind == "channel" and not needs.opened[target.who][g]:
            continue
        if target.kind == "pool" and needs.cells[[p.name for p in needs.layout.pools].index(target.who)][g] < 0:
            continue
        within = [i for i, s in enumerate(starts) if any(a - 1e-6 <= s < b - 1e-6 for a, b in stretch.spans)]
        if within:
            out.append(np.array(within, np.int64))
    return out if len(needs.stretches) > 1 else [np.array([i]) for i in range(len(starts))]


def each_interval(target: Target) -> bool:
    """Whether a promise is kept interval by interval."""
    return target.over in (Over.EACH, Over.WORST)
