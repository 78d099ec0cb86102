"""Which inputs matter: Sobol indices (shares of the variance) and Morris' elementary effects (a first, cheap look).

    Saltelli's design --f(A), f(B), f(AB_i)--> first: alone, total: with all it interacts with      scipy (Saltelli 2010, Jansen)
    Morris' design    --steps, one factor each--> mu*: mean size of a step, sigma: how it varies    SALib

Both take the mean over seeds at each point; intervals are +- 1.96 standard deviations over resampled rows and seeds (bootstrap).
"""

from dataclasses import dataclass

import numpy as np

DRAWS = 200
NORMAL = 1.959963984540054  # of the standard normal law, 97.5 %


@dataclass(frozen=True)
class Index:
    """One number of a factor with its 95 % interval."""

    value: float
    low: float
    high: float


def sobol(values: np.ndarray, factors: int, seed: int = 1, draws: int = DRAWS) -> list[tuple[Index, Index]] | None:
    """First-order and total index of each factor; None where nothing varies.

    `values` f8[point, seed] at the points of `designs.saltelli`: A, B, then A with column i of B for each factor i.  A first-order
    index is the share of the variance that would go if that input were known; a total index what would be left if all but it were.
    A factor that does nothing has exactly 0 in both: with the same seeds the same numbers come.  Estimates scatter around the truth
    and may lie a little below 0.
    Sources: Saltelli et al., Comput. Phys. Commun. 181 (2010) 259-270; Jansen, ibid. 117 (1999) 35-43 (scipy.stats.sobol_indices).
    """
    n = len(values) // (factors + 2)
    blocks = values.reshape(factors + 2, n, -1)
    whole = _sobol(blocks.mean(axis=2))
    if whole is None:
        return None
    rng = np.random.default_rng(seed)
    seeds = blocks.shape[2]
    drawn = []
    for _ in range(draws):
        again = blocks[:, rng.integers(0, n, n)][:, :, rng.integers(0, seeds, seeds)]
        made = _sobol(again.mean(axis=2))
        if made is not None:
            drawn.append(made)
    half = NORMAL * np.array(drawn).std(axis=0, ddof=1) if len(drawn) > 1 else np.full(whole.shape, np.nan)
    both = [[Index(float(v), float(v - h), float(v + h)) for v, h in zip(*kind, strict=True)] for kind in zip(whole, half, strict=True)]
    return list(zip(*both, strict=True))


def _sobol(means: np.ndarray) -> np.ndarray | None:
    """f8[first or total, factor] of means f8[block, row]; None where nothing varies."""
    from scipy.stats import sobol_indices

    if np.ptp(means[:2]) == 0.0:
        return None
    given = {"f_A": means[0][None].copy(), "f_B": means[1][None].copy(), "f_AB": means[2:][:, None].copy()}
    found = sobol_indices(func=given, n=means.shape[1])
    return np.array([np.ravel(found.first_order), np.ravel(found.total_order)])


@dataclass(frozen=True)
class Elementary:
    """Of one factor: `mu` mean effect of a step over its whole range, `mu_star` mean size with its interval, `sigma` spread."""

    mu: float
    mu_star: Index
    sigma: float


def morris(places: np.ndarray, values: np.ndarray, levels: int = 4, seed: int = 1) -> list[Elementary]:
    """Elementary effects of each factor by SALib.  `places` f8[point, factor] of `designs.morris`, `values` f8[point, seed].

    mu* near 0: the factor does nothing; sigma beside it: it bends, or interacts.  In the unit of the values, for a step from one end
    of the range to the other.  Morris, Technometrics 33 (1991) 161-174; Campolongo et al., Environ. Model. Softw. 22 (2007) 1509-1518.
    Raises ModuleNotFoundError without SALib (the extra `opt`).
    """
    from SALib.analyze import morris as analysis

    factors = places.shape[1]
    problem = {"num_vars": factors, "names": [str(i) for i in range(factors)], "bounds": [[0.0, 1.0]] * factors}
    state = np.random.get_state()  # noqa: NPY002 (SALib draws from numpy's global generator: it is left as it was)
    try:
        found = analysis.analyze(problem, places, values.mean(axis=1), num_levels=levels, num_resamples=1000, seed=seed + 1)
    finally:
        np.random.set_state(state)  # noqa: NPY002
    out = []
    for i in range(factors):
        star, half = float(found["mu_star"][i]), float(found["mu_star_conf"][i])
        out.append(Elementary(float(found["mu"][i]), Index(star, max(0.0, star - half), star + half), float(found["sigma"][i])))
    return out
