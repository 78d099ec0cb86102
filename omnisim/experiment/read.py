"""From an experiment file to what it asks, or to every reason why not.

YAML --strict tree--> Asked --scenario files, strategies, levels, design--> Question: strategies x cells
          \\__________ problems are collected, each at its line and column __________/
"""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from omnisim import designs
from omnisim.experiment.said import ASKED, MOST_POINTS, SPREAD, Asked, Factor, Strategy, Value
from omnisim.kpis import MEASURES
from omnisim.scenario import Problem, Scenario, ScenarioError, load
from omnisim.scenario.files import Folder
from omnisim.scenario.kinds import Reading
from omnisim.scenario.problem import WHOLE, Pos, Refused, listing, nearest
from omnisim.scenario.strictyaml import read_tree
from omnisim.scenario.tree import Map, found, place
from omnisim.scenario.units import Unreadable, plain_number, split
from omnisim.scenario.yamltext import flow, scalar

ROOT_NAME = "experiments"
OPPONENTS = ("same_staff", "same_spend", "same_service")
TRIED = 200  # levels of a factor that are tried one by one before anything runs


@dataclass(frozen=True)
class Cell:
    """One combination of levels: what each factor stands at, and the changes of the scenario that bring it about.

    `places`: where each factor stands between the ends of its range, 0 to 1, NaN where a list says its value; `levels`: the number of
    its level, -1 where it has none.
    """

    settings: dict[str, Any]
    changes: dict[str, object]
    places: tuple[float, ...] = ()
    levels: tuple[int, ...] = ()


@dataclass(frozen=True)
class Question:
    """What a file asks, ready to run: `strategies` by name (the first is the baseline), `cells` in the order of the design."""

    asked: Asked
    strategies: dict[str, Scenario]
    cells: tuple[Cell, ...]
    weeks: dict[str, Scenario] = field(default_factory=dict)  # ordinary weeks, by strategy or fair opponent
    opponents: dict[str, Scenario] = field(default_factory=dict)  # fair opponents that the file names: same staff, spend, service
    steps: dict[str, dict[str, object]] = field(default_factory=dict)  # changes of the baseline, by step


def experiment_root(file: Path) -> Path:
    """The folder within which an experiment may name scenarios: that which holds the folder `experiments`, or the file's own.

    >>> experiment_root(Path("/shop/experiments/a.yaml")).as_posix(), experiment_root(Path("/shop/a.yaml")).as_posix()
    ('/shop', '/shop')
    """
    above = [p for p in file.parents if p.name == ROOT_NAME]
    return above[-1].parent if above else file.parent


def read(path: str | os.PathLike[str], sets: Mapping[str, object] | None = None) -> Question:
    """What an experiment file asks; `sets`: changes of every strategy's scenario on top.  Raises ScenarioError with all problems."""
    shown = os.fspath(path)
    if "\0" in shown:
        raise ScenarioError([Problem(shown.replace("\0", "?"), 1, 1, WHOLE, "this is no path")])
    cx = Reading()
    folder = Folder(shown, experiment_root)
    try:
        tree = read_tree(folder.read_main(), shown)
    except ValueError as e:
        raise ScenarioError([Problem(shown, 1, 1, WHOLE, str(e))]) from None
    if not isinstance(tree, Map):
        words = f"found {found(tree)}; an experiment is a mapping that begins with 'omnisim: 1'"
        raise ScenarioError([Problem(shown, tree.pos.line, tree.pos.col, WHOLE, words)])
    try:
        asked = ASKED.read(tree, "", cx)
    except Refused:
        raise ScenarioError(sorted(cx.problems)) from None
    made = _Reader(asked, tree, folder, cx, dict(sets or {})).question()
    if cx.problems or made is None:
        raise ScenarioError(sorted(cx.problems))
    return made


def as_change(value: Any) -> object:
    """A value for `Scenario.with_`, which reads text as on a command line: text that would be read as something else is quoted."""
    return scalar(value) if isinstance(value, str) else value


