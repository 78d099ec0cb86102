"""A smooth surface through noisy points, and how far to trust it: a Gaussian process (scikit-learn, the extra `opt`).

places f8[point, factor], means, variances of the means --fit--> Surface --at(places)--> mean and standard deviation anywhere
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

NEEDED = 10  # points at least


@dataclass(frozen=True)
class Surface:
    """`lengths` f8[factor]: how far one must go, in units of the range, until the surface is another (large: the factor is flat).

    `q2`: share of the variance between points that the surface predicts of points it has not seen (leave one out); below .5 it is
    no help.  `error`: root of the mean square of those misses, in the unit of the values.
    """

    lengths: np.ndarray
    q2: float
    error: float
    _model: Any
    _centre: float
    _size: float

    def at(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the surface (not of one run) at places f8[n, factor]."""
        mean, sd = self._model.predict(places, return_std=True)
        return self._centre + self._size * mean, self._size * sd


def fit(places: np.ndarray, means: np.ndarray, variances: np.ndarray) -> Surface:
    """A Gaussian process with a Matern kernel (5/2), a length of its own for each factor, and the noise of each point as given.

    `places` in [0, 1]; `variances`: of each mean (spread over seeds / number of seeds).  Lengths by maximum likelihood from three
    starts.  Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), chapters 2, 4 and 5; leave one out: 5.4.2;
    noise that differs by point: Ankenman, Nelson and Staum, Operations Research 58 (2010) 371-382.  With common seeds give the variances
    of what is left when each seed's mean over all points is taken away, else the level's noise drowns the shape.
    Raises ModuleNotFoundError without scikit-learn, ValueError with fewer than NEEDED points or when all are equal.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern

    n, factors = places.shape
    centre, size = float(means.mean()), float(means.std())
    if n < NEEDED or size == 0.0:
        raise ValueError(f"{NEEDED} points at least are needed, and some difference between them; found {n}")
    y, noise = (means - centre) / size, np.maximum(variances / size**2, 1e-8)
    kernel = ConstantKernel(1.0, (1e-2, 1e3)) * Matern(np.full(factors, 0.5), (0.05, 20.0), nu=2.5)
    model = GaussianProcessRegressor(kernel, alpha=noise, n_restarts_optimizer=2, random_state=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a length at its bound: a factor without effect
        model.fit(places, y)
    inverse = np.linalg.inv(model.kernel_(places) + np.diag(noise))
    missed = inverse @ y / np.diag(inverse)
    q2 = 1.0 - float((missed**2).mean()) / float(y.var())
    lengths = np.atleast_1d(model.kernel_.k2.length_scale)
    return Surface(np.broadcast_to(lengths, factors).copy(), q2, float(np.sqrt((missed**2).mean())) * size, model, centre, size)
