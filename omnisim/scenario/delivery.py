"""How goods reach the customer: the ways that are offered, carriers, and what is promised.  Money in the scenario's currency."""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from omnisim.rules.shopdata import MOST_CARRIERS, MOST_SHOCKS
from omnisim.words import Way

from .amounts import Amount, Distance
from .blocks import NAME, NAME_WORDS, RULE, Block, Listed, Names, said
from .kinds import Duration, Number, Rate, Reading, Share
from .laws import Law, LawKind
from .ratecard import Card, CardKind
from .shares import TOLERANCE
from .shop import LOSS
from .textkinds import Line, Moment, Word
from .tree import Map, found, join

_CHANNEL = Line(64, NAME, NAME_WORDS)


@dataclass(frozen=True, kw_only=True)
class Carriage:
    """What a carrier is paid: parcel + item x items + item_mile x items x miles."""

    parcel: float = said(Amount(), "a parcel", default=0.0)
    item: float = said(Amount(), "an item", default=0.0)
    item_mile: float = said(Amount(), "an item and mile", default=0.0)


@dataclass(frozen=True, kw_only=True)
class Fee:
    """What the customer is asked for delivery."""

    policy: str = said(
        Word(("free", "flat", "threshold")), "who pays: nobody, everybody, or who buys for less than `above`", default="free"
    )
    amount: float = said(Amount(), "the fee (flat, threshold)", default=0.0)
    above: float | None = said(Amount(), "baskets of at least this ship free (threshold)", or_none=True)
    free_for: tuple[str, ...] = said(Listed(Line(64, NAME, NAME_WORDS), "segments", lambda s: s), "segments that never pay", default=())


def _hide_fee(value: Fee) -> tuple[str, ...]:
    return ("amount", "above", "free_for") if value.policy == "free" else ("above",) if value.policy == "flat" else ()


def _fee_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    policy = values.get("policy")
    if policy in ("flat", "threshold"):
        for key in ("amount", "above") if policy == "threshold" else ("amount",):
            if key not in node.items and not cx.incomplete:
                cx.problem(node.key or node.pos, join(path, key), f"is required and missing: policy {policy} needs it")
    idle = {"free": ("amount", "above", "free_for"), "flat": ("above",)}.get(policy or "", ())
    neutral: dict[str, Any] = {"amount": 0.0, "above": None, "free_for": ()}
    for key in idle:
        if key in node.items and key in values and values[key] != neutral[key]:
            at = node.items[key]
            cx.warn(at.key or at.pos, join(path, key), f"has no effect with policy {policy}")
            values[key] = neutral[key]


@dataclass(frozen=True, kw_only=True)
class Pad:
    """Who fills the basket up to the free-shipping threshold."""

    share: float = said(Share(), "share of baskets below the threshold and within reach of it", default=0.0)
    reach: float = said(
        Number(low=1.0, high=1e6), "a threshold of at most this times the basket is within reach", default=2.0, because=RULE
    )
    returned: float = said(Share(), "share of those who send the added goods back", default=0.0)


@dataclass(frozen=True, kw_only=True)
class Extra:
    """What is bought besides when an order is picked up."""

    share: float = said(Share(), "share of pick-ups")
    value: float = said(Amount(), "mean value")
    cv: float = said(Number(high=10.0), "its spread (lognormal): standard deviation / mean", default=0.0)


@dataclass(frozen=True, kw_only=True)
class Look:
    """Who sees online that the store near him has it may go there and buy it there: sales move from one channel to the other."""

    share: float = said(Share(), "share of those who fill a cart and have a store near them")
    channel: str = said(_CHANNEL, "channel on which stores sell")
    delay: Law | None = said(LawKind(), "time until he is there; absent: at once", or_none=True)


EXTRA = Block(Extra)


