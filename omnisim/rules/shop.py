"""What a shopper's visit leads to, and where he goes then.

    visit -> a question, once a need: an answer first, then on as if back on the channel he came from
          -> a cart: buys | leaves it for good | leaves it and comes back (by a message, or by himself)
          -> another channel | leaves

    loss  = price sensitivity x fee weight x (fee - coupon) / basket + lead weight x days promised
            + wait for the answer, no answer, answer elsewhere + contradiction + context that was lost
    p     = min(1, lift x sigma(logit(buy) + gain - loss)) x (1 - friction);  p0: with loss 0

One uniform decides: below p he buys, between p and p0 the firm lost him, above p0 he has reasons of his own.
Source of the logit: McFadden, Conditional logit analysis (1974); of the lead weight: Fisher, Gallino, Xu, The value of
rapid delivery in omnichannel retailing, Journal of Marketing Research 56 (2019) 732-748.
"""

import math
from typing import Any

from omnisim.draws import draw
from omnisim.jit import njit, whole
from omnisim.rules.bots import ESCALATED, SOLVED
from omnisim.rules.checkout import NOBODY, buys_with, chosen, device_of, happens, lasts, price
from omnisim.rules.choice import FREE, GO
from omnisim.rules.delivery import promise_days, quote
from omnisim.rules.orders import place
from omnisim.rules.person import pick
from omnisim.rules.sourcing import ANYWHERE, SOLD_OUT, best_node, fetch, in_store
from omnisim.words import End, Message, Mode, Outcome, Policy, Purpose, Reason, Step

BROWSING, ASKING = 0, 1  # stages of a shopper

LIVE = int(Mode.LIVE)
INBOX = int(Mode.INBOX)
BROWSE = int(Mode.BROWSE)
HANDLED = int(Outcome.HANDLED)
ABANDONED = int(Outcome.ABANDONED)
BROWSED = int(Outcome.BROWSED)
DEFLECTED = int(Outcome.DEFLECTED)
CONVERTED = int(End.CONVERTED)
LEFT = int(End.LEFT)
THRESHOLD = int(Policy.THRESHOLD)
ASKS, LEAVES, SWITCHES, DROPS, BUYS, RETURNS = (
    int(s) for s in (Step.ASKS, Step.LEAVES, Step.SWITCHES, Step.DROPS, Step.BUYS, Step.RETURNS)
)
NO_REASON, JUST_BROWSING, COST, DELIVERY, WAIT, CONTRADICTION, CONTEXT = (
    int(r) for r in (Reason.NONE, Reason.BROWSING, Reason.COST, Reason.DELIVERY, Reason.WAIT, Reason.CONTRADICTION, Reason.CONTEXT)
)
OUT_OF_STOCK = int(Reason.OUT_OF_STOCK)
IN_STORE = int(Reason.STORE)
SEEN = int(Purpose.SEEN)
SEEN_DELAY = int(Purpose.SEEN_DELAY)
ASK = int(Purpose.ASK)
ASK_CHANNEL = int(Purpose.ASK_CHANNEL)
NEXT = int(Purpose.NEXT)
SWITCH_DELAY = int(Purpose.SWITCH_DELAY)
BUY = int(Purpose.BUY)
REASON = int(Purpose.REASON)
CART_LOST = int(Purpose.CART_LOST)
SUBSTITUTE = int(Purpose.SUBSTITUTE)
MESSAGE = int(Purpose.MESSAGE)
MESSAGE_DELAY = int(Purpose.MESSAGE_DELAY)
MESSAGE_CHANNEL = int(Purpose.MESSAGE_CHANNEL)
BACK = int(Purpose.BACK)
BACK_DELAY = int(Purpose.BACK_DELAY)
BACK_CHANNEL = int(Purpose.BACK_CHANNEL)
REACH = int(Purpose.REACH)
UNSUBSCRIBE = int(Purpose.UNSUBSCRIBE)
REDEEM = int(Purpose.REDEEM)
SENT, CLICKED, ANYWAY, OPENED = (int(m) for m in (Message.SENT, Message.CLICKED, Message.ANYWAY, Message.OPENED))
BY_MESSAGE, BY_HIMSELF, TO_THE_STORE = 1, 2, 3  # why he comes back
UNANSWERED, ANSWERED_LIVE, ANSWERED = 1, 2, 3
CART = -1  # instead of a step: he fills a cart


