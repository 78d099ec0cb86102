"""Strategies at any place of the ranges of their inputs: what each is worth, by seed, over a year where weeks are given.

    World(name, scenario, week)  x  {input: place 0..1}  --with_, run, weighted--> worth f8[world, point, seed]

An input that several strategies state alike (value and range) is one input, at the same place in all of them.  Where a strategy
states another value or range it is another input, which moves by itself: what a shop knows of its hub says nothing of another's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from omnisim.annual import weights
from omnisim.ignorance import Lever, lever_of
from omnisim.kpis import define
from omnisim.reasons.worth import Runner
from omnisim.scenario import Provenance, Scenario, ScenarioError

Row = tuple[str, str, str, str, str]  # path, value, low, high, unit
SUMS = ("ebit", "cm1", "cm2", "cm3", "cm4", "revenue", "net_sales", "orders")  # what adds up over a year


@dataclass(frozen=True)
class World:
    """One strategy, and the same in an ordinary week where a year is to be made."""

    name: str
    scenario: Scenario
    week: Scenario | None = None

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """One or two."""
        return (self.scenario,) if self.week is None else (self.scenario, self.week)

    def with_(self, changes: Mapping[str, object], name: str = "") -> World:
        """The same with values changed in both.  Raises ScenarioError."""
        return World(name or self.name, *(s.with_(changes) for s in self.scenarios))


@dataclass(frozen=True)
class Input:
    """One graded input: its range in `unit`, and where it stands: `at` (world, 0 or 1 for its week), all with the same value and range."""

    path: str
    name: str
    grade: str
    value: str
    low: float
    high: float
    unit: str
    lever: Lever = field(repr=False)
    at: tuple[tuple[int, int], ...] = field(repr=False)

    @property
    def stated(self) -> tuple[str, str, float, float, str]:
        """What makes two inputs the same: path, value and range."""
        return self.path, self.value, self.low, self.high, self.unit

    def number(self, place: float) -> float:
        """The input at a place of its range."""
        return self.low + place * (self.high - self.low)

    def words(self, place: float) -> str:
        """The same with its unit.

        >>> lever = Lever(("a.b",), 1.0, 3.0, "d")
        >>> Input("a.b", "a.b", "C", "2 d", 1.0, 3.0, "d", lever, ((0, 0),)).words(0.25)
        '1.5 d'
        >>> Input("a.b", "a.b", "C", "6 h", 0.0, 86400.0, "s", lever, ((0, 0),)).words(0.25)
        '6 h'
        """
        x, unit = self.number(place), self.unit
        if unit == "s" and abs(x) >= 7200.0:
            x, unit = x / 3600.0, "h"
        return f"{f'{x:.4g}' if abs(x) < 1e4 else f'{x:,.0f}'} {unit}".strip()


class Nothing(ValueError):
    """Nothing can be decided or varied here; the message says why."""


@dataclass
class Worlds:
    """Several strategies, the first the baseline, and how they are run."""

    worlds: list[World]
    kpi: str
    peaks: int
    runner: Runner
    only: Sequence[str] = ()
    focus: int = 1  # which of them is asked about: its inputs have plain names
    not_varied: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.yearly and self.kpi not in SUMS:
            raise Nothing(f"{self.kpi} does not add up over a year: leave the weeks out, or decide by {', '.join(SUMS[:5])}")

    @property
    def yearly(self) -> bool:
        """Whether worth is that of a year."""
        return self.worlds[0].week is not None

    @property
    def sign(self) -> float:
        """+1 where more is better, -1 where less is."""
        return -1.0 if define(self.kpi).better == "lower" else 1.0

    @cached_property
    def shares(self) -> tuple[float, float]:
        """How often the measured time of scenario and of week counts."""
        if not self.yearly:
            return 1.0, 0.0
        peak, week = self.worlds[0].scenarios
        w = weights(_days(peak), _days(week), self.peaks)
        return w.peak, w.week

    @property
    def days(self) -> float:
        """Days that a worth is about."""
        return sum(w * _days(s) for w, s in zip(self.shares, self.worlds[0].scenarios, strict=False))

    @cached_property
    def inputs(self) -> list[Input]:
        """The inputs that can be moved, by name; fills `not_varied` with the graded ones that cannot."""
        rows: dict[Row, tuple[Provenance, list[tuple[int, int]]]] = {}
        for w, world in enumerate(self.worlds):
            for s, scenario in enumerate(world.scenarios):
                for row in scenario.provenance():
                    if row.grade in ("A", "B", "C") and (not self.only or row.path in self.only):
                        same = (row.path, row.value, row.low, row.high, row.unit)
                        rows.setdefault(same, (row, []))[1].append((w, s))
        made: list[Input] = []
        missed = set()
        for row, at in rows.values():
            lever = lever_of(self.worlds[at[0][0]].scenarios[at[0][1]], row)
            if lever is None:
                missed.add(row.path)
            else:
                made.append(Input(row.path, row.path, row.grade, row.value, lever.low, lever.high, lever.unit, lever, tuple(at)))
        self.not_varied = sorted(missed - {i.path for i in made})
        return sorted(self._named(made), key=lambda i: i.name)

    def some(self) -> list[Input]:
        """The inputs, at least one; raises Nothing where there is none, or one that was asked for states no range."""
        found = self.inputs
        unknown = [p for p in self.only if p not in {i.path for i in found}]
        if unknown or not found:
            raise Nothing(
                f"{unknown[0]} states no range that could be varied" if unknown else "no input states a range that could be varied"
            )
        return found

    def _named(self, made: Sequence[Input]) -> list[Input]:
        """Inputs that strategies state otherwise get the name of the first strategy that does; those of the focus are plain."""

        def rank(i: Input) -> tuple[bool, tuple[int, int]]:
            return any(w == self.focus for w, _ in i.at), max(i.at)

        out = []
        for i in made:
            first = all(rank(i) > rank(x) for x in made if x.path == i.path and x is not i)
            out.append(i if first else replace(i, name=f"{i.path} of {self.worlds[i.at[0][0]].name}"))
        return out

    def at(self, place: Mapping[str, float]) -> list[World]:
        """Every strategy with some inputs, by name, at places of their ranges; empty where one of them would be no valid scenario."""
        by = {i.name: i for i in self.inputs} if place else {}
        changes: dict[tuple[int, int], dict[str, str]] = {}
        for name, u in place.items():
            for at in by[name].at:
                changes.setdefault(at, {}).update(by[name].lever.at(u))
        out = []
        for w, world in enumerate(self.worlds):
            try:
                made = [s.with_(changes[w, n]) if (w, n) in changes else s for n, s in enumerate(world.scenarios)]
            except ScenarioError:
                return []
            out.append(World(world.name, *made))
        return out

    def worth(self, places: Sequence[Mapping[str, float]], seeds: Sequence[int]) -> np.ndarray:
        """f8[world, point, seed], the better the larger; NaN where a point makes no valid scenario or the KPI is undefined."""
        points = [self.at(p) for p in places]
        flat = [w for worlds in points for w in worlds]
        out = np.full((len(self.worlds), len(places), len(seeds)), np.nan)
        values = iter(self.value(flat, seeds))
        for n, worlds in enumerate(points):
            for i in range(len(worlds)):
                out[i, n] = next(values)
        return out

    def value(self, worlds: Sequence[World], seeds: Sequence[int]) -> np.ndarray:
        """f8[world, seed] of any worlds of the same make, the better the larger."""
        if not worlds:
            return np.zeros((0, len(seeds)))
        found = self.runner.worth([s for w in worlds for s in w.scenarios], self.kpi, seeds)
        if not self.yearly:
            return self.sign * found
        peak, week = self.shares
        return self.sign * (peak * found[0::2] + week * found[1::2])

    @cached_property
    def stands(self) -> dict[str, float]:
        """Where inputs stand in their ranges, by name; an input of which that cannot be said is left out."""
        out = {}
        for i in self.inputs:
            scenario = self.worlds[i.at[0][0]].scenarios[i.at[0][1]]
            now = _look(scenario, i.lever.paths[0])
            place = None if now is None else _place(scenario, i.lever, now)
            if place is not None:
                out[i.name] = place
        return out


def _place(scenario: Scenario, lever: Lever, now: float) -> float | None:
    """Where a number stands between both ends of a lever."""
    try:
        ends = [_look(scenario.with_(lever.at(u)), lever.paths[0]) for u in (0.0, 1.0)]
    except ScenarioError:
        return None
    if ends[0] is None or ends[1] is None or ends[0] == ends[1]:
        return None
    return min(1.0, max(0.0, (now - ends[0]) / (ends[1] - ends[0])))


def _days(s: Scenario) -> float:
    return (s.clock.horizon - s.clock.warmup) / 86400.0


def _look(scenario: Scenario, path: str) -> float | None:
    """The number at a path, in base units; None where there is none."""
    value: Any = scenario
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else getattr(value, part, None)
    if isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], tuple):  # a rate that is the same all day
        value = value[0][1]
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
