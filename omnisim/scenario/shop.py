"""How shoppers buy: carts, questions, what a purchase is weighed against, and who comes back to a cart."""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

from dataclasses import dataclass
from typing import Any

from omnisim.words import Reason

from .blocks import RULE, Block, Names, said
from .kinds import Duration, Number, Rate, Reading, Share, Whole
from .laws import Law, LawKind
from .shares import Shares
from .textkinds import Flag
from .tree import Map

REASONS = tuple(r.name.lower() for r in Reason if r not in (Reason.NONE, Reason.STORE))
LOSS = Number(high=1000.0, unit="utility")
_EACH = Shares(total="any", least=0)


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Questions before buying, once a need."""

    share: dict[str, float] = said(_EACH, "share of visits that raise a question; absent: 0", default=dict)
    channel: dict[str, dict[str, float]] = said(
        Names(Shares(of="channel with help"), "channel", merges=True),
        "where a question is asked, by the channel it arose on; absent: on the same channel",
        default=dict,
    )
    keen: float = said(Number(high=100.0), "multiplies the share of carts of those who have a question", default=1.0)
    lift: dict[str, float] = said(
        Names(Number(high=10.0), "channel with help"), "multiplies the chance to buy after a live answer there; absent: 1", default=dict
    )
    delay: float = said(LOSS, "utility lost by waiting for the answer: delay x ln(1 + wait / scale)", default=0.0)
    scale: float = said(Duration(open_low=True), "the wait at which that loss begins to flatten", default=300.0, because=RULE)
    unanswered: float = said(LOSS, "utility lost where no answer came", default=0.0)
    elsewhere: float = said(LOSS, "utility lost where the answer was given on another medium", default=0.0)


@dataclass(frozen=True, kw_only=True)
class Purchase:
    """What the decision to buy is weighed against, in utility."""

    fee: float = said(LOSS, "lost per shipping fee / value of the basket", default=0.0)
    lead: float = said(Rate(high=1000.0), "lost per time until the promised delivery, such as '0.02 /d'", default=0.0)
    lead_by: dict[str, float] = said(
        Names(Rate(high=1000.0), "selling channel"), "the same by selling channel, in place of `lead`; absent: as `lead`", default=dict
    )
    contradiction: float = said(LOSS, "lost where two media gave different answers", default=0.0)


@dataclass(frozen=True, kw_only=True)
class Back:
    """Who comes back to an abandoned cart unasked."""

    share: float = said(Share(), "share of abandoned carts")
    delay: Law | None = said(LawKind(), "time until then; absent: at once", or_none=True)
    channel: dict[str, float] = said(
        Shares(of="channel or same"),
        "where they come back; absent: the channel of the cart",
        default=lambda: {"same": 1.0},
        because=RULE,
    )
    most: int = said(Whole(0, 1000, "times"), "times at most", default=1, because=RULE)


@dataclass(frozen=True, kw_only=True)
class ShopJourney:
    """Journeys of goal shop: visit -> question? -> cart? -> buys, leaves the cart, looks elsewhere, or leaves."""

    cart: dict[str, float] = said(Shares(of="selling channel", total="any"), "share of visits that fill a cart")
    buy: dict[str, float] = said(
        Shares(of="selling channel", total="any", least=0),
        "share of carts bought with no fee, no wait and no lead time; absent: 1",
        default=dict,
    )
    carry: dict[str, bool] = said(Names(Flag(), "selling channel"), "true: goods are taken along, nothing is shipped", default=dict)
    switch: dict[str, dict[str, float]] = said(
        Names(Shares(of="channel or free", total="most_one", least=0), "channel", merges=True),
        "share of visits without a cart that looks elsewhere, by channel and next channel, or `free` (the customer's choice)",
        default=dict,
    )
    switch_delay: Law | None = said(LawKind(), "time until then; absent: at once", or_none=True)
    ask: Ask | None = said(Block(Ask), "questions before buying; absent: nobody asks", or_none=True)
    purchase: Purchase = said(Block(Purchase), "what buying is weighed against", default=Purchase)
    reasons: dict[str, float] = said(
        Shares(of="reason", total="most_one", least=0, only=REASONS),
        "why carts are left that nothing here explains; the rest: browsing",
        default=dict,
    )
    back: Back | None = said(Block(Back), "who comes back to a cart unasked; absent: nobody", or_none=True)


def _rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    if values.get("carry"):
        values["carry"] = {c: True for c, taken in values["carry"].items() if taken}  # one meaning, one form


SHOP_JOURNEY = Block(ShopJourney, _rule)
