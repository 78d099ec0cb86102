"""Several chats an agent, each slower the more the agent has in hand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from omnisim.staffing.chain import State, steady_state
from omnisim.staffing.exact.edge import ClassResult, at_edge, widened


@dataclass(frozen=True)
class Chats:
    """callers: as a class; in_service: mean number of chats in hand; concurrency: chats per busy agent; handle_mean: from the
    agent's first word to the last, units of time; busy: share of agent time with at least one chat; slots: share of all slots
    that are taken."""

    callers: ClassResult
    in_service: float
    concurrency: float
    handle_mean: float
    busy: float
    slots: float
    cut: float


def chats(
    arrival_rate: float, means: Sequence[float], agents: int, patience_mean: float, most_loaded: bool = False, room: int | None = None
) -> Chats:
    """M/M chats with K slots an agent: with j in hand each of an agent's chats ends at rate 1 / means[j - 1].

    arrival_rate: per unit of time; means: mean length of a chat with 1 .. K in hand, units of time [K]; patience_mean: units of
    time.  A chat goes to the agent with the fewest in hand (`most_loaded`: the most) who has a free slot, else it waits, first
    come first served.  Work is exponential and its speed changes the instant an agent's load does.
    State: how many agents have 1 .. K chats, and how many wait; C(agents + K, K) + room states.
    Source: balance equations; setting of Tezcan & Zhang, Operations Research 62 (2014).
    room: most who wait, None: as many as it takes; a given one that is too small is a ValueError.

    >>> c = chats(arrival_rate=0.9, means=[6, 9], agents=4, patience_mean=2)
    >>> round(c.callers.p_wait, 6), round(c.concurrency, 6), round(c.handle_mean, 6), round(c.busy, 6)
    (0.348931, 1.665734, 8.179319, 0.920614)
    """
    if not means or min(means) <= 0 or agents < 1 or agents != int(agents):
        raise ValueError("a chat has a mean length above 0 for each number in hand, and somebody answers")
    if room is None:
        return widened(lambda room: chats(arrival_rate, means, agents, patience_mean, most_loaded, room), room=60)
    slots = len(means)
    order = range(slots - 1, -1, -1) if most_loaded else range(slots)

    def moves(state: State) -> Iterator[tuple[State, float]]:
        *having, queue = state  # having[j - 1]: agents with j chats
        idle = agents - sum(having)

        def moved(j: int, to: int) -> State:
            """One agent with j chats has `to` of them instead."""
            after = list(having)
            if j:
                after[j - 1] -= 1
            if to:
                after[to - 1] += 1
            return (*after, queue)

        taker = next((j for j in order if (having[j - 1] if j else idle)), None)
        if taker is not None:
            yield moved(taker, taker + 1), arrival_rate
        elif queue < room:
            yield (*having, queue + 1), arrival_rate
        for j in range(1, slots + 1):
            rate = having[j - 1] * j / means[j - 1]
            yield (*having, queue - 1) if queue else moved(j, j - 1), rate
        yield (*having, queue - 1), queue / patience_mean

    chain = steady_state((0,) * slots + (0,), moves)
    having = np.array([chain.counter(j) for j in range(slots)])
    queue = chain.counter(slots)
    waiting = chain.mean(queue)
    in_service = chain.mean(np.arange(1, slots + 1) @ having)
    busy = chain.mean(having.sum(axis=0))
    gone = waiting / patience_mean
    return Chats(
        ClassResult(chain.mean(having[-1] == agents), gone / arrival_rate, waiting / arrival_rate),
        in_service,
        in_service / busy,
        in_service / (arrival_rate - gone),
        busy / agents,
        in_service / (agents * slots),
        at_edge(chain, queue == room, room),
    )
