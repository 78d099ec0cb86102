"""One case: a scenario whose answer is known, how long it is played, and how near the answer must come.

    Case --play--> Played --Row.seen--> Statistic --judge--> Judged
    scenario       KPIs and rows        estimate, error      within the tolerance, and sure of it

A row holds where the estimate lies within its tolerance of the known value, within 4 standard errors of it, and the
half-width of its 95 % interval is no larger than half the tolerance (`share` of it, for a short run).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from omnisim.answers import run, simulate
from omnisim.estimate import Sample, spread, t_quantile
from omnisim.kpis import measure
from omnisim.kpis.columns import columns
from omnisim.kpis.measuring import Values
from omnisim.records import Records
from omnisim.scenario import Scenario, load
from omnisim.tables import Tables
from omnisim.words import Formula

SCENARIOS = Path(__file__).resolve().parent.parent.parent / "scenarios"
FORMULAS = tuple(f.name.lower() for f in Formula)
MOST_ERRORS = 4.0
HALF = 0.5  # the half-width may be half the tolerance
Floats = np.ndarray
Observe = Callable[[Tables, Records], Mapping[str, Any]]


@dataclass(frozen=True)
class Statistic:
    """An estimate, its standard error (0: certain), and the number of values it rests on."""

    estimate: float
    error: float
    n: int

    @property
    def half(self) -> float:
        """Half-width of the 95 % interval."""
        return t_quantile(0.975, self.n - 1) * self.error if self.error > 0.0 else 0.0


def mean_of(values: Floats) -> Statistic:
    """Mean of independent values (expectation of ratios, where they are ratios).

    >>> mean_of(np.array([1.0, 2.0, 3.0]))
    Statistic(estimate=2.0, error=0.5773502691896258, n=3)
    """
    s = spread(values)
    return Statistic(s.mean, (s.sd or 0.0) / math.sqrt(s.n), s.n)


def ratio_of(num: Floats, den: Floats) -> Statistic:
    """Ratio of expectations of paired values, error by the delta method: sd(num - r den) / (mean(den) sqrt(n)).

    >>> ratio_of(np.array([1.0, 2.0]), np.array([2.0, 4.0]))
    Statistic(estimate=0.5, error=0.0, n=2)
    """
    r = math.fsum(num) / math.fsum(den)
    s = spread(num - r * den, float(np.abs(num).max()))
    return Statistic(r, (s.sd or 0.0) / (abs(float(den.mean())) * math.sqrt(s.n)), s.n)


def controlled(values: Floats, *controls: tuple[Floats, float]) -> Statistic:
    """Mean of independent values, freed of what chance did to others whose means are known: ([seed], known mean) each.

    mean(y) - b (mean(x) - known), b by least squares; the error is that of a regression's constant.  (Lavenberg, S. S. and
    Welch, P. D.: A perspective on the use of control variables to increase the efficiency of Monte Carlo simulations,
    Management Science 27(3), 1981.)

    >>> load = np.array([0.8, 0.9, 1.0, 1.2])             # known to be 1 on average: a busy or a quiet day explains all
    >>> round(controlled(3.0 * load + 2.0, (load, 1.0)).estimate, 9)
    5.0
    """
    off = np.column_stack([x - known for x, known in controls])
    design = np.column_stack([np.ones(len(values)), off])
    found, *_ = np.linalg.lstsq(design, values, rcond=None)
    free = len(values) - design.shape[1]
    left = values - design @ found
    error = math.sqrt(float(left @ left) / free * float(np.linalg.inv(design.T @ design)[0, 0]))
    return Statistic(float(found[0]), error, free + 1)


def variance_of(values: Floats) -> Statistic:
    """Variance of independent values; its error from their fourth moment: sqrt((m4 - s^4) / n)."""
    n = len(values)
    off = values - values.mean()
    s2 = float((off**2).sum()) / (n - 1)
    return Statistic(s2, math.sqrt(max(0.0, float((off**4).mean()) - s2**2) / n), n)


def deviation_of(values: Floats) -> Statistic:
    """Standard deviation of independent values; its error by the delta method."""
    v = variance_of(values)
    s = math.sqrt(v.estimate)
    return Statistic(s, v.error / (2.0 * s), v.n)


@dataclass(frozen=True)
class Played:
    """The replications of one case: KPIs under one or several service-level formulas, and what was observed in the rows."""

    scenario: Scenario
    samples: Mapping[str, Sample]
    observed: Mapping[str, Floats]

    def __call__(self, kpi: str, formula: str = "", **scope: str) -> Floats:
        """One KPI by seed [seed]."""
        num, den = self.parts(kpi, formula, **scope)
        value: Floats = num / den
        return value

    def parts(self, kpi: str, formula: str = "", **scope: str) -> tuple[Floats, Floats]:
        """Numerator and denominator of one KPI by seed [seed]."""
        sample = self.samples[formula] if formula else next(iter(self.samples.values()))
        wanted = [j for j, c in enumerate(sample.columns) if c.kpi == kpi and dict(c.scope) == scope]
        if len(wanted) != 1:
            raise KeyError(f"no {kpi} {scope} in {self.scenario.name}")
        return sample.num[:, wanted[0]], sample.den[:, wanted[0]]

    def interval(self, number: int) -> str:
        """The name of an interval, counted from 0."""
        found = next(iter(self.samples.values())).columns
        return sorted({dict(c.scope)["interval"] for c in found if "interval" in dict(c.scope)})[number]

    @property
    def minutes(self) -> float:
        """How long was measured."""
        return (self.scenario.clock.horizon - self.scenario.clock.warmup) / 60


@dataclass(frozen=True)
class Row:
    """One known value, how near the estimate must be, and what is measured."""

    name: str
    value: float
    tolerance: float
    seen: Callable[[Played], Statistic]
    slow: bool = False  # needs so long a run that a short one only has to lie within 4 standard errors


def kpi(name: str, value: float, tolerance: float, formula: str = "", slow: bool = False, **scope: str) -> Row:
    """A row that is a KPI as it stands: the mean over seeds."""
    words = " ".join(filter(None, [name, formula, *scope.values()]))
    return Row(words, value, tolerance, lambda seen: mean_of(seen(name, formula, **scope)), slow)


def beside(name: str, value: float, tolerance: float, control: tuple[str, str, float], slow: bool = False, **scope: str) -> Row:
    """A KPI whose chance is that of a pool's occupancy: (KPI, pool, its known mean) is the control."""
    words = " ".join(filter(None, [name, *scope.values()]))
    other, pool, known = control
    return Row(words, value, tolerance, lambda seen: controlled(seen(name, **scope), (seen(other, pool=pool), known)), slow)


