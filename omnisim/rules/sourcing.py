"""Which node makes an order ready.

    dc_only         the nearest centre (or third party); stores send nothing
    nearest         the nearest node of any kind
    cheapest_order  where picking + carriage of this order cost least
    store_reserve   the same, and a store sends only what lies above its reserve
    load_aware      where it leaves first, of these where it costs least
    min_splits      in as few parcels as possible, of these where it costs least

Of an order of several lines nearest and dc_only choose line by line; the others choose all lines together (`splits.assign`), with
a parcel for each node that sends some of them.  A node is asked only if its record, less what is reserved, has the goods.  They are
reserved when the order is placed and leave the shelf when they are picked.  Where the picker finds an empty shelf the record is put
right and the line goes on to the next best node; where none is left the line is cancelled, and with its last line the order.  Of equal
nodes the first by name is taken.  Worked: nodes a
(centre, 100 miles), b (centre, 900 miles) and s (store, 20 miles) with an order of one item, parcel 8.759, item .423, mile .000541:
nearest and cheapest_order take s, dc_only takes a; if s keeps its last 2 units for its own customers, store_reserve takes a; if a and
s have made all the orders they can today, load_aware takes b.  Source of the policies' names and of myopic cost: Jasin, Sinha, Operations
Research 63 (2015) 1336-1351; of the reserve: Bayram, Cesaret, European Journal of Operational Research 294 (2021) 987-1002.
"""

import math
from typing import Any

from omnisim.jit import njit, whole
from omnisim.rules.checkout import PICKUP, TAKEN, carriage
from omnisim.rules.splits import assign, nearest
from omnisim.rules.stock import catch_up, free, leaves_at, on_sale, pick_up, reserve, take
from omnisim.words import Place, Sourcing

STORE = int(Place.STORE)
DC_ONLY = int(Sourcing.DC_ONLY)
NEAREST = int(Sourcing.NEAREST)
STORE_RESERVE = int(Sourcing.STORE_RESERVE)
LOAD_AWARE = int(Sourcing.LOAD_AWARE)
MIN_SPLITS = int(Sourcing.MIN_SPLITS)
ANYWHERE = -1  # stock is not told: there is always enough
SOLD_OUT = -2  # no record has enough
MOST_NODES = 60  # bits of one number


@njit()
def in_store(goods: Any, o: Any, region: int, now: float, laws: Any, points: Any) -> bool:
    """Does the record of the nearest store say that an order can be picked up there?  Without nodes, and without a store, it can."""
    if goods.nodes.shape[0] == 0:
        return True
    n = whole(goods.store[region])
    if n < 0:
        return True
    return _all_there(goods, o, n, True, 0, now, laws, points)


@njit()
def _all_there(goods: Any, o: Any, n: int, record: bool, open_shelf: int, now: float, laws: Any, points: Any) -> bool:
    """Has node `n` all lines of an order: by its record, or on its shelf?"""
    there = True
    for line in range(o["lines"]):
        g = whole(o["line_product"][line])
        if goods.stocked[n, g]["carried"] == 0:
            return False
        catch_up(goods, n, g, now, laws, points)
        units = free(goods, n, g) if record else on_sale(goods, n, g, open_shelf)
        there = there and units >= o["line_items"][line]
    return there


@njit()
def best_node(
    goods: Any, tried: int, g: int, items: int, weight: float, region: int, zone: int, now: float, shop: Any, zones: Any, up_to: Any,
    laws: Any, points: Any,
) -> int:  # fmt: skip
    """The node that is asked next for an order sent to a customer; SOLD_OUT: none.  `tried`: bits of those asked before."""
    policy = goods.nodes[0]["policy"]
    best = SOLD_OUT
    least = math.inf
    first = math.inf
    for n in range(goods.nodes.shape[0]):
        r = goods.stocked[n, g]
        store = goods.nodes[n]["kind"] == STORE
        if r["carried"] == 0 or (tried >> n) & 1 == 1 or (store and policy == DC_ONLY):
            continue
        catch_up(goods, n, g, now, laws, points)
        kept = r["reserve"] if store and policy == STORE_RESERVE else 0
        if free(goods, n, g) - kept < items:
            continue
        leaves = 0.0
        if policy == LOAD_AWARE:
            leaves = leaves_at(goods, n, now, False)
        if policy in (DC_ONLY, NEAREST):
            score = goods.miles[n, region]
        else:
            score = goods.nodes[n]["pick"] + goods.nodes[n]["pick_item"] * items
            score += carriage(weight, items, goods.miles[n, region], zone, shop, zones, up_to)
        if leaves < first or (leaves == first and score < least):
            best = n
            least = score
            first = leaves
    return best


