"""Patterns that people can work: when a shift begins, how long it is, its breaks, the days, and what it costs.

pools:
  phone:
    - {start: "08:00", length: 8 h, breaks: [{after: 4 h, length: 30 min}]}
    - {start: "10:00", length: 6 h, days: Mon-Fri, cost: 84}          # cost of one shift; absent: the wage of its paid hours
    - {start: "06:00", until: "14:00", every: 30 min, length: 8 h}    # one pattern each half hour
"""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.calendars import DAY, intervals, second_of_day
from omnisim.scenario import Problem, ScenarioError
from omnisim.scenario.blocks import RULE, Block, Listed, Names, said
from omnisim.scenario.hours import DAYS
from omnisim.scenario.kinds import Duration, Number, Reading
from omnisim.scenario.people import WEEKDAYS, Break, Clock, Days
from omnisim.scenario.problem import WHOLE, Pos, Refused, listing, nearest
from omnisim.scenario.strictyaml import read_tree
from omnisim.scenario.times import clock_text
from omnisim.scenario.tree import Map, found, join
from omnisim.scenario.units import duration_text

if TYPE_CHECKING:
    from omnisim.scenario import Scenario


@dataclass(frozen=True)
class Pattern:
    """One shift that people of a pool can work.  Times in s; `cost`: of one person and shift, None: the wage of its paid hours.

    `agents`: people on it today; `times`: how often it begins within the run; `cells`: {interval of the run: share on duty}.
    """

    start: float
    length: float
    days: tuple[int, ...]
    breaks: tuple[tuple[float, float, bool], ...]  # after, length, paid
    cost: float | None = None
    agents: int = 0
    times: int = 0
    cells: dict[int, float] = field(default_factory=dict, compare=False)

    @property
    def label(self) -> str:
        """As people say it: 08:00-16:00."""
        days = "" if self.days == WEEKDAYS else " " + ", ".join(DAYS[d] for d in self.days)
        return f"{clock_text(self.start)}-{clock_text((self.start + self.length) % DAY)}{days}"

    @property
    def paid_h(self) -> float:
        """Paid hours of one person on one day."""
        return (self.length - math.fsum(length for _, length, paid in self.breaks if not paid)) / 3600.0

    def told(self, agents: int) -> dict[str, object]:
        """As a scenario writes it, with so many people."""
        out: dict[str, object] = {"start": clock_text(self.start), "length": duration_text(self.length), "agents": int(agents)}
        if self.days != WEEKDAYS:
            out["days"] = ", ".join(DAYS[d] for d in self.days)
        if self.breaks:
            out["breaks"] = [{"after": duration_text(a), "length": duration_text(b), "paid": paid} for a, b, paid in self.breaks]
        return out

    def begins(self, clock: Any) -> list[float]:
        """When it begins, s of the run: every day from the eve of the run on which some of it lies within the run."""
        offset = second_of_day(clock.start)
        out = []
        for day in range(-1, math.floor((offset + clock.horizon) / DAY) + 1):
            at = day * DAY + self.start - offset
            if (clock.start.weekday() + day) % 7 in self.days and at + self.length > 0.0 and at < clock.horizon:
                out.append(at)
        return out

    def on_duty(self, clock: Any, interval: float) -> np.ndarray:
        """Share of each interval of the run in which somebody on this shift is on duty, f8[interval]."""
        out = np.zeros(intervals(clock.horizon, interval))
        edges = np.minimum(np.arange(len(out) + 1) * interval, clock.horizon)
        for at in self.begins(clock):
            spans = [(at, at + self.length, 1.0), *((at + a, at + a + b, -1.0) for a, b, _ in self.breaks)]
            for start, end, sign in spans:
                inside = np.clip(np.minimum(edges[1:], end) - np.maximum(edges[:-1], start), 0.0, None)
                out += sign * inside / np.diff(edges)
        return out

    def within(self, clock: Any, interval: float) -> Pattern:
        """The pattern with the intervals of this run that it covers."""
        on = self.on_duty(clock, interval)
        cells = {int(i): float(on[i]) for i in np.flatnonzero(on > 1e-9)}
        return replace(self, times=len(self.begins(clock)), cells=cells)


