"""What lies on the shelves, and what the firm believes lies there.

NODE      one row a node: a centre, a store, a third party
STOCKED   one row a node and class of goods: how it is stocked there
Goods     both, with where every shelf stands now (`records.STOCK`)

    start + received - shipped + returned = shelf;   record - reserved: what may still be sold

An order that is sent or picked up reserves its goods when it is placed; they leave the shelf when they are picked.  Nothing happens on a
shelf while nobody looks at it, so its deliveries, counts and reviews are told when somebody does: all that was due by then, in order of
time; at one moment a delivery, then a count, then a review, and all of them before the customer who looks.  Replenishment is the (s, S)
rule: at a review, where record - reserved + on order <= reorder, it is ordered up to the level; base stock is reorder = level - 1.
Source: Arrow, Harris, Marschak, Optimal inventory policy, Econometrica 19
(1951) 250-272.  Each delivery may be booked wrongly; the record goes on from there until the shelf is counted, or a picker finds it
empty.  Source: DeHoratius, Raman, Inventory record inaccuracy, Management Science 54 (2008) 627-641.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from omnisim.draws import U, customer_key, draw
from omnisim.jit import njit
from omnisim.laws import normal_inverse, sample
from omnisim.words import Purpose

NODE = np.dtype(
    [
        ("kind", "i8"),  # words.Place
        ("pick", "f8"),  # minor units an order
        ("pick_item", "f8"),
        ("capacity", "i8"),  # orders a day; -1: no limit
        ("cut_off", "f8"),  # s after midnight from which on an order leaves the next day; infinite: none
        ("midnight", "f8"),  # s from midnight to the start of the run
        ("policy", "i8"),  # words.Sourcing, the same for all
    ],
    align=True,
)
STOCKED = np.dtype(
    [
        ("carried", "i8"),  # 1: this class is kept here
        ("start", "i8"),
        ("level", "i8"),  # ordered up to; -1: never ordered
        ("reorder", "i8"),
        ("reserve", "i8"),  # units of a store that are not sent to customers elsewhere
        ("lead", "i8"),  # law; -1: at once
        ("review", "f8"),  # s; 0: whenever the record changes
        ("count", "f8"),  # s; infinite: never
        ("wrong", "f8"),  # share of deliveries that are booked wrongly
        ("error", "f8"),  # standard deviation of booked / delivered of these
        ("name", "u8"),  # hash of node and class
    ],
    align=True,
)
WORK = np.dtype([("day", "i8"), ("made", "i8")], align=True)  # the day a node fills, and orders it makes ready on it
PIPE = 32  # replenishments of one class under way to one node, at most
NONE = 0
RESTOCK_LEAD = int(Purpose.RESTOCK_LEAD)
MISCOUNT = int(Purpose.MISCOUNT)
MISCOUNT_SIZE = int(Purpose.MISCOUNT_SIZE)
DAY_S = 86400.0


class Goods(NamedTuple):
    """The nodes, and where their shelves stand."""

    seed: np.ndarray  # [1]
    window: np.ndarray  # [2] warm-up, horizon, s: when stock kept is measured
    nodes: np.ndarray  # [node] NODE
    stocked: np.ndarray  # [node, product] STOCKED
    miles: np.ndarray  # [node, region]
    store: np.ndarray  # [region] the nearest store; -1: none
    stock: np.ndarray  # [node, product] records.STOCK
    due: np.ndarray  # [node, product, PIPE] when a replenishment arrives, s; infinite: none
    units: np.ndarray  # [node, product, PIPE] its size
    work: np.ndarray  # [node] WORK
    # room to weigh an order of several lines, see `splits`
    cost: np.ndarray  # [node, line]
    opening: np.ndarray  # [node]
    rank: np.ndarray  # [node]
    choice: np.ndarray  # [line]
    trial: np.ndarray  # [line]


@njit(inline=True)
def free(goods: Any, n: int, g: int) -> int:
    """Units that may still be sold: those of the record that no order has reserved."""
    s = goods.stock[n, g]
    return s["record"] - s["reserved"]


@njit(inline=True)
def _hold(goods: Any, n: int, g: int, now: float) -> None:
    """Unit-seconds on the shelf until `now`, before it changes."""
    s = goods.stock[n, g]
    s["held"] += s["shelf"] * max(0.0, min(now, goods.window[1]) - max(s["since"], goods.window[0]))
    s["since"] = now


@njit(inline=True)
def _booked(goods: Any, n: int, g: int, units: int) -> int:
    """Units that are booked of `units` that arrive: all, or of a delivery booked wrongly another number."""
    r = goods.stocked[n, g]
    if r["wrong"] <= 0.0 or r["error"] <= 0.0:
        return units
    k0, k1 = customer_key(goods.seed[0], r["name"], goods.stock[n, g]["receipts"], U(0))
    if r["wrong"] < 1.0 and draw(k0, k1, MISCOUNT, U(0), 0) >= r["wrong"]:
        return units
    z = normal_inverse(draw(k0, k1, MISCOUNT_SIZE, U(0), 0))
    return max(0, math.floor(units * (1.0 + r["error"] * z) + 0.5))


@njit(inline=True)
def _order_up(goods: Any, n: int, g: int, now: float, laws: Any, points: Any) -> None:
    """Where the record, less what is reserved, and what is on order are at or below the reorder point, order up to the level.

    With as many orders under way as are kept (PIPE) nothing is ordered; the next look does.
    """
    r = goods.stocked[n, g]
    s = goods.stock[n, g]
    position = s["record"] - s["reserved"] + s["on_order"]
    if r["level"] < 0 or position > r["reorder"]:
        return
    for j in range(PIPE):
        if goods.due[n, g, j] == math.inf:
            units = r["level"] - position
            lead = 0.0
            if r["lead"] >= 0:
                k0, k1 = customer_key(goods.seed[0], r["name"], s["receipts"] + _under_way(goods, n, g), U(1))
                lead = sample(laws, points, r["lead"], draw(k0, k1, RESTOCK_LEAD, U(0), 0))
            goods.due[n, g, j] = now + lead
            goods.units[n, g, j] = units
            s["on_order"] += units
            s["next"] = min(s["next"], now + lead)
            return


@njit(inline=True)
def _under_way(goods: Any, n: int, g: int) -> int:
    """Replenishments under way; with those received, the number of the next one."""
    there = 0
    for j in range(PIPE):
        if goods.due[n, g, j] < math.inf:
            there += 1
    return there


@njit(inline=True)
def _plan(goods: Any, n: int, g: int) -> None:
    """When something next happens on a shelf."""
    r = goods.stocked[n, g]
    s = goods.stock[n, g]
    when = math.inf
    for j in range(PIPE):
        when = min(when, goods.due[n, g, j])
    if r["count"] < math.inf:
        when = min(when, (s["counts"] + 1) * r["count"])
    if r["level"] >= 0 and r["review"] > 0.0:
        when = min(when, (s["reviews"] + 1) * r["review"])
    s["next"] = when


@njit()
def catch_up(goods: Any, n: int, g: int, now: float, laws: Any, points: Any) -> None:
    """All that was due on the shelf of class `g` at node `n` until `now`, this moment included."""
    r = goods.stocked[n, g]
    s = goods.stock[n, g]
    while s["next"] <= now:
        when = s["next"]
        for j in range(PIPE):
            if goods.due[n, g, j] == when:
                units = goods.units[n, g, j]
                goods.due[n, g, j] = math.inf
                _hold(goods, n, g, when)
                s["receipts"] += 1
                s["received"] += units
                s["shelf"] += units
                s["on_order"] -= units
                s["record"] += _booked(goods, n, g, units)
        if (s["counts"] + 1) * r["count"] == when:
            s["counts"] += 1
            s["record"] = s["shelf"]
        if r["review"] <= 0.0:
            _order_up(goods, n, g, when, laws, points)
        elif r["level"] >= 0 and (s["reviews"] + 1) * r["review"] == when:
            s["reviews"] += 1
            _order_up(goods, n, g, when, laws, points)
        _plan(goods, n, g)


@njit()
def open_shelves(goods: Any, laws: Any, points: Any) -> None:
    """The shelves as they are before the first customer comes."""
    for n in range(goods.stocked.shape[0]):
        goods.work[n]["day"] = -1
        for g in range(goods.stocked.shape[1]):
            s = goods.stock[n, g]
            s["node"] = n
            s["product"] = g
            s["start"] = goods.stocked[n, g]["start"]
            s["shelf"] = s["start"]
            s["record"] = _booked(goods, n, g, s["start"])
            for j in range(PIPE):
                goods.due[n, g, j] = math.inf
            s["next"] = math.inf
            if goods.stocked[n, g]["carried"] == 1:
                if goods.stocked[n, g]["review"] <= 0.0:
                    _order_up(goods, n, g, 0.0, laws, points)
                _plan(goods, n, g)


@njit()
def close_shelves(goods: Any, end_s: float, laws: Any, points: Any) -> None:
    """The run is over: all that was due until then."""
    for n in range(goods.stocked.shape[0]):
        for g in range(goods.stocked.shape[1]):
            catch_up(goods, n, g, end_s, laws, points)
            _hold(goods, n, g, end_s)


@njit(inline=True)
def _leaves(goods: Any, n: int, g: int, items: int, now: float) -> None:
    """Units leave the shelf, which has them."""
    _hold(goods, n, g, now)
    s = goods.stock[n, g]
    s["shelf"] -= items
    s["shipped"] += items
    s["record"] = max(0, s["record"] - items)


@njit(inline=True)
def on_sale(goods: Any, n: int, g: int, open_shelf: int) -> int:
    """Units that somebody in the shop can take: what is on the shelf and not put aside; `open_shelf` 1: nothing is put aside."""
    s = goods.stock[n, g]
    return s["shelf"] if open_shelf == 1 else s["shelf"] - s["reserved"]


@njit()
def take(goods: Any, n: int, g: int, items: int, now: float, open_shelf: int, laws: Any, points: Any) -> bool:
    """Somebody in the shop takes units from the shelf, if there are as many; if not, whoever looked has seen how many there are.

    The shelf has caught up with `now`.
    """
    s = goods.stock[n, g]
    there = on_sale(goods, n, g, open_shelf) >= items
    if there:
        _leaves(goods, n, g, items, now)
    else:
        if free(goods, n, g) >= items:
            s["misses"] += 1
        s["record"] = s["shelf"]
    if goods.stocked[n, g]["review"] <= 0.0:
        _order_up(goods, n, g, now, laws, points)
    return there


@njit()
def reserve(goods: Any, n: int, g: int, items: int, now: float, laws: Any, points: Any) -> None:
    """Units are kept for an order; the shelf has caught up with `now`."""
    goods.stock[n, g]["reserved"] += items
    if goods.stocked[n, g]["review"] <= 0.0:
        _order_up(goods, n, g, now, laws, points)


@njit()
def pick_up(goods: Any, n: int, g: int, items: int, now: float, laws: Any, points: Any) -> bool:
    """A picker comes for units that were reserved; where the shelf has fewer he has seen how many there are."""
    catch_up(goods, n, g, now, laws, points)
    s = goods.stock[n, g]
    s["reserved"] -= items
    there = s["shelf"] >= items
    if there:
        _leaves(goods, n, g, items, now)
    else:
        s["misses"] += 1
        s["record"] = s["shelf"]
    if goods.stocked[n, g]["review"] <= 0.0:
        _order_up(goods, n, g, now, laws, points)
    return there


@njit()
def swap(goods: Any, n: int, g: int, items: int, now: float, laws: Any, points: Any) -> bool:
    """In exchange for what was brought back others leave the shelf, if there are as many that nobody has reserved."""
    catch_up(goods, n, g, now, laws, points)
    there = min(free(goods, n, g), on_sale(goods, n, g, 0)) >= items
    if there:
        _leaves(goods, n, g, items, now)
        if goods.stocked[n, g]["review"] <= 0.0:
            _order_up(goods, n, g, now, laws, points)
    return there


@njit()
def put_back(goods: Any, n: int, g: int, items: int, now: float, laws: Any, points: Any) -> None:
    """Goods come back to a node and are on its shelf again."""
    catch_up(goods, n, g, now, laws, points)
    _hold(goods, n, g, now)
    s = goods.stock[n, g]
    s["returned"] += items
    s["shelf"] += items
    s["record"] += items


@njit(inline=True)
def leaves_at(goods: Any, n: int, now: float, book: bool) -> float:
    """When an order placed now leaves node `n`: at once, or at the start of the day that has room for it; `book`: it is made.

    After the cut-off hour it is the next day; a day holds `capacity` orders, first come, first served.
    """
    r = goods.nodes[n]
    w = goods.work[n]
    if r["capacity"] < 0 and r["cut_off"] == math.inf:
        return now
    today = math.floor((now + r["midnight"]) / DAY_S)
    day = today
    if now + r["midnight"] - today * DAY_S >= r["cut_off"]:
        day += 1
    made = 0
    if day <= w["day"]:
        day = w["day"]
        made = w["made"]
    if r["capacity"] >= 0 and made >= r["capacity"]:
        day += 1
        made = 0
    if book:
        w["day"] = day
        w["made"] = made + 1
    return now if day == today else day * DAY_S - r["midnight"]
