"""The words of a shop: every one is read in base units, written back, described by the schema, and refused with a helpful message."""

import pytest
from scenario_texts import SHOP, SMALL, read, write
from test_scenario_resolved import as_written, fits

from omnisim.scenario import ScenarioError, check, from_plain, json_schema, load
from omnisim.scenario.amounts import Amount, Distance, Weight
from omnisim.scenario.blocks import Block, Listed, Names, said_fields
from omnisim.scenario.catalog import Catalog, Product, Region
from omnisim.scenario.channels import Device
from omnisim.scenario.costs import Costs
from omnisim.scenario.delivery import Carriage, Fee, Pad, Pickup
from omnisim.scenario.fulfilment import Fulfilment
from omnisim.scenario.journey import Orders
from omnisim.scenario.marketing import Campaign, CartMessage, Fatigue
from omnisim.scenario.nodes import FulfilmentNode, Stocked, StockRecord
from omnisim.scenario.returns import Returns
from omnisim.scenario.shop import REASONS, Ask, Purchase

PLAIN = """\
omnisim: 1
clock: {horizon: 8 h}
demand: {shoppers: {goal: shop, rate: 2 /min, enter: {web: 1}}}
channels: {web: {sell: true, browse: {time: {law: constant, value: 5 min}}}}
journey: {shop: {cart: {web: 20 %}}}
"""
CATALOG = "catalog: {products: {shirt: {share: 1, price: 30 USD}}}\n"


def test_the_smallest_shop_has_everything_else_off(tmp_path):
    s = read(tmp_path, PLAIN)
    assert s.warnings == ()
    j = s.journey.shop
    assert (j.cart, j.buy, j.carry, j.switch, j.switch_delay, j.ask, j.reasons, j.back) == ({"web": 0.2}, {}, {}, {}, None, None, {}, None)
    assert j.purchase == Purchase()
    assert (j.purchase.fee, j.purchase.lead, j.purchase.contradiction) == (0.0, 0.0, 0.0)
    assert (s.regions, s.catalog, s.fulfilment, s.shipping, s.returns, s.marketing, s.costs) == ({}, None, None, None, None, None, None)
    assert (s.channels["web"].sell, s.channels["web"].devices) == (True, {})
    plain = s.resolved()
    assert not {"regions", "catalog", "fulfilment", "shipping", "returns", "marketing", "costs"} & plain.keys()


def test_defaults_change_nothing():
    assert Product(share=1.0) == Product(share=1.0, price=0, cv=0, items=1, margin=0, weight=0, returned=0, faulty=0)
    assert Region(share=1.0) == Region(share=1.0, zone=None, distance=0, lead_factor=1, store=True)
    assert Device(share=1.0) == Device(share=1.0, buy=0, pad=1)
    assert Ask() == Ask(share={}, channel={}, keen=1, lift={}, delay=0, scale=300, unanswered=0, elsewhere=0)
    assert (Fulfilment(), Carriage()) == (Fulfilment(pick=0, pick_item=0, store_pick=0), Carriage(parcel=0, item=0, item_mile=0))
    assert (Fee(), Pad()) == (Fee(policy="free", amount=0, above=None, free_for=()), Pad(share=0, reach=2, returned=0))
    assert Pickup(share=0.0).cost == 0.0
    assert Returns() == Returns(after=None, cost=0, store_cost=0, store_share=0, loss=0, faulty=0, late_factor=1, factor={})
    assert Costs() == Costs(payment=0, commission={}, acquisition={}, marketing=0, fixed={}, capital=0, life=1095 * 86400)
    assert CartMessage(open=0.0, click=0.0, channel={"web": 1.0}).coupon == 0.0
    assert Orders(enter={"phone": 1.0}) == Orders(question=0, late=0, faulty=0, returned=0, enter={"phone": 1.0})


