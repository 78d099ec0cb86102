"""Do the seeds suffice: for each deciding number and strategy, how wide its interval is and how many seeds would settle its sign.

The interval is the one that is shown above: where it is adjusted for all questions asked, so is the number of seeds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from omnisim.estimate import CONFIDENCE, seeds_to_settle, t_quantile
from omnisim.figures.lookup import difference, interval, paired
from omnisim.figures.numbers import factor, half_width, number, places, signed
from omnisim.report.deciding import kpis

if TYPE_CHECKING:
    from omnisim.answers import Comparison
    from omnisim.estimate import Difference

FAR = 10_000  # seeds: beyond, nobody would run them


@dataclass(frozen=True)
class Settled:
    """One difference: texts as they are shown; `done`: whether the seeds that were run settle its sign."""

    kpi: str
    unit: str
    strategy: str
    difference: str
    half: str
    needed: str
    done: bool


def settled(comparison: "Comparison", say: Mapping[str, str]) -> list[Settled]:
    """One row a deciding measure and strategy; none with a single seed."""
    rows = []
    for kpi in kpis(comparison):
        diffs = [difference(comparison, kpi, name) for name in comparison.names[1:]]
        n = places([half_width(*interval(d)) for d in diffs if d], diffs[0].unit if diffs[0] else "")
        for i, d in enumerate(diffs, 1):
            values = paired(comparison, kpi, i)
            if d is None or np.isfinite(values).sum() < 2:
                continue
            needed, done = _needed(values, d, say)
            half = half_width(*interval(d))
            unit = say["points"] if d.unit == "share" else d.unit
            shown = "" if half is None else number(half * factor(d.unit), n)
            rows.append(Settled(kpi, unit, d.strategy, signed(d.difference, n, d.unit), shown, needed, done))
    return rows


def _needed(values: np.ndarray, d: "Difference", say: Mapping[str, str]) -> tuple[str, bool]:
    needed = seeds_to_settle(values, confidence(d))
    if needed is None:
        return say["seeds.never" if d.difference == 0.0 else "seeds.far"].format(n=number(FAR, 0)), d.difference == 0.0
    if needed > FAR:
        return say["seeds.far"].format(n=number(FAR, 0)), False
    return say["seeds.yes" if needed <= d.n else "seeds.more"].format(n=number(needed, 0)), needed <= d.n


def confidence(d: "Difference") -> float:
    """The confidence of the interval that is shown: 95 %, or what Holm's adjustment made of it."""
    own, adjusted = half_width(d.low, d.high), half_width(d.low_holm, d.high_holm)
    if not own or not adjusted or d.n < 2:
        return CONFIDENCE
    from scipy import special

    t = t_quantile(0.5 + CONFIDENCE / 2.0, d.n - 1) * adjusted / own
    return 1.0 - 2.0 * float(special.stdtr(d.n - 1, -t))