@njit()
def fetch(
    goods: Any, o: Any, way: int, region: int, zone: int, now: float, products: Any, shop: Any, zones: Any, up_to: Any, laws: Any,
    points: Any,
) -> int:  # fmt: skip
    """The node of the first line of order `o`, or ANYWHERE or SOLD_OUT; `line_node` says it of each line.

    Who takes goods along sees the shelf itself, and they leave it.  Who picks them up, and whoever sends them, asks the record first, and
    they are reserved.
    """
    lines = whole(o["lines"])
    o["picked"] = 0
    o["gone"] = 0
    o["tried"] = 0
    for line in range(lines):
        o["line_node"][line] = -1
    if way in (TAKEN, PICKUP):
        n = whole(goods.store[region])
        if n < 0:
            return ANYWHERE
        open_shelf = whole(shop[0]["open_shelf"])
        if not _all_there(goods, o, n, way == PICKUP, open_shelf, now, laws, points):
            for line in range(lines if way == TAKEN else 0):  # a clerk sees it too
                g = whole(o["line_product"][line])
                if goods.stocked[n, g]["carried"] == 1 and on_sale(goods, n, g, open_shelf) < o["line_items"][line]:
                    take(goods, n, g, whole(o["line_items"][line]), now, open_shelf, laws, points)
            return SOLD_OUT
        for line in range(lines):
            o["line_node"][line] = n
            o["line_at"][line] = now
            if way == TAKEN:
                take(goods, n, whole(o["line_product"][line]), whole(o["line_items"][line]), now, open_shelf, laws, points)
                o["picked"] |= 1 << line
            else:
                reserve(goods, n, whole(o["line_product"][line]), whole(o["line_items"][line]), now, laws, points)
        return n
    if lines == 1:
        g = whole(o["line_product"][0])
        items = whole(o["line_items"][0])
        o["line_node"][0] = best_node(
            goods, 0, g, items, products[g]["weight_kg"] * items, region, zone, now, shop, zones, up_to, laws, points
        )
    else:
        _choose_together(goods, o, region, zone, now, products, shop, zones, up_to, laws, points)
    if o["line_node"][0] < 0:
        return SOLD_OUT
    for line in range(lines):
        reserve(goods, whole(o["line_node"][line]), whole(o["line_product"][line]), whole(o["line_items"][line]), now, laws, points)
    return whole(o["line_node"][0])


@njit()
def _choose_together(
    goods: Any, o: Any, region: int, zone: int, now: float, products: Any, shop: Any, zones: Any, up_to: Any, laws: Any, points: Any
) -> None:
    """`line_node` of an order of several lines that is sent; -1 everywhere where one line cannot be."""
    policy = goods.nodes[0]["policy"]
    lines = whole(o["lines"])
    _weigh(goods, o, policy, region, zone, now, products, shop, zones, up_to, laws, points)
    if policy in (DC_ONLY, NEAREST):
        found = nearest(goods.cost, goods.miles[:, region], lines, goods.choice)
    else:
        add_up = 1 if policy == MIN_SPLITS else 0
        found = assign(goods.cost, goods.opening, goods.rank, lines, add_up, goods.choice, goods.trial) < math.inf
    for line in range(lines):
        o["line_node"][line] = whole(goods.choice[line]) if found else -1


