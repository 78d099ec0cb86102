"""When people come: hour of the day, day of the week, and how far a whole day may be busier than expected.

    moments -> counts by hour -> weights of mean 1          a profile says shape only; the rate says how many
    daily totals / what was expected -> busyness            what is left when calendar and chance are taken out

Moments are seconds from some Monday 00:00, civil time; arrays are [arrival], [hour], [day of the week, Monday first] or [day].
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

HOUR_S = 3600.0
DAY_S = 86400.0


def _mean_one(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    total = float(counts.sum())
    if not math.isfinite(total) or total <= 0.0 or float(counts.min()) < 0.0:
        raise ValueError("a profile needs counts that are not negative and not all zero")
    weights: NDArray[np.float64] = counts * (counts.size / total)
    return weights


def hourly(moments_s: ArrayLike) -> NDArray[np.float64]:
    """Weights of the 24 hours of the day, mean 1: the `hourly` list of a `profile`.

    >>> weights = hourly([9 * 3600, 9 * 3600 + 59, 86400 + 10 * 3600])    # two at nine, one at ten the next day
    >>> weights[8:12].tolist()
    [0.0, 16.0, 8.0, 0.0]
    """
    moments = np.asarray(moments_s, dtype=np.float64)
    hours = np.floor(moments % DAY_S / HOUR_S).astype(np.int64)
    return _mean_one(np.bincount(hours, minlength=24).astype(np.float64))


def weekly(moments_s: ArrayLike, days: ArrayLike | None = None) -> NDArray[np.float64]:
    """Weights of the seven days of the week, Monday first, mean 1: the `weekly` list of a `profile`.

    `days`: how many Mondays ... Sundays the log covers, where they are not equally many; a weekday it never covers is an error.

    >>> weekly([0, 1, 86400, 6 * 86400]).tolist()                              # two on Monday, one on Tuesday, one on Sunday
    [3.5, 1.75, 0.0, 0.0, 0.0, 0.0, 1.75]
    >>> weekly([0, 1, 86400, 6 * 86400], days=[2, 1, 1, 1, 1, 1, 1]).tolist()[0]        # ... but the log had two Mondays
    2.3333333333333335
    """
    moments = np.asarray(moments_s, dtype=np.float64)
    counts = np.bincount(np.floor(moments / DAY_S).astype(np.int64) % 7, minlength=7).astype(np.float64)
    covered = np.ones(7) if days is None else np.asarray(days, dtype=np.float64)
    if covered.shape != (7,) or float(covered.min()) <= 0.0:
        raise ValueError("days must name how often each of the seven weekdays was observed, each at least once")
    return _mean_one(counts / covered)


def shares(weights: ArrayLike, open_from_h: int = 0, open_to_h: int = 24) -> NDArray[np.float64]:
    """Hourly weights kept to opening hours and scaled back to mean 1 over the day.

    For a place that is shut at night, from the profile of one that never shuts.

    >>> shares([1.0] * 24, 8, 20)[7:9].tolist()
    [0.0, 2.0]
    """
    hours = np.asarray(weights, dtype=np.float64)
    if hours.shape != (24,) or not 0 <= open_from_h < open_to_h <= 24:
        raise ValueError("24 hourly weights and opening hours within 0-24 are needed")
    inside = (np.arange(24) >= open_from_h) & (np.arange(24) < open_to_h)
    return _mean_one(np.where(inside, hours, 0.0))


@dataclass(frozen=True)
class Busyness:
    """`cv`: coefficient of variation of the day's common factor, chance removed; `days`; `mean`: arrivals a day;
    `variance_to_mean` of the daily totals as they stand (1 for a Poisson stream)."""

    cv: float
    low: float
    high: float
    days: int
    mean: float
    variance_to_mean: float


def busyness(daily_totals: ArrayLike, group: ArrayLike) -> Busyness:
    """The day's factor behind over-dispersed totals: Var(N) = m + (m cv)^2 for a Poisson count under a random factor of mean 1.

    `daily_totals`: arrivals of each day; `group`: what the calendar says of the day (its weekday), as integers: each group has its own
    expectation m.  `low`, `high`: chi-square 95 % interval.  Source: Jongbloed & Koole, Appl. Stoch. Models Bus. Ind. 17 (2001) 307-318.

    >>> busyness([90, 110, 190, 210], [0, 0, 1, 1]).days
    4
    >>> day = busyness([800, 1200, 800, 1200], [0, 0, 0, 0])
    >>> round(day.cv, 4)              # sample variance of N/m = .16/3; minus 1/1000 of chance; root
    0.2288
    """
    totals = np.asarray(daily_totals, dtype=np.float64)
    groups = np.asarray(group, dtype=np.int64)
    if totals.ndim != 1 or totals.shape != groups.shape or totals.size < 2 or float(totals.min()) <= 0.0:
        raise ValueError("daily_totals must be positive, and group must name the kind of each day")
    kinds, place = np.unique(groups, return_inverse=True)
    freedom = totals.size - kinds.size
    if freedom < 1:
        raise ValueError("every day is its own kind: nothing to compare it with")
    expected = (np.bincount(place, weights=totals) / np.bincount(place))[place]
    variance = float((((totals - expected) / expected) ** 2).sum()) / freedom
    chance = float((1.0 / expected).mean())

    from scipy import stats

    low, high = (variance * freedom / float(stats.chi2.ppf(p, freedom)) for p in (0.975, 0.025))
    cv, cv_low, cv_high = (math.sqrt(max(0.0, v - chance)) for v in (variance, low, high))
    mean = float(totals.mean())
    return Busyness(cv, cv_low, cv_high, int(totals.size), mean, float(totals.var(ddof=1)) / mean)
