"""Cost per event against what might raise it: customers, visitors of a shop, agents, people waiting.

Each point is the median of several rounds, all points of a curve in turn in each round; CPU time of one core, KPIs included.
"""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

from omnisim.bench import worlds
from omnisim.bench.measures import per_event
from omnisim.kpis import columns
from omnisim.replications import Result, replicate
from omnisim.tables import Tables

CUSTOMERS = (20_000, 60_000, 200_000, 600_000, 2_000_000)
VISITORS = (20_000, 70_000, 230_000, 700_000, 2_300_000)  # the last: the whole portal
AGENTS = (10, 30, 100, 300, 1_000, 3_000, 10_000)
PATIENCE_MIN = (0.2, 2.0, 20.0, 200.0, 2_000.0)  # half as many again call as can be answered: about 50 a minute give up
CALLS = 300_000.0  # behind each point, at least


@dataclass(frozen=True)
class Point:
    """`size`: customers, visitors, agents or people waiting; nanoseconds an event: median, lowest, highest."""

    size: float
    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Curve:
    """Cost per event against `axis`."""

    name: str
    axis: str
    points: tuple[Point, ...]


def measure(rounds: int = 3, say: Callable[[str], None] = lambda what: None) -> list[Curve]:
    """All curves; `say` is told which is being measured."""
    out = []
    for name, axis, what in (
        ("customers", "customers a day (the retail day, staff in proportion)", _customers),
        ("visitors", "visitors in 48 h (Cyber Monday, staff in proportion)", _visitors),
        ("agents", "agents (M/M/n+M, 1.02 calls a minute for each)", _agents),
        ("waiting", "people waiting on average (M/M/100+M, 150 calls a minute)", _waiting),
    ):
        say(f"cost per event against {name}")
        out.append(_curve(name, axis, what(), rounds))
    return out


def _curve(name: str, axis: str, worlds_: list[tuple[float, Tables, int]], rounds: int) -> Curve:
    costs: list[list[float]] = [[] for _ in worlds_]
    replicate(worlds_[0][1], 0)
    for round_ in range(1, rounds + 1):
        for cost, (_, tables, replications) in zip(costs, worlds_, strict=True):
            cost.append(1e9 * per_event(tables, replications, round_))
    points = (Point(size, statistics.median(c), min(c), max(c)) for (size, _, _), c in zip(worlds_, costs, strict=True))
    return Curve(name, axis, tuple(points))


def _customers() -> list[tuple[float, Tables, int]]:
    """Size, tables and replications of each point."""
    return [(n, Tables.build(worlds.retail(n)), max(1, CUSTOMERS[2] // n)) for n in CUSTOMERS]


def _visitors() -> list[tuple[float, Tables, int]]:
    return [(n, Tables.build(worlds.cyber_monday(n)), max(1, VISITORS[2] // n)) for n in VISITORS]


def _agents() -> list[tuple[float, Tables, int]]:
    return [(n, Tables.build(worlds.queue(CALLS / (1.02 * n), n, 1.02 * n)), 1) for n in AGENTS]


def _waiting() -> list[tuple[float, Tables, int]]:
    out = []
    for patience in PATIENCE_MIN:
        tables = Tables.build(worlds.queue(max(CALLS / 150.0, 5.0 * patience), 100, 150.0, patience))
        out.append((_queue(tables, replicate(tables, 0)), tables, 1))
    return out


def _queue(tables: Tables, result: Result) -> float:
    """How many wait, averaged over the run."""
    i = next(i for i, c in enumerate(columns(tables)) if c.kpi == "queue_mean" and not c.scope)
    return float(result.num[i] / result.den[i])
