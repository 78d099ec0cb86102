"""What becomes of an order: when it comes, whether it is late, faulty, sent back, and what all of it is worth.

    times   leaves + delivery time [+ time on the road] -> there [-> collected]
    fate    late, told so, faulty; goes back by post or to a store, in time or too late; inspected, written off or on the shelf again;
            refunded or exchanged; the needs that arise
    money   each amount rounded once, the drawn return included

All of it is keyed by the buyer's need, so it may be told again when something has changed (a line that no shelf had, a parcel that
leaves later): what did not change comes out the same.
"""

import math
from typing import Any

from omnisim.draws import draw
from omnisim.jit import njit, whole
from omnisim.rules.checkout import HOME, NOBODY, PICKUP, TAKEN, happens, lasts, minor, unit_lognormal
from omnisim.rules.delivery import EXPRESS, POINT, TO_STORE, parcel_cost, shock
from omnisim.words import Need, Policy, Purpose, Warned

LEAD = int(Purpose.LEAD)
FAULT = int(Purpose.FAULT)
RETURN_IT = int(Purpose.RETURN)
RETURN_DELAY = int(Purpose.RETURN_DELAY)
RETURN_WHERE = int(Purpose.RETURN_WHERE)
RETURN_EXTRA = int(Purpose.RETURN_EXTRA)
RETURN_EXTRA_SIZE = int(Purpose.RETURN_EXTRA_SIZE)
BUBBLE = int(Purpose.BUBBLE)
DETERRED = int(Purpose.DETERRED)
EXCHANGE = int(Purpose.EXCHANGE)
INSPECTED = int(Purpose.INSPECTED)
UNFIT = int(Purpose.UNFIT)
EXTRA = int(Purpose.EXTRA)
EXTRA_SIZE = int(Purpose.EXTRA_SIZE)
COLLECT_DELAY = int(Purpose.COLLECT_DELAY)
ARISE = int(Purpose.ARISE)
ASKED_AT = int(Purpose.ASKED_AT)
RECALL = int(Purpose.RECALL)
ALARM = int(Purpose.ALARM)
CALMED = int(Purpose.CALMED)
ALARMED = int(Purpose.ALARMED)
QUESTION = int(Need.QUESTION)
LATE = int(Need.LATE)
FAULTY = int(Need.FAULTY)
RETURN = int(Need.RETURN)
COLLECT = int(Need.COLLECT)
PICK = int(Need.PICK)
BRING = int(Need.BRING)
RIGHTLY = int(Warned.RIGHTLY)
FALSELY = int(Warned.FALSELY)
FREE_SHIPPING = int(Policy.FREE)
ALL, PADDING = 1, 2  # what goes back
ASK_STAGE, LATE_STAGE = 1, 2  # bits of `done`, see `rules.orders`
DAY_S = 86400.0


@njit(inline=True)
def is_gone(o: Any, line: int) -> bool:
    """Has this line been cancelled?"""
    return (whole(o["gone"]) >> line) & 1 == 1


@njit()
def settle(
    p: Any, o: Any, now: float, front: Any, shop: Any, products: Any, regions: Any, zones: Any, up_to: Any, laws: Any, points: Any,
    goods: Any,
) -> None:  # fmt: skip
    """All that follows from when an order leaves (`leaves`) and which of its lines there are; told anew whenever these change."""
    r = shop[0]
    lead_factor, near, back_factor = 1.0, True, front[o["channel"]]["returned"]
    if regions.shape[0] > 0:
        region = regions[p["region"]]
        lead_factor = region["lead_factor"]
        near = region["store"] == 1
    margin, weight, fault, back, unfit, kept = _mixed(p, o, products)
    o["weight"] = weight
    _times(p, o, now, lead_factor, miles_of(o, goods, regions), r, laws, points)
    _fate(p, o, near, fault, back * back_factor, unfit, r, laws, points)
    _needs(p, o, now, r)
    _money(p, o, margin, kept, front, shop, products, regions, zones, up_to, goods)


@njit()
def miles_of(o: Any, goods: Any, regions: Any) -> float:
    """Miles that the parcel of an order with the longest way travels."""
    if regions.shape[0] == 0:
        return 0.0
    miles = 0.0
    told = False
    for line in range(o["lines"]):
        n = whole(o["line_node"][line])
        if n >= 0:
            miles = max(miles, goods.miles[n, o["region"]])
            told = True
    return miles if told else regions[o["region"]]["miles"]


