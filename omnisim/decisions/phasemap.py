"""A phase map: over a plane of two factors, what a strategy's hub may cost a day before the baseline is the better one.

    experiment with two factors, two strategies --sweep--> EBIT before the hub, both, every cell and seed --paired--> break-even

What the hub costs changes nothing else, so its cost is an axis that needs no runs: below the break-even the strategy pays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.decisions.fair import spent_per_day
from omnisim.decisions.worlds import Nothing
from omnisim.estimate import CONFIDENCE, spread
from omnisim.experiment import Experiment
from omnisim.experiment.table import Row, Table, point_text
from omnisim.scenario import Scenario
from omnisim.scenario.yamltext import flow

if TYPE_CHECKING:
    from omnisim.report.study import Study

NEEDED = ("ebit", "hub_cost", "capital_cost")


@dataclass(frozen=True)
class Cell:
    """One cell: levels of both factors, and what hub and capital may cost a day, with its 95 % interval over seeds."""

    x: str
    y: str
    may_cost: float
    low: float | None
    high: float | None
    seeds: int


@dataclass(frozen=True)
class PhaseMap:
    """What the hub and its capital may cost a day in each cell; `yours`: what they cost here."""

    name: str
    question: str
    axes: tuple[str, str]
    names: tuple[str, str]
    unit: str
    yours: float
    cells: tuple[Cell, ...]
    left_out: tuple[str, ...]
    seeds: tuple[int, ...]
    runs: int
    engine: str
    scenarios: tuple[tuple[str, Scenario], ...] = field(default=(), repr=False)
    command: str = ""

    @property
    def text(self) -> str:
        """At most 80 columns."""
        return "\n".join(_lines(self))

    def __str__(self) -> str:
        return self.text

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        names = ("x", "y", "may_cost", "low", "high", "seeds")
        return {
            "command": "phases", "reproduce": self.command, "experiment": self.name, "x": self.axes[0], "y": self.axes[1],
            "baseline": self.names[0], "strategy": self.names[1], "unit": f"{self.unit}/day", "yours": self.yours,
            "cells": [{n: getattr(c, n) for n in names} for c in self.cells], "left_out": list(self.left_out), "engine": self.engine,
        }  # fmt: skip

    def study(self) -> Study:
        """The page of it, not drawn yet."""
        from omnisim.decisions.page import mapped

        return mapped(self)

    def report(self, folder: str | Path) -> Path:
        """Write the page, its figure and its numbers into `folder`; returns the path of report.html."""
        from omnisim.report.study import write

        return write(self.study(), Path(folder))


def phases(
    file: str | Path | Experiment,
    workers: int | None = None,
    store: str | Path | None = None,
    *,
    engine: str = "auto",
    progress: Callable[[float, int], None] | None = None,
    command: str = "",
) -> PhaseMap:
    """The phase map of an experiment with two factors whose KPIs are ebit and hub_cost (and capital_cost); others are not looked at.

    With more than two strategies the one whose hub costs most is mapped.  Raises ValueError where there is no plane or no hub.
    """
    e = file if isinstance(file, Experiment) else Experiment.load(file)
    asked = e.question.asked
    if len(asked.factors) != 2:
        raise Nothing(f"a phase map needs two factors; {e.name} has {len(asked.factors)}")
    for kpi in NEEDED[:2]:
        if kpi not in asked.kpis:
            raise Nothing(f"a phase map needs {' and '.join(NEEDED[:2])} among the kpis of {e.name}")
    names = list(e.question.strategies)
    cost = [spent_per_day(s) for s in e.question.strategies.values()]
    focus = max(range(len(names)), key=lambda i: cost[i])
    if focus == 0 or cost[focus] <= cost[0]:
        raise Nothing("a phase map needs a strategy whose hub costs more than the baseline's")
    table = e.run(workers, store, engine=engine, progress=progress)
    if table.over:
        raise Nothing(f"the sweep was ended by its budget: {table.over}")
    base = e.question.strategies[names[0]]
    days = (base.clock.horizon - base.clock.warmup) / 86400.0
    cells, left_out = _cells(table, (names[0], names[focus]), days)
    axes = (next(iter(asked.factors)).replace("_", " "), list(asked.factors)[1].replace("_", " "))
    used = max((r.seeds for r in table.rows), key=len, default=())
    return PhaseMap(
        e.name, asked.question, axes, (names[0], names[focus]), base.currency, cost[focus] - cost[0], tuple(cells), tuple(left_out), used,
        table.counts.computed + table.counts.kept, "reference" if engine == "reference" else "compiled",
        tuple((n, e.question.strategies[n]) for n in (names[0], names[focus])), command,
    )  # fmt: skip


def _cells(table: Table, names: tuple[str, str], days: float) -> tuple[list[Cell], list[str]]:
    by: dict[int, dict[str, Row]] = {}
    for row in table.rows:
        by.setdefault(row.cell, {})[row.strategy] = row
    cells, left_out = [], []
    for rows in by.values():
        a, b = rows[names[0]], rows[names[1]]
        gains = (_before_hub(table, b) - _before_hub(table, a)) / days if not (a.error or b.error) else np.zeros(0)
        known = gains[np.isfinite(gains)]
        if not len(known):
            left_out.append(f"{point_text(b)}: {a.error or b.error or 'no replication succeeded'}")
            continue
        s = spread(known)
        low, high = s.interval(1.0 - CONFIDENCE) or (None, None)
        x, y = (v if isinstance(v, str) else flow(v) for v in a.settings.values())
        cells.append(Cell(x, y, s.mean, low, high, s.n))
    if not cells:
        raise Nothing("no cell makes a scenario")
    return cells, left_out


def _before_hub(table: Table, row: Row) -> np.ndarray:
    """EBIT before hub and capital, f8[seed]."""
    total = row.values[:, table.kpis.index("ebit")].copy()
    for kpi in NEEDED[1:]:
        if kpi in table.kpis:
            cost = row.values[:, table.kpis.index(kpi)]
            total += np.where(np.isfinite(cost), cost, 0.0)
    return np.asarray(total)


def sentence(m: PhaseMap) -> str:
    """How large a part of the plane each strategy has."""
    sure = [c for c in m.cells if c.low is not None and c.high is not None]
    pays = sum(1 for c in sure if (c.low or 0.0) > m.yours)
    not_ = sum(1 for c in sure if (c.high or 0.0) < m.yours)
    top = max(m.cells, key=lambda c: c.may_cost)
    return (
        f"At {m.yours:,.0f} {m.unit} a day for hub and capital {m.names[1]} pays in {pays} of {len(m.cells)} cells, {m.names[0]} is better "
        f"in {not_}, {len(m.cells) - pays - not_} are not settled; the hub may cost most, {top.may_cost:,.0f} {m.unit} a day, at "
        f"{m.axes[0]} {top.x}, {m.axes[1]} {top.y}."
    )


def _lines(m: PhaseMap) -> list[str]:
    import textwrap

    xs, ys = list(dict.fromkeys(c.x for c in m.cells)), list(dict.fromkeys(c.y for c in m.cells))
    at = {(c.x, c.y): c for c in m.cells}
    shown = xs[:6]
    lines = [*textwrap.wrap(sentence(m), 80, subsequent_indent="  "), ""]
    lines.append(f"Hub and capital may cost, {m.unit} a day; across: {m.axes[0]}, down: {m.axes[1]}"[:80])
    lines.append(f"{'':<16}" + "".join(f"{x[:9]:>10}" for x in shown))
    for y in reversed(ys):
        cells = [at.get((x, y)) for x in shown]
        lines.append(f"{y[:15]:<16}" + "".join(f"{'-' if c is None else f'{c.may_cost:,.0f}{_mark(c, m.yours)}':>10}" for c in cells))
    lines += textwrap.wrap(f"+ pays at {m.yours:,.0f} (95 %), - does not, ? not settled by {len(m.seeds)} seeds.", 80)
    return lines + [line[:80] for line in m.left_out[:3]]


def _mark(c: Cell, yours: float) -> str:
    if c.low is None or c.high is None:
        return "?"
    return "+" if c.low > yours else "-" if c.high < yours else "?"
