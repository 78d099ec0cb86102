"""How far a plan is from what was promised, and how surely: every promise as numbers that must not be below 0.

    num, den [seed, part]  -->  score (0 or more: kept), and its spread over seeds  -->  one-sided bound

Over all contacts a KPI that is a ratio is the ratio of its totals (each contact weighs the same), with the interval of the delta method;
never the mean of daily ratios.  Other KPIs (a 90th percentile) are means over seeds.  The share of days has the exact binomial bound.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from omnisim.estimate import t_quantile
from omnisim.staffing.plan.targets import Over, Target
from omnisim.staffing.plan.trials import Seen

LEVEL = 1e-12  # a share that reaches its level to rounding reaches it


@dataclass(frozen=True)
class Score:
    """Of one promise, or of one of its intervals: `value` in the KPI's units (0 or more: kept), `sd` of one seed, `n` seeds.

    `worth`: the KPI itself.  `days`: (kept, seen) where it is about a share of days.
    """

    worth: float
    value: float
    sd: float
    n: int
    days: tuple[int, int] | None = None

    @property
    def error(self) -> float:
        """Standard error of `value`."""
        return self.sd / math.sqrt(self.n) if self.n else math.inf

    def low(self, error: float) -> float:
        """The value that it surely exceeds, but for a chance of `error` (one-sided)."""
        if self.days is not None:
            return self.value + self.worst_share(error) - self.worth
        if self.n < 2:
            return -math.inf
        return self.value - t_quantile(1.0 - error, self.n - 1) * self.error

    def high(self, error: float) -> float:
        """The value that it surely does not exceed, but for a chance of `error`."""
        if self.days is not None:
            return self.value + best_share(*self.days, error) - self.worth
        if self.n < 2:
            return math.inf
        return self.value + t_quantile(1.0 - error, self.n - 1) * self.error

    def worst_share(self, error: float) -> float:
        """Lower bound of the share of days."""
        assert self.days is not None
        return least_share(*self.days, error)


def least_share(kept: int, seen: int, error: float) -> float:
    """The share of days that is surely exceeded, but for a chance of `error`.

    Source: Clopper & Pearson, Biometrika 26 (1934), one-sided.

    >>> round(least_share(20, 20, 0.05), 4), least_share(0, 20, 0.05)
    (0.8609, 0.0)
    """
    return 0.0 if kept == 0 else _beta(kept, seen - kept + 1, error)


def best_share(kept: int, seen: int, error: float) -> float:
    """The share of days that is surely not exceeded, but for a chance of `error`."""
    return 1.0 if kept == seen else _beta(kept + 1, seen - kept, 1.0 - error)


def _beta(a: float, b: float, p: float) -> float:
    from scipy import special

    return float(special.betaincinv(a, b, p))


def scores(target: Target, seen: Seen, groups: Sequence[np.ndarray] | None = None) -> list[Score]:
    """The scores of a promise: one, or with `in each interval` one of each group of intervals that somebody contacts."""
    if target.over is Over.EACH:
        parts = [np.array([i]) for i in range(seen.num.shape[1])] if groups is None else groups
        made = [_pooled(target, seen.num[:, g].sum(axis=1), seen.den[:, g].sum(axis=1)) for g in parts if seen.den[:, g].sum() > 0]
        return made or [Score(math.nan, 0.0, 0.0, len(seen.num))]
    if target.over is Over.DAYS:
        return [_days(target, seen.worth)]
    if target.over is Over.WORST:
        return [_mean(target, worst_of(target, seen.worth))]
    if target.measure.ratio:
        return [_pooled(target, seen.num[:, 0], seen.den[:, 0])]
    return [_mean(target, seen.worth[:, 0])]


def worst_of(target: Target, worth: np.ndarray) -> np.ndarray:
    """The worst part of each seed, f8[seed]; NaN where none is defined."""
    some = np.isfinite(worth).any(axis=1)
    out = np.full(len(worth), np.nan)
    if some.any():
        out[some] = np.nanmin(worth[some], axis=1) if target.at_least else np.nanmax(worth[some], axis=1)
    return out


def _pooled(target: Target, num: np.ndarray, den: np.ndarray) -> Score:
    """Ratio of the totals.  Source of its error: delta method (Law, Simulation Modeling and Analysis, section 9.4.3)."""
    total = float(den.sum())
    n = len(num)
    if total <= 0.0:
        return Score(math.nan, 0.0, 0.0, n)
    ratio = float(num.sum()) / total
    off = (num - ratio * den) * n / total
    sd = math.sqrt(float(off @ off) / (n - 1)) if n > 1 else math.inf
    return Score(ratio, target.sign * (ratio - target.level) + LEVEL, sd, n)


def _mean(target: Target, values: np.ndarray) -> Score:
    known = values[np.isfinite(values)]
    if len(known) == 0:
        return Score(math.nan, 0.0, 0.0, len(values))
    mean = float(known.mean())
    sd = float(known.std(ddof=1)) if len(known) > 1 else math.inf
    return Score(mean, target.sign * (mean - target.level) + LEVEL, sd, len(known))


def _days(target: Target, worth: np.ndarray) -> Score:
    """Share of days.  Days of one seed may be alike: a seed counts as one day, kept by the share of its days that were."""
    known = np.isfinite(worth)
    kept = np.where(known, target.sign * (worth - target.level) >= -LEVEL, False)
    some = known.any(axis=1)
    share = kept[some].sum(axis=1) / known[some].sum(axis=1)
    n = len(share)
    if n == 0:
        return Score(math.nan, 0.0, 0.0, len(worth))
    mean = float(share.mean())
    sd = float(share.std(ddof=1)) if n > 1 else math.inf
    return Score(mean, mean - target.share + LEVEL, sd, n, (math.floor(share.sum() + 1e-9), n))


def slack(target: Target, seen: Seen) -> float:
    """By how much the level itself is kept, in the KPI's units: for a share of days, on the day of that rank.

    What a search steers by: a share of days moves in steps, the level of that day does not.
    """
    if target.over is not Over.DAYS:
        return min(s.value for s in scores(target, seen))
    worth = target.sign * (seen.worth - target.level)
    known = np.sort(worth[np.isfinite(worth)])
    if len(known) == 0:
        return 0.0
    rank = (1.0 - target.share) * len(known)
    near = max(1, round(0.05 * len(known)))  # a few days around it: one alone is much chance
    at = min(len(known) - 1, math.floor(rank))
    return float(known[max(0, at - near + 1) : at + near].mean()) if near > 1 else float(known[at])
