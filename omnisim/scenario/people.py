"""People of a pool: shifts with breaks, time that is rostered and not worked, training, and pools of another firm.

    shifts: [{start: "08:00", length: 8 h, agents: 12, days: Mon-Fri, breaks: [{after: 2 h, length: 15 min, paid: true}]}]

With any of these the agents of a pool are individuals with a roster of their own (see `omnisim.rosters`).
"""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

import itertools
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import hours, times
from .amounts import Amount
from .blocks import RULE, Block, Listed, said
from .daymaps import MOST_AGENTS
from .kinds import Duration, Json, Kind, Money, Number, Plain, Reading, Share, Whole
from .laws import Law, LawKind
from .textkinds import Flag, Moment, Word
from .tree import Leaf, Map, Node, Seq, found, join
from .units import DAY, Unreadable

WEEKDAYS = tuple(range(7))


@dataclass(frozen=True)
class Clock(Kind[float]):
    """A time of day, in seconds after midnight."""

    unit: str = "time of day"
    bound: str = "'00:00' to '23:59'"

    def read(self, node: Node, path: str, cx: Reading) -> float:
        if not isinstance(node, Leaf) or not isinstance(node.value, str):
            self.refuse(node, path, cx, "a time of day is needed, such as '08:30'")
        try:
            return times.second_of_day(node.value)
        except Unreadable as e:
            cx.refuse(node.pos, path, f"found {found(node)}, which {e}; a time of day is needed, such as '08:30'")

    def plain(self, value: float, currency: str = "USD") -> Plain:
        return times.clock_text(value)

    def schema(self, partial: bool = False) -> Json:
        return {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"}


@dataclass(frozen=True)
class Days(Kind[tuple[int, ...]]):
    """Days of the week, Monday 0."""

    unit: str = "days"
    bound: str = "such as 'Mon-Fri' or 'Sat, Sun'"

    def read(self, node: Node, path: str, cx: Reading) -> tuple[int, ...]:
        if not isinstance(node, Leaf) or not isinstance(node.value, str):
            self.refuse(node, path, cx, "days are needed, such as 'Mon-Fri' or 'Sat, Sun'")
        try:
            return hours.days(node.value)
        except Unreadable as e:
            cx.refuse(node.pos, path, f"found {found(node)}, which {e}; days are needed, such as 'Mon-Fri' or 'Sat, Sun'")

    def plain(self, value: tuple[int, ...], currency: str = "USD") -> Plain:
        return ", ".join(hours.DAYS[d] for d in value)

    def schema(self, partial: bool = False) -> Json:
        return {"type": "string", "minLength": 3}


@dataclass(frozen=True, kw_only=True)
class Break:
    """A break within a shift.  Who is busy when it begins finishes first; it ends when it was to end."""

    after: float = said(Duration(high=DAY), "time from the start of the shift")
    length: float = said(Duration(high=DAY), "how long")
    paid: bool = said(Flag(), "whether it is paid", default=False, because=RULE)


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Some agents who work the same hours on some days of the week."""

    start: float = said(Clock(), "when it begins")
    length: float = said(Duration(high=DAY, open_low=True), "from coming to leaving, breaks included")
    agents: int = said(Whole(0, MOST_AGENTS, "agents"), "agents on the roster")
    days: tuple[int, ...] = said(Days(), "days on which it begins", default=WEEKDAYS, because=RULE)
    breaks: tuple[Break, ...] = said(Listed(Block(Break), "breaks", lambda b: (b.after, b.length)), "breaks; absent: none", default=())


def _shift_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    """Breaks lie within the shift and one after the other."""
    length, breaks = values.get("length"), values.get("breaks", ())
    at = node.items.get("breaks")
    if length is None or at is None:
        return
    over = next((b for b in breaks if b.after + b.length > length), None)
    if over is not None:
        words = Duration().text(over.after + over.length)
        cx.problem(at.pos, join(path, "breaks"), f"a break ends {words} after the start; the shift is {Duration().text(length)} long")
    if any(a.after + a.length > b.after for a, b in itertools.pairwise(breaks)):
        cx.problem(at.pos, join(path, "breaks"), "a break begins before the one before it has ended")


SHIFTS = Listed(Block(Shift, _shift_rule), "shifts", most=200)


@dataclass(frozen=True, kw_only=True)
class Shrinkage:
    """Time on the roster that is not worked, beside breaks."""

    planned: float = said(Share(), "share of agents who are in training or meetings, paid", default=0.0)
    absence: float = said(Share(), "chance that an agent is absent on a day", default=0.0)
    absence_cv: float = said(Number(high=10.0), "spread of a day's common factor of the chance (gamma, mean 1)", default=0.0)
    absence_paid: bool = said(Flag(), "whether the absent are paid", default=True, because=RULE)


@dataclass(frozen=True, kw_only=True)
class Adherence:
    """How agents keep to their shifts.  The time they miss is paid."""

    late: Law | None = said(LawKind(), "how late an agent comes to a shift; absent: never", or_none=True)
    early: Law | None = said(LawKind(), "how much earlier he leaves; absent: never", or_none=True)


@dataclass(frozen=True, kw_only=True)
class Training:
    """What agents of a pool are taught, and what it costs."""

    share: float = said(Share(), "share of agents in training, paid; adds to `shrinkage.planned`", default=0.0)
    cost: float = said(Money(per="d"), "an agent on the roster and day", default=0.0)
    speed: float = said(Number(open_low=True, high=100.0), "handling times are divided by this", default=1.0)
    resolve: float = said(Number(high=100.0), "multiplies the chance that a contact settles the issue, up to 1", default=1.0)


@dataclass(frozen=True, kw_only=True)
class Ramp:
    """A pool that learns: from a start it grows to full speed and skill, by equal steps in equal times."""

    since: datetime | None = said(Moment(), "when it begins; absent: with the run", key="from", or_none=True)
    length: float = said(Duration(), "until it is over")
    speed: float = said(Number(open_low=True, high=1.0), "speed at the start", default=1.0)
    resolve: float = said(Share(), "skill at the start: multiplies the chance to settle the issue", default=1.0)


@dataclass(frozen=True, kw_only=True)
class Outsourced:
    """Agents of another firm: paid by price, not by wage."""

    price: float = said(Amount(), "what the other firm is paid")
    per: str = said(
        Word(("contact", "minute", "hour")),
        "for each handled contact, minute of talk and wrap-up, or paid hour",
        default="contact",
        because=RULE,
    )
    context: str = said(
        Word(("all", "own", "none")),
        "what its agents see of a customer: all, what their own medium holds, or nothing",
        default="all",
        because=RULE,
    )
    ramp: Ramp | None = said(Block(Ramp), "how it learns; absent: it knows all from the start", or_none=True)


def check_pool(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    """Exactly one of agents and shifts; no wage for agents of another firm."""
    if "agents" in node.items and "shifts" in node.items:
        at = node.items["shifts"]
        cx.problem(at.key or at.pos, join(path, "shifts"), "agents is given already; a pool has one of the two")
    elif not {"agents", "shifts"} & node.items.keys() and not cx.incomplete:
        cx.problem(node.key or node.pos, join(path, "agents"), "is required and missing: agents on duty (or shifts)")
    if "outsourced" in node.items and "wage" in node.items:
        at = node.items["wage"]
        cx.problem(at.key or at.pos, join(path, "wage"), "is not paid to agents of another firm; outsourced.price is")
    shifts = node.items.get("shifts")
    if isinstance(shifts, Seq) and not shifts.items:
        cx.problem(shifts.pos, join(path, "shifts"), "is empty; at least one shift is needed")
