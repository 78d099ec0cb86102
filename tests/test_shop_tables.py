"""A shop as arrays: the numbers of the worked sample stand where the rules look for them, and what is not said is neutral."""

import dataclasses
import math

import numpy as np
import pytest
from scenario_texts import SAMPLE, SHOP, read
from test_scenario_shop import CARD, CATALOG, PLAIN, REGIONS, card

from omnisim import currencies
from omnisim.rules.shopdata import SHOP as RULES
from omnisim.scenario import load
from omnisim.shopbuild import build_shop
from omnisim.shoptables import Costs, no_shop
from omnisim.tables import Tables
from omnisim.words import Goal, Need, Policy, Reason

PAYS = SHOP.replace(", free_for: [keen]", "")


@pytest.fixture
def tables(tmp_path):
    return Tables.build(read(tmp_path, PAYS))


def at(tables, name):
    return tables.channels.index(name)


def same(a, b):
    """Two shops are equal to the bit."""
    for f in dataclasses.fields(a):
        x, y = getattr(a, f.name), getattr(b, f.name)
        if isinstance(x, np.ndarray):
            assert x.dtype == y.dtype, f.name
            assert x.shape == y.shape, f.name
            assert x.tobytes() == y.tobytes(), f.name
        else:
            assert x == y, f.name


def test_the_rules_of_the_sample(tables):
    r = tables.shop.rules[0]
    assert (tables.has_shop, tables.has_money) == (True, True)
    assert (r["on"], r["has_money"], r["policy"], r["desk"], r["back_most"]) == (1, 1, Policy.THRESHOLD, at(tables, "pickup_desk"), 1)
    assert (r["fee"], r["above"], r["parcel"], r["item"], r["item_mile"]) == (595.0, 7500.0, 875.9, 42.3, 0.0541)
    assert (r["pick"], r["pick_item"], r["store_pick"], r["pickup_cost"]) == (200.0, 20.0, 270.0, 100.0)
    assert (r["return_cost"], r["store_return_cost"], r["message_cost"]) == (1000.0, 400.0, 0.2)
    assert (r["fee_weight"], r["contradiction"], r["purchase"], r["cart_lost"]) == (12.0, 0.0, 0.0, 0.3)
    assert r["lead_weight"] == pytest.approx(0.02, rel=1e-15)
    assert (r["delay_weight"], r["delay_scale"], r["unanswered"], r["elsewhere"], r["keen"]) == (0.12, 300.0, 0.5, 0.0, 3.0)
    assert (r["pad"], r["reach"], r["bubble"]) == (0.36, 2.0, 0.1)
    assert (r["pickup"], r["extra"], r["extra_value"], r["extra_sigma"]) == (0.1, 0.2, 2500.0, pytest.approx(math.sqrt(math.log(1.64))))
    assert (r["promise_s"], r["pickup_promise_s"]) == (7 * 86400.0, 4 * 3600.0)
    assert (r["loss"], r["return_faulty"], r["late_factor"], r["store_share"]) == (0.15, 0.8, 1.5, 0.61)
    assert (r["message"], r["coupon"], r["back"], r["payment"]) == (pytest.approx(0.412 * 0.23), 0.1, 0.1, 0.025)
    assert r["reasons"][[Reason.ACCOUNT, Reason.TRUST, Reason.CHECKOUT]].tolist() == [0.14, 0.13, 0.12]
    assert r["reasons"].sum() == pytest.approx(0.39)  # the rest came to look
    arise = r["arise"][[Need.FIRST, Need.QUESTION, Need.LATE, Need.FAULTY, Need.RETURN, Need.COLLECT]]
    assert arise.tolist() == [0.0, 0.07, 0.4, 0.9, 0.15, 1.0]
    assert (r["card"], r["steps"]) == (0, 0)


def test_the_laws_of_the_sample(tables):
    r, laws = tables.shop.rules[0], tables.laws
    means = {"lead": 4 * 86400, "ready": 7200, "collect": 72000, "after": 864000, "switch_delay": 21600, "message_delay": 3600}
    for name, mean in {**means, "back_delay": 86400}.items():
        assert laws[r[name]]["mean"] == mean, name


