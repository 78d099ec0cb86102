"""Money, in integer minor units: every amount leaves one account and enters another.

    stints --> paid seconds of each agent in each interval --x wage, rounded--> labour/<pool>  ┐
    hub cost a day --x share of the day in [warm-up, horizon), rounded--------> hub            ├─ balance: sum = 0
                                                                               cash (minus)   ┘

Labour is one posting an agent and interval; with no interval, one an agent.  An agent is paid for time on shift within
[warm-up, horizon), for finishing after the shift, and beyond the horizon (which is one further interval) for time with a
contact or wrap-up in hand.  The hub is one posting a civil day.  Each posting is rounded half to even, so it is within half a
minor unit of its exact amount; a wage twice as high gives postings within one minor unit of twice.
"""

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from omnisim.currencies import exponent as exponent  # others take it from here
from omnisim.currencies import minor_units as minor_units
from omnisim.jit import njit
from omnisim.words import Duty

if TYPE_CHECKING:
    from omnisim.records import Records
    from omnisim.tables import Tables

DAY_S = 86400.0


class Account(IntEnum):
    """What money is spent on."""

    LABOUR = 0
    HUB = 1


POSTING = np.dtype(
    [
        ("time_s", "f8"),  # start of what is paid for, seconds from the start of the run
        ("account", "i1"),  # Account
        ("pool", "i2"),  # -1: none
        ("agent", "i4"),  # -1: none
        ("quantity", "f8"),  # paid seconds
        ("amount", "i8"),  # minor units
    ],
    align=True,
)


@dataclass(frozen=True)
class Ledger:
    """The accounts of one run, in minor units of `currency` (10^`exponent` to the unit); `postings` only on request."""

    currency: str
    exponent: int
    accounts: dict[str, int]
    postings: np.ndarray | None = None

    def amount(self, *accounts: str) -> float:
        """What stands in some accounts together, in currency units."""
        return float(sum(self.accounts[name] for name in accounts)) / 10.0**self.exponent

    @property
    def labour(self) -> tuple[str, ...]:
        """The labour accounts, one for each pool with a wage."""
        return tuple(name for name in self.accounts if name.startswith("labour/"))

    def check(self) -> None:
        """Raise `ValueError` unless the accounts, and the postings if there are any, balance exactly."""
        if sum(self.accounts.values()) != 0:
            raise ValueError(f"the ledger is out of balance by {sum(self.accounts.values())} minor units")
        if self.postings is not None and int(self.postings["amount"].sum()) != -self.accounts["cash"]:
            raise ValueError("the postings do not add up to the accounts")


@njit()
def overlap(start: float, end: float, low: float, high: float) -> float:
    """Length of [start, end) within [low, high)."""
    return max(0.0, min(end, high) - max(start, low))


@njit()
def interval_of(time: float, interval: float, n: int) -> int:
    """Which of `n` intervals [i x interval, (i + 1) x interval) holds a time; the last one holds all that is later."""
    i = math.floor(time / interval)
    if time < i * interval:  # the quotient was rounded up to a whole number
        i -= 1
    elif time >= (i + 1) * interval:
        i += 1
    return max(0, min(i, n - 1))


@njit()
def accumulate_paid(window: np.ndarray, first_agent: np.ndarray, paid: np.ndarray, rows: np.ndarray) -> None:
    """Add the paid seconds of stretches of duty (`records.STINT`) to `paid` f8[agent, interval].

    `window` f8[>=3]: (warm-up, horizon, interval or 0), seconds; `first_agent` i8[pool]: row of the pool's agent 0.  With an
    interval, the last column is the time after the horizon; with none there is one column.  May be called chunk by chunk.
    """
    warmup, horizon, interval = window[0], window[1], window[2]
    last = paid.shape[1] - 1
    for i in range(len(rows)):
        row = rows[i]
        who = first_agent[row["pool"]] + row["agent"]
        start, end = row["start"], row["end"]
        if row["duty"] == Duty.FINISHING or row["load"] > 0:
            paid[who, last] += overlap(start, end, horizon, math.inf)
        if interval > 0.0:
            begin = max(start, warmup)
            stop = min(end, horizon)
            if begin >= stop:
                continue
            slot = interval_of(begin, interval, last)
            while slot < last and slot * interval < stop:
                paid[who, slot] += overlap(begin, stop, slot * interval, (slot + 1) * interval)
                slot += 1
        else:
            paid[who, 0] += overlap(start, end, warmup, horizon)


