"""After-contact work that keeps the agent, not the caller."""

from collections.abc import Iterator
from dataclasses import dataclass

from omnisim.staffing.chain import State, steady_state
from omnisim.staffing.exact.edge import ClassResult, at_edge, widened


@dataclass(frozen=True)
class TalkWrapResult:
    """callers: as a class; occupancy: talk and wrap; talk, wrap: each as a share of agent time."""

    callers: ClassResult
    occupancy: float
    talk: float
    wrap: float
    cut: float


def talk_wrap(
    arrival_rate: float, talk_mean: float, wrap_mean: float, agents: int, patience_mean: float, room: int | None = None
) -> TalkWrapResult:
    """M/M/c+M whose agents, after each talk, are busy for an exponential wrap-up while the caller is gone.

    Source: balance equations of (talking, wrapping up, waiting).
    room: most who wait, None: as many as it takes; a given one that is too small is a ValueError.

    >>> r = talk_wrap(arrival_rate=2, talk_mean=4, wrap_mean=1.5, agents=11, patience_mean=2.5)
    >>> round(r.callers.p_wait, 6), round(r.talk, 6), round(r.wrap, 6)
    (0.461851, 0.626821, 0.235058)
    """
    if room is None:
        return widened(lambda room: talk_wrap(arrival_rate, talk_mean, wrap_mean, agents, patience_mean, room), room=30)

    def moves(state: State) -> Iterator[tuple[State, float]]:
        talk, wrap, queue = state
        if talk + wrap < agents:
            yield (talk + 1, wrap, queue), arrival_rate
        elif queue < room:
            yield (talk, wrap, queue + 1), arrival_rate
        yield (talk - 1, wrap + 1, queue), talk / talk_mean
        yield (talk + 1, wrap - 1, queue - 1) if queue else (talk, wrap - 1, queue), wrap / wrap_mean
        yield (talk, wrap, queue - 1), queue / patience_mean

    chain = steady_state((0, 0, 0), moves)
    talk, wrap, queue = (chain.counter(i) for i in range(3))
    waiting = chain.mean(queue)
    return TalkWrapResult(
        ClassResult(chain.mean(talk + wrap == agents), waiting / patience_mean / arrival_rate, waiting / arrival_rate),
        chain.mean(talk + wrap) / agents,
        chain.mean(talk) / agents,
        chain.mean(wrap) / agents,
        at_edge(chain, queue == room, room),
    )
