"""What the firm remembers from one touch to the next: presets, links between media, effects and harms, the hub.

    what the file says  +  preset  ->  every channel's identify, every pair's link, every neutral setting filled in

Absent `context` means that there is none of it.  A `context` without a preset starts neutral: every contact is identified, no
medium is linked to another, nothing is lost.
"""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from .blocks import RULE, Block, Listed, Names, said
from .kinds import Duration, Money, Number, Reading, Share
from .presets import PRESET_KEYS, PRESETS
from .shares import Shares
from .textkinds import Flag, Moment, Word
from .tree import Map, at, found, join, place

LEVELS = ("L0", "L1", "L2", "L3", "L4")
_WEIGHT = Number(high=1e6, unit="weight")


@dataclass(frozen=True, kw_only=True)
class Weights:
    """How much each kind of remembered thing counts in completeness."""

    identity: float = said(_WEIGHT, "who the customer is", default=1.0)
    history: float = said(_WEIGHT, "what was bought and said before", default=1.0)
    cart: float = said(_WEIGHT, "what lies in the cart", default=1.0)
    issue: float = said(_WEIGHT, "the state of the issue", default=1.0)
    preference: float = said(_WEIGHT, "what the customer likes", default=1.0)


def _weights_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    if len(values) == 5 and not any(values.values()):
        cx.problem(node.key or node.pos, path, "all weights are 0; at least one must be more")


@dataclass(frozen=True, kw_only=True)
class Effects:
    """What missing context costs, each neutral by default; q is the completeness of a contact's context."""

    repeat_time: float = said(Duration(), "added to handling, times (1 - q)", default=0.0)
    lookup_time: float = said(Duration(), "added to handling of every contact with something to remember", default=0.0)
    resolution_loss: float = said(Share(), "relative loss of resolution, times (1 - q)", default=0.0)
    patience_factor: float = said(Number(high=100.0), "multiplies patience at each repetition of the story", default=1.0)
    contradiction_loss: float = said(Share(), "relative loss of resolution when answers contradict each other", default=0.0)
    purchase: float = said(Number(high=1000.0, unit="utility"), "utility of buying lost, times (1 - q) (goal shop)", default=0.0)
    cart_lost: float = said(Share(), "share of carts given up where a remembered cart is not there (goal shop)", default=0.0)


@dataclass(frozen=True, kw_only=True)
class Harms:
    """What integration costs, each neutral by default."""

    false_match: float = said(Share(), "chance that an identified contact is served a stranger's record", default=0.0)
    stale: float = said(Share(), "chance that a remembered history is out of date", default=0.0)
    wrong_record_time: float = said(Duration(), "added to handling when a stranger's or a stale record is served", default=0.0)
    wrong_record_loss: float = said(Share(), "relative loss of resolution then", default=0.0)
    consent_friction: float = said(Share(), "share of customers lost to consent and login", default=0.0)
    induced_contacts: float = said(Share(high=10.0), "further contacts that an easier contact induces, per contact", default=0.0)


@dataclass(frozen=True, kw_only=True)
class Down:
    """An outage of the hub, or of a bot."""

    from_: datetime = said(Moment(), "when the outage begins", key="from")
    to: datetime = said(Moment(), "when it ends; after `from`")


def _down_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    if "from_" in values and "to" in values and values["from_"] >= values["to"]:
        end = node.items["to"]
        cx.problem(end.pos, join(path, "to"), f"found {found(end)}; it must be after from, {found(node.items['from'])}")


OUTAGES = Listed(Block(Down, _down_rule), "outages", lambda d: (d.from_, d.to))


@dataclass(frozen=True, kw_only=True)
class Hub:
    """The system that shares context.  `cost`: currency per day."""

    cost: float = said(Money(per="d", unit="currency/day"), "running cost", default=0.0)
    down: tuple[Down, ...] = said(OUTAGES, "outages", default=())


@dataclass(frozen=True, kw_only=True)
class Context:
    """Fully resolved: `identify` holds every channel, `link` every ordered pair of distinct media."""

    preset: str | None = said(Word(tuple(PRESETS)), "sets identify, link, latency, coherence and the hub's cost", or_none=True)
    identify: dict[str, float] = said(
        Shares(of="channel or medium", total="any", least=0), "chance that a contact is identified; absent: preset, or 1", default=dict
    )
    link: dict[str, dict[str, float]] = said(
        Names(Shares(of="medium", total="any", least=0), "medium", merges=True),
        "share of items that follow from one medium to another; absent: preset, or 0",
        default=dict,
    )
    level: str | None = said(
        Word(LEVELS),
        "kinds that links carry: L0 none, L1 identity, L2 + history, preference, L3 + cart, L4 + issue; absent: all",
        or_none=True,
    )
    latency: float = said(Duration(), "age an item must have before it is seen elsewhere", default=0.0)
    time_to_live: float | None = said(Duration(), "age at which an item is forgotten; absent: never", or_none=True)
    half_life: float | None = said(Duration(open_low=True), "age at which half of the items are forgotten; absent: never", or_none=True)
    coherence: float = said(Share(), "chance that two media give the same answer", default=1.0)
    own_memory: float = said(Share(), "share of its own touches that a medium remembers", default=1.0)
    self_service_counts: bool = said(Flag(), "whether a self-service touch before an agent counts as a switch", default=True, because=RULE)
    weights: Weights = said(Block(Weights, _weights_rule), "how much each kind counts", default=Weights, because=RULE)
    effects: Effects = said(Block(Effects), "what missing context costs", default=Effects)
    harms: Harms = said(Block(Harms), "what integration costs", default=Harms)
    hub: Hub = said(Block(Hub), "the system that shares context", default=Hub)


