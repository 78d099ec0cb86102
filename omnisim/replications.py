"""Replications: one (tables, seed) after another, or several at once on all cores.

    replicate(tables, seed)           Result: KPI numerators and denominators, flows
    replications(tables, seeds)       Results [strategy][seed], whatever the number of workers

A replication depends on (tables, seed) alone, so the number of workers and the order of their work change nothing.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass

import numpy as np

from omnisim.budget import Budget, BudgetExceeded
from omnisim.flows import Flows, flows
from omnisim.jit import compiled
from omnisim.kpis import measure
from omnisim.tables import Tables

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Result:
    """What one replication is worth: KPI numerators and denominators [column], flows."""

    seed: int
    num: np.ndarray
    den: np.ndarray
    flows: Flows
    events: int


def replicate(tables: Tables, seed: int, budget: Budget) -> Result:
    """One replication and what it is worth."""
    from omnisim.engines import reference

    seen = reference.run(tables, seed, budget)
    values = measure(tables, seen)
    return Result(seed, values.num, values.den, flows(tables, seen), seen.events)


_worker_tables: list[Tables] = []


def _start_worker(tables: list[Tables]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends its workers
    _worker_tables[:] = tables


def _work(strategy: int, seed: int, budget: Budget) -> tuple[int, Result]:
    return strategy, replicate(_worker_tables[strategy], seed, budget)


def predicted_mb(tables: Tables) -> float:
    """Memory, in MB, that one replication on the reference engine will need: its records, about 1 kB a customer."""
    return 150.0 + tables.expected_arrivals * 1.0e-3


def _check(tables: Tables, budget: Budget) -> None:
    if not predicted_mb(tables) <= budget.memory_mb:
        raise BudgetExceeded(
            f"{tables.name}: {tables.expected_arrivals:.4g} customers expected, which needs about {predicted_mb(tables):.4g} MB "
            f"for one replication (limit: memory, {budget.memory_mb:g} MB); lower `scale`, the demand or the horizon"
        )


def replications(
    tables: list[Tables], seeds: Sequence[int], workers: int | None, budget: Budget, progress: Progress | None
) -> list[list[Result]]:
    """Results [strategy][seed], whatever the number of workers."""
    for t in tables:
        _check(t, budget)
    tasks = [(s, seed) for seed in seeds for s in range(len(tables))]
    cores = workers or os.cpu_count() or 1
    memory = max(predicted_mb(t) for t in tables)
    cores = max(1, min(cores, len(tasks), int(budget.memory_mb // memory)))
    found: dict[tuple[int, int], Result] = {}

    def done(strategy: int, result: Result) -> None:
        found[strategy, result.seed] = result
        if progress is not None:
            progress(len(found), len(tasks))

    # what must be compiled is compiled here, once, before there are workers
    alone = tasks if cores == 1 else tasks[:1] if not compiled() else []
    for s, seed in alone:
        done(s, replicate(tables[s], seed, budget))
    if len(alone) < len(tasks):
        _share_out(tables, tasks[len(alone) :], cores, budget, done)
    return [[found[s, seed] for seed in seeds] for s in range(len(tables))]


def _share_out(tables: list[Tables], tasks: list[tuple[int, int]], cores: int, budget: Budget, done: Callable[[int, Result], None]) -> None:
    """Replications on several processes; whatever ends this ends them too."""
    pool = ProcessPoolExecutor(cores, initializer=_start_worker, initargs=(tables,))
    try:
        waiting: set[Future[tuple[int, Result]]] = {pool.submit(_work, s, seed, budget) for s, seed in tasks}
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
