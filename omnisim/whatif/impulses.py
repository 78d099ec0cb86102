"""What may happen to a plan: each impulse is the same scenario with one thing changed, said in words.

    more_demand   everybody comes, and so many more of the same kind           one_fewer   one agent fewer in a pool, all day
    bot_down      the bots of all channels are down                            hub_down    nothing follows a customer meanwhile
    campaign      a mail to customers nobody told the planner of: most come in the first hour

Extra customers come in sources of their own, so those who come anyway keep their moments and their luck: differences are paired.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from omnisim.scenario.daymaps import Batches, ClockMap
from omnisim.scenario.problem import Problem, ScenarioError, listing, nearest, short
from omnisim.scenario.times import clock_text
from omnisim.scenario.units import DURATIONS, WEEK, Unreadable, duration_text, in_base, split

if TYPE_CHECKING:
    from omnisim.scenario import Scenario
    from omnisim.scenario.demand import Stream
    from omnisim.scenario.people import Shift

HOUR = 3600.0
# When people follow a mail, of all who do: 33.6 % within an hour, 51.4 % within three, 81 % within a day (GetResponse, 5.5 billion mails,
# July 2019 to June 2020: clicks, grade B; that people turn to the firm when they click is an assumption).  Hours, times the first hour's.
ECHO = ((0, 1, 1.0), (1, 3, (0.514 - 0.336) / 2 / 0.336), (3, 24, (0.81 - 0.514) / 21 / 0.336))
QUARTER = 900.0
When = Callable[[float], datetime]  # length of an outage, s -> when it hurts most


@dataclass(frozen=True)
class Impulse:
    """One thing that may happen.  `words`: what; `scenario`: the plan with it; `begin`, `end`: when, where it does not last all day."""

    name: str
    words: str
    scenario: Scenario
    begin: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class Skipped:
    """One thing that cannot happen to this scenario, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class Kind:
    """A kind of impulse: its usual size, how a size is read, and how it is made."""

    size: float
    read: Callable[[str], float]
    make: Callable[[Scenario, float, When], list[Impulse | Skipped]]
    words: str


def _percent(text: str) -> float:
    value, unit = split(text)
    if unit != "%" or not 0 < value <= 1000:
        raise Unreadable("is no percentage above 0 %")
    return float(value / 100)


def _length(text: str) -> float:
    value = in_base(text, DURATIONS)
    if not 0.0 < value <= WEEK:
        raise Unreadable("is no time above 0 s and up to a week")
    return value


def _agents(text: str) -> float:
    value, unit = split(text)
    if unit not in ("", "agents") or value < 1 or value.denominator != 1:
        raise Unreadable("is no whole number of agents from 1 on")
    return float(value)


def chosen(names: Sequence[str]) -> dict[str, float]:
    """Names and sizes, as `campaign` or `hub_down=3 h`; none named: all of them in their usual size.  Raises ScenarioError."""
    found: dict[str, float] = {}
    problems = []
    for n, text in enumerate(names, 1):
        name, equals, size = (part.strip() for part in text.partition("="))
        if name not in KINDS:
            words = f"found {short(name)}; allowed are: {listing(KINDS)}{nearest(name, KINDS)}"
            problems.append(Problem("--if", n, 1, short(text), words))
            continue
        try:
            found[name] = KINDS[name].read(size) if equals else KINDS[name].size
        except Unreadable as e:
            problems.append(Problem("--if", n, len(name) + 2, name, f"found {short(size)}, which {e}; {KINDS[name].words}"))
    if problems:
        raise ScenarioError(problems)
    return found or {name: kind.size for name, kind in KINDS.items()}


def impulses(scenario: Scenario, sizes: Mapping[str, float], when: When) -> list[Impulse | Skipped]:
    """Every impulse of these sizes on a scenario, in the order of KINDS."""
    return [made for name, kind in KINDS.items() if name in sizes for made in kind.make(scenario, sizes[name], when)]


