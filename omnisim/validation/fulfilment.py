"""The fulfilment benchmark of Jasin & Sinha and of Ma: orders of several items, centres that run out, and a bound from a linear programme.

    cities, centres --instance--> who orders what, what lies where --bound--> least cost by the linear programme
                                                  |--play--> cost of a sourcing policy over a sequence of orders

Twenty-five order types of 1 to 5 of 20 items (and the empty order), each with random probability; a centre carries an item with
probability .75; it stocks mean + .5 standard deviations of the demand nearest to it.  A parcel costs 8.759 + .423 an item
+ .000541 an item and mile; what is not filled costs twice as much, over the longest distance.  The policies are those of
`rules.splits`: nearest, item by item, and the cheapest order.

Sources: Jasin, Sinha, An LP-based correlated rounding scheme for multi-item e-commerce order fulfillment, Operations
Research 63 (2015) 1336-1351; Ma, Order-optimal correlated rounding for fulfilling multi-item e-commerce orders,
Manufacturing & Service Operations Management 25 (2023) 1324-1337.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from omnisim.jit import njit
from omnisim.rules.splits import assign, nearest

PARCEL, ITEM, ITEM_MILE = 8.759, 0.423, 0.000541
ITEMS, SIZES, TYPES_EACH = 20, 5, 5
ORDERS = 10_000
CARRIED, SAFETY = 0.75, 0.5
EARTH_MILES = 6371.0 / 1.61  # 1.61 km to the mile, as in the published benchmark
FAR = 1e9  # miles: of what is not filled
NEAREST, CHEAPEST = 0, 1


@dataclass(frozen=True)
class Instance:
    """One random instance; the last "centre" is not to fill an item at all."""

    types: list[np.ndarray]  # items of each order type; the first is the empty order
    chance: np.ndarray  # f8[type, city]
    stock: np.ndarray  # i8[centre, item]
    opening: np.ndarray  # f8[centre + 1] cost of a parcel
    unit: np.ndarray  # f8[centre + 1, city] cost of an item in it
    miles: np.ndarray  # f8[centre + 1, city]


def miles_between(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Great-circle distances f8[one, other] in miles between (latitude, longitude) in degrees, by the haversine formula.

    >>> round(float(miles_between(np.array([[40.6943, -73.9249]]), np.array([[34.1141, -118.4068]]))[0, 0]))
    2456
    """
    a, b = np.radians(one)[:, None, :], np.radians(other)[None, :, :]
    h = np.sin((b[..., 0] - a[..., 0]) / 2) ** 2 + np.cos(a[..., 0]) * np.cos(b[..., 0]) * np.sin((b[..., 1] - a[..., 1]) / 2) ** 2
    found: np.ndarray = 2 * EARTH_MILES * np.arcsin(np.sqrt(h))
    return found


def instance(seed: int, cities: np.ndarray, people: np.ndarray, centres: np.ndarray) -> Instance:
    """A random instance: `cities`, `centres` f8[..., (latitude, longitude)], `people` f8[city]."""
    rng = np.random.default_rng(seed)
    types = [np.zeros(0, np.int64)]
    types += [rng.permutation(ITEMS)[:size] for size in range(1, SIZES + 1) for _ in range(TYPES_EACH)]
    sizes = rng.random(SIZES + 1)
    within = rng.random((SIZES, TYPES_EACH))
    within *= (sizes[1:] / sizes.sum() / within.sum(axis=1))[:, None]
    chance = np.outer(np.concatenate([[sizes[0] / sizes.sum()], within.ravel()]), people / people.sum())
    k = len(centres)
    miles = np.full((k + 1, len(cities)), FAR)
    miles[:k] = miles_between(centres, cities)
    opening = np.full(k + 1, PARCEL)
    unit = ITEM + ITEM_MILE * miles
    opening[k], unit[k] = 2 * PARCEL, 2 * (ITEM + ITEM_MILE * miles[:k].max(axis=0))
    stock = np.zeros((k, ITEMS), np.int64)
    for i in range(ITEMS):
        carries = np.flatnonzero(rng.random(k) < CARRIED)
        if len(carries):
            wanted = sum(chance[q] for q, t in enumerate(types) if i in t)
            mean = ORDERS * np.bincount(carries[np.argmin(miles[carries], axis=0)], wanted * np.ones(len(cities)), k)
            stock[:, i] = np.rint(mean + SAFETY * np.sqrt(mean * (1 - mean / ORDERS)))
    return Instance(types, chance, stock, opening, unit, miles)