@dataclass(frozen=True, kw_only=True)
class Express:
    """Delivery at home, faster."""

    share: float = said(Share(), "share of orders that want it at equal price and time", default=0.0)
    lead: Law | None = said(LawKind(), "time from leaving to delivery; absent: as shipping", or_none=True)
    promise: float | None = said(Duration(), "promised time until delivery; absent: no promise", or_none=True)
    fee: float | None = said(Amount(), "what the customer pays; absent: as at home", or_none=True)
    factor: float = said(Number(high=1000.0), "multiplies what a parcel sent home costs", default=1.0, because=RULE)
    cost: float = said(Amount(), "an order, besides", default=0.0)


@dataclass(frozen=True, kw_only=True)
class Collected(Express):
    """Sent to a place where the customer collects it."""

    collect: Law | None = said(LawKind(), "time from there to collected; absent: at once", or_none=True)


@dataclass(frozen=True, kw_only=True)
class DeliveryChoice:
    """How price and time move customers among the ways of delivery; each weight multiplies with the segment's own sensitivity to price."""

    fee: float = said(LOSS, "utility lost per fee / value of the basket", default=0.0)
    lead: float = said(Rate(high=1000.0), "utility lost per time until the promised delivery, such as '0.2 /d'", default=0.0)


@dataclass(frozen=True, kw_only=True)
class Carrier:
    """Who brings parcels home."""

    carriage: Carriage | None = said(Block(Carriage), "its tariff; absent: as shipping says", or_none=True)
    factor: float = said(Number(high=1000.0), "multiplies that tariff", default=1.0)
    lead: Law | None = said(LawKind(), "its time from leaving to delivery; absent: as shipping says", or_none=True)
    regions: tuple[str, ...] = said(Listed(_CHANNEL, "regions", lambda s: s), "regions that it serves; absent: all", default=())


@dataclass(frozen=True, kw_only=True)
class Shock:
    """Between two moments carriers are dearer, or slower."""

    from_: datetime = said(Moment(), "when it begins", key="from")
    to: datetime = said(Moment(), "when it ends; after `from`")
    factor: float = said(Number(high=1000.0), "multiplies carriage of orders placed then", default=1.0)
    lead_factor: float = said(Number(open_low=True, high=1000.0), "multiplies their delivery time", default=1.0)


def _shock_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    if "from_" in values and "to" in values and values["from_"] >= values["to"]:
        at = node.items["to"]
        cx.problem(at.pos, join(path, "to"), f"found {found(at)}; it must be after from, {found(node.items['from'])}")


@dataclass(frozen=True, kw_only=True)
class DelayMessage:
    """Customers are told before the promise passes that their order will be late; some are told so wrongly."""

    recall: float = said(Share(), "share of late orders that are told")
    precision: float = said(
        Share(open_low=True), "share of those told that are late, where orders leave at once: at the share of late orders of `lead`"
    )
    before: float = said(Duration(), "time before the promise at which they are told", default=0.0)
    calms: float = said(Share(), "share of those told rightly who do not ask any more", default=0.0)
    alarmed: float = said(Share(), "share of those told wrongly who ask", default=0.0)
    cost: float = said(Amount(), "a message", default=0.0)


@dataclass(frozen=True, kw_only=True)
class Pickup:
    """Picking an order up in a store."""

    share: float = said(Share(), "share of orders of customers with a store near them")
    ready: Law | None = said(
        LawKind(), "time until the order is ready, from the end of picking where people pick; absent: at once", or_none=True
    )
    promise: float | None = said(Duration(), "promised time until then; absent: no promise", or_none=True)
    collect: Law | None = said(LawKind(), "time from ready to collected; absent: at once", or_none=True)
    cost: float = said(Amount(), "paid for an order picked up, in place of carriage", default=0.0)
    desk: str | None = said(Line(64, NAME, NAME_WORDS), "channel with help that hands orders out; absent: no contact", or_none=True)
    extra: Extra | None = said(EXTRA, "what is bought besides; absent: nothing", or_none=True)
    look: Look | None = said(Block(Look), "who goes to the store because it has it; absent: nobody", or_none=True)


