"""Calls, and messages without end in between: some agents stay idle for the next call."""

from collections.abc import Iterator
from dataclasses import dataclass

from omnisim.staffing.chain import State, steady_state
from omnisim.staffing.exact.edge import ClassResult, at_edge, widened


@dataclass(frozen=True)
class Blending:
    """callers: as a class; messages: answered per unit of time; occupancy: of agents, with calls and messages; on_calls: share of
    agent time that goes into calls."""

    callers: ClassResult
    messages: float
    occupancy: float
    on_calls: float
    cut: float


def blending(
    arrival_rate: float, call_mean: float, message_mean: float, agents: int, patience_mean: float, reserve: int, room: int | None = None
) -> Blending:
    """M/M/c+M and a backlog that never ends.  A freed agent takes a waiting call; else an idle agent begins a message only if more
    than `reserve` are idle.  Nothing is interrupted.

    arrival_rate: calls per unit of time; call_mean, message_mean, patience_mean: units of time; reserve: 0 .. agents.
    State: (calls and messages in hand, calls waiting).  Source: balance equations; setting of Bhulai & Koole, IEEE Trans. Automatic
    Control 48 (2003).
    room: most who wait, None: as many as it takes; a given one that is too small is a ValueError.

    >>> b = blending(arrival_rate=2, call_mean=4, message_mean=5, agents=14, patience_mean=2, reserve=2)
    >>> round(b.messages, 6), round(b.callers.p_wait, 6), round(b.callers.p_abandon, 6), round(b.occupancy, 6)
    (1.093099, 0.326079, 0.067824, 0.923065)
    """
    if not 0 <= reserve <= agents:
        raise ValueError(f"a reserve lies between 0 and the {agents} agents, not {reserve}")
    if room is None:
        return widened(lambda room: blending(arrival_rate, call_mean, message_mean, agents, patience_mean, reserve, room), room=30)

    def moves(state: State) -> Iterator[tuple[State, float]]:
        calls, messages, queue = state

        def freed(after_calls: int, after_messages: int) -> State:
            if queue:
                return (after_calls + 1, after_messages, queue - 1)
            if agents - after_calls - after_messages > reserve:
                return (after_calls, after_messages + 1, 0)
            return (after_calls, after_messages, 0)

        if calls + messages < agents:
            yield (calls + 1, messages, 0), arrival_rate
        elif queue < room:
            yield (calls, messages, queue + 1), arrival_rate
        yield freed(calls - 1, messages), calls / call_mean
        yield freed(calls, messages - 1), messages / message_mean
        yield (calls, messages, queue - 1), queue / patience_mean

    chain = steady_state((0, agents - reserve, 0), moves)
    calls, messages, queue = (chain.counter(i) for i in range(3))
    waiting = chain.mean(queue)
    return Blending(
        ClassResult(chain.mean(calls + messages == agents), waiting / patience_mean / arrival_rate, waiting / arrival_rate),
        chain.mean(messages) / message_mean,
        chain.mean(calls + messages) / agents,
        chain.mean(calls) / agents,
        at_edge(chain, queue == room, room),
    )
