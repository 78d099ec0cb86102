"""The customers whom the firm follows from need to need, and what is kept of each."""

from typing import Any

import numpy as np

from omnisim.records import CUSTOMER
from omnisim.rules import loyalty
from omnisim.tables import Tables

from .rows import Slots


class Kept:
    """Rows of customers; each is there as long as somebody holds it: his needs, and what is still to come."""

    def __init__(self, tables: Tables) -> None:
        self.t = tables
        self.slots = Slots(CUSTOMER)
        self.bonds = np.zeros(256, loyalty.BOND)
        self.known = np.zeros((256, len(tables.channels) if tables.free else 0))
        self.held: dict[int, int] = {}  # row -> how many hold it
        self.limits = np.array([tables.horizon_s, tables.wait_weight, tables.outside, tables.ageing_s, tables.warmup_s])
        self.mouth = np.zeros(1, np.int64)
        self.numbers = 0

    @property
    def rows(self) -> np.ndarray:
        """[row] CUSTOMER."""
        return self.slots.rows

    def begin(self, people: Any, i: int, now: float) -> None:
        """The new customer in row `i` of the people is followed from now on."""
        m = self._new()
        loyalty.begin_bond(self.rows, self.bonds, m, self.known, people, i, self.numbers - 1, now, self.t.segment, self.t.loyalty.rules)

    def introduce(self, people: Any, i: int, now: float) -> int:
        """Somebody whom he tells will come: the row of the new one."""
        m = self._new()
        loyalty.introduce(self.rows, self.bonds, m, self.known, people, i, self.numbers - 1, now, self.t.loyalty.rules)
        return m

    def _new(self) -> int:
        m = self.slots.take()
        while m >= len(self.bonds):
            self.bonds = np.concatenate([self.bonds, np.zeros_like(self.bonds)])
            self.known = np.concatenate([self.known, np.zeros_like(self.known)])
        self.held[m] = 1
        self.numbers += 1
        return m

    def hold(self, m: int) -> None:
        """One more holds row `m` (-1: there is none)."""
        if m >= 0:
            self.held[m] += 1

    def let_go(self, m: int) -> bool:
        """One fewer holds row `m`; is it free now?"""
        self.held[m] -= 1
        if self.held[m]:
            return False
        del self.held[m]
        self.slots.give(m)
        return True

    def still_there(self) -> list[int]:
        """Rows of the customers that are still held, in the order in which they began to be followed."""
        mine = [m for m in self.held if not np.isnan(self.rows[m]["began"])]
        return sorted(mine, key=lambda m: int(self.rows[m]["number"]))
