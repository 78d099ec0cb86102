"""Where a chain is cut, and how likely that edge is: a result with more than 1e-9 there is refused, not rounded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from omnisim.staffing.chain import SteadyState

EDGE = 1e-9
T = TypeVar("T")


class TooNarrow(ValueError):
    """The chain was cut where it still goes; `what`: which room was too small."""

    def __init__(self, text: str, what: str = "room") -> None:
        super().__init__(text)
        self.what = what


@dataclass(frozen=True)
class ClassResult:
    """p_wait: share that finds no agent for it; p_abandon; wait_mean over all, to service or giving up, units of time."""

    p_wait: float
    p_abandon: float
    wait_mean: float


def at_edge(chain: SteadyState, edge: NDArray[np.bool_], room: int, what: str = "room") -> float:
    """Share of time at the edge [state]; raises TooNarrow where that is more than 1e-9."""
    return checked(chain.mean(edge), room, what)


def checked(cut: float, room: int, what: str = "room") -> float:
    """`cut`, a share of time at the edge of `room` places, unless it is too much."""
    if cut > EDGE:
        raise TooNarrow(f"{cut:.1e} of the time the chain stands at its edge ({what} {room}): the result would not be exact", what)
    return cut


def widened(solve: Callable[..., T], **rooms: int) -> T:
    """solve(**rooms) with twice the room that was too small, again and again until no edge matters.

    Ends by the ValueError of a chain with too many states, where it goes on without end.

    >>> from omnisim.staffing.exact import talk_wrap
    >>> round(widened(lambda room: talk_wrap(2, 4, 1.5, 11, 2.5, room), room=5).callers.p_wait, 6)    # 5 and 10 are refused
    0.461851
    """
    while True:
        try:
            return solve(**rooms)
        except TooNarrow as narrow:
            if narrow.what not in rooms:
                raise
            rooms[narrow.what] *= 2
