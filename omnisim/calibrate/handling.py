"""How long work takes: a lognormal law from the service times of a log.

    1 s 4 s | 35 s  2 min  3 min  11 min ...       left of the cut: calls that an agent dropped, no service at all
            cut_s

Seconds in, seconds out; arrays are [contact].
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Handling:
    """A fitted lognormal law: `mean_s` and `cv` are the keys of `handling: {law: lognormal, mean, cv}`.

    `sigma`: standard deviation of the logarithm; `median_s`; `kept`: contacts used, `cut`: contacts left out below `cut_s`;
    `mean_low_s`, `mean_high_s`: 95 % interval of the mean.
    """

    method: str
    mean_s: float
    cv: float
    sigma: float
    median_s: float
    mean_low_s: float
    mean_high_s: float
    kept: int
    cut: int
    cut_s: float


def lognormal(service_s: ArrayLike, cut_s: float = 10.0, method: str = "moment") -> Handling:
    """Fit a lognormal law to service times of at least `cut_s` seconds.

    `method`: "moment" keeps the sample's mean and coefficient of variation, which is what staffing depends on; "likelihood" fits the
    logarithms, and so the shape of the bulk.  Where the law is lognormal they agree; where they differ, the difference is the misfit.

    The default cut of 10 s is for logs in which agents hang up on callers to rest: such a "service" is no service, and it would halve
    the median and widen the law.  A log without that habit takes `cut_s=0`; times of 0 are always left out.
    Source of the finding: Brown et al., JASA 100 (2005) 36-50.  Raises ValueError for less than two usable times.

    >>> fit = lognormal([3, 60, 120, 240])                # 3 s: a call that was dropped
    >>> fit.kept, fit.cut, fit.mean_s, round(fit.cv, 3)
    (3, 1, 140.0, 0.535)
    >>> by_logs = lognormal([3, 60, 120, 240], method="likelihood")
    >>> round(by_logs.median_s, 6), round(by_logs.sigma, 3)    # ln 60, ln 120, ln 240 are ln 2 apart
    (120.0, 0.566)
    """
    every = np.asarray(service_s, dtype=np.float64)
    if every.ndim != 1 or not np.all(np.isfinite(every)):
        raise ValueError("service_s must be one list of finite seconds")
    kept = every[(every >= cut_s) & (every > 0.0)]
    n = int(kept.size)
    if n < 2:
        raise ValueError(f"only {n} service times of at least {cut_s:g} s: nothing to fit")
    if method == "moment":
        mean = float(kept.mean())
        cv = float(kept.std()) / mean
        sigma = math.sqrt(math.log1p(cv * cv))
        half = 1.96 * float(kept.std(ddof=1)) / math.sqrt(n)
        low, high = mean - half, mean + half
    elif method == "likelihood":
        logs = np.log(kept)
        sigma = float(logs.std())
        mean = math.exp(float(logs.mean()) + 0.5 * sigma * sigma)
        cv = math.sqrt(math.expm1(sigma * sigma))
        half = 1.96 * math.sqrt(sigma**2 / n + sigma**4 / (2.0 * n))  # Cox's interval
        low, high = mean * math.exp(-half), mean * math.exp(half)
    else:
        raise ValueError(f'method is "{method}"; allowed are "moment" and "likelihood"')
    median = mean / math.sqrt(1.0 + cv * cv)
    return Handling(method, mean, cv, sigma, median, low, high, n, int(every.size) - n, float(cut_s))
