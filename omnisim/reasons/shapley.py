"""The share of each lever in a difference: Shapley's value, exact or from sampled orders.

    worth of every mixture f8[mixture, seed] --exact--> shares f8[lever, seed], interactions f8[lever, lever, seed]
    orders of moving the levers             --walk---> shares f8[lever]

Mixture m is a whole number: bit i is set where lever i is moved.  The share of lever i is what moving it adds, averaged over all
orders of moving the levers: the only rule under which shares add up to the difference, a lever that changes nothing has none, and
two levers that do the same have the same (Shapley, A value for n-person games, 1953).  Interaction: Grabisch and Roubens, Int. J.
Game Theory 28 (1999) 547-565.  Sampling with reversed orders: Mitchell et al., J. Mach. Learn. Res. 23 (2022).
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from math import factorial, fsum

import numpy as np

MOST_EXACT = 8  # levers: 256 mixtures


def exact(worth: np.ndarray) -> np.ndarray:
    """Shares f8[lever, seed] from the worth of all mixtures, f8[2 ** levers, seed].

    Sums are rounded once (`math.fsum`), so that twins are equal to the bit.  Three levers, of which the second does nothing and the
    first and third only work together:

    >>> exact(np.array([[0.0, 0, 0, 0, 0, 6, 0, 6]]).T)[:, 0].tolist()
    [3.0, 0.0, 3.0]
    """
    p = _levers(worth)
    weights = [factorial(n) * factorial(p - n - 1) / factorial(p) for n in range(p)]
    out = np.empty((p, worth.shape[1]))
    for i in range(p):
        without = [m for m in range(len(worth)) if not m >> i & 1]
        for s in range(worth.shape[1]):
            out[i, s] = fsum(weights[m.bit_count()] * (worth[m | 1 << i, s] - worth[m, s]) for m in without)
    return out


def interactions(worth: np.ndarray) -> np.ndarray:
    """What two levers do more together than each for itself, averaged over what else is moved: f8[lever, lever, seed], 0 on the diagonal.

    >>> interactions(np.array([[0.0, 0, 0, 0, 0, 6, 0, 6]]).T)[0, :, 0].tolist()
    [0.0, 0.0, 6.0]
    """
    p = _levers(worth)
    out = np.zeros((p, p, worth.shape[1]))
    for i in range(p):
        for j in range(i):
            a, b = 1 << i, 1 << j
            for m in (m for m in range(len(worth)) if not m & (a | b)):
                n = m.bit_count()
                weight = factorial(n) * factorial(p - n - 2) / factorial(p - 1)
                out[i, j] += weight * ((worth[m | a | b] - worth[m | a]) - (worth[m | b] - worth[m]))
            out[j, i] = out[i, j]
    return out


def _levers(worth: np.ndarray) -> int:
    p = len(worth).bit_length() - 1
    if len(worth) != 1 << p or p < 1:
        raise ValueError(f"{len(worth)} mixtures are not those of any number of levers")
    return p


def orders(levers: int, pairs: int, seed: int) -> list[tuple[int, ...]]:
    """So many pairs of an order and its reverse; numpy's own generator: no part of the model's luck.

    >>> orders(3, 1, 5)[0] == orders(3, 1, 5)[1][::-1]
    True
    """
    rng = np.random.default_rng([seed, levers])
    drawn = [tuple(int(i) for i in rng.permutation(levers)) for _ in range(pairs)]
    return [order for one in drawn for order in (one, one[::-1])]


def steps(order: Sequence[int]) -> list[int]:
    """The mixtures on the way: from none moved to all moved.

    >>> steps((1, 0))
    [0, 2, 3]
    """
    out = [0]
    for i in order:
        out.append(out[-1] | 1 << i)
    return out


def walk(several: Sequence[Sequence[int]], worth: Mapping[int, float] | Callable[[int], float]) -> np.ndarray:
    """Shares f8[lever] averaged over some orders; `worth` of a mixture in one seed.

    >>> walk([(0, 1), (1, 0)], {0: 0.0, 1: 1.0, 2: 0.0, 3: 4.0}).tolist()
    [2.5, 1.5]
    """
    value = worth.__getitem__ if isinstance(worth, Mapping) else worth
    p = len(several[0])
    out = np.zeros(p)
    for order in several:
        way = steps(order)
        for i, (before, after) in zip(order, itertools.pairwise(way), strict=True):
            out[i] += value(after) - value(before)
    return out / len(several)
