"""Attribution: worked by hand, laws on simulated paths, and what no rule can say."""

from pathlib import Path

import numpy as np
import pytest
from scenario_texts import SHOP, read

import omnisim as om
from omnisim.attribution import LETTER, RULES, attribute, credit, paths, removal_effects
from omnisim.attribution import Path as Way
from omnisim.engines import compiled, reference
from omnisim.ledger import order_margin_2
from omnisim.tables import Tables
from omnisim.words import End, Goal

ROOT = Path(__file__).resolve().parent.parent / "scenarios"
# 3 of a > b > order, 2 of a > nothing, 3 of b > order, 2 of c > b > nothing
WAYS = [
    *[Way(("a", "b"), True, "b", 1000)] * 3,
    *[Way(("a",), False)] * 2,
    *[Way(("b",), True, "b", 2000)] * 3,
    *[Way(("c", "b"), False)] * 2,
]


def test_removal_effects_worked_by_hand():
    """From the start: a .5, b .3, c .2.  a: to b 3/5, to nothing 2/5.  b: to an order 6/8, to nothing 2/8.  c: to b.

    Chance of an order: (.5 x .6 + .3 + .2) x .75 = .6.  Without a: (.3 + .2) x .75 = .375; without b: 0; without c: (.3 + .3) x .75 = .45.
    Effects .375, 1, .25, together 1.625; of six orders a gets 6 x .375 / 1.625 = 1.3846, b 3.6923, c .9231.
    """
    effects = removal_effects(WAYS)
    assert effects == pytest.approx({"a": 1 - 0.375 / 0.6, "b": 1.0, "c": 1 - 0.45 / 0.6})
    orders = {c: v[0] for c, v in credit(WAYS, "markov").items()}
    assert orders == pytest.approx({"a": 6 * 0.375 / 1.625, "b": 6 / 1.625, "c": 6 * 0.25 / 1.625})


def test_the_other_rules_worked_by_hand():
    def orders(rule):
        return {c: v[0] for c, v in credit(WAYS, rule).items()}

    assert orders("order_channel") == {"a": 0, "b": 6, "c": 0}
    assert orders("first") == {"a": 3, "b": 3, "c": 0}
    assert orders("last") == {"a": 0, "b": 6, "c": 0}
    assert orders("linear") == {"a": 1.5, "b": 4.5, "c": 0}
    assert credit(WAYS, "linear")["a"][1] == 1500.0


def test_a_loop_and_no_orders():
    assert removal_effects([Way(("a", "b", "a"), True), Way(("a",), False)]) == pytest.approx({"a": 1.0, "b": 1 / 3})
    assert removal_effects([Way(("a",), False)]) == {"a": 0.0}
    assert all(v == (0.0, 0.0) for rule in RULES for v in credit([Way(("a",), False)], rule).values())


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    s = read(tmp_path_factory.mktemp("shop"), SHOP)
    t = Tables.build(s)
    return s, t, compiled.run(t, 1)


def test_every_rule_shares_out_all_orders_and_all_margin(lived):
    _, t, seen = lived
    found = paths(t, seen)
    bought = [p for p in found if p.bought]
    ended = {int(j["customer"]) for j in seen.journeys if j["goal"] == Goal.SHOP and j["end"] == End.CONVERTED}
    margin = sum(order_margin_2(o) for o in seen.orders if int(o["customer"]) in ended)
    assert len(bought) == len(ended) > 50
    for rule in RULES:
        shared = credit(found, rule)
        assert sum(v[0] for v in shared.values()) == pytest.approx(len(bought), rel=1e-12)
        assert sum(v[1] for v in shared.values()) == pytest.approx(margin, rel=1e-9)
    names = {s for p in found for s in p.steps}
    assert {LETTER, "campaign.spring", "web", "store"} <= names


def test_both_engines_give_the_same_paths(lived):
    _, t, seen = lived
    assert paths(t, reference.run(t, 1)) == paths(t, seen)


def test_the_answer_in_text_and_json(lived):
    s, _, _ = lived
    found = attribute(s, seeds=2)
    lines = found.text().splitlines()
    assert max(len(line) for line in lines) <= 80
    rows = [r for r in found.to_json()["rows"] if r["measure"] == "orders" and r["rule"] == "markov"]
    assert sum(r["mean"] for r in rows) == pytest.approx(found.total_orders)
    assert all(r["low"] <= r["mean"] <= r["high"] for r in rows)


def test_what_a_single_channel_view_calls_a_failure():
    """Last-click gives all that a message brought back to the channel it leads to; by removal effect the message has its part."""
    s = om.load(ROOT / "remarketing" / "letter.yaml")
    t = Tables.build(s)
    found = paths(t, compiled.run(t, 1))
    steps = [p.steps for p in found if p.bought and LETTER in p.steps]
    assert steps
    assert all(way[way.index(LETTER) + 1] in ("app", "web") for way in steps)
    assert np.isclose(sum(v[0] for v in credit(found, "markov").values()), sum(p.bought for p in found))


TRUTH = """
omnisim: 1
name: truth
clock: {horizon: 8 d, warmup: 1 d, at_end: drain}
demand: {people: {goal: shop, rate: 3000 /d, enter: {social: .4, web: .4, store: .2}}}
channels:
  social: {browse: {time: {law: exponential, mean: 2 min}}}
  web: {sell: true, browse: {time: {law: exponential, mean: 10 min}}}
  store: {sell: true, browse: {time: {law: exponential, mean: 10 min}}}
journey:
  shop:
    cart: {web: 10 %, store: 30 %}
    switch: {social: {web: 50 %, store: 10 %}, web: {store: 30 %}}
"""


def test_on_simulated_paths_the_removal_effect_is_what_removing_does(tmp_path):
    """Run without social media (who comes there is lost): the orders lost are the removal effect; last-click gives it none of them."""
    s = read(tmp_path, TRUTH)
    found = [p for seed in (1, 2) for p in paths(Tables.build(s), compiled.run(Tables.build(s), seed))]
    effects = removal_effects(found)
    truth = {}
    for name, without in (("social", {"journey.shop.switch.social": {"web": 0}}), ("web", {"journey.shop.switch.web": {"store": 0},
                          "journey.shop.cart": {"web": 0, "store": 0.3}})):  # fmt: skip
        t = Tables.build(s.with_(without))
        left = [p for seed in (1, 2) for p in paths(t, compiled.run(t, seed))]
        truth[name] = 1.0 - sum(p.bought for p in left) / sum(p.bought for p in found)
    assert effects["social"] == pytest.approx(truth["social"], abs=0.02)
    assert effects["web"] == pytest.approx(truth["web"], abs=0.02)
    assert truth["social"] > 0.2
    assert credit(found, "last")["social"] == (0.0, 0.0)


def test_a_service_has_nothing_to_attribute():
    with pytest.raises(ValueError, match="goal shop"):
        attribute(om.load(ROOT / "retail-day" / "siloed.yaml"), seeds=1)
