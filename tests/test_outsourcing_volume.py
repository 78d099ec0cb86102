"""From which volume on are one's own agents cheaper than another firm's?  The formula, and a simulation on either side of it."""

import math

import pytest

import omnisim as om
from omnisim.staffing.outsourcing import break_even, break_even_units, carried

FILE = """
omnisim: 1
name: volume
clock: {{horizon: 26 h, warmup: 2 h, at_end: cut}}
demand: {{calls: {{goal: issue, rate: {rate} /h, enter: {{phone: 1}}}}}}
channels: {{phone: {{help: {{mode: live, handling: {{law: exponential, mean: 330 s}}, service_level: {{within: 20 s, target: 80 %}}}}}}}}
staffing: {{pools: {{desk: {{agents: {agents}, skills: {{phone: {{}}}}, {paid}}}}}}}
"""
PRICE, WAGE, HANDLING = 4.2, 25.0, 330.0


def cost(tmp_path, rate, agents, paid):
    path = tmp_path / "w.yaml"
    path.write_text(FILE.format(rate=rate, agents=agents, paid=paid), encoding="utf-8")
    a = om.run(om.load(path), seeds=6, workers=1)
    return a.kpi("cost_to_serve"), a.kpi("service_level").pooled


def least(rate):
    return next(n for n in range(1, 200) if carried(n, HANDLING, 20.0, 0.8) >= rate)


def test_a_price_below_handling_time_is_never_beaten():
    assert break_even(WAGE * HANDLING / 3600.0, HANDLING, WAGE, 20.0, 0.8) == math.inf
    assert break_even(WAGE * HANDLING / 3600.0 + 0.01, HANDLING, WAGE, 20.0, 0.8) < math.inf


def test_dearer_agents_a_lower_price_and_fixed_costs_move_it_up():
    plain = break_even(PRICE, HANDLING, WAGE, 20.0, 0.8)
    assert break_even(PRICE, HANDLING, 1.2 * WAGE, 20.0, 0.8) > plain
    assert break_even(0.9 * PRICE, HANDLING, WAGE, 20.0, 0.8) > plain
    assert break_even(PRICE, HANDLING, WAGE, 20.0, 0.8, fixed_per_h=30.0) > plain
    assert break_even(PRICE, HANDLING, WAGE, 20.0, 0.9) > plain


def test_goods_sent_by_another_firm():
    """300 a day whatever comes and 2.20 an order, or 6.00 an order: equal at 300 / 3.80 = 78.9 orders a day."""
    assert break_even_units(300.0, 2.2, 6.0) == pytest.approx(78.947, abs=1e-3)


@pytest.mark.parametrize(("times", "cheaper"), [(0.5, "bought"), (2.0, "own")])
def test_simulated_below_it_the_other_firm_is_cheaper_and_above_it_ones_own(tmp_path, times, cheaper):
    rate = round(times * break_even(PRICE, HANDLING, WAGE, 20.0, 0.8), 2)
    own, level = cost(tmp_path, rate, least(rate), f"wage: {WAGE} USD/h")
    bought, same = cost(tmp_path, rate, least(rate), f"outsourced: {{price: {PRICE} USD, per: contact}}")
    assert level > 0.75
    assert same == level, "the same people, paid otherwise"
    assert (own.high < bought.low) if cheaper == "own" else (own.low > bought.high)