def pooled(name: str, value: float, tolerance: float, formula: str = "", **scope: str) -> Row:
    """A row that is a KPI as a ratio of totals."""
    words = " ".join(filter(None, [name, formula, *scope.values()]))
    return Row(words, value, tolerance, lambda seen: ratio_of(*seen.parts(name, formula, **scope)))


def mean(name: str, value: float, tolerance: float, by_seed: Callable[[Played], Floats], slow: bool = False) -> Row:
    """A row that is the mean of some number by seed."""
    return Row(name, value, tolerance, lambda seen: mean_of(by_seed(seen)), slow)


@dataclass(frozen=True)
class Length:
    """How much is played: replications, and days each (None: as the file says)."""

    seeds: int
    days: float | None = None


@dataclass(frozen=True)
class Case:
    """A scenario with a known answer.

    `public`: the public case it is; `file`: below scenarios/; `rows()`: what is known (made when asked: some take a chain);
    `short`, `full`: how long `make test` and `make validate` play it; `changes`: to the file; `formulas`: measure under all
    four service-level formulas of `channel`; `observe`: numbers from the rows of a replication.
    """

    name: str
    public: str
    file: str
    rows: Callable[[], list[Row]]
    short: Length
    full: Length
    changes: Mapping[str, object] = field(default_factory=dict)
    formulas: str = ""  # the channel whose formula is varied
    observe: Observe | None = None
    reference: bool = True  # short enough for the reference engine in `make test`
    exact: bool = True  # False: the known value is itself the mean of a long published or independent simulation

    def scenario(self, length: Length) -> Scenario:
        """The scenario as it is played."""
        changes = dict(self.changes)
        if length.days is not None:
            changes["clock.horizon"] = f"{length.days:g} d"
        loaded = load(SCENARIOS / f"{self.file}.yaml")
        return loaded.with_(changes) if changes else loaded


def play(case: Case, length: Length, seed: int, engine: str = "compiled", workers: int | None = None) -> Played:
    """The replications of a case from one base seed."""
    scenario = case.scenario(length)
    if case.observe is not None:
        return _play_rows(case, scenario, length.seeds, seed, engine)
    if case.formulas:
        return _play_formulas(case, scenario, length.seeds, seed, engine)
    return Played(scenario, {"": run(scenario, length.seeds, seed, engine=engine, workers=workers).sample("")}, {})


def _play_formulas(case: Case, scenario: Scenario, seeds: int, seed: int, engine: str) -> Played:
    """One story a seed, measured under each formula."""
    path = f"channels.{case.formulas}.help.service_level.formula"
    tables = {f: Tables.build(scenario.with_({path: f})) for f in FORMULAS}
    numbers: dict[str, list[Values]] = {f: [] for f in FORMULAS}
    for s in range(seed, seed + seeds):
        story = simulate(scenario, s, engine=engine)
        for f, t in tables.items():
            numbers[f].append(measure(t, story))
    return Played(scenario, {f: _sample(f, tables[f], numbers[f]) for f in FORMULAS}, {})


def _sample(name: str, tables: Tables, numbers: list[Values]) -> Sample:
    return Sample(name, columns(tables), np.array([v.num for v in numbers]), np.array([v.den for v in numbers]))


def _play_rows(case: Case, scenario: Scenario, seeds: int, seed: int, engine: str) -> Played:
    tables = Tables.build(scenario)
    numbers, seen = [], []
    assert case.observe is not None
    for s in range(seed, seed + seeds):
        story = simulate(scenario, s, engine=engine)
        numbers.append(measure(tables, story))
        seen.append(case.observe(tables, story))
    return Played(scenario, {"": _sample("", tables, numbers)}, {k: np.concatenate([np.atleast_1d(x[k]) for x in seen]) for k in seen[0]})


@dataclass(frozen=True)
class Judged:
    """A row and what came out: `errors` off the known value, `width` of the interval: half-width over tolerance."""

    row: Row
    seen: Statistic
    errors: float
    width: float
    holds: bool


def judge(row: Row, played: Played, share: float, ease: bool = False) -> Judged:
    """Whether a row holds; the half-width may be `share` of the tolerance; with `ease` slow rows need only 4 standard errors."""
    s = row.seen(played)
    off = abs(s.estimate - row.value)
    if off <= 1e-11 * abs(row.value):  # rounding
        off = 0.0
    errors = off / s.error if s.error > 0.0 else 0.0 if off <= row.tolerance else math.inf
    near = off <= row.tolerance and s.half <= share * row.tolerance
    holds = errors <= MOST_ERRORS and (near or (ease and row.slow))
    return Judged(row, s, errors, s.half / row.tolerance if row.tolerance else 0.0, holds)
