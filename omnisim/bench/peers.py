"""M/M/n+M as users of other libraries write it: waits and counts, nothing else.  Times in minutes, calls of one minute.

with_simpy    a Resource, `yield request | timeout`, the random module
with_ciw      a network of one node with reneging, its records (Ciw comes with the development extra)
"""

import importlib
import importlib.util
import random
import warnings
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Seen:
    """What a peer's user looks at: every wait (of those served and of those who gave up), and how many gave up."""

    waits: list[float] = field(default_factory=list)
    served: int = 0
    abandoned: int = 0

    @property
    def delayed_rate(self) -> float:
        """Share of those who waited at all."""
        return sum(wait > 0.0 for wait in self.waits) / len(self.waits)

    @property
    def abandon_rate(self) -> float:
        return self.abandoned / (self.served + self.abandoned)


def with_simpy(seed: int, minutes: float, agents: int = 100, per_min: float = 102.0, patience_min: float = 2.0) -> Seen:
    """A SimPy script."""
    import simpy

    def call(env: Any, staff: Any) -> Generator[Any, Any, None]:
        arrived = env.now
        with staff.request() as request:
            patience = env.timeout(random.expovariate(1.0 / patience_min))
            happened = yield request | patience
            seen.waits.append(env.now - arrived)
            if request in happened:
                seen.served += 1
                yield env.timeout(random.expovariate(1.0))
            else:
                seen.abandoned += 1

    def calls(env: Any, staff: Any) -> Generator[Any, Any, None]:
        while True:
            yield env.timeout(random.expovariate(per_min))
            env.process(call(env, staff))

    random.seed(seed)
    seen = Seen()
    env = simpy.Environment()
    env.process(calls(env, simpy.Resource(env, agents)))
    env.run(until=minutes)
    return seen


def has_ciw() -> bool:
    """Is Ciw installed?"""
    return importlib.util.find_spec("ciw") is not None


def _ciw() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what another package warns of at its import is not ours to mend
        return importlib.import_module("ciw")


def with_ciw(seed: int, minutes: float, agents: int = 100, per_min: float = 102.0, patience_min: float = 2.0) -> Seen:
    """A Ciw script."""
    ciw = _ciw()
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(per_min)],
        service_distributions=[ciw.dists.Exponential(1.0)],
        reneging_time_distributions=[ciw.dists.Exponential(1.0 / patience_min)],
        number_of_servers=[agents],
    )
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(minutes)
    seen = Seen()
    for record in simulation.get_all_records():
        seen.waits.append(record.waiting_time)
        if record.record_type == "service":
            seen.served += 1
        else:
            seen.abandoned += 1
    return seen
