"""How goods reach the customer: the ways that are offered, which one he takes, what it costs him and the firm.

    way     taken along | home | picked up in a store | express | sent to a store | pick-up point
    fee     flat, or below a threshold only; each other way may have its own
    padding what some add to reach the threshold: sales rise to it, and the fee falls away
    choice  a way that is wanted by the share s at equal price and time gets s x exp(-(fee weight x fee / basket + lead weight x days))
            of the orders, home what is left of 1; divided by their sum over the ways that are offered
    paid    carriage of each parcel (of the carrier that takes the order) + the stop at a home, x the shock of that day

One uniform decides among the ways, so that one more way takes people from home delivery and moves nobody between the others.
A stop at a home costs its share of the round: the shortest round through n stops in an area A is .7124 x sqrt(n A) miles long for many
stops, so a stop is .7124 / sqrt(stops a square mile).  Sources: McFadden, Conditional logit analysis (1974); Beardwood, Halton,
Hammersley, The shortest path through many points, Proc. Cambridge Phil. Soc. 55 (1959) 299-327, constant after Applegate et al. (2006).
"""

import math
from typing import Any

from omnisim.draws import draw
from omnisim.jit import njit
from omnisim.rules.checkout import HOME, NOBODY, PICKUP, TAKEN, carriage, happens, minor
from omnisim.rules.shopdata import WANTED
from omnisim.words import Policy, Purpose, Way

EXPRESS = int(Way.EXPRESS)
TO_STORE = int(Way.TO_STORE)
POINT = int(Way.POINT)
FREE_SHIPPING = int(Policy.FREE)
THRESHOLD = int(Policy.THRESHOLD)
PAD = int(Purpose.PAD)
PICKED_UP = int(Purpose.PICKUP)
DAY_S = 86400.0
NO_CARRIER = -1
ROUND = 0.7124  # see above


@njit(inline=True)
def quote(
    people: Any, i: int, segments: Any, front: Any, shop: Any, regions: Any, devices: Any, in_store: bool, transit: float, laws: Any
) -> tuple[int, int, int, int]:
    """(words.Way, shipping fee, padding, discount by coupon) of the priced basket, in minor units; `in_store`: it can be picked up.

    `transit`: days that a parcel would travel.
    """
    p = people[i]
    r = shop[0]
    coupon = minor(p["coupon"] * p["basket"])
    if front[p["front"]]["carry"] == 1:
        return TAKEN, 0, 0, coupon
    near = regions.shape[0] == 0 or regions[p["region"]]["store"] == 1
    exempt = (r["free_for"] >> p["segment"]) & 1 == 1
    fee = 0
    if not (r["policy"] == FREE_SHIPPING or r["has_money"] == 0 or exempt):
        fee = minor(r["fee"])
        if r["policy"] == THRESHOLD and p["basket"] >= r["above"]:
            fee = 0
    way = HOME
    if r["more"] == 1 and front[p["front"]]["fulfils"] == 0:  # a marketplace that sends the goods sends them home
        way = _way_of(p, segments[p["segment"]]["price"], fee, near, near and in_store, transit, regions, shop, laws)
    elif near and in_store and happens(p, r["pickup"], PICKED_UP, NOBODY, 0):
        way = PICKUP
    if way != HOME:
        return way, _fee_of(way, fee, r), 0, coupon
    if r["policy"] == THRESHOLD and fee > 0:
        chance = r["pad"] * (devices[p["device"]]["pad"] if p["device"] >= 0 else 1.0)
        if r["above"] <= r["reach"] * p["basket"] and happens(p, chance, PAD, NOBODY, 0):
            return HOME, 0, minor(r["above"]) - p["basket"], coupon
    return HOME, fee, 0, coupon


@njit(inline=True)
def _fee_of(way: int, home: int, r: Any) -> int:
    """The fee of a way; `home`: that of delivery at home."""
    if way == HOME:
        return home
    if way == PICKUP or r["has_money"] == 0:
        return 0
    own = r["more_fee"][way - EXPRESS]
    return home if own < 0.0 else minor(own)


@njit(inline=True)
def _wanted(k: int, p: Any, regions: Any, r: Any) -> float:
    """Share of orders that want way PICKUP + k at equal price and time, where he lives."""
    if regions.shape[0] > 0 and regions[p["region"]]["own_want"] == 1:
        return regions[p["region"]]["want"][k]
    return r["pickup"] if k == 0 else r["more_want"][k - 1]


@njit()
def _way_of(p: Any, price: float, fee: int, near: bool, in_store: bool, transit: float, regions: Any, shop: Any, laws: Any) -> int:
    """The way he takes; `price`: his sensitivity to it, `fee`: that of delivery at home."""
    r = shop[0]
    lead_factor = regions[p["region"]]["lead_factor"] if regions.shape[0] > 0 else 1.0
    home = 1.0
    for k in range(WANTED):
        home -= _wanted(k, p, regions, r)
    total = max(home, 0.0) * _pull(HOME, p, price, fee, lead_factor, transit, shop, laws)
    only = HOME
    others = 0
    for k in range(WANTED):
        pull = 0.0
        if _offered(k, near, in_store):
            pull = _wanted(k, p, regions, r) * _pull(PICKUP + k, p, price, fee, lead_factor, transit, shop, laws)
        if pull > 0.0:
            only = PICKUP + k
            others += 1
        total += pull
    if others == 0 or (others == 1 and home <= 0.0):  # what is certain draws nothing
        return only
    u = total * draw(p["key0"], p["key1"], PICKED_UP, NOBODY, 0)
    for k in range(WANTED):
        if _offered(k, near, in_store):
            u -= _wanted(k, p, regions, r) * _pull(PICKUP + k, p, price, fee, lead_factor, transit, shop, laws)
            if u < 0.0:
                return PICKUP + k
    return HOME if home > 0.0 else only


