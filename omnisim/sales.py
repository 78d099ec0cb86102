"""How big the baskets are beside the free-shipping threshold, and where orders lose money: small tables of facts from one run.

hist         [bin, (orders, padded, losing, cm2)]   of orders sent home, by basket / threshold, a tenth a bin
by_channel   [channel, (orders, losing, lost)]      of all orders; lost: contribution margin 2 of the losing ones
by_region    [region, (orders, losing, lost)]
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
LOSSES = ("orders", "losing", "lost")


@dataclass(frozen=True)
class Sales:
    """Counts, and contribution margin 2 in minor units: `hist` i8[bin, FACTS], `by_channel`, `by_region` i8[..., LOSSES]."""

    hist: np.ndarray
    by_channel: np.ndarray
    by_region: np.ndarray


class Selling:
    """Orders placed in [warm-up, horizon), as rows come in; `hist` stays empty where there is no threshold."""

    def __init__(self, tables: Tables) -> None:
        rules = tables.shop.rules[0]
        self._window = np.array([tables.warmup_s, tables.horizon_s])
        self._above = float(rules["above"]) if rules["policy"] == Policy.THRESHOLD else 0.0
        self._hist = np.zeros((BINS, len(FACTS)), np.int64)
        self._by_channel = np.zeros((len(tables.channels), len(LOSSES)), np.int64)
        self._by_region = np.zeros((len(tables.shop.region_names), len(LOSSES)), np.int64)

    def orders(self, rows: np.ndarray) -> None:
        """Add the next orders."""
        _count(rows, self._window, self._above, self._hist, self._by_channel, self._by_region)

    def sales(self) -> Sales:
        """The sales of the rows so far."""
        return Sales(self._hist.copy(), self._by_channel.copy(), self._by_region.copy())


@njit()
def _count(rows: Any, window: Any, above: float, hist: Any, by_channel: Any, by_region: Any) -> None:
    for n in range(rows.shape[0]):
        o = rows[n]
        if not window[0] <= o["placed"] < window[1]:
            continue
        margin = order_margin_2(o)
        losing = 1 if margin < 0 else 0
        if above > 0.0 and o["way"] == Way.HOME:
            i = min(int(10.0 * o["sales"] / above), hist.shape[0] - 1)
            hist[i, 0] += 1
            hist[i, 1] += 1 if o["padded"] else 0
            hist[i, 2] += losing
            hist[i, 3] += margin
        by_channel[o["channel"], 0] += 1
        by_channel[o["channel"], 1] += losing
        by_channel[o["channel"], 2] += margin * losing
        if 0 <= o["region"] < by_region.shape[0]:
            by_region[o["region"], 0] += 1
            by_region[o["region"], 1] += losing
            by_region[o["region"], 2] += margin * losing
