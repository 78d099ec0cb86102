"""Laws of durations: one uniform in, one duration out, by inversion; mean times a variate of mean 1.

    rows of LAW       code, mean, a, b, c, first, count, own  (what a, b, c hold is said beside each branch)
    points            sorted relative values of empirical laws; cumulative shares of mixtures; pieces (second of day, law) by clock;
                      times, then shares, of survival tables

Because the mean only multiplies, scaling time by a power of two scales every draw exactly.  Larger uniforms give longer
durations, so that a longer mean never shortens anybody's duration.
"""

import math
from typing import Any

import numpy as np

from omnisim.jit import njit
from omnisim.own import call_own
from omnisim.words import LawCode

LAW = np.dtype(
    [("code", "i8"), ("mean", "f8"), ("a", "f8"), ("b", "f8"), ("c", "f8"), ("first", "i8"), ("count", "i8"), ("own", "i8")], align=True
)

CONSTANT = int(LawCode.CONSTANT)
EXPONENTIAL = int(LawCode.EXPONENTIAL)
LOGNORMAL = int(LawCode.LOGNORMAL)
GAMMA = int(LawCode.GAMMA)
WEIBULL = int(LawCode.WEIBULL)
UNIFORM = int(LawCode.UNIFORM)
TRIANGULAR = int(LawCode.TRIANGULAR)
EMPIRICAL = int(LawCode.EMPIRICAL)
NEVER = int(LawCode.NEVER)
MIXTURE = int(LawCode.MIXTURE)
OWN = int(LawCode.OWN)
BY_CLOCK = int(LawCode.BY_CLOCK)
DAY_S = 86400.0
SURVIVAL = int(LawCode.SURVIVAL)


@njit()
def normal_inverse(u: float) -> float:
    """Quantile of the standard normal law, relative error about 1e-16.

    Source: Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37 (1988) 477-484.

    >>> round(normal_inverse(0.975), 12)
    1.95996398454
    """
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = ((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
                  + 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r
               + 133.14166789178437745) * r + 3.387132872796366608  # fmt: skip
        low = ((((((5226.495278852854561 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
                  + 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083) * r
               + 42.313330701600911252) * r + 1.0  # fmt: skip
        return q * top / low
    r = u if q < 0.0 else 1.0 - u
    r = math.sqrt(-math.log(r))
    if r <= 5.0:
        r -= 1.6
        top = ((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r
                  + 1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.7694972214606914055) * r
               + 4.6303378461565452959) * r + 1.42343711074968357734  # fmt: skip
        low = ((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r
                  + 0.14810397642748007459) * r + 0.68976733498510000455) * r + 1.6763848301838038494) * r
               + 2.05319162663775882187) * r + 1.0  # fmt: skip
    else:
        r -= 5.0
        top = ((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r
                  + 0.026532189526576123093) * r + 0.29656057182850489123) * r + 1.7848265399172913358) * r
               + 5.4637849111641143699) * r + 6.6579046435011037772  # fmt: skip
        low = ((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r
                  + 7.868691311456132591e-4) * r + 0.0148753612908506148525) * r + 0.13692988092273580531) * r
               + 0.59983220655588793769) * r + 1.0  # fmt: skip
    return -top / low if q < 0.0 else top / low


@njit()
def log_gamma(x: float) -> float:
    """Logarithm of the gamma function for x > 0, relative error about 1e-15, by Stirling's series from 10 upwards.

    Our own, because compiled and plain Python use different ones.  Source: Abramowitz & Stegun 6.1.41 and 6.1.16.

    >>> round(log_gamma(0.5), 12), round(log_gamma(171.0), 9)
    (0.572364942925, 706.573062246)
    """
    product = 1.0
    while x < 10.0:
        product *= x
        x += 1.0
    z = 1.0 / (x * x)
    series = 1.0 / 12.0 - z * (1.0 / 360.0 - z * (1.0 / 1260.0 - z * (1.0 / 1680.0 - z * (1.0 / 1188.0 - z * 691.0 / 360360.0))))
    return (x - 0.5) * math.log(x) - x + 0.9189385332046727418 + series / x - math.log(product)


@njit()
def gamma_cdf(shape: float, x: float) -> float:
    """Regularised lower incomplete gamma function P(shape, x), by series or by Lentz's continued fraction.

    Source: Abramowitz & Stegun 6.5.29 and 6.5.31.

    >>> round(gamma_cdf(2.0, 2.0), 9)
    0.59399415
    """
    if x <= 0.0:
        return 0.0
    front = math.exp(shape * math.log(x) - x - log_gamma(shape))
    if x < shape + 1.0:
        term = 1.0 / shape
        total = term
        n = shape
        for _ in range(10000):
            n += 1.0
            term *= x / n
            total += term
            if term < total * 1e-17:
                break
        return min(front * total, 1.0)
    b = x + 1.0 - shape
    c = 1e300
    d = 1.0 / b
    h = d
    for i in range(1, 10000):
        an = -i * (i - shape)
        b += 2.0
        d = an * d + b
        if abs(d) < 1e-300:
            d = 1e-300
        c = b + an / c
        if abs(c) < 1e-300:
            c = 1e-300
        d = 1.0 / d
        h *= d * c
        if abs(d * c - 1.0) < 1e-16:
            break
    return max(0.0, 1.0 - front * h)


