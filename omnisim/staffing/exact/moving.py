"""M(t)/M/s(t)+M over a day: demand and staff change in steps, and what is expected in each piece.

    pieces (length, arrival rate, agents)  --> probability of every state, carried through the day  --> Moving: one row a piece

When staff shrinks, those with a call in hand finish it and are *leaving* until then: they take no other call, and whoever is free
first leaves.  When staff grows, those leaving stay, and the longest waiting are answered at once.
Source: Jensen (1953); Grassmann, Computers & Operations Research 4 (1977), for integrals over transient states.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from omnisim.staffing.durations import Floats
from omnisim.staffing.exact.carried import Fate, Rates, States, carry
from omnisim.staffing.exact.edge import EDGE, TooNarrow

NODES = 8  # of the quadrature over arrivals whose target time reaches beyond a change of staff
COLUMNS = ("offered", "delayed", "blocked", "in_time", "left_early", "abandoned", "waiting", "in_hand", "leaving", "staffed")
EMPTY = 1e-13  # a drain has ended when somebody is there with less than this


@dataclass(frozen=True)
class Piece:
    """length: units of time; arrival_rate: per unit of time; agents: on duty."""

    length: float
    arrival_rate: float
    agents: int


@dataclass(frozen=True)
class Moving:
    """What is expected in each piece [piece]; with a drain, in a last row after it (nobody arrives, the last staff works on).

    Numbers by moment of arrival: offered; delayed (found no free agent, blocked included); blocked; in_time (answered within the
    time asked for); left_early (gave up within it).  abandoned: numbers by the moment of giving up, balking included.
    waiting, in_hand, leaving: integrals over the piece of how many wait, of how many are talked to, of the agents who finish after
    their shift, units of time.  staffed: agents on duty x length.  share: of each number in the system at the end [n].
    cut: largest chance of the edge.
    """

    offered: Floats
    delayed: Floats
    blocked: Floats
    in_time: Floats
    left_early: Floats
    abandoned: Floats
    waiting: Floats
    in_hand: Floats
    leaving: Floats
    staffed: Floats
    share: Floats
    cut: float

    @property
    def p_wait(self) -> float:
        """Share of arrivals that found no free agent."""
        return float(self.delayed.sum() / self.offered.sum())

    @property
    def p_abandon(self) -> float:
        """Abandoned over offered."""
        return float(self.abandoned.sum() / self.offered.sum())

    @property
    def service_level(self) -> float:
        """Answered in time over offered."""
        return float(self.in_time.sum() / self.offered.sum())

    @property
    def wait_mean(self) -> float:
        """Mean wait of all who were not blocked, units of time; of a day that is drained."""
        return float(self.waiting.sum() / (self.offered.sum() - self.blocked.sum()))

    @property
    def occupancy(self) -> float:
        """Agent time with a call over agent time on duty or leaving, until arrivals end."""
        day = self.staffed > 0
        return float(self.in_hand[day].sum() / (self.staffed[day].sum() + self.leaving[day].sum()))


def moving(
    pieces: Sequence[Piece],
    service_mean: float,
    patience_mean: float = math.inf,
    balk: float = 0.0,
    places: int | None = None,
    within: float | None = None,
    drain: bool = False,
    start: int = 0,
) -> Moving:
    """Solve the day.  balk: share that gives up as soon as it must wait; places: waiting places, None: no limit; within: target
    time; start: calls in the system at the beginning (0: empty), units of time as in the pieces.

    Without `drain`, whoever is not answered at the end of the last piece is not answered in time.  Raises ValueError where a drain
    has no end, TooNarrow where more than thousands would wait.

    >>> day = moving([Piece(480, 4.2, 12)], service_mean=2, within=20 / 60, drain=True)    # an eight-hour day from empty
    >>> round(float(day.in_time.sum()), 2), round(day.service_level, 6), round(day.wait_mean, 5), round(day.occupancy, 6)
    (1815.27, 0.900432, 0.10068, 0.696934)
    """
    if not pieces or min(p.length for p in pieces) <= 0 or min(p.arrival_rate for p in pieces) < 0 or min(p.agents for p in pieces) < 0:
        raise ValueError("a day has pieces of a length above 0, with rates and agents of at least 0")
    if drain and pieces[-1].agents == 0 and math.isinf(patience_mean):
        raise ValueError("nobody works after the last piece and nobody gives up: the drain has no end")
    room = 64 if places is None else places
    while True:
        day = _Day(pieces, Rates(1 / service_mean, 1 / patience_mean, balk, room, places is not None), within)
        try:
            return day.solve(start, drain)
        except TooNarrow:
            room *= 2
            if room > 20_000:
                raise


def mixed(days: Sequence[tuple[float, Moving]]) -> Moving:
    """What is expected where it is open which of several days it will be: (probability, day), the probabilities summing to 1."""
    column = {name: sum((w * getattr(d, name) for w, d in days), np.zeros(len(days[0][1].offered))) for name in COLUMNS}
    share = np.zeros(max(len(d.share) for _, d in days))
    for w, d in days:
        share[: len(d.share)] += w * d.share
    return Moving(**column, share=share, cut=max(d.cut for _, d in days))


def busyness(cv: float, nodes: int | None = None) -> list[tuple[float, float]]:
    """(probability, factor) of a gamma factor with mean 1 and this coefficient of variation: the nodes of its Gauss quadrature.

    Source: Golub & Welsch (1969): eigenvalues of the recurrence of generalised Laguerre polynomials.

    >>> points = busyness(0.5)
    >>> [round(sum(w * x**k for w, x in points), 9) for k in range(4)]    # 1, 1, 1 + cv^2, (1 + cv^2) (1 + 2 cv^2)
    [1.0, 1.0, 1.25, 1.875]
    """
    from scipy.linalg import eigh_tridiagonal

    if cv == 0:
        return [(1.0, 1.0)]
    shape, k = 1 / cv**2, np.arange(nodes or (6 if cv < 0.1 else 16))
    x, vectors = eigh_tridiagonal(2 * k + shape, np.sqrt(k[1:] * (k[1:] + shape - 1)))
    return list(zip((vectors[0] ** 2).tolist(), (x / shape).tolist(), strict=True))


def delay_of_poisson(number_mean: float, agents: int) -> float:
    """Chance that an arrival finds no free agent where the number in the system is Poisson of this mean.

    Exact at any moment where callers give up at the rate at which they are served, whatever staff does; the mean is then
    `mt_g_infinity`.  Else the modified offered load approximation.
    Source: Jennings, Mandelbaum, Massey & Whitt (1996); Feldman, Mandelbaum, Massey & Whitt, Management Science 54 (2008).

    >>> round(delay_of_poisson(90, 103), 6)
    0.095783
    """
    from scipy import special

    return float(special.gammainc(agents, number_mean)) if agents > 0 else 1.0


def agents_for_delay(number_mean: float, share: float) -> int:
    """Fewest agents with whom at most `share` of arrivals find no free agent; see `delay_of_poisson`.

    >>> agents_for_delay(90, 0.1), agents_for_delay(114.1421, 0.5)
    (103, 115)
    """
    if not 0 < share <= 1:
        raise ValueError(f"a share of arrivals that must wait lies in (0, 1], not {share:g}")
    low, high = -1, 1
    while delay_of_poisson(number_mean, high) > share:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if delay_of_poisson(number_mean, middle) <= share else (middle, high)
    return high


class _Day:
    """One attempt, with so much room."""

    def __init__(self, pieces: Sequence[Piece], rates: Rates, within: float | None) -> None:
        self.pieces = pieces
        self.rates = rates
        self.within = within
        self.rows: list[dict[str, float]] = []
        self.cut = 0.0
        self.ends = np.cumsum([p.length for p in pieces])

    def solve(self, start: int, drain: bool) -> Moving:
        r = self.rates
        idle, full = np.zeros(self.pieces[0].agents), np.zeros((1, r.room + 1))
        if start < len(idle):
            idle[start] = 1.0
        elif start - len(idle) <= r.room:
            full[0, start - len(idle)] = 1.0
        else:
            raise TooNarrow("more are there at the start than there is room")
        now = States(idle, full)
        for i in range(len(self.pieces)):
            now = self._piece(i, now.staffed(self.pieces[i].agents), drain)
        if drain:
            now = self._drain(now)
        share = np.concatenate([now.idle, np.zeros(now.full.shape[0] + r.room)])
        for g, row in enumerate(now.full):
            share[len(now.idle) + g : len(now.idle) + g + r.room + 1] += row
        column = {name: np.array([row[name] for row in self.rows]) for name in COLUMNS}
        return Moving(
            offered=column["offered"],
            delayed=column["delayed"],
            blocked=column["blocked"],
            in_time=column["in_time"],
            left_early=column["left_early"],
            abandoned=column["abandoned"],
            waiting=column["waiting"],
            in_hand=column["in_hand"],
            leaving=column["leaving"],
            staffed=column["staffed"],
            share=share,
            cut=self.cut,
        )

    def _piece(self, i: int, now: States, drain: bool) -> States:
        """One piece: the time after which a target reaches beyond a change of staff is done node by node."""
        piece = self.pieces[i]
        row = dict.fromkeys(COLUMNS, 0.0)
        late = self._beyond(i, drain)
        if piece.length > late:
            fate = self._fate(i, self.within, now.full.shape[0], drain)
            now = self._stretch(row, now, piece, piece.length - late, fate)
        for length, after in self._panels(i, late):
            events = length * (piece.arrival_rate + piece.agents * self.rates.serve)
            nodes, weights = np.polynomial.legendre.leggauss(NODES)
            panels = 1 + int(events / 6)
            at = 0.0
            for x, w in zip((np.arange(panels)[:, None] + (nodes + 1) / 2).ravel() / panels, np.tile(weights, panels), strict=True):
                now = self._stretch(row, now, piece, x * length - at, None)
                at = x * length
                fate = self._fate(i, after + length - at, now.full.shape[0], drain)
                self._in_time(row, now, fate, piece.arrival_rate * w / 2 * length / panels)
            now = self._stretch(row, now, piece, length - at, None)
        row["offered"] = piece.arrival_rate * piece.length
        row["staffed"] = piece.agents * piece.length
        self.rows.append(row)
        return now

    def _beyond(self, i: int, drain: bool) -> float:
        """How long before the end of piece i a target time begins to reach beyond a change of staff, or the end."""
        if self.within is None:
            return 0.0
        changes = [self.ends[j] for j in range(i, len(self.pieces) - 1) if self.pieces[j + 1].agents != self.pieces[i].agents]
        if not drain:
            changes.append(self.ends[-1])
        reach = self.within - (changes[0] - self.ends[i]) if changes else 0.0
        return float(min(max(reach, 0.0), self.pieces[i].length))

    def _panels(self, i: int, late: float) -> list[tuple[float, float]]:
        """(length, time from its end to the end of piece i) of stretches in which the target meets the same changes of staff."""
        if late == 0 or self.within is None:
            return []
        least = 1e-9 * self.within
        cuts = (float(self.ends[i] - end + self.within) for end in self.ends[i:])
        edges = [late, *sorted((c for c in cuts if least < c < late - least), reverse=True), 0.0]
        return [(a - b, b) for a, b in itertools.pairwise(edges) if a - b > least]

    def _fate(self, i: int, left: float | None, rows: int, drain: bool) -> Fate | None:
        """What comes of one who begins to wait in piece i; `left`: until the end of the piece (or all of `within`, if it fits)."""
        if self.within is None or left is None:
            return None
        spans = [(self.pieces[i].agents, min(left, self.within))]
        time, j = self.within - spans[0][1], i + 1
        while time > 1e-12 * self.within and (j < len(self.pieces) or drain):
            last = j >= len(self.pieces)
            length = time if last else min(time, self.pieces[j].length)
            spans.append((self.pieces[-1 if last else j].agents, length))
            time, j = time - length, j + 1
        deepest = rows
        for (before, _), (after, _) in itertools.pairwise(spans):
            deepest += max(0, before - after)
        fate = Fate.none(deepest, self.rates.room + 1)
        for k in range(len(spans) - 1, -1, -1):
            agents, length = spans[k]
            fate = fate.earlier(agents, self.rates, length)
            if k:
                fate = fate.before(spans[k - 1][0], agents, deepest)
        return fate

    def _stretch(self, row: dict[str, float], now: States, piece: Piece, time: float, fate: Fate | None) -> States:
        """Carry the states over a time in which nothing changes, and add up what happens."""
        r = self.rates
        for end, part in carry(now, piece.arrival_rate, r, time):
            g, q = np.indices(part.full.shape)
            waiting = float((part.full * q).sum())
            full = float(part.full.sum())
            edge = float(part.full[:, -1].sum())
            row["delayed"] += piece.arrival_rate * full
            row["blocked"] += piece.arrival_rate * (1 - r.balk) * edge if r.limited else 0.0
            row["abandoned"] += waiting * r.leave + r.balk * piece.arrival_rate * full
            row["waiting"] += waiting
            row["in_hand"] += float(part.idle @ np.arange(part.agents)) + float((part.full * (part.agents + g)).sum())
            row["leaving"] += float((part.full * g).sum())
            self._in_time(row, part, fate, piece.arrival_rate)
            if not r.limited:
                self.cut = max(self.cut, float(end.full[:, -1].sum()))
                if self.cut > EDGE:
                    raise TooNarrow(f"{self.cut:.1e} of the time the chain stands at its edge ({r.room} waiting places)")
            now = end
        return now

    def _in_time(self, row: dict[str, float], part: States, fate: Fate | None, rate: float) -> None:
        """Arrivals at this rate, or so many of them, that are answered and that give up within the target."""
        if fate is None:
            return
        r = self.rates
        rows, columns = part.full.shape
        joining = part.full[:, :-1] if r.limited else part.full
        columns = joining.shape[1]
        row["in_time"] += rate * (float(part.idle.sum()) + (1 - r.balk) * float((joining * fate.answered[:rows, :columns]).sum()))
        row["left_early"] += rate * (r.balk * float(part.full.sum()) + (1 - r.balk) * float((joining * fate.gone[:rows, :columns]).sum()))

    def _drain(self, now: States) -> States:
        """Nobody arrives; the last staff works until the last caller has gone."""
        row = dict.fromkeys(COLUMNS, 0.0)
        after = Piece(1.0, 0.0, self.pieces[-1].agents)
        step = 1 / self.rates.serve
        while 1 - (now.idle[0] if len(now.idle) else now.full[0, 0]) > EMPTY:
            now = self._stretch(row, now, after, step, None)
        self.rows.append(row)
        return now
