"""An experiment is run: what the store has is taken, what is missing is computed, what is computed is kept at once.

    cell --scenarios, tables, keys--> in the store? --no--> crew --> store       all seeds of the cell there: are they enough?
                                          \\__yes___________________________________/         no: the next seeds

Which seeds a point uses follows from its numbers in the order of the seeds, never from who computed them or when, so that any number
of workers, kills and resumptions give the same table to the bit.
"""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from omnisim.budget import BudgetExceeded
from omnisim.crew import Crew
from omnisim.estimates.selection import Selection, select
from omnisim.experiment import stopping
from omnisim.experiment.table import Counts, Row, Table
from omnisim.jit import compiled
from omnisim.kpis import columns, define
from omnisim.replications import How, Result, get_ready, predicted_mb, replicate
from omnisim.scenario import Scenario, ScenarioError
from omnisim.store import Failure, Store
from omnisim.store.database import Point as KeptPoint
from omnisim.store.database import Row as KeptRow
from omnisim.store.keys import full_version
from omnisim.tables import Tables

if TYPE_CHECKING:
    from omnisim.experiment.read import Cell, Question

Progress = Callable[[float, int], None]
Task = tuple[int, int]  # point, seed


@dataclass
class Point:
    """One strategy in one cell while it is worked at: `values` of the KPIs asked for, by seed."""

    n: int
    cell: int
    strategy: str
    said: Cell
    tables: Tables | None = None
    scenario: str = ""
    engine: str = ""
    where: list[int] = field(default_factory=list)  # columns of the KPIs, -1 where there is none
    error: str = ""
    values: dict[int, list[float]] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)
    missing: set[int] = field(default_factory=set)  # seeds that are being computed
    used: tuple[int, ...] = ()
    enough: bool = True

    def array(self, seeds: Sequence[int], kpis: int) -> np.ndarray:
        """f8[seed, kpi]; a failed replication has no value."""
        nothing = [np.nan] * kpis
        return np.array([self.values.get(s, nothing) for s in seeds]).reshape(len(seeds), kpis)