@njit()
def decide(
    people: Any, i: int, touches: Any, j: int, orders: Any, now: float, channels: Any, segments: Any, rules: Any,
    front: Any, shop_switch: Any, message_to: Any, shop: Any, products: Any, regions: Any, zones: Any, up_to: Any, devices: Any,
    device_upto: Any, laws: Any, points: Any, goods: Any,
) -> None:  # fmt: skip
    """A touch of a shopper has ended (`outcome` is in its row): its step and its reason; who buys places his order."""
    p = people[i]
    t = touches[j]
    r = shop[0]
    step = CART
    reason = NO_REASON
    if p["stage"] == BROWSING:  # a visit
        c = t["channel"]
        p["front"] = c
        p["front_visit"] = t["visit"]
        if t["outcome"] != HANDLED and t["outcome"] != BROWSED:
            step = _moves_on(p, channels[c]["hash"], 0.0, shop_switch)
            if step == LEAVES:
                reason = WAIT if t["outcome"] == ABANDONED or t["outcome"] == DEFLECTED else JUST_BROWSING
        elif t["mode"] == BROWSE and p["carted"] == 0 and p["asked"] == 0 and _asks(p, front[c]["ask"], channels[c]["hash"]):
            p["asked"] = UNANSWERED
            p["keen"] = 1
            p["asked_at"] = now
            p["stage"] = ASKING
            step = ASKS
    elif t["bot"] == ESCALATED or t["transfer"] >= 0 or (t["outcome"] == DEFLECTED and channels[t["channel"]]["message_to"] >= 0):
        # his question goes on to somebody else
        t["front"] = p["front"]
        return
    else:  # the answer to his question, or none
        p["stage"] = BROWSING
        if t["outcome"] == HANDLED or t["bot"] == SOLVED:
            live = t["mode"] == LIVE
            p["asked"] = ANSWERED_LIVE if live else ANSWERED
            p["delay"] = (now if t["mode"] == INBOX else t["started"]) - p["asked_at"]
            if live:
                p["helped"] = t["channel"]
            if channels[t["channel"]]["medium"] != channels[p["front"]]["medium"]:
                p["away"] = 1
    f = whole(p["front"])
    t["front"] = f
    if step == CART:
        name = channels[f]["hash"]
        if p["carted"] == 1:  # back at a cart
            if p["wait"] != TO_THE_STORE and t["kept"] == 0 and happens(p, r["cart_lost"], CART_LOST, name, whole(p["front_visit"])):
                step = LEAVES
                reason = CONTEXT
        else:
            share = 0.0
            if front[f]["sell"] == 1:
                share = front[f]["cart"] * (r["keen"] if p["keen"] == 1 else 1.0)
            step = _moves_on(p, name, share, shop_switch)
            if step == LEAVES:
                reason = JUST_BROWSING
    if step == CART:
        p["carted"] = 1
        orders[i]["substitute"] = 0
        price(people, i, orders, segments, products, shop)
        p["device"] = device_of(p, f, channels[f]["hash"], devices, device_upto)
        n = whole(p["checkouts"])
        p["checkouts"] = n + 1
        here = front[f]["fulfils"] == 0 and in_store(goods, orders[i], whole(p["region"]), now, laws, points)
        transit = 0.0
        if r["speed"] > 0.0:
            transit = _transit_days(p, orders[i], now, products, shop, regions, zones, up_to, laws, points, goods)
        way, fee, padding, coupon = quote(people, i, segments, front, shop, regions, devices, here, transit, laws)
        if n == 0:
            p["below"] = 1 if r["policy"] == THRESHOLD and fee + padding > 0 else 0
            p["padded"] = 1 if padding > 0 else 0
        if n == 0 and r["seen"] > 0.0 and here and _goes_to_see(p, front[f]["carry"], regions, r):
            p["wait"] = TO_THE_STORE
            reason = IN_STORE
            step = RETURNS
        else:
            reason = _lost(p, t, n, way, fee, coupon, transit, channels, segments, front, shop, regions, devices, laws)
        node = ANYWHERE
        if reason == NO_REASON and goods.nodes.shape[0] > 0 and front[f]["fulfils"] == 0:
            region = whole(p["region"])
            zone = whole(regions[region]["zone"])
            node = fetch(goods, orders[i], whole(way), region, zone, now, products, shop, zones, up_to, laws, points)
            if node == SOLD_OUT and orders[i]["lines"] == 1 and happens(p, r["substitute"], SUBSTITUTE, NOBODY, n):
                node = _another(p, orders[i], whole(way), region, zone, now, products, shop, zones, up_to, laws, points, goods)
            if node == SOLD_OUT:
                reason = OUT_OF_STOCK
        if reason == NO_REASON:
            step = BUYS
            place(
                people, i, orders, now, whole(way), whole(fee), whole(padding), coupon, front, shop, products, regions, zones, up_to, laws,
                points, goods, whole(node),
            )  # fmt: skip
        elif reason != IN_STORE:
            step = _drops(p, t, n, reason, rules, message_to, r, whole(front[f]["foreign"]))
    t["step"] = step
    t["reason"] = reason
    p["step"] = step
    p["reason"] = reason


