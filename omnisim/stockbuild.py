"""The nodes of a scenario as arrays: what is kept where, how it is replenished, and how far it is to the customers.

Scenario, Shop  -->  Shelves   (no rows where goods lie in one place, without end)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from omnisim.currencies import minor_units
from omnisim.draws import name_hash
from omnisim.records import MOST_LINES, STOCK
from omnisim.rules.stock import DAY_S, NODE, PIPE, STOCKED, WORK, Goods
from omnisim.words import Place, Sourcing

if TYPE_CHECKING:
    from omnisim.lawrows import LawRows
    from omnisim.scenario import Scenario
    from omnisim.shoptables import Shop


def _rows(dtype: np.dtype, *shape: int) -> np.ndarray:
    return np.zeros(shape, dtype)


@dataclass(frozen=True)
class Shelves:
    """Nodes and what they keep; cells are described in `rules.stock`."""

    names: list[str] = field(default_factory=list)
    nodes: np.ndarray = field(default_factory=lambda: _rows(NODE, 0))  # [node]
    stocked: np.ndarray = field(default_factory=lambda: _rows(STOCKED, 0, 0))  # [node, product]
    miles: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))  # [node, region]
    store: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))  # [region] the nearest store; -1: none
    storage_per_s: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))  # [node, product] minor units a unit and second
    fixed_per_day: np.ndarray = field(default_factory=lambda: np.zeros(0))  # [node] minor units
    window: tuple[float, float] = (0.0, math.inf)  # warm-up, horizon, s

    def at_start(self, seed: int) -> Goods:
        """The shelves of one run, before `rules.stock.open_shelves`."""
        shape = self.stocked.shape
        return Goods(
            np.array([seed], np.int64), np.array(self.window), self.nodes, self.stocked, self.miles, self.store, np.zeros(shape, STOCK),
            np.full((*shape, PIPE), math.inf), np.zeros((*shape, PIPE), np.int64), np.zeros(len(self.nodes), WORK),
            np.zeros((len(self.nodes), MOST_LINES)), np.zeros(len(self.nodes)), np.zeros(len(self.nodes)),
            np.zeros(MOST_LINES, np.int64), np.zeros(MOST_LINES, np.int64),
        )  # fmt: skip


def build_shelves(s: Scenario, shop: Shop, laws: LawRows) -> Shelves:
    """The nodes of a scenario, in order of name."""
    f = s.fulfilment
    if f is None or not f.nodes or not shop.rules[0]["on"]:
        return Shelves()
    names = sorted(f.nodes)
    nodes = np.zeros(len(names), NODE)
    stocked = np.zeros((len(names), len(shop.product_names)), STOCKED)
    miles = np.tile(shop.regions["miles"], (len(names), 1))
    storage = np.zeros(stocked.shape)
    fixed = np.array([minor_units(f.nodes[name].fixed, s.currency) for name in names], float)
    midnight = s.clock.start.hour * 3600.0 + s.clock.start.minute * 60.0 + s.clock.start.second
    for i, name in enumerate(names):
        n = f.nodes[name]
        store = n.kind == "store"
        pick = (f.store_pick if store else f.pick) if n.pick is None else n.pick
        pick_item = (0.0 if store else f.pick_item) if n.pick_item is None else n.pick_item
        nodes[i] = (
            Place[n.kind.upper()], minor_units(pick, s.currency), minor_units(pick_item, s.currency),
            -1 if n.capacity is None else n.capacity, math.inf if n.cut_off is None else n.cut_off, midnight,
            Sourcing[f.sourcing.upper()],
        )  # fmt: skip
        for region, distance in n.miles.items():
            miles[i, shop.region_names.index(region)] = distance
        storage[i] = minor_units(n.storage, s.currency) / DAY_S
        lead = laws.add(n.lead)
        wrong, error, count = (f.record.wrong, f.record.error, f.record.count) if f.record else (0.0, 0.0, None)
        for product, kept in n.stock.items():
            level = -1 if kept.level is None else kept.level
            reorder = level - 1 if kept.reorder is None else kept.reorder
            stocked[i, shop.product_names.index(product)] = (
                1, max(level, 0) if kept.start is None else kept.start, level, reorder, kept.reserve, lead, n.review or 0.0,
                math.inf if count is None else count, wrong, error, name_hash(f"{name}>{product}"),
            )  # fmt: skip
    window = (s.clock.warmup, s.clock.horizon)
    return Shelves(names, nodes, stocked, miles, _stores(nodes, miles), storage, fixed, window)


def _stores(nodes: np.ndarray, miles: np.ndarray) -> np.ndarray:
    """[region] the nearest store, of equal ones the first by name; -1 where there is none."""
    stores = np.flatnonzero(nodes["kind"] == Place.STORE)
    if not len(stores):
        return np.full(miles.shape[1], -1, np.int64)
    nearest: np.ndarray = stores[np.argmin(miles[stores], axis=0)]
    return nearest.astype(np.int64)
