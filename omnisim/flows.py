"""Where customers move and where the minutes go: small tables of facts from the rows of one run.

    moves      [from, to]   from: coming in, each channel, an order;  to: each channel, each way a journey ends
    minutes    [channel, part] what agents' handling time consists of

Every touch has one way in and one way out, so what flows into a channel flows out of it, exactly.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from omnisim.jit import njit
from omnisim.records import Records
from omnisim.tables import Tables
from omnisim.words import End, Mode, Outcome

ENDS = tuple(End)
PARTS = ("first telling", "telling it again", "looking it up", "wrong record", "after-contact work")


@dataclass(frozen=True)
class Flows:
    """`moves` [1 + channel + 1, channel + end] journeys (integers); `minutes` [channel, part] of handled contacts."""

    moves: np.ndarray
    minutes: np.ndarray


class Flowing:
    """Moves of the journeys that began in [warm-up, horizon) and minutes of the contacts that arrived in it, as rows come in."""

    def __init__(self, tables: Tables) -> None:
        n = len(tables.channels)
        self._window = np.array([tables.warmup_s, tables.horizon_s])
        self._context = tables.context
        self._speed = tables.speed
        self._moves = np.zeros((1 + n + 1, n + len(ENDS)), np.int64)
        self._seconds = np.zeros((n, len(PARTS)))

    def touches(self, rows: np.ndarray, end_s: float) -> None:
        """Add the next touches."""
        _flow_touches(rows, self._window, self._context, self._speed, self._moves, self._seconds)

    def journeys(self, rows: np.ndarray, end_s: float) -> None:
        """Add the next journeys."""
        _flow_journeys(rows, self._window, self._moves)

    def flows(self) -> Flows:
        """The flows of the rows so far."""
        return Flows(self._moves.copy(), self._seconds / 60.0)


@njit()
def _flow_touches(rows: Any, window: Any, context: Any, speed: Any, moves: Any, seconds: Any) -> None:
    r = context[0]
    for n in range(rows.shape[0]):
        t = rows[n]
        c = t["channel"]
        if window[0] <= t["came"] < window[1]:
            moves[1 + t["before"], c] += 1
        if t["outcome"] != Outcome.HANDLED or t["mode"] == Mode.BROWSE or not window[0] <= t["arrived"] < window[1]:
            continue
        pace = speed[t["pool"], c]
        again = r["repeat_time"] * (1.0 - t["completeness"]) / pace
        lookup = r["lookup_time"] * t["remembers"] / pace
        wrong = r["wrong_record_time"] * t["wrong_record"] / pace
        seconds[c, 0] += t["ended"] - t["started"] - t["held_s"] - again - lookup - wrong
        seconds[c, 1] += again
        seconds[c, 2] += lookup
        seconds[c, 3] += wrong
        seconds[c, 4] += t["wrap_s"]


@njit()
def _flow_journeys(rows: Any, window: Any, moves: Any) -> None:
    channels = moves.shape[0] - 2
    order = 1 + channels
    for n in range(rows.shape[0]):
        j = rows[n]
        if window[0] <= j["arrived"] < window[1]:
            came = 0 if j["parent"] < 0 else order
            last = j["last_channel"]
            moves[1 + last if last >= 0 else came, channels + j["end"]] += 1  # -1: took the outside option at once
            if came == order and j["first_channel"] >= 0:  # its first touch does not know that it came from an order
                moves[0, j["first_channel"]] -= 1
                moves[order, j["first_channel"]] += 1


def flows(tables: Tables, records: Records) -> Flows:
    """The flows of a whole run."""
    f = Flowing(tables)
    f.touches(records.touches, records.end_s)
    f.journeys(records.journeys, records.end_s)
    return f.flows()
