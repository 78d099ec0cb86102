"""Two aims with their intervals: the points that no other beats are filled, numbered and joined.

|  1
|    \\_ 2        o others: beaten by some point in both
|   o    \\_ 3
"""

from typing import TYPE_CHECKING

from omnisim.figures.looks import INK, OKABE_ITO, clip
from omnisim.figures.numbers import factor as scale_of
from omnisim.figures.numbers import shown_unit
from omnisim.figures.panel import FONT, Panel
from omnisim.kpis import define
from omnisim.text import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from omnisim.experiment.finding import Finding

CAPTION = (
    "Filled and numbered: beaten by no other point in both aims, as the means stand; the numbers are those of the table, which gives the "
    "probability that it is so. Hollow: beaten. Lines: 95 % intervals of each point by itself."
)


def panels(finding: "Finding") -> list[Panel]:
    """One panel."""
    return [Panel("pareto", 500.0, 350.0, left=62.0, right=24.0, top=34.0, bottom=42.0)]


def draw(finding: "Finding", key: str, ax: "Axes") -> None:
    """All points, the front joined from end to end."""
    kpis, units = finding.more["kpis"], finding.more["units"]
    kx, ky = scale_of(units[0]), scale_of(units[1])
    others = [f for f in finding.facts if not f["front"]]
    front = sorted((f for f in finding.facts if f["front"]), key=lambda f: f["x"])
    many = len(others) > 60
    for rows, colour, face, alpha in ((others, INK, "none", 0.4), (front, OKABE_ITO["vermillion"], OKABE_ITO["vermillion"], 1.0)):
        for f in rows:
            if not many or f["front"]:
                xs = [[kx * (f["x"] - f["x_low"])], [kx * (f["x_high"] - f["x"])]]
                ys = [[ky * (f["y"] - f["y_low"])], [ky * (f["y_high"] - f["y"])]]
                ax.errorbar([kx * f["x"]], [ky * f["y"]], yerr=ys, xerr=xs, fmt="none", ecolor=colour, elinewidth=1.0, alpha=0.6 * alpha)
            ax.plot([kx * f["x"]], [ky * f["y"]], "o", ms=6.5, color=colour, markerfacecolor=face, alpha=alpha)
    ax.plot([kx * f["x"] for f in front], [ky * f["y"] for f in front], color=OKABE_ITO["vermillion"], lw=1.2, ls=(0, (4, 2)))
    for i, f in enumerate(front, 1):
        ax.annotate(str(i), (kx * f["x"], ky * f["y"]), (6.0, 6.0), textcoords="offset points", fontsize=FONT, weight="bold")
    ax.margins(0.06)
    ax.grid(True, axis="both")
    ax.locator_params(nbins=6)
    arrows = [{"lower": "less is better", "higher": "more is better"}[define(k).better or "lower"] for k in kpis]
    ax.set_xlabel(clip(f"{label(kpis[0])}, {shown_unit(units[0]) or '1'} ({arrows[0]})", 64))
    ax.set_title(clip(f"{label(kpis[1])}, {shown_unit(units[1]) or '1'} ({arrows[1]})", 60), x=-0.1)
