"""A figure is one or more panels of fixed size; each is drawn alone for the page, all together for the file.

    facts --panels--> [Panel, ...]  --draw(facts, key, axes)-->  SVG text   (see `svg`)

Panels are narrow, so that a telephone shows them one below the other and a screen side by side, with letters of one size.
"""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from omnisim.figures.looks import INK, Looks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from omnisim.answers import Comparison

Row = dict[str, Any]
Facts = list[Row]
Say = Mapping[str, str]

FONT = 11.5  # px; every letter of a figure
MUTED = 0.62  # opacity of what is not said first
FAINT = 0.18  # opacity of grids


@dataclass(frozen=True)
class Panel:
    """One pair of axes: `key` says which part of the facts it shows; sizes and margins in px."""

    key: str
    width: float = 420.0
    height: float = 250.0
    left: float = 46.0
    right: float = 12.0
    top: float = 30.0
    bottom: float = 36.0


@dataclass(frozen=True)
class Told:
    """What is said about a figure: `title` says what it shows, `alt` says it to those who do not see it, `caption` how to read it."""

    title: str
    alt: str
    caption: str


@dataclass(frozen=True)
class Table:
    """Facts as text: heads, rows; the first `names` columns are names, the rest numbers."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: int = 1


class Figured(Protocol):
    """What a module of a figure offers.

    `NAME`: of its file; `KEYED`: whether strategies are told apart by a key (else each is labelled where it stands).
    """

    @property
    def NAME(self) -> str: ...

    @property
    def KEYED(self) -> bool: ...

    def facts(self, comparison: "Comparison") -> Facts:
        """The rows it shows; none: there is nothing to show."""

    def panels(self, facts: Facts) -> list[Panel]:
        """Its panels, in order."""

    def draw(self, facts: Facts, key: str, ax: "Axes", looks: Looks, say: Say) -> None:
        """Draw one panel."""

    def told(self, facts: Facts, say: Say) -> Told:
        """Title, alternative text and caption."""

    def table(self, facts: Facts, say: Say) -> Table:
        """The facts as a table of text."""


STYLE: dict[str, Any] = {
    "svg.hashsalt": "omnisim",
    "svg.fonttype": "none",
    "text.parse_math": False,  # a name with a dollar sign is a name
    "text.usetex": False,
    "axes.unicode_minus": True,
    "font.family": ["DejaVu Sans"],  # comes with matplotlib: the same measures everywhere
    "font.size": FONT,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.titlesize": FONT + 1,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10.0,
    "axes.labelsize": FONT,
    "xtick.labelsize": FONT,
    "ytick.labelsize": FONT,
    "xtick.major.size": 3.0,
    "ytick.major.size": 0.0,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": INK,
    "grid.alpha": FAINT,
    "grid.linewidth": 0.7,
    "axes.axisbelow": True,
    "lines.linewidth": 1.9,
    "lines.markersize": 6.0,
    "legend.frameon": False,
}


def alone(module: Figured, facts: Facts, panel: Panel, looks: Looks, say: Say) -> Callable[["Figure"], None]:
    """Draws one panel as a figure of its own."""

    def draw(fig: "Figure") -> None:
        module.draw(facts, panel.key, _axes(fig, panel, 0.0, 0.0), looks, say)

    return draw


def together(module: Figured, facts: Facts, looks: Looks, say: Say, columns: int = 2) -> tuple[float, float, Callable[["Figure"], None]]:
    """Width and height in px of a figure with all its panels, title and key, and what draws it."""
    rows = _in_rows(module.panels(facts), columns)
    width = max(sum(p.width for p in row) for row in rows)
    title = textwrap.wrap(module.told(facts, say).title, int(width / 8.0))
    lines = 12.0 + 17.0 * len(title)
    head = lines + 6.0 + (26.0 if module.KEYED else 0.0)
    height = head + sum(max(p.height for p in row) for row in rows)

    def draw(fig: "Figure") -> None:
        fig.text(10.0 / width, 1.0 - 10.0 / height, "\n".join(title), va="top", weight="bold", fontsize=FONT + 1)
        if module.KEYED:
            _key(fig, looks, 1.0 - lines / height)
        y = head
        for row in rows:
            x = 0.0
            for panel in row:
                module.draw(facts, panel.key, _axes(fig, panel, x, y), looks, say)
                x += panel.width
            y += max(p.height for p in row)

    return width, height, draw


def _in_rows(panels: Sequence[Panel], columns: int) -> list[Sequence[Panel]]:
    return [panels[i : i + columns] for i in range(0, len(panels), columns)]


def _axes(fig: "Figure", panel: Panel, x: float, y: float) -> "Axes":
    """Axes of a panel whose upper left corner is x, y px from that of the figure."""
    width, height = fig.get_size_inches() * 72.0
    box = (
        (x + panel.left) / width,
        1.0 - (y + panel.height - panel.bottom) / height,
        (panel.width - panel.left - panel.right) / width,
        (panel.height - panel.top - panel.bottom) / height,
    )
    return fig.add_axes(box)


def _key(fig: "Figure", looks: Looks, y: float) -> None:
    """One line of marks and names."""
    from matplotlib.lines import Line2D

    from omnisim.figures.looks import short_names

    names = short_names(list(looks))
    marks = [Line2D([], [], color=k.colour, marker=k.marker, dashes=dashes(k.dash), label=names[n]) for n, k in looks.items()]
    fig.legend(handles=marks, loc="upper left", bbox_to_anchor=(0.0, y), ncols=len(marks), handlelength=2.6, columnspacing=1.4)


def dashes(dash: tuple[float, ...]) -> tuple[float | None, float | None] | tuple[float, ...]:
    """A dash as matplotlib takes it."""
    return dash or (None, None)


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places for labels near where they are wanted, at least `gap` apart, within [low, high] if they fit; order is kept.

    >>> spread([0.0, 1.0, 10.0], 3.0, 0.0, 20.0)
    [0.0, 3.0, 10.0]
    >>> spread([19.0, 20.0], 3.0, 0.0, 20.0)
    [17.0, 20.0]
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    # groups that touch are moved as one, to the middle of what they want
    groups: list[list[float]] = []  # [sum of wanted starts, number]
    for i in order:
        groups.append([wanted[i], 1.0])
        while len(groups) > 1 and _start(groups[-1], gap, low, high) < _start(groups[-2], gap, low, high) + gap * groups[-2][1]:
            total, n = groups.pop()
            groups[-1][0] += total - gap * n * groups[-1][1]
            groups[-1][1] += n
    placed: list[float] = []
    for group in groups:
        start = _start(group, gap, low, high)
        placed += [start + gap * j for j in range(int(group[1]))]
    out = [0.0] * len(wanted)
    for i, place in zip(order, placed, strict=True):
        out[i] = place
    return out


def _start(group: Sequence[float], gap: float, low: float, high: float) -> float:
    """Where a group of labels begins."""
    total, n = group
    return max(low, min(total / n, high - gap * (n - 1.0)))
