"""Two programs timed in turn, A B A B ..., so that whatever else the machine does falls on both.

alternated(one, other, rounds)  -->  [(seconds of one, seconds of other), ...]  --ratios-->  Spread
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Work = Callable[[int], object]  # takes the number of the round, from 1: its seed
Clock = Callable[[], float]


@dataclass(frozen=True)
class Spread:
    """Ratios of several rounds.

    >>> Spread((2.0, 8.0, 3.0)).text("x")
    '3.00x (2.00-8.00)'
    """

    ratios: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.ratios)

    @property
    def low(self) -> float:
        return min(self.ratios)

    @property
    def high(self) -> float:
        return max(self.ratios)

    def text(self, unit: str = "") -> str:
        """Median and, in brackets, lowest and highest."""
        digits = 2 if self.median < 10 else 1 if self.median < 100 else 0
        return f"{self.median:.{digits}f}{unit} ({self.low:.{digits}f}-{self.high:.{digits}f})"


def ratios(pairs: Iterable[tuple[float, float]]) -> Spread:
    """The first of each pair over the second.

    >>> ratios([(6.0, 2.0), (4.0, 1.0)]).ratios
    (3.0, 4.0)
    """
    return Spread(tuple(a / b for a, b in pairs))


def seconds(work: Work, round_: int, clock: Clock = time.process_time) -> float:
    """How long one round of some work takes.

    What earlier work left behind is cleared away before, and what is kept of it is set aside (`gc.freeze`): each side pays for
    collecting its own garbage, and not for walking through the objects of the libraries that were measured before it.
    """
    gc.collect()
    gc.freeze()
    try:
        begun = clock()
        work(round_)
        return clock() - begun
    finally:
        gc.unfreeze()


def alternated(one: Work, other: Work, rounds: int, clock: Clock = time.process_time) -> list[tuple[float, float]]:
    """Seconds of both in each round, after nothing more than what the caller has warmed up."""
    return [(seconds(one, r, clock), seconds(other, r, clock)) for r in range(1, rounds + 1)]
