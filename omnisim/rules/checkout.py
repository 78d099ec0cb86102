"""At the checkout: what the basket holds, and the law by which a carrier is paid.

    basket    price x items x segment's factor x a lognormal variate of mean 1 (drawn once a need)
    items     1 + a geometric variate, 100 at most
    carriage  parcel + items x (item + item_mile x miles), or a rate card by weight and zone

How it is delivered, and what that costs, is in `rules.delivery`.  Amounts are whole minor units, each rounded once, halves up.  Source of
the law of carriage: Jasin & Sinha, An LP-based correlated rounding scheme for multi-item e-commerce order fulfillment, Operations
Research 63 (2015) 1336-1351.
"""

import math
from typing import Any

from omnisim.draws import U, draw
from omnisim.jit import njit
from omnisim.laws import normal_inverse, sample
from omnisim.rules.person import pick_certain
from omnisim.words import Purpose, Way

TAKEN = int(Way.TAKEN)
HOME = int(Way.HOME)
PICKUP = int(Way.PICKUP)
DEVICE_OF = int(Purpose.DEVICE)
PRODUCT_OF = int(Purpose.PRODUCT)
ITEMS = int(Purpose.ITEMS)
LINES = int(Purpose.LINES)
LINE_PRODUCT = int(Purpose.LINE_PRODUCT)
BASKET = int(Purpose.BASKET)
MOST_ITEMS = 100
NOBODY = U(0)  # in place of a name
SAME_KG = 1e-9  # three times .1 kg is .3 kg


@njit(inline=True)
def minor(amount: float) -> int:
    """An amount in whole minor units, halves up.

    >>> minor(1025.42), minor(0.5)
    (1025, 1)
    """
    return math.floor(amount + 0.5)


@njit(inline=True)
def happens(p: Any, chance: float, purpose: int, name: Any, visit: int) -> bool:
    """Does it, with this chance?  What is certain draws nothing."""
    if chance <= 0.0 or chance >= 1.0:
        return chance >= 1.0
    return draw(p["key0"], p["key1"], purpose, name, visit) < chance


@njit(inline=True)
def chosen(p: Any, shares: Any, purpose: int, name: Any, visit: int) -> int:
    """Index with probability shares[i] (their sum is 1); where one has all, nothing is drawn."""
    for k in range(shares.shape[0]):
        if shares[k] >= 1.0:
            return k
    return pick_certain(draw(p["key0"], p["key1"], purpose, name, visit), shares)


@njit(inline=True)
def lasts(p: Any, law: int, purpose: int, name: Any, visit: int, laws: Any, points: Any) -> float:
    """A delay by law, s; 0 where there is no law."""
    if law < 0:
        return 0.0
    return sample(laws, points, law, draw(p["key0"], p["key1"], purpose, name, visit))


@njit(inline=True)
def unit_lognormal(p: Any, sigma: float, purpose: int) -> float:
    """A lognormal variate of mean 1; `sigma`: of its logarithm."""
    if sigma <= 0.0:
        return 1.0
    return math.exp(sigma * normal_inverse(draw(p["key0"], p["key1"], purpose, NOBODY, 0)) - 0.5 * sigma * sigma)


@njit(inline=True)
def device_of(p: Any, channel: int, name: Any, devices: Any, device_upto: Any) -> int:
    """The device he shops with on this channel; -1 where the channel tells none apart."""
    there = 0
    last = -1
    for d in range(devices.shape[0]):
        if devices[d]["channel"] == channel:
            there += 1
            last = d
    if there <= 1:
        return last
    u = draw(p["key0"], p["key1"], DEVICE_OF, name, 0)
    for d in range(devices.shape[0]):
        if devices[d]["channel"] == channel and u < device_upto[p["segment"], d]:
            return d
    return last


