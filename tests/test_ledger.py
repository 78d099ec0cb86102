"""Money: recomputed to the minor unit, balanced, and exact where it must be."""

from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import numpy as np
import pytest
from test_kpis_oracle import World, chance_records, chance_world, records

from omnisim import ledger
from omnisim.words import Duty, Per


def staffed(wage=19.33, **more):
    return World(has_wage=[True], wage_per_h=[wage], **more)


def test_one_posting_an_agent_and_interval_rounded_half_to_even():
    """19.33 USD/h: half an hour is 966.5 cents, which is 966; one and a half minutes 48.325, which is 48."""
    world = staffed(interval_s=1800.0)
    stints = [{"agent": 0, "start": 0, "end": 3600}, {"agent": 1, "start": 1800, "end": 1890}]
    got = ledger.post(world, records(stints=stints), rows=True)
    assert got.postings[["time_s", "agent", "quantity", "amount"]].tolist() == [
        (0.0, 0, 1800.0, 966),
        (1800.0, 0, 1800.0, 966),
        (1800.0, 1, 90.0, 48),
    ]
    assert got.accounts == {"labour/desk": 1980, "hub": 0, "cash": -1980}
    assert got.amount("labour/desk") == 19.80
    assert got.labour == ("labour/desk",)


def test_without_interval_one_posting_an_agent():
    stints = [{"agent": 2, "start": 0, "end": 1000}, {"agent": 2, "start": 1000, "end": 1800, "load": 1}]
    got = ledger.post(staffed(), records(stints=stints), rows=True)
    assert got.postings[["agent", "quantity", "amount"]].tolist() == [(2, 1800.0, 966)]


def test_paid_are_shift_finishing_and_busy_overtime():
    world = staffed(wage=36.0, warmup_s=600.0, interval_s=1800.0)
    stints = [
        {"start": 0, "end": 3600, "load": 0},  # 3000 s from the end of the warm-up
        {"start": 3600, "end": 3700, "load": 1},  # overtime, busy
        {"start": 3700, "end": 3800, "load": 0},  # overtime, idle: not paid
        {"agent": 1, "start": 3500, "end": 3650, "load": 1, "duty": Duty.FINISHING},
    ]
    got = ledger.post(world, records(stints=stints, end_s=3800.0), rows=True)
    assert got.postings[["time_s", "agent", "quantity", "amount"]].tolist() == [
        (600.0, 0, 1200.0, 1200),
        (1800.0, 0, 1800.0, 1800),
        (1800.0, 1, 100.0, 100),
        (3600.0, 0, 100.0, 100),
        (3600.0, 1, 50.0, 50),
    ]


def test_the_hub_is_paid_by_the_civil_day():
    """36 h from Monday 18:00 with 2 h warm-up: 4 h, 24 h and 6 h of three days."""
    world = World(start=datetime(2026, 11, 30, 18), horizon_s=36 * 3600.0, warmup_s=2 * 3600.0, hub_per_day=899.99)
    got = ledger.post(world, records(), rows=True)
    assert got.postings[["time_s", "amount"]].tolist() == [
        (7200.0, round(Fraction(89999 * 4, 24))),
        (6 * 3600.0, 89999),
        (30 * 3600.0, round(Fraction(89999 * 6, 24))),
    ]
    assert got.amount("hub") == sum(got.postings["amount"]) / 100


def test_currencies_have_their_own_minor_unit():
    stints = [{"start": 0, "end": 3600}]
    for currency, minor in (("USD", 123457), ("JPY", 1235), ("KWD", 1234568), ("CLF", 12345678)):
        got = ledger.post(staffed(wage=1234.5678, currency=currency), records(stints=stints))
        exact = Decimal("1234.5678").scaleb(ledger.exponent(currency)).quantize(Decimal(1), ROUND_HALF_EVEN)
        assert got.accounts["labour/desk"] == minor == exact


def test_rows_only_on_request_and_no_wage_no_account():
    world = World(hub_per_day=24.0)
    got = ledger.post(world, records(stints=[{"start": 0, "end": 3600}]))
    assert got.postings is None
    assert got.accounts == {"hub": 100, "cash": -100}


