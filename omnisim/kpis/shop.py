"""What follows from the counts and amounts of a shop at the end of a run: margins, and labour shared among channels.

amounts i8[cell, Amount], labour accounts --> Derived.CM1 ... EBIT, currency units
"""

from typing import TYPE_CHECKING

import numpy as np

from omnisim.kpis.quantities import Cells, Count, Derived, Sum
from omnisim.ledger import Amount, Ledger, goods_used, half_up, margin_1, margin_2, net_sales

if TYPE_CHECKING:
    from omnisim.tables import Tables


def derive(tables: "Tables", cells: Cells, counts: np.ndarray, out: np.ndarray) -> None:
    """Counts of one shop into `out` f8[cell, Derived]."""
    out[:, Derived.CARTS_LEFT] = counts[:, Count.CARTS] - counts[:, Count.BOUGHT]
    mine = [c for c in range(cells.channels) if not tables.shop.front["foreign"][c]]
    out[cells.total, Derived.OWNED] = counts[[cells.channel(c) for c in mine], Count.ORDERS].sum() if mine else 0
    all_ = counts[cells.total]
    helped, bought = int(all_[Count.HELPED_LIVE]), int(all_[Count.HELPED_BOUGHT])
    others, others_bought = int(all_[Count.SHOPPERS]) - helped, int(all_[Count.SHOPPERS_BOUGHT]) - bought
    if helped and others_bought:
        out[cells.total, Derived.ASSISTED] = bought * others / (helped * others_bought)


def derive_money(
    tables: "Tables", cells: Cells, amounts: np.ndarray, counts: np.ndarray, sums: np.ndarray, money: Ledger, out: np.ndarray
) -> None:
    """Amounts of one shop into `out` f8[cell, Derived], in currency units; integers until the last division."""
    unit = 10.0**money.exponent
    by = amounts.T
    whole = {
        Derived.SALES: by[Amount.SALES],
        Derived.SOLD: by[Amount.SALES] - by[Amount.DISCOUNT],
        Derived.NET_SALES: net_sales(by),
        Derived.REVENUE: net_sales(by) + by[Amount.FEE],
        Derived.DISCOUNTS: by[Amount.DISCOUNT],
        Derived.STORE_SALES: counts[:, Count.STORE_SALES],
        Derived.ONLINE_SALES: net_sales(by) - counts[:, Count.STORE_SALES],
        Derived.REFUNDED: by[Amount.REFUND],
        Derived.EXTRA: by[Amount.EXTRA],
        Derived.FEES: by[Amount.FEE],
        Derived.GOODS: goods_used(by),
        Derived.SELLING: by[Amount.COMMISSION] + by[Amount.PAYMENT],
        Derived.HANDLING: by[Amount.HANDLING],
        Derived.CARRIAGE: by[Amount.CARRIAGE],
        Derived.RETURNING: by[Amount.RETURN_COST],
        Derived.CM1: margin_1(by),
        Derived.CM2: margin_2(by),
    }
    for quantity, value in whole.items():
        out[:, quantity] = value / unit
    total = cells.total
    left = margin_2(by)
    labour = labour_by_channel(tables, cells, sums, money)
    labour += np.array([money.accounts.get(f"bots/{channel}", 0) for channel in tables.channels], np.int64)
    for c in range(cells.channels):
        out[cells.channel(c), Derived.CM3] = float(left[cells.channel(c)] - labour[c]) / unit
    cm3 = int(left[total]) - int(labour.sum())
    own = won_and_kept(tables, cells, counts, money)
    for c in range(cells.channels):
        out[cells.channel(c), Derived.STANDS] = float(left[cells.channel(c)] - labour[c] - own[c]) / unit
    out[total, Derived.STANDS] = float(cm3 - int(own.sum())) / unit
    marketing = sum(money.accounts[name] for name in ("messages", "acquisition", "marketing"))
    renewed = -money.accounts.get("subscriptions", 0)
    fixed = sum(amount for name, amount in money.accounts.items() if name.startswith(("fixed/", "node/", "holding/")))
    ends = {
        Derived.CM3: cm3,
        Derived.MARKETING: marketing,
        Derived.CM4: cm3 + renewed - marketing,
        Derived.FIXED: fixed,
        Derived.HOLDING: sum(amount for name, amount in money.accounts.items() if name.startswith("holding/")),
        Derived.CAPITAL: money.accounts["capital"],
        Derived.EBIT: cm3 + renewed - marketing - fixed - money.accounts["hub"] - money.accounts["capital"],
    }
    for quantity, amount in ends.items():
        out[total, quantity] = float(amount) / unit


def won_and_kept(tables: "Tables", cells: Cells, counts: np.ndarray, money: Ledger) -> np.ndarray:
    """Acquisition of the shoppers whose first channel it is, and its fixed cost, minor units i8[channel]."""
    price = tables.shop.costs.acquisition
    out = np.zeros(cells.channels, np.int64)
    for c, channel in enumerate(tables.channels):
        won = half_up(int(counts[cells.channel(c), Count.FIRST_SHOP]) * price[c]) if c < len(price) else 0
        out[c] = won + money.accounts.get(f"fixed/{channel}", 0)
    return out


def labour_by_channel(tables: "Tables", cells: Cells, sums: np.ndarray, money: Ledger) -> np.ndarray:
    """Labour of each channel, minor units i8[channel]: each pool's shared by the time it handled contacts of a channel.

    Labour is all that is paid for those who serve: agents of other firms and training too.  A pool that handled nothing is shared
    equally among the channels it can serve.  The shares add up exactly.
    """
    out = np.zeros(cells.channels, np.int64)
    for p, pool in enumerate(tables.pools):
        cost = sum(money.accounts.get(f"{kind}/{pool}", 0) for kind in ("labour", "outsourced", "training"))
        if cost == 0:
            continue
        weights = np.array([sums[cells.channel_pool(c, p), Sum.HANDLE_S] for c in range(cells.channels)])
        if weights.sum() <= 0.0:
            weights = (np.asarray(tables.concurrency[p]) > 0).astype(float)
        out += shared(cost, weights)
    return out


def shared(amount: int, weights: np.ndarray) -> np.ndarray:
    """A whole amount in whole parts by weight, i8[part]: what rounding down leaves goes to the largest remainders, earlier first.

    >>> shared(100, np.array([1.0, 1.0, 1.0])).tolist(), shared(7, np.array([0.0, 0.0])).tolist()
    ([34, 33, 33], [7, 0])
    """
    exact = [round(w * 1e6) for w in weights.tolist()]  # microseconds: whole numbers from here on
    if sum(exact) <= 0:
        exact[0] = 1
    parts = np.array([amount * w // sum(exact) for w in exact], np.int64)
    over = [amount * w % sum(exact) for w in exact]
    order = sorted(range(len(exact)), key=lambda i: -over[i])
    parts[order[: amount - int(parts.sum())]] += 1
    return parts
