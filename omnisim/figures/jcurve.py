"""The J-curve of a roll-out: cash summed up month by month, with its interval, and where it comes back to nothing."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from omnisim.figures.looks import OKABE_ITO

if TYPE_CHECKING:
    from omnisim.rollout import Rolled


def save(rolled: "Rolled", path: Path) -> None:
    """Draw it into a file; its ending says how: .svg, .png or .pdf."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    mean, low, high = rolled.curve()
    months = np.arange(len(mean))
    top = max(float(np.abs(high).max()), float(np.abs(low).max()), 1.0)
    unit = 1e6 if top >= 2e6 else 1e3 if top >= 2e3 else 1.0
    word = {1e6: "million ", 1e3: "thousand ", 1.0: ""}[unit]
    figure = Figure(figsize=(7.2, 4.2), layout="constrained")
    ax = figure.subplots()
    ax.axhline(0.0, color="0.4", linewidth=0.8)
    ax.fill_between(months, low / unit, high / unit, color=OKABE_ITO["vermillion"], alpha=0.18, linewidth=0.0)
    ax.plot(months, mean / unit, color=OKABE_ITO["vermillion"], linewidth=1.8)
    back = rolled.payback()[0]
    if math.isfinite(back):
        ax.plot([back], [0.0], marker="o", color=OKABE_ITO["blue"], clip_on=False, zorder=5)
        ax.annotate(f"paid back after {back:.1f} months", (back, 0.0), (6, -14), textcoords="offset points", color=OKABE_ITO["blue"])
    ax.set_xlim(0, months[-1])
    ax.set_xlabel("months since the first day")
    ax.set_ylabel(f"cash more than {rolled.baseline}, summed up\n({word}{rolled.currency}; band: 95 % interval over seeds)")
    ax.set_title(rolled.headline(), loc="left", fontsize=10, wrap=True)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "omnisim"}):  # letters as letters; the same bytes each time
        figure.savefig(path, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)
