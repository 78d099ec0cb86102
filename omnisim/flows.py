"""Where customers move and where the minutes go: small tables of facts from the records of one run.

    moves      [from, to]   from: coming in, each channel;  to: each channel, each way a journey ends
    minutes    [channel, part] what agents' handling time consists of

Every touch has one way in and one way out, so what flows into a channel flows out of it, exactly.
"""

from dataclasses import dataclass

import numpy as np

from omnisim.records import Records
from omnisim.tables import Tables
from omnisim.words import End, Mode, Outcome

ENDS = tuple(End)
PARTS = ("first telling", "telling it again", "looking it up", "wrong record", "after-contact work")


@dataclass(frozen=True)
class Flows:
    """`moves` [1 + channel, channel + end] journeys (integers); `minutes` [channel, part] of handled contacts."""

    moves: np.ndarray
    minutes: np.ndarray


def flows(tables: Tables, records: Records) -> Flows:
    """Moves of the journeys that began in [warm-up, horizon), minutes of the contacts that arrived in it."""
    return Flows(_moves(tables, records), _minutes(tables, records))


def _moves(tables: Tables, records: Records) -> np.ndarray:
    n = len(tables.channels)
    moves = np.zeros((1 + n, n + len(ENDS)), np.int64)
    journeys = records.journeys
    inside = (journeys["arrived"] >= tables.warmup_s) & (journeys["arrived"] < tables.horizon_s)
    journeys = journeys[inside]
    ends = np.full(int(records.journeys["customer"].max(initial=-1)) + 1, -1, np.int64)
    ends[journeys["customer"]] = journeys["end"]
    touches = records.touches[ends[records.touches["customer"]] >= 0] if len(ends) else records.touches[:0]
    touches = touches[np.lexsort((touches["serial"], touches["customer"]))]
    channel = touches["channel"].astype(np.int64)
    first = touches["serial"] == 0
    last = np.ones(len(touches), bool)
    last[:-1] = touches["customer"][1:] != touches["customer"][:-1]
    np.add.at(moves, (0, channel[first]), 1)
    np.add.at(moves, (1 + channel[:-1][~last[:-1]], channel[1:][~last[:-1]]), 1)
    np.add.at(moves, (1 + channel[last], n + ends[touches["customer"][last]]), 1)
    nowhere = np.setdiff1d(journeys["customer"], touches["customer"][first])  # took the outside option at once
    np.add.at(moves, (0, n + ends[nowhere]), 1)
    return moves


def _minutes(tables: Tables, records: Records) -> np.ndarray:
    out = np.zeros((len(tables.channels), len(PARTS)))
    t = records.touches
    inside = (t["arrived"] >= tables.warmup_s) & (t["arrived"] < tables.horizon_s)
    t = t[inside & (t["outcome"] == Outcome.HANDLED) & (t["mode"] != Mode.BROWSE)]
    if len(t) == 0:
        return out
    r = tables.context[0]
    speed = tables.speed[t["pool"], t["channel"]]
    again = float(r["repeat_time"]) * (1.0 - t["completeness"]) / speed
    lookup = float(r["lookup_time"]) * t["remembers"] / speed
    wrong = float(r["wrong_record_time"]) * t["wrong_record"] / speed
    talk = t["ended"] - t["started"]
    for part, seconds in enumerate((talk - again - lookup - wrong, again, lookup, wrong, t["wrap_s"])):
        out[:, part] = np.bincount(t["channel"], weights=seconds, minlength=len(tables.channels)) / 60.0
    return out
