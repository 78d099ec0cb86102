"""A scenario as the numbers of a queue, all in seconds; whatever an exact model cannot know is an obstacle, never passed over.

    Scenario --read--> Facts: channels with arrivals by time, pools with agents by time     or Stops: what stands in the way

A field that this module does not name stops too, unless it stands at its default: a mechanism that is added to the scenario is an
obstacle until somebody says here that a model knows it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from omnisim.calendars import staff_at
from omnisim.demand import build_sources
from omnisim.scenario import Scenario
from omnisim.scenario.blocks import default_of, key_of, said_fields
from omnisim.scenario.channels import Help
from omnisim.scenario.staffing import Skill
from omnisim.staffing.known.model import Obstacle, Stops

Steps = tuple[tuple[float, float], ...]  # (from second, value), the first at 0

# what an exact model may know of each block; the rest has to stand at its default
_WORLD = ("omnisim", "world", "name", "currency", "scale", "clock", "demand", "channels", "staffing", "journey", "rollout")
_STREAM = ("goal", "rate", "volume", "at", "profile", "surge", "enter")
_CHANNEL = ("medium", "believed_wait", "help")
_HELP = ("mode", "handling", "wrap", "patience", "queue_limit", "at_close", "resolve", "service_level", "deadline", "withdraw", "callback")
_POOL = ("agents", "wage", "skills", "at_shift_end", "reserve", "fill")
_SKILL = ("priority", "preference", "speed", "concurrency", "slowdown")
_ROUTING = ("agent", "contact")
_RETRY = ("after_abandoned", "after_unresolved", "delay", "channel")


@dataclass(frozen=True)
class Queue:
    """A channel: arrivals per s by time; how it is served; batch: customers who arrive together at second 0."""

    name: str
    rate: Steps
    help: Help
    goals: frozenset[str]
    batch: float = 0.0

    @property
    def steady(self) -> bool:
        return len(self.rate) == 1


@dataclass(frozen=True)
class Team:
    """A pool: agents by time, its skills by channel, and how many stay idle for live work."""

    name: str
    agents: Steps
    skills: Mapping[str, Skill]
    reserve: int = 0

    @property
    def steady(self) -> bool:
        return len(self.agents) == 1

    @property
    def size(self) -> int:
        return int(self.agents[0][1])


@dataclass(frozen=True)
class Facts:
    """What is left of a scenario: queues and teams by name, and the scenario for its clock and its journeys."""

    scenario: Scenario
    queues: Mapping[str, Queue]
    teams: Mapping[str, Team]
    alone: bool = True  # whether these are all queues of the scenario, so that totals are theirs

    @property
    def steady(self) -> bool:
        """Constant demand and staff, and a warm-up: what is measured is taken for the steady state."""
        c = self.scenario.clock
        constant = all(q.steady for q in self.queues.values()) and all(t.steady for t in self.teams.values())
        return constant and c.warmup > 0 and c.at_end == "cut" and self.scenario.world.busyness_cv == 0

    def scope(self, queue: Queue) -> dict[str, str]:
        """The scope of a channel's numbers: all of it, where there is one."""
        return {} if self.alone and len(self.queues) == 1 else {"channel": queue.name}

    def lines(self, names: set[str]) -> int | None:
        """Trunk lines of just these channels together, None where there are none; raises Stops for lines shared otherwise."""
        trunks = self.scenario.staffing.trunks if self.scenario.staffing else {}
        limits = [t.limit for t in trunks.values() if set(t.channels) & set(self.scenario.channels) == names]
        for name, trunk in trunks.items():
            if names & set(trunk.channels) and set(trunk.channels) & set(self.scenario.channels) != names:
                raise Stops(Obstacle(f"staffing.trunks.{name}", "lines are known where they belong to one queue and no other"))
        return min(limits) if limits else None

    def part(self, names: set[str]) -> "Facts":
        """These channels, and the pools that serve them."""
        queues = {n: q for n, q in self.queues.items() if n in names}
        return Facts(self.scenario, queues, self._serving(names), self.alone and len(queues) == len(self.queues))

    def busy(self) -> "Facts":
        """Without channels where nobody ever arrives."""
        queues = {n: q for n, q in self.queues.items() if q.batch > 0 or any(rate > 0 for _, rate in q.rate)}
        return Facts(self.scenario, queues, self._serving(set(queues)))

    def _serving(self, names: set[str]) -> dict[str, Team]:
        """The pools that serve any of these channels, without their other skills."""
        some = {n: {c: k for c, k in t.skills.items() if c in names} for n, t in self.teams.items()}
        return {n: Team(n, t.agents, some[n], t.reserve) for n, t in self.teams.items() if some[n]}

    def parts(self) -> Iterator["Facts"]:
        """Groups of channels that share no agent."""
        left = set(self.queues)
        while left:
            group = {min(left)}
            for _ in self.teams:
                group |= {c for t in self.teams.values() if group & set(t.skills) for c in t.skills}
            left -= group
            yield self.part(group)


