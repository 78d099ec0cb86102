"""An order: what it is worth, what becomes of it, and the needs that arise from it.

    placed [-> to be picked] -> question on the way -> promise passes -> delivered, or ready and collected -> returned

Its whole fate is drawn when it is placed and keyed by the buyer's need; events only play it out.  A need that arises is a
new person with his own number and key, who knows and is known by what the buyer was.
"""

import math
from typing import Any

from omnisim.draws import U, customer_key, draw
from omnisim.jit import njit, whole
from omnisim.rules.checkout import HOME, NOBODY, PICKUP, TAKEN, carriage, chosen, happens, lasts, minor, unit_lognormal
from omnisim.rules.person import FACTS, new_journey
from omnisim.rules.sourcing import CANCELLED as NOWHERE
from omnisim.rules.sourcing import send
from omnisim.rules.stock import put_back
from omnisim.words import Carried, Fact, Goal, Need, Purpose

ENTER = int(Purpose.ENTER)
LEAD = int(Purpose.LEAD)
FAULT = int(Purpose.FAULT)
RETURN_IT = int(Purpose.RETURN)
RETURN_DELAY = int(Purpose.RETURN_DELAY)
RETURN_WHERE = int(Purpose.RETURN_WHERE)
BUBBLE = int(Purpose.BUBBLE)
EXTRA = int(Purpose.EXTRA)
EXTRA_SIZE = int(Purpose.EXTRA_SIZE)
COLLECT_DELAY = int(Purpose.COLLECT_DELAY)
ARISE = int(Purpose.ARISE)
ASKED_AT = int(Purpose.ASKED_AT)
QUESTION = int(Need.QUESTION)
LATE = int(Need.LATE)
FAULTY = int(Need.FAULTY)
RETURN = int(Need.RETURN)
COLLECT = int(Need.COLLECT)
PICK = int(Need.PICK)
BRING = int(Need.BRING)
PLACED = int(Carried.PLACED)
DELIVERED = int(Carried.DELIVERED)
RETURNED = int(Carried.RETURNED)
CANCELLED = int(Carried.CANCELLED)
ISSUE_GOAL = int(Goal.ISSUE)
CART = int(Fact.CART)
ISSUE = int(Fact.ISSUE)
# stages of an order, as bits of `done`
ASK_STAGE = 1
LATE_STAGE = 2
DUE_STAGE = 4
RETURN_STAGE = 8
PICK_STAGE = 16
ALL, PADDING = 1, 2  # what goes back
BY_MESSAGE = 1  # why he came back to his cart, as in `rules.shop`


@njit(inline=True)
def stage(o: Any) -> int:
    """The earliest stage that is still to come (of equal times the first in the order of stages); 0: none."""
    first = 0
    when = math.inf
    if o["done"] & PICK_STAGE == 0 and (o["needs"] >> PICK) & 1 == 1:
        first = PICK_STAGE
        when = o["placed"]
    if o["done"] & ASK_STAGE == 0 and o["asks_at"] < when:  # NaN is never earlier
        first = ASK_STAGE
        when = o["asks_at"]
    if o["done"] & LATE_STAGE == 0 and (o["needs"] >> LATE) & 1 == 1 and o["promised"] < when:
        first = LATE_STAGE
        when = o["promised"]
    if o["done"] & DUE_STAGE == 0 and o["due"] < when:
        first = DUE_STAGE
        when = o["due"]
    if o["done"] & RETURN_STAGE == 0 and o["returns_at"] < when:
        first = RETURN_STAGE
    return first


@njit(inline=True)
def earliest(o: Any) -> float:
    """When the next happening of an order is due, s; infinite: nothing is to come."""
    first = stage(o)
    if first == PICK_STAGE:
        when = o["placed"]
    elif first == ASK_STAGE:
        when = o["asks_at"]
    elif first == LATE_STAGE:
        when = o["promised"]
    elif first == DUE_STAGE:
        when = o["due"]
    elif first == RETURN_STAGE:
        when = o["returns_at"]
    else:
        when = math.inf
    return when