def patterns_of(shifts: Sequence[Any]) -> tuple[Pattern, ...]:
    """The shifts of a pool as patterns (not yet laid over a run)."""
    return tuple(Pattern(s.start, s.length, s.days, tuple((b.after, b.length, b.paid) for b in s.breaks), None, s.agents) for s in shifts)


@dataclass(frozen=True, kw_only=True)
class _Said:
    """A pattern, or several that begin one after the other."""

    start: float = said(Clock(), "when it begins")
    until: float | None = said(Clock(), "the last one begins then; absent: there is one", or_none=True)
    every: float | None = said(Duration(open_low=True), "time from one to the next", or_none=True)
    length: float = said(Duration(high=DAY, open_low=True), "from coming to leaving, breaks included")
    days: tuple[int, ...] = said(Days(), "days on which it begins", default=WEEKDAYS, because=RULE)
    breaks: tuple[Break, ...] = said(Listed(Block(Break), "breaks", lambda b: (b.after, b.length)), "breaks; absent: none", default=())
    cost: float | None = said(Number(high=1e9), "cost of one person and shift; absent: the wage of its paid hours", or_none=True)


def _several(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    if ("until" in node.items) != ("every" in node.items):
        cx.problem(node.key or node.pos, path, "until and every belong together: the last start, and the time from one to the next")
    if values.get("until") is not None and values.get("start") is not None and values["until"] < values["start"]:
        cx.problem(node.items["until"].pos, join(path, "until"), "lies before start")
    length = values.get("length")
    if length is not None and any(b.after + b.length > length for b in values.get("breaks", ())):
        cx.problem(node.items["breaks"].pos, join(path, "breaks"), "a break ends after the shift")


@dataclass(frozen=True, kw_only=True)
class _File:
    omnisim: float = said(Number(low=1, high=1), "schema version", default=1, because=RULE)
    pools: dict[str, tuple[_Said, ...]] = said(
        Names(Listed(Block(_Said, _several), "shifts", most=2000), "pool", least=1), "patterns by pool"
    )


FILE = Block(_File)


def read_shifts(path: str | os.PathLike[str], scenario: Scenario) -> dict[str, tuple[Pattern, ...]]:
    """The patterns of a file, by pool.  Raises ScenarioError with every problem at its line and column, OSError for no file."""
    shown = os.fspath(path)
    cx = Reading(currency=scenario.currency)
    with open(shown, "rb") as file:
        tree = read_tree(file.read(), shown)
    if not isinstance(tree, Map):
        raise ScenarioError([Problem(shown, 1, 1, WHOLE, f"found {found(tree)}; a mapping with pools is needed")])
    try:
        asked = FILE.read(tree, "", cx)
    except Refused:
        raise ScenarioError(sorted(cx.problems)) from None
    known = scenario.staffing.pools if scenario.staffing else {}
    for name in asked.pools:
        if name not in known:
            below = tree.items["pools"]
            at = below.items[name].key if isinstance(below, Map) else None
            cx.problem(at or Pos(shown), f"pools.{name}", f"is no pool of the scenario{nearest(name, known)}; there are: {listing(known)}")
    cx.raise_if_any()
    return {name: tuple(p for s in rows for p in _spread(s)) for name, rows in asked.pools.items()}


def _spread(s: _Said) -> list[Pattern]:
    """One pattern, or one for each start."""
    breaks = tuple((b.after, b.length, b.paid) for b in s.breaks)
    many = 1 if s.until is None or s.every is None else math.floor((s.until - s.start) / s.every + 1e-9) + 1
    return [Pattern(s.start + k * (s.every or 0.0), s.length, s.days, breaks, s.cost) for k in range(many)]
