"""Where customers are served: queues with people behind them, and self-service."""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from .amounts import Amount
from .blocks import NAME, NAME_WORDS, RULE, Block, Listed, Names, said
from .bots import BOT, Bot
from .hours import Spans
from .kinds import Duration, Number, Reading, Share, Whole
from .laws import Law, LawKind
from .shares import Divided, Shares
from .textkinds import Day, Flag, Hours, Line, Word
from .tree import Map, join

RESERVED = ("same", "free")
FORMULAS = (
    "answered_in_time_over_offered",
    "answered_in_time_over_answered",
    "excluding_short_abandons",
    "abandons_count_as_met",
)


@dataclass(frozen=True, kw_only=True)
class ServiceLevel:
    """How this queue's service level is counted.  Times in s."""

    within: float = said(Duration(), "a contact is in time when its wait is at most this")
    target: float | None = said(Share(), "the share the firm aims at; absent: none", or_none=True)
    formula: str = said(Word(FORMULAS), "which contacts count", default=FORMULAS[0], because=RULE)
    strict: bool = said(Flag(), "true: the wait must be less than `within`", default=False, because=RULE)
    short: float | None = said(Duration(), "an abandonment up to this is short; absent: as `within`", or_none=True)


@dataclass(frozen=True, kw_only=True)
class Announce:
    """How long it will be, said to who has to wait."""

    by: str = said(
        Word(("queue", "last_wait")),
        "queue: place in the line x mean handling / agents on duty; last_wait: how long the last one waited whom an agent took",
        default="queue", because=RULE,
    )  # fmt: skip
    factor: float = said(Number(open_low=True, high=1000.0), "who hears more than his patience x this gives up at once", default=1.0)


@dataclass(frozen=True, kw_only=True)
class LeaveMessage:
    """A message taken from who has waited long enough.  Times in s."""

    after: float = said(Duration(), "wait at which the message is taken")
    to: str | None = said(Line(64), "inbox where it goes; absent: nowhere, he may try again as after an abandoned contact", or_none=True)


@dataclass(frozen=True, kw_only=True)
class Offer:
    """When a call back is offered: as soon as one of the two holds.  Times in s."""

    wait_above: float | None = said(Duration(), "the wait to be expected is longer than this", or_none=True)
    queue_above: int | None = said(Whole(0, 10_000_000, unit="contacts"), "more than so many wait already", or_none=True)


def _offer_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    if values.get("wait_above") is None and values.get("queue_above") is None and not node.items:
        cx.problem(node.key or node.pos, path, "says nothing; name wait_above, queue_above or both")


