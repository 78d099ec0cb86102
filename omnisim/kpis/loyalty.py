"""KPIs of the relationship: content, gone, back again, what a customer is worth and what he cost to win.

    customers ─> counts, sums (in record order)     journeys are counted in `accumulate`, orders in `funnel`

A customer counts if he became one in [warm-up, horizon): with his first purchase, or as a customer of before with his first
need.  What he is worth is what the run saw of it: a longer run sees more.
"""

from typing import TYPE_CHECKING

import numpy as np

from omnisim.jit import njit
from omnisim.kpis.declaration import SEGMENT, TOTAL, Measure
from omnisim.kpis.quantities import SEGMENTS, Block, Count, Derived, Sum
from omnisim.ledger import Ledger, exponent
from omnisim.words import Parting

if TYPE_CHECKING:
    from omnisim.tables import Tables

BOTH = (TOTAL, SEGMENT)


@njit()
def accumulate_customers(layout: np.ndarray, window: np.ndarray, counts: np.ndarray, sums: np.ndarray, rows: np.ndarray) -> None:
    """Add customers (`records.CUSTOMER`); `window` f8[>=2]: (warm-up, horizon), seconds."""
    warmup, horizon = window[0], window[1]
    for i in range(len(rows)):
        row = rows[i]
        counted = warmup <= row["began"] < horizon
        if not counted and row["fees"] == 0:
            continue
        for j in range(2):
            cell = layout[Block.TOTAL]
            if j == 1:
                if not 0 <= row["segment"] < layout[SEGMENTS]:
                    continue
                cell = layout[Block.SEGMENT] + row["segment"]
            counts[cell, Count.FEES_DUE] += row["fees"]
            if not counted:
                continue
            counts[cell, Count.CUSTOMERS] += 1
            counts[cell, Count.STAYED] += 1 if row["end"] == Parting.STAYS else 0
            counts[cell, Count.WON] += 1 - row["existing"]
            counts[cell, Count.REFERRED] += 1 if row["told_by"] >= 0 else 0
            counts[cell, Count.BOUGHT_ONCE] += 1 if row["purchases"] > 0 else 0
            counts[cell, Count.BOUGHT_AGAIN] += 1 if row["purchases"] > 1 else 0
            counts[cell, Count.PURCHASES] += row["purchases"]
            counts[cell, Count.DUES] += row["dues"]
            counts[cell, Count.RENEWALS] += row["renewals"]
            if row["purchases"] > 0:
                several = row["media"] > 1
                counts[cell, Count.SEVERAL if several else Count.SINGLE] += 1
                counts[cell, Count.SEVERAL_SALES if several else Count.SINGLE_SALES] += row["sales"]
            sums[cell, Sum.VALUE] += row["value"]


def derive_loyalty(tables: "Tables", counts: np.ndarray, sums: np.ndarray, money: Ledger, out: np.ndarray) -> None:
    """Fill the derived numbers of the relationship in `out` f8[cell, Derived]."""
    unit = 10.0 ** exponent(tables.currency)
    out[:, Derived.LIFETIME] = sums[:, Sum.VALUE] / unit
    out[:, Derived.RECURRING] = counts[:, Count.FEES_DUE] / unit
    if tables.has_money:
        out[0, Derived.ACQUIRED] = money.amount("acquisition", "marketing")
        out[0, Derived.RENEWED] = -money.amount(*(name for name in money.accounts if name == "subscriptions"))
    one, several = counts[:, Count.SINGLE], counts[:, Count.SEVERAL]
    defined = (one > 0) & (several > 0) & (counts[:, Count.SINGLE_SALES] > 0)
    each = counts[defined][:, [Count.SEVERAL_SALES, Count.SINGLE_SALES]] / np.stack([several[defined], one[defined]], axis=1)
    out[defined, Derived.PREMIUM] = each[:, 0] / each[:, 1]


