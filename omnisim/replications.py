"""Replications: one (tables, seed) after another, or several at once on all cores.

    replicate(tables, seed)           Result: KPI numerators and denominators, flows
    replications(tables, seeds)       Results [strategy][seed], whatever the number of workers

A replication depends on (tables, seed) alone, so the number of workers and the order of their work change nothing.  The
compiled engine works in threads (it holds no lock while it runs), the reference engine in processes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from omnisim.budget import Budget, BudgetExceeded
from omnisim.flows import Flowing, Flows
from omnisim.jit import compiled
from omnisim.kpis.accumulate import BINS
from omnisim.kpis.measuring import Accumulator
from omnisim.orphans import start_worker
from omnisim.records import Files, Records, Sink
from omnisim.sales import Sales, Selling
from omnisim.tables import Tables

Progress = Callable[[float, int], None]  # replications done (the running ones in part), of how many
Report = Callable[[float], None]
ENGINES = ("auto", "compiled", "reference")


@dataclass(frozen=True)
class Result:
    """What one replication is worth: KPI numerators and denominators [column], flows, and sales where there is a shop."""

    seed: int
    num: np.ndarray
    den: np.ndarray
    flows: Flows
    events: int
    sales: Sales | None = None


@dataclass(frozen=True)
class How:
    """How replications are made: by which engine, within which limits, and where every row is kept (None: nowhere)."""

    engine: str = "auto"
    budget: Budget = field(default_factory=Budget)
    folder: Path | None = None

    @property
    def compiled(self) -> bool:
        """Is it the compiled engine?"""
        return self.engine != "reference"


class Worth:
    """A sink that counts: KPIs, flows and sales; and hands the rows on, if somebody keeps them."""

    def __init__(self, tables: Tables, keeper: Sink | None = None) -> None:
        self.kpis = Accumulator(tables)
        self.flows = Flowing(tables)
        self.selling = Selling(tables) if tables.has_money else None
        self.keeper = keeper

    def touches(self, rows: np.ndarray, end_s: float) -> None:
        self.kpis.touches(rows, end_s)
        self.flows.touches(rows, end_s)
        if self.keeper is not None:
            self.keeper.touches(rows, end_s)

    def journeys(self, rows: np.ndarray, end_s: float) -> None:
        self.kpis.journeys(rows, end_s)
        self.flows.journeys(rows, end_s)
        if self.keeper is not None:
            self.keeper.journeys(rows, end_s)

    def stints(self, rows: np.ndarray) -> None:
        self.kpis.stints(rows)
        if self.keeper is not None:
            self.keeper.stints(rows)

    def orders(self, rows: np.ndarray) -> None:
        self.kpis.orders(rows)
        if self.selling is not None:
            self.selling.orders(rows)
        if self.keeper is not None:
            self.keeper.orders(rows)

    def stock(self, rows: np.ndarray) -> None:
        self.kpis.stock(rows)
        if self.keeper is not None:
            self.keeper.stock(rows)

    def customers(self, rows: np.ndarray) -> None:
        self.kpis.customers(rows)
        if self.keeper is not None:
            self.keeper.customers(rows)

    def result(self, seed: int, events: int) -> Result:
        """What the rows so far are worth."""
        values = self.kpis.values()
        sales = None if self.selling is None else self.selling.sales()
        return Result(seed, values.num, values.den, self.flows.flows(), events, sales)


def records(tables: Tables, seed: int, how: How, report: Report | None = None) -> Records:
    """Every row of one replication."""
    from omnisim.engines import compiled, reference

    run = compiled.run if how.compiled else reference.run
    return run(tables, seed, how.budget, report)


def _simulate(tables: Tables, seed: int, how: How, sink: Sink, report: Report | None) -> int:
    """One replication into a sink; returns the number of events."""
    if how.compiled:
        from omnisim.engines.compiled import stream

        return stream(tables, seed, how.budget, sink, report)[1]
    seen = records(tables, seed, how, report)
    sink.touches(seen.touches, seen.end_s)
    sink.journeys(seen.journeys, seen.end_s)
    sink.stints(seen.stints)
    sink.orders(seen.orders)
    sink.stock(seen.stock)
    sink.customers(seen.customers)
    return seen.events


def replicate(tables: Tables, seed: int, how: How | None = None, report: Report | None = None) -> Result:
    """One replication and what it is worth; `report` is told the model time reached, in seconds, now and then."""
    how = how or How()
    if how.folder is None:
        worth = Worth(tables)
        return worth.result(seed, _simulate(tables, seed, how, worth, report))
    keeper = Files(how.folder, f"{tables.name}-{seed}")
    try:
        worth = Worth(tables, keeper)
        events = _simulate(tables, seed, how, worth, report)
    except BaseException:
        keeper.close(keep=False)
        raise
    keeper.close()
    return worth.result(seed, events)


def predicted_mb(tables: Tables, engine: str = "auto") -> float:
    """Memory, in MB, that one replication will need.

    Reference engine: all its records, about 1 kB a customer.  Compiled engine: room for the KPIs, and about 0.6 kB for
    each of those who can be present at once: agents' places, and the customers of one mean hour; 0.4 kB more with an order.
    """
    if engine == "reference":
        return 150.0 + tables.expected_arrivals * 1.0e-3
    intervals = len(tables.interval_starts) if tables.interval_s > 0 else 0
    cells = (1 + len(tables.channels) + len(tables.pools)) * (1 + intervals)
    places = float((tables.agents_max * np.maximum(tables.slots, 1)).sum())
    hourly = tables.expected_arrivals / max(tables.horizon_s / 3600.0, 1.0)
    return 150.0 + 16e-6 * BINS * len(tables.channels) + 400e-6 * cells + (1.0e-3 if tables.has_shop else 0.6e-3) * (places + hourly)


def _check(tables: Tables, how: How) -> None:
    needed = predicted_mb(tables, how.engine)
    if not needed <= how.budget.memory_mb:
        raise BudgetExceeded(
            f"{tables.name}: {tables.expected_arrivals:.4g} customers expected, which needs about {needed:.4g} MB "
            f"for one replication (limit: memory, {how.budget.memory_mb:g} MB); lower `scale`, the demand or the horizon"
        )


class _Count:
    """How far all replications are: those done, and the running ones in part."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.total, self.progress = total, progress
        self.done = 0
        self.parts: dict[tuple[int, int], float] = {}
        self.stop = threading.Event()  # tells threads to give up
        self.lock = threading.Lock()

    def report(self, task: tuple[int, int], horizon_s: float) -> Report:
        """To be called by a running replication with its model time."""

        def at(time: float) -> None:
            if self.stop.is_set():
                raise KeyboardInterrupt
            self.parts[task] = min(time / horizon_s, 1.0)
            self.show()

        return at

    def finished(self, task: tuple[int, int]) -> None:
        self.done += 1
        self.parts.pop(task, None)
        self.show()

    def show(self) -> None:
        if self.progress is not None:
            with self.lock:
                self.progress(min(self.done + sum(list(self.parts.values())), self.total), self.total)