def _more_demand(s: Scenario, size: float, when: When) -> list[Impulse | Skipped]:
    """The same surges on a larger crowd; batches grow."""
    begin, end = s.clock.start, s.clock.start + timedelta(seconds=s.clock.horizon)
    changes: dict[str, Any] = {}
    for name, stream in s.demand.items():
        if stream.at:
            grown = {key: float(count) * (1.0 + size) for key, count in _batches(stream).items()}
            changes[f"demand.{name}.at"] = grown
            continue
        changes[f"demand.{name}.surge"] = multiplied(stream, [(begin, end, 1.0 + size)])
    return [Impulse("more_demand", f"{100 * size:g} % more demand, all day", s.with_(changes))]


def _batches(stream: Stream) -> Mapping[str, Any]:
    plain = Batches().plain(stream.at or ())
    assert isinstance(plain, Mapping)
    return plain


def multiplied(stream: Stream, spans: Sequence[tuple[datetime, datetime, float]]) -> list[dict[str, Any]]:
    """The surges under which so many times as many come in each span as would come otherwise, whatever surges there are.

    Above 1 the surges that are there grow with the rest; below 1 everybody stays away with the same chance.
    """
    more = [(a, b, f - 1.0) for a, b, f in spans if f > 1.0]
    for a, b, f in spans:
        own = [s for s in stream.surge if s.factor > 1.0 and f > 1.0]
        more += [(max(a, s.from_), min(b, s.to), (f - 1.0) * (s.factor - 1.0)) for s in own]
    fewer = [{"from": a, "to": b, "factor": f} for a, b, f in spans if f < 1.0]
    return surged(stream, more) + fewer


def surged(stream: Stream, more: Sequence[tuple[datetime, datetime, float]]) -> list[dict[str, Any]]:
    """The surges of a stream with `more` on top: between two moments so many times the usual rate comes besides.

    Two surges over the very same time are one: they would bring the same people twice.
    """
    factors: dict[tuple[datetime, datetime], float] = {}
    for surge in stream.surge:
        if surge.factor > 1.0:
            factors[surge.from_, surge.to] = factors.get((surge.from_, surge.to), 1.0) + surge.factor - 1.0
    for begin, end, extra in more:
        if extra > 0.0 and begin < end:
            factors[begin, end] = factors.get((begin, end), 1.0) + extra
    fewer = [(surge.from_, surge.to, surge.factor) for surge in stream.surge if surge.factor <= 1.0]
    spans = [*((a, b, f) for (a, b), f in factors.items()), *fewer]
    return [{"from": a, "to": b, "factor": f} for a, b, f in sorted(spans)]


def _one_fewer(s: Scenario, size: float, when: When) -> list[Impulse | Skipped]:
    """One impulse a pool."""
    n = int(size)
    who = "one agent" if n == 1 else f"{n} agents"
    found: list[Impulse | Skipped] = []
    for name, pool in (s.staffing.pools if s.staffing else {}).items():
        base = f"staffing.pools.{name}"
        if pool.shifts:
            taken = spread_out(pool.shifts)
            changes: dict[str, Any] = {f"{base}.shifts.{i}.agents": max(0, pool.shifts[i].agents - n) for i in taken}
            words = f"{who} fewer in {name}, on shifts that together cover the day"
        elif isinstance(pool.agents, ClockMap):
            changes = {f"{base}.agents": {clock_text(t): max(0, v - n) for t, v in pool.agents.points}}
            words = f"{who} fewer in {name}, all day"
        else:
            given = pool.agents if isinstance(pool.agents, tuple) else pool.agents or 0
            less: Any = [max(0, v - n) for v in given] if isinstance(given, tuple) else max(0, given - n)
            changes = {f"{base}.agents": less}
            words = f"{who} fewer in {name}, all day"
        found.append(Impulse(f"one_fewer.{name}", words, s.with_(changes)))
    return found or [Skipped("one_fewer", "nobody serves in this scenario")]