class _Reader:
    """Turns what is said into strategies and cells, writing down what does not fit."""

    def __init__(self, asked: Asked, tree: Map, folder: Folder, cx: Reading, sets: dict[str, object]) -> None:
        self.asked, self.tree, self.folder, self.cx, self.sets = asked, tree, folder, cx, sets

    def question(self) -> Question | None:
        ladders = self._ladders()
        strategies = self._strategies()
        if self.cx.problems:
            return None
        cells = self._cells(strategies, ladders)
        if cells is None or self.cx.problems:
            return None
        self._check_kpis(strategies)
        weeks, opponents = self._deciding()
        return Question(self.asked, strategies, cells, weeks, opponents, self._steps(strategies, weeks))

    def _deciding(self) -> tuple[dict[str, Scenario], dict[str, Scenario]]:
        """Ordinary weeks by strategy, and the fair opponents that are named."""
        weeks, opponents = {}, {}
        said = {name: (s, f"strategies.{name}") for name, s in self.asked.strategies.items()}
        for name in OPPONENTS:
            opponent = getattr(self.asked.decide, name)
            if opponent is not None:
                said[name] = (opponent, f"decide.{name}")
                made = self._load(opponent.file or self.asked.scenario, f"decide.{name}.file")
                if made is not None:
                    opponents[name] = self._changed(made, opponent, f"decide.{name}")
        for name, (strategy, here) in said.items():
            week = self._load(strategy.week, f"{here}.week") if strategy.week is not None else None
            if week is not None:
                weeks[name] = self._changed(week, strategy, here)
        missing = [name for name in said if name not in weeks]
        if weeks and missing and not self.cx.problems:
            here = said[missing[0]][1]
            self.cx.problem(place(self.tree, here), f"{here}.week", "is missing: other strategies have an ordinary week")
        return weeks, opponents

    def _steps(self, strategies: Mapping[str, Scenario], weeks: Mapping[str, Scenario]) -> dict[str, dict[str, object]]:
        """The changes of each step, tried on the baseline."""
        out = {}
        first = next(iter(strategies), "")
        for name, step in self.asked.decide.steps.items():
            out[name] = {path: as_change(v.plain) for path, v in step.set.items()}
            for scenario in [strategies[first], *([weeks[first]] if first in weeks else [])] if first else []:
                for path, value in step.set.items():
                    self._vary(scenario, {path: as_change(value.plain)}, value.pos, f"decide.steps.{name}.set.{path}")
        return out

    def _strategies(self) -> dict[str, Scenario]:
        named = self.asked.strategies or {"scenario": Strategy()}
        out: dict[str, Scenario] = {}
        base = self._load(self.asked.scenario, "scenario")
        for name, said in named.items():
            here = f"strategies.{name}"
            scenario = base if said.file is None else self._load(said.file, f"{here}.file")
            if scenario is None:
                continue
            out[name] = self._changed(scenario, said, here)
        return out

    def _changed(self, scenario: Scenario, said: Strategy, here: str) -> Scenario:
        """A strategy: the command line's changes, those of all strategies, its own; what is wrong is left out and written down."""
        common = [(path, value, f"set.{path}") for path, value in self.asked.set.items()]
        own = [(path, value, f"{here}.set.{path}") for path, value in said.set.items()]
        scenario = self._vary(scenario, self.sets, place(self.tree, here), here) or scenario
        for path, value, where in [*common, *own]:
            scenario = self._vary(scenario, {path: as_change(value.plain)}, value.pos, where) or scenario
        return scenario

    def _load(self, name: str, path: str) -> Scenario | None:
        pos = place(self.tree, path)
        try:
            shown = self.folder.named(name, self.folder.main)
            self.folder.read(shown)  # a file that is not there is this file's mistake
            return load(shown)
        except ValueError as e:
            self.cx.problem(pos, path, str(e))
        except ScenarioError as e:
            for p in e.problems:
                if p not in self.cx.problems:
                    self.cx.problem(Pos(p.file, p.line, p.col), p.path, p.message)
        return None

    def _vary(self, scenario: Scenario, changes: Mapping[str, object], pos: Pos, path: str, hint: str = "") -> Scenario | None:
        """The scenario with changes, or None and the problems they make, at the place where the change is said."""
        try:
            return scenario.with_(changes) if changes else scenario
        except ScenarioError as e:
            for p in e.problems:
                where = f"{p.path}: " if p.path not in path else ""
                made = Problem(pos.file, pos.line, pos.col, path, f"{where}{p.message}{hint}")
                if made not in self.cx.problems:  # several strategies may share a change
                    self.cx.problem(pos, path, made.message)
        return None

    def _check_kpis(self, strategies: Mapping[str, Scenario]) -> None:
        """A KPI that no strategy gives is no question."""
        from omnisim.kpis import columns
        from omnisim.tables import Tables

        given = {c.kpi for s in strategies.values() for c in columns(Tables.build(s)) if c.scope == ()}
        wanted = {f"kpis[{i}]": kpi for i, kpi in enumerate(self.asked.kpis)}
        if self.asked.seeds.until:
            wanted["seeds.until.kpi"] = self.asked.seeds.until.kpi
        if not wanted:
            self.cx.problem(place(self.tree, "kpis"), "kpis", "is empty; at least one KPI is needed")
        for path, kpi in wanted.items():
            if kpi not in given:
                words = f"these scenarios give no {kpi} in total; they give {listing(sorted(given), 30)}"
                self.cx.problem(place(self.tree, path), path, words)
        for i, kpi in enumerate(self.asked.tradeoff or ()):
            if kpi not in self.asked.kpis:
                words = f"{kpi} is none of the kpis of this file: {listing(self.asked.kpis)}"
                self.cx.problem(place(self.tree, f"tradeoff[{i}]"), f"tradeoff[{i}]", words)
            elif not MEASURES[kpi].better:
                words = f"of {kpi} neither more nor less is better"
                self.cx.problem(place(self.tree, f"tradeoff[{i}]"), f"tradeoff[{i}]", words)
        if len(set(self.asked.tradeoff or ())) == 1:
            self.cx.problem(place(self.tree, "tradeoff"), "tradeoff", "two different KPIs are needed")
        if self.asked.seeds.until and self.asked.seeds.until.settled and len(strategies) < 2:
            words = "a paired difference needs two strategies or more"
            self.cx.problem(place(self.tree, "seeds.until"), "seeds.until.settled", words)

    def _ladders(self) -> "dict[str, _Ladder]":
        """The levels of every factor; none for a list, which says its points itself."""
        kind = self.asked.design.kind
        if kind == "list":
            return {}
        if kind in SPREAD and not self.asked.factors:
            self.cx.problem(place(self.tree, "design"), "design", f"{kind} needs factors")
        made = {n: self._ladder(n, f, kind in SPREAD) for n, f in self.asked.factors.items()}
        return {n: ladder for n, ladder in made.items() if ladder is not None}

    def _cells(self, strategies: Mapping[str, Scenario], steps: "Mapping[str, _Ladder]") -> tuple[Cell, ...] | None:
        design = self.asked.design
        if design.kind == "list":
            return self._listed(strategies)
        self._try_levels(strategies, steps, design.kind in SPREAD)
        if design.kind in SPREAD:
            places = self._places(len(steps))
            if places is None:
                return None
            return tuple(_cell(self.asked, {n: s.at(u) for (n, s), u in zip(steps.items(), row, strict=True)}) for row in places.tolist())
        counts = [len(s.levels) for s in steps.values()]
        base = self._base(steps) if design.kind == "one_at_a_time" else []
        if math.prod(counts) > MOST_POINTS and design.kind == "factorial":
            words = f"{math.prod(counts):,} points; at most {MOST_POINTS:,} are run (latin_hypercube and sobol need fewer)"
            self.cx.problem(place(self.tree, "factors"), "factors", words)
        if base is None or self.cx.problems:
            return None
        rows = designs.one_at_a_time(counts, base) if design.kind == "one_at_a_time" else designs.factorial(counts)
        return tuple(_cell(self.asked, {n: s.levels[i] for (n, s), i in zip(steps.items(), row, strict=True)}) for row in rows.tolist())

    def _places(self, factors: int) -> np.ndarray | None:
        """Where the points of a spread design lie, f8[point, factor]; None if they are too many, or what makes them is not there."""
        design = self.asked.design
        each = {"saltelli": factors + 2, "morris": factors + 1}.get(design.kind, 1)
        count = (design.trajectories if design.kind == "morris" else design.points) or 0
        if count * each > MOST_POINTS:
            self.cx.problem(place(self.tree, "design"), "design", f"{count * each:,} points; at most {MOST_POINTS:,} are run")
            return None
        try:
            return np.asarray(getattr(designs, design.kind)(count, factors, design.seed))
        except ModuleNotFoundError as e:
            words = f'{design.kind} is made by {e.name}, which is not installed: pip install ".[opt]" in the checkout'
            self.cx.problem(place(self.tree, "design"), "design", words)
            return None

    def _base(self, steps: "Mapping[str, _Ladder]") -> list[int] | None:
        out = []
        for name, value in self.asked.design.base.items():
            known = [flow(v.shown) for v in steps[name].levels] if name in steps else []
            if name not in steps:
                words = f"{name!r} is no factor{nearest(name, steps)}; there are: {listing(steps)}"
            elif flow(value.plain) not in known:
                words = f"{flow(value.plain)} is no level of {name}; there are: {listing(known)}"
            else:
                continue
            self.cx.problem(value.pos, f"design.base.{name}", words)
        if self.cx.problems:
            return None
        for name, ladder in steps.items():
            said = self.asked.design.base.get(name)
            out.append(0 if said is None else [flow(v.shown) for v in ladder.levels].index(flow(said.plain)))
        return out

    def _listed(self, strategies: Mapping[str, Scenario]) -> tuple[Cell, ...]:
        names = list(self.asked.factors)
        out: list[dict[str, Level]] = []
        for i, row in enumerate(self.asked.design.rows):
            here = f"design.rows[{i}]"
            for name in [n for n in row if n not in names]:
                words = f"{name!r} is no factor{nearest(name, names)}; there are: {listing(names)}"
                self.cx.problem(row[name].pos, f"{here}.{name}", words)
            if missing := [n for n in names if n not in row]:
                self.cx.problem(place(self.tree, here), here, f"a value is missing for {listing(missing)}")
                continue
            levels = {n: self._named(n, row[n].plain) for n in names}
            for name in names if i < TRIED else ():
                self._try(strategies, name, levels[name].value, row[name].pos, f"{here}.{name}")
            out.append(levels)
        return tuple(_cell(self.asked, levels) for levels in out)

    def _named(self, factor: str, value: Any) -> "Level":
        """A level by its name, where the factor has named ones, else the value itself."""
        known = (self.asked.factors[factor].levels or {}).get(flow(value))
        return Level(value, value if known is None else known.plain)

    def _try_levels(self, strategies: Mapping[str, Scenario], steps: "Mapping[str, _Ladder]", spread: bool) -> None:
        """Every level alone, on the baseline; the first one on every strategy."""
        baseline = dict(list(strategies.items())[:1])
        for name, ladder in steps.items():
            said = list((self.asked.factors[name].levels or {}).values())
            trials = [ladder.at(u) for u in (0.0, 0.372, 1.0)] if spread and not said else list(ladder.levels)
            for i, level in enumerate(trials[:TRIED]):
                pos = said[i].pos if said else place(self.tree, f"factors.{name}.{'low' if i == 0 else 'high'}")
                path = f"factors.{name}.levels[{i}]" if said else f"factors.{name}"
                hint = "" if said or ladder.step or i == 0 else "; for whole numbers say step: 1"
                fine = self._try(strategies if i == 0 else baseline, name, level.value, pos, path, hint)
                if not fine and not said:
                    break

    def _try(self, strategies: Mapping[str, Scenario], name: str, value: Any, pos: Pos, path: str, hint: str = "") -> bool:
        for scenario in strategies.values():
            changes = {p: as_change(value) for p in self.asked.factors[name].path}
            if self._vary(scenario, changes, pos, path, hint) is None:
                return False
        return True

    def _ladder(self, name: str, factor: Factor, spread: bool) -> "_Ladder | None":
        """The levels of a factor, and its value at any place of its range."""
        here = f"factors.{name}"
        if factor.levels is not None:
            most = max(len(factor.levels) - 1, 1)
            said = enumerate(factor.levels.items())
            return _Ladder([Level(v.plain if name == flow(v.plain) else name, v.plain, i / most, i) for i, (name, v) in said])
        if factor.low is None or factor.high is None:
            self.cx.problem(place(self.tree, here), here, "levels are needed, or a range from low to high")
            return None
        low, high = self._quantity(factor.low, f"{here}.low"), self._quantity(factor.high, f"{here}.high")
        if low is None or high is None:
            return None
        if low[1] != high[1]:
            words = f"found the unit {high[1] or 'none'!r}; low has {low[1] or 'none'!r}: give both in one unit"
            self.cx.problem(factor.high.pos, f"{here}.high", words)
        elif not low[0] < high[0] or (factor.scale == "log" and low[0] <= 0.0):
            words = "it must be above low" if not low[0] < high[0] else "levels at equal ratios need a low above 0"
            self.cx.problem(factor.high.pos, f"{here}.high", words)
        elif not spread and factor.count is None and factor.step is None:
            self.cx.problem(place(self.tree, here), here, "count or step is needed: how many levels there are between low and high")
        else:
            return _range(low[0], high[0], low[1], factor)
        return None

    def _quantity(self, value: Value, path: str) -> tuple[float, str] | None:
        """Number and unit."""
        try:
            if isinstance(value.plain, str):
                number, unit = split(value.plain)
                return float(number), unit
            if isinstance(value.plain, int | float) and not isinstance(value.plain, bool):
                return float(value.plain), ""
        except Unreadable as e:
            self.cx.problem(value.pos, path, f"{flow(value.plain)[:60]} {e}; a number with its unit is needed, such as '5 min'")
            return None
        self.cx.problem(value.pos, path, "a number with its unit is needed, such as '5 min'")
        return None


