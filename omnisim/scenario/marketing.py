"""How the firm reaches out: messages about carts, campaigns, and what too many messages do.  Money in the scenario's currency."""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from omnisim.words import Reason

from .amounts import Amount
from .blocks import RULE, Block, Names, said
from .kinds import Duration, Number, Reading, Share, Whole
from .laws import Law, LawKind
from .shares import Shares
from .textkinds import Flag, Moment, Word
from .tree import Map, join

_REASONS = tuple(r.name.lower() for r in Reason if r is not Reason.NONE)


@dataclass(frozen=True, kw_only=True)
class CartMessage:
    """A message to identified customers who left a cart."""

    delay: Law | None = said(LawKind(), "time from the cart to the customer's return; absent: at once", or_none=True)
    reach: float = said(Share(), "share of identified customers who may be written to: address and consent", default=1.0)
    most: int | None = said(Whole(1, 1000, "messages"), "messages at most, for one need; absent: one for each cart left", or_none=True)
    open: float = said(Share(), "share of messages opened")
    click: float = said(Share(), "share of opened messages that bring the customer back")
    response: dict[str, float] = said(
        Names(Number(high=1000.0), "reason", only=_REASONS), "multiplies clicks, by why the cart was left; absent: 1", default=dict
    )
    channel: dict[str, float] = said(Shares(), "where they come back")
    coupon: float = said(Share(), "discount for them, of the basket", default=0.0)
    redeem: float = said(
        Share(), "share of those who open, do not click and come back by themselves all the same who use the coupon", default=0.0
    )
    cost: float = said(Amount(), "a message", default=0.0)


@dataclass(frozen=True, kw_only=True)
class Fatigue:
    """What messages do to who gets many of them."""

    loss: float = said(Share(), "share of the response that each message received before takes away", default=0.0)
    unsubscribe: float = said(Share(), "share of messages after which a reader wants no more of them", default=0.0)
    one_off: float = said(
        Number(high=1.0), "multiplies clicks on campaigns of those who bought what is bought once (catalog: replenished)", default=1.0
    )
    memory: float | None = said(Duration(open_low=True), "campaigns longer ago tire nobody; absent: all count", or_none=True)


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """Messages that bring visits and questions which would not have come without it."""

    at: datetime = said(Moment(), "when it is sent")
    sent: float = said(Number(unit="messages"), "people in its audience; `scale` multiplies it")
    to: str = said(
        Word(("everybody", "replenished")),
        "replenished: only who bought what is bought again and again (catalog: replenished)",
        default="everybody", because=RULE,
    )  # fmt: skip
    open: float = said(Share(), "share opened, before anybody is tired of messages", default=1.0, because=RULE)
    click: float = said(Share(), "share of readers who come to buy", default=0.0)
    enter: dict[str, float] = said(Shares(), "where they come", default=dict)
    over: float = said(Duration(open_low=True), "mean time from sending to coming (exponential)")
    contact: float = said(Share(), "share of readers who ask the service about it", default=0.0)
    ask: dict[str, float] = said(Shares(of="channel with help"), "where they ask", default=dict)
    coupon: float = said(Share(), "discount for who comes by it, of the basket", default=0.0)
    cost: float = said(Amount(), "a message", default=0.0)
    announced: bool = said(Flag(), "whether those who plan and serve know of it", default=True, because=RULE)
    unaware: float = said(
        Share(), "where it was not announced: share of contacts of those who came by it whose answer contradicts it", default=0.0
    )


def _campaign_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    for share, where in (("click", "enter"), ("contact", "ask")):
        if values.get(share) and where not in node.items and not cx.incomplete:
            at = node.items[share]
            cx.problem(at.key or at.pos, join(path, share), f"needs {where}, which says where they turn to")
        if where in node.items and not values.get(share, 1):
            at = node.items[where]
            cx.warn(at.key or at.pos, join(path, where), f"has no effect without {share}")
    if values.get("unaware") and values.get("announced", False):
        at = node.items["unaware"]
        cx.problem(at.key or at.pos, join(path, "unaware"), "belongs to a campaign that was not announced; say announced: false")


@dataclass(frozen=True, kw_only=True)
class Marketing:
    """How the firm reaches out."""

    cart_message: CartMessage | None = said(Block(CartMessage), "a message about an abandoned cart; absent: none", or_none=True)
    campaigns: dict[str, Campaign] = said(
        Names(Block(Campaign, _campaign_rule), "campaign", merges=True), "impulses of demand; absent: none", default=dict
    )
    fatigue: Fatigue = said(Block(Fatigue), "what too many messages do; absent: nothing", default=Fatigue)


MARKETING = Block(Marketing)
