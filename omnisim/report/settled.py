"""Do the seeds suffice: for each deciding number and strategy, how wide its interval is and how many seeds would settle its sign.

The interval is the one that is shown above: where it is adjusted for all questions asked, so is the number of seeds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from omnisim.estimate import CONFIDENCE, seeds_to_settle, t_quantile
from omnisim.figures.lookup import difference, interval, paired
from omnisim.figures.numbers import half_width, number, places, signed
from omnisim.report.deciding import kpis

if TYPE_CHECKING:
    from omnisim.answers import Comparison
    from omnisim.estimate import Difference

FAR = 10_000  # seeds: beyond, nobody would run them


@dataclass(frozen=True)
class Settled:
    """One difference: texts as they are shown; `done`: whether the seeds that were run settle its sign (or it is exactly 0)."""

    strategy: str
    difference: str
    half: str
    needed: str
    done: bool


@dataclass(frozen=True)
class Line:
    """One measure: a cell for each strategy but the baseline, None where there is no difference to show."""

    kpi: str
    unit: str
    cells: tuple[Settled | None, ...]


def settled(comparison: "Comparison", say: Mapping[str, str]) -> list[Line]:
    """One line a deciding measure; none with a single seed."""
    lines = []
    for kpi in kpis(comparison):
        found = [(i, d) for i, name in enumerate(comparison.names) if i and (d := difference(comparison, kpi, name))]
        known = {i: _settled(d, paired(comparison, kpi, i), say) for i, d in found if d.n > 1}
        if known:
            unit = say["points"] if found[0][1].unit == "share" else found[0][1].unit
            lines.append(Line(kpi, unit, tuple(known.get(i) for i in range(1, len(comparison.names)))))
    return lines


def _settled(d: "Difference", values: np.ndarray, say: Mapping[str, str]) -> Settled:
    half = half_width(*interval(d))
    n = places([half], d.unit)
    needed = seeds_to_settle(values, confidence(d))
    if d.low == d.high == 0.0:
        words, done = say["seeds.never"], True
    elif needed is None or needed > FAR:
        words, done = say["seeds.far"].format(n=number(FAR, 0)), False
    else:
        done = needed <= d.n
        words = say["seeds.yes" if done else "seeds.more"].format(n=number(needed, 0))
    return Settled(d.strategy, signed(d.difference, n, d.unit), number(half, n, d.unit), words, done)


def confidence(d: "Difference") -> float:
    """The confidence of the interval that is shown: 95 %, or what Holm's adjustment made of it."""
    own, adjusted = half_width(d.low, d.high), half_width(d.low_holm, d.high_holm)
    if not own or not adjusted or d.n < 2:
        return CONFIDENCE
    from scipy import special

    t = t_quantile(0.5 + CONFIDENCE / 2.0, d.n - 1) * adjusted / own
    return 1.0 - 2.0 * float(special.stdtr(d.n - 1, -t))
