"""One file a figure: facts(comparison) -> rows, draw(facts, panel, axes) -> a picture.

    looks    colours, markers, dashes           panel   sizes, what a figure offers        svg   drawing -> SVG text
    tradeoff  by_half_hour  moves  minutes  views  settling      the figures

Nothing is drawn, and matplotlib is not loaded, until a figure is asked for.
"""

from omnisim.figures import minutes, moves, settling, tradeoff, views
from omnisim.figures.by_half_hour import ABANDONED, SERVICE
from omnisim.figures.panel import Figured

# in the order in which people read them
FIGURES: tuple[Figured, ...] = (tradeoff, SERVICE, ABANDONED, moves, minutes, views, settling)