@njit(inline=True)
def _offered(k: int, near: bool, in_store: bool) -> bool:
    """Is way PICKUP + k there for him?"""
    if PICKUP + k == PICKUP:
        return in_store
    return near if PICKUP + k == TO_STORE else True


@njit(inline=True)
def _pull(way: int, p: Any, price: float, fee: int, lead_factor: float, transit: float, shop: Any, laws: Any) -> float:
    """What price and time do to the share that wants a way."""
    r = shop[0]
    loss = 0.0
    if r["choose_fee"] > 0.0 and p["basket"] > 0:
        loss = price * r["choose_fee"] * (_fee_of(way, fee, r) / p["basket"])
    if r["choose_lead"] > 0.0:
        loss += r["choose_lead"] * promise_days(way, lead_factor, transit, shop, laws)
    return math.exp(-loss) if loss != 0.0 else 1.0


@njit(inline=True)
def promise_days(way: int, lead_factor: float, transit: float, shop: Any, laws: Any) -> float:
    """Days that delivery is said to take: the promise, else the mean of the law, else 0; `transit` days on the road are added."""
    r = shop[0]
    if way == TAKEN:
        return 0.0
    if way == HOME:
        said = r["promise_s"]
        law = r["lead"]
    elif way == PICKUP:
        said = r["pickup_promise_s"]
        law = r["ready"]
    else:
        said = r["more_promise"][way - EXPRESS]
        law = r["more_lead"][way - EXPRESS]
    if said == math.inf:
        said = laws[law]["mean"] if law >= 0 else 0.0
    if way == PICKUP:
        return said / DAY_S
    return said * lead_factor / DAY_S + transit


@njit()
def promised_s(way: int, lead_factor: float, transit_s: float, shop: Any) -> float:
    """Promised time from order to delivery, or to ready in the store, s; infinite: none."""
    r = shop[0]
    if way == TAKEN:
        return math.inf
    if way == PICKUP:
        return r["pickup_promise_s"]
    said = r["promise_s"] if way == HOME else r["more_promise"][way - EXPRESS]
    return said * lead_factor + transit_s


@njit()
def shock(r: Any, now: float) -> tuple[float, float]:
    """(times the carriage, times the delivery time) of what is ordered now."""
    cost = 1.0
    lead = 1.0
    for k in range(r["shocks"]):
        if r["shock_from"][k] <= now < r["shock_to"][k]:
            cost *= r["shock_cost"][k]
            lead *= r["shock_lead"][k]
    return cost, lead


@njit()
def carrier_of(weight: float, items: int, miles: float, zone: int, region: int, shop: Any, zones: Any, up_to: Any, laws: Any) -> int:
    """The carrier that takes an order: of those that serve the region the cheapest, or the fastest in the mean; first by name."""
    r = shop[0]
    best = NO_CARRIER
    least = math.inf
    for c in range(r["carriers"]):
        if (r["carrier_serves"][c] >> region) & 1 == 0:
            continue
        if r["fastest"] == 1:
            law = r["carrier_lead"][c] if r["carrier_lead"][c] >= 0 else r["lead"]
            score = laws[law]["mean"] if law >= 0 else 0.0
        else:
            score = tariff(c, weight, items, miles, zone, shop, zones, up_to)
        if score < least:
            best = c
            least = score
    return best


@njit()
def tariff(c: int, weight: float, items: int, miles: float, zone: int, shop: Any, zones: Any, up_to: Any) -> float:
    """What carrier `c` takes for a parcel, minor units."""
    r = shop[0]
    if c < 0:
        return float(carriage(weight, items, miles, zone, shop, zones, up_to))
    if r["carrier_own"][c] == 1:
        own = r["carrier_parcel"][c] + r["carrier_item"][c] * items + r["carrier_item_mile"][c] * items * miles
    else:
        own = float(carriage(weight, items, miles, zone, shop, zones, up_to))
    return own * r["carrier_factor"][c]


@njit()
def parcel_cost(
    way: int, carrier: int, weight: float, items: int, miles: float, zone: int, stop: float, cost: float, shop: Any, zones: Any, up_to: Any
) -> int:  # fmt: skip
    """What is paid for one parcel, minor units; `stop`: for a stop at a home, `cost`: times it (`shock`)."""
    r = shop[0]
    amount = tariff(carrier, weight, items, miles, zone, shop, zones, up_to)
    if way > PICKUP:
        amount *= r["more_factor"][way - EXPRESS]
    if way in (HOME, EXPRESS):
        amount += stop
    return minor(amount * cost)
