"""Designs: at which places of its range each factor stands, point by point.

    factorial((3, 2))           every level with every level                          -> level numbers i8[point, factor]
    one_at_a_time((3, 2), base) the base, then each factor alone at its other levels  -> level numbers i8[point, factor]
    latin_hypercube(8, 2, 1)    each factor once in each of 8 equal pieces            -> places f8[point, factor] in (0, 1)
    sobol(8, 2, 1)              a scrambled Sobol sequence                            -> places f8[point, factor] in [0, 1)
    saltelli(8, 2, 1)           A, B, and A with one column of B                      -> places f8[8 x (2 + 2), factor] in [0, 1)
    morris(5, 2, 1)             5 walks that step once along each factor              -> places f8[5 x (2 + 1), factor] in [0, 1]

A design knows numbers of levels and of factors only.  Its draws come from numpy's and scipy's own generators: they are no part of the
model's luck.
"""

import itertools
from collections.abc import Sequence

import numpy as np


def factorial(levels: Sequence[int]) -> np.ndarray:
    """Every combination of levels, the last factor moving fastest, i8[point, factor].

    >>> factorial([2, 3]).tolist()
    [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]
    """
    rows = list(itertools.product(*(range(n) for n in levels)))
    return np.array(rows, np.int64).reshape(len(rows), len(levels))


def one_at_a_time(levels: Sequence[int], base: Sequence[int]) -> np.ndarray:
    """The base point, then each factor at each of its other levels while the rest stays, i8[point, factor].

    >>> one_at_a_time([3, 2], [1, 0]).tolist()
    [[1, 0], [0, 0], [2, 0], [1, 1]]
    """
    rows = [list(base)]
    for factor, n in enumerate(levels):
        rows += [[*base[:factor], level, *base[factor + 1 :]] for level in range(n) if level != base[factor]]
    return np.array(rows, np.int64).reshape(len(rows), len(levels))


def latin_hypercube(points: int, factors: int, seed: int) -> np.ndarray:
    """Places f8[point, factor] in (0, 1): each factor has one point in each of `points` equal pieces of its range.

    McKay, Beckman and Conover, Technometrics 21 (1979) 239-245.

    >>> sorted((latin_hypercube(4, 1, 7)[:, 0] * 4).astype(int).tolist())
    [0, 1, 2, 3]
    """
    rng = np.random.default_rng(seed)
    order = np.array([rng.permutation(points) for _ in range(factors)]).reshape(factors, points).T
    return np.asarray((order + rng.random((points, factors))) / points)


def sobol(points: int, factors: int, seed: int) -> np.ndarray:
    """Places f8[point, factor] in [0, 1) of a scrambled Sobol sequence; `points` is a power of two, else its balance is lost.

    Sobol, USSR Comput. Maths. Math. Phys. 7 (1967) 86-112; scrambling: Matousek, J. Complexity 14 (1998) 527-556 (scipy).
    Raises ValueError where `points` is no power of two.

    >>> sorted((sobol(4, 1, 7)[:, 0] * 4).astype(int).tolist())
    [0, 1, 2, 3]
    """
    if points < 1 or points & (points - 1):
        raise ValueError(f"a Sobol design needs a power of two, such as {2 ** max(points, 1).bit_length()}; found {points}")
    from scipy.stats import qmc  # over a second to load

    return np.asarray(qmc.Sobol(factors, scramble=True, rng=np.random.default_rng(seed)).random_base2(points.bit_length() - 1))


def saltelli(points: int, factors: int, seed: int) -> np.ndarray:
    """The design of Sobol indices, places f8[points x (factors + 2), factor]: A, then B, then for each factor A with that column of B.

    A and B are the two halves of one scrambled Sobol sequence; `points` is a power of two.
    Saltelli et al., Comput. Phys. Commun. 181 (2010) 259-270.  Raises ValueError where `points` is no power of two.

    >>> saltelli(4, 3, 1).shape
    (20, 3)
    """
    both = sobol(points, 2 * factors, seed)
    a, b = both[:, :factors], both[:, factors:]
    mixed = [np.where(np.arange(factors) == i, b, a) for i in range(factors)]
    return np.concatenate([a, b, *mixed])


def morris(trajectories: int, factors: int, seed: int, levels: int = 4) -> np.ndarray:
    """Walks on a grid of `levels` places a factor, f8[trajectories x (factors + 1), factor] in [0, 1], by SALib.

    Each walk begins anywhere and moves every factor once, in a random order, up or down by `levels` / (2 (`levels` - 1)).
    Morris, Technometrics 33 (1991) 161-174.  Raises ModuleNotFoundError without SALib (the extra `opt`).
    """
    from SALib.sample import morris as walks

    problem = {"num_vars": factors, "names": [str(i) for i in range(factors)], "bounds": [[0.0, 1.0]] * factors}
    state = np.random.get_state()  # noqa: NPY002 (SALib draws from numpy's global generator: it is left as it was)
    try:
        places = walks.sample(problem, trajectories, num_levels=levels, seed=seed + 1)  # 0 would be no seed to it
    finally:
        np.random.set_state(state)  # noqa: NPY002
    return np.asarray(np.clip(places, 0.0, 1.0))
