"""Do the seeds suffice: the next ones less the leader after 2, 3, ... seeds, with their 95 % intervals.

+ |\\__________      an interval that leaves out 0 and no longer moves: more seeds would change nothing that matters
0 |-----------
    2    seeds
"""

from typing import TYPE_CHECKING

from omnisim.figures.looks import FREE, INK, clip
from omnisim.figures.numbers import factor as scale_of
from omnisim.figures.numbers import shown_unit
from omnisim.figures.panel import FONT, Panel, dashes
from omnisim.text import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from omnisim.experiment.finding import Finding

CAPTION = (
    "Mean paired difference of each point to the leader after so many seeds, with its plain 95 % interval. Where the band leaves out 0 and "
    "lies still, more seeds would change nothing; where it holds 0, the two cannot be told apart yet."
)


def panels(finding: "Finding") -> list[Panel]:
    """One panel a contender."""
    names = dict.fromkeys(f["strategy"] for f in finding.facts)
    return [Panel(n, 420.0, 205.0, left=62.0, right=16.0, top=32.0, bottom=40.0) for n in names]


def draw(finding: "Finding", key: str, ax: "Axes") -> None:
    """A line with its band."""
    from matplotlib.ticker import MaxNLocator

    k = scale_of(finding.more["unit"])
    rows = [f for f in finding.facts if f["strategy"] == key]
    look = FREE[0]
    x = [f["seeds"] for f in rows]
    ax.fill_between(x, [k * f["low"] for f in rows], [k * f["high"] for f in rows], color=look.colour, alpha=0.18, linewidth=0.0)
    ax.plot(x, [k * f["difference"] for f in rows], color=look.colour, dashes=dashes(()), lw=1.8)
    ax.plot(x[-1:], [k * rows[-1]["difference"]], color=look.colour, marker=look.marker, clip_on=False)
    ax.axhline(0.0, color=INK, lw=0.9)
    late = [f for f in rows if f["seeds"] >= x[-1] / 3.0 and f["seeds"] > 2] or rows  # intervals of two or three seeds may be huge
    low, high = min(0.0, *(k * f["low"] for f in late)), max(0.0, *(k * f["high"] for f in late))
    room = 0.08 * (high - low) or 1.0
    ax.set_ylim(low - room, high + room)
    ax.set_xlim(x[0], max(x[-1], x[0] + 1))
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.locator_params(axis="y", nbins=5)
    unit = "points" if finding.more["unit"] == "share" else shown_unit(finding.more["unit"])
    ax.set_title(clip(key, 46), x=-0.12, fontsize=FONT)
    ax.set_xlabel(clip(f"seeds (difference in {label(finding.more['kpi'])}, {unit or '1'})", 60))
