"""What it is worth to learn an input before deciding: the expected value of perfect information, of all inputs and of one.

    worth f8[strategy, point], places f8[point, input]
      EVPI      mean of the best at each point  -  best of the means
      EVPPI(i)  mean of the best of E[worth | input i]  -  best of the means          (E by regression on the sample)

The regression is a polynomial in the input's place, of the degree (0 to 3) that an F test asks for at a level shared by all inputs:
with no sign of dependence the value is exactly 0.  What the other inputs do is taken out first, linearly, for they are independent
of this one.  Strong, Oakley and Brennan, Medical Decision Making 34 (2014) 311-326.
"""

from dataclasses import dataclass

import numpy as np

ERROR = 0.05  # chance that any input at all is given a value it has not
DEGREE = 3
OTHERS = 8  # inputs that are taken out linearly, at most


@dataclass(frozen=True)
class Learned:
    """Expected value of learning one input, and its standard error from the regression."""

    value: float
    error: float


def evpi(worth: np.ndarray) -> float:
    """What it is worth to know everything before deciding; `worth` f8[strategy, point].

    >>> evpi(np.array([[0.0, 0.0], [-1.0, 3.0]]))
    0.5
    """
    return float(worth.max(axis=0).mean() - worth.mean(axis=1).max())


def evppi(worth: np.ndarray, places: np.ndarray) -> list[Learned]:
    """What it is worth to learn each input, f8[strategy, point] and f8[point, input] in (0, 1).

    A strategy that pays 3 x - 1 with x uniform on (0, 1), against one that pays 0: deciding without x gives 1/2, with it
    integral of (3 x - 1) over x > 1/3 = 2/3, so learning x is worth 1/6; the other input is worth nothing.

    >>> x = np.stack([(np.arange(400) + 0.5) / 400, np.random.default_rng(1).random(400)], axis=1)
    >>> [round(v.value, 2) for v in evppi(np.stack([np.zeros(400), 3 * x[:, 0] - 1]), x)]
    [0.17, 0.0]
    """
    n, inputs = places.shape
    basis = np.stack([_legendre(places[:, i]) for i in range(inputs)])  # [input, point, degree]
    gains = worth - worth[0]  # what all strategies share cancels
    plain = gains.mean(axis=1)
    level = ERROR / (inputs * max(1, len(gains) - 1))
    fits = np.zeros((inputs, *gains.shape))
    noise = np.zeros((inputs, len(gains)))
    for s in range(1, len(gains)):
        outside = _others(gains[s], basis[:, :, 1], level)
        for i in range(inputs):
            y = gains[s] - sum((outside[j] * basis[j, :, 1] for j in outside if j != i), np.zeros(n))
            fits[i, s], noise[i, s] = _fitted(y, basis[i], level / DEGREE)
    out = []
    rng = np.random.default_rng(1)
    for i in range(inputs):
        if not noise[i].any():
            out.append(Learned(0.0, 0.0))
            continue
        value = fits[i].max(axis=0).mean() - plain.max()
        shaken = [_shaken(fits[i], noise[i], rng) for _ in range(200)]
        out.append(Learned(max(0.0, float(value)), float(np.std(shaken))))
    return out


def _legendre(u: np.ndarray) -> np.ndarray:
    """Columns 1, x, P2, P3 of places in (0, 1)."""
    return np.asarray(np.polynomial.legendre.legvander(2.0 * u - 1.0, DEGREE))


def _others(y: np.ndarray, linear: np.ndarray, error: float) -> dict[int, float]:
    """Slopes of the inputs that plainly matter, fitted together; at most OTHERS.

    They are found one after another, each by a test at `error` of what those before it leave over: chosen by what they have to do with
    the whole, those that happen to go along with a strong input would be taken, and its slope would come out too small.
    """
    from scipy import special

    n = len(y)
    chosen: list[int] = []
    slopes = np.zeros(0)
    left = y - y.mean()
    while len(chosen) < min(OTHERS, n // 10) and left.any():
        r = np.array([0.0 if i in chosen else _correlation(x, left) for i, x in enumerate(linear)])
        i = int(np.argmax(np.abs(r)))
        free = n - 2 - len(chosen)
        t = abs(float(r[i])) * np.sqrt(free / max(1.0 - float(r[i]) ** 2, 1e-12))
        if 2.0 * float(special.stdtr(free, -t)) > error:
            break
        chosen.append(i)
        x = np.column_stack([np.ones(n), *(linear[c] for c in chosen)])
        fit = np.linalg.lstsq(x, y, rcond=None)[0]
        slopes, left = fit[1:], y - x @ fit
    return dict(zip(chosen, slopes.tolist(), strict=True))


def _correlation(x: np.ndarray, centred: np.ndarray) -> float:
    mine = x - x.mean()
    return float(mine @ centred / np.sqrt(max(float(mine @ mine) * float(centred @ centred), 1e-300)))


def _fitted(y: np.ndarray, basis: np.ndarray, error: float) -> tuple[np.ndarray, float]:
    """Fitted values and their standard error on the mean; the mean alone, and 0, where nothing shows a dependence."""
    from scipy import special

    n = len(y)
    flat = np.full(n, y.mean())
    rest = float(((y - flat) ** 2).sum())
    if rest <= 1e-20 * float((y**2).sum()) or rest == 0.0:
        return flat, 0.0
    best, degree, left = flat, 0, rest
    for d in range(1, min(DEGREE, n // 4) + 1):
        x = basis[:, : d + 1]
        fit = x @ np.linalg.lstsq(x, y, rcond=None)[0]
        now = float(((y - fit) ** 2).sum())
        free = n - d - 1
        ratio = (left - now) / (d - degree) / (now / free) if now > 1e-20 * rest else np.inf
        if float(special.fdtrc(d - degree, free, ratio)) <= error:
            best, degree, left = fit, d, now
    spread = np.sqrt(left / max(1, n - degree - 1) * (degree + 1) / n)
    return best, float(max(spread, 1e-12 * np.sqrt(rest))) if degree else 0.0


def _shaken(fits: np.ndarray, noise: np.ndarray, rng: np.random.Generator) -> float:
    """The value with every fit moved by its own standard error."""
    moved = fits + (rng.standard_normal(len(noise)) * noise)[:, None]
    return float(moved.max(axis=0).mean() - moved.mean(axis=1).max())
