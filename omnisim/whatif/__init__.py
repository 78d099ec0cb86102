"""What breaks a plan, and when: the same days once as planned and once with one thing changed, with the same customers and luck.

    what_if(scenario, targets) -> WhatIf: for each impulse and target, what it was, what it becomes, and the half hours in which it breaks

impulses   what may happen          judged   what it does to a target          words   as text of 80 columns
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from omnisim.answers import VERSION
from omnisim.budget import Budget
from omnisim.calendars import WEEK, is_open, second_of_week
from omnisim.campaigns import as_planned
from omnisim.replications import ENGINES, How, Progress, Result, replications
from omnisim.scenario import Problem, Scenario, ScenarioError, load
from omnisim.staffing.plan.targets import Target, formula_changes, read_targets
from omnisim.tables import Tables
from omnisim.whatif.impulses import Impulse, Skipped, chosen, impulses
from omnisim.whatif.judged import Effect, judge
from omnisim.whatif.reached import Reached, Seen, State, state

__all__ = ["Case", "WhatIf", "what_if"]
HALF_HOUR = "30 min"


@dataclass(frozen=True)
class Case:
    """One thing that may happen, and what it does to each target (in the order of the targets)."""

    impulse: Impulse
    effects: tuple[Effect, ...]

    @property
    def breaks(self) -> tuple[Effect, ...]:
        """The targets that were not surely missed before and are now."""
        return tuple(e for e in self.effects if e.verdict == "breaks")


@dataclass(frozen=True)
class WhatIf:
    """What breaks a plan.

    `planned`: what each target reaches as planned, None where nothing is counted; `seeds`: those of the plan and of every case.
    """

    scenario: Scenario
    targets: tuple[Target, ...]
    planned: tuple[Reached | None, ...]
    cases: tuple[Case, ...]
    skipped: tuple[Skipped, ...]
    seeds: tuple[int, ...]
    confidence: float
    engine: str
    contacts: float  # mean a replication, as planned
    command: str = ""

    def states(self) -> tuple[State | None, ...]:
        """Whether each target is met as planned."""
        return tuple(None if r is None else state(t, r, self.confidence) for t, r in zip(self.targets, self.planned, strict=True))

    def case(self, name: str) -> Case:
        """One case by the name of its impulse; KeyError with the known ones."""
        for c in self.cases:
            if c.impulse.name == name:
                return c
        raise KeyError(f"no case {name!r}; there are {', '.join(c.impulse.name for c in self.cases)}")

    def __str__(self) -> str:
        from omnisim.whatif.words import text

        return text(self)

    def to_json(self) -> dict[str, Any]:
        """The machine-readable answer; shares are 0 to 1, intervals 95 % and two-sided, one number of `n` seeds each."""
        planned = [{"target": t.text, **_numbers(r), "state": s} for t, r, s in zip(self.targets, self.planned, self.states(), strict=True)]
        cases = [
            {"name": c.impulse.name, "what": c.impulse.words, "begin": _stamp(c.impulse.begin), "end": _stamp(c.impulse.end)}
            | {"targets": [e.to_json() for e in c.effects]}
            for c in self.cases
        ]
        return {
            "omnisim": VERSION,
            "command": "what-if",
            "reproduce": self.command,
            "scenario": self.scenario.name,
            "engine": self.engine,
            "seeds": list(self.seeds),
            "confidence": self.confidence,
            "contacts": self.contacts,
            "planned": planned,
            "cases": cases,
            "skipped": [{"name": s.name, "why": s.why} for s in self.skipped],
        }


def _numbers(reached: Reached | None) -> dict[str, float | None]:
    if reached is None:
        return {"value": None, "low": None, "high": None}
    low, high = reached.interval() if len(reached.parts) > 1 else (None, None)
    return {"value": reached.value, "low": low, "high": high}


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(sep=" ", timespec="minutes")


def what_if(
    scenario: Scenario | str | Path,
    targets: Sequence[str] = (),
    ifs: Sequence[str] = (),
    seeds: int | Iterable[int] = 20,
    seed: int = 1,
    *,
    at: datetime | None = None,
    risk: str | None = None,
    confidence: float = 0.95,
    engine: str = "auto",
    workers: int | None = None,
    budget: Budget | None = None,
    progress: Progress | None = None,
    command: str = "",
) -> WhatIf:
    """What becomes of the targets of a plan when something happens.

    `targets`: lines such as 'call_center.service_level >= 80 %' (`omnisim.staffing.plan.targets`); none: what the channels promise.
    `ifs`: names of impulses, with a size if it is not the usual one: 'more_demand=30 %', 'one_fewer', 'bot_down', 'hub_down=3 h',
    'campaign'; none: all.  `at`: when outages begin and the campaign is sent; absent: where the plan has most contacts.
    `confidence`: one-sided, of "met" and "missed".  Raises ScenarioError for whatever is wrong with these, and BudgetExceeded at a limit.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine {engine!r} is not one of {', '.join(ENGINES)}")
    plan = with_intervals(scenario if isinstance(scenario, Scenario) else load(scenario))
    wanted = read_targets(targets, plan, risk)
    whole = plan.with_(changes) if (changes := formula_changes(wanted)) else plan
    plan = as_planned(whole)  # without the campaigns that nobody announced: they are what may happen
    tables = Tables.build(plan)
    sizes = chosen(ifs)
    which = tuple(range(seed, seed + seeds)) if isinstance(seeds, int) else tuple(seeds)
    how = How("reference" if engine == "reference" else "compiled", budget or Budget())
    cases_expected = 1 + len(impulses(plan, sizes, lambda length: at or plan.clock.start))
    base = seen(tables, replications([tables], which, workers, how, _part(progress, 0, cases_expected * len(which)))[0])
    made = [_unannounced(m, whole, plan) for m in impulses(plan, sizes, lambda length: at or busiest(plan, base, length))]
    happening = [m for m in made if isinstance(m, Impulse)]
    cases = []
    if happening:
        all_tables = [Tables.build(m.scenario) for m in happening]
        done = _part(progress, len(which), (1 + len(happening)) * len(which))
        results = replications(all_tables, which, workers, how, done)
        closed = [shut(plan, t, base) for t in wanted]
        for impulse, its, r in zip(happening, all_tables, results, strict=True):
            then = seen(its, r)
            found = [judge(t, base, then, confidence, tables.interval_s, c) for t, c in zip(wanted, closed, strict=True)]
            cases.append(Case(impulse, tuple(found)))
    contacts = base.one("contacts_offered", ())
    return WhatIf(
        plan, wanted, tuple(base.reach(t) for t in wanted), tuple(cases), tuple(m for m in made if isinstance(m, Skipped)), which,
        confidence, how.engine, contacts.value if contacts else 0.0, command,
    )  # fmt: skip