def get_ready(tables: Tables) -> None:
    """Compile, or load, all that a replication on the compiled engine uses."""
    from omnisim.engines.compiled import get_ready as kernel_ready
    from omnisim.records import CUSTOMER, JOURNEY, ORDER, STINT, TOUCH

    kernel_ready(tables)
    worth = Worth(tables)
    worth.touches(np.zeros(0, TOUCH), 0.0)
    worth.journeys(np.zeros(0, JOURNEY), 0.0)
    worth.stints(np.zeros(0, STINT))
    worth.orders(np.zeros(0, ORDER))
    worth.customers(np.zeros(0, CUSTOMER))
    worth.result(0, 0)


class Kept(Protocol):
    """Where results of earlier runs are, by strategy and seed."""

    def get(self, strategy: int, seed: int) -> Result | None: ...

    def put(self, strategy: int, seed: int, result: Result) -> None: ...


def replications(
    tables: list[Tables],
    seeds: Sequence[int],
    workers: int | None = None,
    how: How | None = None,
    progress: Progress | None = None,
    kept: Kept | None = None,
) -> list[list[Result]]:
    """Results [strategy][seed], whatever the number of workers; what is `kept` is not computed, what is computed is kept."""
    how = how or How()
    for t in tables:
        _check(t, how)
    tasks = [(s, seed) for seed in seeds for s in range(len(tables))]
    found: dict[tuple[int, int], Result] = {}
    if kept is not None and how.folder is None:  # rows that are asked for must be made
        found = {task: known for task in tasks if (known := kept.get(*task)) is not None}
        tasks = [task for task in tasks if task not in found]
    memory = max(predicted_mb(t, how.engine) for t in tables)
    cores = max(1, min(workers or os.cpu_count() or 1, len(tasks), int(how.budget.memory_mb // memory)))
    count = _Count(len(tasks), progress)

    def done(task: tuple[int, int], result: Result) -> None:
        found[task] = result
        if kept is not None:
            kept.put(*task, result)
        count.finished(task)

    if how.compiled and cores > 1:
        get_ready(tables[0])  # once, before there are threads
    alone = tasks if cores == 1 else tasks[:1] if not (how.compiled or compiled("reference")) else []
    for s, seed in alone:
        done((s, seed), replicate(tables[s], seed, how, count.report((s, seed), tables[s].horizon_s)))
    rest = tasks[len(alone) :]
    if rest and how.compiled:
        _in_threads(tables, rest, cores, how, count, done)
    elif rest:
        _in_processes(tables, rest, cores, how, done)
    return [[found[s, seed] for seed in seeds] for s in range(len(tables))]


Done = Callable[[tuple[int, int], Result], None]


def _in_threads(tables: list[Tables], tasks: list[tuple[int, int]], cores: int, how: How, count: _Count, done: Done) -> None:
    pool = ThreadPoolExecutor(cores)
    try:
        tickets = {
            pool.submit(replicate, tables[s], seed, how, count.report((s, seed), tables[s].horizon_s)): (s, seed) for s, seed in tasks
        }
        waiting = set(tickets)
        while waiting:
            ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in ready:
                done(tickets[future], future.result())
    finally:
        count.stop.set()  # whatever ends this ends the others at their next look
        pool.shutdown(wait=True, cancel_futures=True)


_worker_tables: list[Tables] = []


def _start_worker(tables: list[Tables]) -> None:
    start_worker()
    _worker_tables[:] = tables


def _work(strategy: int, seed: int, how: How) -> tuple[tuple[int, int], Result]:
    return (strategy, seed), replicate(_worker_tables[strategy], seed, how)


def _in_processes(tables: list[Tables], tasks: list[tuple[int, int]], cores: int, how: How, done: Done) -> None:
    pool = ProcessPoolExecutor(cores, initializer=_start_worker, initargs=(tables,))
    try:
        waiting: set[Future[tuple[tuple[int, int], Result]]] = {pool.submit(_work, s, seed, how) for s, seed in tasks}
        while waiting:
            ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in ready:
                done(*future.result())
    except BaseException:
        for process in list((pool._processes or {}).values()):
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