def test_the_channels_of_the_sample(tables):
    f, shop = tables.shop.front, tables.shop
    app, chat, email, store, web = (at(tables, n) for n in ("app", "chat", "email", "store", "web"))
    assert f["sell"].tolist() == [1, 0, 0, 0, 0, 1, 1]
    assert f["carry"].tolist() == [0, 0, 0, 0, 0, 1, 0]
    assert (f[web]["cart"], f[web]["buy"], f[web]["ask"], f[web]["lift"], f[web]["returned"]) == (0.13, 0.36, 0.04, 1.0, 1.0)
    assert (f[store]["cart"], f[store]["buy"], f[store]["ask"], f[store]["returned"]) == (0.3, 0.83, 0.1, 0.57)
    assert (f[chat]["lift"], f[email]["lift"], f[chat]["cart"]) == (1.16, 1.0, 0.0)
    assert (shop.asks[web, chat], shop.asks[web, email], shop.asks[app, chat]) == (0.7, 0.3, 1.0)
    assert shop.asks[store, store] == 1.0  # nothing else is said
    assert shop.asks.sum(axis=1).tolist() == [1, 0, 0, 0, 0, 1, 1]
    assert shop.switch.shape == (7, 8)
    assert (shop.switch[web, store], shop.switch[web, app], shop.switch[store, web], shop.switch[:, -1].sum()) == (0.08, 0.05, 0.1, 0.0)
    assert (shop.need_to[at(tables, "call_center")], shop.need_to[email], shop.need_to.sum()) == (0.6, 0.4, 1.0)
    assert (shop.message_to[app], shop.message_to[web]) == (0.6, 0.4)
    assert (shop.back_to[app], shop.back_to[-1]) == (0.2, 0.8)
    assert tables.allowed[Goal.SHOP].tolist() == [1, 0, 0, 0, 0, 1, 1]


def test_goods_regions_devices_and_segments_of_the_sample(tables):
    shop = tables.shop
    assert (shop.product_names, shop.region_names, shop.device_names) == (["lamp", "shirt"], ["far", "near"], ["desktop", "phone"])
    assert shop.products["upto"].tolist() == [0.3, 1.0]
    assert shop.products["price"].tolist() == [9000.0, 3000.0]
    assert shop.products["sigma"] == pytest.approx([math.sqrt(math.log(1.36)), math.sqrt(math.log(1.64))])
    assert shop.products["more_items"] == pytest.approx([0.1, 1.0])
    for name, values in (("margin", [0.35, 0.45]), ("weight_kg", [2.5, 0.3]), ("returned", [0.08, 0.25]), ("faulty", [0.02, 0.01])):
        assert shop.products[name].tolist() == values
    assert [row[:8] for row in shop.regions.tolist()] == [(0.4, 1500.0, 1.3, 0, 0, 0.0, 0.01, 0.02), (1.0, 50.0, 1.0, 0, 1, 0.0, 0.0, 0.0)]
    web = at(tables, "web")
    assert shop.devices.tolist() == [(0.33, 0.0, 1.0, web), (1.0, -0.52, 0.7, web)]
    assert tables.segments == ["careful", "keen"]
    assert shop.region_upto.tolist() == [[0.4, 1.0], [0.0, 1.0]]
    assert shop.device_upto.tolist() == [[0.2, 1.0], [0.33, 1.0]]
    columns = {n: tables.segment[n].tolist() for n in ("price", "basket", "buy", "login", "patience", "effort")}
    assert columns == {"price": [1.5, 1], "basket": [1, 1.2], "buy": [0, 0.3], "login": [1, 1.1], "patience": [1, 1], "effort": [1, 1]}


def test_the_costs_of_the_sample(tables):
    c = tables.shop.costs
    assert (c.marketing_per_day, c.capital, c.life_s) == (30000.0, 5_000_000.0, 1095 * 86400.0)
    assert c.fixed_per_day == tuple(80000.0 if n == "store" else 0.0 for n in tables.channels)
    assert c.acquisition == tuple(25.0 if n == "web" else 0.0 for n in tables.channels)


def test_amounts_are_in_minor_units_of_any_currency(tmp_path):
    yen = read(tmp_path, PLAIN + "currency: JPY\nfulfilment: {pick: 250 JPY}\ncatalog: {products: {a: {share: 1, price: 3000 JPY}}}\n")
    t = Tables.build(yen)
    assert (t.shop.rules[0]["pick"], t.shop.products["price"][0]) == (250.0, 3000.0)
    dinar = read(tmp_path, PLAIN + "currency: KWD\nfulfilment: {pick: 0.2505 KWD}\n")
    assert Tables.build(dinar).shop.rules[0]["pick"] == 250.5
    assert (currencies.exponent("USD"), currencies.minor_units(19.33, "USD")) == (2, 1933.0)


def test_who_ships_free_is_a_bit(tmp_path):
    s = read(tmp_path, SHOP)
    if "free_for" not in RULES.names:
        with pytest.raises(ValueError, match="free_for"):  # never ignored in silence
            Tables.build(s)
    else:
        assert Tables.build(s).shop.rules[0]["free_for"] == 0b10  # careful, keen
        assert Tables.build(read(tmp_path, PAYS)).shop.rules[0]["free_for"] == 0


