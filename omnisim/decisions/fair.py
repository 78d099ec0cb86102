"""Opponents made for a strategy, so that it does not win by being given more.

    same staff    the baseline with the strategy's staffing
    same spend    the baseline with the strategy's hub and capital spent on people instead
    same service  the strategy with the fewest people at which every target is as well met as by the baseline

People are added or taken away everywhere in proportion (each entry rounded, nowhere below one): what can be made without knowing the
shop.  Who knows better says so in the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from omnisim.decisions.worlds import World
from omnisim.kpis import columns
from omnisim.reasons.worth import Runner
from omnisim.replications import replications
from omnisim.scenario import Scenario
from omnisim.tables import Tables
from omnisim.verdict import planned_labour

SLACK = 0.005  # by how much a service level may fall below its target
LEAST = 0.4  # of the people: fewer are not tried
NEAR = 0.02  # of the money: how near the spend must come


@dataclass(frozen=True)
class Made:
    """An opponent, or (`world` None) why there is none; `words` says how it was made."""

    kind: str
    world: World | None
    words: str


def spent_per_day(s: Scenario) -> float:
    """Hub and capital of a scenario, in its currency a day."""
    hub = s.context.hub.cost if s.context is not None else 0.0
    capital = s.costs.capital / (s.costs.life / 86400.0) if s.costs is not None else 0.0
    return float(hub + capital)


def same_staff(baseline: World, strategy: World) -> Made:
    """The baseline with the strategy's staffing; the baseline itself where the people are the same."""
    kind = "same staff"
    staffed = [s.staffing for s in strategy.scenarios]
    if staffed == [s.staffing for s in baseline.scenarios]:
        return Made(kind, None, f"{baseline.name} has the same people as {strategy.name}: it is that opponent itself")
    changes = [s.resolved().get("staffing") for s in strategy.scenarios]
    made = [s.with_({"staffing": c}) for s, c in zip(baseline.scenarios, changes, strict=True)]
    return Made(kind, World(f"{baseline.name}, same staff", *made), f"{baseline.name} with the people of {strategy.name}")


def same_spend(baseline: World, strategy: World) -> Made:
    """The baseline with the hub's money in people."""
    kind = "same spend"
    more = spent_per_day(strategy.scenario) - spent_per_day(baseline.scenario)
    if more <= 0.0:
        return Made(kind, None, f"{strategy.name} spends nothing on a hub that {baseline.name} does not")
    made, words = [], []
    for s in baseline.scenarios:
        days = (s.clock.horizon - s.clock.warmup) / 86400.0
        found = _spending(s, more * days)
        if found is None:
            return Made(
                kind, None, f"{baseline.name}: its people have no wages or are rostered by name, so money cannot be turned into people"
            )
        made.append(found[0])
        words.append(f"{found[1] / days:,.0f}")
    text = f"{baseline.name} with more people everywhere, for {' and '.join(words)} {baseline.scenario.currency} a day where the hub costs "
    return Made(kind, World(f"{baseline.name}, same spend", *made), f"{text}{more:,.0f}")


def same_service(baseline: World, strategy: World, seeds: Sequence[int], runner: Runner) -> Made:
    """The strategy with the fewest people at which it serves as well as the baseline."""
    kind = "same service"
    made, factors = [], []
    for base, s in zip(baseline.scenarios, strategy.scenarios, strict=True):
        wanted = _service(base, seeds, runner)
        if not wanted:
            return Made(kind, None, f"{baseline.name} has no service target, so there is no service to be equal in")
        targets = {c: min(level, target) - SLACK for c, (level, target) in wanted.items()}
        found = _fewest(s, targets, seeds, runner)
        if found is None:
            return Made(kind, None, f"{strategy.name} serves worse than {baseline.name} with all its people")
        made.append(found[0])
        factors.append(found[1])
    if all(f == 1.0 for f in factors):
        return Made(kind, None, f"{strategy.name} needs all its people to serve as well as {baseline.name}: it is that opponent itself")
    share = " and ".join(f"{100.0 * f:.0f} %" for f in factors)
    return Made(
        kind, World(f"{strategy.name}, same service", *made), f"{strategy.name} with {share} of its people, every target met as well"
    )


def staffed(s: Scenario, factor: float) -> Scenario | None:
    """A scenario with so many times the people in every entry of every pool; None where a pool is rostered person by person."""
    pools = (s.resolved().get("staffing") or {}).get("pools") or {}
    changes = {}
    for name, pool in pools.items():
        agents = pool.get("agents")
        if agents is None:
            return None
        changes[f"staffing.pools.{name}.agents"] = _times(agents, factor)
    return s.with_(changes) if changes else None


def _times(agents: Any, factor: float) -> Any:
    """Agents as a number, a list or a clock map.

    >>> _times({"08:00": 4, "22:00": 0}, 1.3), _times([1, 10], 0.5), _times(3, 1.0)
    ({'08:00': 5, '22:00': 0}, [1, 5], 3)
    """
    if isinstance(agents, Mapping):
        return {k: _times(v, factor) for k, v in agents.items()}
    if isinstance(agents, list | tuple):
        return [_times(v, factor) for v in agents]
    return max(1, round(agents * factor)) if agents else agents


def _spending(s: Scenario, money: float) -> tuple[Scenario, float] | None:
    """A scenario that plans so much more labour, as near as whole people allow, and how much more it is."""
    now = planned_labour(Tables.build(s))
    if now <= 0.0:
        return None
    low, high = 1.0, 1.0 + money / now
    best: tuple[Scenario, float] | None = None
    for _ in range(24):
        made = staffed(s, high)
        if made is None:
            return None
        if planned_labour(Tables.build(made)) - now >= money:
            break
        low, high = high, 2.0 * high - 1.0
    for _ in range(14):
        middle = (low + high) / 2.0
        made = staffed(s, middle)
        assert made is not None
        more = planned_labour(Tables.build(made)) - now
        if best is None or abs(more - money) < abs(best[1] - money):
            best = (made, more)
        if abs(more - money) <= NEAR * money:
            break
        low, high = (middle, high) if more < money else (low, middle)
    return best


def _service(s: Scenario, seeds: Sequence[int], runner: Runner) -> dict[str, tuple[float, float]]:
    """(mean service level, target) of every channel with a target."""
    t = Tables.build(s)
    where = {dict(c.scope).get("channel"): j for j, c in enumerate(columns(t)) if c.kpi == "service_level" and len(c.scope) == 1}
    results = replications([t], seeds, runner.workers, runner.how)[0]
    out = {}
    for channel, target in zip(t.channels, t.sl_target, strict=True):
        j = where.get(channel)
        if j is not None and np.isfinite(target):
            seen = [r.num[j] / r.den[j] for r in results if r.den[j]]
            if seen:
                out[channel] = (float(np.mean(seen)), float(target))
    return out


def _fewest(s: Scenario, targets: Mapping[str, float], seeds: Sequence[int], runner: Runner) -> tuple[Scenario, float] | None:
    """By halving: (scenario, share of its people) that still meets all targets; None where all people do not."""

    def meets(made: Scenario) -> bool:
        seen = _service(made, seeds, runner)
        return all(seen[c][0] >= t for c, t in targets.items() if c in seen)

    if not meets(s):
        return None
    low, high, best = LEAST, 1.0, s
    for _ in range(4):
        middle = (low + high) / 2.0
        made = staffed(s, middle)
        if made is None:
            break
        if made.hash() == best.hash():
            high = middle
        elif meets(made):
            high, best = middle, made
        else:
            low = middle
    now, least = (planned_labour(Tables.build(x)) for x in (s, best))
    return best, (least / now if now else high)