@njit()
def _mixed(p: Any, o: Any, products: Any) -> tuple[float, float, float, float, float, float]:
    """(margin, weight kg, share with a fault, share sent back, share unfit then, share of the value that is there) of an order.

    Of several lines: means by value, weights added up; lines that were cancelled do not count.
    """
    if p["product"] < 0:
        return 0.0, 0.0, 0.0, 0.0, 0.0, 1.0
    if o["lines"] == 1:
        product = products[p["product"]]
        weight = product["weight_kg"] * p["items"]
        return product["margin"], weight, product["faulty"], product["returned"], product["unfit"], 1.0
    all_worth = 0.0
    worth = 0.0
    margin = 0.0
    weight = 0.0
    fault = 0.0
    back = 0.0
    unfit = 0.0
    for line in range(o["lines"]):
        product = products[o["line_product"][line]]
        items = o["line_items"][line]
        value = product["price"] * items
        all_worth += value
        if is_gone(o, line):
            continue
        worth += value
        margin += value * product["margin"]
        fault += value * product["faulty"]
        back += value * product["returned"]
        unfit += value * product["unfit"]
        weight += product["weight_kg"] * items
    if worth <= 0.0:
        return 0.0, weight, 0.0, 0.0, 0.0, 1.0
    return margin / worth, weight, fault / worth, back / worth, unfit / worth, worth / all_worth


@njit()
def _times(p: Any, o: Any, now: float, lead_factor: float, miles: float, r: Any, laws: Any, points: Any) -> None:
    """When it is there, collected and, if so, late; `leaves` and `promised` are known."""
    way = o["way"]
    there = o["leaves"]
    collect = -1
    if way == PICKUP:
        collect = r["collect"]
    elif way != TAKEN:
        law = r["lead"]
        if way != HOME:
            law = r["more_lead"][way - EXPRESS]
            collect = r["more_collect"][way - EXPRESS]
        elif o["carrier"] >= 0 and r["carrier_lead"][o["carrier"]] >= 0:
            law = r["carrier_lead"][o["carrier"]]
        slower = 1.0
        if r["shocks"] > 0:
            slower = shock(r, o["placed"])[1]
        there += lasts(p, law, LEAD, NOBODY, 0, laws, points) * lead_factor * slower
        if r["speed"] > 0.0:
            there += miles / r["speed"] * DAY_S
    due = there
    if way in (PICKUP, TO_STORE, POINT):
        due += lasts(p, collect, COLLECT_DELAY, NOBODY, 0, laws, points)
    o["due"] = max(due, now)
    o["late"] = 1 if there > o["promised"] and o["waits"] == 0 else 0  # no promise: NaN, never


@njit()
def _fate(p: Any, o: Any, near: bool, fault: float, back: float, unfit: float, r: Any, laws: Any, points: Any) -> None:
    """Whether it is faulty and goes back, and what becomes of it then."""
    faulty = 1 if happens(p, fault, FAULT, NOBODY, 0) else 0
    if o["late"] == 1:
        back *= r["late_factor"]
    if r["free_more"] != 0.0 and o["way"] == HOME and o["fee"] == 0:
        back *= 1.0 + r["free_more"]
    back = min(back, 1.0)
    if faulty == 1:
        back = max(back, r["return_faulty"])
    returned = 0
    if happens(p, back, RETURN_IT, NOBODY, 0):
        returned = ALL
    elif o["added"] > 0 and happens(p, r["bubble"], BUBBLE, NOBODY, 0):
        returned = PADDING
    o["faulty"] = faulty
    o["returns_at"] = math.nan
    o["return_store"] = 0
    o["exchanged"] = 0
    o["written_off"] = 0
    if returned > 0:
        after = lasts(p, r["after"], RETURN_DELAY, NOBODY, 0, laws, points)
        if near and happens(p, r["store_share"], RETURN_WHERE, NOBODY, 0):
            o["return_store"] = 1
        too_late = r["window_s"] > 0.0 and after > r["window_s"]
        deterred = o["return_store"] == 0 and r["postage_paid"] > 0.0 and happens(p, r["deters"], DETERRED, NOBODY, 0)
        if too_late or deterred:
            returned = 0
            o["return_store"] = 0
        else:
            o["returns_at"] = o["due"] + after
            if returned == ALL and happens(p, r["exchange"], EXCHANGE, NOBODY, 0):
                o["exchanged"] = 1
            if happens(p, r["uninspected"], INSPECTED, NOBODY, 0):
                o["written_off"] = 2  # nobody looked
            elif happens(p, unfit, UNFIT, NOBODY, 0):
                o["written_off"] = 1
    o["returned"] = returned


