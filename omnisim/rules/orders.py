"""An order from the checkout on, and the needs that arise from it.

    placed [-> picked by the people of the store] -> its lines leave their shelves -> question on the way -> promise passes
           -> delivered, or ready and collected -> returned [-> another one in exchange]

Its whole fate is drawn when it is placed and keyed by the buyer's need (`rules.fate`); events only play it out.  Where a shelf turns out
empty, or people pick it later, the fate is told again from what has changed.  A need that arises is a new person with his own number and
key, who knows and is known by what the buyer was.
"""

import math
from typing import Any

from omnisim.draws import U, customer_key
from omnisim.jit import njit, whole
from omnisim.rules.checkout import HOME, NOBODY, PICKUP, TAKEN, chosen, lasts
from omnisim.rules.delivery import NO_CARRIER, carrier_of, promised_s
from omnisim.rules.fate import (
    ALL,
    ASK_STAGE,
    BRING,
    COLLECT,
    DAY_S,
    FALSELY,
    FAULTY,
    LATE,
    LATE_STAGE,
    LEAD,
    PADDING,
    PICK,
    QUESTION,
    RETURN,
    miles_of,
    settle,
)
from omnisim.rules.person import FACTS, new_journey
from omnisim.rules.sourcing import pick_lines, send_off, to_be_picked
from omnisim.rules.stock import leaves_at, put_back, swap
from omnisim.words import Carried, Fact, Goal, Purpose

__all__ = ["ALL", "ASK_STAGE", "LATE_STAGE", "PADDING"]  # of `rules.fate`

ENTER = int(Purpose.ENTER)
PLACED = int(Carried.PLACED)
DELIVERED = int(Carried.DELIVERED)
RETURNED = int(Carried.RETURNED)
CANCELLED = int(Carried.CANCELLED)
ISSUE_GOAL = int(Goal.ISSUE)
CART = int(Fact.CART)
ISSUE = int(Fact.ISSUE)
# stages of an order, as bits of `done`; with ASK_STAGE and LATE_STAGE
DUE_STAGE = 4
RETURN_STAGE = 8
PICK_STAGE = 16
SEND_STAGE = 32
BY_MESSAGE = 1  # why he came back to his cart, as in `rules.shop`


@njit()
def _coming(o: Any, kind: int) -> float:
    """When a stage of an order is to come, s; infinite: never, or it has been."""
    when = math.inf
    if kind == SEND_STAGE:
        if o["state"] == PLACED:
            when = to_be_picked(o)
    elif o["done"] & kind != 0:
        pass
    elif kind == PICK_STAGE:
        if (o["needs"] >> PICK) & 1 == 1:
            when = o["placed"]
    elif kind == ASK_STAGE:
        when = o["asks_at"]
    elif kind == LATE_STAGE:
        if o["loose"] == 1 or o["waits"] == 1:  # whether somebody asks or not
            when = o["promised"]
        elif (o["needs"] >> LATE) & 1 == 1:
            when = o["warned_at"] if o["warned"] == FALSELY else o["promised"]
    elif kind == DUE_STAGE:
        when = o["due"]
    else:
        when = o["returns_at"]
    return math.inf if math.isnan(when) else when


@njit(inline=True)
def stage(o: Any) -> int:
    """The earliest stage that is still to come; 0: none.  Of equal times: picking, sending, question, promise, delivery, return."""
    first = 0
    soonest = math.inf
    for kind in (PICK_STAGE, SEND_STAGE, ASK_STAGE, LATE_STAGE, DUE_STAGE, RETURN_STAGE):
        when = _coming(o, kind)
        if when < soonest:
            first = kind
            soonest = when
    return first


@njit(inline=True)
def earliest(o: Any) -> float:
    """When the next happening of an order is due, s; infinite: nothing is to come.  A promise that passes by itself is none of it."""
    soonest = math.inf
    for kind in (PICK_STAGE, SEND_STAGE, ASK_STAGE, LATE_STAGE, DUE_STAGE, RETURN_STAGE):
        if kind != LATE_STAGE or o["loose"] == 0:
            soonest = min(soonest, _coming(o, kind))
    return soonest


