"""The store as a cache of `run` and `compare`: what is kept is taken, what is computed is kept.

replications(..., kept=Shelf(store, scenarios, tables))      shelf.taken[s]: how many of strategy s came from the store
"""

from collections.abc import Sequence

from omnisim.kpis import columns
from omnisim.replications import Result
from omnisim.scenario import Scenario
from omnisim.store.database import Row, Store
from omnisim.store.keys import full_version
from omnisim.tables import Tables


class Shelf:
    """A store seen by strategies counted from 0."""

    def __init__(self, store: Store, scenarios: Sequence[Scenario], tables: Sequence[Tables]) -> None:
        self.store = store
        self.names = [(s.hash(), full_version(t)) for s, t in zip(scenarios, tables, strict=True)]
        self.taken = [0] * len(scenarios)
        for s, t, (scenario, engine) in zip(scenarios, tables, self.names, strict=True):
            store.know(scenario, engine, s.name, s.canonical(), columns(t))

    def get(self, strategy: int, seed: int) -> Result | None:
        """The result of a replication if it is kept; a failure is tried again."""
        outcome = self.store.get(*self.names[strategy], seed)
        if not isinstance(outcome, Result):
            return None
        self.taken[strategy] += 1
        return outcome

    def put(self, strategy: int, seed: int, result: Result) -> None:
        """Keep a result."""
        self.store.put([Row(*self.names[strategy], seed, result)])