@dataclass(frozen=True, kw_only=True)
class Callback:
    """A call back: who accepts leaves the line, waits without losing patience, and is called when an agent has time."""

    offer: Offer = said(Block(Offer, _offer_rule), "when it is offered to who has to wait")
    accept: float = said(Share(), "share that accepts")
    keep_place: bool = said(
        Flag(),
        "true: called when his turn would have come; false: behind all who hold the line, and behind the agents a pool keeps in reserve",
        default=False, because=RULE,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Help:
    """How a person is helped here.  Times in s; None: absent."""

    mode: str = said(
        Word(("live", "inbox")),
        "live: a queue with patience; inbox: answered later",
    )
    handling: Law = said(LawKind(clock=True), "time an agent talks or writes")
    wrap: Law | None = said(LawKind(clock=True), "after-contact work that keeps the agent; absent: none", or_none=True)
    patience: Law | None = said(
        LawKind(never=True, clock=True), "how long a customer waits; absent or never: without end (live)", or_none=True
    )
    queue_limit: int | None = said(
        Whole(0, 10_000_000, unit="contacts"), "waiting places; who finds them full is blocked; absent: no limit (live)", or_none=True
    )
    at_close: str = said(
        Word(("serve", "disconnect")), "what happens to those waiting when the channel closes (live)", default="serve", because=RULE
    )
    announce: Announce | None = said(Block(Announce), "the wait is announced to who has to wait; absent: not (live)", or_none=True)
    leave_message: LeaveMessage | None = said(
        Block(LeaveMessage), "who has waited so long leaves a message; absent: nobody does (live)", or_none=True
    )
    callback: Callback | None = said(Block(Callback), "who has to wait is offered a call back; absent: not (live)", or_none=True)
    resolve: float = said(Share(), "chance that an answered contact settles the issue", default=1.0)
    service_level: ServiceLevel | None = said(Block(ServiceLevel), "absent: no service level is counted", or_none=True)
    deadline: float | None = said(Duration(), "a reply is due within this; absent: no deadline (inbox)", or_none=True)
    missed: dict[str, float] = said(
        Shares(total="most_one", least=0), "at a missed deadline this share tries again there (inbox)", default=dict
    )
    withdraw: bool = said(Flag(), "true: who goes elsewhere takes the message back (inbox)", default=False, because=RULE)
    transfer: dict[str, float] = said(
        Shares(total="most_one", least=0), "when the talk ends this share is handed on to another channel at once", default=dict
    )
    transfer_context: bool = said(
        Flag(), "true: a warm transfer, what was said goes along; false: a cold one, it has to be told again", default=True, because=RULE
    )
    transfer_time: float = said(Duration(), "an agent's time for a warm transfer, beside the talk", default=0.0)


_ONLY_LIVE = ("patience", "queue_limit", "at_close", "announce", "leave_message", "callback")
_ONLY_INBOX = ("deadline", "missed", "withdraw")


def _help_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    mode = values.get("mode")
    for key in _ONLY_INBOX if mode == "live" else _ONLY_LIVE if mode == "inbox" else ():
        if key in node.items and not _neutral(key, values):
            at = node.items[key]
            cx.problem(
                at.key or at.pos, join(path, key), f"belongs to mode {'inbox' if mode == 'live' else 'live'}; this channel's mode is {mode}"
            )
    if mode == "inbox" and values.get("missed") and "deadline" not in node.items and not cx.incomplete:
        at = node.items["missed"]
        cx.problem(at.key or at.pos, join(path, "missed"), "needs a deadline that can be missed")
    if mode == "inbox" and values.get("withdraw") and not values.get("missed"):
        at = node.items["withdraw"]
        cx.warn(at.key or at.pos, join(path, "withdraw"), "has no effect without missed")
    if "transfer_time" in node.items and values.get("transfer_context") is False and values.get("transfer_time"):
        at = node.items["transfer_time"]
        cx.problem(at.key or at.pos, join(path, "transfer_time"), "belongs to a warm transfer; transfer_context is false here")
    if values.get("patience") and values["patience"].law == "never":
        values["patience"] = None  # one meaning, one form
    level = values.get("service_level")
    if level is not None and level.short is None:
        values["service_level"] = replace(level, short=level.within)


def _other_mode(value: Help) -> tuple[str, ...]:
    """The keys of the mode that this is not."""
    return _ONLY_INBOX if value.mode == "live" else _ONLY_LIVE


def _neutral(key: str, values: dict[str, Any]) -> bool:
    """A key of the other mode that says nothing."""
    value = values.get(key, "refused")
    return (
        value in (False, {})
        or (key == "patience" and isinstance(value, Law) and value.law == "never")
        or (key == "at_close" and value == "serve")
    )


@dataclass(frozen=True, kw_only=True)
class Browse:
    """Self-service: nobody helps, nobody waits."""

    time: Law = said(LawKind(), "length of a visit")
    resolve: float = said(Share(), "chance that a visit settles the issue", default=0.0)


@dataclass(frozen=True, kw_only=True)
class Device:
    """What visitors of a channel hold in their hands."""

    share: float = said(Share(), "share of visitors of this channel; the shares sum to 1")
    buy: float = said(Number(low=-1000.0, high=1000.0, unit="utility"), "utility of buying with it", default=0.0)
    pad: float = said(Number(high=10.0), "multiplies the share that fills baskets up to the free-shipping threshold", default=1.0)


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """What a marketplace takes for keeping, packing and sending the goods."""

    order: float = said(Amount(), "an order", default=0.0)
    item: float = said(Amount(), "an item", default=0.0)


@dataclass(frozen=True, kw_only=True)
class Marketplace:
    """Another firm's platform on which one sells."""

    commission: float = said(Share(), "share of sales that it takes", default=0.0)
    identity: bool = said(
        Flag(),
        "whether it says who the customer is; false: nobody is recognised there, nothing follows from or to there, no message goes out",
        default=False, because=RULE,
    )  # fmt: skip
    fulfilment: Delivered | None = said(
        Block(Delivered),
        "it keeps and sends the goods, for a fee in place of one's own picking and carriage; absent: one sends them",
        or_none=True,
    )


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One queue, or one place of self-service, or both.  `hours`: spans of the week in s from Monday 00:00; None: always."""

    medium: str = said(
        Line(64, NAME, NAME_WORDS), "what the customer sees it as; channels of one medium share context; absent: its own name", or_none=True
    )
    language: str | None = said(
        Line(32), "language of its agents: who speaks it and turns to the medium gets here; absent: for everybody else", or_none=True
    )
    hours: Spans | None = said(Hours(), "opening hours; absent: always open", or_none=True)
    closed_days: tuple[datetime, ...] = said(
        Listed(Day(), "days", lambda d: d), "days on which it stays shut, such as '2026-12-25'", default=()
    )
    believed_wait: float = said(Duration(), "wait a customer without experience expects here", default=0.0)
    help: Help | None = said(Block(Help, _help_rule, hide=_other_mode), "how a person is helped here", or_none=True)
    bot: Bot | None = said(BOT, "a bot that stands before the agents; absent: none", or_none=True)
    browse: Browse | None = said(Block(Browse), "self-service", or_none=True)
    sell: bool = said(Flag(), "whether one can buy here; its share of carts stands in journey.shop.cart", default=False)
    marketplace: Marketplace | None = said(Block(Marketplace), "it is another firm's platform; absent: one's own", or_none=True)
    devices: dict[str, Device] = said(Divided(Block(Device), "device"), "devices of shoppers; absent: all alike", default=dict)


def _channel_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    if "help" not in node.items and "browse" not in node.items and not cx.incomplete:
        cx.problem(node.key or node.pos, path, "has neither help nor browse; at least one is needed")
    if "bot" in node.items and "help" not in node.items and not cx.incomplete:
        at = node.items["bot"]
        cx.problem(at.key or at.pos, join(path, "bot"), "a bot stands before agents; the channel has no help")
    if "language" in node.items and "help" not in node.items and not cx.incomplete:
        at = node.items["language"]
        cx.problem(at.key or at.pos, join(path, "language"), "agents speak a language; the channel has no help")
    if "marketplace" in node.items and values.get("sell") is False and not cx.incomplete:
        at = node.items["marketplace"]
        cx.problem(at.key or at.pos, join(path, "marketplace"), "one sells on a marketplace; say sell: true")
    if not values.get("medium"):
        values["medium"] = path.rpartition(".")[2]  # a channel is its own medium unless it names one


CHANNELS = Names(Block(Channel, _channel_rule), "channel", merges=True, least=1, reserved=RESERVED)
