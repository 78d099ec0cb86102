"""From net sales to EBIT, one step a kind of cost, one panel a strategy, all on one scale.

net sales   ██████████████████
goods            ▒▒▒▒▒▒▒▒▒▒▒▒▒
...
EBIT        ███
"""

from typing import TYPE_CHECKING

import numpy as np

from omnisim.annual import by_seed
from omnisim.estimate import spread
from omnisim.figures.looks import INK, OKABE_ITO, Looks, clip, focus
from omnisim.figures.numbers import half_width, number, places, plain, signed
from omnisim.figures.numbers import interval as written
from omnisim.figures.panel import FONT, Facts, Panel, Say, Table, Told

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from omnisim.answers import Comparison

NAME = "bridge"
KEYED = False
# each piece: what is added, what is taken away
PIECES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "sales": (("net_sales", "subscription_margin"), ()),
    "goods": ((), ("goods_cost",)),
    "shipping": (("shipping_fees",), ("handling_cost", "carriage_cost", "return_cost", "selling_cost")),
    "service": ((), ("labour_cost", "outsourcing_cost", "training_cost", "bot_cost")),
    "marketing": ((), ("marketing_cost",)),
    "fixed": ((), ("fixed_cost",)),
    "hub": ((), ("hub_cost", "capital_cost")),
}
EBIT = "ebit"
ROW = 30.0
LEFT, RIGHT = 128.0, 14.0  # px
WIDE = 420.0 - LEFT - RIGHT


def facts(comparison: "Comparison") -> Facts:
    """One row a strategy and piece: mean over seeds and 95 % interval; EBIT last."""
    rows: Facts = []
    for i, (name, answer) in enumerate(zip(comparison.names, comparison.answers, strict=True)):
        ebit = by_seed(answer, EBIT)
        if ebit is None:
            continue
        common = {"strategy": name, "baseline": i == 0, "focus": i == focus(comparison), "unit": answer.tables.currency}
        for piece, (plus, minus) in PIECES.items():
            amount = np.zeros(len(ebit))
            for sign, kpis in ((1.0, plus), (-1.0, minus)):
                for kpi in kpis:
                    found = by_seed(answer, kpi)
                    amount += 0.0 if found is None else sign * found  # no wages, no hub: no such cost
            rows.append(common | {"piece": piece, **_told(amount)})
        rows.append(common | {"piece": EBIT, **_told(ebit)})
    return rows


def _told(amount: np.ndarray) -> dict[str, float | None]:
    s = spread(amount)
    low, high = s.interval(0.05) or (None, None)
    return {"mean": s.mean, "low": low, "high": high}


def panels(facts: Facts) -> list[Panel]:
    """One panel a strategy."""
    names = dict.fromkeys(r["strategy"] for r in facts)
    return [Panel(n, LEFT + WIDE + RIGHT, 62.0 + ROW * (len(PIECES) + 1), left=LEFT, right=RIGHT, top=30.0, bottom=30.0) for n in names]


def draw(facts: Facts, key: str, ax: "Axes", looks: Looks, say: Say) -> None:
    """Steps from left to right and back; blue: what comes in and what is left, vermillion and hatched: a loss, grey: costs."""
    low, high = _ends(facts)
    rows = [r for r in facts if r["strategy"] == key]
    at = 0.0
    for i, row in enumerate(rows):
        x = row["mean"]
        whole = row["piece"] in ("sales", EBIT)
        start = 0.0 if whole else at
        colour, alpha = (OKABE_ITO["blue"], 0.85) if whole else (INK, 0.32)
        loss = row["piece"] == EBIT and x < 0.0
        ax.barh(
            i, x, left=start, height=0.56, color=OKABE_ITO["vermillion"] if loss else colour, alpha=alpha, hatch="////" if loss else "",
            edgecolor=INK, linewidth=0.0,
        )  # fmt: skip
        at = start + x
        if i + 1 < len(rows):
            ax.plot([at, at], [i + 0.28, i + 0.72], color=INK, lw=0.7, alpha=0.6)
        right = max(start, at)
        beside = right + 0.02 * (high - low)
        left = not whole and beside > low + 0.6 * (high - low)
        place, side = (min(start, at) - 0.02 * (high - low), "right") if left else (beside, "left")
        ax.text(place, i, number(x, 0), ha=side, va="center", fontsize=FONT - 1)
        ax.text(-0.03, i, say["bridge." + row["piece"]], transform=ax.get_yaxis_transform(), ha="right", va="center", fontsize=FONT - 1)
    ax.axvline(0.0, color=INK, lw=0.8)
    ax.set_xlim(low, high)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.grid(False)
    ax.locator_params(axis="x", nbins=4)
    ax.xaxis.set_major_formatter(lambda x, _: plain(x))
    ax.set_title(say["bridge.panel"].format(name=clip(key, 24), unit=rows[0]["unit"]), x=-0.42)


def _ends(facts: Facts) -> tuple[float, float]:
    """The scale of all panels: everything any of them reaches, with a little room."""
    reached = [0.0]
    for name in dict.fromkeys(r["strategy"] for r in facts):
        at = 0.0
        for row in (r for r in facts if r["strategy"] == name):
            at = row["mean"] if row["piece"] in ("sales", EBIT) else at + row["mean"]
            reached.append(at)
    low, high = min(reached), max(reached)
    room = (high - low) or 1.0
    label = (6.8 * len(number(high, 0)) + 10.0) / WIDE  # beside the longest bar stands its amount
    return low - (0.14 * room if low < 0.0 else 0.0), high + room * label / (1.0 - label)


def told(facts: Facts, say: Say) -> Told:
    """What is left in the end."""
    left = [r for r in facts if r["piece"] == EBIT]
    parts = [
        say["bridge.part"].format(name=r["strategy"], amount=signed(r["mean"], 0), unit=r["unit"])
        for r in left
        if r["baseline"] or r["focus"]
    ]
    title = say["bridge.title"].format(parts=say["and"].join(parts))
    spoken = "; ".join(
        f"{r['strategy']}, {say['bridge.' + r['piece']]}: {number(r['mean'], 0)} {r['unit']}" for r in facts if r["baseline"] or r["focus"]
    )
    return Told(title, say["bridge.alt"].format(title=title, rows=spoken), say["bridge.caption"])


def table(facts: Facts, say: Say) -> Table:
    """Every piece of every strategy with its interval."""
    heads = (say["strategy"], say["part"], f"{say['mean']}, {facts[0]['unit']}", say["interval"])
    rows = []
    for r in facts:
        n = places([half_width(r["low"], r["high"])], r["unit"])
        rows.append((r["strategy"], say["bridge." + r["piece"]], number(r["mean"], n), written(r["low"], r["high"], n)))
    return Table(heads, tuple(rows), 2)