@njit()
def _another(
    p: Any, o: Any, way: int, region: int, zone: int, now: float, products: Any, shop: Any, zones: Any, up_to: Any, laws: Any,
    points: Any, goods: Any,
) -> int:  # fmt: skip
    """The next product by name that is there is taken instead, as many items for the same basket: as `sourcing.fetch`."""
    wanted = p["product"]
    count = products.shape[0]
    for step in range(1, count):
        o["line_product"][0] = (wanted + step) % count
        node = fetch(goods, o, way, region, zone, now, products, shop, zones, up_to, laws, points)
        if node != SOLD_OUT:
            p["product"] = o["line_product"][0]
            o["substitute"] = 1
            return node
    o["line_product"][0] = wanted
    return SOLD_OUT


@njit(inline=True)
def _goes_to_see(p: Any, carries: int, regions: Any, r: Any) -> bool:
    """He sees that the store near him has it: does he go there?  Once a need; who stands in a store already does not."""
    near = regions.shape[0] == 0 or regions[p["region"]]["store"] == 1
    return carries == 0 and near and happens(p, r["seen"], SEEN, NOBODY, 0)


@njit()
def _transit_days(
    p: Any, o: Any, now: float, products: Any, shop: Any, regions: Any, zones: Any, up_to: Any, laws: Any, points: Any, goods: Any
) -> float:
    """Days that a parcel would travel: from the node that would be asked for the first line, where it is told what lies where."""
    r = shop[0]
    if regions.shape[0] == 0:
        return 0.0
    region = whole(p["region"])
    miles = regions[region]["miles"]
    if goods.nodes.shape[0] > 0:
        g = whole(o["line_product"][0])
        items = whole(o["line_items"][0])
        zone = whole(regions[region]["zone"])
        n = best_node(goods, 0, g, items, products[g]["weight_kg"] * items, region, zone, now, shop, zones, up_to, laws, points)
        if n >= 0:
            miles = goods.miles[n, region]
    return miles / r["speed"]


@njit(inline=True)
def _asks(p: Any, share: float, name: Any) -> bool:
    return happens(p, share, ASK, name, whole(p["front_visit"]))


@njit(inline=True)
def _moves_on(p: Any, name: Any, share: float, shop_switch: Any) -> int:
    """CART with probability `share`; of the others some look elsewhere (`to` is set), the rest leaves."""
    if share >= 1.0:
        return CART
    row = shop_switch[p["front"]]
    if share <= 0.0:
        some = False
        for k in range(row.shape[0]):
            some = some or row[k] > 0.0
        if not some:
            return LEAVES
    u = draw(p["key0"], p["key1"], NEXT, name, whole(p["front_visit"]))
    if u < share:
        return CART
    to = pick((u - share) / (1.0 - share), row)
    if to < 0:
        return LEAVES
    p["to"] = FREE if to == row.shape[0] - 1 else to
    return SWITCHES


