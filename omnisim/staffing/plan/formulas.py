"""People of an interval by formula: as if it lasted for ever, or with the load that really is there (modified offered load).

    rate, handling time, target  -->  fewest people, fractional

Fractional: between n - 1, who miss the level, and n, who keep it, in the proportion in which the level lies between theirs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from omnisim.staffing.erlang import ErlangC
from omnisim.staffing.patience import PatienceQueue
from omnisim.staffing.plan.demand import Load
from omnisim.staffing.plan.targets import Target
from omnisim.staffing.queues import mt_g_infinity

if TYPE_CHECKING:
    from omnisim.scenario.channels import Help

INBOX_OCCUPANCY = 0.95  # planned for messages, which can wait
SAFETY = 1.0  # of the square root of the load, where no formula knows the promise
MANY = 400.0  # erlangs beyond which people are asked of the formula in steps


def offered_load(load: Load, at: np.ndarray, lagged: bool) -> np.ndarray:
    """Erlangs at some moments [moment]: rate x handling time of the interval, or the mean number in service if nobody ever waited.

    Source: Jennings, Mandelbaum, Massey & Whitt, Management Science 42 (1996); see `mt_g_infinity`.  The run begins empty.
    """
    if lagged:
        starts = load.edges[:-1]
        return mt_g_infinity(at, starts.tolist(), load.rate.tolist(), load.service)
    i = np.clip(np.searchsorted(load.edges, at, side="right") - 1, 0, len(load.rate) - 1)
    return np.asarray(load.rate[i] * load.handle_s)


def people(target: Target | None, help_: Help, load: Load, erlangs: float, places: int = 1, slower: float = 1.0) -> float:
    """Fewest people who keep a promise in steady state at so many erlangs, fractional.

    places: contacts one person may have in hand; slower: factor of the handling time with all of them taken.  An inbox gets what carries
    its load at 95 % occupancy.
    """
    if erlangs <= 0.0:
        return 0.0
    handle = load.handle_s * slower
    work = erlangs * slower / places
    if not load.live:
        return work / INBOX_OCCUPANCY
    kept = _keeps(target, help_, load, erlangs / load.handle_s, handle, work)
    if kept is None:
        return work + SAFETY * math.sqrt(work)
    return _fewest(kept, erlangs * slower) / places


def _keeps(target: Target | None, help_: Help, load: Load, rate: float, handle: float, work: float) -> Callable[[int], float] | None:
    """By how much n servers keep a promise (0 or more: kept); None where no formula knows it."""
    if target is None:
        return None
    endless = not math.isfinite(load.patience.mean)

    def queue(n: int) -> ErlangC | PatienceQueue | None:
        if n < 1 or (endless and rate * handle >= n):
            return None
        return ErlangC(rate, handle, n) if endless else PatienceQueue(rate, handle, n, load.patience)

    level, sign = target.level, target.sign
    if target.kpi.startswith("service_level") and help_.service_level is not None:
        said = help_.service_level
        within = target.within_s if target.within_s is not None else said.within
        formula = target.formula or said.formula

        def served(n: int) -> float:
            q = queue(n)
            if q is None:
                return -level
            return (q.service_level(within) if isinstance(q, ErlangC) else q.service_level(formula, within, said.short)) - level

        return served
    worth: dict[str, Callable[[ErlangC | PatienceQueue], float]] = {
        "abandon_rate": lambda q: 0.0 if isinstance(q, ErlangC) else q.p_abandon,
        "delay_rate": lambda q: q.p_wait,
        "wait_mean_s": lambda q: q.wait_mean,
        "asa_s": lambda q: q.wait_mean if isinstance(q, ErlangC) else q.asa_served,
        "occupancy": lambda q: q.occupancy,
        "queue_mean": lambda q: q.queue_mean,
    }
    ask = worth.get(target.kpi)
    if ask is None:
        return None
    bad = 1.0 if target.measure.unit == "share" else 10.0 * max(level, 1.0)

    def found(n: int) -> float:
        q = queue(n)
        return sign * ((bad if q is None else ask(q)) - level)

    return found


def _fewest(kept: Callable[[int], float], erlangs: float) -> float:
    """Fewest servers, fractional, of a promise that more of them keep better."""
    low, high = 0, max(1, math.ceil(erlangs))
    while kept(high) < 0.0:
        low, high = high, high + max(1, math.ceil(math.sqrt(erlangs)))
        if high > 10 * erlangs + 1000:
            return float(high)
    while high - low > 1:
        middle = (low + high) // 2
        if kept(middle) < 0.0:
            low = middle
        else:
            high = middle
    below, above = kept(low), kept(high)
    return low + (0.0 - below) / (above - below) if above > below else float(high)
