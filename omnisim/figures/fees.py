"""What a free-shipping threshold does: how large the baskets are beside it, and what orders of each size earn.

orders      ▂▅▇█▆▇▃▂▁     yellow: filled up to the threshold
CM2         ▁▂▂▃▃▂▄▅▆     an order, below 0: they lose money
                 | threshold
"""

from typing import TYPE_CHECKING

import numpy as np

from omnisim.estimate import spread
from omnisim.figures.looks import INK, OKABE_ITO, YELLOW, Looks, clip, focus
from omnisim.figures.numbers import half_width, number, places
from omnisim.figures.numbers import interval as written
from omnisim.figures.panel import FONT, MUTED, Facts, Panel, Say, Table, Told
from omnisim.kpis import define
from omnisim.ledger import exponent
from omnisim.sales import BINS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from omnisim.answers import Comparison

NAME = "fees"
KEYED = False
WIDE = 0.1  # a bin, in thresholds
PARTS = ("orders", "cm2")


def facts(comparison: "Comparison") -> Facts:
    """One row a strategy (baseline and focus) and bin with orders in it: means over seeds; margin an order with its interval."""
    rows: Facts = []
    for i, (name, answer) in enumerate(zip(comparison.names, comparison.answers, strict=True)):
        hists = np.array([r.sales.hist for r in answer.results if r.sales is not None])
        if i not in (0, focus(comparison)) or not hists.any():
            continue
        unit = 10.0 ** exponent(answer.tables.currency)
        above = float(answer.tables.shop.rules[0]["above"]) / unit
        basket = next((e.mean for e in answer.estimates if e.kpi == "basket_mean" and e.scope == ()), None)
        for b in range(BINS):
            orders = hists[:, b, 0]
            if not orders.any():
                continue
            row = {"strategy": name, "baseline": i == 0, "from": WIDE * b, "orders": float(orders.mean()), "unit": answer.tables.currency}
            row |= {"padded": float(hists[:, b, 1].mean()), "losing": float(hists[:, b, 2].mean()), "above": above, "basket": basket}
            known = orders > 0
            s = spread(hists[known, b, 3] / orders[known] / unit)
            low, high = s.interval(0.05) or (None, None)
            rows.append(row | {"cm2": s.mean, "low": low, "high": high})
    return rows


def panels(facts: Facts) -> list[Panel]:
    """Two panels a strategy: how many orders, and what they earn."""
    names = dict.fromkeys(r["strategy"] for r in facts)
    return [Panel(f"{part}|{n}", 420.0, 210.0, left=48.0, right=14.0, top=30.0, bottom=38.0) for n in names for part in PARTS]


def draw(facts: Facts, key: str, ax: "Axes", looks: Looks, say: Say) -> None:
    """Bars by basket; lines at the threshold and at the mean basket."""
    part, _, name = key.partition("|")
    rows = [r for r in facts if r["strategy"] == name]
    x = [r["from"] + WIDE / 2.0 for r in rows]
    short = clip(name, 22)
    if part == "orders":
        padded = [r["padded"] for r in rows]
        plain = [r["orders"] - r["padded"] for r in rows]
        ax.bar(x, plain, WIDE * 0.9, color=INK, alpha=0.34, linewidth=0.0, label=say["fees.plain"])
        filled = [(at, up, below) for at, up, below in zip(x, padded, plain, strict=True) if up > 0.0]
        if filled:
            at, up, below = zip(*filled, strict=True)
            ax.bar(at, up, WIDE * 0.9, bottom=below, color=YELLOW, edgecolor=INK, hatch="....", linewidth=0.4, label=say["fees.padded"])
        ax.set_title(say["fees.orders"].format(name=short))
        ax.legend(loc="upper right", fontsize=FONT - 1, handlelength=1.2)
        ax.set_ylim(0.0, 1.18 * max(r["orders"] for r in facts))
    else:
        earns = [OKABE_ITO["blue"] if r["cm2"] >= 0.0 else OKABE_ITO["vermillion"] for r in rows]
        drawn = ax.bar(x, [r["cm2"] for r in rows], WIDE * 0.9, color=earns, alpha=0.85, linewidth=0.0)
        for bar, r in zip(drawn, rows, strict=True):
            bar.set_hatch("" if r["cm2"] >= 0.0 else "////")
        for middle, r in zip(x, rows, strict=True):
            if r["low"] is not None:
                ax.plot([middle, middle], [r["low"], r["high"]], color=INK, lw=0.9, alpha=0.7)
        ax.axhline(0.0, color=INK, lw=0.8)
        ax.set_title(say["fees.cm2"].format(name=short, unit=rows[0]["unit"]))
        # rare large baskets have intervals beyond all others: they are cut, the table has them
        reach = 1.25 * max(abs(r["cm2"]) for r in facts) or 1.0
        worst = min(r["cm2"] for r in facts)
        ax.set_ylim(1.5 * worst if worst < 0.0 else 0.0, reach)
    for value, word, style in ((1.0, "threshold", "-"), ((rows[0]["basket"] or 0.0) / rows[0]["above"], "basket", (0, (4, 3)))):
        ax.axvline(value, color=INK, lw=1.1, ls=style, alpha=0.8)
        side = 1 if (word == "threshold") == (rows[0]["basket"] is None or rows[0]["basket"] < rows[0]["above"]) else -1
        if part == "cm2":
            edge = 0.985 if word == "threshold" else 0.90
            ax.annotate(say["fees." + word], (value, edge), (4 * side, 0), ("data", "axes fraction"), "offset points",
                        ha="left" if side > 0 else "right", va="top", fontsize=FONT - 1, alpha=max(MUTED, 0.8))  # fmt: skip
    ax.set_xlim(0.0, BINS * WIDE)
    ax.set_xlabel(say["fees.axis"])


def told(facts: Facts, say: Say) -> Told:
    """How many orders were filled up, and how many lose money."""
    parts = []
    for name in dict.fromkeys(r["strategy"] for r in facts):
        mine = [r for r in facts if r["strategy"] == name]
        whole = sum(r["orders"] for r in mine)
        values = {k: number(sum(r[k] for r in mine) / whole, 1, "share") for k in ("padded", "losing")}
        parts.append(say["fees.part"].format(name=name, **values))
    title = say["fees.title"].format(parts="; ".join(parts))
    above = f"{number(facts[0]['above'], 2)} {facts[0]['unit']}"
    caption = say["fees.caption"].format(above=above, definition=define("cm2").definition)
    return Told(title, say["fees.alt"].format(title=title, above=above), caption)


def table(facts: Facts, say: Say) -> Table:
    """Every bin."""
    unit = facts[0]["unit"]
    heads = (
        say["strategy"],
        say["fees.axis"],
        say["kpi.orders"],
        say["fees.padded"],
        say["fees.losing"],
        f"{say['fees.each']}, {unit}",
        say["interval"],
    )
    rows = []
    for r in facts:
        n = places([half_width(r["low"], r["high"])], unit)
        size = f"{r['from']:.1f} – {r['from'] + WIDE:.1f}" if r["from"] + 1.5 * WIDE < BINS * WIDE else f"≥ {r['from']:.1f}"
        counts = [number(r[k], 1) for k in ("orders", "padded", "losing")]
        rows.append((r["strategy"], size, *counts, number(r["cm2"], n), written(r["low"], r["high"], n)))
    return Table(heads, tuple(rows), 2)