@dataclass(frozen=True)
class Level:
    """A value of a factor and how it is shown: by its name, or as it is; its place in the range and its number among the levels."""

    shown: Any
    value: Any
    place: float = math.nan
    number: int = -1


def _cell(asked: Asked, levels: Mapping[str, Level]) -> Cell:
    changes = {path: as_change(level.value) for name, level in levels.items() for path in asked.factors[name].path}
    places, numbers = tuple(level.place for level in levels.values()), tuple(level.number for level in levels.values())
    return Cell({name: level.shown for name, level in levels.items()}, changes, places, numbers)


@dataclass(frozen=True)
class _Ladder:
    """The levels of a factor; `spot`: its value at a place 0 to 1 of its range (levels: the one that lies there)."""

    levels: Sequence[Level]
    spot: Callable[[float], Level] | None = None
    step: float | None = None

    def at(self, u: float) -> Level:
        return self.spot(u) if self.spot else self.levels[min(int(u * len(self.levels)), len(self.levels) - 1)]


def _range(low: float, high: float, unit: str, factor: Factor) -> _Ladder:
    def spot(u: float, i: int = -1) -> Level:
        x = low * (high / low) ** u if factor.scale == "log" else low + (high - low) * u
        if factor.step:
            most = math.floor((high - low) / factor.step + 1e-9)
            x = low + min(round((x - low) / factor.step), most) * factor.step
            u = (x - low) / (high - low)
        number = plain_number(float(f"{x:.12g}"))
        value = f"{number} {unit}" if unit else number
        return Level(value, value, u, i)

    if factor.step:
        n = math.floor((high - low) / factor.step + 1e-9) + 1
        places = [factor.step * i / (high - low) for i in range(n)]
    else:
        places = np.linspace(0.0, 1.0, factor.count or 2).tolist()
    return _Ladder([spot(u, i) for i, u in enumerate(places)], spot, factor.step)
