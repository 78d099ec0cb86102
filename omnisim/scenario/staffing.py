"""Who serves: pools of individual agents, their skills, and the two routing decisions."""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

from dataclasses import dataclass
from typing import Any

from .blocks import NAME, NAME_WORDS, RULE, Block, Listed, Names, said
from .daymaps import Agents, ClockMap
from .kinds import Duration, Json, Kind, Money, Number, Plain, Reading, Whole
from .people import SHIFTS, Adherence, Outsourced, Shift, Shrinkage, Training, check_pool
from .textkinds import Line, Word
from .tree import Map, Node, Seq, found, join

_FACTOR = Number(low=0.0, open_low=True, high=100.0)


@dataclass(frozen=True)
class Slowdown(Kind[tuple[float, ...]]):
    """Factors of handling time with 1, 2, ... contacts in hand; a list longer than the concurrency is no harm."""

    bound: str = "a list; each more than 0 and at most 100; at least as many as `concurrency`"

    def read(self, node: Node, path: str, cx: Reading) -> tuple[float, ...]:
        if not isinstance(node, Seq) or not node.items:
            self.refuse(node, path, cx, "a list of factors is needed, one for each number of contacts in hand")
        return tuple(_FACTOR.read(v, join(path, i), cx) for i, v in enumerate(node.items))

    def plain(self, value: tuple[float, ...], currency: str = "USD") -> Plain:
        return [_FACTOR.plain(f) for f in value]

    def schema(self, partial: bool = False) -> Json:
        return {"type": "array", "items": _FACTOR.schema(), "minItems": 1}


@dataclass(frozen=True, kw_only=True)
class Overflow:
    """When a skill, or a further slot, may be used: as soon as one of the two holds.  Times in s; None: not for that reason."""

    after: float | None = said(Duration(), "when the channel's oldest waiting contact has waited this long", or_none=True)
    above: int | None = said(
        Whole(0, 10_000_000, unit="contacts"), "when more than this many wait there, counting who just arrives", or_none=True
    )


def _overflow_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    if "after" not in node.items and "above" not in node.items and not cx.incomplete:
        cx.problem(node.key or node.pos, path, "has neither after nor above; at least one is needed")


@dataclass(frozen=True, kw_only=True)
class Skill:
    """How a pool serves one channel."""

    priority: int = said(Whole(1, 1000, "rank"), "which waiting contact a freed agent takes: 1 comes first", default=1, because=RULE)
    preference: int = said(
        Whole(1, 1000, "rank"), "which pool an arriving contact asks first: 1 comes first; absent: as priority", or_none=True
    )
    speed: float = said(Number(open_low=True, high=100.0), "handling times are divided by this", default=1.0)
    concurrency: int = said(Whole(1, 1000, "contacts"), "contacts one agent may have in hand", default=1)
    slowdown: tuple[float, ...] | None = said(
        Slowdown(), "factors of handling time with 1, 2, ... contacts in hand; absent: one contact does not slow another", or_none=True
    )
    weight: float = said(Number(open_low=True, high=1e6), "what a second of waiting counts here (contact: weighted_wait)", default=1.0)
    overflow: Overflow | None = said(
        Block(Overflow, _overflow_rule), "the pool only helps out here: when contacts have waited long, or many wait; absent: always",
        or_none=True,
    )  # fmt: skip
    join: Overflow | None = said(
        Block(Overflow, _overflow_rule), "an agent with something in hand takes one more from here only when contacts have waited long, or "
        "many wait; absent: whenever he has a slot", or_none=True,
    )  # fmt: skip


def _skill_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    if not values.get("preference") and "priority" in values:
        values["preference"] = values["priority"]
    factors, most = values.get("slowdown"), values.get("concurrency", 1)
    if factors and len(factors) < most:
        here = node.items["slowdown"]
        cx.problem(
            here.pos, join(path, "slowdown"), f"found {found(here)}; one factor for each number in hand is needed: concurrency is {most}"
        )


