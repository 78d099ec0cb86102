"""What a plan is: people, cost, the steps that led to it, the proof, and the ways to use it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.staffing.plan.cuts import Cut
from omnisim.staffing.plan.judge import Judge
from omnisim.staffing.plan.needs import Needs
from omnisim.staffing.plan.trials import Trials
from omnisim.staffing.plan.verify import Evidence, Proof, gather

if TYPE_CHECKING:
    from omnisim.scenario import Scenario
    from omnisim.staffing.plan.table import Table


@dataclass(frozen=True)
class Step:
    """One step of the ladder: its people, their cost, the KPI of every promise as simulated on the days of the search, and by how much
    it is kept.  `knows`: what it takes into account; `leaves`: what the next step corrects."""

    name: str
    y: tuple[int, ...]
    cost: float
    worth: tuple[float, ...]
    value: tuple[float, ...]
    knows: str
    leaves: str

    @property
    def kept(self) -> bool:
        """Whether every promise was kept on these days (no proof)."""
        return all(v >= 0.0 for v in self.value)


@dataclass(frozen=True)
class Shift:
    """People of one pool in one slot or on one shift; `today`: what the scenario said; `cost`: of all of them over the run."""

    pool: str
    label: str
    people: int
    today: int
    cost: float


@dataclass(frozen=True)
class StaffPlan:
    """The answer.  `y`: people of each column; arrays by duty cell: `formula`, `lagged` (fractional), `need` (on duty, simulated);
    `bound`: a cost that the work alone requires; `proof`: None where the climb ended before it."""

    trials: Trials = field(repr=False)
    needs: Needs = field(repr=False)
    judge: Judge = field(repr=False)
    y: tuple[int, ...]
    steps: tuple[Step, ...]
    proof: Proof | None
    formula: np.ndarray = field(repr=False)
    lagged: np.ndarray = field(repr=False)
    need: np.ndarray = field(repr=False)
    bound: float
    confidence: float
    seeds: range
    command: str = ""
    cuts: tuple[Cut, ...] = field(default=(), repr=False)
    settings: dict[str, str] = field(default_factory=dict)  # decided besides the people
    varied: tuple[tuple[dict[str, str], float], ...] = ()  # every combination of settings, and what it would cost

    @property
    def met(self) -> bool:
        """Whether every promise is proved to be kept."""
        return self.proof is not None and self.proof.met

    @property
    def cost(self) -> float:
        """Of the people over the run, in `unit`."""
        return self.trials.layout.cost(self.y)

    @property
    def unit(self) -> str:
        """Of costs: a currency, or h (paid hours) where a pool has no price."""
        return self.trials.layout.unit

    @cached_property
    def changes(self) -> dict[str, object]:
        """The plan as changes of a scenario: `scenario.with_(plan.changes)`."""
        return {**self.settings, **self.trials.layout.changes(self.y)}

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario with the plan."""
        return self.trials.layout.scenario.with_(self.changes)

    @cached_property
    def shifts(self) -> tuple[Shift, ...]:
        """People of every slot or shift that has any, now or in the plan."""
        rows = zip(self.trials.layout.columns, self.y, strict=True)
        return tuple(Shift(c.pool, c.label, n, c.current, c.cost * n) for c, n in rows if n or c.current)

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """What is known of every promise: from the proof's fresh days, without one from those of the search (then it proves nothing)."""
        if self.proof is not None:
            return self.proof.evidence
        j = self.judge
        return tuple(gather(self.trials, self.y, self.seeds, 1.0 - self.confidence, j.groups, j.names))

    @cached_property
    def table(self) -> Table:
        """The planner's table: one row a pool and slot."""
        from omnisim.staffing.plan.table import make_table

        return make_table(self, self.y)

    def table_of(self, y: Sequence[int]) -> Table:
        """The same table for another roster of the same columns."""
        from omnisim.staffing.plan.table import make_table

        return make_table(self, tuple(int(n) for n in y))

    @property
    def paid_hours(self) -> float:
        """Paid hours over the run."""
        layout = self.trials.layout
        hours: dict[tuple[str, str], float] = {}
        for pool in layout.pools:
            if pool.form == "shifts":
                hours |= {(pool.name, p.label): p.paid_h * p.times for p in pool.patterns}
            else:
                hours |= {(pool.name, s.label): s.hours for s in pool.slots}
        return float(sum(n * hours[c.pool, c.label] for n, c in zip(self.y, layout.columns, strict=True)))

    @cached_property
    def move(self) -> tuple[str, float, int, float] | None:
        """The cheapest move: (where one person more, its cost, which promise, what that gains), by the last cuts; None without them."""
        n = len(self.trials.targets)
        last = {c.promise: c for c in self.cuts}
        if len(last) < n:
            return None
        values = [min(part, key=lambda s: s.value) for part in self.judge.scores(self.y, len(self.seeds))]
        tight = min(range(n), key=lambda k: values[k].value / self.trials.targets[k].scale)
        layout = self.trials.layout
        gain = last[tight].worth @ layout.cover
        each = gain / np.maximum(layout.costs, 1e-12)
        j = int(np.argmax(each))
        column = layout.columns[j]
        return (
            (f"{column.pool} {column.label}", column.cost, tight, float(gain[j]) * self.trials.targets[tight].scale)
            if gain[j] > 0
            else None
        )

    def text(self) -> str:
        """The answer as a planner reads it, at most 80 columns."""
        from omnisim.staffing.plan.text import plan_text

        return plan_text(self)

    def to_json(self) -> dict[str, Any]:
        """The machine-readable plan."""
        from omnisim.staffing.plan.text import plan_json

        return plan_json(self)

    def save(self, folder: str | Path) -> Path:
        """Write plan.json, the scenario with the plan (plan.yaml) and what is shown (plan.txt) into a folder; returns plan.yaml's path."""
        where = Path(folder)
        where.mkdir(parents=True, exist_ok=True)
        (where / "plan.json").write_text(json.dumps(self.to_json(), indent=2, allow_nan=False, ensure_ascii=False) + "\n", encoding="utf-8")
        (where / "plan.txt").write_text(self.text() + "\n", encoding="utf-8")
        path = where / "plan.yaml"
        path.write_text(self.scenario.resolved_text(), encoding="utf-8")
        return path
