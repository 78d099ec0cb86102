"""From a scenario to an answer: KPIs with intervals, paired comparisons.

run(scenario)            Answer        one strategy
compare([a, b, ...])     Comparison    the same customers, with the same luck, under each strategy
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from omnisim.annual import weights
from omnisim.budget import Budget
from omnisim.estimate import Difference, Estimate, Sample, differences, estimates
from omnisim.ignorance import Ignorance, study
from omnisim.kpis import Column, columns, define
from omnisim.questions import QUESTIONS
from omnisim.records import Records
from omnisim.replications import ENGINES, How, Progress, Result, replications
from omnisim.replications import records as one_replication
from omnisim.scenario import Scenario, load
from omnisim.tables import Tables
from omnisim.verdict import focus

VERSION = "0.1.0"


def simulate(
    scenario: Scenario | str | Path,
    seed: int = 1,
    budget: Budget | None = None,
    report: Callable[[float], None] | None = None,
    engine: str = "auto",
) -> Records:
    """The records of one replication (every touch, journey and stint), for whoever wants to look at single customers."""
    return one_replication(Tables.build(_loaded(scenario)), seed, _how(engine, budget), report)


def _how(engine: str, budget: Budget | None, folder: Path | None = None) -> How:
    if engine not in ENGINES:
        raise ValueError(f"engine {engine!r} is not one of {', '.join(ENGINES)}")
    return How("reference" if engine == "reference" else "compiled", budget or Budget(), folder)


def _loaded(scenario: Scenario | str | Path) -> Scenario:
    return scenario if isinstance(scenario, Scenario) else load(scenario)


@dataclass(frozen=True)
class Answer:
    """One strategy over several seeds: KPIs with 95 % t intervals over replications."""

    scenario: Scenario
    tables: Tables
    seeds: tuple[int, ...]
    results: tuple[Result, ...] = field(repr=False)
    engine: str = "compiled"
    taken: int = 0  # replications that came from a store

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """What the KPI vectors of `results` mean."""
        return columns(self.tables)

    @cached_property
    def num(self) -> np.ndarray:
        """KPI numerators [seed, column]."""
        return np.array([r.num for r in self.results])

    @cached_property
    def den(self) -> np.ndarray:
        """KPI denominators [seed, column]; 0 or NaN: not defined in that replication."""
        return np.array([r.den for r in self.results])

    def sample(self, name: str | None = None) -> Sample:
        """The KPI vectors of all seeds, for `estimate`."""
        return Sample(name or self.scenario.name, self.columns, self.num, self.den)

    @cached_property
    def estimates(self) -> tuple[Estimate, ...]:
        """Every KPI that is defined in at least one replication."""
        return tuple(estimates(self.sample()))

    @cached_property
    def _by_key(self) -> dict[tuple[Any, ...], Estimate]:
        return {(e.kpi, frozenset(dict(e.scope).items())): e for e in self.estimates}

    def kpi(self, name: str, **scope: str) -> Estimate:
        """The estimate of one KPI in one scope; KeyError with the known ones if there is none."""
        found = self._by_key.get((name, frozenset(scope.items())))
        if found is None:
            known = [dict(e.scope) for e in self.estimates if e.kpi == name]
            define(name)  # an unknown name is said so
            raise KeyError(f"{name} has no value for {scope or 'the total'}; it has for {known or 'nothing in this scenario'}")
        return found

    @property
    def moves(self) -> np.ndarray:
        """Mean moves a replication [1 + channel + 1, channel + end] (see `flows`)."""
        mean: np.ndarray = np.array([r.flows.moves for r in self.results]).mean(axis=0)
        return mean

    @property
    def minutes(self) -> np.ndarray:
        """Mean handling minutes a replication [channel, part] (see `flows`)."""
        mean: np.ndarray = np.array([r.flows.minutes for r in self.results]).mean(axis=0)
        return mean

    def table(self, *names: str) -> str:
        """The totals of these KPIs (none named: those that decide) as text of at most 80 columns."""
        from omnisim.text import answer_table

        return answer_table(self, names)

    def sentence(self, name: str, **scope: str) -> str:
        """One KPI as one English sentence with its interval."""
        from omnisim.text import estimate_sentence

        return estimate_sentence(self.scenario.name, self.kpi(name, **scope))

    def to_json(self) -> dict[str, Any]:
        """The machine-readable answer: {"omnisim", "scenario", "engine", "seeds", "kpis"}."""
        return {
            "omnisim": VERSION,
            "scenario": self.scenario.name,
            "engine": self.engine,
            "seeds": list(self.seeds),
            "kpis": [_estimate_json(e) for e in self.estimates],
        }


def _estimate_json(e: Estimate) -> dict[str, Any]:
    out = {"name": e.kpi, "scope": dict(e.scope), "unit": e.unit, "mean": e.mean, "low": e.low, "high": e.high, "sd": e.sd, "n": e.n}
    if e.pooled is not None:
        out["pooled"] = e.pooled
    return out


@dataclass(frozen=True)
class Comparison:
    """Several strategies lived through by the same customers with the same luck; the first is the baseline."""

    answers: tuple[Answer, ...]
    command: str = ""
    self_service_off: tuple[Answer, ...] = field(default=(), repr=False)  # the same, self-service touches not counted
    week: tuple[Answer, ...] = field(default=(), repr=False)  # the same strategies in an ordinary week, to make a year of
    peaks: int = 1  # how often what `answers` tell happens in a year
    ignorance: Ignorance | None = None  # where it was asked

    @property
    def baseline(self) -> Answer:
        """What the others are compared with."""
        return self.answers[0]

    @property
    def taken(self) -> int:
        """Replications that came from a store."""
        return sum(a.taken for a in (*self.answers, *self.self_service_off, *self.week))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the strategies: `name` of the file, or the file's stem where names are equal."""
        return strategy_names([a.scenario for a in self.answers])

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """Strategy - baseline, paired by seed, for every KPI and scope that both have.

        The totals of the deciding KPIs (`QUESTIONS`) over all strategies are one family for Holm's adjustment.
        """
        samples = [a.sample(n) for n, a in zip(self.names, self.answers, strict=True)]
        return tuple(differences(samples[0], samples[1:], lambda c: c.scope == () and c.kpi in QUESTIONS))

    def difference(self, name: str, strategy: str | None = None, **scope: str) -> Difference:
        """Strategy - baseline of one KPI; `strategy` may be left out where there are two."""
        wanted = strategy or self.names[1]
        for d in self.differences:
            if d.kpi == name and d.strategy == wanted and dict(d.scope) == scope:
                return d
        raise KeyError(f"no difference of {name} {scope or ''} between {wanted} and {self.names[0]}")

    @cached_property
    def verdict(self) -> dict[str, Any]:
        """The answer in words and numbers (see `verdict`)."""
        from omnisim.verdict import verdict

        return verdict(self)

    def table(self, *names: str) -> str:
        """The strategies side by side, with the intervals of the differences, as text of at most 80 columns."""
        from omnisim.text import comparison_table

        return comparison_table(self, names)

    def sentence(self, name: str, strategy: str | None = None, **scope: str) -> str:
        """One difference as one English sentence with its interval."""
        from omnisim.text import difference_sentence

        return difference_sentence(self.names[0], self.difference(name, strategy, **scope))

    def to_json(self) -> dict[str, Any]:
        """The machine-readable comparison: {"command", "baseline", "strategies", "differences", "verdict"}."""
        return {
            "omnisim": VERSION,
            "command": "compare",
            "reproduce": self.command,
            "baseline": self.names[0],
            "engine": self.baseline.engine,
            "seeds": list(self.baseline.seeds),
            "strategies": [
                {"name": n, "kpis": [_estimate_json(e) for e in a.estimates]} for n, a in zip(self.names, self.answers, strict=True)
            ],
            "differences": [
                {
                    "kpi": d.kpi,
                    "scope": dict(d.scope),
                    "strategy": d.strategy,
                    "unit": d.unit,
                    "baseline_mean": d.baseline_mean,
                    "mean": d.mean,
                    "difference": d.difference,
                    "low": d.low,
                    "high": d.high,
                    "n": d.n,
                    "variance_reduction": d.variance_reduction,
                    "p": d.p,
                    "p_holm": d.p_holm,
                    "low_holm": d.low_holm,
                    "high_holm": d.high_holm,
                }
                for d in self.differences
            ],
            "verdict": self.verdict,
        }

    def report(self, folder: str | Path) -> Path:
        """Write the page of this comparison into `folder`; returns the path of report.html."""
        from omnisim.report import write

        return write(self, Path(folder))


