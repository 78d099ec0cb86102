"""A bot before the agents of a channel: what it solves, what it only closes, to whom it hands over.

customer --> bot --> solved | closed without being solved | handed to agents, with or without what was said
"""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

from dataclasses import dataclass

from .amounts import Amount
from .blocks import RULE, Block, said
from .context import OUTAGES, Down
from .kinds import Number, Share
from .laws import Law, LawKind
from .shares import Shares
from .textkinds import Flag, Line

NOBODY = "nobody"
NEEDS = ("question", "late", "faulty", "return", "collect")  # that arise from orders; the first need is known by its stream


@dataclass(frozen=True, kw_only=True)
class Learning:
    """A bot gets better with what it has handled: containment x (1 - (1 - start) x exp(-conversations / scale))."""

    start: float = said(Share(), "containment of the first conversation, as a share of `contain`")
    scale: float = said(
        Number(low=0.0, open_low=True, high=1e9, unit="conversations"), "conversations after which 63 % of what there is to learn is learnt"
    )


@dataclass(frozen=True, kw_only=True)
class Bot:
    """A bot that talks to everybody at once.  Times in s, money in currency units."""

    time: Law = said(LawKind(), "length of a conversation with the bot")
    contain: float = said(Share(), "share of conversations that the bot solves (once practised)")
    reasons: dict[str, float] = said(
        Shares(of="reason", total="any", least=0),
        "the same for one reason: a stream, or what arises from an order (question, late, faulty, return, collect)",
        default=dict,
    )
    false_closure: float = said(Share(), "share of what it does not solve that it closes all the same", default=0.0)
    escalate: str | None = said(Line(64), "channel whose agents get the rest, or `nobody`; absent: this channel", or_none=True)
    context: bool = said(Flag(), "true: what was said to the bot is in the medium's memory", default=True, because=RULE)
    hard: float = said(
        Number(low=0.0, open_low=True, high=100.0), "handling of what it hands over is longer by this factor: it keeps the short ones",
        default=1.0,
    )  # fmt: skip
    learning: Learning | None = said(Block(Learning), "containment grows with what it has handled; absent: practised at once", or_none=True)
    cost: float = said(Amount(), "paid per conversation", default=0.0)
    down: tuple[Down, ...] = said(OUTAGES, "outages: straight to the agents", default=())


BOT = Block(Bot)
