"""A made-up shop: real tables, rows of orders and visits drawn at hand, so that verdict, figures and page see consistent money."""

import dataclasses
import pathlib
import tempfile
from typing import Any

import numpy as np
from test_figures_world import PROVENANCE, scenario, walks
from test_kpis_oracle import NAN, handled, rows

from omnisim.answers import Answer, Comparison
from omnisim.flows import PARTS, Flows
from omnisim.ignorance import Ignorance, Input
from omnisim.kpis.measuring import Accumulator
from omnisim.records import JOURNEY, ORDER, STINT, TOUCH
from omnisim.replications import Result
from omnisim.rules.shopdata import REGION
from omnisim.sales import Selling
from omnisim.scenario import load
from omnisim.shoptables import Costs, Shop, no_shop
from omnisim.tables import Tables
from omnisim.words import End, Goal, Mode, Outcome, Policy, Reason, Step, Way

SCENARIO = """
omnisim: 1
name: made up
clock: {start: "2026-11-30 00:00", horizon: 48 h, interval: 30 min}
demand:
  calls: {goal: issue, rate: 60 /h, enter: {phone: .6, chat: .4}, preceded: {web: .5}}
channels:
  phone: {help: {mode: live, handling: {law: exponential, mean: 5 min}, patience: {law: exponential, mean: 3 min},
    service_level: {within: 20 s, target: 80 %}}}
  chat: {help: {mode: live, handling: {law: exponential, mean: 8 min}, patience: {law: exponential, mean: 2 min},
    service_level: {within: 45 s, target: 80 %}}}
  store: {browse: {time: {law: constant, value: 9 min}}}
  web: {browse: {time: {law: constant, value: 5 min}}}
staffing: {pools: {team: {agents: AGENTS, wage: 20 USD/h, skills: {phone: {}, chat: {}}}}}
journey: {issue: {retry: {after_unresolved: .5, after_abandoned: .5, delay: {law: constant, value: 5 min}}}}
context: {preset: PRESET}
"""
NAMES = ("Multichannel", "Siloed", "Omnichannel")
CHAT, PHONE, STORE, WEB = range(4)
COSTS = Costs(30_000.0, (0.0, 0.0, 80_000.0, 15_000.0), (0.0, 0.0, 0.0, 25.0), 0.0)


def shop(capital: float = 0.0, above: float = 7500.0, regions: tuple[str, ...] = ("far", "near"), money: bool = True) -> Shop:
    """Web and store sell; a threshold of 75; a hub may have cost capital (USD)."""
    made = no_shop(4)
    made.rules["on"], made.rules["has_money"] = 1, int(money)
    made.rules["policy"], made.rules["above"], made.rules["fee"] = Policy.THRESHOLD if above else Policy.FREE, above, 595
    made.front["sell"] = (False, False, True, True)
    costs = dataclasses.replace(COSTS, capital=100.0 * capital)
    return dataclasses.replace(made, regions=np.zeros(len(regions), REGION), region_names=list(regions), costs=costs)