@njit()
def place(
    people: Any, i: int, orders: Any, now: float, way: int, fee: int, padding: int, coupon: int,
    front: Any, shop: Any, products: Any, regions: Any, zones: Any, up_to: Any, laws: Any, points: Any, goods: Any, node: int, again: int,
) -> None:  # fmt: skip
    """Customer `i` buys: row `i` of `orders` becomes his order, its amounts (minor units) and its fate.

    `node`, `again`: where it was made ready and how many shelves were found empty before (`sourcing.fetch`).
    """
    p = people[i]
    o = orders[i]
    r = shop[0]
    c = p["front"]
    o["customer"] = p["customer"]
    o["k"] = p["k"]
    o["source"] = p["source"]
    o["stream"] = p["stream"]
    o["segment"] = p["segment"]
    o["region"] = p["region"]
    o["product"] = p["product"]
    o["device"] = p["device"]
    o["channel"] = c
    o["way"] = way
    o["state"] = DELIVERED if way == TAKEN else PLACED
    o["done"] = DUE_STAGE if way == TAKEN else 0
    o["padded"] = 1 if padding > 0 else 0
    o["coupon"] = 1 + p["anyway"] if coupon > 0 else 0
    o["recovered"] = 1 + p["anyway"] if p["wait"] == BY_MESSAGE else 0
    o["before"] = p["before"]
    o["items"] = p["items"]
    o["node"] = max(node, -1)
    o["again"] = again
    miles = 0.0
    lead_factor = 1.0
    zone = 0
    near = True
    fx, fx_cost, duty = 0.0, 0.0, 0.0
    if regions.shape[0] > 0:
        region = regions[p["region"]]
        miles = region["miles"]
        lead_factor = region["lead_factor"]
        zone = region["zone"]
        near = region["store"] == 1
        fx, fx_cost, duty = region["fx"], region["fx_cost"], region["duty"]
    margin = 0.0
    weight = 0.0
    fault = 0.0
    back = 0.0
    if p["product"] >= 0:
        product = products[p["product"]]
        margin = product["margin"]
        weight = product["weight_kg"] * p["items"]
        fault = product["faulty"]
        back = product["returned"] * front[c]["returned"]
        if o["lines"] > 1:
            margin, weight, fault, back = _mixed(o, products)
            back *= front[c]["returned"]
    o["weight"] = weight
    o["parcels"] = 0 if way == TAKEN or node == NOWHERE else 1
    if node < 0:
        for line in range(o["lines"]):
            o["line_node"][line] = -1
    if node == NOWHERE:
        _cancelled(o, now)
        return
    leaves, handling, carried = now, 0, 0
    if node >= 0 and way != TAKEN:
        leaves, handling, carried = send(goods, o, way, now, whole(p["region"]), zone, products, shop, zones, up_to)
    _times(p, o, now, leaves, way, lead_factor, r, laws, points)
    _fate(p, o, way, padding, near, fault, back, r, laws, points)
    _money(p, o, way, fee, padding, coupon, margin, weight, miles, zone, front[c]["commission"], fx, fx_cost, shop, zones, up_to)
    if front[c]["fulfils"] == 1 and way == HOME and r["has_money"] == 1:  # the marketplace keeps and sends the goods
        o["handling"] = minor(front[c]["fee_order"] + front[c]["fee_item"] * p["items"])
        o["carriage"] = 0
    if node >= 0 and way != TAKEN:
        o["handling"] = handling
        if way == HOME:
            o["carriage"] = carried
    if duty > 0.0 and way == HOME:
        o["carriage"] += minor(duty * (o["sales"] - o["discount"]))
    o["next"] = earliest(o)


@njit()
def _mixed(o: Any, products: Any) -> tuple[float, float, float, float]:
    """(margin, weight kg, share with a fault, share sent back) of an order of several lines: means by value, weights added up."""
    worth = 0.0
    margin = 0.0
    weight = 0.0
    fault = 0.0
    back = 0.0
    for line in range(o["lines"]):
        product = products[o["line_product"][line]]
        items = o["line_items"][line]
        value = product["price"] * items
        worth += value
        margin += value * product["margin"]
        fault += value * product["faulty"]
        back += value * product["returned"]
        weight += product["weight_kg"] * items
    if worth <= 0.0:
        return 0.0, weight, 0.0, 0.0
    return margin / worth, weight, fault / worth, back / worth


