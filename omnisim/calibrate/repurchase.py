"""How often customers come back, and whether they still do: BG/NBD from purchase histories.

    a customer:   first purchase ----o---o-------o--------------|      x = 3 repeat purchases, the last at t_x, seen for T
                  0                              t_x            T

Each buys at a rate of his own, gamma(r, alpha), and after each repeat purchase stops with a chance of his own, beta(a, b).
Arrays are [customer]; times in any one unit.  Source: Fader, Hardie, Lee, Counting your customers the easy way: an
alternative to the Pareto/NBD model, Marketing Science 24 (2005) 275-284, equation 6.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

NAMES = ("r", "alpha", "a", "b")
STEP = 1e-4  # of the logarithm of a parameter, for second differences


@dataclass(frozen=True)
class BgNbd:
    """Fitted parameters, as `repurchase: {STREAM: {bg_nbd: {r, alpha, a, b, unit}}}` takes them, with their standard errors.

    `errors`: of (r, alpha, a, b), from the curvature of the log likelihood; NaN where the data say nothing of one (its logarithm
    has no standard error below 10).  `log_likelihood` of all customers; `customers`.
    """

    r: float
    alpha: float
    a: float
    b: float
    errors: tuple[float, float, float, float]
    log_likelihood: float
    customers: int

    def expected(self, time: float) -> float:
        """Repeat purchases that a new customer is expected to make within `time` (equation 9 of the source), by simulation-free quadrature.

        >>> fit = BgNbd(0.243, 4.414, 0.793, 2.426, (0.0,) * 4, 0.0, 0)
        >>> round(fit.expected(39.0), 3)
        1.197
        """
        from scipy.special import hyp2f1

        z = time / (self.alpha + time)
        inside = (self.alpha / (self.alpha + time)) ** self.r * hyp2f1(self.r, self.b, self.a + self.b - 1.0, z)
        return float((self.a + self.b - 1.0) / (self.a - 1.0) * (1.0 - inside))


def log_likelihood(x: ArrayLike, t_x: ArrayLike, T: ArrayLike, r: float, alpha: float, a: float, b: float) -> np.ndarray:
    """Log likelihood of each customer's history, f8[customer].

    With A = B(a, b + x)/B(a, b) Gamma(r + x)/Gamma(r) alpha^r:  A (alpha + T)^-(r + x), and for x > 0 besides
    A a/(b + x - 1) (alpha + t_x)^-(r + x): he has stopped with the last purchase.

    >>> bool(np.isclose(log_likelihood(0, 0.0, 38.86, 0.243, 4.414, 0.793, 2.426), 0.243 * np.log(4.414 / (4.414 + 38.86))))
    True
    """
    x, t_x, T = (np.asarray(v, float) for v in (x, t_x, T))
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
    alive = -(r + x) * np.log(alpha + T)
    stopped = np.where(x > 0, np.log(a) - np.log(b + np.maximum(x, 1.0) - 1.0) - (r + x) * np.log(alpha + t_x), -np.inf)
    out: np.ndarray = common + np.logaddexp(alive, stopped)
    return out


def bg_nbd(x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> BgNbd:
    """Fit BG/NBD by maximum likelihood.

    `x`: repeat purchases, `t_x`: time of the last from the first purchase (0 where x is 0), `T`: time from the first purchase to the end
    of what was seen.  Raises ValueError for impossible histories, or if nobody bought twice.

    >>> fit = bg_nbd([0, 0, 1, 4, 0, 2, 0, 1], [0, 0, 5, 30, 0, 9, 0, 21], [39] * 8)
    >>> fit.customers, fit.r > 0
    (8, True)
    """
    x, t_x, T = (np.asarray(v, float) for v in (x, t_x, T))
    if not x.shape == t_x.shape == T.shape or x.ndim != 1 or not len(x):
        raise ValueError("x, t_x and T must be lists of one length, an entry a customer")
    if not (np.all(x >= 0) and np.all(x == np.floor(x)) and np.all(t_x >= 0) and np.all(t_x <= T) and np.all((x > 0) | (t_x == 0))):
        raise ValueError("a history is impossible: whole x >= 0, 0 <= t_x <= T, and t_x = 0 where x = 0")
    if not np.any(x > 0):
        raise ValueError("nobody bought twice: nothing to fit")
    rows, n = np.unique(np.stack([x, t_x, T]), axis=1, return_counts=True)  # equal histories are counted once

    def loss(logs: np.ndarray) -> float:
        return float(-(n @ log_likelihood(*rows, *np.exp(logs))) / n.sum())

    start = np.log([0.5, max(float(np.median(T)) / 4.0, 1e-9), 1.0, 2.0])
    found = minimize(loss, start, method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-8, "fatol": 1e-12})
    found = minimize(loss, found.x, method="BFGS", options={"gtol": 1e-9})
    r, alpha, a, b = (float(v) for v in np.exp(found.x))
    errors = _errors(loss, found.x, int(n.sum()))
    return BgNbd(r, alpha, a, b, errors, -loss(found.x) * float(n.sum()), int(n.sum()))


def _errors(loss: "object", logs: np.ndarray, n: int) -> tuple[float, float, float, float]:
    """Standard errors of the parameters by the curvature of the mean loss at its least, in logarithms (delta method)."""
    assert callable(loss)
    k = len(logs)
    curve = np.zeros((k, k))
    unit = np.eye(k) * STEP
    for i in range(k):
        for j in range(k):
            far = loss(logs + unit[i] + unit[j]) + loss(logs - unit[i] - unit[j])
            near = loss(logs + unit[i] - unit[j]) + loss(logs - unit[i] + unit[j])
            curve[i, j] = (far - near) / (4.0 * STEP * STEP)
    spread = np.diag(np.linalg.pinv(curve * n))
    errors = np.where(spread > 0, np.sqrt(np.maximum(spread, 0.0)), np.nan)
    errors[errors > 10.0] = np.nan
    made = np.exp(logs) * errors
    return (float(made[0]), float(made[1]), float(made[2]), float(made[3]))


def histories(customers: ArrayLike, times: ArrayLike, end: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(x, t_x, T) of each customer from purchases (`customers`: who, `times`: when), seen until `end`.

    >>> x, t_x, T = histories([7, 7, 9], [2.0, 5.0, 4.0], 10.0)
    >>> x.tolist(), t_x.tolist(), T.tolist()
    ([1.0, 0.0], [3.0, 0.0], [8.0, 6.0])
    """
    who, when = np.asarray(customers), np.asarray(times, float)
    order = np.lexsort((when, who))
    who, when = who[order], when[order]
    first = np.flatnonzero(np.r_[True, who[1:] != who[:-1]])
    last = np.r_[first[1:], len(who)] - 1
    return (last - first).astype(float), when[last] - when[first], end - when[first]
