"""What comes back: how often, where, who pays for it, and what becomes of it.  Money in the scenario's currency."""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

from dataclasses import dataclass

from .amounts import Amount
from .blocks import Block, Names, said
from .delivery import EXTRA, Extra
from .kinds import Duration, Number, Share
from .laws import Law, LawKind


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """Somebody looks at what comes back; what is unfit is written off (`unfit` of a product), the rest lies on the shelf again."""

    share: float = said(Share(), "share of returns that are looked at; the others are written off", default=1.0)
    cost: float = said(Amount(), "looking at a return", default=0.0)


@dataclass(frozen=True, kw_only=True)
class Postage:
    """Sending something back by post."""

    cost: float = said(Amount(), "paid to the carrier for an order sent back")
    customer_pays: float = said(Share(), "share of it that the customer pays", default=0.0)
    deters: float = said(Share(), "share of returns by post that do not happen because he pays", default=0.0)


@dataclass(frozen=True, kw_only=True)
class Returns:
    """What comes back, beyond each product's own share of returns."""

    after: Law | None = said(LawKind(), "time from delivery to return; absent: at once", or_none=True)
    window: float | None = said(Duration(open_low=True), "time within which goods are taken back; absent: always", or_none=True)
    cost: float = said(Amount(), "an order sent back", default=0.0)
    store_cost: float = said(Amount(), "an order brought back to a store", default=0.0)
    store_share: float = said(Share(), "share brought to a store, where one is near", default=0.0)
    postage: Postage | None = said(Block(Postage), "of what is sent back; absent: none", or_none=True)
    loss: float = said(Share(), "share of the cost of goods lost by a return", default=0.0)
    inspection: Inspection | None = said(Block(Inspection), "looking at what comes back; absent: all of it, at no cost", or_none=True)
    exchange: float = said(Share(), "share of whole orders brought or sent back that are exchanged for the same, not refunded", default=0.0)
    extra: Extra | None = said(EXTRA, "what is bought besides when something is brought to a store; absent: nothing", or_none=True)
    faulty: float = said(Share(), "share of faulty orders that come back, at least", default=0.0)
    late_factor: float = said(Number(high=1000.0), "multiplies the share of returns of late orders", default=1.0)
    free_factor: float = said(
        Number(high=1000.0), "multiplies the share of returns of orders sent home free of charge: they are bought to try", default=1.0
    )
    factor: dict[str, float] = said(
        Names(Number(high=1000.0), "selling channel"), "multiplies the share of returns of what is sold there; absent: 1", default=dict
    )


RETURNS = Block(Returns)
