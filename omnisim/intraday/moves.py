"""Whom to move for the rest of the day, found by simulation: one move after the other, each the one that leaves least to wish for.

    wish   sum over targets of how far the rest of the day misses them (shares in points, times relative to the bound)
    move   one agent from a pool to another, for two hours of the rest of the day or all of it

People may go where their own pool's skills cover everything the other pool serves, and where FROM:TO says so.  They work there like
those who are there.  All candidates are judged under the same seeds; what is printed is verified on others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from omnisim.calendars import intervals, staff_at
from omnisim.scenario import Problem, ScenarioError
from omnisim.scenario.problem import listing, nearest, short
from omnisim.whatif.reached import Reached, Seen, room

if TYPE_CHECKING:
    from omnisim.scenario import Scenario
    from omnisim.staffing.plan.targets import Target

BLOCK = timedelta(hours=2)
Play = Callable[[Sequence["Scenario"]], list[Seen]]
Roster = dict[str, list[int]]


@dataclass(frozen=True)
class Move:
    """So many agents from one pool to another between two moments."""

    source: str
    target: str
    begin: datetime
    end: datetime
    agents: int = 1

    def to_json(self) -> dict[str, Any]:
        """One row."""
        return {
            "from_pool": self.source, "to_pool": self.target, "agents": self.agents,
            "begin": f"{self.begin:%Y-%m-%d %H:%M}", "end": f"{self.end:%Y-%m-%d %H:%M}",
        }  # fmt: skip


@dataclass(frozen=True)
class Moves:
    """The moves that were chosen and the scenario with them; `allowed`: (from, to) pools; `tried`: how many were simulated."""

    chosen: tuple[Move, ...]
    scenario: Scenario
    allowed: tuple[tuple[str, str], ...]
    tried: int
    before: float
    after: float


def best_moves(
    s: Scenario, now: datetime, targets: Sequence[Target], rest: Sequence[str], more: Sequence[str], most: int, play: Play
) -> Moves:
    """Greedy search; stops where no target is missed any more, or where no single move leaves less to wish for."""
    allowed = allowed_moves(s, more)
    roster = rosters(s, {p for pair in allowed for p in pair})
    allowed = tuple(pair for pair in allowed if pair[0] in roster and pair[1] in roster)
    if not allowed or not rest:
        return Moves((), s, allowed, 0, 0.0, 0.0)
    best = before = wish(play([s])[0], targets, rest)
    chosen: list[Move] = []
    tried = 0
    here = s
    while len(chosen) < most and best > 0.0:
        candidates = [(m, made) for m in _candidates(s, now, rest, allowed) if (made := _after(s, roster, m)) is not None]
        if not candidates:
            break
        scenarios = [s.with_(_changes(made)) for _, made in candidates]
        wishes = [wish(days, targets, rest) for days in play(scenarios)]
        tried += len(candidates)
        k = min(range(len(wishes)), key=lambda i: wishes[i])
        if wishes[k] >= best:
            break
        best, here, roster = wishes[k], scenarios[k], candidates[k][1]
        chosen.append(candidates[k][0])
    return Moves(tuple(_together(chosen)), here, allowed, tried, before, best)


def wish(days: Seen, targets: Sequence[Target], rest: Sequence[str]) -> float:
    """How far the rest of the day misses its targets, all together."""
    total = 0.0
    for t in targets:
        found: Reached | None = days.sum(t.kpi, t.scope, rest) if t.by_interval else None
        found = found if found is not None else days.one(t.kpi, t.scope)
        if found is not None:
            unit = 1.0 if t.measure.unit == "share" else max(abs(t.level), 1e-9)
            total += max(0.0, -room(t, found.value)) / unit
    return total


def allowed_moves(s: Scenario, more: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """(from, to) pools between which people may move.  Raises ScenarioError for a pair that is none."""
    pools = s.staffing.pools if s.staffing else {}
    found = {
        (a, b): None for a, x in pools.items() for b, y in pools.items() if a != b and set(y.skills) <= set(x.skills) and not y.outsourced
    }  # fmt: skip
    problems = []
    for n, text in enumerate(more, 1):
        source, colon, target = (part.strip() for part in text.partition(":"))
        wrong = [p for p in (source, target) if p not in pools]
        if not colon or source == target:
            problems.append(Problem("--move", n, 1, short(text), "is no move; write FROM:TO, two pools"))
        elif wrong:
            words = f"found {short(wrong[0])}; pools are: {listing(pools)}{nearest(wrong[0], pools)}"
            problems.append(Problem("--move", n, 1, short(text), words))
        else:
            found[source, target] = None
    if problems:
        raise ScenarioError(problems)
    return tuple(found)


def rosters(s: Scenario, pools: set[str]) -> Roster:
    """Agents of each interval of the run, of the pools that are given by number and change at intervals only."""
    step = s.clock.interval
    found: Roster = {}
    for name in sorted(pools):
        pool = s.staffing.pools[name] if s.staffing else None
        if pool is None or pool.shifts or pool.agents is None or not step:
            continue
        pieces = staff_at(pool.agents, s.clock.start, s.clock.horizon, step)
        if any(t % step for t, _ in pieces):
            continue
        n = intervals(s.clock.horizon, step)
        found[name] = [[v for t, v in pieces if t <= i * step][-1] for i in range(n)]
    return found


def _candidates(s: Scenario, now: datetime, rest: Sequence[str], allowed: Sequence[tuple[str, str]]) -> list[Move]:
    end = datetime.fromisoformat(rest[-1]) + timedelta(seconds=s.clock.interval or 0.0)
    cuts = [now]
    while cuts[-1] + BLOCK < end:
        cuts.append(cuts[-1] + BLOCK)
    spans = [(a, b) for a, b in zip(cuts, [*cuts[1:], end], strict=True)]
    spans += [(now, end)] if len(spans) > 1 else []
    return [Move(a, b, begin, finish) for a, b in allowed for begin, finish in spans]


def _after(s: Scenario, roster: Roster, m: Move) -> Roster | None:
    """The roster with one more move; None where nobody is there to go, or nobody works where he goes (it is shut)."""
    step = s.clock.interval or 1800.0
    first, upto = (round((t - s.clock.start).total_seconds() / step) for t in (m.begin, m.end))
    source, target = list(roster[m.source]), list(roster[m.target])
    moved = False
    for i in range(first, min(upto, len(source))):
        if source[i] > 0 and target[i] > 0:
            source[i], target[i], moved = source[i] - 1, target[i] + 1, True
    return roster | {m.source: source, m.target: target} if moved else None


def _changes(roster: Roster) -> dict[str, Any]:
    return {f"staffing.pools.{name}.agents": agents for name, agents in roster.items()}


def _together(moves: Sequence[Move]) -> list[Move]:
    """Equal moves as one of several agents, in order of time."""
    found: dict[tuple[str, str, datetime, datetime], Move] = {}
    for m in moves:
        key = (m.source, m.target, m.begin, m.end)
        found[key] = replace(m, agents=m.agents + found[key].agents) if key in found else m
    return sorted(found.values(), key=lambda m: (m.begin, m.end, m.source, m.target))