@njit(inline=True)
def _cancelled(o: Any, now: float) -> None:
    """Nothing is delivered, nothing is paid, and nothing more happens."""
    o["state"] = CANCELLED
    o["done"] = DUE_STAGE
    for_nothing = (0, 0, 0, 0, 0)
    o["late"], o["faulty"], o["returned"], o["return_store"], o["extra_sold"] = for_nothing
    o["needs"] = 0
    o["placed"] = now
    o["due"] = now
    o["promised"] = math.nan
    o["asks_at"] = math.nan
    o["returns_at"] = math.nan
    o["sales"], o["discount"], o["fee"], o["goods"], o["commission"] = for_nothing
    o["payment"], o["handling"], o["carriage"], o["refund"], o["restocked"] = for_nothing
    o["return_cost"] = 0
    o["extra"] = 0
    o["extra_goods"] = 0
    o["next"] = math.inf


@njit(inline=True)
def _times(p: Any, o: Any, now: float, leaves: float, way: int, lead_factor: float, r: Any, laws: Any, points: Any) -> None:
    """When it is promised, late, delivered or collected; `leaves`: when the node lets it go."""
    due = now
    promised = math.nan
    late = 0
    if way == HOME:
        due = leaves + lasts(p, r["lead"], LEAD, NOBODY, 0, laws, points) * lead_factor
        if r["promise_s"] < math.inf:
            promised = now + r["promise_s"] * lead_factor
            late = 1 if due > promised else 0
    elif way == PICKUP:
        ready = leaves + lasts(p, r["ready"], LEAD, NOBODY, 0, laws, points)
        if r["pickup_promise_s"] < math.inf:
            promised = now + r["pickup_promise_s"]
            late = 1 if ready > promised else 0
        due = ready + lasts(p, r["collect"], COLLECT_DELAY, NOBODY, 0, laws, points)
    o["placed"] = now
    o["promised"] = promised
    o["due"] = due
    o["late"] = late


@njit(inline=True)
def _fate(p: Any, o: Any, way: int, padding: int, near: bool, fault: float, back: float, r: Any, laws: Any, points: Any) -> None:
    """Whether it is faulty and goes back, and which needs arise from it."""
    faulty = 1 if happens(p, fault, FAULT, NOBODY, 0) else 0
    if o["late"] == 1:
        back *= r["late_factor"]
    back = min(back, 1.0)
    if faulty == 1:
        back = max(back, r["return_faulty"])
    returned = 0
    if happens(p, back, RETURN_IT, NOBODY, 0):
        returned = ALL
    elif padding > 0 and happens(p, r["bubble"], BUBBLE, NOBODY, 0):
        returned = PADDING
    o["faulty"] = faulty
    o["returned"] = returned
    o["returns_at"] = math.nan
    o["return_store"] = 0
    if returned > 0:
        o["returns_at"] = o["due"] + lasts(p, r["after"], RETURN_DELAY, NOBODY, 0, laws, points)
        if near and happens(p, r["store_share"], RETURN_WHERE, NOBODY, 0):
            o["return_store"] = 1
    needs = 0
    o["asks_at"] = math.nan
    if way != TAKEN:  # who carries his goods home has nothing to ask of their way, and shows a fault by returning them
        if happens(p, r["arise"][QUESTION], ARISE + QUESTION, NOBODY, 0):
            needs |= 1 << QUESTION
            o["asks_at"] = o["placed"] + draw(p["key0"], p["key1"], ASKED_AT, NOBODY, 0) * (o["due"] - o["placed"])
        if o["late"] == 1 and happens(p, r["arise"][LATE], ARISE + LATE, NOBODY, 0):
            needs |= 1 << LATE
        if faulty == 1 and happens(p, r["arise"][FAULTY], ARISE + FAULTY, NOBODY, 0):
            needs |= 1 << FAULTY
    if returned > 0 and happens(p, r["arise"][RETURN], ARISE + RETURN, NOBODY, 0):
        needs |= 1 << RETURN
    if way == PICKUP and r["desk"] >= 0:
        needs |= 1 << COLLECT
    if way == PICKUP and r["picks"] >= 0:
        needs |= 1 << PICK
    if o["return_store"] == 1 and r["takes_back"] >= 0:
        needs |= 1 << BRING
    o["needs"] = needs


