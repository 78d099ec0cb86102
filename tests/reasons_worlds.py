"""Worlds of a few dozen customers that differ in known ways: a queue, and a shop with a telephone and a hub."""

from pathlib import Path

import omnisim as om

QUEUE = """
omnisim: 1
name: queue
clock: {horizon: 2 h}
demand: {calls: {goal: issue, rate: 0.8 /min, enter: {call_center: 1}}}
channels: {call_center: {help: {mode: live, handling: {law: exponential, mean: 2 min}, patience: {law: exponential, mean: 3 min}}}}
staffing:
  pools:
    left: {agents: 1, wage: 19 USD/h, skills: {call_center: {}}}
    right: {agents: 1, wage: 19 USD/h, skills: {call_center: {}}}
"""
SHOP = """
omnisim: 1
name: shop
clock: {horizon: 6 h}
demand: {shoppers: {goal: shop, rate: 2 /min, enter: {web: 1}}}
channels:
  web: {sell: true, browse: {time: {law: exponential, mean: 5 min}}}
  phone:
    help:
      mode: live
      handling: {law: exponential, mean: 5 min}
      patience: {law: exponential, mean: 4 min}
      service_level: {within: 1 min, target: .5}
staffing: {pools: {desk: {agents: 3, wage: 20 USD/h, skills: {phone: {}}}}}
journey:
  shop:
    cart: {web: 40 %}
    buy: {web: 50 %}
    carry: {web: true}
    ask: {share: {web: 25 %}, channel: {web: {phone: 1}}, keen: 1.5, unanswered: 3, delay: .3}
catalog: {products: {all: {share: 1, price: 60 USD, cv: .5, margin: 40 %}}}
context: {preset: multichannel, coherence: 1, effects: {repeat_time: 4 min}}
provenance:
  staffing.pools.desk.wage: {low: 16 USD/h, high: 26 USD/h, unit: USD/h, grade: C}
  catalog.products.all.margin: {low: .2, high: .6, unit: share, grade: B, source: a survey}
  context.effects.repeat_time: {low: 0 s, high: 480 s, unit: s, grade: C}
  demand.shoppers.rate: {low: 1 /min, high: 3 /min, unit: /min, grade: C}
  demand.shoppers.enter: {unit: share, grade: C}
"""
HUB = """
omnisim: 1
extends: shop.yaml
name: hub
context: {preset: omnichannel, latency: 0 s, hub: {cost: 600 USD/day}}
provenance:
  context.hub.cost: {low: 0 USD/day, high: 2400 USD/day, unit: USD/day, grade: C}
"""


def queue(folder: Path) -> om.Scenario:
    """Two agents, each a pool of its own."""
    path = folder / "queue.yaml"
    path.write_text(QUEUE, encoding="utf-8")
    return om.load(path)


def write(folder: Path) -> list[Path]:
    """The files of the shop without and with a hub."""
    out = [folder / "shop.yaml", folder / "hub.yaml"]
    for path, text in zip(out, (SHOP, HUB), strict=True):
        path.write_text(text, encoding="utf-8")
    return out


def shop(folder: Path, **changes: object) -> tuple[om.Scenario, om.Scenario]:
    """The shop without and with a hub; `changes` of both, with two underscores for a point."""
    said = {k.replace("__", "."): v for k, v in changes.items()}
    today, hub = (om.load(path, said) for path in write(folder))
    return today, hub
