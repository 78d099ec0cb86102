"""People by interval: required, scheduled, and the level that simulation gives them.

 30 |      ,--.   scheduled, on duty     one pair of panels a pool, over the clock of the run
    |  ,--'..:`-- required              required: by simulation; dotted: by formula
100%|--o-o-o---- level, 95 % band       dashed: target
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from omnisim.figures import svg
from omnisim.figures.looks import INK, OKABE_ITO
from omnisim.figures.panel import FONT, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from omnisim.staffing.plan.result import StaffPlan
    from omnisim.staffing.plan.table import Row

WIDTH, HIGH, LOW, GAP = 720.0, 150.0, 90.0, 64.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 118.0, 34.0, 34.0
REQUIRED, SCHEDULED, LEVEL = OKABE_ITO["blue"], OKABE_ITO["orange"], OKABE_ITO["green"]


@dataclass(frozen=True)
class Drawn:
    """A drawing with its title and its words for those who do not see it."""

    raw: str
    title: str
    alt: str

    def file(self) -> str:
        """A file of its own."""
        return svg.file(self.raw, "people", self.title, self.alt)

    def page(self) -> str:
        """An element of a page."""
        return svg.page(self.raw, "people", self.alt)


def people(plan: StaffPlan) -> Drawn | None:
    """The figure of a plan; None where no pool has a number by interval."""
    pools = [p for p in plan.trials.layout.pools if len(p.slots) > 1]
    if not pools:
        return None
    rows = {p.name: plan.table.of(p.name) for p in pools}
    rated = {name: any(math.isfinite(r.level) for r in own) for name, own in rows.items()}
    heights = [HIGH + (LOW + 22.0 if rated[p.name] else 0.0) for p in pools]
    total = TOP + sum(heights) + GAP * (len(pools) - 1) + BOTTOM
    start = plan.trials.layout.scenario.clock.start
    offset = start.hour + start.minute / 60.0

    def draw(figure: Figure) -> None:
        y = total - TOP
        for pool, high in zip(pools, heights, strict=True):
            begin = [offset + s.spans[0][0] / 3600.0 for s in pool.slots]
            end = [offset + s.spans[0][1] / 3600.0 for s in pool.slots]
            box = (LEFT / WIDTH, (y - HIGH) / total, (WIDTH - LEFT - RIGHT) / WIDTH, HIGH / total)
            top = figure.add_axes(box)
            _people(top, pool.name, begin, end, rows[pool.name])
            lowest = top
            if rated[pool.name]:
                lowest = figure.add_axes((box[0], (y - HIGH - 22.0 - LOW) / total, box[2], LOW / total))
                top.tick_params(labelbottom=False)
                _level(lowest, begin, end, rows[pool.name], _aim(plan, pool.name))
            for ax in {top, lowest}:
                _clock(ax, begin[0], end[-1], start + timedelta(hours=-offset))
            y -= high + GAP

    gaps = [r.gap for own in rows.values() for r in own if math.isfinite(r.gap)]
    short = sum(g < -0.5 for g in gaps)
    state = (
        "every interval has the people it requires" if not short else f"{short} of {len(gaps)} intervals have fewer people than required"
    )
    title = f"{plan.trials.layout.scenario.name}: people by interval; {state}"
    alt = f"{title}. For each pool: people required by simulation and on duty, and below the simulated service level with its target."
    return Drawn(svg.drawn(WIDTH, total, draw), title, alt)


def _aim(plan: StaffPlan, pool: str) -> float | None:
    """The service-level target of the channels that stand with a pool; the least where they differ."""
    pools = plan.trials.layout.pools
    mine = {c for c, p in plan.needs.owner.items() if pools[p].name == pool}
    aims = [t.level for t in plan.trials.targets if t.kpi == "service_level" and t.who in mine]
    return min(aims) if aims else None


def _steps(begin: list[float], end: list[float], values: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """A line that holds each value from begin to end, and is broken where intervals do not follow each other."""
    x: list[float] = []
    y: list[float] = []
    for k, (a, b, v) in enumerate(zip(begin, end, values, strict=True)):
        if k and a > end[k - 1] + 1e-6:
            x.append(a)
            y.append(math.nan)
        x += [a, b]
        y += [v, v]
    return np.array(x), np.array(y)


def _people(ax: Axes, name: str, begin: list[float], end: list[float], rows: tuple[Row, ...]) -> None:
    net, need, formula = ([getattr(r, n) for r in rows] for n in ("net", "need", "formula"))
    x, y = _steps(begin, end, net)
    ax.fill_between(x, 0.0, y, color=SCHEDULED, alpha=0.25, linewidth=0.0, zorder=1)
    ax.plot(x, y, color=SCHEDULED, lw=2.2, zorder=2)
    ax.plot(*_steps(begin, end, formula), color=INK, lw=1.1, ls=(0, (1.2, 1.8)), alpha=MUTED, zorder=3)
    ax.plot(*_steps(begin, end, need), color=REQUIRED, lw=1.6, zorder=4)
    ax.set_ylim(0.0, max(1.0, *(v for v in (*net, *need, *formula) if math.isfinite(v))) * 1.12)
    ax.set_title(f"{name}: people", loc="left")
    from matplotlib.ticker import MaxNLocator

    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.grid(True, axis="y")
    words = (("on duty (scheduled)", SCHEDULED), ("required (simulated)", REQUIRED), ("formula", INK))
    for k, (word, colour) in enumerate(words):
        ax.text(1.015, 0.95 - 0.15 * k, word, transform=ax.transAxes, color=colour, va="top", fontsize=FONT - 2, fontweight="bold")


def _level(ax: Axes, begin: list[float], end: list[float], rows: tuple[Row, ...], aim: float | None) -> None:
    middle = [(a + b) / 2.0 for a, b in zip(begin, end, strict=True)]
    level, low, high = (np.array([100.0 * getattr(r, n) for r in rows]) for n in ("level", "low", "high"))
    ax.fill_between(middle, low, high, color=LEVEL, alpha=0.22, linewidth=0.0, zorder=1)
    ax.plot(middle, level, color=LEVEL, lw=1.6, marker="o", ms=3.2, zorder=3)
    ax.set_ylim(0.0, 103.0)
    ax.set_yticks([0, 50, 100], ["0 %", "50 %", "100 %"])
    ax.grid(True, axis="y")
    ax.text(1.015, 0.95, "service level", transform=ax.transAxes, color=LEVEL, va="top", fontsize=FONT - 2, fontweight="bold")
    ax.text(1.015, 0.42, "band: 95 %", transform=ax.transAxes, color=LEVEL, va="top", fontsize=FONT - 2)
    if aim is not None:
        ax.axhline(100.0 * aim, color=INK, lw=1.0, ls=(0, (5, 3)), alpha=MUTED, zorder=2)
        ax.text(1.015, aim, f"target {100.0 * aim:g} %", transform=ax.get_yaxis_transform(), va="center", fontsize=FONT - 2, alpha=0.8)
        ax.texts[-1].set_y(100.0 * aim)


def _clock(ax: Axes, low: float, high: float, midnight: object) -> None:
    """Times of day; with the day where there are several."""
    ax.set_xlim(low, high)
    span = high - low
    step = 1.0 if span <= 8.0 else 2.0 if span <= 16.0 else 4.0 if span <= 30.0 else 12.0
    ticks = np.arange(math.ceil(low / step) * step, high + 1e-9, step)
    labels = [f"{int(t) % 24:02d}:00" if span <= 30.0 else f"{midnight + timedelta(hours=float(t)):%a %H:%M}" for t in ticks]  # type: ignore[operator]
    ax.set_xticks(ticks, labels)