@njit(inline=True)
def _money(
    p: Any, o: Any, way: int, fee: int, padding: int, coupon: int, margin: float, weight: float, miles: float, zone: int,
    commission: float, fx: float, fx_cost: float, shop: Any, zones: Any, up_to: Any,
) -> None:  # fmt: skip
    """The amounts, each rounded once, the drawn return included.

    `fx`: by how much more, or less, an amount paid there brings than when prices were set; what goods cost does not follow.
    """
    r = shop[0]
    o["extra_sold"] = 0
    o["extra"] = 0
    o["extra_goods"] = 0
    o["handling"] = 0
    o["carriage"] = 0
    o["return_cost"] = 0
    if way == PICKUP and happens(p, r["extra"], EXTRA, NOBODY, 0):
        o["extra_sold"] = 1
    priced = r["has_money"] == 1
    if priced and o["extra_sold"] == 1:
        extra = minor(r["extra_value"] * unit_lognormal(p, r["extra_sigma"], EXTRA_SIZE))
        o["extra"] = minor((1.0 + fx) * extra)
        o["extra_goods"] = minor(extra * (1.0 - margin))
    sales = p["basket"] + padding if priced else 0
    goods = minor(sales * (1.0 - margin))
    if fx != 0.0:
        sales = minor((1.0 + fx) * sales)
        coupon = min(minor((1.0 + fx) * coupon), sales)
        fee = minor((1.0 + fx) * fee)
        padding = min(minor((1.0 + fx) * padding), sales - coupon)
    paid = sales - coupon
    refund = 0
    if o["returned"] == ALL:
        refund = paid
    elif o["returned"] == PADDING:
        refund = padding
    share = refund / paid if paid > 0 else (1.0 if o["returned"] == ALL else 0.0)
    o["sales"] = sales
    o["discount"] = coupon
    o["fee"] = fee
    o["goods"] = goods
    o["refund"] = refund
    o["restocked"] = minor(goods * share * (1.0 - r["loss"]))
    o["commission"] = minor(commission * (paid - refund))
    o["payment"] = minor((r["payment"] + fx_cost) * (paid + fee))
    if not priced:
        return
    if way == HOME:
        o["handling"] = minor(r["pick"] + r["pick_item"] * p["items"])
        o["carriage"] = carriage(weight, p["items"], miles, zone, shop, zones, up_to)
    elif way == PICKUP:
        o["handling"] = minor(r["store_pick"])
        o["carriage"] = minor(r["pickup_cost"])
    if o["returned"] > 0:
        o["return_cost"] = minor(r["store_return_cost"] if o["return_store"] == 1 else r["return_cost"])


@njit(inline=True)
def happen(orders: Any, i: int, laws: Any, points: Any, goods: Any) -> int:
    """The happening of order `i` that is due now is played, `next` is set; returns the words.Need that arises, or 0."""
    o = orders[i]
    now = stage(o)
    o["done"] |= now
    need = 0
    if now == PICK_STAGE:
        need = PICK
    elif now == ASK_STAGE:
        need = QUESTION
    elif now == LATE_STAGE:
        need = LATE
    elif now == DUE_STAGE:
        o["state"] = DELIVERED
        # one need a happening: with a fault, the visit to the desk is part of that contact
        need = FAULTY if (o["needs"] >> FAULTY) & 1 == 1 else COLLECT
    elif now == RETURN_STAGE:
        o["state"] = RETURNED
        if o["node"] >= 0 and o["returned"] == ALL:
            _to_the_shelf(o, goods, laws, points)
        need = BRING if (o["needs"] >> BRING) & 1 == 1 else RETURN  # at the desk the return is settled with the goods
    o["next"] = earliest(o)
    return need if (o["needs"] >> need) & 1 == 1 else 0


@njit(inline=True)
def _to_the_shelf(o: Any, goods: Any, laws: Any, points: Any) -> None:
    """What goes back lies on the shelf of the store it was brought to, if that keeps such goods, or of the node it came from."""
    for line in range(o["lines"]):
        n = whole(o["line_node"][line])
        g = whole(o["line_product"][line])
        if o["return_store"] == 1:
            store = whole(goods.store[o["region"]])
            if store >= 0 and goods.stocked[store, g]["carried"] == 1:
                n = store
        put_back(goods, n, g, whole(o["line_items"][line]), o["returns_at"], laws, points)


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
