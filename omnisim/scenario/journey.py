"""What customers do next: the switch matrix of a markov journey, and when an issue is tried again."""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

import math
from dataclasses import dataclass
from typing import Any

from .blocks import RULE, Block, Names, said
from .kinds import Reading, Share, Whole
from .laws import Law, LawKind
from .ownrules import OwnRule
from .shares import TOLERANCE, Shares
from .shop import SHOP_JOURNEY, ShopJourney
from .textkinds import Flag
from .tree import Map, join

_ROW = Shares(total="most_one", least=0)


@dataclass(frozen=True, kw_only=True)
class Markov:
    """Served on i: on to j with `switch[i][j]`, or converted with `convert[i]`, else gone."""

    switch: dict[str, dict[str, float]] = said(
        Names(_ROW, "channel", merges=True), "share that goes on, by channel served and next channel; absent row: nobody", default=dict
    )
    convert: dict[str, float] = said(Shares(total="any", least=0), "share that converts and leaves; absent: 0", default=dict)


def _markov_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    convert = values.get("convert", {})
    for channel, row in values.get("switch", {}).items():
        total = math.fsum([*row.values(), convert.get(channel, 0.0)])
        if total > 1 + TOLERANCE and math.fsum(row.values()) <= 1 + TOLERANCE:
            switch = node.items["switch"]
            at = switch.items[channel] if isinstance(switch, Map) else switch
            cx.problem(
                at.key or at.pos,
                join(join(path, "switch"), channel),
                f"switch and convert of {channel} sum to {total:.10g}; they must sum to at most 1",
            )


@dataclass(frozen=True, kw_only=True)
class Retry:
    """When an issue is tried again.  `channel`: shares by channel, `same` (the last one) or `free` (the customer's choice)."""

    after_abandoned: float = said(Share(), "share that tries again after an abandoned, blocked or closed attempt", default=0.0)
    after_blocked: float | None = said(Share(), "the same after a blocked attempt only; absent: as after_abandoned", or_none=True)
    after_closed: float | None = said(Share(), "the same after a closed attempt only; absent: as after_abandoned", or_none=True)
    after_unresolved: float = said(Share(), "share that tries again after an answer or a visit that did not settle the issue", default=0.0)
    delay: Law = said(LawKind(), "time until the next attempt")
    channel: dict[str, float] = said(
        Shares(of="channel, same or free"),
        "where the next attempt goes; absent: the same channel",
        default=lambda: {"same": 1.0},
        because=RULE,
    )
    most: int | None = said(Whole(0, 1_000_000, "attempts"), "further attempts at most; absent: no limit", or_none=True)
    redraw: bool = said(Flag(), "false: a further attempt has the luck of the first", default=True, because=RULE)
    rule: str | None = said(OwnRule("try_again"), "your own rule for the share that tries again (docs/own-rules.md)", or_none=True)


@dataclass(frozen=True, kw_only=True)
class Orders:
    """Issues that arise from orders."""

    question: float = said(Share(), "share of orders about which a question comes before delivery", default=0.0)
    late: float = said(Share(), "share of late orders about which the customer asks", default=0.0)
    faulty: float = said(Share(), "share of faulty orders about which the customer complains", default=0.0)
    returned: float = said(Share(), "share of returned orders about which the customer asks", default=0.0)
    enter: dict[str, float] = said(Shares(of="channel with help"), "first channel of these issues")


@dataclass(frozen=True, kw_only=True)
class Issue:
    """Journeys of goal issue."""

    retry: Retry | None = said(Block(Retry), "absent: nobody tries again", or_none=True)
    orders: Orders | None = said(Block(Orders), "issues that arise from orders; absent: none", or_none=True)


@dataclass(frozen=True, kw_only=True)
class Journey:
    """What follows a touch, by goal; None: nothing does."""

    markov: Markov | None = said(Block(Markov, _markov_rule), "journeys by switch matrix", or_none=True)
    issue: Issue | None = said(Block(Issue), "journeys that settle an issue", or_none=True)
    shop: ShopJourney | None = said(SHOP_JOURNEY, "journeys of shoppers", or_none=True)


JOURNEY = Block(Journey)
