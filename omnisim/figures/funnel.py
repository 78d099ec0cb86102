"""From a visit to an order: visits, checkouts and orders by channel, a bar a strategy.

The interval at a bar's end is that of the paired difference to the baseline: where it crosses the end of the baseline's bar,
the seeds do not settle which is longer.
"""

from typing import TYPE_CHECKING

from omnisim.figures.bars import grouped, height
from omnisim.figures.looks import Looks, focus
from omnisim.figures.numbers import half_width, number, places, signed
from omnisim.figures.numbers import interval as written
from omnisim.figures.panel import Facts, Panel, Row, Say, Table, Told

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from omnisim.answers import Comparison

NAME = "funnel"
KEYED = True
STAGES = ("visits", "carts", "orders")


def facts(comparison: "Comparison") -> Facts:
    """One row a stage, channel and strategy: mean, difference to the baseline and its own 95 % interval."""
    rows: Facts = []
    diffs = {(d.kpi, d.scope, d.strategy): d for d in comparison.differences if d.kpi in STAGES}
    for stage in STAGES:
        for i, (name, answer) in enumerate(zip(comparison.names, comparison.answers, strict=True)):
            for e in answer.estimates:
                if e.kpi != stage or len(e.scope) != 1 or e.scope[0][0] != "channel":
                    continue
                d = diffs.get((stage, e.scope, name))
                row: Row = {"stage": stage, "channel": e.scope[0][1], "strategy": name, "baseline": i == 0, "focus": i == focus(comparison)}
                row |= {
                    "mean": e.mean,
                    "difference": d.difference if d else None,
                    "low": d.low if d else None,
                    "high": d.high if d else None,
                }
                row |= {"from": None if d is None or d.low is None else d.baseline_mean + d.low}
                row |= {"to": None if d is None or d.high is None else d.baseline_mean + d.high}
                rows.append(row)
    sells = {r["channel"] for r in rows if r["stage"] == "carts" and r["mean"] > 0.0}
    order = {stage: n for n, stage in enumerate(STAGES)}
    return sorted((r for r in rows if r["channel"] in sells), key=lambda r: (order[r["stage"]], r["channel"]))


def panels(facts: Facts) -> list[Panel]:
    """One panel a stage."""
    channels, names = len({r["channel"] for r in facts}), len({r["strategy"] for r in facts})
    return [Panel(s, 420.0, 66.0 + height(channels, names), left=12.0, right=14.0, top=30.0, bottom=30.0) for s in STAGES]


def draw(facts: Facts, key: str, ax: "Axes", looks: Looks, say: Say) -> None:
    """Bars by channel; each stage has a scale of its own."""
    rows = [r for r in facts if r["stage"] == key]
    grouped(ax, rows, looks, group="channel", value=lambda r: float(r["mean"]), words=lambda r: number(r["mean"], 0))
    ax.set_title(say["kpi." + key])


def _total(facts: Facts, stage: str, strategy: str) -> float:
    return float(sum(r["mean"] for r in facts if r["stage"] == stage and r["strategy"] == strategy))


def told(facts: Facts, say: Say) -> Told:
    """Orders of 100 visits, with the baseline and the strategy in focus."""
    shown = list(dict.fromkeys(r["strategy"] for r in facts if r["baseline"] or r["focus"]))
    names = list(dict.fromkeys(r["strategy"] for r in facts))

    def of(name: str) -> str:
        visits = _total(facts, "visits", name)
        return number(_total(facts, "orders", name) / visits if visits else None, 2, "share")

    title = say["funnel.title"].format(parts=say["and"].join(say["funnel.part"].format(name=n, value=of(n)) for n in shown))
    spoken = "; ".join(say["funnel.spoken"].format(name=n, **{s: number(_total(facts, s, n), 0) for s in STAGES}) for n in names)
    return Told(title, say["funnel.alt"].format(title=title, rows=spoken), say["funnel.caption"])


def table(facts: Facts, say: Say) -> Table:
    """Means, differences and intervals."""
    heads = (say["measure"], say["channel"], say["strategy"], say["mean"], say["difference"], say["interval"])
    rows = []
    for r in facts:
        n = places([half_width(r["low"], r["high"])])
        change = ("", "") if r["baseline"] else (signed(r["difference"], n), written(r["low"], r["high"], n, sign=True))
        rows.append((say["kpi." + r["stage"]], r["channel"], r["strategy"], number(r["mean"], n), *change))
    return Table(heads, tuple(rows), 3)