@dataclass(frozen=True, kw_only=True)
class Shipping:
    """Delivery.  Exactly what is absent costs nothing and takes no time."""

    carriage: Carriage | None = said(Block(Carriage), "what carriers are paid, by formula; absent: nothing, or by `card`", or_none=True)
    card: Card | None = said(CardKind(), "what carriers are paid, by rate card", or_none=True)
    lead: Law | None = said(LawKind(), "time from order to delivery; absent: none", or_none=True)
    promise: float | None = said(Duration(), "promised time until delivery; absent: no promise, never late", or_none=True)
    fee: Fee = said(Block(Fee, _fee_rule, hide=_hide_fee), "what the customer pays for it", default=Fee)
    pad: Pad = said(Block(Pad), "who buys more to ship free", default=Pad)
    pickup: Pickup | None = said(Block(Pickup), "picking up in a store; absent: nobody", or_none=True)
    express: Express | None = said(Block(Express), "faster delivery at home; absent: none", or_none=True)
    to_store: Collected | None = said(Block(Collected), "sent to a store and collected there; absent: none", or_none=True)
    point: Collected | None = said(Block(Collected), "sent to a pick-up point; absent: none", or_none=True)
    choice: DeliveryChoice | None = said(Block(DeliveryChoice), "how price and time move customers; absent: not at all", or_none=True)
    transit_per_day: float | None = said(
        Distance(open_low=True), "distance a parcel travels in a day, besides `lead`; absent: distance takes no time", or_none=True
    )
    round_mile: float = said(Amount(), "a mile of the round to homes; a stop is .7124 / sqrt(stops_per_square_mile) miles", default=0.0)
    carriers: dict[str, Carrier] = said(
        Names(Block(Carrier), "carrier", merges=True, most=MOST_CARRIERS), "who brings parcels home; absent: one", default=dict
    )
    carrier: str = said(Word(("cheapest", "fastest")), "which of them takes an order", default="cheapest", because=RULE)
    shocks: tuple[Shock, ...] = said(
        Listed(Block(Shock, _shock_rule), "shocks", lambda s: (s.from_, s.to, s.factor, s.lead_factor), MOST_SHOCKS),
        "times in which carriers are dearer or slower",
        default=(),
    )
    delay_message: DelayMessage | None = said(Block(DelayMessage), "who is told that it will be late; absent: nobody", or_none=True)


_CARRIAGE = frozenset({"carriage", "card"})
WANTED = tuple(w.name.lower() for w in (Way.PICKUP, Way.EXPRESS, Way.TO_STORE, Way.POINT))  # ways that are wanted instead of home


def _shipping_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    if node.items.keys() >= _CARRIAGE:
        at = node.items["card"]
        cx.problem(at.key or at.pos, join(path, "card"), "carriage is given already; carriers are paid by one of the two")
    offered = [(k, values[k]) for k in WANTED if values.get(k) is not None]
    total = math.fsum(option.share for _, option in offered)
    if total > 1 + TOLERANCE:
        at = node.items[offered[-1][0]]
        cx.problem(
            at.key or at.pos, path, f"the shares of {', '.join(k for k, _ in offered)} sum to {total:.10g}; they must sum to at most 1"
        )
    message = values.get("delay_message")
    promises = [values.get("promise"), *(option.promise for _, option in offered)]
    if message is not None and all(p is None for p in promises) and "promise" not in node.items and not cx.incomplete:
        at = node.items["delay_message"]
        cx.problem(at.key or at.pos, join(path, "delay_message"), "needs a promise; without one nothing is late")
    if values.get("express") and values["express"].lead is None and values.get("lead") is None and not cx.incomplete:
        at = node.items["express"]
        cx.warn(at.key or at.pos, join(path, "express"), "takes as long as delivery at home; there is no lead")


SHIPPING = Block(Shipping, _shipping_rule, (_CARRIAGE,))
