"""Which factor moves the number most: bars from the largest to the smallest, with 95 % intervals.

agents   ████████|██████     steps away from a base (left and right of 0), shares of the variance (first filled, total outlined),
calls        ████|██         or mean sizes of elementary effects
"""

from typing import TYPE_CHECKING

from omnisim.experiment.table import ONLY
from omnisim.figures.looks import INK, OKABE_ITO, clip
from omnisim.figures.numbers import factor as scale_of
from omnisim.figures.numbers import plain, shown_unit
from omnisim.figures.panel import FONT, MUTED, Panel
from omnisim.text import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from omnisim.experiment.finding import Finding

MOST = 15  # factors
ROW = 34.0
CAPTION = (
    "The longest bar is the factor that matters most. Lines: 95 % intervals. Of Sobol indices the filled bar is what the factor does by "
    "itself, the outlined one what it does together with others."
)


def panels(finding: "Finding") -> list[Panel]:
    """One panel for each thing that is analysed: a strategy, or its difference to the baseline."""
    names = dict.fromkeys(f["of"] for f in finding.facts)
    count = len(dict.fromkeys(f["factor"] for f in finding.facts))
    return [Panel(n, 470.0, 78.0 + ROW * min(count, MOST), left=130.0, right=20.0, top=32.0, bottom=42.0) for n in names]


def draw(finding: "Finding", key: str, ax: "Axes") -> None:
    """Bars by factor."""
    rows = [f for f in finding.facts if f["of"] == key]
    factors = list(dict.fromkeys(f["factor"] for f in rows))[:MOST]
    for y, name in enumerate(factors):
        mine = [f for f in rows if f["factor"] == name]
        {"indices": _indices, "screening": _sizes, "steps": _steps}[finding.name](finding, mine, y, ax)
        ax.text(-0.03, y, clip(name, 18), transform=ax.get_yaxis_transform(), ha="right", va="center", fontsize=FONT - 0.5)
    ax.axvline(0.0, color=INK, lw=0.9)
    ax.set_ylim(len(factors) - 0.4, -0.6)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.grid(True, axis="x")
    ax.grid(False, axis="y")
    ax.margins(x=0.14 if finding.name == "steps" else 0.05)
    ax.locator_params(axis="x", nbins=5)
    ax.xaxis.set_major_formatter(lambda x, _: plain(x))
    ax.set_title("" if key == ONLY else clip(key, 48), x=-0.36)
    if finding.name == "indices":
        ax.set_xlabel("share of the variance: filled alone, outlined with others")
    else:
        unit = "points" if finding.more["unit"] == "share" else shown_unit(finding.more["unit"])
        what = "mean size of a step over the range" if finding.name == "screening" else "change from the base"
        ax.set_xlabel(clip(f"{label(finding.more['kpi'])}, {unit or '1'}: {what}", 62))


def _bar(ax: "Axes", y: float, value: float, low: float, high: float, thick: float, colour: str, filled: bool) -> None:
    ax.barh(y, value, height=thick, color=colour if filled else "none", alpha=0.85 if filled else 1.0, edgecolor=colour, linewidth=1.2)
    ax.errorbar([value], [y], xerr=[[max(0.0, value - low)], [max(0.0, high - value)]], color=INK, elinewidth=1.1, capsize=2.5, fmt="none")


def _indices(finding: "Finding", rows: list[dict[str, float]], y: int, ax: "Axes") -> None:
    for f in rows:
        _bar(ax, y - 0.2, f["first"], f["first_low"], f["first_high"], 0.34, OKABE_ITO["blue"], True)
        _bar(ax, y + 0.2, f["total"], f["total_low"], f["total_high"], 0.34, OKABE_ITO["blue"], False)


def _sizes(finding: "Finding", rows: list[dict[str, float]], y: int, ax: "Axes") -> None:
    k = scale_of(finding.more["unit"])
    for f in rows:
        _bar(ax, y, k * f["mu_star"], k * f["low"], k * f["high"], 0.5, OKABE_ITO["blue"], True)


def _steps(finding: "Finding", rows: list[dict[str, float]], y: int, ax: "Axes") -> None:
    """The lowest and the highest level of a factor; each bar names its level."""
    k = scale_of(finding.more["unit"])
    ends = sorted({min(range(len(rows)), key=lambda i: rows[i]["effect"]), max(range(len(rows)), key=lambda i: rows[i]["effect"])})
    for j, i in enumerate(ends):
        f, at = rows[i], y + (0.0 if len(ends) == 1 else (-0.2, 0.2)[j])
        colour = OKABE_ITO["blue"] if f["effect"] < 0.0 else OKABE_ITO["vermillion"]
        _bar(ax, at, k * f["effect"], k * f["low"], k * f["high"], 0.5 if len(ends) == 1 else 0.34, colour, True)
        right = f["effect"] >= 0.0
        edge = k * (f["high"] if right else f["low"])
        ax.annotate(clip(str(f["level"]), 12), (edge, at), (4.0 if right else -4.0, 0.0), textcoords="offset points", va="center",
                    ha="left" if right else "right", fontsize=FONT - 2.5, alpha=0.5 + MUTED / 2)  # fmt: skip
