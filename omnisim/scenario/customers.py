"""Who the customers are, and how they choose a channel where they are free to."""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

from dataclasses import dataclass
from typing import Any

from .blocks import Block, Names, said
from .kinds import Number, Rate, Reading, Share
from .ownrules import OwnRule
from .shares import TOLERANCE, Shares
from .textkinds import Line
from .tree import Map

UTILITY = Number(low=-1000.0, high=1000.0, unit="utility")
_BY_CHANNEL = Names(UTILITY, "channel")


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One kind of customer."""

    share: float = said(Share(), "share of all customers; the shares sum to 1")
    habit: dict[str, float] = said(_BY_CHANNEL, "utility of each channel by habit; absent: 0", default=dict)
    patience_factor: float = said(Number(high=1000.0), "multiplies patience", default=1.0)
    effort_sensitivity: float = said(Number(high=1000.0), "multiplies the utility lost by effort", default=1.0)
    basket_factor: float = said(Number(high=1000.0), "multiplies the value of a basket (goal shop)", default=1.0)
    price_sensitivity: float = said(Number(high=1000.0), "multiplies the utility lost by a shipping fee (goal shop)", default=1.0)
    buy: float = said(UTILITY, "utility of buying (goal shop)", default=0.0)
    login_rate: float = said(Number(high=10.0), "multiplies the chance to be identified while shopping, 1 at most", default=1.0)
    device: dict[str, float] = said(Shares(of="device"), "devices, on every channel that has them; absent: as said there", default=dict)
    region: dict[str, float] = said(Shares(of="region"), "regions; absent: as said in `regions`", default=dict)
    existing: float = said(Share(), "share who were customers before the run (relationship)", default=0.0)
    frequency_factor: float = said(Number(high=1000.0), "multiplies how often they come again (relationship)", default=1.0)
    language: str | None = said(
        Line(32), "language: on a medium that has a channel of it they get there; absent: none of those", or_none=True
    )


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The multinomial logit of a free choice: habit - believed wait - effort + fit + nudge."""

    wait: float = said(Rate(high=1000.0), "utility lost per time of believed wait, such as '0.1 /min'", default=0.0)
    effort: dict[str, float] = said(_BY_CHANNEL, "utility lost by the effort of a channel", default=dict)
    fit: dict[str, dict[str, float]] = said(
        Names(_BY_CHANNEL, "goal", merges=True, only=("issue", "markov", "shop")), "utility by which a channel fits a goal", default=dict
    )
    nudge: dict[str, float] = said(_BY_CHANNEL, "utility by which the firm steers", default=dict)
    outside: float = said(UTILITY, "utility of going elsewhere", default=0.0)
    rule: str | None = said(OwnRule("utility"), "your own rule for the utility of a channel (docs/own-rules.md)", or_none=True)


@dataclass(frozen=True, kw_only=True)
class Customers:
    """Segments by name, in sorted order; none: all customers are alike."""

    segments: dict[str, Segment] = said(Names(Block(Segment), "segment", merges=True), "kinds of customers", default=dict)
    choice: Choice | None = said(Block(Choice), "free choice of a channel", or_none=True)


def _rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    import math

    segments = values.get("segments")
    block = node.items.get("segments")
    if not segments or not isinstance(block, Map) or len(segments) < len(block.items):
        return
    total = math.fsum(s.share for s in segments.values())
    if abs(total - 1) > TOLERANCE:
        cx.problem(block.key or block.pos, f"{path}.segments", f"the shares of the segments sum to {total:.10g}; they must sum to 1")


CUSTOMERS = Block(Customers, _rule)
