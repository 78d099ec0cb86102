"""One waiting caller followed until answered or gone: a chain that only falls."""

import math

import numpy as np

from omnisim.staffing.durations import Floats


def answered_within(serving: float, leaving: float, places: int, within: float) -> Floats:
    """Chance to be answered within `within` (units of time) by the number ahead on the line, 0 .. places - 1 [places].

    serving: rate at which busy agents end; leaving: rate at which each waiting caller gives up, per unit of time.
    With k ahead the line moves at rate serving + k leaving, and the caller himself leaves at rate leaving.
    Source: uniformisation (Jensen 1953); the sum is cut where less than 1e-15 is left.

    >>> answered_within(serving=2.0, leaving=0.0, places=1, within=0.5).round(9).tolist() == [round(1 - math.exp(-1), 9)]
    True
    """
    ahead = np.arange(places)
    fast = serving + places * leaving
    moved, gone = (serving + ahead * leaving) / fast, leaving / fast
    share = np.zeros(places + 1)  # share[k + 1]: with k ahead; share[0]: answered
    share[0] = 1.0
    out = np.zeros(places)
    for weight in poisson_weights(fast * within):
        out += weight * share[1:]
        share[1:] = moved * share[:-1] + (1 - moved - gone) * share[1:]
    return out


def poisson_weights(mean: float) -> Floats:
    """P(N = 0), P(N = 1), ... of a Poisson number, until less than 1e-15 is left; scaled to sum to 1.

    >>> poisson_weights(0.0).tolist(), round(float(poisson_weights(700.0) @ np.arange(len(poisson_weights(700.0)))), 9)
    ([1.0], 700.0)
    """
    if mean == 0:
        return np.ones(1)
    n = np.arange(int(mean + 9 * math.sqrt(mean) + 25))
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(n[1:]))])
    weights = np.exp(n * math.log(mean) - mean - log_factorial)
    return np.asarray(weights / weights.sum())
