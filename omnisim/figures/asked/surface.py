"""A response surface over the two factors that bend it most, as a map with lines of equal height; with one factor a curve.

|  ~~~~ 5.0 ~~~     dots: the points that were run; of a difference the heavy line is where its sign turns
|     ~~~~ 5.5      (break-even)
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.figures.looks import INK, OKABE_ITO, clip
from omnisim.figures.numbers import factor as scale_of
from omnisim.figures.numbers import plain, shown_unit
from omnisim.figures.panel import FONT, Panel
from omnisim.text import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from omnisim.experiment.finding import Finding

CAPTION = (
    "A Gaussian process through the points that were run (dots), the other factors in the middle of their ranges. Between the dots it is "
    "a guess whose quality stands in the text. Of a difference to the baseline the heavy line is break-even: there it is 0."
)
LEVELS = 9


def panels(finding: "Finding") -> list[Panel]:
    """One panel."""
    two = len(finding.more["axes"]) > 1
    return [Panel("surface", 500.0, 360.0 if two else 280.0, left=66.0, right=86.0 if two else 20.0, top=34.0, bottom=46.0)]


def draw(finding: "Finding", key: str, ax: "Axes") -> None:
    """The map, or the curve."""
    more = finding.more
    k = scale_of(more["unit"])
    grid = [f for f in finding.facts if f["kind"] == "grid"]
    points = [f for f in finding.facts if f["kind"] == "point"]
    places = np.array([f["place"] for f in points])[:, more["which"]]
    z = k * np.array([f["mean"] for f in grid])
    unit = ("points" if more["unit"] == "share" else shown_unit(more["unit"])) if more["difference"] else shown_unit(more["unit"])
    name = f"{label(more['kpi'])}, {unit or '1'}" + (f": {more['of']}" if more["difference"] else "")
    if len(more["axes"]) > 1:
        _map(ax, z, places, more)
        _ends(ax.set_yticks, more["ends"][more["axes"][1]])
        ax.set_ylabel(clip(more["axes"][1], 30), labelpad=-20.0)
    else:
        _curve(ax, z, k * np.array([f["sd"] for f in grid]), places[:, 0], k * np.array([f["mean"] for f in points]))
    _ends(ax.set_xticks, more["ends"][more["axes"][0]])
    ax.set_xlabel(clip(more["axes"][0], 40), labelpad=-6.0)
    ax.set_title(clip(name, 58), x=-0.12)
    ax.grid(False)


def _ends(set_ticks: Any, ends: tuple[str, str]) -> None:
    set_ticks([0.0, 1.0], [clip(e, 12) for e in ends], fontsize=FONT - 1)


def _map(ax: "Axes", z: np.ndarray, places: np.ndarray, more: dict[str, Any]) -> None:
    side = round(len(z) ** 0.5)
    heights = z.reshape(side, side).T  # the first axis lies horizontally
    axis = np.linspace(0.0, 1.0, side)
    most = float(np.abs(heights).max()) or 1.0
    sign = more["difference"] and heights.min() < 0.0 < heights.max()
    colours = {"cmap": "PuOr_r", "vmin": -most, "vmax": most} if sign else {"cmap": "cividis"}
    area = ax.contourf(axis, axis, heights, LEVELS, alpha=0.9, **colours)
    levels = list(area.levels)
    lines = ax.contour(axis, axis, heights, levels, colors=INK, linewidths=0.5, alpha=0.6)
    ax.clabel(lines, levels[::2], fontsize=FONT - 2.5, fmt=plain)
    if sign:
        ax.contour(axis, axis, heights, [0.0], colors=INK, linewidths=2.4)
    ax.plot(places[:, 0], places[:, 1], "o", ms=3.4, color=INK, markeredgecolor="white", markeredgewidth=0.7, clip_on=False, ls="none")
    ax.set_xlim(0.0, 1.0)
    ax.set_ylim(0.0, 1.0)
    bar = ax.figure.colorbar(area, cax=ax.inset_axes((1.03, 0.0, 0.04, 1.0)))
    bar.ax.tick_params(labelsize=FONT - 1.5)
    bar.outline.set_linewidth(0.5)


def _curve(ax: "Axes", z: np.ndarray, sd: np.ndarray, x: np.ndarray, seen: np.ndarray) -> None:
    axis = np.linspace(0.0, 1.0, len(z))
    ax.fill_between(axis, z - 1.96 * sd, z + 1.96 * sd, color=OKABE_ITO["blue"], alpha=0.15, linewidth=0.0)
    ax.plot(axis, z, color=OKABE_ITO["blue"])
    ax.plot(x, seen, "o", ms=4.0, color=INK, ls="none")
    ax.axhline(0.0, color=INK, lw=0.8) if z.min() < 0.0 < z.max() else None
    ax.set_xlim(0.0, 1.0)