def _unannounced(made: Impulse | Skipped, whole: Scenario, plan: Scenario) -> Impulse | Skipped:
    """The scenario's own campaigns that nobody announced, in place of a made-up one, where it has some."""
    if made.name != "campaign" or plan is whole or whole.marketing is None:
        return made
    known = plan.marketing.campaigns if plan.marketing is not None else {}
    names = [name for name in whole.marketing.campaigns if name not in known]
    return Impulse("campaign", f"the campaign {', '.join(names)} of the scenario, which nobody announced", whole)


def with_intervals(scenario: Scenario) -> Scenario:
    """The scenario by half hour, where it has no interval of its own."""
    return scenario if scenario.clock.interval else scenario.with_({"clock.interval": HALF_HOUR})


def seen(tables: Tables, results: Sequence[Result]) -> Seen:
    """What some replications saw."""
    from omnisim.kpis import columns

    return Seen(columns(tables), np.array([r.num for r in results]), np.array([r.den for r in results]))


def shut(scenario: Scenario, target: Target, days: Seen) -> frozenset[str]:
    """The intervals in whose middle the channel of a target is closed: who comes then is not for people to serve."""
    hours = scenario.channels[target.who].hours if target.kind == "channel" else None
    half = (scenario.clock.interval or 0.0) / 2.0
    middle = {s: second_of_week(datetime.fromisoformat(s)) + half for s in days.stamps["interval"]}
    return frozenset(s for s, second in middle.items() if not is_open(hours, second % WEEK))


def busiest(scenario: Scenario, base: Seen, length_s: float) -> datetime:
    """The interval from which on most contacts come within a time; the start of the run where nobody comes."""
    interval = scenario.clock.interval or 1800.0
    stamps = base.stamps["interval"]
    counts = [r.value if (r := base.one("contacts_offered", [("interval", s)])) else 0.0 for s in stamps]
    if not any(counts):
        return scenario.clock.start
    n = max(1, round(length_s / interval))
    sums = [sum(counts[i : i + n]) for i in range(max(1, len(counts) - n + 1))]
    return datetime.fromisoformat(stamps[sums.index(max(sums))])


def _part(progress: Progress | None, before: int, total: int) -> Callable[[float, int], None] | None:
    if progress is None:
        return None
    return lambda done, _: progress(before + done, total)


def clock_moment(scenario: Scenario, text: str) -> datetime:
    """A moment of the run: 'YYYY-MM-DD hh:mm', or 'hh:mm' on the first day that is measured.  Raises ScenarioError."""
    from omnisim.scenario.times import moment, second_of_day
    from omnisim.scenario.units import Unreadable

    clock = scenario.clock
    end = clock.start + timedelta(seconds=clock.horizon)
    try:
        first = clock.start + timedelta(seconds=clock.warmup)
        found = first.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(seconds=second_of_day(text))
        found += timedelta(days=1) if found < first else timedelta(0)
    except Unreadable:
        try:
            found = moment(text)
        except Unreadable as e:
            words = f"found {text!r}, which {e}; write a time of day such as '14:30', or '{clock.start:%Y-%m-%d} 14:30'"
            raise ScenarioError([Problem("--at", 1, 1, "at", words)]) from None
    if not clock.start <= found < end:
        raise ScenarioError([Problem("--at", 1, 1, "at", f"found {text!r}; the run is from {clock.start} to {end}")])
    return found
