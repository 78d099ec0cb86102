"""Rosters as they are written become stretches of time of individual agents; luck comes later (`omnisim.rosters`).

    shifts, or agents with shrinkage or adherence  -->  STRETCH [by pool, agent, time], REST (breaks), TEAM [pool]

A pool of `agents` alone keeps its calendar of numbers: there nobody is an individual, and nothing here is for it.

Planned shrinkage in whole agents: of n agents of one shift, round(n x share x days so far) have been in training by the end of a
day (halves up), each in his turn, so that over the days the share is exact.  Of `agents` by the clock, round(n x share).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.calendars import DAY, second_of_day, staff_at
from omnisim.draws import name_hash
from omnisim.rules.roster import REST, STRETCH
from omnisim.rules.team import SEES_ALL, SEES_NOTHING, SEES_OWN, TEAM

if TYPE_CHECKING:
    from omnisim.lawrows import LawRows
    from omnisim.scenario import Scenario

ACCESS = {"all": SEES_ALL, "own": SEES_OWN, "none": SEES_NOTHING}


def is_rostered(pool: Any) -> bool:
    """Are the agents of a pool individuals with rosters?

    Only where shifts or some effect of shrinkage or adherence ask for it: neutral values change nothing.
    """
    shrinks = pool.shrinkage is not None and (pool.shrinkage.planned > 0.0 or pool.shrinkage.absence > 0.0)
    strays = pool.adherence is not None and any(law is not None and law.mean > 0.0 for law in (pool.adherence.late, pool.adherence.early))
    return pool.shifts is not None or shrinks or strays or (pool.training is not None and pool.training.share > 0.0)


def planned_share(pool: Any) -> float:
    """Share of the agents on the roster who are in training or meetings."""
    shrinkage = pool.shrinkage.planned if pool.shrinkage else 0.0
    return min(1.0, shrinkage + (pool.training.share if pool.training else 0.0))


def half_up(x: float) -> int:
    """The nearest whole number, halves up; what lies within rounding of a half counts as one.

    >>> half_up(1.2), half_up(0.5), half_up(12 * 0.125 * 3)
    (1, 1, 5)
    """
    return math.floor(x + 0.5 + 1e-9)


def build_team(s: Scenario, pools: list[str], laws: LawRows) -> np.ndarray:
    """[pool] TEAM, neutral where nothing is said."""
    out = np.zeros(len(pools), TEAM)
    for row, name in zip(out, pools, strict=True):
        assert s.staffing is not None
        pool = s.staffing.pools[name]
        row["hash"], row["rostered"] = name_hash(name), int(is_rostered(pool))
        if pool.shrinkage is not None:
            row["absence"], row["absence_cv"] = pool.shrinkage.absence, pool.shrinkage.absence_cv
            row["absence_paid"] = int(pool.shrinkage.absence_paid)
        row["late"], row["early"] = (laws.add(pool.adherence.late), laws.add(pool.adherence.early)) if pool.adherence else (-1, -1)
        row["access"], row["speed"], row["resolve"] = SEES_ALL, 1.0, 1.0
        row["ramp_speed"] = row["ramp_resolve"] = 1.0
        if pool.training is not None:
            row["speed"], row["resolve"] = pool.training.speed, pool.training.resolve
        if pool.outsourced is not None:
            row["access"] = ACCESS[pool.outsourced.context]
            ramp = pool.outsourced.ramp
            if ramp is not None:
                row["ramp_from"] = 0.0 if ramp.since is None else (ramp.since - s.clock.start).total_seconds()
                row["ramp_s"], row["ramp_speed"], row["ramp_resolve"] = ramp.length, ramp.speed, ramp.resolve
        neutral = all(row[key] == 1.0 for key in ("speed", "resolve", "ramp_speed", "ramp_resolve"))
        row["taught"] = int(not neutral)
    return out


def build_roster(s: Scenario, pools: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(STRETCH, REST, most agents on the roster of each pool); agents are numbered through the shifts of their pool."""
    stretches: list[tuple[Any, ...]] = []
    rests: list[tuple[float, float, int]] = []
    most = np.zeros(len(pools), np.int64)
    for p, name in enumerate(pools):
        assert s.staffing is not None
        pool = s.staffing.pools[name]
        if not is_rostered(pool):
            continue
        if pool.shifts is None:
            most[p] = _by_number(p, pool, s.clock, stretches)
            continue
        for shift in pool.shifts:
            _by_shift(p, int(most[p]), shift, planned_share(pool), s.clock, stretches, rests)
            most[p] += shift.agents
    rows = np.array(sorted(stretches), STRETCH) if stretches else np.zeros(0, STRETCH)
    rows = rows[np.lexsort((rows["start"], rows["number"], rows["pool"]))]
    return rows, np.array(rests, REST) if rests else np.zeros(0, REST), most


def _by_shift(
    p: int, base: int, shift: Any, planned: float, clock: Any, stretches: list[tuple[Any, ...]], rests: list[tuple[float, float, int]]
) -> None:
    """The stretches of the agents of one shift: every day on which it begins, from the eve of the run."""
    n = shift.agents
    offset = second_of_day(clock.start)
    ordinal = 0
    for day in range(-1, math.floor((offset + clock.horizon) / DAY) + 1):
        if (clock.start.weekday() + day) % 7 not in shift.days:
            continue
        before = half_up(n * planned * ordinal)
        taught = {(before + i) % n for i in range(half_up(n * planned * (ordinal + 1)) - before)} if n else set()
        ordinal += 1
        begin = day * DAY + shift.start - offset
        if begin + shift.length <= 0.0 or begin >= clock.horizon:
            continue
        first = len(rests)
        rests.extend((begin + b.after, begin + b.after + b.length, int(b.paid)) for b in shift.breaks)
        for i in range(n):
            times = (begin, begin + shift.length)
            stretches.append((p, base + i, day + 1, int(shift.start), *times, int(i in taught), 1, 1, first, len(rests)))


def _by_number(p: int, pool: Any, clock: Any, stretches: list[tuple[Any, ...]]) -> int:
    """The stretches of agents who are given by number: agent i is on the roster whenever there are more than i.  Returns the most."""
    planned = planned_share(pool)
    by_list = isinstance(pool.agents, tuple)
    far = clock.horizon if by_list else clock.horizon + 2 * DAY  # a shift that ends after the run ends as it would in a longer one
    given = staff_at(pool.agents, clock.start, far, clock.interval)
    pieces = [(t, given[i + 1][0] if i + 1 < len(given) else far, n) for i, (t, n) in enumerate(given)]
    offset = second_of_day(clock.start)
    for k, (start, end, n) in enumerate(pieces):
        before = pieces[k - 1][2] if k else n
        after = pieces[k + 1][2] if k + 1 < len(pieces) else n
        out = half_up(n * planned)
        a = start
        while a < min(end, clock.horizon):
            day = math.floor((offset + a) / DAY)
            b = min(end, (day + 1) * DAY - offset)
            second = int(offset + a - day * DAY)
            for i in range(n):
                begins, ends = int(a == start and i >= before), int(b == end and i >= after)
                stretches.append((p, i, day + 1, second, a, b, int(i >= n - out), begins, ends, 0, 0))
            a = b
    return max(n for _, _, n in pieces)