def tables(preset: str = "multichannel", agents: int = 4, hours: float = 48.0, warmup_h: float = 0.0, **changes: Any) -> Tables:
    """Tables of the scenario above with a shop put into them."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "made-up.yaml"
        path.write_text(SCENARIO.replace("PRESET", preset).replace("AGENTS", str(agents)), encoding="utf-8")
        world = Tables.build(load(path, {"clock.horizon": f"{hours} h", "clock.warmup": f"{warmup_h} h"}))
    goals = frozenset({Goal.ISSUE, Goal.SHOP})
    return dataclasses.replace(world, **{"shop": shop(60_000.0 if preset == "omnichannel" else 0.0), "goals": goals, **changes})


def result(world: Tables, seed: int, lift: float, size: int = 400, margin: float = 0.4) -> Result:
    """One replication: the same shoppers in every strategy, who buy a little more often with `lift`."""
    rng = np.random.default_rng(seed)
    touches: list[dict[str, Any]] = []
    journeys: list[dict[str, Any]] = []
    orders: list[dict[str, Any]] = []
    for k in range(size):
        at = float(rng.uniform(world.warmup_s, world.horizon_s - 900.0))
        front = int(rng.choice([STORE, WEB]))
        fills, buys, why, basket, back = rng.random() < 0.5, rng.random(), rng.random(), rng.lognormal(8.5, 0.7), rng.random()
        bought = bool(fills and buys < 0.4 + lift)
        step = Step.BUYS if bought else Step.DROPS if fills else Step.LEAVES
        reason = Reason.NONE if bought else Reason.COST if why < 0.4 else Reason.WAIT if why < 0.5 + lift else Reason.TRUST
        visit = {"arrived": at, "ended": at + 300.0, "mode": Mode.BROWSE, "outcome": Outcome.BROWSED, "goal": Goal.SHOP, "k": k}
        touches.append(visit | {"channel": front, "front": front, "step": step, "reason": reason})
        below = int(fills and basket < 7500.0)
        padded = int(below and why > 0.8)
        end = End.CONVERTED if bought else End.LEFT
        common = {"arrived": at, "ended": at + 300.0, "k": k, "first_channel": front, "last_channel": front, "media": 1}
        journeys.append(common | {"goal": Goal.SHOP, "end": end, "below": below, "padded": padded})
        journeys.append(common | {"goal": Goal.ISSUE, "end": End.RESOLVED, "contacts": 1, "first_channel": PHONE, "last_channel": PHONE})
        wait = 5.0 if rng.random() < 0.9 + 0.1 * lift else 90.0
        touches.append(handled(at, wait, 300.0, channel=PHONE, front=PHONE))
        touches.append(handled(at, wait, 300.0, channel=CHAT, front=CHAT))
        if bought:
            sales = 7500 if padded else round(basket)
            home = front == WEB
            away = back < 0.18
            goods = round(sales * (1.0 - margin))
            orders.append(
                {
                    "customer": 2 * k, "k": k, "channel": front, "region": k % 2, "way": Way.HOME if home else Way.TAKEN, "placed": at,
                    "promised": at + 7 * 86400.0 if home else NAN, "due": at + 4 * 86400.0, "late": int(back > 0.9),
                    "padded": padded, "sales": sales, "goods": goods, "payment": sales // 40,
                    "fee": 595 if home and sales < 7500 else 0, "handling": 220 if home else 0, "carriage": 950 if home else 0,
                    "returned": int(away), "refund": sales * away, "restocked": goods * 85 // 100 * away, "return_cost": 1000 * away,
                }
            )  # fmt: skip
    a, selling = Accumulator(world), Selling(world)
    end = world.horizon_s
    a.touches(rows(TOUCH, *touches), end)
    a.journeys(rows(JOURNEY, *journeys), end)
    a.stints(rows(STINT, *({"agent": i, "end": end, "load": 1} for i in range(int(world.agents_max[0])))))
    made = rows(ORDER, *orders)
    a.orders(made)
    selling.orders(made)
    values = a.values()
    minutes = rng.uniform(10.0, 400.0, (4, len(PARTS)))
    return Result(
        seed, values.num, values.den, Flows(1000 * walks(rng, 4, 30, 2), minutes), 1000, selling.sales() if world.has_money else None
    )


def comparison(
    names: tuple[str, ...] = NAMES,
    seeds: int = 6,
    lift: float = 0.05,
    week: bool = False,
    ignorance: Ignorance | None = None,
    agents: tuple[int, ...] = (),
    size: int = 400,
    command: str = "omnisim compare a.yaml b.yaml c.yaml",
    **changes: Any,
) -> Comparison:
    """Strategies over so many seeds; the omnichannel one sells more by `lift` and pays for a hub."""
    which = tuple(range(1, seeds + 1))
    found: list[list[Answer]] = [[], []]
    for i, name in enumerate(names):
        preset = next((p for p in ("omnichannel", "siloed") if p in name.lower()), "multichannel")
        for ordinary, into in enumerate(found[: 1 + week]):
            hours, warmup = (336.0, 168.0) if ordinary else (48.0, 0.0)
            world = tables(preset, agents[i] if agents else 4, hours, warmup, **changes)
            mine = lift if preset == "omnichannel" else 0.0
            results = tuple(result(world, seed + 100 * ordinary, mine, size // (1 + 3 * ordinary)) for seed in which)
            row = {"path": "context.hub.cost", "value": "900 USD/day", "low": "300", "high": "3000", "unit": "currency/day", "grade": "C"}
            says = scenario(name, world, tuple(_Row(**p) for p in (*PROVENANCE, row)), ())
            into.append(Answer(says, world, which, results))
    return Comparison(tuple(found[0]), command, (), tuple(found[1]), 1, ignorance)


@dataclasses.dataclass
class _Row:
    path: str
    value: Any
    grade: str
    low: Any = ""
    high: Any = ""
    unit: str = ""
    source: str = ""
    year: int | None = None
    note: str = ""


def ignorance(name: str = "Omnichannel") -> Ignorance:
    """Forty points, of which thirty pay."""
    inputs = (
        Input("journey.shop.purchase.fee", "C", "12", 10.0, 14.0, "", 0.8, -500.0, 1500.0, 11.0),
        Input("context.hub.cost", "C", "900 USD/day", 300.0, 3000.0, "USD/day", -0.6, 900.0, 100.0, None),
        Input("world.busyness_cv", "A", "0.064", 0.03, 0.15, "", 0.1),
    )
    return Ignorance(name, "ebit", "USD", 1, 40, np.linspace(-1000.0, 3000.0, 40), inputs, ("journey.shop.switch",))