def test_every_word_is_read_in_base_units(tmp_path):
    s = read(tmp_path, SHOP)
    assert s.demand["shoppers"].goal == "shop"
    far, near = s.regions["far"], s.regions["near"]
    assert (far.share, far.zone, far.distance, far.lead_factor, far.store) == (0.4, "8", 1500.0, 1.3, False)
    assert (near.share, near.zone, near.distance, near.lead_factor, near.store) == (0.6, "2", 50.0, 1.0, True)
    assert s.catalog.lines == (0.9, 0.1)
    shirt = s.catalog.products["shirt"]
    assert (shirt.share, shirt.price, shirt.cv, shirt.items, shirt.margin) == (0.7, 30.0, 0.8, 2.0, 0.45)
    assert (shirt.weight, shirt.returned, shirt.faulty) == (0.3, 0.25, 0.01)
    phone = s.channels["web"].devices["phone"]
    assert (phone.share, phone.buy, phone.pad) == (0.67, -0.52, 0.7)
    assert [c for c in s.channels if s.channels[c].sell] == ["app", "store", "web"]
    careful, keen = s.customers.segments["careful"], s.customers.segments["keen"]
    assert (careful.price_sensitivity, careful.device, careful.region) == (1.5, {"desktop": 0.2, "phone": 0.8}, {})
    assert (keen.basket_factor, keen.buy, keen.login_rate, keen.region) == (1.2, 0.3, 1.1, {"near": 1.0})
    j = s.journey.shop
    assert j.cart == {"app": 0.15, "store": 0.3, "web": 0.13}
    assert j.buy == {"app": 0.4, "store": 0.83, "web": 0.36}
    assert (j.carry, j.switch) == ({"store": True}, {"store": {"web": 0.1}, "web": {"app": 0.05, "store": 0.08}})
    assert j.switch_delay.mean == 6 * 3600.0
    assert j.ask.share == {"app": 0.04, "store": 0.1, "web": 0.04}
    assert j.ask.channel == {"app": {"chat": 1.0}, "web": {"chat": 0.7, "email": 0.3}}
    assert (j.ask.keen, j.ask.lift, j.ask.delay, j.ask.scale) == (3.0, {"chat": 1.16}, 0.12, 300.0)
    assert (j.ask.unanswered, j.ask.elsewhere) == (0.5, 0.0)
    assert (j.purchase.fee, j.purchase.lead * 86400.0, j.purchase.contradiction) == (12.0, 0.02, 0.0)
    assert j.reasons == {"account": 0.14, "checkout": 0.12, "trust": 0.13}
    assert (j.back.share, j.back.delay.mean, j.back.channel, j.back.most) == (0.1, 86400.0, {"app": 0.2, "same": 0.8}, 1)
    o = s.journey.issue.orders
    assert (o.question, o.late, o.faulty, o.returned, o.enter) == (0.07, 0.4, 0.9, 0.15, {"call_center": 0.6, "email": 0.4})
    assert (s.context.effects.purchase, s.context.effects.cart_lost) == (0.0, 0.3)
    f = s.fulfilment
    assert (f.pick, f.pick_item, f.store_pick, f.sourcing, list(f.nodes)) == (2.0, 0.2, 2.7, "store_reserve", ["dc", "shop"])
    assert f.substitute == 0.2
    assert (f.record.wrong, f.record.error, f.record.count) == (0.65, 0.1, 90 * 86400.0)
    dc, shop = f.nodes["dc"], f.nodes["shop"]
    assert (dc.kind, dc.review, dc.lead.mean, dc.capacity, dc.cut_off) == ("centre", 7 * 86400.0, 2 * 86400.0, 400, 16 * 3600.0)
    assert (dc.pick, dc.pick_item, dc.miles) == (1.9, 0.1, {"far": 900.0, "near": 200.0})
    assert (shop.kind, shop.review, shop.lead, shop.capacity, shop.cut_off, shop.pick, shop.pick_item) == ("store", *[None] * 6)
    shirt = dc.stock["shirt"]
    assert (shirt.start, shirt.level, shirt.reorder, shirt.reserve, shop.stock["shirt"].reserve) == (250, 300, 100, 0, 4)
    sh = s.shipping
    assert (sh.carriage.parcel, sh.carriage.item, sh.carriage.item_mile, sh.card) == (8.759, 0.423, 0.000541, None)
    assert (sh.lead.mean, sh.promise) == (4 * 86400.0, 7 * 86400.0)
    assert (sh.fee.policy, sh.fee.amount, sh.fee.above, sh.fee.free_for) == ("threshold", 5.95, 75.0, ("keen",))
    assert (sh.pad.share, sh.pad.reach, sh.pad.returned) == (0.36, 2.0, 0.1)
    up = sh.pickup
    assert (up.share, up.ready.mean, up.promise, up.collect.mean, up.cost, up.desk) == (0.1, 7200.0, 14400.0, 72000.0, 1.0, "pickup_desk")
    assert (up.extra.share, up.extra.value, up.extra.cv) == (0.2, 25.0, 0.8)
    r = s.returns
    assert (r.after.mean, r.cost, r.store_cost, r.store_share, r.loss) == (864000.0, 10.0, 4.0, 0.61, 0.15)
    assert (r.faulty, r.late_factor, r.factor) == (0.8, 1.5, {"store": 0.57})
    m = s.marketing.cart_message
    assert (m.delay.mean, m.open, m.click, m.channel) == (3600.0, 0.412, 0.23, {"app": 0.6, "web": 0.4})
    assert (m.coupon, m.cost) == (0.1, 0.002)
    assert (m.reach, m.most, m.response, m.redeem) == (0.9, 2, {"cost": 1.5}, 0.3)
    tired = s.marketing.fatigue
    assert (tired.loss, tired.unsubscribe, tired.one_off, tired.memory) == (0.1, 0.002, 0.2, 30 * 86400.0)
    spring = s.marketing.campaigns["spring"]
    assert (spring.sent, spring.to, spring.open, spring.click, spring.over) == (5000.0, "replenished", 0.2, 0.05, 6 * 3600.0)
    assert (spring.enter, spring.contact, spring.ask) == ({"web": 1.0}, 0.01, {"call_center": 1.0})
    assert (spring.coupon, spring.cost, spring.announced, spring.unaware) == (0.1, 0.002, False, 0.3)
    far = s.regions["far"]
    assert (far.language, far.currency, far.exchange, far.exchange_cost, far.duty) == ("es", "SEK", 1.0, 0.01, 0.02)
    c = s.costs
    assert (c.payment, c.commission, c.acquisition, c.marketing, c.fixed) == (0.025, {}, {"web": 0.25}, 300.0, {"store": 800.0})
    assert (c.capital, c.life) == (50000.0, 1095 * 86400.0)


