"""From a planner's sheet to the scenario of one day.

    volumes     the streams of goal issue that enter the sheet's channels give way to one stream a channel, by interval
    handling    the mean of the channel's law, by interval: handling time less the mean wrap-up; what context adds comes on top
    roster      agents on duty: those on the roster less shrinkage, rounded down; pools it does not name stay as they are
    hours       opening hours; on a holiday those of the holiday

The day begins at midnight with empty queues.  `volume` is those who come with something new: repeats come on top, as the journey says.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from omnisim.scenario import hours as opening
from omnisim.scenario.laws import Law, LawKind
from omnisim.scenario.problem import Pos, Problem, ScenarioError, listing
from omnisim.scenario.times import clock_text
from omnisim.scenario.units import DAY

if TYPE_CHECKING:
    from omnisim.scenario import Scenario
    from omnisim.sheets.plan import Sheet, Volume


def scenario_of(sheet: Sheet, base: Scenario, day: date) -> Scenario:
    """The scenario of one day of a sheet.  Raises ScenarioError where the two do not fit together."""
    rows = sorted((v for v in sheet.volumes if v.date == day), key=lambda v: v.start)
    if not rows:
        raise _error(sheet, "date", f"found {day}; the sheet has {listing(str(d) for d in sheet.dates)}")
    by_channel: dict[str, list[Volume]] = {}
    for v in rows:
        by_channel.setdefault(v.channel, []).append(v)
    changes: dict[str, Any] = {
        "clock.start": f"{day} 00:00", "clock.horizon": "24 h", "clock.warmup": "0 s", "clock.interval": f"{sheet.step / 60:g} min",
    }  # fmt: skip
    changes |= _demand(sheet, base, by_channel)
    for channel, own in by_channel.items():
        changes |= _handling(sheet, base, channel, own)
    changes |= _opening(sheet, base, day)
    changes |= roster_changes(sheet, base, day)
    return base.with_(changes)


def _error(sheet: Sheet, path: str, message: str) -> ScenarioError:
    where = sheet.grids["volumes"].where if "volumes" in sheet.grids else str(sheet.path)
    return ScenarioError([Problem(*Pos(where), path, message)])


def _demand(sheet: Sheet, base: Scenario, by_channel: dict[str, list[Volume]]) -> dict[str, Any]:
    """One stream a channel; the stream that was the channel's own keeps its name and all it says besides."""
    changes: dict[str, Any] = {}
    free = dict(by_channel)
    for name, stream in base.demand.items():
        into = {c for c, share in stream.enter.items() if share > 0.0}
        if stream.goal != "issue" or not into & by_channel.keys():
            continue
        if into - by_channel.keys():
            words = f"the stream {name} of the scenario enters {listing(sorted(into))}; the sheet has volumes of some of them only"
            raise _error(sheet, "channel", f"{words}: give all, or none")
        channel = next(iter(into))
        if len(into) == 1 and channel in free:
            rate = _rates(sheet, free.pop(channel))
            here = f"demand.{name}"
            changes |= {f"{here}.profile": None, f"{here}.surge": None, f"{here}.at": None, f"{here}.volume": None, f"{here}.rate": rate}
        else:
            changes[f"demand.{name}"] = None
    for channel, own in free.items():
        changes[f"demand.sheet_{channel}"] = {"goal": "issue", "rate": _rates(sheet, own), "enter": {channel: 1}}
    return {k: v for k, v in changes.items() if v is not None or _said(base, k)}


def _said(base: Scenario, path: str) -> bool:
    """Whether a path of the demand holds something that can be taken away."""
    from omnisim.scenario.tree import at

    return at(base.layers.tree, path) is not None


def _rates(sheet: Sheet, rows: list[Volume]) -> dict[str, str]:
    """A clock map of rates: nobody comes where the sheet has no row."""
    points = {0.0: 0.0}
    for v in rows:
        points[v.start] = sheet.expected(v) / sheet.step
        points.setdefault(v.start + sheet.step, 0.0)
    for v in rows:  # a row beats the end of the one before it
        points[v.start] = sheet.expected(v) / sheet.step
    return {clock_text(t): f"{rate * 3600.0!r} /h" for t, rate in sorted(points.items()) if t < DAY}


def _handling(sheet: Sheet, base: Scenario, channel: str, rows: list[Volume]) -> dict[str, Any]:
    """The channel's law with the mean of each interval; an interval without a handling time takes the one before it."""
    helps = base.channels[channel].help
    assert helps is not None
    given = [v for v in rows if v.handling is not None]
    if not given:
        return {}
    law = helps.handling.pieces[0][1] if helps.handling.pieces else helps.handling
    if law.law not in ("constant", "exponential", "lognormal", "gamma", "weibull"):
        raise _error(sheet, "handling", f"channel {channel}: its law {law.law} cannot take another mean; leave the column empty there")
    wrap = helps.wrap.mean if helps.wrap is not None else 0.0
    points: dict[str, Any] = {}
    for v in given:
        assert v.handling is not None
        if v.handling <= wrap:
            words = f"{clock_text(v.start)}, {channel}: found {v.handling:g} s, wrap-up included; wrap-up alone is {wrap:g} s"
            raise _error(sheet, "handling", words)
        points[clock_text(v.start)] = LawKind().plain(_with_mean(law, v.handling - wrap))
    return {f"channels.{channel}.help.handling": points}


def _with_mean(law: Law, mean: float) -> Law:
    return replace(law, mean=mean, pieces=())


def _opening(sheet: Sheet, base: Scenario, day: date) -> dict[str, Any]:
    """Opening hours of the sheet; on a holiday those of that day for every channel that is not always open."""
    spans = {c: channel.hours for c, channel in base.channels.items() if channel.help is not None} | dict(sheet.hours)
    holiday = next((h for h in sheet.holidays if h.date == day and h.hours is not None), None)
    if holiday is None:
        return {f"channels.{c}.hours": opening.text(s) if s is not None else None for c, s in sheet.hours.items()}
    first = datetime(day.year, day.month, day.day).weekday() * DAY
    # a closed day: hours on the day after only, which the run does not reach
    begin, end = (first + t for t in holiday.hours) if holiday.hours else ((first + DAY) % (7 * DAY), (first + DAY) % (7 * DAY) + DAY)
    return {f"channels.{c}.hours": opening.text(((begin, end),)) for c, s in spans.items() if s is not None}


def roster_changes(sheet: Sheet, base: Scenario, day: date) -> dict[str, Any]:
    """Agents on duty of each pool that the roster names: rows of the day, or else those of every day."""
    changes: dict[str, Any] = {}
    for pool in base.staffing.pools if base.staffing else ():
        own = [(start, n) for d, start, name, n in sheet.roster if name == pool and d == day]
        own = own or [(start, n) for d, start, name, n in sheet.roster if name == pool and d is None]
        if not own:
            continue
        edges = {0.0: 0, **dict(own)}  # before the first row of a day nobody is there
        cuts = sorted({*edges, *(s for s, name, _ in sheet.shrinkage if name == pool)})
        points: dict[str, int] = {}
        starts = sorted(edges)
        for t in cuts:
            gross = edges[max(s for s in starts if s <= t)]
            points[clock_text(t)] = sheet.net(pool, t, gross)
        changes[f"staffing.pools.{pool}.agents"] = points
    return changes
