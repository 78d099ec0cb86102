"""Clocks as changes: when channels open and close, and when the number of agents of a pool changes.

    opening hours, agents by interval or by clock  ->  state at the start + sorted changes during (0, horizon)

Civil time, days of 24 h.  A clock map repeats daily; before its first key the day's last value holds.
"""

from __future__ import annotations

import bisect
import math
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from omnisim.scenario import Scenario

DAY = 86400.0
WEEK = 7 * DAY

# channels before pools at one instant: `who` is a channel, or the number of channels + a pool; of a pool with rosters the agents
# in rows [first, upto) of the moves change what they do, elsewhere these are 0 and `value` holds: open, or agents on duty
CHANGE = np.dtype([("time", "f8"), ("who", "i8"), ("value", "i8"), ("first", "i8"), ("upto", "i8")], align=True)


def intervals(horizon: float, interval: float) -> int:
    """How many intervals a run has; the last may be short.

    >>> intervals(86400.0, 1800.0), intervals(5000.0, 1800.0)
    (48, 3)
    """
    return max(1, math.ceil(horizon / interval - 1e-9))


def second_of_day(start: datetime) -> float:
    """Seconds since midnight."""
    return start.hour * 3600.0 + start.minute * 60.0 + start.second + start.microsecond * 1e-6


def second_of_week(start: datetime) -> float:
    """Seconds since Monday 00:00."""
    return start.weekday() * DAY + second_of_day(start)


def map_value(points: Any, second: float) -> Any:
    """Value of a clock map (sorted (second of day, value)) at a second of the day.

    >>> map_value(((3600.0, 1), (7200.0, 2)), 0.0), map_value(((3600.0, 1), (7200.0, 2)), 3600.0)
    (2, 1)
    """
    return points[bisect.bisect_right([p[0] for p in points], second) - 1][1]


def map_breaks(points: Any, start: datetime, horizon: float) -> list[float]:
    """Moments in (0, horizon) at which a daily clock map has a key."""
    if len(points) < 2:
        return []
    offset = second_of_day(start)
    out = []
    for day in range(math.floor((offset + horizon) / DAY) + 1):
        for second, _ in points:
            t = day * DAY + second - offset
            if 0.0 < t < horizon:
                out.append(t)
    return out


def is_open(hours: Any, second: float) -> bool:
    """Is a second of the week inside the opening hours (None: always)?"""
    return hours is None or any(a <= second < b for a, b in hours)


def _hours_changes(hours: Any, closed: Any, start: datetime, horizon: float) -> tuple[int, list[tuple[float, int]]]:
    """Open at the start (1) or not, and each change during (0, horizon); `closed`: midnights of the days it stays shut."""
    if hours is None and not closed:
        return 1, []
    offset = second_of_week(start)
    edges = {e % WEEK for piece in hours or () for e in piece}
    times = {week * WEEK + e - offset for week in range(math.floor((offset + horizon) / WEEK) + 1) for e in edges}
    shut = [(day - start).total_seconds() for day in closed]
    times.update(t for begin in shut for t in (begin, begin + DAY))

    def value_at(t: float) -> int:
        return int(is_open(hours, (offset + t) % WEEK) and not any(begin <= t < begin + DAY for begin in shut))

    now = first = value_at(0.0)
    out = []
    for t in sorted(times):
        if 0.0 < t < horizon and value_at(t) != now:
            now = 1 - now
            out.append((t, now))
    return first, out


def staff_at(agents: Any, start: datetime, horizon: float, interval: float | None) -> list[tuple[float, int]]:
    """Number of agents as (from second, value) pieces over [0, horizon), the first at 0."""
    if isinstance(agents, int):
        return [(0.0, agents)]
    if hasattr(agents, "points"):
        offset = second_of_day(start)
        times = [0.0, *sorted(set(map_breaks(agents.points, start, horizon)))]
        return [(t, map_value(agents.points, (offset + t) % DAY)) for t in times]
    assert interval is not None
    n = intervals(horizon, interval)
    if len(agents) == n:
        return [(i * interval, agents[i]) for i in range(n)]
    offset = second_of_day(start)  # a list for one day repeats by the clock
    pieces = []
    for day in range(math.floor((offset + horizon) / DAY) + 1):
        for i, value in enumerate(agents):
            t = day * DAY + i * interval - offset
            if t < horizon and t + interval > 0.0:
                pieces.append((max(t, 0.0), value))
    return pieces


def calendar(
    s: Scenario, channels: list[str], pools: list[str], rostered: list[bool]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Agents on duty and channels open at the start, changes during (0, horizon), and the most agents a pool ever has.

    Of pools that are `rostered` it says nothing (0): see `rosters`.
    """
    start, horizon = s.clock.start, s.clock.horizon
    open0 = np.ones(len(channels), np.int64)
    staff0 = np.zeros(len(pools), np.int64)
    most = np.zeros(len(pools), np.int64)
    changes: list[tuple[float, int, int, int, int]] = []
    for c, name in enumerate(channels):
        open0[c], edges = _hours_changes(s.channels[name].hours, s.channels[name].closed_days, start, horizon)
        changes.extend((t, c, value, 0, 0) for t, value in edges)
    for p, name in enumerate(pools):
        assert s.staffing is not None
        if rostered[p]:
            continue
        pieces = staff_at(s.staffing.pools[name].agents, start, horizon, s.clock.interval)
        now = staff0[p] = pieces[0][1]
        most[p] = max(v for _, v in pieces)
        for t, value in pieces[1:]:
            if value != now:
                changes.append((t, len(channels) + p, value, 0, 0))
                now = value
    changes.sort()
    return staff0, open0, np.array(changes, CHANGE) if changes else np.zeros(0, CHANGE), most
