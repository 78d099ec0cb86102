"""A phase map: two factors span the plane; in each cell what the hub may cost before the other strategy is the better one.

       contacts an order
40 %  ▒▒ 310  ▒▒ 640  ██ 980          ██ pays at what it costs here   ░░ does not   (grey) not settled
 7 %  ░░ 40   ░░ 120  ▒▒ 510          line: break-even
       none    usual    double   switching
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from omnisim.figures.looks import INK, OKABE_ITO, Looks, clip
from omnisim.figures.numbers import number
from omnisim.figures.panel import FAINT, FONT, Facts, Panel, Say, Table, Told

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from omnisim.answers import Comparison

NAME = "phases"
KEYED = False
LEFT, RIGHT, TOP, BOTTOM = 96.0, 16.0, 16.0, 54.0  # px
CELL = (96.0, 62.0)


def facts(comparison: "Comparison") -> Facts:
    """Nothing: a comparison spans no plane."""
    return []


Cell = tuple[str, str, float, float | None]  # x, y, what the hub may cost a day, half width


def rows(names: tuple[str, str], axes: tuple[str, str], unit: str, yours: float, cells: Sequence[Cell]) -> Facts:
    """One row a cell, in the order of the design."""
    common = {"a": names[0], "b": names[1], "x_name": axes[0], "y_name": axes[1], "unit": unit, "yours": yours}
    return [common | {"x": x, "y": y, "may_cost": m, "half": h} for x, y, m, h in cells]


def _levels(facts: Facts, key: str) -> list[str]:
    return list(dict.fromkeys(r[key] for r in facts))


def panels(facts: Facts) -> list[Panel]:
    """One."""
    x, y = len(_levels(facts, "x")), len(_levels(facts, "y"))
    return [
        Panel("all", max(480.0, LEFT + RIGHT + CELL[0] * x), TOP + BOTTOM + CELL[1] * y, left=LEFT, right=RIGHT, top=TOP, bottom=BOTTOM)
    ]


def _side(r: dict[str, float | None], yours: float) -> int:
    """1 where it pays at what the hub costs here, -1 where it does not, 0 where that is not settled."""
    m, h = r["may_cost"], r["half"] or 0.0
    assert m is not None
    return 1 if m - h > yours else -1 if m + h < yours else 0


def draw(facts: Facts, key: str, ax: "Axes", looks: Looks, say: Say) -> None:
    """Cells, their numbers, and lines of equal break-even between their middles."""
    xs, ys = _levels(facts, "x"), _levels(facts, "y")
    yours = facts[0]["yours"]
    grid = np.full((len(ys), len(xs)), np.nan)
    fills = {1: (OKABE_ITO["blue"], "", 0.45), -1: (OKABE_ITO["vermillion"], "////", 0.4), 0: (INK, "", FAINT)}
    for r in facts:
        i, j = ys.index(r["y"]), xs.index(r["x"])
        grid[i, j] = r["may_cost"]
        colour, hatch, alpha = fills[_side(r, yours)]
        ax.bar(j, 1.0, bottom=i - 0.5, width=1.0, color=colour, hatch=hatch, alpha=alpha, edgecolor=INK, linewidth=0.0)
        half = "" if r["half"] is None else f"\n± {number(r['half'], 0)}"
        ax.text(j, i, f"{number(r['may_cost'], 0)}{half}", ha="center", va="center", fontsize=FONT)
    if min(grid.shape) > 1 and np.isfinite(grid).all():
        _lines(ax, grid, yours)
    ax.set_xlim(-0.5, len(xs) - 0.5)
    ax.set_ylim(-0.5, len(ys) - 0.5)
    ax.set_xticks(range(len(xs)), [clip(x, 14) for x in xs])
    ax.set_yticks(range(len(ys)), [clip(y, 14) for y in ys])
    ax.grid(visible=False)
    ax.set_xlabel(facts[0]["x_name"])
    ax.set_ylabel(facts[0]["y_name"])


def _lines(ax: "Axes", grid: np.ndarray, yours: float) -> None:
    """The break-even line at what the hub costs here, and at some other costs."""
    low, high = float(grid.min()), float(grid.max())
    others = [x for x in (yours * f for f in (0.1, 0.25, 0.5, 2.0, 4.0)) if low < x < high]
    for levels, width, style in ((others, 0.9, "dashed"), ([yours] if low < yours < high else [], 2.4, "solid")):
        if levels:
            lines = ax.contour(grid, levels=sorted(levels), colors=[INK], linewidths=width, linestyles=style)
            ax.clabel(lines, fmt=lambda x: number(x, 0), fontsize=FONT - 2)


def told(facts: Facts, say: Say) -> Told:
    """Where it pays."""
    r = facts[0]
    title = say["phases.title"].format(strategy=r["b"], base=r["a"], x=r["x_name"], y=r["y_name"])
    spoken = "; ".join(f"{c['x']}, {c['y']}: {number(c['may_cost'], 0)}" for c in facts)
    return Told(
        title, f"{title}. {spoken}.",
        say["phases.caption"].format(unit=r["unit"], yours=number(r["yours"], 0), strategy=r["b"], base=r["a"]),
    )  # fmt: skip


def table(facts: Facts, say: Say) -> Table:
    """Every cell."""
    r = facts[0]
    words = {1: r["b"], -1: r["a"], 0: say["phases.open"]}
    heads = (
        r["x_name"], r["y_name"], say["phases.cell"].format(unit=r["unit"]), "±", say["phases.better"].format(yours=number(r["yours"], 0)),
    )  # fmt: skip
    made = [(c["x"], c["y"], number(c["may_cost"], 0), number(c["half"], 0), words[_side(c, r["yours"])]) for c in facts]
    return Table(heads, tuple(made), 2)
