"""Several queues with agents of their own that share trunk lines: a product form, cut where all lines are taken."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from omnisim.staffing.durations import Floats
from omnisim.staffing.exact.edge import ClassResult


@dataclass(frozen=True)
class SharedLines:
    """p_block: share of arrivals that find all lines taken, alike for all queues; classes: p_wait and p_abandon of arrivals, wait_mean
    of those who were not blocked, units of time; occupancy [queue]; queue_mean: how many wait in all queues together."""

    p_block: float
    classes: tuple[ClassResult, ...]
    occupancy: tuple[float, ...]
    queue_mean: float


def shared_lines(queues: Sequence[tuple[float, float, int, float]], lines: int) -> SharedLines:
    """M/M/c+M queues on the same lines.  queues: (arrival rate, service mean, agents, patience mean, may be infinite) [queue].

    Each queue alone is reversible, so that cutting all of them where their calls sum to `lines` keeps the product of their weights.
    Source: Kelly, Reversibility and Stochastic Networks (1979), section 1.6.  Raises ValueError where lines are none.

    >>> import math
    >>> s = shared_lines([(1.375, 10, 15, math.inf)] * 6, lines=120)    # six queues of 15 agents, 120 lines
    >>> round(s.p_block, 4), round(s.classes[0].p_wait, 4), round(s.classes[0].wait_mean, 3)
    (0.0312, 0.5364, 2.842)
    """
    if lines < 1 or not queues:
        raise ValueError("there is a line and a queue at least")
    weights = [_weights(*queue, lines) for queue in queues]
    whole = np.ones(1)
    for w in weights:
        whole = np.convolve(whole, w)[: lines + 1]
    total = whole.sum()
    block = float(whole[lines] / total)
    n, classes, occupancy, waiting = np.arange(lines + 1), [], [], 0.0
    for i, (rate, _, agents, patience) in enumerate(queues):
        rest = np.ones(1)
        for j, w in enumerate(weights):
            if j != i:
                rest = np.convolve(rest, w)[: lines + 1]
        rest = np.pad(rest, (0, lines + 1 - len(rest)))
        upto = np.cumsum(rest)[::-1]  # the others hold at most lines - n
        share = weights[i] * upto / total
        here = float(share @ np.maximum(n - agents, 0))
        waits = float((weights[i] * (upto - rest[::-1]) / total)[agents:].sum())
        classes.append(ClassResult(waits, here / patience / rate, here / (rate * (1 - block))))
        occupancy.append(float(share @ np.minimum(n, agents)) / agents)
        waiting += here
    return SharedLines(block, tuple(classes), tuple(occupancy), waiting)


def _weights(rate: float, mean: float, agents: int, patience: float, lines: int) -> Floats:
    """Weight of 0 .. lines calls in one queue, the largest 1."""
    n = np.arange(1, lines + 1)
    grown = np.cumsum(np.log(rate) - np.log(np.minimum(n, agents) / mean + np.maximum(n - agents, 0) / patience))
    grown = np.concatenate([[0.0], grown])
    return np.asarray(np.exp(grown - grown.max()))