def said_in(kind, value):
    """Every (path of fields, value) of a block as it was read."""
    kind = getattr(kind, "kind", kind) if isinstance(kind, Names | Listed) else kind
    if isinstance(value, dict):
        return {k: v for one in value.values() for k, v in said_in(kind, one).items()}
    if not isinstance(kind, Block):
        return {}
    out = {}
    for f in said_fields(kind.cls):
        if (v := getattr(value, f.name, None)) is not None:
            out[f"{kind.cls.__name__}.{f.name}"] = v
            out |= said_in(f.metadata["kind"], v)
    return out


def test_the_sample_speaks_every_word(tmp_path):
    s = read(tmp_path, SHOP)
    from omnisim.scenario.scenario import SCENARIO

    known = said_in(SCENARIO, s)
    for cls in (Catalog, Product, Region, Device, Ask, Purchase, Fulfilment, Carriage, Pad, Pickup, Returns, CartMessage, Campaign, Fatigue,
                Costs, Orders,
                FulfilmentNode, Stocked, StockRecord):  # fmt: skip
        assert {f"{cls.__name__}.{f.name}" for f in said_fields(cls)} <= known.keys()


def test_the_schema_knows_every_word(tmp_path):
    data = as_written(SHOP)
    assert fits(data, json_schema())
    assert fits(read(tmp_path, SHOP).resolved(), json_schema())
    for path, value in (
        (("catalog", "products", "shirt", "price"), 30),
        (("catalog", "products", "shirt", "items"), 0.5),
        (("regions", "near", "distance"), "50 kg"),
        (("regions", "near", "store"), "no"),
        (("journey", "shop", "reasons"), {"weather": 0.1}),
        (("journey", "shop", "carry"), {"store": 1}),
        (("shipping", "fee", "policy"), "gratis"),
        (("shipping", "card"), {"up_to": ["1 kg"]}),
        (("shipping", "pad", "reach"), 0.9),
        (("marketing", "cart_message", "click"), 2),
        (("costs", "life"), 0),
    ):
        bad = as_written(SHOP)
        at = bad
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value
        assert not fits(bad, json_schema()), path


