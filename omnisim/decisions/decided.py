"""What to do: strategies and their fair opponents, at the inputs as they stand (chance) and over their ranges (ignorance).

    file --strategies, opponents--> worlds --seeds--> net value, 95 % (chance)
                                           --points of all inputs x few seeds--> P(pays), P(best), 90 % (ignorance), value of learning
                                           --one input at a time--> where the answer turns, beside the user's own value
    steps --every set of them at every point--> the order of least regret

Chance and ignorance are two intervals and never one.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.budget import Budget
from omnisim.decisions import fair
from omnisim.decisions.learning import Learned, evpi, evppi
from omnisim.decisions.steps import Steps, least_regret
from omnisim.decisions.worlds import Input, Nothing, World, Worlds
from omnisim.designs import latin_hypercube
from omnisim.estimate import CONFIDENCE, Spread, spread
from omnisim.experiment import Experiment
from omnisim.reasons.worth import Runner, unit_of
from omnisim.replications import ENGINES, How, Progress
from omnisim.scenario import Scenario

if TYPE_CHECKING:
    from omnisim.report.study import Study

TRIED = 8  # inputs moved one at a time
STEP_POINTS = 32  # at which every set of steps is run, with one seed
ALWAYS = ("context.hub.cost",)  # tried whatever the sample says of it
KINDS = {"same_staff": "same staff", "same_spend": "same spend", "same_service": "same service"}


@dataclass(frozen=True)
class Option:
    """One strategy or fair opponent against the baseline.  `kind`: strategy, or which fair opponent.

    `chance`: of the difference over seeds, inputs as they stand.  `mean`, `low`, `high`: of the difference over the points (90 %).
    `pays`, `best`: share of points in which it beats the baseline, and every other option.  `ignorance_sd`, `chance_sd`: spread of the
    difference between points, and within a point between seeds (None with one seed a point).
    """

    name: str
    kind: str
    how: str
    chance: Spread
    mean: float
    low: float
    high: float
    pays: float | None
    best: float
    ignorance_sd: float
    chance_sd: float | None


@dataclass(frozen=True)
class Turn:
    """One input: its own value, and where the answer about the focus turns; `learned`: what learning it first is worth.

    `at_low`, `at_high`: the difference at both ends of its range, the others as they stand; None where it was not tried.
    """

    path: str
    grade: str
    yours: str
    low: str
    high: str
    at_low: float | None
    at_high: float | None
    turns: str | None
    pays_above: bool | None
    learned: Learned

    @property
    def swing(self) -> float:
        return 0.0 if self.at_low is None or self.at_high is None else abs(self.at_high - self.at_low)


@dataclass(frozen=True)
class Decision:
    """What to do, how sure, and what to learn first; amounts in `unit` over `days`."""

    name: str
    question: str
    kpi: str
    unit: str
    days: float
    yearly: bool
    focus: str
    seeds: tuple[int, ...]
    points: int
    points_left_out: int
    point_seeds: int
    options: tuple[Option, ...]
    fair: tuple[tuple[str, str, str], ...]  # kind, opponent (empty: none), how it was made or why there is none
    inputs: tuple[Turn, ...]
    not_varied: tuple[str, ...]
    know_all: float  # what it is worth to know every input
    steps: Steps | None
    rests_on: dict[str, int]
    runs: int
    engine: str
    command: str = ""
    scenarios: tuple[tuple[str, Scenario], ...] = field(default=(), repr=False)
    stand: float = 0.0  # the difference of the focus as the inputs stand, of the seeds of the one-at-a-time runs

    @property
    def chosen(self) -> Option:
        """The option that is worth most on the mean over the ranges."""
        return max(self.options, key=lambda o: o.mean)

    @property
    def looked_at(self) -> Option:
        """The strategy that is asked about."""
        return next(o for o in self.options if o.name == self.focus)

    @property
    def text(self) -> str:
        from omnisim.decisions.words import lines

        return "\n".join(lines(self))

    def __str__(self) -> str:
        return self.text

    def to_json(self) -> dict[str, Any]:
        from omnisim.decisions.words import plain

        return plain(self)

    def study(self) -> Study:
        """The page of it, not drawn yet."""
        from omnisim.decisions.page import decided

        return decided(self)

    def report(self, folder: str | Path) -> Path:
        """Write the page, its figures and its numbers into `folder`; returns the path of report.html."""
        from omnisim.report.study import write

        return write(self.study(), Path(folder))


def decide(
    file: str | Path | Experiment,
    sets: Mapping[str, object] | None = None,
    *,
    seeds: int | None = None,
    seed: int | None = None,
    points: int | None = None,
    engine: str = "auto",
    workers: int | None = None,
    budget: Budget | None = None,
    progress: Progress | None = None,
    command: str = "",
) -> Decision:
    """What the strategies of an experiment file are worth, how sure, what turns the answer, and what to learn first.

    `sets`: changes of every strategy's scenario; `seeds`, `seed`, `points`: instead of what the file says.  Raises ScenarioError,
    BudgetExceeded, KeyError for a KPI that a strategy does not give, and ValueError where nothing can be decided.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine {engine!r} is not one of {', '.join(ENGINES)}")
    experiment = file if isinstance(file, Experiment) else Experiment.load(file, sets)
    question = experiment.question
    asked = question.asked
    if len(question.strategies) < 2:
        raise Nothing("a decision needs two strategies or more; the first is what is done today")
    how = How("reference" if engine == "reference" else "compiled", budget or Budget())
    first = seed if seed is not None else asked.seeds.first
    count = seeds or asked.seeds.count or asked.seeds.most
    which = tuple(range(first, first + count))
    if count < 2:
        raise Nothing("one seed gives no interval: two at least are needed")
    runner = Runner(how, workers, progress)
    own = [World(name, s, question.weeks.get(name)) for name, s in question.strategies.items()]
    focus = _focus(own)
    made = _opponents(experiment, own[0], focus, which, runner)
    every = [*own, *(m.world for m in made if m.world is not None)]
    worlds = Worlds(every, asked.kpis[0], asked.decide.peaks, runner, asked.decide.only, focus=own.index(focus))
    return _Deciding(experiment, worlds, focus, made, which, points or asked.decide.points).decision(command)