@njit()
def _weigh(
    goods: Any, o: Any, policy: int, region: int, zone: int, now: float, products: Any, shop: Any, zones: Any, up_to: Any, laws: Any,
    points: Any,
) -> None:  # fmt: skip
    """Fills `goods.cost`, `opening` and `rank`: what sending each line from each node would cost.

    By a rate card a parcel costs its first step, and a line what it would cost beyond that by itself: the choice only; what is paid is
    the parcel as it is.
    """
    r = shop[0]
    empty = zones[zone, 0] if r["card"] == 1 else r["parcel"]
    for n in range(goods.nodes.shape[0]):
        node = goods.nodes[n]
        store = node["kind"] == STORE
        goods.opening[n] = empty + node["pick"]
        goods.rank[n] = 1.0 if policy == MIN_SPLITS else 0.0
        if policy == LOAD_AWARE:
            goods.rank[n] = leaves_at(goods, n, now, False)
        for line in range(o["lines"]):
            g = whole(o["line_product"][line])
            items = o["line_items"][line]
            goods.cost[n, line] = math.inf
            stocked = goods.stocked[n, g]
            if stocked["carried"] == 0 or (store and policy == DC_ONLY):
                continue
            catch_up(goods, n, g, now, laws, points)
            kept = stocked["reserve"] if store and policy == STORE_RESERVE else 0
            if free(goods, n, g) - kept < items:
                continue
            if r["card"] == 1:
                alone = carriage(products[g]["weight_kg"] * items, items, goods.miles[n, region], zone, shop, zones, up_to) - empty
            else:
                alone = (r["item"] + r["item_mile"] * goods.miles[n, region]) * items
            goods.cost[n, line] = node["pick_item"] * items + alone


@njit()
def send_off(goods: Any, o: Any, now: float) -> None:
    """`line_at` of an order that is sent: each node makes its parcel ready, which is an order in its day's capacity."""
    for first in range(o["lines"]):
        n = whole(o["line_node"][first])
        known = False
        for line in range(first):
            known = known or o["line_node"][line] == n
        if known:
            continue
        leaves = leaves_at(goods, n, now, True)
        for line in range(first, o["lines"]):
            if o["line_node"][line] == n:
                o["line_at"][line] = leaves


@njit(inline=True)
def _is(bits: int, line: int) -> bool:
    return (whole(bits) >> line) & 1 == 1


@njit(inline=True)
def to_be_picked(o: Any) -> float:
    """When the next line of an order leaves its shelf, s; infinite: none is to come, or not before somebody has picked it."""
    when = math.inf
    for line in range(o["lines"]):
        if o["line_node"][line] >= 0 and not _is(o["picked"], line):
            when = min(when, o["line_at"][line])
    return when


@njit()
def pick_lines(
    goods: Any, o: Any, region: int, zone: int, now: float, products: Any, shop: Any, zones: Any, up_to: Any, laws: Any, points: Any
) -> None:
    """Whoever picks comes to the shelves of the lines that are due: each leaves its shelf, goes on to another node, or is cancelled."""
    again = shop[0]["cancels"] == 0 and o["way"] != PICKUP
    for line in range(o["lines"]):
        g = whole(o["line_product"][line])
        items = whole(o["line_items"][line])
        while o["line_node"][line] >= 0 and not _is(o["picked"], line) and o["line_at"][line] <= now:
            n = whole(o["line_node"][line])
            if pick_up(goods, n, g, items, now, laws, points):
                o["picked"] |= 1 << line
                break
            o["again"] += 1
            o["tried"] |= 1 << n
            other = SOLD_OUT
            if again:
                weight = products[g]["weight_kg"] * items
                other = best_node(goods, whole(o["tried"]), g, items, weight, region, zone, now, shop, zones, up_to, laws, points)
            if other >= 0:
                reserve(goods, other, g, items, now, laws, points)
                o["line_node"][line] = other
                o["line_at"][line] = leaves_at(goods, other, now, True)
            else:
                o["line_node"][line] = -1
                o["gone"] |= 1 << line
                o["short"] += 1
    o["node"] = -1
    for line in range(o["lines"]):
        if o["node"] < 0:
            o["node"] = o["line_node"][line]