def strategy_names(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """One name a strategy: its `name`, or the stem of its file where two names are equal, numbered if those are too."""
    names = [s.name for s in scenarios]
    if len(set(names)) < len(names):
        names = [Path(s.path).stem if s.path and names.count(s.name) > 1 else s.name for s in scenarios]
    return tuple(n if names.count(n) == 1 else f"{n} ({names[: i + 1].count(n)})" for i, n in enumerate(names))


def _seeds(seeds: int | Iterable[int], seed: int) -> tuple[int, ...]:
    out = tuple(range(seed, seed + seeds)) if isinstance(seeds, int) else tuple(seeds)
    if not out:
        raise ValueError("at least one seed is needed")
    return out


def run(
    scenario: Scenario | str | Path,
    seeds: int | Iterable[int] = 10,
    seed: int = 1,
    *,
    engine: str = "auto",
    workers: int | None = None,
    budget: Budget | None = None,
    progress: Progress | None = None,
    records: str | Path | None = None,
    store: str | Path | None = None,
) -> Answer:
    """Simulate one strategy under seeds seed .. seed + seeds - 1 (or the seeds given).

    `engine`: "compiled" (also "auto") or "reference"; both tell the same story to the bit.  `workers`: threads, or processes
    of the reference engine (default: all cores); the answer does not depend on it.  `progress(done, total)` is called now
    and then; running replications count in part.  `records`: folder for every row of every replication (.npy).
    `store`: a folder whose results are used again and to which new ones are added (docs/experiments.md).  Raises ScenarioError
    for a wrong file and BudgetExceeded at a limit.
    """
    return _answers([scenario], seeds, seed, _how(engine, budget, Path(records) if records else None), workers, progress, store)[0]


def compare(
    scenarios: Sequence[Scenario | str | Path],
    seeds: int | Iterable[int] = 10,
    seed: int = 1,
    *,
    engine: str = "auto",
    workers: int | None = None,
    budget: Budget | None = None,
    progress: Progress | None = None,
    self_service: bool = False,
    command: str = "",
    week: Sequence[Scenario | str | Path] = (),
    peaks: int = 1,
    ignorance: int = 0,
    store: str | Path | None = None,
) -> Comparison:
    """Simulate several strategies under the same seeds; the first is the baseline.

    `self_service`: answer a second time with self-service touches not counted as channel switches.  `week`: the same
    strategies in the same order in an ordinary week; then a year is made of `peaks` times what `scenarios` tell and ordinary
    weeks.  `ignorance`: draw the graded inputs from their stated ranges so many times, one seed each (see `ignorance`).  `store`: a
    folder whose results are used again and to which new ones are added (those of `ignorance` are not kept).
    """
    loaded = [_loaded(s) for s in scenarios]
    if len(loaded) < 2:
        raise ValueError("a comparison needs two scenarios or more")
    both = list(loaded)
    if self_service:
        both += [s.with_({"context.self_service_counts": False}) if s.context is not None else s for s in loaded]
    how = _how(engine, budget)
    weeks = _weeks(loaded, [_loaded(s) for s in week], peaks)
    answers = _answers([*both, *weeks], seeds, seed, how, workers, progress, store)
    first, second, third = answers[: len(loaded)], answers[len(loaded) : len(both)], answers[len(both) :]
    found = None
    if ignorance:
        names = strategy_names(loaded)
        name = focus(names, first)
        i = names.index(name)
        pair, pair_weeks = [loaded[0], loaded[i]], [weeks[0], weeks[i]] if weeks else []
        at = first[0].seeds[0]
        found = study(pair, name, ignorance, week=pair_weeks, peaks=peaks, seed=at, how=how, workers=workers, progress=progress)
    return Comparison(tuple(first), command, tuple(second), tuple(third), peaks, found)


def _weeks(loaded: Sequence[Scenario], weeks: Sequence[Scenario], peaks: int) -> list[Scenario]:
    """One ordinary week a strategy, or none at all."""
    if weeks and len(weeks) != len(loaded):
        raise ValueError(f"{len(loaded)} strategies need as many ordinary weeks, in the same order; found {len(weeks)}")
    if weeks:
        days = [(s.clock.horizon - s.clock.warmup) / 86400.0 for s in (loaded[0], weeks[0])]
        weights(days[0], days[1], peaks)  # raises where that makes no year
        if len({(s.clock.horizon, s.clock.warmup) for s in loaded}) > 1 or len({(s.clock.horizon, s.clock.warmup) for s in weeks}) > 1:
            raise ValueError("strategies that make a year must be measured over equal times")
    return list(weeks)


def _answers(
    scenarios: Sequence[Scenario | str | Path],
    seeds: int | Iterable[int],
    seed: int,
    how: How,
    workers: int | None,
    progress: Progress | None,
    store: str | Path | None = None,
) -> list[Answer]:
    loaded = [_loaded(s) for s in scenarios]
    tables = [Tables.build(s) for s in loaded]
    which = _seeds(seeds, seed)
    taken = [0] * len(loaded)
    if store is None:
        results = replications(tables, which, workers, how, progress)
    else:
        from omnisim.store import Shelf, Store

        with Store(store) as kept:
            shelf = Shelf(kept, loaded, tables)
            results = replications(tables, which, workers, how, progress, shelf)
            taken = shelf.taken
    return [Answer(s, t, which, tuple(r), how.engine, n) for s, t, r, n in zip(loaded, tables, results, taken, strict=True)]


def dumps(document: Mapping[str, Any]) -> str:
    """JSON text; NaN and infinities never occur in it."""
    return json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False) + "\n"
