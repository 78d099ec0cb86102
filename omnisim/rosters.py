"""The calendar of one seed: opening hours and numbers of agents, which all seeds share, and what each rostered agent does.

    plan(tables, seed) -> Plan(calendar, moves)       asked by both engines and by whoever wants to know who was to be there

Without rosters it is the calendar of the tables, whatever the seed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from omnisim.calendars import CHANGE
from omnisim.rules.roster import MOVE, roster_moves

if TYPE_CHECKING:
    from omnisim.tables import Tables


class Plan(NamedTuple):
    """`calendar` (CHANGE, in order of time and who); `moves` i8[move, (agent's number, words.Duty or 0)], by rows of the calendar."""

    calendar: np.ndarray
    moves: np.ndarray


def roster(tables: Tables, seed: int) -> np.ndarray:
    """What each rostered agent is to do, from when (`rules.roster.MOVE`): by pool, agent and time, within [0, horizon)."""
    rows = tables.roster
    room = np.zeros(4 * len(rows) + 2 * int((rows["upto"] - rows["first"]).sum()) + 1, MOVE)
    n = roster_moves(seed, rows, tables.rests, tables.team, tables.laws, tables.points, room)
    moves = room[:n]
    over = np.zeros(n, bool)  # done with before the run begins
    over[:-1] = _same(moves)[1:] & (moves["time"][1:] <= 0.0)
    moves["time"] = np.maximum(moves["time"], 0.0)
    moves = moves[~over]
    before = np.where(_same(moves), np.roll(moves["duty"], 1), 0)
    within: np.ndarray = moves[(moves["duty"] != before) & (moves["time"] < tables.horizon_s)]
    return within


def _same(moves: np.ndarray) -> np.ndarray:
    """Which rows are about the agent of the row before."""
    out = np.zeros(len(moves), bool)
    out[1:] = (moves["pool"][1:] == moves["pool"][:-1]) & (moves["number"][1:] == moves["number"][:-1])
    return out


def plan(tables: Tables, seed: int) -> Plan:
    """The calendar of one seed."""
    if len(tables.roster) == 0:
        return Plan(tables.calendar, np.zeros((0, 2), np.int64))
    moves = roster(tables, seed)
    moves = moves[np.lexsort((moves["number"], moves["pool"], moves["time"]))]
    fresh = np.ones(len(moves), bool)
    fresh[1:] = (moves["time"][1:] != moves["time"][:-1]) | (moves["pool"][1:] != moves["pool"][:-1])
    first = np.flatnonzero(fresh)
    own = np.zeros(len(first), CHANGE)
    own["time"], own["who"] = moves["time"][first], len(tables.channels) + moves["pool"][first]
    own["first"], own["upto"] = first, np.append(first[1:], len(moves))
    calendar = np.concatenate([tables.calendar, own])
    calendar = calendar[np.lexsort((calendar["who"], calendar["time"]))]
    return Plan(calendar, np.column_stack([moves["number"], moves["duty"]]))