def spread_out(shifts: Sequence[Shift]) -> list[int]:
    """Few shifts that together are on duty whenever any of them is: the one that ends last goes on where the one before ends.

    Taking one agent off each of them is one agent fewer at any time (two where they overlap).
    """
    slots = [_slots(shift) for shift in shifts]
    order = [i for i in sorted(range(len(shifts)), key=lambda i: (shifts[i].start, -shifts[i].length)) if shifts[i].agents > 0]
    left = set().union(*(slots[i] for i in order)) if order else set()
    taken = []
    while left:
        first = min(left)
        here = max((i for i in order if first in slots[i]), key=lambda i: (len(slots[i] & left), shifts[i].length))
        taken.append(here)
        left -= slots[here]
    return sorted(taken)


def _slots(shift: Shift) -> set[int]:
    """Quarter hours of the week in which a shift is on duty, from Monday 00:00."""
    n = math.ceil(shift.length / QUARTER)
    week = int(WEEK / QUARTER)
    return {(int((day * 86400.0 + shift.start) / QUARTER) + k) % week for day in shift.days for k in range(n)}


def _outage(s: Scenario, begin: datetime, length: float) -> tuple[datetime, list[dict[str, datetime]]]:
    end = min(begin + timedelta(seconds=length), s.clock.start + timedelta(seconds=s.clock.horizon))
    return end, [{"from": begin, "to": end}]


def _bot_down(s: Scenario, size: float, when: When) -> list[Impulse | Skipped]:
    bots = [name for name, channel in s.channels.items() if channel.bot is not None]
    if not bots:
        return [Skipped("bot_down", "no channel has a bot")]
    begin = when(size)
    end, down = _outage(s, begin, size)
    changes: dict[str, Any] = {}
    for name in bots:
        bot = s.channels[name].bot
        assert bot is not None
        changes[f"channels.{name}.bot.down"] = [*({"from": d.from_, "to": d.to} for d in bot.down), *down]
    words = f"the bot of {', '.join(bots)} down for {duration_text(size)} from {begin:%H:%M}"
    return [Impulse("bot_down", words, s.with_(changes), begin, end)]


def _hub_down(s: Scenario, size: float, when: When) -> list[Impulse | Skipped]:
    context = s.context
    if context is None or not any(share > 0.0 for row in context.link.values() for share in row.values()):
        return [Skipped("hub_down", "nothing follows a customer from one medium to another: there is no hub")]
    begin = when(size)
    end, down = _outage(s, begin, size)
    changes = {"context.hub.down": [*({"from": d.from_, "to": d.to} for d in context.hub.down), *down]}
    return [Impulse("hub_down", f"the hub down for {duration_text(size)} from {begin:%H:%M}", s.with_(changes), begin, end)]


def _campaign(s: Scenario, size: float, when: When) -> list[Impulse | Skipped]:
    begin = when(HOUR)
    last = s.clock.start + timedelta(seconds=s.clock.horizon)
    spans = [(begin + timedelta(hours=a), min(begin + timedelta(hours=b), last), size * part) for a, b, part in ECHO]
    more = [(a, b, extra) for a, b, extra in spans if a < b]
    changes: dict[str, Any] = {f"demand.{name}.surge": surged(stream, more) for name, stream in s.demand.items() if not stream.at}
    if not changes:
        return [Skipped("campaign", "all demand comes in batches")]
    words = f"a mail campaign nobody announced, sent at {begin:%H:%M}: {100 * size:g} % more in the first hour, then less"
    return [Impulse("campaign", words, s.with_(changes), begin, more[-1][1])]


KINDS: dict[str, Kind] = {
    "more_demand": Kind(0.20, _percent, _more_demand, "how much more comes, such as more_demand=30 %"),
    "one_fewer": Kind(1.0, _agents, _one_fewer, "how many agents fewer, such as one_fewer=2"),
    "bot_down": Kind(2 * HOUR, _length, _bot_down, "how long, such as bot_down=1 h"),
    "hub_down": Kind(2 * HOUR, _length, _hub_down, "how long, such as hub_down=3 h"),
    "campaign": Kind(1.0, _percent, _campaign, "how much more comes in the first hour, such as campaign=50 %"),
}
