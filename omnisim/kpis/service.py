"""How often a service level met its target: by day, by interval; and the worst interval.

counts i8[cell, Count] --> Derived.DAYS_MET, DAYS_RATED, INTERVALS_MET, INTERVALS_RATED, WORST_INTERVAL
"""

from typing import TYPE_CHECKING

import numpy as np

from omnisim.kpis.quantities import Cells, Count, Derived

if TYPE_CHECKING:
    from omnisim.tables import Tables


def derive(tables: "Tables", cells: Cells, counts: np.ndarray, out: np.ndarray) -> None:
    """Into `out` f8[cell, Derived]: days and intervals of each channel that has a target, and of all together.

    A day (an interval) counts where somebody's contact was rated in it.
    """
    parts = [
        (cells.days, cells.channel_day, Derived.DAYS_MET, Derived.DAYS_RATED),
        (cells.intervals, cells.channel_interval, Derived.INTERVALS_MET, Derived.INTERVALS_RATED),
    ]
    for length, cell, met, rated in parts:
        out[cells.total, [met, rated]] = 0.0
        for c in range(cells.channels):
            target = tables.sl_target[c]
            if np.isnan(target):
                continue
            level = levels(counts[cell(c, 0) : cell(c, length)])
            out[cells.channel(c), met] = (level >= target).sum()
            out[cells.channel(c), rated] = len(level)
            out[cells.total, [met, rated]] += out[cells.channel(c), [met, rated]]
    own = [(cells.channel(c), cells.channel_interval(c, 0)) for c in range(cells.channels)]
    for whole, first in [(cells.total, cells.interval(0)), *own]:
        level = levels(counts[first : first + cells.intervals])
        if len(level):
            out[whole, Derived.WORST_INTERVAL] = level.min()


def levels(counts: np.ndarray) -> np.ndarray:
    """Service levels of the cells that have one."""
    rated = counts[counts[:, Count.RATED] > 0]
    share: np.ndarray = rated[:, Count.MET] / rated[:, Count.RATED]
    return share
