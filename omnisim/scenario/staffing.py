"""Who serves: pools of individual agents, their skills, and the two routing decisions."""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

from dataclasses import dataclass
from typing import Any

from .blocks import RULE, Block, Names, said
from .daymaps import Agents, ClockMap
from .kinds import Json, Kind, Money, Number, Plain, Reading, Whole
from .textkinds import Word
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
    """Agents who are alike.  `agents`: a number, one entry an interval, or a `ClockMap`.  `wage`: currency per hour, or None."""

    agents: int | tuple[int, ...] | ClockMap = said(Agents(), "agents on duty")
    at_shift_end: str = said(
        Word(("finish",), {"hand_over": "handing over at shift end comes later", "cut": "cutting at shift end comes later"}),
        "what happens to the contact in hand when the shift ends",
        default="finish",
        because=RULE,
    )
    wage: float | None = said(Money(per="h"), "paid per hour on duty; absent: unpaid", or_none=True)
    skills: dict[str, Skill] = said(_SKILLS, "the channels they serve")


@dataclass(frozen=True, kw_only=True)
class Routing:
    """The two decisions of routing."""

    agent: str = said(Word(("preference", "least_loaded")), "which agent takes an arriving contact", default="preference", because=RULE)
    contact: str = said(Word(("priority", "longest_wait")), "which waiting contact a freed agent takes", default="priority", because=RULE)


_POOLS = Names(Block(Pool), "pool", merges=True, least=1)


@dataclass(frozen=True, kw_only=True)
class Staffing:
    """Pools by name, in sorted order."""

    routing: Routing = said(Block(Routing), "the two decisions", default=Routing, because=RULE)
    pools: dict[str, Pool] = said(_POOLS, "pools of agents")


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
