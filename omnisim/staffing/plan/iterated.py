"""Iterated staffing: simulate, read how many are in the system, staff to a quantile of that, and again until it stays.

    people of every stretch --simulate--> numbers in the system [seed, moment] --share `delay` may find everybody busy--> people

Source: Feldman, Mandelbaum, Massey & Whitt, Management Science 54 (2008).  It knows any law of handling and patience, further attempts
and everything else that is simulated; it needs a pool whose live channels no other pool serves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from omnisim.records import Records
from omnisim.replications import records
from omnisim.staffing.erlang import ErlangC
from omnisim.staffing.patience import PatienceQueue
from omnisim.staffing.plan.needs import Needs
from omnisim.staffing.plan.programs import whole_up
from omnisim.staffing.plan.trials import Trials
from omnisim.tables import Tables
from omnisim.words import Mode

MOMENTS = 4  # of each stretch and day at which the number in the system is read
ROUNDS = 6
MOST_TIMES = 2  # the start: a queue that stands before the doors is no need of as many people as stand in it


@dataclass(frozen=True)
class Iterated:
    """people: of each duty cell; rounds: simulated; moved: the largest change in the last of them."""

    people: np.ndarray
    rounds: int
    moved: float


def alone(needs: Needs) -> dict[int, list[str]]:
    """Pools whose live channels nobody else serves: pool, and those channels."""
    out = {}
    for p in range(len(needs.layout.pools)):
        mine = [c for c, load in needs.loads.items() if load.live and needs.effect(p, c) > 0.0]
        others = [q for q in range(len(needs.layout.pools)) if q != p]
        if mine and not any(needs.effect(q, c) > 0.0 for q in others for c in mine):
            out[p] = mine
    return out


def delay_of(needs: Needs, channel: str, people: float, erlangs: float, places: int, slower: float) -> float:
    """Share that finds nobody free in steady state with so many people; the quantile to staff to."""
    target = needs.target_of(channel)
    if target is not None and target.kpi == "delay_rate":
        return target.level
    load = needs.loads[channel]
    n = int(whole_up(people * places))
    handle = load.handle_s * slower
    if n < 1 or erlangs <= 0.0:
        return 0.5
    if math.isfinite(load.patience.mean):
        return min(0.9, PatienceQueue(erlangs / load.handle_s, handle, n, load.patience).p_wait)
    return min(0.9, ErlangC(erlangs / load.handle_s, handle, n).p_wait) if erlangs * slower < n else 0.9


def in_system(seen: Records, channels: Sequence[int], moments: np.ndarray) -> np.ndarray:
    """Contacts of some live channels that wait or are in hand, wrap-up included, at some moments [moment]."""
    rows = seen.touches
    mine = rows[np.isin(rows["channel"], channels) & (rows["mode"] == Mode.LIVE)]
    left = np.where(np.isnan(mine["ended"]), np.inf, mine["ended"] + np.nan_to_num(mine["wrap_s"]))
    came = np.sort(mine["arrived"])
    return np.asarray(np.searchsorted(came, moments, side="right") - np.searchsorted(np.sort(left), moments, side="right"))


def iterate(
    needs: Needs, trials: Trials, start: np.ndarray, delays: Mapping[int, np.ndarray], seeds: Sequence[int], ample: int
) -> Iterated:
    """People of every duty cell.  start: of the cells that are not iterated; delays: share that may find nobody free, by pool [slot]."""
    layout = needs.layout
    pools = alone(needs)
    now = np.ceil(start - 1e-9)
    for p in pools:
        for i in range(len(layout.pools[p].slots)):
            now[layout.first_cell[layout.pools[p].name] + i] = ample
    moved, rounds = math.inf, 0
    while rounds < ROUNDS and moved > 1.0 and pools:
        tables = Tables.build(trials.base.with_(layout.duty_changes([int(n) for n in now])))
        seen = [records(tables, seed, trials.how) for seed in seeds]
        trials.runs += len(seen)
        trials.events += sum(r.events for r in seen)
        after = now.copy()
        for p, channels in pools.items():
            which = [tables.channels.index(c) for c in channels]
            pool = layout.pools[p]
            first = layout.first_cell[pool.name]
            places = min(_places(needs, p, c) for c in channels)
            for i, slot in enumerate(pool.slots):
                moments = _moments(slot.spans, layout.scenario.clock.warmup)
                number = np.concatenate([in_system(r, which, moments) for r in seen])
                found = math.ceil(_quantile(number, float(delays[p][i])) / places)
                after[first + i] = max(1.0, min(found, MOST_TIMES * math.ceil(start[first + i]) + 2))
        moved = float(np.abs(after - now).max())
        now, rounds = after, rounds + 1
    return Iterated(now, rounds, moved)


def _moments(spans: Sequence[tuple[float, float]], warmup: float) -> np.ndarray:
    later = [s for s in spans if s[1] > warmup] or list(spans)
    return np.array([a + (b - a) * (k + 0.5) / MOMENTS for a, b in later for k in range(MOMENTS)])


def _places(needs: Needs, p: int, channel: str) -> int:
    staffing = needs.layout.scenario.staffing
    assert staffing is not None
    return int(staffing.pools[needs.layout.pools[p].name].skills[channel].concurrency)


def _quantile(number: np.ndarray, share: float) -> int:
    """The least n with P(number >= n) <= share.

    >>> _quantile(np.array([0, 1, 1, 2]), 0.25), _quantile(np.array([0, 1, 1, 2]), 0.5)
    (2, 2)
    """
    n = 0
    while float((number >= n).mean()) > share:
        n += 1
    return n