def test_a_shop_that_says_nothing_else_is_neutral(tmp_path):
    t = Tables.build(read(tmp_path, PLAIN))
    r = t.shop.rules[0]
    assert (t.has_shop, t.has_money) == (True, False)
    ones, twos = (
        ("on", "keen", "late_factor", "most_lines", "lines", "response"),
        {"reach": 2.0, "delay_scale": 300.0, "desk": -1, "picks": -1, "takes_back": -1},
    )
    infinite = ("promise_s", "pickup_promise_s", "more_promise")
    laws = ("lead", "ready", "collect", "after", "switch_delay", "message_delay", "back_delay", "seen_delay", "more_lead", "more_collect")
    for name in r.dtype.names:
        want = 1 if name in ones else math.inf if name in infinite else -1 if name in laws else twos.get(name, 0)
        assert np.all(r[name] == want), name
    assert t.shop.front.tolist() == [(1, 0, 0, 0, 0.2, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0)]
    assert [row[:10] for row in t.shop.regions.tolist()] == [(1.0, 0.0, 1.0, 0, 1, 0.0, 0.0, 0.0, 0.0, 0)]
    assert (t.shop.regions["want"] == 0).all()
    assert (t.shop.product_names, t.shop.region_names, t.shop.device_names) == ([], ["everywhere"], [])
    empty = ("products", "region_upto", "device_upto", "devices", "zones", "up_to")
    assert [name for name in empty if getattr(t.shop, name).size] == []
    assert not any(x.any() for x in (t.shop.asks, t.shop.switch, t.shop.need_to, t.shop.message_to, t.shop.back_to))
    assert t.shop.costs == Costs(fixed_per_day=(0.0,), acquisition=(0.0,))


NEUTRAL = """\
fulfilment: {pick: 0, pick_item: 0, store_pick: 0}
shipping: {fee: {policy: free}, pad: {share: 0}, carriage: {}}
returns: {cost: 0, late_factor: 1, factor: {web: 1}}
costs: {payment: 0, commission: {web: 0}, acquisition: {web: 0}, fixed: {web: 0}}
marketing: {}
"""


def test_neutral_values_are_absence_to_the_bit(tmp_path):
    plain = Tables.build(read(tmp_path, PLAIN))
    said = Tables.build(read(tmp_path, PLAIN + NEUTRAL))
    same(plain.shop, said.shop)
    said = Tables.build(read(tmp_path, PLAIN.replace("cart: {web: 20 %}", "cart: {web: 20 %}, buy: {web: 1}, ask: {}, purchase: {fee: 0}")))
    same(plain.shop, said.shop)


def test_no_shopper_no_shop(tmp_path):
    s = read(tmp_path, SAMPLE)
    t = Tables.build(s)
    same(t.shop, no_shop(len(t.channels)))
    assert (t.has_shop, t.has_money) == (False, False)
    same(build_shop(s, t.channels, t.segments, None), no_shop(len(t.channels)))  # and no law is added
    # blocks that nobody can use change nothing
    idle = read(tmp_path, PAYS).with_({"demand.shoppers": None, "marketing.campaigns": None})
    same(Tables.build(idle).shop, no_shop(7))


def test_shipped_files_without_shoppers_have_no_shop():
    from pathlib import Path

    t = Tables.build(load(Path(__file__).parent.parent / "scenarios" / "retail-day" / "multichannel.yaml"))
    same(t.shop, no_shop(len(t.channels)))
    assert t.segment[["price", "basket", "buy", "login"]].tolist() == [(1.0, 1.0, 0.0, 1.0)]


def test_a_rate_card_as_arrays(tmp_path):
    card(tmp_path, CARD)
    text = PLAIN + CATALOG + REGIONS + "shipping: {card: cards/rates.csv}\n"
    shop = Tables.build(read(tmp_path, text)).shop
    assert (shop.rules[0]["card"], shop.rules[0]["steps"]) == (1, 3)
    assert shop.up_to.tolist() == [1.0, 2.0, 5.0]
    assert shop.zones.tolist() == [[940.0, 1100.0, 1710.0], [810.0, 940.0, 1320.0]]  # far, near
    assert shop.regions["zone"].tolist() == [1, 0]  # here: near, there: far


def test_devices_on_several_channels(tmp_path):
    more = PAYS.replace("app: {sell: true,", "app: {sell: true, devices: {desktop: {share: .1}, phone: {share: .9}},")
    shop = Tables.build(read(tmp_path, more)).shop
    assert shop.device_names == ["desktop", "phone", "desktop", "phone"]
    assert shop.devices["channel"].tolist() == [0, 0, 6, 6]
    assert shop.devices["upto"].tolist() == [0.1, 1.0, 0.33, 1.0]
    assert shop.device_upto.tolist() == [[0.2, 1.0, 0.2, 1.0], [0.1, 1.0, 0.33, 1.0]]


def test_the_order_of_blocks_changes_no_array(tmp_path):
    from omnisim.scenario import from_plain

    s = read(tmp_path, PAYS)

    def turned(value):
        return {k: turned(v) for k, v in reversed(value.items())} if isinstance(value, dict) else value

    same(Tables.build(s).shop, Tables.build(from_plain(turned(s.resolved()))).shop)
