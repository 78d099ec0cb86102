"""From the order to the customer and back: picking, carriage, fees, pick-up, returns.  Money in the scenario's currency."""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

from dataclasses import dataclass
from typing import Any

from .amounts import Amount
from .blocks import NAME, NAME_WORDS, RULE, Block, Listed, Names, said
from .kinds import Duration, Number, Reading, Share
from .laws import Law, LawKind
from .nodes import NODES, SOURCING, STOCK_RECORD, FulfilmentNode, StockRecord
from .ratecard import Card, CardKind
from .textkinds import Line, Word
from .tree import Map, join

_CHANNEL = Line(64, NAME, NAME_WORDS)


@dataclass(frozen=True, kw_only=True)
class Tasks:
    """Work that orders raise for the people of a store, each on a channel with help.  Handing out is `shipping.pickup.desk`."""

    picking: str | None = said(_CHANNEL, "channel on which orders for pick-up are picked; absent: no work", or_none=True)
    returns: str | None = said(_CHANNEL, "channel that takes goods back in a store; absent: no work", or_none=True)


@dataclass(frozen=True, kw_only=True)
class Fulfilment:
    """What it costs to make an order ready, and where that is done."""

    pick: float = said(Amount(), "an order that is shipped", default=0.0)
    pick_item: float = said(Amount(), "each of its items", default=0.0)
    store_pick: float = said(Amount(), "an order made ready in a store", default=0.0)
    tasks: Tasks | None = said(Block(Tasks), "work of a store that orders raise; absent: none", or_none=True)
    nodes: dict[str, FulfilmentNode] = said(NODES, "where goods lie; absent: in one place, without end", default=dict)
    sourcing: str = said(
        Word(SOURCING),
        "which node an order is sent from",
        default="nearest",
        because=RULE,
    )
    substitute: float = said(
        Share(), "share of those who find the one product they want sold out and take another one of the same value", default=0.0
    )
    record: StockRecord | None = said(STOCK_RECORD, "how records come to differ from shelves; absent: never", or_none=True)


def _hide_stock(value: Fulfilment) -> tuple[str, ...]:
    return () if value.nodes else ("nodes", "sourcing", "record", "substitute")


def _fulfilment_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    for key in ("sourcing", "record", "substitute") if "nodes" not in node.items and not cx.incomplete else ():
        if key in node.items:
            at = node.items[key]
            cx.problem(at.key or at.pos, join(path, key), "needs nodes; without them goods lie in one place, without end")
    nodes, sourcing = values.get("nodes") or {}, values.get("sourcing")
    if nodes and sourcing == "dc_only" and all(n.kind == "store" for n in nodes.values()):
        at = node.items["nodes"]
        cx.problem(at.key or at.pos, join(path, "nodes"), "are all stores; sourcing dc_only needs a centre or a third party")
    for name, n in nodes.items():
        for product, stocked in n.stock.items():
            if stocked.reserve and (sourcing != "store_reserve" or n.kind != "store"):
                here = join(path, f"nodes.{name}.stock.{product}.reserve")
                cx.warn(node.pos, here, "has no effect; only stores keep a reserve, and only sourcing store_reserve asks for it")


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
class Pickup:
    """Picking an order up in a store."""

    share: float = said(Share(), "share of orders of customers with a store near them")
    ready: Law | None = said(LawKind(), "time until the order is ready; absent: at once", or_none=True)
    promise: float | None = said(Duration(), "promised time until then; absent: no promise", or_none=True)
    collect: Law | None = said(LawKind(), "time from ready to collected; absent: at once", or_none=True)
    cost: float = said(Amount(), "paid for an order picked up, in place of carriage", default=0.0)
    desk: str | None = said(Line(64, NAME, NAME_WORDS), "channel with help that hands orders out; absent: no contact", or_none=True)
    extra: Extra | None = said(Block(Extra), "what is bought besides; absent: nothing", or_none=True)


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


_CARRIAGE = frozenset({"carriage", "card"})


def _shipping_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    if node.items.keys() >= _CARRIAGE:
        at = node.items["card"]
        cx.problem(at.key or at.pos, join(path, "card"), "carriage is given already; carriers are paid by one of the two")


@dataclass(frozen=True, kw_only=True)
class Returns:
    """What comes back, beyond each product's own share of returns."""

    after: Law | None = said(LawKind(), "time from delivery to return; absent: at once", or_none=True)
    cost: float = said(Amount(), "an order sent back", default=0.0)
    store_cost: float = said(Amount(), "an order brought back to a store", default=0.0)
    store_share: float = said(Share(), "share brought to a store, where one is near", default=0.0)
    loss: float = said(Share(), "share of the cost of goods lost by a return", default=0.0)
    faulty: float = said(Share(), "share of faulty orders that come back, at least", default=0.0)
    late_factor: float = said(Number(high=1000.0), "multiplies the share of returns of late orders", default=1.0)
    factor: dict[str, float] = said(
        Names(Number(high=1000.0), "selling channel"), "multiplies the share of returns of what is sold there; absent: 1", default=dict
    )


FULFILMENT = Block(Fulfilment, _fulfilment_rule, hide=_hide_stock)
SHIPPING = Block(Shipping, _shipping_rule, (_CARRIAGE,))
RETURNS = Block(Returns)
