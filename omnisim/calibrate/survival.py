"""How long people would wait: patience from waits that were mostly cut short by an answer.

    wait:   5 ----> gave up                 an event: this person's patience was 5
            8 ------------> answered        censored: patience was more than 8, nobody knows how much more

The mean wait of those who left is no estimate of patience: it sees only the impatient, and only while they had to wait.
All durations are seconds; arrays are [person].
"""

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


def _sample(wait_s: ArrayLike, gave_up: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    wait = np.asarray(wait_s, dtype=np.float64)
    left = np.asarray(gave_up, dtype=np.bool_)
    if wait.ndim != 1 or wait.shape != left.shape:
        raise ValueError(f"wait_s and gave_up must be two lists of one length, not of shapes {wait.shape} and {left.shape}")
    if not np.all(np.isfinite(wait)) or np.any(wait < 0):
        raise ValueError("wait_s must be finite and not negative")
    if not left.any():
        raise ValueError("nobody gave up: patience cannot be estimated, only bounded from below")
    return wait, left


@dataclass(frozen=True)
class Survival:
    """Share of people still willing to wait after a time: a step function that falls at `time_s` to `share`.

    `time_s`, `share`, `low`, `high`: arrays [distinct wait]; `low` and `high` bound the share pointwise with 95 % confidence
    (Greenwood's variance on the log-log scale).  Beyond the longest wait nothing is known.
    """

    time_s: NDArray[np.float64]
    share: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def at(self, time_s: float) -> float:
        """Share still willing to wait after `time_s` seconds."""
        i = int(np.searchsorted(self.time_s, time_s, side="right")) - 1
        return 1.0 if i < 0 else float(self.share[i])

    def quantile(self, gone: float) -> float:
        """Seconds after which the share `gone` has given up; infinite if the log never saw so many go."""
        reached = np.flatnonzero(self.share <= 1.0 - gone)
        return float(self.time_s[reached[0]]) if reached.size else math.inf

    def table(self) -> str:
        """The curve as a CSV file for the law `survival`: a line for each time at which somebody gave up, and the last one observed.

        >>> print(kaplan_meier([2, 4, 4, 6], [True, True, False, False]).table(), end="")
        time_s,share
        2.0,0.75
        4.0,0.5
        6.0,0.5
        """
        drops = np.diff(self.share, prepend=1.0) < 0.0
        drops[-1] = True
        lines = [f"{t!r},{s!r}" for t, s in zip(self.time_s[drops].tolist(), self.share[drops].tolist(), strict=True)]
        return "\n".join(["time_s,share", *lines]) + "\n"

    def restricted_mean(self, until_s: float) -> float:
        """Mean of min(patience, `until_s`) in seconds: the area under the curve, which needs no law for the tail.

        >>> kaplan_meier([2, 4, 4, 6], [True, True, False, True]).restricted_mean(6)    # 2 + 2 x .75 + 2 x .5
        4.5
        """
        inside = self.time_s < until_s
        edges = np.concatenate(([0.0], self.time_s[inside], [until_s]))
        heights = np.concatenate(([1.0], self.share[inside]))
        return float(np.sum(np.diff(edges) * heights))


def kaplan_meier(wait_s: ArrayLike, gave_up: ArrayLike) -> Survival:
    """Product-limit estimate of patience under right-censoring.

    `wait_s`: seconds until the person gave up or was answered; `gave_up`: True where the wait ended by giving up.  At equal
    times the answered count as still waiting.  Source: Kaplan & Meier, JASA 53 (1958) 457-481; scipy.stats.ecdf.
    Raises ValueError for lists of unequal length, negative waits, or when nobody gave up.

    >>> curve = kaplan_meier([2, 4, 4, 6], [True, True, False, True])    # 1 - 1/4, then x (1 - 1/3), then x (1 - 1/1)
    >>> curve.share.round(3).tolist()
    [0.75, 0.5, 0.0]
    >>> curve.at(3), curve.quantile(0.5)
    (0.75, 4.0)
    """
    from scipy import stats

    wait, left = _sample(wait_s, gave_up)
    curve = stats.ecdf(stats.CensoredData.right_censored(wait, ~left)).sf
    with warnings.catch_warnings(), np.errstate(all="ignore"):  # where the curve is 1 or 0 its log-log bounds do not exist
        warnings.simplefilter("ignore", RuntimeWarning)
        bounds = curve.confidence_interval(0.95, method="log-log")
    share = np.clip(curve.probabilities, 0.0, 1.0)
    low = np.where(np.isnan(bounds.low.probabilities), share, bounds.low.probabilities)
    high = np.where(np.isnan(bounds.high.probabilities), share, bounds.high.probabilities)
    return Survival(np.asarray(curve.quantiles, dtype=np.float64), share, low, high)


@dataclass(frozen=True)
class Patience:
    """A fitted law of patience.

    `law`: "exponential" or "weibull"; `mean_s` with its 95 % interval `low_s`, `high_s`; `cv` coefficient of variation;
    `shape` 1 for the exponential; `events` people who gave up; `exposure_s` seconds waited by all; `log_likelihood`.
    """

    law: str
    mean_s: float
    low_s: float
    high_s: float
    cv: float
    shape: float
    events: int
    exposure_s: float
    log_likelihood: float

    def at(self, time_s: float) -> float:
        """Share still willing to wait after `time_s` seconds."""
        scale = self.mean_s / math.gamma(1.0 + 1.0 / self.shape)
        return math.exp(-((time_s / scale) ** self.shape))


def exponential(wait_s: ArrayLike, gave_up: ArrayLike) -> Patience:
    """Maximum-likelihood exponential patience under censoring: seconds waited by everybody / people who gave up.

    The interval is the chi-square one for the rate with 2 x events degrees of freedom.  Source: Epstein & Sobel, JASA 48 (1953).

    >>> exponential([10, 20, 30, 40], [True, False, True, False]).mean_s    # 100 s waited, 2 gave up
    50.0
    """
    from scipy import stats

    wait, left = _sample(wait_s, gave_up)
    events, exposure = int(left.sum()), float(wait.sum())
    if exposure <= 0.0:
        raise ValueError("nobody waited: patience cannot be estimated")
    mean = exposure / events
    low, high = (2.0 * exposure / float(stats.chi2.ppf(p, 2 * events)) for p in (0.975, 0.025))
    return Patience("exponential", mean, low, high, 1.0, 1.0, events, exposure, -events * math.log(mean) - events)


def weibull(wait_s: ArrayLike, gave_up: ArrayLike) -> Patience:
    """Maximum-likelihood Weibull patience under censoring; waits must be positive.

    The shape k solves  sum(w^k ln w) / sum(w^k) - 1/k = mean of ln w over those who gave up,  and scale^k = sum(w^k) / events; with a
    shape below 1 those who have waited long are the less likely to leave in the next second.  The interval of the mean is a
    delta-method one on its logarithm, from the observed information.
    Source: Cohen, Technometrics 7 (1965) 579-588.

    >>> import numpy as np
    >>> u = (np.arange(2000) + 0.5) / 2000
    >>> patience = 100 * (-np.log(u)) ** (1 / 0.8)                     # shape .8, scale 100
    >>> fit = weibull(np.minimum(patience, 150), patience < 150)       # everybody is answered after 150 s
    >>> round(fit.shape, 2), round(fit.mean_s), round(fit.cv, 2)       # mean = 100 x Gamma(1 + 1/.8)
    (0.8, 113, 1.26)
    """
    from scipy import optimize

    wait, left = _sample(wait_s, gave_up)
    if np.any(wait <= 0.0):
        raise ValueError("a Weibull fit needs positive waits: leave out those who left at once, or count them at half a second")
    unit = float(wait.mean())  # keeps powers near 1
    w = wait / unit
    log_w = np.log(w)
    events = int(left.sum())
    log_left = float(log_w[left].sum())

    def score(k: float) -> float:
        power = w**k
        return float((power * log_w).sum() / power.sum() - 1.0 / k - log_left / events)

    low, high = 0.02, 1.0
    while score(high) < 0.0:
        low, high = high, high * 2.0
        if high > 1000.0:
            raise ValueError("all who gave up did so at the longest wait: no Weibull law fits")
    k = float(optimize.brentq(score, low, high, xtol=1e-12))

    def log_likelihood(theta: Sequence[float]) -> float:  # theta: ln shape, ln scale
        shape, scale = math.exp(theta[0]), math.exp(theta[1])
        z = log_w - theta[1]
        return float(events * (theta[0] - theta[1]) + (shape - 1.0) * z[left].sum() - ((w / scale) ** shape).sum())

    scale = float(((w**k).sum() / events) ** (1.0 / k))
    best = (math.log(k), math.log(scale))
    mean = unit * scale * math.gamma(1.0 + 1.0 / k)
    spread = _spread_of_log_mean(log_likelihood, best, k)
    cv = math.sqrt(math.gamma(1.0 + 2.0 / k) / math.gamma(1.0 + 1.0 / k) ** 2 - 1.0)
    return Patience(
        "weibull", mean, mean * math.exp(-1.96 * spread), mean * math.exp(1.96 * spread), cv, k, events, float(wait.sum()),
        log_likelihood(best) - events * math.log(unit),
    )  # fmt: skip


def _spread_of_log_mean(log_likelihood: Callable[[Sequence[float]], float], best: tuple[float, float], k: float) -> float:
    """Standard error of ln(mean): observed information by central differences, gradient of ln(mean) in (ln shape, ln scale)."""
    from scipy import special

    h = 1e-3
    a, b = best
    f = log_likelihood
    here = f(best)
    aa = (f((a + h, b)) - 2.0 * here + f((a - h, b))) / h**2
    bb = (f((a, b + h)) - 2.0 * here + f((a, b - h))) / h**2
    ab = (f((a + h, b + h)) - f((a + h, b - h)) - f((a - h, b + h)) + f((a - h, b - h))) / (4.0 * h**2)
    gradient = np.array([-float(special.digamma(1.0 + 1.0 / k)) / k, 1.0])
    return float(math.sqrt(gradient @ np.linalg.inv(-np.array([[aa, ab], [ab, bb]])) @ gradient))
