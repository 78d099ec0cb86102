"""Which node makes an order ready.

    dc_only         the nearest centre (or third party); stores send nothing
    nearest         the nearest node of any kind
    cheapest_order  where picking + carriage of this order cost least
    store_reserve   the same, and a store sends only what lies above its reserve
    load_aware      where it leaves first, of these where it costs least
    min_splits      in as few parcels as possible, of these where it costs least

Of an order of several lines nearest and dc_only choose line by line; the others choose all lines together (`splits.assign`), with
a parcel for each node that sends some of them.  A node is asked only if its record says that it has the
goods.  Where the picker finds an empty shelf the record is put right and the
order goes on to the next best node; where none is left it is cancelled.  Of equal nodes the first by name is taken.  Worked: nodes a
(centre, 100 miles), b (centre, 900 miles) and s (store, 20 miles) with an order of one item, parcel 8.759, item .423, mile .000541:
nearest and cheapest_order take s, dc_only takes a; if s keeps its last 2 units for its own customers, store_reserve takes a; if a and
s have made all the orders they can today, load_aware takes b.  Source of the policies' names and of myopic cost: Jasin, Sinha, Operations
Research 63 (2015) 1336-1351; of the reserve: Bayram, Cesaret, European Journal of Operational Research 294 (2021) 987-1002.
"""

import math
from typing import Any

from omnisim.jit import njit, whole
from omnisim.rules.checkout import PICKUP, TAKEN, carriage, minor
from omnisim.rules.splits import assign, nearest
from omnisim.rules.stock import catch_up, leaves_at, take, undo
from omnisim.words import Place, Sourcing

STORE = int(Place.STORE)
DC_ONLY = int(Sourcing.DC_ONLY)
NEAREST = int(Sourcing.NEAREST)
STORE_RESERVE = int(Sourcing.STORE_RESERVE)
LOAD_AWARE = int(Sourcing.LOAD_AWARE)
MIN_SPLITS = int(Sourcing.MIN_SPLITS)
ANYWHERE = -1  # stock is not told: there is always enough
SOLD_OUT = -2  # no record has enough
CANCELLED = -3  # a record had, and the shelves had not
MOST_NODES = 60  # bits of one number


@njit()
def in_store(goods: Any, o: Any, region: int, now: float, laws: Any, points: Any) -> bool:
    """Does the record of the nearest store say that an order can be picked up there?  Without nodes, and without a store, it can."""
    if goods.nodes.shape[0] == 0:
        return True
    n = whole(goods.store[region])
    if n < 0:
        return True
    return _all_there(goods, o, n, True, now, laws, points)


@njit()
def _all_there(goods: Any, o: Any, n: int, record: bool, now: float, laws: Any, points: Any) -> bool:
    """Has node `n` all lines of an order: by its record, or on its shelf?"""
    there = True
    for line in range(o["lines"]):
        g = whole(o["line_product"][line])
        if goods.stocked[n, g]["carried"] == 0:
            return False
        catch_up(goods, n, g, now, laws, points)
        s = goods.stock[n, g]
        units = s["record"] if record else s["shelf"]
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
        if goods.stock[n, g]["record"] - kept < items:
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
) -> tuple[int, int]:  # fmt: skip
    """(node of the first line, shelves found empty): the lines of order `o` leave shelves, and `line_node` says whose.

    ANYWHERE, SOLD_OUT, CANCELLED instead of a node.  Who takes goods along sees the shelf itself; who picks them up, and whoever
    sends them, the record first.
    """
    if way in (TAKEN, PICKUP):
        n = whole(goods.store[region])
        if n < 0:
            return ANYWHERE, 0
        if not _all_there(goods, o, n, way == PICKUP, now, laws, points):
            if way == TAKEN:  # a clerk sees it too
                for line in range(o["lines"]):
                    g = whole(o["line_product"][line])
                    if goods.stocked[n, g]["carried"] == 1 and goods.stock[n, g]["shelf"] < o["line_items"][line]:
                        take(goods, n, g, whole(o["line_items"][line]), now, laws, points)
            return SOLD_OUT, 0
        again = 0
        for line in range(o["lines"]):
            again += _taken(goods, o, line, n, now, laws, points)
        if again > 0:
            _undone(goods, o)
            return CANCELLED, again
        return n, 0
    if o["lines"] > 1:
        return _fetch_lines(goods, o, region, zone, now, products, shop, zones, up_to, laws, points)
    g = whole(o["line_product"][0])
    items = whole(o["line_items"][0])
    weight = products[g]["weight_kg"] * items
    tried = 0
    again = 0
    while True:
        n = best_node(goods, tried, g, items, weight, region, zone, now, shop, zones, up_to, laws, points)
        if n < 0:
            return (CANCELLED if again > 0 else SOLD_OUT), again
        if _taken(goods, o, 0, n, now, laws, points) == 0:
            return n, again
        tried |= 1 << n
        again += 1