@njit(inline=True)
def _lost(
    p: Any, t: Any, n: int, way: int, fee: int, coupon: int, transit: float, channels: Any, segments: Any, front: Any, shop: Any,
    regions: Any, devices: Any, laws: Any,
) -> int:  # fmt: skip
    """Why checkout `n` does not end in an order; NO_REASON: he buys."""
    r = shop[0]
    f = p["front"]
    s = segments[p["segment"]]
    cost = 0.0
    if p["basket"] > 0:
        cost = s["price"] * r["fee_weight"] * ((fee - coupon) / p["basket"])
    lead_factor = regions[p["region"]]["lead_factor"] if regions.shape[0] > 0 else 1.0
    delivery = 0.0
    lead_weight = r["lead_weight"] + front[f]["lead_more"]
    if lead_weight > 0.0:
        delivery = lead_weight * promise_days(way, lead_factor, transit, shop, laws)
    wait = 0.0
    if p["asked"] == UNANSWERED:
        wait = r["unanswered"]
    elif p["asked"] != 0:
        if r["delay_weight"] > 0.0:
            wait = s["effort"] * r["delay_weight"] * math.log1p(p["delay"] / r["delay_scale"])
        if p["away"] == 1:
            wait += s["effort"] * r["elsewhere"]
    contradiction = r["contradiction"] if t["contradicted"] == 1 else 0.0
    context = 0.0
    if t["remembers"] == 1:
        context = s["effort"] * r["purchase"] * (1.0 - t["completeness"])
    loss = cost + delivery + wait + contradiction + context
    gain = s["buy"] + (devices[p["device"]]["buy"] if p["device"] >= 0 else 0.0)
    lift = front[p["helped"]]["lift"] if p["helped"] >= 0 else 1.0
    stays = 1.0 - channels[f]["friction"]
    chance = min(1.0, lift * buys_with(front[f]["buy"], gain - loss)) * stays
    chance0 = min(1.0, lift * buys_with(front[f]["buy"], gain)) * stays
    full = chance  # without the coupon
    if coupon > 0 and p["anyway"] == 1 and p["basket"] > 0:
        more = s["price"] * r["fee_weight"] * (coupon / p["basket"])
        full = min(1.0, lift * buys_with(front[f]["buy"], gain - loss - more)) * stays
    u = 0.5
    if not ((chance >= 1.0 and full >= 1.0) or (chance <= 0.0 and (chance0 <= 0.0 or chance0 >= 1.0))):  # what is certain draws nothing
        u = draw(p["key0"], p["key1"], BUY, NOBODY, n)
    if u < chance:
        if u >= full:
            p["anyway"] = 0
        return NO_REASON
    if u < chance0:
        return _because_of_us(p, n, max(cost, 0.0), delivery, wait, contradiction, context)
    any_reason = False
    for k in range(r["reasons"].shape[0]):
        any_reason = any_reason or r["reasons"][k] > 0.0
    own = pick(draw(p["key0"], p["key1"], REASON, NOBODY, n), r["reasons"]) if any_reason else -1
    return own if own > 0 else JUST_BROWSING


@njit(inline=True)
def _because_of_us(p: Any, n: int, cost: float, delivery: float, wait: float, contradiction: float, context: float) -> int:
    """One of the terms of the loss, in proportion to its size."""
    total = cost + delivery + wait + contradiction + context
    if cost == total:
        return COST
    if delivery == total:
        return DELIVERY
    if wait == total:
        return WAIT
    if contradiction == total:
        return CONTRADICTION
    if context == total:
        return CONTEXT
    v = total * draw(p["key0"], p["key1"], REASON, NOBODY, n)
    if v < cost:
        return COST
    if v < cost + delivery:
        return DELIVERY
    if v < cost + delivery + wait:
        return WAIT
    return CONTRADICTION if v < cost + delivery + wait + contradiction else CONTEXT


