"""What customers make of what happened to them: content, gone, back again, telling others, renewing."""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

from dataclasses import dataclass
from typing import Any

from .amounts import Amount
from .blocks import RULE, Block, Listed, Names, said
from .kinds import Duration, Number, Rate, Reading, Share
from .laws import Law, LawKind
from .tree import Map, join

_LOSS = Share()
_SENSITIVITY = Number(high=100.0)
STEPS = 3


@dataclass(frozen=True, kw_only=True)
class BgNbd:
    """Heterogeneous customers: each has a rate ~ gamma(r, alpha) and stops after a repeat purchase with chance ~ beta(a, b)."""

    r: float = said(Number(high=1000.0, open_low=True), "shape of the gamma law of rates")
    alpha: float = said(Number(high=1e6, open_low=True), "its rate parameter, in units of time: the mean rate is r / alpha a unit")
    a: float = said(Number(high=1000.0, open_low=True), "first parameter of the beta law of the chance to stop")
    b: float = said(Number(high=1000.0, open_low=True), "second parameter of it")
    unit: float = said(Duration(open_low=True), "unit of time of alpha", default=7 * 86400.0, because=RULE)


@dataclass(frozen=True, kw_only=True)
class Again:
    """When the customers of one stream have their next need; exactly one of `gap`, `bg_nbd`."""

    gap: Law | None = said(LawKind(), "time from the end of a need of their own to the next one", or_none=True)
    bg_nbd: BgNbd | None = said(Block(BgNbd), "each customer has a rate and a chance to stop of his own", or_none=True)
    stop: float = said(Share(), "share who stop for reasons of their own after each repeat purchase or further issue", default=0.0)


def _again_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    named = [k for k in ("gap", "bg_nbd") if k in node.items]
    if len(named) != 1 and not cx.incomplete:
        words = "none is" if not named else "both are"
        cx.problem(node.key or node.pos, path, f"exactly one of gap, bg_nbd is needed; {words} given")
    if "bg_nbd" in node.items and values.get("stop"):
        cx.problem(node.items["stop"].key or node.pos, join(path, "stop"), "bg_nbd says already who stops; give one of them")


@dataclass(frozen=True, kw_only=True)
class Satisfaction:
    """Moves towards 1 - losses after each journey: satisfaction + weight x (1 - losses - satisfaction); 0 to 1."""

    start: float = said(Share(), "satisfaction of a new customer", default=1.0)
    weight: float = said(Share(), "weight of the last journey; 0: it never changes", default=0.0)
    further_contact: float = said(_LOSS, "lost by each contact after the first", default=0.0)
    repeat: float = said(_LOSS, "lost each time the story is told again", default=0.0)
    failure: float = said(_LOSS, "lost by each attempt abandoned, blocked or closed", default=0.0)
    wait: float = said(Rate(high=1000.0), "lost by waiting for agents, such as '0.01 /min'", default=0.0)
    unresolved: float = said(_LOSS, "lost by an issue that was not settled", default=0.0)
    contradiction: float = said(_LOSS, "lost by each answer that contradicts another", default=0.0)
    missed: float = said(_LOSS, "lost by each reply deadline missed", default=0.0)
    late: tuple[float, ...] = said(
        Listed(_LOSS, "losses"), "lost by a parcel late by up to 5 d, up to 10 d, and more", default=(0.0, 0.0, 0.0)
    )
    faulty: float = said(_LOSS, "lost by faulty goods", default=0.0)
    cancelled: float = said(_LOSS, "lost by an order that the firm cancels", default=0.0)


def _satisfaction_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    late = values.get("late")
    if late is not None and len(late) != STEPS:
        at = node.items["late"]
        cx.problem(at.key or at.pos, join(path, "late"), f"has {len(late)} losses; {STEPS} are needed: up to 5 d, up to 10 d, more")


@dataclass(frozen=True, kw_only=True)
class Effort:
    """Points of effort of a journey."""

    further_contact: float = said(Number(high=1000.0), "each contact after the first", default=0.0)
    repeat: float = said(Number(high=1000.0), "each time the story is told again", default=0.0)
    failure: float = said(Number(high=1000.0), "each attempt abandoned, blocked or closed", default=0.0)
    wait: float = said(Rate(high=1000.0), "waiting for agents, such as '0.1 /min'", default=0.0)


@dataclass(frozen=True, kw_only=True)
class Defection:
    """Chance that a customer leaves for good, by outcome: (base + effort x points) x exp(-satisfaction x (his - start))."""

    first_contact: float = said(Share(), "after an issue settled by the first answer", default=0.0)
    repeated: float = said(Share(), "after an issue settled by a later one", default=0.0)
    unresolved: float = said(Share(), "after an issue that was not settled", default=0.0)
    bought: float = said(Share(), "after a purchase", default=0.0)
    left: float = said(Share(), "after a visit without a purchase", default=0.0)
    late: float = said(Share(), "after a parcel that comes late", default=0.0)
    effort: float = said(Number(high=1.0), "more for each point of effort of the journey", default=0.0)
    satisfaction: float = said(_SENSITIVITY, "how much satisfaction lowers it; 0: not at all", default=0.0)


@dataclass(frozen=True, kw_only=True)
class Referral:
    """Word of mouth: newcomers to the stream of who told them, minus those who were warned."""

    share: float = said(Share(), "share of journeys of content customers after which somebody comes who was told", default=0.0)
    promoter: float = said(Share(), "satisfaction from which a customer is content", default=1.0)
    delay: Law | None = said(LawKind(), "time until he comes; absent: at once", or_none=True)
    warns: float = said(Share(), "share of journeys of discontent customers after which one who was told stays away", default=0.0)
    detractor: float = said(Share(), "satisfaction up to which a customer is discontent", default=0.0)


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """Some who buy subscribe, and decide at the end of each period whether they renew."""

    share: float = said(Share(), "share of purchases that begin a subscription", default=0.0)
    period: float = said(Duration(open_low=True), "time between two renewals")
    renew: float = said(Share(), "share who renew, at the satisfaction of a new customer")
    satisfaction: float = said(_SENSITIVITY, "how much satisfaction raises the logit of it; 0: not at all", default=0.0)
    fee: float = said(Amount(), "paid at each renewal", default=0.0)
    margin: float = said(Share(), "share of the fee that is contribution margin", default=1.0)


@dataclass(frozen=True, kw_only=True)
class Relationship:
    """Who comes is followed from need to need: who has an issue is a customer, a shopper from his first purchase on."""

    repurchase: dict[str, Again] = said(
        Names(Block(Again, _again_rule, (frozenset(("gap", "bg_nbd")),)), "stream", merges=True),
        "when they come again, by stream or campaign that brought them; absent: never",
        default=dict,
    )
    eagerness: float = said(
        _SENSITIVITY, "how much satisfaction shortens the time to the next need: x exp(-eagerness x (his - start))", default=0.0
    )
    satisfaction: Satisfaction | None = said(
        Block(Satisfaction, _satisfaction_rule), "absent: everybody stays as content as he came", or_none=True
    )
    effort: Effort | None = said(Block(Effort), "absent: nothing is an effort", or_none=True)
    defection: Defection | None = said(Block(Defection), "absent: nobody leaves because of what happened to him", or_none=True)
    referral: Referral | None = said(Block(Referral), "absent: nobody tells anybody", or_none=True)
    subscription: Subscription | None = said(Block(Subscription), "absent: there is none", or_none=True)
    discount: float = said(Number(high=10.0), "interest a year, by which later margins count less in the lifetime value", default=0.0)


RELATIONSHIP = Block(Relationship)
