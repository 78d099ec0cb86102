"""A KPI over the day, one small panel a channel, one line a strategy: service level, and customers who give up.

100 |--.__.-- target        mean over seeds of each interval of arrival; the band is its own 95 % interval
  0 |________ 08:00 ...     (baseline and one other strategy only, so that lines stay visible)
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from omnisim.figures.looks import INK, Looks, clip, focus
from omnisim.figures.numbers import NOTHING, factor, interval, number, places, shown_unit
from omnisim.figures.panel import FONT, MUTED, Facts, Panel, Row, Say, Table, Told, dashes
from omnisim.kpis import define, service_levels
from omnisim.words import Mode

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from omnisim.answers import Answer, Comparison

PER_DAY = 24.0


@dataclass(frozen=True)
class ByHalfHour:
    """The figure of one KPI that has the scope channel and interval."""

    NAME: str
    kpi: str
    KEYED: bool = True

    def facts(self, comparison: "Comparison") -> Facts:
        """One row a channel, interval in which it is open, and strategy; channels where the KPI is 0 throughout are left out."""
        rows: Facts = []
        for i, (name, answer) in enumerate(zip(comparison.names, comparison.answers, strict=True)):
            tables = answer.tables
            channels = list(tables.channels)
            for e in answer.estimates:
                scope = dict(e.scope)
                if e.kpi != self.kpi or set(scope) != {"channel", "interval"}:
                    continue
                c = channels.index(scope["channel"])
                if int(tables.mode[c]) != Mode.LIVE or not _open(answer, scope["channel"], scope["interval"]):
                    continue
                row: Row = {"channel": scope["channel"], "interval": scope["interval"], "strategy": name}
                row |= {"baseline": i == 0, "focus": i == focus(comparison), "unit": e.unit, "minutes": tables.interval_s / 60.0}
                row |= {"mean": e.mean, "low": e.low, "high": e.high, "n": e.n}
                row |= {"formulas": service_levels(comparison.baseline.tables)}
                row |= {"target": _given(tables.sl_target[c]), "within_s": _given(tables.within_s[c])}
                rows.append(row)
        shown = sorted({r["channel"] for r in rows if r["mean"] != 0.0})
        return sorted((r for r in rows if r["channel"] in shown), key=lambda r: (r["channel"], r["interval"]))

    def panels(self, facts: Facts) -> list[Panel]:
        """One panel a channel."""
        channels = dict.fromkeys(r["channel"] for r in facts)
        return [Panel(c, 420.0, 210.0, left=40.0, right=16.0, top=30.0, bottom=28.0) for c in channels]

    def draw(self, facts: Facts, key: str, ax: "Axes", looks: Looks, say: Say) -> None:
        """Lines over the clock; service level from 0 to 100 %, giving up on one scale for all channels."""
        from matplotlib.ticker import MaxNLocator

        rows = [r for r in facts if r["channel"] == key]
        first = _moment(min(r["interval"] for r in facts)).replace(hour=0, minute=0)
        half = rows[0]["minutes"] / 120.0
        step = rows[0]["minutes"] / 60.0
        f = factor(rows[0]["unit"])
        for name, look in looks.items():
            mine = [r for r in rows if r["strategy"] == name]
            if not mine:
                continue
            x, y, low, high = _with_gaps(mine, first, half, step, f)
            if mine[0]["baseline"] or mine[0]["focus"]:
                ax.fill_between(x, low, high, color=look.colour, alpha=0.13, linewidth=0.0, zorder=1)
            ax.plot(x, y, color=look.colour, marker=look.marker, dashes=dashes(look.dash), ms=3.4, lw=1.6, zorder=3, clip_on=False)
        every = [_hours(r["interval"], first) + half for r in facts]
        _clock_axis(ax, min(every) - half, max(every) + half, first)
        if self.kpi == "service_level":
            ax.set_ylim(0.0, 100.0)
            within = rows[0]["within_s"]
            ax.set_title(say["by_half_hour.service"].format(channel=clip(key, 22), within=_seconds(within)))
        else:
            top = max(max(r["mean"], 0.0) * f for r in facts)
            ax.set_ylim(0.0, top * 1.25 or 1.0)
            kpi, unit = say["by_half_hour." + self.kpi], shown_unit(rows[0]["unit"])
            ax.set_title(say["by_half_hour.panel"].format(channel=clip(key, 22), kpi=kpi, unit=unit))
        ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        target = rows[0]["target"]
        if self.kpi == "service_level" and target is not None:
            ax.axhline(target * f, color=INK, lw=1.0, ls=(0, (5, 3)), alpha=MUTED, zorder=2)
            words = say["by_half_hour.target"].format(target=number(target, 0, rows[0]["unit"]))
            ax.text(0.01, target * f - 2.0, words, transform=ax.get_yaxis_transform(), ha="left", va="top", alpha=0.8, fontsize=FONT - 1)

    def told(self, facts: Facts, say: Say) -> Told:
        """How many intervals meet the target, or where most give up."""
        what = say["by_half_hour.half_hour" if facts[0]["minutes"] == 30.0 else "by_half_hour.interval"]
        base = next((r["strategy"] for r in facts if r["baseline"]), facts[0]["strategy"])
        other = next((r["strategy"] for r in facts if r["focus"]), base)
        aimed = [r for r in facts if r["target"] is not None]
        if self.kpi == "service_level" and aimed:
            met = {s: sum(1 for r in aimed if r["strategy"] == s and r["mean"] >= r["target"]) for s in (base, other)}
            of = sum(1 for r in aimed if r["strategy"] == base)
            title = say["by_half_hour.title.met"].format(name=other, met=met[other], of=of, what=what, base=base, base_met=met[base])
        elif self.kpi == "service_level":
            title = say["by_half_hour.title.plain"].format(kpi=say["kpi." + self.kpi], what=what)
        else:
            worst = max((r for r in facts if r["baseline"]), key=lambda r: r["mean"], default=facts[0])
            same = next((r for r in facts if r["focus"] and (r["channel"], r["interval"]) == (worst["channel"], worst["interval"])), None)
            title = say["by_half_hour.title.worst"].format(
                base=worst["strategy"],
                channel=worst["channel"],
                clock=f"{_moment(worst['interval']):%H:%M}",
                value=number(worst["mean"], 1, worst["unit"]),
                name=other,
                other=number(same["mean"] if same else None, 1, worst["unit"]),
            )
        channels = ", ".join(dict.fromkeys(r["channel"] for r in facts))
        alt = say["by_half_hour.alt"].format(title=title, kpi=say["kpi." + self.kpi], channels=channels)
        definition = define(self.kpi).definition
        caption = say["by_half_hour.caption." + self.kpi].format(
            what=what, definition=definition, base=base, name=other, formulas=facts[0]["formulas"]
        )
        return Told(title, alt, caption)

    def table(self, facts: Facts, say: Say) -> Table:
        """One row a channel and interval, one column a strategy."""
        names = sorted({r["strategy"]: None for r in facts}, key=lambda n: next(not r["baseline"] for r in facts if r["strategy"] == n))
        cells: dict[tuple[str, str], dict[str, str]] = {}
        for r in facts:
            n = places([], r["unit"])
            text = f"{number(r['mean'], n, r['unit'])} {interval(r['low'], r['high'], n, r['unit'])}".strip()
            cells.setdefault((r["channel"], r["interval"]), {})[r["strategy"]] = text
        unit = shown_unit(facts[0]["unit"])
        heads = (say["channel"], say["arrived"], *(f"{n}, {unit}" for n in names))
        rows = [(c, f"{_moment(t):%Y-%m-%d %H:%M}", *(row.get(n, NOTHING) for n in names)) for (c, t), row in cells.items()]
        return Table(heads, tuple(rows), 2)


SERVICE = ByHalfHour("service_by_half_hour", "service_level")
ABANDONED = ByHalfHour("abandonment_by_half_hour", "abandon_rate")


def _open(answer: "Answer", channel: str, stamp: str) -> bool:
    """Whether a channel is open at some moment of an interval (at closed doors there is nothing to answer in time)."""
    hours = answer.scenario.channels[channel].hours
    if hours is None:
        return True
    week = timedelta(days=7).total_seconds()
    moment = _moment(stamp)
    since_monday = moment - datetime(moment.year, moment.month, moment.day) + timedelta(days=moment.weekday())
    start = since_monday.total_seconds()
    end = start + answer.tables.interval_s
    return any(low < end - shift and start - shift < high for low, high in hours for shift in (0.0, week))


def _given(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:g} s" if value < 120.0 else f"{value / 60.0:g} min"


def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)


def _hours(stamp: str, first: datetime) -> float:
    return (_moment(stamp) - first) / timedelta(hours=1)


def _with_gaps(rows: Facts, first: datetime, half: float, step: float, f: float) -> tuple[list[float], ...]:
    """Middle of each interval, mean, low, high; NaN between intervals that do not follow each other (the channel was shut)."""
    out: tuple[list[float], ...] = ([], [], [], [])
    for r in rows:
        x = _hours(r["interval"], first) + half
        if out[0] and x - out[0][-1] > 1.5 * step:
            for values in out:
                values.append(float("nan"))
        low = r["mean"] if r["low"] is None else r["low"]
        high = r["mean"] if r["high"] is None else r["high"]
        for values, v in zip(out, (x, r["mean"] * f, max(0.0, low * f), high * f), strict=True):
            values.append(v)
    return out


def _clock_axis(ax: "Axes", low: float, high: float, first: datetime) -> None:
    """Clock times within a day, days beyond."""
    ax.set_xlim(low, high)
    if high - low <= 30.0:
        step = 2.0 if high - low <= 10.0 else 3.0 if high - low <= 15.0 else 4.0
        ticks = np.arange(np.ceil(low / step) * step, high + 1e-9, step)
        ax.set_xticks(ticks, [f"{int(t) % 24:02d}:00" for t in ticks])
    else:
        days = np.arange(np.ceil(low / PER_DAY) * PER_DAY, high + 1e-9, PER_DAY * max(1.0, np.ceil((high - low) / PER_DAY / 7.0)))
        ax.set_xticks(days, [f"{first + timedelta(hours=float(d)):%m-%d}" for d in days])