def _rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    if "time_to_live" in node.items and "half_life" in node.items:
        second = node.items["half_life"]
        cx.problem(
            second.key or second.pos, join(path, "half_life"), "time_to_live is given already; an item dies by one of the two, not both"
        )
    for medium, row in values.get("link", {}).items():
        if medium in row:
            spot = place(node, f"link.{medium}.{medium}")
            cx.problem(spot, f"{path}.link.{medium}.{medium}", "a medium remembers its own touches by itself; use own_memory")


CONTEXT = Block(Context, _rule, (frozenset({"time_to_live", "half_life"}),))


def complete(said_: Context, node: Map, media: Mapping[str, str], foreign: Collection[str], cx: Reading) -> Context:
    """Fill in the preset and the neutral values.  `media`: the medium of each channel; `node`: what was said.

    `foreign`: channels of marketplaces that do not say who the customer is; no preset identifies anybody there or links them.
    """
    preset = PRESETS[said_.preset] if said_.preset else None
    others = sorted(set(media.values()))
    basic_identify, basic_link = (preset.identify, preset.link) if preset else (1.0, 0.0)
    identify = {c: said_.identify.get(c, said_.identify.get(m, basic_identify)) for c, m in sorted(media.items())}
    link = {a: {b: said_.link.get(a, {}).get(b, basic_link) for b in others if b != a} for a in others}
    if foreign:
        _keep_apart(identify, link, node, media, foreign, cx)
    out = replace(said_, identify=identify, link=link)
    if preset:
        if "latency" not in node.items:
            out = replace(out, latency=preset.latency)
        if "coherence" not in node.items:
            out = replace(out, coherence=preset.coherence)
        if at(node, "hub.cost") is None:
            out = replace(out, hub=replace(out.hub, cost=preset.hub_cost))
    return out


def _keep_apart(
    identify: dict[str, float],
    link: dict[str, dict[str, float]],
    node: Map,
    media: Mapping[str, str],
    foreign: Collection[str],
    cx: Reading,
) -> None:
    """Nobody is recognised on a foreign channel, and nothing follows to or from a medium that has no other; who says so is told."""
    apart = {m for m in media.values() if all(c in foreign for c in media if media[c] == m)}
    said_paths = [f"identify.{c}" for c in sorted({*foreign, *apart})]
    said_paths += [f"link.{a}.{b}" for a in link for b in link[a] if a in apart or b in apart]
    for path in said_paths:
        leaf = at(node, path)
        if leaf is not None and getattr(leaf, "value", 0) not in (0, "0 %"):
            here = f"context.{path}"
            cx.problem(
                leaf.key or leaf.pos, here, "a marketplace does not say who the customer is; see marketplace.identity of the channel"
            )
    identify.update(dict.fromkeys(foreign, 0.0))
    for a in link:
        for b in link[a]:
            link[a][b] = 0.0 if a in apart or b in apart else link[a][b]


def warn_beaten(context: Context, node: Map, main: str, cx: Reading) -> None:
    """Name every key that beats the preset; say so twice when it stands in a base file."""
    if not context.preset:
        return
    preset = PRESETS[context.preset]
    same = {
        "identify": all(v == preset.identify for v in context.identify.values()),
        "link": all(v == preset.link for row in context.link.values() for v in row.values()),
        "latency": context.latency == preset.latency,
        "time_to_live": context.time_to_live is None,
        "half_life": context.half_life is None,
        "coherence": context.coherence == preset.coherence,
        "hub.cost": context.hub.cost == preset.hub_cost,
    }
    for key in PRESET_KEYS:
        stands = at(node, key)
        if stands is not None and not same[key]:
            pos = stands.key or stands.pos
            message = f"is given and wins over preset {context.preset}"
            if pos.file != main and not pos.file.startswith("--set") and not pos.file.startswith("with_"):
                message += "; a base file should set no key that a preset sets"
            cx.warn(pos, f"context.{key}", message)