@njit()
def place(
    people: Any, i: int, orders: Any, now: float, way: int, fee: int, padding: int, coupon: int,
    front: Any, shop: Any, products: Any, regions: Any, zones: Any, up_to: Any, laws: Any, points: Any, goods: Any, node: int,
) -> None:  # fmt: skip
    """Customer `i` buys: row `i` of `orders` becomes his order, its amounts (minor units) and its fate.

    `node`: where it is made ready (`sourcing.fetch`).
    """
    p = people[i]
    o = orders[i]
    r = shop[0]
    o["customer"] = p["customer"]
    o["k"] = p["k"]
    o["source"] = p["source"]
    o["stream"] = p["stream"]
    o["segment"] = p["segment"]
    o["region"] = p["region"]
    o["product"] = p["product"]
    o["device"] = p["device"]
    o["channel"] = p["front"]
    o["way"] = way
    o["state"] = DELIVERED if way == TAKEN else PLACED
    o["done"] = DUE_STAGE if way == TAKEN else 0
    o["padded"] = 1 if padding > 0 else 0
    o["added"] = padding
    o["coupon"] = 1 + p["anyway"] if coupon > 0 else 0
    o["recovered"] = 1 + p["anyway"] if p["wait"] == BY_MESSAGE else 0
    o["before"] = p["before"]
    o["coupon_off"] = coupon
    o["fee_asked"] = fee
    o["fee"] = fee
    o["items"] = p["items"]
    o["node"] = max(node, -1)
    o["again"] = 0
    o["short"] = 0
    o["loose"] = 0
    o["swapped"] = 0
    o["waits"] = 1 if way == PICKUP and r["picks"] >= 0 else 0
    o["parcels"] = 0 if way == TAKEN else 1
    o["placed"] = now
    o["asks_at"] = math.nan
    o["warned_at"] = math.nan
    o["warned"] = 0
    o["needs"] = 0
    o["carrier"] = NO_CARRIER
    if node < 0:
        o["gone"] = 0
        o["picked"] = 0
        for line in range(o["lines"]):
            o["line_node"][line] = -1
            o["line_at"][line] = now
    _promise(p, o, now, products, shop, regions, zones, up_to, laws, goods)
    _leave(p, o, now, products, shop, regions, zones, up_to, laws, points, goods)
    _told(p, o, now, front, shop, products, regions, zones, up_to, laws, points, goods)


@njit()
def _promise(
    p: Any, o: Any, now: float, products: Any, shop: Any, regions: Any, zones: Any, up_to: Any, laws: Any, goods: Any
) -> None:  # fmt: skip
    """What is promised, and who carries it."""
    r = shop[0]
    way = whole(o["way"])
    lead_factor = regions[p["region"]]["lead_factor"] if regions.shape[0] > 0 else 1.0
    miles = miles_of(o, goods, regions)
    said = promised_s(way, lead_factor, miles / r["speed"] * DAY_S if r["speed"] > 0.0 else 0.0, shop)
    o["promised"] = now + said if said < math.inf else math.nan
    if r["carriers"] > 0 and way == HOME:
        zone = whole(regions[p["region"]]["zone"]) if regions.shape[0] > 0 else 0
        weight = products[p["product"]]["weight_kg"] * p["items"] if p["product"] >= 0 else 0.0
        o["carrier"] = carrier_of(weight, whole(p["items"]), miles, zone, whole(p["region"]), shop, zones, up_to, laws)


@njit()
def _leave(
    p: Any, o: Any, now: float, products: Any, shop: Any, regions: Any, zones: Any, up_to: Any, laws: Any, points: Any, goods: Any
) -> None:  # fmt: skip
    """When its lines leave their shelves: at once, when the node gets to it, when it is ready in the store, or when somebody picks it."""
    r = shop[0]
    leaves = now
    if o["way"] == PICKUP:
        if o["node"] >= 0:
            leaves = leaves_at(goods, whole(o["node"]), now, True)
        leaves += lasts(p, r["ready"], LEAD, NOBODY, 0, laws, points)
        if o["waits"] == 1:
            leaves = math.inf
        if o["node"] >= 0:
            for line in range(o["lines"]):
                o["line_at"][line] = leaves
    elif o["way"] != TAKEN and o["node"] >= 0:
        send_off(goods, o, now)
    o["leaves"] = leaves
    if o["way"] != TAKEN and o["node"] >= 0:
        zone = whole(regions[p["region"]]["zone"])
        pick_lines(goods, o, whole(p["region"]), zone, now, products, shop, zones, up_to, laws, points)
        if o["way"] != PICKUP:
            _last_leaves(o)