def read(s: Scenario) -> Facts:
    """The facts; raises Stops with every obstacle that does not depend on the model."""
    found = [*_strange(s, "", _WORLD), *_strange(s.world, "world", ("busyness_cv",)), *_demand(s), *_channels(s), *_staff(s), *_journey(s)]
    if found:
        raise Stops(*found)
    assert s.staffing is not None
    rates, batches, late = _arrivals(s)
    if late:
        raise Stops(*late)
    goals = {c: frozenset(d.goal for d in s.demand.values() if d.enter.get(c, 0.0) > 0) for c in s.channels}
    queues = {n: Queue(n, rates[n], c.help, goals[n], batches[n]) for n, c in s.channels.items() if c.help is not None}
    c = s.clock
    teams = {}
    for n, pool in s.staffing.pools.items():
        teams[n] = Team(n, _joined(staff_at(pool.agents, c.start, c.horizon, c.interval)), pool.skills, pool.reserve)
    return Facts(s, queues, teams)


def _strange(block: Any, path: str, known: tuple[str, ...]) -> Iterator[Obstacle]:
    """Fields of a block that no model knows and that are not at their default."""
    for f in said_fields(type(block)):
        value = getattr(block, f.name)
        if f.name not in known and value != default_of(f):
            what = f.metadata["text"].split(";")[0]
            yield Obstacle(f"{path}.{key_of(f)}".lstrip("."), f"no exact model knows it ({what})")


def _demand(s: Scenario) -> Iterator[Obstacle]:
    for name, stream in s.demand.items():
        yield from _strange(stream, f"demand.{name}", _STREAM)
        if stream.goal not in ("issue", "markov"):
            yield Obstacle(f"demand.{name}.goal", f"no exact model knows journeys of goal {stream.goal}")


def _channels(s: Scenario) -> Iterator[Obstacle]:
    for name, channel in s.channels.items():
        yield from _strange(channel, f"channels.{name}", _CHANNEL)
        if channel.help is not None:
            yield from _strange(channel.help, f"channels.{name}.help", _HELP)
            if not any(name in pool.skills for pool in (s.staffing.pools.values() if s.staffing else ())):
                yield Obstacle(f"channels.{name}", "no pool serves it")


def _staff(s: Scenario) -> Iterator[Obstacle]:
    if s.staffing is None:
        yield Obstacle("staffing", "nobody serves")
        return
    yield from _strange(s.staffing, "staffing", ("routing", "pools", "trunks"))
    yield from _strange(s.staffing.routing, "staffing.routing", _ROUTING)
    for name, pool in s.staffing.pools.items():
        yield from _strange(pool, f"staffing.pools.{name}", _POOL)
        if pool.at_shift_end != "finish":
            yield Obstacle(f"staffing.pools.{name}.at_shift_end", "the models let agents finish what they have in hand")
        agents: Any = pool.agents
        if agents is None:
            yield Obstacle(f"staffing.pools.{name}.agents", "only agents by number or by time are known")
        for channel, skill in pool.skills.items():
            yield from _strange(skill, f"staffing.pools.{name}.skills.{channel}", _SKILL)


def _journey(s: Scenario) -> Iterator[Obstacle]:
    yield from _strange(s.journey, "journey", ("markov", "issue"))
    if s.journey.issue is not None:
        yield from _strange(s.journey.issue, "journey.issue", ("retry",))
        if s.journey.issue.retry is not None:
            yield from _strange(s.journey.issue.retry, "journey.issue.retry", _RETRY)


def _arrivals(s: Scenario) -> tuple[dict[str, Steps], dict[str, float], list[Obstacle]]:
    """Arrivals per s by channel and time; batches at second 0 by channel; and what is neither."""
    streams = sorted(s.demand)
    sources = build_sources(s, streams)
    edges = np.unique(np.concatenate([[0.0], sources.pieces["start"]]))
    rate = {c: np.zeros(len(edges)) for c in s.channels}
    batch = dict.fromkeys(s.channels, 0.0)
    odd = []
    for source in sources.rows:
        name = streams[source["stream"]]
        for channel, share in s.demand[name].enter.items():
            if source["batch"]:
                batch[channel] += share * float(source["size"])
                if source["time"] > 0:
                    odd.append(Obstacle(f"demand.{name}.at", "batches later than second 0 are in no exact model"))
                continue
            for piece in sources.pieces[source["first"] : source["last"]]:
                rate[channel][(edges >= piece["start"]) & (edges < piece["end"])] += share * piece["rate"] * piece["keep"]
    return {c: _joined(zip(edges.tolist(), r.tolist(), strict=True)) for c, r in rate.items()}, batch, odd


def _joined(steps: Any) -> Steps:
    """Neighbours of equal value are one."""
    out: list[tuple[float, float]] = []
    for at, value in steps:
        if not out or out[-1][1] != value:
            out.append((float(at), value))
    return tuple(out)
