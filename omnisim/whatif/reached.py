"""What simulated days reached of a target: a value, its spread over seeds, and whether it is surely met or surely missed.

num, den [seed, column] --reach--> Reached: value and one part a seed, whose spread is that of the value
two of them, same seeds --less---> the paired difference

A ratio (service level, abandonment) is the ratio of the totals over all seeds: each contact weighs the same.  Its parts are the
residuals (num - ratio x den) / mean(den): the delta method, as in `estimate.ratio_of_totals` (Law, Simulation Modeling and Analysis,
section 9.4.3).  So differences between two strategies under the same seeds are paired as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from omnisim.estimate import ROUNDING, t_quantile
from omnisim.kpis import define
from omnisim.staffing.plan.targets import Over

if TYPE_CHECKING:
    from omnisim.kpis import Column
    from omnisim.staffing.plan.targets import Target

State = Literal["met", "missed", "open"]


@dataclass(frozen=True)
class Reached:
    """A value and its parts f8[seed], mean 0, whose standard error is that of the value; NaN where nothing was seen."""

    value: float
    parts: np.ndarray

    @property
    def error(self) -> float:
        """Standard error; NaN with one seed."""
        n = len(self.parts)
        return float(np.std(self.parts, ddof=1)) / math.sqrt(n) if n > 1 else math.nan

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Two-sided t interval; (NaN, NaN) with one seed.

        >>> low, high = Reached(10.0, np.array([-1.0, 0.0, 1.0])).interval()
        >>> round(low, 3), round(high, 3)
        (7.516, 12.484)
        """
        half = self._quantile(0.5 + confidence / 2.0) * self.error
        return self.value - half, self.value + half

    def surely(self, confidence: float = 0.95) -> tuple[float, float]:
        """One-sided bounds: the value is surely above the first, and surely below the second."""
        half = self._quantile(confidence) * self.error
        return self.value - half, self.value + half

    def _quantile(self, p: float) -> float:
        return t_quantile(p, len(self.parts) - 1) if len(self.parts) > 1 else math.nan

    def less(self, other: Reached) -> Reached:
        """This less another one that was reached under the same seeds, paired."""
        parts = self.parts - other.parts
        scale = max(abs(self.value), abs(other.value), 1.0)
        if float(np.abs(parts).max(initial=0.0)) <= ROUNDING * scale and abs(self.value - other.value) <= ROUNDING * scale:
            return Reached(0.0, np.zeros_like(parts))
        return Reached(self.value - other.value, parts)


def room(target: Target, value: float) -> float:
    """How far one value of the KPI keeps a target's level: 0 or more where it does, in the unit of the KPI."""
    return target.sign * (value - target.level)


def slack(target: Target, value: float) -> float:
    """The same of what the target is about: of a target over days the value is a share of days."""
    return value - target.share if target.over is Over.DAYS else room(target, value)


def unit_of_value(target: Target, currency: str) -> str:
    """The unit of what the target is about."""
    if target.over is Over.DAYS:
        return "share"
    return currency if target.measure.unit == "money" else target.measure.unit


def state(target: Target, reached: Reached, confidence: float = 0.95) -> State:
    """Whether a target is surely met, surely missed, or neither can be said yet (one-sided bounds, and all the seeds it has)."""
    low, high = sorted(slack(target, bound) for bound in reached.surely(confidence))
    if reached.error == 0.0:
        return "met" if slack(target, reached.value) >= 0.0 else "missed"
    return "met" if low >= 0.0 else "missed" if high < 0.0 else "open"


class Seen:
    """The numbers of some simulated days, asked for by target.

    `columns`, `num`, `den` [seed, column]: as in `omnisim.answers.Answer`.
    """

    def __init__(self, columns: Sequence[Column], num: np.ndarray, den: np.ndarray) -> None:
        self.num, self.den = num, den
        self.places: dict[tuple[str, frozenset[tuple[str, str]]], int] = {(c.kpi, frozenset(c.scope)): j for j, c in enumerate(columns)}
        self.stamps: dict[str, list[str]] = {"interval": [], "day": []}
        for key, found in self.stamps.items():
            found += sorted({v for c in columns for k, v in c.scope if k == key})

    def one(self, kpi: str, scope: Sequence[tuple[str, str]]) -> Reached | None:
        """The mean of one column over the seeds; None where it was never defined."""
        j = self.places.get((kpi, frozenset(scope)))
        return None if j is None else _reached(self.num[:, j], self.den[:, j], define(kpi).ratio)

    def sum(self, kpi: str, scope: Sequence[tuple[str, str]], stamps: Sequence[str]) -> Reached | None:
        """The same of several intervals together, of a ratio or of a count."""
        js = [j for s in stamps if (j := self.places.get((kpi, frozenset([*scope, ("interval", s)])))) is not None]
        if not js:
            return None
        ratio = define(kpi).ratio
        den = self.den[:, js].sum(axis=1) if ratio else np.ones(len(self.num))
        return _reached(self.num[:, js].sum(axis=1), den, ratio)

    def reach(self, target: Target) -> Reached | None:
        """What a target's number came to; None where there was nothing to count."""
        if target.over is Over.MEAN:
            return self.one(target.kpi, target.scope)
        if target.over is Over.EACH:
            found = self.by_interval(target)
            return min(found.values(), key=lambda r: room(target, r.value)) if found else None
        if target.over is Over.WORST:
            table = self._table(target, "interval")
            table = table[np.isfinite(table).any(axis=1)]
            if not len(table):
                return None
            worst = np.nanmin(table, axis=1) if target.at_least else np.nanmax(table, axis=1)
            return Reached(float(worst.mean()), worst - worst.mean())
        table = self._table(target, "day")
        if not len(table[0]):
            table = self._values([self.places[target.kpi, frozenset(target.scope)]])
        rated = np.isfinite(table)
        met = (table >= target.level if target.at_least else table <= target.level) & rated
        if not rated.any():
            return None
        return _reached(met.sum(axis=1).astype(float), rated.sum(axis=1).astype(float), True)

    def by_interval(self, target: Target) -> dict[str, Reached]:
        """The target's number in each interval in which there was something to count."""
        found = {s: self.one(target.kpi, [*target.scope, ("interval", s)]) for s in self.stamps["interval"]}
        return {s: r for s, r in found.items() if r is not None}

    def _table(self, target: Target, key: str) -> np.ndarray:
        """The values of a target's number [seed, interval or day] in which it was ever defined."""
        places = [self.places.get((target.kpi, frozenset([*target.scope, (key, s)]))) for s in self.stamps[key]]
        values = self._values([j for j in places if j is not None])
        return values[:, np.isfinite(values).any(axis=0)]

    def _values(self, js: Sequence[int]) -> np.ndarray:
        out = np.full((len(self.num), len(js)), np.nan)
        np.divide(self.num[:, js], self.den[:, js], out=out, where=self.den[:, js] > 0)
        return out


def _reached(num: np.ndarray, den: np.ndarray, ratio: bool) -> Reached | None:
    """Ratio of totals, or the mean of the values that are defined."""
    good = den > 0  # undefined: 0 / 0
    if ratio:
        total = math.fsum(den)
        if total <= 0.0:
            return None
        r = math.fsum(num) / total
        return Reached(r, (num - r * den) * len(den) / total)
    if not good.any():
        return None
    mean = math.fsum(num[good]) / int(good.sum())
    return Reached(mean, np.where(good, num - mean, 0.0))
