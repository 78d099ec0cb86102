"""How big the baskets are beside the free-shipping threshold: a small table of facts from the orders of one run.

sales   [bin, (orders, padded, losing, cm2)]   of orders sent home, by basket / threshold, a tenth a bin
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from omnisim.jit import njit
from omnisim.ledger import order_margin_2
from omnisim.tables import Tables
from omnisim.words import Policy, Way

BINS = 30  # tenths of the threshold; the last one holds all that is larger
FACTS = ("orders", "padded", "losing", "cm2")


@dataclass(frozen=True)
class Sales:
    """`hist` i8[bin, fact]: orders, those padded, those that lose money, contribution margin 2 in minor units."""

    hist: np.ndarray


class Selling:
    """Orders sent home that were placed in [warm-up, horizon), as rows come in; empty where there is no threshold."""

    def __init__(self, tables: Tables) -> None:
        rules = tables.shop.rules[0]
        self._window = np.array([tables.warmup_s, tables.horizon_s])
        self._above = float(rules["above"]) if rules["policy"] == Policy.THRESHOLD else 0.0
        self._hist = np.zeros((BINS, len(FACTS)), np.int64)

    def orders(self, rows: np.ndarray) -> None:
        """Add the next orders."""
        if self._above > 0.0:
            _count(rows, self._window, self._above, self._hist)

    def sales(self) -> Sales:
        """The sales of the rows so far."""
        return Sales(self._hist.copy())


@njit()
def _count(rows: Any, window: Any, above: float, hist: Any) -> None:
    last = hist.shape[0] - 1
    for n in range(rows.shape[0]):
        o = rows[n]
        if o["way"] != Way.HOME or not window[0] <= o["placed"] < window[1]:
            continue
        i = min(int(10.0 * o["sales"] / above), last)
        margin = order_margin_2(o)
        hist[i, 0] += 1
        hist[i, 1] += 1 if o["padded"] else 0
        hist[i, 2] += 1 if margin < 0 else 0
        hist[i, 3] += margin
