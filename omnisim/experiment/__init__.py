"""Experiments: one question, one YAML file, one table.

    Experiment.load("experiments/context-vs-staff.yaml").run(workers=8, store="reports/context-vs-staff") -> Table

`said` is what a file may say, `read` makes cells of it, `sweep` runs them, `stopping` says when there are seeds enough, `table` is the
answer, `changes` tells what is not as it was.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from omnisim.experiment.read import Question, read

if TYPE_CHECKING:
    from omnisim.cluster import Cluster
    from omnisim.experiment.sweep import Sweep
    from omnisim.experiment.table import Table
    from omnisim.replications import How
    from omnisim.store import Store


@dataclass(frozen=True)
class Experiment:
    """A question that can be run: a name (the file's) and what it asks."""

    name: str
    question: Question

    @classmethod
    def load(cls, path: str | os.PathLike[str], sets: Mapping[str, object] | None = None) -> Experiment:
        """The experiment of a YAML file; `sets` changes the scenario of every strategy.  Raises ScenarioError with all problems."""
        return cls(Path(path).stem, read(path, sets))

    def with_seeds(self, count: int | None = None, first: int | None = None) -> Experiment:
        """The same with so many seeds (a fixed number), beginning with `first`; None leaves what the file says."""
        seeds = self.question.asked.seeds
        if count is not None:
            seeds = replace(seeds, count=count, until=None)
        if first is not None:
            seeds = replace(seeds, first=first)
        return replace(self, question=replace(self.question, asked=replace(self.question.asked, seeds=seeds)))

    @property
    def points(self) -> int:
        """How many points: combinations of levels times strategies."""
        return len(self.question.cells) * len(self.question.strategies)

    def how(self, engine: str = "auto") -> How:
        """How its replications are made."""
        from omnisim.budget import Budget
        from omnisim.replications import ENGINES, How

        if engine not in ENGINES:
            raise ValueError(f"engine {engine!r} is not one of {', '.join(ENGINES)}")
        b = self.question.asked.budget
        given = {"events": b.events, "wall_s": b.wall, "memory_mb": b.memory}
        budget = Budget(**{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]
        return How("reference" if engine == "reference" else "compiled", budget)

    def sweep(
        self, store: Store | None, engine: str = "auto", progress: Callable[[float, int], None] | None = None, retry: bool = False
    ) -> Sweep:
        """A run of it, not begun yet; the store learns what is asked."""
        from omnisim.experiment.changes import said
        from omnisim.experiment.sweep import Sweep

        if store is not None:
            store.write_said(self.name, said(self.question))
        return Sweep(self.name, self.question, store, self.how(engine), progress, retry)

    def run(
        self,
        workers: int | None = None,
        store: str | Path | None = None,
        *,
        engine: str = "auto",
        executor: Executor | Cluster | None = None,
        start: str | None = None,
        progress: Callable[[float, int], None] | None = None,
        retry: bool = False,
    ) -> Table:
        """Run it, or what is missing of it: the table is the same to the bit however often it was interrupted.

        `workers`: threads, or processes of the reference engine (default: all cores); `executor`: any `concurrent.futures.Executor`
        instead, or the workers of a `cluster.connected`.  `store`: a folder where every result is kept as soon as it is there (absent:
        nowhere).  `start`: how processes are started (fork, spawn, forkserver).  `retry`: replications that failed are tried again.
        """
        from omnisim.cluster import Cluster, fingerprint
        from omnisim.store import Store

        pool, far = executor, None
        if isinstance(executor, Cluster):
            pool, far, workers = executor.executor, fingerprint(), executor.workers
        count = workers or int(vars(pool).get("_max_workers", 0) if pool is not None else 0) or os.cpu_count() or 1
        with Store(store) if store is not None else nullcontext() as kept:
            return self.sweep(kept, engine, progress, retry).run(count, pool, start, far)  # type: ignore[arg-type]


__all__ = ["Experiment", "Question", "read"]
