"""A shop as it is written becomes arrays: names become indices, amounts minor units, laws numbers, shares cumulative.

    Scenario  -->  Shop   (`no_shop` where nobody comes to buy)

What is not said has the value at which it changes nothing.  A shop without regions has one, a neutral one: everybody lives
somewhere.  A shop without a catalog has no products: its orders are counted and have no value.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.campaigns import sent, streams
from omnisim.currencies import minor_units
from omnisim.deliverybuild import deliver, take_back, wants
from omnisim.rules.shopdata import DEVICE, FRONT, MOST_LINES, PRODUCT, REGION, SHOP, WANTED
from omnisim.shoptables import Costs, Shop, no_shop
from omnisim.words import Need, Policy, Reason

if TYPE_CHECKING:
    from omnisim.lawrows import LawRows
    from omnisim.scenario import Scenario

EVERYWHERE = "everywhere"  # the region where none is named


def build_shop(s: Scenario, channels: list[str], segments: list[str], laws: LawRows) -> Shop:
    """The shop of a scenario; `channels` and `segments` are the sorted names."""
    journey = s.journey.shop
    if journey is None or all(d.goal != "shop" for d in streams(s).values()):
        return no_shop(len(channels))
    zones, up_to, zone_names = _card(s)
    products, product_names = _products(s)
    regions, region_names = _regions(s, zone_names)
    devices, device_names = _devices(s, channels)
    issue, message = s.journey.issue, s.marketing.cart_message if s.marketing else None
    return Shop(
        rules=_rules(s, channels, segments, laws, len(up_to)),
        front=_front(s, channels),
        asks=_asks(journey, channels),
        switch=np.array([_row(journey.switch.get(c, {}), [*channels, "free"]) for c in channels]),
        need_to=_row(issue.orders.enter if issue and issue.orders else {}, channels),
        message_to=_row(message.channel if message else {}, channels),
        back_to=_row(journey.back.channel if journey.back else {}, [*channels, "same"]),
        products=products,
        regions=regions,
        devices=devices,
        zones=zones,
        up_to=up_to,
        region_upto=_region_upto(s, segments, region_names),
        device_upto=_device_upto(s, segments, devices, device_names),
        product_names=product_names,
        region_names=region_names,
        device_names=device_names,
        costs=_costs(s, channels),
    )


def _row(shares: Any, names: list[str]) -> np.ndarray:
    """Shares by name in the order of the names; 0 where nothing is said."""
    return np.array([shares.get(name, 0.0) for name in names], float)


def _cumulative(shares: list[float]) -> list[float]:
    """Cumulative shares, ending at exactly 1."""
    return [*itertools.accumulate(shares[:-1]), 1.0]


def _sigma(cv: float) -> float:
    """Sigma of the lognormal law with this coefficient of variation."""
    return math.sqrt(math.log1p(cv * cv))


def _rules(s: Scenario, channels: list[str], segments: list[str], laws: LawRows, steps: int) -> np.ndarray:
    """[1] SHOP, neutral where nothing is said."""
    out = np.zeros(1, SHOP)
    r = out[0]
    r["on"], r["has_money"] = 1, int(s.catalog is not None)
    r["desk"] = r["picks"] = r["takes_back"] = -1
    for name in ("lead", "ready", "collect", "after", "switch_delay", "message_delay", "back_delay"):
        r[name] = -1
    r["promise_s"] = r["pickup_promise_s"] = math.inf
    r["keen"] = r["late_factor"] = 1.0
    r["response"][:] = 1.0
    r["reach"], r["delay_scale"] = 2.0, 300.0  # as where the blocks are there and say nothing
    _buying(s, r, laws)
    _delivering(s, r, channels, laws, steps)
    _returning(s, r, laws)
    take_back(s, r)
    shares = s.catalog.lines if s.catalog else ()
    r["most_lines"] = max(1, len(shares))
    deliver(s, r, channels, laws)
    r["lines"] = [*_cumulative(list(shares or (1.0,))), *[1.0] * MOST_LINES][:MOST_LINES]
    if s.shipping is not None and s.shipping.fee.free_for:
        r["free_for"] = sum(1 << segments.index(name) for name in s.shipping.fee.free_for)
    if s.context is not None:
        r["purchase"], r["cart_lost"] = s.context.effects.purchase, s.context.effects.cart_lost
    if s.costs is not None:
        r["payment"] = s.costs.payment
    return out


def _buying(s: Scenario, r: Any, laws: LawRows) -> None:
    """The decision to buy, the question before it, and the way back to a cart."""
    j = s.journey.shop
    assert j is not None
    r["fee_weight"], r["lead_weight"], r["contradiction"] = j.purchase.fee, j.purchase.lead * 86400.0, j.purchase.contradiction
    r["switch_delay"] = laws.add(j.switch_delay)
    for name, share in j.reasons.items():
        r["reasons"][Reason[name.upper()]] = share
    if j.ask is not None:
        r["keen"], r["delay_weight"], r["delay_scale"] = j.ask.keen, j.ask.delay, j.ask.scale
        r["unanswered"], r["elsewhere"] = j.ask.unanswered, j.ask.elsewhere
    if j.back is not None:
        r["back"], r["back_most"], r["back_delay"] = j.back.share, j.back.most, laws.add(j.back.delay)
    message = s.marketing.cart_message if s.marketing else None
    if message is not None:
        r["message"], r["message_delay"], r["coupon"] = message.open * message.click, laws.add(message.delay), message.coupon
        r["message_cost"] = minor_units(message.cost, s.currency)
        r["unreached"], r["message_most"], r["redeem"] = 1.0 - message.reach, message.most or 0, message.redeem
        r["opened"] = message.open
        for name, factor in message.response.items():
            r["response"][Reason[name.upper()]] = factor
        assert s.marketing is not None
        r["fatigue"], r["unsubscribe"] = s.marketing.fatigue.loss, s.marketing.fatigue.unsubscribe


def _delivering(s: Scenario, r: Any, channels: list[str], laws: LawRows, steps: int) -> None:
    """Making ready, carriage, fees, pick-up."""
    if s.fulfilment is not None:
        r["substitute"] = s.fulfilment.substitute
        for name in ("pick", "pick_item", "store_pick"):
            r[name] = minor_units(getattr(s.fulfilment, name), s.currency)
        tasks = s.fulfilment.tasks
        if tasks is not None and tasks.picking is not None:
            r["picks"] = channels.index(tasks.picking)
        if tasks is not None and tasks.returns is not None:
            r["takes_back"] = channels.index(tasks.returns)
    shipping = s.shipping
    if shipping is None:
        return
    if shipping.carriage is not None:
        for name in ("parcel", "item", "item_mile"):
            r[name] = minor_units(getattr(shipping.carriage, name), s.currency)
    r["card"], r["steps"] = int(shipping.card is not None), steps
    r["lead"] = laws.add(shipping.lead)
    r["promise_s"] = math.inf if shipping.promise is None else shipping.promise
    r["policy"] = Policy[shipping.fee.policy.upper()]
    r["fee"], r["above"] = minor_units(shipping.fee.amount, s.currency), minor_units(shipping.fee.above or 0.0, s.currency)
    r["pad"], r["reach"], r["bubble"] = shipping.pad.share, shipping.pad.reach, shipping.pad.returned
    pickup = shipping.pickup
    if pickup is None:
        return
    r["pickup"], r["pickup_cost"] = pickup.share, minor_units(pickup.cost, s.currency)
    r["ready"], r["collect"] = laws.add(pickup.ready), laws.add(pickup.collect)
    r["pickup_promise_s"] = math.inf if pickup.promise is None else pickup.promise
    if pickup.desk is not None:
        r["desk"] = channels.index(pickup.desk)
        r["arise"][Need.COLLECT] = 1.0
    if pickup.extra is not None:
        r["extra"], r["extra_value"] = pickup.extra.share, minor_units(pickup.extra.value, s.currency)
        r["extra_sigma"] = _sigma(pickup.extra.cv)


def _returning(s: Scenario, r: Any, laws: LawRows) -> None:
    """Returns, and the issues that arise from orders."""
    if s.returns is not None:
        b = s.returns
        r["after"], r["return_cost"] = laws.add(b.after), minor_units(b.cost, s.currency)
        r["store_return_cost"], r["store_share"] = minor_units(b.store_cost, s.currency), b.store_share
        r["loss"], r["return_faulty"], r["late_factor"] = b.loss, b.faulty, b.late_factor
    orders = s.journey.issue.orders if s.journey.issue else None
    if orders is not None:
        for need, share in (
            (Need.QUESTION, orders.question),
            (Need.LATE, orders.late),
            (Need.FAULTY, orders.faulty),
            (Need.RETURN, orders.returned),
        ):
            r["arise"][need] = share


def _front(s: Scenario, channels: list[str]) -> np.ndarray:
    """[channel] FRONT."""
    j = s.journey.shop
    assert j is not None
    out = np.zeros(len(channels), FRONT)
    ask, commission = j.ask, s.costs.commission if s.costs else {}
    for i, c in enumerate(channels):
        row = out[i]
        row["sell"], row["carry"] = int(s.channels[c].sell), int(j.carry.get(c, False))
        row["cart"], row["buy"] = j.cart.get(c, 0.0), j.buy.get(c, 1.0)
        row["ask"], row["lift"] = (ask.share.get(c, 0.0), ask.lift.get(c, 1.0)) if ask else (0.0, 1.0)
        row["commission"] = commission.get(c, 0.0)
        row["lead_more"] = (j.purchase.lead_by.get(c, j.purchase.lead) - j.purchase.lead) * 86400.0
        row["returned"] = s.returns.factor.get(c, 1.0) if s.returns else 1.0
        market = s.channels[c].marketplace
        if market is not None:
            row["commission"] = market.commission or row["commission"]
            row["foreign"] = int(not market.identity)
            if market.fulfilment is not None:
                row["fulfils"] = 1
                row["fee_order"] = minor_units(market.fulfilment.order, s.currency)
                row["fee_item"] = minor_units(market.fulfilment.item, s.currency)
    return out


def _asks(j: Any, channels: list[str]) -> np.ndarray:
    """[front, channel] where a question goes: to the same channel where nothing else is said."""
    out = np.zeros((len(channels), len(channels)))
    for i, c in enumerate(channels) if j.ask is not None else ():
        if c in j.ask.share or c in j.ask.channel:
            out[i] = _row(j.ask.channel.get(c, {c: 1.0}), channels)
    return out


def _products(s: Scenario) -> tuple[np.ndarray, list[str]]:
    """[product] PRODUCT and their names."""
    if s.catalog is None:
        return np.zeros(0, PRODUCT), []
    names = sorted(s.catalog.products)
    ps = [s.catalog.products[n] for n in names]
    upto = _cumulative([p.share for p in ps])
    rows = [
        (u, minor_units(p.price, s.currency), _sigma(p.cv), p.items - 1.0, p.margin, p.weight, p.returned, p.faulty, p.unfit)
        for u, p in zip(upto, ps, strict=True)
    ]
    return np.array(rows, PRODUCT), names


def _regions(s: Scenario, zone_names: list[str]) -> tuple[np.ndarray, list[str]]:
    """[region] REGION and their names."""
    if not s.regions:
        return np.array([(1.0, 0.0, 1.0, 0, 1, 0.0, 0.0, 0.0, 0.0, 0, (0.0,) * WANTED)], REGION), [EVERYWHERE]
    names = sorted(s.regions)
    rs = [s.regions[n] for n in names]
    zone = [zone_names.index(r.zone) if r.zone in zone_names else 0 for r in rs]
    upto = _cumulative([r.share for r in rs])
    rows = [
        (u, r.distance, r.lead_factor, z, int(r.store), r.exchange - 1.0, r.exchange_cost, r.duty, *wants(s, r))
        for u, r, z in zip(upto, rs, zone, strict=True)
    ]
    return np.array(rows, REGION), names


def _devices(s: Scenario, channels: list[str]) -> tuple[np.ndarray, list[str]]:
    """[device] DEVICE by channel, and their names."""
    rows, names = [], []
    for i, c in enumerate(channels):
        named = sorted(s.channels[c].devices)
        ds = [s.channels[c].devices[n] for n in named]
        rows += [(u, d.buy, d.pad, i) for u, d in zip(_cumulative([d.share for d in ds]), ds, strict=False)]
        names += named
    return np.array(rows, DEVICE), names


def _region_upto(s: Scenario, segments: list[str], names: list[str]) -> np.ndarray:
    """[segment, region] cumulative shares; no rows where there are no regions."""
    if not s.regions:
        return np.zeros((0, 0))
    rows = []
    for segment in segments:
        own = s.customers.segments[segment].region if s.customers and s.customers.segments else {}
        rows.append(_cumulative([own.get(n, 0.0) if own else s.regions[n].share for n in names]))
    return np.array(rows)


def _device_upto(s: Scenario, segments: list[str], devices: np.ndarray, names: list[str]) -> np.ndarray:
    """[segment, device] cumulative shares within a channel; no rows where there are no devices."""
    if not names:
        return np.zeros((0, 0))
    out = np.tile(devices["upto"], (len(segments), 1))
    for i, segment in enumerate(segments):
        own = s.customers.segments[segment].device if s.customers and s.customers.segments else {}
        for c in np.unique(devices["channel"]) if own else ():
            here = np.flatnonzero(devices["channel"] == c)
            out[i, here] = _cumulative([own.get(names[d], 0.0) for d in here])
    return out


def _card(s: Scenario) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """[zone, step] minor units, [step] kg, and the names of the zones."""
    card = s.shipping.card if s.shipping else None
    if card is None:
        return np.zeros((0, 0)), np.zeros(0), []
    names = sorted(card.zones)
    return np.array([[minor_units(x, s.currency) for x in card.zones[z]] for z in names]), np.array(card.up_to), names


def _costs(s: Scenario, channels: list[str]) -> Costs:
    c = s.costs
    campaigns = _campaigns(s)
    if c is None:
        none = (0.0,) * len(channels)
        return Costs(fixed_per_day=none, acquisition=none, campaigns=campaigns)
    return Costs(
        marketing_per_day=minor_units(c.marketing, s.currency),
        fixed_per_day=tuple(minor_units(c.fixed.get(name, 0.0), s.currency) for name in channels),
        acquisition=tuple(minor_units(c.acquisition.get(name, 0.0), s.currency) for name in channels),
        capital=minor_units(c.capital, s.currency),
        life_s=c.life,
        campaigns=campaigns,
    )


def _campaigns(s: Scenario) -> tuple[tuple[float, float, float], ...]:
    """(moment s, messages, minor units a message) of every campaign."""
    out = []
    for row in sent(s):
        assert s.marketing is not None
        c = s.marketing.campaigns[row.name]
        out.append(((c.at - s.clock.start).total_seconds(), row.messages, minor_units(c.cost, s.currency)))
    return tuple(out)
