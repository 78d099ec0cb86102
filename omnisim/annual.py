"""A year made of two runs: so many peaks, and ordinary weeks in between.

    peak [seed], week [seed] --N x peak + (365 - N x days of a peak) / days of a week x week--> year [seed]

Capital is in EBIT already, as much of it as the measured time writes off, so a year holds it once.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from omnisim.answers import Answer, Comparison

YEAR_DAYS = 365.0


@dataclass(frozen=True)
class Weights:
    """How many times a year holds the measured time of the peak's run, and that of the week's."""

    peak: float
    week: float


def weights(peak_days: float, week_days: float, peaks: int = 1) -> Weights:
    """Weights of a year with so many peaks.

    >>> weights(2.0, 7.0)
    Weights(peak=1.0, week=51.857142857142854)
    """
    rest = YEAR_DAYS - peaks * peak_days
    if peaks < 0 or rest < 0.0:
        raise ValueError(f"{peaks} peaks of {peak_days:g} days do not fit into a year")
    return Weights(float(peaks), rest / week_days)


def days(a: "Answer") -> float:
    """Days of the measured time."""
    return float(a.tables.horizon_s - a.tables.warmup_s) / 86400.0


def weights_of(c: "Comparison") -> Weights:
    """Weights of a comparison that was given ordinary weeks."""
    return weights(days(c.baseline), days(c.week[0]), c.peaks)


def by_seed(a: "Answer", kpi: str) -> np.ndarray | None:
    """A total by seed, f8[seed], NaN where undefined; None where there is none of that name."""
    for j, column in enumerate(a.columns):
        if column.kpi == kpi and column.scope == ():
            return np.asarray(a.sample().value[:, j])
    return None


def yearly(c: "Comparison", kpi: str, i: int) -> np.ndarray | None:
    """A sum (orders, money) of strategy `i` over a year, f8[seed]; None where a run does not have it, or no week was given."""
    if not c.week:
        return None
    peak, week = by_seed(c.answers[i], kpi), by_seed(c.week[i], kpi)
    if peak is None or week is None:
        return None
    w = weights_of(c)
    return w.peak * peak + w.week * week