@pytest.mark.parametrize(
    ("kind", "text", "value", "back"),
    [
        (Amount(), "5.95 USD", 5.95, "5.95 USD"),
        (Amount(), "900USD", 900.0, "900 USD"),
        (Weight(), "0.3 kg", 0.3, "0.3 kg"),
        (Weight(), "300 g", 0.3, "0.3 kg"),
        (Weight(), "1 lb", 0.45359237, "0.45359237 kg"),
        (Distance(), "600 mi", 600.0, "600 mi"),
        (Distance(), "1 km", 0.621371192, "0.621371192 mi"),
    ],
)
def test_amounts_weights_and_distances(kind, text, value, back):
    assert kind.parse(text, "USD") == value
    assert kind.text(value, "USD") == back
    assert kind.parse(back, "USD") == value
    assert fits(text, kind.schema())
    assert not fits("5", kind.schema())


def test_amounts_are_in_the_currency_of_the_scenario(tmp_path):
    s = read(tmp_path, PLAIN + "currency: EUR\nfulfilment: {pick: 2 EUR}\n")
    assert s.resolved()["fulfilment"]["pick"] == "2 EUR"
    with pytest.raises(ScenarioError, match=r"which is not in EUR, the currency of the scenario; a sum of money is needed"):
        read(tmp_path, PLAIN + "currency: EUR\nfulfilment: {pick: 2 USD}\n")


CARD = "kg,near,far\n1,8.10,9.40\n2,9.40,11\n5,13.20,17.10\n"
REGIONS = "regions: {here: {share: .5, zone: near}, there: {share: .5, zone: far}}\n"


def card(tmp_path, text, regions=REGIONS):
    write(tmp_path, text, "cards/rates.csv")
    return read(tmp_path, PLAIN + CATALOG + regions + "shipping: {card: cards/rates.csv}\n").shipping.card


