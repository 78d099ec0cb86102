"""From the rows of a run to the numbers of its columns.

Accumulator(tables):  touches, journeys, stints, orders, customers  (any chunks, in record order)  -->  values  -->  num / den a column
measure(tables, records) is all of it in one call
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from omnisim import ledger
from omnisim.calendars import second_of_week
from omnisim.kpis import accumulate as acc
from omnisim.kpis import service, shop
from omnisim.kpis.columns import Plan, browses, plan, rated
from omnisim.kpis.funnel import accumulate_orders
from omnisim.kpis.loyalty import accumulate_customers, derive_loyalty
from omnisim.kpis.quantities import Cells, Count, Derived, Sum
from omnisim.words import Mode, Outcome, Per

if TYPE_CHECKING:
    from omnisim.records import Records
    from omnisim.tables import Tables


@dataclass(frozen=True)
class Values:
    """The two numbers of every column, f8[column]; `den` is 0 where the value is undefined, 1 where it is no ratio."""

    num: np.ndarray
    den: np.ndarray

    @property
    def value(self) -> np.ndarray:
        """num / den, NaN where undefined, f8[column]."""
        out = np.full(len(self.num), np.nan)
        np.divide(self.num, self.den, out=out, where=self.den != 0)
        return out


class Accumulator:
    """Counts and sums of one run while its rows come in.

    `end_s` (when the run ends, seconds) is needed by open touches and journeys only; these are the last rows of a run, so an
    engine that drains its rows in chunks may pass the end of the chunk until then.
    """

    def __init__(self, tables: "Tables", columns: Plan | None = None) -> None:
        self.tables = tables
        self.plan = plan(tables) if columns is None else columns
        self.cells = Cells.of(tables)
        self.counts = np.zeros((self.cells.size, len(Count)), np.int64)
        self.sums = np.zeros((self.cells.size, len(Sum)))
        self.bins = np.zeros((2, self.cells.channels, acc.BINS), np.int64)
        self.amounts = np.zeros((self.cells.size if tables.has_shop else 0, len(ledger.Amount)), np.int64)
        self._layout = self.cells.layout
        self._room = np.zeros(10 + 2 * self.cells.periods, np.int64)
        interval_s = tables.interval_s if self.cells.intervals else 0.0
        week_s = second_of_week(tables.start)
        self._window = np.array([tables.warmup_s, tables.horizon_s, interval_s, tables.horizon_s, week_s])
        self._channels = channel_rows(tables)
        self._slots = np.asarray(tables.slots, np.int64)
        self._held: np.ndarray | None = None
        self._pay_window, self._first_agent, self._paid = ledger.paid_time(tables)

    def touches(self, rows: np.ndarray, end_s: float) -> None:
        """Add the next touches."""
        self._window[3] = end_s
        acc.accumulate_touches(
            self._layout, self._window, self.tables.period_spans, self._channels, self.counts, self.sums, self.bins, self._room, rows
        )

    def journeys(self, rows: np.ndarray, end_s: float) -> None:
        """Add the next journeys."""
        self._window[3] = end_s
        acc.accumulate_journeys(self._layout, self._window, self.counts, self.sums, rows)

    def stints(self, rows: np.ndarray) -> None:
        """Add the next stretches of duty."""
        acc.accumulate_stints(self._layout, self._window, self._slots, self.sums, rows)
        if self.tables.has_rosters:
            acc.accumulate_roster(self._layout, self._window, self.sums, rows)
        ledger.accumulate_paid(self._pay_window, self._first_agent, self._paid, rows)

    def orders(self, rows: np.ndarray) -> None:
        """Add the next orders."""
        if self.tables.has_shop:
            accumulate_orders(self._window, self.amounts, self.counts, self._layout, rows)

    def customers(self, rows: np.ndarray) -> None:
        """Add the next customers."""
        accumulate_customers(self._layout, self._window, self.counts, self.sums, rows)

    def stock(self, rows: np.ndarray) -> None:
        """Add the shelves as they are at the end."""
        self._held = rows["held"].copy()

    def values(self) -> Values:
        """The numbers of every column, of the rows so far."""
        row = np.concatenate([self.counts.astype(np.float64), self.sums, self._derived()], axis=1)
        where = self.plan
        num = row[where.cells, where.numerators]
        den = np.where(where.denominators < 0, 1.0, row[where.cells, where.denominators])
        undefined = np.isnan(num) | (den == 0)
        return Values(np.where(undefined, 0.0, num), np.where(undefined, 0.0, den))

    def _derived(self) -> np.ndarray:
        """f8[cell, Derived]."""
        tables, cells, sums = self.tables, self.cells, self.sums
        out = np.full((cells.size, len(Derived)), np.nan)
        length = tables.horizon_s - tables.warmup_s
        out[:, Derived.QUEUE] = sums[:, Sum.WAITING_S] / length
        out[:, Derived.BACKLOG] = sums[:, Sum.BACKLOG_S] / length
        out[:, Derived.RETRYING] = sums[:, Sum.RETRYING_S] / length
        out[:, Derived.AGENT_MIN] = sums[:, Sum.HANDLE_S] / 60.0
        out[:, Derived.ISSUE_MIN] = sums[:, Sum.ISSUE_HANDLE_S] / 60.0
        out[:, Derived.STAFFED_H] = sums[:, Sum.PAID_S] / 3600.0
        out[:, Derived.IDLE_H] = (sums[:, Sum.DUTY_S] - sums[:, Sum.BUSY_S]) / 3600.0
        service.derive(tables, cells, self.counts, out)
        out[:, Derived.BREAK_H] = sums[:, Sum.BREAK_S] / 3600.0

        everyone, first = np.ones(cells.channels, np.bool_), cells.channel(0)
        for kind, quantity, counted in ((acc.WAITS, Derived.WAIT_P90_S, Count.WAITED), (acc.REPLIES, Derived.REPLY_P90_S, Count.REPLIES)):
            here = self.counts[first : first + cells.channels, counted]  # [channel] how many waits its bins hold
            out[cells.total, quantity] = acc.percentile_90(self.bins[kind], everyone, int(here.sum()))
            for c in range(cells.channels):
                out[cells.channel(c), quantity] = acc.percentile_90(self.bins[kind], np.arange(cells.channels) == c, int(here[c]))
            for m in range(cells.media):
                of = np.asarray(tables.medium_of) == m
                out[cells.medium(m), quantity] = acc.percentile_90(self.bins[kind], of, int(here[of].sum()))

        talks = self.counts[first : first + cells.channels, Count.BOT_CONTACTS]
        pools = slice(cells.pool(0), cells.pool(cells.pools))
        served = ledger.Served(self.counts[pools, Count.OPEN + Outcome.HANDLED], self.sums[pools, Sum.HANDLE_S])
        money = ledger.settle(tables, self._paid, served, self._trade(), talks)
        for p, pool in enumerate(tables.pools):
            if tables.has_wage[p]:
                out[cells.pool(p), Derived.LABOUR] = money.amount(f"labour/{pool}")
            if tables.price_per[p] != Per.NOTHING:
                out[cells.pool(p), Derived.OUTSOURCED] = money.amount(f"outsourced/{pool}")
        out[cells.total, Derived.LABOUR] = money.amount(*money.labour)
        out[cells.total, Derived.OUTSOURCED] = money.amount(*(name for name in money.staff if name.startswith("outsourced/")))
        out[cells.total, Derived.TAUGHT] = money.amount(*(name for name in money.staff if name.startswith("training/")))
        out[cells.total, Derived.HUB] = money.amount("hub")
        for c, channel in enumerate(tables.channels):
            if tables.service.bots["on"][c]:
                out[cells.channel(c), Derived.BOT_COST] = money.amount(*(a for a in money.bots if a == f"bots/{channel}"))
        out[cells.total, Derived.BOT_COST] = money.amount(*money.bots)
        out[cells.total, Derived.SERVING] = money.amount(*money.staff, *money.bots)
        out[cells.total, Derived.SPENT] = money.amount(*money.staff, *money.bots, "hub")
        out[cells.total, Derived.GAP] = self._perception_gap()
        if tables.has_shop:
            shop.derive(tables, cells, self.counts, out)
        if tables.has_money:
            shop.derive_money(tables, cells, self.amounts, self.counts, sums, money, out)
        if tables.has_bonds:
            derive_loyalty(tables, self.counts, sums, money, out)
        return out

    def _trade(self) -> ledger.Trade | None:
        """What the ledger needs to know of a shop; None where there is none."""
        if not self.tables.has_money:
            return None
        everybody, first = self.cells.total, self.cells.channel(0)
        by_channel = self.counts[first : first + self.cells.channels, Count.FIRST_SHOP]
        counts = self.counts[everybody]
        return ledger.Trade(self.amounts[everybody], int(counts[Count.MESSAGES]), by_channel, int(counts[Count.FEES_DUE]), self._held)

    def _perception_gap(self) -> float:
        """The offered-weighted service level of the channels that have one, minus journey success; NaN if either is undefined."""
        offered = weighted = 0.0
        for c in range(self.cells.channels):
            own = self.counts[self.cells.channel(c)]
            if rated(self.tables, c) and own[Count.RATED] > 0:
                offered += float(own[Count.OFFERED])
                weighted += float(own[Count.OFFERED]) * (float(own[Count.MET]) / float(own[Count.RATED]))
        everybody = self.counts[self.cells.total]
        if offered == 0.0 or everybody[Count.ENDED] == 0:
            return float("nan")
        return weighted / offered - float(everybody[Count.SUCCEEDED]) / float(everybody[Count.ENDED])


def channel_rows(tables: "Tables") -> np.ndarray:
    """What the accumulator knows of each channel, `accumulate.CHANNEL`[channel]."""
    rows = np.zeros(len(tables.channels), acc.CHANNEL)
    rows["medium"] = tables.medium_of
    rows["mode"] = tables.mode
    rows["formula"] = tables.formula
    rows["strict"] = tables.strict
    if tables.has_shop:
        rows["browses"] = [browses(tables, c) for c in range(len(rows))]
    rows["within_s"] = np.where(np.asarray(tables.mode) == Mode.BROWSE, np.nan, tables.within_s)
    rows["short_s"] = tables.short_s
    rows["deadline_s"] = tables.deadline_s
    return rows


def measure(tables: "Tables", records: "Records") -> Values:
    """Every column of a run."""
    a = Accumulator(tables)
    a.touches(records.touches, records.end_s)
    a.journeys(records.journeys, records.end_s)
    a.stints(records.stints)
    a.orders(records.orders)
    a.customers(records.customers)
    a.stock(records.stock)
    return a.values()