@njit()
def _taken(goods: Any, o: Any, line: int, n: int, now: float, laws: Any, points: Any) -> int:
    """A line leaves the shelf of node `n`; 1: the shelf had too little."""
    there = take(goods, n, whole(o["line_product"][line]), whole(o["line_items"][line]), now, laws, points)
    o["line_node"][line] = n if there else -1
    return 0 if there else 1


@njit()
def _undone(goods: Any, o: Any) -> None:
    """What has left shelves for an order that is cancelled lies there again."""
    for line in range(o["lines"]):
        n = whole(o["line_node"][line])
        if n >= 0:
            undo(goods, n, whole(o["line_product"][line]), whole(o["line_items"][line]))
            o["line_node"][line] = -1


@njit()
def _fetch_lines(
    goods: Any, o: Any, region: int, zone: int, now: float, products: Any, shop: Any, zones: Any, up_to: Any, laws: Any, points: Any
) -> tuple[int, int]:  # fmt: skip
    """`fetch` for an order of several lines that is sent: chosen together, and the lines of an empty shelf anew."""
    policy = goods.nodes[0]["policy"]
    lines = whole(o["lines"])
    for line in range(lines):
        o["line_node"][line] = -1
        goods.tried[line] = 0
    again = 0
    while True:
        _weigh(goods, o, policy, region, zone, now, products, shop, zones, up_to, laws, points)
        if policy in (DC_ONLY, NEAREST):
            found = nearest(goods.cost, goods.miles[:, region], lines, goods.choice)
        else:
            add_up = 1 if policy == MIN_SPLITS else 0
            found = assign(goods.cost, goods.opening, goods.rank, lines, add_up, goods.choice, goods.trial) < math.inf
        if not found:
            _undone(goods, o)
            return (CANCELLED if again > 0 else SOLD_OUT), again
        before = again
        for line in range(lines):
            if o["line_node"][line] < 0:
                n = whole(goods.choice[line])
                if _taken(goods, o, line, n, now, laws, points) == 1:
                    goods.tried[line] |= 1 << n
                    again += 1
        if again == before:
            return whole(o["line_node"][0]), again


@njit()
def _weigh(
    goods: Any, o: Any, policy: int, region: int, zone: int, now: float, products: Any, shop: Any, zones: Any, up_to: Any, laws: Any,
    points: Any,
) -> None:  # fmt: skip
    """Fills `goods.cost`, `opening` and `rank`: what sending each line from each node would cost.

    What has left a shelf stays in its parcel, which costs nothing more.  By a rate card a parcel costs its first step, and a line what it
    would cost beyond that by itself: the choice only; what is paid is the parcel as it is.
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
            if o["line_node"][line] >= 0:
                if o["line_node"][line] == n:
                    goods.cost[n, line] = 0.0
                    goods.opening[n] = 0.0
                    goods.rank[n] = 0.0
                continue
            stocked = goods.stocked[n, g]
            if stocked["carried"] == 0 or (goods.tried[line] >> n) & 1 == 1 or (store and policy == DC_ONLY):
                continue
            catch_up(goods, n, g, now, laws, points)
            kept = stocked["reserve"] if store and policy == STORE_RESERVE else 0
            if goods.stock[n, g]["record"] - kept < items:
                continue
            if r["card"] == 1:
                alone = carriage(products[g]["weight_kg"] * items, items, goods.miles[n, region], zone, shop, zones, up_to) - empty
            else:
                alone = (r["item"] + r["item_mile"] * goods.miles[n, region]) * items
            goods.cost[n, line] = node["pick_item"] * items + alone


@njit()
def send(
    goods: Any, o: Any, way: int, now: float, region: int, zone: int, products: Any, shop: Any, zones: Any, up_to: Any
) -> tuple[float, int, int]:  # fmt: skip
    """(when the last parcel of an order leaves, picking, carriage), in minor units; `o["parcels"]` is set.

    All lines from one node are one parcel, which is an order in its day's capacity.
    """
    leaves = now
    handling = 0
    carried = 0
    parcels = 0
    for first in range(o["lines"]):
        n = whole(o["line_node"][first])
        known = False
        for line in range(first):
            known = known or o["line_node"][line] == n
        if known:
            continue
        items = 0
        weight = 0.0
        for line in range(first, o["lines"]):
            if o["line_node"][line] == n:
                items += o["line_items"][line]
                weight += products[o["line_product"][line]]["weight_kg"] * o["line_items"][line]
        parcels += 1
        leaves = max(leaves, leaves_at(goods, n, now, True))
        handling += minor(goods.nodes[n]["pick"] + goods.nodes[n]["pick_item"] * items)
        if way != PICKUP:
            carried += carriage(weight, items, goods.miles[n, region], zone, shop, zones, up_to)
    o["parcels"] = parcels
    return leaves, handling, carried
