"""Which node makes an order ready.

    dc_only         the nearest centre (or third party); stores send nothing
    nearest         the nearest node of any kind
    cheapest_order  where picking + carriage of this order cost least
    store_reserve   the same, and a store sends only what lies above its reserve
    load_aware      where it leaves first, of these where it costs least

A node is asked only if its record says that it has the goods.  Where the picker finds an empty shelf the record is put right and the
order goes on to the next best node; where none is left it is cancelled.  Of equal nodes the first by name is taken.  Worked: nodes a
(centre, 100 miles), b (centre, 900 miles) and s (store, 20 miles) with an order of one item, parcel 8.759, item .423, mile .000541:
nearest and cheapest_order take s, dc_only takes a; if s keeps its last 2 units for its own customers, store_reserve takes a; if a and
s have made all the orders they can today, load_aware takes b.  Source of the policies' names and of myopic cost: Jasin, Sinha, Operations
Research 63 (2015) 1336-1351; of the reserve: Bayram, Cesaret, European Journal of Operational Research 294 (2021) 987-1002.
"""

import math
from typing import Any

from omnisim.jit import njit, whole
from omnisim.rules.checkout import PICKUP, TAKEN, carriage
from omnisim.rules.stock import catch_up, leaves_at, take
from omnisim.words import Place, Sourcing

STORE = int(Place.STORE)
DC_ONLY = int(Sourcing.DC_ONLY)
NEAREST = int(Sourcing.NEAREST)
STORE_RESERVE = int(Sourcing.STORE_RESERVE)
LOAD_AWARE = int(Sourcing.LOAD_AWARE)
ANYWHERE = -1  # stock is not told: there is always enough
SOLD_OUT = -2  # no record has enough
CANCELLED = -3  # a record had, and the shelves had not
MOST_NODES = 60  # bits of one number


@njit()
def in_store(goods: Any, g: int, items: int, region: int, now: float, laws: Any, points: Any) -> bool:
    """Does the record of the nearest store say that an order can be picked up there?  Without nodes, and without a store, it can."""
    if goods.nodes.shape[0] == 0:
        return True
    n = goods.store[region]
    if n < 0:
        return True
    if goods.stocked[n, g]["carried"] == 0:
        return False
    catch_up(goods, n, g, now, laws, points)
    return bool(goods.stock[n, g]["record"] >= items)


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
    goods: Any, way: int, g: int, items: int, weight: float, region: int, zone: int, now: float, shop: Any, zones: Any, up_to: Any,
    laws: Any, points: Any,
) -> tuple[int, int]:  # fmt: skip
    """(node, shelves found empty): the goods of an order leave the shelf of a node; ANYWHERE, SOLD_OUT, CANCELLED instead of a node.

    Who takes goods along sees the shelf itself; who picks them up, and whoever sends them, the record first.
    """
    if way in (TAKEN, PICKUP):
        n = whole(goods.store[region])
        if n < 0:
            return ANYWHERE, 0
        if goods.stocked[n, g]["carried"] == 0:
            return SOLD_OUT, 0
        catch_up(goods, n, g, now, laws, points)
        if way == PICKUP and goods.stock[n, g]["record"] < items:
            return SOLD_OUT, 0
        if take(goods, n, g, items, now, laws, points):
            return n, 0
        return (SOLD_OUT, 0) if way == TAKEN else (CANCELLED, 1)
    tried = 0
    again = 0
    while True:
        n = best_node(goods, tried, g, items, weight, region, zone, now, shop, zones, up_to, laws, points)
        if n < 0:
            return (CANCELLED if again > 0 else SOLD_OUT), again
        if take(goods, n, g, items, now, laws, points):
            return n, again
        tried |= 1 << n
        again += 1