def test_out_of_balance_is_an_error():
    with pytest.raises(ValueError, match="out of balance by 1 "):
        ledger.Ledger("USD", 2, {"hub": 3, "cash": -2}).check()
    rows = np.zeros(1, ledger.POSTING)
    rows["amount"] = 2
    with pytest.raises(ValueError, match="do not add up"):
        ledger.Ledger("USD", 2, {"hub": 3, "cash": -3}, rows).check()


@pytest.mark.parametrize("seed", range(12))
def test_postings_are_within_half_a_minor_unit_and_add_up(seed):
    """Each posting recomputed as a fraction; accounts are the sums of their postings; chunks make no difference."""
    rng = np.random.default_rng(seed)
    world = chance_world(rng)
    seen = chance_records(rng, world)
    got = ledger.post(world, seen, rows=True)
    scale = 10**got.exponent
    bots = got.postings["account"] == ledger.Account.BOTS
    assert [int(x) for x in got.postings["amount"][bots]] == [
        ledger.half_up(float(x["quantity"]) * world.bot_costs[x["channel"]]) for x in got.postings[bots]
    ]
    for row in got.postings[~bots]:
        p, price = row["pool"], Fraction(str(world.price[row["pool"]]))
        rate = {
            ledger.Account.HUB: Fraction(str(world.hub_per_day)) / 86400,
            ledger.Account.TRAINING: Fraction(str(world.training_per_day[p])) / 86400,
            ledger.Account.LABOUR: Fraction(str(world.wage_per_h[p])) / 3600,
            ledger.Account.OUTSOURCED: price / {Per.CONTACT: 1, Per.MINUTE: 60, Per.HOUR: 3600}.get(world.price_per[p], 1),
        }[ledger.Account(int(row["account"]))]
        exact = rate * scale * Fraction(float(row["quantity"]))
        assert abs(int(row["amount"]) - exact) <= Fraction(1, 2) + Fraction(1, 10**6)
    for p, pool in enumerate(world.pools):
        for kind in ("labour", "outsourced", "training"):
            mine = (got.postings["pool"] == p) & (got.postings["account"] == ledger.Account[kind.upper()])
            assert got.postings["amount"][mine].sum() == got.accounts.get(f"{kind}/{pool}", 0)
    assert (np.diff(got.postings["time_s"]) >= 0).all()
    assert sum(got.accounts.values()) == 0

    window, first, paid = ledger.paid_time(world)
    for chunk in np.array_split(seen.stints, 7):
        ledger.accumulate_paid(window, first, paid, chunk)
    talks = np.zeros(len(world.channels), np.int64)
    for row in got.postings[bots]:
        talks[row["channel"]] += int(row["quantity"])
    served = ledger.Served(np.zeros(3, np.int64), np.zeros(3))
    for chunk in np.array_split(seen.touches, 5):
        ledger.accumulate_served(window, served.contacts, served.seconds, chunk)
    assert ledger.settle(world, paid, served, None, talks).accounts == got.accounts


@pytest.mark.parametrize("seed", range(6))
def test_a_doubled_wage_doubles_labour_and_nothing_else(seed):
    rng = np.random.default_rng(seed)
    world = chance_world(rng)
    seen = chance_records(rng, world)
    once = ledger.post(world, seen, rows=True)
    world.wage_per_h = world.wage_per_h * 2
    twice = ledger.post(world, seen, rows=True)
    assert twice.accounts["hub"] == once.accounts["hub"]
    labour = once.postings["account"] == ledger.Account.LABOUR
    assert (np.abs(twice.postings["amount"] - 2 * once.postings["amount"])[labour] <= 1).all()
    assert (twice.postings["quantity"] == once.postings["quantity"]).all()


def test_intervals_hold_every_moment_once():
    """Also where the interval is no sum of powers of two: i x interval <= t < (i + 1) x interval."""
    for interval in (0.1, 1 / 3, 7.0, 1800.0):
        for i in range(2000):
            edge = i * interval
            assert ledger.interval_of(edge, interval, 5000) == i
            below = np.nextafter(edge, -1.0)
            assert below < 0 or ledger.interval_of(below, interval, 5000) == i - 1
    assert ledger.interval_of(1e9, 1800.0, 48) == 47
