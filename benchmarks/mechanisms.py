"""What each mechanism costs in either engine: variants alternated in one run, CPU time, ratios.

python benchmarks/mechanisms.py [ROUNDS]      prints the table of docs/speed.md
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import omnisim as om
from omnisim.bench.timing import ratios
from omnisim.budget import Budget
from omnisim.engines import compiled, reference
from omnisim.replications import Worth
from omnisim.tables import Tables

MANY = 20  # replications of the compiled engine for one of the reference: it takes some milliseconds

PLAIN = """
omnisim: 1
name: plain queue
clock: {horizon: 10 h}
demand: {calls: {goal: issue, rate: 10 /min, enter: {call_center: 1.0}}}
channels:
  call_center: {help: {mode: live, handling: {law: exponential, mean: 5 min}}}
  chat: {help: {mode: live, handling: {law: exponential, mean: 5 min}}}
  email: {help: {mode: inbox, handling: {law: exponential, mean: 5 min}}}
  web: {browse: {time: {law: exponential, mean: 5 min}}}
staffing: {pools: {all: {agents: 60, skills: {call_center: {}, chat: {}, email: {}}}}}
"""

RETRY = {"delay": "{law: exponential, mean: 10 min}", "after_abandoned": 0.5, "after_unresolved": 0.5}

# what is added to the plain queue, one mechanism at a time
VARIANTS: dict[str, dict[str, object]] = {
    "plain queue (M/M/60, nothing else)": {},
    "patience": {"channels.call_center.help.patience": "{law: exponential, mean: 2 min}"},
    "lognormal handling": {"channels.call_center.help.handling": "{law: lognormal, mean: 5 min, cv: 0.8}"},
    "gamma handling": {"channels.call_center.help.handling": "{law: gamma, mean: 5 min, cv: 0.8}"},
    "wrap-up": {"channels.call_center.help.wrap": "{law: exponential, mean: 30 s}"},
    "staff by half hour": {"clock.interval": "30 min", "staffing.pools.all.agents": "[" + ", ".join(["60", "55"] * 10) + "]"},
    "six hundred agents": {"staffing.pools.all.agents": 600},
    "inbox with deadline": {"demand.calls.enter": "{email: 1.0}", "channels.email.help.deadline": "4 h"},
    "concurrency 3": {"staffing.pools.all.skills.call_center.concurrency": 3},
    "self-service first (57 %)": {"demand.calls.preceded": "{web: 0.57}"},
    "retries (30 % unresolved)": {
        "channels.call_center.help.resolve": 0.7,
        "journey": "{issue: {retry: {after_unresolved: 0.75, delay: {law: exponential, mean: 10 min}}}}",
    },
    "context rules (omnichannel)": {"context": "{preset: omnichannel, effects: {repeat_time: 75 s, resolution_loss: 0.2}}"},
    "busyness and surge": {
        "world.busyness_cv": 0.1,
        "demand.calls.surge": "[{from: '2001-01-01 04:00', to: '2001-01-01 05:00', factor: 1.2}]",
    },
}


def tables() -> dict[str, Tables]:
    """Every variant as tables."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plain.yaml"
        path.write_text(PLAIN, encoding="utf-8")
        plain = om.load(path)
        return {name: Tables.build(plain.with_(changes)) for name, changes in VARIANTS.items()}


def cost(table: Tables, engine: str, seeds: Iterable[int]) -> float:
    """CPU microseconds a customer: the run and the counting of its rows, without what a replication costs once."""
    customers = spent = 0.0
    for seed in seeds:
        sink = Worth(table)
        begun = time.process_time()
        if engine == "compiled":
            compiled.stream(table, seed, Budget(), sink)
        else:
            seen = reference.run(table, seed)
            sink.touches(seen.touches, seen.end_s)
            sink.journeys(seen.journeys, seen.end_s)
            sink.stints(seen.stints)
            sink.orders(seen.orders)
        spent += time.process_time() - begun
        customers += table.expected_arrivals
    return 1e6 * spent / customers


def main(rounds: int = 5) -> None:
    """Print the table: microseconds a customer in either engine, their ratio, and ours against the plain queue, with spreads."""
    variants = tables()
    slow: dict[str, list[float]] = {name: [] for name in variants}
    fast: dict[str, list[float]] = {name: [] for name in variants}
    for table in variants.values():  # loaded and warm before anything is timed
        cost(table, "compiled", [0])
    cost(next(iter(variants.values())), "reference", [0])
    for r in range(1, rounds + 1):
        for name, table in variants.items():
            slow[name].append(cost(table, "reference", [r]))
            fast[name].append(cost(table, "compiled", range(MANY * r, MANY * r + MANY)))
    plain = fast[next(iter(variants))]
    print("| one mechanism added to the plain queue | us a customer | reference / compiled | compiled: to plain |")
    print("|---|---:|---:|---:|")
    for name in variants:
        engines = ratios(zip(slow[name], fast[name], strict=True)).text("x")
        added = ratios(zip(fast[name], plain, strict=True)).text()
        print(f"| {name} | {statistics.median(fast[name]):.2f} | {engines} | {added} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