def _focus(own: Sequence[World]) -> World:
    """The strategy that is asked about: the one whose hub and capital cost most, where one costs more than today's; else the last."""
    cost = [fair.spent_per_day(w.scenario) for w in own]
    most = max(range(1, len(own)), key=lambda i: cost[i])
    return own[most] if cost[most] > cost[0] else own[-1]


def _opponents(e: Experiment, baseline: World, focus: World, seeds: Sequence[int], runner: Runner) -> list[fair.Made]:
    """The fair opponents the file names, and those that are made."""
    out = []
    for key, kind in KINDS.items():
        given = e.question.opponents.get(key)
        if given is not None:
            base = focus if key == "same_service" else baseline
            world = World(f"{base.name}, {kind}", given, e.question.weeks.get(key))
            out.append(fair.Made(kind, world, f"as the file says: {given.name}"))
        elif not e.question.asked.decide.fair:
            out.append(fair.Made(kind, None, "not asked (fair: false)"))
        elif key == "same_staff":
            out.append(fair.same_staff(baseline, focus))
        elif key == "same_spend":
            out.append(fair.same_spend(baseline, focus))
        else:
            out.append(fair.same_service(baseline, focus, seeds[:5], runner))
    return out


@dataclass
class _Deciding:
    experiment: Experiment
    worlds: Worlds
    focus: World
    made: list[fair.Made]
    seeds: tuple[int, ...]
    points: int

    def decision(self, command: str) -> Decision:
        w = self.worlds
        asked = self.experiment.question.asked
        inputs = w.some()
        few = self.seeds[: min(asked.decide.seeds, len(self.seeds))]
        self._expect(len(inputs), few)
        stands = w.worth([{}], self.seeds)[:, 0]
        places = latin_hypercube(self.points, len(inputs), asked.decide.seed)
        drawn = [dict(zip((i.name for i in inputs), row, strict=True)) for row in places.tolist()]
        seen = w.worth(drawn, few)
        valid = np.isfinite(seen).all(axis=(0, 2))
        if valid.sum() < 8:
            raise Nothing(f"only {int(valid.sum())} of {self.points} points make valid scenarios: narrow the ranges")
        seen, places = seen[:, valid], places[valid]
        worth = seen.mean(axis=2)
        learned = evppi(worth, places)
        turns, stand = self._turns(inputs, places, worth, learned, few)
        steps = self._steps([p for p, ok in zip(drawn, valid, strict=True) if ok][:STEP_POINTS], few[:1])
        unit = unit_of(w.worlds[0].scenario, w.kpi)
        return Decision(
            self.experiment.name, asked.question, w.kpi, unit, w.days, w.yearly, self.focus.name, self.seeds, int(valid.sum()),
            int((~valid).sum()), len(few), self._options(stands, seen),
            tuple((m.kind, m.world.name if m.world else "", m.words) for m in self.made), tuple(turns), tuple(w.not_varied),
            evpi(worth), steps, self._rests_on(), w.runner.done, w.runner.how.engine, command,
            tuple((x.name, x.scenario) for x in w.worlds), stand,
        )  # fmt: skip

    def _expect(self, inputs: int, few: Sequence[int]) -> None:
        """How many replications this will be, about, for the time that is left."""
        runs = len(self.worlds.worlds[0].scenarios)  # of one world and seed
        steps = self.experiment.question.steps
        sets = (1 << len(steps)) * min(self.points, STEP_POINTS) if steps else 0
        tried = 2 * (2 * min(TRIED + 1, inputs) + 1) * len(self._tested)
        all_ = len(self.worlds.worlds) * (len(self.seeds) + self.points * len(few)) + tried + sets
        self.worlds.runner.expected = self.worlds.runner.done + runs * all_

    @property
    def _tested(self) -> tuple[int, ...]:
        """Seeds of the one-at-a-time runs."""
        return self.seeds[:5]

    def _options(self, stands: np.ndarray, seen: np.ndarray) -> tuple[Option, ...]:
        worth = seen.mean(axis=2)
        top = worth.max(axis=0)
        kinds = {m.world.name: m for m in self.made if m.world is not None}
        out = []
        for i, world in enumerate(self.worlds.worlds):
            gains = worth[i] - worth[0]
            low, high = np.quantile(gains, [0.05, 0.95])
            within = None
            if seen.shape[2] > 1:
                within = float(np.sqrt((seen[i] - seen[0]).var(axis=1, ddof=1).mean()))
            between = float(gains.var(ddof=1)) - ((within or 0.0) ** 2 / seen.shape[2] if within is not None else 0.0)
            m = kinds.get(world.name)
            chance = stands[i] - stands[0]
            out.append(
                Option(
                    world.name, m.kind if m else ("today" if i == 0 else "strategy"), m.words if m else "",
                    spread(chance, float(np.abs(stands).max())), float(gains.mean()), float(low), float(high),
                    None if i == 0 else float((gains > 0.0).mean()), float((worth[i] >= top).mean()), max(0.0, between) ** 0.5, within,
                )
            )  # fmt: skip
        return tuple(out)

    def _turns(
        self, inputs: Sequence[Input], places: np.ndarray, worth: np.ndarray, learned: Sequence[Learned], few: Sequence[int]
    ) -> tuple[list[Turn], float]:
        """Inputs by what learning them is worth, then by what they move; the first ones tried alone at both ends."""
        w = self.worlds
        f = next(i for i, x in enumerate(w.worlds) if x.name == self.focus.name)
        gains = worth[f] - worth[0]
        strength = [_correlation(places[:, i], gains) for i in range(len(inputs))]
        order = sorted(range(len(inputs)), key=lambda i: (-learned[i].value, -abs(strength[i])))
        tried = list(dict.fromkeys([*order[:TRIED], *(i for i in order if inputs[i].name in ALWAYS)]))
        pair = Worlds([w.worlds[0], w.worlds[f]], w.kpi, w.peaks, w.runner, w.only)
        mine = {i.stated: i for i in pair.inputs}
        both = {n: mine.get(i.stated) for n, i in enumerate(inputs)}
        asked = [(n, one) for n in tried if (one := both[n]) is not None]
        wanted: list[dict[str, float]] = [{}, *({one.name: u} for _, one in asked for u in (0.0, 1.0))]
        seen = pair.worth(wanted, self._tested)
        ends = (seen[1] - seen[0]).mean(axis=1)
        at_ends = {n: (float(ends[1 + 2 * k]), float(ends[2 + 2 * k])) for k, (n, _) in enumerate(asked)}
        turns = [self._turn(inputs[n], w.stands.get(inputs[n].name), at_ends.get(n), float(ends[0]), learned[n]) for n in order]
        turns.sort(key=lambda t: (-t.learned.value, -t.swing))
        return turns, float(ends[0])

    @staticmethod
    def _turn(i: Input, stand: float | None, ends: tuple[float, float] | None, middle: float, learned: Learned) -> Turn:
        """One input in words; `ends`: the difference at both ends of its range, None where they were not tried."""
        low, high = ends if ends is not None and np.isfinite(ends).all() else (None, None)
        place = None if low is None or high is None else _zero(low, middle, high, stand)
        yours = i.words(stand) if stand is not None else i.value
        turns = None if place is None else i.words(place)
        above = None if place is None or low is None or high is None else high > low
        return Turn(i.name, i.grade, yours, i.words(0.0), i.words(1.0), low, high, turns, above, learned)

    def _steps(self, points: Sequence[Mapping[str, float]], few: Sequence[int]) -> Steps | None:
        """Every set of steps at the first points, on the baseline."""
        said = self.experiment.question.steps
        if not said:
            return None
        names = list(said)
        base = self.worlds.worlds[0]
        made = []
        for m in range(1 << len(names)):
            changes = {k: v for i, n in enumerate(names) if m >> i & 1 for k, v in said[n].items()}
            made.append(base.with_(changes, f"set {m}") if changes else base)
        w = Worlds(made, self.worlds.kpi, self.worlds.peaks, self.worlds.runner, self.worlds.only)
        asked = {i.stated: i.name for i in self.worlds.inputs}
        known = {asked[i.stated]: i.name for i in w.inputs if i.stated in asked}  # a step may state what no strategy does
        worth = w.worth([{known[p]: u for p, u in point.items() if p in known} for point in points], few).mean(axis=2)
        fine = np.isfinite(worth).all(axis=0)
        return least_regret(names, worth[:, fine] / len(names)) if fine.any() else None

    def _rests_on(self) -> dict[str, int]:
        grades = {row.path: row.grade for x in reversed(self.worlds.worlds) for s in x.scenarios for row in s.provenance()}
        counts = list(grades.values())
        return {g: counts.count(g) for g in ("own", "A", "B", "C")}


def _zero(low: float, middle: float, high: float, stand: float | None) -> float | None:
    """Where straight lines through (0, low), (stand, middle), (1, high) are 0, the crossing nearest to where it stands; None: nowhere.

    >>> round(_zero(-2.0, 1.0, 3.0, 0.6), 9), _zero(1.0, 1.0, 2.0, 0.5), _zero(-1.0, 0.0, 1.0, None)
    (0.4, None, 0.5)
    """
    knots = [(0.0, low), (1.0, high)] if stand is None or not 0.0 < stand < 1.0 else [(0.0, low), (stand, middle), (1.0, high)]
    found = []
    for (a, x), (b, y) in itertools.pairwise(knots):
        if x * y < 0.0:
            found.append(a + (b - a) * x / (x - y))
    if not found:
        return None
    return min(found, key=lambda u: abs(u - (0.5 if stand is None else stand)))


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    """0 where one of them does not vary."""
    return 0.0 if np.ptp(x) == 0.0 or np.ptp(y) == 0.0 else float(np.corrcoef(x, y)[0, 1])


def interval_of(s: Spread) -> tuple[float | None, float | None]:
    """The 95 % interval of a spread."""
    return s.interval(1.0 - CONFIDENCE) or (None, None)
