"""Two classes, one pool for the first and one for both: overflow with priority and abandonment (the N-model)."""

from collections.abc import Iterator
from dataclasses import dataclass

from omnisim.staffing.chain import State, steady_state
from omnisim.staffing.exact.edge import ClassResult, at_edge, widened


@dataclass(frozen=True)
class NModelResult:
    """first, second: the two classes; occupancy_a, occupancy_b of the pools; first_by_b: share of served first-class contacts."""

    first: ClassResult
    second: ClassResult
    occupancy_a: float
    occupancy_b: float
    first_by_b: float
    cut: float


def n_model(
    arrivals: tuple[float, float],
    agents: tuple[int, int],
    means: tuple[float, float, float],
    patience: tuple[float, float],
    room: int | None = None,
) -> NModelResult:
    """Overflow with priority and abandonment: pool A serves class 1, pool B both.

    arrivals: of class 1 and 2, per unit of time; agents: in A (none: two classes with priority in one pool) and B; means: of a
    contact of class 1 at A, 1 at B, 2 at B; patience: means of class 1 and 2. Class 1 asks A first, then B; a freed agent of B
    takes class 1 first; within a class first come first served. Source: balance equations.
    room: most who wait of a class, None: as many as it takes; a given one that is too small is a ValueError.

    >>> r = n_model(arrivals=(3, 2), agents=(3, 3), means=(1, 1, 1), patience=(2, 2))
    >>> round(r.first.p_wait, 6), round(r.second.p_abandon, 6), round(r.first_by_b, 6)
    (0.329847, 0.198977, 0.26665)
    """
    if room is None:
        return widened(lambda room: n_model(arrivals, agents, means, patience, room), room=20)
    lam1, lam2 = arrivals
    at_a, at_b = agents
    serve_a, serve_b1, serve_b2 = (1 / m for m in means)
    leave1, leave2 = (1 / p for p in patience)

    def moves(state: State) -> Iterator[tuple[State, float]]:
        a, b1, b2, q1, q2 = state  # class 1 at A, at B; class 2 at B; waiting of class 1 and 2
        if a < at_a:
            yield (a + 1, b1, b2, q1, q2), lam1
        elif b1 + b2 < at_b:
            yield (a, b1 + 1, b2, q1, q2), lam1
        elif q1 < room:
            yield (a, b1, b2, q1 + 1, q2), lam1
        if b1 + b2 < at_b:
            yield (a, b1, b2 + 1, q1, q2), lam2
        elif q2 < room:
            yield (a, b1, b2, q1, q2 + 1), lam2
        yield (a, b1, b2, q1 - 1, q2) if q1 else (a - 1, b1, b2, q1, q2), a * serve_a
        for rate, left1, left2 in ((b1 * serve_b1, b1 - 1, b2), (b2 * serve_b2, b1, b2 - 1)):
            if q1:
                yield (a, left1 + 1, left2, q1 - 1, q2), rate
            elif q2:
                yield (a, left1, left2 + 1, q1, q2 - 1), rate
            else:
                yield (a, left1, left2, q1, q2), rate
        yield (a, b1, b2, q1 - 1, q2), q1 * leave1
        yield (a, b1, b2, q1, q2 - 1), q2 * leave2

    chain = steady_state((0, 0, 0, 0, 0), moves)
    a, b1, b2, q1, q2 = (chain.counter(i) for i in range(5))
    b_full = b1 + b2 == at_b
    cut = at_edge(chain, (q1 == room) | (q2 == room), room)
    served_a, served_b = chain.mean(a) * serve_a, chain.mean(b1) * serve_b1
    return NModelResult(
        ClassResult(chain.mean((a == at_a) & b_full), chain.mean(q1) * leave1 / lam1, chain.mean(q1) / lam1),
        ClassResult(chain.mean(b_full), chain.mean(q2) * leave2 / lam2, chain.mean(q2) / lam2),
        chain.mean(a) / max(at_a, 1),
        chain.mean(b1 + b2) / at_b,
        served_b / (served_a + served_b),
        cut,
    )
