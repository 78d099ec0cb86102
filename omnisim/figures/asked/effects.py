"""Main effects: the mean of the KPI at each level of each factor, one panel a factor, all on one scale.

|    o            |  o--o--o      a steep line: this factor matters; bars are 95 % intervals of the effect
|  /              |
| o               |
  two  four         0 s  1 h
"""

from typing import TYPE_CHECKING

from omnisim.figures.looks import INK, OKABE_ITO, clip
from omnisim.figures.numbers import factor as scale_of
from omnisim.figures.numbers import shown_unit
from omnisim.figures.panel import FONT, Panel
from omnisim.text import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from omnisim.experiment.finding import Finding

MOST = 6  # panels
CAPTION = (
    "Mean over everything that is varied beside the factor; dashed: the mean of all points. Bars: 95 % interval of the effect over seeds. "
    "All panels share one scale. The share is how much of all differences between points the factor makes by itself."
)


def panels(finding: "Finding") -> list[Panel]:
    """One panel a factor, the strongest first."""
    names = list(dict.fromkeys(f["factor"] for f in finding.facts))[:MOST]
    return [Panel(name, 420.0, 230.0, left=62.0, right=14.0, top=32.0, bottom=42.0) for name in names]


def draw(finding: "Finding", key: str, ax: "Axes") -> None:
    """Means of the levels with their intervals."""
    unit, kpi = finding.more["unit"], finding.more["kpi"]
    k = scale_of(unit)
    shown = [f for p in panels(finding) for f in finding.facts if f["factor"] == p.key]
    ends = [k * (f["mean"] + f[e] - f["effect"]) for f in shown for e in ("low", "high")]
    room = 0.08 * (max(ends) - min(ends)) or 1.0
    rows = [f for f in finding.facts if f["factor"] == key]
    x = list(range(len(rows)))
    means = [k * f["mean"] for f in rows]
    bars = [[k * (f["effect"] - f["low"]) for f in rows], [k * (f["high"] - f["effect"]) for f in rows]]
    ax.axhline(k * finding.more["mean"], color=INK, lw=0.8, ls=(0, (4, 3)), alpha=0.5)
    ax.errorbar(x, means, yerr=bars, color=OKABE_ITO["blue"], marker="o", capsize=3.0, lw=1.8, clip_on=False)
    ax.set_xlim(-0.4, len(rows) - 0.6)
    ax.set_ylim(min(ends) - room, max(ends) + room)
    every = max(1, len(rows) // 8)
    ax.set_xticks(x[::every], [clip(f["level"], max(6, 44 // len(rows[::every]))) for f in rows[::every]])
    ax.tick_params(axis="x", labelsize=FONT - 1)
    ax.locator_params(axis="y", nbins=5)
    ax.set_title(f"{clip(key, 24)}: {100 * rows[0]['share']:.0f} % of the differences", x=-0.12)
    ax.set_xlabel(clip(f"{label(kpi)}, {shown_unit(unit) or '1'}, by {key}", 60))