def test_a_rate_card_from_a_file_or_in_place(tmp_path):
    got = card(tmp_path, CARD)
    assert got.up_to == (1.0, 2.0, 5.0)
    assert got.zones == {"far": (9.4, 11.0, 17.1), "near": (8.1, 9.4, 13.2)}
    inline = "{up_to: [1 kg, 2 kg, 5 kg], zones: {near: [8.10 USD, 9.40 USD, 13.20 USD], far: [9.40 USD, 11 USD, 17.10 USD]}}"
    s = read(tmp_path, PLAIN + CATALOG + REGIONS + f"shipping: {{card: {inline}}}\n")
    assert s.shipping.card == got
    assert from_plain(s.resolved()) == s
    assert fits(as_written(f"shipping: {{card: {inline}}}")["shipping"], json_schema()["properties"]["shipping"])
    assert card(tmp_path, "lb,near,far\n1,8,9\n").up_to == (0.45359237,)
    assert card(tmp_path, "kg,all\n1,8\n", "regions: {here: {share: 1}}\n").zones == {"all": (8.0,)}
    assert card(tmp_path, "kg,all\n1,8\n", "").zones == {"all": (8.0,)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pounds,near,far\n1,8,9\n", "begins with 'pounds'; its first column must be headed kg or lb"),
        ("kg,near,near\n1,8,9\n", "must name every zone, and each only once"),
        ("kg\n1\n", "is no rate card"),
        ("kg,near,far\n", "is no rate card"),
        ("kg,near,far\n1,8\n", "has rows of different length"),
        ("kg,near,far\n1,8,nine\n", "line 2 of 'cards/rates.csv' holds 'nine'; a number of at least 0 is needed"),
        ("kg,near,far\n1,8,9 USD\n", "line 2 of 'cards/rates.csv' holds '9 USD'; a number of at least 0 is needed"),
        ("kg,near,far\n2,8,9\n1,8,9\n", "line 3 of 'cards/rates.csv' holds '1'; weights must be more than 0 and rise from line to line"),
        ("kg,near,fern\n1,8,9\n", "'far' is no zone of the rate card; it has: fern, near"),
    ],
)
def test_a_rate_card_that_is_none(tmp_path, text, message):
    with pytest.raises(ScenarioError) as e:
        card(tmp_path, text)
    assert message in str(e.value)


def test_a_card_with_zones_needs_regions(tmp_path):
    with pytest.raises(ScenarioError, match="has the zones far, near and there are no regions to be in them"):
        card(tmp_path, CARD, "")


def test_a_variant_chooses_between_card_and_carriage(tmp_path):
    write(tmp_path, PLAIN + CATALOG + "shipping: {carriage: {parcel: 8 USD}, promise: 3 d}\n", "base.yaml")
    text = "extends: base.yaml\nshipping: {card: {up_to: [1 kg], zones: {all: [9 USD]}}}\n"
    s = load(write(tmp_path, text))
    assert (s.shipping.carriage, s.shipping.card.up_to, s.shipping.promise) == (None, (1.0,), 3 * 86400.0)
    assert s.with_({"shipping.carriage": {"parcel": "8 USD"}}).shipping.card is None


def test_words_that_have_no_effect_are_named(tmp_path):
    found = check(write(tmp_path, PLAIN + CATALOG + "shipping: {fee: {policy: free, amount: 5 USD, above: 75 USD}}\n"))
    assert found.problems == ()
    assert [(w.path, w.message) for w in found.warnings] == [
        ("shipping.fee.amount", "has no effect with policy free"),
        ("shipping.fee.above", "has no effect with policy free"),
    ]
    s = read(tmp_path, PLAIN + CATALOG + "shipping: {fee: {policy: threshold, amount: 5 USD, above: 75 USD}}\n")
    free = s.with_({"shipping.fee.policy": "free"})  # the experiment everybody makes
    assert free.shipping.fee == Fee()
    assert free.resolved()["shipping"]["fee"] == {"policy": "free"}
    idle = SMALL + CATALOG + "costs: {payment: 2 %}\njourney: {issue: {orders: {question: 7 %, enter: {phone: 1}}}}\n"
    idle = check(write(tmp_path, idle))
    assert [(w.path, w.message) for w in idle.warnings] == [
        (p, "has no effect: no stream of demand has the goal shop") for p in ("catalog", "costs", "journey.issue.orders")
    ]


def test_carried_away_or_not_has_one_form(tmp_path):
    s = read(tmp_path, PLAIN.replace("cart: {web: 20 %}", "cart: {web: 20 %}, carry: {web: false}"))
    assert s.journey.shop.carry == {}
    assert s == read(tmp_path, PLAIN)


