"""One channel whose demand or staff moves, or a run that begins empty: what is expected over the run, and in each interval.

handling exponential, patience exponential or none    M(t)/M/s(t)+M
agents for everybody at any time                      M(t)/G/infinity, any handling
"""

import itertools
import math
from dataclasses import replace

import numpy as np

from omnisim.calendars import DAY, second_of_day
from omnisim.staffing.exact.moving import Moving, Piece, busyness, delay_of_poisson, mixed, moving
from omnisim.staffing.known.facts import Facts, Queue, Steps, Team
from omnisim.staffing.known.laws import duration, exponential, memoryless
from omnisim.staffing.known.model import Known, Row, Stops, stop
from omnisim.staffing.queues import mt_g_infinity

NEVER_ALL = 1e-12  # chance that all are busy below which nobody ever waits
MESH = 16  # panels of Simpson's rule a piece


def day(facts: Facts, queue: Queue, team: Team) -> Known:
    """The model of a day."""
    try:
        return _in_steps(facts, queue, team)
    except Stops as stops:
        enough = _enough_for_all(facts, queue, team)
        if enough is None:
            raise stops
        return enough


def _edges(facts: Facts, *steps: Steps) -> list[float]:
    """Where something changes: steps, warm-up, intervals of the report."""
    c = facts.scenario.clock
    at = {0.0, c.warmup, c.horizon, *(t for s in steps for t, _ in s)}
    if c.interval:
        at |= {i * c.interval for i in range(math.ceil(c.horizon / c.interval))}
    return sorted(t for t in at if t <= c.horizon)


def _at(steps: Steps, moment: float) -> float:
    return next(v for t, v in reversed(steps) if t <= moment)


def _in_steps(facts: Facts, queue: Queue, team: Team) -> Known:
    here, h = f"channels.{queue.name}.help", queue.help
    mean = exponential(h.handling, f"{here}.handling", "handling time") / team.skills[queue.name].speed
    patience, balk = memoryless(h.patience, f"{here}.patience")
    level = h.service_level
    edges = _edges(facts, queue.rate, team.agents)
    pieces = [Piece(b - a, _at(queue.rate, a), int(_at(team.agents, a))) for a, b in itertools.pairwise(edges)]
    c, cv = facts.scenario.clock, facts.scenario.world.busyness_cv
    if cv > 0 and second_of_day(c.start) + c.horizon > DAY:
        raise stop("world.busyness_cv", "busyness is known for a run within one day: each day has a factor of its own")
    drain = c.at_end == "drain"
    within = level.within if level else None
    days = []
    for chance, factor in busyness(cv):
        busy = [replace(p, arrival_rate=factor * p.arrival_rate) for p in pieces]
        days.append((chance, moving(busy, mean, patience, balk, h.queue_limit, within, drain)))
    done = mixed(days)
    measured = np.array([a >= c.warmup for a in edges[:-1]])
    rows = _totals(facts, queue, team, done, measured, drain)
    if c.interval:
        rows += _by_interval(facts, queue, team, done, edges, measured)
    name = "M(t)/M/s(t)" if not (queue.steady and team.steady) else f"M/M/{team.size}"
    name += ("" if h.patience is None else "+M") + (" of gamma busyness" if cv > 0 else "")
    end = "then drained" if drain else "cut at the end"
    return Known(f"{name} from empty, {end}", "forward equations by uniformisation, Jensen (1953)", tuple(rows))


def _totals(facts: Facts, queue: Queue, team: Team, done: Moving, measured: np.ndarray, drain: bool) -> list[Row]:
    """KPIs of the measured time."""
    scope, c, n = facts.scope(queue), facts.scenario.clock, len(measured)
    offered, delayed, waiting = (x[:n][measured].sum() for x in (done.offered, done.delayed, done.waiting))
    rows = [
        Row("contacts_offered", float(offered), scope),
        Row("delay_rate", float(delayed / offered), scope),
        Row("queue_mean", float(waiting / (c.horizon - c.warmup)), scope, chance=float(delayed / offered)),
        Row("occupancy", _occupancy(done, np.flatnonzero(measured)), {"pool": team.name}),
    ]
    if queue.help.queue_limit is not None:
        rows.append(Row("contacts_blocked", float(done.blocked[:n][measured].sum()), scope))
    if queue.help.patience is not None and c.warmup == 0:
        rows.append(Row("contacts_abandoned", float(done.abandoned.sum()), scope))
    if drain and c.warmup == 0:
        rows.append(Row("wait_mean_s", done.wait_mean, scope, chance=float(delayed / offered)))
    value = _level(queue, done, np.flatnonzero(measured), drain and c.warmup == 0)
    return rows if value is None else [*rows, Row("service_level", value, scope)]


