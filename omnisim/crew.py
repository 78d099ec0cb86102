"""Workers for independent replications: threads, processes, or any `concurrent.futures.Executor` of yours.

    crew.submit(task, tables, seed)  ...  crew.finished() -> [(task, Result or the error), ...]  in the order of finishing

Threads for the compiled engine (it holds no lock while it runs), processes for the reference engine.  A worker process that dies
takes its tasks along: they are done again, one at a time, until it is known which one kills; that one is given up after three deaths.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections import deque
from collections.abc import Hashable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from typing import Any, Generic, TypeVar

from omnisim.orphans import start_worker
from omnisim.replications import How, Result, replicate
from omnisim.tables import Tables

DEATHS = 3  # of a worker that had nothing else to do: then it is the task that kills
AHEAD = 3  # tasks handed in for each worker, so that none waits

T = TypeVar("T", bound=Hashable)


class WorkerDied(RuntimeError):
    """A replication that ends the process that computes it."""


class Crew(Generic[T]):
    """Workers, as many as `workers`, or those of `executor` (which is not shut down).  `start`: fork, spawn or forkserver."""

    def __init__(self, how: How, workers: int, executor: Executor | None = None, start: str | None = None) -> None:
        self.how, self.workers, self.start = how, workers, start
        self._given = executor
        self._pool: Executor | None = executor
        self._running: dict[Future[Result], tuple[T, Tables, int]] = {}
        self._suspects: deque[tuple[T, Tables, int]] = deque()  # were at work when a worker died
        self._deaths: dict[T, int] = {}
        self._stop = threading.Event()

    @property
    def wants_more(self) -> bool:
        """Whether a worker might soon have nothing to do."""
        return not self._suspects and len(self._running) < AHEAD * self.workers

    @property
    def busy(self) -> bool:
        """Whether anything is still to come."""
        return bool(self._running or self._suspects)

    def submit(self, task: T, tables: Tables, seed: int) -> None:
        """Hand in one replication."""
        pool = self._pool = self._pool or self._new_pool()
        more = (self._look,) if isinstance(pool, ThreadPoolExecutor) else ()
        try:
            future = pool.submit(replicate, tables, seed, self.how, *more)
        except BrokenExecutor:
            if self._given is not None:
                raise
            self._pool = None  # a worker died since the last look: the tasks in hand come back by `finished`
            self._suspects.append((task, tables, seed))
            return
        self._running[future] = (task, tables, seed)

    def _look(self, time: float) -> None:
        """What a thread calls now and then."""
        if self._stop.is_set():
            raise KeyboardInterrupt

    def _new_pool(self) -> Executor:
        if self.how.compiled:
            return ThreadPoolExecutor(self.workers)
        return ProcessPoolExecutor(self.workers, multiprocessing.get_context(self.start), initializer=start_worker)

    def finished(self) -> list[tuple[T, Result | Exception]]:
        """What has been finished since the last call; waits for one if nothing has.  Empty where nothing is in hand."""
        out: list[tuple[T, Result | Exception]] = []
        while not out and self.busy:
            if not self._running:
                self.submit(*self._suspects.popleft())  # alone, so that a death says whose it is
                continue
            ready, _ = wait(self._running, return_when=FIRST_COMPLETED)
            if any(isinstance(f.exception(), BrokenExecutor) for f in ready):
                out += self._after_a_death()
                continue
            for future in ready:
                task, _, _ = self._running.pop(future)
                error = future.exception()
                if error is not None and not isinstance(error, Exception):
                    raise error
                out.append((task, error if isinstance(error, Exception) else future.result()))
        return out

    def _after_a_death(self) -> list[tuple[T, Result | Exception]]:
        """Sort what was in hand into finished, given up, and to be done again."""
        if self._given is not None:
            raise next(e for e in (f.exception() for f in self._running if f.done()) if isinstance(e, BrokenExecutor))
        out: list[tuple[T, Result | Exception]] = []
        wait(self._running)  # all of a broken pool end at once
        alone = len(self._running) == 1
        for future, (task, tables, seed) in self._running.items():
            if not isinstance(future.exception(), BrokenExecutor):
                error = future.exception()
                out.append((task, error if isinstance(error, Exception) else future.result()))
                continue
            self._deaths[task] = self._deaths.get(task, 0) + alone
            if self._deaths[task] >= DEATHS:
                out.append((task, WorkerDied(f"its worker process died {DEATHS} times (killed, out of memory, or crashed)")))
            else:
                self._suspects.append((task, tables, seed))
        self._running.clear()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = None
        return out

    def close(self) -> None:
        """End the workers, whatever they are at."""
        self._stop.set()
        for future in self._running:
            future.cancel()
        if self._given is None and self._pool is not None:
            for process in list((vars(self._pool).get("_processes") or {}).values()):
                process.terminate()
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = self._given
        self._running.clear()

    def __enter__(self) -> Crew[T]:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