def test_reasons_are_those_of_the_model():
    assert REASONS == ("browsing", "account", "trust", "checkout", "cost", "delivery", "wait", "contradiction", "context", "out_of_stock")


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"costs.fixed": {"stoer": "800 USD/d"}}, "costs.fixed.stoer", "is no channel (did you mean 'store'?)"),
        ({"costs.commission": {"chat": 0.1}}, "costs.commission.chat", "the channel chat does not sell"),
        ({"costs.acquisition": {"webb": "1 USD"}}, "costs.acquisition.webb", "is no channel (did you mean 'web'?)"),
        ({"marketing.cart_message.channel": {"mail": 1}}, "marketing.cart_message.channel.mail", "is no channel"),
        ({"journey.shop.ask.channel": {"web": {"app": 1}}}, "journey.shop.ask.channel.web.app", "has no help; nobody can answer there"),
        ({"journey.shop.ask.channel": {"web": {"chat": 0.5}}}, "journey.shop.ask.channel.web", "the shares sum to 0.5; they must sum to 1"),
        ({"shipping.pickup.desk": "desk"}, "shipping.pickup.desk", "'desk' is no channel"),
        ({"shipping.pickup.share": "110 %"}, "shipping.pickup.share", "it must be at most 1"),
        ({"shipping.pad.reach": 0.5}, "shipping.pad.reach", "it must be at least 1"),
        ({"catalog.products.shirt.items": 0.5}, "catalog.products.shirt.items", "it must be at least 1"),
        ({"catalog.products.shirt.share": 0.6}, "catalog.products", "the shares of the products sum to 0.9; they must sum to 1"),
        ({"regions.near.distance": "50 miles"}, "regions.near.distance", "such as '600 mi' or '950 km' (units: mi, km)"),
        ({"regions.near.lead_factor": 0}, "regions.near.lead_factor", "it must be more than 0"),
        ({"journey.shop.purchase.lead": 0.02}, "journey.shop.purchase.lead", "a rate is needed"),
        ({"journey.shop.purchase.fee": -1}, "journey.shop.purchase.fee", "it must be at least 0"),
        ({"customers.segments.keen.login_rate": 11}, "customers.segments.keen.login_rate", "it must be at most 10"),
        ({"customers.segments.keen.region": {"near": 0.5}}, "customers.segments.keen.region", "they must sum to 1"),
        ({"shipping.fee.free_for": ["kene"]}, "shipping.fee.free_for[0]", "is no segment (did you mean 'keen'?)"),
        ({"shipping.fee.policy": "thresold"}, "shipping.fee.policy", "allowed are: free, flat, threshold (did you mean 'threshold'?)"),
        ({"costs.life": 0}, "costs.life", "it must be more than 0"),
        ({"context.effects.cart_lost": 2}, "context.effects.cart_lost", "for a percentage write '2 %'"),
        ({"demand.shoppers.preceded": {"web": 0.5}}, "demand.shoppers.preceded", "only streams of goal issue are preceded"),
        ({"returns.rate": 0.2}, "returns.rate", "'rate' is not a known key"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path, change, path, message):
    with pytest.raises(ScenarioError) as e:
        read(tmp_path, SHOP).with_(change)
    assert [p for p in e.value.problems if p.path == path and message in p.message], str(e.value)


def test_who_ships_free_is_one_of_few_segments(tmp_path):
    many = ", ".join(f"g{i}: {{share: {1 / 64}}}" for i in range(64))
    text = PLAIN + CATALOG + f"customers: {{segments: {{{many}}}}}\nshipping: {{fee: {{policy: flat, amount: 5 USD, free_for: [g1]}}}}\n"
    with pytest.raises(ScenarioError, match="needs at most 62 segments; there are 64"):
        read(tmp_path, text)


def test_the_order_of_blocks_changes_nothing(tmp_path):
    s = read(tmp_path, SHOP)
    plain = s.resolved()

    def turned(value):
        return {k: turned(v) for k, v in reversed(value.items())} if isinstance(value, dict) else value

    assert from_plain(turned(plain)).hash() == s.hash()
