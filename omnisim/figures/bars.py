"""Groups of horizontal bars: a group a name, in it a bar a strategy, each with its mark and, if there is one, its interval.

web    ███████████ o 12 300
       ████████████|-- s 12 900
store  ████ ...
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from omnisim.figures.looks import INK, Looks, clip
from omnisim.figures.numbers import plain
from omnisim.figures.panel import FONT, Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAR = 17.0  # px a bar
HEAD = 22.0  # px a name above its group


def height(groups: int, bars: int) -> float:
    """Height in px of the axes for so many groups of so many bars."""
    return groups * (HEAD + BAR * bars)


def grouped(
    ax: "Axes", rows: Sequence[Row], looks: Looks, *, group: str, value: Callable[[Row], float], words: Callable[[Row], str]
) -> None:
    """Bars of `rows` (each with `strategy`, and `from`, `to`: ends of its interval, or None), grouped by the key `group`.

    Bars begin at 0; what a bar says stands to its right.  Values may be below 0.
    """
    groups = list(dict.fromkeys(r[group] for r in rows))
    y = 0.0
    ends = [0.0]
    placed = []
    for name in groups:
        ax.text(
            0.0, y + HEAD * 0.55, clip(str(name), 40), transform=ax.get_yaxis_transform(), va="center", weight="bold", fontsize=FONT - 0.5
        )
        y += HEAD
        for row in (r for r in rows if r[group] == name):
            look = looks[row["strategy"]]
            x = value(row)
            at = y + BAR / 2.0
            ax.barh(at, x, height=BAR * 0.72, color=look.colour, alpha=0.85, linewidth=0.0, zorder=2)
            far = x
            if row["from"] is not None and row["to"] is not None:
                ax.plot([row["from"], row["to"]], [at, at], color=INK, lw=1.3, zorder=4, solid_capstyle="butt")
                ax.plot([row["from"], row["to"]], [at, at], color=INK, marker="|", ms=6.0, lw=0.0, zorder=4)
                far = max(x, row["to"])
                ends += [row["from"], row["to"]]
            ends.append(x)
            placed.append((at, max(far, 0.0), row))
            y += BAR
    low, high = min(ends), max(ends)
    # what is written beside the longest bar must fit, too
    needed = min(0.7, (26.0 + 0.58 * FONT * max(len(words(row)) for row in rows)) / ax.get_window_extent().width)
    room = ((high - low) or 1.0) / (1.0 - needed)
    ax.set_xlim(low - (0.02 * room if low < 0.0 else 0.0), low + room)
    ax.set_ylim(y, 0.0)
    for at, far, row in placed:
        look = looks[row["strategy"]]
        ax.plot([far + 0.025 * room], [at], marker=look.marker, color=look.colour, ms=6.0, lw=0.0, clip_on=False)
        ax.text(far + 0.05 * room, at, words(row), va="center", fontsize=FONT - 1)
    ax.axvline(0.0, color=INK, lw=0.8, zorder=3)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.grid(False)
    ax.locator_params(axis="x", nbins=5)
    ax.xaxis.set_major_formatter(lambda x, _: plain(x))