@njit(inline=True)
def price(people: Any, i: int, orders: Any, segments: Any, products: Any, shop: Any) -> None:
    """What he wants: products, items and basket, drawn once a need; without a catalogue one thing of no price.

    The lines stand in row `i` of `orders`, where they wait for the order.
    """
    p = people[i]
    if p["product"] >= 0:
        return
    o = orders[i]
    p["items"] = 1
    o["lines"] = 1
    o["line_product"][0] = -1
    o["line_items"][0] = 1
    n = products.shape[0]
    if n == 0:
        return
    g = 0
    if n > 1:
        u = draw(p["key0"], p["key1"], PRODUCT_OF, NOBODY, 0)
        while g < n - 1 and u >= products[g]["upto"]:
            g += 1
    p["product"] = g
    p["items"] = _items(p, products[g]["more_items"], 0)
    o["line_product"][0] = g
    o["line_items"][0] = p["items"]
    value = products[g]["price"] * p["items"]
    if shop[0]["most_lines"] > 1:
        value += _more_lines(p, o, products, shop)
    one = value * segments[p["segment"]]["basket"]
    p["basket"] = max(minor(one * unit_lognormal(p, products[g]["sigma"], BASKET)), 1)


@njit(inline=True)
def _items(p: Any, more: float, line: int) -> int:
    """Items of a line: 1 + a geometric variate of mean `more`."""
    if more <= 0.0:
        return 1
    u = draw(p["key0"], p["key1"], ITEMS, NOBODY, line)
    return min(1 + math.floor(math.log1p(-u) / math.log(more / (1.0 + more))), MOST_ITEMS)


@njit()
def _more_lines(p: Any, o: Any, products: Any, shop: Any) -> float:
    """The lines after the first, each of another product by the shares of those left; returns what they are worth."""
    r = shop[0]
    n = products.shape[0]
    u = draw(p["key0"], p["key1"], LINES, NOBODY, 0)
    lines = 1
    while lines < r["most_lines"] and u >= r["lines"][lines - 1]:
        lines += 1
    lines = min(lines, n)
    value = 0.0
    for line in range(1, lines):
        left = 0.0
        for g in range(n):
            if not _has(o, line, g):
                left += _share(products, g)
        if left <= 0.0:
            break
        u = left * draw(p["key0"], p["key1"], LINE_PRODUCT, NOBODY, line)
        chosen_one = -1
        for g in range(n):
            if not _has(o, line, g) and _share(products, g) > 0.0 and (chosen_one < 0 or u >= 0.0):
                chosen_one = g
                u -= _share(products, g)
        o["line_product"][line] = chosen_one
        o["line_items"][line] = _items(p, products[chosen_one]["more_items"], line)
        o["lines"] = line + 1
        p["items"] += o["line_items"][line]
        value += products[chosen_one]["price"] * o["line_items"][line]
    return value


@njit(inline=True)
def _has(o: Any, lines: int, g: int) -> bool:
    """Is product `g` in one of the first `lines` lines?"""
    there = False
    for line in range(lines):
        there = there or o["line_product"][line] == g
    return there


@njit(inline=True)
def _share(products: Any, g: int) -> float:
    return products[g]["upto"] - products[g - 1]["upto"] if g > 0 else products[g]["upto"]


@njit(inline=True)
def carriage(weight_kg: float, items: int, miles: float, zone: int, shop: Any, zones: Any, up_to: Any) -> int:
    """What the carrier is paid for a parcel, minor units.

    A rate card charges the first step that holds the weight; what is above the last step goes in full parcels and a rest.
    """
    r = shop[0]
    if r["card"] == 0:
        return minor(r["parcel"] + r["item"] * items + r["item_mile"] * items * miles)
    last = up_to.shape[0] - 1
    full = 0
    rest = weight_kg
    if weight_kg > up_to[last] + SAME_KG:
        full = math.floor((weight_kg + SAME_KG) / up_to[last])
        rest = weight_kg - full * up_to[last]
    amount = full * zones[zone, last]
    if full == 0 or rest > SAME_KG:
        k = 0
        while k < last and up_to[k] + SAME_KG < rest:
            k += 1
        amount += zones[zone, k]
    return minor(amount)


@njit(inline=True)
def buys_with(share: float, shift: float) -> float:
    """Probability of a logit whose base is `share`, moved by `shift` utility; no chance and certainty stay what they are.

    >>> round(buys_with(0.3, -1.29), 4), buys_with(0.3, 0.0)
    (0.1055, 0.3)
    """
    if share <= 0.0 or share >= 1.0:
        return 0.0 if share <= 0.0 else 1.0
    if shift == 0.0:
        return share
    v = math.log(share / (1.0 - share)) + shift
    if v >= 0.0:
        return 1.0 / (1.0 + math.exp(-v))
    odds = math.exp(v)
    return odds / (1.0 + odds)
