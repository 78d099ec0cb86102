"""Every KPI of the relationship a second time, in plain Python over the rows of generated worlds."""

import math

import numpy as np
import pytest
from test_loyalty import followed

from omnisim.engines import compiled
from omnisim.kpis import columns
from omnisim.kpis.loyalty import MEASURES
from omnisim.kpis.measuring import Accumulator, measure
from omnisim.ledger import post
from omnisim.words import End

NAN = math.nan
NAMES = {m.name for m in MEASURES}


def dicts(a):
    return [dict(zip(a.dtype.names, row.tolist(), strict=True)) for row in a]


def slow(t, seen, column):
    """The value of one column from the sentence that defines it."""
    part = dict(column.scope).get("segment")

    def mine(rows):
        return [x for x in rows if part is None or t.segments[x["segment"]] == part]

    def over(a, b):
        return a / b if b else NAN

    low, high = t.warmup_s, t.horizon_s
    everybody = mine(dicts(seen.customers))
    customers = [c for c in everybody if low <= c["began"] < high]
    journeys = [j for j in mine(dicts(seen.journeys)) if low <= j["arrived"] < high and j["end"] != End.OPEN and j["bond"] > 0]
    orders = [o for o in mine(dicts(seen.orders)) if low <= o["placed"] < high]
    bought = [c for c in customers if c["purchases"]]
    won = [c for c in customers if not c["existing"]]
    each = {n: [c["sales"] for c in bought if (c["media"] > 1) == (n == "several")] for n in ("one", "several")}
    fee, earns = int(t.loyalty.rules[0]["fee"]), int(t.loyalty.rules[0]["fee_earns"])
    fees = sum(c["fees"] for c in everybody)
    books = post(t, seen).accounts
    value = {
        "satisfaction": lambda: over(math.fsum(j["satisfaction"] for j in journeys), len(journeys)),
        "effort": lambda: over(math.fsum(j["effort"] for j in journeys), len(journeys)),
        "defection_rate": lambda: over(sum(j["bond"] == 2 for j in journeys), len(journeys)),
        "customers": lambda: len(customers),
        "retention": lambda: over(sum(math.isnan(c["ended"]) for c in customers), len(customers)),
        "repurchase_rate": lambda: over(sum(c["purchases"] > 1 for c in customers), len(bought)),
        "purchases_per_customer": lambda: over(sum(c["purchases"] for c in customers), len(bought)),
        "existing_customer_share": lambda: over(
            sum(o["sales"] - o["discount"] for o in orders if o["before"]), sum(o["sales"] - o["discount"] for o in orders)
        ),
        "customer_lifetime_value": lambda: over(math.fsum(c["value"] for c in customers) / 100, len(customers)),
        "acquisition_cost": lambda: over((books["acquisition"] + books["marketing"]) / 100, len(won)),
        "omnichannel_premium": lambda: (
            (sum(each["several"]) / len(each["several"])) / (sum(each["one"]) / len(each["one"]))
            if each["several"] and each["one"] and sum(each["one"]) > 0
            else NAN
        ),
        "referred_share": lambda: over(sum(c["told_by"] >= 0 for c in won), len(won)),
        "renewal_rate": lambda: over(sum(c["renewals"] for c in customers), sum(c["dues"] for c in customers)),
        "recurring_revenue": lambda: fees / 100,
        "subscription_margin": lambda: (fees // fee * earns if fee else 0) / 100,
    }[column.kpi]
    return value()


def test_every_kpi_of_the_relationship_equals_a_second_implementation(tmp_path):
    reached = set()
    for seed, t in followed(tmp_path, 40):
        seen = compiled.run(t, seed)
        for column, value in zip(columns(t), measure(t, seen).value, strict=True):
            if column.kpi in NAMES:
                assert value == pytest.approx(slow(t, seen, column), rel=1e-12, abs=1e-12, nan_ok=True), (seed, column)
                reached |= {column.kpi} if abs(value) > 0 else set()
    assert reached == NAMES


def test_chunks_of_customers_give_the_same_to_the_bit(tmp_path):
    for seed, t in followed(tmp_path, 6):
        seen = compiled.run(t, seed)
        a, b = Accumulator(t), Accumulator(t)
        a.customers(seen.customers)
        for chunk in np.array_split(seen.customers, 7):
            b.customers(chunk)
        assert a.counts.tobytes() == b.counts.tobytes()
        assert a.sums.tobytes() == b.sums.tobytes()