class Sweep:
    """One run of an experiment.  `run` is all of it; `counts` says at any time how far it is."""

    def __init__(
        self, name: str, question: Question, store: Store | None, how: How, progress: Progress | None = None, retry: bool = False
    ) -> None:
        self.name, self.question, self.store, self.how, self.progress, self.retry = name, question, store, how, progress, retry
        asked = question.asked
        self.kpis = tuple(dict.fromkeys([*asked.kpis, *([asked.seeds.until.kpi] if asked.seeds.until else [])]))
        self.units: dict[str, str] = {}
        self.limits = f"{how.engine} {how.budget}"
        self.points: dict[int, Point] = {}
        self.kept = self.computed = self.failed = 0
        self.over = ""
        self._begun = time.monotonic()
        self._tasks: deque[Task] = deque()
        self._done: list[KeptPoint] = []
        cells = range(len(question.cells))
        self._cells = deque(cells if self._first else reversed(cells))

    @property
    def _first(self) -> bool:
        """Whether no other process is at work on the store; who comes second begins at the other end."""
        return self.store is None or self.store.first

    @property
    def counts(self) -> Counts:
        """How far it is."""
        return Counts(self.kept, self.computed, self.failed, self.store.damaged if self.store else 0)

    def run(self, workers: int, executor: Executor | None = None, start: str | None = None, far: Mapping[str, str] | None = None) -> Table:
        """Compute what is missing and give the table.  What was finished when an exception (Ctrl-C) ends it is kept.

        `far`: see `Crew`; whether a replication fits into the memory of a worker far away is that machine's concern.
        """
        with Crew[Task](self.how, workers if far else self._workers(workers), executor, start, far) as crew:
            while not self.over:
                self._feed(crew)
                if not crew.busy:
                    break
                self._keep(crew.finished())
                self._look_at_budget()
        self._flush()
        return self.table()

    def _workers(self, workers: int) -> int:
        """As many as memory allows, by the first point; what has to be compiled is compiled before there are several."""
        for scenario in self.question.strategies.values():
            with suppress(ScenarioError, IndexError):
                tables = Tables.build(scenario.with_(self.question.cells[0].changes))
                if self.how.compiled:
                    get_ready(tables)
                elif not compiled("reference"):
                    with suppress(BudgetExceeded):
                        replicate(tables, self._seeds(1)[0], self.how)
                return max(1, min(workers, int(self.how.budget.memory_mb // predicted_mb(tables, self.how.engine))))
        return workers

    def _feed(self, crew: Crew[Task]) -> None:
        """Give the crew enough to do, if there is anything left to do."""
        while crew.wants_more and (self._tasks or self._cells):
            if not self._tasks:
                self._begin(self._cells.popleft())
                continue
            n, seed = self._tasks.popleft() if self._first else self._tasks.pop()
            point = self.points[n]
            if self._taken(point, seed):  # another process has been here meanwhile
                point.missing.discard(seed)
                self._look_at(point.cell)
                continue
            assert point.tables is not None
            crew.submit((n, seed), point.tables, seed)

    def _begin(self, cell: int) -> None:
        """Make the scenarios of a cell and ask for its first seeds."""
        width = len(self.question.strategies)
        for i, (name, scenario) in enumerate(self.question.strategies.items()):
            n = cell * width + i
            self.points[n] = self._point(Point(n, cell, name, self.question.cells[cell]), scenario)
        self._ask(cell, self._least)
        self._look_at(cell)

    def _point(self, point: Point, scenario: Scenario) -> Point:
        try:
            varied = scenario.with_(point.said.changes)
            tables = Tables.build(varied)
            needed = predicted_mb(tables, self.how.engine)
            if not needed <= self.how.budget.memory_mb:
                raise BudgetExceeded(f"needs about {needed:.4g} MB (limit: memory, {self.how.budget.memory_mb:g} MB)")
        except (ScenarioError, BudgetExceeded) as e:
            point.error = str(e).splitlines()[0]
            return point
        given = columns(tables)
        totals = {c.kpi: i for i, c in enumerate(given) if c.scope == ()}
        text = varied.canonical()
        point.tables, point.scenario, point.engine = tables, hashlib.sha256(text.encode()).hexdigest(), full_version(tables)
        point.where = [totals.get(kpi, -1) for kpi in self.kpis]
        self.units |= {c.kpi: c.unit for c in given if c.scope == () and c.kpi in self.kpis}
        if self.store is not None:
            self.store.know(point.scenario, point.engine, varied.name, text, given)
        return point

    @property
    def _least(self) -> int:
        """Seeds that every point has at least."""
        s = self.question.asked.seeds
        if s.count is not None:
            return s.count
        return min(s.most, s.least + (stopping.LOOK_AHEAD if s.until and s.until.precision is not None else 0))

    def _seeds(self, count: int) -> range:
        first = self.question.asked.seeds.first
        return range(first, first + count)

    def _group(self, cell: int) -> list[Point]:
        width = len(self.question.strategies)
        return [self.points[n] for n in range(cell * width, (cell + 1) * width) if not self.points[n].error]

    def _ask(self, cell: int, count: int) -> None:
        """See to it that a cell has its first `count` seeds: from the store, or by a task."""
        for seed in self._seeds(count):
            for point in self._group(cell):
                self._ask_one(point, seed)

    def _ask_one(self, point: Point, seed: int) -> None:
        if seed in point.values or seed in point.failed or seed in point.missing or self._taken(point, seed):
            return
        point.missing.add(seed)
        self._tasks.append((point.n, seed))

    def _taken(self, point: Point, seed: int) -> bool:
        """Whether the store has this replication; then it is taken from there."""
        outcome = self.store.get(point.scenario, point.engine, seed) if self.store else None
        if outcome is None or (isinstance(outcome, Failure) and (self.retry or outcome.limits != self.limits)):
            return False
        self.kept += 1
        self._note(point, seed, outcome)
        return True

    def _note(self, point: Point, seed: int, outcome: Result | Failure) -> None:
        if isinstance(outcome, Failure):
            point.failed[seed] = outcome.error
            self.failed += 1
            return
        num, den = outcome.num, outcome.den
        point.values[seed] = [float(num[j] / den[j]) if j >= 0 and den[j] != 0.0 else float("nan") for j in point.where]

    def _keep(self, outcomes: list[tuple[Task, Result | Exception]]) -> None:
        """Keep what has been finished, all in one transaction, and see which cells have what they asked for."""
        rows = []
        for (n, seed), outcome in outcomes:
            point = self.points[n]
            known = outcome if isinstance(outcome, Result) else Failure(error_text(outcome), self.limits)
            rows.append(KeptRow(point.scenario, point.engine, seed, known))
        if self.store is not None:
            self.store.put(rows)
        for ((n, seed), _), row in zip(outcomes, rows, strict=True):
            self.computed += 1
            self.points[n].missing.discard(seed)
            self._note(self.points[n], seed, row.outcome)
        for cell in {self.points[n].cell for (n, _), _ in outcomes}:
            self._look_at(cell)
        if len(self._done) >= 16:
            self._flush()
        if self.progress is not None:
            waiting = sum(len(p.missing) for p in self.points.values() if p.tables is not None)
            left = waiting + len(self._cells) * len(self.question.strategies) * self._least
            self.progress(self.computed, self.computed + left)

    def _look_at(self, cell: int) -> None:
        """Is a cell done?  If all its seeds are there but are not enough, ask for the next ones."""
        if self._within is not None:
            return self._look_at_race()
        group = self._group(cell)
        while not any(p.missing for p in group):
            most = self.question.asked.seeds.count or self.question.asked.seeds.most
            have = min((len(p.values) + len(p.failed) for p in group), default=0)
            count = self._enough(group, have)
            if count is not None or have >= most or not group:
                return self._close(cell, most if count is None else count, count is not None)
            self._ask(cell, min(most, have + stopping.LOOK_AHEAD))
        return None

    def _enough(self, group: list[Point], have: int) -> int | None:
        """How many seeds a cell uses; None while more are needed."""
        s = self.question.asked.seeds
        if s.count is not None or s.until is None or not group:
            return s.count
        kpi = self.kpis.index(s.until.kpi)
        values = [p.array(self._seeds(have), len(self.kpis))[:, kpi] for p in group]
        if s.until.precision is not None:
            return stopping.all_of([stopping.precise(v, s.until.precision, s.least) for v in values])
        if len(values) < 2:
            return have  # of this cell only one strategy makes a scenario
        return stopping.all_of([stopping.settled(v - values[0], s.least) for v in values[1:]])

    @property
    def _within(self) -> float | None:
        """The indifference, where the best point of all is to be selected."""
        until = self.question.asked.seeds.until
        return until.best_within if until else None

    def _look_at_race(self) -> None:
        """Selection of the best: once every point has the seeds it was asked for, drop whoever lags; ask more of who is left.

        Seeds are asked for LOOK_AHEAD at a time, the procedure looks at them one by one: what it drops earlier than that costs a
        few seeds too many and changes no decision.
        """
        runners = [p for p in self.points.values() if not p.error]
        while not self._cells and not any(p.missing for p in runners):
            race = self._race()
            have = max((self._count(p) for p in runners), default=0)
            most = self.question.asked.seeds.most
            over = race is None or race.best is not None or have >= most
            order = sorted(runners, key=lambda p: p.n)
            for i, point in enumerate(order):
                if race is not None and i in race.dropped and point.tables is not None:
                    self._finish(point, race.dropped[i], True)
            for point in (p for p in self.points.values() if p.tables is not None or p.error):
                if over and not point.used:
                    self._finish(point, race.n if race else 0, race is not None and race.best is not None)
            if over:
                return
            for seed in self._seeds(min(most, have + stopping.LOOK_AHEAD)):
                for point in (p for p in order if p.tables is not None):
                    self._ask_one(point, seed)

    def _race(self) -> Selection | None:
        """How the selection of the best stands, by the seeds that are there; None where there is nothing to select."""
        until, runners = self.question.asked.seeds.until, [p for _, p in sorted(self.points.items()) if not p.error]
        if until is None or until.best_within is None or not runners:
            return None
        kpi = self.kpis.index(until.kpi)
        values = [p.array(self._seeds(self._count(p)), len(self.kpis))[:, kpi] for p in runners]
        return select(values, until.best_within, self.question.asked.seeds.least, define(until.kpi).better != "lower")

    def _count(self, point: Point) -> int:
        """How many of its seeds a point has without a gap."""
        count = 0
        for seed in self._seeds(len(point.values) + len(point.failed)):
            if seed not in point.values and seed not in point.failed:
                break
            count += 1
        return count

    def _close(self, cell: int, count: int, enough: bool) -> None:
        width = len(self.question.strategies)
        for point in (self.points[n] for n in range(cell * width, (cell + 1) * width)):
            self._finish(point, count, enough)

    def _finish(self, point: Point, count: int, enough: bool) -> None:
        """A point has all that it uses."""
        point.tables, point.enough = None, enough
        point.used = () if point.error else tuple(self._seeds(count))
        self._done.append(
            KeptPoint(point.n, point.cell, point.strategy, point.said.settings, point.scenario, point.engine, point.used, point.error)
        )

    def _flush(self) -> None:
        """Keep which points are done."""
        if self.store is not None and self._done:
            self.store.add_points(self.name, self._done)
        self._done.clear()

    def _look_at_budget(self) -> None:
        limits = self.question.asked.budget
        if not self._tasks and not self._cells and not any(p.missing for p in self.points.values()):
            return
        if limits.replications is not None and self.computed >= limits.replications:
            self.over = f"{self.computed} replications were computed (limit: budget.replications)"
        elif limits.time is not None and time.monotonic() - self._begun > limits.time:
            self.over = f"more than {limits.time:g} s have passed (limit: budget.time)"

    def table(self) -> Table:
        """What is known: of cells that are not done, the seeds that all their strategies have without a gap."""
        rows = []
        for n in sorted(self.points):
            p = self.points[n]
            used = p.used
            if not used and not p.error:
                count = self._count(p) if self._within is not None else min(self._count(q) for q in self._group(p.cell))
                used, p.enough = tuple(self._seeds(count)), False
            failed = {s: p.failed[s] for s in used if s in p.failed}
            values = p.array(used, len(self.kpis))
            rows.append(Row(n, p.cell, p.strategy, p.said.settings, used, values, failed, p.enough, p.error))
        asked = self.question.asked
        first = next(iter(self.question.strategies))
        until = asked.seeds.until
        settled = until.kpi if until and until.settled else ""
        race = (
            self._race()
            if self._within is not None and len(self.points) == len(self.question.cells) * len(self.question.strategies)
            else None
        )
        return Table(
            self.name, asked.question, self.kpis, self.units, tuple(rows), self.counts, first, self.over, settled, self.question, race
        )


def error_text(error: Exception) -> str:
    """What is kept of an error: budgets and deaths speak for themselves, anything else is named."""
    text = str(error).splitlines()[0] if str(error) else ""
    return text if isinstance(error, BudgetExceeded) else f"{type(error).__name__}: {text}"
