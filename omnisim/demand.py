"""Streams of people as arrival sources: pieces of constant rate, batches, surges and induced contacts.

rate x profile                     one source a stream
surge with factor > 1              a source of its own, of rate (factor - 1) x base, so the others keep their moments
surge with factor < 1              thins: each customer stays with that probability, by a draw of his own
induced contacts (a harm)          a source of its own, of rate share x base
at: {...}                          one source a batch
campaign                           a source of its own, whose rate dies away after the sending
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.calendars import DAY, map_breaks, map_value, second_of_day
from omnisim.campaigns import decay, question_name, sent, stream_name, streams
from omnisim.draws import name_hash
from omnisim.moments import MOST_SOURCES
from omnisim.rules.arrivals import PIECE, SOURCE

if TYPE_CHECKING:
    from omnisim.scenario import Scenario

Piece = tuple[float, float, float, float, int]  # start, end, rate, keep, day


@dataclass(frozen=True)
class Sources:
    """All arrival sources of a scenario: names, SOURCE rows, PIECE rows, how many days, and what to expect."""

    names: list[str]
    rows: np.ndarray
    pieces: np.ndarray
    days: int
    expected: float
    largest_batch: int


def build_sources(s: Scenario, names: list[str]) -> Sources:
    """The sources of every stream, sorted by name; `names`: of the streams, those of campaigns among them."""
    start, horizon = s.clock.start, s.clock.horizon
    offset = second_of_day(start)
    days = math.floor((offset + horizon) / DAY) + 1
    by_day = s.world.busyness_cv > 0.0
    induced = s.context.harms.induced_contacts if s.context else 0.0
    found: list[tuple[str, int, list[Piece], float, float]] = []  # name, stream, pieces, batch time, batch size
    said = streams(s)
    for index, name in enumerate(names):
        if name not in s.demand:
            continue
        stream = said[name]
        if stream.at:
            for time, size in _batches(stream.at, start, horizon):
                moment = (start + timedelta(seconds=time)).isoformat()
                found.append((f"{name}@{moment}", index, [], time, size * s.scale))
                if induced > 0.0 and stream.goal == "issue":
                    found.append((f"{name}@{moment}+induced", index, [], time, size * s.scale * induced))
            continue
        base = _base(stream, start, horizon, s.scale, by_day)
        found.append((name, index, base, math.nan, 0.0))
        for surge in stream.surge:
            if surge.factor > 1.0:
                a = (surge.from_ - start).total_seconds()
                b = (surge.to - start).total_seconds()
                extra = [
                    (max(p[0], a), min(p[1], b), p[2] * (surge.factor - 1.0), p[3], p[4])
                    for p in base
                    if p[0] < b and p[1] > a and p[2] > 0.0
                ]
                found.append((f"{name}+surge:{surge.from_.isoformat()}/{surge.to.isoformat()}", index, extra, math.nan, 0.0))
        if induced > 0.0 and stream.goal == "issue":
            more = [(p[0], p[1], p[2] * induced, p[3], p[4]) for p in base]
            found.append((f"{name}+induced", index, more, math.nan, 0.0))
    found += _campaigns(s, names, by_day)
    found.sort(key=lambda f: f[0])
    if len(found) > MOST_SOURCES:
        raise ValueError(f"more than {MOST_SOURCES} arrival sources")
    rows = np.zeros(len(found), SOURCE)
    pieces: list[Piece] = []
    expected = 0.0
    largest = 0
    for i, (name, index, own, time, size) in enumerate(found):
        batch = not math.isnan(time)
        day = math.floor((offset + time) / DAY) if batch else 0
        rows[i] = (name_hash(name), index, int(batch), len(pieces), len(pieces) + len(own), day, time if batch else 0.0, size)
        pieces.extend(own)
        expected += size + sum((p[1] - p[0]) * p[2] * p[3] for p in own)
        largest = max(largest, math.ceil(size) if math.isfinite(size) else 2**62)
    return Sources([f[0] for f in found], rows, np.array(pieces, PIECE) if pieces else np.zeros(0, PIECE), days, expected, largest)


def _campaigns(s: Scenario, names: list[str], by_day: bool) -> list[tuple[str, int, list[Piece], float, float]]:
    """The sources of campaigns, as in `build_sources`."""
    out: list[tuple[str, int, list[Piece], float, float]] = []
    for row in sent(s):
        assert s.marketing is not None
        c = s.marketing.campaigns[row.name]
        for name, people in ((stream_name(row.name), row.visits), (question_name(row.name), row.questions)):
            if name in names:
                out.append(
                    (name, names.index(name), _fading(s, (c.at - s.clock.start).total_seconds(), c.over, people, by_day), math.nan, 0.0)
                )
    return out


def _fading(s: Scenario, at: float, mean: float, people: float, by_day: bool) -> list[Piece]:
    """Pieces within [0, horizon) of people who come the less often the longer ago `at` is; cut at midnight where days differ."""
    offset, horizon = second_of_day(s.clock.start), s.clock.horizon
    midnights = _every(DAY, offset, horizon) if by_day else []
    out: list[Piece] = []
    for start, end, rate in decay(at, mean, people):
        a, b = max(start, 0.0), min(end, horizon)
        if a < b and rate > 0.0:
            edges = [a, *(t for t in midnights if a < t < b), b]
            out += [(x, y, rate, 1.0, int((offset + x) // DAY) if by_day else 0) for x, y in itertools.pairwise(edges)]
    return out


def _batches(at: Any, start: datetime, horizon: float) -> list[tuple[float, float]]:
    """(moment, size) of every batch in [0, horizon)."""
    offset = second_of_day(start)
    out: list[tuple[float, float]] = []
    for entry in at:
        if entry.moment is not None:
            times = [(entry.moment - start).total_seconds()]
        else:
            times = [day * DAY + entry.second_of_day - offset for day in range(math.floor((offset + horizon) / DAY) + 1)]
        out.extend((t, entry.count) for t in times if 0.0 <= t < horizon)
    return out


def _base(stream: Any, start: datetime, horizon: float, scale: float, by_day: bool) -> list[Piece]:
    """Pieces of constant rate over [0, horizon), neighbours of equal rate joined."""
    offset = second_of_day(start)
    profile = stream.profile
    hourly = profile.hourly if profile else None
    weekly = profile.weekly if profile else None
    monthly = profile.monthly if profile else None
    breaks = {0.0, horizon}
    if stream.rate is not None:
        breaks.update(map_breaks(stream.rate, start, horizon))
    if hourly is not None:
        breaks.update(_every(3600.0, offset, horizon))
    if weekly is not None or by_day:
        breaks.update(_every(DAY, offset, horizon))
    if monthly is not None or stream.growth != 0.0:
        breaks.update(_months(start, horizon))
    for surge in stream.surge:
        if surge.factor < 1.0:
            breaks.update(t for t in ((surge.from_ - start).total_seconds(), (surge.to - start).total_seconds()) if 0.0 < t < horizon)
    edges = sorted(breaks)
    mean_hour = sum(hourly) / 24.0 if hourly is not None else 1.0
    mean_day = sum(weekly) / 7.0 if weekly is not None else 1.0
    shaped: list[Piece] = []
    for a, b in itertools.pairwise(edges):
        second = offset + a
        rate = map_value(stream.rate, second % DAY) if stream.rate is not None else 1.0
        if hourly is not None:
            rate *= hourly[int(second % DAY // 3600.0)] / mean_hour
        if weekly is not None:
            rate *= weekly[(start.weekday() + int(second // DAY)) % 7] / mean_day
        if monthly is not None or stream.growth != 0.0:
            moment = start + timedelta(seconds=a)
            since = 12 * (moment.year - start.year) + moment.month - start.month
            rate *= (monthly[moment.month - 1] / (sum(monthly) / 12.0) if monthly is not None else 1.0) * (1.0 + stream.growth) ** (
                since / 12.0
            )
        keep = 1.0
        for surge in stream.surge:
            if surge.factor < 1.0 and surge.from_ <= start + timedelta(seconds=a) < surge.to:
                keep *= surge.factor
        shaped.append((a, b, rate, keep, int(second // DAY) if by_day else 0))
    factor = scale
    if stream.volume is not None:
        area = sum((b - a) * rate for a, b, rate, _, _ in shaped)
        factor = scale * stream.volume / area if area > 0.0 else 0.0
    joined: list[Piece] = []
    for a, b, rate, keep, day in shaped:
        rate *= factor
        if joined and joined[-1][2] == rate and joined[-1][3] == keep and joined[-1][4] == day:
            joined[-1] = (joined[-1][0], b, rate, keep, day)
        else:
            joined.append((a, b, rate, keep, day))
    return joined


def _months(start: datetime, horizon: float) -> list[float]:
    """Moments in (0, horizon) at which a month of the calendar begins.

    >>> [t / DAY for t in _months(datetime(2026, 1, 31), 40 * DAY)]
    [1.0, 29.0]
    """
    out: list[float] = []
    year, month = start.year, start.month
    while True:
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        t = (datetime(year, month, 1) - start).total_seconds()
        if t >= horizon:
            return out
        out.append(t)


def _every(step: float, offset: float, horizon: float) -> list[float]:
    """Moments in (0, horizon) that fall on a multiple of `step` of the clock."""
    n = math.floor((offset + horizon) / step) + 1
    return [t for t in (i * step - offset for i in range(n + 1)) if 0.0 < t < horizon]