@njit(inline=True)
def _last_leaves(o: Any) -> None:
    """`leaves`: when the last line leaves; never before what was known already."""
    for line in range(o["lines"]):
        if o["line_node"][line] >= 0:
            o["leaves"] = max(o["leaves"], o["line_at"][line])


@njit()
def _told(
    p: Any, o: Any, now: float, front: Any, shop: Any, products: Any, regions: Any, zones: Any, up_to: Any, laws: Any, points: Any,
    goods: Any,
) -> None:  # fmt: skip
    """The fate of an order as it now is, and its next happening."""
    if o["short"] == o["lines"]:
        _cancelled(o, now)
    else:
        settle(p, o, now, front, shop, products, regions, zones, up_to, laws, points, goods)
    o["next"] = max(earliest(o), now)


@njit(inline=True)
def _cancelled(o: Any, now: float) -> None:
    """Nothing is delivered, nothing is paid, and nothing more happens."""
    o["state"] = CANCELLED
    o["done"] |= DUE_STAGE
    o["parcels"] = 0
    for_nothing = (0, 0, 0, 0, 0)
    o["late"], o["faulty"], o["returned"], o["return_store"], o["extra_sold"] = for_nothing
    o["exchanged"], o["written_off"], o["warned"], o["waits"], o["needs"] = for_nothing
    o["due"] = now
    o["asks_at"] = math.nan
    o["warned_at"] = math.nan
    o["returns_at"] = math.nan
    o["sales"], o["discount"], o["fee"], o["goods"], o["commission"] = for_nothing
    o["payment"], o["handling"], o["carriage"], o["refund"], o["restocked"] = for_nothing
    o["return_cost"] = 0
    o["extra"] = 0
    o["extra_goods"] = 0


@njit()
def happen(
    people: Any, orders: Any, i: int, now: float, front: Any, shop: Any, products: Any, regions: Any, zones: Any, up_to: Any, laws: Any,
    points: Any, goods: Any,
) -> int:  # fmt: skip
    """The happening of order `i` that is due now is played, `next` is set; returns the words.Need that arises, or 0."""
    o = orders[i]
    what = stage(o)
    if what == SEND_STAGE:
        zone = whole(regions[o["region"]]["zone"])
        again = o["again"]
        pick_lines(goods, o, whole(o["region"]), zone, now, products, shop, zones, up_to, laws, points)
        if o["again"] > again:
            _last_leaves(o)
            _told(people[i], o, now, front, shop, products, regions, zones, up_to, laws, points, goods)
        else:
            o["next"] = max(earliest(o), now)
        return 0
    o["done"] |= what
    need = 0
    if what == PICK_STAGE:
        need = PICK
    elif what == ASK_STAGE:
        need = QUESTION
    elif what == LATE_STAGE:
        need = LATE
        o["loose"] = 0
        if o["waits"] == 1:
            o["late"] = 1
    elif what == DUE_STAGE:
        o["state"] = DELIVERED
        # one need a happening: with a fault, the visit to the desk is part of that contact
        need = FAULTY if (o["needs"] >> FAULTY) & 1 == 1 else COLLECT
    elif what == RETURN_STAGE:
        o["state"] = RETURNED
        if o["returned"] == ALL and goods.nodes.shape[0] > 0:
            _comes_back(o, now, goods, laws, points)
        need = BRING if (o["needs"] >> BRING) & 1 == 1 else RETURN  # at the desk the return is settled with the goods
    o["next"] = max(earliest(o), now)
    return need if (o["needs"] >> need) & 1 == 1 else 0


