"""When there are seeds enough: to a precision, or until a sign is settled.  Seeds are looked at in their order, whoever computed them.

precise(values)   the first n whose 95 % interval is narrow enough and stays so for 5 seeds more   -> n + 5
settled(diffs)    the first n at which the evidence against "no difference" is 20 to 1             -> n
"""

import math
from collections.abc import Sequence

import numpy as np

from omnisim.estimate import CONFIDENCE, spread, t_quantile

LEAST = 10
LOOK_AHEAD = 5


def precise(values: np.ndarray, relative: float, least: int = LEAST) -> int | None:
    """How many seeds are enough for a mean known to +- `relative`, None while more are needed.  `values` f8[seed], NaN: undefined.

    The first n of at least `least` whose t interval is narrow enough, and stays so in each of the next LOOK_AHEAD seeds, which are
    then used too: stopping at the first narrow interval finds those that are narrow by luck, and covers 89 % where it says 95.
    Hoad, Robinson and Davies, J. Oper. Res. Soc. 61 (2010) 1632-1644.

    >>> precise(np.array([10.0, 10.1] * 8), 0.05), precise(np.array([10.0, 30.0] * 8), 0.05)
    (15, None)
    """
    run = 0
    for n in range(least, len(values) + 1):
        known = values[:n][np.isfinite(values[:n])]
        run = run + 1 if len(known) >= 2 and _narrow(known, relative) else 0
        if run > LOOK_AHEAD:
            return n
    return None


def _narrow(values: np.ndarray, relative: float) -> bool:
    low, high = spread(values).interval(1.0 - CONFIDENCE) or (-math.inf, math.inf)
    return high - low <= 2.0 * relative * abs(low + high) / 2.0


def evidence(diffs: np.ndarray) -> float:
    """Odds of "there is a difference" against "there is none", by two or more differences f8[seed] (Bayes factor).

    For a mean of 0 and any spread it exceeds x with a chance of at most 1 / x, however often one looks: under the right Haar prior of
    the spread and a standard normal prior of mean / spread it is a martingale of expectation 1 (Hendriksen, de Heide and Grunwald,
    Bayesian Analysis 16 (2021) 961-989; the formula: Gonen et al., American Statistician 59 (2005) 252-257, one sample).

    >>> round(evidence(np.array([1.0, 2.0, 3.0, 2.0, 1.0, 3.0])), 1), round(evidence(np.array([1.0, -1.0] * 8)), 2)
    (20.2, 0.24)
    """
    s = spread(diffs)
    n = s.n
    if s.sd is None or (s.sd == 0.0 and s.mean == 0.0):
        return 0.0
    if s.sd == 0.0:
        return math.inf
    t2 = s.mean**2 * n / s.sd**2
    odds = 0.5 * n * (math.log1p(t2 / (n - 1)) - math.log1p(t2 / ((n - 1) * (1 + n)))) - 0.5 * math.log1p(n)
    return math.exp(min(odds, 700.0))


def settled(diffs: np.ndarray, least: int = LEAST) -> int | None:
    """How many seeds settle the sign of a paired difference, None while it is open.  `diffs` f8[seed], NaN: undefined.

    The first n of at least `least` with odds of 20 to 1, and a 95 % t interval that leaves out 0.  A difference that is not there is
    called settled in at most 5 % of all experiments, however long they go on.  One that is exactly 0 in every seed is settled, too.
    """
    for n in range(least, len(diffs) + 1):
        known = diffs[:n][np.isfinite(diffs[:n])]
        if len(known) < 2:
            continue
        if not known.any():
            return n
        if evidence(known) >= 1.0 / (1.0 - CONFIDENCE) and _leaves_out_0(known):
            return n
    return None


def _leaves_out_0(values: np.ndarray) -> bool:
    s = spread(values)
    return s.sd is not None and abs(s.mean) > t_quantile(0.5 + CONFIDENCE / 2.0, s.n - 1) * s.sd / math.sqrt(s.n)


def all_of(counts: Sequence[int | None]) -> int | None:
    """The number of seeds at which every one of several is content, None while one is not."""
    known = [n for n in counts if n is not None]
    return max(known) if known and len(known) == len(counts) else None