def paid_time(tables: "Tables") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Empty state for `accumulate_paid`: (window, first_agent, paid)."""
    window = np.array([tables.warmup_s, tables.horizon_s, tables.interval_s])
    agents = np.asarray(tables.agents_max, np.int64)
    first = np.concatenate([np.zeros(1, np.int64), np.cumsum(agents)])
    columns = len(tables.interval_starts) + 1 if tables.interval_s > 0 else 1
    return window, first[:-1].copy(), np.zeros((int(first[-1]), columns))


def settle(tables: "Tables", paid: np.ndarray, *, rows: bool = False) -> Ledger:
    """The ledger of paid seconds f8[agent, interval] (agents of pool 0, then pool 1 ...) and of the hub's days."""
    accounts: dict[str, int] = {}
    made: list[np.ndarray] = []
    first = 0
    for p, pool in enumerate(tables.pools):
        mine = paid[first : first + int(tables.agents_max[p])]
        first += len(mine)
        if not tables.has_wage[p]:
            continue
        wage = minor_units(tables.wage_per_h[p], tables.currency)
        amounts = np.rint(mine * wage / 3600.0).astype(np.int64)
        accounts[f"labour/{pool}"] = int(amounts.sum())
        if rows:
            made.append(_labour_rows(tables, p, mine, amounts))
    days = _hub_rows(tables)
    accounts["hub"] = int(days["amount"].sum())
    accounts["cash"] = -sum(accounts.values())
    postings = None
    if rows:
        postings = np.concatenate([*made, days])
        postings = postings[np.lexsort((postings["agent"], postings["pool"], postings["account"], postings["time_s"]))]
    ledger = Ledger(tables.currency, exponent(tables.currency), accounts, postings)
    ledger.check()
    return ledger


def post(tables: "Tables", records: "Records", *, rows: bool = False) -> Ledger:
    """The ledger of one run; with `rows`, every posting (`POSTING`, in order of time)."""
    window, first_agent, paid = paid_time(tables)
    accumulate_paid(window, first_agent, paid, records.stints)
    return settle(tables, paid, rows=rows)


def _labour_rows(tables: "Tables", p: int, paid: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """The postings of one pool: every agent and interval with paid time."""
    agent, slot = np.nonzero(paid)
    made = np.zeros(len(agent), POSTING)
    made["time_s"] = np.maximum(slot * tables.interval_s, tables.warmup_s)
    if tables.interval_s > 0:
        made["time_s"][slot == paid.shape[1] - 1] = tables.horizon_s
    made["account"] = Account.LABOUR
    made["pool"] = p
    made["agent"] = agent
    made["quantity"] = paid[agent, slot]
    made["amount"] = amounts[agent, slot]
    return made


def _hub_rows(tables: "Tables") -> np.ndarray:
    """One posting for each civil day that has a share in [warm-up, horizon)."""
    per_day = minor_units(tables.hub_per_day, tables.currency)
    since_midnight = tables.start.hour * 3600.0 + tables.start.minute * 60.0 + tables.start.second
    made = []
    day = 0
    while per_day > 0.0 and day * DAY_S - since_midnight < tables.horizon_s:
        midnight = day * DAY_S - since_midnight
        covered = overlap(midnight, midnight + DAY_S, tables.warmup_s, tables.horizon_s)
        if covered > 0.0:
            amount = round(per_day * covered / DAY_S)
            made.append((max(midnight, tables.warmup_s), Account.HUB, -1, -1, covered, amount))
        day += 1
    return np.array(made, POSTING)
