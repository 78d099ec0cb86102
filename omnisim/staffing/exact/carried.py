"""The two chains of a queue whose staff changes: all states forward in time, one waiting caller backward from his target.

A vector of all states is [idle: n = 0 .. s - 1 calls in hand | row g = 0 .. G, column q = 0 .. Q: s + g in hand, q waiting], where g
agents are leaving: they finish their call and take no other.  Both are carried by uniformisation (Jensen 1953).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from omnisim.staffing.durations import Floats
from omnisim.staffing.exact.tagged import poisson_weights

STILL = 1e-15  # a step that moves less than this moves nothing any more
STEPS = 256.0  # mean number of events carried at once
GONE = 1e-18  # a row with less is nobody


@dataclass(frozen=True)
class Rates:
    """serve, leave, balk: as in `moving`; room: most who wait (Q); limited: the edge blocks, else it is only where the chain is cut."""

    serve: float
    leave: float
    balk: float
    room: int
    limited: bool


@dataclass
class States:
    """Probabilities: idle [n], full [leaving, waiting]."""

    idle: Floats
    full: Floats

    @property
    def agents(self) -> int:
        return len(self.idle)

    def staffed(self, agents: int) -> "States":
        """The same moment, after staff has changed to `agents`."""
        idle, full = self.idle, self.full
        room = full.shape[1] - 1
        if agents < len(idle):
            drop = len(idle) - agents
            after = np.zeros((full.shape[0] + drop, room + 1))
            after[drop:] += full
            after[:drop, 0] += idle[agents:]
            return States(idle[:agents].copy(), after).narrowed()
        rise = agents - len(idle)
        rows = full.shape[0]
        after = full[rise:].copy() if rows > rise else np.zeros((1, room + 1))
        low = np.concatenate([idle, np.zeros(rise)])
        for g in range(min(rise, rows)):
            free = rise - g  # those leaving go on with their shift; so many more agents are free
            busy = len(idle) + g
            for q in range(min(free, room + 1)):
                low[busy + q] += full[g, q]
            after[0, : room + 1 - free] += full[g, free:]
        return States(low, after).narrowed()

    def narrowed(self) -> "States":
        """Without the rows of leaving agents where nobody is."""
        there = np.flatnonzero(self.full.sum(axis=1) > GONE)
        return States(self.idle, self.full[: (int(there[-1]) if len(there) else 0) + 1])

    def flat(self) -> Floats:
        return np.concatenate([self.idle, self.full.ravel()])

    def like(self, flat: Floats) -> "States":
        """A vector of this shape."""
        return States(flat[: len(self.idle)], flat[len(self.idle) :].reshape(self.full.shape))


def carry(states: States, arrivals: float, rates: Rates, time: float) -> Iterator[tuple[States, States]]:
    """Yield (states at the end, their integral over the time) of consecutive steps that make up `time`."""
    left = time
    while left > 0:
        matrix, fast = _forward(states, arrivals, rates)
        step = min(left, STEPS / fast)
        last = left - step <= 1e-12 * time
        begin = p = states.flat()
        weights = poisson_weights(fast * step)
        tail = 1 - np.cumsum(weights)
        end, integral = np.zeros_like(p), np.zeros_like(p)
        for weight, more in zip(weights, tail, strict=True):
            end += weight * p
            integral += max(more, 0.0) / fast * p
            p = matrix @ p
        end *= begin.sum() / end.sum()  # what rounding took
        integral *= step / integral.sum() * begin.sum()
        if not last and np.abs(end - begin).sum() < STILL * STEPS:
            integral += end * (left - step)
            last = True
        left = 0.0 if last else left - step
        whole, part = states.like(end), states.like(integral)
        yield whole, part
        states = whole.narrowed()


def _forward(states: States, arrivals: float, rates: Rates) -> tuple[Any, float]:
    """Transition matrix of the uniformised chain, transposed, and its rate."""
    s, (rows, columns) = len(states.idle), states.full.shape
    at = s + np.arange(rows * columns).reshape(rows, columns)
    g, q = np.indices((rows, columns))
    n = np.arange(s)
    up = arrivals * (1 - rates.balk)
    moves = [(n, np.append(n[1:], s) if s else n, np.full(s, arrivals)), (n[1:], n[:-1], n[1:] * rates.serve)]
    moves.append((at[:, :-1].ravel(), at[:, 1:].ravel(), np.full(rows * (columns - 1), up)))
    moves.append((at[:, 1:].ravel(), at[:, :-1].ravel(), (q[:, 1:] * rates.leave).ravel()))
    moves.append((at[1:].ravel(), at[:-1].ravel(), ((s + g[1:]) * rates.serve).ravel()))
    moves.append((at[0, 1:], at[0, :-1], np.full(columns - 1, s * rates.serve)))
    if s:
        moves.append((at[0, :1], np.array([s - 1]), np.array([s * rates.serve])))
    return _matrix(moves, s + rows * columns, forward=True)


def _matrix(moves: Any, size: int, forward: bool) -> tuple[Any, float]:
    import scipy.sparse as sparse

    out = np.concatenate([m[0] for m in moves])
    into = np.concatenate([m[1] for m in moves])
    rate = np.concatenate([m[2] for m in moves])
    leaving = np.bincount(out, rate, minlength=size)
    fast = max(float(leaving.max()), 1e-300) * 1.0001
    where = (into, out) if forward else (out, into)
    jumps = sparse.coo_matrix((rate / fast, where), shape=(size, size)).tocsr()
    return (jumps + sparse.diags_array(1 - leaving / fast)).tocsr(), fast


@dataclass
class Fate:
    """Chance of one who waits to be answered, and to give up, within the time still left: answered, gone [leaving, ahead]."""

    answered: Floats
    gone: Floats

    @staticmethod
    def none(rows: int, room: int) -> "Fate":
        """At the end of the time."""
        return Fate(np.zeros((rows, room)), np.zeros((rows, room)))

    def before(self, agents: int, later: int, rows: int) -> "Fate":
        """The same moment, before staff changed from `agents` to `later`; with `rows` rows."""
        room = self.answered.shape[1]
        out = Fate.none(rows, room)
        for made, known, now in ((out.answered, self.answered, 1.0), (out.gone, self.gone, 0.0)):
            for g in range(rows):
                after = g + agents - later  # leaving afterwards; below 0: so many are free
                if after >= 0:
                    made[g] = known[min(after, len(known) - 1)]
                else:
                    made[g, : min(-after, room)] = now
                    made[g, -after:] = known[0, : max(room + after, 0)]
        return out

    def earlier(self, agents: int, rates: Rates, time: float) -> "Fate":
        """The same caller, `time` earlier, with `agents` all along."""
        if time <= 0:
            return self
        rows, room = self.answered.shape
        at = np.arange(rows * room).reshape(rows, room)
        g, ahead = np.indices((rows, room))
        end = rows * room  # two more states: answered, gone
        moves = [
            (at[1:].ravel(), at[:-1].ravel(), ((agents + g[1:]) * rates.serve).ravel()),
            (at[0, 1:], at[0, :-1], np.full(room - 1, agents * rates.serve)),
            (at[0, :1], np.array([end]), np.array([agents * rates.serve])),
            (at[:, 1:].ravel(), at[:, :-1].ravel(), (ahead[:, 1:] * rates.leave).ravel()),
            (at.ravel(), np.full(rows * room, end + 1), np.full(rows * room, rates.leave)),
        ]
        matrix, fast = _matrix(moves, end + 2, forward=False)
        value = np.zeros((end + 2, 2))
        value[:end, 0], value[:end, 1] = self.answered.ravel(), self.gone.ravel()
        value[end, 0] = value[end + 1, 1] = 1.0
        out = np.zeros_like(value)
        for weight in poisson_weights(fast * time):
            out += weight * value
            value = matrix @ value
        return Fate(out[:end, 0].reshape(rows, room), out[:end, 1].reshape(rows, room))
