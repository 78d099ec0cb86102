"""Drives the kernel: makes room, drains rows to a sink, watches the budget, says how far it has come, can be stopped."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from omnisim.budget import Budget, BudgetExceeded, exceeded_events, exceeded_instant, exceeded_touches, exceeded_wall
from omnisim.engines.compiled import kernel, state
from omnisim.engines.compiled.floor import finish as last_stints
from omnisim.moments import MOST_TOUCHES
from omnisim.records import JOURNEY, Keep, Records, Sink
from omnisim.rules.serving import take_up
from omnisim.tables import Tables

ROWS = 4096  # rows of a kind between two drains: they stay in the processor's cache until they have been counted
EVENTS = 50_000  # events between two looks at the clock: some hundredths of a second

Report = Callable[[float], None]


def run(tables: Tables, seed: int, budget: Budget | None = None, report: Report | None = None) -> Records:
    """One replication: the records of `tables` under `seed`.

    `report` is called now and then with the model time reached, in seconds.  Raises BudgetExceeded at a limit.
    """
    keep = Keep()
    end_s, events = stream(tables, seed, budget or Budget(), keep, report)
    return keep.records(seed, end_s, events)


def stream(tables: Tables, seed: int, budget: Budget, sink: Sink, report: Report | None = None) -> tuple[float, int]:
    """One replication whose rows go to `sink` as they come: (when it ended, s; events), in memory for those present only."""
    one = Run(tables, seed, budget, sink)
    one.go(report)
    return one.end_s, one.events


def get_ready(tables: Tables) -> None:
    """Load the kernel, or compile it: nothing is simulated."""
    empty = Run(replace(tables, staff0=0 * tables.staff0), 0, Budget(), Keep())
    empty.advance(0.0)
    empty.finish()


@dataclass
class Run:
    """One replication that sends its rows to a sink; may be advanced bit by bit."""

    tables: Tables
    seed: int
    budget: Budget
    sink: Sink
    rows: int = ROWS
    end_s: float = 0.0

    def __post_init__(self) -> None:
        t = self.tables
        self.instant = self.budget.instant + 20 * t.largest_batch
        self.most = min(self.budget.touches, MOST_TOUCHES)
        self.world = state.world(t.linked(), self.seed, self.instant, self.most)
        self.state = state.new(t, self.seed)
        self.out = state.room(max(self.rows, int(t.agents_max.max(initial=0)) + 8))
        self.began = time.monotonic()
        kernel.start(self.world, self.state, self.out, t.staff0)

    @property
    def events(self) -> int:
        """Events executed so far."""
        return int(self.state.run[0]["events"])

    def go(self, report: Report | None = None) -> None:
        """To the end: the horizon, or until nothing more can happen if the run drains; then what is open becomes rows too."""
        t = self.tables
        while not self.advance(t.horizon_s):
            if report is not None:
                report(float(self.state.run[0]["now"]))
        if not t.drain:
            self.state.run[0]["closing"] = 1
        while not self.advance(math.inf if t.drain else t.horizon_s):
            if report is not None:
                report(float(self.state.run[0]["now"]))
        self.finish()

    def advance(self, until: float, events: int = EVENTS) -> bool:
        """Go on for at most so many events; True when the moment `until` is reached.  Rows go to the sink when there are enough."""
        left = min(events, self.budget.events - self.events)
        if left <= 0:
            raise exceeded_events(self.budget.events)
        stop = self.events + left
        while True:
            why = kernel.advance(self.world, self.state, self.out, until, stop - self.events)
            if why == kernel.REACHED:
                return True
            if why == kernel.PAUSED:
                break
            if why == kernel.TOO_MANY_AT_ONCE:
                raise exceeded_instant(self.instant, float(self.state.run[0]["now"]))
            if why == kernel.TOO_LONG:
                raise exceeded_touches(self.most)
            self._make_room(why)
        if time.monotonic() - self.began > self.budget.wall_s:
            raise exceeded_wall(self.budget.wall_s)
        return False

    def _make_room(self, why: int) -> None:
        if why == kernel.PEOPLE_FULL:
            self.state = state.more_people(self.state, 2 * len(self.state.people))
        elif why == kernel.CONTACTS_FULL:
            self.state = state.more_contacts(self.state, 2 * len(self.state.contacts))
        elif why == kernel.CUSTOMERS_FULL:
            self.state = state.more_customers(self.state, 2 * len(self.state.bonds))
        else:
            empty = self.drain() == 0
            if empty:  # one happening needs more rows than there are
                self.out = state.room(2 * len(self.out.touches))
        if state.bytes_of(self.state) > 1e6 * self.budget.memory_mb:
            raise BudgetExceeded(f"more than {self.budget.memory_mb:g} MB for those present (limit: memory)")

    def drain(self) -> int:
        """Rows so far go to the sink; returns how many there were."""
        run = self.state.run[0]
        n = [int(run[key]) for key in ("touches", "journeys", "stints", "orders", "customers_out")]
        end_s = max(float(run["now"]), 0.0)
        self.sink.touches(self.out.touches[: n[0]], end_s)
        self.sink.journeys(self.out.journeys[: n[1]], end_s)
        self.sink.stints(self.out.stints[: n[2]])
        self.sink.orders(self.out.orders[: n[3]])
        self.sink.customers(self.out.customers[: n[4]])
        run["touches"] = run["journeys"] = run["stints"] = run["orders"] = run["customers_out"] = 0
        return sum(n)

    def finish(self) -> None:
        """The run is over: the last stints, and what has not ended."""
        s = self.state
        run = s.run[0]
        self.end_s = max(self.tables.horizon_s, float(run["last"]))
        run["now"] = self.end_s
        self.drain()
        agent = 0
        while agent < len(s.agents):
            agent = last_stints(s.agents, s.run, self.out.stints, agent)
            self.drain()
        touches, people = state.open_rows(s)
        for j in touches[s.touches["handed"][touches] > 0]:
            take_up(s.touches, j, self.end_s)
        self.sink.touches(s.touches[touches], self.end_s)
        rows = np.zeros(len(people), JOURNEY)
        kernel.leave_open(s, people, rows, self.end_s)
        self.sink.journeys(rows, self.end_s)
        self.sink.orders(s.orders[state.open_orders(s)])
        kernel.stock_taking(self.world, s, self.end_s)
        self.sink.stock(s.goods.stock.ravel())
        self.sink.customers(s.customers[state.open_customers(s)])