@njit(inline=True)
def _drops(p: Any, t: Any, n: int, reason: int, rules: Any, message_to: Any, r: Any, foreign: int) -> int:
    """A cart is left: for good, or a message or he himself brings him back.

    Whether he would come back by himself is his own luck, with a message and without; who clicks on it uses the coupon then all the same.
    """
    anyway = (r["back_most"] < 0 or p["backs"] < r["back_most"]) and happens(p, r["back"], BACK, NOBODY, n)
    p["anyway"] = 1 if anyway else 0
    messages = False
    for k in range(message_to.shape[0]):
        messages = messages or message_to[k] > 0.0
    read = False
    # without rules of context everything is remembered: everybody is known
    known = foreign == 0 and (t["identified"] == 1 or rules[0]["on"] == 0)
    known = known and p["unsubscribed"] == 0 and (r["message_most"] == 0 or p["messages"] < r["message_most"])
    if messages and known and not happens(p, r["unreached"], REACH, NOBODY, 0):
        answer = _writes(p, n, reason, r)
        t["messaged"] = answer
        if answer == CLICKED:
            if anyway:
                t["messaged"] = ANYWAY
            p["coupon"] = max(p["coupon"], r["coupon"])
            p["wait"] = BY_MESSAGE
            return RETURNS
        read = answer == OPENED
        if happens(p, r["unsubscribe"], UNSUBSCRIBE, NOBODY, n):
            t["unsubscribed"] = 1
            p["unsubscribed"] = 1
    if anyway:
        p["backs"] += 1
        p["wait"] = BY_HIMSELF
        if read and happens(p, r["redeem"], REDEEM, NOBODY, n):
            p["coupon"] = max(p["coupon"], r["coupon"])
        return RETURNS
    return DROPS


@njit(inline=True)
def _writes(p: Any, n: int, reason: int, r: Any) -> int:
    """A message is sent: SENT, OPENED or CLICKED.  Each one received before takes its share of the response away."""
    answers = 1.0
    for _ in range(p["messages"]):
        answers *= 1.0 - r["fatigue"]
    p["messages"] += 1
    click = min(1.0, r["message"] * r["response"][reason] * answers)
    opened = r["opened"] * answers
    if click >= 1.0:
        return CLICKED
    if click <= 0.0 and (opened <= 0.0 or opened >= 1.0):
        return OPENED if opened >= 1.0 else SENT
    u = draw(p["key0"], p["key1"], MESSAGE, NOBODY, n)
    if u < click:
        return CLICKED
    return OPENED if u < opened else SENT


@njit()
def shop_step(
    people: Any, i: int, touches: Any, j: int, channels: Any, asks: Any, message_to: Any, back_to: Any, shop: Any, laws: Any, points: Any
) -> tuple[int, int, float]:
    """After `decide`: (GO or how the journey ends, channel, delay in s)."""
    p = people[i]
    r = shop[0]
    step = touches[j]["step"]
    f = whole(p["front"])
    name = channels[f]["hash"]
    n = whole(p["checkouts"]) - 1
    if step == ASKS:
        return GO, chosen(p, asks[f], ASK_CHANNEL, name, whole(p["front_visit"])), 0.0
    if step == SWITCHES:
        return GO, whole(p["to"]), lasts(p, r["switch_delay"], SWITCH_DELAY, name, whole(p["front_visit"]), laws, points)
    if step == RETURNS:
        if p["wait"] == BY_MESSAGE:
            to = chosen(p, message_to, MESSAGE_CHANNEL, NOBODY, n)
            return GO, to, lasts(p, r["message_delay"], MESSAGE_DELAY, NOBODY, n, laws, points)
        if p["wait"] == TO_THE_STORE:
            return GO, whole(r["seen_to"]), lasts(p, r["seen_delay"], SEEN_DELAY, NOBODY, 0, laws, points)
        to = chosen(p, back_to, BACK_CHANNEL, NOBODY, n)
        if to == channels.shape[0]:
            to = f
        return GO, to, lasts(p, r["back_delay"], BACK_DELAY, NOBODY, n, laws, points)
    return (CONVERTED if step == BUYS else LEFT), -1, 0.0
