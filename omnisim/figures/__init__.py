"""One file a figure: facts(comparison) -> rows, draw(facts, panel, axes) -> a picture.

    looks    colours, markers, dashes           panel   sizes, what a figure offers        svg   drawing -> SVG text
    tradeoff  by_half_hour  moves  minutes  views  settling      the figures
    bridge  funnel  fees  losing  scorecard                      those of a shop; nothing to show without one

Nothing is drawn, and matplotlib is not loaded, until a figure is asked for.
"""

from omnisim.figures import bridge, fees, funnel, losing, minutes, moves, scorecard, settling, tradeoff, views
from omnisim.figures.by_half_hour import ABANDONED, SERVICE
from omnisim.figures.panel import Figured

# in the order in which people read them
FIGURES: tuple[Figured, ...] = (
    bridge, funnel, fees, losing, tradeoff, SERVICE, ABANDONED, moves, minutes, views, scorecard, settling,
)  # fmt: skip
