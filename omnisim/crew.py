"""Workers for independent replications: threads, processes, or any `concurrent.futures.Executor` of yours.

    crew.submit(task, tables, seed)  ...  crew.finished() -> [(task, Result or the error), ...]  in the order of finishing

Threads for the compiled engine (it holds no lock while it runs), processes for the reference engine.  Workers far away (`far`) are
handed several replications at once, so many that they take half a second.  A worker process that dies takes its tasks along: they are
done again, one at a time, until it is known which one kills; that one is given up after three deaths (dask itself tries four times).
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from typing import Any, Generic, TypeVar

from omnisim.orphans import start_worker
from omnisim.replications import How, Result, replicate
from omnisim.tables import Tables

DEATHS = 3  # of a worker that had nothing else to do: then it is the task that kills
AHEAD = 3  # batches handed in for each worker, so that none waits
BATCH_S = 0.5  # how long a batch for a worker far away should take: against it the way there counts little
MOST = 256  # replications a batch

T = TypeVar("T", bound=Hashable)


class WorkerDied(RuntimeError):
    """A replication that ends the process that computes it."""


class WorkerDiffers(RuntimeError):
    """A worker far away that would not give the same bits."""


Job = tuple[Tables, int]  # a scenario and a seed
Outcome = Result | Exception


def work(jobs: Sequence[Job], how: How, look: Callable[[float], None] | None = None) -> tuple[list[Outcome], float]:
    """What a worker does with a batch: every replication or its error, and how long all of it took, s."""
    begun, out = time.monotonic(), list[Outcome]()
    for tables, seed in jobs:
        try:
            out.append(replicate(tables, seed, how, look))
        except Exception as e:
            out.append(e)
    return out, time.monotonic() - begun


def work_far_away(expected: Mapping[str, str], jobs: Sequence[Job], how: How) -> tuple[list[Outcome], float]:
    """The same, by a worker that may have joined after the others were looked at."""
    from omnisim.cluster import differences, fingerprint

    if other := differences(expected, fingerprint()):
        raise WorkerDiffers("a worker would not give the same bits: " + ", ".join(other))
    return work(jobs, how)


class Crew(Generic[T]):
    """Workers, as many as `workers`, or those of `executor` (which is not shut down).  `start`: fork, spawn or forkserver.

    `far`: what decides the bits here (`cluster.fingerprint`), where the executor's workers are on other machines.
    """

    def __init__(
        self, how: How, workers: int, executor: Executor | None = None, start: str | None = None, far: Mapping[str, str] | None = None
    ) -> None:
        self.how, self.workers, self.start, self.far = how, workers, start, far
        self._given = executor
        self._pool: Executor | None = executor
        self._batch: list[tuple[T, Tables, int]] = []  # not yet handed in
        self._size = 1
        self._running: dict[Future[tuple[list[Outcome], float]], list[tuple[T, Tables, int]]] = {}
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
        return bool(self._running or self._suspects or self._batch)

    def submit(self, task: T, tables: Tables, seed: int) -> None:
        """Take one replication; it is handed in as soon as there is a batch."""
        self._batch.append((task, tables, seed))
        if len(self._batch) >= self._size:
            self._hand_in()

    def _hand_in(self) -> None:
        batch, self._batch = self._batch, []
        jobs = [(tables, seed) for _, tables, seed in batch]
        pool = self._pool = self._pool or self._new_pool()
        more = (self._look,) if isinstance(pool, ThreadPoolExecutor) else ()
        try:
            if self.far is None:
                future = pool.submit(work, jobs, self.how, *more)
            else:
                future = pool.submit(work_far_away, self.far, jobs, self.how)
        except BrokenExecutor:
            if self._given is not None:
                raise
            self._pool = None  # a worker died since the last look: the tasks in hand come back by `finished`
            self._suspects += batch
            return
        self._running[future] = batch

    def _look(self, time: float) -> None:
        """What a thread calls now and then."""
        if self._stop.is_set():
            raise KeyboardInterrupt

    def _new_pool(self) -> Executor:
        if self.how.compiled:
            return ThreadPoolExecutor(self.workers)
        return ProcessPoolExecutor(self.workers, multiprocessing.get_context(self.start), initializer=start_worker)

    def finished(self) -> list[tuple[T, Outcome]]:
        """What has been finished since the last call; waits for something if nothing has.  Empty where nothing is in hand."""
        out: list[tuple[T, Outcome]] = []
        while not out and self.busy:
            if self._batch:
                self._hand_in()
            if not self._running:
                self._batch.append(self._suspects.popleft())  # alone, so that a death says whose it is
                self._hand_in()
                continue
            ready, _ = wait(self._running, return_when=FIRST_COMPLETED)
            if any(isinstance(f.exception(), BrokenExecutor) for f in ready):
                out += self._after_a_death()
                continue
            alone = len(self._running) == 1
            for future in ready:
                out += self._outcomes(future, self._running.pop(future), alone)
        return out

    def _outcomes(
        self, future: Future[tuple[list[Outcome], float]], batch: list[tuple[T, Tables, int]], alone: bool
    ) -> list[tuple[T, Outcome]]:
        """What came of a batch.  `alone`: nothing else was in hand."""
        error = future.exception()
        if error is None:
            outcomes, took = future.result()
            if self.far is not None:
                self._size = max(1, min(MOST, int(BATCH_S * len(batch) / max(took, 1e-6))))
            return [(task, outcome) for (task, _, _), outcome in zip(batch, outcomes, strict=True)]
        if type(error).__name__ != "KilledWorker":  # dask: workers died with it, again and again
            raise error
        if len(batch) == 1 and alone:
            return [(batch[0][0], WorkerDied("every worker that tried it died (killed, out of memory, or crashed)"))]
        self._suspects += batch
        return []

    def _after_a_death(self) -> list[tuple[T, Outcome]]:
        """Sort what was in hand into finished, given up, and to be done again."""
        if self._given is not None:
            raise next(e for e in (f.exception() for f in self._running if f.done()) if isinstance(e, BrokenExecutor))
        out: list[tuple[T, Outcome]] = []
        wait(self._running)  # all of a broken pool end at once
        alone = len(self._running) == 1
        for future, batch in self._running.items():
            if not isinstance(future.exception(), BrokenExecutor):
                out += self._outcomes(future, batch, alone)
                continue
            for task, tables, seed in batch:
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
        self._batch.clear()

    def __enter__(self) -> Crew[T]:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
