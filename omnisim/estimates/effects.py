"""Main effects: what a level does on average over all that is varied beside it; and, one at a time, against a base.

levels i8[point], values f8[point, seed] --mean over the points of a level, less the mean over all, seed by seed--> Spread a level
"""

from dataclasses import dataclass

import numpy as np

from omnisim.estimate import Spread, spread


@dataclass(frozen=True)
class MainEffect:
    """Of one factor: `levels` Spread of each level's effect, `span` that of the highest less the lowest (the levels with the highest
    and lowest mean), `share` of all differences between points that this factor alone makes (0 to 1)."""

    levels: tuple[Spread, ...]
    top: int
    bottom: int
    span: Spread
    share: float


def main_effect(level: np.ndarray, values: np.ndarray) -> MainEffect:
    """The main effect of one factor in a balanced design.  `level` i8[point] from 0 on; `values` f8[point, seed], all defined.

    An effect is computed seed by seed, so that what a seed does to all points alike cancels.  `share` is the sum of squares between
    levels over that between points, of the means (Montgomery, Design and Analysis of Experiments, chapter 5); what is left to 1 over
    all factors is interaction.  The span's interval is that of the two levels which look extreme: with many alike levels it is a
    little flattered.

    >>> e = main_effect(np.array([0, 0, 1, 1]), np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]))
    >>> [s.mean for s in e.levels], e.span.mean, round(e.share, 3)
    ([-2.0, 2.0], 4.0, 0.8)
    """
    count = int(level.max()) + 1
    by_level = np.array([values[level == i].mean(axis=0) for i in range(count)])  # [level, seed]
    size = float(np.abs(values).max())
    levels = tuple(spread(row, size) for row in by_level - values.mean(axis=0))
    means = np.array([s.mean for s in levels])
    top, bottom = int(means.argmax()), int(means.argmin())
    points = values.mean(axis=1)
    between = float(((points - points.mean()) ** 2).sum())
    weight = np.bincount(level, minlength=count)
    share = float((weight * means**2).sum()) / between if between > 0.0 else 0.0
    return MainEffect(levels, top, bottom, spread(by_level[top] - by_level[bottom], size), min(1.0, share))
