"""Time to a decision: CPU time until the sign of (omnichannel - multichannel) in contribution margin 3 is settled at 95 %.

    ours       two scenarios of one shop, the same people with the same luck in both, compiled
    with SimPy the same shop as its user writes it, every replication with luck of its own

A day of a shop on the web with a telephone: who has a question before buying calls; a story that is told again makes the call longer,
longer calls make others wait, who gives up buys less.  Seeds needed follow from the measured mean and spread of the difference (t
interval that leaves out 0, ten at least on both sides, as in a sweep); the time is seeds times the measured cost of a replication:
running SimPy to the end would take hours.
"""

import math
import random
import tempfile
from collections.abc import Generator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from omnisim.bench.timing import Spread, alternated
from omnisim.estimate import seeds_to_settle, spread, t_quantile
from omnisim.kpis import columns
from omnisim.replications import replicate
from omnisim.scenario import Scenario, load
from omnisim.tables import Tables

LEAST = 10
SEEDS = 100  # pairs from which mean and spread are taken
MARGIN, PRICE, CV, WAGE, HOURS = 0.4, 75.0, 1.06, 19.0, 24.0
PER_MIN, ASK, CART, BUY, KEEN, LIFT = 16.0, 0.04, 0.13, 0.44, 3.0, 1.16
BROWSE, TALK, REPEAT, PATIENCE, DELAY, SCALE, UNANSWERED = 22.0, 5.5, 1.25, 2.0, 0.12, 5.0, 0.5  # minutes, utility
AGENTS = 6
IDENTIFIED = {"multichannel": 0.0, "omnichannel": 0.92}  # the nightly copy of multichannel never comes in time for a call
SHOP = """\
omnisim: 1
name: a shop with a telephone
clock: {horizon: 1 d}
demand: {shoppers: {goal: shop, rate: 16 /min, enter: {web: 1}}}
channels:
  web: {sell: true, browse: {time: {law: exponential, mean: 22 min}}}
  phone:
    help: {mode: live, handling: {law: exponential, mean: 5.5 min}, patience: {law: exponential, mean: 2 min}}
staffing: {pools: {desk: {agents: 6, wage: 19 USD/h, skills: {phone: {}}}}}
journey:
  shop:
    cart: {web: 13 %}
    buy: {web: 44 %}
    carry: {web: true}
    ask: {share: {web: 4 %}, channel: {web: {phone: 1}}, keen: 3, lift: {phone: 1.16}, delay: .12, scale: 5 min, unanswered: .5}
catalog: {products: {all: {share: 1, price: 75 USD, cv: 1.06, margin: 40 %}}}
context: {preset: multichannel, coherence: 1, effects: {repeat_time: 75 s}}
"""


@cache
def shop(strategy: str) -> Scenario:
    """The shop under one of the two strategies; the hub of the one reaches every medium at once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.yaml"
        path.write_text(SHOP, encoding="utf-8")
        made = load(path).with_({"name": strategy})
    if strategy == "multichannel":
        return made
    return made.with_({"context.preset": "omnichannel", "context.latency": "0 s"})


def ours(tables: Tables, seed: int) -> float:
    """Contribution margin 3 of one replication."""
    result = replicate(tables, seed)
    j = next(j for j, c in enumerate(columns(tables)) if c.kpi == "cm3" and c.scope == ())
    return float(result.num[j])


def with_simpy(strategy: str, seed: int) -> float:
    """The same shop as a SimPy script: contribution margin 3 of one day."""
    import simpy

    rng = random.Random(f"{strategy} {seed}")
    sigma = math.sqrt(math.log(1.0 + CV * CV))
    earned = 0.0

    def shopper(env: Any, desk: Any) -> Generator[Any, Any, None]:
        nonlocal earned
        yield env.timeout(rng.expovariate(1.0 / BROWSE))
        cart, lift, loss = CART, 1.0, 0.0
        if rng.random() < ASK:
            cart *= KEEN
            asked = env.now
            with desk.request() as request:
                patience = env.timeout(rng.expovariate(1.0 / PATIENCE))
                happened = yield request | patience
                if request in happened:
                    known = rng.random() < IDENTIFIED[strategy]
                    loss = DELAY * math.log1p((env.now - asked) / SCALE)
                    lift = LIFT
                    yield env.timeout(rng.expovariate(1.0 / TALK) + (0.0 if known else REPEAT))
                else:
                    loss = UNANSWERED
        if rng.random() < cart:
            utility = math.log(BUY / (1.0 - BUY)) - loss
            if rng.random() < min(1.0, lift / (1.0 + math.exp(-utility))):
                earned += MARGIN * PRICE * math.exp(sigma * rng.gauss(0.0, 1.0) - sigma * sigma / 2.0)

    def shoppers(env: Any, desk: Any) -> Generator[Any, Any, None]:
        while True:
            yield env.timeout(rng.expovariate(PER_MIN))
            env.process(shopper(env, desk))

    env = simpy.Environment()
    env.process(shoppers(env, simpy.Resource(env, AGENTS)))
    env.run(until=60.0 * HOURS)
    return earned - WAGE * HOURS * AGENTS


@dataclass(frozen=True)
class Needed:
    """Seeds that settle the sign: common luck, and luck of their own; `difference` of the two strategies and both spreads."""

    ours: int
    independent: int
    difference: float
    sd_paired: float
    sd_independent: float


def needed(seeds: int = SEEDS) -> Needed:
    """From so many pairs on our engine; what SimPy needs follows from the spread of each strategy alone, for its model is the same."""
    tables = [Tables.build(shop(s)) for s in IDENTIFIED]
    seen = np.array([[ours(t, seed) for seed in range(1, seeds + 1)] for t in tables])
    paired = spread(seen[1] - seen[0])
    apart = math.sqrt(sum(float(row.var(ddof=1)) for row in seen))
    n = seeds_to_settle(seen[1] - seen[0])
    assert paired.sd is not None
    if n is None or paired.mean == 0.0:
        raise ValueError("the two strategies do not differ")
    return Needed(max(LEAST, n), max(LEAST, _seeds(apart / abs(paired.mean))), paired.mean, paired.sd, apart)


def _seeds(spread_over_mean: float) -> int:
    """The least n with t x sd / sqrt(n) below the mean, two independent samples of n each.

    >>> _seeds(1.0), _seeds(10.0)
    (6, 386)
    """
    n = 2
    while t_quantile(0.975, 2 * (n - 1)) * spread_over_mean / math.sqrt(n) >= 1.0:
        n = n + 1 if n < 1000 else math.ceil(n * 1.001)
    return n


def decisions(rounds: int) -> tuple[Spread, Needed, list[tuple[float, float]]]:
    """CPU time of SimPy to a decision over ours, a round each; seeds needed; seconds of one replication of both strategies."""
    found = needed()
    tables = [Tables.build(shop(s)) for s in IDENTIFIED]
    each = 5

    def simpy(round_: int) -> None:
        for strategy in IDENTIFIED:
            with_simpy(strategy, round_)

    def mine(round_: int) -> None:
        for seed in range(each):
            for t in tables:
                ours(t, each * round_ + seed)

    pairs = [(a, b / each) for a, b in alternated(simpy, mine, rounds)]
    return Spread(tuple(a * found.independent / (b * found.ours) for a, b in pairs)), found, pairs