_SKILLS = Names(Block(Skill, _skill_rule), "channel", merges=True, least=1)


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Agents who are alike.  `agents`: a number, one entry an interval, or a `ClockMap` (or None, with `shifts`).

    `wage`: currency per hour, or None.
    """

    agents: int | tuple[int, ...] | ClockMap | None = said(Agents(), "agents on duty; exactly one of agents, shifts", or_none=True)
    shifts: tuple[Shift, ...] | None = said(SHIFTS, "shifts with breaks; exactly one of agents, shifts", or_none=True)
    shrinkage: Shrinkage | None = said(Block(Shrinkage), "time rostered and not worked; absent: none", or_none=True)
    adherence: Adherence | None = said(Block(Adherence), "how they keep to their shifts; absent: to the second", or_none=True)
    training: Training | None = said(Block(Training), "what they are taught; absent: nothing", or_none=True)
    outsourced: Outsourced | None = said(Block(Outsourced), "agents of another firm; absent: one's own", or_none=True)
    at_shift_end: str = said(
        Word(("finish", "hand_over", "cut")),
        "what happens to the contact in hand when the shift ends",
        default="finish",
        because=RULE,
    )
    fill: str = said(
        Word(("spread", "stack")), "which agent of the pool takes a contact: who has the fewest in hand, or the most", default="spread",
        because=RULE,
    )  # fmt: skip
    wage: float | None = said(Money(per="h"), "paid per hour on duty; absent: unpaid", or_none=True)
    reserve: int = said(
        Whole(0, 10_000_000, unit="agents"), "an inbox contact is started only where so many of the pool stay idle for live work", default=0
    )
    skills: dict[str, Skill] = said(_SKILLS, "the channels they serve")


AGENT_RULES = ("preference", "least_loaded", "random", "specialist_first")
CONTACT_RULES = ("priority", "longest_wait", "weighted_wait", "ageing")


@dataclass(frozen=True, kw_only=True)
class Routing:
    """The two decisions of routing.  Times in s."""

    agent: str = said(Word(AGENT_RULES), "which agent takes an arriving contact", default="preference", because=RULE)
    contact: str = said(Word(CONTACT_RULES), "which waiting contact a freed agent takes", default="priority", because=RULE)
    ageing: float | None = said(
        Duration(), "waiting that improves a contact's priority by 1 (contact: ageing, where it is required)", or_none=True
    )


def _routing_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    ages = values.get("contact") == "ageing"
    if ages and "ageing" not in node.items and not cx.incomplete:
        cx.problem(node.items["contact"].pos, join(path, "ageing"), "is required and missing: how much waiting makes up for one priority")
    if "ageing" in node.items and values.get("ageing") is not None and not ages:
        at = node.items["ageing"]
        cx.problem(at.key or at.pos, join(path, "ageing"), f"belongs to contact: ageing; this routing's contact is {values.get('contact')}")


@dataclass(frozen=True, kw_only=True)
class Trunk:
    """Lines that channels share: held by those who wait or talk there, not during wrap-up."""

    channels: tuple[str, ...] = said(
        Listed(Line(64, NAME, NAME_WORDS), "channels", lambda c: c), "live channels whose contacts hold these lines"
    )
    limit: int = said(Whole(0, 10_000_000, unit="lines"), "who arrives with all of them taken is blocked")


_POOLS = Names(Block(Pool, check_pool, (frozenset({"agents", "shifts"}),)), "pool", merges=True, least=1)
_TRUNKS = Names(Block(Trunk), "trunk", merges=True, least=0)


@dataclass(frozen=True, kw_only=True)
class Staffing:
    """Pools by name, in sorted order."""

    routing: Routing = said(Block(Routing, _routing_rule), "the two decisions", default=Routing, because=RULE)
    pools: dict[str, Pool] = said(_POOLS, "pools of agents")
    trunks: dict[str, Trunk] = said(_TRUNKS, "lines that channels share; absent: no limit", default=dict)


STAFFING = Block(Staffing)


def check_lists(staffing: Staffing, node: Map, path: str, cx: Reading, horizon: float, interval: float | None) -> None:
    """Lists by interval fit the intervals of the horizon, or of a day."""
    for name, pool in staffing.pools.items():
        if not isinstance(pool.agents, tuple):
            continue
        here = f"{path}.pools.{name}.agents"
        block = node.items["pools"]
        assert isinstance(block, Map)
        one = block.items[name]
        assert isinstance(one, Map)
        at = one.items["agents"]
        if interval is None:
            cx.problem(at.pos, here, f"found {found(at)} by interval; clock.interval is needed to say how long each holds")
            continue
        allowed = lengths(horizon, interval)
        if len(pool.agents) not in allowed:
            words = " or ".join(f"{n} ({what})" for n, what in allowed.items())
            cx.problem(at.pos, here, f"found {found(at)}; one entry an interval is needed: {words}")


def lengths(horizon: float, interval: float) -> dict[int, str]:
    """The allowed lengths of a list by interval; the last interval of the horizon may be short.

    >>> lengths(172800.0, 1800.0)
    {96: 'of the horizon', 48: 'of a day'}
    """
    from math import ceil

    out = {ceil(horizon / interval - 1e-9): "of the horizon"}
    a_day = 86400 / interval
    if a_day >= 1 and abs(a_day - round(a_day)) < 1e-9:
        out.setdefault(round(a_day), "of a day")
    return out
