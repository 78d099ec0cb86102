"""The best of several systems, chosen so that the choice is right with a stated probability.

values by seed --first `least` seeds: variances of differences--> how far each may lag behind --seed by seed--> who is left

Kim and Nelson, ACM TOMACS 11 (2001) 251-273, the fully sequential procedure with c = 1.  It needs normal values by seed, and neither
equal variances nor independent systems: with common seeds differences vary less, and it ends sooner.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Selection:
    """Where the race stands: `best` is the winner's number, None while it is open; `n` seeds were looked at.

    `alive`: who is still in, in order of number; `dropped`: who is out, after how many seeds.
    """

    best: int | None
    n: int
    alive: tuple[int, ...]
    dropped: dict[int, int]


def select(values: Sequence[np.ndarray], indifference: float, least: int, larger: bool = True, error: float = 0.05) -> Selection:
    """Drop, seed by seed, whoever lags too far behind, until one is left.

    `values`: f8[seed] of each system, as many seeds as there are; of one that was dropped later seeds are not looked at.
    `indifference` > 0: a difference, in the unit of the values, that nobody minds.  `least`: seeds of the first stage, two or more.
    `larger`: the largest mean is the best (else the smallest).  If the best is better than every other by the indifference or more,
    it is chosen with probability 1 - `error` at least; if not, what is chosen is within the indifference of the best with that
    probability.  A system with a seed that is undefined (NaN) leaves the race there.
    Raises ValueError for an indifference that is not above 0 or fewer than two seeds in the first stage.

    >>> a, b = np.array([1.0, 2.0, 3.0, 2.0] * 5), np.array([5.0, 6.0, 7.0, 8.0] * 5)
    >>> select([a, b], 1.0, 10).best, select([a, b], 1.0, 10, larger=False).best, select([a, b[:9]], 1.0, 10).best
    (1, 0, None)
    """
    if not indifference > 0.0 or least < 2:
        raise ValueError(f"an indifference above 0 and two seeds at least are needed; found {indifference} and {least}")
    race = _Race([v if larger else -v for v in values], indifference, least, error)
    while race.winner is None and len(race.alive) > 1 and race.next():
        pass
    winner = race.winner if race.winner is not None or len(race.alive) != 1 else race.alive[0]
    return Selection(winner, race.n, tuple(race.alive), race.dropped)


class _Race:
    """The procedure while it goes on."""

    def __init__(self, values: Sequence[np.ndarray], indifference: float, least: int, error: float) -> None:
        self.values, self.indifference, self.least = values, indifference, least
        self.alive = list(range(len(values)))
        self.dropped: dict[int, int] = {}
        self.n = 0
        self.winner: int | None = None
        self._error = error
        self._sums = np.zeros(len(values))
        self._reach = np.zeros((0, 0))

    def next(self) -> bool:
        """Look at one seed more (the first time: at the whole first stage); whether there was one."""
        n = self.n + 1 if self.n else self.least
        if any(len(self.values[i]) < n for i in self.alive):
            return False
        first, self.n = not self.n, n
        for i in list(self.alive):
            self._sums[i] = float(self.values[i][:n].sum()) if first else self._sums[i] + float(self.values[i][n - 1])
            if not math.isfinite(self._sums[i]):
                self._drop(i)
        if first:
            self._reach = self._reaches()
        self._look()
        return True

    def _reaches(self) -> np.ndarray:
        """h^2 S^2 / delta^2 of every pair, f8[system, system]: in the end a lag of nothing drops out, after so many seeds."""
        k, n0 = len(self.values), self.least
        eta = 0.5 * ((2.0 * self._error / max(k - 1, 1)) ** (-2.0 / (n0 - 1)) - 1.0)
        out = np.zeros((k, k))
        heads = np.array([self.values[i][:n0] for i in self.alive])
        for row, i in enumerate(self.alive):
            out[i, self.alive] = 2.0 * eta * (n0 - 1) * (heads[row] - heads).var(axis=1, ddof=1) / self.indifference**2
        return out

    def _look(self) -> None:
        """Drop whoever lags more than W(n) = delta / (2 n) max(0, h^2 S^2 / delta^2 - n) behind any other who was in."""
        if not self.alive:
            return
        ids = np.array(self.alive)
        mean = self._sums[ids] / self.n
        slack = np.maximum(0.0, self._reach[np.ix_(ids, ids)] - self.n) * self.indifference / (2.0 * self.n)
        lags = mean[None, :] - mean[:, None]  # [i, l]: by how much i is behind l
        for i in ids[(lags > slack).any(axis=1)].tolist():
            self._drop(i)
        left = self._reach[np.ix_(self.alive, self.alive)]
        if len(self.alive) == 1 or self.n > left.max():
            self.winner = max(self.alive, key=lambda i: self._sums[i])

    def _drop(self, i: int) -> None:
        self.alive.remove(i)
        self.dropped[i] = self.n
