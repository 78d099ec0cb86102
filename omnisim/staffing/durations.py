"""A duration by its survival function: what the exact formulas need of a patience or of a service time.

    survival(x) = P(duration > x)        area(x) = integral of survival over [0, x] = E[min(duration, x)]

Both take and give arrays.  `breaks` are where the survival function jumps, so that a quadrature does not step over one.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Duration:
    """survival, area: vectorised functions of a time >= 0; mean: may be inf; breaks: times > 0 where survival jumps."""

    survival: Callable[[Floats], Floats]
    area: Callable[[Floats], Floats]
    mean: float
    breaks: tuple[float, ...] = ()


def never() -> Duration:
    """Infinite patience."""
    return Duration(lambda x: np.ones_like(x), lambda x: x, math.inf)


def constant(value: float) -> Duration:
    """Always `value` (0: gives up as soon as it must wait)."""
    return Duration(lambda x: np.asarray(x < value, np.float64), lambda x: np.minimum(x, value), value, (value,) if value > 0 else ())


def exponential(mean: float) -> Duration:
    """Memoryless, of this mean.

    >>> float(exponential(2.0).area(np.array(2.0))) == 2 * (1 - math.exp(-1))
    True
    """
    return Duration(lambda x: np.exp(-x / mean), lambda x: -mean * np.expm1(-x / mean), mean)


def weibull(mean: float, cv: float) -> Duration:
    """Weibull of this mean and coefficient of variation (below 1: hazard grows; above 1: it falls)."""
    from scipy import optimize, special

    def excess(log_shape: float) -> float:  # falls in the shape
        shape = math.exp(log_shape)
        return math.lgamma(1 + 2 / shape) - 2 * math.lgamma(1 + 1 / shape) - math.log1p(cv * cv)

    shape = math.exp(optimize.brentq(excess, math.log(0.05), math.log(1000), xtol=1e-14))
    scale = mean / math.gamma(1 + 1 / shape)
    return Duration(
        lambda x: np.exp(-((x / scale) ** shape)),
        lambda x: mean * special.gammainc(1 / shape, (x / scale) ** shape),
        mean,
    )


def gamma(mean: float, cv: float) -> Duration:
    """Gamma of this mean and coefficient of variation."""
    from scipy import special

    shape, scale = 1 / cv**2, mean * cv**2
    return Duration(
        lambda x: special.gammaincc(shape, x / scale),
        lambda x: x * special.gammaincc(shape, x / scale) + mean * special.gammainc(shape + 1, x / scale),
        mean,
    )


def lognormal(mean: float, cv: float) -> Duration:
    """Lognormal of this mean and coefficient of variation."""
    from scipy import special

    sigma = math.sqrt(math.log1p(cv * cv))
    mu = math.log(mean) - sigma * sigma / 2

    def z(x: Floats) -> Any:
        with np.errstate(divide="ignore"):
            return (np.log(x) - mu) / sigma

    return Duration(
        lambda x: special.ndtr(-z(x)),
        lambda x: x * special.ndtr(-z(x)) + mean * special.ndtr(z(x) - sigma),
        mean,
    )


def uniform(low: float, high: float) -> Duration:
    """Evenly between low and high."""
    width = high - low

    def area(x: Floats) -> Floats:
        inside = np.clip(x, low, high)
        return np.minimum(x, low) + (inside - low) - (inside - low) ** 2 / (2 * width)

    return Duration(lambda x: np.clip((high - x) / width, 0.0, 1.0), area, (low + high) / 2, (low, high) if low > 0 else (high,))


def triangular(low: float, mode: float, high: float) -> Duration:
    """Between low and high, most often near `mode`.

    >>> round(float(triangular(1.0, 2.0, 6.0).area(np.array(6.0))), 12) == triangular(1.0, 2.0, 6.0).mean
    True
    """
    width, rise, fall = high - low, max(mode - low, 1e-300), max(high - mode, 1e-300)

    def survival(x: Floats) -> Floats:
        up, down = np.clip(x, low, mode) - low, high - np.clip(x, mode, high)
        return np.where(x < mode, 1 - up**2 / (width * rise), down**2 / (width * fall))

    def area(x: Floats) -> Floats:
        up, down = np.clip(x, low, mode) - low, high - np.clip(x, mode, high)
        return np.minimum(x, low) + up - up**3 / (3 * width * rise) + (fall**3 - down**3) / (3 * width * fall) * (high > mode)

    return Duration(survival, area, (low + mode + high) / 3, tuple(b for b in (low, mode, high) if b > 0))


def empirical(values: Sequence[float]) -> Duration:
    """One of the values, each as likely as the others.

    >>> seen = empirical([4.0, 1.0, 1.0])
    >>> seen.survival(np.array([0.5, 1.0])).round(6).tolist(), float(seen.area(np.array(9.0)))
    ([1.0, 0.333333], 2.0)
    """
    known = np.sort(np.asarray(values, float))
    sums = np.concatenate([[0.0], np.cumsum(known)])

    def area(x: Floats) -> Floats:
        below = np.searchsorted(known, x, side="right")
        return np.asarray((sums[below] + (len(known) - below) * x) / len(known))

    return Duration(
        lambda x: 1 - np.searchsorted(known, x, side="right") / len(known),
        area,
        float(known.mean()),
        tuple(float(v) for v in np.unique(known) if v > 0),
    )


def mixture(*parts: tuple[float, Duration]) -> Duration:
    """One of several durations, each with its share; shares sum to 1 within 1e-9, else ValueError.

    >>> balking = mixture((0.1, constant(0)), (0.9, exponential(4)))
    >>> float(balking.survival(np.array(0.0))), balking.mean
    (0.9, 3.6)
    """
    if abs(sum(share for share, _ in parts) - 1) > 1e-9:
        raise ValueError("the shares of a mixture sum to 1")
    return Duration(
        lambda x: sum((s * d.survival(x) for s, d in parts), np.zeros_like(x)),
        lambda x: sum((s * d.area(x) for s, d in parts), np.zeros_like(x)),
        sum(s * d.mean for s, d in parts if s > 0),
        tuple(sorted({b for _, d in parts for b in d.breaks})),
    )