@njit()
def _needs(p: Any, o: Any, now: float, r: Any) -> None:
    """Who is told that it will be late, and which needs arise; a question that was asked stays asked."""
    way = o["way"]
    needs = 0
    if way != TAKEN:  # who carries his goods home has nothing to ask of their way, and shows a fault by returning them
        if o["done"] & ASK_STAGE != 0:
            needs |= 1 << QUESTION
        else:
            o["asks_at"] = math.nan
            if o["waits"] == 0 and happens(p, r["arise"][QUESTION], ARISE + QUESTION, NOBODY, 0):
                needs |= 1 << QUESTION
                asks_at = o["placed"] + draw(p["key0"], p["key1"], ASKED_AT, NOBODY, 0) * (o["due"] - o["placed"])
                o["asks_at"] = max(asks_at, now)
        if o["done"] & LATE_STAGE != 0:
            needs |= o["needs"] & (1 << LATE)
        else:
            o["warned"] = 0
            o["warned_at"] = math.nan
            if o["waits"] == 1:
                if not math.isnan(o["promised"]) and happens(p, r["arise"][LATE], ARISE + LATE, NOBODY, 0):
                    needs |= 1 << LATE  # if it is not ready by then
            elif _asks_why(p, o, r):
                needs |= 1 << LATE
        if o["faulty"] == 1 and happens(p, r["arise"][FAULTY], ARISE + FAULTY, NOBODY, 0):
            needs |= 1 << FAULTY
    if o["returned"] > 0 and happens(p, r["arise"][RETURN], ARISE + RETURN, NOBODY, 0):
        needs |= 1 << RETURN
    if way in (PICKUP, TO_STORE) and r["desk"] >= 0:
        needs |= 1 << COLLECT
    if way == PICKUP and r["picks"] >= 0:
        needs |= 1 << PICK
    if o["return_store"] == 1 and r["takes_back"] >= 0:
        needs |= 1 << BRING
    o["needs"] = needs


@njit()
def _asks_why(p: Any, o: Any, r: Any) -> bool:
    """Does a contact about lateness arise?  Who was told in time is calmed, or not; who was told without reason may ask too."""
    foresees = r["recall"] > 0.0 and not math.isnan(o["promised"]) and (o["way"] != PICKUP or r["picks"] < 0)
    if o["late"] == 1:
        if foresees and happens(p, r["recall"], RECALL, NOBODY, 0):
            o["warned"] = RIGHTLY
        asks = happens(p, r["arise"][LATE], ARISE + LATE, NOBODY, 0)
        calmed = o["warned"] == RIGHTLY and happens(p, r["calms"], CALMED, NOBODY, 0)
        asks = asks and not calmed
    else:
        if foresees and happens(p, r["alarm"], ALARM, NOBODY, 0):
            o["warned"] = FALSELY
        asks = o["warned"] == FALSELY and happens(p, r["alarmed"], ALARMED, NOBODY, 0)
    if o["warned"] > 0:
        o["warned_at"] = max(o["placed"], o["promised"] - r["warned_before"])
    return asks


@njit()
def _money(
    p: Any, o: Any, margin: float, kept: float, front: Any, shop: Any, products: Any, regions: Any, zones: Any, up_to: Any, goods: Any
) -> None:  # fmt: skip
    """The amounts, each rounded once; `kept`: share of the value whose lines were not cancelled.

    `fx`: by how much more, or less, an amount paid there brings than when prices were set; what goods cost does not follow.
    """
    r = shop[0]
    way = o["way"]
    fx, fx_cost, duty = 0.0, 0.0, 0.0
    if regions.shape[0] > 0:
        region = regions[o["region"]]
        fx, fx_cost, duty = region["fx"], region["fx_cost"], region["duty"]
    priced = r["has_money"] == 1
    sales = p["basket"] + o["added"] if priced else 0
    coupon = o["coupon_off"]
    added = o["added"]
    fee = o["fee_asked"]
    if kept < 1.0:
        sales = minor(sales * kept)
        coupon = minor(coupon * kept)
        added = minor(added * kept)
    goods_cost = minor(sales * (1.0 - margin))
    if fx != 0.0:
        sales = minor((1.0 + fx) * sales)
        coupon = min(minor((1.0 + fx) * coupon), sales)
        fee = minor((1.0 + fx) * fee)
        added = min(minor((1.0 + fx) * added), sales - coupon)
    paid = sales - coupon
    refund = 0
    if o["returned"] == ALL:
        refund = paid
    elif o["returned"] == PADDING:
        refund = min(added, paid)
    share = refund / paid if paid > 0 else (1.0 if o["returned"] == ALL else 0.0)
    restocked = minor(goods_cost * share * (1.0 - r["loss"]))
    if o["written_off"] > 0:
        restocked = 0
    if o["exchanged"] == 1:  # he keeps what he paid for, and it is sent twice
        refund = 0
        goods_cost *= 2
    o["sales"] = sales
    o["discount"] = coupon
    o["fee"] = fee
    o["goods"] = goods_cost
    o["refund"] = refund
    o["restocked"] = restocked
    o["commission"] = minor(front[o["channel"]]["commission"] * (paid - refund))
    o["payment"] = minor((r["payment"] + fx_cost) * (paid + fee))
    _extras(p, o, margin, fx, r)
    o["handling"] = 0
    o["carriage"] = 0
    o["return_cost"] = 0
    if not priced:
        return
    if front[o["channel"]]["fulfils"] == 1 and way == HOME:  # the marketplace keeps and sends the goods
        o["handling"] = minor(front[o["channel"]]["fee_order"] + front[o["channel"]]["fee_item"] * o["items"])
        if o["exchanged"] == 1:
            o["handling"] *= 2
        if o["warned"] > 0:
            o["handling"] += minor(r["warned_cost"])
    elif way != TAKEN:
        _sending(o, shop, products, regions, zones, up_to, goods)
    if duty > 0.0 and way in (HOME, EXPRESS, POINT):
        o["carriage"] += minor(duty * paid)
    if o["returned"] > 0:
        _taking_back(o, r)