def _level(queue: Queue, done: Moving, which: np.ndarray, whole: bool) -> float | None:
    """The service level of arrivals in some pieces by the channel's formula, where it is known; `whole`: everybody is answered or gone."""
    level = queue.help.service_level
    if level is None:
        return None
    offered, good, left = (float(x[which].sum()) for x in (done.offered, done.in_time, done.left_early))
    if level.formula == "answered_in_time_over_offered":
        return good / offered
    if level.formula == "abandons_count_as_met":
        return (good + left) / offered
    if level.formula == "excluding_short_abandons" and level.short in (None, level.within):
        return good / (offered - left)
    answered = float(done.offered.sum() - done.blocked.sum() - done.abandoned.sum())
    return good / answered if whole and level.formula == "answered_in_time_over_answered" else None


def _occupancy(done: Moving, which: np.ndarray) -> float:
    there = float(done.staffed[which].sum() + done.leaving[which].sum())
    return float(done.in_hand[which].sum()) / there if there else 0.0


def _by_interval(facts: Facts, queue: Queue, team: Team, done: Moving, edges: list[float], measured: np.ndarray) -> list[Row]:
    """Occupancy and service level of every interval that begins after the warm-up."""
    interval = facts.scenario.clock.interval or 1.0
    slot = np.array([int((a + b) / 2 // interval) for a, b in itertools.pairwise(edges)])
    rows = []
    for i, name in interval_names(facts).items():
        which = np.flatnonzero(slot == i)
        if not measured[which].all():
            continue
        if done.staffed[which].sum() > 0:
            rows.append(Row("occupancy", _occupancy(done, which), {"interval": name, "pool": team.name}))
        value = _level(queue, done, which, False) if done.offered[which].sum() > 0 else None
        if value is not None:
            rows.append(Row("service_level", value, {"channel": queue.name, "interval": name}))
    return rows


def interval_names(facts: Facts) -> dict[int, str]:
    """The name that results give each interval."""
    from datetime import timedelta

    c = facts.scenario.clock
    assert c.interval
    return {i: (c.start + timedelta(seconds=i * c.interval)).isoformat() for i in range(math.ceil(c.horizon / c.interval - 1e-9))}


def _enough_for_all(facts: Facts, queue: Queue, team: Team) -> Known | None:
    """M(t)/G/infinity, if all agents are never busy at once; None else."""
    c = facts.scenario.clock
    law = duration(queue.help.handling, f"channels.{queue.name}.help.handling")
    speed = team.skills[queue.name].speed
    if not team.steady or speed != 1 or facts.scenario.world.busyness_cv > 0:
        return None
    edges = _edges(facts, queue.rate)
    starts, rates = [t for t, _ in queue.rate], [r for _, r in queue.rate]
    inside = [np.linspace(a, b, 1 + MESH * math.ceil((b - a) / 3600)) for a, b in itertools.pairwise(edges)]
    number = [mt_g_infinity(x, starts, rates, law) for x in inside]
    if delay_of_poisson(max(float(m.max()) for m in number), team.size) > NEVER_ALL:
        return None
    area = np.array([_simpson(m) * (b - a) for m, (a, b) in zip(number, itertools.pairwise(edges), strict=True)])
    measured = np.array([a >= c.warmup for a in edges[:-1]])
    scope, length = facts.scope(queue), c.horizon - c.warmup
    offered = sum(_at(queue.rate, a) * (b - a) for a, b in itertools.pairwise(edges) if a >= c.warmup)
    rows = [
        Row("contacts_offered", offered, scope),
        Row("delay_rate", 0.0, scope),
        Row("occupancy", float(area[measured].sum()) / (team.size * length), {"pool": team.name}),
    ]
    if c.interval:
        slot = np.array([int((a + b) / 2 // c.interval) for a, b in itertools.pairwise(edges)])
        for i, name in interval_names(facts).items():
            which = slot == i
            if measured[which].all():
                long = sum(b - a for (a, b), w in zip(itertools.pairwise(edges), which, strict=True) if w)
                rows.append(Row("occupancy", float(area[which].sum()) / (team.size * long), {"interval": name, "pool": team.name}))
    return Known("M(t)/G/infinity: agents for everybody", "Eick, Massey & Whitt (1993)", tuple(rows))


def _simpson(values: np.ndarray) -> float:
    """Mean of equidistant values, an odd number of them."""
    n = len(values) - 1
    return float((values[0] + values[-1] + 4 * values[1:-1:2].sum() + 2 * values[2:-1:2].sum()) / (3 * n))