@njit()
def gamma_inverse(u: float, shape: float) -> float:
    """Quantile of the gamma law with this shape and scale 1: the x with P(shape, x) = u, by safeguarded Newton steps.

    >>> round(gamma_inverse(0.59399415029, 2.0), 8)
    2.0
    """
    z = normal_inverse(u)
    third = 1.0 / (9.0 * shape)
    root = 1.0 - third + z * math.sqrt(third)
    x = shape * root * root * root  # Wilson-Hilferty 1931
    if shape < 1.0 or x <= 0.0:
        x = math.exp((math.log(u) + log_gamma(shape + 1.0)) / shape)  # leading term of the series
    low = 0.0
    high = math.inf
    for _ in range(200):
        error = gamma_cdf(shape, x) - u
        if error > 0.0:
            high = x
        else:
            low = x
        slope = math.exp((shape - 1.0) * math.log(x) - x - log_gamma(shape)) if x > 0.0 else 0.0
        new = x - error / slope if slope > 0.0 else -1.0
        if not (low < new < high):
            new = 2.0 * low + 1e-300 if high == math.inf else 0.5 * (low + high)
        if abs(new - x) <= 1e-15 * x:
            return new
        x = new
    return x


@njit()
def _simple(law: Any, points: Any, u: float) -> float:
    code = law["code"]
    mean = law["mean"]
    if code == CONSTANT:
        return mean
    if code == EXPONENTIAL:
        return -mean * math.log1p(-u)
    if code == LOGNORMAL:  # a: sigma of the logarithm
        return mean * math.exp(law["a"] * normal_inverse(u) - 0.5 * law["a"] * law["a"])
    if code == GAMMA:  # a: shape
        return mean * (gamma_inverse(u, law["a"]) / law["a"])
    if code == WEIBULL:  # a: 1 / shape, b: 1 / Gamma(1 + 1/shape)
        return mean * ((-math.log1p(-u)) ** law["a"] * law["b"])
    if code == UNIFORM:  # a: low / mean, b: (high - low) / mean
        return mean * (law["a"] + law["b"] * u)
    if code == TRIANGULAR:  # a: low / mean, b: mode / mean, c: high / mean
        width = law["c"] - law["a"]
        rise = law["b"] - law["a"]
        if u * width < rise:
            return mean * (law["a"] + math.sqrt(u * width * rise))
        return mean * (law["c"] - math.sqrt((1.0 - u) * width * (law["c"] - law["b"])))
    if code == EMPIRICAL:  # points: sorted values / mean
        i = int(u * law["count"])
        return mean * points[law["first"] + i]
    if code == OWN:  # a person's own
        own = call_own(law["own"], (u, mean, law["a"], law["b"], law["c"]))
        return own if own > 0.0 else 0.0
    if code == SURVIVAL:
        return mean * _survives(points, law["first"], law["count"], law["a"], 1.0 - u)
    return math.inf  # never


@njit()
def _survives(points: Any, first: int, count: int, tail: float, left: float) -> float:
    """The first time at which no more than `left` are still there: times stand at `first`, the shares left after them behind.

    `tail`: mean of what comes after the last time for those still there then: 0: they leave at it, infinite: never.
    """
    low = 0
    high = count
    while low < high:
        middle = (low + high) >> 1
        if points[first + count + middle] <= left:
            high = middle
        else:
            low = middle + 1
    if low < count:
        return points[first + low]
    last = points[first + count - 1]
    if tail == math.inf:
        return math.inf
    return last - tail * math.log(left / points[first + 2 * count - 1])


@njit(inline=True)
def law_at(laws: Any, points: Any, which: int, moment: float) -> int:
    """The law that holds at a moment, s from the start of the run: `which` itself, or the piece of a law by clock."""
    return which if laws[which]["code"] != BY_CLOCK else _piece_at(laws, points, which, moment)


@njit()
def _piece_at(laws: Any, points: Any, which: int, moment: float) -> int:
    law = laws[which]
    second = (law["a"] + moment) % DAY_S  # a: second of the day at the start of the run
    first, last = law["first"], law["first"] + 2 * (law["count"] - 1)
    at = first
    while at < last and points[at + 2] <= second:
        at += 2
    return int(points[at + 1])


@njit(inline=True)
def sample(laws: Any, points: Any, which: int, u: float) -> float:
    """The duration, in seconds, that law number `which` gives for the uniform `u`; infinite for `never`."""
    if laws[which]["code"] == EXPONENTIAL:  # the most frequent one, without a call
        return -laws[which]["mean"] * math.log1p(-u)
    return _any(laws, points, which, u)


@njit()
def _any(laws: Any, points: Any, which: int, u: float) -> float:
    law = laws[which]
    if law["code"] != MIXTURE:
        return _simple(law, points, u)
    # a mixture spends one uniform: its place among the cumulative shares picks the part, the rest of it is used again
    before = 0.0
    last = law["count"] - 1
    for j in range(law["count"]):
        upto = points[law["first"] + j]
        if u < upto or j == last:
            rest = (u - before) / (upto - before)
            return _simple(laws[which + 1 + j], points, min(max(rest, 1e-300), 1.0 - 2.0**-53))
        before = upto
    return math.inf
