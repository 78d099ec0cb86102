"""What is timed: one queue of ten lines, the retail day and Cyber Monday at any size.

The load of each agent stays the same at every size: agents follow the customers in proportion.
"""

import tempfile
from functools import cache
from pathlib import Path

from omnisim.scenario import Scenario, load
from omnisim.tables import Tables

DAY_MIN = 1440
QUEUE = """\
omnisim: 1
name: M/M/100+M
clock: {horizon: 1 d}
demand: {calls: {goal: issue, rate: 102 /min, enter: {call_center: 1}}}
channels:
  call_center:
    help: {mode: live, handling: {law: exponential, mean: 1 min}, patience: {law: exponential, mean: 2 min}}
staffing:
  pools: {phone: {agents: 100, skills: {call_center: {}}}}
"""
SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
RETAIL = SCENARIOS / "retail-day" / "omnichannel.yaml"
EVENT = SCENARIOS / "cybermonday" / "omnichannel.yaml"
YEAR = SCENARIOS / "customer-year" / "omnichannel.yaml"
YEAR_CUSTOMERS = 20_000  # about so many does the year win at scale 1


def queue(minutes: float = DAY_MIN, agents: int = 100, per_min: float = 102.0, patience_min: float = 2.0) -> Scenario:
    """M/M/n+M: calls of one minute on the mean."""
    return _queue().with_(
        {
            "clock.horizon": f"{60 * minutes:.6f} s",
            "demand.calls.rate": f"{per_min:.6f} /min",
            "channels.call_center.help.patience": f"{{law: exponential, mean: {patience_min:.6f} min}}",
            "staffing.pools.phone.agents": agents,
        }
    )


@cache
def _queue() -> Scenario:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "queue.yaml"
        path.write_text(QUEUE, encoding="utf-8")
        return load(path)


@cache
def retail(customers: int) -> Scenario:
    """The omnichannel retail day, midnight to midnight, with about so many customers and staff in proportion."""
    day = load(RETAIL).with_({"clock.horizon": "24 h", "clock.warmup": "0 h"})
    return _of_size(day, customers, f"Retail day of {customers:,}")


@cache
def cyber_monday(visitors: int) -> Scenario:
    """The omnichannel Cyber Monday, 48 hours, with about so many visitors and staff in proportion."""
    return _of_size(load(EVENT), visitors, f"Cyber Monday of {visitors:,}")


@cache
def customer_year(customers: int) -> Scenario:
    """A calendar year in which about so many customers are won and come again, with staff in proportion."""
    year = load(YEAR)
    arrivals = Tables.build(year).expected_arrivals * customers / YEAR_CUSTOMERS
    return _of_size(year, arrivals, f"Customer year of {customers:,}")


def _of_size(scenario: Scenario, customers: float, name: str) -> Scenario:
    factor = customers / Tables.build(scenario).expected_arrivals
    assert scenario.staffing is not None
    changes: dict[str, object] = {"scale": scenario.scale * factor, "name": name}
    for pool_name, pool in scenario.staffing.pools.items():
        points = getattr(pool.agents, "points", ())
        changes[f"staffing.pools.{pool_name}.agents"] = {_clock(start): round(n * factor) for start, n in points}
    return scenario.with_(changes)


def _clock(seconds: float) -> str:
    """A time of day as a clock map says it.

    >>> _clock(30600.0)
    '08:30'
    """
    return f"{int(seconds) // 3600:02d}:{int(seconds) % 3600 // 60:02d}"
