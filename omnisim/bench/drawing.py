"""A curve of cost per event as a file: the look of the project's figures."""

from typing import TYPE_CHECKING

from omnisim.bench.curves import Curve
from omnisim.figures import svg
from omnisim.figures.looks import OKABE_ITO
from omnisim.figures.panel import FONT

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 560.0, 240.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 24.0, 34.0, 42.0


def drawn(curve: Curve) -> str:
    """The text of an SVG file."""
    told = "; ".join(f"{p.size:,.0f}: {p.median:,.0f}" for p in curve.points)
    raw = svg.drawn(WIDTH, HEIGHT, lambda figure: _draw(figure, curve))
    title = f"Nanoseconds an event against {curve.name}"
    return svg.file(raw, f"speed-{curve.name}", title, f"{curve.axis}, nanoseconds an event: {told}")


def _draw(figure: "Figure", curve: Curve) -> None:
    from matplotlib.ticker import FuncFormatter, NullFormatter

    box = (LEFT / WIDTH, BOTTOM / HEIGHT, 1.0 - (LEFT + RIGHT) / WIDTH, 1.0 - (TOP + BOTTOM) / HEIGHT)
    ax = figure.add_axes(box)
    sizes = [p.size for p in curve.points]
    blue = OKABE_ITO["blue"]
    ax.fill_between(sizes, [p.low for p in curve.points], [p.high for p in curve.points], color=blue, alpha=0.18, linewidth=0)
    ax.plot(sizes, [p.median for p in curve.points], color=blue, marker="o")
    for p in curve.points:
        label = (0.0, 8.0)
        ax.annotate(f"{p.median:,.0f}", (p.size, p.high), label, textcoords="offset points", ha="center", fontsize=FONT)
    ax.set_xscale("log")
    ax.set_ylim(0.0, 1.3 * max(p.high for p in curve.points))
    ax.set_title("nanoseconds an event")
    ax.set_xlabel(curve.axis)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
