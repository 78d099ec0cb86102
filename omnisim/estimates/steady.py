"""One long run of a system that goes on alike for ever: where its beginning ends (MSER-5), and how sure its mean is (batch means).

series f8[observation] --warm_up--> how many to leave out, or a refusal    --batch_means--> mean, interval, a flag when too short

Only for runs in a steady state.  A day with its morning and its evening is no such run: there replications are the observations.
"""

import math
from dataclasses import dataclass

import numpy as np

from omnisim.estimate import CONFIDENCE, spread

BATCH = 5
BATCHES = 20
FINER = 2  # the test of independence looks at twice as many batches, of half the size
LATEST = 5  # batches at the end after which a cut is not considered: a mean of fewer says nothing


@dataclass(frozen=True)
class WarmUp:
    """`cut` observations to leave out, of `n`; `refused`: more than half would go, so the run is too short to say.

    `batches` f8[batch]: means of 5 observations; `statistic` f8[batch]: MSER after leaving out so many batches.
    """

    cut: int
    n: int
    refused: bool
    batches: np.ndarray
    statistic: np.ndarray


def warm_up(series: np.ndarray) -> WarmUp:
    """MSER-5: the cut that makes the standard error of what is left (as if independent) the least.

    MSER(d) = sum over i > d of (y_i - mean of those)^2 / (b - d)^2 over b means of 5 observations.  White, Simulation 69 (1997) 323-334;
    the rule that refuses: Hoad, Robinson and Davies, WSC 2008.  Raises ValueError with fewer than 50 observations or any undefined.

    >>> found = warm_up(np.array([20.0] * 10 + [1.0, 2.0, 3.0, 2.0] * 40))
    >>> found.cut, found.refused, warm_up(np.arange(100.0)).refused
    (15, False, True)
    """
    if len(series) < 2 * BATCH * LATEST or not np.isfinite(series).all():
        raise ValueError(f"{2 * BATCH * LATEST} observations at least are needed, all of them defined; found {len(series)}")
    b = len(series) // BATCH
    y = series[: b * BATCH].reshape(b, BATCH).mean(axis=1)
    shifted = y - y.mean()  # sums of squares of large numbers would lose digits
    left = np.arange(b, 0, -1.0)
    sums, squares = np.cumsum(shifted[::-1])[::-1], np.cumsum(shifted[::-1] ** 2)[::-1]
    statistic = np.maximum(0.0, squares - sums**2 / left) / left**2
    d = int(np.argmin(statistic[: b - LATEST]))
    return WarmUp(d * BATCH, len(series), d > b / 2, y, statistic)


@dataclass(frozen=True)
class BatchMeans:
    """A mean of one long run with its 95 % t interval over batches of `size` observations.

    `lag1`: correlation of neighbouring batches of half the size; `p`: chance of such a one or more among independent ones;
    `short`: p below 5 %, so that the interval is narrower than it should be: the run is too short.
    """

    mean: float
    low: float
    high: float
    size: int
    lag1: float
    p: float

    @property
    def short(self) -> bool:
        return self.p < 1.0 - CONFIDENCE


def batch_means(series: np.ndarray, batches: int = BATCHES) -> BatchMeans:
    """Mean and interval from `batches` equal batches, with von Neumann's test that they are independent.

    The test takes batches of half the size: it sees what is left of correlation sooner.  C = 1 - sum (y_i - y_{i+1})^2 /
    (2 sum (y_i - mean)^2) has variance (m - 2) / (m^2 - 1) for m independent normal batches; one-sided at 5 %, so one run in twenty
    that is long enough is flagged.  Fishman, Management Science 24 (1978) 510-521.
    Raises ValueError with fewer than two observations a batch of the test.
    """
    size = len(series) // batches
    if size < 2 * FINER:
        raise ValueError(f"{2 * FINER * batches} observations at least are needed; found {len(series)}")
    known = series[len(series) - size * batches :]  # what is too much goes from the beginning
    s = spread(known.reshape(batches, size).mean(axis=1))
    m, fine = FINER * batches, size // FINER
    y = known[len(known) - m * fine :].reshape(m, fine).mean(axis=1)
    around = float(((y - y.mean()) ** 2).sum())
    lag1 = 1.0 - float((np.diff(y) ** 2).sum()) / (2.0 * around) if around > 0.0 else 0.0
    z = lag1 / math.sqrt((m - 2.0) / (m * m - 1.0))
    low, high = s.interval(1.0 - CONFIDENCE) or (s.mean, s.mean)
    return BatchMeans(s.mean, low, high, size, lag1, 0.5 * math.erfc(z / math.sqrt(2.0)))