# fmt: off
MEASURES = (
    Measure(
        "satisfaction", "share", "higher", Sum.SATISFACTION, Count.JUDGED, BOTH,
        "satisfaction after each ended journey of a customer / these journeys",
        "How content customers are, 0 to 1, as the scenario says what makes them less so.",
        when="bonds",
    ),
    Measure(
        "effort", "points", "lower", Sum.EFFORT, Count.JUDGED, BOTH,
        "points of effort of ended journeys of customers / these journeys",
        "What a journey costs the customer: further contacts, stories told again, attempts in vain, waits, in the scenario's points.",
        when="bonds",
    ),
    Measure(
        "defection_rate", "share", "lower", Count.DEFECTED, Count.JUDGED, BOTH,
        "ended journeys of customers after which the customer left for good / these journeys",
        "How often a journey loses the customer.",
        when="bonds",
    ),
    Measure(
        "customers", "customers", None, Count.CUSTOMERS, None, BOTH,
        "who bought for the first time in [warm-up, horizon), or came then for the first time as a customer of before",
        "Customers that the run follows.",
        when="bonds",
    ),
    Measure(
        "retention", "share", "higher", Count.STAYED, Count.CUSTOMERS, BOTH,
        "customers who had not left for good by the end of the run / customers",
        "Share of customers who stay; over the time from when each became one to the end of the run.",
        when="bonds",
    ),
    Measure(
        "repurchase_rate", "share", "higher", Count.BOUGHT_AGAIN, Count.BOUGHT_ONCE, BOTH,
        "customers who bought more than once in the run / customers who bought",
        "Share of buyers who come back and buy.",
        "sells", "bonds",
    ),
    Measure(
        "purchases_per_customer", "purchases", "higher", Count.PURCHASES, Count.BOUGHT_ONCE, BOTH,
        "purchases / customers who bought",
        "How often a buyer buys in the run.",
        "sells", "bonds",
    ),
    Measure(
        "existing_customer_share", "share", None, Count.KNOWN_SALES, Count.ALL_SALES, BOTH,
        "sales - discounts of orders by customers who had bought before, or were customers before the run / sales - discounts",
        "Share of sales to existing customers; it grows with the time that is run.",
        "sells", "lifetime",
    ),
    Measure(
        "customer_lifetime_value", "money", "higher", Derived.LIFETIME, Count.CUSTOMERS, BOTH,
        "contribution margin 2 of customers' orders and renewals within the run, discounted to the first need of each / customers",
        "What a customer brings in the run, as his orders stood when placed, before service and what it cost to win him.",
        "sells", "lifetime",
    ),
    Measure(
        "acquisition_cost", "money", "lower", Derived.ACQUIRED, Count.WON, (TOTAL,),
        "acquisition + marketing / customers won in [warm-up, horizon)",
        "What it costs to win a customer.",
        "sells", "lifetime",
    ),
    Measure(
        "omnichannel_premium", "1", None, Derived.PREMIUM, None, BOTH,
        "sales a customer of buyers who touched several media / sales a customer of buyers who touched one",
        "How much more customers on several channels spend; no effect of the channels: who buys often touches more of them.",
        "sells", "lifetime",
    ),
    Measure(
        "referred_share", "share", "higher", Count.REFERRED, Count.WON, BOTH,
        "customers won who came because somebody told them / customers won",
        "Share of new customers by word of mouth.",
        when="referral",
    ),
    Measure(
        "renewal_rate", "share", "higher", Count.RENEWALS, Count.DUES, BOTH,
        "renewals / times a subscription fell due",
        "Share of subscriptions renewed when they fall due.",
        when="subscription",
    ),
    Measure(
        "recurring_revenue", "money", "higher", Derived.RECURRING, None, BOTH,
        "fees paid at renewals in [warm-up, horizon)",
        "What subscriptions bring.",
        when="fees",
    ),
    Measure(
        "subscription_margin", "money", "higher", Derived.RENEWED, None, (TOTAL,),
        "contribution margin of the fees paid at renewals in [warm-up, horizon)",
        "What subscriptions leave.",
        when="fees",
    ),
)
# fmt: on