@njit()
def _extras(p: Any, o: Any, margin: float, fx: float, r: Any) -> None:
    """What is bought besides at the counter, by who collects and by who brings something back."""
    sold = 0
    extra = 0
    if o["way"] in (PICKUP, TO_STORE) and happens(p, r["extra"], EXTRA, NOBODY, 0):
        sold += 1
        if r["has_money"] == 1:
            extra += minor(r["extra_value"] * unit_lognormal(p, r["extra_sigma"], EXTRA_SIZE))
    if o["return_store"] == 1 and happens(p, r["return_extra"], RETURN_EXTRA, NOBODY, 0):
        sold += 1
        if r["has_money"] == 1:
            extra += minor(r["return_extra_value"] * unit_lognormal(p, r["return_extra_sigma"], RETURN_EXTRA_SIZE))
    o["extra_sold"] = sold
    o["extra"] = minor((1.0 + fx) * extra)
    o["extra_goods"] = minor(extra * (1.0 - margin))


@njit()
def _sending(o: Any, shop: Any, products: Any, regions: Any, zones: Any, up_to: Any, goods: Any) -> None:
    """Picking and carriage, parcel by parcel: lines that leave one node at one time are one; sets `parcels`."""
    r = shop[0]
    way = whole(o["way"])
    carrier = whole(o["carrier"])
    zone, stop, miles = 0, 0.0, 0.0
    if regions.shape[0] > 0:
        zone = whole(regions[o["region"]]["zone"])
        stop = regions[o["region"]]["stop"]
        miles = regions[o["region"]]["miles"]
    dearer = 1.0
    if r["shocks"] > 0:
        dearer = shock(r, o["placed"])[0]
    handling = 0
    carried = 0
    if o["node"] >= 0:
        o["parcels"] = 0
        for first in range(o["lines"]):
            n = whole(o["line_node"][first])
            if n < 0 or _in_a_parcel_before(o, first):
                continue
            items = 0
            weight = 0.0
            for line in range(first, o["lines"]):
                if o["line_node"][line] == n and o["line_at"][line] == o["line_at"][first]:
                    items += o["line_items"][line]
                    weight += products[o["line_product"][line]]["weight_kg"] * o["line_items"][line]
            o["parcels"] += 1
            handling += minor(goods.nodes[n]["pick"] + goods.nodes[n]["pick_item"] * items)
            if way != PICKUP:
                carried += parcel_cost(
                    way, carrier, weight, whole(items), goods.miles[n, o["region"]], zone, stop, dearer, shop, zones, up_to
                )
    elif way == PICKUP:
        handling = minor(r["store_pick"])
    else:
        handling = minor(r["pick"] + r["pick_item"] * o["items"])
        carried = parcel_cost(way, carrier, o["weight"], whole(o["items"]), miles, zone, stop, dearer, shop, zones, up_to)
    if o["exchanged"] == 1:  # the second time it comes by the way on which the first went back
        handling *= 2
        if o["return_store"] == 0:
            carried *= 2
    if way == PICKUP:
        carried += minor(r["pickup_cost"])
    elif way != HOME:
        carried += minor(r["more_cost"][way - EXPRESS])
    if o["warned"] > 0:
        handling += minor(r["warned_cost"])
    o["handling"] = handling
    o["carriage"] = carried


@njit(inline=True)
def _in_a_parcel_before(o: Any, line: int) -> bool:
    known = False
    for k in range(line):
        known = known or (o["line_node"][k] == o["line_node"][line] and o["line_at"][k] == o["line_at"][line])
    return known


@njit(inline=True)
def _taking_back(o: Any, r: Any) -> None:
    """What a return costs; of the postage the customer may pay a part."""
    cost = r["store_return_cost"]
    if o["return_store"] == 0:
        cost = r["return_cost"] + r["postage"]
        o["fee"] += minor(r["postage"] * r["postage_paid"])
    if o["written_off"] < 2:
        cost += r["inspect_cost"]
    o["return_cost"] = minor(cost)
