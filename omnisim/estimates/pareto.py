"""Two aims at once: which points no other beats in both, and with what probability, given how few seeds there are.

values f8[point, seed, 2] --draws of the means--> a front each time --share of draws--> probability of being on the front
"""

import numpy as np

DRAWS = 2000


def front(means: np.ndarray) -> np.ndarray:
    """Which points no other beats, bool[point].  `means` f8[point, 2], both the smaller the better.

    One point beats another when it is at least as good in both and better in one; so twins do not beat each other.

    >>> front(np.array([[1.0, 5.0], [2.0, 2.0], [3.0, 3.0], [5.0, 1.0], [5.0, 1.0]])).tolist()
    [True, True, False, True, True]
    """
    order = np.lexsort((means[:, 1], means[:, 0]))
    a, b = means[order, 0], means[order, 1]
    first = np.searchsorted(a, a, "left")  # where those with the same first aim begin: there stands the best of their second
    best = np.minimum.accumulate(b)
    before = np.where(first > 0, best[first - 1], np.inf)
    out = np.empty(len(means), bool)
    out[order] = (before > b) & (b <= b[first])
    return out


def chances(values: np.ndarray, seed: int = 1, draws: int = DRAWS) -> np.ndarray:
    """Probability of each point that no other beats it, f8[point].  `values` f8[point, seed, 2], both the smaller the better.

    Means are drawn from what the seeds leave open: mean + sqrt((n - 1) / chi2) sum z_i (x_i - mean) / sqrt(n (n - 1)), z standard
    normal.  One z a seed for all points and both aims, so that the draws have the covariances that common seeds bring about; chi2
    makes each of them Student's t (the posterior of a normal mean with a flat prior; Gelman et al., Bayesian Data Analysis, 3.2).
    Raises ValueError with fewer than two seeds.
    """
    points, n, _ = values.shape
    if n < 2:
        raise ValueError("two seeds at least are needed to see what they leave open")
    flat, twin = np.unique(values.reshape(points, -1), axis=0, return_inverse=True)  # twins stay twins to the bit
    known = flat.reshape(len(flat), n, 2)
    means = known.mean(axis=1)
    off = (known - means[:, None, :]).transpose(1, 0, 2).reshape(n, -1) / np.sqrt(n * (n - 1.0))
    rng = np.random.default_rng(seed)
    scale = np.sqrt((n - 1.0) / rng.chisquare(n - 1, draws))
    moved = (rng.standard_normal((draws, n)) @ off) * scale[:, None]
    on = np.zeros(len(flat))
    for draw in moved:
        on += front(means + draw.reshape(-1, 2))
    return np.asarray((on / draws)[twin.ravel()])
