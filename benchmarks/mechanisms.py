"""How fast the reference engine is, and what each mechanism costs: variants alternated in one run, CPU time, ratios.

python benchmarks/mechanisms.py [ROUNDS]      prints the table of docs/speed.md
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import omnisim as om
from omnisim.engines import reference
from omnisim.kpis import measure
from omnisim.records import Records
from omnisim.tables import Tables

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


def seconds(table: Tables, seed: int) -> tuple[Records, float, float]:
    """One replication: its records, CPU seconds of the engine, CPU seconds of the KPIs."""
    a = time.process_time()
    seen = reference.run(table, seed)
    b = time.process_time()
    measure(table, seen)
    return seen, b - a, time.process_time() - b


def main(rounds: int = 5) -> None:
    """Print the table: events a second, microseconds a contact, ratio to the plain queue with its spread."""
    variants = tables()
    for table in variants.values():
        seconds(table, 0)  # compiled and warm before anything is timed
    speed: dict[str, list[float]] = {name: [] for name in variants}
    cost: dict[str, list[float]] = {name: [] for name in variants}
    kpis: list[float] = []
    for seed in range(1, rounds + 1):
        for name, table in variants.items():
            seen, engine, accounts = seconds(table, seed)
            speed[name].append(seen.events / engine)
            cost[name].append(1e6 * engine / len(seen.journeys))
            kpis.append(1e6 * accounts / len(seen.touches))
    first = next(iter(variants))
    print("| one mechanism added to the plain queue | events/s | us a customer | ratio to plain (lowest-highest) |")
    print("|---|---:|---:|---:|")
    for name in variants:
        ratios = [a / b for a, b in zip(cost[name], cost[first], strict=True)]
        middle = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
        print(f"| {name} | {statistics.median(speed[name]):,.0f} | {statistics.median(cost[name]):.0f} | {middle} |")
    print(f"\nKPIs of a replication: {statistics.median(kpis):.1f} us a touch (median of {len(kpis)} replications).")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
