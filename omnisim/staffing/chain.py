"""A Markov chain by its moves, solved for its steady state.

    start --moves--> states found by following every move --> sparse balance equations --> share of time in each state

Ten thousand states of two or three counters take about a second.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

State = tuple[int, ...]
Moves = Callable[[State], Iterable[tuple[State, float]]]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SteadyState:
    """states: array [state, counter]; share: share of time in each state [state], sums to 1."""

    states: NDArray[np.int64]
    share: Floats

    def mean(self, values: NDArray[np.generic]) -> float:
        """Time average of a value per state [state]; of a condition: the share of time it holds."""
        return float(self.share @ values.astype(float))

    def counter(self, place: int) -> NDArray[np.int64]:
        """One counter of every state [state]."""
        return np.asarray(self.states[:, place])


def steady_state(start: Sequence[int], moves: Moves, most: int = 200_000) -> SteadyState:
    """Solve for the steady state of the chain that `moves` describes.

    start: any recurrent state; moves(state) yields (next state, rate > 0 per unit of time), moves to itself are ignored.
    Raises ValueError where more than `most` states are reached, ArithmeticError where the chain has no single steady state.

    >>> queue = steady_state([0], lambda s: [((s[0] + 1,), 1.0)] * (s[0] < 60) + [((s[0] - 1,), 2.0)] * (s[0] > 0))
    >>> round(queue.mean(queue.counter(0)), 12)    # M/M/1 at half load: rho / (1 - rho)
    1.0
    """
    import scipy.sparse as sparse
    from scipy.sparse.linalg import splu

    first = tuple(int(c) for c in start)
    number = {first: 0}
    order = [first]
    rows, columns, rates = [], [], []
    for here, state in enumerate(order):  # grows while it is walked
        for after, rate in moves(state):
            if rate <= 0 or after == state:
                continue
            if after not in number:
                if len(order) == most:
                    raise ValueError(f"more than {most} states")
                number[after] = len(order)
                order.append(after)
            rows.append(number[after])
            columns.append(here)
            rates.append(rate)
    n = len(order)
    if n == 1:
        return SteadyState(np.array(order), np.ones(1))
    inflow = sparse.coo_matrix((np.array(rates, float), (rows, columns)), shape=(n, n)).tocsr()
    outflow = np.asarray(inflow.sum(axis=0)).ravel()
    balance = (inflow - sparse.diags_array(outflow)).tocsc()

    # One balance equation follows from the others: set one state to 1 instead.  A rare state would lose every digit, so
    # it is one of the frequent ones, known roughly from where the chain is after a while (a resolvent, always solvable).
    leaving = 1e-4 * outflow.mean()
    begin = np.zeros(n)
    begin[0] = leaving
    pivot = int(np.argmax(splu((leaving * sparse.eye_array(n) - balance).tocsc()).solve(begin)))
    rest = np.delete(np.arange(n), pivot)
    weight = np.ones(n)
    try:
        weight[rest] = splu(balance[rest][:, rest]).solve(-balance[rest][:, [pivot]].toarray().ravel())
    except RuntimeError as error:
        raise ArithmeticError("the chain has no single steady state") from error
    share = np.maximum(weight, 0.0)
    return SteadyState(np.array(order), share / share.sum())
