"""Where orders lose money: their share by channel and by region, and what they lose together."""

from typing import TYPE_CHECKING

import numpy as np

from omnisim.estimate import spread
from omnisim.figures.bars import grouped, height
from omnisim.figures.looks import Looks, focus
from omnisim.figures.numbers import half_width, number, places
from omnisim.figures.numbers import interval as written
from omnisim.figures.panel import Facts, Panel, Row, Say, Table, Told
from omnisim.kpis import define
from omnisim.ledger import exponent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from omnisim.answers import Comparison

NAME = "losing"
KEYED = True
BY = ("channel", "region")


def facts(comparison: "Comparison") -> Facts:
    """One row a channel or region and strategy: share of orders that lose money with its 95 % interval, and what they lose."""
    rows: Facts = []
    for by in BY:
        for i, (name, answer) in enumerate(zip(comparison.names, comparison.answers, strict=True)):
            found = [r.sales for r in answer.results if r.sales is not None]
            parts = answer.tables.channels if by == "channel" else answer.tables.shop.region_names
            if not found or (by == "region" and len(parts) < 2):
                continue
            counts = np.array([getattr(s, f"by_{by}") for s in found])
            unit = 10.0 ** exponent(answer.tables.currency)
            for p, part in enumerate(parts):
                known = counts[:, p, 0] > 0
                if not known.any():
                    continue
                s = spread(counts[known, p, 1] / counts[known, p, 0])
                low, high = s.interval(0.05) or (None, None)
                row: Row = {"by": by, "part": part, "strategy": name, "baseline": i == 0, "focus": i == focus(comparison)}
                row |= {"share": s.mean, "low": low, "high": high, "orders": float(counts[:, p, 0].mean())}
                row |= {
                    "losing": float(counts[:, p, 1].mean()),
                    "lost": float(counts[:, p, 2].mean()) / unit,
                    "unit": answer.tables.currency,
                }
                row |= {"from": None if low is None else 100.0 * max(0.0, low), "to": None if high is None else 100.0 * high}
                rows.append(row)
    if not any(r["losing"] for r in rows):
        return []
    order = {by: n for n, by in enumerate(BY)}
    return sorted(rows, key=lambda r: (order[r["by"]], r["part"]))


def panels(facts: Facts) -> list[Panel]:
    """Channels, and regions where there are several."""
    out = []
    for by in BY:
        mine = [r for r in facts if r["by"] == by]
        if mine:
            tall = 80.0 + height(len({r["part"] for r in mine}), len({r["strategy"] for r in mine}))
            out.append(Panel(by, 420.0, tall, left=12.0, right=14.0, top=30.0, bottom=44.0))
    return out


def draw(facts: Facts, key: str, ax: "Axes", looks: Looks, say: Say) -> None:
    """Bars of the share, with what is lost beside them."""
    rows = [r for r in facts if r["by"] == key]

    def words(r: Row) -> str:
        return say["losing.bar"].format(share=number(r["share"], 1, "share"), lost=number(r["lost"], 0), unit=r["unit"])

    grouped(ax, rows, looks, group="part", value=lambda r: 100.0 * float(r["share"]), words=words)
    ax.set_title(say["losing." + key])
    ax.set_xlabel(say["losing.axis"])


def told(facts: Facts, say: Say) -> Told:
    """What the losing orders lose together."""
    parts = []
    for name in dict.fromkeys(r["strategy"] for r in facts if r["baseline"] or r["focus"]):
        mine = [r for r in facts if r["strategy"] == name and r["by"] == "channel"]
        share = sum(r["losing"] for r in mine) / sum(r["orders"] for r in mine)
        lost = number(sum(r["lost"] for r in mine), 0)
        parts.append(say["losing.part"].format(name=name, share=number(share, 1, "share"), lost=lost, unit=mine[0]["unit"]))
    title = say["losing.title"].format(parts=say["and"].join(parts))
    spoken = "; ".join(f"{r['part']}, {r['strategy']}: {number(r['share'], 1, 'share')} %" for r in facts)
    caption = say["losing.caption"].format(definition=define("lossmaking_order_share").definition)
    return Told(title, say["losing.alt"].format(title=title, rows=spoken), caption)


def table(facts: Facts, say: Say) -> Table:
    """Shares with their intervals, and money."""
    unit = facts[0]["unit"]
    heads = (say["losing.where"], say["strategy"], say["kpi.orders"], say["losing.axis"], say["interval"], f"{say['losing.lost']}, {unit}")
    rows = []
    for r in facts:
        n = places([half_width(r["low"], r["high"])], "share")
        share, ends = number(r["share"], n, "share"), written(r["low"], r["high"], n, "share")
        rows.append((r["part"], r["strategy"], number(r["orders"], 1), share, ends, number(r["lost"], 2)))
    return Table(heads, tuple(rows), 2)