@njit()
def _comes_back(o: Any, now: float, goods: Any, laws: Any, points: Any) -> None:
    """What goes back lies on the shelf of the store it was brought to, if that keeps such goods, or of the node it came from.

    What cannot be sold again does not.  In exchange another one leaves that shelf, or comes from elsewhere where there is none.
    """
    for line in range(o["lines"]):
        n = whole(o["line_node"][line])
        if n < 0:
            continue
        g = whole(o["line_product"][line])
        items = whole(o["line_items"][line])
        if o["return_store"] == 1:
            store = whole(goods.store[o["region"]])
            if store >= 0 and goods.stocked[store, g]["carried"] == 1:
                n = store
        if o["exchanged"] == 1 and swap(goods, n, g, items, now, laws, points):
            o["swapped"] |= 1 << line
        if o["written_off"] == 0:
            put_back(goods, n, g, items, now, laws, points)


@njit()
def picked(
    people: Any, orders: Any, i: int, now: float, front: Any, shop: Any, products: Any, regions: Any, zones: Any, up_to: Any, laws: Any,
    points: Any, goods: Any,
) -> None:  # fmt: skip
    """The people of the store are through with picking order `i`: from now on it gets ready.

    If its promise is still to pass, that goes on by itself (`loose`): it is awaited already.
    """
    p = people[i]
    o = orders[i]
    if o["done"] & LATE_STAGE == 0 and not math.isnan(o["promised"]):
        o["loose"] = 1
    o["waits"] = 0
    if o["node"] >= 0:
        for line in range(o["lines"]):
            o["line_at"][line] = now
        zone = whole(regions[o["region"]]["zone"])
        pick_lines(goods, o, whole(o["region"]), zone, now, products, shop, zones, up_to, laws, points)
    o["leaves"] = now + lasts(p, shop[0]["ready"], LEAD, NOBODY, 0, laws, points)
    _told(p, o, now, front, shop, products, regions, zones, up_to, laws, points, goods)


@njit(inline=True)
def is_over(o: Any) -> bool:
    """Can nothing more happen to an order?"""
    return o["next"] == math.inf and o["waits"] == 0 and o["loose"] == 0


@njit(inline=True)
def open_need(
    people: Any, c: int, i: int, visits: Any, lived: Any, reason: int, seed: int, customer: int, now: float,
    sources: Any, need_to: Any, shop: Any,
) -> int:  # fmt: skip
    """A need arises from the order of row `i`: row `c` becomes its person; returns the channel he turns to.

    `customer`: his own number; `reason`: words.Need.  He is who the buyer was, but for his key, and starts a new journey.
    """
    people[c] = people[i]
    p = people[c]
    own = p["need"] >> U(32) << U(32)  # the number of the need of his own it belongs to
    need = own | ((p["need"] - own) * U(8) + U(reason))
    key0, key1 = customer_key(seed, sources[p["source"]]["hash"], p["k"], need)
    p["key0"] = key0
    p["key1"] = key1
    p["parent"] = p["customer"]
    p["raised_by"] = i
    p["customer"] = customer
    p["need"] = need
    p["goal"] = ISSUE_GOAL
    new_journey(p, now)
    p["stage"] = 0
    p["carted"] = 0
    p["wrote"][CART] = 0.0
    p["origins"][CART] = U(0)
    p["wrote"][ISSUE] = 0.0
    p["origins"][ISSUE] = U(0)
    for k in range(visits.shape[1]):
        visits[c, k] = 0
    for k in range(lived.shape[1]):
        lived[c, k] = lived[i, k]
    if reason == PICK:  # work, and nobody's story: there is nothing to remember
        channel = shop[0]["picks"]
        p["last_medium"] = -1
        p["bond"] = -1
        for fact in range(FACTS):
            p["wrote"][fact] = 0.0
            p["origins"][fact] = U(0)
    elif reason == COLLECT:
        channel = shop[0]["desk"]
    elif reason == BRING:
        channel = shop[0]["takes_back"]
    else:
        channel = chosen(p, need_to, ENTER, NOBODY, 0)
    p["first_channel"] = channel
    return channel


@njit(inline=True)
def is_picking(p: Any) -> bool:
    """Is this the work of picking an order?"""
    return p["need"] & U(7) == U(PICK)