def bound(x: Instance) -> float:
    """The least expected cost of `ORDERS` orders by the deterministic linear programme, by HiGHS.

    Variables: the share of an item of an order type from a city that each centre sends, and the share of parcels it opens.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    k1, cities = x.unit.shape
    rows: dict[str, list[Any]] = {name: [] for name in ("cost", "at_most", "at_most_value", "equal")}
    stock_rows: dict[tuple[int, int], list[tuple[int, float]]] = {}
    n = 0
    for q, items in enumerate(x.types):
        for j in range(cities) if len(items) else ():
            weight = ORDERS * x.chance[q, j]
            opens = n + np.arange(k1)
            sends = n + k1 * (1 + np.arange(len(items)))[:, None] + np.arange(k1)
            n += k1 * (1 + len(items))
            rows["cost"] += [weight * x.opening, *[weight * x.unit[:, j]] * len(items)]
            for line, i in enumerate(items):
                rows["equal"].append([(int(v), 1.0) for v in sends[line]])
                rows["at_most"] += [[(int(v), 1.0), (int(o), -1.0)] for v, o in zip(sends[line], opens, strict=True)]
                for k in range(k1 - 1):
                    stock_rows.setdefault((k, int(i)), []).append((int(sends[line, k]), weight))
    limits = [0.0] * len(rows["at_most"]) + [float(x.stock[where]) for where in stock_rows]

    def matrix(lines: list[list[tuple[int, float]]]) -> Any:
        flat = [(r, v, c) for r, line in enumerate(lines) for v, c in line]
        return csr_array(([c for *_, c in flat], ([r for r, *_ in flat], [v for _, v, _ in flat])), (len(lines), n))

    found = linprog(
        np.concatenate(rows["cost"]), matrix(rows["at_most"] + list(stock_rows.values())), limits, matrix(rows["equal"]),
        np.ones(len(rows["equal"])), method="highs",
    )  # fmt: skip
    if not found.success:
        raise ArithmeticError(found.message)
    return float(found.fun)


def play(x: Instance, seed: int, policy: int) -> tuple[float, float]:
    """(cost of a sequence of `ORDERS` orders under a policy, parcels an order that is not empty); `policy`: NEAREST or CHEAPEST."""
    rng = np.random.default_rng(seed)
    drawn = rng.choice(x.chance.size, ORDERS, p=x.chance.ravel() / x.chance.sum())
    items = np.full((len(x.types), SIZES), -1)
    for q, t in enumerate(x.types):
        items[q, : len(t)] = t
    k1, cities = x.unit.shape
    found = np.zeros(3)
    _play(
        drawn // cities, drawn % cities, items, x.stock.copy(), x.opening, x.unit, x.miles, policy, np.zeros((k1, SIZES)), np.zeros(k1),
        np.zeros(SIZES, np.int64), np.zeros(SIZES, np.int64), found,
    )  # fmt: skip
    return float(found[0]), float(found[1] / found[2])


@njit()
def _play(
    types: Any, cities: Any, items: Any, stock: Any, opening: Any, unit: Any, miles: Any, policy: int, cost: Any, rank: Any, choice: Any,
    trial: Any, found: Any,
) -> None:  # fmt: skip
    """`found`: (cost, parcels, orders that are not empty); `cost` to `trial` are room to work in."""
    k1 = unit.shape[0]
    for t in range(types.shape[0]):
        mine = items[types[t]]
        j = cities[t]
        lines = 0
        while lines < mine.shape[0] and mine[lines] >= 0:
            for k in range(k1):
                cost[k, lines] = unit[k, j] if k == k1 - 1 or stock[k, mine[lines]] > 0 else math.inf
            lines += 1
        if lines == 0:
            continue
        found[2] += 1.0
        if policy == NEAREST:
            nearest(cost, miles[:, j], lines, choice)
        else:
            assign(cost, opening, rank, lines, 0, choice, trial)
        for k in range(k1):
            sends = False
            for line in range(lines):
                if choice[line] == k:
                    sends = True
                    found[0] += unit[k, j]
                    if k < k1 - 1:
                        stock[k, mine[line]] -= 1
            if sends:
                found[0] += opening[k]
                found[1] += 1.0
